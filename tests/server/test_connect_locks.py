"""What an administrator closes stays closed, and nobody in a browser runs programs by rclone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.programs import programs_here
from tests.drive_emulator import DriveEmulator

from .conftest import Refused
from .connecting import Flow, Person


@pytest.fixture
def locks() -> dict[str, Any]:
    """The administrator's settings."""
    return {}


@pytest.fixture
def extension_config(google: DriveEmulator, locks: dict[str, Any]) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0, **locks}


@pytest.fixture
def theirs(person: Person) -> Path:
    """rclone's own configuration, with a remote of Google Drive in it."""
    file = Path.home() / ".config" / "rclone" / "rclone.conf"
    file.parent.mkdir(parents=True)
    person.drive.write_config(file, "mine")
    return file


async def refused(awaitable: Any) -> str:
    with pytest.raises(Refused) as caught:
        await awaitable
    assert caught.value.body["hint"]
    return str(caught.value.body["code"])


async def asked_for(person: Person, flow: Flow, answers: dict[str, str]) -> set[str]:
    """Answer all questions, the advanced ones too; return their names."""
    names: set[str] = set()
    flow = await person.until(flow, "question", "done", "failed")
    while flow["step"] == "question" and len(names) < 60:
        question = flow["question"]
        if question["name"] in names:  # rclone asks some twice
            break
        names.add(question["name"])
        value = answers.get(question["name"], question["default"])
        flow = await person.until(await person.answer(flow, value), "question", "done", "failed")
    await person.cancel(flow)
    return names


