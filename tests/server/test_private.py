"""What is kept below Jupyter's data folder is for its owner alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Browser

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    before = os.umask(0o002)
    yield
    os.umask(before)


def open_to_others(data: Path) -> list[str]:
    """Return the folders that others may look into, and what they could read in them."""
    top = data / "drive-sync"
    folders = [top, top / "projects", *(top / "projects").iterdir()]
    places = [*folders, *(place for folder in folders[2:] for place in folder.iterdir())]
    return [str(place) for place in places if stat.S_IMODE(place.stat().st_mode) & 0o077]


async def test_a_projects_state_is_for_its_owner_alone(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    await browser.link("spam", drive_folder)
    assert open_to_others(jp_data_dir) == []


async def test_a_look_before_linking_makes_nothing_that_others_can_read(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    body = {"local": "spam", "remote": str(drive_folder)}
    await browser.ask("POST", "projects", "preview", body=body)
    assert open_to_others(jp_data_dir) == []


async def test_what_an_earlier_version_left_open_is_closed(
    browser: Browser, project: Path, drive_folder: Path, jp_data_dir: Path
) -> None:
    (jp_data_dir / "drive-sync" / "projects").mkdir(parents=True, mode=0o755)
    await browser.link("spam", drive_folder)
    assert open_to_others(jp_data_dir) == []
