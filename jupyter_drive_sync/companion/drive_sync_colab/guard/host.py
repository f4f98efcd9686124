"""The machine: processors, memory, disk and GPU, for the pulse."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any


class Host:
    """Reads the machine's facts; remembers the processor's times to tell how busy it was between.

    Parameters
    ----------
    disk : Path
        A folder on the disk to tell of.
    proc : Path, optional
        Where the kernel's figures are.
    """

    def __init__(self, disk: Path, proc: Path = Path("/proc")) -> None:
        self._disk = disk
        self._proc = proc
        self._times = self._read_times()

    def facts(self) -> dict[str, Any]:
        """Return the object ``host`` of the pulse; what cannot be read is null. Sizes in bytes."""
        memory = self._memory()
        total, available = memory.get("MemTotal"), memory.get("MemAvailable")
        used = None if total is None or available is None else total - available
        try:
            disk = shutil.disk_usage(self._disk)
        except OSError:
            disk = None
        return {
            "cpus": os.cpu_count(),
            "cpu_percent": self._busy(),
            "ram_total": total,
            "ram_used": used,
            "disk_total": disk and disk.total,
            "disk_free": disk and disk.free,
            "gpu": gpu(),
        }

    def _busy(self) -> int | None:
        before, self._times = self._times, self._read_times()
        if before is None or self._times is None:
            return None
        idle, total = (now - then for now, then in zip(self._times, before, strict=True))
        return round(100 * (1 - idle / total)) if total > 0 else None

    def _read_times(self) -> tuple[int, int] | None:
        """Return the processors' (idle, whole) time since the start."""
        try:
            first = (self._proc / "stat").read_text(encoding="ascii").split("\n", 1)[0]
            times = [int(value) for value in first.split()[1:9]]
            return times[3] + times[4], sum(times)
        except (OSError, ValueError, IndexError):
            return None

    def _memory(self) -> dict[str, int]:
        try:
            lines = (self._proc / "meminfo").read_text(encoding="ascii").splitlines()
        except OSError:
            return {}
        rows = (line.split() for line in lines)
        return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if len(row) > 1}


def gpu() -> dict[str, Any] | None:
    """Return the first GPU's name, memory and load, or None where nvidia-smi knows of none."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    query = "--query-gpu=name,memory.total,memory.used,utilization.gpu"
    try:
        done = subprocess.run(
            [tool, query, "--format=csv,noheader,nounits"],
            check=True,
            capture_output=True,
            text=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return read_gpu(done.stdout)


def read_gpu(text: str) -> dict[str, Any] | None:
    """Read nvidia-smi's first line; figures that it does not know are null."""
    cells = [cell.strip() for cell in text.split("\n", 1)[0].split(",")]
    if len(cells) != 4:
        return None
    total, used, percent = (int(cell) if cell.isdigit() else None for cell in cells[1:])
    megabyte = 2**20
    return {
        "name": cells[0],
        "memory_total": None if total is None else total * megabyte,
        "memory_used": None if used is None else used * megabyte,
        "percent": percent,
    }
