"""The files that a project needs on Drive before a notebook can connect in Colab."""

from __future__ import annotations

from collections.abc import Mapping

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.ports.colab import COMPANION_PATH, ENVIRONMENT_PATH


def worth_writing(session: Session, notebook: str | None) -> dict[str, bytes]:
    """Return the files that are missing or out of date here. Runs the kernel's Python. Blocks.

    Parameters
    ----------
    notebook : str or None
        The notebook whose kernel counts; None: the same kernel as before.

    Returns
    -------
    dict of str to bytes
        By path, what is to be written. A package of a later release than this stays as it is.
    """
    colab = session.colab
    if colab is None:
        return {}
    files: dict[str, bytes] = {}
    ours, standing = colab.maker.companion(), session.local.read(COMPANION_PATH)
    theirs = None if standing is None else colab.maker.version_of(standing)
    later = theirs is not None and colab.maker.is_newer(theirs, ours.version)
    if standing != ours.content and not later:
        files[COMPANION_PATH] = ours.content
    before = session.local.read(ENVIRONMENT_PATH) or b""
    environment = colab.maker.environment(
        colab.settings.environment, notebook, before, session.read_ignore()
    )
    if environment != before:
        files[ENVIRONMENT_PATH] = environment
    return files


def put_in_place(session: Session, files: Mapping[str, bytes]) -> None:
    """Write them here, each in one step."""
    for path, content in files.items():
        session.local.write(path, content)


def companion_version(session: Session) -> str:
    """Return the version of the package that stands here; empty where there is none."""
    standing = session.local.read(COMPANION_PATH)
    if session.colab is None or standing is None:
        return ""
    return session.colab.maker.version_of(standing) or ""
