"""The guard brings what is finished to Drive, verified, and lists it last."""

from __future__ import annotations

import json
import time

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, ending, restoring
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    CheckpointMissing,
    CheckpointTorn,
    NotConnected,
    PathInvalid,
)
from jupyter_drive_sync.companion.drive_sync_colab.guard import find
from jupyter_drive_sync.companion.drive_sync_colab.places import write_json

from .checkpoint_files import safetensors_bytes, write_at_once, zip_bytes
from .guard_support import RUN, md5, put_on_drive, wait_for


def test_a_finished_checkpoint_is_on_drive_verified_and_listed_within_ten_seconds(runtime):
    runtime.start()
    content = zip_bytes(300_000)
    began = time.monotonic()

    line = put_on_drive(runtime, "checkpoints/step-100.pt", content)

    assert time.monotonic() - began < 10
    assert runtime.check_listed() == {"checkpoints/step-100.pt": line}
    assert (line.size, line.step, line.checkpoint) == (len(content), 100, True)
    assert line.verified


def test_a_torn_file_is_not_taken_until_it_is_whole(runtime):
    runtime.start()
    content = zip_bytes(200_000)
    torn = runtime.project / "checkpoints" / "torn.pt"
    write_at_once(torn, content[:-50])
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    wait_for(lambda: runtime.status().get("unverified") == 1)
    assert runtime.listed_paths() == {"checkpoints/other.pt"}

    torn.write_bytes(content)

    wait_for(lambda: "checkpoints/torn.pt" in runtime.check_listed())


def test_a_file_that_somebody_holds_open_for_writing_waits_until_it_is_closed(runtime):
    runtime.start()
    path = runtime.project / "checkpoints" / "open.pt"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.write(zip_bytes(10_000))
        file.flush()
        put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
        assert runtime.listed_paths() == {"checkpoints/other.pt"}

    wait_for(lambda: "checkpoints/open.pt" in runtime.check_listed())


def test_a_new_version_stands_beside_the_old_one_which_goes_when_enough_are_there(runtime):
    runtime.start(keep=2)
    versions = [zip_bytes(20_000) for _ in range(4)]
    listed = []
    for content in versions:
        put_on_drive(runtime, "checkpoints/last.pt", content)
        listed.append(runtime.check_listed())

    assert [len(one) for one in listed] == [1, 2, 2, 2]
    assert {line.md5 for line in listed[-1].values()} == {md5(one) for one in versions[-2:]}
    assert "checkpoints/last.pt" in listed[0]
    wait_for(lambda: runtime.on_drive() == set(listed[-1]))
    assert not runtime.drive.trash_listing()


def test_the_best_checkpoint_by_its_metric_stays_however_old_it_is(runtime):
    runtime.start(keep=1, best=("loss", "min"))
    for step, loss in enumerate([0.5, 0.1, 0.4, 0.3], 1):
        path = write_at_once(runtime.project / "checkpoints" / f"step-{step}.pt", zip_bytes(5_000))
        saved = checkpoints.checkpoint(path, step=step, metrics={"loss": loss}, timeout=30)
        assert (saved.safe, saved.verified) == (True, True)

    steps = {line.step: line.metrics for line in runtime.check_listed().values()}
    assert steps == {2: {"loss": 0.1}, 4: {"loss": 0.3}}
    runtime.start(best=("loss", "min"), keep=1).stop()
    assert runtime.pulse()["curve"] == {
        "metric": "loss",
        "points": [[1, 0.5], [2, 0.1], [3, 0.4], [4, 0.3]],
    }
    assert runtime.pulse()["end"] == "stopped"


def test_a_folder_of_transformers_is_one_checkpoint(runtime):
    runtime.start()
    folder = runtime.project / "checkpoints" / "checkpoint-500"
    weights = safetensors_bytes(30_000)
    write_at_once(folder / "model.safetensors", weights)
    write_at_once(folder / "optimizer.pt", zip_bytes(4_000))
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    assert runtime.listed_paths() == {"checkpoints/other.pt"}

    write_at_once(folder / "trainer_state.json", b'{"global_step": 500}')

    lines = wait_for(
        lambda: [
            line
            for line in runtime.check_listed().values()
            if line.group == "checkpoints/checkpoint-500"
        ]
    )
    assert {line.path.rpartition("/")[2] for line in lines} == {
        "model.safetensors",
        "optimizer.pt",
        "trainer_state.json",
    }
    assert {(line.step, line.checkpoint) for line in lines} == {(500, True)}


def test_a_growing_log_is_copied_in_place_and_claimed_by_nobody(runtime):
    runtime.start()
    log = runtime.project / "checkpoints" / "train.log"
    log.parent.mkdir()
    with log.open("w") as file:
        file.write("epoch 1\n")
        file.flush()
        wait_for(lambda: "checkpoints/train.log" in runtime.on_drive())
        assert runtime.listed() == {}
        before = runtime.drive.find(f"ml/spam/outputs/{RUN}/checkpoints/train.log").id
        file.write("epoch 2\n")

    ending.finish(timeout=60)

    assert [(one["path"], one["size"]) for one in runtime.pulse()["logs"]] in (
        [("checkpoints/train.log", 8)],
        [("checkpoints/train.log", 16)],
    )
    line = runtime.check_listed()["checkpoints/train.log"]
    assert (line.size, line.drive_id, line.checkpoint) == (16, before, False)


def test_what_was_handed_in_without_waiting_may_be_written_over_at_once(runtime):
    runtime.start()
    path = runtime.project / "checkpoints" / "last.pt"
    first, second = zip_bytes(40_000), zip_bytes(40_000)
    write_at_once(path, first)

    saved = checkpoints.checkpoint(path, step=1, wait=False)
    path.write_bytes(second)

    assert not saved.safe
    wait_for(lambda: {line.md5 for line in runtime.listed().values()} == {md5(first), md5(second)})
    runtime.check_listed()


