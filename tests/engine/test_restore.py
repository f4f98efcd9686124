"""Earlier versions come back: from copies, the trash, and Drive's revisions and trash."""

from __future__ import annotations

import logging
import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.engine import bases
from jupyter_drive_sync.engine.restore import restore, versions
from jupyter_drive_sync.engine.tidy import tidy
from jupyter_drive_sync.errors import LocalMissing, NotRestored, Offline, VersionGone
from jupyter_drive_sync.files.base import BaseFolder, BaseLimits
from jupyter_drive_sync.ports.records import Action, Keep
from jupyter_drive_sync.ports.versions import OldVersion, Origin
from tests.drive_emulator.faults import Corrupt
from tests.engine.world import World

DAY = 86400


def found(world: World, path: str) -> dict[Origin, list[OldVersion]]:
    """Return the versions of a file by where they are kept."""
    listed = versions(world.opened.session, path)
    assert listed.problem is None
    by_origin: dict[Origin, list[OldVersion]] = {}
    for version in listed.versions:
        by_origin.setdefault(version.origin, []).append(version)
    return by_origin


def without_local_copies(world: World) -> None:
    """Lose everything that this computer keeps of earlier versions."""
    for folder in (world.opened.session.folders.base, world.opened.session.folders.trash):
        for file in sorted(folder.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()


def test_a_version_overwritten_here_comes_back_and_goes_up_in_place(world: World) -> None:
    before = world.drive.find("ml/spam/model.py").id
    world.save("model.py", b"w = 22\n")
    world.sync()
    (old,) = found(world, "model.py")[Origin.BASE]
    assert old.size == len(b"w = 1\n")

    restored = restore(world.opened.session, "model.py", old.id)

    assert (restored.path, restored.changed) == ("model.py", True)
    assert world.here()["model.py"] == b"w = 1\n"
    report = world.sync()
    assert [(row.path, row.action) for row in report.rows] == [("model.py", Action.UPDATED)]
    assert world.there()["model.py"] == b"w = 1\n"
    assert world.drive.find("ml/spam/model.py").id == before
    # The version that the restore replaced is one of those that can be restored.
    (newer,) = found(world, "model.py")[Origin.BASE]
    restore(world.opened.session, "model.py", newer.id)
    assert world.here()["model.py"] == b"w = 22\n"


def test_an_unsynced_save_that_a_restore_replaces_is_in_the_trash(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    (old,) = found(world, "model.py")[Origin.BASE]
    world.save("model.py", b"never synced\n")
    restore(world.opened.session, "model.py", old.id)
    (unsynced,) = found(world, "model.py")[Origin.TRASH]
    restore(world.opened.session, "model.py", unsynced.id)
    assert world.here()["model.py"] == b"never synced\n"


def test_what_was_deleted_on_drive_comes_back_from_the_trash_here(world: World) -> None:
    big = os.urandom(1500 * 1024)  # too large for a copy
    world.save("data/model.bin", big)
    world.sync()
    world.drive.trash("ml/spam/data/model.bin")
    report = world.sync()
    assert "data/model.bin" not in world.here()
    (run,) = (world.opened.session.folders.trash).glob("*/*/data/model.bin")
    assert run.parts[-3] == report.run  # the trash says which run did it
    by_origin = found(world, "data/model.bin")
    assert set(by_origin) == {Origin.TRASH}  # Drive's own copy is the same: it is shown once
    restore(world.opened.session, "data/model.bin", by_origin[Origin.TRASH][0].id)
    world.sync()
    assert world.here()["data/model.bin"] == world.there()["data/model.bin"] == big


def test_drives_revisions_and_trash_give_back_what_is_kept_nowhere_here(world: World) -> None:
    world.colab("data/it's.csv", b"first\n")
    world.colab("data/it's.csv", b"second one\n")  # the first was never seen here
    world.sync()
    world.drive.trash("ml/spam/model.py")
    world.sync()
    without_local_copies(world)

    (old,) = found(world, "data/it's.csv")[Origin.REVISION]
    restore(world.opened.session, "data/it's.csv", old.id)
    assert world.here()["data/it's.csv"] == b"first\n"

    (gone,) = found(world, "model.py")[Origin.DRIVE_TRASH]
    restore(world.opened.session, "model.py", gone.id)
    world.sync()
    assert world.there()["model.py"] == b"w = 1\n"
    assert world.there()["data/it's.csv"] == b"first\n"


def test_a_version_of_another_drive_file_is_refused(world: World) -> None:
    world.drive.write("private/model.py", b"secret")
    other = world.drive.find("private/model.py")
    number = f"drive:{other.id}/{other.revisions[0].id}"
    with pytest.raises(VersionGone):
        restore(world.opened.session, "model.py", number)
    assert world.here()["model.py"] == b"w = 1\n"


def test_a_version_that_arrives_damaged_is_not_put_in_place(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    without_local_copies(world)
    (old,) = found(world, "model.py")[Origin.REVISION]
    world.drive.faults.add(Corrupt(), kind="revisions.download")
    with pytest.raises(Exception, match="did not arrive whole"):
        restore(world.opened.session, "model.py", old.id)
    assert world.here()["model.py"] == b"w = 22\n"


def test_an_expired_token_is_renewed_and_shown_to_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    config = world.opened.session.project.remote.config
    assert config is not None
    world.drive.write_config(config, expires_in=-60)
    world.colab("model.py", b"w = 333\n")
    assert found(world, "model.py")[Origin.REVISION]
    token = config.read_text().partition('"access_token":"')[2].partition('"')[0]
    assert token.startswith("ya29.")
    assert token not in caplog.text


def test_while_drive_is_out_of_reach_what_is_kept_here_is_listed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    listed = versions(world.opened.session, "model.py")
    assert isinstance(listed.problem, Offline)
    assert [version.origin for version in listed.versions] == [Origin.BASE]


def test_a_renamed_file_still_has_the_versions_of_its_old_name(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    (world.local / "model.py").rename(world.local / "net.py")
    world.sync()
    assert [version.size for version in found(world, "net.py")[Origin.BASE]] == [6]


def test_a_copy_stands_beside_the_file_under_a_name_that_tells(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    (old,) = found(world, "model.py")[Origin.BASE]
    restored = restore(world.opened.session, "model.py", old.id, as_copy=True)
    assert restored.path.startswith("model (restored, ")
    assert world.here()["model.py"] == b"w = 22\n"
    assert world.here()[restored.path] == b"w = 1\n"


def test_restoring_what_stands_there_changes_nothing(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    (old,) = found(world, "model.py")[Origin.BASE]
    world.save("model.py", b"w = 1\n")
    before = (world.local / "model.py").stat().st_mtime_ns
    assert not restore(world.opened.session, "model.py", old.id).changed
    assert (world.local / "model.py").stat().st_mtime_ns == before


def test_a_folder_that_took_the_name_is_left_alone(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    (old,) = found(world, "model.py")[Origin.BASE]
    (world.local / "model.py").unlink()
    (world.local / "model.py").mkdir()
    with pytest.raises(NotRestored):
        restore(world.opened.session, "model.py", old.id)
    assert (world.local / "model.py").is_dir()


def test_the_version_that_lost_a_conflict_can_be_restored(world: World) -> None:
    world.save("model.py", b"mine is this\n")
    world.colab("model.py", b"theirs\n")
    world.sync()
    world.sync(keep={"model.py": Keep.DRIVE})
    assert world.here()["model.py"] == b"theirs\n"
    sizes = {version.size for version in versions(world.opened.session, "model.py").versions}
    assert sizes >= {len(b"mine is this\n"), len(b"w = 1\n")}


# --- copies of what is in step -----------------------------------------------------------------


def test_every_small_file_in_step_has_its_copy_and_saves_in_place_do_not_reach_it(
    world: World,
) -> None:
    base = world.opened.session.base
    assert base is not None
    entries = world.opened.session.store.baseline().values()
    kept = {entry.path for entry in entries if entry.local.md5 and base.has(entry.local.md5)}
    assert kept >= set(world.here())
    with (world.local / "model.py").open("r+b") as file:
        file.write(b"w = 9")
    md5 = world.opened.session.store.baseline()["model.py"].local.md5
    target = world.local.parent / "fetched"
    base.fetch(md5 or "", target)
    assert target.read_bytes() == b"w = 1\n"


def test_copies_that_one_run_had_no_time_for_are_made_after_the_next(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bases, "KEEP_SECONDS", -1.0)
    world.save("model.py", b"w = 22\n")
    world.sync()
    base = world.opened.session.base
    md5 = world.opened.session.store.baseline()["model.py"].local.md5
    assert base is not None
    assert md5 is not None
    assert not base.has(md5)
    monkeypatch.setattr(bases, "KEEP_SECONDS", 10.0)
    world.sync()
    assert base.has(md5)


def test_a_run_that_is_cut_short_leaves_no_file_without_its_copy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    session = world.opened.session
    world.save("model.py", b"w = 22\n")
    with monkeypatch.context() as patch:
        patch.setattr("jupyter_drive_sync.engine.run.keep_bases", killed)
        with pytest.raises(KeyboardInterrupt):
            world.sync()
    md5 = session.store.baseline()["model.py"].local.md5
    assert session.base is not None
    assert not session.base.has(md5 or "")
    world.sync()
    assert session.base.has(md5 or "")


def test_nothing_is_restored_into_a_folder_that_is_not_the_projects(world: World) -> None:
    world.save("model.py", b"w = 22\n")
    world.sync()
    (old,) = found(world, "model.py")[Origin.BASE]
    world.local.rename(world.local.with_name("elsewhere"))
    with pytest.raises(LocalMissing):
        restore(world.opened.session, "model.py", old.id)
    assert not world.local.exists()


def test_a_copy_that_cannot_be_kept_is_shown_once_and_hinders_nothing(world: World) -> None:
    folder = world.opened.session.folders.base
    without_local_copies(world)
    folder.rmdir()
    folder.write_text("in the way")
    world.save("model.py", b"w = 22\n")
    world.sync()
    world.sync()
    assert world.there()["model.py"] == b"w = 22\n"
    rows = world.opened.session.store.history()
    (failed,) = [row for row in rows if row.action is Action.FAILED]
    assert "no copy could be kept" in failed.detail
    folder.unlink()
    world.sync()
    md5 = world.opened.session.store.baseline()["model.py"].local.md5
    assert world.opened.session.base is not None
    assert world.opened.session.base.has(md5 or "")


# --- limits ------------------------------------------------------------------------------------


def aged(folder: Path, content: bytes, md5: str, days: float) -> None:
    source = folder.parent / "source"
    source.write_bytes(content)
    assert BaseFolder(folder).keep(source, md5)
    then = time.time() - days * DAY
    os.utime(folder / md5[:2] / md5, (then, then))


MD5S = {
    b"a": "0cc175b9c0f1b6a831c399e269772661",
    b"b": "92eb5ffee6ae2fec3ad71c777531578f",
    b"c": "4a8a08f09d37b73795649038408b5f33",
}


def test_copies_go_by_age_and_size_but_never_the_young_and_the_needed(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    for (content, md5), days in zip(MD5S.items(), (200, 60, 10), strict=True):
        aged(folder, content, md5, days)
    keeps = {md5: BaseFolder(folder) for md5 in MD5S.values()}
    old, middle, young = MD5S.values()

    assert BaseFolder(folder).prune([old]) == 0  # needed, and there is room for all
    assert BaseFolder(folder).prune([]) == 1  # too old
    assert [keeps[md5].has(md5) for md5 in (old, middle, young)] == [False, True, True]
    full = BaseFolder(folder, BaseLimits(max_bytes=0))
    assert full.prune([middle]) == 0
    assert full.prune([]) == 1
    assert full.has(young)  # however full it is


def test_a_damaged_copy_is_not_handed_out(tmp_path: Path) -> None:
    folder = tmp_path / "base"
    md5 = MD5S[b"a"]
    aged(folder, b"a", md5, 0)
    (folder / md5[:2] / md5).write_bytes(b"x")
    with pytest.raises(VersionGone):
        BaseFolder(folder).fetch(md5, tmp_path / "out")


def test_tidying_puts_what_a_killed_rclone_left_into_the_trash(world: World) -> None:
    session = world.opened.session
    left = world.local / "data" / "labels.csv.0a1b2c3d.drive-sync-part"
    left.write_bytes(b"half")
    tidy(session, datetime.now(timezone.utc) - timedelta(days=2))
    assert left.exists()  # it is not old enough
    tidy(session, datetime.now(timezone.utc) + timedelta(days=3))
    assert not left.exists()
    kept = [path for path in session.folders.trash.rglob("*") if path.is_file()]
    assert [path.read_bytes() for path in kept if path.name == left.name] == [b"half"]


def test_tidying_happens_once_a_day_and_spares_what_history_still_names(world: World) -> None:
    session = world.opened.session
    world.save("model.py", b"w = 22\n")
    world.sync()
    for file in session.folders.base.rglob("*"):
        if file.is_file():
            os.utime(file, (1, 1))
    old_day = session.folders.trash / "2020-01-01" / "run"
    old_day.mkdir(parents=True)
    (old_day / "old.txt").write_text("old")

    tidy(session)  # the run has tidied today already
    assert (old_day / "old.txt").exists()
    tidy(session, datetime.now(timezone.utc) + timedelta(days=1, minutes=1))
    assert not (old_day / "old.txt").exists()
    assert found(world, "model.py")[Origin.BASE]
    # A month later nobody has touched it: only what is in step stays.
    tidy(session, datetime.now(timezone.utc) + timedelta(days=40))
    assert Origin.BASE not in found(world, "model.py")
    md5 = session.store.baseline()["model.py"].local.md5
    assert session.base is not None
    assert session.base.has(md5 or "")
