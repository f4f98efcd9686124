"""Lives of a project, from a seed: people work on both sides, and everything goes wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jupyter_drive_sync.engine.models import HoldReason
from jupyter_drive_sync.engine.run import preview
from jupyter_drive_sync.errors import (
    DriveSyncError,
    SideEmptied,
    TooManyDeletes,
)
from jupyter_drive_sync.ports.records import Keep
from jupyter_drive_sync.rclone import process
from tests.drive_emulator.faults import Answer, Corrupt, Cut, Gate, Hold, LoseAnswer, Reset
from tests.engine.disks import ROOMY, SmallDisk, allow_changes, forbid_changes
from tests.engine.ledger import name_of
from tests.engine.moments import Moments, ServerDied
from tests.engine.working import FOLDERS, Working

MOST_CALM_RUNS = 6
"""So many runs after all trouble is over must do."""

TROUBLES = (
    *("none", "none", "answers", "answers", "answers", "bytes", "bytes", "listing", "account"),
    *("kill rclone", "kill rclone", "server dies", "server dies", "state"),
    *("held call", "held call", "twin", "disk full", "read-only"),
)

_MOVING = ("files.download", "upload.*", "files.update", "files.create")


@dataclass
class Life(Working):
    """One project's life.

    Attributes
    ----------
    disk : SmallDisk or None
        A disk of its own for the project, our state or both, which may fill up.
    runs : int
        Runs made.
    calm_runs : int
        The most that it took until both sides were equal after a time of trouble.
    """

    disk: SmallDisk | None = None
    runs: int = 0
    calm_runs: int = 0

    def trouble(self) -> tuple[Moments, list[Callable[[], object]]]:
        """Prepare what will go wrong in the next run, and what people do in the middle of it."""
        acts: dict[int, Callable[[], object]] = {}
        ends: list[Callable[[], object]] = []
        for _ in range(self.random.choice((0, 1, 1, 2))):
            acts[self.random.randrange(120)] = lambda: self.people(1, meanwhile=True)
        kind = self.random.choice(TROUBLES)
        if kind == "disk full" and self.disk is None:
            kind = "read-only"
        self.met[kind] += 1
        self.log.append(f"  trouble: {kind}")
        drive, random = self.world.drive, self.random
        if kind == "answers":
            for _ in range(random.choice((1, 2, 4))):
                action = random.choice(
                    (
                        Answer(403, "userRateLimitExceeded"),
                        Answer(403, "forbidden"),
                        Answer(429, "rateLimitExceeded"),
                        Answer(429),
                        Answer(500, "backendError"),
                        Answer(503),
                        Reset(),
                        LoseAnswer(),
                    )
                )
                rule = drive.faults.add(
                    action, skip=random.randrange(25), times=random.choice((1, 1, 2))
                )
                self.log.append(f"    {rule}")
        elif kind == "bytes":
            action = random.choice((Cut(random.randrange(3000)), Cut(5, reset=False), Corrupt(2)))
            rule = drive.faults.add(action, random.choice(_MOVING), times=random.choice((1, 3)))
            self.log.append(f"    {rule}")
        elif kind == "listing":
            self._listing()
        elif kind == "account":
            self._account()
        elif kind == "kill rclone":
            ends.append(self._kill_rclone(random.randrange(7), random.choice((0, 0.05, 0.1, 0.2))))
        elif kind == "server dies":
            acts[random.randrange(120)] = _die
        elif kind == "state":
            self._damage()
        elif kind == "held call":
            ends.append(self._act_at_call(random.randrange(25), done=random.random() < 0.5))
        elif kind == "twin":
            self.twin()
        elif kind == "disk full" and self.disk is not None:
            ends.append(self._fill(self.disk))
        elif kind == "read-only":
            ends.append(self._forbid())
        return Moments(acts), ends

    def _fill(self, disk: SmallDisk) -> Callable[[], None]:
        left = self.random.choice((0, 4096, 20_000, 300_000))
        self.log.append(f"    {disk.place.name}: room for {left} bytes")
        self.only_there = True
        disk.fill(left)

        def end() -> None:
            disk.resize(ROOMY)
            self.only_there = False

        return end

    def _forbid(self) -> Callable[[], None]:
        folders = [".", *(name for name in FOLDERS if (self.world.local / name).is_dir())]
        folder = self.world.local / self.random.choice(folders)
        self.log.append(f"    {folder.name}")
        self.only_there = forbid_changes(folder)
        self.met["read-only, truly"] += self.only_there

        def end() -> None:
            if self.only_there:
                allow_changes(folder)
            self.only_there = False

        return end

    def _listing(self) -> None:
        drive = self.world.drive
        kind = self.random.choice(("incomplete", "flipped", "new ones hidden", "one hidden"))
        self.log.append(f"    {kind}")
        if kind == "incomplete":
            drive.settings.incomplete_search = True
        elif kind == "flipped":
            self.twin()
            drive.settings.flip_order = True
        elif kind == "new ones hidden":
            drive.settings.hide_new_files = True
        elif path := self._some(sorted(self.world.there())):
            self.log.append(f"    {path}")
            drive.hide(f"{self.world.folder}/{path}")

    def _account(self) -> None:
        drive = self.world.drive
        kind = self.random.choice(("no space left", "signed out", "token expired"))
        self.log.append(f"    {kind}")
        if kind == "no space left":
            drive.set_quota(drive.state.used + 40)
        elif kind == "signed out":
            drive.faults.add(Answer(401, "authError"), times=None)
        else:
            config = self.world.opened.session.project.remote.config
            assert config is not None
            drive.write_config(config, expires_in=-1)

    def _kill_rclone(self, number: int, seconds: float) -> Callable[[], None]:
        """Kill the n-th rclone so many seconds after its start."""
        self.log.append(f"    the {number + 1}. rclone after {seconds} s")
        start = process.Runner._start
        threads: list[threading.Thread] = []
        count = iter(range(10_000))

        def kill(child: subprocess.Popen[bytes]) -> None:
            time.sleep(seconds)
            if child.poll() is None:
                self.met["rclone killed"] += 1
                os.kill(child.pid, signal.SIGKILL)

        def started(runner: process.Runner, *rest: Any) -> subprocess.Popen[bytes]:
            child = start(runner, *rest)
            if next(count) == number:
                threads.append(threading.Thread(target=kill, args=(child,)))
                threads[-1].start()
            return child

        process.Runner._start = started  # type: ignore[method-assign]

        def end() -> None:
            process.Runner._start = start  # type: ignore[method-assign]
            for thread in threads:
                thread.join()

        return end

    def _act_at_call(self, call: int, *, done: bool) -> Callable[[], None]:
        gate = Gate()
        rule = self.world.drive.faults.add(Hold(gate, done=done), skip=call)
        over = threading.Event()

        def act() -> None:
            while not gate.reached.wait(0.01) and not over.is_set():
                pass
            try:
                self.people(1, meanwhile=True)
            finally:
                self.world.drive.faults.remove(rule)

        thread = threading.Thread(target=act)
        thread.start()

        def end() -> None:
            over.set()
            thread.join()

        return end

    def _damage(self) -> None:
        folders = self.world.opened.session.folders
        kind = self.random.choice(
            ("listings cut", "listings gone", "database junk", "database gone")
        )
        self.log.append(f"    {kind}")
        self.world.opened.session.store.close()
        if kind == "listings cut":
            for listing in folders.bisync.glob("*.lst"):
                content = listing.read_bytes()
                listing.write_bytes(content[: self.random.randrange(len(content) + 1)])
        elif kind == "listings gone":
            shutil.rmtree(folders.bisync, ignore_errors=True)
        else:
            for ending in ("-wal", "-shm"):
                Path(f"{folders.database}{ending}").unlink(missing_ok=True)
            if kind == "database gone":
                folders.database.unlink(missing_ok=True)
            else:
                folders.database.write_bytes(self.random.randbytes(5000))
        self.world.reopen()

    def disturbed_run(self) -> None:
        """People work, then one run goes through trouble."""
        self.log.append(f"run {self.runs}")
        self.people(self.random.randrange(4))
        moments, ends = self.trouble()
        opened = self.world.opened
        try:
            with moments.during(opened.session) as session:
                self.world.opened = replace(opened, session=session)
                self._run()
        except ServerDied:
            self.log.append("  -> the server died")
            self.met["server died"] += 1
        finally:
            died = not moments.acts and self.log[-1].endswith("died")
            self.world.opened = opened
            for end in ends:
                end()
        moments.acts = {n: act for n, act in moments.acts.items() if act is not _die}
        moments.finish()
        if died:
            self.world.reopen()
        self.world.drive.calm()

    def _run(self, **words: Any) -> bool:
        """Make one run; say whether it had nothing to do and nothing went wrong."""
        self.runs += 1
        try:
            report = self.world.sync(**words)
        except DriveSyncError as error:
            self.met[type(error).__name__] += 1
            self.log.append(f"  -> {type(error).__name__}: {error.message}")
            return False
        steps = [(step.kind.value, step.path) for step in report.plan.steps]
        self.log.append(f"  -> {steps} failed {dict(report.failures)}")
        self.met["failures"] += len(report.failures)
        return not report.plan.active and not report.failures

    def settle(self) -> None:
        """Let a person choose in conflicts, and tidy up second files of one name."""
        try:
            holds = preview(self.world.opened.session).plan.holds
        except DriveSyncError as error:
            self.log.append(f"  no preview: {error.message}")
            return
        words: dict[str, Keep] = {}
        for step in holds:
            if step.reason is HoldReason.CONFLICT and self.random.random() < 0.7:
                words[step.path] = self.random.choice(list(Keep))
                here, there = self._both(step.path)
                if words[step.path] is not Keep.BOTH:
                    self.excuse(there if words[step.path] is Keep.MINE else here)
            elif step.reason is HoldReason.DUPLICATE:
                for file in self.world.drive.find_all(f"{self.world.folder}/{step.path}")[1:]:
                    if file.revisions:
                        self.excuse(file.content)
                        self.world.drive.trash(file)
        if words:
            self.log.append(f"settled {words}")
            self._run(keep=words)

    def calm_down(self) -> None:
        """No more trouble: a few runs later both sides are equal but for holds."""
        self.world.drive.calm()
        self.log.append("calm")
        for number in range(1, MOST_CALM_RUNS + 1):
            self.calm_runs = max(self.calm_runs, number)
            if self._calm_run():
                break
        else:
            raise AssertionError(f"still not done after {MOST_CALM_RUNS} calm runs")
        self.check()

    def _calm_run(self) -> bool:
        found = preview(self.world.opened.session)
        if isinstance(found.problem, TooManyDeletes | SideEmptied):
            self.met["consent"] += 1
            return self._run(consent=found.plan.hash)
        assert found.problem is None, found.problem
        return self._run()

    def check(self) -> None:
        """Check what must be true now."""
        lost = self.ledger.missing(self.world, self.state)
        assert lost == {}, f"nowhere: {lost}"
        held = {step.path for step in preview(self.world.opened.session).plan.holds}
        here, there = self.world.here(), self.world.there()
        for path in sorted({*here, *there}):
            if not _below(path, held):
                assert here.get(path) == there.get(path), f"{path} differs"
        seen = {name_of(content) for content in (*here.values(), *there.values())}
        unseen = {
            note: version
            for version, note in self.ledger.written.items()
            if version not in seen and version not in self.excused
        }
        assert unseen == {}, f"nobody replaced or deleted: {unseen}"


def _die() -> None:
    raise ServerDied


def _below(path: str, places: set[str]) -> bool:
    parts = path.split("/")
    return any("/".join(parts[:count]) in places for count in range(1, len(parts) + 1))
