"""The rules that keep held names away from rclone: exactly those, and all below them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_drive_sync.engine.commit import hold_filters
from jupyter_drive_sync.rclone.binary import find_rclone
from jupyter_drive_sync.rclone.filters import FILTER_FLAGS, filter_input
from jupyter_drive_sync.rclone.names import to_rclone

AWKWARD = [
    "plain.txt",
    "sp ace",
    " leading",
    "trailing ",
    "star*",
    "quest?ion",
    "[bracket]",
    "{brace}",
    "{{regexp}}",
    "back\\slash",
    "comma,name",
    "-dash",
    "+ plus",
    "# hash",
    "!bang",
    "caf\u00e9",
    "line\nbreak",
    "return\rline",
    "tab\there",
    "odd\\",
    "both \\ ",
    "deep/er/[1]/name",
    "**",
]
NEIGHBOURS = ["plain.txt.bak", "plainXtxt", "starry", "questXion", "b", "brace", "sub/plain.txt"]


def _listed(folder: Path, rules: tuple[str, ...]) -> set[str]:
    """Return the files that rclone sees, with the rules given as every run gives them."""
    command = [str(find_rclone().path), "lsf", "-R", "--files-only"]
    command += ["--config", "", *FILTER_FLAGS, "--", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, input=filter_input(rules))
    return set(done.stdout.decode().splitlines())


NAMES = AWKWARD + NEIGHBOURS
HALVES = [(bit, want) for bit in range(len(NAMES).bit_length()) for want in (0, 1)]


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make a folder of awkward names; return them with rclone's spelling."""
    root = tmp_path_factory.mktemp("awkward")
    for name in NAMES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("free")
    spelled = {name: to_rclone(name) for name in NAMES}
    assert _listed(root, ()) == set(spelled.values())
    return {"": str(root), **spelled}


@pytest.mark.skipif(sys.platform == "win32", reason="most of these names cannot exist there")
@pytest.mark.parametrize(("bit", "want"), HALVES)
def test_held_names_are_hidden_from_rclone_and_no_others(
    awkward: dict[str, str], bit: int, want: int
) -> None:
    """Every pair of names is apart in one of the halves: one held, the other free."""
    held = [name for number, name in enumerate(NAMES) if number >> bit & 1 == want]
    free = {awkward[name] for name in NAMES if name not in held}
    assert _listed(Path(awkward[""]), hold_filters(held)) == free


@pytest.mark.skipif(sys.platform == "win32", reason="most of these names cannot exist there")
def test_all_below_held_folders_is_hidden_too(tmp_path: Path) -> None:
    names = [name for name in AWKWARD if "/" not in name]
    for name in names:
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / "file").write_text("held")
    (tmp_path / "free").write_text("free")
    assert _listed(tmp_path, hold_filters(names)) == {"free"}


def test_no_held_name_makes_no_rule() -> None:
    assert hold_filters([]) == ()
