"""The words and the looks of the status box."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.box import BAD, BUSY, GOOD, NOTE, Box
from jupyter_drive_sync.companion.drive_sync_colab.environment import Settled, _lines
from jupyter_drive_sync.companion.drive_sync_colab.environment_plan import (
    INSTALL,
    Home,
    Wanted,
    make_plan,
)
from jupyter_drive_sync.companion.drive_sync_colab.listing import show_size
from jupyter_drive_sync.companion.drive_sync_colab.neighbours import sentence

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


@pytest.mark.parametrize(
    ("at", "ago"), [("16:39:20", "40 s"), ("16:41:00", "0 s"), ("16:36:10", "4 min")]
)
def test_another_runtime_is_named_with_when_it_was_heard(at, ago):
    pulse = (
        '{"state": "running", "runtime": "a", "every": 60, "run": "run-1", '
        f'"at": "2026-11-21T{at}Z", "notebook": {{"path": "train.ipynb"}}}}'
    )
    assert sentence(pulse, "own", NOW) == (
        "Another runtime with train.ipynb has this project too (run run-1). "
        f"It was heard {ago} ago."
    )
