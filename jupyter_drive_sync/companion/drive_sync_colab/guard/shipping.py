"""What goes up: which items, in which order, and what becomes of them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import CompanionError, RcloneFailed
from . import manifest, retention
from .lanes import Lane
from .manifest import FileLine, RemovedLine
from .spool import Item
from .uploads import Outcome, bring

if TYPE_CHECKING:
    from .process import Guard

LARGE = 32 * 2**20
BATCH_FILES = 100


class Shipping:
    """Brings the spool's items to Drive; small ones together, large ones singly beside them.

    Parameters
    ----------
    guard : Guard
        Whose items they are.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._in_flight: set[str] = set()
        self._listed: dict[str, Item] = {}
        self._tries: dict[str, int] = {}

    def published(self, lines: Iterable[manifest.Line]) -> None:
        """Let go the items that Drive's manifest lists now, and tell whoever waits."""
        names = {line.remote for line in lines}
        for item in list(self._listed.values()):
            if {file.remote for file in item.files} <= names:
                del self._listed[item.id]
                self._guard.desk.is_safe(item)
                self._guard.spool.drop(item)

    def find_listed(self) -> None:
        """Find the items that were listed before the guard was started anew."""
        names = {line.remote for line in self._guard.book.live()}
        for item in self._guard.spool.items.values():
            if {file.remote for file in item.files} <= names:
                self._listed[item.id] = item

    def let_wait_no_more(self, item: Item) -> None:
        """Drop an item that a better one replaces, unless it is on its way already."""
        if item.id not in self._in_flight and item.id not in self._listed:
            self._guard.spool.drop(item)

    def drop_overtaken(self) -> None:
        """Let go what waits and would be removed again at once: newer ones wait or are there."""
        waiting = [
            item
            for item in self._guard.spool.items.values()
            if item.checkpoint and item.id not in self._in_flight and item.id not in self._listed
        ]
        if not waiting:
            return
        there = [line for line in self._guard.book.live() if line.checkpoint]
        best = retention.Best.of(self._guard.settings.best)
        everything: list[Item | FileLine] = [*waiting, *there]
        for gone in retention.surplus(everything, self._guard.settings.keep, best):
            if isinstance(gone, Item):
                self._guard.desk.overtaken(gone)
                self._guard.spool.drop(gone)

    def waiting_items(self) -> list[Item]:
        """Return what is not on Drive yet: checkpoints before others, the newest first."""
        items = [item for item in self._guard.spool.items.values() if item.id not in self._listed]
        items.sort(key=lambda item: item.id, reverse=True)
        return sorted(items, key=lambda item: not item.checkpoint)

    def start_uploads(self) -> None:
        """Start what the lanes have room for."""
        if not self._guard.is_open:
            return
        for lane, is_large in ((self._guard.small, False), (self._guard.large, True)):
            if not lane.is_free():
                continue
            fitting = [
                item
                for item in self.waiting_items()
                if (item.size >= LARGE) == is_large and item.id not in self._in_flight
            ]
            # What failed before goes alone, so that it does not hold up the rest.
            fresh = [item for item in fitting if item.id not in self._tries]
            batch = (fresh or fitting)[: 1 if is_large or not fresh else BATCH_FILES]
            if not batch:
                continue
            self._in_flight.update(item.id for item in batch)
            self._start_upload(lane, batch)

    def _start_upload(self, lane: Lane, batch: list[Item]) -> None:
        remote, spool, label = self._guard.remote, self._guard.spool, lane.name.split()[0]
        suspects: list[Item] = []

        def work() -> list[Outcome]:
            try:
                return bring(remote, spool, label, batch)
            except OSError as error:
                why = CompanionError(f"The runtime's disk failed: {error.strerror or error}.")
                return [Outcome(item, error=why) for item in batch]
            except Exception as error:
                if not isinstance(error, CompanionError) or type(error) is RcloneFailed:
                    suspects.extend(batch)  # one of them may be why: next they go one by one
                raise

        def ended() -> None:
            self._in_flight.difference_update(item.id for item in batch)
            for item in suspects:
                self._tries[item.id] = self._tries.get(item.id, 0) + 1

        lane.start(
            "An upload",
            work,
            lambda outcomes: self._brought(lane, outcomes),
            ended,
        )

    def _brought(self, lane: Lane, outcomes: list[Outcome]) -> None:
        """List what arrived; let go what it makes superfluous."""
        for outcome in outcomes:
            item = outcome.item
            if outcome.changed:
                self._guard.note(f"{item.files[0].path} was written over while it went up.")
                self._guard.desk.changed(item)
                self._guard.spool.drop(item)
            elif outcome.error is not None and not self._guard.spool.is_whole(item):
                self._guard.note(f"{item.files[0].path} is gone from the spool.")
                self._guard.desk.changed(item)
                self._guard.spool.drop(item)
            elif outcome.error is not None:
                self._tries[item.id] = self._tries.get(item.id, 0) + 1
                lane.fail(outcome.error, item.files[0].path)
            else:
                self._tries.pop(item.id, None)
                try:
                    self._list(outcome)
                except ValueError as error:
                    self._set_aside(item, error)

    def _set_aside(self, item: Item, error: Exception) -> None:
        """Take an item out that nothing can be done with, and tell whoever waits."""
        self._guard.note(f"{item.name!r} is set aside: {error!r}")
        self._guard.desk.impossible(item, error)
        with self._guard.disk():
            self._guard.spool.set_aside(item)

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
        if not (self._guard.is_open and self._guard.small.is_free()):
            return
        logs = self._guard.scanner.logs(now)
        due = self._guard.snapshots.due(logs, now, at_once=self._guard.ending.is_asked())
        if due:
            remote, listed = self._guard.remote, self._guard.book.names()
            self._guard.small.start(
                "A log",
                lambda: self._guard.snapshots.copy(remote, due, listed),
                lambda made: self._guard.snapshots.copied(made, due, now),
            )


def _bad(item: Item) -> Exception | None:
    """Return why an item cannot be sorted and compared with others; None where it can."""
    try:
        _ = item.mtime, item.size, item.unit, item.series_name
    except Exception as error:  # whatever it is
        return error
    return None
