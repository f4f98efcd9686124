"""The project's copy in a runtime: what pull and push do, with real rclone against the emulator."""

from __future__ import annotations

import os
import random
from datetime import datetime
from pathlib import Path

import pytest

from jupyter_drive_sync.companion.drive_sync_colab import project as projects
from jupyter_drive_sync.companion.drive_sync_colab.errors import (
    DriveFull,
    FolderUnknown,
    PathInvalid,
    ProjectTooLarge,
    RcloneFailed,
    RuntimeFull,
    SignInLost,
)
from jupyter_drive_sync.companion.drive_sync_colab.listing import RemoteFile, check_size
from jupyter_drive_sync.companion.drive_sync_colab.places import Places
from jupyter_drive_sync.companion.drive_sync_colab.settings import SECRET, Transport
from tests.companion.conftest import FILES, Project, brought, tree
from tests.drive_emulator import Answer
from tests.drive_emulator.fixtures import GDrive, rclone_binary

NOW = datetime(2026, 11, 21, 16, 40)


def copy_of(gdrive: GDrive, project: Project, folder: Path, **more: object) -> projects.Project:
    transport = Transport(
        SECRET,
        [rclone_binary(), "--config", str(gdrive.config)],
        gdrive.drive.environment(),
        f"{gdrive.name},root_folder_id={{id}}:",
    )
    return projects.Project(
        folder / "spam", project.id, transport, Places(folder), clock=lambda: NOW, **more
    )


@pytest.fixture
def here(gdrive, project, tmp_path) -> projects.Project:
    return copy_of(gdrive, project, tmp_path / "content")


def test_a_pull_brings_everything_once(here, project, drive_emulator):
    done = here.pull()

    assert tree(here.folder) == brought()
    assert sorted(done.files) == sorted(brought())
    assert done.total == len(brought())
    drive_emulator.reset_counts()
    again = here.pull()
    assert (again.files, again.beside, again.kept, again.gone) == ([], [], [], [])
    assert drive_emulator.calls["files.download"] == 0
    assert not here.places.staging.exists()


def test_a_new_kernel_knows_what_the_last_one_brought(
    here, project, gdrive, tmp_path, drive_emulator
):
    here.pull()
    drive_emulator.reset_counts()

    assert copy_of(gdrive, project, tmp_path / "content").pull().files == []
    assert drive_emulator.calls["files.download"] == 0


def test_what_changed_on_drive_alone_is_brought_in_place(here, project):
    here.pull()
    project.write("model.py", b"LAYERS = 4\n")
    project.write("new/more.py", b"new\n")

    assert sorted(here.pull().files) == ["model.py", "new/more.py"]
    assert (here.folder / "model.py").read_bytes() == b"LAYERS = 4\n"


def test_what_changed_here_is_never_written_over(here, project):
    here.pull()
    (here.folder / "model.py").write_bytes(b"LAYERS = 5\n")
    assert here.pull().kept == ["model.py"]

    project.write("model.py", b"LAYERS = 4\n")
    done = here.pull()

    assert done.beside == ["model (Drive, 2026-11-21 16.40).py"]
    assert (here.folder / "model.py").read_bytes() == b"LAYERS = 5\n"
    assert (here.folder / done.beside[0]).read_bytes() == b"LAYERS = 4\n"
    assert here.pull().beside == [], "it is put there once"


def test_the_same_edit_on_both_sides_is_no_conflict(here, project):
    here.pull()
    (here.folder / "model.py").write_bytes(b"LAYERS = 4\n")
    project.write("model.py", b"LAYERS = 4\n")

    done = here.pull()

    assert (done.beside, done.kept) == ([], [])
    assert sorted(tree(here.folder)) == sorted(brought())


def test_a_file_that_was_there_before_is_not_written_over(here, project):
    here.folder.mkdir(parents=True)
    (here.folder / "model.py").write_bytes(b"mine\n")
    (here.folder / "notes (draft).txt").write_bytes(FILES["notes (draft).txt"])

    done = here.pull()

    assert done.beside == ["model (Drive, 2026-11-21 16.40).py"]
    assert (here.folder / "model.py").read_bytes() == b"mine\n"


def test_what_is_gone_on_drive_stays_here_and_what_is_gone_here_comes_again(here, project):
    here.pull()
    project.drive.trash("ml/spam/model.py")
    (here.folder / "data/labels.csv").unlink()

    done = here.pull()

    assert (done.gone, done.files) == (["model.py"], ["data/labels.csv"])
    assert (here.folder / "model.py").exists()
    assert here.pull().gone == []


