"""The doctor: looks at everything that connecting and syncing needs, and changes nothing.

Every look has a time limit and its own thread, so that neither a dead network disk nor a remote
that never answers can make the doctor hang; what hangs is left behind.
"""

from __future__ import annotations

import logging
import platform
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Generic, TypeVar

from jupyter_drive_sync.errors import DriveSyncError, Offline
from jupyter_drive_sync.ports.health import ConfigFile, FarSide, Instruments
from jupyter_drive_sync.ports.projects import Project, Remote, RemoteKind
from jupyter_drive_sync.service import diagnosis
from jupyter_drive_sync.service.diagnosis import Check, Found
from jupyter_drive_sync.service.status import Json, time_json, with_tilde
from jupyter_drive_sync.service.workbench import RcloneInfo, Workbench

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_SECONDS = 30.0
"""How long one look may take; rclone itself is ended a little earlier."""

MOST_LOOKED_AT = 10
"""Remotes, and projects, that are looked at when nobody named one."""

_NO_RCLONE = "there is no rclone that works"
_PACKAGES = ("jupyter_drive_sync", "jupyterlab", "jupyter_server")


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found.

    Attributes
    ----------
    versions : dict of str to str
        Of everything that takes part; what is not installed is left out.
    made : datetime
        When, in UTC.
    """

    checks: tuple[Check, ...]
    versions: dict[str, str]
    made: datetime


def examine(
    workbench: Workbench, project: Project | None = None, *, seconds: float = LOOK_SECONDS
) -> Report:
    """Look at everything, or at one project and what it needs.

    Parameters
    ----------
    project : Project, optional
        The only one to look at.
    seconds : float
        How long one look may take.
    """
    tools = workbench.instruments()
    clock = _Look(tools.clock, seconds) if _on_drive(project) else None
    found = _Look(workbench.rclone, seconds).found
    rclone = found.value or RcloneInfo(None, None, found.error)
    scene = _scene(workbench, project, rclone.problem is None, seconds)
    # All looks begin before the first is waited for.
    configs = [_ConfigLook(tools, path, scene, seconds) for path in scene.configs]
    remotes = {one: _RemoteLook(tools, one, seconds) for one in scene.remotes}
    projects = [
        _ProjectLook(tools, each, remotes.get(_whole(each.remote)), scene.works, seconds)
        for each in scene.projects
    ]
    checks = [diagnosis.about_rclone(rclone), *scene.trouble]
    checks += [look.check() for look in configs if look.matters] or [
        look.check() for look in configs[:1]
    ]
    if clock is not None:
        checks.append(diagnosis.about_clock(clock.found))
    for remote in remotes.values():
        checks += remote.checks()
    for one in projects:
        checks += one.checks()
    return Report(
        tuple(_presentable(check, tools.clean) for check in checks),
        _versions(rclone),
        datetime.now(timezone.utc),
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """What there is to look at."""

    works: bool
    projects: Sequence[Project]
    remotes: Sequence[Remote]
    configs: Sequence[Path]
    trouble: Sequence[Check] = ()

    @property
    def used(self) -> set[Path | None]:
        """The configuration files that projects need."""
        return {one.remote.config for one in self.projects}


def _scene(workbench: Workbench, project: Project | None, works: bool, seconds: float) -> _Scene:
    if project is not None:
        remotes = _all_remotes([project], [], works)
        own = project.remote.config
        return _Scene(works, [project], remotes, [] if own is None else [own])
    tools = workbench.instruments()
    listed = _Look(workbench.projects, seconds).found
    projects = (listed.value or [])[:MOST_LOOKED_AT]
    # What is wrong with a configuration is told where the file is looked at.
    looks = [_Look(partial(tools.remotes, file), seconds) for file in tools.configs() if works]
    configured = [remote for look in looks for remote in look.found.value or []]
    named = [one.remote.config for one in projects if one.remote.config is not None]
    trouble = listed.without("projects", "Projects")
    return _Scene(
        works,
        projects,
        _all_remotes(projects, configured, works),
        list(dict.fromkeys([*tools.configs(), *named])),
        [] if trouble is None else [trouble],
    )


def _all_remotes(
    projects: Iterable[Project], configured: Iterable[Remote], works: bool
) -> list[Remote]:
    """Return the remotes to look at, each once and whole."""
    if not works:
        return []
    used = [one.remote for one in projects if one.remote.kind is not RemoteKind.FOLDER]
    return list(dict.fromkeys(map(_whole, [*used, *configured])))[:MOST_LOOKED_AT]


def _whole(remote: Remote) -> Remote:
    return replace(remote, path="", folder_id=None)


def _on_drive(project: Project | None) -> bool:
    return project is None or project.remote.kind is RemoteKind.DRIVE


def report_json(report: Report) -> Json:
    """Return the ``Doctor`` of api/openapi.yaml."""
    return {
        "checks": [
            {
                "check": check.check,
                "level": check.level.value,
                "title": check.title,
                "text": check.text,
                "hint": check.hint,
            }
            for check in report.checks
        ],
        "versions": report.versions,
        "made": time_json(report.made),
    }


class _Look(Generic[T]):
    """One look under way in a thread of its own, which nobody has to wait for."""

    def __init__(self, look: Callable[[], T], seconds: float) -> None:
        self._future: Future[T] = Future()
        self._seconds = seconds
        self._found: Found[T] | None = None
        threading.Thread(
            target=self._run, args=(look,), name="drive-sync-doctor", daemon=True
        ).start()

    def _run(self, look: Callable[[], T]) -> None:
        try:
            self._future.set_result(look())
        except BaseException as error:  # handed over to whoever waits
            self._future.set_exception(error)

    @property
    def found(self) -> Found[T]:
        """What it came to; waits for it."""
        if self._found is None:
            self._found = self._wait()
        return self._found

    def _wait(self) -> Found[T]:
        try:
            return Found(self._future.result(self._seconds))
        except FutureTimeout:
            late = Offline(f"There was no answer within {self._seconds:g} seconds.", "Try again.")
            return Found(error=late)
        except DriveSyncError as error:
            return Found(error=error)
        except OSError as error:
            return Found(error=DriveSyncError(f"{error.strerror or type(error).__name__}."))
        except Exception as error:
            # A fault of ours must not hide what the other looks found.
            log.exception("Drive Sync: the doctor could not look")
            return Found(error=DriveSyncError(f"Something went wrong: {type(error).__name__}."))


class _ConfigLook:
    """The look at one configuration file."""

    def __init__(self, tools: Instruments, path: Path, scene: _Scene, seconds: float) -> None:
        self._path = path
        self._needed = path in scene.used
        self._look = _Look(lambda: tools.config(path), seconds) if scene.works else None

    @property
    def matters(self) -> bool:
        """Whether it is needed, there, or in a bad way: one of several may well be missing."""
        file = self._found().value
        return self._needed or file is None or file.exists

    def check(self) -> Check:
        return diagnosis.about_config(self._path, self._found(), needed=self._needed)

    def _found(self) -> Found[ConfigFile]:
        return Found(because=_NO_RCLONE) if self._look is None else self._look.found


class _RemoteLook:
    """All looks at one remote."""

    def __init__(self, tools: Instruments, remote: Remote, seconds: float) -> None:
        self._tools = tools
        self._remote = remote
        self._seconds = seconds
        self._drive = remote.kind is RemoteKind.DRIVE
        self._reach = _Look(lambda: tools.reach(remote), seconds)
        self._access = _Look(lambda: tools.access(remote), seconds) if self._drive else None

    @property
    def answers(self) -> bool:
        reached = self._reach.found.value
        return reached is not None and reached.api_enabled

    def checks(self) -> list[Check]:
        name, reached = self._remote.name, self._reach.found
        sign_in = diagnosis.about_sign_in(name, reached, drive=self._drive)
        space = diagnosis.about_far_space(name, reached)
        if self._access is None:
            return [sign_in, space]
        access = self._access.found
        account: Found[str] = Found(because="there was no answer")
        if self.answers:
            account = _Look(lambda: self._tools.account(self._remote), self._seconds).found
        return [
            diagnosis.about_client(name, access),
            sign_in,
            diagnosis.about_api(name, reached),
            diagnosis.about_account(name, account, access),
            diagnosis.about_scope(name, access),
            space,
        ]


class _ProjectLook:
    """All looks at one project."""

    def __init__(
        self,
        tools: Instruments,
        project: Project,
        remote: _RemoteLook | None,
        works: bool,
        seconds: float,
    ) -> None:
        self._project = project
        self._remote = remote
        self._ignore = _Look(lambda: tools.ignore(project), seconds)
        self._near = _Look(lambda: tools.near_marker(project), seconds)
        self._space = _Look(lambda: tools.space(project.local), seconds)
        self._keeper = _Look(lambda: tools.keeper(project), seconds)
        plain = project.remote.kind is RemoteKind.FOLDER
        far = Path(project.remote.path)
        self._far_space = _Look(lambda: tools.space(far), seconds) if plain else None
        self._far = _Look(lambda: tools.far_side(project), seconds) if works or plain else None

    def checks(self) -> list[Check]:
        project, far = self._project, self._far_found()
        near = with_tilde(project.local)
        checks = [
            diagnosis.about_folder(project, far),
            diagnosis.about_marker(project, self._near.found, far),
            diagnosis.about_duplicates(project, far),
            diagnosis.about_ignore(self._ignore.found),
            diagnosis.about_near_space(self._space.found, near),
        ]
        if self._far_space is not None:
            where = with_tilde(Path(project.remote.path))
            checks.append(diagnosis.about_near_space(self._far_space.found, where))
        return [*checks, diagnosis.about_keeper(project, self._keeper.found)]

    def _far_found(self) -> Found[FarSide]:
        if self._far is None:
            return Found(because=_NO_RCLONE)
        if self._remote is not None and not self._remote.answers:
            return Found(because=f"{self._project.remote.name} did not answer")
        return self._far.found


def _versions(rclone: RcloneInfo) -> dict[str, str]:
    # JupyterLab need not be where the command line is.
    versions = {name: version for name in _PACKAGES if (version := _version(name)) is not None}
    if rclone.version is not None:
        versions["rclone"] = rclone.version
    versions["python"] = platform.python_version()
    versions["os"] = f"{platform.system()} {platform.release()} {platform.machine()}".strip()
    return versions


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _presentable(check: Check, clean: Callable[[str], str]) -> Check:
    """Return a line that can be pasted into a bug report: no secret, no home folder's name."""

    def tidy(text: str) -> str:
        return clean(_without_home(text))

    hint = None if check.hint is None else tidy(check.hint)
    return replace(check, text=tidy(check.text), title=tidy(check.title), hint=hint)


def _without_home(text: str) -> str:
    home = Path.home()
    if home == Path(home.anchor):
        return text
    return re.sub(re.escape(str(home)) + r"(?![^\W_])", "~", text)
