"""Bad input: a clear message, HTTP 4xx, nothing changed on either side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from .conftest import Browser, Refused


def snapshot(*folders: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def rclone_config(tmp_path: Path) -> Path:
    config = tmp_path / "rclone.conf"
    config.write_text("[disk]\ntype = alias\nremote = /nowhere\n")
    config.chmod(0o600)
    return config


@pytest.fixture
def extension_config(rclone_config: Path) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "rclone_config": str(rclone_config)}


async def refused(browser: Browser, method: str, *parts: str, body: object = None) -> Refused:
    with pytest.raises(Refused) as caught:
        await browser.ask(method, *parts, body=body)
    answer = caught.value
    assert set(answer.body) == {"code", "message", "hint"}
    assert answer.body["message"]
    assert "Traceback" not in str(answer.body)
    return answer


@pytest.mark.parametrize(
    ("remote", "status", "code"),
    [
        ("nobody:ml/spam", 404, "remote_unknown"),
        (":local:/etc", 400, "remote_invalid"),
        (":sftp,ssh=/bin/true:", 400, "remote_invalid"),
        ("disk,remote=/etc:", 400, "remote_invalid"),
        ("--config=/etc/passwd", 400, "remote_invalid"),
        ("-v", 400, "remote_invalid"),
        ("relative/folder", 400, "remote_invalid"),
        ("", 400, "body_invalid"),
        ("disk:a/../../b", 400, "remote_invalid"),
    ],
)
async def test_a_remote_that_is_none_is_refused(
    browser: Browser, project: Path, remote: str, status: int, code: str
) -> None:
    before = snapshot(project)
    for parts in (("projects",), ("projects", "preview")):
        answer = await refused(browser, "POST", *parts, body={"local": "spam", "remote": remote})
        assert (answer.status, answer.body["code"]) == (status, code)
        assert answer.body["hint"]
    assert snapshot(project) == before


@pytest.mark.parametrize(
    ("local", "status", "code"),
    [
        ("../outside", 400, "folder_outside_root"),
        ("spam/../../outside", 400, "folder_outside_root"),
        ("link", 400, "folder_outside_root"),
        ("nowhere", 404, "folder_missing"),
        ("spam/train.py", 400, "folder_invalid"),
    ],
)
async def test_a_folder_that_cannot_be_a_project_is_refused(
    browser: Browser,
    project: Path,
    drive_folder: Path,
    tmp_path: Path,
    local: str,
    status: int,
    code: str,
) -> None:
    outside = browser.root.parent / "outside"
    outside.mkdir(exist_ok=True)
    os.symlink(outside, browser.root / "link")
    answer = await refused(
        browser, "POST", "projects", body={"local": local, "remote": str(drive_folder)}
    )
    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["hint"]
    assert snapshot(drive_folder, outside) == {}


async def test_a_folder_is_linked_once_and_never_inside_or_around_another(
    browser: Browser, project: Path, drive_folder: Path, tmp_path: Path
) -> None:
    (project / "sub").mkdir()
    (browser.root / "other").mkdir()
    await browser.link("spam", drive_folder)
    cases = [
        ("spam", tmp_path / "elsewhere", "already_linked"),
        ("spam/sub", tmp_path / "elsewhere", "folder_nested"),
        ("", tmp_path / "elsewhere", "folder_nested"),
        ("other", drive_folder, "already_linked"),
        ("other", drive_folder / "sub", "folder_nested"),
        ("other", drive_folder.parent, "folder_nested"),
        ("other", browser.root / "other", "folder_nested"),
        ("other", browser.root / "other" / "inside", "folder_nested"),
        ("other", project, "already_linked"),
    ]
    before = snapshot(browser.root, drive_folder.parent)
    for local, remote, code in cases:
        answer = await refused(
            browser, "POST", "projects", body={"local": local, "remote": str(remote)}
        )
        assert (answer.status, answer.body["code"]) == (409, code), (local, remote)
    assert snapshot(browser.root, drive_folder.parent) == before
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "body",
    [
        "no object",
        [],
        {},
        {"local": "spam"},
        {"local": 1, "remote": "/x"},
        {"local": "spam", "remote": "/x", "more": True},
        {"local": "spam", "remote": "/x", "name": ""},
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    browser: Browser, project: Path, body: object
) -> None:
    answer = await refused(browser, "POST", "projects", body=body)
    assert (answer.status, answer.body["code"]) == (400, "body_invalid")


async def test_an_unreadable_configuration_is_named(
    browser: Browser, project: Path, rclone_config: Path
) -> None:
    rclone_config.write_text("this is no configuration [")
    rclone_config.chmod(0o600)
    rclone_config.unlink()
    rclone_config.mkdir()
    answer = await refused(browser, "GET", "remotes")
    assert (answer.status, answer.body["code"]) == (400, "config_unreadable")
    answer = await refused(
        browser, "POST", "projects", body={"local": "spam", "remote": "disk:spam"}
    )
    assert (answer.status, answer.body["code"]) == (400, "config_unreadable")


async def test_what_is_not_there_is_answered_with_404(browser: Browser) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    for method, parts in [
        ("GET", (nobody,)),
        ("PATCH", (nobody,)),
        ("DELETE", (nobody,)),
        ("POST", (nobody, "sync")),
        ("POST", (nobody, "cancel")),
        ("GET", (nobody, "plan")),
        ("GET", (nobody, "history")),
    ]:
        body = {"paused": True} if method == "PATCH" else None
        answer = await refused(browser, method, "projects", *parts, body=body)
        assert (answer.status, answer.body["code"]) == (404, "project_unknown")


async def test_history_takes_whole_numbers_within_bounds(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    number = (await browser.link("spam", drive_folder))["project"]["id"]
    for name, value in [("limit", "0"), ("limit", "501"), ("limit", "x"), ("before", "-1")]:
        with pytest.raises(Refused) as caught:
            await browser.ask("GET", "projects", number, "history", params={name: value})
        assert caught.value.status == 400
        assert name in caught.value.body["message"]


async def test_a_line_of_driveignore_that_cannot_be_followed_stops_the_run_and_is_named(
    browser: Browser, project: Path, drive_folder: Path
) -> None:
    (project / ".driveignore").write_text("# fine\n*.tmp\n[[:nonsense:]]\n")
    with pytest.raises(Refused) as caught:
        await browser.ask(
            "POST", "projects", "preview", body={"local": "spam", "remote": str(drive_folder)}
        )
    assert caught.value.body["code"] == "ignore_pattern_invalid"
    assert "line 3" in caught.value.body["message"]


async def test_a_folder_that_holds_jupyters_own_data_is_refused(
    browser: Browser, drive_folder: Path, jp_data_dir: Path, project: Path
) -> None:
    answer = await refused(
        browser, "POST", "projects", body={"local": "spam", "remote": str(jp_data_dir)}
    )
    assert (answer.status, answer.body["code"]) == (400, "folder_invalid")
    assert "Jupyter's own data" in answer.body["message"]


async def test_paths_too_long_for_rclone_are_refused_when_linking(
    browser: Browser, drive_folder: Path
) -> None:
    long = "/".join(["a" * 60] * 3)
    (browser.root / long).mkdir(parents=True)
    answer = await refused(
        browser, "POST", "projects", body={"local": long, "remote": str(drive_folder)}
    )
    assert (answer.status, answer.body["code"]) == (400, "folder_invalid")
    assert "too long" in answer.body["message"]
    assert snapshot(drive_folder) == {}
