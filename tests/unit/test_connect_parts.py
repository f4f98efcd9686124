"""The parts of connecting that need nobody: names, questions, files, addresses, tokens."""

from __future__ import annotations

import base64
import json
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.connections import Configs
from jupyter_drive_sync.errors import (
    AddressInvalid,
    AddressOfAnotherSignIn,
    ConfigUnreadable,
    NameInvalid,
    RemoteUnknown,
    TokenInvalid,
    WayLocked,
)
from jupyter_drive_sync.ports.connecting import Choice, Question, QuestionType
from jupyter_drive_sync.ports.projects import Remote, RemoteKind
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.config_text import Sections
from jupyter_drive_sync.rclone.questions import check_name, free_name, problem_with
from jupyter_drive_sync.rclone.sections import change_sections
from jupyter_drive_sync.rclone.signin import check_address
from jupyter_drive_sync.service.connect_run import folder_id
from jupyter_drive_sync.service.pasted import read_token

ADDRESS = "http://127.0.0.1:53682/?state=abc&code=4%2F0A&scope=x"


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_an_address_of_this_sign_in_or_refused(text: str) -> None:
    for given_text in (text, f"http://127.0.0.1:53682/?{text}", f"http://{text}"):
        with pytest.raises(AddressInvalid):
            check_address(given_text, "abc")


def test_only_the_listeners_own_address_with_the_right_state_passes() -> None:
    assert check_address(ADDRESS, "abc") == ADDRESS.partition("?")[2]
    assert check_address(ADDRESS.replace("127.0.0.1", "localhost"), "abc")
    assert check_address(f" {ADDRESS} \n", "abc")
    for wrong in (
        ADDRESS.replace("http:", "https:"),
        ADDRESS.replace("127.0.0.1", "127.0.0.1@evil.example"),
        ADDRESS.replace("/?", "/etc?"),
        ADDRESS.replace("127.0.0.1:53682", "127.0.0.1"),
    ):
        with pytest.raises(AddressInvalid):
            check_address(wrong, "abc")
    with pytest.raises(AddressOfAnotherSignIn):
        check_address(ADDRESS, "abd")
    with pytest.raises(AddressOfAnotherSignIn):
        check_address(f"{ADDRESS}&state=abd", "abc")


@pytest.mark.parametrize("name", ["gdrive", "my drive", "Größe", "a+b@c.d-e_f", "2"])
def test_a_name_that_rclone_takes_passes(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", " a", "a ", "-a", "a:b", "a/b", "a,b", "a\nb", "[a]", "a=b"])
def test_a_name_that_rclone_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(NameInvalid):
        check_name(name)


def test_a_free_name_gets_a_number() -> None:
    assert free_name("gdrive", []) == "gdrive"
    assert free_name("gdrive", ["GDrive", "gdrive2"]) == "gdrive3"


def asked(kind: QuestionType, *, required: bool = False, exclusive: bool = False) -> Question:
    choices = (Choice("a", "A"), Choice("b", "B")) if exclusive else ()
    return Question("q", "Q", "", kind, required=required, exclusive=exclusive, choices=choices)


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        (asked(QuestionType.STRING, required=True), "x", " "),
        (asked(QuestionType.INT), "22", "22.5"),
        (asked(QuestionType.BOOL), "true", "yes"),
        (asked(QuestionType.CHOICE, exclusive=True), "a", "c"),
        (asked(QuestionType.STRING), "", "a\nb"),
        (asked(QuestionType.TEXT, required=True), "a\nb", ""),
    ],
)
def test_an_answer_that_does_not_fit_is_told(question: Question, good: str, bad: str) -> None:
    assert problem_with(question, good) is None
    assert problem_with(question, bad)


@pytest.mark.parametrize(
    "text",
    [
        "1AbC",
        " 1AbC ",
        "https://drive.google.com/drive/folders/1AbC",
        "https://drive.google.com/drive/u/1/folders/1AbC?usp=sharing#x",
        "https://drive.google.com/open?id=1AbC&authuser=0",
    ],
)
def test_the_id_of_a_folder_is_found_in_its_address(text: str) -> None:
    assert folder_id(text) == "1AbC"


