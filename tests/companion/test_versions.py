"""What is listed of a run: every output, and each version of a checkpoint by itself."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, ending, restoring
from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest as manifests
from jupyter_drive_sync.companion.drive_sync_colab.guard.folders import new_id
from jupyter_drive_sync.companion.drive_sync_colab.guard.process import Guard
from tests.drive_emulator import Answer

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import RUN, Runtime, md5, put_on_drive, wait_for

PARTS = ("model.pt", "optim.pt")


def when_all_is_on_drive(runtime: Runtime) -> dict[str, manifests.FileLine]:
    """End the run; return what is listed, which is on Drive and nothing else is."""
    ending.finish(timeout=120)
    listed = runtime.check_listed()
    assert runtime.on_drive() == set(listed)
    return listed


def save_version(runtime: Runtime, version: int) -> dict[str, bytes]:
    """Write a version of a folder in place and hand it in; return its files."""
    folder = runtime.project / "checkpoints" / "last"
    files = {name: zip_bytes(3_000, seed=bytes([version]) * 16) for name in PARTS}
    for name, content in files.items():
        write_at_once(folder / name, content)
    checkpoints.checkpoint(folder, step=version, wait=False)
    return files


def check_the_newest_is(runtime: Runtime, version: int, files: dict[str, bytes]) -> None:
    found = restoring.latest()
    assert found is not None
    assert (found.step, len(found.lines)) == (version, len(PARTS))
    shutil.rmtree(runtime.project / "checkpoints" / "last")
    place = restoring.restore()
    assert place is not None
    assert {one.name: one.read_bytes() for one in place.iterdir()} == files


def test_numbered_outputs_and_the_parts_of_sharded_checkpoints_all_stay(runtime):
    runtime.start(outputs=["checkpoints", "results"], keep=2)
    wanted = [f"results/fold-{n}.json" for n in range(1, 7)]
    wanted += [f"results/step-{n}.png" for n in range(1, 7)]
    wanted += [f"checkpoints/fold-{n}.pt" for n in range(1, 5)]
    wanted += [f"checkpoints/step-100/__{n}_0.distcp" for n in range(8)]
    wanted += ["checkpoints/step-100/.metadata"]
    wanted += [
        f"checkpoints/global_step100/bf16_zero_pp_rank_{n}_mp_rank_00_optim_states.pt"
        for n in range(8)
    ]
    for name in wanted:
        content = zip_bytes(2_000) if name.endswith(".pt") else os.urandom(1_000)
        write_at_once(runtime.project / name, content)

    listed = when_all_is_on_drive(runtime)

    assert set(listed) == set(wanted)
    folders = {line.path: line.group for line in listed.values() if line.group}
    assert set(folders.values()) == {"checkpoints/step-100", "checkpoints/global_step100"}
    assert len(folders) == 17
    assert len({line.unit for line in listed.values() if line.group}) == 2


def test_two_versions_of_a_folder_that_go_up_together_stay_two(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    runtime.drive.faults.add(Answer(403, "userRateLimitExceeded"), kind="upload.*", times=None)
    save_version(runtime, 1)
    files = save_version(runtime, 2)
    wait_for(lambda: runtime.status().get("error"))
    runtime.drive.faults.clear()
    runtime.start()
    wait_for(lambda: sum(line.group is not None for line in runtime.listed().values()) == 4, 60)

    check_the_newest_is(runtime, 2, files)


def test_versions_of_a_folder_through_a_mount_stay_apart(runtime, tmp_path):
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    runtime.start(transport="mount", remote=f"{mounted}/", rclone_env={})
    manifest = mounted / "outputs" / RUN / "manifest.jsonl"
    files = {}
    for version in (1, 2):
        files = save_version(runtime, version)
        wait_for(
            lambda count=2 * version: (
                manifest.exists() and len(manifests.parse(manifest.read_text())) == count
            ),
            60,
        )
    check_the_newest_is(runtime, 2, files)


def test_a_checkpoint_with_an_old_time_is_the_newest_when_it_came_last(runtime):
    runtime.start(keep=2)
    for step in (1, 2, 3):
        put_on_drive(runtime, f"checkpoints/step-{step}.pt", zip_bytes(1_000))
    content = zip_bytes(1_500)
    averaged = write_at_once(runtime.project / "averaged.pt", content)
    os.utime(averaged, (time.time() - 3600,) * 2)
    shutil.copy2(averaged, runtime.project / "checkpoints" / ".tmp-4")
    (runtime.project / "checkpoints" / ".tmp-4").replace(
        runtime.project / "checkpoints" / "step-4.pt"
    )
    wait_for(lambda: "checkpoints/step-4.pt" in runtime.listed(), 60)

    found = restoring.latest()
    assert found is not None
    assert found.path == "checkpoints/step-4.pt"
    listed = when_all_is_on_drive(runtime)
    assert set(listed) == {"checkpoints/step-3.pt", "checkpoints/step-4.pt"}
    assert runtime.pulse()["checkpoint"]["path"] == "checkpoints/step-4.pt"


def test_a_checkpoint_that_a_person_names_is_taken_whatever_its_time(runtime):
    runtime.start(keep=1)
    put_on_drive(runtime, "checkpoints/best.pt", zip_bytes(1_000))
    content = zip_bytes(1_500)
    averaged = write_at_once(runtime.project / "averaged.pt", content)
    os.utime(averaged, (time.time() - 600,) * 2)
    shutil.copy2(averaged, runtime.project / "checkpoints" / "best.pt")

    assert checkpoints.checkpoint("checkpoints/best.pt", step=5, timeout=60).safe

    (line,) = when_all_is_on_drive(runtime).values()
    assert (line.md5, line.step) == (md5(content), 5)


@pytest.mark.parametrize("keep", [1])
def test_a_torn_array_pushes_no_whole_one_out(runtime, keep):
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000,), }".ljust(117) + b"\n"
    start = b"\x93NUMPY\x01\x00v\x00" + header
    runtime.start(keep=keep)
    put_on_drive(runtime, "checkpoints/step-1.npy", start + bytes(8_000))
    write_at_once(runtime.project / "checkpoints" / "step-2.npy", start + bytes(3_000))
    put_on_drive(runtime, "checkpoints/later.pt", zip_bytes(1_000))

    assert set(runtime.check_listed()) == {"checkpoints/step-1.npy", "checkpoints/later.pt"}


def test_what_lies_deeper_in_a_checkpoint_folder_goes_up_once_and_with_it(runtime):
    runtime.start()
    folder = runtime.project / "checkpoints" / "checkpoint-500"
    for rank in range(5):
        name = f"zero_pp_rank_{rank}_mp_rank_00_optim_states.pt"
        write_at_once(folder / "global_step500" / name, zip_bytes(2_000))
    put_on_drive(runtime, "checkpoints/single.pt", zip_bytes(1_000))
    write_at_once(folder / "model.pt", zip_bytes(2_000))
    write_at_once(folder / "trainer_state.json", b"{}")

    lines = [line for line in when_all_is_on_drive(runtime).values() if line.group]

    assert {line.group for line in lines} == {"checkpoints/checkpoint-500"}
    newest = max(line.unit for line in lines)
    assert len([line for line in lines if line.unit == newest]) == 7
    assert not [line for line in lines if "/single" in line.path]


def test_what_is_written_over_just_before_it_is_taken_is_not_taken(runtime):
    runtime.folder.make()
    guard = Guard(runtime.folder, runtime.settings(), None, lambda _: None)
    path = write_at_once(runtime.project / "checkpoints" / "state.pkl", b"whole" * 100)
    for now in (0.0, 5.0):
        guard.scanner.look(guard.roots(), now)
    (ready,) = guard.scanner.ready(5.0)

    with path.open("wb") as file:
        file.write(b"half")
        file.flush()
        assert not guard.put(ready)

    assert not guard.spool.items
    guard.close()


def test_what_was_handed_in_is_newer_than_what_was_written_before_and_found_later(runtime):
    runtime.folder.make()
    guard = Guard(runtime.folder, runtime.settings(), None, lambda _: None)
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(500))
    handed_in = new_id()
    for now in (0.0, 5.0):
        guard.scanner.look(guard.roots(), now)
    for ready in guard.scanner.ready(5.0):
        assert guard.put(ready)

    (item,) = guard.spool.items.values()
    assert item.unit < handed_in
    guard.close()
