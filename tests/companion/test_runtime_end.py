"""A runtime ends without a word, at any moment: what is listed is whole, and training resumes.

`DRIVE_SYNC_SEED=n` plays the same moments again (with `DRIVE_SYNC_SOAK=1` if it came from a soak,
which takes 50 instead of 3).
"""

from __future__ import annotations

import os
import random
import subprocess
import time
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest
from tests.colab_standin import Runtime
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import rclone_binary

from .conftest import Project, shown
from .guard_support import md5, wait_for
from .training import Written, loop, read_journal

SOAK = os.environ.get("DRIVE_SYNC_SOAK") == "1"
SEED = int(os.environ.get("DRIVE_SYNC_SEED") or random.randrange(10**6))
MOMENTS = 50 if SOAK else 3
SMALL = 4_000_000
IN_TIME = 10.0
OUTPUTS = 'outputs=["checkpoints/"]'


def run_of(vm: Runtime) -> str:
    return shown(vm.run_cell("print(c.run)")).strip()


def listed(drive: DriveEmulator, run: str) -> list[manifest.FileLine]:
    """Return what the run's manifest lists, each file compared with what Drive has."""
    folder = f"ml/spam/outputs/{run}"
    try:
        lines = manifest.live(manifest.parse(drive.read(f"{folder}/manifest.jsonl").decode()))
    except FileNotFoundError:
        return []
    for line in lines:
        content = drive.read(f"{folder}/{line.remote}")
        assert (len(content), md5(content)) == (line.size, line.md5), line
        assert drive.find(f"{folder}/{line.remote}").id == line.drive_id
        assert line.verified
    return lines


def pace() -> float:
    """Return how many times slower than usual this machine starts a program now, 1 at least.

    Ten seconds are meant on a machine that has time for the guard; here other tests run as well.
    """
    began = time.monotonic()
    subprocess.run([rclone_binary(), "version"], check=True, capture_output=True)
    return max(1.0, (time.monotonic() - began) / 0.15)


def check(
    lines: list[manifest.FileLine], journal: list[Written], end: float, slowness: float
) -> str:
    """Hold what is listed against what was written; say how old the newest was at the end."""
    written = {(one.path, one.md5): one.finished for one in journal}
    torn = [line for line in lines if (line.path, line.md5) not in written]
    assert torn == [], "listed, and never finished"
    small = [one for one in journal if one.size < SMALL and "step-" in one.path]
    there = [written[line.path, line.md5] for line in lines if "step-" in line.path]
    newest = max(there, default=0.0)
    in_time = [one.finished for one in small if one.finished <= end - IN_TIME * slowness]
    assert newest >= max(in_time, default=0.0), (
        f"the newest on Drive was finished {end - newest:.1f} s before the end"
    )
    age = f"the newest {end - newest:.1f} s old" if newest else "none listed yet"
    return f"{age}, on a machine {slowness:.1f} times slower than usual"


@pytest.mark.parametrize("number", range(MOMENTS))
def test_the_end_of_the_machine_at_any_moment_loses_nothing_that_was_finished(
    project: Project, drive_emulator: DriveEmulator, tmp_path: Path, number: int
) -> None:
    seed = SEED * 1000 + number
    dice = random.Random(seed)
    moment = (
        dice.uniform(1.0, 30.0) if SOAK else [dice.uniform(1, 4), dice.uniform(6, 9), 13][number]
    )
    print(f"DRIVE_SYNC_SEED={SEED}{' DRIVE_SYNC_SOAK=1' if SOAK else ''} [{number}]", end=" ")
    journal = tmp_path / "journal.jsonl"
    with Runtime(drive_emulator, tmp_path) as vm:
        shown(project.connect(vm, OUTPUTS))
        run = run_of(vm)
        vm.run_cell(loop(journal))
        slowness = pace()
        vm.start_cell(f"train({seed})")
        wait_for(journal.exists)
        time.sleep(moment)
        end = time.time()
        vm.end()
    slowness = max(slowness, pace())
    lines = listed(drive_emulator, run)
    age = check(lines, read_journal(journal), end, slowness)
    print(
        f"ended after {moment:.1f} s: {len(lines)} listed of "
        f"{len(read_journal(journal))} written, {age}"
    )
    if number == MOMENTS - 1 or (SOAK and lines):
        resume(project, drive_emulator, tmp_path, lines)


def resume(
    project: Project, drive: DriveEmulator, folder: Path, lines: list[manifest.FileLine]
) -> None:
    """Go on in a second runtime with two lines."""
    journal = folder / "second.jsonl"
    newest = max(lines, key=lambda line: line.mtime)
    with Runtime(drive, folder) as vm:
        shown(project.connect(vm, OUTPUTS))
        second = run_of(vm)
        cell = vm.run_cell(
            "import hashlib\npath = ds.restore()\n"
            "print(path.relative_to(c.folder), hashlib.md5(path.read_bytes()).hexdigest())"
        )
        assert shown(cell).split() == [newest.path, newest.md5]
        vm.run_cell(loop(journal) + f"\ntrain(1, first={(newest.step or 0) + 1}, steps=2)")
        vm.run_cell("ds.finish(timeout=60)")
    again = listed(drive, second)
    assert {(line.path, line.md5) for line in again} == {
        (one.path, one.md5) for one in read_journal(journal)
    }
    assert listed(drive, lines and newest_run(drive, second)) == lines


def newest_run(drive: DriveEmulator, but: str) -> str:
    """Return the other run's name."""
    names = {path.split("/")[0] for path, _ in drive.walk("ml/spam/outputs")}
    (other,) = names - {but}
    return other


def test_interrupt_restart_and_kill_of_the_kernel_do_not_stop_the_guard(
    project: Project, drive_emulator: DriveEmulator, vm: Runtime, tmp_path: Path
) -> None:
    journal = tmp_path / "journal.jsonl"
    code = loop(journal)

    def write(step: int, more: str = "") -> str:
        return (
            f"{code}\npath = pathlib.Path('checkpoints/step-{step}.pt')\n"
            f"save(path, b'x' * 5000, random.Random())\n{more}"
        )

    def is_listed(step: int) -> bool:
        return any(line.step == step for line in listed(drive_emulator, run))

    guard = "from drive_sync_colab import guard\nfrom drive_sync_colab.guard.folders import "
    guard += "GuardFolder\nprint(guard.find(GuardFolder.here()))"

    shown(project.connect(vm, OUTPUTS))
    run = run_of(vm)
    pid = shown(vm.run_cell(guard)).strip()

    cell = vm.start_cell(write(1, "time.sleep(60)"))
    wait_for(journal.exists)
    vm.interrupt()
    assert cell.wait(30).error
    wait_for(lambda: is_listed(1))
    assert shown(vm.run_cell(guard)).strip() == pid

    vm.run_cell("import os\nos.chdir(c.folder)\n" + write(2))
    vm.restart_kernel()
    wait_for(lambda: is_listed(2))
    shown(project.connect(vm, OUTPUTS))
    assert run_of(vm) == run
    assert shown(vm.run_cell(guard)).strip() == pid

    vm.start_cell(write(3, "os.kill(os.getpid(), 9)"))
    wait_for(lambda: is_listed(3))
    vm.kill_kernel()
    shown(project.connect(vm, OUTPUTS))
    assert run_of(vm) == run
    assert shown(vm.run_cell(guard)).strip() == pid
    assert {line.step for line in listed(drive_emulator, run)} == {1, 2, 3}
