"""The parts of the Drive emulator that are spoken to directly: feed, sign-in, controls."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.errors import ApiError
from tests.drive_emulator.model import from_rfc3339, to_rfc3339
from tests.drive_emulator.people import People
from tests.drive_emulator.query import compile_query, parse
from tests.drive_emulator.resource import parse_fields, prune
from tests.drive_emulator.state import DriveState

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def api(drive_emulator: DriveEmulator) -> Iterator[httpx.Client]:
    """A signed-in client of Drive API v3, by plain HTTP."""
    headers = {"Authorization": f"Bearer {drive_emulator.tokens.new_access()}"}
    base = f"{drive_emulator.url}/drive/v3"
    with httpx.Client(base_url=base, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def controls(drive_emulator: DriveEmulator) -> Iterator[httpx.Client]:
    """A client of the control endpoints."""
    with httpx.Client(base_url=f"{drive_emulator.url}/emulator", trust_env=False) as client:
        yield client


def get(api: httpx.Client, path: str, **query: str) -> Any:
    """Ask and demand success."""
    answer = api.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


# The feed of changes


def changes(api: httpx.Client, token: str) -> tuple[dict[str, Any], str]:
    fields = "changes(fileId,removed,file(id,name,trashed,parents)),nextPageToken,newStartPageToken"
    answer = get(api, "/changes", pageToken=token, pageSize="1000", fields=fields)
    return {one["fileId"]: one for one in answer["changes"]}, answer["newStartPageToken"]


def test_the_feed_tells_of_new_edited_moved_trashed_and_removed_files(
    drive_emulator: DriveEmulator, api: httpx.Client
) -> None:
    drive = drive_emulator
    edited, moved = drive.write("edited", b"1"), drive.write("moved", b"1")
    trashed, removed = drive.write("trashed", b"1"), drive.write("removed", b"1")
    token = get(api, "/changes/startPageToken")["startPageToken"]
    assert changes(api, token) == ({}, token)

    new = drive.write("new", b"1")
    drive.write("edited", b"2")
    drive.write("edited", b"3")
    folder = drive.mkdir("folder")
    drive.move("moved", "folder")
    drive.trash("trashed")
    drive.delete("removed")
    seen, later = changes(api, token)
    assert set(seen) == {new.id, edited.id, folder.id, moved.id, trashed.id, removed.id}
    assert seen[moved.id]["file"]["parents"] == [folder.id]
    assert seen[trashed.id]["file"]["trashed"] is True
    assert seen[removed.id] == {"fileId": removed.id, "removed": True}
    assert changes(api, later) == ({}, later)


def test_the_feed_comes_in_pages(drive_emulator: DriveEmulator, api: httpx.Client) -> None:
    token = get(api, "/changes/startPageToken")["startPageToken"]
    drive_emulator.seed({str(number): b"" for number in range(25)})
    seen: list[str] = []
    while True:
        page = get(api, "/changes", pageToken=token, pageSize="10")
        seen += [change["file"]["name"] for change in page["changes"]]
        if "newStartPageToken" in page:
            break
        token = page["nextPageToken"]
    assert seen == [str(number) for number in range(25)]
    assert drive_emulator.calls["changes.list"] == 3
    assert api.get("/changes", params={"pageToken": "9999"}).status_code == 400


def test_old_revisions_can_be_read(drive_emulator: DriveEmulator, api: httpx.Client) -> None:
    file = drive_emulator.write("a", b"one")
    drive_emulator.write("a", b"two")
    listed = get(api, f"/files/{file.id}/revisions", fields="revisions(id,size,md5Checksum)")
    first = listed["revisions"][0]
    assert first["md5Checksum"] == hashlib.md5(b"one").hexdigest()
    old = api.get(f"/files/{file.id}/revisions/{first['id']}", params={"alt": "media"})
    assert old.content == b"one"
    head = get(api, f"/files/{file.id}", fields="headRevisionId")
    assert head == {"headRevisionId": listed["revisions"][1]["id"]}


def test_only_the_newest_hundred_revisions_are_kept(drive_emulator: DriveEmulator) -> None:
    for number in range(110):
        drive_emulator.write("a", b"%d" % number)
    kept = [revision.content for revision in drive_emulator.revisions("a")]
    assert kept == [b"%d" % number for number in range(10, 110)]


# Refusals


def test_what_makes_no_sense_is_refused_as_google_refuses_it(
    drive_emulator: DriveEmulator, api: httpx.Client
) -> None:
    file = drive_emulator.write("a", b"1")
    folder = drive_emulator.mkdir("f/inner")
    cases: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("GET", "/files/nothing", {}, 404, "notFound"),
        ("GET", "/files", {"params": {"q": "name = "}}, 400, "invalid"),
        ("GET", "/files", {"params": {"pageSize": "1001"}}, 400, "invalid"),
        ("GET", "/files", {"params": {"pageToken": "made up"}}, 400, "invalid"),
        ("GET", "/files", {"params": {"q": "'nothing' in parents"}}, 404, "notFound"),
        ("GET", "/about", {}, 400, "required"),
        ("GET", f"/files/{folder.id}", {"params": {"alt": "media"}}, 403, "fileNotDownloadable"),
        ("PATCH", f"/files/{file.id}", {"json": {"parents": ["x"]}}, 403, "fieldNotWritable"),
        ("PATCH", f"/files/{file.id}", {"json": {"modifiedTime": "soon"}}, 400, "invalid"),
        ("PATCH", f"/files/{file.id}", {"params": {"addParents": folder.id}}, 403,
         "cannotAddParent"),
        ("POST", f"/files/{folder.id}/copy", {}, 403, "cannotCopyFile"),
        ("POST", "/files", {"content": b"[1]"}, 400, "parseError"),
        ("GET", "/nonsense", {}, 404, "notFound"),
    ]  # fmt: skip
    for method, path, more, status, reason in cases:
        answer = api.request(method, path, **more)
        told = answer.json()["error"]["errors"][0]["reason"]
        assert (path, answer.status_code, told) == (path, status, reason)
    assert api.get("/files", headers={"Authorization": "Bearer none"}).status_code == 401
    assert drive_emulator.tree() == {"a": b"1"}


def test_ranges_are_served_as_asked(drive_emulator: DriveEmulator, api: httpx.Client) -> None:
    file = drive_emulator.write("a", b"0123456789")
    cases = {"bytes=2-4": b"234", "bytes=7-": b"789", "bytes=-2": b"89", "bytes=8-99": b"89"}
    for wanted, content in cases.items():
        query = {"alt": "media"}
        answer = api.get(f"/files/{file.id}", params=query, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, content)
    past = api.get(f"/files/{file.id}", params={"alt": "media"}, headers={"Range": "bytes=10-"})
    assert (past.status_code, past.headers["Content-Range"]) == (416, "bytes */10")


# The language of searches, and the fields of answers


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name = 'it\\'s'", {"it's"}),
        ("name contains 'NOTE'", {"note.ipynb"}),
        ("mimeType = 'application/vnd.google-apps.folder'", {"f", "gone"}),
        ("mimeType != 'application/vnd.google-apps.folder' and trashed = false",
         {"note.ipynb", "it's", "inner"}),
        ("trashed = true", {"gone", "lost"}),
        ("not trashed=true and 'root' in parents", {"note.ipynb", "it's", "f"}),
        ("(name='inner' or name='lost') and trashed=false", {"inner"}),
        ("name='inner' or name='lost' and trashed=false", {"inner"}),
        ("modifiedTime > '2001-09-09T01:46:40' and modifiedTime <= '2001-09-09T01:46:42Z'",
         {"it's"}),
    ],
)  # fmt: skip
def test_searches_find_what_they_say(query: str, expected: set[str]) -> None:
    people = People(DriveState())
    people.write("note.ipynb", b"", 1_000_000_000)
    people.write("it's", b"", 1_000_000_001)
    people.write("f/inner", b"")
    people.write("gone/lost", b"")
    people.trash("gone")
    check = compile_query(parse(query), people.state)
    assert {file.name for file in people.state.files() if check(file)} == expected


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_name_can_be_searched_for(name: str) -> None:
    people = People(DriveState())
    wanted = people.state.create(name, "text/plain")
    people.state.create(name + "x", "text/plain")
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    check = compile_query(parse(f"name='{escaped}'"), people.state)
    assert [file.id for file in people.state.files() if check(file)] == [wanted.id]


@settings(deadline=None)
@given(st.text(alphabet="()'=<>! abornti\\,", max_size=20))
def test_a_search_that_makes_no_sense_is_refused_and_nothing_else(text: str) -> None:
    try:
        compile_query(parse(text), DriveState())
    except ApiError as refusal:
        assert refusal.status == 400


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_times_survive_the_wire(milliseconds: int) -> None:
    assert from_rfc3339(to_rfc3339(milliseconds)) == milliseconds
    finer = to_rfc3339(milliseconds).replace("Z", "999999Z")
    assert from_rfc3339(finer) == milliseconds


def test_fields_cut_an_answer_down() -> None:
    value = {"a": 1, "b": {"c": 2, "d": 3}, "e": [{"f": 4, "g": 5}]}
    assert prune(value, parse_fields("a")) == {"a": 1}
    assert prune(value, parse_fields("b/c,e(g)")) == {"b": {"c": 2}, "e": [{"g": 5}]}
    assert prune(value, parse_fields("*")) == value
    for nonsense in ("a(", "a)", "a,,b", ""):
        with pytest.raises(ApiError):
            parse_fields(nonsense)


# Signing in


def test_a_person_signs_in_with_a_code_that_works_once(drive_emulator: DriveEmulator) -> None:
    tokens, url = drive_emulator.tokens, drive_emulator.url
    verifier = "a-long-enough-secret-of-the-client"
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": tokens.client_id,
        "redirect_uri": "http://127.0.0.1:53682/",
        "state": "xyz",
        "response_type": "code",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
    }
    with httpx.Client(trust_env=False) as client:
        page = client.get(f"{url}/o/oauth2/auth", params=asked)
        assert page.status_code == 302
        back = dict(parse_qsl(urlsplit(page.headers["Location"]).query))
        assert back["state"] == "xyz"
        form = {
            "grant_type": "authorization_code",
            "code": back["code"],
            "redirect_uri": asked["redirect_uri"],
            "client_id": tokens.client_id,
            "client_secret": tokens.client_secret,
            "code_verifier": verifier,
        }
        token = client.post(f"{url}/token", data=form).json()
        assert tokens.is_good(f"Bearer {token['access_token']}")
        again = client.post(f"{url}/token", data=form)
        assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
        refresh = {**form, "grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        assert client.post(f"{url}/token", data=refresh).status_code == 200
        tokens.revoke()
        assert client.post(f"{url}/token", data=refresh).json()["error"] == "invalid_grant"
        tokens.consent = False
        page = client.get(f"{url}/o/oauth2/auth", params=asked)
        assert "error=access_denied" in page.headers["Location"]


# The control endpoints


def test_another_process_can_work_on_the_drive(
    drive_emulator: DriveEmulator, controls: httpx.Client
) -> None:
    written = controls.post("/write", params={"path": "p/a.txt", "mtime": "5"}, content=b"one")
    assert written.json()["id"] == drive_emulator.find("p/a.txt").id
    assert written.json()["modifiedTime"] == "1970-01-01T00:00:05.000Z"
    controls.post("/write", params={"path": "p/a.txt"}, content=b"two")
    assert controls.get("/read", params={"path": "p/a.txt"}).content == b"two"
    assert len(controls.get("/revisions", params={"path": "p/a.txt"}).json()) == 2
    controls.post("/rename", params={"path": "p/a.txt", "name": "b.txt"})
    controls.post("/mkdir", params={"path": "q"})
    controls.post("/move", params={"path": "p/b.txt", "to": "q"})
    assert set(controls.get("/tree").json()) == {"p", "q", "q/b.txt"}
    trashed = controls.post("/trash", params={"path": "q/b.txt"}).json()
    assert [one["path"] for one in controls.get("/trash").json()] == ["q/b.txt"]
    controls.post("/untrash", params={"id": trashed["id"]})
    assert drive_emulator.tree() == {"q/b.txt": b"two"}
    controls.post("/delete", params={"path": "q"})
    assert drive_emulator.tree() == {}
    assert controls.get("/read", params={"path": "q"}).status_code == 404
    assert controls.get("/read").status_code == 400
    assert controls.get("/nonsense").status_code == 404
    assert drive_emulator.api_calls == 0


def test_another_process_can_disturb_and_count(
    drive_emulator: DriveEmulator, controls: httpx.Client, api: httpx.Client
) -> None:
    rule = {"action": "answer", "status": 403, "reason": "rateLimitExceeded", "kind": "files.*"}
    assert controls.post("/faults", json=rule).json()[0]["hits"] == 0
    assert api.get("/files").status_code == 403
    assert api.get("/files").status_code == 200
    assert controls.get("/calls").json()["calls"] == {"files.list": 2}
    assert [call["status"] for call in controls.get("/log").json()] == [403, 200]
    controls.post("/reset_counts")
    assert controls.get("/calls").json()["api_calls"] == 0
    controls.post("/latency", params={"ms": "1.5"})
    controls.post("/throttle", params={"bytes_per_second": "1000"})
    settings = controls.post("/settings", json={"flip_order": True}).json()
    assert (settings["latency"], settings["throttle"]) == (0.0015, 1000)
    assert drive_emulator.settings.flip_order
    controls.post("/tokens/expire")
    assert api.get("/files").status_code == 401
    assert controls.post("/faults", json={"action": "dance"}).status_code == 400
    controls.post("/calm")
    assert controls.get("/settings").json()["latency"] == 0
    assert controls.get("/faults").json() == []


def test_another_process_can_hold_a_call_and_let_it_go(
    drive_emulator: DriveEmulator, controls: httpx.Client
) -> None:
    controls.post("/faults", json={"action": "hold", "gate": "g", "kind": "oauth.token"})
    assert controls.get("/gates/g").json() == {"reached": False, "released": False}
    code = "import sys, urllib.request as u; u.urlopen(sys.argv[1], b'')"
    held = subprocess.Popen(
        [sys.executable, "-c", code, f"{drive_emulator.url}/token"],
        env={**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert controls.get("/gates/g", params={"wait": "20"}).json()["reached"]
    assert held.poll() is None
    assert controls.post("/gates/g").json()["released"]
    _, stderr = held.communicate(timeout=20)
    assert "401" in stderr  # no client id was given; what counts is that it was answered


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_it_runs_alone_and_says_how_to_reach_it(tmp_path: Path) -> None:
    (tmp_path / "seed" / "data").mkdir(parents=True)
    (tmp_path / "seed" / "data" / "a.txt").write_bytes(b"seeded")
    config = tmp_path / "rclone.conf"
    arguments = ["--seed-folder", str(tmp_path / "seed"), "--config", str(config)]
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.drive_emulator", *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    exported: dict[str, str] = {}
    for line in running.stdout:
        found = re.match(r"export (\w+)=(.*)", line)
        if found:
            exported[found[1]] = found[2]
        if "Controls:" in line:
            break
    assert Path(exported["SSL_CERT_FILE"]).exists()
    assert exported["RCLONE_CONFIG"] == str(config)
    with httpx.Client(trust_env=False) as client:
        tree = client.get(f"{exported['HTTPS_PROXY']}/emulator/tree").text
    assert set(json.loads(tree)) == {"data", "data/a.txt"}
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=20)
    assert running.returncode == 0
