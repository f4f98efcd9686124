"""Adding lines to .driveignore, counting what it leaves out, and how long a first sync takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_drive_sync.engine.estimate import estimate_seconds
from jupyter_drive_sync.engine.ignoring import with_lines
from jupyter_drive_sync.engine.models import Plan, Step, StepKind
from jupyter_drive_sync.errors import FolderInvalid, IgnorePatternInvalid
from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.files.ignore_file import FolderIgnoreFile
from jupyter_drive_sync.ports.ignoring import LeftOut
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.projects import RemoteKind


@pytest.mark.parametrize(
    ("before", "lines", "after"),
    [
        (None, ["data/"], b"data/\n"),
        (b"", ["data/", "*.zip"], b"data/\n*.zip\n"),
        (b"# mine\nout/", ["data/"], b"# mine\nout/\ndata/\n"),
        (b"out/\r\n", ["data/"], b"out/\r\ndata/\r\n"),
        (b"out/\ndata/", ["data/", " ", "data/"], b"out/\ndata/"),
        (b"out/\n", ["new/", "new/"], b"out/\nnew/\n"),
        (None, [], b""),
        (b"\xff not text", [], b"\xff not text"),
    ],
)
def test_lines_are_added_at_the_end_once(
    before: bytes | None, lines: list[str], after: bytes
) -> None:
    assert with_lines(before, lines) == after


@pytest.mark.parametrize("line", ["two\nlines", "return\r", "no\udcfftext"])
def test_a_line_that_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(IgnorePatternInvalid) as caught:
        with_lines(b"one\n", ["fine/", line])
    assert caught.value.line == 3


def test_a_pattern_that_cannot_be_followed_is_named_with_its_line(tmp_path: Path) -> None:
    file = FolderIgnoreFile(tmp_path)
    with pytest.raises(IgnorePatternInvalid) as caught:
        file.parse(with_lines(b"out/\n", ["data["]))
    assert caught.value.line == 2
    assert "data[" in caught.value.message


def test_the_file_is_read_and_written_whole(tmp_path: Path) -> None:
    file = FolderIgnoreFile(tmp_path)
    assert file.content() is None
    file.write(b"data/\n")
    assert file.content() == b"data/\n"
    assert [path.name for path in tmp_path.iterdir()] == [".driveignore"]


def test_what_is_no_file_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / ".driveignore").mkdir()
    with pytest.raises(FolderInvalid):
        FolderIgnoreFile(tmp_path).content()


def project(root: Path) -> FolderIgnoreFile:
    for path, size in {
        "train.py": 10,
        "data/a.bin": 100,
        "data/deep/b.bin": 200,
        "src/__pycache__/x.pyc": 30,
        "src/old.zip": 4,
        ".drive-sync/staging/half": 5000,
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(bytes(size))
    return FolderIgnoreFile(root)


def test_what_is_left_out_is_counted_without_our_own_files(tmp_path: Path) -> None:
    file = project(tmp_path)
    assert file.left_out(ProjectIgnore()) == LeftOut(1, 1, 30)
    assert file.left_out(ProjectIgnore("data/\n*.zip")) == LeftOut(4, 2, 334)


def test_a_huge_tree_is_not_walked_to_its_end(tmp_path: Path) -> None:
    file = project(tmp_path)
    found = file.left_out(ProjectIgnore("data/"), most=2)
    assert not found.complete
    assert found.files <= 3
    assert not file.left_out(ProjectIgnore("data/"), seconds=0).complete


def plan(*sizes: int, kind: StepKind = StepKind.PUSH) -> Plan:
    version = [Version(size, 0) for size in sizes]
    return Plan(
        tuple(
            Step(kind, str(n), local=one if kind is StepKind.PUSH else None, remote=one)
            for n, one in enumerate(version)
        )
    )


def test_many_small_files_take_two_a_second_on_drive() -> None:
    assert estimate_seconds(plan(*[100] * 600), RemoteKind.DRIVE) == 301
    assert estimate_seconds(plan(*[100] * 600, kind=StepKind.PULL), RemoteKind.DRIVE) == 76


def test_a_big_file_takes_as_long_as_its_bytes() -> None:
    assert estimate_seconds(plan(400_000_000), RemoteKind.DRIVE) == 101


def test_nothing_takes_no_time_and_of_other_places_nothing_is_said() -> None:
    assert estimate_seconds(plan(), RemoteKind.DRIVE) == 0
    assert estimate_seconds(plan(1), RemoteKind.FOLDER) is None
    assert estimate_seconds(plan(1), RemoteKind.OTHER) is None
