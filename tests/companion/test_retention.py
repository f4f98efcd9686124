"""Retention: the newest of each series stay, and what is no series stays whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest, retention
from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import FileLine
from jupyter_drive_sync.companion.drive_sync_colab.guard.retention import Best
from jupyter_drive_sync.companion.drive_sync_colab.guard.spool import Item, SpoolFile


def series(path: str) -> str:
    return retention.series(path, checkpoint=True)


def line(seq: int, path: str, **changes) -> FileLine:
    """Return a line of the manifest; ``taken`` says when, where that is not by its number."""
    taken = changes.pop("taken", seq)
    said = {
        "mtime": manifest.exact_moment(seq * 10**9),
        "step": seq,
        "metrics": None,
        "checkpoint": True,
        "unit": f"{taken:020d}-a1b2c3",
        **changes,
    }
    return FileLine(
        seq=seq,
        path=path,
        remote=f"{seq}/{path}",
        size=10,
        md5="0" * 32,
        drive_id=None,
        verified=manifest.moment(0),
        **said,
    )


def stay(lines: list[FileLine], keep: int, best: Best | None = None) -> list[int]:
    """Return the numbers of the lines that stay."""
    gone = retention.surplus(lines, keep, best)
    return [one.seq for one in lines if one not in gone]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ck/step-1.pt", "ck/step-200.pt"),
        ("ck/epoch=3-val_loss=0.25.ckpt", "ck/epoch=12-val_loss=1.5e-05.ckpt"),
        ("ck/epoch=3-step=120-val_f1=0.25.ckpt", "ck/epoch=12-step=480-val_f1=0.75.ckpt"),
        ("runs/checkpoint-500", "runs/checkpoint-1000"),
        ("global_step100", "global_step200"),
        ("model_step100.pt", "model_step2.pt"),
        ("fold-1-epoch-3.pt", "fold-1-epoch-4.pt"),
        ("ckpt.3.keras", "ckpt.12.keras"),
        ("weights.03-0.25.keras", "weights.12-0.75.keras"),
        ("model-03-0.25.weights.h5", "model-12-0.75.weights.h5"),
        ("last.pt", "last.pt"),
    ],
)
def test_names_that_differ_in_what_counts_the_progress_are_one_series(one, other):
    assert series(one) == series(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resnet18.pt", "resnet50.pt"),
        ("resnet-18.pt", "resnet-50.pt"),
        ("version_0/last.pt", "version_1/last.pt"),
        ("encoder.pt", "decoder.pt"),
        ("gpt2.bin", "gpt3.bin"),
        ("fold-1.pt", "fold-2.pt"),
        ("fold-1-epoch-3.pt", "fold-2-epoch-3.pt"),
        ("model_seed_42.pt", "model_seed_43.pt"),
        ("lr-0.001.pt", "lr-0.01.pt"),
        ("lr=0.001-step=3.pt", "lr=0.01-step=3.pt"),
        ("threshold-loss-0.5.pt", "threshold-loss-0.7.pt"),
        ("batch-32.pt", "batch-64.pt"),
        ("rng_state_3.pth", "rng_state_4.pth"),
        ("fold-1-0.81.pt", "fold-2-0.82.pt"),
        ("seed_42-0.93.pt", "seed_43-0.91.pt"),
        ("rank-3-0.5.pt", "rank-4-0.5.pt"),
        ("mobilenet-224-0.75.h5", "mobilenet-160-0.25.h5"),
        ("fold-1-0.81.keras", "fold-2-0.82.keras"),
        ("model-1-0.81.pt", "model-2-0.82.pt"),
        ("__0_0.distcp", "__1_0.distcp"),
        ("step-100-rank-0.pt", "step-100-rank-1.pt"),
        ("zero_pp_rank_0_optim_states.pt", "zero_pp_rank_1_optim_states.pt"),
        ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
        ("a/step-1.pt", "b/step-1.pt"),
    ],
)
def test_a_number_that_tells_two_things_apart_makes_no_series(one, other):
    assert series(one) != series(other)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a/step-{}.pt", "b/step-{}.pt"]), st.floats(0, 1)), max_size=20
    ),
    st.integers(1, 4),
    st.sampled_from([None, Best("loss", least=True), Best("loss", least=False)]),
)
def test_the_newest_and_the_best_of_each_series_always_stay(made, keep, best):
    lines = [
        line(seq, pattern.format(seq), metrics={"loss": loss})
        for seq, (pattern, loss) in enumerate(made, 1)
    ]
    gone = retention.surplus(lines, keep, best)
    left = [one for one in lines if one not in gone]
    for pattern in ("a/", "b/"):
        all_of_it = [one for one in lines if one.path.startswith(pattern)]
        kept = [one for one in left if one.path.startswith(pattern)]
        assert all_of_it[-keep:] == [one for one in kept if one in all_of_it[-keep:]]
        if best is None:
            assert len(kept) == min(keep, len(all_of_it))
        elif all_of_it:
            losses = [one.metrics["loss"] for one in all_of_it]
            wanted = min(losses) if best.least else max(losses)
            assert wanted in [one.metrics["loss"] for one in kept]
            assert len(kept) <= keep + 1
    assert retention.surplus(left, keep, best) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["r/{}.json", "r/step-{}.json", "r/epoch={}.png", "step_{}/x.csv"]),
            st.integers(1, 9),
        ),
        max_size=30,
    ),
    st.integers(1, 3),
)
def test_of_what_is_no_checkpoint_the_newest_version_of_each_path_stays(made, keep):
    lines = [
        line(seq, pattern.format(number), checkpoint=False)
        for seq, (pattern, number) in enumerate(made, 1)
    ]
    left = stay(lines, keep)
    for path in {one.path for one in lines}:
        versions = [one.seq for one in lines if one.path == path]
        assert versions[-keep:] == [seq for seq in versions if seq in left]


def test_with_no_limit_everything_stays():
    assert stay([line(seq, f"step-{seq}.pt") for seq in range(1, 9)], 0) == list(range(1, 9))


def test_the_files_of_a_folder_go_together():
    lines = [
        line(
            3 * step + at,
            f"checkpoint-{step}/{name}",
            taken=step,
            step=step,
            group=f"checkpoint-{step}",
        )
        for step in range(1, 5)
        for at, name in enumerate(["model.safetensors", "optimizer.pt", "trainer_state.json"])
    ]
    gone = retention.surplus(lines, 2, None)
    assert {one.group for one in gone} == {"checkpoint-1", "checkpoint-2"}
    assert len(gone) == 6


def test_versions_of_a_folder_that_were_listed_in_one_second_count_as_two():
    lines = [
        line(2 * version + at, f"last/{name}", taken=version, group="last")
        for version in (1, 2, 3)
        for at, name in enumerate(["model.pt", "optim.pt"])
    ]
    assert stay(lines, 2) == [4, 5, 6, 7]


def test_what_was_taken_last_is_the_newest_whatever_its_file_says_of_its_time():
    lines = [line(seq, f"step-{seq}.pt", mtime=manifest.exact_moment(-seq)) for seq in range(1, 5)]
    assert stay(lines, 2) == [3, 4]


def test_what_was_taken_last_is_the_newest_also_where_it_was_listed_first():
    lines = [line(seq, f"step-{seq}.pt", taken=9 - seq) for seq in range(1, 5)]
    assert stay(lines, 2) == [1, 2]


def test_what_waits_and_what_is_listed_are_compared_by_when_they_were_taken():
    file = SpoolFile("step-9.pt", "step-9.pt", "0", 10, mtime_ns=0)
    waits = Item("00000000000000000009-a1b2c3", (file,), checkpoint=True)
    lines = [line(seq, f"step-{seq}.pt") for seq in (1, 2)]
    assert retention.surplus([waits, *lines], 2, None) == [lines[0]]


@pytest.mark.parametrize("ending", ["pkl", "joblib", "onnx", "gguf", "msgpack"])
def test_a_format_that_does_not_tell_of_a_tear_is_never_the_only_one_kept(ending):
    lines = [line(seq, f"step-{seq}.{ending}") for seq in range(1, 5)]
    assert stay(lines, 1) == [3, 4]
    assert stay(lines, 3) == [2, 3, 4]


def test_a_metric_that_is_no_number_is_never_the_best():
    lines = [
        line(seq, f"step-{seq}.pt", metrics={"loss": loss})
        for seq, loss in enumerate([float("nan"), 0.5, float("-inf"), 0.7, 0.9], 1)
    ]
    assert stay(lines, 1, Best("loss", least=True)) == [2, 5]
