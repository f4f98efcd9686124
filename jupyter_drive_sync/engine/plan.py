"""The plan: a pure function of baseline, local listing and remote listing.

It says what a run would do, is what the preview shows and what the check judges. It never
decides against a person's edit: where it cannot tell, it holds.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from jupyter_drive_sync.engine.models import HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.engine.moves import find_moves
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.ports.projects import MARKER_PATH
from jupyter_drive_sync.ports.records import Baseline, BaselineEntry

MTIME_TOLERANCE_NS = 1_000_000_000
"""How far two sides' times may lie apart for files alike where no digest can tell."""


@dataclass(frozen=True, slots=True)
class Digests:
    """Paths on each side whose md5 decides something and is not known yet."""

    local: frozenset[str]
    remote: frozenset[str]


def digests_needed(baseline: Baseline, local: Listing, remote: Listing) -> Digests:
    """Say which files must be read before a plan can be exact.

    A digest is needed where only it can tell a touched file from an edited one, two equal files
    from a conflict, or a rename from a new file.
    """
    here, there = local.files(), remote.files()
    return Digests(
        local=frozenset(_undecided(Side.LOCAL, baseline, here, there)),
        remote=frozenset(_undecided(Side.REMOTE, baseline, there, here)),
    )


def _undecided(
    side: Side, baseline: Baseline, mine: Mapping[str, Entry], theirs: Mapping[str, Entry]
) -> Iterator[str]:
    gone_sizes = {_base(entry, side).size for path, entry in baseline.items() if path not in mine}
    for path, entry in mine.items():
        version = entry.version
        if version is None or version.md5 is not None:
            continue
        agreed = baseline.get(path)
        other = theirs.get(path)
        if agreed is not None:
            base = _base(agreed, side)
            if base.same_stat(version):
                continue
            touched = base.size == version.size
            both_changed = (
                other is not None
                and other.version is not None
                and (other.version.size == version.size)
            )
            if touched or both_changed:
                yield path
        elif other is not None:
            if other.version is not None and other.version.size == version.size:
                yield path
        elif version.size in gone_sizes:
            yield path


def make_plan(baseline: Baseline, local: Listing, remote: Listing) -> Plan:
    """Compare the two sides with what they agreed on last.

    Parameters
    ----------
    baseline : Baseline
        What both sides agreed on; empty before the first sync.
    local, remote : Listing
        The sides now, ignored names left out. Both must be complete for a plan that is carried
        out; `jupyter_drive_sync.engine.check` sees to that.

    Returns
    -------
    Plan
        At most one step a path. Nothing in it deletes or overwrites a version that the other
        side, the baseline or a hold does not account for.
    """
    here, there = local.files(), remote.files()
    holds = _obstacles(baseline, local, remote)
    blocked = _Blocked(holds)
    steps: dict[str, Step] = {}
    equal = 0
    for path in sorted({*baseline, *here, *there}):
        if path == MARKER_PATH:
            continue
        obstacle = blocked.reason(path)
        agreed = baseline.get(path)
        mine, yours = here.get(path), there.get(path)
        if obstacle is not None:
            steps[path] = _hold(path, mine, yours, *obstacle)
            continue
        step = _decide(path, agreed, mine, yours)
        if mine is not None and yours is not None and (step is None or step.kind is StepKind.ADOPT):
            equal += 1
        if step is not None:
            steps[path] = step
    for path, (reason, detail) in holds.items():
        if path not in steps and path != MARKER_PATH:
            steps[path] = Step(StepKind.HOLD, path, reason=reason, detail=detail)
    find_moves(steps, baseline)
    return Plan(
        steps=tuple(steps[path] for path in sorted(steps)),
        equal=equal,
        first=not baseline,
        left_out=tuple(_left_out(baseline, local, remote)),
    )


