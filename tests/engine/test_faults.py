"""The fault table of docs/developers/faults.md: disks, the Drive folder, clocks, size.

`DRIVE_SYNC_SOAK=1` adds a hundred thousand files.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.models import HoldReason
from jupyter_drive_sync.engine.run import preview
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
from tests.engine.ledger import Ledger
from tests.engine.trouble import ROOT, SOAK, settle_down
from tests.engine.world import World, linked

BIG = 3_000_000
DAY = 86_400

root_on_linux = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk, which takes root"
)


@contextlib.contextmanager
def small_disk(place: Path, size: str) -> Iterator[Callable[[str], None]]:
    """Mount a disk of that size; gives a function that makes it larger."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", place], check=True)

    def resize(to: str) -> None:
        subprocess.run(["mount", "-o", f"remount,size={to}", place], check=True)

    try:
        yield resize
    finally:
        subprocess.run(["umount", place], check=True)


@root_on_linux
@pytest.mark.parametrize("full", ["project", "state"])
def test_a_full_disk_stops_the_run_and_heals_when_there_is_room(
    full: str, tmp_path: Path, led: GDrive, ledger: Ledger
) -> None:
    with (
        small_disk(tmp_path / ("spam" if full == "project" else "data"), "2m") as resize,
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
        resize("30m")
        world.reopen()
        settle_down(world, ledger, tmp_path / "data")
        ballast.unlink()


@contextlib.contextmanager
def unchangeable(place: Path) -> Iterator[None]:
    """Make a folder or file one that even root cannot change."""
    done = subprocess.run(["chattr", "+i", place], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("this file system has no immutable files")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", place], check=True)


@root_on_linux
def test_a_folder_that_may_not_be_written_holds_up_nothing_else(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    world.colab("data/labels.csv", b"from Colab\n")
    world.colab("data/new.csv", b"new, from Colab\n")
    world.colab("train.ipynb", b'{"cells": ["from Colab"]}')
    with unchangeable(world.local / "data"):
        report = world.sync()
        assert {path for path, _ in report.failures} == {"data/labels.csv", "data/new.csv"}
        assert world.here()["train.ipynb"] == b'{"cells": ["from Colab"]}'
        assert world.here()["data/labels.csv"] == FILES["data/labels.csv"]
        world.save("model.py", b"goes up all the same\n")
        world.sync()
        assert world.there()["model.py"] == b"goes up all the same\n"
    settle_down(world, ledger, tmp_path / "data")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_file_that_may_not_be_read_is_held_and_heals(
    world: World, ledger: Ledger, tmp_path: Path
) -> None:
    world.save("secret.txt", b"not for rclone")
    (world.local / "secret.txt").chmod(0)
    world.save("model.py", b"goes up all the same\n")
    report = world.sync()
    assert [(step.path, step.reason) for step in report.holds] == [
        ("secret.txt", HoldReason.UNREADABLE)
    ]
    assert world.there()["model.py"] == b"goes up all the same\n"
    (world.local / "secret.txt").chmod(0o600)
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
    # So that the upload takes long enough for the next line to be written in the middle of it.
    world.save("run.log", b"line\n" * 400_000)
    world.drive.settings.throttle = 2_000_000
    over = threading.Event()

    def write() -> None:
        with (world.local / "run.log").open("ab", buffering=0) as log:
            while not over.wait(0.005):
                log.write(b"one more line\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(2):
            world.save("model.py", b"w = %d\n" % number)
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
def test_a_hundred_thousand_files(
    tmp_path: Path, led: GDrive, capsys: pytest.CaptureFixture[str]
) -> None:
    """Prints how long the first sync, an idle run and one edit take, and the memory of both."""
    import resource

    count = 100_000
    with linked(tmp_path, led, FILES) as world:
        tree = {f"ml/spam/many/{n // 100}/{n % 100}.txt": b"%d" % n for n in range(count)}
        world.drive.seed(tree, 1_700_000_000)
        for path, content in tree.items():
            place = world.local / path.removeprefix("ml/spam/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            os.utime(place, (1_700_000_000, 1_700_000_000))
        figures = []
        for name in ("first", "idle", "one edit"):
            if name == "one edit":
                world.save("model.py", b"w = 2\n")
            began = time.perf_counter()
            report = world.sync()
            figures.append(f"{name} {time.perf_counter() - began:.1f} s")
            assert report.failures == ()
        assert report.plan.equal == count + len(FILES) - 1
    own, rclone = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    with capsys.disabled():
        print(f"\n  {count} files: {', '.join(figures)};")
        print(f"  {own} MB with the emulator in the same process, rclone {rclone} MB")


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
