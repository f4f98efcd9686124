"""The plan: what a run would do to each path, for every way in which the sides can stand."""

from __future__ import annotations

import itertools
import random
import time
from dataclasses import replace

import pytest

from jupyter_drive_sync.engine.models import HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.engine.plan import Digests, alike, digests_needed, make_plan, same_content
from jupyter_drive_sync.ports.listing import Entry, Listing, Version
from jupyter_drive_sync.ports.projects import MARKER_FOLDER, MARKER_PATH

from .builders import (
    LATER,
    SECOND,
    THEN,
    agreed,
    baseline,
    file,
    folder,
    kinds,
    link,
    local,
    md5,
    only_step,
    remote,
    special,
    unreadable,
    version,
)

PUSH, PULL = StepKind.PUSH, StepKind.PULL
DELETE_LOCAL, DELETE_REMOTE = StepKind.DELETE_LOCAL, StepKind.DELETE_REMOTE
ADOPT, FORGET, HOLD = StepKind.ADOPT, StepKind.FORGET, StepKind.HOLD

PATH = "notes/a.ipynb"


def _entry(state: str, *, read: bool, mine: bytes, id: str | None = None) -> tuple[Entry, ...]:
    """Return what a side shows of PATH, whose agreed content is b"base"."""
    made = {
        "absent": None,
        "same": (b"base", THEN),
        "touched": (b"base", LATER),
        "touched too": (b"base", LATER + 50),
        "changed": (mine, LATER),
        "resized": (mine + b" and more", LATER),
        "both alike": (b"agre", LATER),
    }[state]
    return () if made is None else (file(PATH, *made, read=read, id=id),)


def _plan(known: bool, here: str, there: str, *, read: bool) -> Plan:
    return make_plan(
        baseline(agreed(PATH, b"base", read=read, id="id1")) if known else {},
        local(*_entry(here, read=read, mine=b"mine")),
        remote(*_entry(there, read=read, mine=b"your", id="id1")),
    )


# (here, there): what happens; None: nothing to do
KNOWN_WITH_MD5 = {
    ("absent", "absent"): FORGET,
    ("absent", "same"): DELETE_REMOTE,
    ("absent", "touched"): DELETE_REMOTE,
    ("absent", "changed"): PULL,
    ("absent", "resized"): PULL,
    ("same", "absent"): DELETE_LOCAL,
    ("same", "same"): None,
    ("same", "touched"): ADOPT,
    ("same", "changed"): PULL,
    ("same", "resized"): PULL,
    ("touched", "absent"): DELETE_LOCAL,
    ("touched", "same"): ADOPT,
    ("touched", "touched"): ADOPT,
    ("touched", "touched too"): ADOPT,
    ("touched", "changed"): PULL,
    ("touched", "resized"): PULL,
    ("changed", "absent"): PUSH,
    ("changed", "same"): PUSH,
    ("changed", "touched"): PUSH,
    ("changed", "changed"): HOLD,
    ("changed", "resized"): HOLD,
    ("resized", "absent"): PUSH,
    ("resized", "same"): PUSH,
    ("resized", "touched"): PUSH,
    ("resized", "changed"): HOLD,
    ("resized", "resized"): HOLD,
    ("both alike", "both alike"): ADOPT,
    ("both alike", "same"): PUSH,
    ("same", "both alike"): PULL,
}

# Where no digest is known, a new time is an edit: too much is carried over or held, never lost.
KNOWN_WITHOUT_MD5 = KNOWN_WITH_MD5 | {
    ("absent", "touched"): PULL,
    ("same", "touched"): PULL,
    ("touched", "absent"): PUSH,
    ("touched", "same"): PUSH,
    ("touched", "touched"): ADOPT,  # the same size and time on both sides
    ("touched", "touched too"): HOLD,
    ("touched", "changed"): ADOPT,  # cannot be told apart: see the next table for other times
    ("touched", "resized"): HOLD,
    ("changed", "touched"): ADOPT,
    ("changed", "changed"): ADOPT,
    ("resized", "resized"): ADOPT,
    ("resized", "touched"): HOLD,
}

