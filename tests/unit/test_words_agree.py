"""One word for one thing: the terminal and the sidebar say the same."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_drive_sync.engine.states import State

WORDS = Path(__file__).resolve().parents[2] / "src" / "words" / "states.ts"
TITLE = re.compile(
    r"case '(\w+)':\s*return \{\s*title: trans\.__\((?:'((?:[^'\\]|\\.)*)'|\"([^\"]*)\")\)"
)


def test_the_terminal_names_each_state_as_the_sidebar_does() -> None:
    found = TITLE.findall(WORDS.read_text("utf-8"))
    titles = {word: single or double for word, single, double in found}
    assert titles == {state.value: state.sentence for state in State}
