"""What is installed at home, as far as the project uses it, is written for the runtime."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from jupyter_drive_sync.companion import installed
from jupyter_drive_sync.companion.drive_sync_colab.environment_plan import Home
from jupyter_drive_sync.companion.environment import Environment, as_bytes, written
from jupyter_drive_sync.companion.imports import project_imports
from jupyter_drive_sync.companion.requirement_files import wishes
from jupyter_drive_sync.files.ignore import ProjectIgnore
from jupyter_drive_sync.ports.colab import EnvironmentSource

GOLDEN = Path(__file__).parents[1] / "protocol" / "environment.json"
MADE = datetime(2026, 11, 21, 16, 30, tzinfo=timezone.utc)


def notebook(*sources: str, tags: tuple[str, ...] = (), kernel: str = "python3") -> str:
    cells = [
        {"cell_type": "code", "source": source.splitlines(keepends=True), "metadata": {}}
        for source in sources
    ]
    if tags:
        cells[0]["metadata"] = {"tags": list(tags)}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": {"name": kernel}}})


def look(root: Path, source: EnvironmentSource = EnvironmentSource.KERNEL) -> dict[str, Any]:
    content = written(root, source, "a.ipynb", b"", ProjectIgnore())
    Home.parse(json.loads(content))  # the other half reads it
    return json.loads(content)


def test_the_golden_file_is_what_is_written() -> None:
    environment = Environment(
        "3.12.4",
        "kernel",
        "python3",
        {"torch": ("2.11.0", None), "scikit-learn": ("1.6.1", None), "tqdm": (None, ">=4.60")},
        {"my-tools": "installed at home from a folder"},
    )
    golden = GOLDEN.read_bytes()
    assert as_bytes(environment, MADE) == golden
    later = MADE.replace(year=2027)
    assert as_bytes(environment, later, golden) == golden
    assert as_bytes(environment, later, b"damaged") != golden


def test_imports_are_found_in_scripts_and_notebooks_but_not_the_projects_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/model.py").write_text("import torch.nn as nn\nfrom . import parts\n")
    (tmp_path / "train.py").write_text("import os, src.model\nfrom model2 import x\ndef half(\n")
    (tmp_path / "model2.py").write_text("def f():\n    from sklearn.svm import SVC\n")
    (tmp_path / "src/__init__.py").touch()
    (tmp_path / "a.ipynb").write_text(
        notebook(
            "%matplotlib inline\nimport numpy as np\nfiles = !ls\n!pip install x\nnp.array?",
            "%%bash\nimport nothing",
            "%%time\nimport pandas",
            "from google.colab import drive\nimport google.cloud.storage",
        )
    )
    (tmp_path / "cell.ipynb").write_text(notebook("import hidden", tags=("drive-sync",)))
    (tmp_path / "broken.ipynb").write_text("{")
    for folder in (".git", "venv/lib", "env", "outputs/run-20261121-164000-ab12"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.py").write_text("import left_out")
    (tmp_path / "env/pyvenv.cfg").touch()
    assert project_imports(tmp_path, ProjectIgnore()) == {
        "torch.nn",
        "sklearn.svm.SVC",
        "numpy",
        "pandas",
        "google.cloud.storage",
    }


def test_only_what_the_project_uses_is_listed_with_the_kernels_versions(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import yaml, traitlets.config\nimport jupyter_drive_sync\nimport no_such_module\n"
    )
    (tmp_path / "yaml").mkdir()  # a folder of data is no package
    data = look(tmp_path)
    assert data["source"] == "kernel"
    assert data["kernel"] == "python3"
    assert data["python"].startswith("3.")
    assert data["packages"] == [
        {"name": "pyyaml", "version": version("PyYAML"), "spec": None},
        {"name": "traitlets", "version": version("traitlets"), "spec": None},
    ]
    assert data["skipped"] == [
        {"name": "jupyter-drive-sync", "why": "installed at home from a folder"},
        {"name": "no_such_module", "why": "imported, but not installed at home"},
    ]


def test_a_kernel_that_cannot_be_asked_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text("import yaml\n")
    monkeypatch.setattr(installed, "kernel_python", lambda name: str(tmp_path / "gone"))
    data = look(tmp_path)
    assert data["python"] is None
    assert data["packages"] == []
    ((only),) = data["skipped"]
    assert "cannot be run" in only["why"]


@pytest.mark.parametrize("text", ["raise SystemExit('no space')", "print('{')", "1/0"])
def test_a_python_that_answers_something_else_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(installed, "_LOOK", text)
    assert "not known" in look(tmp_path)["skipped"][0]["why"]


REQUIREMENTS = """\
# what training needs
torch==2.4.1  # exactly
tqdm >= 4.60 ; python_version > "3.0"
pywin32; sys_platform == "win32"
scikit_learn[x]==1.5.* --hash=sha256:0
git+https://example.org/a.git
mine @ file:///home/ann/mine
-r more.txt
--extra-index-url https://example.org
name with spaces
pandas \\
  <3