NEW_WITH_MD5 = {
    ("changed", "absent"): PUSH,
    ("absent", "changed"): PULL,
    ("both alike", "both alike"): ADOPT,
    ("same", "touched"): ADOPT,
    ("changed", "changed"): HOLD,
    ("changed", "resized"): HOLD,
}

NEW_WITHOUT_MD5 = {
    ("changed", "absent"): PUSH,
    ("absent", "changed"): PULL,
    ("both alike", "both alike"): ADOPT,
    ("same", "touched"): HOLD,
    ("changed", "resized"): HOLD,
}

TABLE = [
    pytest.param(known, read, here, there, kind, id=f"{label}-{here}-{there}")
    for label, known, read, table in (
        ("known", True, True, KNOWN_WITH_MD5),
        ("known no md5", True, False, KNOWN_WITHOUT_MD5),
        ("new", False, True, NEW_WITH_MD5),
        ("new no md5", False, False, NEW_WITHOUT_MD5),
    )
    for (here, there), kind in table.items()
]


@pytest.mark.parametrize(("known", "read", "here", "there", "kind"), TABLE)
def test_each_standing_of_the_two_sides_has_one_answer(
    known: bool, read: bool, here: str, there: str, kind: StepKind | None
) -> None:
    plan = _plan(known, here, there, read=read)
    assert kinds(plan) == ({} if kind is None else {PATH: kind})
    both = "absent" not in (here, there)
    assert plan.equal == (1 if both and kind in (None, ADOPT) else 0)
    assert plan.first is not known
    assert plan.active is (kind not in (None, ADOPT, HOLD))
    if kind is None:
        return
    step = only_step(plan)
    for seen, shown in ((step.local, here), (step.remote, there)):
        assert (seen is None) is (shown == "absent")
    assert step.remote_id == (None if there == "absent" else "id1")
    assert step.reason == (HoldReason.CONFLICT if kind is HOLD else None)
    assert step.old_path is None


def test_a_step_names_the_versions_that_the_plan_saw() -> None:
    step = only_step(_plan(True, "touched", "resized", read=True))
    assert step == Step(
        PULL,
        PATH,
        local=version(b"base", LATER),
        remote=version(b"your and more", LATER),
        remote_id="id1",
    )
    assert step.size == len(b"your and more")
    assert only_step(_plan(True, "resized", "same", read=True)).size == len(b"mine and more")
    assert only_step(_plan(True, "absent", "same", read=True)).size == 4
    assert only_step(_plan(True, "absent", "absent", read=True)).size is None


@pytest.mark.parametrize(
    ("apart", "kind"), [(0, ADOPT), (1, ADOPT), (-1, ADOPT), (1.001, HOLD), (-1.001, HOLD)]
)
def test_without_digests_equal_sizes_count_as_alike_only_within_a_second(
    apart: float, kind: StepKind
) -> None:
    plan = make_plan(
        {},
        local(file("a", b"1234", LATER, read=False)),
        remote(file("a", b"5678", LATER + apart, read=False)),
    )
    assert kinds(plan) == {"a": kind}


def test_one_known_digest_of_two_decides_nothing() -> None:
    here, there = version(b"1234", THEN), version(b"1234", LATER, read=False)
    assert not same_content(here, there)
    assert not alike(here, there)
    assert alike(here, version(b"5678", THEN, read=False))
    assert not alike(here, version(b"5678", THEN))
    assert not same_content(None, here)
    assert not same_content(here, None)


def test_equal_digests_of_unequal_sizes_are_not_alike() -> None:
    one, other = Version(1, THEN, md5(b"x")), Version(2, THEN, md5(b"x"))
    assert not alike(one, other)
    assert not same_content(one, other)


def test_a_file_made_anew_on_drive_with_the_same_bytes_only_gets_its_new_id() -> None:
    base = baseline(agreed("a", b"base", id="old"))
    plan = make_plan(base, local(file("a", b"base")), remote(file("a", b"base", id="new")))
    assert only_step(plan).kind is ADOPT
    assert only_step(plan).remote_id == "new"


