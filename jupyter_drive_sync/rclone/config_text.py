"""Changing single settings in the text of an rclone configuration. Pure.

Comments, blank lines, the order, and every setting that stays are kept to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile

from jupyter_drive_sync.errors import ConfigUnreadable

Sections = dict[str, dict[str, str]]
"""The settings of each remote, secrets included: never to be shown or logged."""

_HEADER = re.compile(r"\ufeff?\s*\[(?P<name>.*)\]\s*")
_SETTING = re.compile(r"\s*(?P<key>[^\s#;=:][^=:]*?)\s*[=:]\s*(?P<value>.*?)\s*")
_LONG = '"""'


def edited(text: str, old: Sections, new: Sections) -> str:
    """Return a configuration's text with other settings.

    Parameters
    ----------
    text : str
        As it is.
    old, new : dict
        What rclone reads in it, and what it is to read.

    Raises
    ------
    ConfigUnreadable
        A value cannot stand in such a file. The setting is named, its value is not.
    """
    end = "\r\n" if "\r\n" in text else "\n"
    parts = _parts(text.split("\n"))
    last = {name: index for index, (name, _) in enumerate(parts)}
    written: list[str] = []
    for index, (name, lines) in enumerate(parts):
        before, after = old.get(name, {}), new.get(name)
        if after == old.get(name):
            written += lines
        elif after is None:
            written += _without(lines)
        else:
            carriage = end.removesuffix("\n")
            written += _changed(name, lines, before, after, carriage, add=index == last[name])
    whole = "\n".join(written).rstrip("\r\n")
    blocks = [whole] if whole else []
    for name in sorted(new.keys() - last.keys()):
        settings = [setting(name, key, value) for key, value in new[name].items()]
        blocks.append(end.join([f"[{name}]", *settings]))
    return "".join(f"{block}{end}{end}" for block in blocks)


def setting(name: str, key: str, value: str) -> str:
    """Return the line that gives a setting of a remote its value.

    Raises
    ------
    ConfigUnreadable
        The value cannot stand in such a file.
    """
    if "\n" in value or "\r" in value:
        raise refused(name, key)
    plain = value == value.strip() and value[-1:] != "\\" and not value.startswith(("`", _LONG))
    if plain:
        return f"{key} = {value}"
    mark = "`" if "`" not in value else _LONG
    return f"{key} = {mark}{value}{mark}"


def refused(name: str, key: str) -> ConfigUnreadable:
    """Return the error for a value that cannot stand in a configuration."""
    return ConfigUnreadable(
        f"rclone's configuration cannot hold what is given for {key} of {name}.",
        "Leave out quotes, line breaks and signs like %( at the beginning or the end of it.",
    )


def _parts(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Split at the headers; what stands before the first one has no name."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is not None:
            parts.append((header["name"].strip(), []))
        parts[-1][1].append(line)
    return parts


def _key(line: str) -> str | None:
    found = _SETTING.fullmatch(line)
    return None if found is None else found["key"]


def _without(lines: list[str]) -> list[str]:
    """Return what is left of a section that goes: comments at its end belong to the next one."""
    tail = list(takewhile(lambda line: _key(line) is None, reversed(lines[1:])))[::-1]
    while tail and not tail[0].strip():
        del tail[0]
    return tail


def _changed(
    name: str,
    lines: list[str],
    before: Mapping[str, str],
    after: Mapping[str, str],
    carriage: str,
    *,
    add: bool,
) -> list[str]:
    """Return a section's lines with other settings; new ones follow the last, if `add`."""
    kept: list[str] = []
    place = 1
    for line in lines:
        key = _key(line)
        if key is None or key not in before or after.get(key) == before[key]:
            kept.append(line)
        elif key in after:
            kept.append(setting(name, key, after[key]) + carriage)
        else:
            continue
        if key is not None:
            place = len(kept)
    if add:
        fresh = [key for key in after if key not in before]
        kept[place:place] = [setting(name, key, after[key]) + carriage for key in fresh]
    return kept
