"""Reading .driveignore; the agreement with git is tested in tests/integration."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_drive_sync.errors import IgnorePatternInvalid
from jupyter_drive_sync.files.gitignore import AnyPath, Char, Folders, OneByte, Star
from jupyter_drive_sync.files.ignore import ProjectIgnore, _regex, _SetMatcher

TOKENS = [
    *map(Char, "ab/é"),
    OneByte(frozenset(b"ab"), high=True),
    OneByte(frozenset(b"a"), high=False),
    Star(),
    AnyPath(),
    Folders(),
]


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        (".ipynb_checkpoints", True),
        ("a/.ipynb_checkpoints/x.ipynb", False),
        (".git/config", False),
        (".venv/bin/python", False),
        ("venv/lib/x", False),
        ("web/node_modules/a/b.js", False),
        ("a/__pycache__/m.pyc", False),
        ("a/.DS_Store", False),
        (".~notebook.ipynb", False),
        (".drive-sync/staging", True),
        (".drive-sync/staging/run/x", False),
        (".drive-sync/runtimes/x.json", False),
        ("big.bin.1a2b.drive-sync-part", False),
    ],
)
def test_these_are_left_out_without_being_asked(path, folder):
    assert ProjectIgnore().ignores(path, folder=folder)


@pytest.mark.parametrize(
    "path",
    [
        "venv",  # a file
        "notebook.ipynb",
        ".gitignore",
        ".driveignore",
        ".drive-sync/drive-sync.json",
        ".drive-sync/companion.zip",
        "~x",
        "git/x",
    ],
)
def test_these_are_not(path):
    assert not ProjectIgnore().ignores(path)


def test_the_person_can_take_a_default_back():
    ignore = ProjectIgnore("!node_modules/\n")
    assert not ignore.ignores("node_modules/a.js")
    assert not any("node_modules" in rule for rule in ignore.filters)


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("# fine\n\n*.csv\n[abc\n", 4, "never closed"),
        ("a\nb[[:nope:]]\n", 2, "no class"),
        ("a\\", 1, "backslash"),
        ("ok\n[é]\n", 2, "beyond ASCII"),
        ("a\n\nb\0c\n", 3, "NUL"),
        ("*\n" + "!" + "?" * 40 + "x\n", 2, "too involved"),
    ],
)
def test_a_pattern_that_cannot_be_followed_is_refused_with_its_line(text, line, part):
    with pytest.raises(IgnorePatternInvalid) as refused:
        ProjectIgnore(text)
    assert refused.value.line == line
    assert part in refused.value.message
    assert f"line {line}" in refused.value.message


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path):
    (tmp_path / ".driveignore").write_bytes(b"ok\nb\xe9\n")
    with pytest.raises(IgnorePatternInvalid) as refused:
        ProjectIgnore.read(tmp_path)
    assert refused.value.line == 2


def test_a_project_without_the_file_has_the_defaults_alone(tmp_path):
    assert ProjectIgnore.read(tmp_path).filters == ProjectIgnore().filters
    (tmp_path / ".driveignore").write_bytes("\ufeff*.csv\r\n".encode())
    assert ProjectIgnore.read(tmp_path).ignores("a.csv")


def test_common_patterns_become_short_rules():
    filters = ProjectIgnore("*.csv\n/data/raw/\nbuild\n").filters
    assert {"- *.csv", "- *.csv/**", "- /data/raw/**", "- build", "- build/**"} <= set(filters)
    assert all(rule.isascii() and rule.isprintable() for rule in filters)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TOKENS), max_size=7), st.text("ab/éü", max_size=7), st.booleans())
def test_following_all_ways_at_once_finds_what_the_expression_finds(tokens, text, cut):
    path = text.encode()[: -1 if cut else None]
    found = re.compile(_regex(tokens), re.DOTALL).fullmatch(path) is not None
    assert _SetMatcher(tokens)(path) == found


def test_no_pattern_makes_a_long_name_slow():
    begin = time.process_time()
    ignore = ProjectIgnore("*a*a*a*a*a*a*a*a*a*a*b\n**/a*/**/a*/**/x\n")
    assert not ignore.ignores("a" * 250)
    assert not ignore.ignores("/".join(["a" * 40] * 20))
    assert time.process_time() - begin < 2


def test_a_realistic_ignore_file_is_read_quickly():
    text = "\n".join(
        [f"dir{n}/" for n in range(40)]
        + [f"*.e{n}" for n in range(40)]
        + ["!important*.e1", "!keep/**", "data/*", "!data/labels.csv", "logs/**/*.log", "!*.e7"]
    )
    begin = time.process_time()
    ProjectIgnore(text)
    assert time.process_time() - begin < 3


def test_outputs_of_runs_are_left_out_whatever_a_person_writes():
    run = "outputs/run-20261121-164000-ab12"
    rules = ProjectIgnore("!outputs/\n!/outputs/**\n!*.pt\n")
    assert rules.ignores(run, folder=True)
    assert rules.ignores(f"{run}/checkpoints/a.pt")
    assert rules.ignores(f"{run}/manifest.jsonl")
    for path in (run, "outputs/a.pt", f"{run}x/a.pt", f"data/{run}/a.pt", "outputs/run-x/a.pt"):
        assert not rules.ignores(path), path
    assert not rules.ignores("outputs", folder=True)
