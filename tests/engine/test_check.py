"""What stops a run before it touches anything."""

from __future__ import annotations

import json

import pytest

from jupyter_drive_sync.engine.check import (
    DeleteLimit,
    Marker,
    check_plan,
    check_sides,
    deletes_problem,
    marker_content,
)
from jupyter_drive_sync.engine.models import StepKind
from jupyter_drive_sync.engine.plan import make_plan
from jupyter_drive_sync.errors import (
    ConsentNeeded,
    DriveSyncError,
    Halted,
    ListingIncomplete,
    LocalMissing,
    RemoteMissing,
    SideEmptied,
    TooManyDeletes,
    WrongRemote,
)
from jupyter_drive_sync.ports.listing import Listing, Side
from jupyter_drive_sync.ports.projects import MARKER_FOLDER, MARKER_PATH

from .builders import OURS, PROJECT, agreed, baseline, file, local, remote

LIMIT = DeleteLimit()
MARKER = file(MARKER_PATH, marker_content(PROJECT))
OTHER = Marker("another")
NONE = Marker(None)


# --- the sides -------------------------------------------------------------------------------


def test_two_sides_with_our_marker_may_be_synced() -> None:
    check_sides(PROJECT, local(MARKER), remote(MARKER), OURS)


@pytest.mark.parametrize(
    ("here", "there", "mine", "theirs", "error", "said"),
    [
        pytest.param(
            local(exists=False), remote(), NONE, OURS[Side.REMOTE], LocalMissing, "is gone",
            id="the project folder is gone",
        ),
        pytest.param(
            local(), remote(exists=False), OURS[Side.LOCAL], NONE, RemoteMissing, "is gone",
            id="the folder on Drive is gone",
        ),
        pytest.param(
            local(exists=False), remote(exists=False), NONE, NONE, LocalMissing, "is gone",
            id="both are gone",
        ),
        pytest.param(
            local(complete=False), remote(), *OURS.values(), ListingIncomplete, "nothing was",
            id="the local listing is partial",
        ),
        pytest.param(
            local(), remote(complete=False, trouble="Drive said so"), *OURS.values(),
            ListingIncomplete, "(Drive said so)",
            id="Drive's listing is partial",
        ),
        pytest.param(
            local(), remote(complete=False), OURS[Side.LOCAL], NONE, ListingIncomplete, "nothing",
            id="a partial listing may lack the marker and proves nothing",
        ),
        pytest.param(
            local(), remote(), NONE, OURS[Side.REMOTE], LocalMissing, MARKER_PATH,
            id="no marker here",
        ),
        pytest.param(
            local(), remote(), OURS[Side.LOCAL], NONE, RemoteMissing, MARKER_PATH,
            id="no marker on Drive",
        ),
        pytest.param(
            local(), remote(), OTHER, OURS[Side.REMOTE], WrongRemote, "The project folder belongs",
            id="another project's marker here",
        ),
        pytest.param(
            local(), remote(), OURS[Side.LOCAL], OTHER, WrongRemote, "The folder on Drive belongs",
            id="another project's marker on Drive",
        ),
        pytest.param(
            local(), remote(), OTHER, OTHER, WrongRemote, "belongs",
            id="both sides are another project's",
        ),
    ],
)  # fmt: skip
def test_sides_that_are_not_what_they_should_be_halt_the_run(
    here: Listing,
    there: Listing,
    mine: Marker,
    theirs: Marker,
    error: type[DriveSyncError],
    said: str,
) -> None:
    with pytest.raises(error) as caught:
        check_sides(PROJECT, here, there, {Side.LOCAL: mine, Side.REMOTE: theirs})
    assert type(caught.value) is error
    assert isinstance(caught.value, Halted)
    assert said in caught.value.message
    assert caught.value.hint


# --- the marker ------------------------------------------------------------------------------


