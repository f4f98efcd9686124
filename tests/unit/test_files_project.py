"""The project folder: installing, deleting, renaming, holding on to."""

import errno
import hashlib
import os
import threading
from datetime import datetime
from pathlib import Path

import pytest

from jupyter_drive_sync.errors import DiskFull, FolderInvalid, FolderOutsideRoot
from jupyter_drive_sync.files import apply as apply_module
from jupyter_drive_sync.files import flush as flush_module
from jupyter_drive_sync.files import swap as swap_module
from jupyter_drive_sync.files.project_files import ProjectFiles
from jupyter_drive_sync.ports.listing import EntryKind, Version

NOW = datetime(2026, 11, 21, 16, 40)
COPY = "nb (this computer, 2026-11-21 16.40).ipynb"


@pytest.fixture(params=["exchange", "renames"])
def way(request, monkeypatch):
    """Every promise holds where the file system cannot exchange names, too."""
    if request.param == "renames":

        def unable(*_):
            raise OSError(errno.EINVAL, "not here")

        monkeypatch.setattr(swap_module, "_NATIVE", unable)
    return request.param


@pytest.fixture
def files(tmp_path):
    (tmp_path / "project").mkdir()
    return ProjectFiles(tmp_path / "project", tmp_path / "state" / "trash", lambda: NOW)


def put(files, path, content):
    file = files.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return version(file)


def version(file: Path, *, md5=True) -> Version:
    status = file.stat()
    digest = hashlib.md5(file.read_bytes()).hexdigest() if md5 else None
    return Version(status.st_size, status.st_mtime_ns, digest)


def contents(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): file.read_text()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.is_symlink()
    }


def person(files) -> dict[str, str]:
    """The project without our own folder."""
    return {k: v for k, v in contents(files.root).items() if not k.startswith(".drive-sync/")}


def install(files, path, content, expected, run="r1", *, together=False):
    with files.staging(run) as staging:
        staged = staging / path
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_text(content)
        os.utime(staged, ns=(1, 1_700_000_000_000_000_000))
        if not together:
            return files.install(staged, path, expected)
        with files.installing(staging, [path]) as installing:
            outcome = installing.install(path, expected)
            installing.settle()
            return outcome


def edit_just_before_the_swap(monkeypatch, act):
    """Run `act` after the last look at the file and before the swap."""
    real = apply_module.swap

    def late(staged, target, aside):
        monkeypatch.setattr(apply_module, "swap", real)
        act()
        return real(staged, target, aside)

    monkeypatch.setattr(apply_module, "swap", late)


# --- installing -------------------------------------------------------------------------------


def test_a_new_file_is_put_in_with_its_folders_and_its_time(files, way):
    outcome = install(files, "a/b/nb.ipynb", "new", None)
    assert outcome.done
    assert person(files) == {"a/b/nb.ipynb": "new"}
    assert (files.root / "a/b/nb.ipynb").stat().st_mtime_ns == 1_700_000_000_000_000_000


def test_the_version_the_plan_saw_goes_into_the_trash_and_the_mode_stays(files, way):
    seen = put(files, "train.sh", "old")
    (files.root / "train.sh").chmod(0o755)
    outcome = install(files, "train.sh", "new", seen)
    assert outcome.done
    assert outcome.kept_as is None
    assert outcome.trashed.read_text() == "old"
    assert "r1" in outcome.trashed.parts
    assert person(files) == {"train.sh": "new"}
    assert (files.root / "train.sh").stat().st_mode & 0o777 == 0o755
    assert (files.root / "train.sh").stat().st_mtime_ns == 1_700_000_000_000_000_000