def test_ignored_files_runs_and_our_own_folders_stay_on_drive(here, project):
    project.write(".driveignore", b"*.bin\n/raw/\n!keep.bin\n[[:nope:]]\n")
    for path in (
        *("big.bin", "raw/a.csv", "outputs/run-20261121-164000-ab12/w.pt", "__pycache__/m.pyc"),
        *(".drive-sync/runtimes/0123456789ab.json", ".drive-sync/companion.zip"),
    ):
        project.write(path, b"x")
    project.write("keep.bin", b"x")
    project.write("outputs/table.csv", b"x")

    done = here.pull()

    expected = {*brought(), ".driveignore", "keep.bin", "outputs/table.csv"}
    assert set(tree(here.folder)) == expected
    assert [path.name for path in (here.folder / ".drive-sync").iterdir()] == ["drive-sync.json"]
    assert done.left_out == ["[[:nope:]]"]


def test_include_brings_a_part(gdrive, project, tmp_path):
    here = copy_of(gdrive, project, tmp_path, include=["data/", "*.txt"])

    here.pull()

    assert sorted(tree(here.folder)) == ["data/labels.csv", "notes (draft).txt"]
    assert here.pull().gone == []


def test_two_files_of_one_name_on_drive_are_left_there(here, project):
    project.drive.add("ml/spam/model.py", b"twin\n")

    done = here.pull()

    assert done.twins == ["model.py"]
    assert "model.py" not in tree(here.folder)


def test_a_project_above_the_limit_needs_a_yes(here, project):
    project.write("weights.pt", bytes(3_000_000))
    with pytest.raises(ProjectTooLarge) as caught:
        here.pull(limit=1_000_000)
    assert not here.folder.exists()
    assert "3.0 MB on Drive, and the limit is 1.0 MB" in caught.value.message
    assert "weights.pt 3.0 MB" in caught.value.message

    here.pull(limit=1_000_000, agreed=lambda _: True)
    assert "weights.pt" in tree(here.folder)


def test_fifty_gigabytes_are_named_folder_by_folder():
    files = [RemoteFile(f"data/part-{n}.bin", 10**9, "") for n in range(50)]
    files += [RemoteFile("src/model.py", 1000, "")]
    with pytest.raises(ProjectTooLarge) as caught:
        check_size(files, 5 * 2**30)
    assert "50 GB on Drive" in caught.value.message
    assert "data/ 50 GB" in caught.value.message
    assert 'include=["src/"' in caught.value.hint


