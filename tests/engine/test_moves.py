"""Renames: found by content, or by Drive's id; never guessed."""

from __future__ import annotations

import time

import pytest

from jupyter_drive_sync.engine.models import Plan, Step, StepKind
from jupyter_drive_sync.engine.plan import digests_needed, make_plan

from .builders import (
    LATER,
    THEN,
    agreed,
    baseline,
    file,
    kinds,
    local,
    only_step,
    remote,
    version,
)

PUSH, PULL = StepKind.PUSH, StepKind.PULL
DELETE_LOCAL, DELETE_REMOTE = StepKind.DELETE_LOCAL, StepKind.DELETE_REMOTE
MOVE_LOCAL, MOVE_REMOTE = StepKind.MOVE_LOCAL, StepKind.MOVE_REMOTE


def _moves(plan: Plan) -> dict[str, str | None]:
    return {step.path: step.old_path for step in plan.of(MOVE_LOCAL, MOVE_REMOTE)}


def test_a_file_renamed_here_is_renamed_on_drive() -> None:
    plan = make_plan(
        baseline(agreed("old", b"text", id="id1")),
        local(file("new", b"text", LATER)),
        remote(file("old", b"text", id="id1")),
    )
    assert only_step(plan) == Step(
        MOVE_REMOTE,
        "new",
        local=version(b"text", LATER),
        remote=version(b"text", THEN),
        old_path="old",
        remote_id="id1",
    )
    assert plan.deletes == 0
    assert plan.active


def test_a_file_renamed_on_drive_is_renamed_here() -> None:
    plan = make_plan(
        baseline(agreed("old", b"text", id="id1")),
        local(file("old", b"text")),
        remote(file("new", b"text", LATER, id="id1")),
    )
    assert only_step(plan) == Step(
        MOVE_LOCAL,
        "new",
        local=version(b"text", THEN),
        remote=version(b"text", LATER),
        old_path="old",
        remote_id="id1",
    )


def test_a_renamed_file_is_found_by_its_content_where_there_are_no_ids() -> None:
    plan = make_plan(
        baseline(agreed("old", b"text")), local(file("old", b"text")), remote(file("new", b"text"))
    )
    assert _moves(plan) == {"new": "old"}


@pytest.mark.parametrize("on_drive", [True, False])
def test_a_renamed_folder_is_a_rename_of_each_of_its_files(on_drive: bool) -> None:
    names = [f"{number // 10}/{number}.csv" for number in range(100)]
    base = baseline(*(agreed(f"raw/{name}", name.encode(), id=name) for name in names))
    stayed = [file(f"raw/{name}", name.encode(), id=name) for name in names]
    moved = [file(f"data/{name}", name.encode(), id=name) for name in names]
    here, there = (stayed, moved) if on_drive else (moved, stayed)
    plan = make_plan(base, local(*here), remote(*there))
    assert _moves(plan) == {f"data/{name}": f"raw/{name}" for name in names}
    assert len(plan.steps) == 100
    assert {step.kind for step in plan.steps} == {MOVE_LOCAL if on_drive else MOVE_REMOTE}


@pytest.mark.parametrize("on_drive", [True, False])
def test_two_swapped_names_are_two_edits(on_drive: bool) -> None:
    base = baseline(agreed("a", b"one", id="1"), agreed("b", b"two", id="2"))
    stayed = [file("a", b"one", id="1"), file("b", b"two", id="2")]
    swapped = [file("a", b"two", LATER, id="2"), file("b", b"one", LATER, id="1")]
    here, there = (stayed, swapped) if on_drive else (swapped, stayed)
    plan = make_plan(base, local(*here), remote(*there))
    assert kinds(plan) == dict.fromkeys("ab", PULL if on_drive else PUSH)


