"""Which settings of a remote let rclone run a program. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FAR = re.compile(r"server_command|\w+sum_command")
# What stands in a remote in place of a configured name, or after it: settings of that one use.
_CONNECTION_STRING = re.compile(r"""(?:^|[\s"'=]):|,\s*[\w.]+\s*(?:=|:|,)""")


def names_program(option: str) -> bool:
    """Say whether an option of a backend names a program, here or on the storage's side."""
    return option == "ssh" or "command" in option


def programs_here(section: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of a remote by which rclone could run a program on this computer.

    rclone itself notes what it found on the other end of SFTP (``md5sum_command`` and the like):
    those run there, so they are none.

    Parameters
    ----------
    section : mapping of str to str
        The settings of one remote.
    """
    return {
        key: value for key, value in section.items() if value.strip() and _runs_here(key, value)
    }


def _runs_here(key: str, value: str) -> bool:
    if key in ("remote", "upstreams"):
        return _CONNECTION_STRING.search(value) is not None
    if key.startswith(("override.", "global.")):  # any flag of rclone, `metadata_mapper` too
        return True
    return names_program(key) and _FAR.fullmatch(key) is None
