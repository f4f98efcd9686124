"""What is true of every plan, whatever people do on both sides and wherever a run stops.

A seeded driver lives through many small worlds. ``DRIVE_SYNC_SEED=n`` lives through one again,
``DRIVE_SYNC_SOAK=1`` through as many as make 200,000 plans, from a new seed.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_drive_sync.engine.models import HoldReason

from .figures import Record, note
from .people import IN_TURN, World, live_through
from .trouble import SOAK, again

SEED = "DRIVE_SYNC_SEED"
ROUNDS = 8
HELD_FOR = (
    HoldReason.CONFLICT,
    HoldReason.DUPLICATE,
    HoldReason.UNREADABLE,
    HoldReason.KIND_CHANGED,
    HoldReason.NAME_UNUSABLE,
)


def _world(seed: int) -> World:
    return live_through(Random(seed), ROUNDS, lambda: f"again: {again(__file__, SEED, seed)}")


def _live(first: int, plans: int) -> tuple[int, int, Counter[str]]:
    """Live through worlds until so many plans were made; return worlds, plans, what was met."""
    made = worlds = 0
    met: Counter[str] = Counter()
    while made < plans:
        world = _world(first + worlds)
        made += world.plans
        met += world.met
        worlds += 1
    return worlds, made, met


def test_no_plan_loses_a_version_that_a_person_wrote(
    capsys: pytest.CaptureFixture[str], record_property: Record
) -> None:
    """All that `people.World` asserts, over thousands of plans.

    No version leaves a side unless the other side's person replaced it; conflicts and other held
    names stay untouched on both sides; only what somebody deleted or moved is deleted; no path
    has two steps; a first sync deletes and overwrites nothing; after an undisturbed run both
    sides are equal but for holds and the next plan has nothing to do; and the digests that are
    asked for decide as well as all of them.
    """
    if SEED in os.environ:
        seed = int(os.environ[SEED])
        world = _world(seed)
        with capsys.disabled():
            print("", f"seed {seed}: {world.plans} plans", *world.log, sep="\n  ")
        return
    first = time.time_ns() % 1_000_000_000_000 if SOAK else 0
    worlds, made, met = _live(first, 200_000 if SOAK else 5_000)
    counts = {f"steps: {word}": met[word] for word in met}
    figures = {"plans": made, "worlds": worlds, "lost": 0, **counts}
    note(record_property, "Plans", figures, f"{first}-{first + worlds - 1}")
    rare = {word.value for word in (*IN_TURN, *HELD_FOR) if met[word.value] < 20}
    assert not rare, f"hardly ever met: {rare}"


@given(st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None, database=None)
def test_no_plan_loses_a_version_in_the_smallest_worlds(random: Random) -> None:
    """The same with Hypothesis, which shrinks what goes wrong."""
    live_through(random, 2, lambda: "found by Hypothesis")
