"""The guard brings what is finished to Drive, verified, and lists it last."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.drive_emulator.fixtures import GDrive

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import Runtime, ended_at_exit, md5, wait_for


@pytest.fixture
def runtime(gdrive: GDrive, tmp_path: Path) -> Iterator[Runtime]:
    made = Runtime(gdrive, tmp_path / "content")
    with ended_at_exit(made.folder):
        yield made


def test_a_finished_checkpoint_is_on_drive_verified_and_listed_within_ten_seconds(runtime):
    runtime.start()
    path = runtime.project / "checkpoints" / "step-100.pt"
    content = zip_bytes(300_000)
    began = time.monotonic()
    write_at_once(path, content)

    wait_for(lambda: "checkpoints/step-100.pt" in runtime.listed())
    took = time.monotonic() - began
    line = runtime.check_listed()["checkpoints/step-100.pt"]

    assert took < 10
    assert (line.path, line.size, line.md5) == (
        "checkpoints/step-100.pt",
        len(content),
        md5(content),
    )
    assert line.checkpoint
    assert line.step == 100
    assert line.verified
