"""api/openapi.yaml is what the server does."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from jupyter_drive_sync import errors
from jupyter_drive_sync.engine.models import HoldReason, StepKind
from jupyter_drive_sync.engine.session import Phase
from jupyter_drive_sync.engine.states import ProjectAction, State
from jupyter_drive_sync.handlers import bodies
from jupyter_drive_sync.handlers.base import DriveSyncHandler
from jupyter_drive_sync.handlers.routes import ROUTES
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.ports.records import Action, Direction, Trigger
from jupyter_drive_sync.service.waiting import Why

from .conftest import Browser, Refused
from .contract import METHODS, CheckedBrowser, api, operations, resolved
from .test_projects import later


def implemented(handler: type[DriveSyncHandler]) -> set[str]:
    return {method for method in METHODS if method in vars(handler)}


def test_the_file_is_valid() -> None:
    validate(api())


def test_every_address_is_in_the_file_and_the_other_way_round() -> None:
    described = {path: set() for path in api()["paths"]}
    for path, method in operations():
        described[path].add(method)
    assert described == {path: implemented(handler) for path, handler in ROUTES.items()}


def test_every_operation_has_a_name_of_its_own_and_answers_errors_alike() -> None:
    names = [operation["operationId"] for operation in operations().values()]
    assert len(set(names)) == len(names)
    for operation in operations().values():
        assert operation["responses"]["default"] == {"$ref": "#/components/responses/Error"}


def without_words(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: without_words(value)
            for key, value in schema.items()
            if not (key == "description" and isinstance(value, str))
        }
    return schema


def test_the_bodies_that_are_checked_are_those_of_the_file() -> None:
    described = {
        operation["operationId"]: without_words(
            resolved(operation["requestBody"]["content"]["application/json"]["schema"])
        )
        for operation in operations().values()
        if "requestBody" in operation
    }
    checked = {name: value for name, value in vars(bodies).items() if name.isupper()}
    checked = {name: body for name, body in checked.items() if name[0] != "_"}
    assert checked.pop("NOTHING")["properties"] == {}
    assert {name for name, body in described.items() if body not in checked.values()} == set()
    assert {name for name, body in checked.items() if body not in described.values()} == set()


def enum(*where: str) -> set[str]:
    part: Any = resolved(api()["components"]["schemas"])
    for name in where:
        part = part[name]
    return set(part["enum"])


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        (("State", "properties", "word"), State),
        (("State", "properties", "actions", "items"), ProjectAction),
        (("Progress", "properties", "phase"), Phase),
        (("Held", "properties", "reason"), HoldReason),
        (("Waiting", "properties", "why"), Why),
        (("Step", "properties", "kind"), StepKind),
        (("RemoteKind",), RemoteKind),
        (("HistoryRow", "properties", "direction"), Direction),
        (("HistoryRow", "properties", "action"), Action),
        (("HistoryRow", "properties", "trigger"), Trigger),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else value.__name__,
)
def test_every_word_of_the_code_is_in_the_file(where: tuple[str, ...], kind: Any) -> None:
    assert {item.value for item in kind} <= enum(*where)


def test_every_error_has_a_code() -> None:
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert all(kind.code for kind in classes if issubclass(kind, errors.DriveSyncError))


@pytest.fixture
def rclone_config(tmp_path: Path) -> Path:
    config = tmp_path / "rclone.conf"
    (tmp_path / "disk" / "ml").mkdir(parents=True)
    config.write_text(f"[disk]\ntype = alias\nremote = {tmp_path / 'disk'}\n")
    config.chmod(0o600)
    return config


class TestAWholeSession:
    @pytest.fixture
    def extension_config(self, rclone_config: Path) -> dict[str, Any]:
        return {"poll_seconds": 3600.0, "quiet_seconds": 0.1, "rclone_config": str(rclone_config)}

    async def test_every_answer_is_as_described(
        self, browser: Browser, project: Path, drive_folder: Path
    ) -> None:
        checked = CheckedBrowser(browser)
        ask = browser.ask
        (drive_folder / "train.py").write_text("another one\n")
        for number in range(3):
            (project / f"file{number}.txt").write_text(f"{number}")
        await ask("GET", "version")
        await ask("GET", "projects")
        await ask("GET", "remotes")
        await ask("GET", "remotes", "disk", "folders")
        await ask("GET", "remotes", "disk", "folders", params={"path": "ml"})
        await ask("GET", "remotes", "disk", "folders", params={"search": "m"})
        await ask("POST", "remotes", "disk", "folders", body={"path": "ml/new"})
        await ask("GET", "doctor")
        await ask("GET", "folders")
        await ask("GET", "folders", params={"path": str(drive_folder.parent)})
        both = {"local": "spam", "remote": str(drive_folder)}
        await ask("POST", "projects", "preview", body=both)
        status = await browser.link("spam", drive_folder, name="Spam")
        number = status["project"]["id"]
        assert status["held"]
        await ask("GET", "projects")
        await ask("GET", "projects", number, "history")
        await ask("GET", "doctor", params={"project": number})
        await ask("PATCH", "projects", number, body={"paused": True})
        later(project / "file0.txt", "edited")
        (drive_folder / "file1.txt").unlink()
        (project / "file2.txt").rename(project / "moved.txt")
        await browser.until_true(number, lambda status: status["waiting"]["up_total"] > 0)
        plan = await ask("GET", "projects", number, "plan")
        assert {step["kind"] for step in plan["steps"]} >= {"push", "delete_local", "hold"}
        await ask("PATCH", "projects", number, body={"paused": False, "name": "Ham"})
        await ask("POST", "projects", number, "sync")
        await ask("POST", "projects", number, "cancel")
        await ask("POST", "projects", number, "sync", body={"consent": plan["hash"]})
        await browser.until(number, "conflict")
        await ask("GET", "projects", number, "held")
        versions = (await browser.status(number))["conflicts"]["versions"]
        body = {"keep": "both", "versions": versions}
        await ask("POST", "projects", number, "resolve", body=body)
        await browser.until(number, "in_sync")
        rows = await ask(
            "GET", "projects", number, "history", params={"limit": "2", "before": "1000"}
        )
        assert len(rows["rows"]) == 2
        old = await ask("GET", "projects", number, "versions", params={"path": "file0.txt"})
        body = {"path": "file0.txt", "version": old["versions"][0]["id"], "as_copy": True}
        await ask("POST", "projects", number, "restore", body=body)
        await browser.until(number, "in_sync")
        await self.errors(browser, number, both)
        await ask("DELETE", "projects", number)
        answered = {str(operation["operationId"]) for operation in operations().values()}
        # What Colab needs is on Drive only: see test_on_drive and test_colab; connecting: see
        # test_connect.
        connecting = {
            str(operation["operationId"])
            for (path, _), operation in operations().items()
            if path.startswith("/connect")
        }
        assert {name for name in checked.seen if not name.endswith("!")} == (
            answered - connecting - {"openInColab", "makeCell", "forgetRuntime", "pushAnyway"}
        )

    @staticmethod
    async def errors(browser: Browser, number: str, both: dict[str, str]) -> None:
        for method, parts, body, code in [
            ("POST", ("projects",), both, "already_linked"),
            ("POST", ("projects", "preview"), {}, "body_invalid"),
            ("PATCH", ("projects", number), {}, "body_invalid"),
            ("PATCH", ("projects", number), {"paused": "yes"}, "body_invalid"),
            ("POST", ("projects", number, "sync"), {"consent": 1}, "body_invalid"),
            ("POST", ("projects", number, "cancel"), {"all": True}, "body_invalid"),
            ("POST", ("projects", number, "colab"), {"path": "a.ipynb"}, "not_on_drive"),
            ("POST", ("projects", number, "colab", "cell"), {"path": "a.ipynb"}, "not_on_drive"),
            ("POST", ("projects", number, "push"), {"path": "a.ipynb"}, "not_held"),
            ("DELETE", ("projects", number, "runtimes", "x"), None, "runtime_unknown"),
            *(
                ("POST", ("projects", number, "resolve"), {"keep": keep, "versions": "x"}, code)
                for keep, code in (("mine", "not_held"), ("yours", "body_invalid"))
            ),
            ("GET", ("projects", number, "versions"), None, "body_invalid"),
            ("POST", ("projects", number, "restore"), {"path": "file0.txt"}, "body_invalid"),
            *(
                ("POST", ("projects", number, "restore"), {"path": path, "version": "base:0"}, code)
                for path, code in (
                    ("file0.txt", "version_gone"),
                    ("../file0.txt", "folder_outside_root"),
                    (".drive-sync/drive-sync.json", "not_restored"),
                )
            ),
            ("GET", ("remotes", "nobody", "folders"), None, "remote_unknown"),
            ("POST", ("remotes", "disk", "folders"), {"path": ""}, "body_invalid"),
            ("GET", ("projects", "no-uuid"), None, "project_unknown"),
            ("POST", ("projects", "no-uuid", "sync"), None, "project_unknown"),
        ]:
            with pytest.raises(Refused) as caught:
                await browser.ask(method, *parts, body=body)
            assert caught.value.body["code"] == code, (method, parts)
            assert caught.value.body["hint"]

    async def test_missing_folders_are_answered_as_errors(
        self, browser: Browser, tmp_path: Path
    ) -> None:
        CheckedBrowser(browser)
        for parts, path, code in [
            (("folders",), str(tmp_path / "none"), "folder_missing"),
            (("folders",), "relative", "folder_invalid"),
            (("remotes", "disk", "folders"), "none", "remote_missing"),
        ]:
            with pytest.raises(Refused) as caught:
                await browser.ask("GET", *parts, params={"path": path})
            assert caught.value.body["code"] == code

    async def test_a_method_that_is_not_allowed_is_said_in_json(self, browser: Browser) -> None:
        with pytest.raises(Refused) as caught:
            await browser.ask("PUT", "projects", body={})
        assert caught.value.status == 405
        assert caught.value.body["code"] == "http_405"
