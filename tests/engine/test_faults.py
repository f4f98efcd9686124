"""The fault table of docs/developers/faults.md: disks, the Drive folder, clocks, size.

`DRIVE_SYNC_SOAK=1` adds a hundred thousand files.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import threading
import time
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.models import HoldReason, Plan, StepKind
from jupyter_drive_sync.engine.run import preview
from jupyter_drive_sync.engine.session import RunObserver
from jupyter_drive_sync.errors import (
    DiskFull,
    RemoteMissing,
    SideEmptied,
    WrongRemote,
)
from jupyter_drive_sync.ports.projects import MARKER_PATH
from tests.drive_emulator.emulator import DriveEmulator
from tests.drive_emulator.fixtures import GDrive
from tests.engine.conftest import FILES
from tests.engine.disks import ROOT_ON_LINUX, again_without_root, small_disk
from tests.engine.figures import Record, note
from tests.engine.ledger import Ledger
from tests.engine.processes import command_line, most_memory
from tests.engine.trouble import ROOT, SOAK, settle_down
from tests.engine.world import World, linked

BIG = 3_000_000
DAY = 86_400

root_on_linux = pytest.mark.skipif(
    not ROOT_ON_LINUX, reason="mounts a small disk, which takes root"
)


@root_on_linux
@pytest.mark.parametrize("full", ["project", "state"])
def test_a_full_disk_stops_the_run_and_heals_when_there_is_room(
    full: str, tmp_path: Path, led: GDrive, ledger: Ledger
) -> None:
    with (
        small_disk(tmp_path / ("spam" if full == "project" else "data"), 2_000_000) as small,
        linked(tmp_path, led, FILES) as world,
    ):
        disk = world.local if full == "project" else tmp_path / "data"
        for path, content in (("big.bin", b"0" * BIG), ("train.ipynb", b'{"cells": ["new"]}')):
            ledger.add(content, f"{path} there")
            world.colab(path, content)
        ledger.add(b"w = 2\n", "model.py here")
        world.save("model.py", b"w = 2\n")
        ballast = disk / ".drive-sync" / "ballast" if full == "project" else disk / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"0" * 1024)
        for _ in range(2):
            try:
                report = world.sync()
            except DiskFull:
                pass
            else:
                assert report.failures or full == "state"
            assert world.here()["model.py"] == b"w = 2\n"
            assert world.here()["train.ipynb"] in (FILES["train.ipynb"], b'{"cells": ["new"]}')
        small.resize(30_000_000)
        world.reopen()
        settle_down(world, ledger, tmp_path / "data")
        ballast.unlink()


def test_what_may_not_be_written_or_read_holds_up_nothing_else_and_heals(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A file and a folder that may not be read, a folder and a file that may not be written."""
    if again_without_root(request):
        return
    world: World = request.getfixturevalue("world")
    ledger: Ledger = request.getfixturevalue("ledger")
    for path in ("secret.txt", "closed/inside.csv", "model.py"):
        ledger.add(path.encode(), f"{path} here")
        world.save(path, path.encode())
    world.save("old/kept.csv", b"agreed\n")
    world.save("fixed.csv", b"agreed\n")
    settle_down(world, ledger, tmp_path / "data")
    for path in ("data/labels.csv", "data/new.csv", "train.ipynb", "fixed.csv", "closed/more.csv"):
        ledger.add(b"from Colab: " + path.encode(), f"{path} there")
        world.colab(path, b"from Colab: " + path.encode())
    world.drive.trash("ml/spam/old/kept.csv")
    world.save("secret.txt", b"edited, and closed\n")
    rights = {"secret.txt": 0, "closed": 0, "data": 0o555, "old": 0o555, "fixed.csv": 0o444}
    before = {path: (world.local / path).stat().st_mode for path in rights}
    for path, mode in rights.items():
        (world.local / path).chmod(mode)
    for number in range(2):
        world.save("model.py", b"goes up all the same %d\n" % number)
        report = world.sync()
        held = {step.path: step.reason for step in report.holds}
        assert held["secret.txt"] == held["closed"] == HoldReason.UNREADABLE
        assert {path for path, _ in report.failures} == {
            *("data/labels.csv", "data/new.csv", "old/kept.csv")
        }
        assert world.there()["model.py"] == b"goes up all the same %d\n" % number
        assert world.there()["closed/inside.csv"] == b"closed/inside.csv"
        assert (world.local / "train.ipynb").read_bytes() == b"from Colab: train.ipynb"
        assert (world.local / "data/labels.csv").read_bytes() == FILES["data/labels.csv"]
        assert (world.local / "old/kept.csv").read_bytes() == b"agreed\n"
        # Read-only says how she works with it: Colab's edit arrives all the same.
        assert (world.local / "fixed.csv").read_bytes() == b"from Colab: fixed.csv"
        assert stat.S_IMODE((world.local / "fixed.csv").stat().st_mode) == 0o444
    for path, mode in before.items():
        (world.local / path).chmod(mode)
    settle_down(world, ledger, tmp_path / "data")


def state_of(world: World) -> tuple[dict[str, bytes], dict[str, bytes]]:
    return world.here(), world.drive.tree()


