"""Colab from home: the cell, the runtimes, what they have open."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.companion import maker
from jupyter_drive_sync.companion.bundle import bundle_version, make_bundle
from jupyter_drive_sync.ports.colab import COMPANION_PATH, ENVIRONMENT_PATH
from tests.drive_emulator import DriveEmulator

from . import colab_home
from .colab_home import FAR, GOLDEN, NOTEBOOK, RUNTIME, Home, make
from .conftest import Browser, Refused, until
from .test_projects import later

extension_config = colab_home.extension_config
home = colab_home.home
quick_kernel = colab_home.quick_kernel


def there(drive: DriveEmulator, path: str) -> Any:
    return drive.find(f"{FAR}/{path}")


async def test_the_cell_names_what_is_on_drive_and_stays_alike(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    (project / COMPANION_PATH).unlink()
    await home.sync()
    cell = await make(home.browser, home.number)
    companion = there(drive, COMPANION_PATH)
    assert f'"{drive.find(FAR).id}"' in cell["source"]
    assert companion.id in cell["source"]
    assert 'notebook="train.ipynb"' in cell["source"]
    assert cell["tag"] == "drive-sync"
    content = drive.read(f"{FAR}/{COMPANION_PATH}")
    assert bundle_version(content) == cell["version"]
    assert "drive_sync_colab/__init__.py" in zipfile.ZipFile(BytesIO(content)).namelist()
    environment = json.loads(drive.read(f"{FAR}/{ENVIRONMENT_PATH}"))
    assert environment["source"] == "kernel"
    assert (project / ENVIRONMENT_PATH).read_bytes() == drive.read(f"{FAR}/{ENVIRONMENT_PATH}")
    assert await make(home.browser, home.number) == cell
    assert there(drive, COMPANION_PATH).id == companion.id


async def test_a_new_version_takes_the_place_of_an_older_one_under_the_same_id(
    home: Home, drive: DriveEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = there(drive, COMPANION_PATH).id
    with monkeypatch.context() as update:
        update.setattr(maker, "make_bundle", lambda _: make_bundle("99.1"))
        cell = await make(home.browser, home.number)
    assert cell["version"].startswith("99.1+")
    assert there(drive, COMPANION_PATH).id == known
    assert bundle_version(drive.read(f"{FAR}/{COMPANION_PATH}")) == cell["version"]
    again = await make(home.browser, home.number)
    assert again["version"] == cell["version"], "a later release is never replaced by an older one"


async def test_a_later_one_of_another_computer_is_taken_over_not_fought_with(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    later_one = make_bundle("98.0")
    drive.write(f"{FAR}/{COMPANION_PATH}", later_one.content)
    (project / ENVIRONMENT_PATH).write_text("{}")
    cell = await make(home.browser, home.number)
    assert cell["version"] == later_one.version
    assert (project / COMPANION_PATH).read_bytes() == later_one.content
    assert (await home.sync())["held"] == []


async def test_what_is_no_notebook_of_the_project_gets_no_cell(home: Home, project: Path) -> None:
    (project / "venv").mkdir()
    (project / "venv/a.ipynb").write_text(NOTEBOOK)
    for path in ("none.ipynb", "train.py", "../train.ipynb", "venv/a.ipynb"):
        with pytest.raises(Refused) as caught:
            await make(home.browser, home.number, path)
        assert caught.value.body["code"] in ("not_on_drive", "folder_outside_root")
        assert caught.value.body["hint"]


async def test_a_project_that_is_on_no_drive_gets_no_cell(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    assert (await browser.status(number))["runtimes"] == []
    with pytest.raises(Refused) as caught:
        await make(browser, number)
    assert (caught.value.status, caught.value.body["code"]) == (409, "not_on_drive")
    assert not (project / COMPANION_PATH).exists()


async def test_a_project_that_no_cell_was_made_for_costs_no_call(
    browser: Browser, project: Path, drive: DriveEmulator
) -> None:
    number = (await browser.link("spam", f"gdrive:{FAR}"))["project"]["id"]
    drive.write(f"{FAR}/.drive-sync/runtimes/{RUNTIME}.json", b"{}")
    await browser.ask("POST", "projects", number, "sync")
    assert (await browser.until(number, "in_sync"))["runtimes"] == []


async def test_the_golden_pulse_is_shown_as_it_is(home: Home) -> None:
    golden = json.loads((GOLDEN / "pulse-running.json").read_text())
    home.pulse()
    runtime = await home.runtime()
    assert (runtime["state"], runtime["heard"]) == ("running", golden["at"])
    assert runtime["outputs"] == {"files": 0, "bytes": 0, "here": 0, "detail": ""}
    assert runtime["problem"] is None
    own = ("state", "heard", "outputs", "problem")
    assert {name: value for name, value in runtime.items() if name not in own} == {
        name: value
        for name, value in golden.items()
        if name not in ("v", "seq", "at", "state", "logs")
    }
    home.pulse("pulse-ended.json")
    runtime = await home.runtime()
    assert (runtime["state"], runtime["end"]) == ("ended", "finished")


async def test_a_runtime_is_silent_when_its_pulse_stands_still_by_our_clock(home: Home) -> None:
    told = {"at": "2026-11-21T18:00:00Z"}  # its clock is an hour ahead of ours
    home.pulse(**told)  # every=60, so silent after three minutes
    assert (await home.runtime())["state"] == "running"
    home.clock.pass_by(170)
    assert (await home.runtime())["state"] == "running"
    home.clock.pass_by(20)
    runtime = await home.runtime()
    assert (runtime["state"], runtime["heard"]) == ("silent", "2026-11-21T17:00:00Z")
    home.pulse(seq=8, **told)
    runtime = await home.runtime()
    assert (runtime["state"], runtime["heard"]) == ("running", "2026-11-21T17:03:10Z")


async def test_a_pulse_that_cannot_be_read_is_shown_with_a_sentence(home: Home) -> None:
    home.drive.write(f"{FAR}/.drive-sync/runtimes/notes.json", b"{}")
    for content, word in ((b'{"v": 2, "seq": 1}', "another version"), (b'{"v": 1, "se', "damaged")):
        home.drive.write(f"{FAR}/.drive-sync/runtimes/{RUNTIME}.json", content)
        runtime = await home.runtime()
        assert word in runtime["problem"]
        assert runtime["runtime"] == RUNTIME


async def test_odd_fields_of_a_pulse_do_no_harm(home: Home) -> None:
    home.pulse(
        run="../../etc",
        host={"cpus": "many", "gpu": 1, "ram_total": -5},
        curve={"metric": "loss", "points": [[1, None], [2, 0.5], "x"]},
        checkpoint={"path": "a.pt", "verified": False, "metrics": {"loss": "low"}},
        pending=None,
        every="often",
        started="yesterday",
        something_new={"a": 1},
        notebook={"path": "train.ipynb"},
    )
    runtime = await home.runtime()  # held against api/openapi.yaml by the browser
    assert runtime["run"] is None
    assert runtime["curve"] == {"metric": "loss", "points": [[2, 0.5]]}
    assert runtime["checkpoint"]["verified"] is None


async def test_an_open_notebook_is_held_for_half_a_day_after_the_last_word_of_its_runtime(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    await home.browser.ask("PATCH", "projects", home.number, body={"auto_sync": True})
    home.pulse()
    await home.sync()
    later(project / "train.ipynb", '{"mine": 1}')
    (project / "model.py").write_text("w = 1\n")
    status = await home.sync()
    assert [(one["path"], one["reason"]) for one in status["held"]] == [
        ("train.ipynb", "open_in_runtime")
    ]
    assert "is open in a Colab runtime" in status["held"][0]["message"]
    assert drive.read(f"{FAR}/train.ipynb") == NOTEBOOK.encode()
    assert drive.read(f"{FAR}/model.py") == b"w = 1\n"
    home.clock.pass_by(600)
    status = await home.sync()
    assert status["runtimes"][0]["state"] == "silent"
    assert "fell silent" in status["held"][0]["message"]
    assert "12 hours" in status["held"][0]["hint"]
    assert drive.read(f"{FAR}/train.ipynb") == NOTEBOOK.encode()
    home.clock.pass_by(12 * 3600)
    await home.sync()
    await home.released()
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'


async def test_a_silent_runtime_that_is_forgotten_holds_nothing(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    await home.browser.ask("PATCH", "projects", home.number, body={"auto_sync": True})
    home.pulse()
    await home.sync()
    home.clock.pass_by(600)
    later(project / "train.ipynb", '{"mine": 1}')
    assert "fell silent" in (await home.sync())["held"][0]["message"]
    await home.browser.ask("DELETE", "projects", home.number, "runtimes", RUNTIME)
    await home.released()
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'


async def test_it_is_pushed_anyway_as_the_person_saw_it(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    home.pulse()
    later(project / "train.ipynb", '{"mine": 1}')
    assert (await home.sync())["held_total"] == 1
    known = there(drive, "train.ipynb").id
    await push(home, "train.ipynb")
    await home.released()
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'
    assert there(drive, "train.ipynb").id == known
    later(project / "train.ipynb", '{"mine": 2}', seconds=10)
    assert (await home.sync())["held_total"] == 1, "it counted for that version only"
    later(project / "train.ipynb", '{"mine": 3}', seconds=20)
    await push(home, "train.ipynb")
    await home.browser.until_true(
        home.number,
        lambda status: (
            status["held_total"] == 1 and "after you chose" in status["held"][0]["message"]
        ),
    )
    assert drive.read(f"{FAR}/train.ipynb") == b'{"mine": 1}'
    with pytest.raises(Refused) as caught:
        await push(home, "train.py")
    assert (caught.value.status, caught.value.body["code"]) == (409, "not_held")


async def push(home: Home, path: str) -> None:
    await home.browser.ask("POST", "projects", home.number, "push", body={"path": path})


async def test_a_runtime_that_is_over_is_taken_off_the_list(
    home: Home, drive: DriveEmulator
) -> None:
    async def forget(name: str) -> None:
        await home.browser.ask("DELETE", "projects", home.number, "runtimes", name)

    home.pulse()
    await home.sync()
    with pytest.raises(Refused) as caught:
        await forget(RUNTIME)
    assert caught.value.body["code"] == "runtime_running"
    home.pulse("pulse-ended.json")
    await home.sync()
    await forget(RUNTIME)
    assert (await home.browser.status(home.number))["runtimes"] == []
    assert f"{RUNTIME}.json" in {file.name for file in drive.trash_listing()}
    assert (await home.sync())["runtimes"] == []
    await forget(RUNTIME)
    with pytest.raises(Refused) as caught:
        await forget("..%2F..%2Fdrive-sync")
    assert caught.value.body["code"] == "runtime_unknown"


async def test_the_newest_ten_are_shown(home: Home) -> None:
    for number in range(12):
        home.pulse(runtime=f"{number:012x}", started=f"2026-11-21T16:{number:02}:00Z")
    home.pulse("pulse-ended.json", runtime=f"{13:012x}", started="2026-11-22T16:00:00Z")
    shown = (await home.sync())["runtimes"]
    assert [one["runtime"] for one in shown] == [f"{number:012x}" for number in range(11, 1, -1)]


async def test_a_living_runtime_is_looked_at_by_itself(home: Home) -> None:
    desk = home.keeper.colab
    desk._timing = replace(desk._timing, living=0.2)
    home.pulse()
    assert (await home.runtime())["state"] == "running"
    home.pulse(seq=8, unverified=0)
    await home.browser.until_true(
        home.number, lambda status: status["runtimes"][0]["unverified"] == 0
    )
    home.pulse("pulse-ended.json")
    status = await home.browser.until_true(
        home.number, lambda status: status["runtimes"][0]["state"] == "ended"
    )
    told = [event["revision"] for event in home.browser.events]
    assert status["revision"] in told, "a change of a runtime is an event"


async def test_a_look_that_finds_nothing_new_brings_nothing_down(
    home: Home, drive: DriveEmulator
) -> None:
    desk = home.keeper.colab
    desk._timing = replace(desk._timing, living=3600.0)  # no look but the test's own
    home.pulse(run=None)  # and no outputs that the look would make it look for
    await home.runtime()
    drive.reset_counts()
    await desk._look_if_due(now=True)
    # One for the folder, one for each part of its path, one for what is in it.
    assert drive.api_calls <= 6, drive.calls
    assert not [kind for kind in drive.calls if "media" in kind]


async def test_the_package_is_renewed_by_itself_where_there_is_one(
    home: Home, drive: DriveEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = there(drive, COMPANION_PATH).id
    monkeypatch.setattr(maker, "make_bundle", lambda _: make_bundle("99.1"))
    await home.browser.ask("PATCH", "projects", home.number, body={"auto_sync": True})
    renewed = make_bundle("99.1").content
    await until(lambda: drive.read(f"{FAR}/{COMPANION_PATH}") == renewed, 40)
    assert there(drive, COMPANION_PATH).id == known


async def test_trouble_with_a_look_leaves_all_as_it_was_and_stops_no_run(
    home: Home, project: Path, drive: DriveEmulator, jp_data_dir: Path
) -> None:
    home.pulse()
    before = await home.runtime()
    copies = jp_data_dir / "drive-sync" / "projects" / home.number / "pulses"
    shutil.rmtree(copies)
    copies.write_text("in the way")
    (project / "model.py").write_text("w = 1\n")
    status = await home.sync()
    assert status["runtimes"] == [before]
    assert status["state"]["word"] == "in_sync"
    assert drive.read(f"{FAR}/model.py") == b"w = 1\n"
