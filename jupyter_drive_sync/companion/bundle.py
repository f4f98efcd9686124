"""The package that travels to Colab, as one zip that Python imports from."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jupyter_drive_sync.ports.colab import COMPANION_PATH

PACKAGE = "drive_sync_colab"
BUNDLE_PATH = COMPANION_PATH

VERSION_MEMBER = f"{PACKAGE}/VERSION"
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can name
_MODE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Bundle:
    """The zip.

    Attributes
    ----------
    content : bytes
        Alike for alike sources, on every computer.
    version : str
        This extension's version, and some digits of the sources' digest.
    """

    content: bytes
    version: str


@lru_cache(maxsize=4)
def make_bundle(release: str, folder: Path = Path(__file__).parent / PACKAGE) -> Bundle:
    """Put the companion's sources into a zip.

    Parameters
    ----------
    release : str
        This extension's version.
    folder : Path
        The package's folder.
    """
    sources = {
        path.relative_to(folder.parent).as_posix(): path.read_bytes().replace(b"\r\n", b"\n")
        for path in sorted(folder.rglob("*.py"))
    }
    digest = hashlib.sha256()
    for name, content in sorted(sources.items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    version = f"{release}+{digest.hexdigest()[:12]}"
    return Bundle(_zip({**sources, VERSION_MEMBER: f"{version}\n".encode()}), version)


def bundle_version(content: bytes) -> str | None:
    """Return the version of a bundle; None for what is no bundle of ours."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(VERSION_MEMBER).decode().strip()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, OSError):
        return None


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in sorted(members.items()):
            # Stored, because what deflate makes of it depends on the zlib there is.
            member = zipfile.ZipInfo(name, _EARLIEST)
            member.create_system = _UNIX
            member.external_attr = _MODE
            archive.writestr(member, content)
    return buffer.getvalue()