def test_a_side_without_ids_never_looks_like_a_new_file() -> None:
    base = baseline(agreed("a", b"base", id="old"))
    assert make_plan(base, local(file("a", b"base")), remote(file("a", b"base"))).steps == ()


@pytest.mark.parametrize("read", [True, False])
def test_a_first_sync_only_copies_what_one_side_lacks(read: bool) -> None:
    plan = make_plan(
        {},
        local(
            file("only here", b"1", read=read),
            file("alike", b"22", read=read),
            file("differ", b"mine", read=read),
        ),
        remote(
            file("only there", b"3", read=read),
            file("alike", b"22", read=read),
            file("differ", b"yours", read=read),
        ),
    )
    assert kinds(plan) == {"only here": PUSH, "only there": PULL, "alike": ADOPT, "differ": HOLD}
    assert plan.first
    assert plan.equal == 1
    assert plan.deletes == 0


def test_steps_come_in_the_order_of_their_paths_and_are_counted() -> None:
    base = baseline(*(agreed(name, name.encode()) for name in "bdf"))
    plan = make_plan(
        base,
        local(file("f", b"f"), file("c", b"new c"), file("b", b"b")),
        remote(file("d", b"d"), file("b", b"b"), file("a", b"new a")),
    )
    assert [(step.path, step.kind) for step in plan.steps] == [
        ("a", PULL),
        ("c", PUSH),
        ("d", DELETE_REMOTE),
        ("f", DELETE_LOCAL),
    ]
    assert plan.equal == 1
    assert plan.deletes == 2
    assert plan.counts[PULL] == 1
    assert plan.of(PUSH, PULL) == (plan.steps[0], plan.steps[1])
    assert plan.active


def test_nothing_at_all_makes_an_empty_plan() -> None:
    plan = make_plan({}, local(), remote())
    assert plan == Plan((), first=True)
    assert not plan.active


# --- the marker ------------------------------------------------------------------------------


@pytest.mark.parametrize("here", [None, b"ours", b"other"])
@pytest.mark.parametrize("there", [None, b"ours", b"another"])
@pytest.mark.parametrize("known", [True, False])
def test_the_marker_is_never_part_of_a_plan(
    here: bytes | None, there: bytes | None, known: bool
) -> None:
    plan = make_plan(
        baseline(agreed(MARKER_PATH, b"ours")) if known else {},
        local(*([] if here is None else [file(MARKER_PATH, here)])),
        remote(*([] if there is None else [file(MARKER_PATH, there)])),
    )
    assert plan.steps == ()
    assert plan.equal == 0


def test_a_second_marker_on_drive_does_not_take_the_marker_out_of_the_sync() -> None:
    """A held marker would be filtered away, and bisync's access check would fail for good."""
    plan = make_plan(
        {},
        local(file(MARKER_PATH, b"ours"), file("a", b"1")),
        remote(file(MARKER_PATH, b"ours"), duplicates=[MARKER_PATH]),
    )
    assert kinds(plan) == {"a": PUSH}


def test_our_other_files_are_synced_like_a_persons() -> None:
    bundle = f"{MARKER_FOLDER}/companion.zip"
    assert kinds(make_plan({}, local(file(bundle, b"zip")), remote())) == {bundle: PUSH}


# --- holds -----------------------------------------------------------------------------------

STANDINGS = list(itertools.product(["absent", "same", "changed"], repeat=2))


def _held(plan: Plan, path: str = PATH) -> Step:
    (step,) = [step for step in plan.steps if step.path == path]
    assert step.kind is HOLD
    return step


@pytest.mark.parametrize(("here", "there"), STANDINGS)
@pytest.mark.parametrize("known", [True, False])
def test_a_name_that_drive_has_twice_is_held_whatever_else_is_so(
    here: str, there: str, known: bool
) -> None:
    plan = make_plan(
        baseline(agreed(PATH, b"base")) if known else {},
        local(*_entry(here, read=True, mine=b"mine")),
        remote(*_entry(there, read=True, mine=b"your"), duplicates=[PATH]),
    )
    assert _held(plan).reason is HoldReason.DUPLICATE
    assert len(plan.steps) == 1
    assert plan.equal == 0


