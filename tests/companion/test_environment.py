"""Libraries in a Colab machine, installed by the real uv and the real pip from a small index."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.colab_standin import Runtime, add_packages
from tests.companion.conftest import shown


def make_wheel(folder: Path, name: str, version: str, *requires: str, python: str = "") -> None:
    """Put a wheel into an index: one module that says its version."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    about = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    about += [f"Requires-Python: {python}"] if python else []
    about += [f"Requires-Dist: {one}" for one in requires]
    files = {
        f"{module}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": "\n".join(about) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=")
        rows.append(f"{path},sha256={digest.decode()},{len(text)}")
    files[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]) + "\n"
    with zipfile.ZipFile(folder / f"{module}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)


def make_source(folder: Path, name: str, version: str) -> None:
    """Put a package into an index that says what it is, but cannot be built."""
    top = f"{name.replace('-', '_')}-{version}"
    about = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n"
    backend = (
        "from pathlib import Path\n"
        "def build_wheel(*a, **k): raise SystemExit('no compiler')\n"
        "def prepare_metadata_for_build_wheel(folder, *a, **k):\n"
        f"    info = Path(folder, {top + '.dist-info'!r})\n"
        "    info.mkdir()\n"
        f"    (info / 'METADATA').write_text({about!r})\n"
        "    return info.name\n"
    )
    project = (
        f"[project]\nname = {name!r}\nversion = {version!r}\n"
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    files = {"PKG-INFO": about, "pyproject.toml": project, "backend.py": backend}
    with tarfile.open(folder / f"{top}.tar.gz", "w:gz") as archive:
        for path, text in files.items():
            info = tarfile.TarInfo(f"{top}/{path}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))


@pytest.fixture
def index(tmp_path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        make_wheel(folder, "tiny-tool", version)
    make_wheel(folder, "tiny-model", "1.0", "tiny-tool>=1")
    make_wheel(folder, "tiny-greedy", "1.0", "numpy>=99")
    make_wheel(folder, "tiny-new", "1.0", python=">=3.99")
    make_wheel(folder, "numpy", "99.0")
    make_wheel(folder, "tiny-picky", "1.0", "tiny-tool>=2")
    make_wheel(folder, "tiny-easy", "1.0", "tiny-tool")
    make_wheel(folder, "tiny-easy", "2.0", "tiny-tool>=2")
    make_source(folder, "tiny-compiled", "1.0")
    return folder


def machine(drive, tmp_path: Path, index: Path, *, uv: bool = True, **more: str) -> Runtime:
    settings = tmp_path / "uv.toml"
    settings.write_text(f"no-index = true\nfind-links = [{json.dumps(str(index))}]\n")
    env = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "UV_CONFIG_FILE": str(settings),
        "UV_NO_CACHE": "1",
        **more,
    }
    vm = Runtime(drive, tmp_path, env=env, uv=uv)
    vm.start()
    owned = {"numpy": ("2.1.3", []), "torch": ("2.11.0+cu128", ["numpy"])}
    add_packages(vm.python, owned)
    return vm


def package(name: str, version: str | None = None, spec: str | None = None) -> dict[str, object]:
    return {"name": name, "version": version, "spec": spec}


VERSIONS = (
    "from importlib.metadata import version\nprint(*(version(name) for name in {!r}.split()))"
)


@pytest.mark.parametrize("uv", [True, False], ids=["uv", "pip"])
def test_what_is_missing_is_installed_and_what_the_runtime_owns_stays(
    project, drive_emulator, tmp_path, index, uv
):
    project.environment(
        package("Tiny_Model", "1.0"),
        package("tiny-tool", "1.0"),
        package("numpy", "2.3.0"),
        package("torch", "2.11.0"),
        package("tiny-greedy", "1.0"),
        package("tiny-new", "1.0"),
        package("tiny-nowhere", "3.0"),
        package("jupyterlab", "4.6.0"),
        python="3.9.1",
        skipped=[
            {"name": "my-own", "why": "installed at home from a folder"},
            {"name": "torch", "why": "imported, but not installed at home"},
        ],
    )
    vm = machine(drive_emulator, tmp_path, index, uv=uv)
    try:
        text = shown(project.connect(vm, "outputs=['runs/']"))

        assert "Libraries: 1 as at home, 2 installed (tiny-model, tiny-tool)." in text
        assert "Installing: tiny-model 1.0, tiny-tool 1.0" in text
        assert "Kept, because the runtime owns them: numpy 2.1.3 in Colab, 2.3.0 at home." in text
        assert "tiny-greedy 1.0: it needs other versions" in text
        assert "tiny-new 1.0: there is none for this runtime's Python" in text
        assert "tiny-nowhere 3.0: the package index has no such" in text
        assert "jupyterlab" not in text
        assert "and 3.9.1 at home." in text
        assert "• Not brought: my-own: installed at home from a folder." in text
        assert vm.run_cell(VERSIONS.format("tiny-tool numpy torch")).text.split() == [
            "1.0",
            "2.1.3",
            "2.11.0+cu128",
        ]
        settings = json.loads((vm.content / ".drive-sync/guard/settings.json").read_text())
        assert settings["environment"]["drift"] == 4
        assert "numpy 2.1.3 in Colab, 2.3.0 at home" in settings["environment"]["text"]

        again = shown(project.connect(vm))
        assert "Looking for libraries" not in again, "what is impossible is not tried again"
        assert "nothing to install" in again
    finally:
        vm.end()


def test_a_library_in_use_asks_for_a_restart(project, drive_emulator, tmp_path, index):
    vm = machine(drive_emulator, tmp_path, index)
    try:
        project.environment(package("tiny-tool", "1.0"))
        shown(project.connect(vm))
        assert vm.run_cell("import tiny_tool; print(tiny_tool.VERSION)").text.strip() == "1.0"

        project.environment(package("tiny-tool", "2.0"))
        text = shown(project.connect(vm))
        assert "Another version of tiny-tool is in use in this session." in text
        assert "Restart session" in text

        vm.restart_kernel()
        text = shown(project.connect(vm))
        assert "in use" not in text
        assert vm.run_cell("import tiny_tool; print(tiny_tool.VERSION)").text.strip() == "2.0"
    finally:
        vm.end()


def test_what_else_changes_is_said_before_it_is_done(project, drive_emulator, tmp_path, index):
    vm = machine(drive_emulator, tmp_path, index)
    try:
        project.environment(package("tiny-tool", "1.0"))
        shown(project.connect(vm))
        vm.run_cell("import tiny_tool")

        project.environment(package("tiny-easy", spec=">=1"))
        text = shown(project.connect(vm))
        assert "also changes" not in text, "an older version of it gets along with what is here"
        assert vm.run_cell(VERSIONS.format("tiny-tool tiny-easy")).text.split() == ["1.0", "1.0"]

        project.environment(package("tiny-picky", "1.0"))
        text = shown(project.connect(vm))
        before, _, after = text.partition("This also changes: tiny-tool 1.0 to 2.0")
        assert "Installing: tiny-picky 1.0" in before
        assert "The session has to be restarted afterwards, for tiny-tool" in after
        assert "• Changed along with these: tiny-tool 1.0 to 2.0." in after
        assert "Another version of tiny-tool is in use in this session." in after
    finally:
        vm.end()


def test_what_cannot_be_built_keeps_nothing_else_from_coming(
    project, drive_emulator, tmp_path, index
):
    project.environment(package("tiny-compiled", "1.0"), package("tiny-tool", "1.0"))
    vm = machine(drive_emulator, tmp_path, index)
    try:
        text = shown(project.connect(vm))
        assert "1 installed (tiny-tool)." in text
        assert "tiny-compiled 1.0: it would have to be built here" in text
        assert "Installing" not in shown(project.connect(vm)), "it is not tried again"
    finally:
        vm.end()


def test_an_environment_of_its_own_has_homes_versions(project, drive_emulator, tmp_path, index):
    project.environment(package("tiny-tool", "1.0"), package("numpy", "99.0"))
    vm = machine(drive_emulator, tmp_path, index)
    try:
        text = shown(project.connect(vm, "env='exact'"))
        python = vm.content / ".drive-sync/venv/bin/python"
        assert f"Scripts run with home's versions: !{python} train.py" in text
        assert "Kept, because the runtime owns them: numpy 2.1.3" in text
        ran = vm.run_cell(
            f"import subprocess; print(subprocess.check_output([{str(python)!r}, '-c', "
            "'import numpy, tiny_tool; print(numpy.VERSION, tiny_tool.VERSION)'], text=True))"
        )
        assert ran.text.split() == ["99.0", "1.0"]
    finally:
        vm.end()


def test_without_a_package_index_the_notebook_still_works(project, drive_emulator, tmp_path, index):
    project.environment(package("tiny-tool", "1.0"), package("torch", "2.11.0"))
    settings = tmp_path / "offline.toml"
    settings.write_text('index-url = "http://127.0.0.1:9/simple"\n')
    vm = machine(drive_emulator, tmp_path, index, UV_CONFIG_FILE=str(settings))
    try:
        vm.run_cell("import os; os.environ['UV_CONFIG_FILE'] = " + repr(str(settings)))
        text = shown(project.connect(vm, "outputs=['runs/']"))
        offline = "The package index cannot be reached, so nothing was installed."
        assert f"✗ {offline} Missing: tiny-tool 1.0." in text
        assert text.count(offline) == 1, "once, and not as a reason of each library"
        assert "Run this cell again in a moment." in text
        assert "The other cells still run" in text
        assert "Guarded: runs/" in text, "the guard does not wait for libraries"
        status = vm.run_cell("print(c.ok, os.getcwd())").text.split()
        assert status == ["False", str(vm.content / "spam")]
    finally:
        vm.end()


def test_libraries_can_be_left_alone(project, drive_emulator, tmp_path, index):
    project.environment(package("tiny-tool", "1.0"), package("numpy", "2.3.0"))
    vm = machine(drive_emulator, tmp_path, index)
    try:
        text = shown(project.connect(vm, "env='off'"))
        assert "Libraries were left alone, as asked." in text
        assert "numpy 2.1.3 in Colab, 2.3.0 at home" in text
        assert vm.run_cell("import tiny_tool").error[0] == "ModuleNotFoundError"
        assert "env='all' is not known" in shown(project.connect(vm, "env='all'"))
    finally:
        vm.end()


def test_a_list_of_another_version_is_left_alone(vm, project):
    project.write(".drive-sync/environment.json", b'{"v": 7}')
    assert "of another version of jupyter-drive-sync" in shown(project.connect(vm))
