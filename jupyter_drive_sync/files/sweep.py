"""Finding files that a killed rclone left unfinished under a name of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from jupyter_drive_sync.files.listing import kind_of
from jupyter_drive_sync.ports.listing import EntryKind
from jupyter_drive_sync.ports.projects import MARKER_FOLDER, PARTIAL_SUFFIX
from jupyter_drive_sync.ports.sides import Ignore

_UNFINISHED = re.compile(rf".*\.[0-9a-f]{{8}}{re.escape(PARTIAL_SUFFIX)}", re.DOTALL)


def unfinished(root: Path, ignore: Ignore, before: datetime) -> Iterator[str]:
    """Yield relative paths of unfinished files that nobody has touched since a time.

    Parameters
    ----------
    ignore : Ignore
        Folders that rclone never writes to are not searched.
    before : datetime
        A younger one may belong to an rclone of another computer that is at work.
    """
    limit = before.timestamp()
    pending = [(str(root), "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            items = list(os.scandir(folder))
        except OSError:  # unreadable, or gone by now: a run says what it cannot read
            continue
        for item in items:
            try:
                status = item.stat(follow_symlinks=False)
            except OSError:
                continue  # gone by now
            kind, path = kind_of(status), prefix + item.name
            if kind is EntryKind.FOLDER:
                if path != MARKER_FOLDER and not ignore.ignores(path, folder=True):
                    pending.append((item.path, f"{path}/"))
                continue
            # rclone gives a file its source's time before it gives it its name.
            old = max(status.st_mtime, status.st_ctime) < limit
            if kind is EntryKind.FILE and old and _UNFINISHED.fullmatch(item.name):
                yield path
