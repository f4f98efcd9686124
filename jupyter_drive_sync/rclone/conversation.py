"""One flow's talk with rclone: questions, sign-in and looks, in a configuration of its own."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_drive_sync.errors import (
    Cancelled,
    ClientRefused,
    CodeUsed,
    DriveSyncError,
    NotAsked,
    SignInBusy,
    SignInRefused,
)
from jupyter_drive_sync.ports.connecting import Named, Question, Space
from jupyter_drive_sync.ports.transfer import CancelToken
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import access_section
from jupyter_drive_sync.rclone.daemon import Daemon, Refusal
from jupyter_drive_sync.rclone.log import LogLine, clean
from jupyter_drive_sync.rclone.outcome import command_error
from jupyter_drive_sync.rclone.process import Finished, Runner
from jupyter_drive_sync.rclone.questions import ADVANCED_AT_RCLONE, problem_with, read_question
from jupyter_drive_sync.rclone.secret_options import is_sensitive
from jupyter_drive_sync.rclone.sections import change_sections
from jupyter_drive_sync.rclone.signin import ComingBack, page_behind, state_in

LOOK_SECONDS = 60.0
"""How long one look at a storage may take."""

_NO_BROWSER = {"config_auth_no_browser": "true"}
_ANSWERED_BY_US = {
    "config_is_local": "true",  # sign in here; a browser elsewhere is served by `page_behind`
    "config_change_team_drive": "false",  # asked by the flow, when there is one to choose
    "config_refresh_token": "false",  # a token that was given is not to be replaced
}


class RcloneConversation:
    """The `jupyter_drive_sync.ports.connector.Conversation` of a real rclone.

    Parameters
    ----------
    rclone : Rclone
        The binary.
    folder : Path
        An empty folder of its own, 0700; removed by `close`.
    name, type : str
        The remote to be made.
    on_page : Callable[[str], None]
        Takes the address of the sign-in page, from another thread.
    """

    def __init__(
        self,
        rclone: Rclone,
        folder: Path,
        name: str,
        type: str,
        on_page: Callable[[str], None],
    ) -> None:
        self._rclone = rclone
        self._folder = folder
        self._config = folder / "rclone.conf"
        self._config.touch(mode=0o600)
        self._runner = Runner(rclone, self._config, grace=1.0, seconds=LOOK_SECONDS)
        self._name = name
        self._type = type
        self._on_page = on_page
        self._all = False
        self._state = ""
        self._option: dict[str, Any] = {}
        self._begun: dict[str, str] = {}
        self._asked = 0
        self._saw_advanced = False
        self._question: Question | None = None
        self._lock = threading.Lock()
        self._back: ComingBack | None = None
        self._came_back = False
        self._page_failure: DriveSyncError | None = None
        self._closing = threading.Lock()
        self._cancel = CancelToken()
        self._daemon = Daemon(self._runner, self._hear)

    def begin(self, settings: Mapping[str, str], *, ask_all: bool) -> Question | None:
        """Begin with some settings; return rclone's first question, or None."""
        self._all = ask_all
        self._begun = dict(settings)
        parameters = {**settings, **_NO_BROWSER}
        return self._go_on(
            "config/create", type=self._type, parameters=parameters, opt=self._options()
        )

    def answer(self, value: str) -> Question | None:
        """Answer the latest question; return the next one, or the same with an error."""
        question = self._question
        if question is None:
            raise NotAsked("Nothing is asked just now.")
        problem = problem_with(question, value)
        if problem is not None:
            return read_again(question, problem)
        if not value and self._hides(question):
            value = self.section().get(question.name, "")  # left as it was
        elif self._is_password:
            # rclone takes what it is given for obscured already.
            value = str(self._call("core/obscure", clear=value)["obscured"])
        self._asked += 1
        return self._reply(value.strip() if not question.secret else value)

    def deliver(self, address: str) -> None:
        """Hand over the address at which the sign-in page ended."""
        with self._lock:
            back, over = self._back, self._came_back
        if over:
            raise CodeUsed("This sign-in was finished already.")
        if back is None:
            raise NotAsked("No sign-in page is open just now.")
        back.deliver(address)

    def section(self) -> dict[str, str]:
        """Return the settings so far."""
        return access_section(self._runner, self._name)

    def change(self, **settings: str | None) -> None:
        """Change settings; None removes one."""

        def change(sections: dict[str, dict[str, str]]) -> None:
            section = sections.setdefault(self._name, {"type": self._type})
            for key, value in settings.items():
                section.pop(key, None)
                if value is not None:
                    section[key] = value

        change_sections(self._rclone, self._config, change, locks=self._folder)

    def shared_drives(self) -> list[Named]:
        """Return the shared drives that can be seen."""
        found = self._look("backend", "drives", positionals=[f"{self._name}:"])
        return [Named(str(item["id"]), str(item["name"])) for item in json.loads(found) or []]

    def shared_folders(self) -> list[Named]:
        """Return the folders that others share with this account."""
        found = self._look(
            "lsjson", "--dirs-only", "--drive-shared-with-me", positionals=[f"{self._name}:"]
        )
        return [Named(str(item["ID"]), str(item["Name"])) for item in json.loads(found) or []]

    def can_list(self) -> None:
        """List the remote's top once."""
        self._look("lsf", "--dirs-only", positionals=[f"{self._name}:"])

    def space(self) -> Space:
        """Ask how much room there is; unknown for storages that do not say."""
        return ask_space(self._runner, self._name, self._cancel)

    def config(self) -> Path:
        """Return the temporary configuration."""
        return self._config

    def close(self) -> None:
        """End rclone and remove the temporary configuration."""
        self._cancel.request()
        with self._closing:  # who comes second waits until all is gone
            self._daemon.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    # --- talking -----------------------------------------------------------------------------

    @property
    def _is_password(self) -> bool:
        return bool(self._option.get("IsPassword"))

    def _hides(self, question: Question) -> bool:
        """Say whether a value may stand there that the question does not show."""
        kept = bool(self._begun.get(question.name))
        return question.secret or (kept and is_sensitive(self._option))

    def _options(self, **more: object) -> dict[str, object]:
        return {"nonInteractive": True, "all": self._all, **more}

    def _reply(self, value: str) -> Question | None:
        return self._go_on(
            "config/update",
            parameters=_NO_BROWSER,
            opt=self._options(**{"continue": True, "state": self._state, "result": value}),
        )

    def _go_on(self, path: str, **body: object) -> Question | None:
        """Ask rclone, and answer by ourselves what is ours to answer."""
        answer = self._call(path, name=self._name, **body)
        self._state = str(answer.get("State", ""))
        self._option = answer.get("Option") or {}
        if not self._state or not self._option:
            self._question = None
            return None
        name = str(self._option.get("Name", ""))
        if name in _ANSWERED_BY_US:
            return self._reply(_ANSWERED_BY_US[name])
        if name == ADVANCED_AT_RCLONE and self._saw_advanced:
            return self._reply("false")  # rclone offers them again after each round
        self._saw_advanced = self._saw_advanced or bool(self._option.get("Advanced"))
        self._question = read_question(
            self._option,
            error=clean(str(answer.get("Error", ""))),
            position=self._asked,
            kept=bool(self._begun.get(name)),
        )
        return self._question

    def _call(self, path: str, **body: object) -> dict[str, Any]:
        try:
            return self._daemon.call(path, **body)
        except Refusal as refusal:
            raise refusal_error(str(refusal), self._name) from None
        except DriveSyncError:
            if self._page_failure is not None:
                raise self._page_failure from None
            raise
        finally:
            with self._lock:
                if self._back is not None:
                    self._came_back = True

    def _look(self, *command: str, positionals: list[str]) -> bytes:
        return look(self._runner, list(command), positionals, self._name, self._cancel)

    def _hear(self, message: str) -> None:
        """Take a message of rclone's log, on the daemon's reading thread."""
        state = state_in(message)
        if state is None:
            return
        try:
            page = page_behind(state)
            with self._lock:
                self._back, self._came_back = ComingBack(state), False
            self._on_page(page)
        except DriveSyncError as error:
            # Raised where rclone's answer is awaited; ended from a thread that may wait for it.
            self._page_failure = error
            threading.Thread(target=self._daemon.close, daemon=True).start()