def test_everything_below_a_folder_that_drive_has_twice_is_held() -> None:
    base = baseline(agreed("d/a", b"a"), agreed("d/sub/b", b"b"), agreed("da", b"c"))
    plan = make_plan(base, local(), remote(folder("d"), duplicates=["d"]))
    assert kinds(plan) == {"d": HOLD, "d/a": HOLD, "d/sub/b": HOLD, "da": FORGET}
    assert {step.reason for step in plan.holds} == {HoldReason.DUPLICATE}


@pytest.mark.parametrize("there", ["absent", "same", "changed"])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    "entry", [unreadable(PATH), file(PATH, b"mine", LATER, read=False, problem="permission denied")]
)
def test_a_file_that_cannot_be_read_is_held_with_the_reason(
    there: str, known: bool, entry: Entry
) -> None:
    plan = make_plan(
        baseline(agreed(PATH, b"base")) if known else {},
        local(entry),
        remote(*_entry(there, read=True, mine=b"your")),
    )
    held = _held(plan)
    assert held.reason is HoldReason.UNREADABLE
    assert held.detail == "permission denied"
    assert len(plan.steps) == 1


def test_a_file_that_cannot_be_read_on_the_far_side_is_held_too() -> None:
    base = baseline(agreed(PATH, b"base"))
    plan = make_plan(base, local(file(PATH, b"mine", LATER)), remote(unreadable(PATH)))
    assert _held(plan).reason is HoldReason.UNREADABLE


def test_absence_below_an_unreadable_folder_deletes_nothing() -> None:
    base = baseline(agreed("d/a", b"a"), agreed("d/sub/b", b"b"), agreed("d.txt", b"c"))
    plan = make_plan(
        base,
        local(folder("d", problem="permission denied"), file("d.txt", b"c")),
        remote(file("d/a", b"a"), file("d/sub/b", b"b"), file("d/new", b"n"), file("d.txt", b"c")),
    )
    assert kinds(plan) == {"d": HOLD, "d/a": HOLD, "d/sub/b": HOLD, "d/new": HOLD}
    assert {step.reason for step in plan.holds} == {HoldReason.UNREADABLE}
    assert plan.equal == 1
    mirrored = make_plan(
        base,
        local(file("d/a", b"a"), file("d/sub/b", b"b"), file("d.txt", b"c")),
        remote(folder("d", problem="no access"), file("d.txt", b"c")),
    )
    assert kinds(mirrored) == {"d": HOLD, "d/a": HOLD, "d/sub/b": HOLD}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("mirrored", [True, False])
def test_a_file_where_the_other_side_has_a_folder_is_held_with_all_below(
    known: bool, mirrored: bool
) -> None:
    a_file, a_folder = [file("d", b"now a file")], [file("d/a", b"a"), file("d/b", b"new")]
    here, there = (a_folder, a_file) if mirrored else (a_file, a_folder)
    plan = make_plan(
        baseline(agreed("d/a", b"a")) if known else {},
        local(*here),
        remote(*there),
    )
    assert kinds(plan) == {"d": HOLD, "d/a": HOLD, "d/b": HOLD}
    assert {step.reason for step in plan.holds} == {HoldReason.KIND_CHANGED}
    assert {step.detail for step in plan.holds} == {"folder"}


@pytest.mark.parametrize("thing", [link, special])
def test_a_link_or_socket_in_place_of_a_known_file_deletes_nothing(thing) -> None:
    base = baseline(agreed("a", b"base"), agreed("gone", b"base"))
    plan = make_plan(base, local(thing("a"), thing("gone")), remote(file("a", b"base")))
    assert kinds(plan) == {"a": HOLD, "gone": HOLD}
    assert {step.reason for step in plan.holds} == {HoldReason.KIND_CHANGED}
    assert plan.left_out == ()


