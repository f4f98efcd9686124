"""The stand-in behaves as the real runtime is known to."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.colab_standin import REFUSE, TIME_OUT, Runtime
from tests.drive_emulator import DriveEmulator

SIGN_IN = "from google.colab import auth; auth.authenticate_user()"

SLEEPERS = """
import subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
child = subprocess.Popen(sleep)
own = subprocess.Popen(sleep, start_new_session=True)
bare = subprocess.Popen(sleep, start_new_session=True, env={}, cwd="/")
print(child.pid, own.pid, bare.pid)
"""


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until_dead(pid: int, timeout: float = 5.0) -> bool:
    limit = time.monotonic() + timeout
    while alive(pid) and time.monotonic() < limit:
        time.sleep(0.02)
    return not alive(pid)


@pytest.fixture
def vm(drive_emulator: DriveEmulator, tmp_path: Path):
    with Runtime(drive_emulator, tmp_path) as machine:
        yield machine


def test_colabs_package_lives_beside_googles_own(vm):
    cell = vm.run_cell(
        "import google.auth, google.colab, os\n"
        "print(google.colab.__file__); print(google.auth.__file__); print(os.getcwd())"
    )
    assert cell.error is None
    assert "colab_standin" in cell.text
    assert "site-packages" in cell.text
    assert str(vm.content) in cell.text


def test_there_are_no_credentials_before_the_person_allowed_it(vm):
    look = (
        "import google.auth, google.auth.transport.requests as r\n"
        "credentials, _ = google.auth.default()\n"
        "credentials.refresh(r.Request()); print(credentials.token[:5])"
    )
    assert vm.run_cell(look).error is not None

    assert vm.run_cell(SIGN_IN).error is None
    assert "ya29." in vm.run_cell(look).text
    vm.run_cell(SIGN_IN)
    assert vm.asked == ["auth"], "asked once"


def test_a_refused_dialog_and_one_without_an_answer(vm):
    vm.answers["auth"] += [REFUSE, TIME_OUT]

    assert vm.run_cell(SIGN_IN).error[0] == "MessageError"
    assert vm.run_cell(SIGN_IN).error[0] == "AuthorizationError"


def test_dialogs_are_asked_for_by_the_main_thread_alone(vm):
    work = f"threading.Thread(target=lambda: exec({SIGN_IN!r}))"
    vm.run_cell(f"import threading\nworker = {work}\nworker.start(); worker.join()")

    assert vm.violations == ["request_auth"]
    vm.violations.clear()


def test_what_outlives_what(vm):
    child, own, _ = map(int, vm.run_cell(SLEEPERS).text.split())
    running = vm.start_cell("import time; print('busy'); time.sleep(600)").wait_for("busy")
    vm.interrupt()
    assert running.wait().error[0] == "KeyboardInterrupt"
    assert wait_until_dead(child)
    assert alive(own)

    child, own, _ = map(int, vm.run_cell(SLEEPERS).text.split())
    vm.restart_kernel()
    assert wait_until_dead(child)
    assert alive(own)

    child, own, _ = map(int, vm.run_cell(SLEEPERS).text.split())
    vm.kill_kernel()
    assert alive(own)
    assert vm.run_cell("print('here again')").text.strip() == "here again"


def test_nothing_outlives_the_machine(drive_emulator, tmp_path):
    vm = Runtime(drive_emulator, tmp_path)
    vm.start()
    pids = [*map(int, vm.run_cell(SLEEPERS).text.split()), vm.kernel.pid]
    assert all(map(alive, pids))

    vm.end()

    assert not any(map(alive, pids))
    assert os.listdir(tmp_path) == []


def test_a_mount_shows_at_once_and_uploads_later(vm):
    vm.drive.write("project/a.txt", b"one")
    vm.mounting["lag"] = 0.5
    mount = "from google.colab import drive\ndrive.mount({!r})"
    assert vm.run_cell(mount.format(str(vm.content / "a b"))).error[0] == "ValueError"
    cell = vm.run_cell(mount.format(str(vm.content / "drive")))
    assert "Mounted at" in cell.text
    file = vm.content / "drive" / "MyDrive" / "project" / "new.txt"

    vm.run_cell(f"open({str(file)!r}, 'w').write('new')")
    assert not vm.drive.exists("project/new.txt")
    limit = time.monotonic() + 10
    while not vm.drive.exists("project/new.txt") and time.monotonic() < limit:
        time.sleep(0.05)
    assert vm.drive.read("project/new.txt") == b"new"

    vm.drive.write("project/a.txt", b"two")
    assert "one" in vm.run_cell(f"print(open({str(file.parent / 'a.txt')!r}).read())").text
    vm.mount.break_file("project/a.txt")
    read = vm.run_cell(f"open({str(file.parent / 'a.txt')!r}).read(1)")
    assert read.error[0] == "OSError"
    vm.mount.disconnect()
    assert vm.run_cell(f"open({str(file)!r}).read()").error[0] == "OSError"


def test_what_a_mount_had_not_uploaded_is_lost_with_the_machine(drive_emulator, tmp_path):
    with Runtime(drive_emulator, tmp_path) as vm:
        vm.mounting["lag"] = 60
        vm.run_cell(f"from google.colab import drive\ndrive.mount({str(vm.content / 'drive')!r})")
        vm.run_cell("open('drive/MyDrive/lost.txt', 'w').write('lost')")
        assert (vm.content / "drive" / "MyDrive" / "lost.txt").exists()

    assert not drive_emulator.exists("lost.txt")


def test_a_notebook_can_let_its_machine_go(drive_emulator, tmp_path):
    vm = Runtime(drive_emulator, tmp_path)
    vm.start()
    vm.start_cell("from google.colab import runtime; runtime.unassign()")
    limit = time.monotonic() + 10
    while vm.base.exists() and time.monotonic() < limit:
        time.sleep(0.02)
    assert vm.unassigned
    assert not vm.base.exists()
