"""Earlier versions of a file: showing them, and bringing one back."""

from __future__ import annotations

from jupyter_drive_sync.engine.restore import Found, Restored, restore, versions
from jupyter_drive_sync.ports.records import Trigger
from jupyter_drive_sync.service.keeper import ProjectKeeper
from jupyter_drive_sync.service.status import Json, time_json


async def older_versions(keeper: ProjectKeeper, path: str) -> Json:
    """Return the ``Versions`` of api/openapi.yaml."""
    return versions_json(path, await keeper.ask(lambda session: versions(session, path)))


async def bring_back(keeper: ProjectKeeper, path: str, number: str, *, as_copy: bool) -> Restored:
    """Restore a version once no run is under way; then a run carries it over.

    Raises
    ------
    VersionGone, NotRestored
        With the reason; nothing was changed.
    DriveSyncError
        The version cannot be fetched now.
    """
    restored = await keeper.alone(lambda session: restore(session, path, number, as_copy=as_copy))
    if restored.changed and not keeper.project.paused:
        keeper.request(Trigger.PERSON)
    return restored


def versions_json(path: str, found: Found) -> Json:
    """Return the earlier versions of a file as the REST interface shows them."""
    return {
        "path": path,
        "versions": [
            {
                "id": version.id,
                "origin": version.origin.value,
                "time": time_json(version.time),
                "size": version.size,
            }
            for version in found.versions
        ],
        "problem": found.problem.as_json() if found.problem else None,
    }
