"""Notebooks that are open in Colab are known by their ids on Drive, whatever they are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.drive_emulator import DriveEmulator

from . import colab_home
from .colab_home import FAR, NOTEBOOK, RUNTIME, Home, make
from .test_projects import later

extension_config = colab_home.extension_config
home = colab_home.home
quick_kernel = colab_home.quick_kernel

OTHER = json.dumps({"cells": [], "metadata": {"other": 1}, "nbformat": 4, "nbformat_minor": 5})


def id_of(drive: DriveEmulator, path: str) -> str:
    return str(drive.find(f"{FAR}/{path}").id)


def there(drive: DriveEmulator, path: str) -> Any:
    return json.loads(drive.read(f"{FAR}/{path}"))


def opened(path: str | None, file_id: str | None) -> dict[str, str | None]:
    return {"path": path, "file_id": file_id}


def held(status: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["path"], one["reason"]) for one in status["held"]]


async def test_the_cell_names_the_file_that_the_notebook_is_on_drive(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    known = id_of(drive, "train.ipynb")
    cell = await make(home.browser, home.number)
    assert f'notebook="train.ipynb", notebook_id="{known}",' in cell["source"]
    (project / "copy.ipynb").write_text(NOTEBOOK)
    (project / "train.ipynb").rename(project / "final.ipynb")
    renamed = await make(home.browser, home.number, "final.ipynb")
    copy = await make(home.browser, home.number, "copy.ipynb")
    ids = {path: id_of(drive, path) for path in ("final.ipynb", "copy.ipynb")}
    assert known in ids.values()
    for path, made in (("final.ipynb", renamed), ("copy.ipynb", copy)):
        assert f'notebook="{path}", notebook_id="{ids[path]}",' in made["source"]


async def test_a_held_notebook_can_be_looked_at_where_it_is_open(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    known = id_of(drive, "train.ipynb")
    was = opened("train.ipynb", known)
    home.pulse(notebook=was, notebooks=[was])
    await home.sync()
    later(project / "train.ipynb", OTHER)
    assert held(await home.sync()) == [("train.ipynb", "open_in_runtime")]
    answer = await home.browser.ask(
        "POST", "projects", home.number, "colab", body={"path": "train.ipynb"}
    )
    assert answer["id"] == known
    assert there(drive, "train.ipynb") == json.loads(NOTEBOOK), "nothing was pushed for that"


async def test_a_notebook_that_was_renamed_here_stays_held_and_is_shown_as_it_is_called_now(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    known = id_of(drive, "train.ipynb")
    was = opened("train.ipynb", known)
    home.pulse(notebook=was, notebooks=[was])
    await home.sync()
    (project / "train.ipynb").rename(project / "final.ipynb")
    status = await home.sync()
    assert held(status) == []
    assert status["runtimes"][0]["notebook"] == opened("final.ipynb", known)
    assert status["runtimes"][0]["notebooks"] == [opened("final.ipynb", known)]
    assert id_of(drive, "final.ipynb") == known
    later(project / "final.ipynb", '{"mine": 1}')
    (project / "train.ipynb").write_text('{"new": 1}')
    assert held(await home.sync()) == [("final.ipynb", "open_in_runtime")]
    later(project / "train.ipynb", '{"new": 2}', seconds=10)
    assert held(await home.sync()) == [("final.ipynb", "open_in_runtime")]
    assert there(drive, "train.ipynb") == {"new": 2}
    assert there(drive, "final.ipynb") == json.loads(NOTEBOOK)
    await home.browser.ask("POST", "projects", home.number, "push", body={"path": "final.ipynb"})
    await home.released()
    assert there(drive, "final.ipynb") == {"mine": 1}
    assert id_of(drive, "final.ipynb") == known


async def test_a_notebook_that_was_renamed_on_drive_stays_held(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    known = id_of(drive, "train.ipynb")
    was = opened("train.ipynb", known)
    home.pulse(notebook=was, notebooks=[was])
    drive.rename(f"{FAR}/train.ipynb", "final.ipynb")
    status = await home.sync()
    assert status["runtimes"][0]["notebook"] == opened("final.ipynb", known)
    later(project / "final.ipynb", '{"mine": 1}')
    assert held(await home.sync()) == [("final.ipynb", "open_in_runtime")]
    assert there(drive, "final.ipynb") == json.loads(NOTEBOOK)


async def test_a_second_notebook_of_the_runtime_is_held_as_the_first(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    (project / "evaluate.ipynb").write_text(OTHER)
    await home.sync()
    both = [opened(name, id_of(drive, name)) for name in ("evaluate.ipynb", "train.ipynb")]
    home.pulse(notebook=both[0], notebooks=both)
    assert (await home.runtime())["notebooks"] == both
    later(project / "train.ipynb", '{"mine": 1}')
    later(project / "evaluate.ipynb", '{"mine": 2}')
    status = await home.sync()
    assert held(status) == [
        ("evaluate.ipynb", "open_in_runtime"),
        ("train.ipynb", "open_in_runtime"),
    ]


async def test_a_copy_is_not_taken_for_its_original(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    (project / "copy.ipynb").write_text(NOTEBOOK)
    await home.sync()
    copy = opened("copy.ipynb", id_of(drive, "copy.ipynb"))
    home.pulse(notebook=copy, notebooks=[copy])
    later(project / "train.ipynb", '{"mine": 1}')
    later(project / "copy.ipynb", '{"mine": 2}')
    assert held(await home.sync()) == [("copy.ipynb", "open_in_runtime")]
    assert there(drive, "train.ipynb") == {"mine": 1}
    elsewhere = opened(None, "1" * 33)  # a copy in another folder of Drive
    home.pulse(seq=8, notebook=elsewhere, notebooks=[elsewhere])
    assert held(await home.sync()) == []
    assert there(drive, "copy.ipynb") == {"mine": 2}


async def test_a_notebook_that_was_deleted_here_goes_when_its_runtime_is_gone(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    was = opened("train.ipynb", id_of(drive, "train.ipynb"))
    home.pulse(notebook=was, notebooks=[was])
    await home.sync()
    (project / "train.ipynb").unlink()
    status = await home.sync()
    assert held(status) == [("train.ipynb", "open_in_runtime")]
    assert "deleted or renamed here" in status["held"][0]["message"]
    assert there(drive, "train.ipynb") == json.loads(NOTEBOOK)
    await home.browser.ask("PATCH", "projects", home.number, body={"auto_sync": True})
    home.pulse("pulse-ended.json", runtime=RUNTIME)
    await home.sync()
    await home.released()
    assert not drive.exists(f"{FAR}/train.ipynb")
    assert not (project / "train.ipynb").exists()


async def test_a_choice_between_two_versions_outlasts_the_wait_for_the_runtime(
    home: Home, project: Path, drive: DriveEmulator
) -> None:
    was = opened("train.ipynb", id_of(drive, "train.ipynb"))
    home.pulse(notebook=was, notebooks=[was])
    later(project / "train.ipynb", '{"mine": 1}')
    drive.write(f"{FAR}/train.ipynb", b'{"from Colab": 1}')
    (conflict,) = (await home.sync())["held"]
    assert conflict["reason"] == "conflict"
    choice = {"path": "train.ipynb", "keep": "mine", "versions": conflict["versions"]}
    await home.browser.ask("POST", "projects", home.number, "resolve", body=choice)
    await home.browser.until_true(
        home.number, lambda status: held(status) == [("train.ipynb", "open_in_runtime")]
    )
    assert held(await home.sync()) == [("train.ipynb", "open_in_runtime")]
    assert there(drive, "train.ipynb") == {"from Colab": 1}
    home.pulse("pulse-ended.json")
    assert held(await home.sync()) == []
    assert there(drive, "train.ipynb") == {"mine": 1}
