"""The guard works by each way to Drive, and claims no more than the way can show."""

from __future__ import annotations

import json
import os
import signal

from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest
from tests.colab_standin import Runtime
from tests.drive_emulator import DriveEmulator

from .conftest import Project, shown
from .ends import listed
from .guard_support import md5, wait_for
from .test_runtime_end import folder_of, run_of
from .training import loop

SAVE = """
path = pathlib.Path("checkpoints/step-{step}.pt")
save(path, b"x" * 5000, random.Random())
"""


def pulse_of(drive: DriveEmulator) -> dict:
    folder = "ml/spam/.drive-sync/runtimes"
    (name,) = [path for path, _ in drive.walk(folder)]
    return json.loads(drive.read(f"{folder}/{name}"))


def test_through_a_mount_nothing_is_claimed_to_be_verified_and_nothing_is_deleted(
    project: Project, drive_emulator: DriveEmulator, vm: Runtime, tmp_path
):
    shown(project.connect(vm, 'outputs=["checkpoints/"], transport="mount", keep=1'))
    run = run_of(vm)
    vm.run_cell(loop(tmp_path / "journal.jsonl"))
    for step in (1, 2):
        shown(vm.run_cell(SAVE.format(step=step) + f"print(ds.checkpoint(path, step={step}))"))
    shown(vm.run_cell("ds.finish(timeout=60)"))

    def lines() -> list[manifest.Line]:
        try:
            text = drive_emulator.read(f"ml/spam/outputs/{run}/manifest.jsonl").decode()
        except FileNotFoundError:
            return []
        return manifest.parse(text)

    found = wait_for(lambda: len(lines()) == 2 and lines())
    for line in found:
        assert isinstance(line, manifest.FileLine)
        assert (line.verified, line.drive_id) == (None, None)
        wait_for(lambda line=line: drive_emulator.exists(f"ml/spam/outputs/{run}/{line.remote}"))
        content = drive_emulator.read(f"ml/spam/outputs/{run}/{line.remote}")
        assert md5(content) == line.md5
    said = wait_for(
        lambda: pulse_of(drive_emulator)["state"] == "ended" and pulse_of(drive_emulator)
    )
    assert (said["transport"], said["checkpoint"]["verified"]) == ("mount", False)


def test_the_guard_goes_on_when_token_bridge_and_kernel_are_killed(
    project: Project, drive_emulator: DriveEmulator, vm: Runtime, tmp_path
):
    """The bridge is found again by the guard itself: nobody has to run the cell once more."""
    shown(project.connect(vm, 'outputs=["checkpoints/"], transport="bridge"'))
    run = run_of(vm)
    bridge = json.loads((vm.content / ".drive-sync" / "bridge.json").read_text())["pid"]
    vm.run_cell(loop(tmp_path / "journal.jsonl"))
    shown(vm.run_cell(SAVE.format(step=1)))
    wait_for(lambda: any(line.step == 1 for line in listed(drive_emulator, folder_of(run))))

    os.kill(bridge, signal.SIGKILL)
    vm.kill_kernel()
    vm.run_cell(f"import os; os.chdir({str(vm.content / 'spam')!r})")
    vm.run_cell(loop(tmp_path / "journal.jsonl"))
    drive_emulator.tokens.expire()
    shown(vm.run_cell(SAVE.format(step=2)))

    wait_for(lambda: any(line.step == 2 for line in listed(drive_emulator, folder_of(run))), 60)


def test_a_sign_in_that_is_lost_is_said_and_the_first_cell_repairs_it(
    project: Project, drive_emulator: DriveEmulator, vm: Runtime, tmp_path
):
    shown(project.connect(vm, 'outputs=["checkpoints/"]'))
    run = run_of(vm)
    vm.run_cell(loop(tmp_path / "journal.jsonl"))
    vm.metadata.revoke()
    shown(vm.run_cell(SAVE.format(step=1)))
    status = vm.content / ".drive-sync" / "guard" / "status.json"

    def code() -> str | None:
        return (json.loads(status.read_text())["error"] or {}).get("code")

    wait_for(lambda: code() == "sign_in", 60)
    assert listed(drive_emulator, folder_of(run)) == []

    vm.metadata.revoked = False  # the person allows it again
    shown(project.connect(vm, 'outputs=["checkpoints/"]'))
    wait_for(lambda: any(line.step == 1 for line in listed(drive_emulator, folder_of(run))), 60)
    wait_for(lambda: code() is None)
