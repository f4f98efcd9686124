"""What the guard costs while nothing happens, and what it tells of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard import find, host, names, scan
from tests.engine.figures import note

from .checkpoint_files import zip_bytes
from .guard_support import put_on_drive, wait_for

SOAK = os.environ.get("DRIVE_SYNC_SOAK") == "1"
WINDOW = 330.0


def cpu_seconds(pid: int) -> float:
    """Return what a process and its ended children have used."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not SOAK, reason="takes minutes: part of make soak")
def test_an_idle_guard_costs_next_to_nothing(runtime, record_property):
    runtime.start()
    for number in range(3):
        put_on_drive(runtime, f"checkpoints/step-{number}.pt", zip_bytes(2_000))
    wait_for(
        lambda: runtime.pulse().get("unverified") == 0 and runtime.pulse().get("checkpoint"), 60
    )
    time.sleep(1)
    pid = find(runtime.folder)
    assert pid is not None
    before, calls = cpu_seconds(pid), runtime.drive.describe()["calls"]
    began = time.monotonic()
    time.sleep(WINDOW)
    took = time.monotonic() - began
    share = (cpu_seconds(pid) - before) / took
    made = sum(runtime.drive.describe()["calls"].values()) - sum(calls.values())
    figures = {
        "seconds": round(took),
        "calls": made,
        "milliseconds of a core": round(share * took * 1000),
    }
    note(record_property, "An idle guard", figures)
    assert made <= took / 60
    assert share <= 0.02


def test_a_pulse_costs_two_calls(runtime):
    runtime.start()
    wait_for(runtime.pulse)
    seq = runtime.pulse()["seq"]
    runtime.drive.reset_counts()
    runtime.start(environment={"drift": 2, "text": "x"}).stop()  # says at once that it ends

    assert (runtime.pulse()["seq"], runtime.pulse()["end"]) == (seq + 1, "stopped")
    kinds = {call.kind for call in runtime.drive.log}
    assert (len(runtime.drive.log), kinds) == (2, {"files.list", "upload.multipart"})


def test_the_machine_is_described_as_the_protocol_says(tmp_path):
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "stat").write_text("cpu  100 0 100 800 0 0 0 0 0 0\n")
    (proc / "meminfo").write_text("MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 400 kB\n")
    machine = host.Host(tmp_path, proc)
    (proc / "stat").write_text("cpu  190 0 100 810 0 0 0 0 0 0\n")

    facts = machine.facts()

    assert (facts["cpu_percent"], facts["ram_total"], facts["ram_used"]) == (90, 1024000, 614400)
    golden = json.loads((Path(__file__).parents[1] / "protocol" / "pulse-running.json").read_text())
    assert facts.keys() == golden["host"].keys()
    assert host.Host(tmp_path / "none", tmp_path / "none").facts()["ram_total"] is None


@pytest.mark.parametrize(
    ("said", "gpu"),
    [
        ("Tesla T4, 15360, 2048, 71\n", ("Tesla T4", 16106127360, 2147483648, 71)),
        ("NVIDIA L4, [N/A], 3, [N/A]\nanother, 1, 1, 1\n", ("NVIDIA L4", None, 3145728, None)),
    ],
)
def test_the_gpu_is_read_from_what_nvidia_smi_says(said, gpu):
    found = host.read_gpu(said)
    assert found is not None
    assert tuple(found.values()) == gpu
    assert host.read_gpu("NVIDIA-SMI has failed because it could not communicate\n") is None


@pytest.mark.parametrize(
    ("path", "step", "metrics"),
    [
        ("ck/epoch=3-step=120.ckpt", 120, None),
        ("ck/epoch=3-val_loss=0.25.ckpt", 3, {"val_loss": 0.25}),
        ("runs/checkpoint-500", 500, None),
        ("model_step100.pt", 100, None),
        ("resnet18.pt", None, None),
        ("last.pt", None, None),
    ],
)
def test_names_tell_step_and_metrics(path, step, metrics):
    assert (names.step_of(path), names.metrics_of(path)) == (step, metrics)


def test_only_who_writes_counts_as_a_writer(tmp_path):
    path, other = tmp_path / "a.pt", tmp_path / "b.pt"
    path.write_bytes(b"x")
    os.link(path, other)
    holds = "import sys, time; file = open(sys.argv[1], 'ab'); print(flush=True); time.sleep(60)"
    child = subprocess.Popen(
        [sys.executable, "-c", holds, other], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    try:
        assert child.stdout is not None
        child.stdout.readline()
        assert scan.being_written([str(path)]) == {str(path)}
        with path.open("rb"):
            assert scan.being_written([str(path)]) == {str(path)}
    finally:
        child.kill()
        child.communicate()
    assert scan.being_written([str(path)]) == set()
