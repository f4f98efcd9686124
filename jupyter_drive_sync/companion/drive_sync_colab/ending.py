"""The end of a run, from a notebook or a script: `finish()`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from .checkpoints import connected, disk, wait_for_answer
from .errors import CheckpointNotSafe, NotInColab
from .guard import ensure
from .guard.ending import GRACE
from .guard.folders import new_id


@dataclass(frozen=True, repr=False)
class Finished:
    """What became of a run that was ended.

    Attributes
    ----------
    run : str
        Its folder on Drive is ``outputs/<run>/``.
    files : int
        How many files its list names: they are on Drive, whole.
    verified : bool
        Drive's own md5 agrees; a mount cannot show it.
    unfinished : tuple of str
        Copies of what was not whole, by their names below the run's folder. No list names them,
        and `restore()` takes none of them.
    left : tuple of str
        What is not on Drive: names that it cannot have, files that cannot be read, links to
        elsewhere.
    """

    run: str
    files: int
    verified: bool
    unfinished: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return it in words, as a notebook shows it."""
        count = "1 file" if self.files == 1 else f"{self.files} files"
        if self.verified:
            safe = f"{count} of {self.run} verified on Drive."
        else:
            safe = f"{count} of {self.run} handed to the Drive mount, which cannot verify them."
        return "\n".join([safe, *self.exceptions()])

    def exceptions(self) -> list[str]:
        """Return what is not as it should be, a sentence each."""
        said = []
        if self.unfinished:
            names = "\n  ".join(self.unfinished)
            said.append(
                f"These were not whole, and only copied, below outputs/{self.run}/:\n  {names}"
            )
        if self.left:
            names = "\n  ".join(self.left)
            said.append(f"This stays behind, and is not on Drive:\n  {names}")
        return said


def finish(
    unassign: bool = False, timeout: float | None = 600.0, leave_behind: bool = False
) -> Finished:
    """Bring everything to Drive, verify it, and end the guard; then let the runtime go if wanted.

    What stands still, is closed and yet not whole, as a killed training leaves it, is copied to
    ``<name>.unfinished`` beside its place below the run's folder, after 20 s. It ends no run badly.

    Parameters
    ----------
    unassign : bool
        Give the runtime back to Colab, once all is safe.
    timeout : float, optional
        Seconds to wait at most.
    leave_behind : bool
        End the run also where files are still being written (they are copied as they are, as
        ``.unfinished``) and where some cannot go to Drive: names with line breaks or bytes that
        are no text, files that cannot be read. What is whole goes up all the same.

    Returns
    -------
    Finished
        What is safe, and what is not.

    Raises
    ------
    CheckpointNotSafe
        Not all is on Drive: it says what is not, why, and what to do. The runtime stays, and the
        guard goes on.
    NotConnected, GuardFailed, NotInColab
        There is nothing to finish, or no runtime to let go.
    """
    folder, settings = connected()
    let_go = _unassign() if unassign else None
    ensure(folder)
    until = None if timeout is None else time.time() + timeout
    request = new_id()
    try:
        with disk():
            folder.ask(
                "finish",
                request,
                until=until,
                grace=GRACE,
                leave_behind=bool(leave_behind),
                pid=os.getpid(),
            )
        patience = None if timeout is None else timeout + 30
        answer = wait_for_answer(folder, request, "finish()", patience)
    finally:  # the guard goes on where nobody waits any more
        folder.taken(request)
    if answer is None:
        raise CheckpointNotSafe("The guard did not say that all is on Drive.")
    finished = _read(answer, settings.run)
    for sentence in finished.exceptions():
        print(sentence)  # noqa: T201
    if let_go is not None:
        let_go()
    return finished


def _read(answer: dict[str, Any], run: str) -> Finished:
    return Finished(
        run=str(answer.get("run", run)),
        files=int(answer.get("listed", 0)),
        verified=bool(answer.get("verified")),
        unfinished=tuple(answer.get("unfinished", ())),
        left=tuple(answer.get("left", ())),
    )


def _unassign() -> Callable[[], None]:
    """Return what gives the runtime back.

    Raises
    ------
    NotInColab
        There is no Colab runtime.
    """
    try:
        found: Callable[[], None] = import_module("google.colab.runtime").unassign
    except ImportError:
        raise NotInColab("There is no Colab runtime to let go.") from None
    return found
