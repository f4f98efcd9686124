"""Which notebook works in a runtime: what its Jupyter server tells, then what its cell tells."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab import notebooks
from jupyter_drive_sync.companion.drive_sync_colab.guard.start import _with_known
from jupyter_drive_sync.companion.drive_sync_colab.notebooks import (
    MOST,
    ask_jupyter,
    file_of,
    merged,
    this_one,
    told,
)
from tests.colab_standin import Runtime

from . import protocol_samples as samples
from .conftest import FILES, Project, shown
from .guard_support import Runtime as GuardRuntime
from .guard_support import wait_for

TRAIN, COPY, AWAY = "1" * 33, "2" * 33, "3" * 33
ON_DRIVE = {"train.ipynb": TRAIN, "copy.ipynb": COPY, "model.py": "4" * 33}


def session(file_id: str, kernel: str = "k1") -> dict[str, object]:
    return {"path": f"fileId={file_id}", "type": "notebook", "kernel": {"id": kernel}}


def answered(*sessions: object) -> bytes:
    return json.dumps(sessions).encode()


@pytest.mark.parametrize(
    ("path", "file_id", "asked", "found"),
    [
        ("train.ipynb", TRAIN, TRAIN, ("train.ipynb", TRAIN)),
        ("train.ipynb", TRAIN, None, ("train.ipynb", TRAIN)),
        ("train.ipynb", None, None, ("train.ipynb", TRAIN)),
        ("old-name.ipynb", TRAIN, None, ("train.ipynb", TRAIN)),
        ("train.ipynb", TRAIN, COPY, ("copy.ipynb", COPY)),
        ("train.ipynb", None, COPY, ("copy.ipynb", COPY)),
        ("train.ipynb", TRAIN, AWAY, (None, AWAY)),
        ("train.ipynb", None, AWAY, (None, AWAY)),
        ("left-out.ipynb", None, AWAY, ("left-out.ipynb", AWAY)),
        ("left-out.ipynb", AWAY, AWAY, ("left-out.ipynb", AWAY)),
        ("left-out.ipynb", None, None, ("left-out.ipynb", None)),
        (None, None, COPY, ("copy.ipynb", COPY)),
        (None, None, None, None),
    ],
)
def test_a_notebook_is_the_file_that_the_runtime_tells_else_the_one_of_its_cell(
    path, file_id, asked, found
):
    here = this_one(path, file_id, ON_DRIVE, asked)
    assert here == (found and {"path": found[0], "file_id": found[1]})


def test_what_a_cell_tells_is_taken_for_what_it_is():
    assert told("a.ipynb", TRAIN) == ("a.ipynb", TRAIN)
    assert told({"path": "a.ipynb", "file_id": TRAIN}, None) == ("a.ipynb", TRAIN)
    assert told({"path": "a.ipynb"}, TRAIN) == ("a.ipynb", TRAIN)
    for odd in (None, 3, "", ["x"], "x y", "../../etc", "1" * 500, "ü" * 12):
        assert told("a.ipynb", odd) == ("a.ipynb", None)
    assert told(3, None) == (None, None)
    assert told("x" * 5000, None) == (None, None)


def test_the_session_of_this_kernel_names_its_file():
    both = answered(session(TRAIN, "k1"), session(COPY, "k2"))
    assert file_of(both, "k2") == COPY
    assert file_of(both, None) is None, "there is no telling which of the two"
    assert file_of(both, "k3") is None
    assert file_of(answered(session(COPY)), None) == COPY
    assert file_of(answered({"path": f"/fileId%3D{TRAIN}", "kernel": {"id": "k1"}}), "k1") == TRAIN


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"{}",
        b"[]",
        b"[1]",
        b"[" * 100_000,
        answered({"path": "fileId=https%3A//github.com/a/b.ipynb", "kernel": {"id": "k1"}}),
        answered({"path": "work/a.ipynb", "kernel": {"id": "k1"}}),
        answered({"path": f"fileId={TRAIN}&x=1", "kernel": {"id": "k1"}}),
        answered(session(TRAIN), session(COPY)),
    ],
)
def test_an_answer_that_is_not_as_expected_tells_nothing(answer):
    assert file_of(answer, "k1") is None


@settings(max_examples=30)
@given(st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_whatever_is_answered_does_no_harm(answer):
    assert file_of(json.dumps(answer).encode(), "k1") is None


class _Slow(ThreadingHTTPServer):
    daemon_threads = True
    ended = Event()


class _Drip(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        while not _Slow.ended.wait(0.1):
            self.wfile.write(b"H")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def slow_server() -> Iterator[int]:
    server = _Slow(("127.0.0.1", 0), _Drip)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_address[1]
    _Slow.ended.set()
    server.shutdown()
    server.server_close()


def test_a_jupyter_server_that_never_finishes_its_answer_is_not_waited_for(
    slow_server, monkeypatch
):
    monkeypatch.setattr(notebooks, "PATIENCE", 0.3)
    monkeypatch.setenv("COLAB_JUPYTER_IP", "127.0.0.1")
    monkeypatch.setenv("KMP_TARGET_PORT", str(slow_server))
    began = time.monotonic()
    assert ask_jupyter() is None
    assert time.monotonic() - began < 2


def test_where_there_is_no_jupyter_server_nothing_is_told(monkeypatch):
    monkeypatch.delenv("COLAB_JUPYTER_IP", raising=False)
    assert ask_jupyter() is None
    monkeypatch.setenv("COLAB_JUPYTER_IP", "127.0.0.1")
    for port in ("9", "none", "99999"):
        monkeypatch.setenv("KMP_TARGET_PORT", port)
        assert ask_jupyter() is None


def test_each_notebook_is_remembered_once_and_the_latest_comes_first():
    a, b = {"path": "a.ipynb", "file_id": TRAIN}, {"path": "b.ipynb", "file_id": None}
    renamed = {"path": "c.ipynb", "file_id": TRAIN}
    assert merged(b, [a]) == [b, a]
    assert merged(renamed, [b, a]) == [renamed, b]
    assert merged(None, [a, "x", None, {}, {"path": 3}, a]) == [a]
    many = [{"path": f"{number}.ipynb", "file_id": None} for number in range(50)]
    assert merged(a, many) == [a, *many[: MOST - 1]]


def test_the_notebooks_of_one_machine_outlast_its_settings(runtime: GuardRuntime):
    folder = runtime.folder
    folder.make()
    first = runtime.settings(notebook=samples.SETTINGS.notebook)
    folder.settings.write_text(first.as_json())  # as an older companion wrote it
    second = {"path": "b.ipynb", "file_id": COPY}
    settings = _with_known(runtime.settings(notebook=second, notebooks=[second]), folder)
    assert settings.notebook == second
    assert settings.notebooks == [second, samples.SETTINGS.notebook]
    folder.settings.write_text(settings.as_json())
    other = _with_known(runtime.settings(runtime="f" * 12), folder)
    assert other.notebooks == []


# --- in a whole machine -----------------------------------------------------------------------


def settings_of(vm: Runtime) -> dict[str, object]:
    return json.loads((vm.content / ".drive-sync/guard/settings.json").read_text())


def opened(project: Project, *names: str) -> list[dict[str, str]]:
    return [{"path": name, "file_id": project.drive.find(f"ml/spam/{name}").id} for name in names]


def test_two_notebooks_of_one_machine_are_both_in_its_pulse(vm: Runtime, project: Project):
    project.write("copy.ipynb", FILES["train.ipynb"])
    train, copy = opened(project, "train.ipynb", "copy.ipynb")
    second = vm.another_kernel()
    vm.open_notebook(train["file_id"])
    vm.open_notebook(copy["file_id"], second)
    cell = f"notebook='train.ipynb', notebook_id={train['file_id']!r}"

    shown(project.connect(vm, cell))
    assert settings_of(vm)["notebooks"] == [train]
    code = f"import drive_sync_colab as ds\nds.connect({project.id!r}, {cell})"  # the same cell
    shown(second.send(code).wait(90))
    assert settings_of(vm)["notebook"] == copy
    assert settings_of(vm)["notebooks"] == [copy, train]

    vm.restart_kernel()
    shown(project.connect(vm, cell))
    assert settings_of(vm)["notebook"] == train
    assert settings_of(vm)["notebooks"] == [train, copy]
    runtime = json.loads((vm.content / ".drive-sync/runtime.json").read_text())["runtime"]
    pulse = f".drive-sync/runtimes/{runtime}.json"

    def both() -> bool:
        there = project.drive.exists(f"ml/spam/{pulse}")
        return there and len(json.loads(project.read(pulse))["notebooks"]) == 2

    wait_for(both)


def test_where_the_machine_does_not_tell_the_cell_and_the_project_do(vm: Runtime, project: Project):
    (train,) = opened(project, "train.ipynb")
    shown(project.connect(vm, "notebook='train.ipynb'"))  # as older cells have it
    assert settings_of(vm)["notebooks"] == [train]
    shown(project.connect(vm, f"notebook='old-name.ipynb', notebook_id={train['file_id']!r}"))
    assert settings_of(vm)["notebooks"] == [train]
    text = shown(project.connect(vm, "notebook=['odd'], notebook_id=3"))
    assert "✗" not in text
    assert settings_of(vm)["notebooks"] == [train]