@pytest.mark.parametrize("on_drive", [True, False])
def test_a_chain_of_renames_overwrites_no_name_that_is_still_taken(on_drive: bool) -> None:
    base = baseline(agreed("a", b"one"), agreed("b", b"two"))
    stayed = [file("a", b"one"), file("b", b"two")]
    shifted = [file("b", b"one", LATER), file("c", b"two", LATER)]
    here, there = (stayed, shifted) if on_drive else (shifted, stayed)
    plan = make_plan(base, local(*here), remote(*there))
    assert kinds(plan) == (
        {"a": DELETE_LOCAL, "b": PULL, "c": PULL}
        if on_drive
        else {"a": DELETE_REMOTE, "b": PUSH, "c": PUSH}
    )


def test_a_rename_with_an_edit_is_a_new_file_and_a_delete() -> None:
    base = baseline(agreed("old", b"text", id="id1"))
    here = make_plan(base, local(file("new", b"more text")), remote(file("old", b"text", id="id1")))
    assert kinds(here) == {"new": PUSH, "old": DELETE_REMOTE}
    there = make_plan(
        base, local(file("old", b"text")), remote(file("new", b"more text", id="id1"))
    )
    assert kinds(there) == {"new": PULL, "old": DELETE_LOCAL}


def test_an_edit_of_the_same_size_in_a_renamed_file_is_not_missed() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(base, local(file("new", b"TEXT")), remote(file("old", b"text")))
    assert kinds(plan) == {"new": PUSH, "old": DELETE_REMOTE}


def test_a_file_renamed_here_and_edited_on_drive_keeps_both() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(base, local(file("new", b"text")), remote(file("old", b"edited", LATER)))
    assert kinds(plan) == {"new": PUSH, "old": PULL}


def test_a_file_renamed_on_drive_and_edited_here_keeps_both() -> None:
    base = baseline(agreed("old", b"text", id="1"))
    plan = make_plan(
        base, local(file("old", b"edited", LATER)), remote(file("new", b"text", id="1"))
    )
    assert kinds(plan) == {"new": PULL, "old": PUSH}


def test_a_file_renamed_differently_on_each_side_is_kept_under_both_names() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(base, local(file("mine", b"text")), remote(file("yours", b"text")))
    assert kinds(plan) == {"mine": PUSH, "yours": PULL, "old": StepKind.FORGET}


def test_a_file_renamed_alike_on_both_sides_moves_nothing() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(base, local(file("new", b"text")), remote(file("new", b"text")))
    assert kinds(plan) == {"new": StepKind.ADOPT, "old": StepKind.FORGET}


def test_a_rename_onto_a_name_the_other_side_just_took_is_no_rename() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(
        base, local(file("new", b"text")), remote(file("old", b"text"), file("new", b"other"))
    )
    assert kinds(plan) == {"new": StepKind.HOLD, "old": DELETE_REMOTE}


def test_a_copy_is_a_new_file() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(
        base, local(file("old", b"text"), file("copy", b"text")), remote(file("old", b"text"))
    )
    assert kinds(plan) == {"copy": PUSH}


def test_of_twins_the_one_of_the_same_name_is_the_one_that_moved() -> None:
    base = baseline(agreed("a/one", b"twin"), agreed("a/two", b"twin"))
    plan = make_plan(
        base,
        local(file("b/two", b"twin")),
        remote(file("a/one", b"twin"), file("a/two", b"twin")),
    )
    assert kinds(plan) == {"b/two": MOVE_REMOTE, "a/one": DELETE_REMOTE}
    assert _moves(plan) == {"b/two": "a/two"}


def test_of_twins_with_other_names_the_one_of_the_same_folder_moved() -> None:
    base = baseline(agreed("a/one", b"twin"), agreed("b/one", b"twin"))
    plan = make_plan(
        base,
        local(file("b/new", b"twin")),
        remote(file("a/one", b"twin"), file("b/one", b"twin")),
    )
    assert _moves(plan) == {"b/new": "b/one"}