def test_a_file_that_was_only_touched_is_still_what_the_plan_saw(files):
    seen = put(files, "a", "old")
    os.utime(files.root / "a", ns=(1, 1))
    assert install(files, "a", "new", seen).done


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file.write_text("edited"), "changed"),
        (lambda file: file.write_text("odl"), "changed"),
        (lambda file: file.unlink(), "deleted"),
        (lambda file: (file.unlink(), file.mkdir()), "folder or a link"),
        (lambda file: (file.unlink(), file.symlink_to("x")), "folder or a link"),
    ],
    ids=["edited", "edited alike in size", "deleted", "a folder now", "a link now"],
)
def test_what_the_plan_did_not_see_is_left_alone(files, way, change, reason):
    seen = put(files, "nb.ipynb", "old")
    change(files.root / "nb.ipynb")
    before = person(files)
    outcome = install(files, "nb.ipynb", "new", seen)
    assert not outcome.done
    assert reason in outcome.reason
    assert person(files) == before
    assert contents(files.trash.root) == {}


def test_a_file_that_appeared_is_left_alone(files, way):
    put(files, "nb.ipynb", "mine")
    outcome = install(files, "nb.ipynb", "new", None)
    assert not outcome.done
    assert "appeared" in outcome.reason
    assert person(files) == {"nb.ipynb": "mine"}


def test_an_edit_in_the_last_moment_is_kept_as_a_copy_beside(files, way, monkeypatch):
    seen = put(files, "nb.ipynb", "old")
    edit_just_before_the_swap(
        monkeypatch, lambda: (files.root / "nb.ipynb").write_text("last moment")
    )
    outcome = install(files, "nb.ipynb", "new", seen)
    assert outcome.done
    assert outcome.kept_as == COPY
    assert person(files) == {"nb.ipynb": "new", COPY: "last moment"}


def test_copies_get_names_of_their_own_and_never_too_long_ones(files, way, monkeypatch):
    name = "é" * 120 + ".ipynb"
    for number in range(2):
        seen = put(files, name, "old")
        edit_just_before_the_swap(
            monkeypatch, lambda n=number: (files.root / name).write_text(f"last {n}")
        )
        outcome = install(files, name, "new", seen)
        assert outcome.kept_as.endswith(".ipynb")
    assert sorted(person(files).values()) == ["last 0", "last 1", "new"]


def test_a_folder_that_takes_the_name_in_the_last_moment_keeps_it(files, monkeypatch):
    seen = put(files, "nb", "old")

    def replace():
        (files.root / "nb").unlink()
        put(files, "nb/inside", "x")

    edit_just_before_the_swap(monkeypatch, replace)
    outcome = install(files, "nb", "new", seen)
    assert not outcome.done
    assert person(files) == {"nb/inside": "x"}


def test_a_file_deleted_in_the_last_moment_stays_deleted(files, way, monkeypatch):
    seen = put(files, "nb", "old")
    edit_just_before_the_swap(monkeypatch, (files.root / "nb").unlink)
    outcome = install(files, "nb", "new", seen)
    assert not outcome.done
    assert "deleted" in outcome.reason
    assert person(files) == {}


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "", "a//b", "./a", "a/\0"])
def test_paths_that_leave_the_project_are_refused(files, path):
    with files.staging("r") as staging:
        (staging / "x").write_text("evil")
        for act in (
            lambda: files.install(staging / "x", path, None),
            lambda: files.discard(path, Version(0, 0)),
            lambda: files.rename(path, "y", Version(0, 0)),
            lambda: files.stat(path),
            lambda: files.read(path),
            lambda: files.digest([path]),
            lambda: files.write(f".drive-sync/{path}" if path else path, b""),
        ):
            with pytest.raises(FolderOutsideRoot):
                act()
    assert not (files.root.parent / "x").exists()