def test_another_account_is_never_touched(
    world: World, led: GDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with DriveEmulator() as other:
        other.seed({"ml/spam/somebody's.txt": b"else's"})
        monkeypatch.setenv("HTTPS_PROXY", other.url)
        monkeypatch.setenv("https_proxy", other.url)
        monkeypatch.setenv("SSL_CERT_FILE", str(other.ca_file))
        other.write_config(led.config)
        before = world.here(), other.tree()
        world.save("model.py", b"w = 2\n")
        with pytest.raises((RemoteMissing, WrongRemote)):
            world.sync()
        assert other.tree() == before[1]
        assert world.here() == {**before[0], "model.py": b"w = 2\n"}


def test_a_renamed_drive_folder_stops_everything_until_it_is_back(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    world.drive.rename("ml/spam", "spam-old")
    world.save("model.py", b"w = 2\n")
    before = state_of(world)
    with pytest.raises(RemoteMissing):
        world.sync()
    assert state_of(world) == before
    world.drive.rename("ml/spam-old", "spam")
    settle_down(world, ledger, tmp_path / "data")


def test_an_emptied_drive_folder_deletes_nothing_without_consent(world: World) -> None:
    for path in FILES:
        world.drive.trash(f"ml/spam/{path}")
    with pytest.raises(SideEmptied):
        world.sync()
    assert world.here() == FILES
    world.sync(consent=preview(world.opened.session).plan.hash)
    assert world.here() == world.there() == {}


def test_a_drive_folder_emptied_with_its_marker_stops_everything(world: World) -> None:
    for path in (*FILES, MARKER_PATH):
        world.drive.trash(f"ml/spam/{path}")
    with pytest.raises(RemoteMissing):
        world.sync()
    assert world.here() == FILES


def test_a_file_that_only_the_first_listing_misses_is_not_deleted(world: World) -> None:
    class ShownAgain(RunObserver):
        def planned(self, plan: Plan) -> None:
            assert [step.path for step in plan.of(StepKind.DELETE_LOCAL)] == ["model.py"]
            world.drive.show_hidden()

    world.drive.hide("ml/spam/model.py")
    report = world.sync(observer=ShownAgain())
    assert [path for path, _ in report.failures] == ["model.py"]
    assert world.here() == world.there() == FILES
    assert not world.sync().plan.active


def test_an_emptied_folder_here_deletes_nothing_on_drive_without_consent(world: World) -> None:
    for path in FILES:
        (world.local / path).unlink()
    with pytest.raises(SideEmptied):
        world.sync()
    assert world.there() == FILES


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_a_day_off_changes_nothing(
    days: int, world: World, ledger: Ledger, tmp_path: Path
) -> None:
    for number in range(2):
        world.clock += days * DAY
        world.save("model.py", b"w = %d, by a wrong clock\n" % number)
        world.save(f"new-{number}.py", b"new %d\n" % number)
        world.clock -= days * DAY
        world.colab("train.ipynb", b'{"cells": [%d]}' % number)
        settle_down(world, ledger, tmp_path / "data")
        assert world.there()["model.py"] == b"w = %d, by a wrong clock\n" % number
        assert world.here()["train.ipynb"] == b'{"cells": [%d]}' % number
        world.clock += days * DAY
        world.colab("model.py", b"w = %d, after it\n" % number)
        world.clock -= days * DAY
        settle_down(world, ledger, tmp_path / "data")
        assert world.here()["model.py"] == b"w = %d, after it\n" % number


def test_a_file_that_is_written_all_the_time_is_held_and_heals(
    world: World, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.save("run.log", b"begin\n")
    world.sync()
    # More than rclone reads ahead, so that lines are written before it comes to the end.
    world.save("run.log", b"line\n" * 6_000_000)
    world.drive.settings.throttle = 30_000_000
    over = threading.Event()

    def write() -> None:
        with (world.local / "run.log").open("ab", buffering=0) as log:
            while not over.wait(0.005):
                log.write(b"one more line\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            world.save("model.py", b"w = %d\n" % number)
            if number:  # then bisync has its part in the run
                world.save(f"new-{number}.py", b"new\n")
            report = world.sync()
            assert world.there()["model.py"] == b"w = %d\n" % number
            assert report.failures == ()
            assert [(step.path, step.reason) for step in report.holds] == [
                ("run.log", HoldReason.BEING_WRITTEN)
            ]
    finally:
        over.set()
        writer.join()
    world.drive.calm()
    settle_down(world, ledger, tmp_path / "data")


@pytest.mark.skipif(not SOAK, reason="takes minutes")
def test_a_hundred_thousand_files(tmp_path: Path, led: GDrive, record_property: Record) -> None:
    """Notes how long the first sync, an idle run and one edit take, and the memory of both."""
    count = 100_000
    with linked(tmp_path, led, FILES) as world:
        tree = {f"ml/spam/many/{n // 100}/{n % 100}.txt": b"%d" % n for n in range(count)}
        world.drive.seed(tree, 1_700_000_000)
        for path, content in tree.items():
            place = world.local / path.removeprefix("ml/spam/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            os.utime(place, (1_700_000_000, 1_700_000_000))
        world.opened.close()
        figures = {"files": count}
        for name in ("the first sync", "an idle run", "one edit"):
            if name == "one edit":
                world.save("model.py", b"w = 2\n")
            began = time.perf_counter()
            engine = command_line(world, tmp_path, led.config)
            memory = most_memory(engine)
            _, said = engine.communicate()
            assert engine.returncode == 0, said.decode()
            figures[f"most seconds for {name}"] = round(time.perf_counter() - began)
            for process, size in memory.items():
                word = f"most MB of {process} in {name}"
                figures[word] = size // 1024
        world.reopen()
        assert preview(world.opened.session).plan.equal == count + len(FILES)
    note(record_property, "100,000 files", figures)


def test_every_test_that_the_fault_table_names_is_there() -> None:
    table = (ROOT / "docs" / "developers" / "faults.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", table)
    assert len(named) > 30
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not re.search(rf"^(async )?def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    ]
    assert missing == []
