"""The runtime leaves out what the half at home leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab.ignore import BUILT_IN, Rules, Wanted
from jupyter_drive_sync.errors import IgnorePatternInvalid
from jupyter_drive_sync.files.ignore import DEFAULTS, ProjectIgnore

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


def test_what_home_always_leaves_out_the_runtime_leaves_out_too():
    runs = {"/outputs/run-????????-??????-????/"}
    assert set(BUILT_IN.split()) - runs == set(DEFAULTS.split()) - runs
    assert Rules().ignores("outputs/run-20261121-164000-ab12/model.pt")
    assert not Rules().ignores("outputs/table.csv")


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
