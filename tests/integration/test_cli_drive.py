"""The command line with rclone's own drive backend and an emulated Google Drive."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.drive_emulator.faults import Gate, Hold
from tests.drive_emulator.fixtures import GDrive
from tests.integration.cli_support import CommandLine, contents


@pytest.fixture
def on_drive(cli: CommandLine, gdrive: GDrive, monkeypatch: pytest.MonkeyPatch) -> GDrive:
    """The emulator, reachable by the proxy and certificate of this process's environment."""
    for name, value in gdrive.drive.environment().items():
        monkeypatch.setenv(name, value)
    return gdrive


def _link(cli: CommandLine, drive: GDrive):
    return cli("link", cli.local, "gdrive:ml/spam", "--yes", "--rclone-config", drive.config)


def test_a_project_on_drive_goes_by_the_proxy_and_past_rclones_variables(
    cli: CommandLine, on_drive: GDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each of these would change what rclone does, or where; none may reach it.
    monkeypatch.setenv("RCLONE_CONFIG_GDRIVE_TYPE", "local")
    monkeypatch.setenv("RCLONE_CONFIG", str(cli.home / "no.conf"))
    monkeypatch.setenv("RCLONE_DRY_RUN", "true")
    monkeypatch.setenv("RCLONE_RESYNC", "true")
    (cli.local / "train.py").write_text("local")
    drive = on_drive.drive

    ended = _link(cli, on_drive)

    assert ended.code == 0, ended.err
    assert "gdrive > ml > spam" in ended.out
    assert drive.read("ml/spam/train.py") == b"local"
    assert drive.api_calls > 0
    assert not (cli.home / "ml").exists()

    # From here on the project itself knows its configuration.
    drive.write("ml/spam/labels.csv", b"far")
    assert cli("sync", cli.local).code == 0
    assert contents(cli.local) == {"train.py": "local", "labels.csv": "far"}
    status = cli("status", cli.local, "--json").json
    assert status["project"]["remote"]["url"].startswith("https://drive.google.com/drive/folders/")


def test_without_the_proxy_drive_is_out_of_reach_and_nothing_is_lost(
    cli: CommandLine, on_drive: GDrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _link(cli, on_drive).code == 0
    (cli.local / "new.py").write_text("new")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    ended = cli("sync", cli.local, "--json")

    assert ended.code == 1
    assert ended.error["code"] == "offline"
    assert "Sync again" in ended.error["hint"]  # no server is there that would do it by itself
    assert contents(cli.local) == {"new.py": "new"}


def test_a_lost_sign_in_is_told_with_the_command_that_renews_it(
    cli: CommandLine, on_drive: GDrive
) -> None:
    assert _link(cli, on_drive).code == 0
    on_drive.drive.write_config(on_drive.config, expires_in=-60)
    on_drive.drive.tokens.refuse_refresh = True

    error = cli("sync", cli.local, "--json").error

    assert error["code"] == "sign_in"
    assert f"rclone config reconnect gdrive: --config {on_drive.config}" in error["hint"]


@pytest.mark.skipif(os.name == "nt", reason="sends an interrupt as a terminal does")
def test_ctrl_c_ends_a_sync_well_and_the_next_one_carries_on(
    cli: CommandLine, on_drive: GDrive
) -> None:
    assert _link(cli, on_drive).code == 0
    for number in range(8):
        (cli.local / f"{number}.bin").write_text(f"{number}" * 1000)
    gate = Gate()
    rule = on_drive.drive.faults.add(Hold(gate), "upload.*", skip=2, times=None)
    with gate, cli.start("sync", cli.local) as command:
        gate.wait_reached(60)
        command.send_signal(signal.SIGINT)
        assert command.stderr is not None
        assert "Stopping" in command.stderr.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            command.wait(timeout=0.5)  # the file under way is not cut off
        gate.release()
        out, err = command.communicate(timeout=60)
    on_drive.drive.faults.remove(rule)

    assert command.returncode == 1
    assert out == ""
    assert "cancelled" in err
    assert "carries on" in err
    assert len(on_drive.drive.tree("ml/spam")) < 9
    assert cli("sync", cli.local).code == 0
    tree = on_drive.drive.tree("ml/spam")
    assert {path for path in tree if path.endswith(".bin")} == set(contents(cli.local))


def test_a_notebook_that_a_runtime_has_open_is_left_alone_without_a_server(
    cli: CommandLine, on_drive: GDrive
) -> None:
    (cli.local / "train.ipynb").write_text("{}")
    (cli.local / ".drive-sync").mkdir()
    (cli.local / ".drive-sync/companion.zip").write_bytes(b"as if a cell had been made")
    assert _link(cli, on_drive).code == 0
    pulse = (Path(__file__).parents[1] / "protocol/pulse-running.json").read_bytes()
    on_drive.drive.write("ml/spam/.drive-sync/runtimes/5f2b9c1d7e3a.json", pulse)
    (cli.local / "train.ipynb").write_text('{"mine": 1}')
    assert "open in a Colab runtime" in cli("status", cli.local).out
    ended = cli("sync", cli.local)
    assert "open in a Colab runtime" in ended.out, ended.err
    assert on_drive.drive.read("ml/spam/train.ipynb") == b"{}"
    on_drive.drive.trash("ml/spam/.drive-sync/runtimes/5f2b9c1d7e3a.json")
    assert cli("sync", cli.local).code == 0
    assert on_drive.drive.read("ml/spam/train.ipynb") == b'{"mine": 1}'
