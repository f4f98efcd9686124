"""The ignore rules against git and rclone themselves, on generated trees and patterns."""

# ruff: noqa: E501

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jupyter_drive_sync.errors import IgnorePatternInvalid
from jupyter_drive_sync.files.ignore import DEFAULTS, ProjectIgnore

RCLONE = Path(sys.executable).with_name("rclone")

SOAK = os.environ.get("DRIVE_SYNC_SOAK") == "1"
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "RCLONE_CONFIG": "",
    "LC_ALL": "C.UTF-8",
}

NAMES = [
    "a", "b", "ab", "abc", "a.b", ".a", "..a", "x", "foo", "foobar", "bar", "a b", "a ", " a",
    "é", "aé", "日", "日本.txt", "e\u0301", "😀", "[a]", "[", "]", "!a", "#a", "{a,b}", "{{a}}", "}", "a*",
    "*", "**", "?", "\\", "a\\b", "-", "a-b", "^", "1", "9z", "Z", "~a", "a.py", "a.csv", "keep.csv",
    "$", "(a)", "+", "a|b", "%", "'", '"', "`", ";a", "&", "=", ",", "@",
]  # fmt: skip
PIECES = [
    "a", "b", "x", "foo", "bar", "é", "日", "😀", ".", " ", "-", "*", "*", "*", "?", "?", "**", "**", "/", "/", "/",
    "**/", "/**", "/**/", "[ab]", "[!a]", "[^a]", "[a-c]", "[!a-c]", "[]a]", "[!]a]", "[a-]", "[\\]]", "[\\\\]",
    "[[:alpha:]]", "[![:alnum:]_]", "[[:punct:]]", "[[]", "[a/b]", "[*]", "[?]", "[-a]", "[--0]", "[z-a]",
    "\\*", "\\?", "\\[", "\\a", "\\ ", "\\\\", "\\!", "\\#", "\\/", "{a,b}", "{", "}", "}}", "(", ")", "|", "+", "$", "^",
    "!", "#", ".csv", "keep", "csv", "py", "a.b", ";", ",", "~",
]  # fmt: skip

names = st.sampled_from(NAMES)
paths = st.lists(names, min_size=1, max_size=4).map("/".join)
trees = st.lists(paths, min_size=4, max_size=24)
lines = st.builds(
    lambda negated, anchored, pieces, folders, spaces: (
        negated + anchored + "".join(pieces) + folders + spaces
    ),
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.one_of(
        st.lists(st.sampled_from(PIECES), min_size=1, max_size=5),
        st.lists(names, min_size=1, max_size=1),
        st.lists(names, min_size=2, max_size=3).map(lambda parts: ["/".join(parts)]),
    ),
    st.sampled_from(["", "", "/"]),
    st.sampled_from(["", "", "", " ", "  ", "\r"]),
)
pattern_files = st.lists(lines, min_size=1, max_size=6)


