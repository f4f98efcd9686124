"""One Colab machine: disk, environment, kernel, metadata, mount, and its end."""

from __future__ import annotations

import os
import shutil
import sysconfig
import threading
import uuid
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.drive_emulator import DriveEmulator, EmulatorElsewhere
from tests.drive_emulator.fixtures import rclone_binary

from .kernel import Cell, Kernel
from .metadata import MachineServer, Metadata
from .mount import CloudMount
from .processes import end_all, processes_of
from .python import make_python

SITE = Path(__file__).parent / "site"
COMPANION = Path(__file__).parents[2] / "jupyter_drive_sync" / "companion"
GRANT, REFUSE, TIME_OUT = "grant", "refuse", "time out"


class Runtime:
    """A Colab runtime on this computer.

    Parameters
    ----------
    drive : DriveEmulator or EmulatorElsewhere
        What its person has on Drive; one of another process cannot be mounted.
    folder : Path
        A temporary folder; the machine's disk is below it.
    env : Mapping of str to str, optional
        Variables to add; an empty value takes one away.
    rclone : bool
        Whether rclone is on the machine's path (on the real one it is not).
    uv : bool
        Whether uv is there, as it is on the real one.
    found_by_rclone : bool
        Whether rclone finds the metadata server, as Python does.
    companion : Path
        The folder or zip from which ``drive_sync_colab`` is imported.

    Attributes
    ----------
    content : Path
        The machine's ``/content``.
    metadata : Metadata
        The metadata server.
    answers : dict of str to deque of str
        What the person does with each coming dialog (``auth``, ``mount``): `GRANT`, `REFUSE` or
        `TIME_OUT`. Granted when nothing is planned.
    secrets : dict of str to (str or None)
        The person's secrets; None: the notebook may not see it.
    asked : list of str
        The dialogs that were shown.
    violations : list of str
        Blocking requests that came from another thread than the main one.
    unassigned : bool
        Whether the notebook has let the machine go.
    mount : CloudMount or None
        The mounted Drive.
    mounting : dict
        How mounts behave: ``lag``, ``ids``, and ``fails``.

    Examples
    --------
    >>> with Runtime(emulator, tmp_path) as vm:  # doctest: +SKIP
    ...     vm.run_cell("print(6 * 7)").text
    """

    def __init__(
        self,
        drive: DriveEmulator | EmulatorElsewhere,
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        rclone: bool = True,
        uv: bool = True,
        found_by_rclone: bool = True,
        companion: Path = COMPANION,
    ) -> None:
        self.drive = drive
        self.id = uuid.uuid4().hex
        self.base = folder / f"vm-{self.id[:8]}"
        self.content = self.base / "content"
        self.metadata = Metadata(drive)
        self.answers: dict[str, deque[str]] = {"auth": deque(), "mount": deque()}
        self.secrets: dict[str, str | None] = {}
        self.asked: list[str] = []
        self.violations: list[str] = []
        self.unassigned = False
        self.mount: CloudMount | None = None
        self.mounting: dict[str, Any] = {"lag": 0.3, "ids": True, "fails": False}
        self.ended = False
        self._server = MachineServer(self.metadata, self._control)
        self._more: list[Kernel] = []
        self._extra = dict(env or {})
        self._rclone = rclone
        self._uv = uv
        self._companion = companion
        self._found_by_rclone = found_by_rclone

    # Life

    def __enter__(self) -> Runtime:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.end()
        if kind is None:
            assert self.violations == []

    def start(self) -> None:
        """Boot: disk, environment, kernel."""
        self.content.mkdir(parents=True)
        (self.base / "home").mkdir()
        (self.base / "tmp").mkdir()
        self.python = make_python(self.base / "python")
        self._server.start()
        self.kernel = Kernel(self.python, self.environment(), self.content)
        self.kernel.start()

    def end(self) -> None:
        """End the machine without a word: every process dies, the disk is gone.

        What the mount had not uploaded is lost. A second call does nothing.
        """
        if self.ended:
            return
        self.ended = True
        end_all(self._marker, self.base)
        if self.mount is not None:
            self.mount.stop(flush=False)
        for kernel in (self.kernel, *self._more):
            kernel.stop()
        end_all(self._marker, self.base)
        self._server.stop()
        shutil.rmtree(self.base)

    # What a person does

    def run_cell(self, code: str, timeout: float = 60.0) -> Cell:
        """Run a cell to its end."""
        return self.kernel.send(code).wait(timeout)

    def start_cell(self, code: str) -> Cell:
        """Begin to run a cell."""
        return self.kernel.send(code)

    def interrupt(self) -> None:
        """Press the square button."""
        self.kernel.interrupt()

    def restart_kernel(self) -> None:
        """Choose "Restart session"."""
        self.kernel.restart()

    def kill_kernel(self) -> None:
        """Let the kernel run out of memory; another one is started."""
        self.kernel.kill()

    def open_notebook(self, file_id: str, kernel: Kernel | None = None) -> None:
        """Let the machine's Jupyter server tell which file on Drive a kernel's notebook is."""
        told = {"path": f"fileId={file_id}", "type": "notebook"}
        session = {**told, "kernel": {"id": (kernel or self.kernel).id}}
        self._server.sessions = [*(self._server.sessions or []), session]

    def another_kernel(self) -> Kernel:
        """Start the kernel of a second notebook; it ends with the machine."""
        kernel = Kernel(self.python, self.environment(), self.content)
        self._more.append(kernel)
        kernel.start()
        return kernel

    # Looking at it

    def processes(self) -> set[int]:
        """Return the ids of the machine's processes, the kernel's among them."""
        return processes_of(self._marker, self.base)

    @property
    def _marker(self) -> str:
        return f"COLAB_STANDIN_VM={self.id}"

    def environment(self) -> dict[str, str]:
        """Return the environment in which the machine's processes start."""
        address = self._server.address
        tools = self.base / "bin"
        tools.mkdir(exist_ok=True)
        if self._rclone and not (tools / "rclone").exists():
            (tools / "rclone").symlink_to(rclone_binary())
        if self._uv and not (tools / "uv").exists():
            (tools / "uv").symlink_to(Path(sysconfig.get_path("scripts")) / "uv")
        env = {
            "PATH": os.pathsep.join([str(self.python.parent), str(tools), "/usr/bin", "/bin"]),
            "HOME": str(self.base / "home"),
            "TMPDIR": str(self.base / "tmp"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([str(SITE), str(self._companion)]),
            "PYTHONDONTWRITEBYTECODE": "1",
            # As in Colab
            "COLAB_RELEASE_TAG": "release-colab_20260819-060000_RC00",
            "COLAB_GPU": "",
            "COLAB_JUPYTER_IP": "127.0.0.1",
            "KMP_TARGET_PORT": address.rpartition(":")[2],
            "USE_AUTH_EPHEM": "1",
            "TBE_EPHEM_CREDS_ADDR": address,
            "TBE_RUNTIME_ADDR": address,
            "CLOUDSDK_CONFIG": str(self.content / ".config"),
            # Where Google's machines find their metadata without being told
            ("GCE_METADATA_HOST" if self._found_by_rclone else "GCE_METADATA_ROOT"): address,
            "GCE_METADATA_IP": address,
            # The stand-in itself
            **self.drive.environment(),
            "REQUESTS_CA_BUNDLE": str(self.drive.ca_file),
            "DRIVE_SYNC_CONTENT": str(self.content),
            "COLAB_STANDIN": f"http://{address}",
            "COLAB_STANDIN_VM": self.id,
        } | self._extra
        return {name: value for name, value in env.items() if value != ""}

    # What the machine answers

    def _control(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        if what == "request":
            return self._request(body)
        if what == "mount":
            return self._mount(Path(body["mountpoint"]))
        if what == "unmount":
            return self._unmount()
        if what == "unassign":
            self.unassigned = True
            threading.Thread(target=self.end, name="colab-unassign").start()
            return {}
        raise ValueError(what)

    def _request(self, body: dict[str, Any]) -> dict[str, Any]:
        kind, asked = body["type"], body["request"]
        if not body["main_thread"]:
            self.violations.append(kind)
        if kind == "GetSecret":
            self.asked.append("secret")
            key = asked["key"]
            value = self.secrets.get(key)
            known = {"exists": key in self.secrets, "access": value is not None}
            return {"data": {**known, "payload": value or ""}}
        if kind != "request_auth":
            return {"data": None}
        dialog = "auth" if asked["authType"] == "auth_user_ephemeral" else "mount"
        self.asked.append(dialog)
        answer = self.answers[dialog].popleft() if self.answers[dialog] else GRANT
        if answer == REFUSE:
            return {"error": "Error: credential propagation was unsuccessful"}
        if answer == TIME_OUT:
            return {"data": None}
        if dialog == "auth":
            self.metadata.consent = True
        return {"data": {}}

    def _mount(self, mountpoint: Path) -> dict[str, Any]:
        if self.mounting["fails"] or isinstance(self.drive, EmulatorElsewhere):
            return {"error": "mount failed"}
        if self.mount is not None:
            self.mount.stop(flush=False)
            if mountpoint.is_symlink():
                mountpoint.unlink()
            shutil.rmtree(mountpoint, ignore_errors=True)
        self.mount = CloudMount(
            self.drive, mountpoint, lag=self.mounting["lag"], ids=self.mounting["ids"]
        )
        self.mount.start()
        return {}

    def _unmount(self) -> dict[str, Any]:
        if self.mount is None:
            return {"mounted": False}
        self.mount.stop(flush=True)
        shutil.rmtree(self.mount.root)
        self.mount = None
        return {"mounted": True}
