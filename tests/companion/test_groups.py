"""Which files make one checkpoint together, whatever library wrote them."""

from __future__ import annotations

import time

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard import finished, looks, scanner
from jupyter_drive_sync.companion.drive_sync_colab.guard.folders import new_id
from jupyter_drive_sync.companion.drive_sync_colab.guard.groups import Groups
from jupyter_drive_sync.companion.drive_sync_colab.guard.looks import Look

from .checkpoint_files import write_at_once, zip_bytes

ROOT = "/content/spam/out"


def group_of(*names: str) -> dict[str, str | None]:
    """Return the folder of each file below the protected one, both without what is above it."""
    groups = Groups([f"{ROOT}/{name}" for name in names], [ROOT])
    found = {name: groups.of(f"{ROOT}/{name}") for name in names}
    for group in filter(None, found.values()):
        inside = [f"{ROOT}/{name}" for name in names if found[name] == group]
        assert groups.members(group) == sorted(inside)
    return {name: at and (at.removeprefix(ROOT).lstrip("/") or ".") for name, at in found.items()}


@pytest.mark.parametrize(
    ("library", "folder", "names"),
    [
        ("torch.distributed", "step-100", [".metadata", "__0_0.distcp", "__1_0.distcp"]),
        (
            "DeepSpeed",
            "global_step100",
            [
                "mp_rank_00_model_states.pt",
                *(f"bf16_zero_pp_rank_{n}_mp_rank_00_optim_states.pt" for n in range(8)),
            ],
        ),
        (
            "DeepSpeed in transformers",
            "checkpoint-500",
            [
                "global_step500/zero_pp_rank_0_mp_rank_00_optim_states.pt",
                "model.safetensors",
                "trainer_state.json",
            ],
        ),
        (
            "Megatron",
            "iter_0000100",
            ["mp_rank_00/model_optim_rng.pt", "mp_rank_01/model_optim_rng.pt"],
        ),
        (
            "TensorFlow",
            "weights",
            ["checkpoint", "ckpt-1.index", "ckpt-1.data-00000-of-00001"],
        ),
        ("Orbax", "100", ["_CHECKPOINT_METADATA", "default/ocdbt/d/1a2b", "default/_METADATA"]),
        ("a saved model", "1", ["saved_model.pb", "variables/variables.index"]),
        (
            "shards",
            "best",
            [
                "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
                "model.safetensors.index.json",
            ],
        ),
        ("accelerate", "checkpoint-7", ["optimizer.bin", "unet/model.safetensors"]),
    ],
)
def test_what_a_library_writes_in_parts_is_one_checkpoint(library, folder, names):
    found = group_of(*(f"{folder}/{name}" for name in names))
    assert set(found.values()) == {folder}, library


def test_single_checkpoints_are_single():
    names = ["step-1.pt", "step-2.pt", "fold-1.pt", "a/rng_state_3.pth", "b/notes.json", "x.index"]
    assert set(group_of(*names).values()) == {None}


def test_shards_of_data_make_no_checkpoint():
    names = ["train-00001-of-00002.tfrecord", "train-00002-of-00002.tfrecord"]
    assert set(group_of(*names).values()) == {None}


def test_a_model_that_is_saved_beside_its_checkpoints_does_not_swallow_them():
    found = group_of(
        "checkpoint-500/model.safetensors",
        "checkpoint-500/global_step500/mp_rank_00_model_states.pt",
        "model.safetensors",
        "trainer_state.json",
    )
    assert list(found.values()) == ["checkpoint-500", "checkpoint-500", None, None]


@pytest.mark.parametrize(
    "bound",
    [
        ["trainer_state.json"],
        ["model.safetensors.index.json"],
        ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
        ["zero_pp_rank_0_mp_rank_00_optim_states.pt"],
        ["saved_model.pb"],
        ["mp_rank_00/model_optim_rng.pt"],
    ],
)
@pytest.mark.parametrize("below", ["", "last/"])
def test_logs_and_what_has_a_step_of_its_own_are_bound_by_nothing_that_lies_with_them(bound, below):
    others = ["exp2/step-1.pt", "exp2/train.log", "step-1.pt", "epoch-2.png", "train.log"]
    found = group_of(*(f"{below}{name}" for name in [*bound, *others]))
    assert {found[f"{below}{name}"] for name in others} == {None}


