"""Brings the outputs of Colab's runs home: one way, verified, and nothing here is replaced."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from itertools import islice
from typing import Any

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.errors import DiskFull, DriveSyncError
from jupyter_drive_sync.ports.colab import ColabSide, Taken, WhichOutputs, run_path
from jupyter_drive_sync.ports.records import Action, Direction, HistoryRow, Trigger
from jupyter_drive_sync.ports.transfer import CancelToken, no_progress
from jupyter_drive_sync.service.outputs import MANIFEST, Choice, Output, choose, read_manifest

_BATCH_BYTES = 512 * 1024**2
_BATCH_FILES = 1000
_MOST_FILES = 10_000
"""Files of one run that come here; folders with more are slow to open everywhere."""

_MOST_TRIES = 4
_MOST_WAITS = 24
"""How often Drive is asked for what a mount has not sent: two hours, as the server looks."""

_MOST_MANIFEST = 16 * 1024**2
"""Bytes; a line has some hundreds."""

_REMEMBERED = ("looked", "files", "bytes", "here", "known", "detail")
_SPOILED = "it is not what the manifest lists, so it was not taken"
_UNSURE = "it went through the mounted Drive, and Drive does not have it as it was written yet"
_TOO_LONG = "The list of this run's outputs is too long to be read here; they stay on Drive."


@dataclass(slots=True)
class RunAtHome:
    """What is known here of the outputs of one run.

    Attributes
    ----------
    looked : str
        What the manifest was read for the last time; it is read again when that changes.
    files, bytes : int
        What is on Drive.
    here : int
        How many of these files came here.
    known : dict of str to str
        What came here, by its path below the run's folder, and what became of it: ``here`` or
        ``other``, where another file stood in its place.
    detail : str
        Why some are not here.
    refused : dict of str to str
        What could not be taken, with why; tried again when the server starts anew.
    failed : dict of str to str
        What did not come this time, with why; tried again soon.
    tries : dict of str to int
        How often it was tried.
    sure : set of str
        What a runtime could not verify, and Drive has as it was written.
    waits : dict of str to int
        How often Drive was asked for what it does not have like that.
    """

    looked: str = ""
    files: int = 0
    bytes: int = 0
    here: int = 0
    known: dict[str, str] = field(default_factory=dict)
    detail: str = ""
    refused: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    sure: set[str] = field(default_factory=set)
    waits: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Return the field ``outputs`` of a ``Runtime`` in api/openapi.yaml."""
        return {
            "files": self.files,
            "bytes": self.bytes,
            "here": self.here,
            "detail": self.detail,
        }

    @classmethod
    def remembered(cls, session: Session, run: str) -> RunAtHome:
        """Return what the project's database remembers of a run."""
        text = session.store.get(_key(run))
        known = {} if text is None else json.loads(text)
        return cls(**{name: known[name] for name in _REMEMBERED if name in known})

    def remember(self, session: Session, run: str) -> None:
        """Write it into the project's database."""
        kept = {name: getattr(self, name) for name in _REMEMBERED}
        if self.refused:
            kept["looked"] = ""  # after a new start of the server it is tried once more
        session.store.put(_key(run), json.dumps(kept))


def _key(run: str) -> str:
    return f"outputs/{run}"


