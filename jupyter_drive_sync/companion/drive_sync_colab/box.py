"""The status box: what stands below the notebook's first cell, as HTML and as plain text."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

GOOD, NOTE, BAD, BUSY = "good", "note", "bad", "busy"

_SIGNS = {GOOD: "✓", NOTE: "•", BAD: "✗", BUSY: "…"}
# Each at least 3:1 on white and on Colab's dark grey: the page does not tell which it is.
_COLOURS = {GOOD: "#219a45", NOTE: "#80868b", BAD: "#ee4b3e", BUSY: "#4285f4"}
_TITLE = "Drive Sync"


@dataclass(frozen=True)
class Line:
    """One line of the box.

    Attributes
    ----------
    kind : str
        `GOOD`, `NOTE`, `BAD` or `BUSY`.
    text : str
        What is so.
    hint : str
        What to do.
    """

    kind: str
    text: str
    hint: str = ""


@dataclass
class Box:
    """Title and lines.

    Attributes
    ----------
    title : str
        The project's name, as far as it is known.
    """

    title: str = ""
    lines: list[Line] = field(default_factory=list)

    def add(self, kind: str, text: str, hint: str = "") -> None:
        """Add a line."""
        self.lines.append(Line(kind, text, hint))

    @property
    def ok(self) -> bool:
        """Whether nothing went wrong."""
        return all(line.kind != BAD for line in self.lines)

    def as_text(self) -> str:
        """Return the box for places without HTML."""
        head = f"{_TITLE}: {self.title}" if self.title else _TITLE
        rows = [head]
        for line in self.lines:
            rows.append(f"  {_SIGNS[line.kind]} {line.text}")
            rows += [f"    {line.hint}"] if line.hint else []
        return "\n".join(rows)

    def as_html(self) -> str:
        """Return the box as HTML; its colours go with light and dark pages."""
        rows = "".join(
            '<div style="display:flex;gap:8px;padding:1px 0">'
            '<span aria-hidden="true" style="flex:0 0 1.1em;text-align:center;font-weight:600;'
            f'color:{_COLOURS[line.kind]}">{_SIGNS[line.kind]}</span>'
            f"<span>{_word(line.kind)}{_linked(line.text)}"
            + (f'<br><span style="opacity:.75">{_linked(line.hint)}</span>' if line.hint else "")
            + "</span></div>"
            for line in self.lines
        )
        title = f" &middot; {escape(self.title)}" if self.title else ""
        return (
            '<div role="status" style="border:1px solid #9aa0a6;border-radius:8px;padding:8px 12px;'
            'max-width:720px;font:13px/1.5 Roboto,Arial,sans-serif">'
            f'<div style="font-weight:600;padding-bottom:2px">{_TITLE}{title}</div>{rows}</div>'
        )


def _word(kind: str) -> str:
    """Say in a word what the sign means, for those who do not see it."""
    if kind != BAD:
        return ""
    return '<span style="position:absolute;left:-9999px">Problem: </span>'


def _linked(text: str) -> str:
    return escape(text).replace("\n", "<br>")


class Screen:
    """Shows one box and changes it in place; prints it once where there is no IPython."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._shell = _shell()
        self.execution = _execution(self._shell)
        self._busy = ""

    def busy(self, box: Box, text: str) -> None:
        """Show the box with what is going on; the same words again change nothing."""
        if self._shell is not None and text != self._busy:
            self._busy = text
            self._show(Box(box.title, [*box.lines, Line(BUSY, text)]))

    def finish(self, box: Box) -> None:
        """Show the box as it stays."""
        if self._shell is None:
            sys.stdout.write(box.as_text() + "\n")
        else:
            self._show(box)

    def _show(self, box: Box) -> None:
        from IPython.display import display

        data = bundle_of(box)
        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def shown_in_this_cell(self) -> bool:
        """Say whether the cell that runs now is the one below which the box stands."""
        return self.execution is not None and self.execution == _execution(_shell())


def bundle_of(box: Box) -> Mapping[str, str]:
    """Return both forms, as the front end chooses between them."""
    return {"text/plain": box.as_text(), "text/html": box.as_html()}


def _shell() -> Any:  # noqa: ANN401 - IPython may not be there
    """Return the kernel's shell; None in a plain Python process."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None


def _execution(shell: Any) -> int | None:  # noqa: ANN401
    return None if shell is None else int(shell.execution_count)
