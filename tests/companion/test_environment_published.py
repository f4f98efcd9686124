"""Against the package lists that Google publishes of Colab's images: nothing there moves unsaid.

`make soak-images` brings the lists, runs this and sums it up.

The packages of an image are records of names and versions; what the cell would install comes from
the real package index, in dry runs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import environment_plan as plans
from jupyter_drive_sync.companion.drive_sync_colab.environment_here import installed, packages_of
from jupyter_drive_sync.companion.drive_sync_colab.environment_install import Installer
from jupyter_drive_sync.companion.drive_sync_colab.environment_owned import OWNED, pinned
from jupyter_drive_sync.companion.drive_sync_colab.environment_work import work_out
from jupyter_drive_sync.companion.drive_sync_colab.rclone import PACKAGE
from jupyter_drive_sync.companion.drive_sync_colab.versions import normalised
from scripts.colab_images import IMAGES, Image
from tests.colab_standin import COMPANION
from tests.colab_standin.images import make_image, python_of, read_published
from tests.engine.figures import note

pytestmark = pytest.mark.skipif(
    not os.environ.get("DRIVE_SYNC_SOAK"), reason="asks the package index"
)

PROJECTS = {
    "fine-tuning": "transformers>=4.40 datasets accelerate peft trl evaluate bitsandbytes "
    "sentencepiece torch",
    "lightning": "lightning>=2.4 torchmetrics tensorboard wandb hydra-core torch torchvision",
    "tables": "scikit-learn==1.5.2 pandas==2.3.1 numpy==2.3.2 matplotlib==3.9.2 seaborn "
    "joblib==1.4.2 jupyterlab==4.4.5 ipykernel==6.30.0 xgboost==2.1.1",
    "language": "spacy==3.7.5 nltk==3.8.1 gensim sentence-transformers==3.1.1",
    "vision": "timm==1.0.9 albumentations==1.4.15 opencv-python==4.10.0.84 ultralytics "
    "torchvision==0.19.1",
    "laptop": "torch==2.5.1 numpy==1.26.4 pandas==2.2.1 ipykernel==6.29.5 ipywidgets==8.1.5 "
    "scipy==1.14.1 transformers==4.46.3 huggingface-hub==0.26.2 tokenizers==0.20.3 "
    "rich==13.9.2 protobuf==4.25.5 pydantic==2.9.2 tqdm==4.66.5 requests==2.32.3 "
    "jinja2==3.0.1 tornado==6.4.2",
    "frameworks": "torch-geometric optuna jaxtyping flax einops==0.8.0 pytorch-lightning ray "
    "tensorflow==2.17.0 keras==3.5.0 jax==0.4.30",
    "widgets": "ipympl jupyter bqplot papermill jupyterlab-git",
    "example": "scikit-learn==1.7.2 torch==2.9.0 joblib==1.5.2 ipykernel==7.1.0",
}
SMALL = [
    *("ipykernel", "ipython", "ipyparallel", "jupyter-server", "jupyter-client", "jupyter-core"),
    *("notebook", "ipywidgets", "requests", "google-auth", "jax", "keras"),
]
"""Packages of the runtime's own whose needs are looked up, since they are small."""


@pytest.fixture(
    scope="module",
    # all of one image in one process: it is made once
    params=[
        pytest.param(one, id=one.name, marks=pytest.mark.xdist_group(one.name)) for one in IMAGES
    ],
)
def image(request, tmp_path_factory) -> tuple[Image, Path]:
    """Make a published image; return it with its interpreter."""
    published: Image = request.param
    if not published.fetched:
        pytest.skip("the published list is not here: python scripts/colab_images.py brings it")
    if python_of(published.python) is None:
        pytest.skip(f"there is no Python {published.python} here")
    packages = read_published(published.path)
    needs = asked_of_others(published, {normalised(one.name): one.version for one in packages})
    folder = tmp_path_factory.mktemp(published.name) / "image"
    return published, make_image(folder, published.python, packages, needs)


def asked_of_others(published: Image, versions: Mapping[str, str]) -> dict[str, list[str]]:
    """Return what the runtime's own packages need, from the index; asked once for an image."""
    kept = published.path.with_suffix(".needs.json")
    if not kept.exists():
        lines = [f"{name}=={versions[name]}" for name in SMALL if name in versions]
        report = published.path.with_suffix(f".report-{os.getpid()}.json")
        arguments = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--no-deps"]
        arguments += ["--ignore-installed", "--only-binary", ":all:", "--report", str(report)]
        arguments += ["--python-version", published.python, "--target", str(kept.parent)]
        subprocess.run([*arguments, *lines], check=True, capture_output=True)
        about = [one["metadata"] for one in json.loads(report.read_text())["install"]]
        found = {normalised(one["name"]): one.get("requires_dist", []) for one in about}
        report.write_text(json.dumps(found))
        report.replace(kept)
    found = json.loads(kept.read_text())
    names = {normalised(name): name for name in map(_name, published.path.read_text().splitlines())}
    return {names[name]: lines for name, lines in found.items()}


def _name(line: str) -> str:
    return re.split(r"==| @ ", line)[0]


