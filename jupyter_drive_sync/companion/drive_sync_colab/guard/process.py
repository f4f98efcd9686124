"""The guard's loop: looks, requests, and what they lead to.

One thread owns everything that is written here; what talks to Drive runs beside it in lanes, on
what it was given, and its results are taken in here.
"""

from __future__ import annotations

import contextlib
import shutil
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import CompanionError, FolderUnknown, RcloneFailed, RuntimeFull
from ..places import Places
from ..settings import GuardSettings
from .book import Book
from .desk import Desk
from .ending import Ending
from .folders import GuardFolder
from .lanes import Lane
from .looks import Look
from .remote import Remote
from .report import PULSE, Report
from .scanner import Ready, Scanner
from .shipping import Shipping
from .snapshots import Snapshots
from .spool import Spool, project_path

TICK = 0.2
LOOK_EVERY = 1.0
SHARE_FOR_LOOKS = 0.015
SHOWN_FOR = 60.0
_OPENING = "Opening the run's folder"
_MANIFEST = "The manifest"
_ASK_ANEW = (FolderUnknown, RcloneFailed)


class Guard:
    """Protects one run.

    Parameters
    ----------
    folder : GuardFolder
        Where requests come and the spool lies.
    settings : GuardSettings
        What to protect, and the way to Drive.
    lock : int or None
        The lock's file descriptor.
    note : callable
        Takes a sentence for the log.
    """

    def __init__(
        self,
        folder: GuardFolder,
        settings: GuardSettings,
        lock: int | None,
        note: Callable[[str], None],
    ) -> None:
        self.folder = folder
        self.settings = settings
        self.note = note
        self._lock = lock
        self._settings_seen = _stamp(folder.settings)
        self.project = Path(settings.project)
        self.book = Book(folder.manifest, folder.known)
        self.spool = Spool(folder.spool)
        self.spool.load(str(request["id"]) for request in folder.requests())
        with self.disk():
            self.spool.take_back(proven_too=False)
        self.scanner = Scanner(self._is_known)
        self._places = Places(folder.root.parents[1])
        self.remote = Remote(settings, lock, self._places)
        self.desk = Desk(self)
        self.snapshots = Snapshots(self.project, folder.spool)
        self.clerk = Lane("manifest", note)
        self.urgent = Lane("checkpoints", note)
        self.urgent_large = Lane("large checkpoints", note)
        self.small = Lane("small files", note)
        self.large = Lane("large files", note)
        self.logs = Lane("logs", note)
        self.cleaner = Lane("removal", note)
        shipping = (self.urgent, self.urgent_large, self.small, self.large, self.logs)
        self.lanes = (self.clerk, *shipping, self.cleaner)
        self.full: CompanionError | None = None
        self.end: str | None = None
        self.has_told_end = False
        self.is_open = False
        self._stumbled: CompanionError | None = None
        self._stumbled_until = 0.0
        self._has_stumbled = False
        self._next_look = 0.0
        self._pulse_was_last = False
        self.shipping = Shipping(self)
        self.ending = Ending(self)
        self.report = Report(self)

    # --- the loop ------------------------------------------------------------------------------

    def run(self) -> None:
        """Guard until told to end."""
        while not (self.end and self.has_told_end):
            self._has_stumbled = False
            with self.surviving():
                self.tick()
            time.sleep(LOOK_EVERY if self._has_stumbled else TICK)

    @contextlib.contextmanager
    def surviving(self) -> Iterator[None]:
        """Go on after an error that nobody foresaw: nothing but its orders may end the guard.

        It is shown for a while.
        """
        try:
            yield
        except Exception as error:  # it is shown, and the rest of the work is done all the same
            text = f"The guard met an unexpected error: {error!r}."
            known = self.stumbled()
            if known is None or known.message != text:
                self.note("".join(traceback.format_exception(error)))
            self._stumbled = CompanionError(text)
            self._stumbled_until = time.monotonic() + SHOWN_FOR
            self._has_stumbled = True

    def stumbled(self) -> CompanionError | None:
        """Return the latest error that is none of a lane's, for a minute."""
        return self._stumbled if time.monotonic() < self._stumbled_until else None

    def tick(self) -> None:
        """Do what is due; what fails in one stage keeps none of the others from its work."""
        now = time.monotonic()
        with self.surviving():
            self._follow_settings()
        has_news = self._collect()
        with self.surviving():
            has_news = self.desk.open_mail() or has_news
        if now >= self._next_look:
            self._look(now)
        elif not has_news and not self._has_stumbled:
            return
        stages: list[Callable[[], object]] = [
            self.shipping.set_aside_bad,
            self.shipping.drop_overtaken,
            self.shipping.start_uploads,
            lambda: self.shipping.start_snapshots(now),
            lambda: self._start_desk_work(now),
            self.ending.settle,
            self.report.show,
        ]
        for stage in stages:
            with self.surviving():
                stage()

    def _collect(self) -> bool:
        """Take in what the lanes brought to an end; tell whether there was anything."""
        has_news = False
        for lane in self.lanes:
            with self.surviving():
                if lane.collect():
                    has_news = True
                    if type(lane.failed) in _ASK_ANEW:
                        self.is_open = False  # perhaps the folder is another one now
        return has_news

    def _look(self, now: float) -> None:
        """Look at the outputs, and take what is finished."""
        self._next_look = now + LOOK_EVERY
        with self.surviving():
            took = self.scanner.look(self.roots(), now)
            self._next_look = now + max(LOOK_EVERY, took / SHARE_FOR_LOOKS)
            for ready in self.scanner.ready(now, is_last=self.ending.is_asked()):
                with self.surviving():
                    self._take(ready, now)

    def roots(self) -> list[Path]:
        """Return what is protected, as absolute paths."""
        return [self.project / one for one in self.settings.outputs]

    def close(self) -> None:
        """End what runs."""
        self.remote.stop()
        for lane in self.lanes:
            lane.close()

    def _follow_settings(self) -> None:
        """Take new settings, which a new kernel or a repaired sign-in writes."""
        stamp = _stamp(self.folder.settings)
        if stamp == self._settings_seen:
            return
        self._settings_seen = stamp
        try:
            settings = GuardSettings.read(self.folder.settings)
        except (OSError, ValueError) as error:
            self.note(f"The new settings cannot be read ({error}); the old ones hold.")
            return
        way_changed = (settings.remote, settings.rclone, settings.rclone_env) != (
            self.settings.remote,
            self.settings.rclone,
            self.settings.rclone_env,
        )
        self.settings = settings
        if way_changed:
            self.remote = Remote(settings, self._lock, self._places)
            self.is_open = False
        self.shipping.take_back()
        self.hurry()

    def hurry(self) -> None:
        """Try again at once what failed."""
        for lane in self.lanes:
            lane.hurry()
        self.shipping.hurry()

    # --- taking outputs --------------------------------------------------------------------------

    def _is_known(self, path: str, look: Look) -> bool:
        if self.desk.handed_in.get(path) == (look.size, look.mtime_ns):
            return True
        return self.book.knows(project_path(self.project, Path(path)), look.size, look.mtime_ns)

    def _take(self, ready: Ready, now: float) -> None:
        """Freeze a finished output, so that it can go up."""
        if self.put(ready):
            self.scanner.take(ready.paths, now)
        else:
            self.scanner.refuse(ready.paths, now)

    def put(self, ready: Ready) -> bool:
        """Put an output into the spool; tell whether that was possible."""
        try:
            item, sources = self.desk.item_of(ready)
            self.spool.put(item, sources, copy=self.shipping.rewritten.wants_copy(item))
        except FileNotFoundError:
            return False
        except OSError as error:
            self.disk_failed(error)
            return False
        self.full = None
        return True

    def taken_names(self) -> set[str]:
        """Return the names below the run's folder that a new version must not have."""
        return self.book.names().union(self.spool.names())

    def disk_failed(self, error: OSError) -> None:
        """Note that the runtime's disk refused something."""
        free = shutil.disk_usage(self.folder.root).free
        if free < 2**20 or "space" in str(error.strerror).lower():
            self.full = RuntimeFull("The runtime's disk is full.")
        self.note(f"On the runtime's disk: {error}")

    @contextlib.contextmanager
    def disk(self) -> Iterator[None]:
        """Go on without the runtime's disk where it refuses: what matters is on Drive."""
        try:
            yield
        except OSError as error:
            self.disk_failed(error)

    # --- manifest and pulse ----------------------------------------------------------------------

    def _start_desk_work(self, now: float) -> None:
        self._start_cleaning()
        if self.clerk.is_busy():
            return
        remote = self.remote
        if not self.is_open:
            if not self.clerk.is_free(_OPENING):
                return

            def find() -> tuple[bool, str]:
                return remote.open(), remote.read_manifest()

            self.clerk.start(_OPENING, find, self._opened)
            return
        # While something fails, the two take turns, so that the pulse can say so.
        pulse_first = self.clerk.error is not None and not self._pulse_was_last
        is_due = not self.book.is_published() and self.clerk.is_free(_MANIFEST)
        if not is_due or pulse_first:
            may_be_said = self.clerk.is_free(PULSE)
            self._pulse_was_last = may_be_said and self.report.send_pulse(now)
            if self._pulse_was_last:
                return
        if is_due:
            self._pulse_was_last = False
            text, count = self.book.text(), len(self.book.lines)
            self.clerk.start(
                _MANIFEST,
                lambda: remote.write_manifest(text),
                lambda _: self._published(count),
            )

    def _start_cleaning(self) -> None:
        """Delete what the manifest on Drive no longer lists."""
        if self.is_open and self.book.is_published() and self.cleaner.is_free():
            remote, gone = self.remote, sorted(self.book.to_delete)
            if gone:
                self.cleaner.start(
                    "Removing older checkpoints",
                    lambda: remote.delete(gone),
                    lambda _: self.book.to_delete.difference_update(gone),
                )

    def _opened(self, found: tuple[bool, str]) -> None:
        is_new, text = found
        with self.disk():
            self.book.merge(text)
        self.shipping.reopened(is_new=is_new)
        self.is_open = True
        if is_new:  # else the pauses hold: to have found the folder says nothing of the uploads
            self.hurry()

    def _published(self, count: int) -> None:
        self.book.on_drive = count
        self.shipping.published(self.book.lines[:count])

    # --- how it stands ---------------------------------------------------------------------------

    def is_quiet(self) -> bool:
        """Tell whether everything finished is on Drive and listed there."""
        return self.is_open and not self.spool.items and self.book.is_published()

    def left(self) -> list[str]:
        """Return what is protected and neither taken nor, as a log, at rest and copied."""
        now = time.monotonic()
        logs = self.scanner.logs(now)
        open_logs = [
            path
            for path, look in logs.items()
            if self.scanner.is_changing(path, now) or not self.snapshots.has(path, look)
        ]
        return [*self.scanner.unfinished(now), *open_logs]

    def has_looked_since(self, moment: float) -> bool:
        """Tell whether two looks were made since a moment (monotonic seconds)."""
        return self._next_look > moment + 3 * LOOK_EVERY


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