def _decide(
    path: str, agreed: BaselineEntry | None, mine: Entry | None, yours: Entry | None
) -> Step | None:
    local = mine.version if mine else None
    remote = yours.version if yours else None
    remote_id = yours.id if yours else None

    def step(kind: StepKind) -> Step:
        return Step(kind, path, local=local, remote=remote, remote_id=remote_id)

    if local is None and remote is None:
        return step(StepKind.FORGET)
    local_changed = local is not None and (agreed is None or not alike(agreed.local, local))
    remote_changed = remote is not None and (agreed is None or not alike(agreed.remote, remote))
    if local is not None and remote is not None:
        return _decide_both(step, agreed, yours, local_changed, remote_changed)
    if local is not None:
        # Gone over there. An edit made here outlives the delete.
        return step(StepKind.PUSH if local_changed else StepKind.DELETE_LOCAL)
    return step(StepKind.PULL if remote_changed else StepKind.DELETE_REMOTE)


def _decide_both(
    step: Callable[[StepKind], Step],
    agreed: BaselineEntry | None,
    yours: Entry | None,
    local_changed: bool,
    remote_changed: bool,
) -> Step | None:
    probe = step(StepKind.ADOPT)
    if local_changed and remote_changed:
        if same_content(probe.local, probe.remote):
            return probe
        return replace(probe, kind=StepKind.HOLD, reason=HoldReason.CONFLICT)
    if local_changed or remote_changed:
        if _identical(probe.local, probe.remote):
            # rclone would find nothing to carry over, so no step would ever bring them in step.
            return probe
        return step(StepKind.PUSH if local_changed else StepKind.PULL)
    assert agreed is not None  # noqa: S101 - unchanged on both sides means: there is a baseline
    moved_id = yours is not None and yours.id is not None and yours.id != agreed.remote_id
    stale = (
        probe.local is None
        or probe.remote is None
        or not agreed.local.same_stat(probe.local)
        or not agreed.remote.same_stat(probe.remote)
        or moved_id
    )
    return probe if stale else None


def alike(base: Version, now: Version) -> bool:
    """Say whether a side still shows the content that was agreed on.

    Digests decide where both are known; else size and modification time, which must agree
    exactly because they come from the same side.
    """
    if base.md5 is not None and now.md5 is not None:
        return base.size == now.size and base.md5 == now.md5
    return base.same_stat(now)


def same_content(local: Version | None, remote: Version | None) -> bool:
    """Say whether the two sides hold the same bytes, as far as can be told without reading."""
    if local is None or remote is None or local.size != remote.size:
        return False
    if local.md5 is not None and remote.md5 is not None:
        return local.md5 == remote.md5
    return abs(local.mtime_ns - remote.mtime_ns) <= MTIME_TOLERANCE_NS


def _identical(local: Version | None, remote: Version | None) -> bool:
    """Say whether the two sides show the very same version; without digests, to the nanosecond."""
    if local is None or remote is None or not same_content(local, remote):
        return False
    return local.mtime_ns == remote.mtime_ns or (local.md5 is not None and remote.md5 is not None)


def _base(entry: BaselineEntry, side: Side) -> Version:
    return entry.local if side is Side.LOCAL else entry.remote


def _hold(
    path: str, mine: Entry | None, yours: Entry | None, reason: HoldReason, detail: str
) -> Step:
    return Step(
        StepKind.HOLD,
        path,
        local=mine.version if mine else None,
        remote=yours.version if yours else None,
        remote_id=yours.id if yours else None,
        reason=reason,
        detail=detail,
    )


# --- obstacles: names that cannot be synced as they stand ------------------------------------

_Obstacles = dict[str, tuple[HoldReason, str]]


class _Blocked:
    """Answers whether a path, or a folder above it, is held."""

    def __init__(self, holds: _Obstacles) -> None:
        self._holds = holds

    def reason(self, path: str) -> tuple[HoldReason, str] | None:
        if not self._holds:
            return None
        found = self._holds.get(path)
        while found is None and "/" in path:
            path = path.rpartition("/")[0]
            found = self._holds.get(path)
        return found


