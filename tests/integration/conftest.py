"""Fixtures for tests with real rclone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.cli_support import CommandLine


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """The command line with Jupyter folders, a project folder and a far folder of its own."""
    line = CommandLine(tmp_path, capsys)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(line.data))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(line.config))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "")
    monkeypatch.chdir(tmp_path)
    return line
