"""The bundle and the cell: what JupyterLab hands to a notebook that goes to Colab."""

from __future__ import annotations

import ast
import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_drive_sync.companion import bundle as bundling
from jupyter_drive_sync.companion.bundle import BUNDLE_PATH, bundle_version, make_bundle
from jupyter_drive_sync.companion.cell import CellFacts, cell_source
from jupyter_drive_sync.ports.projects import MARKER_FOLDER


def facts(**changes: str) -> CellFacts:
    return replace(CellFacts("spam", "1Folder", "1" * 33, "a.ipynb"), **changes)  # type: ignore[arg-type]


def test_alike_sources_make_the_same_bundle_byte_by_byte(tmp_path: Path) -> None:
    source = Path(bundling.__file__).parent / bundling.PACKAGE
    copy = tmp_path / bundling.PACKAGE
    for path in sorted(source.rglob("*.py"), reverse=True):
        target = copy / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert make_bundle("1.0", copy) == make_bundle("1.0")


def test_a_bundle_names_its_version_and_another_source_is_another_version(tmp_path: Path) -> None:
    folder = tmp_path / bundling.PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("a = 1\n")
    first = make_bundle("1.0", folder)
    make_bundle.cache_clear()
    (folder / "__init__.py").write_text("a = 2\n")
    second = make_bundle("1.0", folder)
    make_bundle.cache_clear()
    assert bundle_version(first.content) == first.version
    assert first.version != second.version


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_bundle_has_no_version(content: bytes) -> None:
    assert bundle_version(content) is None


def test_the_bundle_can_be_imported_as_it_is_without_this_extension(tmp_path: Path) -> None:
    place = tmp_path / "companion.zip"
    place.write_bytes(make_bundle("1.0").content)
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r})\n"
        "import drive_sync_colab, drive_sync_colab.guard.process\n"
        "assert 'jupyter_drive_sync' not in sys.modules\n"
        "print(drive_sync_colab.__file__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert str(place) in done.stdout


def test_the_bundle_lies_in_our_own_folder_and_holds_sources_only() -> None:
    assert BUNDLE_PATH.startswith(f"{MARKER_FOLDER}/")
    with zipfile.ZipFile(io.BytesIO(make_bundle("1.0").content)) as archive:
        assert {Path(name).suffix for name in archive.namelist()} == {".py", ""}


@given(
    name=st.text(min_size=1),
    notebook=st.text(min_size=1),
    folder_id=st.from_regex(r"[A-Za-z0-9_-]{5,40}", fullmatch=True),
)
def test_any_name_makes_a_cell_that_says_exactly_that_name(
    name: str, notebook: str, folder_id: str
) -> None:
    tree = ast.parse(cell_source(facts(name=name, notebook=notebook, folder_id=folder_id)))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "connect"
    ]
    assert len(calls) == 1
    assert ast.literal_eval(calls[0].args[0]) == folder_id
    said = {keyword.arg: ast.literal_eval(keyword.value) for keyword in calls[0].keywords}
    assert said["name"] == name
    assert said["notebook"] == notebook


def test_a_cell_is_short_enough_to_be_read() -> None:
    lines = cell_source(facts()).splitlines()
    assert len(lines) <= 32
    assert max(map(len, lines)) <= 100


def test_an_id_that_is_none_never_gets_into_a_cell() -> None:
    with pytest.raises(ValueError, match="no id of Drive"):
        cell_source(facts(bundle_id='x" + evil()'))


def test_at_home_the_cell_only_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-c", cell_source(facts())],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert done.stdout.count("\n") == 1
    assert "not Colab" in done.stdout
    assert list(tmp_path.iterdir()) == []