def test_a_marker_can_be_read_back_and_never_changes() -> None:
    content = marker_content(PROJECT)
    assert content == marker_content(PROJECT)
    assert Marker.parse(content) == Marker(PROJECT)
    assert json.loads(content)["version"] == 1
    assert content.endswith(b"}\n")


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        b"",
        b"not json",
        b"\xff\xfe\x00garbage",
        b"\x80\x81",
        b"null",
        b"[]",
        b'"text"',
        b"{}",
        b'{"project": null}',
        b'{"project": 7}',
        b'{"project": ["a"]}',
        b'{"project": "a"',
        marker_content(PROJECT)[:-20],
        b"[" * 100_000,
        b"1" * 10_000,
    ],
)
def test_what_is_no_marker_names_no_project(garbage: bytes | None) -> None:
    assert Marker.parse(garbage) == Marker(None)


# --- deletes ---------------------------------------------------------------------------------


def _deleting(deletes: int, known: int, *, here: bool, new: int = 0):
    """Return a plan that deletes some of the known files: gone from Drive, or from here."""
    names = [f"{number:04}.txt" for number in range(known)]
    base = baseline(*(agreed(name, name.encode()) for name in names))
    whole = [file(name, name.encode()) for name in names]
    rest = whole[deletes:] + [file(f"new {number}", b"new %d" % number) for number in range(new)]
    sides = (local(*whole), remote(*rest)) if here else (local(*rest), remote(*whole))
    return make_plan(base, *sides), base, *sides


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize(
    ("deletes", "known", "too_many"),
    [
        (1, 2, False),
        (9, 11, False),
        (10, 11, False),  # up to ten are no matter, however few there are
        (11, 12, True),
        (10, 40, False),
        (11, 40, True),  # ten are a quarter of forty
        (11, 43, True),
        (11, 44, False),  # from here on a quarter counts
        (12, 44, True),
        (12, 47, True),
        (12, 48, False),
        (25, 100, False),
        (26, 100, True),
        (250, 1000, False),
        (251, 1000, True),
    ],
)
def test_deletes_need_consent_beyond_ten_files_and_a_quarter(
    deletes: int, known: int, too_many: bool, here: bool
) -> None:
    plan, base, *sides = _deleting(deletes, known, here=here)
    assert plan.deletes == deletes
    problem = deletes_problem(plan, base, *sides, limit=LIMIT)
    if not too_many:
        assert problem is None
        check_plan(plan, base, *sides, limit=LIMIT, consent=None)
        return
    assert isinstance(problem, TooManyDeletes)
    assert f"{deletes} of {known} files" in problem.message
    with pytest.raises(TooManyDeletes) as caught:
        check_plan(plan, base, *sides, limit=LIMIT, consent=None)
    assert caught.value.message == problem.message


def test_deletes_on_both_sides_are_added_up() -> None:
    names = [f"{number}" for number in range(40)]
    base = baseline(*(agreed(name, name.encode()) for name in names))
    files = [file(name, name.encode()) for name in names]
    sides = local(*files[6:]), remote(*files[:-5])
    plan = make_plan(base, *sides)
    assert plan.counts[StepKind.DELETE_LOCAL] == 5
    assert plan.counts[StepKind.DELETE_REMOTE] == 6
    assert isinstance(deletes_problem(plan, base, *sides, limit=LIMIT), TooManyDeletes)


def test_a_project_can_have_its_own_limit() -> None:
    plan, base, *sides = _deleting(3, 8, here=True)
    assert deletes_problem(plan, base, *sides, limit=DeleteLimit(files=3, share=0.0)) is None
    for strict in (DeleteLimit(files=2, share=0.0), DeleteLimit(files=0, share=0.3)):
        assert isinstance(deletes_problem(plan, base, *sides, limit=strict), TooManyDeletes)


