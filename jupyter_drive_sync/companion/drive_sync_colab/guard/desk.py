"""The guard's desk: requests that come in, and the answers to those who wait."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import CheckpointNotSafe, CheckpointTorn, CompanionError, PathInvalid
from . import curve, manifest
from .folders import is_id, new_id
from .given import as_metrics, as_step
from .looks import Look
from .names import metrics_of, step_of
from .scan import is_unusable
from .scanner import Ready
from .spool import Item, SpoolFile, project_path, source_of

if TYPE_CHECKING:
    from .process import Guard

_ANSWERS_KEPT = 3600.0
_CLEARED_EVERY = 600.0
_METRICS_KEPT = 20


class Desk:
    """Takes requests, remembers who waits, keeps the curve.

    Parameters
    ----------
    guard : Guard
        Whose desk it is.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self.handed_in: dict[str, tuple[int, int]] = {}
        """Versions that need not be found any more: size and time (ns) by absolute path."""
        self._curves: dict[str, list[curve.Point]] = {}
        self._next_clearing = 0.0
        self.know_what_waits()
        for line in guard.book.lines:
            if isinstance(line, manifest.FileLine):
                self.note_metrics(line.step, line.metrics)

    def know_what_waits(self) -> None:
        """Count what is in the spool, and nothing else, as handed in: it is not to be taken again.

        So it is when the guard is started anew, and when all that was taken is offered again.
        """
        self.handed_in = {
            str(source_of(self._guard.project, file.path)): (file.size, file.mtime_ns)
            for item in self._guard.spool.items.values()
            for file in item.files
        }

    # --- requests --------------------------------------------------------------------------------

    def open_mail(self) -> bool:
        """Take what is in the inbox; tell whether there was anything new."""
        had_mail = False
        self._clear(time.monotonic())
        for request in self._guard.folder.requests():
            kind, number = request.get("kind"), str(request["id"])
            if kind == "finish":
                had_mail = self._guard.ending.ask(request) or had_mail
                continue
            had_mail = True
            try:
                self._take(str(kind), request)
            except CompanionError as error:
                self._refuse(number, error)
            except Exception as error:  # whatever stands in it: it must not hold up the next one
                self._refuse(
                    number, CompanionError(f"The guard could not follow the request: {error!r}.")
                )
            self._guard.folder.taken(number)
        return had_mail

    def _clear(self, now: float) -> None:
        """Clear away now and then what those left behind who no longer wait."""
        if now < self._next_clearing:
            return
        self._next_clearing = now + _CLEARED_EVERY
        with self._guard.disk():
            self._guard.folder.forget_answers(_ANSWERS_KEPT)
            self._guard.spool.clear(str(one["id"]) for one in self._guard.folder.requests())

    def _refuse(self, number: str, error: CompanionError) -> None:
        self._guard.note(f"A request could not be followed: {error.message}")
        shutil.rmtree(self._guard.spool.handed_in(number), ignore_errors=True)
        self.answer(number, error)

    def _take(self, kind: str, request: dict[str, Any]) -> None:
        guard = self._guard
        if kind == "checkpoint":
            self._checkpoint(request)
        elif kind == "metrics":
            self.note_metrics(as_step(request.get("step")), as_metrics(request["metrics"]))
        elif kind == "known":
            size, mtime_ns = int(request["size"]), int(request["mtime_ns"])
            guard.book.note_known(str(request["path"]), size, mtime_ns)
        elif kind == "stop":
            guard.end = "stopped"
            self.answer(str(request["id"]), None)
        else:
            raise ValueError(f"unknown kind {kind!r}")

    def _checkpoint(self, request: dict[str, Any]) -> None:
        """Take over what a caller froze in the spool."""
        guard = self._guard
        step, metrics = as_step(request.get("step")), as_metrics(request.get("metrics"))
        sources = {str(file["source"]): file for file in request["files"]}
        versions = {
            (self._path(source), file["size"], file["mtime_ns"]) for source, file in sources.items()
        }
        # What was found by looking, and waits, is the same version: once is enough.
        twins = [
            item
            for item in guard.shipping.waiting_items()
            if item.request is None
            and versions == {(file.path, file.size, file.mtime_ns) for file in item.files}
            and guard.shipping.may_be_dropped(item)
        ]
        names = {file.remote for item in twins for file in item.files}
        group = self._path(str(request["group"])) if request.get("group") else None
        listed = guard.book.listed(versions, group)
        files = self._files(
            (
                (str(file["name"]), source, int(file["size"]), int(file["mtime_ns"]))
                for source, file in sources.items()
            ),
            free=names,
        )
        if not files:
            raise PathInvalid("A checkpoint without files is none.")
        if listed:
            files = tuple(replace(file, remote=listed[file.path].remote) for file in files)
        for path in [*(file.path for file in files), *([group] if group else [])]:
            if not manifest.is_inside(path) or is_unusable(path):
                raise PathInvalid(f"{path!r} cannot be a checkpoint's name.")
        item = Item(
            id=str(request["id"]),
            files=files,
            checkpoint=True,
            group=group,
            step=step_of(group or files[0].path) if step is None and not listed else step,
            metrics=metrics if metrics or listed else metrics_of(group or files[0].path),
            request=str(request["id"]),
        )
        guard.spool.adopt(item)
        for twin in twins:
            guard.spool.drop(twin)
        for source, file in sources.items():
            self.handed_in[source] = (int(file["size"]), int(file["mtime_ns"]))
        guard.scanner.take_if(self.handed_in, sources, time.monotonic())
        if listed:
            guard.shipping.list_again(item, list(listed.values()))

    def item_of(self, ready: Ready) -> tuple[Item, dict[str, Path]]:
        """Describe a finished output as an item; return where its files come from as well.

        Raises
        ------
        OSError
            A file went meanwhile, or is being written again.
        """
        found = [(path, Path(path).stat()) for path in ready.paths]
        for path, stat in found:
            seen = self._guard.scanner.memory.get(path)
            if seen is not None and seen.look != Look.of(stat):  # nobody judged what it is now
                raise FileNotFoundError(f"{path} is no longer what was looked at")
        files = self._files(
            (str(number), path, stat.st_size, stat.st_mtime_ns)
            for number, (path, stat) in enumerate(found)
        )
        named = ready.group or ready.paths[0]
        item = Item(
            # Not when it was found: what was handed in meanwhile is newer. A copy or a move of an
            # older file keeps that one's mtime, and has a ctime of its own.
            id=self._id_before(files) or new_id(max(stat.st_ctime_ns for _, stat in found)),
            files=files,
            checkpoint=ready.checkpoint,
            group=self._path(ready.group) if ready.group else None,
            step=step_of(named) if ready.checkpoint else None,
            metrics=metrics_of(named) if ready.checkpoint else None,
        )
        return item, {str(number): Path(path) for number, path in enumerate(ready.paths)}

    def _id_before(self, files: Collection[SpoolFile]) -> str | None:
        """Return the id that these versions had already: the link to them changed their ctime."""
        book = self._guard.book
        ids = {book.unit_of(file.path, file.size, file.mtime_ns) for file in files}
        known = ids.pop() if len(ids) == 1 else None
        is_free = known is not None and is_id(known) and not self._guard.spool.has(known)
        return known if is_free else None

    def _files(
        self, found: Iterable[tuple[str, str, int, int]], free: Collection[str] = ()
    ) -> tuple[SpoolFile, ...]:
        names = manifest.Names(self._guard.taken_names().difference(free))
        seq = self._guard.book.next_seq() + len(self._guard.spool.items)
        files = []
        for name, source, size, mtime_ns in found:
            path = self._path(source)
            remote = names.claim(path, seq)
            files.append(SpoolFile(path, remote, name, size, mtime_ns))
        return tuple(files)

    def _path(self, source: str) -> str:
        return project_path(self._guard.project, Path(source))

    # --- the curve -------------------------------------------------------------------------------

    @property
    def metric(self) -> str | None:
        """The metric that the pulse shows: the one that counts, else a loss, else the first."""
        best = self._guard.settings.best
        if best and best[0] in self._curves:
            return best[0]
        losses = [name for name in self._curves if "loss" in name]
        return next(iter(losses or self._curves), None)

    @property
    def points(self) -> list[curve.Point]:
        """Its curve."""
        return self._curves.get(self.metric or "", [])

    def note_metrics(self, step: int | None, metrics: Mapping[str, float] | None) -> None:
        """Add a point to each metric's curve."""
        for name, value in (metrics or {}).items():
            if name not in self._curves and len(self._curves) >= _METRICS_KEPT:
                continue
            points = self._curves.get(name, [])
            at = step if step is not None else (points[-1][0] + 1 if points else 0)
            self._curves[name] = curve.add(points, int(at), value)

    # --- answers ---------------------------------------------------------------------------------

    def answer(self, request: str | None, error: CompanionError | None, **more: object) -> None:
        """Answer a request, if there is one."""
        if request is None:
            return
        answer = {"ok": error is None, "error": error.as_json() if error else None, **more}
        with self._guard.disk():
            self._guard.folder.answer(request, **answer)

    def is_safe(self, item: Item) -> None:
        """Tell whoever waits that an item is on Drive and listed."""
        self.answer(
            item.request,
            None,
            verified=self._guard.remote.verifies,
            files=[{"path": file.path, "remote": file.remote} for file in item.files],
        )

    def impossible(self, item: Item, error: Exception) -> None:
        """Tell that an item can never be listed."""
        if isinstance(error, CompanionError):
            text = f"{item.name!r} cannot be brought to Drive: {error.message}"
        else:
            text = f"{item.name!r} cannot be listed: {error!r}."
        self.answer(item.request, CheckpointNotSafe(text, "Call checkpoint() anew."))

    def changed(self, item: Item) -> None:
        """Tell that an item was written over before it was up."""
        self.answer(
            item.request,
            CheckpointTorn(
                f"{item.files[0].path} was written over while it was brought to Drive.",
                "Wait until checkpoint() returns before you write the same file again.",
            ),
        )

    def overtaken(self, item: Item) -> None:
        """Tell that newer checkpoints made an item superfluous before it was up."""
        self.answer(
            item.request,
            CheckpointNotSafe(
                f"{item.files[0].path} was not brought to Drive: newer ones came first.",
                "keep= says how many stay.",
            ),
        )
