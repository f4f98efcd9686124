"""What runs in Colab made comes home, verified, one way, and never through bisync."""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import FileLine, RemovedLine
from jupyter_drive_sync.companion.drive_sync_colab.guard.manifest import as_text as manifest_text
from jupyter_drive_sync.service import colab_desk, homecoming
from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.faults import Answer, Gate, Hold
from tests.drive_emulator.fixtures import GDrive

from . import colab_home
from .colab_home import FAR, RUN, Home
from .conftest import until

home = colab_home.home
quick_kernel = colab_home.quick_kernel

TIME = "2026-11-21T16:45:14Z"
KILOBYTE = 1024


@pytest.fixture
def extension_config(gdrive: GDrive, drive: DriveEmulator, which: str) -> dict[str, Any]:
    return colab_home.config(gdrive) | {"colab_outputs": which, "colab_outputs_megabytes": 1}


@pytest.fixture
def which() -> str:
    return "newest"


class Run:
    """A run in Colab, that has its outputs on Drive as its guard puts them there."""

    def __init__(self, home: Home, project: Path) -> None:
        self.home = home
        self.here = project / "outputs" / RUN
        self.lines: list[FileLine | RemovedLine] = []

    def makes(
        self,
        remote: str,
        content: bytes,
        *,
        checkpoint: bool = True,
        verified: str | None = TIME,
        group: str | None = None,
        arrives: bytes | None = None,
    ) -> None:
        """Put a file on Drive; `arrives`: what is there instead of what the manifest lists."""
        self.home.drive.write(
            f"{FAR}/outputs/{RUN}/{remote}", content if arrives is None else arrives
        )
        md5, seq = hashlib.md5(content).hexdigest(), len(self.lines) + 1
        mates = [one for one in self.lines if isinstance(one, FileLine) and one.group == group]
        unit = mates[0].unit if group and mates else f"{seq:020d}-a1b2c3"
        self.lines.append(
            FileLine(
                seq, remote, remote, len(content), md5, None, TIME, seq * 10, None, checkpoint,
                verified, group, unit,
            )
        )  # fmt: skip
        self.tell()

    def removes(self, remote: str) -> None:
        self.lines.append(RemovedLine(len(self.lines) + 1, remote, remote, TIME))
        self.tell()
        self.home.drive.trash(f"{FAR}/outputs/{RUN}/{remote}")

    def tell(self) -> None:
        content = manifest_text(self.lines).encode()
        self.home.drive.write(f"{FAR}/outputs/{RUN}/manifest.jsonl", content)
        self.home.pulse(seq=len(self.lines))

    async def looked(self) -> dict[str, Any]:
        """Look, wait until all that is wanted came, and return the field ``outputs``."""
        (before,) = (await self.home.sync())["runtimes"]
        colab = self.home.keeper.colab
        judged = colab._runtimes()[0]
        at_home = colab._homes[RUN]

        async def until_looked() -> None:
            begins = f"{judged.pulse.seq}/{judged.state}"
            while colab.busy or not (at_home.looked.startswith(begins) or colab._resting):
                await asyncio.sleep(0.05)

        await asyncio.wait_for(until_looked(), 30)
        (runtime,) = (await self.home.browser.status(self.home.number))["runtimes"]
        assert runtime["run"] == before["run"] == RUN
        return dict(runtime["outputs"])

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.here).as_posix(): path.read_bytes()
            for path in sorted(self.here.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def run(home: Home, project: Path) -> Run:
    return Run(home, project)


async def test_the_newest_checkpoint_and_all_else_come_and_are_in_the_history(run: Run) -> None:
    run.makes("checkpoints/a.pt", b"older")
    run.makes("checkpoints/b.pt", b"newest")
    run.makes("metrics.json", b"{}", checkpoint=False)
    outputs = await run.looked()
    assert run.files() == {"checkpoints/b.pt": b"newest", "metrics.json": b"{}"}
    assert outputs == {"files": 3, "bytes": 13, "here": 2, "detail": ""}
    rows = (await run.home.browser.ask("GET", "projects", run.home.number, "history"))["rows"]
    row = next(row for row in rows if row["path"] == f"outputs/{RUN}/checkpoints/b.pt")
    assert (row["direction"], row["action"]) == ("down", "created")
    assert row["detail"] == f"from Colab {RUN}, step 20"
    run.makes("checkpoints/c.pt", b"newer still")
    run.removes("checkpoints/a.pt")
    run.removes("checkpoints/b.pt")
    assert (await run.looked())["here"] == 2
    assert run.files()["checkpoints/c.pt"] == b"newer still"
    assert run.files()["checkpoints/b.pt"] == b"newest", "what goes on Drive stays here"


async def test_a_run_never_goes_through_bisync(
    run: Run, project: Path, drive: DriveEmulator
) -> None:
    run.makes("checkpoints/a.pt", b"weights")
    drive.write(f"{FAR}/outputs/{RUN}/runs/train.log", b"a log that is not listed")
    await run.looked()
    (run.here / "notes.txt").write_text("mine")
    (run.here / "checkpoints/a.pt").unlink()
    (project / "outputs/by-hand.txt").write_text("synced")
    status = await run.home.sync()
    assert status["state"]["word"] == "in_sync"
    await run.looked()
    assert run.files() == {"notes.txt": b"mine"}, "what a person took away does not come again"
    there = {path for path in drive.tree(FAR) if path.startswith("outputs/")}
    assert there == {
        "outputs/by-hand.txt",
        f"outputs/{RUN}/checkpoints/a.pt",
        f"outputs/{RUN}/manifest.jsonl",
        f"outputs/{RUN}/runs/train.log",
    }


async def test_what_is_not_what_the_manifest_lists_is_not_taken(run: Run) -> None:
    run.makes("checkpoints/a.pt", b"whole", arrives=b"torn!")
    run.makes("b.txt", b"b", checkpoint=False)
    run.makes("c.txt", b"c", checkpoint=False)
    run.home.drive.trash(f"{FAR}/outputs/{RUN}/c.txt")
    outputs = await run.looked()
    assert run.files() == {"b.txt": b"b"}
    assert outputs["here"] == 1
    assert "did not come" in outputs["detail"]


async def test_a_file_that_is_larger_than_listed_is_not_even_fetched(
    run: Run, drive: DriveEmulator
) -> None:
    large = b"z" * 3 * 1024 * KILOBYTE
    run.makes("large.bin", large, checkpoint=False)
    run.makes("b.txt", b"b", checkpoint=False)
    run.lines[0] = replace(run.lines[0], size=1)  # type: ignore[call-arg]
    run.tell()
    fetched = drive.faults.add(Answer(500, "backendError"), file=r"large\.bin", times=None)
    outputs = await run.looked()
    assert run.files() == {"b.txt": b"b"}
    assert outputs["here"] == 1
    assert outputs["detail"].startswith("large.bin did not come: it is not what")
    drive.faults.remove(fetched)


async def test_a_list_that_is_too_long_is_not_read(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.makes("a.txt", b"a", checkpoint=False)
    monkeypatch.setattr(homecoming, "_MOST_MANIFEST", 100)
    outputs = await run.looked()
    assert run.files() == {}
    assert "too long" in outputs["detail"]


async def test_what_a_person_put_there_is_never_replaced(run: Run) -> None:
    run.here.mkdir(parents=True)
    (run.here / "a.txt").write_text("mine")
    (run.here / "b.txt").write_text("alike")
    (run.here / "logs").write_text("a file where a folder is wanted")
    run.makes("a.txt", b"Colab's", checkpoint=False)
    run.makes("b.txt", b"alike", checkpoint=False)
    run.makes("logs/c.txt", b"c", checkpoint=False)
    outputs = await run.looked()
    assert run.files() == {
        "a.txt": b"mine",
        "b.txt": b"alike",
        "logs": b"a file where a folder is wanted",
    }
    assert outputs["here"] == 1
    assert "logs is a file here" in outputs["detail"]
    assert not outputs["detail"].endswith("..")


async def test_what_is_let_go_while_it_is_fetched_keeps_nothing_newer_waiting(run: Run) -> None:
    run.makes("checkpoints/a.pt", b"older")
    gate = Gate()
    run.home.drive.faults.add(Hold(gate, done=True), kind="files.download", file="manifest")
    await run.home.sync()
    await asyncio.get_running_loop().run_in_executor(None, gate.wait_reached)
    run.removes("checkpoints/a.pt")
    run.makes("checkpoints/b.pt", b"newer")
    gate.release()
    await until(lambda: not run.home.keeper.colab.busy)
    await run.looked()
    assert run.files() == {"checkpoints/b.pt": b"newer"}


async def test_no_more_comes_than_the_limit_but_in_the_end_the_newest_checkpoint(run: Run) -> None:
    run.makes("a.pt", b"a" * 700 * KILOBYTE)
    await run.looked()
    run.makes("b.pt", b"b" * 700 * KILOBYTE)
    outputs = await run.looked()
    assert set(run.files()) == {"a.pt"}
    assert "1 MB, the limit" in outputs["detail"]
    run.home.clock.pass_by(600)
    assert (await run.looked())["detail"] == ""
    assert set(run.files()) == {"a.pt", "b.pt"}


@pytest.mark.parametrize("which", ["all"])
async def test_no_more_files_come_than_the_limit_but_in_the_end_the_newest_checkpoint(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homecoming, "_MOST_FILES", 3)
    for number in range(5):
        run.makes(f"images/{number}.png", b"", checkpoint=False)
    outputs = await run.looked()
    assert set(run.files()) == {f"images/{number}.png" for number in (4, 3, 2)}
    assert outputs["detail"] == (
        "2 files of this run stay on Drive: no more than 3 of a run come here."
    )
    for name in ("model.bin", "state.json"):
        run.makes(f"checkpoint-5/{name}", b"x", group="checkpoint-5")
    await run.looked()
    assert len(run.files()) == 3
    run.home.clock.pass_by(600)
    outputs = await run.looked()
    assert run.files().keys() >= {"checkpoint-5/model.bin", "checkpoint-5/state.json"}
    assert (len(run.files()), outputs["here"]) == (5, 5)


async def test_after_trouble_it_goes_on_and_says_what_it_was(
    run: Run, drive: DriveEmulator
) -> None:
    run.makes("a.txt", b"a", checkpoint=False)
    rule = drive.faults.add(Answer(403, "forbidden"), file=r"a\.txt", times=None)
    outputs = await run.looked()
    assert outputs["detail"]
    assert run.files() == {}
    drive.faults.remove(rule)
    run.home.keeper.colab._resting.clear()
    assert await run.looked() == {"files": 1, "bytes": 1, "here": 1, "detail": ""}


async def test_after_trouble_that_passes_outputs_come_by_themselves_and_soon(
    run: Run, drive: DriveEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colab_desk, "_FIRST_REST_SECONDS", 0.5)
    monkeypatch.setattr(colab_desk, "_REST_SECONDS", 0.5)  # should it try twice until then
    run.makes("a.txt", b"a", checkpoint=False)
    rule = drive.faults.add(Answer(403, "forbidden"), file=r"a\.txt", times=None)
    assert (await run.looked())["detail"]
    drive.faults.remove(rule)
    await until(lambda: run.files() == {"a.txt": b"a"}, 15)
    await until(lambda: not run.home.keeper.colab._resting)


async def test_trouble_that_stays_is_tried_rarely(
    run: Run, drive: DriveEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colab_desk, "_FIRST_REST_SECONDS", 0.5)
    run.makes("a.txt", b"a", checkpoint=False)
    drive.faults.add(Answer(403, "forbidden"), file=r"a\.txt", times=None)
    await run.looked()
    colab = run.home.keeper.colab
    await until(lambda: colab._resting.get(RUN, 0.0) > asyncio.get_running_loop().time() + 60)


@pytest.mark.parametrize("which", ["none"])
async def test_nothing_comes_if_so_it_is_set(run: Run, which: str) -> None:
    run.makes("a.pt", b"a")
    outputs = await run.looked()
    assert run.files() == {}
    assert outputs == {
        "files": 1,
        "bytes": 1,
        "here": 0,
        "detail": "Outputs stay on Drive: so it is set by colab_outputs.",
    }


@pytest.mark.parametrize("which", ["all"])
async def test_everything_comes_if_so_it_is_set(run: Run, which: str) -> None:
    for name in ("a.pt", "b.pt", "c.txt"):
        run.makes(name, name.encode(), checkpoint=name.endswith(".pt"))
    line = json.loads(manifest_text(run.lines[:1]))
    bad = [line | {"remote": remote} for remote in ("../../x.py", "/etc/x", "a/../../x", "")]
    torn = "".join(json.dumps(one) + "\n" for one in bad) + '{"v": 1, "kind"'
    known = manifest_text(run.lines) + torn
    run.home.drive.write(f"{FAR}/outputs/{RUN}/manifest.jsonl", known.encode())
    assert (await run.looked())["here"] == 3
    assert set(run.files()) == {"a.pt", "b.pt", "c.txt"}


async def test_what_came_through_a_mount_comes_when_drive_has_it_as_it_was_written(
    run: Run, drive: DriveEmulator
) -> None:
    run.makes("checkpoints/a.pt", b"sure")
    run.makes("checkpoints/b.pt", b"through a mount", verified=None)
    run.makes("metrics.json", b"{}", checkpoint=False, verified=None)
    outputs = await run.looked()
    assert run.files() == {"checkpoints/b.pt": b"through a mount", "metrics.json": b"{}"}
    assert outputs == {"files": 3, "bytes": 21, "here": 2, "detail": ""}


async def test_what_a_mount_has_not_sent_yet_waits_is_said_and_comes_later(
    run: Run, drive: DriveEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colab_desk, "_FIRST_REST_SECONDS", 3600.0)
    run.makes("checkpoints/a.pt", b"older", verified=None)
    run.makes("checkpoints/b.pt", b"newest", verified=None, arrives=b"newe")
    run.makes("checkpoint-5/model.bin", b"model", verified=None, group="checkpoint-5")
    run.makes(
        "checkpoint-5/state.json", b"state", verified=None, group="checkpoint-5", arrives=b"st\0te"
    )
    run.makes("c.txt", b"c", checkpoint=False, verified=None)
    run.home.drive.trash(f"{FAR}/outputs/{RUN}/c.txt")
    outputs = await run.looked()
    assert run.files() == {"checkpoints/a.pt": b"older"}, "of a folder all comes, or nothing"
    assert "mounted Drive" in outputs["detail"]

    drive.write(f"{FAR}/outputs/{RUN}/checkpoints/b.pt", b"newest")
    drive.write(f"{FAR}/outputs/{RUN}/checkpoint-5/state.json", b"state")
    drive.write(f"{FAR}/outputs/{RUN}/c.txt", b"c")
    run.home.keeper.colab._resting.clear()
    await run.looked()
    assert set(run.files()) == {
        "checkpoints/a.pt",
        "checkpoint-5/model.bin",
        "checkpoint-5/state.json",
        "c.txt",
    }, "the newest, and what is no checkpoint"


async def test_what_never_arrives_is_asked_for_no_longer_after_a_while(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(homecoming, "_MOST_WAITS", 2)
    monkeypatch.setattr(colab_desk, "_FIRST_REST_SECONDS", 0.0)
    monkeypatch.setattr(colab_desk, "_REST_SECONDS", 0.0)
    run.makes("a.txt", b"a", checkpoint=False, verified=None, arrives=b"no")
    outputs = await run.looked()
    at_home = run.home.keeper.colab._homes[RUN]

    async def given_up() -> None:
        while at_home.failed or not at_home.refused:
            run.home.keeper.colab._wake.set()
            await asyncio.sleep(0.05)

    await asyncio.wait_for(given_up(), 20)
    assert run.files() == {}
    assert "mounted Drive" in outputs["detail"]
