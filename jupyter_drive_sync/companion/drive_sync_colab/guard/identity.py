"""Which process the guard is: numbers of processes are given out again, their birth is not."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """A process.

    Attributes
    ----------
    pid : int
        Its number.
    born : int
        When it was started, in the kernel's ticks since the machine was.
    """

    pid: int
    born: int

    @classmethod
    def of(cls, pid: int) -> Identity | None:
        """Return who runs under this number now; None if nobody does."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        except OSError:
            return None
        # The name before it may hold anything, blanks and brackets too.
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in ("Z", "X") else cls(pid, int(fields[19]))

    @classmethod
    def read(cls, place: Path) -> Identity | None:
        """Return what was written there; None if that is nothing of ours.

        Guards of earlier versions wrote their number alone: whoever has it now is meant, if it is a
        guard of the same folder.
        """
        try:
            pid, *born = map(int, place.read_text(encoding="ascii").split())
            if born:
                return cls(pid, *born)
        except (OSError, ValueError, TypeError):
            return None
        return cls.of(pid) if _guards(pid, place.parent) else None

    def as_text(self) -> str:
        """Return it as its file holds it."""
        return f"{self.pid} {self.born}"

    def runs(self) -> bool:
        """Tell whether it is this very process that has the number now."""
        return Identity.of(self.pid) == self


def _guards(pid: int, folder: Path) -> bool:
    """Tell whether the process was started as the guard of this folder."""
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    *_, module, place, last = [b"", b"", *line.split(b"\0")]
    return last == b"" and module.endswith(b".guard") and place == os.fsencode(folder)