def test_a_link_among_the_parents_is_never_followed(files, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x").write_text("theirs")
    (files.root / "out").symlink_to(tmp_path / "outside")
    put(files, "real/x", "mine")
    (files.root / "in").symlink_to("real")
    seen = version(tmp_path / "outside" / "x")
    with pytest.raises(FolderOutsideRoot):
        install(files, "out/new", "evil", None)
    with pytest.raises(FolderOutsideRoot):
        files.discard("out/x", seen)
    outcome = install(files, "in/new", "x", None)
    assert not outcome.done
    assert "in is a link" in outcome.reason
    assert contents(tmp_path / "outside") == {"x": "theirs"}
    assert person(files) == {"real/x": "mine"}
    assert files.stat("in/x") is None


def test_a_file_among_the_parents_is_a_reason_not_a_crash(files):
    put(files, "data", "a file")
    outcome = install(files, "data/x.csv", "x", None)
    assert not outcome.done
    assert "data is a file here" in outcome.reason


def test_a_name_too_long_for_the_disk_is_a_reason(files):
    with files.staging("r") as staging:
        (staging / "short").write_text("x")
        outcome = files.install(staging / "short", "n" * 300, None)
    assert not outcome.done
    assert "too long" in outcome.reason


@pytest.mark.parametrize("together", [False, True])
def test_a_full_disk_is_named_and_nothing_is_lost(files, monkeypatch, together):
    seen = put(files, "nb", "old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(flush_module, "fsync_file", full)
    with pytest.raises(DiskFull):
        install(files, "nb", "new", seen, together=together)
    assert person(files) == {"nb": "old"}


# --- installing many at once ------------------------------------------------------------------


def flushed(monkeypatch):
    """Note in order what the disk makes sure of."""
    said = []
    for name in ("fsync_file", "fsync_folder"):
        real = getattr(flush_module, name)

        def noted(path, real=real, name=name):
            real(path)
            said.append((name, path))

        monkeypatch.setattr(flush_module, name, noted)
    return said


def test_many_files_are_made_sure_of_before_the_first_swap_and_folders_once(files, monkeypatch):
    said = flushed(monkeypatch)
    seen = {f"a/{n}": put(files, f"a/{n}", f"old {n}") for n in range(5)}
    wanted = {**seen, **{f"new/deep/{n}": None for n in range(5)}}
    with files.staging("r1") as staging:
        for path in wanted:
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
            (staging / path).write_text(f"from Drive {path}")
        with files.installing(staging, list(wanted)) as installing:
            assert {path for name, path in said if name == "fsync_file"} == {
                staging / path for path in wanted
            }
            said.clear()
            assert all(installing.install(path, was).done for path, was in wanted.items())
            assert said == []
            installing.settle()
    folders = [path for _, path in said]
    assert len(folders) == len(set(folders))
    trash = next(files.trash.root.glob("*/*/a"))
    # A folder that is new needs its own name to be made sure of, too.
    assert {files.root / "a", files.root / "new/deep", files.root / "new", files.root, trash} <= {
        *folders
    }
    assert person(files) == {path: f"from Drive {path}" for path in wanted}
    assert sorted(contents(files.trash.root).values()) == [f"old {n}" for n in range(5)]


def test_a_file_that_the_disk_refuses_does_not_hold_up_the_others(files, monkeypatch):
    real = flush_module.fsync_file

    def refuse(path):
        if path.name == "bad":
            raise OSError(errno.EIO, "Input/output error")
        real(path)

    monkeypatch.setattr(flush_module, "fsync_file", refuse)
    with files.staging("r1") as staging:
        for name in ("good", "bad"):
            (staging / name).write_text(name)
        with files.installing(staging, ["bad", "good"]) as installing:
            outcome = installing.install("bad", None)
            assert not outcome.done
            assert "disk refused" in outcome.reason
            assert installing.install("good", None).done
            installing.settle()
    assert person(files) == {"good": "good"}


def test_a_folder_that_is_deleted_at_once_does_not_hinder_settling(files):
    with files.staging("r1") as staging:
        (staging / "sub").mkdir()
        (staging / "sub/x").write_text("x")
        with files.installing(staging, ["sub/x"]) as installing:
            assert installing.install("sub/x", None).done
            (files.root / "sub/x").unlink()
            (files.root / "sub").rmdir()
            installing.settle()
    assert person(files) == {}


# --- races with an editor ---------------------------------------------------------------------


@pytest.mark.parametrize("save", ["in place", "by rename"])
def test_no_save_is_lost_whatever_the_moment(files, way, save):
    """An editor saves 200 times while versions from Drive are put in; each save is accounted for.

    A save may be overwritten by the editor's own next one: it is one file to the editor. So after
    each save the editor waits until that version was either installed over or left alone.
    """
    path = "nb.ipynb"
    file = files.root / path
    put(files, path, "start")
    saves = [f"save {number} " + "x" * (number % 50) for number in range(200)]
    go, done = threading.Semaphore(0), threading.Semaphore(0)

    def editor():
        for number, text in enumerate(saves):
            go.acquire()
            for _ in range(number * 37 % 400):  # another moment each time
                pass
            if save == "in place":
                with file.open("w") as handle:
                    handle.write(text[:5])
                    handle.flush()
                    handle.write(text[5:])
            else:
                temporary = file.with_name(".editor")
                temporary.write_text(text)
                os.replace(temporary, file)
            done.release()

    thread = threading.Thread(target=editor)
    thread.start()
    installed = 0
    with files.staging("r") as staging:
        for number in range(len(saves)):
            seen = version(file)
            staged = staging / path
            staged.write_text(f"drive {number}")
            go.release()
            outcome = files.install(staged, path, seen)
            done.acquire()
            installed += outcome.done
            everything = {*person(files).values(), *contents(files.trash.root).values()}
            assert saves[number] in everything
            if outcome.done:
                assert (
                    f"drive {number}" in everything
                    or save == "in place"
                    or (file.read_text() == saves[number])
                )
    thread.join()


# --- deleting and renaming --------------------------------------------------------------------


def test_a_deleted_file_is_in_the_trash(files, way):
    seen = put(files, "a/b.txt", "x")
    outcome = files.discard("a/b.txt", seen)
    assert outcome.done
    assert outcome.trashed.read_text() == "x"
    assert person(files) == {}
    assert list((files.root / ".drive-sync" / "staging").iterdir()) == []


def test_a_changed_file_is_not_deleted(files, way):
    seen = put(files, "a", "x")
    put(files, "a", "edited")
    outcome = files.discard("a", seen)
    assert not outcome.done
    assert "changed" in outcome.reason
    assert person(files) == {"a": "edited"}
    assert "deleted" in files.discard("gone", seen).reason


@pytest.mark.parametrize("again", [False, True], ids=["name free", "saved again"])
def test_an_edit_between_look_and_delete_comes_back(files, way, monkeypatch, again):
    seen = put(files, "nb.ipynb", "x")
    real = apply_module.place_new
    calls = []

    def late(source, target):
        calls.append(source)
        if len(calls) == 1:
            put(files, "nb.ipynb", "last moment")
        real(source, target)
        if len(calls) == 1 and again:
            put(files, "nb.ipynb", "and again")

    monkeypatch.setattr(apply_module, "place_new", late)
    outcome = files.discard("nb.ipynb", seen)
    assert not outcome.done
    if again:
        assert outcome.kept_as == COPY
        assert person(files) == {"nb.ipynb": "and again", COPY: "last moment"}
    else:
        assert person(files) == {"nb.ipynb": "last moment"}


def test_a_file_is_renamed_into_new_folders(files, way):
    seen = put(files, "old.txt", "x")
    assert files.rename("old.txt", "new/name.txt", seen).done
    assert person(files) == {"new/name.txt": "x"}


def test_a_rename_replaces_nothing_and_moves_nothing_unseen(files, way):
    seen = put(files, "a", "x")
    put(files, "b", "y")
    outcome = files.rename("a", "b", seen)
    assert not outcome.done
    assert "appeared" in outcome.reason
    put(files, "a", "edited")
    assert not files.rename("a", "c", seen).done
    assert person(files) == {"a": "edited", "b": "y"}


def test_an_edit_in_the_last_moment_undoes_the_rename(files, way, monkeypatch):
    seen = put(files, "a", "x")
    real = apply_module.place_new

    def late(source, target):
        monkeypatch.setattr(apply_module, "place_new", real)
        put(files, "a", "last moment")
        real(source, target)

    monkeypatch.setattr(apply_module, "place_new", late)
    assert not files.rename("a", "b", seen).done
    assert person(files) == {"a": "last moment"}


# --- staging ----------------------------------------------------------------------------------


def test_the_staging_folder_is_empty_private_and_gone_afterwards(files):
    with files.staging("r1") as staging:
        assert list(staging.iterdir()) == []
        assert staging.stat().st_mode & 0o077 == 0
        (staging / "sub").mkdir()
        (staging / "sub" / "download").write_text("x")
        (staging / "link").symlink_to("/etc")
    assert not staging.exists()
    assert contents(files.trash.root) == {}


def test_what_a_crash_left_is_swept_downloads_deleted_and_displaced_versions_saved(files):
    base = files.root / ".drive-sync" / "staging"
    left = {
        "run/sub/download": "from Drive",
        "moving-1/moving/sub/swapped": "displaced",
        "moving-1/aside0/sub/aside": "torn from its place",
        "moving-2/aside0/sub/taken": "was replaced",
    }
    for path, text in left.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(text)
    put(files, "sub/taken", "new one")
    with files.staging("r2"):
        pass
    assert person(files) == {"sub/aside": "torn from its place", "sub/taken": "new one"}
    kept = {Path(path).name: text for path, text in contents(files.trash.root).items()}
    assert kept == {"swapped": "displaced", "taken": "was replaced"}
    assert list((files.root / ".drive-sync" / "staging").iterdir()) == []


def die_in_a_child(act) -> None:
    """Run `act` in a child process that dies in the middle of it, without any cleaning up."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def die(*_):
    os._exit(0)


@pytest.mark.parametrize(
    "step", ["fsync_file", "swap", "fsync_folder", "_is_version", "keep_copy"], ids=str
)
@pytest.mark.parametrize("together", [False, True])
def test_a_crash_in_the_middle_of_a_swap_loses_nothing(files, way, monkeypatch, step, together):
    seen = put(files, "nb", "old")
    if step == "keep_copy":
        edit_just_before_the_swap(monkeypatch, lambda: (files.root / "nb").write_text("edited"))
    if step == "_is_version":
        looks = iter([apply_module._is_version, die])

        def look(*arguments):
            return next(looks)(*arguments)

        monkeypatch.setattr(apply_module, step, look)
    else:
        module = flush_module if step.startswith("fsync") else apply_module
        monkeypatch.setattr(module, step, die)
    die_in_a_child(lambda: install(files, "nb", "new", seen, together=together))
    monkeypatch.undo()
    with files.staging("r2"):
        pass
    person_has, trash_has = person(files), list(contents(files.trash.root).values())
    if step == "fsync_file":
        assert (person_has, trash_has) == ({"nb": "old"}, [])
    elif step == "swap":
        assert (person_has, trash_has) == ({"nb": "old"}, ["new"])
    else:
        assert person_has == {"nb": "new"}
        assert trash_has == (["edited"] if step == "keep_copy" else ["old"])
    assert list((files.root / ".drive-sync" / "staging").iterdir()) == []


def test_a_crash_between_two_renames_puts_the_file_back(files, monkeypatch):
    def unable(*_):
        raise OSError(errno.EINVAL, "not here")

    seen = put(files, "a/nb", "old")
    monkeypatch.setattr(swap_module, "_NATIVE", unable)
    monkeypatch.setattr(swap_module, "place_new", die)
    die_in_a_child(lambda: install(files, "a/nb", "new", seen))
    monkeypatch.undo()
    assert person(files) == {}
    with files.staging("r2"):
        pass
    assert person(files) == {"a/nb": "old"}


# --- the safety net ---------------------------------------------------------------------------


def replace_as_rclone_does(file: Path, text: str) -> None:
    partial = file.with_name(file.name + ".drive-sync-part")
    partial.write_text(text)
    os.replace(partial, file)


@pytest.fixture(params=["trash on the same disk", "trash elsewhere"])
def disk(request, files, monkeypatch):
    if request.param == "trash elsewhere":
        shared = Path("/dev/shm")
        if not shared.is_dir() or shared.stat().st_dev == files.root.stat().st_dev:
            pytest.skip("needs a second file system")
        files.trash.root = shared / f"drive-sync-test-{os.getpid()}"
        yield request.param
        for item in sorted(files.trash.root.rglob("*"), reverse=True):
            item.rmdir() if item.is_dir() else item.unlink()
        files.trash.root.rmdir()
    else:
        yield request.param


def test_an_edit_that_bisync_replaced_is_kept_beside(files, disk):
    known = {path: put(files, path, "known") for path in ("nb.ipynb", "same", "gone", "touched")}
    with files.net("r1", known) as net:
        put(files, "nb.ipynb", "edited meanwhile")
        for path in ("nb.ipynb", "same"):
            replace_as_rclone_does(files.root / path, "from Drive")
        put(files, "gone", "edited, then deleted")
        (files.root / "gone").unlink()
        os.utime(files.root / "touched", ns=(1, 1))
        replace_as_rclone_does(files.root / "touched", "from Drive")
        rescued = net.rescue()
        assert net.rescue() == rescued or net.rescue() == {}
    gone_copy = "gone (this computer, 2026-11-21 16.40)"
    assert rescued == {"nb.ipynb": COPY, "gone": gone_copy}
    assert person(files) == {
        "nb.ipynb": "from Drive",
        COPY: "edited meanwhile",
        "same": "from Drive",
        "touched": "from Drive",
        gone_copy: "edited, then deleted",
    }
    assert not list(files.trash.root.glob("net-*"))
    assert not list((files.root / ".drive-sync").rglob("net-*"))
    # What bisync replaced and everybody knew is in the trash all the same.
    assert "known" in contents(files.trash.root).values()


def test_an_untouched_project_is_left_as_it_was(files, disk):
    known = {path: put(files, path, path) for path in ("a", "b/c", "d")}
    (files.root / "d").unlink()
    with files.net("r1", known) as net:
        put(files, "a", "edited in place")
        assert net.rescue() == {}
    assert person(files) == {"a": "edited in place", "b/c": "b/c"}
    assert contents(files.trash.root) == {}
    assert (files.root / "a").stat().st_nlink == 1


def test_a_file_that_was_moved_needs_no_rescue(files):
    known = {"a": put(files, "a", "x")}
    with files.net("r1", known) as net:
        put(files, "a", "edited")
        (files.root / "a").rename(files.root / "b")
        assert net.rescue() == {}
    assert person(files) == {"b": "edited"}


def test_a_net_that_a_crash_left_gives_up_its_last_copies_into_the_trash(files):
    known = {"a": put(files, "a", "x"), "b": put(files, "b", "y")}

    def crash():
        with files.net("crashed", known):
            put(files, "a", "unseen edit")
            replace_as_rclone_does(files.root / "a", "from Drive")
            os._exit(0)

    die_in_a_child(crash)
    with files.net("r2", {}):
        pass
    assert list(contents(files.trash.root).values()) == ["unseen edit"]
    assert person(files) == {"a": "from Drive", "b": "y"}


def test_where_there_are_no_hard_links_the_net_says_so(files, monkeypatch):
    known = {str(number): put(files, str(number), "x") for number in range(20)}

    def no_links(*_, **__):
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "link", no_links)
    with files.net("r1", known) as net:
        assert set(net.unheld) == set(known)
        assert net.rescue() == {}


# --- our own files ----------------------------------------------------------------------------


def test_our_own_files_are_written_and_read_and_no_others(files):
    assert files.read(".drive-sync/drive-sync.json") is None
    files.write(".drive-sync/drive-sync.json", b"{}")
    assert files.read(".drive-sync/drive-sync.json") == b"{}"
    with pytest.raises(FolderOutsideRoot):
        files.write("notebook.ipynb", b"x")
    with pytest.raises(FolderInvalid):
        files.read(".drive-sync")
    assert files.read(".drive-sync/drive-sync.json/x") is None


def test_one_name_can_be_looked_at(files):
    seen = put(files, "a/b", "x")
    entry = files.stat("a/b")
    assert (entry.kind, entry.path) == (EntryKind.FILE, "a/b")
    assert entry.version.same_stat(seen)
    assert files.stat("a").kind is EntryKind.FOLDER
    assert files.stat("nothing") is None
    assert files.stat("a/b/c") is None
    assert files.digest(["a/b"]) == {"a/b": seen.md5}
