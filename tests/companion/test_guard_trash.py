"""A project that is trashed and restored under the guard stands on Drive as before, once."""

from __future__ import annotations

from collections import Counter

from jupyter_drive_sync.companion.drive_sync_colab.places import read_json

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import RUN, wait_for


def trouble(runtime):
    return ((read_json(runtime.folder.status) or {}).get("error") or {}).get("text", "")


def test_a_project_that_comes_back_from_the_trash_has_nothing_twice(runtime):
    runtime.start()
    write_at_once(runtime.project / "checkpoints" / "step-1.pt", zip_bytes(2_000))
    wait_for(lambda: runtime.listed_paths() == {"checkpoints/step-1.pt"})
    folder = runtime.drive.trash("ml/spam")
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(2_000))
    wait_for(lambda: "folder on Drive is gone" in trouble(runtime))
    before = len(list(runtime.drive.state.files()))
    write_at_once(runtime.project / "checkpoints" / "step-3.pt", zip_bytes(2_000))
    wait_for(lambda: (read_json(runtime.folder.status) or {})["pending"]["files"] == 2)
    assert len(list(runtime.drive.state.files())) == before, "nothing more is made in its stead"

    runtime.drive.untrash(folder)
    runtime.start()  # as a person does who runs the first cell again: it tries at once
    everything = {f"checkpoints/step-{step}.pt" for step in (1, 2, 3)}
    wait_for(lambda: runtime.listed_paths() == everything and not trouble(runtime), 90)
    runtime.check_listed()
    names = Counter(
        (file.parent, file.name)
        for file in runtime.drive.state.files()
        if not file.trashed_explicitly
    )
    twins = [name for (_, name), number in names.items() if number > 1]
    assert twins == []
    assert runtime.drive.exists(f"ml/spam/outputs/{RUN}/manifest.jsonl")
