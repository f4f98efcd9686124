"""A new runtime gets the newest checkpoint back."""

from __future__ import annotations

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, restoring
from jupyter_drive_sync.companion.drive_sync_colab.errors import CheckpointMissing

from .checkpoint_files import safetensors_bytes, write_at_once, zip_bytes
from .guard_support import RUN, Runtime, kill_guard, put_on_drive


def new_machine(runtime: Runtime) -> Runtime:
    """End the machine; return another one on which the project was connected."""
    kill_guard(runtime.folder)
    runtime.content.rename(runtime.content.with_name("gone"))
    other = Runtime(runtime.gdrive, runtime.content, run="run-20261122-080000-cd34")
    other.start()
    return other


def test_the_newest_checkpoint_comes_back_in_a_new_runtime_and_does_not_go_up_again(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(9_000))
    content = zip_bytes(9_000)
    put_on_drive(runtime, "checkpoints/step-2.pt", content)

    other = new_machine(runtime)
    found = restoring.latest()
    path = restoring.restore()

    assert found is not None
    assert (found.run, found.path, found.step) == (RUN, "checkpoints/step-2.pt", 2)
    assert path == other.project / "checkpoints" / "step-2.pt"
    assert path.read_bytes() == content
    assert restoring.restore() == path
    put_on_drive(other, "checkpoints/step-3.pt", zip_bytes(1_000))
    assert other.listed_paths() == {"checkpoints/step-3.pt"}


def test_a_folder_comes_back_as_a_folder(runtime, tmp_path):
    runtime.start()
    folder = runtime.project / "out" / "checkpoint-9"
    files = {"model.safetensors": safetensors_bytes(3_000), "trainer_state.json": b"{}"}
    for name, content in files.items():
        write_at_once(folder / name, content)
    checkpoints.checkpoint(folder, step=9, timeout=30)

    new_machine(runtime)
    path = restoring.restore()
    beside = restoring.restore(to=tmp_path / "here")

    assert path == folder
    assert beside == tmp_path / "here" / "checkpoint-9"
    for place in (path, beside):
        assert {one.name: one.read_bytes() for one in place.iterdir()} == files


def test_of_a_folder_that_is_not_on_drive_as_a_whole_nothing_is_left_here(runtime, capsys):
    runtime.start()
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    folder = runtime.project / "checkpoints" / "checkpoint-9"
    for name in ("model.safetensors", "trainer_state.json", "optimizer.pt"):
        content = {"model.safetensors": safetensors_bytes(3_000), "optimizer.pt": zip_bytes(2_000)}
        write_at_once(folder / name, content.get(name, b"{}"))
    checkpoints.checkpoint(folder, step=9, timeout=60)
    other = new_machine(runtime)
    runtime.drive.delete(f"ml/spam/outputs/{RUN}/checkpoints/checkpoint-9/optimizer.pt")

    path = restoring.restore()

    assert path == other.project / "checkpoints" / "other.pt"
    assert [one.name for one in path.parent.iterdir()] == ["other.pt"]
    assert "checkpoints/checkpoint-9" in capsys.readouterr().out


def test_what_is_missing_of_a_folder_that_is_here_is_brought_to_it(runtime):
    runtime.start()
    folder = runtime.project / "checkpoints" / "last"
    for name in ("a.pt", "deep/b.pt"):
        write_at_once(folder / name, zip_bytes(2_000))
    checkpoints.checkpoint(folder, step=9, timeout=60)
    before = {name: (folder / name).read_bytes() for name in ("a.pt", "deep/b.pt")}
    (folder / "deep" / "b.pt").unlink()
    (folder / "own.txt").write_text("stays")

    assert restoring.restore() == folder
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert (folder / "own.txt").read_text() == "stays"
    assert {one.name for one in folder.parent.iterdir()} == {"last"}


def test_restoring_never_writes_over_what_is_here(runtime):
    runtime.start()
    content = zip_bytes(5_000)
    put_on_drive(runtime, "checkpoints/last.pt", content)
    other = new_machine(runtime)
    torn = write_at_once(other.project / "checkpoints" / "last.pt", content[:-5])

    path = restoring.restore()

    assert path is not None
    assert path.read_bytes() == content
    assert torn.read_bytes() == content[:-5]
    newer = zip_bytes(100)
    torn.write_bytes(newer)
    assert restoring.restore() == torn
    assert torn.read_bytes() == newer


def test_without_any_checkpoint_there_is_nothing_to_restore(runtime):
    runtime.start()
    assert restoring.latest() is None
    assert restoring.restore() is None
    with pytest.raises(CheckpointMissing):
        restoring.restore(run="run-20200101-000000-0000")


def test_a_damaged_checkpoint_on_drive_is_passed_over_for_the_one_before(runtime, capsys):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    put_on_drive(runtime, "checkpoints/step-2.pt", zip_bytes(2_000))
    new_machine(runtime)
    runtime.drive.write(f"ml/spam/outputs/{RUN}/checkpoints/step-2.pt", b"other bytes")

    path = restoring.restore()

    assert path is not None
    assert path.name == "step-1.pt"
    assert "is not on Drive as listed" in capsys.readouterr().out
