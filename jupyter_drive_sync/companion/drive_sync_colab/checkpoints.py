"""Checkpoints from a notebook or a script: hand one in, bring the newest back, end the run.

Everything here works in any process of a connected runtime, not in the kernel alone: what it needs
to know, `connect()` left on the runtime's disk.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .errors import (
    CheckpointMissing,
    CheckpointNotSafe,
    CheckpointTorn,
    GuardFailed,
    NotConnected,
    PathInvalid,
    RuntimeFull,
)
from .guard import ensure, finished
from .guard.folders import GuardFolder, new_id
from .guard.given import as_metrics, as_step
from .guard.scan import is_own, is_skipped, is_unusable
from .guard.scanner import whole_or_why
from .guard.spool import Spool, freeze
from .places import read_json, write_atomic
from .settings import GuardSettings

_LOOK = 0.05
_ALIVE_EVERY = 2.0
_LOGGED_EVERY = 2.0

_last_logged = 0.0


@dataclass(frozen=True, repr=False)
class Saved:
    """A checkpoint that was handed to the guard.

    Attributes
    ----------
    path : Path
        The file or folder.
    safe : bool
        It is on Drive and listed there; False where nobody waited for that.
    verified : bool
        Drive's own md5 agrees; a mount cannot show it.
    kept : bool
        The guard has a version of its own: the file may be written over. False where the runtime's
        disk had no room for a copy and nobody waited: then it must stay as it is until it is on
        Drive.
    """

    path: Path
    safe: bool
    verified: bool
    kept: bool = True

    def __repr__(self) -> str:
        """Return a few words."""
        stands = "handed to the guard" if not self.safe else "on Drive"
        return f"Saved({self.path.name}, {stands}{' and verified' if self.verified else ''})"


def connected() -> tuple[GuardFolder, GuardSettings]:
    """Return the guard's folder and settings.

    Raises
    ------
    NotConnected
        `connect()` was not called in this runtime, or did not get that far.
    """
    folder = GuardFolder.here()
    try:
        return folder, GuardSettings.read(folder.settings)
    except (OSError, ValueError):  # which file is missing would tell nobody anything
        raise NotConnected("No project is connected in this runtime.") from None


def protect(*paths: str | os.PathLike[str]) -> None:
    """Protect more files and folders; they need not be there yet.

    Parameters
    ----------
    *paths
        Below the project, or absolute.

    Raises
    ------
    NotConnected, GuardFailed
        There is no guard, and none can be started.
    PathInvalid
        A path is that of the whole project, or holds it, or is in Drive Sync's own folder.
    RuntimeFull, GuardFailed
        The guard could not be told.
    """
    folder, settings = connected()
    project = Path(settings.project)
    outputs = list(settings.outputs)
    for path in paths:
        place = _usable(_place(project, path), project)
        inside = place.is_relative_to(project)
        named = place.relative_to(project).as_posix() if inside else str(place)
        if named not in outputs:
            outputs.append(named)
    with disk():
        write_atomic(folder.settings, replace(settings, outputs=outputs).as_json().encode())
    ensure(folder)


def checkpoint(
    path: str | os.PathLike[str],
    step: int | None = None,
    metrics: Mapping[str, Any] | None = None,
    wait: bool = True,
    timeout: float | None = None,
) -> Saved:
    """Bring a finished checkpoint to Drive; return when it is safe there.

    Parameters
    ----------
    path : path
        A file, or a folder whose files make one checkpoint together.
    step : int, optional
        The training's step.
    metrics : mapping, optional
        Numbers by name, such as ``{"loss": 0.1}``; ``best=`` chooses by one of them.
    wait : bool
        With False it returns as soon as the guard has the file: it may be written over then,
        unless the disk had no room for a copy, which is printed (`Saved.kept` is False).
    timeout : float, optional
        Seconds to wait at most; without it, as long as it takes.

    Raises
    ------
    CheckpointMissing, CheckpointTorn
        There is no such file, or it is not whole.
    PathInvalid, ArgumentInvalid
        The path, the step or the metrics are none that can be taken.
    CheckpointNotSafe
        It was not on Drive in time; the guard goes on trying.
    RuntimeFull, NotConnected, GuardFailed
        It cannot be handed in.
    """
    folder, settings = connected()
    step, numbers = as_step(step), as_metrics(metrics)  # before anything is put down
    project = Path(settings.project)
    source = _usable(_existing(path, project), project)
    files = _files_of(source)
    handle = ensure(folder)
    request = new_id()
    handed_in = Spool(folder.spool).handed_in(request)
    try:
        handed_in.mkdir(mode=0o700)
        described, kept = [], True
        for number, file in enumerate(files):
            found = file.stat()
            size, mtime_ns = found.st_size, found.st_mtime_ns
            kept &= freeze(file, handed_in / str(number), size, mtime_ns, copy=not wait)
            version = {"source": str(file), "size": size, "mtime_ns": mtime_ns}
            described.append({"name": str(number), **version})
        folder.ask(
            "checkpoint",
            request,
            files=described,
            group=str(source) if source.is_dir() else None,
            step=step,
            metrics=numbers,
        )
    except BaseException as error:
        shutil.rmtree(handed_in, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise RuntimeFull("The runtime's disk is full.") from None
        raise CheckpointTorn(f"{source.name} could not be taken: {error}.") from None
    if not wait:
        if not kept:
            print(  # noqa: T201
                f"{source.name}: the runtime's disk has no room for a copy. Do not write it over "
                "before it is on Drive, or delete what you do not need."
            )
        return Saved(source, safe=False, verified=False, kept=kept)
    answer = wait_for_answer(folder, request, f"checkpoint({source.name})", timeout)
    if answer is None:
        trouble = (_hindrance(handle.status()) or {}).get("text", "")
        raise CheckpointNotSafe(
            f"{source.name} is not verified on Drive after {timeout:.0f} s. {trouble}".strip()
        )
    return Saved(source, safe=True, verified=bool(answer.get("verified")))


def log(step: int, metrics: Mapping[str, Any]) -> None:
    """Show metrics of a step in the pulse's curve; cheap enough to be called at every step.

    Points that come faster than one in two seconds are left out.

    Raises
    ------
    NotConnected
        `connect()` was not called in this runtime.
    ArgumentInvalid
        The step is no whole number, or the metrics are no mapping.
    RuntimeFull, GuardFailed
        The guard could not be told.
    """
    global _last_logged  # noqa: PLW0603 - one a process is meant
    now = time.monotonic()
    if now - _last_logged < _LOGGED_EVERY:
        return
    folder, _ = connected()
    number, numbers = as_step(step), as_metrics(metrics)
    _last_logged = now
    with disk():
        folder.ask("metrics", step=number, metrics=numbers or {})


def _existing(path: str | os.PathLike[str], project: Path) -> Path:
    """Return the absolute path of what is meant: from here, or else from the project."""
    try:
        bases = [Path.cwd(), project]
    except OSError:  # the folder that we are in was deleted
        bases = [project]
    for base in bases:
        place = _place(base, path)
        try:
            if place.exists():
                return place
        except OSError as error:
            raise CheckpointMissing(f"{path} cannot be read: {error.strerror}.") from None
    raise CheckpointMissing(f"{path} is not there.", "Save it first, then call checkpoint().")


def _place(base: Path, path: str | os.PathLike[str]) -> Path:
    """Return the absolute path of what is named, without looking whether it is there."""
    try:
        place = os.path.normpath(base / path)
    except TypeError:
        raise PathInvalid(f"{path!r} is no path.", "Name a file or a folder.") from None
    if "\0" in place:
        raise PathInvalid(f"{path!r} is no path.", "Name a file or a folder.")
    return Path(place)


def _usable(place: Path, project: Path) -> Path:
    """Return a path that may go to Drive.

    Raises
    ------
    PathInvalid
        It is the project, or holds it, or is our own, or Drive cannot have its name.
    """
    real, real_project = Path(os.path.realpath(place)), Path(os.path.realpath(project))
    if project.is_relative_to(place) or real_project.is_relative_to(real):
        raise PathInvalid(
            f"{place} is the project itself, or holds it.",
            "Name the folders that training writes to, such as checkpoints/.",
        )
    if is_own(place):
        raise PathInvalid(f"{place} is in Drive Sync's own folder, which stays here.")
    if is_unusable(str(place)):
        raise PathInvalid(
            f"{str(place)!r} has a line break or bytes that are no text in its name.",
            "Give it another name.",
        )
    return place


@contextmanager
def disk() -> Iterator[None]:
    """Say what it means when the runtime's disk refuses.

    Raises
    ------
    RuntimeFull, GuardFailed
        It did.
    """
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise RuntimeFull("The runtime's disk is full.") from None
        raise GuardFailed(f"The guard could not be told: {error.strerror or error}.") from None


def _files_of(source: Path) -> list[Path]:
    """Return the files of a checkpoint, which are whole."""
    files = [source]
    if source.is_dir():
        unusable = next((one for one in source.rglob("*") if is_unusable(one.name)), None)
        if unusable is not None:
            raise PathInvalid(
                f"{str(unusable)!r} has a line break or bytes that are no text in its name.",
                "Give it another name: without it the checkpoint would not be whole.",
            )
        away = next((one for one in source.rglob("*") if _leads_away(one, source)), None)
        if away is not None:
            raise PathInvalid(
                f"{away} is a link to what lies elsewhere.",
                "Put the file itself there: without it the checkpoint would not be whole.",
            )
        files = sorted(
            path
            for path in source.rglob("*")
            if path.is_file()
            and not path.is_symlink()
            and not any(map(is_skipped, path.relative_to(source).parts))
        )
        if not files:
            raise CheckpointMissing(f"{source.name} holds no files.")
        inside = (path.relative_to(source).as_posix() for path in files)
        missing = finished.missing_of_group(inside, source.name)
        if missing is not None:
            raise CheckpointTorn(f"{source.name} is not whole: {missing.why}.")
    torn = whole_or_why(files)
    if torn is not None:
        raise CheckpointTorn(f"{source.name} is not whole: {torn.why}.")
    return files


def _leads_away(path: Path, folder: Path) -> bool:
    """Tell whether a path is a link to something outside of a folder, that is there."""
    return (
        path.is_symlink()
        and path.exists()
        and not path.resolve().is_relative_to(os.path.realpath(folder))
    )


def wait_for_answer(
    folder: GuardFolder, request: str, what: str, timeout: float | None
) -> dict[str, Any] | None:
    """Wait for the guard's answer, saying aloud what holds it up; None when the time is over.

    Raises
    ------
    CompanionError
        The answer is no.
    """
    began = looked = time.monotonic()
    said = None
    while True:
        answer = folder.answered(request)
        if answer is not None:
            if answer.get("ok"):
                return answer
            error = answer.get("error") or {}
            kind = CheckpointTorn if error.get("code") == CheckpointTorn.code else CheckpointNotSafe
            raise kind(str(error.get("text", "It is not on Drive.")), error.get("hint"))
        now = time.monotonic()
        if timeout is not None and now - began > timeout:
            return None
        if now - looked > _ALIVE_EVERY:
            looked = now
            ensure(folder)
            trouble = _hindrance(read_json(folder.status) or {})
            if trouble and trouble["code"] != said:
                said = trouble["code"]
                way_on = " checkpoint(..., wait=False) lets training go on meanwhile."
                print(  # noqa: T201
                    f"{what} waits: {trouble['text']} {trouble['hint']}"
                    + (way_on if what.startswith("checkpoint(") else "")
                )
        time.sleep(_LOOK)


def _hindrance(status: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what the guard says is wrong, unless it concerns other outputs alone."""
    error: Mapping[str, Any] | None = status.get("error")
    return None if error is None or error.get("code") == PathInvalid.code else error
