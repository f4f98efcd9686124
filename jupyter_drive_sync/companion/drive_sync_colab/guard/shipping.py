"""What goes up: which items, in which order, and what becomes of them."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import CompanionError, PathInvalid, RuntimeFull
from . import anew, failures, manifest, retention
from .lanes import Lane
from .manifest import FileLine, RemovedLine
from .rewritten import Rewritten
from .spool import Item
from .tries import Tries, is_grave
from .uploads import Outcome, bring

if TYPE_CHECKING:
    from .process import Guard

LARGE = 32 * 2**20
ROOM_TO_WAIT = 4 * 2**30
"""Bytes of the disk's room below which older checkpoints wait for Drive no longer."""

MOST_FILES = 100
"""Files that go up together; a checkpoint with more of them goes alone."""

AGAIN_EVERY = 600.0
"""Seconds after which what was given up is tried again, unless it is proven to be at fault."""

UPLOAD = "An upload"
SNAPSHOT = "A log"
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Shipping:
    """Brings the spool's items to Drive; small ones together, large ones singly beside them.

    Checkpoints have lanes of their own, so that they wait for no other output.

    Parameters
    ----------
    guard : Guard
        Whose items they are.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._in_flight: set[str] = set()
        self._listed: dict[str, Item] = {}
        self._tries = Tries()
        self._again_at = time.monotonic() + AGAIN_EVERY
        self._has_unproven = False
        self.rewritten = Rewritten()

    def published(self, lines: Iterable[manifest.Line]) -> None:
        """Let go the items that Drive's manifest lists now, and tell whoever waits."""
        names = {line.remote for line in lines}
        for item in list(self._listed.values()):
            if {file.remote for file in item.files} <= names:
                del self._listed[item.id]
                self._guard.desk.is_safe(item)
                self._guard.spool.drop(item)

    def list_again(self, item: Item, lines: list[FileLine]) -> None:
        """Take a listed checkpoint as brought, with the step and metrics that are given now."""
        self._listed[item.id] = item
        told = [
            replace(
                line,
                step=line.step if item.step is None else item.step,
                metrics=item.metrics or line.metrics,
            )
            for line in lines
        ]
        if told != lines:
            with self._guard.disk():
                self._guard.book.add(told)
            self._guard.desk.note_metrics(told[0].step, item.metrics)
        self.published(self._guard.book.lines[: self._guard.book.on_drive])

    def reopened(self, *, is_new: bool) -> None:
        """Compare what waits with what Drive lists, once the run's folder was opened.

        Parameters
        ----------
        is_new : bool
            There was no such folder any more: nothing that was listed is on Drive.
        """
        guard = self._guard
        waiting = [one for one in guard.spool.items.values() if one.id not in self._in_flight]
        if is_new:
            self._listed.clear()
            anew.rename(guard, waiting)
            if guard.book.live():
                anew.bring_again(guard)
            return
        for item in anew.listed(waiting, guard.book.lines):  # a guard that was killed listed it
            self._listed[item.id] = item
        anew.rename(guard, [one for one in waiting if one.id not in self._listed])
        self.published(guard.book.lines[: guard.book.on_drive])

    def hurry(self) -> None:
        """Let everything that waits go again at once."""
        self._tries.hurry()

    def take_back(self, *, proven_too: bool = True) -> None:
        """Try again what was given up; without `proven_too`, only what may not be at fault."""
        guard, before = self._guard, set(self._guard.spool.items)
        with guard.disk():
            guard.spool.take_back(proven_too=proven_too)
            self._has_unproven = False
        anew.rename(guard, [one for one in guard.spool.items.values() if one.id not in before])

    def may_be_dropped(self, item: Item) -> bool:
        """Tell whether an item neither is on its way nor was listed."""
        return item.id not in self._in_flight and item.id not in self._listed

    def drop_overtaken(self) -> None:
        """Let go what waits and would be removed again at once, as newer ones are on Drive.

        Newer ones that wait count only where the disk has no room to wait: they may never arrive.
        """
        waiting = [
            item
            for item in self._guard.spool.items.values()
            if item.checkpoint and item.id not in self._in_flight and item.id not in self._listed
        ]
        if not waiting:
            return
        there = [line for line in self._guard.book.live() if line.checkpoint]
        best = retention.Best.of(self._guard.settings.best)
        keep = self._guard.settings.keep
        families: dict[str, list[FileLine]] = {}
        for line in there:
            families.setdefault(line.series_name, []).append(line)
        for item in waiting:
            family: list[Item | FileLine] = [item, *families.get(item.series_name, [])]
            if item in retention.surplus(family, keep, best):
                self._let_wait_no_longer(item, is_known=True)
        if shutil.disk_usage(self._guard.folder.root).free < ROOM_TO_WAIT:
            waiting = [item for item in waiting if item.id in self._guard.spool.items]
            both: list[Item | FileLine] = [*waiting, *there]
            for gone in retention.surplus(both, keep, best):
                if isinstance(gone, Item):
                    self._let_wait_no_longer(gone, is_known=False)

    def _let_wait_no_longer(self, item: Item, *, is_known: bool) -> None:
        with self._guard.disk():
            self._guard.book.note_overtaken(item, is_known=is_known)
        self._guard.desk.overtaken(item)
        self._guard.spool.drop(item)

    def waiting_items(self) -> list[Item]:
        """Return what is not on Drive yet: checkpoints before others, the newest first."""
        items = [item for item in self._guard.spool.items.values() if item.id not in self._listed]
        items.sort(key=lambda item: item.id, reverse=True)
        return sorted(items, key=lambda item: not item.checkpoint)

    def start_uploads(self) -> None:
        """Start what the lanes have room for."""
        guard = self._guard
        if not guard.is_open:
            return
        now = time.monotonic()
        if now >= self._again_at:
            self._again_at = now + AGAIN_EVERY
            self.take_back(proven_too=False)
        waiting = self.waiting_items()
        for lane, checkpoint, is_large in (
            (guard.urgent, True, False),
            (guard.urgent_large, True, True),
            (guard.small, False, False),
            (guard.large, False, True),
        ):
            if lane.is_busy():
                continue
            fitting = [
                item
                for item in waiting
                if (item.checkpoint, item.size >= LARGE) == (checkpoint, is_large)
                and item.id not in self._in_flight
                # A snapshot of a log that arrives later would stand in the place of the log.
                and not guard.snapshots.in_flight.intersection(file.remote for file in item.files)
            ]
            if not lane.is_free(UPLOAD):
                # What failed by its own fault keeps nothing waiting that was not tried.
                if not is_grave(lane.error_of(UPLOAD)):
                    continue
                fitting = list(filter(self._tries.is_fresh, fitting))
            batch = self._tries.batch(fitting, now, 1 if is_large else MOST_FILES)
            if batch:
                self._in_flight.update(item.id for item in batch)
                self._start_upload(lane, batch)

    def _start_upload(self, lane: Lane, batch: list[Item]) -> None:
        remote, spool = self._guard.remote, self._guard.spool
        label = lane.name.replace(" ", "-")

        def work() -> list[Outcome]:
            try:
                return bring(remote, spool, label, batch)
            except OSError as error:
                return [Outcome(item, error=_of_disk(item, error)) for item in batch]
            except CompanionError as error:
                return [Outcome(item, error=error) for item in batch]
            except Exception as error:
                why = CompanionError(f"{UPLOAD} failed unexpectedly: {error!r}.")
                return [Outcome(item, error=why) for item in batch]

        def ended() -> None:
            self._in_flight.difference_update(item.id for item in batch)

        lane.start(UPLOAD, work, lambda outcomes: self._brought(lane, outcomes), ended)

    def _brought(self, lane: Lane, outcomes: list[Outcome]) -> None:
        """List what arrived; let go what it makes superfluous."""
        failed: list[tuple[CompanionError, Item]] = []
        # Failures first: what arrived beside them shows that it was not Drive's fault.
        for outcome in sorted(outcomes, key=lambda one: one.error is None):
            item, error = outcome.item, outcome.error
            if outcome.changed:
                self._guard.note(f"{item.files[0].path} was written over while it went up.")
                self.rewritten.note(item, time.monotonic())
                self._lose(item)
            elif error is not None and not self._guard.spool.is_whole(item):
                self._guard.note(f"{item.files[0].path} is gone from the spool.")
                self._lose(item)
            elif error is not None:
                alone = len(outcomes) == 1
                if self._tries.failed(item.id, error, time.monotonic(), alone=alone):
                    self._set_aside(item, error)
                else:
                    failed.append((error, item))
            else:
                lane.succeed(UPLOAD)
                self._tries.arrived(item.id)
                self.rewritten.arrived(item)
                try:
                    self._list(outcome)
                except ValueError as bad:
                    self._set_aside(item, bad)
        if any(outcome.arrived for outcome in outcomes) and self._has_unproven:
            self.take_back(proven_too=False)
        worst = failures.worst(error for error, _ in failed)
        if worst is not None:
            about = next(item.files[0].path for error, item in failed if error is worst)
            lane.fail(worst, UPLOAD, about)

    def _lose(self, item: Item) -> None:
        self._tries.forget(item.id)
        self._guard.desk.changed(item)
        self._guard.spool.drop(item)

    def _set_aside(self, item: Item, error: Exception) -> None:
        """Take an item out that nothing can be done with, and tell whoever waits."""
        is_final = not isinstance(error, CompanionError)
        is_proven = self._tries.is_proven(item.id, error)
        self._has_unproven = self._has_unproven or not is_proven
        self._tries.forget(item.id)
        why = error.message.rstrip(".") if isinstance(error, CompanionError) else repr(error)
        self._guard.note(f"{item.name!r} is set aside: {why}")
        self._guard.desk.impossible(item, error)
        with self._guard.disk():
            self._guard.spool.set_aside(item, why, is_final=is_final, is_proven=is_proven)

    def set_aside_bad(self) -> None:
        """Take the items out that cannot be sorted or compared: they would stop all others."""
        for item in list(self._guard.spool.items.values()):
            error = _bad(item)
            if error is not None:
                self._set_aside(item, error)

    def _list(self, outcome: Outcome) -> None:
        item = outcome.item
        at = manifest.moment(time.time()) if self._guard.remote.verifies else None
        lines: list[manifest.Line] = [
            FileLine(
                seq=0,
                path=arrived.file.path,
                remote=arrived.file.remote,
                size=arrived.file.size,
                md5=arrived.md5,
                drive_id=arrived.there.drive_id,
                mtime=manifest.exact_moment(arrived.file.mtime_ns),
                step=item.step,
                metrics=item.metrics,
                checkpoint=item.checkpoint,
                verified=at,
                group=item.group,
                unit=item.unit,
            )
            for arrived in outcome.arrived
        ]
        with self._guard.disk():
            self._guard.book.add(lines)
        self._listed[item.id] = item
        with self._guard.surviving():
            if item.checkpoint:
                self._guard.desk.note_metrics(item.step, item.metrics)
        if self._guard.remote.verifies:  # else nothing is sure enough to let an older one go
            with self._guard.surviving():
                self._let_go()

    def _let_go(self) -> None:
        live = self._guard.book.live()
        best = retention.Best.of(self._guard.settings.best)
        gone = [
            *retention.surplus(
                [one for one in live if one.checkpoint], self._guard.settings.keep, best
            ),
            *retention.surplus(
                [one for one in live if not one.checkpoint], self._guard.settings.keep, None
            ),
        ]
        at = manifest.moment(time.time())
        with self._guard.disk():
            self._guard.book.add(RemovedLine(0, one.path, one.remote, at) for one in gone)

    def start_snapshots(self, now: float) -> None:
        """Start copying the logs that grew."""
        guard = self._guard
        if not (guard.is_open and guard.logs.is_free(SNAPSHOT)):
            return
        due = guard.snapshots.due(guard.scanner.logs(now), now, at_once=guard.ending.is_asked())
        if due:
            remote = guard.remote
            names = guard.snapshots.begin(due, guard.taken_names())
            guard.logs.start(
                SNAPSHOT,
                lambda: guard.snapshots.copy(remote, due, names),
                lambda made: guard.snapshots.copied(made, due, now),
                guard.snapshots.ended,
            )


def _of_disk(item: Item, error: OSError) -> CompanionError:
    """Return what it means that an item could not be put together for Drive."""
    if error.errno in _FULL:
        return RuntimeFull("The runtime's disk is full.")
    return PathInvalid(f"{item.name} cannot be put together for Drive: {error.strerror or error}.")


def _bad(item: Item) -> Exception | None:
    """Return why an item cannot be sorted and compared with others; None where it can."""
    try:
        _ = item.mtime, item.size, item.unit, item.series_name
    except Exception as error:  # whatever it is
        return error
    return None