def read_again(question: Question, problem: str) -> Question:
    """Return a question with what was wrong about the answer."""
    return replace(question, error=problem)


def look(
    runner: Runner, command: list[str], positionals: list[str], name: str, cancel: CancelToken
) -> bytes:
    """Run a command that only reads; return what it printed.

    Raises
    ------
    DriveSyncError
        It failed.
    """
    finished = runner.run([*command, "--low-level-retries", "2"], positionals, cancel=cancel)
    if finished.exit_code != 0:
        raise _failure(finished, name)
    return finished.stdout


def ask_space(runner: Runner, name: str, cancel: CancelToken | None = None) -> Space:
    """Ask a storage how much room it has; all unknown where it does not say.

    Raises
    ------
    DriveSyncError
        It cannot be reached.
    """
    command = ["about", "--json", "--low-level-retries", "2"]
    finished = runner.run(command, [f"{name}:"], cancel=cancel)
    if any("doesn't support about" in line.message for line in finished.lines):
        return Space()
    if finished.exit_code != 0:
        raise _failure(finished, name)
    said = json.loads(finished.stdout)

    def number(key: str) -> int | None:
        value = said.get(key)
        return int(value) if isinstance(value, (int, float)) else None

    return Space(number("total"), number("used"), number("free"))


def _failure(finished: Finished, name: str) -> DriveSyncError:
    if finished.cancelled:
        return Cancelled("Connecting was given up.")
    if any(re.search(_WRONG_CLIENT, line.message) for line in finished.lines):
        return ClientRefused("Google does not know this client, or its secret is wrong.")
    return command_error(finished.exit_code, finished.lines, remote=f"{name}:")


_WRONG_CLIENT = r"invalid_client|unauthorized_client|deleted_client|disabled_client"
_REFUSALS: tuple[tuple[str, Callable[[], DriveSyncError]], ...] = (
    (
        "access_denied",
        lambda: SignInRefused("Access was not allowed on the sign-in page."),
    ),
    (
        "Auth state doesn't match",
        lambda: SignInRefused(
            "The page that came back belongs to another sign-in.",
            "Close old sign-in pages and start again; nothing was changed.",
        ),
    ),
    (
        "No code returned",
        lambda: SignInRefused("The sign-in page came back without an answer."),
    ),
    (
        _WRONG_CLIENT,
        lambda: ClientRefused("Google does not know this client, or its secret is wrong."),
    ),
    (
        "redirect_uri_mismatch",
        lambda: ClientRefused("Google does not allow this client to sign in from a computer."),
    ),
    (
        "invalid_grant",
        lambda: SignInRefused("Google did not accept the code: it was used before, or is too old."),
    ),
    (
        "failed to start auth webserver|address already in use",
        lambda: SignInBusy(
            "Another program on this computer waits for a sign-in of rclone already.",
            "End it (it may be `rclone config`, or somebody else's sign-in) and try again.",
        ),
    ),
)


def refusal_error(text: str, name: str) -> DriveSyncError:
    """Turn what an rclone daemon said into the error that fits."""
    for pattern, make in _REFUSALS:
        if re.search(pattern, text):
            return make()
    return command_error(1, [LogLine("error", clean(text))], remote=f"{name}:")
