"""What the runtime's half writes for the golden files of docs/protocol.md."""

from __future__ import annotations

import json

from jupyter_drive_sync.companion.drive_sync_colab.environment import Settled
from jupyter_drive_sync.companion.drive_sync_colab.environment_plan import Wanted, make_plan
from jupyter_drive_sync.companion.drive_sync_colab.errors import RateLimited
from jupyter_drive_sync.companion.drive_sync_colab.guard import manifest, pulse
from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import FileLine, RemovedLine
from jupyter_drive_sync.companion.drive_sync_colab.guard.pulse import Condition, Trouble
from jupyter_drive_sync.companion.drive_sync_colab.settings import GuardSettings
from jupyter_drive_sync.engine.check import marker_content

PROJECT = "8c1f7a52-3d0e-4b63-9a51-6f2d9e4b7c10"
FOLDER = "1AbCdEfGhIjKlMnOpQrStUvWxYz012345"

SETTINGS = GuardSettings(
    runtime="5f2b9c1d7e3a",
    run="run-20261121-164000-ab12",
    folder_id=FOLDER,
    project="/content/spam-detection",
    rclone=["/content/.drive-sync/tools/rclone", "--config", ""],
    rclone_env={},
    remote=f":drive,env_auth=true,scope=drive,root_folder_id={FOLDER}:",
    outputs=["checkpoints/", "runs/"],
    keep=3,
    best=("loss", "min"),
    notebook={"path": "train.ipynb", "file_id": "1NoTeBoOk_"},
    notebooks=[
        {"path": "train.ipynb", "file_id": "1NoTeBoOk_"},
        {"path": None, "file_id": "1CoPyOfIt_"},
    ],
    transport="rclone",
    started="2026-11-21T16:40:00Z",
    environment=Settled(
        make_plan([Wanted("torch", "==2.9.0", "2.9.0")], {"torch": "2.11.0+cu128"})
    ).for_pulse(),
)

LINES: list[manifest.Line] = [
    FileLine(
        seq=1,
        path="checkpoints/step-100.pt",
        remote="checkpoints/step-100.pt",
        size=1048576,
        md5="d41d8cd98f00b204e9800998ecf8427e",
        drive_id="1First",
        mtime="2026-11-21T16:45:10.250000Z",
        step=100,
        metrics={"loss": 0.5},
        checkpoint=True,
        verified="2026-11-21T16:45:14Z",
        unit="01795279510900000000-0d1e2f",
    ),
    FileLine(
        seq=2,
        path="runs/résumé\u2028.json",
        remote="runs/résumé\u2028.json",
        size=42,
        md5="0cc175b9c0f1b6a831c399e269772661",
        drive_id="1Second",
        mtime="2026-11-21T16:46:00.000000Z",
        step=None,
        metrics=None,
        checkpoint=False,
        verified="2026-11-21T16:46:03Z",
        unit="01795279560500000000-3a4b5c",
    ),
    FileLine(
        seq=3,
        path="checkpoints/step-100.pt",
        remote="checkpoints/step-100~3.pt",
        size=1048577,
        md5="92eb5ffee6ae2fec3ad71c777531578f",
        drive_id="1Third",
        mtime="2026-11-21T16:50:10.000000Z",
        step=100,
        metrics={"loss": 0.25, "accuracy": 0.9},
        checkpoint=True,
        verified="2026-11-21T16:50:15Z",
        unit="01795279800000000000-a1b2c3",
    ),
    RemovedLine(
        seq=4,
        path="checkpoints/step-100.pt",
        remote="checkpoints/step-100.pt",
        at="2026-11-21T16:50:15Z",
    ),
    *(
        FileLine(
            seq=seq,
            path=f"runs/checkpoint-500/{name}",
            remote=f"runs/checkpoint-500/{name}",
            size=2048,
            md5="4a8a08f09d37b73795649038408b5f33",
            drive_id=None,
            mtime="2026-11-21T16:55:00.000000Z",
            step=500,
            metrics=None,
            checkpoint=True,
            verified=None,
            group="runs/checkpoint-500",
            unit="01795280105000000000-6d7e8f",
        )
        for seq, name in enumerate(["model.safetensors", "trainer_state.json"], 5)
    ),
]

RUNNING = Condition(
    checkpoint=LINES[2],  # type: ignore[arg-type]
    checkpoint_size=1048577,
    pending_files=2,
    pending_bytes=3145728,
    unverified=3,
    metric="loss",
    points=[(50, 0.75), (100, 0.25)],
    logs=[
        {
            "path": "runs/train.log",
            "remote": "runs/train.log",
            "size": 1200,
            "at": "2026-11-21T16:51:00Z",
        }
    ],
    trouble=Trouble(RateLimited("Drive asks to slow down."), "2026-11-21T16:51:30Z"),
)
ENDED = Condition(
    state="ended",
    end="finished",
    checkpoint=LINES[2],  # type: ignore[arg-type]
    checkpoint_size=1048577,
)

HOST = {
    "cpus": 2,
    "cpu_percent": 93,
    "ram_total": 13609431040,
    "ram_used": 4294967296,
    "disk_total": 120942624768,
    "disk_free": 80530636800,
    "gpu": {
        "name": "Tesla T4",
        "memory_total": 16106127360,
        "memory_used": 2147483648,
        "percent": 71,
    },
}
IDLE = {**HOST, "cpu_percent": None, "gpu": None}


def marker() -> bytes:
    """Return the marker that the server writes."""
    return marker_content(PROJECT)


def written_by_the_runtime() -> dict[str, str]:
    """Return the golden files that the runtime's half writes, by name."""
    running = pulse.make(
        SETTINGS,
        RUNNING,
        seq=7,
        at="2026-11-21T16:52:00Z",
        next_in=pulse.every(RUNNING),
        python="3.13.5",
        host=HOST,
    )
    ended = pulse.make(
        SETTINGS,
        ENDED,
        seq=12,
        at="2026-11-21T17:20:00Z",
        next_in=pulse.every(ENDED),
        python="3.13.5",
        host=IDLE,
    )
    request = {
        "v": 1,
        "id": "01795279800000000000-a1b2c3",
        "kind": "checkpoint",
        "files": [
            {
                "name": "0",
                "source": "/content/spam-detection/checkpoints/step-100.pt",
                "size": 1048577,
                "mtime_ns": 1795279810000000000,
            }
        ],
        "group": None,
        "step": 100,
        "metrics": {"loss": 0.25},
    }
    answer = {
        "v": 1,
        "id": "01795279800000000000-a1b2c3",
        "ok": True,
        "error": None,
        "verified": True,
        "files": [{"path": "checkpoints/step-100.pt", "remote": "checkpoints/step-100~3.pt"}],
    }
    return {
        "pulse-running.json": pulse.as_text(running),
        "pulse-ended.json": pulse.as_text(ended),
        "manifest.jsonl": manifest.as_text(LINES),
        "guard-settings.json": SETTINGS.as_json(),
        "guard-request.json": json.dumps(request, indent=1, sort_keys=True) + "\n",
        "guard-answer.json": json.dumps(answer, indent=1, sort_keys=True) + "\n",
    }
