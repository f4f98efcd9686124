"""A training that writes checkpoints, as code for a notebook's cell, and its journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOOP = '''
import hashlib, io, json, os, pathlib, random, time, zipfile

def as_zip(content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", content[: len(content) // 2])
        archive.writestr("archive/data/0", content[len(content) // 2 :])
    return made.getvalue()

def note(**line):
    with open(JOURNAL, "a") as file:
        file.write(json.dumps({**line, "finished": time.time()}) + "\\n")

def save(path, content, dice, hesitate=0.0):
    """Write to the final path, piece by piece, as torch.save does; then say so in the journal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for at in range(0, len(content), 2**18):
            file.write(content[at : at + 2**18])
            file.flush()
            time.sleep(dice.random() * 0.005 + (hesitate if at == 0 else 0))
    md5 = hashlib.md5(content).hexdigest()
    note(path=path.as_posix(), md5=md5, size=len(content))
    return md5

def save_parts(folder, parts, dice):
    """Write a checkpoint of several files, perhaps over the one before."""
    written = {}
    for name, content in parts.items():
        written[(folder / name).as_posix()] = save(folder / name, content, dice)
    note(parts=written)

def train(seed, first=1, steps=10**6, pause=0.3):
    import drive_sync_colab
    dice = random.Random(seed)
    folder = pathlib.Path("checkpoints")
    large_at = first + dice.randrange(3, 20)

    def checkpoint(least, most):
        return as_zip(dice.randbytes(dice.randrange(least, most)))

    for step in range(first, first + steps):
        save(folder / f"step-{step}.pt", checkpoint(1_000, 3_000_000), dice)
        save(folder / f"eval-{step}.json", json.dumps({"step": step}).encode(), dice)
        if step % 5 == 4:  # one folder again and again, handed in before it is written over
            parts = {name: checkpoint(1_000, 300_000) for name in ("model.pt", "optim.pt")}
            save_parts(folder / "snapshot", parts, dice)
            drive_sync_colab.checkpoint(folder / "snapshot", step=step, wait=False)
        if step % 7 == 6:  # a new folder each time, which nobody hands in
            parts = {f"zero_pp_rank_{n}_states.pt": checkpoint(1_000, 50_000) for n in range(5)}
            save_parts(folder / f"global_step{step}", parts, dice)
        if step % 4 == 0:
            save(folder / "last.pt", checkpoint(1_000, 500_000), dice)
        if step == large_at:
            save(folder / "large.pt", as_zip(dice.randbytes(48 * 2**20)), dice)
        if step == first + 2:  # what was killed while it wrote leaves this
            torn = checkpoint(1_000, 500_000)
            (folder / "killed.pt").write_bytes(torn[: len(torn) // 2])
        if step % 6 == (first + 3) % 6:  # rests half-way, and no format tells that it is half
            save(folder / "state.pkl", dice.randbytes(2**19), dice, hesitate=2.5)
        time.sleep(pause * dice.uniform(0.5, 1.5))
'''


@dataclass(frozen=True)
class Written:
    """A file that the training finished: where, what (md5), how large, when (seconds)."""

    path: str
    md5: str
    size: int
    finished: float


@dataclass(frozen=True)
class Parts:
    """A checkpoint of several files: the md5 of each by its path, and when it was whole."""

    parts: dict[str, str]
    finished: float


def loop(journal: Path) -> str:
    """Return the code that defines ``train()``; what it finishes is in the journal."""
    return f"JOURNAL = {str(journal)!r}\n{LOOP}"


def read_journal(journal: Path) -> list[Written]:
    """Return what was finished; a last line that was cut off was not said."""
    return [Written(**line) for line in _lines(journal) if "parts" not in line]


def read_parts(journal: Path) -> list[Parts]:
    """Return the checkpoints of several files that were finished."""
    return [Parts(**line) for line in _lines(journal) if "parts" in line]


def _lines(journal: Path) -> list[dict[str, Any]]:
    if not journal.exists():
        return []
    return [json.loads(line) for line in journal.read_text().split("\n")[:-1]]
