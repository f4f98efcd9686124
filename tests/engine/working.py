"""People at work on both sides of a project, at random, and what they wrote."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.drive_emulator.errors import ApiError
from tests.engine.ledger import Ledger, name_of
from tests.engine.world import World

PATHS = (
    "train.ipynb",
    "model.py",
    "notes é.md",
    " lead.txt",
    "data/labels.csv",
    "data/more.csv",
    "data/deep/a b.txt",
    "src/net.py",
    "src/[x].py",
)
FOLDERS = ("data", "src", "data/deep", "old")


@dataclass
class Working:
    """People at work. `log` tells what they did; `seed` begins it again.

    Attributes
    ----------
    excused : set of str
        Versions that a person replaced or deleted: they need not be seen, only be found.
    only_there : bool
        Whether nobody works on this computer, because its disk takes nothing.
    """

    world: World
    state: Path
    random: Random
    seed: int
    log: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    met: Counter[str] = field(default_factory=Counter)
    excused: set[str] = field(default_factory=set)
    written: int = 0
    only_there: bool = False

    def content(self) -> bytes:
        """Write something that nobody ever wrote, now and then something longer."""
        self.written += 1
        text = f"{self.seed}-{self.written};".encode()
        return text * self.random.choice((1, 1, 3, 20_000))

    def excuse(self, *contents: bytes | None) -> None:
        """A person replaced or deleted these: they need not be seen any more, only be found."""
        self.excused |= {name_of(content) for content in contents if content is not None}

    def gone_here(self, path: str) -> None:
        """Strike out what a person replaces or deletes on this computer before it ever went up.

        Nothing but her own disk knew of it.
        """
        content = self._here(path)
        if content is not None and not self.ledger.on_drive(self.world, content):
            self.ledger.written.pop(name_of(content), None)

    def people(self, acts: int, *, meanwhile: bool = False) -> None:
        """Let people do some things."""
        for _ in range(acts):
            act = self.random.choice(
                (
                    *(self.save, self.save, self.colab, self.colab, self.rename, self.move_there),
                    *(self.delete, self.trash, self.same_on_both),
                    *(self.rename_folder, self.drop_folder),
                )
                if not self.only_there
                else (
                    *(self.colab, self.colab, self.move_there, self.trash),
                    *(self.rename_folder, self.drop_folder),
                )
            )
            try:
                act(meanwhile)
            except (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError):
                self.log.append("  (it was gone already, or the name was taken)")

    def _save_there(self, path: str, content: bytes) -> bool:
        """Save on Drive; say whether there was room."""
        try:
            self.world.colab(path, content)
        except ApiError as error:
            self.log.append(f"  ({error})")
            return False
        return True

    def _note(self, word: str, *parts: str) -> None:
        self.met[word] += 1
        self.log.append(f"  {word}: {' '.join(parts)}")

    def _both(self, path: str) -> tuple[bytes | None, bytes | None]:
        return self._here(path), self._there(path)

    def _here(self, path: str) -> bytes | None:
        try:
            return (self.world.local / path).read_bytes()
        except OSError:
            return None

    def _there(self, path: str) -> bytes | None:
        found = self.world.drive.find_all(f"{self.world.folder}/{path}")
        return found[0].content if found and found[0].revisions else None

    def save(self, meanwhile: bool) -> None:
        path, content = self.random.choice(PATHS), self.content()
        rename = self.random.random() < 0.5
        self.gone_here(path)
        self._replace(path, content, meanwhile, here=True)
        self._note("saved here", path, name_of(content)[:6], "by rename" if rename else "")
        self.world.save(path, content, rename=rename)

    def colab(self, meanwhile: bool) -> None:
        path, content = self.random.choice(PATHS), self.content()
        self._replace(path, content, meanwhile, here=False)
        self._note("saved there", path, name_of(content)[:6])
        if not self._save_there(path, content):
            self.ledger.written.pop(name_of(content))

    def _replace(self, path: str, content: bytes, meanwhile: bool, *, here: bool) -> None:
        before = self._both(path)
        if meanwhile:  # the run may have changed any of it while it is being replaced
            self.excuse(*before, content)
        else:
            self.excuse(before[0] if here else before[1])
        self.ledger.add(content, f"{path} {'here' if here else 'there'} {name_of(content)[:6]}")

    def same_on_both(self, meanwhile: bool) -> None:
        path, content = self.random.choice(PATHS), self.content()
        self.gone_here(path)
        self.excuse(*self._both(path), *((content,) if meanwhile else ()))
        self.ledger.add(content, f"{path} on both {name_of(content)[:6]}")
        self._note("same on both", path, name_of(content)[:6])
        self.world.save(path, content)
        self._save_there(path, content)

    def rename(self, meanwhile: bool) -> None:
        old = self._some(sorted(self.world.here()))
        new = self.random.choice(PATHS)
        if old is None or (self.world.local / new).exists():
            return
        if meanwhile:
            self.excuse(*self._both(old))
        self._note("renamed here", old, "->", new)
        (self.world.local / new).parent.mkdir(parents=True, exist_ok=True)
        (self.world.local / old).rename(self.world.local / new)

    def move_there(self, meanwhile: bool) -> None:
        old, new = self._some(sorted(self.world.there())), self.random.choice(PATHS)
        drive, top = self.world.drive, self.world.folder
        if old is None or drive.exists(f"{top}/{new}"):
            return
        if meanwhile:
            self.excuse(*self._both(old))
        folder, _, name = new.rpartition("/")
        self._note("renamed there", old, "->", new)
        file = drive.find(f"{top}/{old}")
        drive.mkdir(f"{top}/{folder}")
        drive.move(file, f"{top}/{folder}".rstrip("/"))
        drive.rename(file, name)

    def delete(self, meanwhile: bool) -> None:
        path = self._some(sorted(self.world.here()))
        if path is None:
            return
        self.gone_here(path)
        self._excuse_delete(path, meanwhile, here=True)
        self._note("deleted here", path)
        (self.world.local / path).unlink()

    def trash(self, meanwhile: bool) -> None:
        path = self._some(sorted(self.world.there()))
        if path is None:
            return
        self._excuse_delete(path, meanwhile, here=False)
        self._note("deleted there", path)
        self.world.drive.trash(f"{self.world.folder}/{path}")

    def _excuse_delete(self, path: str, meanwhile: bool, *, here: bool) -> None:
        before = self._both(path)
        self.excuse(*(before if meanwhile else before[:1] if here else before[1:]))

    def rename_folder(self, meanwhile: bool) -> None:
        old, new = self.random.choice(FOLDERS[:2]), self.random.choice(FOLDERS[3:])
        here = not self.only_there and self.random.random() < 0.5
        if self.random.random() < 0.3:
            old, new = new, old
        drive, top = self.world.drive, self.world.folder
        if here and (self.world.local / old).is_dir() and not (self.world.local / new).exists():
            self._excuse_below(old, meanwhile)
            self._note("folder renamed here", old, "->", new)
            (self.world.local / old).rename(self.world.local / new)
        elif not here and drive.exists(f"{top}/{old}") and not drive.exists(f"{top}/{new}"):
            self._excuse_below(old, meanwhile)
            self._note("folder renamed there", old, "->", new)
            drive.rename(f"{top}/{old}", new)

    def _excuse_below(self, folder: str, meanwhile: bool) -> None:
        for tree in (self.world.here(), self.world.there()) if meanwhile else ():
            self.excuse(*(tree[path] for path in tree if path.startswith(f"{folder}/")))

    def drop_folder(self, meanwhile: bool) -> None:
        folder = self.random.choice(FOLDERS)
        here = not self.only_there and self.random.random() < 0.5
        if self.random.random() < 0.6:
            return
        tree = self.world.here() if here else self.world.there()
        gone = [path for path in tree if path.startswith(f"{folder}/")]
        if gone:
            self._excuse_below(folder, meanwhile)
            self.excuse(*(tree[path] for path in gone))
            for path in gone if here else ():
                self.gone_here(path)
            self._note(f"folder deleted {'here' if here else 'there'}", folder)
            if here:
                shutil.rmtree(self.world.local / folder)
            else:
                self.world.drive.trash(f"{self.world.folder}/{folder}")

    def twin(self) -> None:
        """Make a second file of a name on Drive."""
        path, content = self.random.choice(PATHS), self.content()
        self.ledger.add(content, f"second {path} there {name_of(content)[:6]}")
        self.excuse(content)  # which of the two is seen is Drive's affair
        self._note("second of a name", path)
        self.world.clock += 5
        self.world.drive.add(f"{self.world.folder}/{path}", content, self.world.clock)

    def _some(self, paths: list[str]) -> str | None:
        return self.random.choice(paths) if paths else None
