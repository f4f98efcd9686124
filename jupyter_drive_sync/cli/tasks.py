"""What can be done to a project by whoever keeps it: this process, or a server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from jupyter_drive_sync.cli.here import Here
from jupyter_drive_sync.cli.outcome import Synced
from jupyter_drive_sync.cli.screen import Screen
from jupyter_drive_sync.cli.there import There
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.service.workbench import OpenProject


class Task(Protocol):
    """One piece of work that ends with a sync."""

    def here(self, here: Here, opened: OpenProject, screen: Screen) -> Synced:
        """Do it in this process; the project's lock is held."""
        ...

    def there(self, there: There, screen: Screen) -> Synced:
        """Have the server do it."""
        ...


@dataclass(frozen=True, slots=True)
class SyncTask:
    """Make a run.

    Attributes
    ----------
    consent : str or None
        Hash of the plan that the person agreed to.
    """

    consent: str | None = None

    def here(self, here: Here, opened: OpenProject, screen: Screen) -> Synced:
        """Make it in this process."""
        return here.sync(opened, self.consent, screen)

    def there(self, there: There, screen: Screen) -> Synced:
        """Have the server make it."""
        return there.sync(self.consent, screen)


@dataclass(frozen=True, slots=True)
class ResolveTask:
    """Settle conflicts.

    Attributes
    ----------
    path : str or None
        The held path; None for all conflicts.
    keep : Keep
        Which version stays under its name.
    versions : str or None
        Which versions the person was shown; None: those that stand there now.
    """

    path: str | None
    keep: Keep
    versions: str | None = None

    def here(self, here: Here, opened: OpenProject, screen: Screen) -> Synced:
        """Settle them in this process."""
        return here.resolve(opened, self.path, self.keep, self.versions, screen)

    def there(self, there: There, screen: Screen) -> Synced:
        """Have the server settle them."""
        return there.resolve(self.path, self.keep, self.versions, screen)


@dataclass(frozen=True, slots=True)
class RestoreTask:
    """Bring an earlier version back.

    Attributes
    ----------
    path, version : str
        Which one.
    as_copy : bool
        Leave the file alone and put the version beside it.
    """

    path: str
    version: str
    as_copy: bool

    def here(self, here: Here, opened: OpenProject, screen: Screen) -> Synced:
        """Bring it back in this process."""
        return here.restore(opened, self.path, self.version, self.as_copy, screen)

    def there(self, there: There, screen: Screen) -> Synced:
        """Have the server bring it back."""
        return there.restore(self.path, self.version, self.as_copy, screen)