def test_a_link_in_place_of_a_folder_deletes_nothing_below() -> None:
    base = baseline(agreed("data/a", b"a"), agreed("data/sub/b", b"b"))
    plan = make_plan(
        base, local(link("data")), remote(file("data/a", b"a"), file("data/sub/b", b"b"))
    )
    assert kinds(plan) == {"data": HOLD, "data/a": HOLD, "data/sub/b": HOLD}


def test_a_link_in_place_of_a_folder_deletes_nothing_where_folders_are_not_listed() -> None:
    """Some backends have no folders of their own; the files below say enough."""
    base = baseline(agreed("data/a", b"a"))
    there = remote(file("data/a", b"a"))
    bare = replace(there, entries={"data/a": there.entries["data/a"]})
    plan = make_plan(base, local(link("data")), bare)
    assert kinds(plan) == {"data": HOLD, "data/a": HOLD}


def test_a_file_faces_a_folder_that_is_known_by_an_unreadable_file_in_it_alone() -> None:
    there = remote(unreadable("d/a"))
    bare = replace(there, entries={"d/a": there.entries["d/a"]})
    plan = make_plan({}, local(file("d", b"a file")), bare)
    assert kinds(plan) == {"d": HOLD, "d/a": HOLD}


def test_a_link_that_only_this_side_has_is_left_out_and_said_so() -> None:
    plan = make_plan(
        {}, local(link("to data"), special("pipe"), file("a", b"1")), remote(file("a", b"1"))
    )
    assert plan.steps == make_plan({}, local(file("a", b"1")), remote(file("a", b"1"))).steps
    assert plan.left_out == (("pipe", "special"), ("to data", "link"))


@pytest.mark.parametrize("name", ["a\nb", "a\rb", "dir\n/file", "\n"])
@pytest.mark.parametrize("here", [True, False])
def test_a_line_break_in_a_name_is_held(name: str, here: bool) -> None:
    found = [file(name, b"1")]
    plan = make_plan({}, local(*(found if here else [])), remote(*([] if here else found)))
    assert kinds(plan) == {name: HOLD}
    assert only_step(plan).reason is HoldReason.NAME_UNUSABLE


COMPOSED, APART = "caf\u00e9.ipynb", "cafe\u0301.ipynb"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ([COMPOSED, APART], []),
        ([], [COMPOSED, APART]),
        ([COMPOSED], [APART]),
        ([COMPOSED, APART], [COMPOSED]),
    ],
)
@pytest.mark.parametrize("prefix", ["", "d/"])
def test_names_that_look_the_same_are_both_held(
    here: list[str], there: list[str], prefix: str
) -> None:
    plan = make_plan(
        {},
        local(*(file(prefix + name, b"x") for name in here)),
        remote(*(file(prefix + name, b"x") for name in there)),
    )
    assert kinds(plan) == {prefix + COMPOSED: HOLD, prefix + APART: HOLD}
    assert {step.reason for step in plan.holds} == {HoldReason.NAME_UNUSABLE}


def test_one_accented_name_alone_is_like_any_other() -> None:
    plan = make_plan({}, local(file(COMPOSED, b"x"), file("cafe.ipynb", b"y")), remote())
    assert kinds(plan) == {COMPOSED: PUSH, "cafe.ipynb": PUSH}


def test_what_is_held_does_not_stop_the_rest() -> None:
    base = baseline(agreed("a", b"base"), agreed("b", b"base"))
    plan = make_plan(
        base,
        local(file("a", b"mine", LATER), file("b", b"mine", LATER), file("c", b"new")),
        remote(file("a", b"your", LATER), file("b", b"base"), file("d", b"new too")),
    )
    assert kinds(plan) == {"a": HOLD, "b": PUSH, "c": PUSH, "d": PULL}
    assert plan.holds == (plan.steps[0],)


# --- the hash --------------------------------------------------------------------------------


def _shuffled(listing: Listing, chance: random.Random) -> Listing:
    entries = list(listing.entries.items())
    chance.shuffle(entries)
    return replace(listing, entries=dict(entries))


