"""The words and the looks of the status box."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, room
from jupyter_drive_sync.companion.drive_sync_colab.box import BAD, BUSY, GOOD, NOTE, Box, Screen
from jupyter_drive_sync.companion.drive_sync_colab.checkpoints import Saved
from jupyter_drive_sync.companion.drive_sync_colab.connecting import Connection, _Connecting
from jupyter_drive_sync.companion.drive_sync_colab.drive_api import Folder
from jupyter_drive_sync.companion.drive_sync_colab.environment import Settled, _lines
from jupyter_drive_sync.companion.drive_sync_colab.environment_plan import (
    INSTALL,
    Home,
    Wanted,
    make_plan,
)
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    CompanionError,
    DriveFull,
    FolderTrashed,
    NotConnected,
    Offline,
)
from jupyter_drive_sync.companion.drive_sync_colab.guard.folders import GuardFolder
from jupyter_drive_sync.companion.drive_sync_colab.listing import show_size
from jupyter_drive_sync.companion.drive_sync_colab.neighbours import sentence
from jupyter_drive_sync.companion.drive_sync_colab.places import Places
from jupyter_drive_sync.companion.drive_sync_colab.rclone import Progress
from jupyter_drive_sync.companion.drive_sync_colab.restoring import Checkpoint
from jupyter_drive_sync.companion.drive_sync_colab.results import Pulled, Pushed
from jupyter_drive_sync.companion.drive_sync_colab.settings import Transport

NOW = datetime(2026, 11, 21, 16, 40, tzinfo=timezone.utc)
GROUNDS = "#ffffff", "#1e1e1e", "#383838"
"""Of pages: light, dark, and Colab's dark."""


