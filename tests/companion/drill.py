"""A training that machines end under, again and again, from a notebook's own first cell.

    python -m tests.companion.drill --controls URL --project ml/spam --notebook train.ipynb

The emulated Drive runs elsewhere, at these controls, and has a project with a notebook into which
JupyterLab has put the Colab cell. Each machine has nothing of ours but what that cell fetches: it
runs the cell as it is on Drive, goes on from the newest checkpoint, trains, and ends without a word
at a random moment. One more machine than there are ends finishes the training in good order.

Says each thing that has happened in one line of JSON, and goes on when a line comes on standard
input. What is torn or lost is said and counted; the exit status is 1 then.

``DRIVE_SYNC_SEED=n`` plays the same moments again, with the same ``--ends`` and ``--longest``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from jupyter_drive_sync.companion.cell import TAG
from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import FileLine
from tests.colab_standin import Runtime
from tests.drive_emulator import EmulatorElsewhere

from .conftest import shown
from .ends import Verdict, judge, newest_of, pace
from .guard_support import wait_for
from .training import loop, read_journal

CELL_SECONDS = 180.0
BYTES_A_SECOND = 8_000_000
"""Of each connection to Drive: some machines are to end in the middle of an upload."""
LAST_STEPS = 2
RESTORE = """
import hashlib, json
from drive_sync_colab import restore
path = restore()
files = [] if path is None else [path] if path.is_file() else path.rglob("*.*")
print(json.dumps({path.relative_to(drive_sync.folder).as_posix():
                  hashlib.md5(path.read_bytes()).hexdigest() for path in files}))
"""


class NotResumed(Exception):
    """A second machine did not get what was safe."""


@dataclass(frozen=True)
class Newest:
    """The checkpoint that a new machine has to go on from."""

    run: str
    lines: Sequence[FileLine]

    def as_json(self) -> dict[str, Any]:
        """Say where it is, by the first of its files."""
        first = self.lines[0]
        return {"run": self.run, "remote": first.remote, "md5": first.md5}


@dataclass
class Drill:
    """One training over all its machines.

    Attributes
    ----------
    drive : EmulatorElsewhere
        Google Drive.
    project, notebook : str
        The project's folder there, and the notebook in it.
    folder : Path
        A temporary folder of this computer; the journals stay there when machines end.
    say : TextIO
        Where the lines go.
    verdicts : list of Verdict
        How each end has come out.
    runs : dict of str to list of FileLine
        What each run on Drive lists.
    runtimes : dict of str to str
        Which machine each run had.
    """

    drive: EmulatorElsewhere
    project: str
    notebook: str
    folder: Path
    say: TextIO
    verdicts: list[Verdict] = field(default_factory=list)
    runs: dict[str, list[FileLine]] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)

    def tell(self, event: str, **more: Any) -> None:
        """Say what has happened."""
        print(json.dumps({"event": event, **more}), file=self.say, flush=True)

    def tell_and_wait(self, event: str, **more: Any) -> None:
        """Say what has happened, and go on when told to."""
        self.tell(event, **more)
        if not sys.stdin.readline():
            raise SystemExit("Nobody listens any more.")

    def cell(self) -> str:
        """Return the text of the Colab cell, from the notebook on Drive."""
        notebook = json.loads(self.drive.read(f"{self.project}/{self.notebook}"))
        first = notebook["cells"][0]
        if TAG not in first["metadata"].get("tags", ()):
            raise SystemExit(f"The first cell of {self.notebook} on Drive is not the Colab cell.")
        return "".join(first["source"])

    def outputs_of(self, run: str) -> str:
        """Return where a run's outputs are on Drive."""
        return f"{self.project}/outputs/{run}"

    def newest(self) -> Newest | None:
        """Return the newest checkpoint that any run lists."""
        found = [Newest(run, newest_of(lines)) for run, lines in self.runs.items()]
        there = [one for one in found if one.lines]
        return max(there, key=lambda one: one.lines[0].unit, default=None)

    # One machine

    def connect(self, vm: Runtime, number: int) -> tuple[str, int]:
        """Run the cell, go on from the newest checkpoint; return the run and its first step."""
        text = shown(vm.run_cell(self.cell(), CELL_SECONDS))
        if "Guarded: " not in text or vm.asked != ["auth"]:
            raise AssertionError(f"asked for {vm.asked}, and said:\n{text}")
        run = shown(vm.run_cell("print(drive_sync.run)")).strip()
        expected = self.newest()
        found = json.loads(shown(vm.run_cell(RESTORE)).splitlines()[-1])
        if found != {line.path: line.md5 for line in (expected.lines if expected else ())}:
            raise NotResumed(f"machine {number} went on from {found} and not from {expected}")
        steps = [line.step or 0 for line in self.runs[expected.run]] if expected else []
        first = max(steps, default=0) + 1
        self.runtimes[run] = wait_for(lambda: self.runtime_of(run), CELL_SECONDS)
        self.tell_and_wait(
            "connected",
            number=number,
            run=run,
            runtime=self.runtimes[run],
            resumed=expected and expected.as_json(),
            first=first,
        )
        return run, first

    def runtime_of(self, run: str) -> str:
        """Return which machine has this run, by its pulse on Drive; empty before the first."""
        folder = f"{self.project}/.drive-sync/runtimes"
        try:
            paths = [path for path, _ in self.drive.walk(folder)]
        except FileNotFoundError:
            return ""
        pulses = [json.loads(self.drive.read(f"{folder}/{path}")) for path in paths]
        return next((str(pulse["runtime"]) for pulse in pulses if pulse["run"] == run), "")

    def train_to_the_end(self, number: int, seed: int, moment: float) -> None:
        """Let a machine train, and end it at a moment, in seconds from the first checkpoint."""
        journal = self.folder / f"journal-{number}.jsonl"
        with self.machine() as vm:
            run, first = self.connect(vm, number)
            vm.run_cell(loop(journal))
            slowness = pace()
            vm.start_cell(f"train({seed}, first={first})")
            wait_for(journal.exists)
            time.sleep(moment)
            end = time.time()
            vm.end()
        slowness = max(slowness, pace())
        verdict = judge(self.drive, self.outputs_of(run), journal, end, slowness)
        self.verdicts.append(verdict)
        self.runs[run] = list(verdict.listed)
        newest = self.newest()
        self.tell_and_wait(
            "ended",
            number=number,
            run=run,
            moment=round(moment, 2),
            written=verdict.written,
            listed=len(verdict.listed),
            ever_listed=verdict.ever,
            age=verdict.age and round(verdict.age, 1),
            slowness=round(slowness, 1),
            due=verdict.due,
            torn=list(verdict.torn),
            lost=verdict.lost,
            newest=newest.as_json() if newest and newest.run == run else None,
        )

    def train_and_finish(self, number: int, seed: int) -> None:
        """Let the last machine train a little, bring all to safety, and go in good order."""
        journal = self.folder / f"journal-{number}.jsonl"
        with self.machine() as vm:
            run, first = self.connect(vm, number)
            vm.run_cell(f"{loop(journal)}\ntrain({seed}, first={first}, steps={LAST_STEPS})")
            finish = "from drive_sync_colab import finish\nfinish(timeout=120)"
            shown(vm.run_cell(finish, CELL_SECONDS))
        written = read_journal(journal)
        verdict = judge(self.drive, self.outputs_of(run), journal, time.time(), 0.0)
        self.runs[run] = list(verdict.listed)
        safe = {(line.path, line.md5) for line in verdict.listed}
        newest = self.newest()
        self.tell_and_wait(
            "finished",
            run=run,
            torn=list(verdict.torn),
            lost=[one.path for one in written if (one.path, one.md5) not in safe],
            newest=newest and newest.as_json(),
        )

    def machine(self) -> Runtime:
        """Return a machine that has nothing of ours before the cell has run."""
        return Runtime(self.drive, self.folder, companion=self.folder / "no-companion")

    def tidy(self) -> None:
        """Remove for good what no machine needs any more, as the emulated Drive is in memory."""
        newest = self.newest()
        keep = newest.run if newest else ""
        for run in [run for run in self.runs if run != keep]:
            del self.runs[run]
            pulse = f"{self.project}/.drive-sync/runtimes/{self.runtimes[run]}.json"
            for path in (self.outputs_of(run), pulse):
                with suppress(FileNotFoundError):
                    self.drive.delete(path)
        self.drive.empty_trash()

    # All of them

    def play(self, ends: int, seed: int, shortest: float, longest: float) -> bool:
        """Play the training to its end; return whether nothing was torn and nothing lost."""
        self.drive.throttle(BYTES_A_SECOND)
        for number in range(ends):
            dice = random.Random(seed * 1000 + number)
            moment = dice.uniform(shortest, longest)
            self.tidy()
            self.train_to_the_end(number, dice.randrange(10**9), moment)
        self.train_and_finish(ends, seed)
        summary = summed_up(self.verdicts)
        self.tell("summary", seed=seed, **summary)
        return not summary["torn"] and not summary["lost"]


