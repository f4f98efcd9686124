"""What rclone asks while a storage is connected, and what of it is never shown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.ports.connecting import Question
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.conversation import RcloneConversation
from jupyter_drive_sync.rclone.process import Runner
from jupyter_drive_sync.rclone.questions import read_question
from jupyter_drive_sync.rclone.secret_options import credentials

Talk = Callable[[str], RcloneConversation]

SHOWN_THOUGH_SENSITIVE = {"account", "host", "user", "client_id", "team_drive", "root_folder_id"}


@pytest.fixture(scope="module")
def providers() -> dict[str, list[dict[str, Any]]]:
    """All settings of all backends, as this rclone describes them."""
    found = json.loads(Runner(find_rclone(), None).run(["config", "providers"]).stdout)
    return {str(item["Name"]): list(item["Options"]) for item in found}


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    """Start conversations about a remote of some type."""
    begun: list[RcloneConversation] = []

    def start(type: str) -> RcloneConversation:
        folder = tmp_path / str(len(begun))
        folder.mkdir(mode=0o700)
        begun.append(RcloneConversation(find_rclone(), folder, "box", type, lambda _: None))
        return begun[-1]

    yield start
    for one in begun:
        one.close()


def answers(talk: RcloneConversation, question: Question | None, **given: str) -> list[Question]:
    """Answer by name, else with the default, to the end; return what was asked."""
    asked: list[Question] = []
    while question is not None:
        asked.append(question)
        assert len(asked) < 120, "the questions come round and round"
        question = talk.answer(given.get(question.name, question.default))
    return asked


@pytest.mark.parametrize(
    ("backend", "names"),
    [
        ("azureblob", "key sas_url connection_string client_secret password"),
        ("azurefiles", "key sas_url connection_string"),
        ("b2", "key sse_customer_key sse_customer_key_base64"),
        ("drive", "client_secret token service_account_credentials resource_key"),
        ("filen", "private_key master_keys"),
        ("ftp", "pass socks_proxy http_proxy"),
        ("iclouddrive", "cookies"),
        ("imagekit", "private_key"),
        ("internxt", "mnemonic"),
        ("mega", "master_key session_id"),
        ("s3", "secret_access_key session_token sse_customer_key sse_customer_key_base64"),
        ("sftp", "pass key_pem key_file_pass http_proxy"),
        ("storj", "access_grant"),
        ("swift", "key auth_token"),
        ("webdav", "pass bearer_token headers"),
    ],
)
def test_a_backends_keys_are_secret_and_signing_out_takes_them(
    providers: dict[str, list[dict[str, Any]]], backend: str, names: str
) -> None:
    options = {option["Name"]: option for option in providers[backend]}
    for name in names.split():
        question = read_question({**options[name], "DefaultStr": "known"})
        assert (question.secret, question.default) == (True, ""), name
        assert name in credentials(options.values()) or name == "resource_key"


def test_whatever_rclone_calls_sensitive_is_never_shown_when_signing_in_again(
    providers: dict[str, list[dict[str, Any]]],
) -> None:
    for backend, options in providers.items():
        for option in options:
            if option["Sensitive"] or option["IsPassword"]:
                question = read_question({**option, "DefaultStr": "known"}, kept=True)
                assert question.default == "", (backend, option["Name"])
                assert not question.required
            if option["IsPassword"]:
                assert read_question(option).secret, (backend, option["Name"])


def test_who_and_where_is_typed_in_the_open(
    providers: dict[str, list[dict[str, Any]]],
) -> None:
    for options in providers.values():
        for option in options:
            if option["Name"] in SHOWN_THOUGH_SENSITIVE and not option["IsPassword"]:
                assert not read_question(option).secret


def test_no_masked_question_hides_a_default_of_rclones_own(
    providers: dict[str, list[dict[str, Any]]],
) -> None:
    for backend, options in providers.items():
        for option in options:
            if read_question(option).secret:
                assert option["DefaultStr"] in ("", "0", "off", "[]"), (backend, option["Name"])


def test_what_is_not_typed_again_stays_as_it_was_and_is_not_shown(talk: Talk) -> None:
    known = {"type": "azureblob", "account": "acc", "key": "S0VZ", "sas_url": "https://x?sig=s"}
    one = talk("azureblob")
    asked = answers(one, one.begin(known, ask_all=True), sas_url="https://y?sig=t")
    assert {"key", "sas_url"} <= {question.name for question in asked}
    shown = " ".join(question.default for question in asked)
    assert "S0VZ" not in shown and "sig=" not in shown and "acc" not in shown.split()
    assert one.section() == {**known, "sas_url": "https://y?sig=t"}


def test_a_needed_field_that_has_a_value_may_stay_as_it_is(talk: Talk) -> None:
    one = talk("sftp")
    question = one.begin({"host": "h.example", "user": "me"}, ask_all=True)
    assert question is not None
    asked = answers(one, question)
    assert "h.example" not in [item.default for item in asked]
    assert one.section()["host"] == "h.example"


def test_the_advanced_questions_are_offered_and_asked_once(talk: Talk) -> None:
    one = talk("webdav")
    first = one.begin({}, ask_all=True)
    asked = answers(one, first, url="http://127.0.0.1:9", config_advanced="true")
    names = [question.name for question in asked]
    assert names.count("config_advanced") == names.count("auth_redirect") == 1
    assert names.index("config_advanced") < names.index("auth_redirect")
    assert [question.position for question in asked] == list(range(len(asked)))
