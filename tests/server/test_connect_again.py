"""After connecting: a sign-in that is lost, another account, and disconnecting."""

from __future__ import annotations

import configparser
import json
from pathlib import Path
from typing import Any

import pytest

from tests.drive_emulator import DriveEmulator

from .conftest import Refused
from .connecting import Flow, Person
from .test_projects import later

FAR = "ml/spam"


@pytest.fixture
def extension_config(google: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0}


async def linked(person: Person, folder: Path) -> str:
    """Connect, link the project, and return its id."""
    flow = await person.connect(person.client_text(folder))
    assert flow["step"] == "done"
    status = await person.browser.link("spam", f"gdrive:{FAR}")
    return str(status["project"]["id"])


async def lose_sign_in(person: Person, number: str, project: Path) -> None:
    """Let Google forget the sign-in, as after 7 days in Testing, and edit meanwhile."""
    person.drive.tokens.revoke()
    later(project / "train.py", "edited while signed out\n")
    (project / "new.txt").write_text("new while signed out\n")
    person.drive.write(f"{FAR}/from-colab.txt", b"made in Colab meanwhile")
    status = await person.browser.until(number, "sign_in", seconds=40)
    assert status["state"]["actions"][0] == "sign_in"
    assert {item["path"] for item in status["waiting"]["up"]} == {"train.py", "new.txt"}


async def sign_in_again(person: Person, *steps: str) -> Flow:
    flow = await person.until(await person.start(remote="gdrive"), "sign_in")
    assert flow["again"] is True
    await person.go_back(person.consent(flow))
    return await person.until(flow, *steps)


def section(config: Path) -> dict[str, str]:
    reader = configparser.RawConfigParser()
    reader.read(config)
    return dict(reader["gdrive"])


def base_of(project: Path, number: str, data_dir: Path) -> set[str]:
    folder = data_dir / "drive-sync" / "projects" / number / "base"
    return {path.name for path in folder.rglob("*") if path.is_file()}


async def test_signing_in_again_brings_what_waited_and_keeps_the_baseline(
    person: Person, own_config: Path, project: Path, tmp_path: Path, jp_data_dir: Path
) -> None:
    number = await linked(person, tmp_path)
    base = base_of(project, number, jp_data_dir)
    history = (await person.browser.ask("GET", "projects", number, "history"))["rows"]
    await lose_sign_in(person, number, project)
    before = section(own_config)
    flow = await sign_in_again(person, "done")
    assert flow["account"]["email"]
    assert {**section(own_config), "token": before["token"]} == before
    await person.browser.until(number, "in_sync", seconds=40)
    assert person.drive.read(f"{FAR}/train.py") == b"edited while signed out\n"
    assert person.drive.read(f"{FAR}/new.txt") == b"new while signed out\n"
    assert (project / "from-colab.txt").read_text() == "made in Colab meanwhile"
    assert len(person.drive.revisions(f"{FAR}/train.py")) == 2
    rows = (await person.browser.ask("GET", "projects", number, "history"))["rows"]
    new = [row for row in rows if row["id"] > history[0]["id"]]
    # A first sync would have adopted or taken over what both sides had alike.
    assert {row["path"] for row in new} == {"train.py", "new.txt", "from-colab.txt"}
    assert base <= base_of(project, number, jp_data_dir)


async def test_another_account_is_refused_and_the_old_sign_in_stays(
    person: Person, own_config: Path, project: Path, tmp_path: Path
) -> None:
    number = await linked(person, tmp_path)
    before = own_config.read_text()
    person.drive.tokens.account = "somebody.else@example.com"
    flow = await sign_in_again(person, "failed")
    assert flow["error"]["code"] == "wrong_account"
    assert "spam" in flow["error"]["message"]
    assert own_config.read_text() == before
    person.drive.tokens.account = ""
    later(project / "train.py", "still in step\n")
    await person.browser.until_true(
        number, lambda _: person.drive.read(f"{FAR}/train.py") == b"still in step\n"
    )


async def test_another_account_with_the_same_folder_is_taken(
    person: Person, own_config: Path, project: Path, tmp_path: Path
) -> None:
    await person.connect(person.client_text(tmp_path))
    folder = person.drive.mkdir(FAR)
    own_config.write_text(own_config.read_text().rstrip() + f"\nroot_folder_id = {folder.id}\n")
    number = (await person.browser.link("spam", "gdrive:"))["project"]["id"]
    person.drive.share(FAR, "colleague@example.com")
    person.drive.tokens.account = "colleague@example.com"
    flow = await sign_in_again(person, "done")
    assert flow["account"]["email"] == "colleague@example.com"
    later(project / "train.py", "by the colleague\n")
    await person.browser.until_true(
        number, lambda _: person.drive.read(f"{FAR}/train.py") == b"by the colleague\n"
    )


async def test_disconnecting_revokes_and_deletes(
    person: Person, own_config: Path, tmp_path: Path
) -> None:
    await person.connect(person.client_text(tmp_path))
    line = next(line for line in own_config.read_text().splitlines() if line.startswith("token"))
    token = json.loads(line.partition("=")[2])["refresh_token"]
    assert person.drive.tokens.knows(token)
    answer = await person.browser.ask(
        "DELETE", "connect", "remotes", "gdrive", params={"revoke": "true"}
    )
    assert answer == {"revoked": True, "reason": None}
    assert not person.drive.tokens.knows(token)
    assert "gdrive" not in own_config.read_text()
    with pytest.raises(Refused) as caught:
        await person.browser.ask("DELETE", "connect", "remotes", "gdrive")
    assert caught.value.body["code"] == "remote_unknown"


