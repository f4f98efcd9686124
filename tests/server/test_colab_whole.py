"""The whole way: the cell made at home runs in Colab, the machine vanishes, its work is at home."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

from tests.colab_standin import Cell, Runtime
from tests.companion.training import loop, read_journal
from tests.drive_emulator import DriveEmulator

from . import colab_home
from .colab_home import FAR, Home, make
from .conftest import until

extension_config = colab_home.extension_config
home = colab_home.home
quick_kernel = colab_home.quick_kernel


async def run(vm: Runtime, code: str) -> str:
    """Run a cell beside the server; it must end well."""
    # Not `to_thread`, which takes this loop along in its context, where Jupyter's client finds it.
    loop = asyncio.get_running_loop()
    cell: Cell = await loop.run_in_executor(None, vm.run_cell, code, 120)
    assert cell.error is None, cell.text
    return cell.text


async def test_what_a_vanished_machine_has_finished_is_at_home_and_a_new_one_goes_on_from_it(
    home: Home, project: Path, drive: DriveEmulator, tmp_path: Path
) -> None:
    (project / "model.py").write_text("LAYERS = 3\n")
    cell = (await make(home.browser, home.number))["source"]
    journal = tmp_path / "journal.jsonl"
    nothing = tmp_path / "no-companion"  # what the cell fetches is all that there is

    with Runtime(drive, tmp_path, companion=nothing) as vm:
        said = await run(vm, cell)
        assert "Drive is reached" in said
        assert vm.asked == ["auth"], "one consent"
        assert (await run(vm, "import model; print(model.LAYERS)")).strip() == "3"
        await run(vm, loop(journal) + "\ntrain(7, steps=3)")
        await run(
            vm,
            "from drive_sync_colab import checkpoint\n"
            + "checkpoint('checkpoints/step-3.pt', step=3, metrics={'loss': 0.25})",
        )
        (runtime,) = (await home.sync())["runtimes"]
        train = {"path": "train.ipynb", "file_id": drive.find(f"{FAR}/train.ipynb").id}
        assert (runtime["state"], runtime["notebook"]) == ("running", train)
        assert runtime["notebooks"] == [train]
        vm.end()

    (runtime,) = (await home.sync())["runtimes"]
    home.clock.pass_by(3600)
    (runtime,) = (await home.sync())["runtimes"]
    assert runtime["state"] == "silent"
    finished = {(one.path, one.md5) for one in read_journal(journal)}
    here = project / "outputs" / runtime["run"]
    # What the guard had found before it was handed in comes as a version beside it.
    await until(lambda: any((here / "checkpoints").glob("step-3*.pt")), 60)
    arrived = {hashlib.md5(path.read_bytes()).hexdigest() for path in here.rglob("*.pt")}
    assert arrived <= {md5 for _, md5 in finished}, "nothing torn comes home"

    with Runtime(drive, tmp_path, companion=nothing) as vm:
        await run(vm, cell)
        found = await run(
            vm,
            "import hashlib, drive_sync_colab as ds\npath = ds.restore()\n"
            "print(path.name, hashlib.md5(path.read_bytes()).hexdigest())",
        )
        name, md5 = found.split()[-2:]
        assert (f"checkpoints/{name}", md5) in finished
