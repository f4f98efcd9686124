"""`link`: leaving things out from the beginning."""

from __future__ import annotations

from jupyter_drive_sync.cli.first import first_lines
from jupyter_drive_sync.cli.words import lasting
from tests.integration.cli_support import CommandLine, contents


def test_patterns_are_added_to_the_ignore_file_before_anything_moves(cli: CommandLine) -> None:
    (cli.local / "data").mkdir()
    (cli.local / "data" / "raw.bin").write_text("big")
    (cli.local / "train.py").write_text("code")
    ended = cli(
        "link", cli.local, cli.remote, "--ignore", "data/", "--ignore", "# why not", "--yes"
    )
    assert ended.code == 0, ended.err
    assert contents(cli.remote) == {"train.py": "code", ".driveignore": "data/\n# why not\n"}


def test_a_pattern_that_cannot_be_followed_links_nothing(cli: CommandLine) -> None:
    (cli.local / "train.py").write_text("code")
    ended = cli("link", cli.local, cli.remote, "--ignore", "data[", "--yes", "--json")
    assert ended.code == 1
    assert ended.error["code"] == "ignore_pattern_invalid"
    assert cli.projects == []
    assert contents(cli.local) == {"train.py": "code"}
    assert not cli.remote.exists()


def test_what_nobody_can_be_asked_about_is_told_with_its_patterns(cli: CommandLine) -> None:
    ended = cli("link", cli.local, cli.remote, "--ignore", "my data/")
    assert ended.code == 2
    assert "--ignore 'my data/'" in ended.err


def plan(**more: object) -> dict[str, object]:
    return {"ignored": None, "estimate_seconds": None, "suggestions": [], **more}


def test_a_small_first_sync_says_no_more_than_the_plan() -> None:
    left_out = {"files": 0, "folders": 0, "bytes": 0, "more": False}
    assert first_lines(plan(ignored=left_out, estimate_seconds=20)) == []


def test_a_long_first_sync_says_how_long_and_what_to_leave_out() -> None:
    left_out = {"files": 50000, "folders": 3, "bytes": 2_000_000, "more": True}
    one = {"pattern": "my env/", "reason": "environment", "files": 9000, "bytes": 3_000_000_000}
    assert first_lines(plan(ignored=left_out, estimate_seconds=5400, suggestions=[one])) == [
        "  more than 50,000 files left out, 2.0 MB",
        "  takes about 90 min; it can be stopped and goes on later",
        "Leave these out, perhaps, with --ignore:",
        "  --ignore 'my env/'  (an environment: 9,000 files, 3.0 GB)",
    ]


def test_a_time_is_told_in_the_unit_that_fits() -> None:
    assert [lasting(n) for n in (61, 600, 7200, 36000)] == [
        "61 s",
        "10 min",
        "2 h",
        "10 h",
    ]