def test_a_full_runtime_is_noticed_before_anything_is_copied(here, monkeypatch):
    usage = type("usage", (), {"free": 1000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)

    with pytest.raises(RuntimeFull, match=r"1\.0 kB left"):
        here.pull()
    assert not here.folder.exists()


def test_a_download_that_breaks_off_is_told_and_nothing_is_torn(here, project, drive_emulator):
    drive_emulator.faults.add(Answer(403, "cannotDownloadFile"), "files.download", times=None)
    with pytest.raises(RcloneFailed, match=r"transfer failed: .*cannotDownloadFile"):
        here.pull()
    assert tree(here.folder) == {}

    drive_emulator.calm()
    here.pull()
    assert tree(here.folder) == brought()


def test_a_lost_sign_in_has_its_sentence(here, drive_emulator):
    drive_emulator.tokens.refuse_refresh = True
    drive_emulator.tokens.revoke()
    with pytest.raises(SignInLost, match="sign-in"):
        here.pull()


def test_a_folder_that_is_not_there_has_its_sentence(here, project):
    project.drive.delete("ml/spam")
    with pytest.raises(FolderUnknown):
        here.pull()


# Push


def test_a_push_goes_in_place_where_drive_still_has_what_was_pulled(here, project):
    here.pull()
    before = project.drive.find("ml/spam/model.py")
    (here.folder / "model.py").write_bytes(b"LAYERS = 5\n")

    done = here.push(["model.py"])

    after = project.drive.find("ml/spam/model.py")
    assert (done.files, done.beside) == (["model.py"], {})
    assert (after.id, after.content) == (before.id, b"LAYERS = 5\n")
    assert here.pull().files == []
    (here.folder / "model.py").write_bytes(b"LAYERS = 6\n")
    assert here.push(["model.py"]).files == ["model.py"]
    assert here.push(["model.py"]).same == ["model.py"]


def test_a_push_never_writes_over_what_was_not_seen_here(here, project):
    here.pull()
    project.write("model.py", b"LAYERS = 4\n")
    (here.folder / "model.py").write_bytes(b"LAYERS = 5\n")

    done = here.push(["model.py"])

    beside = "model (Colab, 2026-11-21 16.40).py"
    assert (done.files, done.beside) == ([], {"model.py": beside})
    assert project.read("model.py") == b"LAYERS = 4\n"
    assert project.read(beside) == b"LAYERS = 5\n"

    (here.folder / "model.py").write_bytes(b"LAYERS = 6\n")
    assert here.push(["model.py"]).beside["model.py"] == "model (Colab, 2026-11-21 16.40 2).py"


def test_a_file_of_the_same_bytes_under_another_id_is_not_written_to(here, project):
    here.pull()
    project.drive.trash("ml/spam/model.py")
    project.write("model.py", FILES["model.py"])
    (here.folder / "model.py").write_bytes(b"LAYERS = 5\n")

    assert list(here.push(["model.py"]).beside) == ["model.py"]


def test_a_folder_is_pushed_without_what_is_ignored(here, project):
    project.write(".driveignore", b"*.bin\n")
    here.pull()
    (here.folder / "data/new.csv").write_bytes(b"new\n")
    (here.folder / "data/big.bin").write_bytes(b"big")
    (here.folder / "data/look.ipynb").write_bytes(b"{}")

    done = here.push(["data"])

    assert done.files == ["data/new.csv"]
    assert done.same == ["data/labels.csv"]
    assert "Colab saves notebooks itself" in done.refused["data/look.ipynb"]
    assert not project.drive.exists("ml/spam/data/big.bin")
    assert not project.drive.exists("ml/spam/data/look.ipynb")


@pytest.mark.parametrize("path", ["/etc/hostname", "../elsewhere.txt", "nothing.txt"])
def test_only_what_is_in_the_project_is_pushed(here, path):
    here.pull()
    (here.folder.parent / "elsewhere.txt").write_bytes(b"x")
    with pytest.raises(PathInvalid):
        here.push([path])


def test_a_full_drive_has_its_sentence(here, project, drive_emulator):
    here.pull()
    (here.folder / "model.py").write_bytes(bytes(5000))
    drive_emulator.set_quota(10)
    with pytest.raises(DriveFull, match="No space is left on Drive"):
        here.push(["model.py"])
    assert project.read("model.py") == FILES["model.py"]


# Nothing is lost, whatever happens in which order


def everything(project: Project, here: projects.Project) -> set[bytes]:
    """Return every version that is still somewhere."""
    found = set(tree(here.folder).values())
    for file in project.drive.state.files():
        found |= {revision.content for revision in file.revisions}
    return found


@pytest.mark.parametrize("seed", range(40 if os.environ.get("DRIVE_SYNC_SOAK") else 2))
def test_no_version_is_ever_lost(here, project, seed):
    chance = random.Random(seed)
    names = ["model.py", "data/labels.csv", "a.txt"]
    written: set[bytes] = set()
    for step in range(14):
        name = chance.choice(names)
        content = f"{seed} {step} {name}\n".encode()
        match chance.randrange(6):
            case 0:
                project.write(name, content)
                written.add(content)
            case 1 if (here.folder / "data").is_dir():
                (here.folder / name).write_bytes(content)
                here.push([name])
                written.add(content)
            case 2 if (here.folder / "data").is_dir():
                # what a person writes over in the runtime is gone: only pushed versions count
                (here.folder / name).write_bytes(content)
            case 3 if (here.folder / name).exists():
                here.push([name])
                written.add((here.folder / name).read_bytes())
            case 4 if project.drive.exists(f"ml/spam/{name}"):
                project.drive.trash(f"ml/spam/{name}")
            case _:
                kept = {path: (here.folder / path).read_bytes() for path in tree(here.folder)}
                changed = {path for path in kept if (here.folder / path).is_file()}
                done = here.pull()
                assert {path for path in changed if not (here.folder / path).exists()} == set()
                touched = set(done.files)
                assert all(
                    (here.folder / path).read_bytes() == content
                    for path, content in kept.items()
                    if path not in touched
                )
        assert written <= everything(project, here)


def test_a_link_is_not_pushed_and_says_why(here, tmp_path):
    here.pull()
    (tmp_path / "secret.txt").write_text("elsewhere")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.txt").write_text("elsewhere too")
    (here.folder / "shown").mkdir()
    (here.folder / "shown" / "own.txt").write_text("mine")
    (here.folder / "shown" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (here.folder / "shown" / "gone.txt").symlink_to(tmp_path / "nothing")
    (here.folder / "more").symlink_to(tmp_path / "more")

    done = here.push(["shown", "more"])

    assert done.files == ["shown/own.txt"]
    assert sorted(done.refused) == ["more", "shown/gone.txt", "shown/link.txt"]
    assert {why.split(":")[0] for why in done.refused.values()} == {"It is a link"}
