"""The manifest and the curve: what is listed and shown."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab.guard import curve, manifest
from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import FileLine, RemovedLine

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
        unit=f"{seq:020d}-a1b2c3",
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


def test_the_files_of_a_large_folder_get_their_names_in_a_moment():
    began = time.process_time()
    names = manifest.Names(f"runs/other/{number}" for number in range(10_000))
    found = {names.claim(f"runs/zarr/{n % 70}/{n}", 5) for n in range(10_000)}
    again = {names.claim(f"runs/zarr/{n % 70}/{n}", 6) for n in range(10_000)}
    assert len(found | again) == 20_000
    assert time.process_time() - began < 3


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


def listed_by_an_older_companion(lines: list[FileLine]) -> list[manifest.Line]:
    """Return lines without `unit`, and the moment that all files of one write share."""
    return manifest.parse(manifest.as_text(replace(one, unit="", verified="then") for one in lines))


def test_versions_of_a_folder_that_an_older_companion_listed_are_told_apart():
    old = listed_by_an_older_companion(
        [
            line(1, "last/a.pt", group="last", step=None),
            line(2, "last/b.pt", group="last", step=None),
            line(3, "last/a.pt", "last/a~3.pt", group="last", step=None),
            line(4, "last/b.pt", "last/b~3.pt", group="last", step=None),
            line(5, "single.pt"),
            line(6, "last/a.pt", "last/a~6.pt", group="last", step=None),
        ]
    )
    units = [one.unit for one in manifest.live([*old, line(7, "new.pt")])]
    assert units[0] == units[1] < units[2] == units[3] < units[4] < units[5] < units[6]
    assert "unit" not in manifest.as_text(old)  # what is read is written as it was


def test_a_folder_of_an_older_companion_stays_together_when_other_versions_are_removed():
    old = listed_by_an_older_companion(
        [
            line(seq, f"last/{name}.pt", f"last/{name}~{seq}.pt", group="last", step=None)
            for seq, name in enumerate("ababab", 1)
        ]
    )
    gone = [RemovedLine(7, one.path, one.remote, "now") for one in manifest.live(old)[:2]]
    assert [one.unit for one in manifest.live([*old, *gone])] == [
        f"{seq:020d}" for seq in (3, 3, 5, 5)
    ]


@pytest.mark.parametrize("odd", [7, "", None, ["x"], "a/b", "x" * 65])
def test_an_odd_unit_costs_no_file_its_line(odd):
    written = json.dumps({**line(1).as_json(), "unit": odd}) + "\n"
    assert manifest.parse(written) == [replace(line(1), unit="")]


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


@given(
    st.text("aü名.", min_size=1, max_size=300).filter(lambda name: name.strip(".")),
    st.integers(1, 10**6),
)
def test_the_name_of_each_version_is_short_enough_for_the_disk_and_its_own(name, seq):
    taken: set[str] = set()
    for path in (f"a/{name}", f"a/{name}", f"a/{name}.unfinished"):
        remote = manifest.remote_name(path, seq, taken)
        assert remote not in taken
        assert len(remote.partition("/")[2].encode()) <= 255
        taken.add(remote)


def test_a_name_that_has_to_be_cut_keeps_its_ending():
    path = f"{'x' * 252}.pt"
    assert manifest.remote_name(path, 7, []) == path
    assert manifest.remote_name(path, 7, [path]) == f"{'x' * 250}~7.pt"


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