async def test_a_remote_in_use_is_kept_unless_its_projects_may_stop(
    person: Person, own_config: Path, project: Path, tmp_path: Path
) -> None:
    number = await linked(person, tmp_path)
    with pytest.raises(Refused) as caught:
        await person.browser.ask("DELETE", "connect", "remotes", "gdrive")
    assert caught.value.body["code"] == "remote_in_use"
    assert "spam" in caught.value.body["message"]
    params = {"revoke": "true", "stop_projects": "true"}
    answer = await person.browser.ask("DELETE", "connect", "remotes", "gdrive", params=params)
    assert answer["revoked"] is True
    assert "token" not in own_config.read_text()
    await person.browser.until(number, "sign_in", seconds=40)
    later(project / "train.py", "edited meanwhile\n")
    await sign_in_again(person, "done")
    await person.browser.until(number, "in_sync", seconds=40)
    assert person.drive.read(f"{FAR}/train.py") == b"edited meanwhile\n"


async def test_disconnecting_goes_on_when_google_had_forgotten_already(
    person: Person, own_config: Path, tmp_path: Path
) -> None:
    await person.connect(person.client_text(tmp_path))
    person.drive.tokens.revoke()
    answer = await person.browser.ask(
        "DELETE", "connect", "remotes", "gdrive", params={"revoke": "true"}
    )
    assert answer["revoked"] is False
    assert answer["reason"]
    assert "gdrive" not in own_config.read_text()


async def test_a_remote_of_rclones_own_file_is_used_and_never_rewritten(
    person: Person, own_config: Path, project: Path
) -> None:
    theirs = Path.home() / ".config" / "rclone" / "rclone.conf"
    theirs.parent.mkdir(parents=True)
    person.drive.write_config(theirs, "mine")
    before = theirs.read_bytes()
    overview = await person.browser.ask("GET", "connect")
    assert [(item["name"], item["ours"]) for item in overview["remotes"]] == [("mine", False)]
    assert overview["ways"][0]["way"] == "existing"
    flow = await person.until(await person.start(way="existing", remote="mine"), "done")
    assert flow["account"]["remote"] == "mine"
    await person.browser.link("spam", "mine:spam")
    assert person.drive.exists("spam/train.py")
    with pytest.raises(Refused) as caught:
        await person.browser.ask("DELETE", "connect", "remotes", "mine")
    assert caught.value.body["code"] == "not_possible"
    assert theirs.read_bytes() == before
    assert not own_config.exists()


class TestWithAPreset:
    @pytest.fixture
    def extension_config(
        self, google: DriveEmulator, monkeypatch: pytest.MonkeyPatch
    ) -> dict[str, Any]:
        monkeypatch.setenv("JUPYTER_DRIVE_SYNC_CLIENT_ID", google.tokens.client_id)
        monkeypatch.setenv("JUPYTER_DRIVE_SYNC_CLIENT_SECRET", google.tokens.client_secret)
        return {
            "poll_seconds": 3600.0,
            "quiet_seconds": 0.2,
            "ways": ["preset", "existing"],
            "allowed_remotes": ["gdrive:course", "gdrive:course/*"],
            "allowed_backends": ["drive"],
            "drive_scope": "drive",
        }

    async def test_one_click_connects_and_what_is_locked_stays_locked(
        self, person: Person, project: Path, tmp_path: Path
    ) -> None:
        overview = await person.browser.ask("GET", "connect")
        assert [item["way"] for item in overview["ways"]] == ["preset", "existing"]
        assert overview["preset"]["kind"] == "client"
        assert overview["backends_locked"] is True
        theirs = Path.home() / ".config" / "rclone" / "rclone.conf"
        theirs.parent.mkdir(parents=True)
        person.drive.write_config(theirs, "private")
        assert (await person.browser.ask("GET", "connect"))["remotes"] == []
        flow = await person.until(await person.start(way="preset"), "sign_in")
        await person.go_back(person.consent(flow))
        flow = await person.until(flow, "done")
        assert flow["account"]["client"] == "preset"
        found = await person.browser.ask("GET", "connect", "backends")
        assert found["backends"] == []  # Drive has ways of its own, and some are closed
        text = person.client_text(tmp_path)
        for body in (
            {"way": "own_client", "client_text": text},
            {"way": "other", "type": "s3"},
            {"way": "folder"},
        ):
            with pytest.raises(Refused) as caught:
                await person.start(**body)
            assert (caught.value.status, caught.value.body["code"]) == (403, "way_locked")
        for remote in ("gdrive:private", "gdrive:coursework", str(tmp_path)):
            with pytest.raises(Refused) as caught:
                await person.browser.link("spam", remote)
            assert caught.value.body["code"] == "way_locked", remote
        await person.browser.link("spam", "gdrive:course/spam")
        assert person.drive.exists("course/spam/train.py")