def _obstacles(baseline: Baseline, local: Listing, remote: Listing) -> _Obstacles:
    holds: _Obstacles = {}
    for path in remote.duplicates:
        holds[path] = (HoldReason.DUPLICATE, "")
    here, there = local.files(), remote.files()
    folders = {listing.side: _folders(listing.entries) for listing in (local, remote)}
    for listing, other in ((local, remote), (remote, local)):
        for path, entry in listing.entries.items():
            facing = other.entries.get(path)
            faces_folder = path in folders[other.side] or (
                facing is not None and facing.kind is EntryKind.FOLDER
            )
            if entry.problem is not None:
                holds[path] = (HoldReason.UNREADABLE, entry.problem)
            elif "\n" in path or "\r" in path:
                if entry.kind is EntryKind.FILE:
                    holds[path] = (HoldReason.NAME_UNUSABLE, "its name holds a line break")
            elif entry.kind in (EntryKind.LINK, EntryKind.SPECIAL):
                if facing is not None or faces_folder or path in baseline:
                    holds[path] = (HoldReason.KIND_CHANGED, entry.kind.value)
            elif entry.kind is EntryKind.FILE and faces_folder:
                holds[path] = (HoldReason.KIND_CHANGED, EntryKind.FOLDER.value)
    for path in _twins({*here, *there}):
        holds.setdefault(path, (HoldReason.NAME_UNUSABLE, "another name looks the same"))
    if local.folds_case or remote.folds_case:
        for path in _twins_in_case(baseline, local, remote):
            holds.setdefault(path, (HoldReason.NAME_UNUSABLE, _ONE_NAME))
    return holds


def _folders(paths: Iterable[str]) -> set[str]:
    """Return every folder above some paths, which not every backend lists."""
    found: set[str] = set()
    for path in paths:
        parent = path.rpartition("/")[0]
        while parent and parent not in found:
            found.add(parent)
            parent = parent.rpartition("/")[0]
    return found


def _twins(paths: Iterable[str]) -> Iterator[str]:
    """Yield names that differ only in how their accents are composed."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths:
        if not path.isascii():
            groups[unicodedata.normalize("NFC", path)].append(path)
    for group in groups.values():
        if len(group) > 1:
            yield from group


_ONE_NAME = "the disk takes it for another that differs only in upper and lower case"


def _twins_in_case(baseline: Baseline, local: Listing, remote: Listing) -> Iterator[str]:
    """Yield names, also of folders, that differ only in case and that the disk would mix up.

    A file that was renamed so on one side, and not changed on the other, is no such name: it
    follows like every renamed file.
    """
    here, there = local.files(), remote.files()
    names = {*here, *there, *_folders({*here, *there})}
    for listing in (local, remote):
        if listing.folds_case:
            names |= listing.entries.keys()
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for path in names:
        groups[unicodedata.normalize("NFC", path).casefold()].append(path)
    for group in groups.values():
        if len(group) > 1 and not (
            _renamed_in_case(group, baseline, Side.LOCAL, here, there, exact=remote.folds_case)
            or _renamed_in_case(group, baseline, Side.REMOTE, there, here, exact=local.folds_case)
        ):
            yield from group


def _renamed_in_case(
    group: list[str],
    baseline: Baseline,
    side: Side,
    mine: Mapping[str, Entry],
    theirs: Mapping[str, Entry],
    *,
    exact: bool,
) -> bool:
    """Say whether two names are one file, renamed on this side and left alone on the other.

    With `exact` it must be the very same file and content, so that the plan renames it on the
    other side too, where the new name cannot stand before the old one is gone.
    """
    old = [path for path in group if path in baseline]
    new = [path for path in group if path not in baseline]
    if len(old) != 1 or len(new) != 1 or old[0].rpartition("/")[0] != new[0].rpartition("/")[0]:
        return False
    agreed, made, left = baseline[old[0]], mine.get(new[0]), theirs.get(old[0])
    if made is None or left is None or old[0] in mine or new[0] in theirs:
        return False
    known = _base(agreed, side)
    if exact and not (
        made.version is not None
        and made.version.size > 0
        and made.version.md5 is not None
        and (made.version.md5, made.id) == (known.md5, agreed.remote_id)
    ):
        return False
    return left.version is not None and alike(_base(agreed, side.other), left.version)


def _left_out(baseline: Baseline, local: Listing, remote: Listing) -> Iterator[tuple[str, str]]:
    for path, entry in sorted(local.entries.items()):
        special = entry.kind in (EntryKind.LINK, EntryKind.SPECIAL) and entry.problem is None
        if special and path not in remote.entries and path not in baseline:
            yield path, entry.kind.value