def bring_home(
    session: Session,
    colab: ColabSide,
    run: str,
    home: RunAtHome,
    *,
    why: str,
    over: bool,
    cancel: CancelToken,
) -> None:
    """Read a run's manifest and bring what is wanted of it. Blocks; needs no lock.

    Parameters
    ----------
    home : RunAtHome
        What is known here; brought up to date, and remembered.
    why : str
        Becomes `RunAtHome.looked` once all is done; what failed is named in `RunAtHome.failed`.
    over : bool
        Whether nothing more is to be expected of the run.

    Raises
    ------
    DriveSyncError
        It could not be finished; what came is remembered.
    """
    content = session.remote.read(run_path(run, MANIFEST), _MOST_MANIFEST + 1) or b""
    if len(content) > _MOST_MANIFEST:
        home.looked, home.detail = why, _TOO_LONG
        home.remember(session, run)
        return
    manifest = read_manifest(content)
    outputs = manifest.outputs
    listed = {one.remote for one in outputs}
    home.refused = {path: why for path, why in home.refused.items() if path in listed}
    home.failed = {}
    settings = colab.settings
    if settings.outputs is not WhichOutputs.NONE:
        outputs = _made_sure(session, home, run, outputs)
    known = home.known.keys() | home.refused.keys()
    choice = choose(
        outputs,
        known,
        settings.outputs,
        most=settings.bytes,
        here=colab.outputs.bytes_of(run),
        over=over,
    )
    take = _within(choice.take, len(home.known), over=over)
    detail = choice.detail if len(take) == len(choice.take) else _too_many(choice, take)
    home.files, home.bytes = len(outputs), sum(one.size for one in outputs)
    try:
        home.here = _count(home, outputs)
        for batch in _batches(take):
            asked = _as_listed(session, home, {run_path(run, one.remote): one for one in batch})
            _bring(session, colab, home, asked, cancel)
            home.here = _count(home, outputs)
        if home.failed and _is_let_go(session, home, run):
            return  # the next look finds what came in its place
        if not home.failed:
            home.looked = why
        home.detail = _detail(home, detail, manifest.unusable)
    finally:
        home.remember(session, run)


def _is_let_go(session: Session, home: RunAtHome, run: str) -> bool:
    """Forget what failed because the guard let it go meanwhile; say whether that is all of it."""
    content = session.remote.read(run_path(run, MANIFEST), _MOST_MANIFEST + 1) or b""
    listed = {one.remote for one in read_manifest(content).outputs}
    for remote in home.failed.keys() - listed:
        del home.failed[remote]
        del home.tries[remote]
    return not home.failed


def _within(take: Sequence[Output], known: int, *, over: bool) -> tuple[Output, ...]:
    """Leave out what would be more files than come of a run; of what belongs together all or none.

    In the end the newest checkpoint, which is the first, comes even where there are too many.
    """
    units: dict[str, list[Output]] = {}
    for one in take:
        units.setdefault(one.unit, []).append(one)
    kept: list[Output] = []
    for members in units.values():
        last = over and not kept and members[0].checkpoint
        room = _MOST_FILES if last else _MOST_FILES - known - len(kept)
        kept += members if len(members) <= room else ()
    return tuple(kept)


def _too_many(choice: Choice, take: Sequence[Output]) -> str:
    left = len(choice.take) - len(take)
    files = "1 file" if left == 1 else f"{left:,} files"
    return f"{files} of this run stay on Drive: no more than {_MOST_FILES:,} of a run come here."


def _made_sure(
    session: Session, home: RunAtHome, run: str, outputs: Sequence[Output]
) -> tuple[Output, ...]:
    """Have Drive itself say of what went through a mount whether it is there as it was written.

    What is, counts as verified from then on; of files that belong together, all or none.
    """
    sure = home.sure | home.known.keys()
    unsure = {
        run_path(run, one.remote): one
        for one in outputs
        if not one.verified and one.remote not in sure and one.remote not in home.refused
    }
    unsure = dict(islice(unsure.items(), _MOST_FILES))
    if unsure:
        digests = session.remote.digest(list(unsure))
        late = {one.remote: one.unit for at, one in unsure.items() if digests.get(at) != one.md5}
        for remote in late:
            _did_not_come(home, remote, _UNSURE, home.waits, _MOST_WAITS)
        units = set(late.values())
        home.sure.update(one.remote for one in unsure.values() if one.unit not in units)
    return _as_verified(outputs, home.sure | home.known.keys())


