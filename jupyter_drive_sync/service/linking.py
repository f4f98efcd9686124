"""Linking and unlinking, the same for the server and the command line."""

from __future__ import annotations

from dataclasses import replace

from jupyter_drive_sync.engine.link import paired_id, preview_link, write_markers
from jupyter_drive_sync.engine.session import Preview
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.service.workbench import Workbench


def preview(workbench: Workbench, draft: Project) -> Preview:
    """Say what the first sync of a draft would do. Leaves nothing behind."""
    known = draft.id in {project.id for project in workbench.projects()}
    opened = workbench.open(draft)
    try:
        return preview_link(opened.session)
    finally:
        opened.close()
        if not known:
            workbench.remove(draft.id)


def pair(workbench: Workbench, draft: Project) -> Project:
    """Put the markers on both sides and remember the project.

    Raises
    ------
    DriveSyncError
        The remote side cannot be used; the local side was not touched.
    """
    known = {project.id for project in workbench.projects()}
    opened = workbench.open(draft)
    try:
        remote = opened.session.remote
        project_id = paired_id(draft.id, remote, known)
        folder_id = write_markers(project_id, opened.session.local, remote)
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