def _busy() -> tuple[dict, Listing, Listing]:
    base = baseline(
        agreed("edited", b"base"),
        agreed("fought", b"base"),
        agreed("gone", b"unique gone"),
        agreed("left", b"unique left"),
        agreed("old/one", b"twin"),
        agreed("old/two", b"twin"),
        agreed("twice", b"base"),
    )
    here = local(
        file("edited", b"mine", LATER),
        file("fought", b"mine", LATER),
        file("left", b"unique left"),
        file("new/one", b"twin"),
        file("new/two", b"twin"),
        file("new/three", b"fresh"),
        file("twice", b"base"),
    )
    there = remote(
        file("edited", b"base"),
        file("fought", b"your", LATER),
        file("gone", b"unique gone"),
        file("old/one", b"twin"),
        file("old/two", b"twin"),
        file("twice", b"base"),
        duplicates=["twice", "nothing"],
    )
    return base, here, there


def test_the_same_standing_has_the_same_hash_in_whatever_order_it_is_listed() -> None:
    base, here, there = _busy()
    plan = make_plan(base, here, there)
    assert plan.counts == {
        PUSH: 2,
        HOLD: 3,
        DELETE_REMOTE: 1,
        DELETE_LOCAL: 1,
        StepKind.MOVE_REMOTE: 2,
    }
    for seed in range(20):
        chance = random.Random(seed)
        mixed = list(base.items())
        chance.shuffle(mixed)
        again = make_plan(dict(mixed), _shuffled(here, chance), _shuffled(there, chance))
        assert again == plan
        assert again.hash == plan.hash


def test_any_change_of_what_would_be_done_changes_the_hash() -> None:
    base, here, there = _busy()
    hashes = [make_plan(base, here, there).hash]
    for side, listing in (("here", here), ("there", there)):
        for path, entry in listing.entries.items():
            if entry.version is None:
                continue
            entries = dict(listing.entries)
            entries[path] = file(path, b"something else", LATER + 99)
            edited = replace(listing, entries=entries)
            entries = {name: entry for name, entry in listing.entries.items() if name != path}
            removed = replace(listing, entries=entries)
            for changed in (edited, removed):
                sides = (changed, there) if side == "here" else (here, changed)
                hashes.append(make_plan(base, *sides).hash)
    assert len(set(hashes)) == len(hashes)


def test_where_no_digest_is_known_a_new_time_changes_the_hash() -> None:
    one, other = (
        make_plan({}, local(file("a", b"same", at, read=False)), remote()).hash
        for at in (THEN, LATER)
    )
    assert one != other


def test_where_the_digest_is_known_a_new_time_alone_does_not_change_the_hash() -> None:
    one, other = (
        make_plan({}, local(file("a", b"same", at)), remote()).hash for at in (THEN, LATER)
    )
    assert one == other


def test_what_changes_neither_side_does_not_change_the_hash() -> None:
    base = baseline(agreed("a", b"a"), agreed("b", b"b"))
    bare = make_plan(base, local(file("b", b"b")), remote(file("a", b"a"), file("b", b"b")))
    touched = make_plan(
        base | baseline(agreed("gone on both", b"x")),
        local(file("b", b"b", LATER), file("c", b"c")),
        remote(file("a", b"a"), file("b", b"b"), file("c", b"c")),
    )
    assert touched.counts[ADOPT] == 2
    assert touched.counts[FORGET] == 1
    assert touched.hash == bare.hash


def test_neighbouring_fields_cannot_be_shifted_to_make_an_equal_hash() -> None:
    one = Plan((Step(PUSH, "a", version(b"1")), Step(PUSH, "b", version(b"1"))))
    other = Plan((Step(PUSH, "a", version(b"1")), Step(PULL, "b", None, version(b"1"))))
    moved = Plan((Step(StepKind.MOVE_LOCAL, "a", old_path="b"),))
    back = Plan((Step(StepKind.MOVE_LOCAL, "b", old_path="a"),))
    from_elsewhere = Plan((Step(StepKind.MOVE_LOCAL, "a", old_path="c"),))
    assert len({plan.hash for plan in (one, other, moved, back, from_elsewhere)}) == 5