def brightness(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_sign_can_be_seen_on_light_and_dark_pages(ground):
    box = Box("spam")
    for kind in (GOOD, NOTE, BAD, BUSY):
        box.add(kind, "text")
    colours = re.findall(r"[;\"]color:(#[0-9a-f]{6})", box.as_html())
    assert len(colours) == 4
    for colour in colours:
        assert contrast(colour, ground) >= 3, colour


def test_all_texts_of_the_box_begin_below_one_another():
    box = Box("spam")
    for kind in (GOOD, NOTE, BAD):
        box.add(kind, "text")
    signs = re.findall(r'<span aria-hidden="true" style="([^"]*)color', box.as_html())
    assert len(signs) == 3
    assert len(set(signs)) == 1
    assert "flex:0 0 1.1em" in signs[0]


def test_one_byte_is_one_byte():
    assert [show_size(size) for size in (0, 1, 2, 1000)] == [
        "0 bytes",
        "1 byte",
        "2 bytes",
        "1.0 kB",
    ]


def lines(home: Home, here: dict[str, str], **how: bool) -> list[str]:
    report = Settled(make_plan(home.wanted, here))
    return [line.text for line in _lines(home, report, off=False, **how)]


def test_what_home_could_not_list_has_its_own_reason_and_what_the_runtime_has_is_not_named():
    skipped = {
        "json": "imported, but not installed at home",
        "pytest": "imported, but not installed at home",
        "my-tools": "installed at home from a folder",
        "no_such_module": "imported, but not installed at home",
    }
    assert lines(Home("", "kernel", (), skipped), {}) == [
        "Libraries: nothing to install.",
        "Not brought: my-tools: installed at home from a folder; "
        "no_such_module: imported, but not installed at home.",
    ]


def test_what_differs_is_true_on_both_sides():
    wanted = (
        Wanted("torch", "==2.9.0", "2.9.0"),
        Wanted("numpy", "==1.20.0", "1.20.0"),
        Wanted("jax"),
    )
    report = Settled(make_plan(wanted, {"torch": "2.11.0+cu128"}))
    assert report.for_pulse() == {
        "drift": 3,
        "text": "torch 2.11.0+cu128 in Colab, 2.9.0 at home; no numpy in Colab, 1.20.0 at home; "
        "no jax in Colab",
    }
    assert [line.text for line in _lines(Home("", "", wanted, {}), report, off=False)] == [
        "Kept, because the runtime owns them: torch 2.11.0+cu128 in Colab, 2.9.0 at home.",
        "Not installed, because only the runtime may bring them: no numpy in Colab, "
        "1.20.0 at home; no jax in Colab.",
    ]


def test_what_is_not_possible_says_what_stays():
    wanted = (Wanted("cowsay", "==6.1", "6.1"), Wanted("tiny", "==1.0", "1.0"))
    plan = make_plan(wanted, {"cowsay": "5.0"})
    assert len(plan.of(INSTALL)) == 2
    plan = plan.refuse({"cowsay": "it needs another Python", "tiny": "there is none"})
    home = Home("", "kernel", wanted, {})
    assert [line.text for line in _lines(home, Settled(plan), off=False)] == [
        "Not possible here: cowsay 6.1: it needs another Python, so 5.0 stays; "
        "tiny 1.0: there is none."
    ]


def test_what_calls_give_back_is_shown_in_a_few_words():
    done = Pulled(files=["a.py", "b.py"], size=90, kept=["c.py"], total=5)
    assert repr(done) == "Pulled(2 brought, 1 kept)"
    assert repr(Pushed(files=["a.py"])) == "Pushed(1 sent)"
    assert repr(Pushed(beside={"a": "b"}, refused={"c": "why"})) == (
        "Pushed(0 sent, 1 beside, 1 refused)"
    )
    path = Path("/content/spam/checkpoints/step-3.pt")
    saved = Saved(path, safe=True, verified=True)
    assert repr(saved) == "Saved(step-3.pt, on Drive and verified)"
    handed = Saved(path, safe=False, verified=False)
    assert repr(handed) == "Saved(step-3.pt, handed to the guard)"
    found = Checkpoint(
        "run-1", "a.pt", 3, {"loss": 0.5}, 2_000_000, "t0", "2026-11-21T16:50:15Z", ()
    )
    assert (
        repr(found) == "Checkpoint(a.pt, step 3, 2.0 MB, verified 2026-11-21T16:50:15Z, of run-1)"
    )
    by_mount = replace(found, verified=None, step=None)
    assert repr(by_mount) == "Checkpoint(a.pt, 2.0 MB, not verified, of run-1)"


def test_little_room_is_worth_knowing_none_is_a_problem_and_enough_is_nothing():
    assert room.line(None) is None
    assert room.line(50 * 10**9) is None
    little, none = room.line(300_000_000), room.line(-40)
    assert little is not None and (little.kind, little.text) == (
        NOTE,
        "Google Drive has 300 MB left.",
    )
    assert none is not None and none.kind == BAD


@pytest.mark.parametrize(
    ("way", "shared", "free"),
    [("rclone", False, 40), ("rclone", True, None), ("mount", False, None)],
)
def test_the_room_counts_where_it_is_the_persons_own(monkeypatch, way, shared, free):
    monkeypatch.setattr(room.rclone, "run", lambda *_, **__: '{"total": 100, "free": 40}')
    monkeypatch.setattr(room, "look_up", lambda _: Folder(found=True, shared_drive=shared))
    assert room.left(Transport(way, ["rclone"]), "1id") == free


def test_a_drive_that_tells_nothing_of_its_room_counts_as_having_some(monkeypatch):
    def fails(*_: object, **__: object) -> str:
        raise Offline("Drive cannot be reached.")

    for said in (lambda *_, **__: "{}", lambda *_, **__: "[]", lambda *_, **__: "", fails):
        monkeypatch.setattr(room.rclone, "run", said)
        assert room.left(Transport("rclone", ["rclone"]), "1id") is None


def test_what_drive_throws_away_is_in_its_trash_in_every_hint():
    kinds, hints = [CompanionError], []
    for kind in kinds:
        kinds += kind.__subclasses__()
        hints.append(kind.default_hint)
    assert len(hints) > 20
    assert not [hint for hint in hints if re.search(r"\bbin\b", hint)]
    assert "Restore it from the trash" in FolderTrashed("").hint
    assert "the trash counts too" in DriveFull("").hint


def test_copying_says_how_much_only_once_there_is_some():
    said: list[str] = []
    connecting = _Connecting(Connection(Screen()), Places.here())
    connecting.screen.busy = lambda _, text: said.append(text)  # type: ignore[method-assign]
    for done in (0, 12_000):
        connecting._show_progress(Progress(done, 65_000, 0.0))
    assert said == ["Copying the project: 65 kB", "Copying the project: 12 kB of 65 kB"]


def test_before_connecting_there_is_one_sentence_and_no_chain_of_errors(tmp_path, monkeypatch):
    monkeypatch.setattr(GuardFolder, "here", lambda: GuardFolder(tmp_path / "none"))
    with pytest.raises(NotConnected) as caught:
        checkpoints.connected()
    assert caught.value.__suppress_context__
    assert "first cell" in str(caught.value)


def test_what_keeps_checkpoint_waiting_names_the_way_on(tmp_path, monkeypatch, capsys):
    folder = GuardFolder(tmp_path)
    folder.make()
    error = {"code": "quota_full", "text": "Google Drive is full.", "hint": "Make room."}
    folder.status.write_text(json.dumps({"error": error}))
    monkeypatch.setattr(checkpoints, "_ALIVE_EVERY", 0.0)
    monkeypatch.setattr(checkpoints, "ensure", lambda _: None)
    checkpoints.wait_for_answer(folder, "1", "checkpoint(step-3.pt)", 0.2)
    assert capsys.readouterr().out == (
        "checkpoint(step-3.pt) waits: Google Drive is full. Make room. "
        "checkpoint(..., wait=False) lets training go on meanwhile.\n"
    )
    checkpoints.wait_for_answer(folder, "1", "finish()", 0.2)
    assert capsys.readouterr().out == "finish() waits: Google Drive is full. Make room.\n"


@pytest.mark.parametrize(
    ("at", "time", "unit"), [("16:39:20", 40, "s"), ("16:41:00", 0, "s"), ("16:36:10", 4, "min")]
)
def test_another_runtime_is_named_with_when_it_was_heard(at, time, unit):
    pulse = (
        '{"state": "running", "runtime": "a", "every": 60, "run": "run-1", '
        f'"at": "2026-11-21T{at}Z", "notebook": {{"path": "train.ipynb"}}}}'
    )
    assert sentence(pulse, "own", NOW) == (
        "Another runtime with train.ipynb has this project too (run-1). "
        f"It was heard {time}\N{NO-BREAK SPACE}{unit} ago."
    )