@pytest.mark.parametrize(
    ("type", "needed", "programs"),
    [
        ("sftp", {"host": "127.0.0.1", "user": "me"}, {"ssh", "server_command", "md5sum_command"}),
        ("webdav", {"url": "http://127.0.0.1:9", "vendor": "other"}, {"bearer_token_command"}),
    ],
)
async def test_nobody_is_asked_which_program_to_run(
    person: Person, type: str, needed: dict[str, str], programs: set[str], tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    answers = {**needed, "config_advanced": "true"}
    answers |= dict.fromkeys(programs, f"/bin/sh -c 'touch {ran}'")
    names = await asked_for(person, await person.start(way="other", type=type), answers)
    assert "config_advanced" in names
    assert not names & programs
    assert not ran.exists()


@pytest.mark.parametrize(
    "section",
    [
        {"type": "sftp", "ssh": "/bin/sh"},
        {"type": "webdav", "bearer_token_command": "id"},
        {"type": "alias", "remote": ":sftp,ssh=/bin/sh:"},
        {"type": "crypt", "remote": "box,ssh=id:below"},
        {"type": "combine", "upstreams": 'here=gdrive: there=":sftp,ssh=id:"'},
        {"type": "union", "upstreams": "gdrive: :sftp,ssh=id:"},
        {"type": "drive", "override.metadata_mapper": "id"},
    ],
)
def test_settings_that_run_programs_here_are_known(section: dict[str, str]) -> None:
    assert programs_here(section)


@pytest.mark.parametrize(
    "section",
    [
        {"type": "sftp", "ssh": "", "md5sum_command": "md5sum", "shell_type": "unix"},
        {"type": "alias", "remote": "gdrive:a, b and c"},
        {"type": "combine", "upstreams": '"a b=gdrive:x" c=box:/srv'},
        {"type": "crypt", "remote": "/srv/secret"},
    ],
)
def test_settings_that_run_none_are_left_alone(section: dict[str, str]) -> None:
    assert not programs_here(section)


def test_settings_that_run_a_program_are_not_even_looked_at(
    person: Person, own_config: Path, jp_serverapp: Any, tmp_path: Path
) -> None:
    app = next(iter(jp_serverapp.extension_manager.extension_apps["jupyter_drive_sync"]))
    connector = app.connecting._connector
    ran = tmp_path / "ran"
    talk = connector.converse("box", "sftp", lambda _: None)
    try:
        talk.begin({"host": "127.0.0.1"}, ask_all=False)
        talk.change(ssh=f"touch {ran}")
        for look in (talk.section, talk.space, talk.can_list, talk.shared_drives):
            with pytest.raises(Exception, match="run a program: ssh"):
                look()
    finally:
        talk.close()
    assert not ran.exists()


class TestWithTheSmallerPermission:
    @pytest.fixture
    def locks(self) -> dict[str, Any]:
        return {"drive_scope": "drive.file"}

    async def test_rclones_questions_lead_around_nothing(self, person: Person) -> None:
        assert await refused(person.start(way="other", type="drive")) == "way_locked"
        found = await person.browser.ask("GET", "connect", "backends")
        types = [item["type"] for item in found["backends"]]
        assert "drive" not in types
        assert "s3" in types

    async def test_a_token_that_opens_more_is_refused(
        self, person: Person, own_config: Path
    ) -> None:
        client = {
            "client_id": person.drive.tokens.client_id,
            "client_secret": person.drive.tokens.client_secret,
        }
        flow = await person.start(way="token", client=client, token=person.drive.token())
        flow = await person.until(flow, "failed")
        assert flow["error"]["code"] == "way_locked"
        assert not own_config.exists()

    async def test_a_sign_in_page_that_was_asked_for_more_is_refused(
        self, person: Person, own_config: Path, tmp_path: Path
    ) -> None:
        text = person.client_text(tmp_path)
        flow = await person.until(await person.start(way="own_client", client_text=text), "sign_in")
        assert "auth%2Fdrive.file" in flow["auth_url"]
        more = {**flow, "auth_url": flow["auth_url"].replace("drive.file", "drive")}
        await person.go_back(person.consent(more))
        flow = await person.until(flow, "failed")
        assert flow["error"]["code"] == "way_locked"
        assert not own_config.exists()
        flow = await person.connect(text)
        assert flow["account"]["scope"] == "drive.file"


class TestWithClosedWays:
    @pytest.fixture
    def locks(self) -> dict[str, Any]:
        return {"ways": ["preset", "other"], "allowed_backends": ["drive", "webdav", "sftp"]}

    async def test_what_is_closed_cannot_be_linked_or_seen(
        self, person: Person, project: Path, theirs: Path, tmp_path: Path
    ) -> None:
        browser = person.browser
        assert (await browser.ask("GET", "remotes"))["remotes"] == []
        body = {"local": "spam", "remote": "mine:ml"}
        for asked in (
            browser.ask("POST", "projects", body=body),
            browser.ask("POST", "projects", "preview", body=body),
            browser.ask("GET", "connect", "remotes", "mine", "account"),
            browser.ask("DELETE", "connect", "remotes", "mine"),
            browser.ask("GET", "remotes", "mine", "folders"),
            person.start(remote="mine"),
        ):
            assert await refused(asked) == "remote_unknown"
        assert await refused(browser.link("spam", str(tmp_path / "x"))) == "way_locked"
        assert await refused(browser.ask("GET", "folders")) == "way_locked"
        assert await refused(person.start(way="other", type="drive")) == "way_locked"


class TestWithSomeBackends:
    @pytest.fixture
    def locks(self) -> dict[str, Any]:
        return {"plain_folders": False, "allowed_backends": ["drive", "alias", "sftp"]}

    async def test_what_stands_behind_a_remote_counts(
        self, person: Person, project: Path, theirs: Path, tmp_path: Path
    ) -> None:
        secret = tmp_path / "secret"
        secret.mkdir()
        (secret / "salaries.txt").write_text("much")
        with theirs.open("a") as config:
            config.write(f"[disk]\ntype = alias\nremote = {secret}\n")
            config.write("[far]\ntype = alias\nremote = box:x\n")
            config.write("[box]\ntype = webdav\nurl = http://127.0.0.1:9\n")
            config.write(f"[run]\ntype = sftp\nhost = a\nssh = touch {secret}/ran\n")
            config.write("[hop]\ntype = alias\nremote = run:x\n")
            config.write(f"[line]\ntype = alias\nremote = :sftp,ssh='touch {secret}/ran':\n")
        browser = person.browser
        for name in ("disk", "far", "box", "run", "hop", "line"):
            for asked in (
                browser.ask("POST", "projects", body={"local": "spam", "remote": f"{name}:y"}),
                browser.ask("GET", "remotes", name, "folders"),
                browser.ask("POST", "remotes", name, "folders", body={"path": "new"}),
                browser.ask("GET", "connect", "remotes", name, "account"),
                person.start(way="existing", remote=name),
            ):
                assert await refused(asked) == "way_locked", name
        assert [path.name for path in secret.iterdir()] == ["salaries.txt"]
        await browser.link("spam", "mine:spam")
        assert person.drive.exists("spam/train.py")


class TestWithSomeFolders:
    @pytest.fixture
    def locks(self) -> dict[str, Any]:
        return {"allowed_remotes": ["mine:teams/*/work", "mine:course", "/srv/disk/*"]}

    async def test_only_what_leads_there_is_shown(
        self, person: Person, theirs: Path, tmp_path: Path
    ) -> None:
        for path in ("teams/a/work/x", "teams/a/private/x", "course/x/y", "diary/x", "coursework"):
            person.drive.mkdir(path)
        browser = person.browser

        async def shown(path: str, search: str = "") -> list[str]:
            params = {"path": path, "search": search}
            found = await browser.ask("GET", "remotes", "mine", "folders", params=params)
            return sorted(folder["path"] for folder in found["folders"])

        assert await shown("") == ["course", "teams"]
        assert await shown("teams") == ["teams/a"]
        assert await shown("course/x") == ["course/x/y"]
        assert await shown("teams/a/work") == ["teams/a/work/x"]
        assert await shown("", "diary") == []
        for path in ("diary", "coursework"):
            assert await refused(shown(path)) == "way_locked"
        before = person.drive.tree()
        for path in ("diary/new", "new", "course/new"):
            made = browser.ask("POST", "remotes", "mine", "folders", body={"path": path})
            assert await refused(made) == "way_locked"
        assert person.drive.tree() == before
        folders = await browser.ask("GET", "folders", params={"path": "/"})
        assert {folder["path"] for folder in folders["folders"]} <= {"/srv"}
        asked = browser.ask("GET", "folders", params={"path": str(tmp_path)})
        assert await refused(asked) == "way_locked"

    async def test_a_remote_whose_name_is_not_allowed_is_not_made(
        self, person: Person, tmp_path: Path
    ) -> None:
        client = person.client_text(tmp_path)
        asked = person.start(way="own_client", client_text=client, name="another")
        assert await refused(asked) == "way_locked"


async def test_a_key_file_that_is_not_there_and_one_that_is_none_are_told_alike(
    person: Person, tmp_path: Path
) -> None:
    (tmp_path / "key-1.json").write_bytes(b"\xff")
    said = set()
    for name in ("key-1.json", "key-2.json"):
        with pytest.raises(Refused) as caught:
            await person.start(way="service_account", service_account_path=str(tmp_path / name))
        message = caught.value.body["message"] + caught.value.body["hint"]
        said.add(message.replace(name, "it"))
    assert len(said) == 1
