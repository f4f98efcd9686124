"""What waits for Drive: what goes first, how long it pauses, and when it is given up."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, ending
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    CompanionError,
    DriveFull,
    FolderUnknown,
    Offline,
    PathInvalid,
    RateLimited,
    RcloneFailed,
)
from jupyter_drive_sync.companion.drive_sync_colab.guard import lanes, process, shipping, tries
from jupyter_drive_sync.companion.drive_sync_colab.guard import spool as spools
from jupyter_drive_sync.companion.drive_sync_colab.guard.looks import Look
from jupyter_drive_sync.companion.drive_sync_colab.guard.scanner import Ready
from jupyter_drive_sync.companion.drive_sync_colab.guard.snapshots import Snapshot
from jupyter_drive_sync.companion.drive_sync_colab.guard.spool import Item, SpoolFile
from jupyter_drive_sync.companion.drive_sync_colab.guard.uploads import Arrived, OnDrive, Outcome
from tests.drive_emulator import Answer, Gate, Hold

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import Runtime, put_on_drive, wait_for

BROKEN = RcloneFailed("It did not arrive on Drive whole.")


# --- pauses ---------------------------------------------------------------------------------------


@pytest.fixture
def lane() -> Iterator[lanes.Lane]:
    made = lanes.Lane("test", lambda _: None)
    yield made
    made.close()


def pause_of(lane: lanes.Lane, title: str = "A job") -> float:
    """Return how long jobs of a title wait now, to the second."""
    trouble = lane._troubles.get(title)
    return round(trouble.until - lanes.time.monotonic()) if trouble else 0


def run(lane: lanes.Lane, error: CompanionError | None, title: str = "A job") -> None:
    """Let a job end, whose result says whether it failed."""
    lane.start(title, lambda: error, lambda found: found and lane.fail(found, title))
    wait_for(lane.collect)


def test_pauses_grow_while_uploads_fail_though_rclone_itself_did_not(lane):
    pauses = []
    for _ in range(5):
        run(lane, RateLimited("Slow down."))
        pauses.append(pause_of(lane))
    assert pauses == [8, 16, 32, 64, 128]
    run(lane, None)
    assert (lane.error, lane.is_free()) == (None, True)
    run(lane, RateLimited("Slow down."))
    assert pause_of(lane) == 8


def test_what_works_beside_it_does_not_shorten_the_pause_of_what_fails(lane):
    for _ in range(3):
        run(lane, Offline("Away."), "The manifest")
        run(lane, None, "The pulse")
    assert pause_of(lane, "The manifest") == 8
    assert isinstance(lane.error, Offline)
    assert lane.is_free("The pulse")
    assert not lane.is_free("The manifest")


@pytest.mark.parametrize(
    ("reason", "pause"), [("userRateLimitExceeded", 16), ("storageQuotaExceeded", 16)]
)
def test_a_drive_that_goes_on_to_refuse_is_asked_ever_more_rarely(runtime, reason, pause):
    runtime.start()
    put_on_drive(runtime, "checkpoints/step-1.pt", zip_bytes(2_000))
    refused = Answer(403, reason)
    runtime.drive.faults.add(refused, kind="upload.*", file=r"step-2\.pt$", times=None)
    write_at_once(runtime.project / "checkpoints" / "step-2.pt", zip_bytes(2_000))

    wait_for(lambda: f"Next try in {pause} s." in runtime.folder.log.read_text(), 45)

    assert "works again" not in runtime.folder.log.read_text()


# --- the order ------------------------------------------------------------------------------------


def item(name: str, files: int = 1) -> Item:
    made = (SpoolFile(f"{name}/{n}", f"{name}/{n}", str(n), 1, 1) for n in range(files))
    return Item(name, tuple(made), checkpoint=True)


def names(batch: Sequence[Item]) -> list[str]:
    return [one.id for one in batch]


def test_what_may_be_the_reason_for_a_failure_goes_alone_and_keeps_nothing_waiting():
    order, waiting = tries.Tries(), [item("a"), item("b"), item("c")]
    assert names(order.batch(waiting, 0.0, 100)) == ["a", "b", "c"]
    for one in ("a", "b"):
        order.failed(one, BROKEN, 0.0, alone=False)
    assert names(order.batch(waiting, 0.0, 100)) == ["c"]
    order.arrived("c")
    assert names(order.batch(waiting[:2], 0.0, 100)) == ["a"]
    order.failed("a", BROKEN, 0.0, alone=True)
    assert names(order.batch(waiting[:2], 5.0, 100)) == ["b"], "it failed less often"
    assert names(order.batch([item("new"), waiting[0]], 5.0, 100)) == ["new"]
    assert names(order.batch([item("new"), waiting[0]], 100.0, 100)) == ["a"], "it waits for long"


def test_a_storm_is_nobodys_fault_so_all_go_together_again():
    order, waiting = tries.Tries(), [item("a"), item("b")]
    for one in ("a", "b"):
        assert not order.failed(one, RateLimited("Slow down."), 0.0, alone=False)
    assert names(order.batch(waiting, 0.0, 100)) == ["a", "b"]


def test_a_large_file_that_drive_has_no_room_for_lets_the_next_one_try():
    order, waiting = tries.Tries(), [item("a"), item("b")]
    order.failed("a", DriveFull("Full."), 0.0, alone=True)
    assert names(order.batch(waiting, 1.0, 1)) == ["b"]
    assert names(order.batch(waiting, 60.0, 1)) == ["a"], "what comes new does not push it out"


def test_an_item_of_many_files_goes_alone():
    assert names(tries.Tries().batch([item("a"), item("b", 200), item("c")], 0.0, 100)) == ["a"]
    assert names(tries.Tries().batch([item("b", 200), item("c")], 0.0, 100)) == ["b"]


@pytest.mark.parametrize(
    ("error", "others", "enough"),
    [
        (BROKEN, True, tries.ENOUGH),
        (BROKEN, False, tries.ENOUGH_ALONE),
        (PathInvalid("File name too long."), False, tries.ENOUGH),
        (DriveFull("Full."), True, None),
        (Offline("Away."), True, None),
    ],
)
def test_an_item_is_given_up_when_it_must_be_its_own_fault(error, others, enough):
    order = tries.Tries()
    given_up = []
    for count in range(1, 60):
        given_up.append(order.failed("a", error, float(count), alone=True))
        if others:
            order.arrived("b")
    assert (given_up.index(True) + 1 if True in given_up else None) == enough


# --- a guard that is told what Drive says ---------------------------------------------------------


@pytest.fixture
def guard(runtime: Runtime) -> Iterator[process.Guard]:
    """A guard in this process, whose folder on Drive is open."""
    runtime.folder.make()
    runtime.folder.settings.write_text(runtime.settings().as_json())
    made = process.Guard(runtime.folder, runtime.settings(), None, lambda _: None)
    made.is_open = True
    yield made
    made.close()


def drive(monkeypatch: pytest.MonkeyPatch, why: Callable[[Item], Outcome]) -> list[list[str]]:
    """Say what becomes of each item; return what went together."""
    went: list[list[str]] = []

    def bring(_remote: object, _spool: object, _lane: str, items: Sequence[Item]) -> list[Outcome]:
        went.append([one.files[0].path for one in items])
        return [why(one) for one in items]

    monkeypatch.setattr(shipping, "bring", bring)
    return went


def arrives(one: Item) -> Outcome:
    there = OnDrive(one.size, "0" * 32, "id")
    return Outcome(one, tuple(Arrived(file, "0" * 32, there) for file in one.files))


def ship(guard: process.Guard) -> None:
    """Let one batch go, whatever pauses."""
    guard.hurry()
    guard.shipping.start_uploads()
    for lane in guard.lanes:
        if lane.is_busy():
            wait_for(lane.collect)


def take(guard: process.Guard, path: Path) -> None:
    assert guard.put(Ready((str(path),), None, checkpoint=True))


def test_what_can_never_go_up_is_set_aside_with_the_reason_and_keeps_nothing_waiting(
    runtime, guard, monkeypatch
):
    folder = runtime.project / "checkpoints"
    went = drive(
        monkeypatch,
        lambda one: Outcome(one, error=BROKEN) if "bad" in one.name else arrives(one),
    )
    for name in ("bad.pt", "other.pt"):
        take(guard, write_at_once(folder / name, zip_bytes(300)))
    for _ in range(8):
        ship(guard)

    assert {line.path for line in guard.book.live()} == {"checkpoints/other.pt"}
    assert went[0] == ["checkpoints/other.pt", "checkpoints/bad.pt"]
    assert guard.spool.aside() == ["checkpoints/bad.pt (It did not arrive on Drive whole)"]
    trouble = guard.report.condition().trouble
    assert trouble is not None
    assert "checkpoints/bad.pt (It did not arrive on Drive whole)" in trouble.error.message

    guard.shipping.take_back()  # as when the first cell is run again
    drive(monkeypatch, arrives)
    ship(guard)
    assert "checkpoints/bad.pt" in {line.path for line in guard.book.live()}
    assert guard.spool.aside() == []


def test_what_this_machine_cannot_put_together_is_no_full_disk(runtime, guard, monkeypatch):
    def bring(*_: object) -> None:
        raise OSError(36, "File name too long")

    monkeypatch.setattr(shipping, "bring", bring)
    take(guard, write_at_once(runtime.project / "checkpoints" / "a.pt", zip_bytes(300)))
    ship(guard)
    error = guard.urgent.error
    assert error is not None
    assert error.message == "checkpoints/a.pt cannot be put together for Drive: File name too long."


def test_what_is_new_goes_though_something_broken_makes_its_lane_pause(runtime, guard, monkeypatch):
    went = drive(monkeypatch, lambda one: Outcome(one, error=BROKEN))
    take(guard, write_at_once(runtime.project / "checkpoints" / "bad.pt", zip_bytes(300)))
    ship(guard)
    guard.shipping.start_uploads()
    assert len(went) == 1, "it pauses"
    take(guard, write_at_once(runtime.project / "checkpoints" / "new.pt", zip_bytes(300)))
    guard.shipping.start_uploads()
    wait_for(guard.urgent.collect)
    assert went[1:] == [["checkpoints/new.pt"]]


def test_to_find_the_runs_folder_again_ends_no_pause_unless_it_is_a_new_one(guard):
    guard.urgent.fail(BROKEN, shipping.UPLOAD)
    guard._opened((False, guard.book.text()))
    assert not guard.urgent.is_free(shipping.UPLOAD)
    guard._opened((True, ""))
    assert guard.urgent.is_free(shipping.UPLOAD)


def test_a_large_file_that_is_written_over_while_it_goes_up_is_copied_the_next_time(
    runtime, guard, monkeypatch
):
    monkeypatch.setattr(spools, "COPIED_BELOW", 0)
    path = write_at_once(runtime.project / "checkpoints" / "last.pt", zip_bytes(3_000))
    drive(monkeypatch, lambda one: Outcome(one, changed=True))
    take(guard, path)
    (first,) = guard.spool.items.values()
    assert guard.spool.file(first, first.files[0]).samefile(path)
    ship(guard)
    assert guard.report.condition().trouble is None

    take(guard, path)
    (second,) = guard.spool.items.values()
    assert not guard.spool.file(second, second.files[0]).samefile(path)
    guard.spool.drop(second)

    monkeypatch.setattr(spools, "ROOM", 2**60)
    take(guard, path)
    ship(guard)
    trouble = guard.report.condition().trouble
    assert trouble is not None
    assert (trouble.error.code, "last.pt" in trouble.error.message) == ("disk_full", True)

    drive(monkeypatch, arrives)
    take(guard, path)
    ship(guard)
    assert guard.report.condition().trouble is None


def test_two_versions_that_were_linked_before_anybody_knew_are_no_lack_of_room(
    runtime, guard, monkeypatch
):
    monkeypatch.setattr(spools, "COPIED_BELOW", 0)
    drive(monkeypatch, lambda one: Outcome(one, changed=True))
    path = write_at_once(runtime.project / "checkpoints" / "last.pt", zip_bytes(3_000))
    take(guard, path)
    path.write_bytes(zip_bytes(4_000))
    take(guard, path)
    ship(guard)
    assert not guard.spool.items
    assert guard.report.condition().trouble is None


def test_a_checkpoint_that_could_not_be_copied_says_so_and_its_loss_is_told(
    runtime, monkeypatch, capsys
):
    monkeypatch.setattr(spools, "ROOM", 2**60)
    runtime.start()
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    refused = Answer(403, "userRateLimitExceeded")
    runtime.drive.faults.add(refused, kind="upload.*", file=r"last", times=None)
    path = runtime.project / "last.pt"
    path.write_bytes(zip_bytes(3_000))

    saved = checkpoints.checkpoint(path, step=1, wait=False)
    assert (saved.safe, saved.kept) == (False, False)
    assert "no room for a copy" in capsys.readouterr().out
    path.write_bytes(b"the next one")
    runtime.drive.faults.clear()
    runtime.start()
    error = wait_for(
        lambda: (found := runtime.status().get("error")) and "lost" in found["text"] and found
    )
    assert error["text"].startswith("last.pt was written over before it was on Drive")

    monkeypatch.undo()
    monkeypatch.setenv("DRIVE_SYNC_CONTENT", str(runtime.content))
    path.write_bytes(zip_bytes(3_000))
    assert checkpoints.checkpoint(path, step=2, wait=False).kept


def test_a_checkpoint_does_not_wait_behind_other_outputs(runtime):
    runtime.start(outputs=["runs"])
    put_on_drive(runtime, "runs/first.txt", b"x")
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="upload.*", file=r"\.png$")
    for number in range(300):
        write_at_once(runtime.project / "runs" / f"{number}.png", b"%d" % number)
    gate.wait_reached()
    path = write_at_once(runtime.project / "x.pt", zip_bytes(1_000))
    try:
        assert checkpoints.checkpoint(path, timeout=10).safe
    finally:
        gate.release()


# --- what is handed in ----------------------------------------------------------------------------


def test_what_is_begun_anew_after_it_was_found_whole_is_not_taken(runtime, guard):
    path = write_at_once(runtime.project / "checkpoints" / "state.pkl", b"\x80\x04N.")
    guard.scanner.look([path.parent], 0.0)
    (ready,) = guard.scanner.ready(5.0)
    with path.open("wb") as file:  # before it is its turn to be taken
        file.write(b"\x80\x04")
        file.flush()
        assert not guard.put(ready)
    assert not guard.spool.items


def test_a_waiting_checkpoint_stays_where_its_twin_cannot_be_taken_over(
    runtime, guard, monkeypatch
):
    monkeypatch.setattr(checkpoints, "ensure", lambda _: None)
    path = write_at_once(runtime.project / "checkpoints" / "a.pt", zip_bytes(3_000))
    take(guard, path)
    (found,) = guard.spool.items
    checkpoints.checkpoint(path, step=1, wait=False)

    def full(_: Item) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(guard.spool, "_note", full)
        guard.desk.open_mail()
    assert list(guard.spool.items) == [found]
    assert [one.name for one in runtime.folder.spool.iterdir()] == [found]

    checkpoints.checkpoint(path, step=1, wait=False)
    guard.desk.open_mail()
    (item,) = guard.spool.items.values()
    assert (item.step, item.files[0].remote) == (1, "checkpoints/a.pt")


def test_answers_that_nobody_waits_for_are_cleared_away_while_the_guard_lives(
    runtime, guard, monkeypatch
):
    runtime.folder.answer("old", ok=True)
    os.utime(runtime.folder.done / "old.json", (1, 1))
    half = runtime.folder.spool / "half.new"
    half.mkdir()
    os.utime(half, (1, 1))
    guard.desk.open_mail()
    assert not list(runtime.folder.done.iterdir())
    assert not half.exists()

    runtime.folder.answer("old", ok=True)
    os.utime(runtime.folder.done / "old.json", (1, 1))
    guard.desk.open_mail()
    assert list(runtime.folder.done.iterdir()), "not at every look"
    later = process.time.monotonic() + 700
    monkeypatch.setattr(process.time, "monotonic", lambda: later)
    guard.desk.open_mail()
    assert not list(runtime.folder.done.iterdir())


# --- what was listed ------------------------------------------------------------------------------


def test_a_guard_killed_before_it_let_go_what_is_listed_answers_and_finishes(runtime, tmp_path):
    handle = runtime.start()
    put_on_drive(runtime, "checkpoints/other.pt", zip_bytes(1_000))
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="upload.*", file=r"x\.pt$")
    path = write_at_once(runtime.project / "x.pt", zip_bytes(3_000))
    checkpoints.checkpoint(path, step=1, wait=False)
    gate.wait_reached()
    (item,) = runtime.folder.spool.glob("0*")
    shutil.copytree(item, tmp_path / "kept", copy_function=shutil.copy2)
    gate.release()
    wait_for(lambda: runtime.folder.answered(item.name))
    wait_for(lambda: not item.exists())
    handle.stop()
    shutil.copytree(tmp_path / "kept", item, copy_function=shutil.copy2)

    runtime.start()
    answer = wait_for(lambda: runtime.folder.answered(item.name))
    assert (answer["ok"], answer["files"][0]["remote"]) == (True, "x.pt")
    assert ending.finish(timeout=30).files == 2
    assert len(runtime.drive.find_all(f"ml/spam/outputs/{runtime.run}/x.pt")) == 1


def test_names_that_came_back_from_drive_are_not_used_for_something_else(runtime):
    handle = runtime.start()
    first = put_on_drive(runtime, "checkpoints/last.pt", zip_bytes(2_000))
    handle.stop()
    runtime.folder.manifest.unlink()  # the disk lost it
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="files.list")
    write_at_once(runtime.project / "checkpoints" / "last.pt", zip_bytes(3_000))
    runtime.start()
    wait_for(lambda: list(runtime.folder.spool.glob("0*/item.json")))
    gate.release()

    wait_for(lambda: len(runtime.listed()) == 2)
    assert runtime.check_listed()["checkpoints/last.pt"] == first


def test_when_the_runs_folder_is_gone_checkpoints_that_were_handed_in_go_up_again(runtime):
    runtime.start()
    for name in ("checkpoints/a.pt", "far/b.pt"):
        path = write_at_once(runtime.project / name, zip_bytes(1_000))
        checkpoints.checkpoint(path, step=7, metrics={"loss": 0.5}, timeout=30)
    write_at_once(runtime.project / "checkpoints" / "note.txt", b"found by looking")
    wait_for(lambda: len(runtime.listed()) == 3)
    runtime.drive.delete(f"ml/spam/outputs/{runtime.run}")
    write_at_once(runtime.project / "checkpoints" / "d.pt", zip_bytes(1_000))

    everything = {"checkpoints/a.pt", "far/b.pt", "checkpoints/note.txt", "checkpoints/d.pt"}
    wait_for(lambda: runtime.listed_paths() == everything, 60)
    listed = {line.path: line for line in runtime.check_listed().values()}
    for name in ("checkpoints/a.pt", "far/b.pt"):
        assert (listed[name].step, listed[name].metrics) == (7, {"loss": 0.5})


def test_when_the_runs_folder_is_gone_what_waits_already_goes_up_once(runtime, guard, monkeypatch):
    drive(monkeypatch, arrives)
    folder = runtime.project / "checkpoints"
    take(guard, write_at_once(folder / "listed.pt", zip_bytes(300)))
    ship(guard)
    guard.book.on_drive = len(guard.book.lines)
    guard.shipping.published(guard.book.lines)
    assert not guard.spool.items
    drive(monkeypatch, lambda one: Outcome(one, error=FolderUnknown("It is gone.")))
    take(guard, write_at_once(folder / "waits.pt", zip_bytes(300)))
    ship(guard)

    went = drive(monkeypatch, arrives)
    guard._opened((True, ""))
    start = process.time.monotonic()
    for seconds in range(4):
        guard._look(start + seconds)
    ship(guard)

    assert sorted(path for batch in went for path in batch) == [
        "checkpoints/listed.pt", "checkpoints/waits.pt",
    ]  # fmt: skip
    write_at_once(folder / "waits.pt", zip_bytes(400))
    for seconds in range(4, 8):
        guard._look(start + seconds)
    ship(guard)
    assert went[-1] == ["checkpoints/waits.pt"], "its next version goes as ever"


# --- logs, and the end ----------------------------------------------------------------------------


def test_a_finished_log_waits_for_the_copy_of_it_that_is_under_way(runtime, guard, monkeypatch):
    went = drive(monkeypatch, arrives)
    log = write_at_once(runtime.project / "runs" / "train.log", b"epoch 1")
    assert guard.snapshots.begin([str(log)], guard.taken_names()) == {str(log): "runs/train.log"}
    assert guard.put(Ready((str(log),), None, checkpoint=False))
    ship(guard)
    assert not went
    guard.snapshots.ended()
    ship(guard)
    assert went == [["runs/train.log"]]


def test_a_copy_of_a_log_never_gets_the_name_of_what_waits_or_is_listed(
    runtime, guard, monkeypatch
):
    drive(monkeypatch, arrives)
    log = write_at_once(runtime.project / "runs" / "train.log", b"epoch 1")
    assert guard.put(Ready((str(log),), None, checkpoint=False))
    copied: list[str] = []

    def copy(_remote: object, _due: object, given: dict[str, str]) -> list[Snapshot]:
        copied.extend(given.values())
        return []

    monkeypatch.setattr(guard.snapshots, "copy", copy)
    monkeypatch.setattr(guard.scanner, "logs", lambda _: {str(log): Look.of(log.stat())})
    for now in (0.0, 1000.0):  # while the log waits, and when it is listed
        guard.shipping.start_snapshots(now)
        wait_for(guard.logs.collect)
        ship(guard)
    assert [line.remote for line in guard.book.live()] == ["runs/train.log"]
    assert copied == ["runs/train~0.log"] * 2


def test_a_late_copy_of_a_log_never_replaces_the_log_that_is_listed(runtime):
    runtime.start(outputs=["runs"])
    log = runtime.project / "runs" / "train.log"
    log.parent.mkdir()
    log.write_bytes(b"a" * 1000)
    wait_for(lambda: runtime.on_drive() == {"runs/train.log"})
    gate = Gate()
    runtime.drive.faults.add(Hold(gate), kind="upload.*", file=r"train\.log$")
    with log.open("ab") as file:
        file.write(b"b" * 1000)
    request = runtime.folder.ask("finish", until=None)
    gate.wait_reached()
    with log.open("ab") as file:
        file.write(b"c" * (33 * 2**20))  # so large that it goes in another lane
    wait_for(lambda: list(runtime.folder.spool.glob("0*/item.json")))
    gate.release()

    assert wait_for(lambda: runtime.folder.answered(request), 60)["ok"]
    assert runtime.check_listed()["runs/train.log"].size == 2000 + 33 * 2**20


def test_a_checkpoint_that_comes_during_the_last_words_is_brought_before_the_end(runtime):
    runtime.start()
    put_on_drive(runtime, "checkpoints/a.pt", zip_bytes(1_000))
    wait_for(runtime.pulse)
    gate = Gate()
    path = write_at_once(runtime.project / "b.pt", zip_bytes(1_000))
    ended: list[ending.Finished] = []
    asks = threading.Thread(target=lambda: ended.append(ending.finish(timeout=60)))
    runtime.drive.faults.add(Hold(gate), kind="upload.*", file=r"\.json$")
    asks.start()
    wait_for(lambda: runtime.status().get("state") == "ended")
    checkpoints.checkpoint(path, step=2, wait=False)
    wait_for(lambda: not list(runtime.folder.inbox.glob("*checkpoint*")))
    gate.release()
    asks.join()

    assert ended[0].files == 2
    assert runtime.listed_paths() == {"checkpoints/a.pt", "b.pt"}
    assert (runtime.pulse()["end"], runtime.pulse()["unverified"]) == ("finished", 0)
