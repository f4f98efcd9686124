"""Names and kinds of files that are hard to bring to the other side."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import unicodedata
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.models import HoldReason
from jupyter_drive_sync.engine.run import preview
from tests.engine.conftest import FILES
from tests.engine.ledger import Ledger
from tests.engine.trouble import settle_down
from tests.engine.world import World

ODD = (
    "'single' \"double\" `back`.txt",
    ".hidden",
    " leading space.txt",
    "trailing space ",
    "trailing dot.",
    "tab\there.txt",
    "100% [x] {y} *z*?.txt",
    "-dash.txt",
    "#hash & semi;colon.txt",
    "back\\slash.txt",
    "\N{SMILING FACE WITH SMILING EYES}\N{HEAVY BLACK HEART}\N{VARIATION SELECTOR-16}.txt",
    "数据/标签.csv",
    "\N{FULLWIDTH SOLIDUS}\N{SYMBOL FOR NEWLINE}.txt",
    "n" * 255,
    "é" * 127,
)


@pytest.mark.skipif(sys.platform != "linux", reason="names that other disks do not take")
def test_odd_names_travel_both_ways_and_are_edited_renamed_and_deleted(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    for number, name in enumerate(ODD):
        world.save(f"here/{name}", b"here %d" % number)
        world.save(f"go/{name}", b"to be deleted %d" % number)
    settle_down(world, ledger, tmp_path / "data")
    ids = {name: world.drive.find_all(f"ml/spam/here/{name}") for name in ODD}
    assert all(len(found) == 1 for found in ids.values())
    for number, name in enumerate(ODD):
        world.save(f"here/{name}", b"edited here %d" % number)
    shutil.rmtree(world.local / "go")
    world.drive.mkdir("ml/spam/there")
    for number, (name, found) in enumerate(ids.items()):
        world.drive.add(f"ml/spam/there/{name}", b"there %d" % number, 1_700_009_000)
        assert world.drive.find_all(f"ml/spam/here/{name}")[0].id == found[0].id
    world.sync(consent=preview(world.opened.session).plan.hash)
    settle_down(world, ledger, tmp_path / "data")
    here = world.here()
    for number, name in enumerate(ODD):
        assert here[f"here/{name}"] == b"edited here %d" % number
        assert here[f"there/{name}"] == b"there %d" % number
        assert f"go/{name}" not in here


def test_a_name_with_a_line_break_is_held_and_the_rest_goes_on(world: World) -> None:
    if sys.platform == "win32":
        pytest.skip("no such name on Windows")
    world.save("line\nbreak.txt", b"here")
    world.save("model.py", b"w = 2\n")
    report = world.sync()
    assert [(step.path, step.reason) for step in report.holds] == [
        ("line\nbreak.txt", HoldReason.NAME_UNUSABLE)
    ]
    assert world.there()["model.py"] == b"w = 2\n"
    (world.local / "line\nbreak.txt").rename(world.local / "line break.txt")
    assert world.sync().holds == ()
    assert world.there()["line break.txt"] == b"here"


def test_a_slash_in_a_name_on_drive_is_no_folder(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    world.colab("km\N{FULLWIDTH SOLIDUS}h.csv", b"speed")
    assert world.drive.find("ml/spam/km\N{FULLWIDTH SOLIDUS}h.csv").name == "km/h.csv"
    settle_down(world, ledger, tmp_path / "data")
    assert world.here()["km\N{FULLWIDTH SOLIDUS}h.csv"] == b"speed"
    assert not (world.local / "km").exists()


def test_twins_in_how_accents_are_stored_are_held_and_the_rest_goes_on(world: World) -> None:
    composed = "caf\N{LATIN SMALL LETTER E WITH ACUTE}.txt"
    apart = unicodedata.normalize("NFD", composed)
    world.colab(composed, b"composed")
    world.colab(apart, b"apart")
    world.save("model.py", b"w = 2\n")
    report = world.sync()
    assert {step.path for step in report.holds} == {composed, apart}
    assert world.there()["model.py"] == b"w = 2\n"
    assert composed not in world.here()
    world.drive.rename(f"ml/spam/{apart}", "tea.txt")
    world.sync()
    assert world.here()[composed] == b"composed"
    assert world.here()["tea.txt"] == b"apart"


@pytest.mark.skipif(sys.platform != "linux", reason="disks that tell cases apart")
def test_twins_in_case_travel_as_two_files(world: World, ledger: Ledger, tmp_path: Path) -> None:
    world.save("Data.csv", b"large")
    world.save("data.csv", b"small")
    world.colab("Net.py", b"large there")
    world.colab("net.py", b"small there")
    settle_down(world, ledger, tmp_path / "data")
    for name, content in (
        *(("Data.csv", b"large"), ("data.csv", b"small")),
        *(("Net.py", b"large there"), ("net.py", b"small there")),
    ):
        assert world.here()[name] == world.there()[name] == content


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_links_are_neither_followed_nor_replaced(world: World, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "private.txt").write_bytes(b"private")
    for name, target in (
        ("out", tmp_path / "outside"),
        ("out.txt", tmp_path / "outside" / "private.txt"),
        ("in.py", world.local / "model.py"),
        ("loop", world.local),
        ("broken", tmp_path / "nowhere"),
    ):
        (world.local / name).symlink_to(target)
    world.colab("out/private.txt", b"from Colab\n")
    world.colab("in.py", b"from Colab\n")
    world.colab("broken", b"from Colab\n")
    world.save("new.py", b"new\n")
    report = world.sync()
    assert world.there()["new.py"] == b"new\n"
    assert (tmp_path / "outside" / "private.txt").read_bytes() == b"private"
    assert world.here()["model.py"] == FILES["model.py"]
    assert not (tmp_path / "nowhere").exists()
    assert b"private" not in world.there().values()
    assert {"in.py", "broken"} <= {step.path for step in report.holds}
    assert all((world.local / name).is_symlink() for name in ("out", "in.py", "loop", "broken"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("kind", ["link", "folder", "pipe", "socket"])
def test_a_file_that_became_a_link_a_folder_a_pipe_or_a_socket_is_held_and_heals(
    kind: str, world: World, ledger: Ledger, tmp_path: Path
) -> None:
    for path in FILES:
        (world.local / path).unlink()
        make(kind, world.local / path)
    world.save("new.py", b"new\n")
    world.colab("model.py", b"edited by Colab meanwhile\n")
    for _ in range(2):
        report = world.sync()
        assert {step.path: step.reason for step in report.holds if step.path in FILES} == (
            dict.fromkeys(FILES, HoldReason.KIND_CHANGED)
        )
        assert {path: world.there()[path] for path in FILES} == {
            **FILES,
            "model.py": b"edited by Colab meanwhile\n",
        }
        assert world.there()["new.py"] == b"new\n"
    for path in FILES:
        place = world.local / path
        shutil.rmtree(place) if kind == "folder" else place.unlink()
    world.save("train.ipynb", b"a file again\n")
    world.sync(consent=preview(world.opened.session).plan.hash)
    settle_down(world, ledger, tmp_path / "data")
    assert world.here()["train.ipynb"] == b"a file again\n"
    assert world.here()["model.py"] == b"edited by Colab meanwhile\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_pipes_and_sockets_are_left_out_and_hold_up_nothing(
    kind: str, world: World, ledger: Ledger, tmp_path: Path
) -> None:
    make(kind, world.local / "data" / "special")
    world.save("new.py", b"new\n")
    report = world.sync()
    assert report.holds == report.failures == ()
    assert report.plan.left_out == (("data/special", "special"),)
    assert world.there()["new.py"] == b"new\n"
    world.colab("data/special", b"from Colab\n")
    assert {step.path: step.reason for step in world.sync().holds} == {
        "data/special": HoldReason.KIND_CHANGED
    }
    (world.local / "data" / "special").unlink()
    settle_down(world, ledger, tmp_path / "data")
    assert world.here()["data/special"] == b"from Colab\n"


def make(kind: str, place: Path) -> None:
    """Make something that is no file."""
    if kind == "link":
        place.symlink_to(place.parent / "elsewhere")
    elif kind == "folder":
        place.mkdir()
        (place / "inside.txt").write_bytes(b"inside")
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        before = Path.cwd()
        os.chdir(place.parent)  # the whole path may be too long
        try:
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(place.name)
        finally:
            os.chdir(before)
