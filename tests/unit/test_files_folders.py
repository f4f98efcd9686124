"""Which folders can be projects."""

import os

import pytest

from jupyter_drive_sync.errors import FolderInvalid, FolderMissing, FolderOutsideRoot
from jupyter_drive_sync.files.folders import check_project_folder, display, nested_in, subfolders

from .test_files_listing import as_somebody_without_rights, open_folder  # noqa: F401


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root" / "ml" / "spam").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    return tmp_path / "root"


@pytest.mark.parametrize("relative", ["ml/spam", "/ml/spam", "ml/../ml/spam", "ml/spam/"])
def test_a_folder_below_the_root_is_found(root, relative):
    assert check_project_folder(root, relative) == (root / "ml/spam").resolve()


def test_the_root_itself_can_be_a_project(root):
    assert check_project_folder(root, "") == root.resolve()


def test_a_link_that_stays_inside_is_followed(root):
    (root / "short").symlink_to("ml/spam")
    assert check_project_folder(root, "short") == (root / "ml/spam").resolve()


@pytest.mark.parametrize(
    "relative", ["..", "../outside", "ml/../../outside", "link", "link/x", "up"]
)
def test_a_folder_outside_the_root_is_refused(root, relative):
    (root / "link").symlink_to(root.parent / "outside")
    (root / "up").symlink_to("..")
    (root.parent / "outside" / "x").mkdir()
    with pytest.raises(FolderOutsideRoot):
        check_project_folder(root, relative)


def test_what_is_no_folder_is_refused(root):
    (root / "file").write_text("x")
    (root / "loop").symlink_to("loop")
    with pytest.raises(FolderMissing):
        check_project_folder(root, "nothing/here")
    for relative in ("file", "file/x", "loop", "nul\0"):
        with pytest.raises((FolderInvalid, FolderMissing)):
            check_project_folder(root, relative)


def test_a_folder_without_permission_is_refused(open_folder):  # noqa: F811
    (open_folder / "locked").mkdir(mode=0o755)

    def code():
        try:
            check_project_folder(open_folder, "locked")
        except FolderInvalid as error:
            return error.code
        return "allowed"

    if os.getuid() == 0:
        assert as_somebody_without_rights(code) == "folder_invalid"


def test_nested_folders_are_found_in_both_directions(root):
    ml, spam = root / "ml", root / "ml" / "spam"
    beside = root / "ml2"
    assert nested_in(spam, [beside, ml]) == ml
    assert nested_in(ml, [spam]) == spam
    assert nested_in(ml, [ml]) == ml
    assert nested_in(beside, [ml, spam]) is None
    (root / "link").symlink_to(spam)
    assert nested_in(root / "link", [ml]) == ml


def test_the_picker_shows_folders_alone_sorted_and_without_hidden_ones(root):
    for name in ("b", "A", ".hidden", "ä"):
        (root / name).mkdir()
    (root / "file").touch()
    (root / "link").symlink_to("ml")
    (root / "broken").symlink_to("nowhere")
    assert [folder.name for folder in subfolders(root)] == ["A", "b", "link", "ml", "ä"]


def test_the_picker_says_what_is_wrong(root, open_folder):  # noqa: F811
    (root / "file").touch()
    with pytest.raises(FolderMissing):
        subfolders(root / "gone")
    for path in (root / "file", (root / "ml").relative_to(root)):
        with pytest.raises(FolderInvalid):
            subfolders(path)
    (open_folder / "locked").mkdir(mode=0)

    def message():
        try:
            subfolders(open_folder / "locked")
        except FolderInvalid as error:
            return error.message
        return ""

    assert "may not look into" in as_somebody_without_rights(message)


def test_paths_are_shown_with_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert display(tmp_path) == "~"
    assert display(tmp_path / "ml" / "spam") == os.path.join("~", "ml", "spam")
    assert display(tmp_path.parent) == str(tmp_path.parent)
    assert display(tmp_path.with_name(tmp_path.name + "2")).startswith(str(tmp_path))
