"""Which projects there are: one folder each below Jupyter's data directory."""

from __future__ import annotations

import json
import logging
import os
import shutil
import tempfile
import uuid
from datetime import datetime, timezone
from pathlib import Path

from jupyter_drive_sync.ports.private import make_private, take_from_others
from jupyter_drive_sync.ports.projects import Project, ProjectFolders, Remote, RemoteKind

log = logging.getLogger(__name__)


class Registry:
    """The projects of one Jupyter data directory.

    Parameters
    ----------
    root : Path
        ``<Jupyter's data directory>/drive-sync``. Made, readable by its owner only, when the
        first project is saved.
    """

    def __init__(self, root: Path) -> None:
        self._projects = root / "projects"
        self._warned: set[Path] = set()

    def folders(self, project_id: str) -> ProjectFolders:
        """Return where a project's own state lives."""
        return ProjectFolders(self._projects / str(uuid.UUID(project_id)))

    def projects(self) -> list[Project]:
        """Return all projects in the order in which they were linked.

        A project whose file cannot be read is left out, with one warning in the log.
        """
        found: list[Project] = []
        if not self._projects.is_dir():
            return found
        for folder in self._projects.iterdir():
            file = ProjectFolders(folder).project_file
            if not file.is_file():
                continue
            try:
                found.append(_read(file))
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                if file not in self._warned:
                    log.warning("Drive Sync: %s cannot be read and is left out: %r", file, error)
                self._warned.add(file)
                continue
            self._warned.discard(file)
        return sorted(found, key=lambda project: (project.created, project.id))

    def make_private(self) -> None:
        """Make the folders of all projects their owner's alone, also where they were not."""
        make_private(self._projects)
        for folder in (self._projects.parent, self._projects):
            take_from_others(folder)

    def save(self, project: Project) -> None:
        """Write a project's file, atomically."""
        folders = self.folders(project.id)
        make_private(folders.root)
        text = json.dumps(_as_json(project), indent=2, sort_keys=True)
        handle, name = tempfile.mkstemp(dir=folders.root, prefix="project-", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text + "\n")
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(folders.project_file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def remove(self, project_id: str) -> None:
        """Forget a project and its state.

        The project's trash may hold the only copy of something: what is in it stays, in
        ``unlinked/<id>`` beside the projects.
        """
        folders = self.folders(project_id)
        folders.project_file.unlink(missing_ok=True)
        if folders.trash.is_dir() and any(path.is_file() for path in folders.trash.rglob("*")):
            kept = self._projects.parent / "unlinked" / folders.root.name
            make_private(kept.parent)
            target = kept
            number = 1
            while target.exists():
                number += 1
                target = kept.with_name(f"{kept.name}-{number}")
            folders.trash.replace(target)
        shutil.rmtree(folders.root, ignore_errors=True)


def _read(file: Path) -> Project:
    project = _from_json(json.loads(file.read_text(encoding="utf-8")))
    if project.id != file.parent.name.lower():
        raise ValueError(f"it is the file of {project.id}")
    return project


def _as_json(project: Project) -> dict[str, object]:
    remote = project.remote
    return {
        "version": 1,
        "id": project.id,
        "name": project.name,
        "local": str(project.local),
        "remote": {
            "kind": remote.kind.value,
            "name": remote.name,
            "path": remote.path,
            "config": str(remote.config) if remote.config else None,
            "folder_id": remote.folder_id,
        },
        "auto_sync": project.auto_sync,
        "paused": project.paused,
        "created": project.created.isoformat(),
    }


def _from_json(data: dict[str, object]) -> Project:
    remote = data["remote"]
    if not isinstance(remote, dict):
        raise TypeError("remote")
    return Project(
        id=str(uuid.UUID(str(data["id"]))),
        name=str(data["name"]),
        local=Path(str(data["local"])),
        remote=Remote(
            kind=RemoteKind(remote["kind"]),
            name=str(remote["name"]),
            path=str(remote["path"]),
            config=Path(remote["config"]) if remote["config"] else None,
            folder_id=remote["folder_id"],
        ),
        auto_sync=bool(data["auto_sync"]),
        paused=bool(data["paused"]),
        created=_in_utc(datetime.fromisoformat(str(data["created"]))),
    )


def _in_utc(time: datetime) -> datetime:
    return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time