"""

UV_LOCK = """\
version = 1
[[package]]
name = "spam"
source = { virtual = "." }
dependencies = [{ name = "torch" }, { name = "mine" }]
[[package]]
name = "torch"
version = "2.4.1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "mine"
version = "0.1"
source = { git = "https://example.org/a.git" }
[[package]]
name = "sympy"
version = "1.13"
source = { registry = "https://pypi.org/simple" }
"""

CONDA = """\
name: spam
channels: [conda-forge]
dependencies:
  - python=3.11
  - pytorch::pytorch=2.4.1=py3.11_cuda
  - numpy=1.26
  - pandas>=2
  - scipy ==1.14.1
  - pip
  - pip:
    - tqdm>=4.60
"""


@pytest.mark.parametrize(
    ("name", "text", "packages", "skipped"),
    [
        (
            "requirements.txt",
            REQUIREMENTS,
            {
                "torch": ("2.4.1", None),
                "tqdm": (None, ">=4.60"),
                "scikit-learn": (None, "==1.5.*"),
                "pandas": (None, "<3"),
            },
            {
                "pywin32",
                "mine",
                "git+https://example.org/a.git",
                "-r more.txt",
                "name with spaces",
            },
        ),
        (
            "pyproject.toml",
            '[project]\nname = "spam"\ndependencies = ["torch==2.4.1", "tqdm"]\n',
            {"torch": ("2.4.1", None), "tqdm": (None, None)},
            set(),
        ),
        ("uv.lock", UV_LOCK, {"torch": ("2.4.1", None)}, {"mine"}),
        (
            "environment.yml",
            CONDA,
            {
                "torch": ("2.4.1", None),
                "numpy": (None, "==1.26.*"),
                "pandas": (None, ">=2"),
                "scipy": ("1.14.1", None),
                "tqdm": (None, ">=4.60"),
            },
            set(),
        ),
        ("pyproject.toml", "[project\n", {}, {"pyproject.toml"}),
        ("environment.yml", "dependencies: [\n", {}, {"environment.yml"}),
    ],
)
def test_files_of_requirements_are_read(
    tmp_path: Path,
    name: str,
    text: str,
    packages: dict[str, tuple[str | None, str | None]],
    skipped: set[str],
) -> None:
    (tmp_path / name).write_text(text)
    asked = wishes(tmp_path)
    assert asked is not None
    assert asked.source == name
    assert asked.packages == packages
    assert set(asked.skipped) == skipped


def test_the_first_file_that_says_something_counts_and_else_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import yaml\n")
    files = EnvironmentSource.FILES
    assert look(tmp_path, files)["source"] == "kernel"
    (tmp_path / "environment.yml").write_text(CONDA)
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 100\n")
    assert look(tmp_path, files)["source"] == "environment.yml"
    (tmp_path / "requirements.txt").write_text("tqdm\n")
    data = look(tmp_path, files)
    assert (data["source"], data["kernel"]) == ("requirements.txt", None)
    assert data["python"].startswith("3.")
    assert look(tmp_path)["source"] == "kernel"
