"""A project's database: baseline, history, remembered values, and damage that heals."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_drive_sync.errors import StoreDamaged
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.records import (
    Action,
    BaselineEntry,
    Direction,
    HistoryRow,
    Trigger,
)
from jupyter_drive_sync.store import database
from jupyter_drive_sync.store.database import DAMAGED_KEY, Database

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def entry(path: str, number: int = 1) -> BaselineEntry:
    return BaselineEntry(
        path,
        Version(number, 1_700_000_000_123_456_789 + number, f"{number:032x}"),
        Version(number, 1_700_000_000_123_000_000 + number, None),
        f"id-{number}",
    )


def row(path: str, number: int = 0) -> HistoryRow:
    return HistoryRow(
        id=0,
        run="run",
        time=START + timedelta(seconds=number),
        path=path,
        direction=Direction.UP,
        action=Action.UPDATED,
        trigger=Trigger.SAVE,
        size=number,
        md5_before=None,
        md5_after="a" * 32,
        detail="",
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "project" / "state.sqlite"


@pytest.fixture
def store(path: Path):
    store = Database(path)
    yield store
    store.close()


def test_a_new_database_is_empty_and_its_folder_is_the_owners_alone(
    store: Database, path: Path
) -> None:
    assert store.baseline() == {}
    assert store.history() == []
    assert store.get("anything") is None
    if os.name == "posix":
        assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_was_agreed_is_there_after_opening_it_again(store: Database, path: Path) -> None:
    wanted = {name: entry(name, number) for number, name in enumerate(["a", "ü/b.ipynb", "c d"])}
    store.record(agreed=wanted.values(), rows=[row("a")])
    store.put("key", "value")
    store.close()
    again = Database(path)
    assert again.baseline() == wanted
    assert again.baseline_entry("ü/b.ipynb") == wanted["ü/b.ipynb"]
    assert again.baseline_entry("none") is None
    assert again.paths_of({"id-1", "id-2", "id-9"}) == {"id-1": "ü/b.ipynb", "id-2": "c d"}
    assert again.paths_of(()) == {}
    (stored,) = again.history()
    assert stored == HistoryRow(**{**fields(row("a")), "id": stored.id})
    assert again.get("key") == "value"
    again.put("key", None)
    assert again.get("key") is None
    again.close()


def fields(row: HistoryRow) -> dict[str, object]:
    return {name: getattr(row, name) for name in HistoryRow.__slots__}


def test_an_entry_replaces_the_older_one_and_the_forgotten_are_gone(store: Database) -> None:
    store.record(agreed=[entry("a", 1), entry("b", 1)])
    store.record(agreed=[entry("a", 2)], forgotten=["b", "never there"])
    assert store.baseline() == {"a": entry("a", 2)}


def test_a_path_that_is_forgotten_and_agreed_in_one_go_stays(store: Database) -> None:
    store.record(agreed=[entry("a", 1)])
    store.record(agreed=[entry("a", 2)], forgotten=["a"])
    assert store.baseline() == {"a": entry("a", 2)}


def test_history_comes_newest_first_and_in_pages(store: Database) -> None:
    store.record(rows=[row(f"file{number}", number) for number in range(10)])
    seen: list[str] = []
    before = None
    while page := store.history(limit=3, before=before):
        assert len(page) <= 3
        seen += [item.path for item in page]
        before = page[-1].id
    assert seen == [f"file{number}" for number in reversed(range(10))]


def test_the_oldest_rows_go_and_the_newest_stay(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "KEPT_ROWS", 5)
    for number in range(4):
        store.record(rows=[row(f"{number}-{part}") for part in range(3)])
    paths = [item.path for item in store.history(limit=100)]
    assert paths == ["3-2", "3-1", "3-0", "2-2", "2-1"]
    first = store.history()[0].id
    store.record(agreed=[entry("a")])
    assert [item.path for item in store.history(limit=100)] == paths
    store.record(rows=[row("new")])
    assert store.history()[0].id == first + 1


def test_a_record_that_fails_leaves_nothing_half_done(store: Database) -> None:
    store.record(agreed=[entry("a", 1)])

    def broken():
        yield row("fine")
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError):
        store.record(agreed=[entry("a", 2)], forgotten=["a"], rows=broken())
    assert store.baseline() == {"a": entry("a", 1)}
    assert store.history() == []


def test_many_threads_may_use_it_at_the_same_time(store: Database) -> None:
    def work(thread: int) -> None:
        for number in range(20):
            store.record(agreed=[entry(f"{thread}/{number}")], rows=[row(f"{thread}/{number}")])
            assert store.baseline_entry(f"{thread}/{number}") is not None
            store.history(limit=5)
            if number % 7 == 0:
                store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert len(store.baseline()) == 160
    assert len({item.id for item in store.history(limit=500)}) == 160


def test_two_processes_may_have_it_open(store: Database, path: Path) -> None:
    other = Database(path)
    store.record(agreed=[entry("a")])
    assert set(other.baseline()) == {"a"}
    other.record(agreed=[entry("b")])
    assert set(store.baseline()) == {"a", "b"}
    other.close()


def test_closing_twice_is_harmless_and_it_opens_by_itself_again(store: Database) -> None:
    store.put("key", "value")
    store.close()
    store.close()
    assert store.get("key") == "value"


# --- damage ------------------------------------------------------------------------------------


@pytest.fixture
def filled(path: Path) -> Path:
    """A closed database of several pages."""
    store = Database(path)
    store.record(
        agreed=[entry(f"folder/file-{number}.txt", number) for number in range(400)],
        rows=[row(f"folder/file-{number}.txt", number) for number in range(400)],
    )
    store.close()
    return path


def no_database(path: Path) -> None:
    path.write_text("this is no database at all\n" * 100)


def zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_inside_a_page(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1000)


def pages_overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)


def version_number_lost(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60:64] = bytes(4)
    path.write_bytes(content)


def other_tables(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE something (a)")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


def tables_of_another_shape(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE baseline")
        connection.execute("CREATE TABLE baseline (path TEXT PRIMARY KEY)")
        connection.commit()


def a_newer_version(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


DAMAGES = [
    no_database,
    zeros,
    truncated,
    cut_inside_a_page,
    pages_overwritten,
    version_number_lost,
    other_tables,
    tables_of_another_shape,
    a_newer_version,
]


def use(store: Database) -> None:
    """Do what a run does."""
    store.baseline()
    store.record(agreed=[entry("new")], rows=[row("new")])
    store.history()
    store.put("key", "value")


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_database_is_put_aside_and_works_again(filled: Path, damage) -> None:
    damage(filled)
    size = filled.stat().st_size
    store = Database(filled)
    # One run may end, for it may have read rubbish; the next one works.
    with contextlib.suppress(StoreDamaged):
        use(store)
    use(store)
    assert store.baseline() == {"new": entry("new")}
    store.close()
    aside = [found for found in filled.parent.iterdir() if ".damaged-" in found.name]
    assert any(found.stat().st_size == size for found in aside)


def test_a_database_that_was_put_aside_is_remembered(filled: Path) -> None:
    no_database(filled)
    store = Database(filled)
    remembered = store.get(DAMAGED_KEY)
    assert remembered is not None
    assert datetime.fromisoformat(remembered).tzinfo is not None
    store.close()


def test_a_newer_versions_database_is_named_as_such(
    filled: Path, caplog: pytest.LogCaptureFixture
) -> None:
    a_newer_version(filled)
    store = Database(filled)
    with caplog.at_level(logging.WARNING):
        store.baseline()
    store.close()
    assert "newer version" in caplog.text
    assert "99" in caplog.text


def test_damage_while_it_is_open_heals_too(filled: Path) -> None:
    store = Database(filled)
    assert len(store.baseline()) == 400
    for part in filled.parent.iterdir():
        no_database(part)
    for _ in range(2):
        with contextlib.suppress(StoreDamaged):
            use(store)
    use(store)
    store.close()


@pytest.mark.parametrize("at", [*range(0, 100, 8), 3566, *range(100, 60_000, 3466)])
def test_wherever_bytes_are_lost_it_works_again(filled: Path, at: int) -> None:
    content = bytearray(filled.read_bytes())
    if at >= len(content):
        pytest.skip("the file is shorter")
    content[at : at + 16] = b"\xff" * len(content[at : at + 16])
    filled.write_bytes(content)
    store = Database(filled)
    for _ in range(2):
        with contextlib.suppress(StoreDamaged):
            use(store)
    use(store)
    assert store.baseline()["new"] == entry("new")
    store.close()


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="needs a user whom permissions bind"
)
def test_a_database_that_may_not_be_written_is_said_so(filled: Path) -> None:
    filled.parent.chmod(0o500)
    filled.chmod(0o400)
    store = Database(filled)
    try:
        with pytest.raises(StoreDamaged, match="cannot be used"):
            use(store)
    finally:
        filled.parent.chmod(0o700)


def test_a_folder_in_its_place_is_an_error_of_ours(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StoreDamaged) as caught:
        Database(path).baseline()
    assert "put aside" not in caught.value.hint
