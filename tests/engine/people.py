"""A model of people at work on both sides, and of runs that carry plans out between them.

Nothing here reads or writes a file. The model knows what each person did, which the planner
does not, and judges every change that a plan makes by that alone: a version may be overwritten
or deleted on one side only when the person on the other side overwrote, moved or deleted that
same version since both sides last agreed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from random import Random
from typing import NamedTuple

from jupyter_drive_sync.engine.gather import with_digests
from jupyter_drive_sync.engine.models import DELETES, MOVES, QUIET, HoldReason, Plan, Step, StepKind
from jupyter_drive_sync.engine.plan import digests_needed, make_plan
from jupyter_drive_sync.engine.record import _agreed
from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.ports.records import BaselineEntry

from .builders import SECOND

PLAIN = ("a", "b", "c", "d/a", "d/b", "d/s/a", "e/a", "e/b", "e/s/a", "f")
CASE = ("A", "B", "d/A", "D/a", "d/S/a", "E")
"""On a disk that folds case, each is one name with one of the plain ones."""
ODD = ("caf\u00e9", "cafe\u0301", "x\ny", "d", "e", "d/s", "a/x", "f/y/z")
FOLDERS = ("d", "e", "d/s", "e/s")
IN_TURN = (
    StepKind.ADOPT,
    StepKind.FORGET,
    StepKind.MOVE_LOCAL,
    StepKind.PULL,
    StepKind.DELETE_LOCAL,
    StepKind.MOVE_REMOTE,
    StepKind.PUSH,
    StepKind.DELETE_REMOTE,
)


class Content(NamedTuple):
    size: int
    md5: str


EMPTY = Content(0, "empty")


@dataclass(frozen=True)
class File:
    content: Content
    mtime_ns: int
    id: str

    def version(self, *, read: bool) -> Version:
        return Version(self.content.size, self.mtime_ns, self.content.md5 if read else None)


@dataclass
class Disk:
    """One side as it really is; its listing may say less."""

    side: Side
    keeps_folders: bool = True
    folds_case: bool = False
    files: dict[str, File] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    twins: dict[str, File] = field(default_factory=dict)

    def free(self, path: str, *, old: str | None = None) -> bool:
        """Say whether a file can stand at a path, perhaps instead of an old name of its own."""
        above = set(parents(path))
        return not (
            (self.folds_case and self._mixed_up({path, *above}, old))
            or path in self.folders
            or path in self.links
            or path in self.locked
            or path in self.twins
            or above & (self.files.keys() | self.links | self.locked | self.twins.keys())
        )

    def _mixed_up(self, new: set[str], old: str | None) -> bool:
        folded = {path.casefold() for path in new}
        names = (*self.files, *self.folders, *self.links)
        return any(name.casefold() in folded and name not in new and name != old for name in names)

    def put(self, path: str, file: File) -> None:
        assert self.free(path), f"{self.side.value}: nothing can be written to {path!r}"
        self.files[path] = file
        self.folders.update(parents(path))

    def take(self, path: str) -> File:
        assert path not in self.twins
        assert not {path, *parents(path)} & self.locked, f"{path!r} cannot be touched"
        file = self.files.pop(path)
        if not self.keeps_folders:
            self.tidy()
        return file

    def tidy(self) -> None:
        """Remove empty folders."""
        inside = (*self.files, *self.links, *self.locked)
        self.folders = {folder for path in inside for folder in parents(path)} | (
            self.folders & self.locked
        )

    def below(self, folder: str) -> list[str]:
        return sorted(path for path in self.files if path.startswith(folder + "/"))


def parents(path: str) -> Iterable[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


class World:
    """Two sides, what they agreed on, and what people did since."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.calm = random.random() < 0.5
        self.reads = random.choice(("listed", "listed", "on demand", "never"))
        self.local = Disk(Side.LOCAL, folds_case=random.random() < 0.25)
        self.remote = Disk(
            Side.REMOTE, keeps_folders=random.random() < 0.7, folds_case=random.random() < 0.1
        )
        self.baseline: dict[str, BaselineEntry] = {}
        self.replaced: defaultdict[str, set[tuple[Side, Content]]] = defaultdict(set)
        self.unrecorded: set[str] = set()
        self.seen: list[Content] = [EMPTY]
        self.log: list[str] = [f"digests on Drive: {self.reads}"]
        self.plans = 0
        self.met: Counter[str] = Counter()
        self._now = 1_000
        self._made = 0

    # --- what people do ----------------------------------------------------------------------

    def disk(self, side: Side) -> Disk:
        return self.local if side is Side.LOCAL else self.remote

    def work(self, actions: int) -> None:
        """Let people do something, here or there."""
        for _ in range(actions):
            disk = self.random.choice((self.local, self.remote))
            chosen = COMMON if self.calm else COMMON | AWKWARD
            names, weights = zip(*chosen.items(), strict=True)
            (action,) = self.random.choices(names, weights)
            getattr(self, action)(disk)

    def _tick(self) -> int:
        self._now += self.random.randint(2, 5)
        return self._now * SECOND

    def _content(self) -> Content:
        if self.random.random() < 0.2:
            return self.random.choice(self.seen)
        self._made += 1
        content = Content(self.random.choice((3, 3, 3, 4, 5)), f"md5 {self._made}")
        self.seen.append(content)
        return content

    def _path(self) -> str:
        folds = self.local.folds_case or self.remote.folds_case
        if folds and self.random.random() < 0.08:
            return self.random.choice(CASE)
        odd = not self.calm and self.random.random() < 0.08
        return self.random.choice(ODD if odd else PLAIN)

    def _some(self, disk: Disk) -> str | None:
        known = sorted(path for path in disk.files if self._reachable(disk, path))
        return self.random.choice(known) if known else None

    @staticmethod
    def _reachable(disk: Disk, path: str) -> bool:
        return path not in disk.twins and not {path, *parents(path)} & disk.locked

    def _gone(self, disk: Disk, path: str) -> File:
        file = disk.take(path)
        self.replaced[path].add((disk.side, file.content))
        return file

    def _write(self, disk: Disk, path: str, content: Content, *, at: int = 0, id: str = "") -> bool:
        if not disk.free(path):
            return False
        known = self.baseline.get(path)
        if path in self.unrecorded and known and known.local.md5 == content.md5:
            # After a crash in mid-change, an exact return to the version before it cannot be
            # told from a change that was not made yet.
            return False
        old = disk.files.get(path)
        if old is not None and old.content != content:
            self.replaced[path].add((disk.side, old.content))
        self._made += 1
        kept = id or (old.id if old else f"id {self._made}")
        disk.put(path, File(content, at or self._tick(), kept))
        self.log.append(f"{disk.side.value}: write {path!r} {content}")
        return True

    def write(self, disk: Disk) -> None:
        self._write(disk, self._path(), self._content())

    def edit(self, disk: Disk) -> None:
        path = self._some(disk)
        if path is not None:
            self._write(disk, path, self._content())

    def touch(self, disk: Disk) -> None:
        path = self._some(disk)
        if path is not None:
            disk.files[path] = replace(disk.files[path], mtime_ns=self._tick())
            self.log.append(f"{disk.side.value}: touch {path!r}")

    def delete(self, disk: Disk) -> None:
        path = self._some(disk)
        if path is not None:
            self._gone(disk, path)
            self.log.append(f"{disk.side.value}: delete {path!r}")
            if self.random.random() < 0.3:
                disk.tidy()

    def make_anew(self, disk: Disk) -> None:
        """Delete a file and make one of the same name, perhaps of the same content."""
        path = self._some(disk)
        if path is not None:
            file = self._gone(disk, path)
            same = self.random.random() < 0.5
            self._write(disk, path, file.content if same else self._content())

    def rename(self, disk: Disk) -> None:
        old, new = self._some(disk), self._path()
        if old is not None:
            self._rename(disk, old, new)

    def _rename(self, disk: Disk, old: str, new: str) -> None:
        if new == old or not disk.free(new) or old in parents(new):
            return
        file = disk.files[old]
        if self._write(disk, new, file.content, at=file.mtime_ns, id=file.id):
            self._gone(disk, old)
            self.log.append(f"{disk.side.value}: ... renamed from {old!r}")
            if self.random.random() < 0.3:
                self._write(disk, new, self._content())

    def rename_folder(self, disk: Disk) -> None:
        old, new = self.random.sample(FOLDERS, 2)
        for path in disk.below(old):
            if self._reachable(disk, path):
                self._rename(disk, path, new + path[len(old) :])

    def swap(self, disk: Disk) -> None:
        one, other = self._some(disk), self._some(disk)
        if one is None or other is None or one == other:
            return
        first, second = disk.files[one], disk.files[other]
        if self._write(disk, one, second.content, at=second.mtime_ns, id=second.id):
            self._write(disk, other, first.content, at=first.mtime_ns, id=first.id)

    def copy(self, disk: Disk) -> None:
        old = self._some(disk)
        if old is not None:
            file = disk.files[old]
            keep = self.random.random() < 0.5
            self._write(disk, self._path(), file.content, at=file.mtime_ns if keep else 0)

    def same_on_both(self, _: Disk) -> None:
        """Two people, or git on both sides, write the same."""
        path, content = self._path(), self._content()
        self._write(self.local, path, content)
        self._write(self.remote, path, content)

    def file_for_folder(self, disk: Disk) -> None:
        folder = self.random.choice(FOLDERS)
        if all(self._reachable(disk, path) for path in disk.below(folder)):
            if any(link.startswith(folder + "/") for link in disk.links):
                return
            for path in disk.below(folder):
                self._gone(disk, path)
            disk.tidy()
            self._write(disk, folder, self._content())

    def folder_for_file(self, disk: Disk) -> None:
        path = self._some(disk)
        if path is not None:
            self._gone(disk, path)
            self._write(disk, f"{path}/x", self._content())

    def make_link(self, _: Disk) -> None:
        disk, path = self.local, self.random.choice((*PLAIN, *FOLDERS))
        inside = disk.below(path)
        if path in disk.links or not all(self._reachable(disk, name) for name in inside):
            return
        taken = disk.links | disk.locked
        if path in taken or {*parents(path)} & taken:
            return
        if any(name.startswith(path + "/") for name in taken):
            return
        if path in disk.files:
            self._gone(disk, path)
        for name in inside:
            self._gone(disk, name)
        disk.folders = {name for name in disk.folders if not (name + "/").startswith(path + "/")}
        if disk.free(path):
            disk.links.add(path)
            disk.folders.update(parents(path))
            self.log.append(f"local: link {path!r}")

    def remove_link(self, _: Disk) -> None:
        if self.local.links:
            path = self.random.choice(sorted(self.local.links))
            self.local.links.remove(path)
            self.log.append(f"local: unlink {path!r}")

    def lock(self, disk: Disk) -> None:
        """Take away the right to read a file or a folder."""
        names = sorted({*disk.files, *disk.folders} - disk.twins.keys())
        if names:
            path = self.random.choice(names)
            disk.locked.add(path)
            self.log.append(f"{disk.side.value}: lock {path!r}")

    def unlock(self, disk: Disk) -> None:
        if disk.locked:
            path = self.random.choice(sorted(disk.locked))
            disk.locked.remove(path)
            self.log.append(f"{disk.side.value}: unlock {path!r}")

    def make_twin(self, _: Disk) -> None:
        """Upload a second file of the same name to Drive."""
        path = self._some(self.remote)
        if path is not None:
            self._made += 1
            twin = File(self._content(), self._tick(), f"id {self._made}")
            self.remote.twins[path] = twin
            self.log.append(f"remote: twin {path!r} {twin.content}")

    def remove_twin(self, _: Disk) -> None:
        if self.remote.twins:
            path = self.random.choice(sorted(self.remote.twins))
            twin = self.remote.twins.pop(path)
            if self.random.random() < 0.5:
                self.replaced[path].add((Side.REMOTE, self.remote.files[path].content))
                self.remote.files[path] = twin
            self.log.append(f"remote: one {path!r} again, {self.remote.files[path].content}")

    # --- what a run sees ---------------------------------------------------------------------

    def listing(self, disk: Disk) -> Listing:
        entries: dict[str, Entry] = {}
        for path in disk.folders:
            if disk.keeps_folders or path in disk.locked:
                entries[path] = Entry(path, EntryKind.FOLDER)
        for path in disk.links:
            entries[path] = Entry(path, EntryKind.LINK)
        for path, file in disk.files.items():
            shown = file
            if path in disk.twins and self.random.random() < 0.5:
                shown = disk.twins[path]
            version = shown.version(read=disk is self.remote and self.reads == "listed")
            known = self.baseline.get(path)
            if disk is self.local and known and known.local.same_stat(version):
                version = replace(version, md5=known.local.md5)
            entries[path] = Entry(path, EntryKind.FILE, version, shown.id)
        for path in disk.locked:
            if path in entries:
                entries[path] = Entry(path, entries[path].kind, problem="permission denied")
        seen = {
            path: entry
            for path, entry in entries.items()
            if not any(folder in disk.locked for folder in parents(path))
        }
        order = list(seen)
        self.random.shuffle(order)
        return Listing(
            disk.side,
            {path: seen[path] for path in order},
            duplicates=frozenset(disk.twins),
            folds_case=disk.folds_case,
        )

    def _read(self, disk: Disk, paths: Iterable[str]) -> dict[str, str | None]:
        unknown = disk is self.remote and self.reads == "never"
        return {path: None if unknown else disk.files[path].content.md5 for path in paths}

    def plan(self) -> Plan:
        """Plan as a run does, and hold the plan against what is so."""
        local, remote = self.listing(self.local), self.listing(self.remote)
        needed = digests_needed(self.baseline, local, remote)
        plan = make_plan(
            self.baseline,
            with_digests(local, self._read(self.local, sorted(needed.local))),
            with_digests(remote, self._read(self.remote, sorted(needed.remote))),
        )
        self.plans += 1
        self.log.append(f"plan: {describe(plan)}")
        if self.random.random() < 0.3:
            whole = make_plan(
                self.baseline,
                with_digests(local, self._read(self.local, local.files())),
                with_digests(remote, self._read(self.remote, remote.files())),
            )
            self.plans += 1
            assert describe(whole) == describe(plan), "reading more files changes the plan"
            assert whole.equal == plan.equal
        self._judge(plan)
        for step in plan.steps:
            self.met[step.reason.value if step.reason else step.kind.value] += 1
        return plan

    def _judge(self, plan: Plan) -> None:
        paths = [step.path for step in plan.steps]
        assert paths == sorted(set(paths)), "one step a path, in order"
        left = [step.old_path for step in plan.of(*MOVES)]
        assert len(set(left)) == len(left), "no name moves twice"
        assert not set(left) & set(paths), "a name that moves has no step of its own"
        if plan.first:
            assert not self.baseline
            for step in plan.steps:
                assert step.kind in (StepKind.PUSH, StepKind.PULL, StepKind.ADOPT, StepKind.HOLD)
                assert step.kind is not StepKind.PUSH or step.remote is None
                assert step.kind is not StepKind.PULL or step.local is None
        steps = {step.path: step for step in plan.steps}
        if self.reads == "never":
            return
        for path, step in steps.items():
            if step.reason is HoldReason.CONFLICT:
                assert self._in_conflict(path), f"{path!r} is no conflict"
        for path in self.local.files.keys() & self.remote.files.keys():
            if self._in_conflict(path):
                assert steps[path].kind is StepKind.HOLD, f"{path!r} is a conflict"

    def _in_conflict(self, path: str) -> bool:
        here, there = self.local.files[path].content, self.remote.files[path].content
        known = self.baseline.get(path)
        return here != there and (known is None or known.local.md5 not in (here.md5, there.md5))

    # --- what a run does ---------------------------------------------------------------------

    def carry_out(
        self, plan: Plan, *, stop_after: int | None = None, disturbed: bool = False
    ) -> None:
        """Do the steps of a plan.

        With `stop_after`, crash after so many of them. `disturbed` says that people went on
        working since the plan was made: then a step that cannot be done is left for the next run;
        otherwise the plan is wrong.
        """
        before = {disk.side: dict(disk.files) for disk in (self.local, self.remote)}
        steps = [step for kind in IN_TURN for step in plan.of(kind)]
        for number, step in enumerate(steps):
            if stop_after is not None and number > stop_after:
                break
            if disturbed and not self._as_planned(step):
                continue
            assert self._as_planned(step), f"{step.kind.value} {step.path!r} cannot be done"
            entry = self._do(step)
            if number == stop_after and step.kind not in QUIET:
                self.log.append(f"crash: {step.path!r} is done and not recorded")
                self.unrecorded |= {step.path, step.old_path or step.path}
                continue
            self.unrecorded -= {step.path, step.old_path or step.path}
            self.baseline.pop(step.old_path or step.path, None)
            if entry is not None:
                self.baseline[step.path] = entry
        self._account(before)
        held = [step.path for step in plan.holds]
        for disk in (self.local, self.remote):
            for path in {*before[disk.side], *disk.files}:
                if path in held or any(folder in held for folder in parents(path)):
                    assert before[disk.side].get(path) == disk.files.get(path), f"{path!r} is held"
        for path in list(self.replaced):
            if self._agree_on(path):
                del self.replaced[path]

    def _as_planned(self, step: Step) -> bool:
        """Look once more, as a run does, whether a path still is what the plan saw."""
        old = step.old_path
        here = self.local.files.get(old if step.kind is StepKind.MOVE_LOCAL and old else step.path)
        there = self.remote.files.get(
            old if step.kind is StepKind.MOVE_REMOTE and old else step.path
        )
        for seen, now in ((step.local, here), (step.remote, there)):
            if (seen is None) != (now is None):
                return False
            if seen is not None and now is not None and not seen.same_stat(now.version(read=True)):
                return False
        if step.path in self.remote.twins:
            return False
        if step.kind in QUIET:
            return True
        on_local = step.kind in (StepKind.PULL, StepKind.MOVE_LOCAL, StepKind.DELETE_LOCAL)
        disk = self.local if on_local else self.remote
        if step.kind in MOVES:
            assert old is not None
            return (
                step.path not in disk.files
                and disk.free(step.path, old=old)
                and self._reachable(disk, old)
                and old not in parents(step.path)
            )
        if step.kind in DELETES:
            return self._reachable(disk, step.path)
        return disk.free(step.path)

    def _do(self, step: Step) -> BaselineEntry | None:
        here, there, path, old = self.local, self.remote, step.path, step.old_path
        if step.kind is StepKind.PULL:
            here.put(path, replace(there.files[path], id="local"))
        elif step.kind is StepKind.PUSH:
            known = there.files.get(path)
            self._made += 1
            new_id = known.id if known else f"id {self._made}"
            there.put(path, replace(here.files[path], id=new_id))
        elif step.kind is StepKind.DELETE_LOCAL:
            here.take(path)
        elif step.kind is StepKind.DELETE_REMOTE:
            there.take(path)
        elif step.kind is StepKind.MOVE_LOCAL:
            assert old is not None
            here.put(path, here.take(old))
            assert here.files[path].content == there.files[path].content, "moved and not alike"
        elif step.kind is StepKind.MOVE_REMOTE:
            assert old is not None
            there.put(path, there.take(old))
            assert here.files[path].content == there.files[path].content, "moved and not alike"
        elif step.kind is StepKind.ADOPT:
            assert here.files[path].content == there.files[path].content, "adopted and not alike"
            assert step.local is not None
            assert step.remote is not None
            return BaselineEntry(path, *_agreed(step.local, step.remote), step.remote_id)
        if path not in here.files or path not in there.files:
            return None
        theirs = there.files[path]
        return BaselineEntry(
            path, here.files[path].version(read=True), theirs.version(read=True), theirs.id
        )

    def _account(self, before: dict[Side, dict[str, File]]) -> None:
        """Every version that a run took from a side was replaced by the other side's person."""
        for disk in (self.local, self.remote):
            for path, file in before[disk.side].items():
                now = disk.files.get(path)
                if now is None or now.content != file.content:
                    assert (disk.side.other, file.content) in self.replaced[path], (
                        f"{disk.side.value}: {path!r} {file.content} was lost"
                    )

    def _agree_on(self, path: str) -> bool:
        here, there = self.local.files.get(path), self.remote.files.get(path)
        known = self.baseline.get(path)
        if here is None or there is None or known is None:
            return here is None and there is None and known is None
        return here.content == there.content and known.local.md5 == here.content.md5

    # --- a life ------------------------------------------------------------------------------

    def live(self, rounds: int) -> None:
        """Let people work and runs run, in turn, and check what must always be so."""
        self.work(self.random.randint(0, 20))
        for _ in range(rounds):
            plan = self.plan()
            chance = self.random.random()
            if chance < 0.15:
                self.work(self.random.randint(1, 3))  # while the run is under way
                self.carry_out(plan, disturbed=True)
            elif chance < 0.3:
                self.carry_out(plan, stop_after=self.random.randint(0, 4))
            else:
                self.carry_out(plan)
                self._rest()
            if self.random.random() < 0.03:
                self.log.append("the baseline is lost")
                self.baseline.clear()
                self.replaced.clear()
                self.unrecorded.clear()
            self.work(self.random.randint(0, 8))

    def _rest(self) -> None:
        """After an undisturbed run there is nothing left to do, and both sides are equal."""
        again = self.plan()
        assert all(step.kind is StepKind.HOLD for step in again.steps), "a second run has work"
        held = {step.path for step in again.holds}
        for path in self.local.files.keys() | self.remote.files.keys():
            if path in held or any(folder in held for folder in parents(path)):
                continue
            here, there = self.local.files.get(path), self.remote.files.get(path)
            assert here is not None, f"{path!r} did not arrive here"
            assert there is not None, f"{path!r} did not arrive on Drive"
            assert here.content == there.content, f"{path!r} differs"
        shown = self.local.files.keys() & self.remote.files.keys()
        unheld = {p for p in shown if p not in held and not any(f in held for f in parents(p))}
        assert again.equal == len(unheld)
        assert self.plan().hash == again.hash or self.remote.twins


COMMON = {
    "write": 16,
    "edit": 14,
    "touch": 5,
    "delete": 9,
    "make_anew": 3,
    "rename": 18,
    "rename_folder": 6,
    "swap": 2,
    "copy": 4,
    "same_on_both": 3,
}
AWKWARD = {
    "file_for_folder": 0.7,
    "folder_for_file": 0.7,
    "make_link": 0.7,
    "remove_link": 3,
    "lock": 1,
    "unlock": 4,
    "make_twin": 0.7,
    "remove_twin": 3,
}


def describe(plan: Plan) -> list[tuple[str, ...]]:
    """Return what a plan would do, without the digests it happens to know."""
    return [
        (step.kind.value, step.path, step.old_path or "", step.reason.value if step.reason else "")
        for step in plan.steps
    ]


def live_through(random: Random, rounds: int, said: Callable[[], str]) -> World:
    """Live one world; on failure say how it came to that."""
    world = World(random)
    try:
        world.live(rounds)
    except Exception as error:
        story = "\n  ".join(world.log[-60:])
        raise AssertionError(f"{error}\n{said()}\n  {story}") from error
    return world
