"""The command line as a person at a terminal, or a script, uses it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from jupyter_drive_sync.cli import main
from jupyter_drive_sync.ports.projects import MARKER_FOLDER

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error of a failed command that was asked for JSON."""
        fits("Error", self.json["error"])
        return self.json["error"]


class CommandLine:
    """Runs commands in this process, or in one of their own, with folders of their own."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self.data = home / "data"
        self.config = home / "config"
        self.local = home / "spam"
        self.remote = home / "far"
        self.local.mkdir()
        self.config.mkdir()
        self._capsys = capsys

    def __call__(self, *words: str | Path) -> Ended:
        """Run a command in this process."""
        self._capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as end:  # argparse ends so
            code = end.code
        out, err = self._capsys.readouterr()
        return Ended(code, out, err)

    def linked(self) -> None:
        """Link the two folders, whatever is in them."""
        ended = self("link", self.local, self.remote, "--yes")
        assert ended.code in (0, 3), ended.err

    @property
    def projects(self) -> list[dict[str, Any]]:
        """The projects as they are remembered."""
        files = (self.data / "drive-sync" / "projects").glob("*/project.json")
        return [json.loads(file.read_text()) for file in files]

    def start(self, *words: str | Path, **how: Any) -> subprocess.Popen[str]:
        """Start a command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "jupyter_drive_sync.cli", *map(str, words)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **how},
        )


def contents(folder: Path) -> dict[str, str]:
    """Return what a person sees in a folder: every file but our own, with its text."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and MARKER_FOLDER not in path.relative_to(folder).parts
    }


def fits(name: str, data: object) -> None:
    """Hold data against a schema of api/openapi.yaml."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": _api()["components"]}
    jsonschema.validate(data, schema)


@cache
def _api() -> dict[str, Any]:
    return yaml.safe_load((REPOSITORY / "api" / "openapi.yaml").read_text())