class Arena:
    """A git repository with no files of its own in which trees are grown and asked about."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ignore-")
        self.top = Path(self._folder.name)
        self._number = 0
        self._grown: dict[tuple[str, ...], tuple[Path, list[str], list[str]]] = {}
        self.repository = self.top / "git"
        subprocess.run(
            ["git", "init", "-q", "--template=", self.repository], check=True, env=ENVIRONMENT
        )

    def grow(self, wanted: list[str]) -> tuple[Path, list[str], list[str]]:
        """Make the files that can be made beside each other; return the tree and what is in it."""
        known = self._grown.get(tuple(wanted))
        if known is not None:
            return known
        self._number += 1
        tree = self.top / f"tree{self._number}"
        tree.mkdir()
        for path in wanted:
            file = tree / path
            try:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.touch()
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                continue
        files, folders = [], []
        for place, below, here in os.walk(tree):
            prefix = "" if place == str(tree) else os.path.relpath(place, tree) + "/"
            files += [prefix + name for name in here]
            folders += [prefix + name for name in below]
        self._grown[tuple(wanted)] = tree, sorted(files), sorted(folders)
        return self._grown[tuple(wanted)]

    def git_says(self, tree: Path, patterns: str, asked: list[str]) -> set[str]:
        """Which of the paths `git check-ignore` calls ignored."""
        excludes = self.top / "excludes"
        excludes.write_bytes(patterns.encode())
        answer = subprocess.run(
            [
                "git", f"--git-dir={self.repository / '.git'}", f"--work-tree={tree}",
                "-c", f"core.excludesFile={excludes}", "-c", "core.ignoreCase=false",
                "check-ignore", "--no-index", "--stdin", "-z",
            ],
            cwd=tree, input="\0".join(f"./{path}" for path in asked).encode(), capture_output=True, env=ENVIRONMENT, check=False,
        )  # fmt: skip
        assert answer.returncode in (0, 1), answer.stderr
        return {path.removeprefix("./") for path in answer.stdout.decode().split("\0") if path}

    def git_lists(self, tree: Path, patterns: str) -> set[str]:
        """Which files `git ls-files` would add, with the patterns alone."""
        excludes = self.top / "excludes"
        excludes.write_bytes(patterns.encode())
        answer = subprocess.run(
            [
                "git", f"--git-dir={self.repository / '.git'}", f"--work-tree={tree}",
                "-c", "core.ignoreCase=false", "ls-files", "-o", "-z", f"--exclude-from={excludes}",
            ],
            cwd=tree, capture_output=True, env=ENVIRONMENT, check=True,
        )  # fmt: skip
        return set(answer.stdout.decode().split("\0")) - {""}

    def rclone_lists(self, tree: Path, ignore: ProjectIgnore) -> set[str]:
        """Which files rclone leaves in, given our filter rules."""
        rules = self.top / "rules"
        rules.write_text("\n".join(ignore.filters) + "\n")
        answer = subprocess.run(
            [RCLONE, "lsf", "-R", "--files-only", "--filter-from", rules, tree],
            capture_output=True, env=ENVIRONMENT, check=True,
        )  # fmt: skip
        return set(answer.stdout.decode().split("\n")) - {""}


@pytest.fixture(scope="module")
def arena():
    return Arena()


def agree(arena: Arena, wanted: list[str], patterns: str, *, with_rclone: bool = True) -> None:
    try:
        ignore = ProjectIgnore(patterns)
    except IgnorePatternInvalid:
        return
    tree, files, folders = arena.grow(wanted)
    everything = DEFAULTS + patterns
    ignored = arena.git_says(tree, everything, files + folders)
    assert {path for path in files if ignore.ignores(path)} == ignored & set(files)
    assert {path for path in folders if ignore.ignores(path, folder=True)} == ignored & set(folders)
    kept = set(files) - ignored
    assert arena.git_lists(tree, everything) == kept
    if with_rclone:
        assert arena.rclone_lists(tree, ignore) == kept, ignore.filters


@settings(
    max_examples=1000 if SOAK else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(wanted=trees, chosen=pattern_files)
@example(wanted=["foobar", "foo/bar", "foox/bar", "foo/x/bar"], chosen=["foo**/bar"])
@example(wanted=["a.csv", "keep.csv", "keep.csv/a.csv", "x.csv/b"], chosen=["*.csv", "!keep.csv"])
@example(wanted=["a/b.py", "a/c.txt", "x.py", "a/b/c.py"], chosen=["*", "!*/", "!*.py"])
@example(wanted=["é", "aé", "日", "ab", "a"], chosen=["??"])
@example(wanted=["é", "aé", "日", "ab", "a"], chosen=["?*?"])
@example(wanted=["é", "日", "😀", "x"], chosen=["[!a][!b]"])
@example(wanted=["}", "a/}", "{{a}}", "x"], chosen=["}", "{{a}}"])
@example(wanted=["data/a/x", "data/keep/x", "data/x"], chosen=["data/*", "!data/keep/"])
@example(wanted=["a/b/x", "a/x/b", "a/b", "a/x/y/b"], chosen=["a/**/b", "!a/x/**"])
def test_git_rclone_and_the_listing_leave_out_the_same_files(arena, wanted, chosen):
    agree(arena, wanted, "\n".join(chosen) + "\n")


@settings(
    max_examples=3000 if SOAK else 100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(wanted=trees, chosen=pattern_files)
def test_git_and_the_listing_leave_out_the_same_files(arena, wanted, chosen):
    agree(arena, wanted, "\n".join(chosen), with_rclone=False)


@settings(
    max_examples=3000 if SOAK else 100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(line=lines)
def test_each_pattern_alone_matches_what_git_matches_among_all_nasty_names(arena, line):
    wanted = [*NAMES, *(f"foo/{name}" for name in NAMES), "a b/x/foo", "x/é/a", "a.b/foo/bar/x/b"]
    wanted = [path for path in wanted if path not in {"foo", "a b", "x", "a.b"}]
    agree(arena, wanted, line, with_rclone=False)


def test_each_character_class_holds_what_git_puts_into_it(arena):
    every = [chr(code) for code in range(1, 128) if chr(code) not in "./\n"]
    every += [f"n{code}" for code in ("é", "日")]
    kinds = [
        "alnum",
        "alpha",
        "blank",
        "cntrl",
        "digit",
        "graph",
        "lower",
        "print",
        "punct",
        "space",
        "upper",
        "xdigit",
    ]
    for kind in kinds:
        agree(arena, every, f"[[:{kind}:]]", with_rclone=False)
        agree(arena, every, f"[^[:{kind}:]]", with_rclone=False)


def test_rclone_follows_single_byte_wildcards_through_every_ascii_name(arena):
    every = [chr(code) for code in range(33, 127) if chr(code) not in "./"]
    for pattern in ("?", "[!a-m]", "[ -~]", "[[:punct:]]"):
        agree(arena, every, pattern)


@pytest.mark.parametrize("folder", [".venv", "node_modules", "data"])
def test_rclone_does_not_walk_into_ignored_folders(arena, folder):
    tree, _, _ = arena.grow([f"{folder}/deep/er/file", "kept/file"])
    ignore = ProjectIgnore("data/*\n!data/nothing\ndata/\n*.csv\n!keep.csv\n")
    rules = arena.top / "rules"
    rules.write_text("\n".join(ignore.filters) + "\n")
    answer = subprocess.run(
        [RCLONE, "lsf", "-R", "-vv", "--filter-from", rules, tree],
        capture_output=True, env=ENVIRONMENT, check=True, text=True,
    )  # fmt: skip
    assert f"{folder}: Excluded" in answer.stderr
    assert "deep" not in answer.stderr + answer.stdout


def test_the_rules_work_as_arguments_too(arena):
    tree, files, _ = arena.grow(["a b", "a,b", "{x}", "-x", "keep", "sub/a b", "tail "])
    ignore = ProjectIgnore("a b\na,b\n{x}\n-x\ntail\\ \n")
    arguments = [part for rule in ignore.filters for part in ("--filter", rule)]
    answer = subprocess.run(
        [RCLONE, "lsf", "-R", "--files-only", *arguments, tree],
        capture_output=True, env=ENVIRONMENT, check=True, text=True,
    )  # fmt: skip
    assert set(answer.stdout.splitlines()) == {"keep"}
    assert len(files) == 7


def test_our_own_folder_is_beyond_the_persons_patterns(arena):
    tree, files, _ = arena.grow(
        [
            ".drive-sync/drive-sync.json",
            ".drive-sync/companion/a.py",
            ".drive-sync/.~temporary",
            ".drive-sync/staging/run/nb.ipynb",
            ".drive-sync/runtimes/one.json",
            "x/data.bin.1a2b.drive-sync-part",
            ".hidden",
        ]
    )
    for text in ("", ".*\n*\n", "!*\n!.drive-sync/staging/\n!*.drive-sync-part\n!.~*\n"):
        ignore = ProjectIgnore(text)
        kept = {path for path in files if not ignore.ignores(path)}
        own = {".drive-sync/drive-sync.json", ".drive-sync/companion/a.py"}
        assert kept - {".hidden"} == own
        assert (".hidden" in kept) == ("." not in text[:1])
        assert arena.rclone_lists(tree, ignore) == kept
