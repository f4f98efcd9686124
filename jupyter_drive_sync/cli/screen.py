"""Writing to the terminal: text for people, JSON for programs, one line of progress."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TextIO

from jupyter_drive_sync.cli.words import progress_text
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.service.status import Json

_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that make a terminal write from right to left."""


class Screen:
    """Where a command's output goes.

    Results go to standard output; errors, questions and progress to standard error. With JSON,
    standard output holds one JSON document and nothing else.

    Parameters
    ----------
    as_json : bool
        Whether a program reads standard output.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # A file name that the terminal cannot show must not end the command.
                stream.reconfigure(errors="backslashreplace")
        self._progress = ""

    def say(self, lines: Iterable[str]) -> None:
        """Write text for a person; nothing when a program reads."""
        if not self.as_json:
            self._write(sys.stdout, lines)

    def tell(self, lines: Iterable[str]) -> None:
        """Write text for a person to standard error, also when a program reads."""
        self._write(sys.stderr, lines)

    def result(self, data: Mapping[str, object], lines: Iterable[str]) -> None:
        """Write a command's result: `data` for a program, `lines` for a person."""
        if self.as_json:
            self.clear()
            sys.stdout.write(json.dumps(data, indent=2) + "\n")
            sys.stdout.flush()
        else:
            self.say(lines)

    def error(self, error: DriveSyncError, hint: str) -> None:
        """Write why a command failed and what the person can do."""
        data = {**error.as_json(), "hint": hint}
        if self.as_json:
            self.result({"error": data}, [])
        else:
            self.tell([error.message, *([hint] if hint else [])])

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, question: str) -> bool:
        """Ask for a yes; anything else is a no."""
        self.clear()
        sys.stderr.write(question + " [y/N] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
        return answer.strip().lower() in ("y", "yes")

    def progress(self, progress: Json | None) -> None:
        """Show how a run goes, in one line that is written over; on a terminal only."""
        if progress is None or not sys.stderr.isatty():
            return
        width = shutil.get_terminal_size().columns - 1
        line = clean(progress_text(progress))[:width]
        if line != self._progress:
            sys.stderr.write("\r" + line.ljust(len(self._progress)))
            sys.stderr.flush()
            self._progress = line

    def clear(self) -> None:
        """Take the progress line away."""
        if self._progress:
            sys.stderr.write("\r" + " " * len(self._progress) + "\r")
            sys.stderr.flush()
            self._progress = ""

    def _write(self, stream: TextIO, lines: Iterable[str]) -> None:
        self.clear()
        stream.write("".join(clean(line) + "\n" for line in lines))
        stream.flush()


def clean(text: str) -> str:
    """Return text that cannot steer a terminal: file names may hold anything."""
    text = os.fsencode(text).decode("utf-8", "replace")
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(char) == "Cc" or char in _TURNS_TEXT
        else char
        for char in text
    )