def test_twins_are_told_apart_by_their_ids_on_drive() -> None:
    base = baseline(agreed("a", b"twin", id="1"), agreed("b", b"twin", id="2"))
    plan = make_plan(
        base,
        local(file("a", b"twin"), file("b", b"twin")),
        remote(file("x", b"twin", id="2"), file("y", b"twin", id="1")),
    )
    assert _moves(plan) == {"x": "b", "y": "a"}


def test_a_new_twin_does_not_take_the_place_of_the_file_that_was_renamed() -> None:
    base = baseline(agreed("old", b"twin", id="1"))
    plan = make_plan(
        base,
        local(file("old", b"twin")),
        remote(file("a copy", b"twin", id="9"), file("renamed", b"twin", id="1")),
    )
    assert kinds(plan) == {"a copy": PULL, "renamed": MOVE_LOCAL}


def test_each_old_name_moves_once() -> None:
    base = baseline(agreed("old", b"twin"))
    plan = make_plan(
        base, local(file("new 1", b"twin"), file("new 2", b"twin")), remote(file("old", b"twin"))
    )
    assert sorted(kinds(plan).values()) == sorted([MOVE_REMOTE, PUSH])


@pytest.mark.parametrize("on_drive", [True, False])
def test_empty_files_are_never_taken_for_renamed(on_drive: bool) -> None:
    base = baseline(agreed("old", b"", id="1"))
    stayed, moved = [file("old", b"", id="1")], [file("new", b"", id="1")]
    here, there = (stayed, moved) if on_drive else (moved, stayed)
    plan = make_plan(base, local(*here), remote(*there))
    assert kinds(plan) == (
        {"new": PULL, "old": DELETE_LOCAL} if on_drive else {"new": PUSH, "old": DELETE_REMOTE}
    )


@pytest.mark.parametrize("unknown", ["baseline", "new file"])
def test_without_a_digest_nothing_is_taken_for_renamed(unknown: str) -> None:
    plan = make_plan(
        baseline(agreed("old", b"text", read=unknown != "baseline", id="1")),
        local(file("old", b"text", read=False)),
        remote(file("new", b"text", read=unknown != "new file", id="1")),
    )
    assert kinds(plan) == {"new": PULL, "old": DELETE_LOCAL}


def test_a_held_name_takes_no_part_in_a_rename() -> None:
    base = baseline(agreed("old", b"text"))
    plan = make_plan(
        base,
        local(file("new", b"text")),
        remote(file("old", b"text"), duplicates=["old"]),
    )
    assert kinds(plan) == {"new": PUSH, "old": StepKind.HOLD}


def test_renames_both_ways_in_one_plan_do_not_mix() -> None:
    base = baseline(agreed("a", b"text", id="1"), agreed("b", b"text", id="2"))
    plan = make_plan(
        base,
        local(file("a2", b"text"), file("b", b"text")),
        remote(file("a", b"text", id="1"), file("b2", b"text", id="2")),
    )
    assert kinds(plan) == {"a2": MOVE_REMOTE, "b2": MOVE_LOCAL}
    assert _moves(plan) == {"a2": "a", "b2": "b"}


def test_a_possible_rename_is_read_before_it_is_planned() -> None:
    base = baseline(agreed("old", b"text"))
    here, there = local(file("new", b"text", read=False)), remote(file("old", b"text"))
    assert digests_needed(base, here, there).local == {"new"}


def test_a_renamed_folder_of_thousands_of_equal_files_is_planned_in_a_moment() -> None:
    """Label files and package markers come in great numbers with the same few bytes."""
    names = [f"{number // 50}/{number}.txt" for number in range(4_000)]
    base = baseline(*(agreed(f"raw/{name}", b"0\n") for name in names))
    here = local(*(file(f"data/{name}", b"0\n") for name in names))
    there = remote(*(file(f"raw/{name}", b"0\n") for name in names))
    started = time.perf_counter()
    plan = make_plan(base, here, there)
    assert time.perf_counter() - started < 3
    assert _moves(plan) == {f"data/{name}": f"raw/{name}" for name in names}
