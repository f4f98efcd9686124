"""A runtime ends without a word, at any moment: what is listed is whole, and training resumes.

`DRIVE_SYNC_SEED=n` plays the same moments again (with `DRIVE_SYNC_SOAK=1` if it came from a soak,
which takes 50 instead of 2).
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest
from tests.colab_standin import Runtime
from tests.drive_emulator import DriveEmulator
from tests.engine.figures import Record, note

from .conftest import Project, shown
from .ends import IN_TIME, judge, listed, newest_of, pace
from .guard_support import wait_for
from .training import loop, read_journal, read_parts

SOAK = os.environ.get("DRIVE_SYNC_SOAK") == "1"
SEED = int(os.environ.get("DRIVE_SYNC_SEED") or random.randrange(10**6))
MOMENTS = 50 if SOAK else 2
OUTPUTS = 'outputs=["checkpoints/"]'


def run_of(vm: Runtime) -> str:
    return shown(vm.run_cell("print(c.run)")).strip()


def folder_of(run: str) -> str:
    """Return where a run's outputs are on Drive."""
    return f"ml/spam/outputs/{run}"


@pytest.mark.parametrize("number", range(MOMENTS))
def test_the_end_of_the_machine_at_any_moment_loses_nothing_that_was_finished(
    project: Project,
    drive_emulator: DriveEmulator,
    tmp_path: Path,
    record_property: Record,
    number: int,
) -> None:
    seed = SEED * 1000 + number
    dice = random.Random(seed)
    moment = dice.uniform(1.0, 30.0) if SOAK else [dice.uniform(1, 8), None][number]
    print(f"DRIVE_SYNC_SEED={SEED}{' DRIVE_SYNC_SOAK=1' if SOAK else ''} [{number}]", end=" ")
    journal = tmp_path / "journal.jsonl"
    with Runtime(drive_emulator, tmp_path) as vm:
        shown(project.connect(vm, OUTPUTS))
        run = run_of(vm)
        vm.run_cell(loop(journal))
        slowness = pace()
        vm.start_cell(f"train({seed})")
        wait_for(journal.exists)
        began = time.time()
        if moment is None:
            slowness = when_something_is_due(journal)
        else:
            time.sleep(moment)
        end = time.time()
        vm.end()
    if moment is not None:
        slowness = max(slowness, pace())
    verdict = judge(drive_emulator, folder_of(run), journal, end, slowness)
    print(f"ended after {end - began:.1f} s: {verdict}")
    figures = {
        "ends": 1,
        "checkpoints written": verdict.written,
        "listed": len(verdict.listed),
        "torn": len(verdict.torn),
        "lost": int(verdict.lost != ""),
        "ends when one was due": int(verdict.due),
        "most seconds since the newest": round(verdict.age or 0),
    }
    note(record_property, "The end of the runtime", figures, str(SEED))
    assert (verdict.torn, verdict.lost) == ((), "")
    assert verdict.due or moment is not None
    if number == MOMENTS - 1 or (SOAK and verdict.listed):
        resume(project, drive_emulator, tmp_path, list(verdict.listed))


def when_something_is_due(journal: Path) -> float:
    """Wait until a step and a folder should be safe at this machine's pace; return the pace."""

    def is_due() -> bool:
        latest = time.time() - IN_TIME * slowness
        steps = [one.finished for one in read_journal(journal) if "step-" in one.path]
        folders = [one.finished for one in read_parts(journal)]
        return bool(steps and folders) and max(steps[0], folders[0]) < latest

    slowness = pace()
    while not is_due():
        wait_for(is_due, timeout=300)
        slowness = pace()
    return slowness


def resume(
    project: Project, drive: DriveEmulator, folder: Path, lines: list[manifest.FileLine]
) -> None:
    """Go on in a second runtime with two lines."""
    journal = folder / "second.jsonl"
    newest = newest_of(lines)
    with Runtime(drive, folder) as vm:
        shown(project.connect(vm, OUTPUTS))
        second = run_of(vm)
        cell = vm.run_cell(
            "import hashlib\npath = ds.restore()\n"
            "for one in [path] if path.is_file() else path.rglob('*.*'):\n"
            "    print(one.relative_to(c.folder), hashlib.md5(one.read_bytes()).hexdigest())"
        )
        found = {tuple(said.split()) for said in shown(cell).splitlines()}
        assert found == {(line.path, line.md5) for line in newest}
        vm.run_cell(loop(journal) + f"\ntrain(1, first={(newest[0].step or 0) + 1}, steps=2)")
        vm.run_cell("ds.finish(timeout=60)")
    again = listed(drive, folder_of(second))
    assert {(line.path, line.md5) for line in again} == {
        (one.path, one.md5) for one in read_journal(journal)
    }
    assert listed(drive, folder_of(newest_run(drive, second))) == lines


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
            f"save(path, as_zip(b'x' * 5000), random.Random())\n{more}"
        )

    def is_listed(step: int) -> bool:
        return any(line.step == step for line in listed(drive_emulator, folder_of(run)))

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
    assert {line.step for line in listed(drive_emulator, folder_of(run))} == {1, 2, 3}
