"""The runtime's half reads and writes the golden files of docs/protocol.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.environment_plan import Home
from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest, pulse
from jupyter_drive_sync.companion.drive_sync_colab.guard.folders import GuardFolder
from jupyter_drive_sync.companion.drive_sync_colab.guard.pulse import Condition, Sent
from jupyter_drive_sync.companion.drive_sync_colab.settings import GuardSettings
from jupyter_drive_sync.engine.check import marker_content

from . import protocol_samples as samples

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "protocol"
FILES = sorted(path.name for path in GOLDEN.iterdir())


def golden(name: str) -> str:
    return (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(samples.written_by_the_runtime()))
def test_the_runtime_writes_the_golden_files(name):
    assert samples.written_by_the_runtime()[name] == golden(name)


@pytest.mark.parametrize("name", FILES)
def test_the_documentation_shows_every_golden_file_as_it_is(name):
    blocks = re.findall(
        r"^```json\n(.*?)^```", (ROOT / "docs/protocol.md").read_text(), re.M | re.S
    )
    assert golden(name) in blocks


def test_the_runtime_reads_the_golden_manifest():
    lines = manifest.parse(golden("manifest.jsonl"))
    assert lines == samples.LINES
    assert [line.remote for line in manifest.live(lines)] == [
        "runs/résumé\u2028.json",
        "checkpoints/step-100~3.pt",
        "runs/checkpoint-500/model.safetensors",
        "runs/checkpoint-500/trainer_state.json",
    ]
    assert all(line.verified is None for line in manifest.live(lines) if line.group)


def test_the_runtime_reads_the_golden_environment():
    home = Home.parse(json.loads(golden("environment.json")))
    assert (home.python, home.source) == ("3.12.4", "kernel")
    assert [wanted.name for wanted in home.wanted] == ["scikit-learn", "torch", "tqdm"]
    assert set(home.skipped) == {"my-tools"}


def test_the_runtime_reads_the_golden_settings_and_requests(tmp_path):
    assert GuardSettings.from_json(golden("guard-settings.json")) == samples.SETTINGS
    folder = GuardFolder(tmp_path)
    folder.make()
    request = json.loads(golden("guard-request.json"))
    folder.ask(**{name: value for name, value in request.items() if name not in ("v", "id")},
               request=request["id"])  # fmt: skip
    assert (folder.inbox / f"{request['id']}.json").read_text() == golden("guard-request.json")
    assert list(folder.requests()) == [request]
    (folder.done / f"{request['id']}.json").write_text(golden("guard-answer.json"))
    assert folder.answered(request["id"]) == json.loads(golden("guard-answer.json"))


def test_the_golden_marker_is_what_the_server_writes():
    assert golden("marker.json").encode() == marker_content(samples.PROJECT)


def test_an_idle_runtime_makes_less_than_one_call_a_minute():
    calls_of_a_pulse = 2  # counted in test_guard_cost.py
    assert calls_of_a_pulse * 60 / pulse.IDLE <= 1


def test_a_pulse_is_never_later_than_the_one_before_has_said():
    for condition in (samples.RUNNING, samples.ENDED, Condition()):
        assert pulse.due_at(Sent(100.0, condition), condition) == 100.0 + pulse.every(condition)


def test_what_changes_is_said_soon_and_an_error_or_the_end_at_once():
    calm = Condition()
    sent = Sent(100.0, calm)
    assert pulse.due_at(None, calm) == 0.0
    assert pulse.due_at(sent, Condition(pending_files=1)) == 100.0 + pulse.SOONEST
    assert pulse.due_at(sent, Condition(trouble=samples.RUNNING.trouble)) == 100.0
    assert pulse.due_at(sent, Condition(state="ended")) == 100.0
