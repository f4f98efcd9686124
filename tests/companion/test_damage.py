"""What is damaged, foreign or in the way, on Drive or in a runtime, stops nothing else."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, restoring
from jupyter_drive_sync.companion.drive_sync_colab.errors import PathInvalid
from jupyter_drive_sync.companion.drive_sync_colab.neighbours import sentence
from tests.companion.checkpoint_files import write_at_once, zip_bytes
from tests.companion.conftest import shown
from tests.companion.guard_support import put_on_drive

NOW = datetime(2026, 11, 21, 16, 40, tzinfo=timezone.utc)
PULSE = {"at": "2026-11-21T16:39:00Z", "every": 60, "state": "running", "run": "run-1"}
DEEP = '{"at": ' + "[" * 100_000 + "]" * 100_000 + "}"
THEIR_PULSE = ".drive-sync/runtimes/aaaaaaaaaaaa.json"


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "2026-11-21T16:39:00"},
        {"at": None},
        {"every": 10**400},
        {"every": "soon"},
        {"every": float("nan")},
        {"every": float("inf"), "at": "2026-11-20T16:39:00Z"},
    ],
)
def test_a_pulse_without_a_usable_time_means_nothing(changes):
    assert sentence(json.dumps(PULSE | changes), "own", NOW) == ""


@pytest.mark.parametrize("pulse", [DEEP, "[1]", '"at"', "null", "", "{"])
def test_what_is_no_pulse_means_nothing(pulse):
    assert sentence(pulse, "own", NOW) == ""


def test_a_pulse_with_a_foreign_notebook_still_counts():
    odd = {"notebook": "x.ipynb", "run": ["?"]}
    assert sentence(json.dumps(PULSE | odd), "own", NOW) == (
        "Another runtime has this project too. It was heard 60\N{NO-BREAK SPACE}s ago."
    )


def test_a_foreign_pulse_on_drive_does_not_keep_a_project_from_connecting(vm, project):
    for number, pulse in enumerate([DEEP.encode(), b"\xff\xfe", b"x" * 3_000_000]):
        project.write(THEIR_PULSE.replace("aaaa", f"aaa{number}"), pulse)

    text = shown(project.connect(vm, "outputs=['checkpoints/']"))

    assert "Guarded: checkpoints/" in text
    assert vm.run_cell("import os; print(c.ok, os.getcwd())").text.split() == [
        "True",
        str(vm.content / "spam"),
    ]


def test_outputs_that_are_no_folders_of_the_project_are_refused_in_words(vm, project):
    folders = "['']", "['.']", "['../']", "['runs/', '/']", "['checkpoints/..']"
    ours = "['../.drive-sync/guard']", "'.drive-sync'"
    for wrong in (*folders, *ours):
        text = shown(project.connect(vm, f"outputs={wrong}"))
        what = "the whole project or more" if wrong in folders else "Drive Sync's own files"
        assert f"would send {what} to Drive." in text, wrong
        assert "Name the folders that training writes to" in text
    for arguments, words in {
        "outputs=None": "outputs=None is not understood.",
        "outputs=[3]": "outputs=[3] is not understood.",
        "include=5": "include=5 is not understood.",
        "keep='3'": "keep='3' is no whole number.",
        "best=7": "best=7 is not understood.",
    }.items():
        assert words in shown(project.connect(vm, arguments))
    assert vm.run_cell("print(c.ok)").text.strip() == "False"
    assert not (vm.content / ".drive-sync" / "guard" / "settings.json").exists()

    text = shown(project.connect(vm, "outputs=__import__('pathlib').Path('runs')"))
    assert "Guarded: runs →" in text


def test_a_folder_where_a_file_comes_and_a_file_where_a_folder_comes_stop_nothing_else(vm, project):
    shown(project.connect(vm))
    shown(vm.run_cell("import os; os.mkdir('results'); open('plots', 'w').write('mine')"))
    project.write("results", b"a file")
    project.write("plots/a.png", b"a picture")
    project.write("model.py", b"LAYERS = 4\n")

    text = shown(project.connect(vm, "outputs=['checkpoints/']"))

    assert "results (a folder is in the way)" in text
    assert "plots/a.png (a file is in the way)" in text
    assert "Rename or remove what is in the way here, then call pull()." in text
    assert "Guarded: checkpoints/" in text
    assert (vm.content / "spam" / "model.py").read_bytes() == b"LAYERS = 4\n"
    assert (vm.content / "spam" / "plots").read_text() == "mine"

    assert "results (a folder" in shown(vm.run_cell("ds.pull()"))
    shown(vm.run_cell("os.rmdir('results'); os.remove('plots'); ds.pull()"))
    assert (vm.content / "spam" / "results").read_bytes() == b"a file"
    assert (vm.content / "spam" / "plots" / "a.png").read_bytes() == b"a picture"


OTHER = "run-20261122-170000-ffff"
LINE = {
    "v": 1,
    "seq": 1,
    "kind": "file",
    "path": "w.pt",
    "remote": "w.pt",
    "size": 1,
    "md5": "0" * 32,
    "drive_id": None,
    "mtime": "2099-11-21T16:45:10.250000Z",
    "step": 1,
    "metrics": None,
    "checkpoint": True,
    "verified": "2099-11-21T16:45:11Z",
}


def test_a_damaged_list_of_one_run_is_passed_over_for_the_others(runtime, capsys):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    for damaged in (
        f'{{"v": 1, "x": {DEEP}}}'.encode(),
        json.dumps(LINE).replace('"seq": 1', '"seq": Infinity').encode(),
        json.dumps(LINE | {"group": 5}).encode(),
        json.dumps(LINE | {"group": str(runtime.content / "keys")}).encode(),
    ):
        runtime.drive.seed({f"ml/spam/outputs/{OTHER}/manifest.jsonl": damaged + b"\n"})

        found = restoring.latest()

        assert found is not None
        assert found.path == "checkpoints/step-1.pt"
        assert f"The list of {OTHER} on Drive is damaged" in capsys.readouterr().out
        assert restoring.restore() == runtime.project / "checkpoints" / "step-1.pt"
        runtime.drive.trash(runtime.drive.find(f"ml/spam/outputs/{OTHER}"))
    assert not (runtime.content / "keys").exists()


def test_a_folder_where_a_checkpoint_comes_gets_it_beside(runtime):
    runtime.start()
    content = zip_bytes(2_000)
    put_on_drive(runtime, "checkpoints/step-1.pt", content)
    place = runtime.project / "checkpoints" / "step-1.pt"
    place.unlink()
    place.mkdir()

    restored = restoring.restore()

    assert restored == place.with_name("step-1~restored1.pt")
    assert restored.read_bytes() == content
    assert place.is_dir()


def test_a_file_where_a_checkpoints_folder_comes_gets_it_beside_or_a_sentence(runtime):
    runtime.start()
    folder = runtime.project / "out" / "checkpoint-9"
    write_at_once(folder / "weights.pt", zip_bytes(2_000))
    checkpoints.checkpoint(folder, step=9, timeout=30)
    shutil.rmtree(folder)
    folder.write_text("mine")

    restored = restoring.restore()

    assert restored == folder.with_name("checkpoint-9~restored1")
    assert folder.read_text() == "mine"
    shutil.rmtree(folder.parent)
    folder.parent.write_text("mine")
    with pytest.raises(PathInvalid, match="in the way of the folder"):
        restoring.restore()
    assert folder.parent.read_text() == "mine"
