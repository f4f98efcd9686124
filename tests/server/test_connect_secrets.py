"""No secret leaves rclone's configuration: a whole run is searched for planted ones."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.drive_emulator import DriveEmulator
from tests.drive_emulator.fixtures import rclone_binary

from .conftest import Browser, Refused, until
from .connecting import Person, port_is_free
from .test_projects import later

S3_SECRET = "planted-s3-secret-7Gh2"
SFTP_PASSWORD = "planted-sftp-password-9Xk4"
CONTROL = "planted-positive-control-3Qz8"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/cmdline").exists(), reason="reads processes from /proc"
)


class Witness:
    """Reads the arguments of every process below this one, all the time."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Witness:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.look()

    def look(self) -> None:
        parents: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    stat = (entry / "stat").read_text()
                except OSError:
                    continue  # it ended meanwhile
                parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
        for number in parents:
            above = number
            while above in parents and above != os.getpid():
                above = parents[above]
            if above == os.getpid() and number != above:
                try:
                    line = Path(f"/proc/{number}/cmdline").read_bytes()
                except OSError:
                    continue
                self.seen.add(line.replace(b"\0", b" ").decode("utf-8", "replace"))


class Searched:
    """Everything in which a secret could be found, as text by place."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}

    def add(self, place: str, text: str) -> None:
        self.places[place] = self.places.get(place, "") + text + "\n"

    def files(self, folder: Path, *, but: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path != but:
                self.add(str(path.relative_to(folder)), path.read_bytes().decode("latin-1"))

    def found(self, secret: str) -> list[str]:
        pieces = {secret, json.dumps(secret)[1:-1], secret.encode("unicode_escape").decode()}
        return [
            place for place, text in self.places.items() if any(piece in text for piece in pieces)
        ]


@pytest.fixture
def extension_config(google: DriveEmulator) -> dict[str, Any]:
    return {"poll_seconds": 3600.0, "quiet_seconds": 0.2, "longest_seconds": 1.0}


@pytest.fixture
def storages(tmp_path: Path) -> Iterator[dict[str, int]]:
    """An S3 and an SFTP server; their passwords stand in no arguments."""
    (tmp_path / "served" / "bucket").mkdir(parents=True)
    settings = {
        "s3": {"RCLONE_AUTH_KEY": f'"the-key,{S3_SECRET}"'},
        "sftp": {"RCLONE_USER": "me", "RCLONE_PASS": SFTP_PASSWORD},
    }
    ports: dict[str, int] = {}
    running = []
    for kind, own in settings.items():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports[kind] = int(free.getsockname()[1])
        own |= {"RCLONE_ADDR": f"127.0.0.1:{ports[kind]}", "HOME": str(tmp_path)}
        running.append(
            subprocess.Popen(
                [rclone_binary(), "serve", kind, str(tmp_path / "served")],
                env={**os.environ, **own},
                stderr=subprocess.DEVNULL,
            )
        )
    yield ports
    for process in running:
        process.kill()
        process.wait()


def hear_answers(browser: Browser, searched: Searched) -> None:
    ask = browser.ask

    async def heard(method: str, *parts: str, **more: Any) -> Any:
        try:
            answer = await ask(method, *parts, **more)
        except Refused as error:
            searched.add("answers", json.dumps(error.body))
            raise
        searched.add("answers", json.dumps(answer))
        return answer

    browser.ask = heard  # type: ignore[method-assign]


async def test_a_whole_run_shows_no_secret(
    person: Person,
    own_config: Path,
    project: Path,
    storages: dict[str, int],
    tmp_path: Path,
    jp_data_dir: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    searched = Searched()
    hear_answers(person.browser, searched)
    drive, tokens = person.drive, person.drive.tokens
    key = drive.add_service_account()
    secrets = {
        "client secret": tokens.client_secret,
        "key": key["private_key"],
        "line of the key": key["private_key"].splitlines()[3],
        "s3": S3_SECRET,
        "sftp": SFTP_PASSWORD,
    }
    for port in storages.values():
        await until(lambda port=port: not port_is_free(port), seconds=60)
    with Witness() as witness:
        # Google: refused, pasted wrongly, then done, synced, lost, signed in again.
        text = person.client_text(tmp_path)
        flow = await person.until(await person.start(way="own_client", client_text=text), "sign_in")
        tokens.consent = False
        await person.go_back(person.consent(flow))
        await person.until(flow, "failed")
        tokens.consent = True
        wrong = {"client_id": tokens.client_id, "client_secret": f"{tokens.client_secret}x"}
        await person.until(await person.start(way="own_client", client=wrong), "failed")
        flow = await person.until(await person.start(way="own_client", client_text=text), "sign_in")
        address = person.consent(flow)
        secrets["code"] = dict(pair.split("=", 1) for pair in address.partition("?")[2].split("&"))[
            "code"
        ].removeprefix("4%2F")
        with pytest.raises(Refused):
            await person.paste(flow, address.replace("state=", "state=x"))
        await person.until(await person.paste(flow, address), "done")
        secrets |= tokens_in(own_config, "first")
        number = (await person.browser.link("spam", "gdrive:ml/spam"))["project"]["id"]
        tokens.revoke()
        later(project / "train.py", "edited while signed out\n")
        await person.browser.until(number, "sign_in", seconds=60)
        flow = await person.until(await person.start(remote="gdrive"), "sign_in")
        await person.go_back(person.consent(flow))
        await person.until(flow, "done")
        await person.browser.until(number, "in_sync", seconds=60)
        secrets |= tokens_in(own_config, "second")
        await person.browser.ask("GET", "connect", "remotes", "gdrive", "account")
        await person.browser.ask("GET", "doctor", params={"project": number})
        # A service account, once as nonsense.
        with pytest.raises(Refused):
            await person.start(way="service_account", service_account_text=json.dumps(key)[:-9])
        flow = await person.start(way="service_account", service_account_text=json.dumps(key))
        flow = await person.until(flow, "question")
        flow = await person.until(await person.answer(flow, "nothing-here"), "question")
        drive.share("ml", key["client_email"])
        await person.until(await person.answer(flow, drive.find("ml").id), "done")
        # Other storages, once with a wrong password.
        sftp = {"host": "127.0.0.1", "user": "me", "port": str(storages["sftp"])}
        flow = await person.start(way="other", type="sftp")
        flow = await person.fill_in(flow, {**sftp, "pass": SFTP_PASSWORD + "x"})
        assert flow["step"] == "failed"
        flow = await person.start(way="other", type="sftp")
        flow = await person.fill_in(flow, {**sftp, "pass": SFTP_PASSWORD})
        assert flow["step"] == "done", flow["error"]
        s3 = {
            "provider": "Rclone",
            "access_key_id": "the-key",
            "secret_access_key": S3_SECRET,
            "endpoint": f"http://127.0.0.1:{storages['s3']}",
        }
        flow = await person.fill_in(await person.start(way="other", type="s3"), s3)
        assert flow["step"] == "done", flow["error"]
        await person.browser.ask("GET", "connect")
        await person.browser.ask("DELETE", "connect", "remotes", "s3")
        # The search can find: one secret is planted in each kind of place.
        await plant_control(person, jp_data_dir)
        await until(lambda: any(CONTROL in line for line in witness.seen))
    searched.add("arguments", "\n".join(witness.seen))
    searched.add("events", json.dumps(person.browser.events))
    printed = capfd.readouterr()
    searched.add("log", caplog.text + printed.out + printed.err)
    searched.files(jp_data_dir, but=own_config)
    assert any("rclone" in line and "rcd" in line for line in witness.seen)
    assert {"arguments", "answers", "log", "drive-sync/control"} <= set(searched.found(CONTROL))
    assert {name: found for name in secrets if (found := searched.found(secrets[name]))} == {}
    held = own_config.read_text()
    assert tokens.client_secret in held
    assert "private_key" in held


def tokens_in(config: Path, which: str) -> dict[str, str]:
    lines = [line for line in config.read_text().splitlines() if line.startswith("token = ")]
    token = json.loads(lines[0].removeprefix("token = "))
    return {f"{which} {name}": token[name] for name in ("access_token", "refresh_token")}


async def plant_control(person: Person, data_dir: Path) -> None:
    logging.getLogger("jupyter_drive_sync.control").warning("%s", CONTROL)
    (data_dir / "drive-sync" / "control").write_text(CONTROL)
    with pytest.raises(Refused):
        await person.browser.ask("GET", "connect", "remotes", CONTROL, "account")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(1)", CONTROL
    )
    await process.wait()