def test_a_name_that_is_not_valid_text_can_be_hashed() -> None:
    assert make_plan({}, local(file("bad\udcff", b"1")), remote()).hash


# --- which files must be read ----------------------------------------------------------------


def test_nothing_is_read_where_nothing_changed() -> None:
    base = baseline(agreed("a", b"a"), agreed("b", b"b"))
    sides = [file("a", b"a", read=False), file("b", b"b", read=False)]
    assert digests_needed(base, local(*sides), remote(*sides)) == Digests(frozenset(), frozenset())


@pytest.mark.parametrize(
    ("here", "there", "needed"),
    [
        pytest.param((b"base", LATER), (b"base", THEN), "local", id="touched or edited here"),
        pytest.param((b"base", THEN), (b"base", LATER), "remote", id="touched or edited there"),
        pytest.param((b"base", LATER), (b"base", LATER), "both", id="touched on both sides"),
        pytest.param((b"longer", LATER), (b"base", THEN), "", id="surely edited here"),
        pytest.param((b"base", THEN), (b"longer", LATER), "", id="surely edited there"),
        pytest.param((b"longer", LATER), (b"longer", LATER), "both", id="equal edits or not"),
        pytest.param((b"longer", LATER), (b"longest", LATER), "", id="surely a conflict"),
        pytest.param((b"base", LATER), None, "local", id="deleted there, edited here or not"),
        pytest.param((b"longer", LATER), None, "", id="deleted there, surely edited here"),
        pytest.param(None, (b"base", LATER), "remote", id="deleted here, edited there or not"),
    ],
)
def test_a_known_file_is_read_only_where_its_digest_decides(
    here: tuple[bytes, int] | None, there: tuple[bytes, int] | None, needed: str
) -> None:
    answer = digests_needed(
        baseline(agreed("a", b"base")),
        local(*([file("a", *here, read=False)] if here else [])),
        remote(*([file("a", *there, read=False)] if there else [])),
    )
    assert answer.local == ({"a"} if needed in ("local", "both") else set())
    assert answer.remote == ({"a"} if needed in ("remote", "both") else set())


def test_a_new_file_is_read_only_where_it_may_equal_the_other_or_be_a_rename() -> None:
    base = baseline(agreed("gone", b"12345"))
    answer = digests_needed(
        base,
        local(
            file("maybe renamed", b"54321", read=False),
            file("surely new", b"123456", read=False),
            file("both, one size", b"ab", read=False),
            file("both, two sizes", b"abc", read=False),
        ),
        remote(
            file("gone", b"12345", read=False),
            file("both, one size", b"cd", read=False),
            file("both, two sizes", b"abcd", read=False),
        ),
    )
    assert answer.local == {"maybe renamed", "both, one size"}
    assert answer.remote == {"both, one size"}


def test_what_is_known_is_not_read_again() -> None:
    base = baseline(agreed("a", b"base"))
    answer = digests_needed(
        base,
        local(file("a", b"edit", LATER, read=True)),
        remote(file("a", b"your", LATER, read=False)),
    )
    assert answer == Digests(frozenset(), frozenset({"a"}))


# --- size ------------------------------------------------------------------------------------


def test_ten_thousand_unchanged_files_are_planned_in_a_moment() -> None:
    names = [f"data/{number // 100}/{number}.csv" for number in range(10_000)]
    base = baseline(*(agreed(name, name.encode()) for name in names))
    here = local(*(file(name, name.encode()) for name in names))
    there = remote(*(file(name, name.encode()) for name in names))
    started = time.perf_counter()
    plan = make_plan(base, here, there)
    assert plan.steps == ()
    assert plan.equal == 10_000
    assert time.perf_counter() - started < 3


def test_times_are_compared_to_the_nanosecond_on_one_side() -> None:
    base = baseline(agreed("a", b"base", read=False))
    there = file("a", b"base", read=False)
    here = replace(there, version=Version(4, THEN * SECOND + 1))
    assert kinds(make_plan(base, local(here), remote(there))) == {"a": PUSH}
