"""What the engine works with: the ports of one project, and one run's request and report."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum

from jupyter_drive_sync.engine.check import DeleteLimit
from jupyter_drive_sync.engine.models import Plan, Step
from jupyter_drive_sync.engine.settle import Resolution
from jupyter_drive_sync.errors import DriveSyncError, SideEmptied, TooManyDeletes
from jupyter_drive_sync.ports.colab import ColabSide, OpenNotebook
from jupyter_drive_sync.ports.listing import Entry
from jupyter_drive_sync.ports.projects import Project, ProjectFolders
from jupyter_drive_sync.ports.records import BaselineEntry, HistoryRow, Keep, Store, Trigger
from jupyter_drive_sync.ports.sides import Bisync, Ignore, LocalFiles, RemoteFiles
from jupyter_drive_sync.ports.transfer import CancelToken, Progress
from jupyter_drive_sync.ports.versions import BaseCopies, OldVersions, Trashcan


class Phase(str, Enum):
    """The steps of one run, as progress names them."""

    PLAN = "plan"
    CHECK = "check"
    APPLY = "apply"
    COMMIT = "commit"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Session:
    """One project with the real things behind its ports.

    Attributes
    ----------
    read_ignore : Callable[[], Ignore]
        Reads the ignore rules anew; raises `IgnorePatternInvalid`.
    lock_fd : Callable[[], int | None]
        The project's lock, for rclone to inherit.
    limit : DeleteLimit
        How much a run may delete without consent.
    keep : Keep or None
        What is chosen for every conflict, where nobody is there to be asked; None: ask.
    base : BaseCopies or None
        Where contents that are in step are kept for merges and restores.
    trash : Trashcan or None
        The trash on this computer, for restores.
    far : OldVersions or None
        What the remote side keeps of earlier versions, if it does.
    colab : ColabSide or None
        What goes to Colab and comes from there, where the remote side is Google Drive.
    """

    project: Project
    folders: ProjectFolders
    local: LocalFiles
    remote: RemoteFiles
    bisync: Bisync
    store: Store
    read_ignore: Callable[[], Ignore]
    lock_fd: Callable[[], int | None] = lambda: None
    limit: DeleteLimit = field(default_factory=DeleteLimit)
    keep: Keep | None = None
    base: BaseCopies | None = None
    trash: Trashcan | None = None
    far: OldVersions | None = None
    colab: ColabSide | None = None


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Why a run is made, what a person agreed to, and what Colab has open.

    Attributes
    ----------
    open_elsewhere : frozenset of OpenNotebook
        What living Colab runtimes have open: it is neither written over nor deleted on Drive.
    anyway : Mapping of str to str
        By path, the versions of which a person wants that done all the same, as `Step.versions`
        names them.
    """

    trigger: Trigger
    consent: str | None = None
    resolutions: Mapping[str, Resolution] = field(default_factory=dict)
    open_elsewhere: frozenset[OpenNotebook] = frozenset()
    anyway: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What one run came to.

    Attributes
    ----------
    run : str
        Name of the run, as in the history.
    plan : Plan
        What it set out to do.
    finished : datetime
        In UTC.
    rows : tuple of HistoryRow
        What it did.
    failures : tuple of (str, str)
        Paths that could not be done this time, with the reason; they are tried again.
    """

    run: str
    plan: Plan
    finished: datetime
    rows: tuple[HistoryRow, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()

    @property
    def holds(self) -> tuple[Step, ...]:
        """The paths that need a person."""
        return self.plan.holds


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan and why a run would stop before touching anything, if it would.

    Attributes
    ----------
    creates_remote : bool
        Whether the remote folder does not exist yet, so that linking would make it.
    """

    plan: Plan
    problem: DriveSyncError | None
    creates_remote: bool = False

    @property
    def needs_consent(self) -> bool:
        """Whether a person's consent to this plan is all that is missing."""
        return isinstance(self.problem, TooManyDeletes | SideEmptied)


class RunObserver:
    """Hears how a run goes, in the worker's thread. Does nothing itself."""

    def phase(self, phase: Phase) -> None:
        """Hear that a phase begins."""

    def planned(self, plan: Plan) -> None:
        """Hear the plan."""

    def progress(self, progress: Progress) -> None:
        """Hear how a transfer goes."""

    def done(self, path: str) -> None:
        """Hear that a path is in step."""


@dataclass(slots=True)
class Run:
    """One run under way: what its steps share.

    Attributes
    ----------
    rows : list of HistoryRow
        What was done so far.
    failures : dict of str to str
        Paths that could not be done, with the reason.
    kept : list of str
        Copies that were put beside files.
    aside : set of str
        Paths that were kept out of bisync's sight.
    agreed : list of BaselineEntry
        What this run saw in step.
    shown : dict of str to Entry
        What the remote side has shown of files since they were pushed.
    """

    session: Session
    request: RunRequest
    observer: RunObserver
    cancel: CancelToken
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    rows: list[HistoryRow] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    aside: set[str] = field(default_factory=set)
    agreed: list[BaselineEntry] = field(default_factory=list)
    shown: dict[str, Entry] = field(default_factory=dict)

    def record(
        self,
        *,
        agreed: Iterable[BaselineEntry] = (),
        forgotten: Iterable[str] = (),
        rows: Iterable[HistoryRow] = (),
    ) -> None:
        """Write down what is in step, what is gone and what was done."""
        entries = list(agreed)
        self.session.store.record(agreed=entries, forgotten=forgotten, rows=rows)
        self.agreed += entries

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(timezone.utc)
