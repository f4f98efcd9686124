"""The project's copy in the runtime: pull brings what is new on Drive, push sends what is named.

Neither ever writes over what the other side has not seen: a file that changed on both is put beside
the other under a name that says where it comes from.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from . import rclone
from .aside import free_beside, names_beside, obstacle
from .baseline import Baseline, md5_of
from .errors import CompanionError, PathInvalid, PushRefused, RcloneFailed, RuntimeFull
from .ignore import Rules
from .listing import Remote, RemoteFile, check_room, check_size, list_project, look
from .places import OWN, Places
from .results import Pulled, Pushed
from .settings import Transport

NOTEBOOK = ".ipynb"
_ONE_BY_ONE = 5
Clock = Callable[[], datetime]


class Project:
    """One project in one runtime.

    Parameters
    ----------
    folder : Path
        The runtime's copy.
    folder_id : str
        Drive's id of the project's folder.
    """

    def __init__(
        self,
        folder: Path,
        folder_id: str,
        transport: Transport,
        places: Places,
        *,
        include: Sequence[str] | None = None,
        clock: Clock = datetime.now,
    ) -> None:
        self.folder = folder
        self.folder_id = folder_id
        self.transport = transport
        self.places = places
        self.include = include
        self._clock = clock
        self._baseline = Baseline(places.baseline, folder_id)

    # Pull

    def preview(self) -> tuple[Remote, list[RemoteFile]]:
        """Return what is on Drive, and what of it has to be brought."""
        remote = list_project(self.transport, self.folder_id, self.include)
        return remote, [file for file in remote.files.values() if self._is_news(file)]

    def _is_news(self, file: RemoteFile) -> bool:
        return not (self._place(file.path).is_file() and self._baseline.still(file))

    def pull(
        self,
        limit: int | None = None,
        agreed: Callable[[CompanionError], bool] = lambda _: False,
        progress: Callable[[rclone.Progress], None] | None = None,
    ) -> Pulled:
        """Bring what is new on Drive.

        Parameters
        ----------
        limit : int, optional
            Bytes above which `agreed` is asked.
        agreed : callable
            Says yes to more.

        Raises
        ------
        ProjectTooLarge, RuntimeFull, RcloneFailed
            Nothing was changed here.
        """
        remote, news = self.preview()
        done = Pulled(
            total=sum(not path.startswith(f"{OWN}/") for path in remote.files),
            twins=list(remote.twins),
            left_out=list(remote.left_out),
        )
        try:
            check_size(news, limit)
        except CompanionError as error:
            if not agreed(error):
                raise
        check_room(sum(file.size for file in news), self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        done.kept = self._changed_here(remote)
        self._take(news, done, progress)
        for path in [path for path in self._baseline.files if path not in remote.files]:
            del self._baseline.files[path]
            if self._place(path).is_file() and self.include is None:
                done.gone.append(path)
        self._baseline.save()
        return done

    def drive_ids(self) -> dict[str, str]:
        """Return Drive's ids of what was brought, by path; none of them through a mount."""
        return {path: one.drive_id for path, one in self._baseline.files.items() if one.drive_id}

    def _changed_here(self, remote: Remote) -> list[str]:
        return [
            path
            for path, file in remote.files.items()
            if (place := self._place(path)).is_file()
            and self._baseline.still(file)
            and not self._baseline.untouched(path, place)
        ]

    def _take(
        self,
        news: Sequence[RemoteFile],
        done: Pulled,
        progress: Callable[[rclone.Progress], None] | None,
    ) -> None:
        fetch = []
        for file in news:
            place = self._place(file.path)
            if file.md5 and _is_alike(place, file.md5):
                self._baseline.agree(place, file, file.md5)  # nothing to bring
            else:
                fetch.append(file)
        if not fetch:
            return
        staging = self.places.staging
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            if progress is not None:  # what is to come, before it comes
                progress(rclone.Progress(0, sum(file.size for file in fetch), 0.0))
            problem = self._download(fetch, staging, progress)
            for file in fetch:
                try:
                    self._settle(file, staging / file.path, done)
                except OSError as error:  # noqa: PERF203 - the others are brought
                    done.failed.append(f"{file.path} ({obstacle(error)})")
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        if problem is not None and not done.files and not done.beside:
            raise problem

    def _download(
        self,
        files: Sequence[RemoteFile],
        staging: Path,
        progress: Callable[[rclone.Progress], None] | None,
    ) -> CompanionError | None:
        """Bring files into the staging folder; return why some are missing."""
        names = "".join(f"{file.path}\n" for file in files)
        # Looked up one by one, each file is two calls; listed whole, 50 folders are one.
        how = "--no-traverse" if len(files) < _ONE_BY_ONE else "--fast-list"
        try:
            rclone.run(
                self.transport,
                [
                    *("copy", self.transport.remote(self.folder_id), str(staging)),
                    *("--files-from-raw", "-", how, "--transfers", "8"),
                    *("--drive-skip-gdocs", "--drive-skip-shortcuts"),
                ],
                feed=names,
                progress=progress,
            )
        except RuntimeFull:
            raise
        except CompanionError as error:
            return error
        return None

    def _settle(self, file: RemoteFile, staged: Path, done: Pulled) -> None:
        """Put one brought file where it belongs."""
        if not staged.is_file():
            done.failed.append(file.path)
            return
        md5 = md5_of(staged)
        if file.md5 and md5 != file.md5:  # changed on Drive meanwhile: the next pull brings it
            done.failed.append(file.path)
            return
        place = self._place(file.path)
        if place.exists() and not self._baseline.untouched(file.path, place):
            if place.is_dir():
                raise IsADirectoryError
            if md5_of(place) == md5:
                self._baseline.agree(place, file, md5)
                return
            other = free_beside(place, "Drive", self._clock())
            staged.replace(other)
            # Both know Drive's version now: a push of ours goes in place again.
            self._baseline.agree(other, file, md5)
            done.beside.append(other.relative_to(self.folder).as_posix())
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(place)
        self._baseline.agree(place, file, md5)
        if not file.path.startswith(f"{OWN}/"):
            done.files.append(file.path)
            done.size += file.size

    def _place(self, path: str) -> Path:
        """Return where a path of Drive's is here.

        Raises
        ------
        PathInvalid
            It leads out of the project.
        """
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or PurePosixPath(path).is_absolute():
            raise PathInvalid(f"'{path}' on Drive is no path of a project.", "Rename it on Drive.")
        return self.folder.joinpath(*parts)

    # Push

    def push(self, paths: Iterable[str | os.PathLike[str]]) -> Pushed:
        """Send named files and folders to Drive.

        Raises
        ------
        PathInvalid
            A path is not in the project, or not there. Nothing was sent.
        RcloneFailed
            Drive did not take a file; those before it were sent.
        """
        done = Pushed(verified=self.transport.verifies)
        todo: dict[str, Path] = {}
        for path in paths:
            todo |= self._named(path)
        for path, place in todo.items():
            refusal = _refusal(path, place)
            if refusal:
                done.refused[path] = refusal
            else:
                self._send(path, place, done)
        self._baseline.save()
        return done

    def _named(self, path: str | os.PathLike[str]) -> dict[str, Path]:
        """Return the files that a path names, by their path in the project."""
        place = Path(os.path.abspath(self.folder / path))  # links are not followed  # noqa: PTH100
        if place != self.folder and self.folder not in place.parents:
            raise PathInvalid(
                f"'{path}' is not in the project.", f"Name a file below {self.folder}."
            )
        if place.is_file() or place.is_symlink():
            return {place.relative_to(self.folder).as_posix(): place}
        if not place.is_dir():
            raise PathInvalid(f"There is no '{path}' in the project.", "Check the name.")
        ignore = self.folder / ".driveignore"
        rules = Rules(ignore.read_text("utf-8") if ignore.is_file() else "")
        found = {}
        for file in sorted(place.rglob("*")):
            inner = file.relative_to(self.folder).as_posix()
            known = file.is_file() or file.is_symlink()
            if known and not inner.startswith(f"{OWN}/") and not rules.ignores(inner):
                found[inner] = file
        return found

    def _send(self, path: str, place: Path, done: Pushed) -> None:
        md5 = md5_of(place)
        there = look(self.transport, self.folder_id, path)
        if there is not None and there.md5 == md5:
            self._baseline.agree(place, there, md5)
            done.same.append(path)
            return
        if there is not None and not self._baseline.still(there):
            target = self._free_on_drive(path)
            self._upload(place, target, md5)
            done.beside[path] = target
            return
        now = self._upload(place, path, md5)
        self._baseline.agree(place, now, md5)
        done.files.append(path)

    def _upload(self, place: Path, path: str, md5: str) -> RemoteFile:
        """Send one file and look at what Drive has then."""
        rclone.run(
            self.transport,
            [
                *("copyto", str(place), self.transport.remote(self.folder_id) + path),
                *("--ignore-times", "--no-traverse", "--inplace"),
            ],
        )
        now = look(self.transport, self.folder_id, path)
        if now is None or (now.md5 and now.md5 != md5):
            raise RcloneFailed(f"'{path}' did not arrive on Drive as it is here.", "Push it again.")
        return now

    def _free_on_drive(self, path: str) -> str:
        for name in names_beside(PurePosixPath(path).name, "Colab", self._clock()):
            free = PurePosixPath(path).with_name(name).as_posix()
            if look(self.transport, self.folder_id, free) is None:
                return free
        raise PushRefused("There are too many copies beside it on Drive.")


def _refusal(path: str, place: Path) -> str:
    """Say why a file is not pushed; empty when it may be."""
    if place.is_symlink():
        return "It is a link: put the file itself into the project to push it."
    if path.endswith(NOTEBOOK):
        return "Colab saves notebooks itself, so they are not pushed from here."
    if path.startswith(f"{OWN}/"):
        return "These files belong to jupyter-drive-sync."
    return ""


def _is_alike(place: Path, md5: str) -> bool:
    try:
        return place.is_file() and md5_of(place) == md5
    except OSError:
        return False  # what cannot be read is met again, and told, when the file is put there
