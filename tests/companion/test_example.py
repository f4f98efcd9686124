"""The example's training in epochs runs anywhere, and goes on from its newest checkpoint.

scikit-learn is played by small modules: what is tested is the example, not the library.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.bundle import BUNDLE_PATH, make_bundle
from jupyter_drive_sync.companion.cell import CellFacts, cell_source
from tests.colab_standin import Runtime

from .conftest import Project, shown
from .guard_support import wait_for
from .test_runtime_end import listed, run_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "spam-detection"

VECTORIZER = """
class HashingVectorizer:
    def __init__(self, n_features, analyzer):
        self.analyzer = analyzer
    def transform(self, texts):
        return [set(self.analyzer(text)) for text in texts]
"""
CLASSIFIER = """
class SGDClassifier:
    def __init__(self, loss, random_state):
        self.seen = {}
    def partial_fit(self, table, labels, classes):
        for words, label in zip(table, labels):
            for word in words:
                self.seen[word] = self.seen.get(word, 0) + (1 if label == "spam" else -1)
    def predict(self, table):
        return ["spam" if sum(self.seen.get(w, 0) for w in words) > 0 else "ham" for words in table]
    def predict_proba(self, table):
        return [[0.1, 0.9] if label == "spam" else [0.9, 0.1] for label in self.predict(table)]
"""


def play_sklearn(folder: Path) -> Path:
    """Write the modules; return the folder for PYTHONPATH."""
    for name, content in {
        "sklearn/__init__.py": "",
        "sklearn/feature_extraction/__init__.py": "",
        "sklearn/feature_extraction/text.py": VECTORIZER,
        "sklearn/linear_model.py": CLASSIFIER,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "spam"))


def run(example: Path, *arguments: str, modules: Path | None = None) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(modules or "")}
    done = subprocess.run(
        [sys.executable, example / "train_epochs.py", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


def test_without_a_library_the_training_says_what_to_install(example):
    code, said = run(example)
    assert code == 1
    assert said.startswith("This training needs PyTorch or scikit-learn")
    assert "pip install scikit-learn" in said


def test_at_home_training_goes_on_from_the_newest_checkpoint(example, tmp_path):
    modules = play_sklearn(tmp_path / "modules")
    code, said = run(example, "--epochs", "3", modules=modules)
    assert (code, said.splitlines()[0]) == (0, "scikit-learn: from the beginning")

    code, said = run(example, "--epochs", "11", modules=modules)
    assert said.splitlines()[0] == "scikit-learn: going on after epoch 3, from epoch-3.pkl"
    assert said.count("accuracy") == 8

    code, said = run(example, "--epochs", "12", modules=modules)
    assert "after epoch 11" in said


def put_on_drive(project: Project, example: Path) -> None:
    for path in example.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            project.write(path.relative_to(example).as_posix(), path.read_bytes())


def cells_of(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def test_every_cell_of_the_notebook_runs_in_colab_as_it_is_written(
    project: Project, drive_emulator, tmp_path, example
):
    put_on_drive(project, example)
    project.write(BUNDLE_PATH, make_bundle("1.0").content)
    bundle = project.drive.find(f"ml/spam/{BUNDLE_PATH}").id
    first = cell_source(CellFacts("spam", project.id, bundle, "train_epochs.ipynb"))
    modules = play_sklearn(tmp_path / "modules")

    with Runtime(drive_emulator, tmp_path, companion=tmp_path / "nothing") as vm:
        assert "✓ Guarded: checkpoints/" in shown(vm.run_cell(first, 90))
        shown(vm.run_cell(f"import sys; sys.path.insert(0, {str(modules)!r})"))
        said = [shown(vm.run_cell(cell, 90)) for cell in cells_of(example / "train_epochs.ipynb")]

    assert said[0].strip() == "scikit-learn"
    assert said[1].count("accuracy") == 10
    assert "going on after epoch 10" in said[2]
    assert "spam" in said[3]
    assert "verified on Drive." in said[-1]


def test_the_notebooks_last_cell_has_nothing_to_do_at_home(example):
    done = subprocess.run(
        [sys.executable, "-c", cells_of(example / "train_epochs.ipynb")[-1]],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.startswith("At home there is nothing to wait for")


def test_in_colab_a_new_runtime_goes_on_from_the_checkpoint_on_drive(
    project: Project, drive_emulator, tmp_path, example
):
    put_on_drive(project, example)
    modules = play_sklearn(tmp_path / "modules")
    code = f"import sys; sys.path.insert(0, {str(modules)!r})\nfrom train_epochs import train\n"

    with Runtime(drive_emulator, tmp_path) as vm:
        shown(project.connect(vm, 'outputs=["checkpoints/"]'))
        outputs = f"ml/spam/outputs/{run_of(vm)}"
        first = shown(vm.run_cell(f"{code}model = train(epochs=4)"))
        assert first.startswith("scikit-learn: from the beginning")
        wait_for(lambda: any(line.step == 4 for line in listed(drive_emulator, outputs)))
    newest = max(listed(drive_emulator, outputs), key=lambda line: line.step or 0)
    assert newest.metrics is not None
    assert newest.metrics["accuracy"] > 0.8

    with Runtime(drive_emulator, tmp_path) as vm:
        shown(project.connect(vm, 'outputs=["checkpoints/"]'))
        second = shown(vm.run_cell(f"{code}model = train(epochs=6)"))
    assert second.startswith("scikit-learn: going on after epoch 4, from epoch-4.pkl")
    assert second.count("accuracy") == 2
