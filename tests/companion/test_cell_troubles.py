"""The inserted cell itself, where it cannot fetch the companion: a sentence, no traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.bundle import BUNDLE_PATH, make_bundle
from jupyter_drive_sync.companion.cell import CellFacts, cell_source
from tests.colab_standin import REFUSE, TIME_OUT, Runtime
from tests.drive_emulator import Answer, DriveEmulator

from .conftest import Project, shown

AGAIN = "The other cells still run."


@pytest.fixture
def cell(project: Project) -> str:
    """Return the cell that JupyterLab inserts."""
    project.write(BUNDLE_PATH, make_bundle("1.0").content)
    bundle = project.drive.find(f"ml/spam/{BUNDLE_PATH}").id
    return cell_source(CellFacts("spam", project.id, bundle, "train.ipynb"))


@pytest.fixture
def bare(drive_emulator: DriveEmulator, tmp_path: Path) -> Iterator[Runtime]:
    """Boot a machine that has nothing of ours but what the cell fetches."""
    with Runtime(drive_emulator, tmp_path, companion=tmp_path / "nothing") as machine:
        yield machine


def test_refused_and_unanswered_consent_say_what_to_press_and_a_second_try_works(bare, cell):
    for answer in (REFUSE, TIME_OUT):
        bare.answers["auth"].append(answer)
        text = shown(bare.run_cell(cell))
        assert "Access to Drive was not allowed. Run this cell again, and choose Allow." in text
        assert AGAIN in text
    assert shown(bare.run_cell("print(6 * 7)")).strip() == "42"
    assert "Drive is reached" in shown(bare.run_cell(cell, 90))


def test_what_this_account_does_not_find_names_the_account_and_the_way_out(bare, project, cell):
    project.drive.delete(f"ml/spam/{BUNDLE_PATH}")
    text = shown(bare.run_cell(cell))
    assert "This account has no such project." in text
    assert "insert the cell anew" in text
    assert AGAIN in text


def test_a_drive_that_is_out_of_order_is_to_be_tried_again(bare, project, cell):
    project.drive.faults.add(Answer(503, "backendError"), times=None)
    text = shown(bare.run_cell(cell))
    assert "Drive did not answer as it should. Run this cell again in a moment." in text
    project.drive.faults.clear()
    assert "Drive is reached" in shown(bare.run_cell(cell, 90))


def test_colab_enterprise_is_refused_before_anything_is_asked(
    project, drive_emulator, tmp_path, cell
):
    enterprise = {"VERTEX_PRODUCT": "COLAB_ENTERPRISE"}
    with Runtime(drive_emulator, tmp_path, env=enterprise, companion=tmp_path / "no") as machine:
        text = shown(machine.run_cell(cell))
    assert "Colab Enterprise is not supported" in text
    assert "WARNING" not in text
    assert machine.asked == []