def summed_up(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return what all ends together have shown."""
    ages = sorted(one.age for one in verdicts if one.age is not None)
    return {
        "ends": len(verdicts),
        "listed": sum(len(one.listed) for one in verdicts),
        "ever_listed": sum(one.ever for one in verdicts),
        "written": sum(one.written for one in verdicts),
        "due": sum(one.due for one in verdicts),
        "torn": sum(len(one.torn) for one in verdicts),
        "lost": sum(bool(one.lost) for one in verdicts),
        "median_age": round(statistics.median(ages), 1) if ages else None,
        "max_age": round(ages[-1], 1) if ages else None,
        "max_slowness": round(max((one.slowness for one in verdicts), default=1.0), 1),
    }


def main() -> int:
    """Play a drill; return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--controls", required=True, help="address of the emulator's controls")
    parser.add_argument("--project", required=True, help="the project's folder on Drive")
    parser.add_argument("--notebook", required=True, help="with the Colab cell, in the project")
    parser.add_argument("--ends", type=int, default=1, help="how many machines end")
    parser.add_argument("--shortest", type=float, default=1.0, metavar="S", help="seconds")
    parser.add_argument("--longest", type=float, default=30.0, metavar="S", help="seconds")
    options = parser.parse_args()
    # What machines say on this process's standard output is no line of ours.
    say = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the machine that runs ends with it
    seed = int(os.environ.get("DRIVE_SYNC_SEED") or random.randrange(10**6))
    with tempfile.TemporaryDirectory(prefix="drive-sync-drill-") as folder, say:
        drive = EmulatorElsewhere(options.controls)
        drill = Drill(drive, options.project, options.notebook, Path(folder), say)
        drill.tell("begun", seed=seed, ends=options.ends)
        whole = drill.play(options.ends, seed, options.shortest, options.longest)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
