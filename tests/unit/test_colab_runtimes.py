"""Colab runtimes are judged by our own clock, whatever their pulses say."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.ports.colab import OpenNotebook
from jupyter_drive_sync.service import runtimes
from jupyter_drive_sync.service.pulse import Pulse, read_pulse
from jupyter_drive_sync.service.runtimes import Judge, open_notebooks, runtime_json

GOLDEN = Path(__file__).parents[1] / "protocol"
NAME = "5f2b9c1d7e3a"
TRAIN = OpenNotebook("train.ipynb", "1NoTeBoOk_")
COPY = OpenNotebook(None, "1CoPyOfIt_")
NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


def golden(**changes: Any) -> bytes:
    return json.dumps(json.loads((GOLDEN / "pulse-running.json").read_text()) | changes).encode()


def state(judge: Judge, content: bytes, seconds: float) -> str:
    judge.take({NAME: content}, NOON + timedelta(seconds=seconds))
    (runtime,) = judge.runtimes()
    return runtime.state


def test_silence_counts_from_when_a_pulse_was_seen_first() -> None:
    judge = Judge()
    assert state(judge, golden(at="1999-01-01T00:00:00Z"), 0) == "running"
    assert state(judge, golden(at="1999-01-01T00:00:00Z"), 180) == "running"
    assert state(judge, golden(at="1999-01-01T00:00:00Z"), 181) == "silent"
    assert {one.silent for one in open_notebooks(judge.runtimes())} == {True}
    assert state(judge, golden(seq=1), 182) == "running"
    assert open_notebooks(judge.runtimes()) == {TRAIN, COPY}
    assert state(judge, golden(seq=2, state="ended"), 9999) == "ended"
    assert open_notebooks(judge.runtimes()) == frozenset()


def test_nobody_is_silent_only_because_we_did_not_look() -> None:
    judge = Judge()
    assert state(judge, golden(), 0) == "running"
    (runtime,) = judge.runtimes()  # Drive could not be reached for a day
    assert runtime.state == "running"
    assert state(judge, golden(seq=900), 86400) == "running"


def test_what_was_heard_is_remembered_when_the_server_starts_anew() -> None:
    before = Judge()
    state(before, golden(), 0)
    assert state(Judge(before.heard), golden(), 600) == "silent"
    assert state(Judge(), golden(), 600) == "running"


def test_a_clock_that_is_put_back_makes_nobody_silent() -> None:
    judge = Judge()
    state(judge, golden(), 100000)
    assert state(judge, golden(), 0) == "running"
    assert state(judge, golden(), 181) == "silent"


def test_what_a_silent_runtime_had_open_may_be_open_for_twelve_hours_after_its_last_word() -> None:
    judge = Judge()
    assert state(judge, golden(), 0) == "running"
    for hours, still in ((1, True), (12, True), (12.01, False)):
        assert state(judge, golden(), hours * 3600) == "silent"
        known = {(one.file_id, one.silent) for one in open_notebooks(judge.runtimes())}
        assert known == ({(TRAIN.file_id, True), (COPY.file_id, True)} if still else set())
    assert state(judge, golden(seq=8), 13 * 3600) == "running"
    assert open_notebooks(judge.runtimes()) == {TRAIN, COPY}


LONG_AGO = {"started": "2026-11-20T16:40:00Z", "at": "2026-11-20T16:52:00Z"}


def heard(judge: Judge) -> str:
    (runtime,) = judge.runtimes()
    return str(runtime_json(runtime, {})["heard"])


def test_the_last_word_of_a_runtime_is_as_old_as_its_own_clock_says_where_that_can_be() -> None:
    judge = Judge()
    state(judge, golden(**LONG_AGO), 0)
    assert heard(judge) == "2026-11-20T16:52:00Z"
    assert state(judge, golden(**LONG_AGO), 600) == "silent"
    assert open_notebooks(judge.runtimes()) == frozenset(), "its twelve hours were over long ago"
    state(judge, golden(**LONG_AGO, state="ended"), 700)
    assert heard(judge) == "2026-11-20T16:52:00Z"
    for odd in (
        {"at": "1999-01-01T00:00:00Z"},  # before it was started
        {"at": "2026-11-22T00:00:00Z"},  # after it was seen here
        {"at": "soon"},
        {"started": None},
    ):
        state(judge, golden(**(LONG_AGO | odd)), 800)
        assert heard(judge) == "2026-11-21T12:13:20Z", odd


def test_a_pulse_that_has_not_changed_is_not_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[bytes] = []

    def reading(content: bytes) -> Pulse:
        read.append(content)
        return read_pulse(content)

    monkeypatch.setattr(runtimes, "read_pulse", reading)
    before = Judge()
    before.take({NAME: golden(), "0" * 12: golden()}, NOON)
    after = Judge(before.heard, before)
    after.take({NAME: golden(), "0" * 12: golden(seq=8)}, NOON + timedelta(seconds=60))
    assert read == [golden(), golden(), golden(seq=8)]
    assert {one.name: one.pulse.seq[0] for one in after.runtimes()} == {NAME: "7", "0" * 12: "8"}


def test_of_endless_metrics_twenty_count_with_names_of_a_hundred_characters() -> None:
    endless = {f"{number:04}{'m' * 9000}": number for number in range(9500)}
    judge = Judge()
    judge.take({NAME: golden(checkpoint={"path": "a.pt", "metrics": endless})}, NOON)
    metrics = runtime_json(judge.runtimes()[0], {})["checkpoint"]["metrics"]
    assert metrics == {f"{number:04}{'m' * 96}": number for number in range(20)}


def test_pulses_that_claim_to_be_newer_take_no_notebook_from_another() -> None:
    forged = {
        f"{number:012x}": golden(started="2099-01-01T00:00:00Z", notebook=None, notebooks=[])
        for number in range(50)
    }
    judge = Judge()
    judge.take(forged | {NAME: golden()}, NOON)
    assert open_notebooks(judge.runtimes()) == {TRAIN, COPY}


def test_living_runtimes_come_first_and_what_is_none_is_left_out() -> None:
    judge = Judge()
    pulses = {
        f"{number:012x}": golden(
            started=f"2026-11-21T{number:02}:00:00Z", state="running" if number < 2 else "ended"
        )
        for number in range(15)
    }
    judge.take(pulses | {"notes": golden(), "../x": golden()}, NOON)
    names = [int(one.name, 16) for one in judge.runtimes()]
    assert names == [1, 0, *range(14, 1, -1)]


def opened(**changes: Any) -> frozenset[OpenNotebook]:
    judge = Judge()
    judge.take({NAME: golden(**changes)}, NOON)
    return open_notebooks(judge.runtimes())


def test_all_notebooks_of_all_living_runtimes_are_open() -> None:
    judge = Judge()
    other = {"path": "evaluate.ipynb", "file_id": None}
    judge.take({NAME: golden(), "0" * 12: golden(notebook=other, notebooks=[other])}, NOON)
    assert open_notebooks(judge.runtimes()) == {TRAIN, COPY, OpenNotebook("evaluate.ipynb", None)}


def test_a_pulse_of_an_older_companion_names_one_notebook() -> None:
    assert opened(notebooks=None) == {TRAIN}
    assert opened(notebooks=None, notebook={"path": "a.ipynb"}) == {OpenNotebook("a.ipynb", None)}
    nobody = {"path": None, "file_id": None}
    assert opened(notebooks=[nobody, 1, "x", None], notebook=nobody) == frozenset()


def test_of_endless_notebooks_the_newest_twenty_count() -> None:
    many = [{"path": f"{number}.ipynb", "file_id": None} for number in range(1000)]
    assert opened(notebook=many[0], notebooks=many) == {
        OpenNotebook(f"{number}.ipynb", None) for number in range(20)
    }


def test_a_pulse_that_cannot_be_read_closes_no_notebook() -> None:
    judge = Judge()
    state(judge, golden(), 0)
    assert state(judge, b'{"v": 1, "note', 60) == "running"
    assert open_notebooks(judge.runtimes()) == {TRAIN, COPY}
    assert state(judge, golden(seq=9, state="ended"), 120) == "ended"
    assert open_notebooks(judge.runtimes()) == frozenset()


def test_a_notebook_is_shown_under_its_present_path() -> None:
    judge = Judge()
    judge.take({NAME: golden()}, NOON)
    (runtime,) = judge.runtimes()
    shown = runtime_json(runtime, {}, {"1NoTeBoOk_": "runs/final.ipynb"})
    assert shown["notebook"] == {"path": "runs/final.ipynb", "file_id": "1NoTeBoOk_"}
    assert shown["notebooks"] == [
        {"path": "runs/final.ipynb", "file_id": "1NoTeBoOk_"},
        {"path": None, "file_id": "1CoPyOfIt_"},
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = json.loads(golden()).keys()


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), values))
def test_a_pulse_with_anything_in_it_is_shown_as_plain_json(changes: dict[str, Any]) -> None:
    judge = Judge()
    judge.take({NAME: golden(**changes)}, NOON)
    (runtime,) = judge.runtimes()
    json.dumps(runtime_json(runtime, {}), allow_nan=False)


@given(st.binary())
def test_bytes_that_are_no_pulse_are_said_to_be_damaged(content: bytes) -> None:
    assert read_pulse(content).problem


@pytest.mark.parametrize(
    "odd",
    [
        {"unverified": int("9" * 400)},
        {"every": -int("9" * 400)},
        {"curve": {"metric": "loss", "points": [[int("9" * 400), 1]]}},
        {"started": "0001-01-01T00:00:00+05:00"},
        {"started": "9999-12-31T23:59:59-05:00"},
    ],
)
def test_what_is_beyond_all_bounds_in_one_pulse_hides_no_runtime(odd: dict[str, Any]) -> None:
    judge = Judge()
    judge.take({NAME: golden(**odd), "0" * 12: golden()}, NOON)
    shown = {one.name: runtime_json(one, {}) for one in judge.runtimes()}
    assert shown.keys() == {NAME, "0" * 12}
    assert shown["0" * 12]["started"] == "2026-11-21T16:40:00Z"
    (field,) = odd
    assert shown[NAME][field] in (None, 0)


def test_a_pulse_that_nobody_can_read_is_said_to_be_damaged() -> None:
    deep = b'{"v": 1, "seq": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    endless = b'{"v": 1, "seq": ' + b"9" * 10_000 + b"}"
    judge = Judge()
    judge.take({NAME: deep, "1" * 12: endless, "0" * 12: golden()}, NOON)
    problems = {one.name: one.pulse.problem is None for one in judge.runtimes()}
    assert problems["0" * 12]
    assert not problems[NAME]
