"""Entries of ``rclone lsjson``, as values. Pure."""

from __future__ import annotations

import calendar
import json
import re
from dataclasses import dataclass, field, replace

from jupyter_drive_sync.ports.listing import Entry, EntryKind, Listing, Side, Version
from jupyter_drive_sync.rclone.names import from_rclone

_RFC3339 = re.compile(
    r"^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?"
    r"(?:[Zz]|([+-])(\d\d):(\d\d))$"
)

UNOPENABLE = "rclone cannot open a name with \u201b (U+201B) in it"
"""Why a name cannot be synced; in rclone's spelling the character stands twice."""


def parse_time_ns(text: str) -> int:
    """Return an RFC 3339 time as nanoseconds since the epoch, exactly.

    Raises
    ------
    ValueError
        It is no such time.
    """
    found = _RFC3339.match(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 time: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, sign, ahead_hours, ahead_minutes = found.groups()[6:]
    seconds = calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0))
    if sign is not None:
        ahead = int(ahead_hours) * 3600 + int(ahead_minutes) * 60
        seconds -= ahead if sign == "+" else -ahead
    return seconds * 1_000_000_000 + int((fraction or "").ljust(9, "0"))


def parse_item(item: dict[str, object], path: str | None = None) -> Entry:
    """Turn one object of lsjson into an entry; `path` replaces the path that it names.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is not what lsjson prints.
    """
    where = from_rclone(str(item["Path"])) if path is None else path
    identity = item.get("ID")
    entry_id = identity if isinstance(identity, str) and identity else None
    if item["IsDir"]:
        return Entry(where, EntryKind.FOLDER, id=entry_id)
    size = item["Size"]
    if not isinstance(size, int):
        raise TypeError("Size is a number")
    if size < 0:
        return Entry(where, EntryKind.SPECIAL, id=entry_id, problem="its size is not known")
    hashes = item.get("Hashes")
    md5 = hashes.get("md5") if isinstance(hashes, dict) else None
    problem = UNOPENABLE if "\u201b\u201b" in str(item["Path"]) else None
    version = Version(size, parse_time_ns(str(item["ModTime"])), md5.lower() if md5 else None)
    return Entry(where, EntryKind.FILE, version, entry_id, problem)


def parse_line(raw: bytes) -> Entry | None:
    """Read one line of what ``lsjson`` prints, with or without the comma at its end.

    Returns
    -------
    Entry or None
        None for a line that only begins or ends the list.

    Raises
    ------
    KeyError, TypeError, ValueError
        It is not what lsjson prints.
    """
    line = raw.strip().rstrip(b",")
    return None if line in (b"", b"[", b"]") else parse_item(json.loads(line))


@dataclass(slots=True)
class ListingReader:
    """Takes the output of ``lsjson`` line by line: one entry stands on each.

    So no more than one line is ever held as text, and other threads get their turn between two.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    duplicates: set[str] = field(default_factory=set)
    unreadable: int = 0

    def take(self, raw: bytes) -> None:
        """Take one line, with or without the comma at its end."""
        try:
            entry = parse_line(raw)
        except (KeyError, TypeError, ValueError):
            self.unreadable += 1
            return
        if entry is None:
            return
        known = self.entries.get(entry.path)
        if known is None:
            self.entries[entry.path] = entry
        elif known.kind is EntryKind.FOLDER and entry.kind is EntryKind.FOLDER:
            # Two folders of one name show as one, with the content of both.
            return
        else:
            self.duplicates.add(entry.path)
            if known.kind is EntryKind.FOLDER:
                self.entries[entry.path] = entry


def as_remote(listing: Listing) -> Listing:
    """Make a plain folder's own listing one of the remote side; inodes are no lasting ids."""
    entries = {path: replace(entry, id=None) for path, entry in listing.entries.items()}
    return replace(listing, side=Side.REMOTE, entries=entries)
