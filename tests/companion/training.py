"""A training that writes checkpoints, as code for a notebook's cell, and its journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

LOOP = '''
import hashlib, io, json, os, pathlib, random, time, zipfile

def as_zip(content):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", content[: len(content) // 2])
        archive.writestr("archive/data/0", content[len(content) // 2 :])
    return made.getvalue()

def save(path, content, dice, hesitate=0.0):
    """Write to the final path, piece by piece, as torch.save does; then say so in the journal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        for at in range(0, len(content), 2**18):
            file.write(content[at : at + 2**18])
            file.flush()
            time.sleep(dice.random() * 0.005 + (hesitate if at == 0 else 0))
    line = {"path": path.as_posix(), "md5": hashlib.md5(content).hexdigest(),
            "size": len(content), "finished": time.time()}
    with open(JOURNAL, "a") as file:
        file.write(json.dumps(line) + "\\n")

def train(seed, first=1, steps=10**6, pause=0.3):
    dice = random.Random(seed)
    folder = pathlib.Path("checkpoints")
    large_at = first + dice.randrange(3, 20)

    def checkpoint(least, most):
        return as_zip(dice.randbytes(dice.randrange(least, most)))

    for step in range(first, first + steps):
        save(folder / f"step-{step}.pt", checkpoint(1_000, 3_000_000), dice)
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
    """A checkpoint that the training finished: where, what (md5), how large, when (seconds)."""

    path: str
    md5: str
    size: int
    finished: float


def loop(journal: Path) -> str:
    """Return the code that defines ``train()``; what it finishes is in the journal."""
    return f"JOURNAL = {str(journal)!r}\n{LOOP}"


def read_journal(journal: Path) -> list[Written]:
    """Return what was finished; a last line that was cut off was not said."""
    if not journal.exists():
        return []
    lines = journal.read_text().split("\n")[:-1]
    return [Written(**json.loads(line)) for line in lines]