def wanted(project: str) -> list[plans.Wanted]:
    found = [re.match(r"([\w.-]+?)((?:[<>=]=|<|>).*)?$", one) for one in PROJECTS[project].split()]
    return [plans.Wanted(one[1], one[2] or "", one[2] or "") for one in found if one]


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    return {
        name: version
        for name, version in after.items()
        if name in before and before[name] != version
    }


def check(
    image: tuple[Image, Path], project: str, record_property
) -> tuple[plans.Plan, dict[str, str]]:
    """Plan a project's libraries, and hold what would be installed against what the plan says."""
    published, python = image
    here = installed(packages_of(str(python)))
    plan, changes = work_out(plans.make_plan(wanted(project), here), here, str(python))
    answer = Installer(str(python), pinned({**here, **changes})).try_out(plan.requirements)

    assert not answer.problem
    moved = differences(here, answer.changes)
    said = {move.name: move.to for move in plan.moves}
    asked = {item.wanted.name for item in plan.of(plans.INSTALL)}
    assert [name for name in moved if OWNED.fullmatch(name)] == []
    assert {name: to for name, to in moved.items() if name not in asked} == said
    right = {item.wanted.name: item.wanted.spec for item in plan.of(plans.RIGHT)}
    assert [name for name, spec in right.items() if name in moved and spec.startswith("==")] == []
    assert "jupyterlab" not in answer.changes
    counts = {
        "projects": 1,
        "as at home": len(right),
        "installed": len(asked - set(here)),
        "other versions, as asked": len(asked & set(here)),
        "changed along, and said": len(said),
        "kept": len(plan.of(plans.KEPT)),
        "impossible": len(plan.of(plans.IMPOSSIBLE)),
    }
    note(record_property, f"Colab's image {published.name}, by {Installer().tool}", counts)
    print(published.name, project, counts, [str(move) for move in plan.moves])
    return plan, changes


@pytest.mark.parametrize("project", PROJECTS)
def test_nothing_moves_that_the_plan_does_not_say(image, project, record_property):
    if Installer().tool != "uv":
        pytest.skip("there is no uv here")
    check(image, project, record_property)


@pytest.mark.parametrize("project", ["lightning", "tables", "example"])
def test_nothing_moves_by_pip_where_there_is_no_uv(image, project, monkeypatch, record_property):
    published, python = image
    if not published.name.endswith("gpu"):
        pytest.skip("one kind of machine is enough: pip is slow")
    put_pip_into(python)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert Installer().tool == "pip"
    check(image, project, record_property)


def put_pip_into(python: Path) -> None:
    """Put pip itself where only its record is, in the image's version."""
    (folder,) = packages_of(str(python))
    site = Path(folder)
    if not (site / "pip").exists():
        version = installed([folder])["pip"]
        arguments = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        (record,) = site.glob("pip-*.dist-info")
        for file in record.iterdir():
            file.unlink()
        record.rmdir()
        subprocess.run([*arguments, folder, f"pip=={version}"], check=True, capture_output=True)


def test_without_protection_the_runtimes_own_would_move(image, record_property):
    published, python = image
    here = installed(packages_of(str(python)))
    fresh = ["ipykernel", "ipywidgets", "jupyter-server", "tornado", "requests", "psutil"]
    answer = Installer(str(python)).try_out([f"{name}>{here[name]}" for name in fresh])
    own = [name for name in differences(here, answer.changes) if OWNED.fullmatch(name)]
    assert len(own) >= len(fresh)
    owned = [name for name in here if OWNED.fullmatch(name)]
    counts = {"packages": len(here), "owned": len(owned)}
    note(record_property, f"Colab's image {published.name}", counts)


def test_rclone_brings_nothing_along(image):
    _, python = image
    assert list(Installer(str(python)).try_out([PACKAGE]).changes) == [PACKAGE]


SECOND_START = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
began = time.monotonic()
from drive_sync_colab.environment import settle
from drive_sync_colab.places import Places
folder = Path(sys.argv[2])
said = []
report = settle(folder, Places(folder), "auto", said.append)
lines = [line.text for line in report.lines]
seconds, of_a_core = time.monotonic() - began, time.process_time()
print(json.dumps({"seconds": seconds, "of_a_core": of_a_core, "said": said, "lines": lines}))
"""


def test_a_second_start_has_nothing_to_do(image, tmp_path, record_property):
    """Everything is as at home but for what the runtime owns, and one that is impossible."""
    published, python = image
    here = installed(packages_of(str(python)))
    packages = [{"name": name, "version": version} for name, version in here.items()]
    packages += [{"name": "torch", "version": "1.0"}, {"name": "tqdm", "version": "999"}]
    (tmp_path / ".drive-sync").mkdir()
    (tmp_path / ".drive-sync/environment.json").write_text(
        json.dumps({"v": 1, "python": "3.10.1", "source": "kernel", "packages": packages})
    )
    arguments = [str(python), "-c", SECOND_START, str(COMPANION), str(tmp_path)]
    first, second = (
        json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
        for _ in range(2)
    )
    assert first["said"] == ["Looking for libraries: tqdm 999"]
    assert second["said"] == []
    assert second["lines"][0] == f"Libraries: {len(here) - 2} as at home, nothing to install."
    counts = {
        "most milliseconds of a second start": round(second["seconds"] * 1000),
        "most of them of a core": round(second["of_a_core"] * 1000),
    }
    note(record_property, f"Colab's image {published.name}", counts)