@pytest.mark.parametrize(
    "bound",
    ["trainer_state.json", "model.safetensors.index.json", "m-00001-of-00002.gguf", "mp_rank_0.pt"],
)
def test_one_file_of_a_checkpoint_binds_what_lies_beside_it_and_nothing_below(bound):
    found = group_of(f"last/{bound}", "last/config.json", "last/plots/a.png", "last/exp/model.pt")
    assert list(found.values()) == ["last", "last", None, None]


@pytest.mark.parametrize("lone", ["trainer_state.json", "model.safetensors.index.json"])
def test_what_trainers_leave_in_the_protected_folder_makes_it_no_checkpoint(lone):
    assert set(group_of(lone, "config.json", "exp2/model.pt", "plots/a.png").values()) == {None}


def test_the_parts_in_the_protected_folder_are_one_checkpoint_without_what_is_below():
    parts = ["model-00001-of-00001.safetensors", "model.safetensors.index.json", "config.json"]
    found = group_of(*parts, "plots/a.png")
    assert list(found.values()) == [".", ".", ".", None]


def test_a_log_that_grows_keeps_no_finished_checkpoint_from_being_taken(tmp_path):
    root = tmp_path / "runs"
    write_at_once(root / "trainer_state.json", b"{}")
    write_at_once(root / "exp2" / "trainer_state.json", b"{}")
    write_at_once(root / "exp2" / "step-1.pt", zip_bytes(2_000))
    watching = scanner.Scanner(lambda path, look: False)
    taken: set[str] = set()
    for moment in range(8):
        with (root / "exp2" / "train.log").open("a") as file:
            file.write("a line\n")
        watching.look([root], float(moment))
        for ready in watching.ready(float(moment)):
            taken.update(ready.paths)
            watching.take(ready.paths, float(moment))
    assert str(root / "exp2" / "step-1.pt") in taken


def test_what_lies_above_the_protected_folder_says_nothing():
    root = "/content/checkpoint-5/spam/out"
    assert Groups([f"{root}/a.pt"], [root]).of(f"{root}/a.pt") is None
    assert Groups([f"{root}/a.pt"], [f"{root}/a.pt"]).of(f"{root}/a.pt") is None


@pytest.mark.parametrize(
    ("names", "last"),
    [
        (["__0_0.distcp"], ".metadata"),
        (["a/__0_0.distcp", ".metadata"], "a/.metadata"),
        (["ckpt-1.index", "ckpt-1.data-00000-of-00002"], "ckpt-1.data-00001-of-00002"),
        (["ckpt-1.data-00000-of-00001"], "ckpt-1.index"),
        (["m-00001-of-00002.gguf"], "m-00002-of-00002.gguf"),
        (["optimizer.pt", "model.safetensors"], "trainer_state.json"),
        (["optimizer.bin", "model.safetensors"], "random_states_0.pkl"),
    ],
)
def test_a_checkpoint_in_parts_is_whole_when_its_last_part_is_there(names, last):
    assert finished.missing_of_group(names, "checkpoint-5") is not None
    assert finished.missing_of_group([*names, last], "checkpoint-5") is None


def test_thousands_of_files_are_grouped_in_a_moment():
    paths = [f"{ROOT}/{n % 50}/x/{n}.png" for n in range(20_000)]
    paths += [f"{ROOT}/checkpoint-{n}/model.safetensors" for n in range(2_000)]
    began = time.process_time()
    groups = Groups(paths, [ROOT])
    found = {groups.of(path) for path in paths} - {None}
    assert sum(len(groups.members(group)) for group in found) == 2_000
    assert time.process_time() - began < 2


def test_what_stood_still_first_is_taken_first_and_of_one_look_the_older_file():
    def look(mtime: int) -> Look:
        return Look(1, mtime, mtime)

    memory = looks.observe({}, {"b": look(1), "a": look(2)}, now=0.0)
    memory = looks.observe(memory, {"b": look(1), "a": look(2), "copied": look(0)}, now=1.0)
    assert looks.candidates(memory, 9.0, still_for=1.0) == ["b", "a", "copied"]


def test_ids_sort_by_the_time_of_taking_also_when_the_clock_is_put_back(monkeypatch):
    before = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: 5)
    after = [new_id(), new_id()]
    assert sorted([*after, before]) == [before, *after]
