"""finish() ends a run when all is safe, says what is not, and never holds a machine for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, ending
from jupyter_drive_sync.companion.drive_sync_colab.errors import CheckpointNotSafe, RcloneFailed
from jupyter_drive_sync.companion.drive_sync_colab.guard import ending as guard_ending
from jupyter_drive_sync.companion.drive_sync_colab.guard import find
from jupyter_drive_sync.companion.drive_sync_colab.guard.process import Guard
from tests.drive_emulator import Answer, Gate, Hold

from .checkpoint_files import safetensors_bytes, write_at_once, zip_bytes
from .guard_support import RUN, put_on_drive, wait_for

TORN = zip_bytes(20_000)[:-50]


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less for what is still being written, so that the tests are quick."""
    monkeypatch.setattr(ending, "GRACE", 3.0)


@pytest.fixture
def let_go(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Take the calls that would give the machine back."""
    calls: list[str] = []
    runtime = ModuleType("google.colab.runtime")
    runtime.unassign = lambda: calls.append("unassign")  # type: ignore[attr-defined]
    colab = ModuleType("google.colab")
    colab.runtime = runtime  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setitem(sys.modules, "google.colab.runtime", runtime)
    return calls


def far(runtime, name: str) -> bytes:
    return runtime.drive.read(f"ml/spam/outputs/{RUN}/{name}")


def raw_name(folder: Path, name: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(os.fsdecode(os.fsencode(folder) + b"/" + name))


def test_what_a_killed_trainer_left_half_written_comes_as_a_copy_and_the_machine_goes(
    runtime, let_go, capsys
):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", TORN)
    (runtime.project / "checkpoints" / "step-3.pt.tmp").write_bytes(b"half")

    done = ending.finish(unassign=True, timeout=60)

    assert set(runtime.check_listed()) == {"checkpoints/step-1.pt"}
    copies = ("checkpoints/step-2.pt.unfinished", "checkpoints/step-3.pt.tmp.unfinished")
    assert (done.run, done.files, done.verified) == (RUN, 1, True)
    assert (done.unfinished, done.left) == (copies, ())
    assert [far(runtime, name) for name in copies] == [TORN, b"half"]
    said = capsys.readouterr().out
    assert "step-2.pt.unfinished" in said
    assert "not whole" in said
    assert "step-2.pt.unfinished" in repr(done)
    pulse = runtime.pulse()
    assert (pulse["end"], pulse["unverified"]) == ("finished", 2)
    assert pulse["unfinished"] == {"files": 2, "names": list(copies)}
    assert pulse["error"]["code"] == "unfinished"
    assert let_go == ["unassign"]
    wait_for(lambda: find(runtime.folder) is None)


def test_a_checkpoint_in_parts_that_was_never_completed_comes_part_by_part(runtime):
    runtime.start()
    folder = runtime.project / "checkpoints" / "checkpoint-7"
    write_at_once(folder / "optimizer.pt", zip_bytes(2_000))
    write_at_once(folder / "model.safetensors", safetensors_bytes(2_000)[:-9])

    done = ending.finish(timeout=60)

    assert done.unfinished == ("checkpoints/checkpoint-7/model.safetensors.unfinished",)
    (line,) = runtime.check_listed().values()
    assert (line.path, line.checkpoint) == ("checkpoints/checkpoint-7/optimizer.pt", False)


WRITER = """
import sys, time
with open(sys.argv[1], "wb") as file:
    file.write(b"PK and more")
    file.flush()
    print(flush=True)
    time.sleep(120)
"""


def test_a_file_that_a_process_still_writes_is_named_with_it_and_the_machine_stays(runtime, let_go):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    path = runtime.project / "checkpoints" / "step-2.pt"
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), path], stdout=subprocess.PIPE
    ) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            with pytest.raises(CheckpointNotSafe) as refused:
                ending.finish(unassign=True, timeout=60)
            assert "checkpoints/step-2.pt" in refused.value.message
            assert f"process {child.pid}" in refused.value.message
            assert "leave_behind=True" in refused.value.hint
            assert let_go == []
            assert runtime.pulse()["state"] == "running"

            done = ending.finish(unassign=True, timeout=60, leave_behind=True)
        finally:
            child.kill()
    assert done.unfinished == ("checkpoints/step-2.pt.unfinished",)
    assert far(runtime, done.unfinished[0]) == b"PK and more"
    assert let_go == ["unassign"]


def test_a_name_that_drive_cannot_have_is_said_until_it_is_another_and_never_left_unsaid(
    runtime, let_go, capsys
):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    bad = raw_name(runtime.project / "checkpoints", b"a\nb.txt")
    bad.write_bytes(b"hi")
    wait_for(lambda: (runtime.status().get("error") or {}).get("code") == "path_invalid")
    wait_for(lambda: runtime.status()["passed_over"] == {"names": 1})

    with pytest.raises(CheckpointNotSafe, match=r"a\\nb\.txt") as refused:
        ending.finish(unassign=True, timeout=60)
    assert "another name" in refused.value.hint
    assert let_go == []

    bad.rename(bad.with_name("ab.txt"))
    wait_for(lambda: runtime.status()["passed_over"] == {})
    wait_for(lambda: runtime.status()["error"] is None)
    raw_name(runtime.project / "checkpoints", b"caf\xe9.txt").write_bytes(b"hi")
    done = ending.finish(unassign=True, timeout=60, leave_behind=True)
    assert "ab.txt" in " ".join(runtime.listed_paths())
    assert done.left == ("'checkpoints/caf\\udce9.txt'",)
    assert "stays behind" in capsys.readouterr().out
    assert let_go == ["unassign"]


@pytest.mark.parametrize(
    ("trouble", "words", "hint"),
    [
        (Answer(403, "storageQuotaExceeded"), "Google Drive is full", "Make room"),
        (Answer(401, "authError"), "no longer accepts", "first cell"),
    ],
    ids=["a full Drive", "a lost sign-in"],
)
def test_when_drive_refuses_finish_says_why_and_the_machine_stays(
    runtime, let_go, trouble, words, hint
):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    runtime.drive.faults.add(trouble, kind="upload.*", times=None)
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(3_000))
    wait_for(lambda: runtime.status().get("error"))

    with pytest.raises(CheckpointNotSafe) as refused:
        ending.finish(unassign=True, timeout=3, leave_behind=True)

    assert "checkpoints/step-2.pt" in refused.value.message
    assert words in refused.value.message
    assert hint in refused.value.hint
    assert let_go == []
    assert find(runtime.folder) is not None
    runtime.drive.faults.clear()
    runtime.start()
    done = ending.finish(unassign=True, timeout=60)
    assert (done.files, let_go) == (2, ["unassign"])


def test_what_is_passed_over_is_counted(runtime, tmp_path):
    folder = runtime.project / "checkpoints"
    write_at_once(folder / "a.txt", b"a")
    outside = write_at_once(tmp_path / "outside.bin", b"x")
    (folder / "link.bin").symlink_to(outside)
    (folder / "same.txt").symlink_to(folder / "a.txt")
    (folder / "step-9.pt.part").write_bytes(b"half")
    os.utime(folder / "step-9.pt.part", (1, 1))
    runtime.start()

    assert wait_for(lambda: runtime.status().get("passed_over")) == {"links": 1}
    done = ending.finish(timeout=60)
    assert done.left == ("checkpoints/link.bin",)
    assert runtime.pulse()["passed_over"] == {"links": 1}


LOGGER = """
import sys, time
with open(sys.argv[1], "w") as file:
    while True:
        print("a step", file=file, flush=True)
        time.sleep(0.05)
"""


def test_a_log_that_still_grows_is_waited_for_unless_told_otherwise(runtime, let_go):
    runtime.start()
    path = runtime.project / "checkpoints" / "train.log"
    path.parent.mkdir()
    with subprocess.Popen([sys.executable, "-c", LOGGER, path]) as child:
        try:
            wait_for(lambda: "checkpoints/train.log" in runtime.on_drive())
            with pytest.raises(CheckpointNotSafe, match=rf"train\.log.*process {child.pid}"):
                ending.finish(unassign=True, timeout=60)
            done = ending.finish(unassign=True, timeout=60, leave_behind=True)
        finally:
            child.kill()
    assert (done.unfinished, let_go) == ((), ["unassign"])
    assert far(runtime, "checkpoints/train.log").startswith(b"a step")


def test_an_odd_name_is_not_blamed_for_what_is_on_its_way(runtime):
    runtime.start()
    raw_name(runtime.project / "checkpoints", b"a\nb.txt").write_bytes(b"hi")
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    wait_for(lambda: (runtime.status().get("error") or {}).get("code") == "path_invalid")
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="upload.*")
    path = write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(3_000))
    try:
        with pytest.raises(CheckpointNotSafe) as late:
            checkpoints.checkpoint(path, timeout=1)
        assert "step-2.pt is not verified" in late.value.message
        assert "stay here" not in late.value.message
        with pytest.raises(CheckpointNotSafe) as refused:
            ending.finish(timeout=1)
        assert "checkpoints/step-2.pt" in refused.value.message
        assert "stay here" not in refused.value.message
    finally:
        gate.release()


def test_a_process_that_asks_for_the_end_and_writes_itself_is_told_so(runtime):
    runtime.start()
    path = runtime.project / "checkpoints" / "step-2.pt"
    path.parent.mkdir()
    with path.open("wb") as file:
        file.write(b"PK")
        file.flush()
        with pytest.raises(CheckpointNotSafe, match="this notebook's kernel or script itself"):
            ending.finish(timeout=60)


@pytest.fixture
def guard(runtime) -> Iterator[Guard]:
    """Return a guard in this process, which works at its ticks."""
    runtime.folder.make()
    runtime.folder.settings.write_text(runtime.settings().as_json())
    guard = Guard(runtime.folder, runtime.settings(), None, lambda _: None)
    yield guard
    guard.close()


def tick_until(guard: Guard, what: Callable[[], object], timeout: float = 30.0) -> None:
    def done() -> bool:
        guard.tick()
        return bool(what())

    wait_for(done, timeout)


def test_who_interrupts_finish_ends_no_run(runtime, guard, monkeypatch):
    path = write_at_once(runtime.project / "checkpoints" / "step-1.pt", zip_bytes(500))

    def interrupted(*_: object) -> None:
        tick_until(guard, guard.ending.is_asked)
        raise KeyboardInterrupt

    monkeypatch.setattr(ending, "connected", lambda: (runtime.folder, guard.settings))
    monkeypatch.setattr(ending, "ensure", lambda _: None)
    monkeypatch.setattr(ending, "wait_for_answer", interrupted)
    with path.open("ab"), pytest.raises(KeyboardInterrupt):
        ending.finish()

    tick_until(guard, lambda: guard.is_quiet() and runtime.listed_paths())
    began = time.monotonic()
    tick_until(guard, lambda: guard.has_looked_since(began))
    assert not guard.ending.is_asked()
    assert guard.end is None


def test_an_end_that_was_decided_is_taken_back_with_its_request(runtime, guard, monkeypatch):
    monkeypatch.setattr(guard.remote, "write_pulse", _refused)
    request = runtime.folder.ask("finish", until=None, grace=1.0, leave_behind=False)
    tick_until(guard, lambda: guard.end == "finished")
    runtime.folder.taken(request)
    tick_until(guard, lambda: guard.end is None)
    assert not guard.ending.is_asked()


def test_finish_is_answered_in_time_also_where_the_last_words_fail(runtime, guard, monkeypatch):
    monkeypatch.setattr(guard_ending, "_LAST_WORDS", 0.1)
    monkeypatch.setattr(guard.remote, "write_pulse", _refused)
    request = runtime.folder.ask("finish", until=time.time() + 6, grace=1.0, leave_behind=False)
    tick_until(guard, lambda: guard.end == "finished")
    done = runtime.folder.done / f"{request}.json"
    tick_until(guard, done.exists)
    answer = runtime.folder.answered(request)
    assert answer is not None
    assert not answer["ok"]
    assert "the run is over" in answer["error"]["text"]
    assert guard.end is None


def _refused(_: str) -> None:
    raise RcloneFailed("rclone failed: EOF.")
