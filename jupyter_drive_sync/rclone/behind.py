"""Which folders of this computer, and which other remotes, stand behind a configured remote.

``local`` is a folder by itself; ``alias``, ``union``, ``crypt`` and the like can lead to one.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_drive_sync.ports.projects import Remote
from jupyter_drive_sync.rclone.binary import Rclone
from jupyter_drive_sync.rclone.config import read_sections
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.remote_spec import is_folder

Sections = Mapping[str, Mapping[str, str]]


def folders_behind(rclone: Rclone, remote: Remote) -> list[Path]:
    """Return the folders of this computer to which a remote leads, resolved; most often none.

    Raises
    ------
    ConfigUnreadable
        rclone's configuration cannot be read.
    """
    return look_behind(rclone, remote).folders


@dataclass(frozen=True, slots=True)
class Behind:
    """What a configured remote consists of.

    Attributes
    ----------
    folders : list of Path
        The folders of this computer to which it leads, resolved.
    sections : list of mapping
        Its settings and those of all the remotes that it stands in front of, secrets included:
        never to be shown or logged.
    """

    folders: list[Path]
    sections: list[Mapping[str, str]] = field(repr=False)


def look_behind(rclone: Rclone, remote: Remote) -> Behind:
    """Return what a configured remote consists of; nothing for a plain folder.

    Raises
    ------
    ConfigUnreadable
        rclone's configuration cannot be read.
    """
    if remote.config is None:
        return Behind([], [])
    sections = read_sections(Runner(rclone, remote.config), remote.config)
    found = list(_behind(remote.spec, sections, frozenset()))
    return Behind(
        [item.resolve() for item in found if isinstance(item, Path)],
        [item for item in found if not isinstance(item, Path)],
    )


def _behind(
    spec: str, sections: Sections, seen: frozenset[str]
) -> Iterator[Path | Mapping[str, str]]:
    """Yield the settings of a remote as rclone writes it, and what stands behind it."""
    if is_folder(spec):
        yield Path(spec)
        return
    if spec.startswith(":local"):
        yield _folder(spec[1:].partition(":")[2])
        return
    name, colon, path = spec.partition(":")
    name = name.partition(",")[0]  # what may follow are settings of that one use
    if not colon:
        yield _folder(spec)
        return
    section = sections.get(name, {})
    if name in seen or not section:
        return
    yield section
    seen |= {name}
    if section.get("type") == "local":
        yield _folder(path)
        return
    for upstream in _upstreams(section):
        below, equals, target = upstream.partition("=")
        if equals and section.get("type") == "combine":
            # Each stands in a folder of its own, of which `path` chooses one, or none.
            first, _, rest = path.strip("/").partition("/")
            if first in ("", below):
                yield from _behind(_join(target, rest), sections, seen)
        else:
            yield from _behind(_join(upstream, path), sections, seen)


def _upstreams(section: Mapping[str, str]) -> list[str]:
    """Return the remotes that one of rclone's wrapping backends stands in front of."""
    if section.get("remote"):
        return [section["remote"]]
    found = shlex.split(section.get("upstreams", ""), posix=os.name != "nt")
    modes = (":ro", ":nc", ":writeback")
    return [next((text.removesuffix(m) for m in modes if text.endswith(m)), text) for text in found]


def _join(spec: str, path: str) -> str:
    if not path.strip("/"):
        return spec
    apart = "" if spec.endswith((":", "/")) else "/"
    return f"{spec}{apart}{path.lstrip('/')}"


def _folder(path: str) -> Path:
    # What is not absolute counts from the folder in which rclone runs, which is ours.
    return Path(path or "/").absolute()