def test_what_is_handed_in_goes_up_once(runtime):
    runtime.start()
    path = write_at_once(runtime.project / "checkpoints" / "a.pt", zip_bytes(9_000))
    checkpoints.checkpoint(path, step=7, timeout=30)
    put_on_drive(runtime, "checkpoints/later.pt", zip_bytes(1_000))

    assert {line.path for line in runtime.check_listed().values()} == {
        "checkpoints/a.pt",
        "checkpoints/later.pt",
    }
    assert len(runtime.on_drive()) == 2


def test_what_is_on_drive_already_goes_up_no_second_time_when_it_is_handed_in(runtime):
    runtime.start(best=("loss", "min"))
    found = put_on_drive(runtime, "checkpoints/step-32.pt", zip_bytes(9_000))
    path = runtime.project / "checkpoints" / "step-32.pt"

    saved = checkpoints.checkpoint(path, timeout=30)

    assert (saved.safe, saved.verified) == (True, True)
    assert runtime.check_listed() == {"checkpoints/step-32.pt": found}

    checkpoints.checkpoint(path, metrics={"loss": 0.5}, timeout=30)
    put_on_drive(runtime, "checkpoints/later.pt", zip_bytes(1_000))
    told = runtime.check_listed()["checkpoints/step-32.pt"]
    assert (told.step, told.metrics, told.unit) == (32, {"loss": 0.5}, found.unit)
    ending.finish(timeout=60)
    assert runtime.on_drive() == {"checkpoints/step-32.pt", "checkpoints/later.pt"}
    assert runtime.pulse()["curve"]["metric"] == "loss"


def test_a_step_that_the_name_tells_counts_where_none_is_given(runtime):
    runtime.start()
    path = write_at_once(runtime.project / "elsewhere" / "step-7-loss=0.25.pt", zip_bytes(2_000))
    checkpoints.checkpoint(path, timeout=30)
    other = write_at_once(runtime.project / "elsewhere" / "step-8-loss=0.25.pt", zip_bytes(2_001))
    checkpoints.checkpoint(other, step=80, metrics={"loss": 0.5}, timeout=30)
    told = {(line.step, line.metrics["loss"]) for line in runtime.check_listed().values()}
    assert told == {(7, 0.25), (80, 0.5)}


def test_a_torn_or_missing_checkpoint_is_refused_at_once(runtime):
    runtime.start()
    torn = write_at_once(runtime.project / "a.pt", zip_bytes(9_000)[:-9])
    with pytest.raises(CheckpointTorn, match=r"a\.pt is not whole"):
        checkpoints.checkpoint(torn)
    with pytest.raises(CheckpointMissing):
        checkpoints.checkpoint("nothing.pt")
    (runtime.project / "empty").mkdir()
    with pytest.raises(CheckpointMissing):
        checkpoints.checkpoint(runtime.project / "empty")


def test_nothing_works_before_connect_and_it_says_so(runtime):
    for call in (
        lambda: checkpoints.checkpoint("a.pt"),
        lambda: checkpoints.protect("a"),
        ending.finish,
        restoring.latest,
        restoring.restore,
    ):
        with pytest.raises(NotConnected, match="first cell"):
            call()


def test_a_file_outside_of_the_project_can_be_handed_in(runtime, tmp_path):
    runtime.start()
    path = write_at_once(tmp_path / "far" / "x.pt", zip_bytes(1_000))
    checkpoints.checkpoint(path, timeout=30)

    (line,) = runtime.check_listed().values()
    assert line.path == f"elsewhere{path}"


def test_more_folders_can_be_protected_while_the_guard_runs(runtime):
    handle = runtime.start()
    checkpoints.protect("runs/", runtime.project / "model.pt")
    put_on_drive(runtime, "runs/a.pt", zip_bytes(1_000))
    put_on_drive(runtime, "model.pt", zip_bytes(1_000))

    again = runtime.start()
    assert (again.pid, again.adopted) == (handle.pid, True)
    put_on_drive(runtime, "runs/b.pt", zip_bytes(1_000))
    with pytest.raises(PathInvalid):
        checkpoints.protect(".")
    with pytest.raises(PathInvalid):
        checkpoints.protect("/")


def test_finish_brings_everything_up_says_so_and_ends_the_guard(runtime):
    runtime.start()
    for number in range(5):
        write_at_once(runtime.project / "checkpoints" / f"m{number}.bin", zip_bytes(3_000))
    write_at_once(runtime.project / "checkpoints" / "result.json", b'{"accuracy": 0.9}')

    ending.finish(timeout=60)

    assert len(runtime.check_listed()) == 6
    pulse = runtime.pulse()
    assert (pulse["state"], pulse["end"], pulse["unverified"]) == ("ended", "finished", 0)
    wait_for(lambda: find(runtime.folder) is None)
    assert list(runtime.folder.spool.iterdir()) == []


def test_a_request_that_makes_no_sense_harms_nothing(runtime):
    runtime.start()
    runtime.folder.ask("dance")
    runtime.folder.ask("checkpoint", path=3)
    (runtime.folder.inbox / "junk.json").write_text("{")
    write_json(runtime.folder.inbox / "x.json", {"v": 1, "id": "../../y", "kind": "stop"})

    put_on_drive(runtime, "checkpoints/a.pt", zip_bytes(1_000))

    assert list(runtime.folder.inbox.iterdir()) == []
    assert not json.loads(runtime.folder.status.read_text())["error"]
