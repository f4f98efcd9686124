"""Lives of a project, from a seed: people work on both sides, and everything goes wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
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
from tests.engine.ledger import Ledger, name_of
from tests.engine.moments import Moments, ServerDied
from tests.engine.world import World

PATHS = (
    "train.ipynb",
    "model.py",
    "notes é.md",
    " lead.txt",
    "data/labels.csv",
    "data/more.csv",
    "data/deep/a b.txt",
    "src/net.py",
    "src/[x].py",
)
FOLDERS = ("data", "src", "data/deep", "old")
MOST_CALM_RUNS = 6
"""So many runs after all trouble is over must do."""

TROUBLES = (
    *("none", "none", "answers", "answers", "answers", "bytes", "bytes", "listing", "account"),
    *("kill rclone", "kill rclone", "server dies", "server dies", "state"),
    *("held call", "held call", "twin"),
)

_MOVING = ("files.download", "upload.*", "files.update", "files.create")


@dataclass
class Life:
    """One project's life. `log` tells it; `seed` begins it again."""

    world: World
    state: Path
    random: Random
    seed: int
    log: list[str] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    met: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    excused: set[str] = field(default_factory=set)
    written: int = 0

    # -- people

    def content(self) -> bytes:
        """Write something that nobody ever wrote, now and then something longer."""
        self.written += 1
        text = f"{self.seed}-{self.written};".encode()
        return text * self.random.choice((1, 1, 3, 20_000))

    def excuse(self, *contents: bytes | None) -> None:
        """A person replaced or deleted these: they need not be seen any more, only be found."""
        self.excused |= {name_of(content) for content in contents if content is not None}

    def gone_here(self, path: str) -> None:
        """Strike out what a person replaces or deletes on this computer before it ever went up.

        Nothing but her own disk knew of it.
        """
        content = self._here(path)
        if content is not None and not self.ledger.on_drive(self.world, content):
            self.ledger.written.pop(name_of(content), None)

    def people(self, acts: int, *, meanwhile: bool = False) -> None:
        """Let people do some things."""
        for _ in range(acts):
            act = self.random.choice(
                (
                    *(self.save, self.save, self.colab, self.colab, self.rename, self.move_there),
                    *(self.delete, self.trash, self.same_on_both),
                    *(self.rename_folder, self.drop_folder),
                )
            )
            try:
                act(meanwhile)
            except (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError):
                self.log.append("  (it was gone already, or the name was taken)")

    def _note(self, word: str, *parts: str) -> None:
        self.met[word] += 1
        self.log.append(f"  {word}: {' '.join(parts)}")

    def _both(self, path: str) -> tuple[bytes | None, bytes | None]:
        return self._here(path), self._there(path)

    def _here(self, path: str) -> bytes | None:
        try:
            return (self.world.local / path).read_bytes()
        except OSError:
            return None

    def _there(self, path: str) -> bytes | None:
        found = self.world.drive.find_all(f"{self.world.folder}/{path}")
        return found[0].content if found and found[0].revisions else None

    def save(self, meanwhile: bool) -> None:
        path, content = self.random.choice(PATHS), self.content()
        rename = self.random.random() < 0.5
        self.gone_here(path)
        self._replace(path, content, meanwhile, here=True)
        self._note("saved here", path, name_of(content)[:6], "by rename" if rename else "")
        self.world.save(path, content, rename=rename)

    def colab(self, meanwhile: bool) -> None:
        path, content = self.random.choice(PATHS), self.content()
        self._replace(path, content, meanwhile, here=False)
        self._note("saved there", path, name_of(content)[:6])
        self.world.colab(path, content)

    def _replace(self, path: str, content: bytes, meanwhile: bool, *, here: bool) -> None:
        before = self._both(path)
        if meanwhile:  # the run may have changed any of it while it is being replaced
            self.excuse(*before, content)
        else:
            self.excuse(before[0] if here else before[1])
        self.ledger.add(content, f"{path} {'here' if here else 'there'} {name_of(content)[:6]}")

    def same_on_both(self, meanwhile: bool) -> None:
        path, content = self.random.choice(PATHS), self.content()
        self.gone_here(path)
        self.excuse(*self._both(path), *((content,) if meanwhile else ()))
        self.ledger.add(content, f"{path} on both {name_of(content)[:6]}")
        self._note("same on both", path, name_of(content)[:6])
        self.world.save(path, content)
        self.world.colab(path, content)

    def rename(self, meanwhile: bool) -> None:
        old = self._some(sorted(self.world.here()))
        new = self.random.choice(PATHS)
        if old is None or (self.world.local / new).exists():
            return
        if meanwhile:
            self.excuse(*self._both(old))
        self._note("renamed here", old, "->", new)
        (self.world.local / new).parent.mkdir(parents=True, exist_ok=True)
        (self.world.local / old).rename(self.world.local / new)

    def move_there(self, meanwhile: bool) -> None:
        old, new = self._some(sorted(self.world.there())), self.random.choice(PATHS)
        drive, top = self.world.drive, self.world.folder
        if old is None or drive.exists(f"{top}/{new}"):
            return
        if meanwhile:
            self.excuse(*self._both(old))
        folder, _, name = new.rpartition("/")
        self._note("renamed there", old, "->", new)
        file = drive.find(f"{top}/{old}")
        drive.mkdir(f"{top}/{folder}")
        drive.move(file, f"{top}/{folder}".rstrip("/"))
        drive.rename(file, name)

    def delete(self, meanwhile: bool) -> None:
        path = self._some(sorted(self.world.here()))
        if path is None:
            return
        self.gone_here(path)
        self._excuse_delete(path, meanwhile, here=True)
        self._note("deleted here", path)
        (self.world.local / path).unlink()

    def trash(self, meanwhile: bool) -> None:
        path = self._some(sorted(self.world.there()))
        if path is None:
            return
        self._excuse_delete(path, meanwhile, here=False)
        self._note("deleted there", path)
        self.world.drive.trash(f"{self.world.folder}/{path}")

    def _excuse_delete(self, path: str, meanwhile: bool, *, here: bool) -> None:
        before = self._both(path)
        self.excuse(*(before if meanwhile else before[:1] if here else before[1:]))

    def rename_folder(self, meanwhile: bool) -> None:
        old, new = self.random.choice(FOLDERS[:2]), self.random.choice(FOLDERS[3:])
        here = self.random.random() < 0.5
        drive, top = self.world.drive, self.world.folder
        if meanwhile:
            return
        if here and (self.world.local / old).is_dir() and not (self.world.local / new).exists():
            self._note("folder renamed here", old, "->", new)
            (self.world.local / old).rename(self.world.local / new)
        elif not here and drive.exists(f"{top}/{old}") and not drive.exists(f"{top}/{new}"):
            self._note("folder renamed there", old, "->", new)
            drive.rename(f"{top}/{old}", new)

    def drop_folder(self, meanwhile: bool) -> None:
        folder = self.random.choice(FOLDERS)
        here = self.random.random() < 0.5
        if meanwhile or self.random.random() < 0.6:
            return
        tree = self.world.here() if here else self.world.there()
        gone = [path for path in tree if path.startswith(f"{folder}/")]
        if gone:
            self.excuse(*(tree[path] for path in gone))
            for path in gone if here else ():
                self.gone_here(path)
            self._note(f"folder deleted {'here' if here else 'there'}", folder)
            if here:
                shutil.rmtree(self.world.local / folder)
            else:
                self.world.drive.trash(f"{self.world.folder}/{folder}")

    def twin(self) -> None:
        """Make a second file of a name on Drive."""
        path, content = self.random.choice(PATHS), self.content()
        self.ledger.add(content, f"second {path} there {name_of(content)[:6]}")
        self.excuse(content)  # which of the two is seen is Drive's affair
        self._note("second of a name", path)
        self.world.clock += 5
        self.world.drive.add(f"{self.world.folder}/{path}", content, self.world.clock)

    def _some(self, paths: list[str]) -> str | None:
        return self.random.choice(paths) if paths else None

    # -- trouble

    def trouble(self) -> tuple[Moments, list[Callable[[], object]]]:
        """Prepare what will go wrong in the next run, and what people do in the middle of it."""
        acts: dict[int, Callable[[], object]] = {}
        ends: list[Callable[[], object]] = []
        for _ in range(self.random.choice((0, 1, 1, 2))):
            acts[self.random.randrange(120)] = lambda: self.people(1, meanwhile=True)
        kind = self.random.choice(TROUBLES)
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
        return Moments(acts), ends

    def _listing(self) -> None:
        drive = self.world.drive
        kind = self.random.choice(("incomplete", "flipped", "new ones hidden", "one hidden"))
        self.log.append(f"    {kind}")
        if kind == "incomplete":
            drive.settings.incomplete_search = True
        elif kind == "flipped":
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

    # -- runs

    def disturbed_run(self) -> None:
        """People work, then one run goes through trouble."""
        self.log.append(f"run {self.runs}")
        self.people(self.random.randrange(4))
        moments, ends = self.trouble()
        opened = self.world.opened
        try:
            with moments.during(opened.session) as session:
                self.world.opened = type(opened)(session, opened.lock)
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
        for _ in range(MOST_CALM_RUNS):
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
