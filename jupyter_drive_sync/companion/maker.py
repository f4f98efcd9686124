"""What goes to Colab: the package, the cell and the list of what is installed here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion
from packaging.version import Version as Release

from jupyter_drive_sync.companion import environment
from jupyter_drive_sync.companion.bundle import bundle_version, make_bundle
from jupyter_drive_sync.companion.cell import TAG, CellFacts, cell_source
from jupyter_drive_sync.ports.colab import Companion, EnvironmentSource
from jupyter_drive_sync.ports.sides import Ignore


@dataclass(frozen=True, slots=True)
class LocalCompanion:
    """The `CompanionMaker` port of one project.

    Attributes
    ----------
    root : Path
        The project folder.
    release : str
        This extension's version.
    """

    root: Path
    release: str

    @property
    def tag(self) -> str:
        """By which a cell is found again in its notebook."""
        return TAG

    def companion(self) -> Companion:
        """Return this computer's package."""
        bundle = make_bundle(self.release)
        return Companion(bundle.content, bundle.version)

    def version_of(self, content: bytes) -> str | None:
        """Return the version of a package; None for what is no package of ours."""
        return bundle_version(content)

    def is_newer(self, version: str, than: str) -> bool:
        """Say whether a package is of a later release; builds of one release count as alike."""
        try:
            return Release(Release(version).public) > Release(Release(than).public)
        except InvalidVersion:
            return False

    def cell(
        self,
        *,
        name: str,
        folder_id: str,
        companion_id: str,
        notebook: str,
        notebook_id: str | None,
    ) -> str:
        """Return the text of the cell with which a notebook connects."""
        return cell_source(CellFacts(name, folder_id, companion_id, notebook, notebook_id))

    def environment(
        self, source: EnvironmentSource, notebook: str | None, before: bytes, ignore: Ignore
    ) -> bytes:
        """Return what is installed at home, for `ENVIRONMENT_PATH`. Runs the kernel's Python."""
        return environment.written(self.root, source, notebook, before, ignore)
