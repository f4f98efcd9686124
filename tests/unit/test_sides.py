"""The other side is called what it is, whatever the engine says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jupyter_drive_sync
from jupyter_drive_sync.errors import RemoteMissing
from jupyter_drive_sync.ports.projects import RemoteKind
from jupyter_drive_sync.service.sides import error_of, said_of

PACKAGE = Path(jupyter_drive_sync.__file__).parent
SPOKEN = [*sorted((PACKAGE / "engine").glob("*.py")), PACKAGE / "errors" / "runs.py"]
ALONE = re.compile(r"(?<!Google )\bDrive\b(?! Sync| API)")


def spoken(file: Path) -> Iterator[str]:
    """Yield the texts of a module that are no documentation."""
    tree = ast.parse(file.read_text("utf-8"))
    silent = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in silent
        ):
            yield node.value


@pytest.mark.parametrize("file", SPOKEN, ids=lambda file: file.name)
def test_what_a_run_says_of_drive_can_be_said_of_a_plain_folder(file: Path) -> None:
    texts = [text for text in spoken(file) if ALONE.search(text) and " " in text]
    left = [text for text in texts if ALONE.search(said_of(RemoteKind.FOLDER, text))]
    assert left == []


def test_of_drive_everything_is_said_as_it_is() -> None:
    text = "The folder on Drive is gone."
    assert said_of(RemoteKind.DRIVE, text) == text
    assert said_of(RemoteKind.FOLDER, text) == "The other folder is gone."


@pytest.mark.parametrize(
    "text",
    ["/mnt/on Drive/x is gone", "on Drive.txt", "Google Drive", "Drive Sync", "backup-to Drive-2"],
)
def test_names_are_left_alone(text: str) -> None:
    assert said_of(RemoteKind.FOLDER, text) == text


def test_an_error_and_its_hint_speak_of_the_same_side() -> None:
    error = error_of(RemoteKind.OTHER, RemoteMissing("The folder on Drive is gone."))
    assert "Drive" not in error.message + error.hint
