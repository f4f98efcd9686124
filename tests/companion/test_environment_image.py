"""Against the packages of a runtime image: whatever the cell installs, nothing of these moves.

The image's list is the recorded part in tests/colab_standin;
test_environment_published.py takes the whole published ones.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pip
import pytest

from jupyter_drive_sync.companion.drive_sync_colab import environment_plan as plans
from jupyter_drive_sync.companion.drive_sync_colab.environment_here import installed
from jupyter_drive_sync.companion.drive_sync_colab.environment_install import Installer
from jupyter_drive_sync.companion.drive_sync_colab.environment_owned import OWNED
from jupyter_drive_sync.companion.drive_sync_colab.environment_work import work_out
from jupyter_drive_sync.companion.drive_sync_colab.rclone import PACKAGE
from tests.colab_standin import IMAGE, add_packages, make_python, read_image, site_of
from tests.companion.conftest import Project, shown
from tests.companion.test_environment import make_wheel

POPULAR = ["lightning", "transformers", "datasets", "accelerate", "optuna", "spacy", "nltk", "timm"]


@pytest.fixture
def image(tmp_path) -> Path:
    python = make_python(tmp_path / "image", shared=False)
    add_packages(python, read_image(IMAGE))
    return python


def moved(image: Path, names: list[str], versions: dict[str, str] | None = None) -> dict[str, str]:
    """Return what the cell's own installing would change of what the runtime owns."""
    here = installed([str(site_of(image))])
    wanted = [plans.Wanted(name, (versions or {}).get(name, "")) for name in names]
    _, changes = work_out(plans.make_plan(wanted, here), here, str(image))
    return {
        name: f"{here[name]} -> {version}"
        for name, version in changes.items()
        if name in here and here[name] != version
    }


def test_the_image_is_all_owned(image):
    here = installed([str(site_of(image))])
    assert here == {name: version for name, (version, _) in read_image(IMAGE).items()}
    assert [name for name in here if not OWNED.fullmatch(name)] == []


def test_newer_versions_on_the_index_move_nothing_of_the_image(image, tmp_path, monkeypatch):
    index = tmp_path / "index"
    index.mkdir()
    owned = list(read_image(IMAGE))
    for name in owned:
        make_wheel(index, name, "99.0")
    make_wheel(index, "tiny-all", "1.0", *owned)
    make_wheel(index, "tiny-newest", "1.0", *(f"{name}>=99" for name in owned[:3]))
    settings = tmp_path / "uv.toml"
    settings.write_text(f'no-index = true\nfind-links = ["{index}"]\n')
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))

    assert moved(image, ["tiny-all", "tiny-newest", *owned]) == {}
    if shutil.which("uv"):
        answer = Installer(str(image)).try_out(["tiny-newest"])
        assert len(answer.changes) == 4, "without protection they would have moved"


@pytest.mark.parametrize("uv", [True, False], ids=["uv", "pip"])
def test_nothing_brings_jupyterlab_into_the_runtime(tmp_path, monkeypatch, uv):
    index = tmp_path / "index"
    index.mkdir()
    make_wheel(index, "jupyterlab", "4.0")
    make_wheel(index, "tiny-lab", "1.0", "jupyterlab>=4")
    make_wheel(index, "tiny-tool", "1.0")
    settings = tmp_path / "uv.toml"
    settings.write_text(f'no-index = true\nfind-links = ["{index}"]\n')
    monkeypatch.setenv("UV_CONFIG_FILE", str(settings))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    python = make_python(tmp_path / "image", shared=False)
    if not uv:
        (site_of(python) / "pip.pth").write_text(str(Path(pip.__file__).parent.parent))
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
    elif not shutil.which("uv"):
        pytest.skip("there is no uv here")
    assert Installer().tool == ("uv" if uv else "pip")

    wanted = [plans.Wanted("tiny-lab"), plans.Wanted("tiny-tool")]
    plan, changes = work_out(plans.make_plan(wanted, {}), {}, str(python))
    assert changes == {"tiny-tool": "1.0"}
    assert [item.why for item in plan.of(plans.IMPOSSIBLE)] == [
        "it would bring JupyterLab, which the runtime's own server does not stand"
    ]


@pytest.mark.skipif(not os.environ.get("DRIVE_SYNC_SOAK"), reason="asks the package index")
@pytest.mark.parametrize("name", POPULAR)
def test_popular_packages_of_the_real_index_move_nothing_of_the_image(image, name):
    assert moved(image, [name]) == {}


@pytest.mark.skipif(not os.environ.get("DRIVE_SYNC_SOAK"), reason="asks the package index")
def test_rclone_brings_nothing_along(image):
    """It goes into a folder of its own without dependencies; in the image it would move nothing."""
    answer = Installer(str(image)).try_out([PACKAGE])
    assert list(answer.changes) == [PACKAGE]


def test_the_cell_itself_changes_no_package_and_works_from_its_zip(
    project: Project, drive_emulator, tmp_path
):
    from tests.colab_standin import COMPANION, Runtime

    bundle = tmp_path / "companion.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for path in sorted((COMPANION / "drive_sync_colab").rglob("*.py")):
            archive.write(path, path.relative_to(COMPANION).as_posix())
    with Runtime(drive_emulator, tmp_path, companion=bundle, found_by_rclone=False) as vm:
        before = installed([str(site_of(vm.python))])
        text = shown(project.connect(vm, "outputs=['runs/']"))
        assert "through the token bridge" in text
        assert "Guarded: runs/" in text
        assert "companion.zip" in vm.run_cell("print(ds.__file__)").text
        assert installed([str(site_of(vm.python))]) == before