@pytest.mark.parametrize("on_drive", [True, False])
def test_renames_are_not_counted_as_deletes(on_drive: bool) -> None:
    names = [f"{number}.csv" for number in range(100)]
    base = baseline(*(agreed(f"raw/{name}", name.encode()) for name in names))
    stayed = [file(f"raw/{name}", name.encode()) for name in names]
    moved = [file(f"data/{name}", name.encode()) for name in names]
    sides = (local(*stayed), remote(*moved)) if on_drive else (local(*moved), remote(*stayed))
    plan = make_plan(base, *sides)
    assert plan.deletes == 0
    check_plan(plan, base, *sides, limit=LIMIT, consent=None)


def test_consent_lets_exactly_the_plan_pass_that_it_was_given_to() -> None:
    plan, base, *sides = _deleting(30, 40, here=True)
    check_plan(plan, base, *sides, limit=LIMIT, consent=plan.hash)
    other, *others = _deleting(31, 40, here=True)
    for wrong in (plan.hash, "", plan.hash[:-1]):
        with pytest.raises(ConsentNeeded):
            check_plan(other, *others, limit=LIMIT, consent=wrong)


def test_consent_to_the_same_deletes_here_is_none_to_those_on_drive() -> None:
    plan, *_ = _deleting(30, 40, here=True)
    mirrored, *rest = _deleting(30, 40, here=False)
    with pytest.raises(ConsentNeeded):
        check_plan(mirrored, *rest, limit=LIMIT, consent=plan.hash)


def test_an_old_consent_is_no_obstacle_to_a_plan_that_needs_none() -> None:
    plan, base, *sides = _deleting(1, 40, here=True)
    check_plan(plan, base, *sides, limit=LIMIT, consent="of another plan")


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("known", [1, 3, 100])
@pytest.mark.parametrize("marker_too", [True, False])
def test_a_side_that_lost_all_its_files_needs_consent(
    known: int, here: bool, marker_too: bool
) -> None:
    _, base, *sides = _deleting(known, known, here=here)
    if marker_too:
        bundle = file(f"{MARKER_FOLDER}/companion.zip", b"zip")
        base |= baseline(agreed(bundle.path, b"zip"))
        sides = [
            make(*side.files().values(), MARKER, bundle)
            for make, side in zip((local, remote), sides, strict=True)
        ]
    plan = make_plan(base, *sides)
    with pytest.raises(SideEmptied) as caught:
        check_plan(plan, base, *sides, limit=LIMIT, consent=None)
    assert ("Drive" if here else "this computer") in caught.value.message
    check_plan(plan, base, *sides, limit=LIMIT, consent=plan.hash)


def test_a_side_with_one_new_file_of_its_own_is_not_empty() -> None:
    plan, base, *sides = _deleting(3, 3, here=True, new=1)
    assert deletes_problem(plan, base, *sides, limit=LIMIT) is None


def test_a_project_emptied_on_both_sides_deletes_nothing() -> None:
    base = baseline(agreed("a", b"a"))
    plan = make_plan(base, local(MARKER), remote(MARKER))
    assert deletes_problem(plan, base, local(MARKER), remote(MARKER), limit=LIMIT) is None


def test_one_edited_file_on_the_full_side_does_not_hide_that_the_other_lost_all() -> None:
    base = baseline(*(agreed(name, name.encode()) for name in "abc"))
    here = local(file("a", b"edited", 200), file("b", b"b"), file("c", b"c"))
    plan = make_plan(base, here, remote(MARKER))
    assert isinstance(deletes_problem(plan, base, here, remote(MARKER), limit=LIMIT), SideEmptied)


@pytest.mark.parametrize("there", [[], [file("b", b"b")]])
def test_a_first_sync_needs_no_consent_for_deletes(there: list) -> None:
    here = local(*(file(f"{number}", b"x%d" % number) for number in range(50)))
    plan = make_plan({}, here, remote(*there))
    check_plan(plan, {}, here, remote(*there), limit=LIMIT, consent=None)
