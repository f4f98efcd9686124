"""Which of the files below the protected folders make one checkpoint together (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from . import finished

_WHOLE_TREE = {"_CHECKPOINT_METADATA", "commit_success.txt", "saved_model.pb"}


class Groups:
    """Tells of each file the outermost folder with which it makes one checkpoint.

    Parameters
    ----------
    paths : iterable of str
        All files, absolute.
    roots : collection of str
        The protected folders: what lies above them says nothing.
    """

    def __init__(self, paths: Iterable[str], roots: Collection[str]) -> None:
        self._roots = roots
        self._files: dict[str, list[str]] = {}
        for path in paths:
            self._files.setdefault(path.rpartition("/")[0], []).append(path)
        self._of: dict[str, str | None] = {}
        self._members: dict[str, list[str]] | None = None
        above = (folder.rpartition("/") for folder in self._files)
        self._of_ranks = {parent for parent, _, name in above if finished.is_rank(name)}

    def of(self, path: str) -> str | None:
        """Return the folder with which a file makes one checkpoint; None where it is one alone."""
        return self._of_folder(path.rpartition("/")[0])

    def members(self, group: str) -> list[str]:
        """Return the files that make one checkpoint together, sorted."""
        if self._members is None:
            self._members = {}
            for folder, files in self._files.items():
                found = self._of_folder(folder)
                if found is not None:
                    self._members.setdefault(found, []).extend(files)
        return sorted(self._members.get(group, []))

    def _of_folder(self, folder: str) -> str | None:
        if folder not in self._of:
            self._of[folder] = self._found(folder)
        return self._of[folder]

    def _found(self, folder: str) -> str | None:
        if not any(folder == root or folder.startswith(f"{root}/") for root in self._roots):
            return None
        above, _, name = folder.rpartition("/")
        if finished.stands_alone(name):
            return folder  # also below a model that was saved beside its checkpoints
        return self._of_folder(above) or (folder if self._is_group(folder, name) else None)

    def _is_group(self, folder: str, name: str) -> bool:
        names = [path.rpartition("/")[2] for path in self._files.get(folder, ())]
        return (
            folder in self._of_ranks
            or not _WHOLE_TREE.isdisjoint(names)
            or finished.is_group(names, name)
        )
