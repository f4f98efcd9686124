"""No pulse of the guard's is longer than home reads, and what counts most stays in it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.errors import PathInvalid
from jupyter_drive_sync.companion.drive_sync_colab.guard import pulse
from jupyter_drive_sync.rclone import pulses
from jupyter_drive_sync.service.pulse import LONGEST_METRIC, MOST_METRICS, read_pulse

from . import protocol_samples as samples

LONG = "/".join(["é" * 120] * 8)
"""A path as long as a manifest takes it: 2000 bytes."""


def told(condition=samples.RUNNING, **settings):
    said = pulse.make(
        replace(samples.SETTINGS, **settings),
        condition,
        seq=7,
        at="2026-11-21T16:52:00Z",
        next_in=60.0,
        python="3.13.5",
        host=samples.HOST,
    )
    return pulse.as_text(said)


def notebooks(number, path):
    return [{"path": f"{at}{path}", "file_id": f"{at:033}"} for at in range(number)]


def test_home_reads_what_the_guard_writes_at_most():
    assert pulse.MOST_BYTES == pulses._MOST_BYTES
    assert (pulse.MOST_METRICS, pulse.LONGEST_METRIC) == (MOST_METRICS, LONGEST_METRIC)


@pytest.mark.parametrize("path", [".ipynb", f"{LONG}.ipynb", f"{LONG * 2}.ipynb"])
def test_a_pulse_that_has_the_most_of_everything_is_read_at_home(path):
    log = {"path": LONG, "remote": LONG, "size": 1, "at": "2026-11-21T16:51:00Z"}
    newest = replace(
        samples.RUNNING.checkpoint,
        path=LONG,
        metrics={f"{number}{'é' * 5000}": 1.0 for number in range(5000)},
    )
    trouble = replace(samples.RUNNING.trouble, error=PathInvalid(LONG * 20, LONG * 20))
    everything = replace(
        samples.RUNNING,
        checkpoint=newest,
        metric="é" * 9000,
        points=[(step, 0.1) for step in range(5000)],
        logs=[log] * 20,
        trouble=trouble,
        unfinished=[LONG] * 500,
    )
    text = told(
        everything,
        notebooks=notebooks(20, path),
        environment={"drift": 5000, "text": "torch 2.11.0, " * 5000},
    )
    assert len(text.encode()) <= pulse.MOST_BYTES
    at_home = read_pulse(text.encode())
    assert at_home.problem is None
    assert at_home.shown["error"]["code"] == "path_invalid"
    assert len(at_home.shown["checkpoint"]["metrics"]) == 20
    open_there = {one.file_id for one in at_home.notebooks}
    assert len(open_there) == 21 if len(path) < 1000 else len(open_there) > 8


def test_only_what_is_too_much_is_left_out():
    log = {"path": LONG, "remote": LONG, "size": 1, "at": "2026-11-21T16:51:00Z"}
    text = told(replace(samples.RUNNING, logs=[log] * 20))
    assert {**json.loads(text), "logs": []} == {**json.loads(told()), "logs": []}
    assert json.loads(text)["logs"] == []
    assert json.loads(told())["logs"]
