"""The manifest, retention and the curve: what is kept, listed and shown."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab.guard import curve, manifest, retention
from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import FileLine, RemovedLine
from jupyter_drive_sync.companion.drive_sync_colab.guard.retention import Best

PATHS = st.sampled_from(["a.pt", "b/c.pt", "b/ü 1.ckpt", "x~2.pt", "plain"])


def line(seq: int, path: str = "a.pt", remote: str | None = None, **changes) -> FileLine:
    made = FileLine(
        seq=seq,
        path=path,
        remote=remote or path,
        size=10,
        md5="0" * 32,
        drive_id=f"id-{seq}",
        mtime=manifest.exact_moment(seq * 10**9 + 123_456_789),
        step=seq,
        metrics={"loss": 1 / seq},
        checkpoint=True,
        verified=manifest.moment(seq),
    )
    return replace(made, **changes)


@st.composite
def histories(draw) -> list[manifest.Line]:
    """What a guard writes: versions get free names, and only what is listed is removed."""
    lines: list[manifest.Line] = []
    for _ in range(draw(st.integers(0, 25))):
        seq = manifest.next_seq(lines)
        there = manifest.live(lines)
        if there and draw(st.booleans()):
            gone = draw(st.sampled_from(there))
            lines.append(RemovedLine(seq, gone.path, gone.remote, manifest.moment(seq)))
        else:
            path = draw(PATHS)
            remote = manifest.remote_name(path, seq, [one.remote for one in there])
            lines.append(line(seq, path, remote))
    return lines


@given(histories())
def test_a_manifest_reads_back_as_it_was_written(lines):
    assert manifest.parse(manifest.as_text(lines)) == lines


@given(histories(), st.data())
def test_a_manifest_cut_anywhere_reads_as_its_whole_lines(lines, data):
    text = manifest.as_text(lines)
    cut = text[: data.draw(st.integers(0, len(text)))]
    assert manifest.parse(cut) == lines[: cut.count("\n")]


@given(histories())
def test_no_version_ever_takes_the_place_of_one_that_is_listed(lines):
    listed: set[str] = set()
    for one in lines:
        if isinstance(one, FileLine):
            assert one.remote not in listed
            listed.add(one.remote)
        else:
            listed.remove(one.remote)
    assert listed == {one.remote for one in manifest.live(lines)}
    assert not listed & set(manifest.removed(lines))


def test_what_is_unknown_is_passed_over():
    good = manifest.as_text([line(1)])
    strange = [
        {**line(2).as_json(), "v": 2},
        {**line(3).as_json(), "kind": "note"},
        {**line(4).as_json(), "path": "../../etc/passwd"},
        {**line(5).as_json(), "remote": "/etc/passwd"},
        ["no", "object"],
    ]
    text = good + "".join(json.dumps(one) + "\n" for one in strange) + "no json\n" + good
    assert manifest.parse(text) == [line(1), line(1)]
    assert manifest.parse(json.dumps({**line(1).as_json(), "new": 1}) + "\n") == [line(1)]


def test_what_a_mount_cannot_show_is_listed_as_not_verified():
    unsure = line(1, verified=None, drive_id=None)
    assert unsure.as_json()["verified"] is False
    assert manifest.parse(manifest.as_text([unsure])) == [unsure]


@pytest.mark.parametrize(
    ("path", "taken", "expected"),
    [
        ("a.pt", [], "a.pt"),
        ("a.pt", ["a.pt"], "a~7.pt"),
        ("run/a.tar.gz", ["run/a.tar.gz"], "run/a.tar~7.gz"),
        ("a", ["a"], "a~7"),
        ("manifest.jsonl", [], "manifest~7.jsonl"),
        ("a.pt", ["a.pt", "a~7.pt"], "a~7~1.pt"),
        ("model/a.pt", ["model"], "model~7/a.pt"),
        ("model/a.pt", ["model", "model~7"], "model~7~1/a.pt"),
        ("model", ["model/a.pt"], "model~7"),
        ("model/a.pt", ["model/b.pt"], "model/a.pt"),
    ],
)
def test_a_second_version_stands_beside_the_first(path, taken, expected):
    assert manifest.remote_name(path, 7, taken) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ck/step-1.pt", "ck/step-200.pt"),
        ("ck/epoch=3-val_loss=0.25.ckpt", "ck/epoch=12-val_loss=1.5e-05.ckpt"),
        ("runs/checkpoint-500", "runs/checkpoint-1000"),
        ("model_step100.pt", "model_step2.pt"),
        ("last.pt", "last.pt"),
    ],
)
def test_names_that_differ_in_a_counter_are_one_series(one, other):
    assert retention.series(one) == retention.series(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("resnet18.pt", "resnet50.pt"),
        ("version_0/last.pt", "version_1/last.pt"),
        ("encoder.pt", "decoder.pt"),
        ("gpt2.bin", "gpt3.bin"),
    ],
)
def test_a_number_that_belongs_to_a_name_makes_no_series(one, other):
    assert retention.series(one) != retention.series(other)


@given(
    st.lists(st.tuples(st.sampled_from(["a-{}.pt", "b-{}.pt"]), st.floats(0, 1)), max_size=20),
    st.integers(1, 4),
    st.sampled_from([None, Best("loss", least=True), Best("loss", least=False)]),
)
def test_the_newest_and_the_best_of_each_series_always_stay(made, keep, best):
    lines = [
        line(seq, pattern.format(seq), metrics={"loss": loss})
        for seq, (pattern, loss) in enumerate(made, 1)
    ]
    gone = retention.surplus(lines, keep, best)
    stay = [one for one in lines if one not in gone]
    for pattern in ("a-", "b-"):
        series = [one for one in lines if one.path.startswith(pattern)]
        kept = [one for one in stay if one.path.startswith(pattern)]
        assert series[-keep:] == [one for one in kept if one in series[-keep:]]
        if best is None:
            assert len(kept) == min(keep, len(series))
        elif series:
            losses = [one.metrics["loss"] for one in series]
            wanted = min(losses) if best.least else max(losses)
            assert wanted in [one.metrics["loss"] for one in kept]
            assert len(kept) <= keep + 1
    assert retention.surplus(stay, keep, best) == []


def test_with_no_limit_everything_stays():
    assert retention.surplus([line(seq, f"a-{seq}.pt") for seq in range(1, 9)], 0, None) == []


def test_the_files_of_a_folder_go_together():
    lines = [
        line(
            3 * step + at,
            f"checkpoint-{step}/{name}",
            step=step,
            group=f"checkpoint-{step}",
            verified=f"then-{step}",
        )
        for step in range(1, 5)
        for at, name in enumerate(["model.safetensors", "optimizer.pt", "trainer_state.json"])
    ]
    gone = retention.surplus(lines, 2, None)
    assert {one.group for one in gone} == {"checkpoint-1", "checkpoint-2"}
    assert len(gone) == 6


def test_a_metric_that_is_no_number_is_never_the_best():
    lines = [
        line(seq, f"a-{seq}.pt", metrics={"loss": loss})
        for seq, loss in enumerate([float("nan"), 0.5, float("-inf"), 0.7, 0.9], 1)
    ]
    gone = retention.surplus(lines, 1, Best("loss", least=True))
    assert [one.seq for one in lines if one not in gone] == [2, 5]


VALUES = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.lists(VALUES, min_size=1, max_size=300))
def test_a_curve_is_thinned_to_its_telling_points(values):
    points = list(enumerate(values))
    thinned = curve.thin(points)
    assert len(thinned) <= curve.LONGEST
    assert set(thinned) <= set(points)
    assert thinned == sorted(thinned)
    assert thinned[0] == points[0]
    assert thinned[-1] == points[-1]
    assert min(value for _, value in thinned) == min(values)
    assert max(value for _, value in thinned) == max(values)


@given(st.lists(st.tuples(st.integers(0, 50), st.floats()), max_size=100))
def test_a_curve_has_one_finite_point_a_step_in_order(made):
    points: list[curve.Point] = []
    for step, value in made:
        points = curve.add(points, step, value)
    steps = [step for step, _ in points]
    assert steps == sorted(set(steps))
    json.dumps(points, allow_nan=False)


def test_a_long_training_stays_small():
    points: list[curve.Point] = []
    for step in range(5_000):
        points = curve.add(points, step, 1 / (step + 1))
    assert len(points) <= curve.REMEMBERED
    assert points[0][0] == 0
    assert points[-1][0] == 4_999
