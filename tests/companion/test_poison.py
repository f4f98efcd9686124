"""What a training may hand in by mistake: refused in words, and nothing else is held up."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab import checkpoints, ending
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    ArgumentInvalid,
    CompanionError,
    PathInvalid,
)
from jupyter_drive_sync.companion.drive_sync_colab.guard import (
    manifest,
    process,
    retention,
    scan,
    shipping,
)
from jupyter_drive_sync.companion.drive_sync_colab.guard import spool as spools
from jupyter_drive_sync.companion.drive_sync_colab.guard.book import Book
from jupyter_drive_sync.companion.drive_sync_colab.guard.given import as_metrics, as_step
from jupyter_drive_sync.companion.drive_sync_colab.guard.scanner import Ready
from jupyter_drive_sync.companion.drive_sync_colab.guard.spool import Item, Spool

from .checkpoint_files import write_at_once, zip_bytes
from .guard_support import Runtime, kill_guard, wait_for
from .test_manifest import line


class Scalar:
    """As numpy's and PyTorch's numbers are."""

    def __init__(self, value: float) -> None:
        self.value = value

    def __float__(self) -> float:
        return float(self.value)


class Tensor:
    """Of several numbers."""

    def __float__(self) -> float:
        raise RuntimeError("a Tensor with 2 elements cannot be converted to Scalar")

    def __bool__(self) -> bool:
        raise ValueError("the truth value is ambiguous")


# --- arguments ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("given", "step"), [(None, None), (5, 5), (5.0, 5), (Scalar(7), 7)])
def test_a_step_is_a_whole_number(given, step):
    assert as_step(given) == step


@pytest.mark.parametrize(
    "given", [float("nan"), float("inf"), 1.5, "abc", "5", 2**53 + 1, 10**400, Tensor(), [], b"1"]
)
def test_what_is_no_step_is_refused(given):
    with pytest.raises(ArgumentInvalid):
        as_step(given)


def test_metrics_that_are_no_numbers_are_left_out():
    found = as_metrics({"loss": Scalar(0.5), "all": Tensor(), "huge": 10**400, "\ud800": 1})
    assert found == {"loss": 0.5}


@pytest.mark.parametrize("given", [Tensor(), 5, [("loss", 1)]])
def test_metrics_that_are_no_mapping_are_refused(given):
    with pytest.raises(ArgumentInvalid):
        as_metrics(given)


# --- paths ----------------------------------------------------------------------------------------


def test_a_folder_of_ours_is_never_looked_into(tmp_path):
    own = tmp_path / ".drive-sync"
    write_at_once(own / "rclone.conf", b"token")
    write_at_once(tmp_path / "a.txt", b"a")
    (tmp_path / "link").symlink_to(own)
    assert set(scan.look_at([tmp_path]).outputs) == {str(tmp_path / "a.txt")}
    assert not scan.look_at([own, own / "rclone.conf", tmp_path / "link"]).outputs


def test_names_that_are_no_text_are_passed_over(tmp_path):
    for name in (b"caf\xe9.txt", b"a\nb.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    write_at_once(tmp_path / "a.txt", b"a")
    assert set(scan.look_at([tmp_path]).outputs) == {str(tmp_path / "a.txt")}


@given(st.text())
def test_every_path_has_a_series(path):
    assert isinstance(retention.series(path, checkpoint=True), str)


# --- the manifest ---------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\u0085", "\x0b", "\x1c", "\r"])
def test_a_name_may_hold_what_unicode_calls_the_end_of_a_line(end):
    lines = [line(1, f"a{end}b.pt"), line(2, "c.pt")]
    assert manifest.parse(manifest.as_text(lines)) == lines


GOOD = line(1).as_json()


@pytest.mark.parametrize(
    "bad",
    [
        '{"v":1,"x":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"v":1,"seq":Infinity,"kind":"file","path":"a","remote":"a"}',
        *(
            json.dumps({**GOOD, **change})
            for change in (
                {"group": 5},
                {"group": "/content/ssh"},
                {"group": "../ssh"},
                {"group": "b"},
                {"seq": 2**60},
                {"seq": "1"},
                {"size": -1},
                {"size": float("inf")},
                {"metrics": [1]},
                {"metrics": {"loss": float("nan")}},
                {"metrics": {"loss": 10**400}},
                {"path": "\ud800"},
                {"drive_id": 5},
            )
        ),
    ],
)
def test_a_line_of_nonsense_is_passed_over(bad):
    assert manifest.parse(f"{bad}\n{manifest.as_text([line(2)])}") == [line(2)]


def test_a_step_that_is_none_costs_no_file_its_line():
    (found,) = manifest.parse(json.dumps({**GOOD, "step": 1.5}) + "\n")
    assert (found.path, found.step) == ("a.pt", None)


@given(st.integers())
def test_every_time_of_a_file_can_be_said(mtime_ns):
    assert manifest.exact_moment(mtime_ns).endswith("Z")


def test_a_line_that_cannot_be_written_spoils_no_other(tmp_path):
    book = Book(tmp_path / "manifest.jsonl", tmp_path / "known.json")
    with pytest.raises(ValueError, match="JSON compliant"):
        book.add([line(1, "good.pt"), line(1, step=float("nan"))])
    book.add([line(1, "c.pt")])
    assert [one.path for one in manifest.parse(book.text())] == ["c.pt"]


# --- a guard --------------------------------------------------------------------------------------


def refusals(runtime: Runtime, path: Path) -> None:
    for arguments in ({"step": float("nan")}, {"step": "abc"}, {"metrics": Tensor()}):
        with pytest.raises(ArgumentInvalid):
            checkpoints.checkpoint(path, **arguments)
    with pytest.raises(ArgumentInvalid):
        checkpoints.log("abc", {"loss": 1})
    (runtime.content / ".drive-sync" / "rclone.conf").write_text("token")
    for place in (".", runtime.project, runtime.content, runtime.content / ".drive-sync", None):
        with pytest.raises(PathInvalid):
            checkpoints.checkpoint(place)
        with pytest.raises(PathInvalid):
            checkpoints.protect(place)
    with pytest.raises(PathInvalid):
        checkpoints.checkpoint(write_at_once(runtime.project / "other" / "a\nb.pt", zip_bytes(30)))
    folder = Path(os.fsdecode(os.fsencode(runtime.project) + b"/step-9"))
    write_at_once(folder / "good.pt", zip_bytes(30))
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_bytes(b"x")
    with pytest.raises(PathInvalid):
        checkpoints.checkpoint(folder)
    assert not list(runtime.folder.spool.glob("*.new"))


def test_a_checkpoint_of_which_a_part_is_a_link_to_elsewhere_is_refused(runtime, tmp_path):
    runtime.start()
    folder = runtime.project / "checkpoint-9"
    write_at_once(folder / "model.bin", b"weights")
    (folder / "last.bin").symlink_to("model.bin")
    (folder / "gone.bin").symlink_to(tmp_path / "nothing")
    checkpoints.checkpoint(folder, wait=False)
    (folder / "more.bin").symlink_to(write_at_once(tmp_path / "more.bin", b"x"))
    with pytest.raises(PathInvalid, match=r"more\.bin is a link"):
        checkpoints.checkpoint(folder)


def test_a_large_checkpoint_behind_a_link_is_taken_itself(runtime, monkeypatch):
    monkeypatch.setattr(spools, "COPIED_BELOW", 0)
    runtime.start()
    content = zip_bytes(3_000)
    write_at_once(runtime.project / "out" / "epoch=1.ckpt", content)
    last = runtime.project / "out" / "last.ckpt"
    last.symlink_to("epoch=1.ckpt")
    checkpoints.checkpoint(last, timeout=30)
    (line,) = wait_for(lambda: list(runtime.listed().values()))
    assert (line.path, line.size) == ("out/last.ckpt", len(content))


def test_what_is_refused_holds_nothing_up(runtime, monkeypatch):
    monkeypatch.chdir(runtime.project)
    runtime.start()
    path = write_at_once(runtime.project / "checkpoints" / "w.pt", zip_bytes(3000))
    Path(os.fsdecode(os.fsencode(path.parent) + b"/caf\xe9.txt")).write_bytes(b"hi")
    refusals(runtime, path)
    error = wait_for(lambda: runtime.status().get("error"))
    assert (error["code"], "caf\\udce9.txt" in error["text"]) == ("path_invalid", True)
    assert checkpoints.checkpoint(path, step=3, metrics={"loss": Scalar(0.5)}, timeout=20).safe
    assert runtime.listed_paths() == {"checkpoints/w.pt"}
    assert ending.finish(timeout=60, leave_behind=True).left == ("'checkpoints/caf\\udce9.txt'",)


def test_requests_of_another_making_are_answered_and_hold_nothing_up(runtime):
    runtime.start()
    frozen = {"name": "0", "source": str(runtime.project / "x.pt"), "size": 1, "mtime_ns": 1}
    for bad in (
        {"step": "abc"},
        {"metrics": 5},
        {"group": str(runtime.project)},
        {"files": [{**frozen, "mtime_ns": "x"}]},
        {"files": []},
        {"files": [{**frozen, "source": "\udce9"}]},
    ):
        request = runtime.folder.ask("checkpoint", **{"files": [frozen], "group": None, **bad})
        answer = wait_for(lambda request=request: runtime.folder.answered(request))
        assert not answer["ok"]
    path = write_at_once(runtime.project / "checkpoints" / "w.pt", zip_bytes(3000))
    assert checkpoints.checkpoint(path, step=3, timeout=20).safe


def test_an_item_that_cannot_be_handled_is_set_aside_and_answered(runtime):
    runtime.folder.make()
    item = runtime.folder.spool / "00000000000000000001-aaaaaa"
    item.mkdir()
    (item / "0").write_bytes(b"x")
    file = {"path": "x.pt", "remote": "x.pt", "name": "0", "size": 1, "mtime_ns": "never"}
    note = {"id": item.name, "files": [file], "checkpoint": True, "request": item.name}
    (item / "item.json").write_text(json.dumps(note))
    runtime.start()
    answer = wait_for(lambda: runtime.folder.answered(item.name))
    assert not answer["ok"]
    path = write_at_once(runtime.project / "checkpoints" / "w.pt", zip_bytes(3000))
    assert checkpoints.checkpoint(path, step=3, timeout=20).safe
    kill_guard(runtime.folder)
    runtime.start()
    assert (runtime.folder.spool / "bad" / item.name / "0").exists()


def test_a_disk_that_refuses_is_said_in_words(runtime):
    runtime.start()
    runtime.folder.inbox.rename(runtime.folder.root / "gone")
    try:
        with pytest.raises(CompanionError):
            ending.finish(timeout=1)
    finally:
        (runtime.folder.root / "gone").rename(runtime.folder.inbox)


def test_what_fails_in_one_stage_is_shown_by_the_next(runtime, monkeypatch):
    runtime.folder.make()
    runtime.folder.settings.write_text(runtime.settings().as_json())
    guard = process.Guard(runtime.folder, runtime.settings(), None, lambda _: None)

    def fails(*_: object) -> None:
        raise ValueError("odd")

    for owner, stage in (
        (guard.desk, "open_mail"),
        (guard.scanner, "look"),
        (guard.shipping, "drop_overtaken"),
        (guard.shipping, "start_uploads"),
        (guard.clerk, "collect"),
    ):
        monkeypatch.setattr(owner, stage, fails)
    guard.tick()
    try:
        assert "odd" in runtime.status()["error"]["text"]
        assert guard.clerk.is_busy()
    finally:
        guard.close()


def test_an_odd_step_in_the_spool_costs_no_checkpoint(tmp_path):
    item = tmp_path / "00000000000000000001-aaaaaa"
    item.mkdir()
    (item / "0").write_bytes(b"x")
    file = {"path": "x.pt", "remote": "x.pt", "name": "0", "size": 1, "mtime_ns": 1}
    note = {"id": item.name, "files": [file], "checkpoint": True, "step": float("nan")}
    (item / "item.json").write_text(json.dumps({**note, "metrics": {"loss": float("nan")}}))
    spool = Spool(tmp_path)
    spool.load()
    assert (spool.items[item.name].step, spool.items[item.name].metrics) == (None, None)


def test_uploads_that_fail_together_are_tried_one_by_one(runtime, monkeypatch):
    runtime.folder.make()
    runtime.folder.settings.write_text(runtime.settings().as_json())
    for name in ("a.pt", "b.pt", "c.pt"):
        write_at_once(runtime.project / "checkpoints" / name, zip_bytes(300))
    guard = process.Guard(runtime.folder, runtime.settings(), None, lambda _: None)
    guard.is_open = True
    tried: list[set[str]] = []

    def bring(_remote: object, _spool: object, _lane: str, items: Sequence[Item]) -> None:
        tried.append({item.files[0].path for item in items})
        raise UnicodeEncodeError("utf-8", "x", 0, 1, "odd")

    monkeypatch.setattr(shipping, "bring", bring)
    paths = [str(path) for path in (runtime.project / "checkpoints").iterdir()]
    assert all(guard.put(Ready((path,), None, checkpoint=True)) for path in paths)
    try:
        for _ in range(2):
            guard.urgent.hurry()
            guard.shipping.start_uploads()
            wait_for(guard.urgent.collect)
    finally:
        guard.close()
    assert [len(names) for names in tried] == [3, 1]
