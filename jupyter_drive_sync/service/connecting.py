"""Everything a person does to connect a storage: ways in, flows, accounts, disconnecting."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from jupyter_drive_sync.errors import (
    DriveSyncError,
    FlowUnknown,
    NotPossible,
    RemoteInUse,
    RemoteUnknown,
    SignInBusy,
)
from jupyter_drive_sync.ports.connecting import (
    Account,
    Backend,
    Client,
    FlowRequest,
    KnownRemote,
    Rules,
    Step,
    Way,
)
from jupyter_drive_sync.ports.connector import Connector, Google
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.service.accounts import DRIVE, Accounts, token_of
from jupyter_drive_sync.service.connect_run import Outside, run_flow
from jupyter_drive_sync.service.flow import Flow
from jupyter_drive_sync.service.preparing import Preparing, Work, ways_in_order
from jupyter_drive_sync.service.status import Json

T = TypeVar("T")

log = logging.getLogger(__name__)

SWEEP_SECONDS = 24 * 3600.0
"""How often what killed servers left behind is looked for."""

SIGN_IN_SECONDS = 300.0
"""How long a person has on the sign-in page."""

REMEMBERED_SECONDS = 900.0
"""How long a flow that is over can still be looked at."""

MOST_FLOWS = 8
"""How many flows may be under way at once: each has an rclone of its own."""

ANSWER_SECONDS = 5.0
"""How long an answer to a question waits for what it leads to."""


class Connecting:
    """Connecting, for one server.

    Parameters
    ----------
    projects : Callable
        Returns all projects.
    read_marker : Callable
        Reads a project's marker on the far side, with another configuration.
    renewed : Callable
        Takes the projects whose sign-in was renewed, or taken away; on the loop's thread.
    shown : Callable
        Says whether a remote is one that people may see here.
    check_usable : Callable
        Raises `WayLocked` for a remote that the administrator has closed.
    sign_in_seconds : float
        How long a person has on the sign-in page.
    """

    def __init__(
        self,
        connector: Connector,
        google: Google,
        rules: Rules,
        *,
        projects: Callable[[], list[Project]],
        read_marker: Callable[[Project, Path], bytes | None],
        renewed: Callable[[list[Project]], None],
        shown: Callable[[KnownRemote], bool],
        check_usable: Callable[[KnownRemote], None],
        sign_in_seconds: float = SIGN_IN_SECONDS,
    ) -> None:
        self._connector = connector
        self._google = google
        self._rules = rules
        self._projects = projects
        self._renewed = renewed
        self._shown = shown
        self._check_usable = check_usable
        self._accounts = Accounts(connector, google, rules)
        self._prepare = Preparing(connector, google, rules, shown, check_usable)
        self._executor = ThreadPoolExecutor(max_workers=8, thread_name_prefix="drive-sync-connect")
        self._flows: dict[str, Flow] = {}
        self._threads: dict[str, threading.Thread] = {}
        self._listener: Flow | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self._sweeping: asyncio.Task[None] | None = None
        self._outside = Outside(
            connector=connector,
            google=google,
            accounts=self._accounts,
            projects_of=self._projects_of,
            read_marker=read_marker,
            check=self._prepare.check_finished,
            take_listener=self._take_listener,
            leave_listener=self._leave_listener,
            sign_in_seconds=sign_in_seconds,
        )

    def begin(self) -> None:
        """Remove what killed servers left behind, now and every day, until `stop`."""
        self._sweeping = asyncio.get_running_loop().create_task(self._sweep())

    # --- looking ---------------------------------------------------------------------------

    async def overview(self, *, local_browser: bool) -> Json:
        """Return the `Connect` of api/openapi.yaml."""
        return await self._in_thread(self._overview, local_browser)

    def read_client(self, text: str) -> Client:
        """Read a client secret file. Keeps nothing."""
        return self._google.read_client(text)

    async def backends(self) -> list[Backend]:
        """Return the backends that a person may connect to."""
        found = await self._in_thread(self._connector.backends)
        return [backend for backend in found if self._prepare.offers(backend.type)]

    async def account(self, name: str) -> Account:
        """Return whose storage a remote is.

        Raises
        ------
        RemoteUnknown
        """
        remote = await self._in_thread(self._remote, name)
        await self._in_thread(self._check_usable, remote)
        return await self._in_thread(self._accounts.of, remote)

    def flow(self, flow_id: str) -> Flow:
        """Return a flow.

        Raises
        ------
        FlowUnknown
        """
        try:
            return self._flows[flow_id]
        except KeyError:
            raise FlowUnknown("There is no such attempt to connect.") from None

    # --- flows -----------------------------------------------------------------------------

    async def start(self, asked: FlowRequest) -> Flow:
        """Begin a flow.

        Raises
        ------
        InvalidInput, NotFound, NotPossible, WayLocked
            Nothing was begun.
        """
        self._check_running()
        work = await self._in_thread(self._prepare, asked)
        self._check_running()
        self._forget_old()
        if sum(not flow.step.over for flow in self._flows.values()) >= MOST_FLOWS:
            raise SignInBusy(
                "Too many attempts to connect are under way.", "Finish or cancel one of them."
            )
        flow = Flow(
            work.way, work.name, work.type, again=work.again is not None, command=work.command
        )
        if work.listens:
            self._take_listener(flow)
        self._flows[flow.id] = flow
        thread = threading.Thread(
            target=self._run, args=(flow, work), name="drive-sync-flow", daemon=True
        )
        self._threads[flow.id] = thread
        revision = flow.revision
        thread.start()
        await flow.changed(revision, ANSWER_SECONDS)
        return flow

    async def answer(self, flow_id: str, value: str, revision: int) -> Flow:
        """Answer the question that a flow asks at a revision."""
        flow = self.flow(flow_id)
        flow.give(value, revision)
        await flow.changed(revision, ANSWER_SECONDS)
        return flow

    async def deliver(self, flow_id: str, address: str) -> Flow:
        """Hand a pasted address to a flow."""
        flow = self.flow(flow_id)
        revision = flow.revision
        await self._in_thread(flow.deliver, address)
        await flow.changed(revision, ANSWER_SECONDS)
        return flow

    async def cancel(self, flow_id: str) -> None:
        """Give a flow up; returns when its rclone has ended. One that is unknown is fine."""
        flow = self._flows.get(flow_id)
        if flow is not None:
            await self._in_thread(self._end, flow)

    async def disconnect(self, name: str, *, revoke: bool, stop_projects: bool) -> Json:
        """Delete a remote of ours.

        Raises
        ------
        RemoteUnknown, RemoteInUse, NotPossible
        """
        remote = await self._in_thread(self._remote, name)
        answer, stopped = await self._in_thread(self._disconnect, remote, revoke, stop_projects)
        self._renewed(stopped)
        return answer

    async def stop(self) -> None:
        """Give every flow up, and wait until every rclone has ended."""
        if self._stopped:
            return
        self._stopped = True
        if self._sweeping is not None:
            self._sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeping
        await asyncio.gather(*(self._in_thread(self._end, flow) for flow in self._flows.values()))
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _check_running(self) -> None:
        if self._stopped:
            raise NotPossible("The server is being stopped.", "Connect when it is up again.")

    # --- in threads ------------------------------------------------------------------------

    def _run(self, flow: Flow, work: Work) -> None:
        run_flow(flow, work, self._outside)
        if flow.again and flow.step is Step.DONE and work.again is not None:
            projects = self._projects_of(work.again.name, work.again.config)
            flow.on_loop(lambda: self._renewed(projects))

    def _end(self, flow: Flow) -> None:
        flow.end(Step.CANCELLED)
        self._threads[flow.id].join()

    def _overview(self, local_browser: bool) -> Json:
        remotes = [item for item in self._connector.remotes() if self._shown(item)]
        projects = self._projects()
        rules = self._rules
        preset = None
        if rules.client is not None:
            preset = {"kind": "client", "label": rules.client.client_id.partition("-")[0]}
        elif rules.service_account_file:
            preset = {"kind": "service_account", "label": Path(rules.service_account_file).name}
        closed = {
            Way.ENV_AUTH: self._google.machine_credentials(),
            Way.EXISTING: None if remotes else "There is no rclone configuration with a remote.",
        }
        theirs = any(not remote.ours for remote in remotes)
        return {
            "config": str(self._connector.config_file()),
            "ways": [
                {
                    "way": way.value,
                    "available": closed.get(way) is None,
                    "reason": closed.get(way),
                }
                for way in ways_in_order(rules, theirs)
            ],
            "preset": preset if Way.PRESET in rules.ways else None,
            "local_browser": local_browser,
            "remotes": [
                {
                    "name": remote.name,
                    "type": remote.type,
                    "kind": remote.kind.value,
                    "ours": remote.ours,
                    "projects": sum(
                        _uses(project, remote.name, remote.config) for project in projects
                    ),
                }
                for remote in remotes
            ],
            "backends_locked": bool(rules.backends),
        }

    def _disconnect(
        self, remote: KnownRemote, revoke: bool, stop_projects: bool
    ) -> tuple[Json, list[Project]]:
        if not remote.ours:
            raise NotPossible(
                f"{remote.name} stands in an rclone configuration of your own, {remote.config}.",
                f"Remove it there, with `rclone config delete {remote.name}`.",
            )
        using = self._projects_of(remote.name, remote.config)
        if using and not stop_projects:
            names = ", ".join(project.name for project in using)
            raise RemoteInUse(f"{remote.name} is used by: {names}.")
        section = self._connector.section(remote)
        reason: str | None = "Nobody asked for it."
        if revoke:
            reason = self._revoke(remote, section)
        if using:
            # The rest stays: signing in again must lead to the same place.
            self._connector.replace(remote, dict.fromkeys(self._signs_in(remote, section)))
        else:
            self._connector.remove(remote)
        return {"revoked": revoke and reason is None, "reason": reason}, using

    def _signs_in(self, remote: KnownRemote, section: dict[str, str]) -> set[str]:
        """Return the settings that have to go for a remote to be signed out."""
        found = set(self._connector.credentials(remote.type))
        preset = self._rules.client
        if remote.type == DRIVE and not (preset and preset.client_id == section.get("client_id")):
            # The person's own client: alone it opens nothing, and signing in again needs it.
            found.discard("client_secret")
        return found

    def _revoke(self, remote: KnownRemote, section: dict[str, str]) -> str | None:
        token = token_of(section)
        secret = token.get("refresh_token") or token.get("access_token")
        if remote.type != "drive" or not isinstance(secret, str):
            return "This kind of sign-in cannot be revoked from here."
        return self._google.revoke(secret)

    def _remote(self, name: str) -> KnownRemote:
        for remote in self._connector.remotes():
            if remote.name == name and self._shown(remote):
                return remote
        raise RemoteUnknown(f"There is no remote called {name}.")

    def _projects_of(self, name: str, config: Path) -> list[Project]:
        return [project for project in self._projects() if _uses(project, name, config)]

    def _take_listener(self, flow: Flow) -> None:
        with self._lock:
            if self._listener not in (None, flow):
                raise SignInBusy("Another sign-in waits for its answer already.")
            self._listener = flow

    def _leave_listener(self, flow: Flow) -> None:
        with self._lock:
            if self._listener is flow:
                self._listener = None

    def _forget_old(self) -> None:
        now = time.monotonic()
        for flow in list(self._flows.values()):
            if flow.ended is not None and now - flow.ended > REMEMBERED_SECONDS:
                del self._flows[flow.id]
                del self._threads[flow.id]

    async def _sweep(self) -> None:
        while True:
            try:
                await self._in_thread(self._connector.sweep)
            except DriveSyncError as error:
                log.warning("Drive Sync: %s %s", error.message, error.hint)
            await asyncio.sleep(SWEEP_SECONDS)

    async def _in_thread(self, function: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, function, *args)


def _uses(project: Project, name: str, config: Path) -> bool:
    return (project.remote.name, project.remote.config) == (name, config)