def _as_verified(outputs: Sequence[Output], sure: Collection[str]) -> tuple[Output, ...]:
    return tuple(
        replace(one, verified=True) if one.remote in sure and not one.verified else one
        for one in outputs
    )


def _count(home: RunAtHome, outputs: Sequence[Output]) -> int:
    return sum(home.known.get(one.remote) == "here" for one in outputs)


def _batches(outputs: Sequence[Output]) -> Iterator[list[Output]]:
    """Yield what comes in one copy each: so what came stays, whatever happens to the next."""
    batch: list[Output] = []
    for one in outputs:
        full = sum(other.size for other in batch) + one.size > _BATCH_BYTES
        if batch and (full or len(batch) >= _BATCH_FILES):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch


def _as_listed(session: Session, home: RunAtHome, batch: Mapping[str, Output]) -> dict[str, Output]:
    """Leave out what has another size on Drive: the limit holds for what comes, not for words."""
    sizes = session.remote.sizes(list(batch))
    asked = {}
    for path, one in batch.items():
        if sizes.get(path, one.size) == one.size:
            asked[path] = one
        else:
            home.refused[one.remote] = _SPOILED
    return asked


def _bring(
    session: Session,
    colab: ColabSide,
    home: RunAtHome,
    batch: Mapping[str, Output],
    cancel: CancelToken,
) -> None:
    """Bring some outputs, by their paths in the project, in one copy."""
    rows: list[HistoryRow] = []
    try:
        with colab.outputs.staging() as staging:
            result = session.remote.pull(list(batch), staging, no_progress, cancel)
            for path, reason in result.failed.items():
                _did_not_come(home, batch[path].remote, reason, home.tries, _MOST_TRIES)
            for path in result.done:
                one = batch[path]
                try:
                    taken = colab.outputs.take(staging / path, path, one.size, one.md5)
                except DiskFull:
                    raise
                except DriveSyncError as error:
                    home.refused[one.remote] = error.message
                except OSError as error:
                    home.refused[one.remote] = (error.strerror or str(error)).lower()
                else:
                    _note(home, one, taken)
                    rows += [_row(path, one)] if taken is Taken.PLACED else []
    finally:
        session.store.record(rows=rows)


def _did_not_come(
    home: RunAtHome, remote: str, reason: str, tries: Counter[str], most: int
) -> None:
    tries[remote] += 1
    given_up = tries[remote] >= most
    (home.refused if given_up else home.failed)[remote] = reason


def _note(home: RunAtHome, one: Output, taken: Taken) -> None:
    if taken is Taken.SPOILED:
        home.refused[one.remote] = _SPOILED
    else:
        home.known[one.remote] = "other" if taken is Taken.OTHER else "here"


def _row(path: str, one: Output) -> HistoryRow:
    run = path.split("/")[1]
    step = "" if one.step is None else f", step {one.step:g}"
    return HistoryRow(
        id=0,
        run=run,
        time=datetime.now(timezone.utc),
        path=path,
        direction=Direction.DOWN,
        action=Action.CREATED,
        trigger=Trigger.REMOTE_CHANGE,
        size=one.size,
        md5_after=one.md5,
        detail=f"from Colab {run}{step}",
    )


def _detail(home: RunAtHome, chosen: str, unusable: int) -> str:
    missing = home.refused | home.failed
    if missing:
        remote, reason = next(iter(missing.items()))
        more = len(missing) - 1
        others = f", and {more} more" if more else ""
        return f"{remote}{others} did not come: {reason.rstrip('.')}."
    standing = sum(word == "other" for word in home.known.values())
    if standing and not chosen:
        files = "another file stands" if standing == 1 else f"{standing} other files stand"
        return f"Here {files} in the place of what the run made; they were left alone."
    if unusable and not chosen:
        lines = "1 line" if unusable == 1 else f"{unusable} lines"
        return (
            f"{lines} in the list of this run's outputs cannot be used here: the path or a number "
            "is out of bounds. What is named there stays on Drive."
        )
    return chosen
