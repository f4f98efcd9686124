"""rclone bisync: its command line, its working folder and its runs."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_drive_sync.errors import FolderInvalid
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.ports.projects import MARKER_NAME, PARTIAL_SUFFIX
from jupyter_drive_sync.ports.transfer import (
    BisyncOutcome,
    BisyncRequest,
    CancelToken,
    OnProgress,
)
from jupyter_drive_sync.rclone.filters import FILTER_FLAGS, filter_input
from jupyter_drive_sync.rclone.names import root_to_rclone
from jupyter_drive_sync.rclone.outcome import bisync_outcome
from jupyter_drive_sync.rclone.process import Runner

DRIVE_FLAGS = (
    "--drive-skip-gdocs",
    "--drive-skip-shortcuts",
    "--drive-use-trash",
    "--drive-stop-on-upload-limit",
)
"""Given on every run: they outrank the configuration, and only Drive takes notice of them.

bisync leaves the mark that they put on the remote's name out of the names of its listings.
"""

DRIVE_LISTING_FLAGS = ("--checkers", "2")
"""For whole listings of Drive. One query asks for up to 50 folders at once, but rclone's checkers
share out the folders between them as they are found: eight of them send two to four times as many
queries as two.
"""

PROGRESS_FLAGS = ("-v", "--stats", "500ms")

_PAIR_FILE = "pair.json"
_LONGEST_NAME = 255
_LISTING_ENDINGS = len("..") + len(".path1.lst-dry-new")


def bisync_command(request: BisyncRequest, *, extra: Sequence[str] = ()) -> list[str]:
    """Return bisync and its flags, without the two sides.

    Parameters
    ----------
    request : BisyncRequest
        What to run.
    extra : sequence of str
        Further flags.

    Raises
    ------
    ValueError
        `request.max_delete_percent` is no percentage.
    """
    if not 0 <= request.max_delete_percent <= 100:
        raise ValueError("max_delete_percent is a percentage")
    mode = (
        ["--resync", "--resync-mode", "path1"]
        if request.resync
        else ["--track-renames", "--max-delete", str(request.max_delete_percent)]
    )
    return [
        "bisync",
        *PROGRESS_FLAGS,
        "--workdir",
        str(request.workdir),
        "--fast-list",
        "--no-update-dir-modtime",
        "--resilient",
        "--recover",
        "--max-lock",
        "0",
        "--check-access",
        "--check-filename",
        MARKER_NAME,
        "--compare",
        "size,modtime,checksum",
        "--slow-hash-sync-only",
        "--local-no-check-updated",
        "--partial-suffix",
        PARTIAL_SUFFIX,
        "--conflict-resolve",
        "path1",
        "--conflict-loser",
        "num",
        "--suffix-keep-extension",
        *DRIVE_FLAGS,
        *FILTER_FLAGS,
        *mode,
        *extra,
    ]


@dataclass(frozen=True, slots=True)
class RcloneBisync:
    """The `Bisync` port. The caller holds the project's lock during every call.

    Attributes
    ----------
    runner : Runner
        Runs rclone with the remote's configuration.
    extra : tuple of str
        Further flags, for instance a limit of bandwidth.
    """

    runner: Runner
    extra: tuple[str, ...] = ()

    def locked_out(self, request: BisyncRequest) -> bool:
        """Say whether the listings for this pair are missing or unusable.

        bisync renames them after a critical error. It would itself go back one generation when an
        older one is left, which can undo what a person did since; so that counts as missing too.
        """
        if _read_pair(request.workdir) != _pair(request):
            return True
        try:
            names = {path.name for path in request.workdir.iterdir()}
        except FileNotFoundError:
            return True
        return not any(
            name.endswith(".path1.lst") and f"{name.removesuffix('.path1.lst')}.path2.lst" in names
            for name in names
        )

    def run(
        self, request: BisyncRequest, on_progress: OnProgress, cancel: CancelToken
    ) -> BisyncOutcome:
        """Run bisync to its end.

        Raises
        ------
        FolderInvalid
            The two paths are too long for the names of bisync's listings.
        RcloneMissing
            rclone cannot be started.
        Cancelled
            Cancelling was asked for before the start.
        """
        check_lengths(request.local, request.remote, request.workdir.parent)
        make_private(request.workdir)
        for stale in request.workdir.glob("*.lck"):
            # Ours is the lock that counts; this one is left over from a run that was killed.
            stale.unlink(missing_ok=True)
        if request.resync:
            _drop_listings(request.workdir)
        finished = self.runner.run(
            bisync_command(request, extra=self.extra),
            [root_to_rclone(str(request.local)), request.remote],
            stdin=filter_input(request.filters),
            on_progress=on_progress,
            cancel=cancel,
            lock_fd=request.lock_fd,
        )
        outcome = bisync_outcome(finished.exit_code, finished.lines, cancelled=finished.cancelled)
        if outcome.result.ok:
            _write_pair(request)
        elif outcome.locked_out:
            _forget_pair(request.workdir)
        return BisyncOutcome(
            outcome.result,
            outcome.exit_code,
            outcome.locked_out or self.locked_out(request),
            outcome.notes,
            outcome.errors,
            outcome.copies,
        )


def _pair(request: BisyncRequest) -> dict[str, str]:
    return {"local": str(request.local), "remote": request.remote}


def _read_pair(workdir: Path) -> object:
    try:
        return json.loads((workdir / _PAIR_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Not there or cut short by a crash: the listings are made anew, which loses nothing.
        return None


def _write_pair(request: BisyncRequest) -> None:
    """Remember for which two sides the listings are: their names alone do not tell surely."""
    if _read_pair(request.workdir) == _pair(request):
        return
    new = request.workdir / f"{_PAIR_FILE}.new"
    new.write_text(json.dumps(_pair(request)), encoding="utf-8")
    new.replace(request.workdir / _PAIR_FILE)


def _forget_pair(workdir: Path) -> None:
    (workdir / _PAIR_FILE).unlink(missing_ok=True)


def _drop_listings(workdir: Path) -> None:
    """Remove listings that a resync replaces, so that none of them outlives a failed one."""
    _forget_pair(workdir)
    for listing in workdir.glob("*.path[12].lst*"):
        listing.unlink(missing_ok=True)


def check_lengths(local: Path, remote: str, workdir: Path) -> None:
    """Refuse folders whose paths are too long together: bisync names its listings by both.

    Parameters
    ----------
    local : Path
        The project folder.
    remote : str
        The other side, as rclone takes it.
    workdir : Path
        A folder on the disk that the listings are kept on; need not exist yet.

    Raises
    ------
    FolderInvalid
    """
    length = len(os.fsencode(str(local))) + len(os.fsencode(remote))
    longest = _LONGEST_NAME
    with contextlib.suppress(OSError, ValueError, AttributeError):
        # Not known everywhere, and not on Windows; then the usual length stands.
        longest = os.pathconf(workdir, "PC_NAME_MAX")
    if length + _LISTING_ENDINGS > longest:
        raise FolderInvalid(
            f"The paths of the two folders are too long together: {length} bytes, and "
            f"{longest - _LISTING_ENDINGS} is the most that rclone can work with.",
            "Move or rename one of the folders so that its path is shorter, and link it again.",
        )
