"""Looking for projects that lie above or below a folder of a remote, by their markers."""

from __future__ import annotations

from dataclasses import replace

from jupyter_drive_sync.ports.projects import MARKER_FOLDER, MARKER_NAME, MARKER_PATH, Remote
from jupyter_drive_sync.rclone.bisync import DRIVE_FLAGS, DRIVE_LISTING_FLAGS
from jupyter_drive_sync.rclone.copying import paths_flags
from jupyter_drive_sync.rclone.outcome import command_error, is_not_found
from jupyter_drive_sync.rclone.process import Runner

_LOOK = ("lsf", "-R", "--files-only", "--low-level-retries", "4")


def project_above(runner: Runner, remote: Remote) -> str | None:
    """Return the nearest folder above one, up to the remote's root, that is a project's.

    Raises
    ------
    DriveSyncError
        It cannot be looked for.
    """
    root = "/" if remote.path.startswith("/") else ""
    parts = remote.path.strip("/").split("/")
    if not parts[0]:
        return None
    above = ["/".join(parts[:count]) for count in range(len(parts))]
    asked = {f"{folder}/{MARKER_PATH}".lstrip("/"): folder for folder in above}
    top = replace(remote, path=root)
    stdin = "".join(f"{path}\n" for path in asked).encode("utf-8", "surrogateescape")
    found = _look(runner, top, paths_flags(asked, len(asked)), stdin)
    nearest = max((asked[path] for path in found if path in asked), key=len, default=None)
    return None if nearest is None else f"{remote.name}:{root}{nearest}"


def project_below(runner: Runner, remote: Remote) -> str | None:
    """Return a folder below one that is a project's.

    Raises
    ------
    DriveSyncError
        It cannot be looked for.
    """
    flags = ["--include", f"{MARKER_FOLDER}/{MARKER_NAME}", "--fast-list", *DRIVE_LISTING_FLAGS]
    found = [path for path in _look(runner, remote, flags) if path != MARKER_PATH]
    if not found:
        return None
    folder = min(found).removesuffix(f"/{MARKER_PATH}")
    return f"{remote.spec.rstrip('/')}{'' if remote.spec.endswith(':') else '/'}{folder}"


def _look(runner: Runner, remote: Remote, flags: list[str], stdin: bytes = b"") -> list[str]:
    finished = runner.run([*_LOOK, *flags, *DRIVE_FLAGS], [remote.spec], stdin=stdin)
    if is_not_found(finished.exit_code, finished.lines):
        return []
    if finished.exit_code != 0:
        raise command_error(finished.exit_code, finished.lines, remote=remote.spec)
    text = finished.stdout.decode("utf-8", "surrogateescape")
    return [line for line in text.split("\n") if line]