@given(st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()))
def test_whatever_is_pasted_as_a_token_is_one_or_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(TokenInvalid) as caught:
        read_token(text)
    assert caught.value.__cause__ is None
    assert len(text) < 8 or text not in caught.value.message + caught.value.hint


def test_a_token_is_renewed_at_once() -> None:
    token = json.dumps(
        {"access_token": "a", "refresh_token": "r", "expiry": "2099-01-01T00:00:00Z"}
    )
    assert json.loads(read_token(token))["expiry"].startswith("2000")


def change(config: Path, edit: Callable[[Sections], object]) -> None:
    """Change a configuration with the lock elsewhere."""

    def of(found: Sections) -> None:
        edit(found)

    change_sections(find_rclone(), config, of, locks=config.parent.parent / "ours")


class TestTheConfiguration:
    def test_a_change_keeps_everything_else_and_the_permissions(self, tmp_path: Path) -> None:
        config = tmp_path / "data" / "rclone.conf"
        change(config, lambda s: s.update(a={"type": "memory", "x": "1 # ; = 2"}))
        config.write_text("# mine\n" + config.read_text())
        change(config, lambda s: s.update(b={"type": "alias", "remote": "a:"}))
        change(config, lambda s: s.pop("b"))
        assert config.read_text() == "# mine\n[a]\ntype = memory\nx = 1 # ; = 2\n\n"
        assert stat.S_IMODE(config.stat().st_mode) == 0o600

    @pytest.mark.parametrize("value", ["two\nlines", "a\n[evil]\ntype = local"])
    def test_a_value_that_would_not_come_out_as_it_went_in_is_refused(
        self, tmp_path: Path, value: str
    ) -> None:
        config = tmp_path / "theirs" / "rclone.conf"
        with pytest.raises(ConfigUnreadable):
            change(config, lambda s: s.update(a={"type": value}))
        assert not config.exists()

    def test_changes_at_once_are_all_there(self, tmp_path: Path) -> None:
        config, rclone = tmp_path / "theirs" / "rclone.conf", find_rclone()

        def add(number: int) -> None:
            change(config, lambda s: s.update({f"r{number}": {"type": "memory"}}))

        threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        remotes = Configs(tmp_path, str(config)).remotes(rclone)
        assert sorted(remote.name for remote in remotes) == [f"r{number}" for number in range(6)]

    def test_both_files_are_known_and_our_own_comes_first(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        for name in ("XDG_CONFIG_HOME", "APPDATA"):
            monkeypatch.delenv(name, raising=False)
        theirs = tmp_path / ".config" / "rclone" / "rclone.conf"
        theirs.parent.mkdir(parents=True)
        theirs.write_text("[both]\ntype = memory\n[theirs]\ntype = memory\n")
        configs, rclone = Configs(tmp_path), find_rclone()
        configs.own.write_text("[both]\ntype = memory\n[ours]\ntype = memory\n")
        assert configs.parse(rclone, "both:a").config == configs.own
        assert configs.parse(rclone, "ours:a").config == configs.own
        assert configs.parse(rclone, "theirs:a").config == theirs
        ours = {remote.name: remote.ours for remote in configs.remotes(rclone)}
        assert ours == {"both": True, "ours": True, "theirs": False}
        with pytest.raises(RemoteUnknown):
            configs.parse(rclone, "none:a")
        named = Configs(tmp_path, str(theirs))
        assert [remote.ours for remote in named.remotes(rclone)] == [False, False]

    def test_patterns_keep_people_to_some_folders(self, tmp_path: Path) -> None:
        configs = Configs(tmp_path, allowed=("gdrive:course", "gdrive:course/*", "/srv/disk/*"))

        def allows(kind: RemoteKind, name: str, path: str) -> bool:
            try:
                configs.check_allowed(Remote(kind, name, path))
            except WayLocked:
                return False
            return True

        assert allows(RemoteKind.DRIVE, "gdrive", "course/a/b")
        assert allows(RemoteKind.FOLDER, "", "/srv/disk/me")
        assert not allows(RemoteKind.DRIVE, "gdrive", "courses")
        assert not allows(RemoteKind.DRIVE, "gdrive", "")
        assert not allows(RemoteKind.DRIVE, "other", "course")
        assert not allows(RemoteKind.FOLDER, "", "/srv/diskette")
        assert configs.allows_some_of("gdrive")
        assert not configs.allows_some_of("other")
