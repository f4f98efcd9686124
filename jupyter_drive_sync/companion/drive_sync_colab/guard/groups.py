"""Which of the files below the protected folders make one checkpoint together (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from . import finished, retention

_WHOLE_TREE = {"_CHECKPOINT_METADATA", "commit_success.txt", "saved_model.pb"}
_LOG = re.compile(r"\.(log|out|err|jsonl)$|tfevents", re.IGNORECASE)


def is_log(name: str) -> bool:
    """Tell whether a file's name is that of one that grows."""
    return _LOG.search(name) is not None


class Groups:
    """Tells of each file the folder with which it makes one checkpoint.

    Some files stand for all that is below their folder: then the outermost such folder counts.
    Others (shards, an index, a trainer's state) bind the files beside them alone. Logs, and what
    counts its own steps, are never bound by what lies there with them, unless the folder's own
    name says that all of it is one checkpoint.

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
        self._tree: dict[str, str | None] = {}
        self._of: dict[str, str | None] = {}
        self._in_parts: dict[str, set[str]] = {}
        self._members: dict[str, list[str]] | None = None
        above = (folder.rpartition("/") for folder in self._files)
        self._of_ranks = {parent for parent, _, name in above if finished.is_rank(name)}

    def of(self, path: str) -> str | None:
        """Return the folder with which a file makes one checkpoint; None where it is one alone."""
        folder, _, name = path.rpartition("/")
        found = self._of_folder(folder)
        return None if found is None or self._is_apart(found, folder, name) else found

    def members(self, group: str) -> list[str]:
        """Return the files that make one checkpoint together, sorted."""
        if self._members is None:
            self._members = {}
            for folder, files in self._files.items():
                if self._of_folder(folder) is not None:
                    for path in files:
                        found = self.of(path)
                        if found is not None:
                            self._members.setdefault(found, []).append(path)
        return sorted(self._members.get(group, []))

    def _of_folder(self, folder: str) -> str | None:
        if folder not in self._of:
            tree = self._tree_of(folder)
            self._of[folder] = tree or (folder if self._binds_its_own(folder) else None)
        return self._of[folder]

    def _tree_of(self, folder: str) -> str | None:
        """Return the outermost folder that is one checkpoint with all that is below it."""
        if folder not in self._tree:
            self._tree[folder] = self._found_tree(folder)
        return self._tree[folder]

    def _found_tree(self, folder: str) -> str | None:
        if not self._is_inside(folder):
            return None
        above, _, name = folder.rpartition("/")
        if finished.stands_alone(name):
            return folder  # also below a model that was saved beside its checkpoints
        return self._tree_of(above) or (folder if self._is_tree(folder) else None)

    def _is_inside(self, folder: str) -> bool:
        return any(folder == root or folder.startswith(f"{root}/") for root in self._roots)

    def _names(self, folder: str) -> list[str]:
        return [path.rpartition("/")[2] for path in self._files.get(folder, ())]

    def _is_tree(self, folder: str) -> bool:
        return folder in self._of_ranks or not _WHOLE_TREE.isdisjoint(self._names(folder))

    def _binds_its_own(self, folder: str) -> bool:
        names = self._names(folder)
        if folder in self._roots:  # trainers leave these above their checkpoints too
            names = [name for name in names if not finished.is_said_of_others(name)]
        return self._is_inside(folder) and any(map(finished.is_part, names))

    def _is_apart(self, group: str, folder: str, name: str) -> bool:
        """Tell whether a file has nothing to do with the parts that lie there with it."""
        if finished.stands_alone(group.rpartition("/")[2]) or finished.is_part(name):
            return False
        if is_log(name):
            return True
        return retention.is_counted(name) and not self._is_of_parts(folder, name)

    def _is_of_parts(self, folder: str, name: str) -> bool:
        """Tell whether a file lists or describes parts of its own name beside it."""
        if folder not in self._in_parts:
            stems = map(finished.stem_of_parts, self._names(folder))
            self._in_parts[folder] = {stem for stem in stems if stem is not None}
        return name.rpartition(".")[0] in self._in_parts[folder]
