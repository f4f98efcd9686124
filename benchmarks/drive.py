"""The Drive emulator in a process of its own, so that its work is not the server's.

``python -m benchmarks.drive FILES SIZE FOLDER...`` serves until its standard input ends. With a
SIZE of 0 the files have different sizes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmarks.trees import MTIME, tree
from tests.drive_emulator import DriveEmulator

LATENCY_MS = 60
REMOTE = "gdrive"
SWIFT = "swift"
"""The same account without rclone's own pace of ten calls a second."""

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Drive:
    """A running emulator.

    Parameters
    ----------
    files : int
        Size of the tree.
    folders : tuple of str
        Where on Drive the tree stands at first.
    size : int, optional
        Bytes of each file.
    """

    def __init__(self, files: int, folders: tuple[str, ...], size: int | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.drive", str(files), str(size or 0), *folders],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        if self._process.stdout is None:
            raise AssertionError("standard output is a pipe")
        told = json.loads(self._process.stdout.readline())
        self._url: str = told["url"]
        self.config = Path(told["config"])
        self.environment: dict[str, str] = told["environment"]
        self.pid = self._process.pid

    def __enter__(self) -> Drive:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def reset(self) -> None:
        """Count from zero."""
        self._ask("POST", "reset_counts")

    def calls(self) -> int:
        """Return the calls to Drive since the last reset."""
        return int(self._ask("GET", "calls")["api_calls"])

    def kinds(self) -> dict[str, int]:
        """Return the calls by kind since the last reset."""
        return dict(self._ask("GET", "calls")["calls"])

    def latency(self, milliseconds: float) -> None:
        """Answer every call so much later."""
        self._ask("POST", f"latency?ms={milliseconds}")

    def _ask(self, method: str, what: str) -> Any:  # noqa: ANN401 - JSON
        request = urllib.request.Request(f"{self._url}/emulator/{what}", method=method, data=b"")
        with _OPEN.open(request, timeout=60) as answer:
            return json.load(answer)


def main() -> None:
    """Serve; print where; end with standard input."""
    files, size, folders = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    with tempfile.TemporaryDirectory(prefix="drive-sync-bench-") as place, DriveEmulator() as drive:
        content = dict(tree(files, size or None))
        for folder in folders:
            drive.seed({f"{folder}/{path}": data for path, data in content.items()}, mtime=MTIME)
        del content
        drive.settings.latency = LATENCY_MS / 1000
        one = drive.write_config(Path(place) / "one.conf", REMOTE)
        two = drive.write_config(
            Path(place) / "two.conf", SWIFT, options={"pacer_min_sleep": "1ms"}
        )
        config = Path(place) / "rclone.conf"
        opened = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w", encoding="utf-8") as file:
            file.write(one.read_text("utf-8") + two.read_text("utf-8"))
        told = {"url": drive.url, "config": str(config), "environment": drive.environment()}
        print(json.dumps(told), flush=True)
        ended = threading.Thread(target=sys.stdin.read)
        ended.start()
        ended.join()


if __name__ == "__main__":
    main()
