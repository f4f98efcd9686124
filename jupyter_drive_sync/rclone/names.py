"""rclone's spelling of file names. Pure.

rclone shows and takes every name in one spelling of its own, so that all backends agree: control
characters become their pictures (a line break is ``␊``), and a name that really holds such a
picture gets a mark (U+201B) before it. The rest of this project spells names as this computer's
disk does.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

_QUOTE = "\u201b"
_PICTURES = {chr(code): chr(0x2400 + code) for code in range(0x20)}
_DELETE = {"\x7f": "\u2421"}
_SLASH = {"/": "\uff0f"}
_FULLWIDTH_DOT = "\uff0e"
_WINDOWS_ONLY = {character: chr(ord(character) + 0xFEE0) for character in ':?"*<>|\\'}

_STANDARD: Mapping[str, str] = {**_PICTURES, **_DELETE, **_SLASH}
_POSIX: Mapping[str, str] = {"\x00": _PICTURES["\x00"], **_SLASH}
_WINDOWS: Mapping[str, str] = {**_PICTURES, **_SLASH, **_WINDOWS_ONLY}

_ENDS_ON_WINDOWS = {" ": "\u2420", ".": _FULLWIDTH_DOT}


def to_rclone(path: str, *, windows: bool = os.name == "nt") -> str:
    """Spell a relative path of this computer as rclone does."""
    return "/".join(_name_to_rclone(name, windows) for name in path.split("/"))


def from_rclone(path: str, *, windows: bool = os.name == "nt") -> str:
    """Spell a path that rclone printed as this computer's disk does."""
    return "/".join(_name_from_rclone(name, windows) for name in path.split("/"))


def root_to_rclone(path: str) -> str:
    """Spell the absolute path of a folder as rclone does."""
    return path if os.name == "nt" else to_rclone(path)


@lru_cache(maxsize=4096)
def _name_to_rclone(name: str, windows: bool) -> str:
    if name.isascii() and name.isprintable():
        # Only Windows has more to spell, and there the disk takes no such name.
        return name
    return _encode(_decode(name, _disk(windows), windows), _STANDARD, windows=False)


@lru_cache(maxsize=4096)
def _name_from_rclone(name: str, windows: bool) -> str:
    if not windows and name.isascii() and name.isprintable():
        return name
    return _encode(_decode(name, _STANDARD, windows=False), _disk(windows), windows)


def _disk(windows: bool) -> Mapping[str, str]:
    return _WINDOWS if windows else _POSIX


def _encode(name: str, table: Mapping[str, str], windows: bool) -> str:
    dots = {
        ".": _FULLWIDTH_DOT,
        "..": _FULLWIDTH_DOT * 2,
        _FULLWIDTH_DOT: _QUOTE + _FULLWIDTH_DOT,
        _FULLWIDTH_DOT * 2: (_QUOTE + _FULLWIDTH_DOT) * 2,
    }
    if name in dots:
        return dots[name]
    end = ""
    if windows and name:
        # Windows cuts a space or a dot off the end of a name.
        last = name[-1]
        if last in _ENDS_ON_WINDOWS:
            name, end = name[:-1], _ENDS_ON_WINDOWS[last]
        elif last in _ENDS_ON_WINDOWS.values():
            name, end = name[:-1], _QUOTE + last
    quoted = {*table.values(), _PICTURES["\x00"], _QUOTE}
    spelled = (_QUOTE + each if each in quoted else table.get(each, each) for each in name)
    return "".join(spelled) + end


def _decode(name: str, table: Mapping[str, str], windows: bool) -> str:
    dots = {
        _FULLWIDTH_DOT: ".",
        _FULLWIDTH_DOT * 2: "..",
        _QUOTE + _FULLWIDTH_DOT: _FULLWIDTH_DOT,
        (_QUOTE + _FULLWIDTH_DOT) * 2: _FULLWIDTH_DOT * 2,
    }
    if name in dots:
        return dots[name]
    end = ""
    if windows and name and name[-1] in _ENDS_ON_WINDOWS.values():
        name, last = name[:-1], name[-1]
        if name.endswith(_QUOTE):
            name, end = name[:-1], last
        else:
            end = next(raw for raw, spelled in _ENDS_ON_WINDOWS.items() if spelled == last)
    raw_of = {spelled: raw for raw, spelled in table.items()} | {_PICTURES["\x00"]: "\x00"}
    out: list[str] = []
    characters = iter(range(len(name)))
    for index in characters:
        each = name[index]
        following = name[index + 1 : index + 2]
        if each == _QUOTE and following and (following in raw_of or following == _QUOTE):
            out.append(following)
            next(characters)
        else:
            out.append(raw_of.get(each, each))
    return "".join(out) + end
