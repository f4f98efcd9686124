"""The pulses of Colab runtimes, brought here by one rclone command a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_drive_sync.ports.colab import is_runtime
from jupyter_drive_sync.ports.private import make_private
from jupyter_drive_sync.ports.projects import PARTIAL_SUFFIX, RUNTIMES_PATH, Remote
from jupyter_drive_sync.rclone.bisync import DRIVE_FLAGS
from jupyter_drive_sync.rclone.outcome import command_error, is_not_found
from jupyter_drive_sync.rclone.process import Runner

_MOST_BYTES = 1024 * 1024
"""A pulse has some kilobytes; what is larger is none."""

_MOST_PULSES = 200
"""Far more than are shown; so many files in their folder were not made by runtimes."""


@dataclass(frozen=True, slots=True)
class RclonePulses:
    """The `Pulses` port.

    Attributes
    ----------
    runner : Runner
        Runs rclone with the remote's configuration.
    remote : Remote
        The project's folder on Drive.
    copies : Path
        A folder of our own for copies of the pulses, so that only those that changed come down.
    """

    runner: Runner
    remote: Remote
    copies: Path

    def look(self) -> Mapping[str, bytes]:
        """Return the pulses by the names of their runtimes; none where there is no such folder.

        Of very many the newest are read.

        Raises
        ------
        SignInNeeded, Offline, RateLimited
            They cannot be looked at now.
        """
        make_private(self.copies)
        path = "/".join(part for part in (self.remote.path.rstrip("/"), RUNTIMES_PATH) if part)
        finished = self.runner.run(
            [
                *("sync", "--checksum", "--include", "/*.json"),
                *("--max-depth", "1", "--max-size", str(_MOST_BYTES)),
                *("--low-level-retries", "4", "--retries", "1"),
                *("--partial-suffix", PARTIAL_SUFFIX),
                *DRIVE_FLAGS,
            ],
            [replace(self.remote, path=path).spec, str(self.copies)],
        )
        if finished.exit_code != 0:
            if is_not_found(finished.exit_code, finished.lines):
                return {}
            raise command_error(finished.exit_code, finished.lines, remote=self.remote.spec)
        pulses = [place for place in self.copies.glob("*.json") if is_runtime(place.stem)]
        pulses.sort(key=lambda place: (place.stat().st_mtime_ns, place.name), reverse=True)
        return {place.stem: place.read_bytes() for place in pulses[:_MOST_PULSES]}
