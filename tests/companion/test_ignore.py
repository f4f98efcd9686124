"""The runtime leaves out what the half at home leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab.ignore import Rules, Wanted
from jupyter_drive_sync.errors import IgnorePatternInvalid
from jupyter_drive_sync.files.ignore import ProjectIgnore

NAMES = st.text("ab.é-]~1", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PIECES = st.sampled_from(
    [
        *"ab.é/*?!-] ~1",
        *("**", "/**/", "**/", "/**", "[ab]", "[!a]", "[^b-a]", "[a-b]", "[]a]", "[a-]", "[!/]"),
        *("[[:alpha:]]", "[[:punct:]]", "[\\]]", "[", "\\*", "\\ ", "#"),
    ]
)
PATTERNS = st.lists(PIECES, min_size=1, max_size=6).map("".join)


@given(patterns=st.lists(PATTERNS, max_size=3), path=PATHS, folder=st.booleans())
def test_both_halves_read_patterns_alike(patterns, path, folder):
    text = "\n".join(patterns)
    rules = Rules(text)
    try:
        home = ProjectIgnore(text)
    except IgnorePatternInvalid:
        assert rules.left_out
        return
    assert rules.left_out == []
    assert rules.ignores(path, folder=folder) == home.ignores(path, folder=folder)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.bin", "deep/a.bin", True),
        ("/data/", "data/x/y", True),
        ("/data/", "src/data/x", False),
        ("data/*.csv", "data/a.csv", True),
        ("**/raw", "a/b/raw/c", True),
        ("!x", "x", False),
    ],
)
def test_patterns(pattern, path, expected):
    assert Rules(pattern).ignores(path) is expected


def test_everything_is_wanted_unless_something_is_named():
    assert "a" in Wanted(None)
    assert "src/a.py" in Wanted(["src/"])
    assert "a.py" not in Wanted(["src/"])
    assert "a" not in Wanted([])
