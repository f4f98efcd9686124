"""A look at the Colab runtimes of a project, and what is remembered from one to the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.ports.colab import COMPANION_PATH, OpenNotebook
from jupyter_drive_sync.service.runtimes import Heard, Judge, open_notebooks

_HEARD_KEY = "colab_heard"


def utc_now() -> datetime:
    """Return this computer's time, in UTC."""
    return datetime.now(timezone.utc)


def look(
    session: Session, now: Callable[[], datetime] = utc_now, before: Judge | None = None
) -> Judge | None:
    """Look at the pulses, and remember what was heard. Blocks.

    Parameters
    ----------
    now : Callable[[], datetime]
        This computer's clock.
    before : Judge, optional
        Of the last look: what has not changed since is not read anew.

    Returns
    -------
    Judge or None
        None where no cell was ever made: then no call is made either.

    Raises
    ------
    DriveSyncError
        Drive cannot be looked at now.
    """
    colab = session.colab
    if colab is None or session.store.baseline_entry(COMPANION_PATH) is None:
        return None
    pulses = colab.pulses.look()
    remembered = session.store.get(_HEARD_KEY)
    judge = Judge(_heard(remembered), before)
    judge.take(pulses, now())
    text = _written(judge.heard)
    if text != remembered:
        session.store.put(_HEARD_KEY, text)
    return judge


def open_now(session: Session) -> frozenset[OpenNotebook]:
    """Look, and return the notebooks that runtimes have open, or may have. Blocks.

    Raises
    ------
    DriveSyncError
        Drive cannot be looked at now.
    """
    judge = look(session)
    return frozenset() if judge is None else open_notebooks(judge.runtimes())


def _heard(text: str | None) -> dict[str, Heard]:
    if text is None:
        return {}
    return {
        name: Heard(seq, datetime.fromisoformat(first), datetime.fromisoformat(first))
        for name, (seq, first) in json.loads(text).items()
    }


def _written(heard: Mapping[str, Heard]) -> str:
    return json.dumps({name: (one.seq, one.first.isoformat()) for name, one in heard.items()})
