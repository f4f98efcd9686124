"""Linking and unlinking, the same for the server and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jupyter_drive_sync.engine.ignoring import with_lines
from jupyter_drive_sync.engine.link import paired_id, preview_link, write_markers
from jupyter_drive_sync.engine.session import Preview
from jupyter_drive_sync.engine.suggest import Suggestion, suggest_for
from jupyter_drive_sync.ports.ignoring import IGNORE_FILE, LeftOut
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.service.workbench import OpenProject, Workbench


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What a person sees before two folders are linked.

    Attributes
    ----------
    preview : Preview
        What the first sync would do.
    left_out : LeftOut
        What the ignore rules leave out on this computer.
    suggestions : tuple of Suggestion
        What had better be left out too.
    """

    preview: Preview
    left_out: LeftOut
    suggestions: tuple[Suggestion, ...]


def preview(workbench: Workbench, draft: Project, ignore: Sequence[str] = ()) -> FirstLook:
    """Say what the first sync of a draft would do. Leaves nothing behind.

    Parameters
    ----------
    ignore : sequence of str
        Lines that would be added to ``.driveignore`` before it.

    Raises
    ------
    IgnorePatternInvalid
        One of them, or of those that are there, cannot be followed.
    DriveSyncError
        A side cannot be looked at.
    """
    known = draft.id in {project.id for project in workbench.projects()}
    opened = workbench.open(draft)
    try:
        session, file = opened.session, opened.ignore_file
        if ignore:
            rules = file.parse(_NewRules.of(opened, ignore).content)
            session = replace(session, read_ignore=lambda: rules)
        looked = preview_link(session)
        left_out = file.left_out(session.read_ignore())
        return FirstLook(looked, left_out, suggest_for(looked.plan))
    finally:
        opened.close()
        if not known:
            workbench.remove(draft.id)


def pair(workbench: Workbench, draft: Project, ignore: Sequence[str] = ()) -> Project:
    """Put the markers on both sides and remember the project.

    Parameters
    ----------
    ignore : sequence of str
        Lines that are added to ``.driveignore`` first.

    Raises
    ------
    IgnorePatternInvalid
        One of them, or of those that are there, cannot be followed; nothing was touched.
    DriveSyncError
        The remote side cannot be used; the local side was not touched.
    """
    known = {project.id for project in workbench.projects()}
    opened = workbench.open(draft)
    try:
        remote = opened.session.remote
        rules = _NewRules.of(opened, ignore) if ignore else None
        project_id = paired_id(draft.id, remote, known)
        folder_id = write_markers(project_id, opened.session.local, remote)
        if rules is not None:
            rules.write(opened)
    finally:
        opened.close()
        if draft.id not in known:
            workbench.remove(draft.id)
    if project_id not in known:
        # State that an earlier link left behind must not count in a first sync.
        workbench.remove(project_id)
    project = replace(draft, id=project_id, remote=replace(draft.remote, folder_id=folder_id))
    workbench.save(project)
    return project


@dataclass(frozen=True, slots=True)
class _NewRules:
    """A ``.driveignore`` with lines added.

    Attributes
    ----------
    far : bool
        Whether it is put on the remote side as well: where the two sides have the same one, or
        this one has none. Else the first sync would find two that differ.
    """

    content: bytes
    changed: bool
    far: bool

    @classmethod
    def of(cls, opened: OpenProject, lines: Sequence[str]) -> _NewRules:
        """Compose it, and make sure that every line of it can be followed."""
        here = opened.ignore_file.content()
        there = opened.session.remote.read(IGNORE_FILE)
        before = there if here is None else here
        content = with_lines(before, lines)
        opened.ignore_file.parse(content)
        return cls(content, content != here, there is not None and there == before != content)

    def write(self, opened: OpenProject) -> None:
        """Put it in place: on the remote side first, for that is the one that may fail."""
        if self.far:
            opened.session.remote.write(IGNORE_FILE, self.content)
        if self.changed:
            opened.ignore_file.write(self.content)
