"""Messages in, words out: reading the data and turning a text into features."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path
from typing import NamedTuple

_WORD = re.compile(r"[a-z']+|[0-9]+|[!?%]")


class Message(NamedTuple):
    """One labelled message."""

    label: str
    text: str


def load_messages(path: Path) -> list[Message]:
    """Read a CSV file with the columns ``label`` and ``text``."""
    with path.open(newline="", encoding="utf-8") as file:
        return [Message(row["label"], row["text"]) for row in csv.DictReader(file)]


def split(
    messages: list[Message], test_share: float = 0.25, seed: int = 1
) -> tuple[list[Message], list[Message]]:
    """Shuffle and cut into (train, test); the same seed gives the same cut."""
    shuffled = list(messages)
    random.Random(seed).shuffle(shuffled)
    cut = round(len(shuffled) * (1 - test_share))
    return shuffled[:cut], shuffled[cut:]


def tokens(text: str) -> list[str]:
    """Cut a text into features.

    Besides its words in lower case there are three hints: ``<number>`` for each number,
    ``<link>`` for what looks like an address, ``<shout>`` for each word in capitals.
    """
    found: list[str] = []
    for part in text.split():
        if "/" in part or "." in part.strip(".,!?"):
            found.append("<link>")
        if len(part) > 2 and part.isupper():
            found.append("<shout>")
        words = _WORD.findall(part.lower())
        found.extend("<number>" if word.isdigit() else word for word in words)
    return found
