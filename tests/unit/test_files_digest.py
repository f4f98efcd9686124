"""Digests of files that move under the reader."""

import hashlib
import os

import pytest

from jupyter_drive_sync.errors import Cancelled
from jupyter_drive_sync.files import digest as digest_module
from jupyter_drive_sync.files.digest import digest_file, digest_files
from jupyter_drive_sync.ports.transfer import CancelToken


def test_the_digest_is_the_md5(tmp_path):
    content = os.urandom(3_000_001)
    (tmp_path / "a").write_bytes(content)
    (tmp_path / "empty").touch()
    assert digest_file(tmp_path / "a") == hashlib.md5(content).hexdigest()
    assert digest_file(tmp_path / "empty") == "d41d8cd98f00b204e9800998ecf8427e"


def test_what_is_no_plain_file_has_no_digest(tmp_path):
    (tmp_path / "a").write_text("x")
    (tmp_path / "link").symlink_to("a")
    os.mkfifo(tmp_path / "fifo")
    for name in ("missing", "link", "fifo", "."):
        assert digest_file(tmp_path / name) is None


def test_a_file_that_changes_while_it_is_read_has_no_digest(tmp_path, monkeypatch):
    file = tmp_path / "a"
    file.write_bytes(b"x" * 100)

    class Meddling:
        def __init__(self, *_, **__):
            self._real = hashlib.new("md5")

        def update(self, chunk):
            with file.open("ab") as more:
                more.write(b"y")
            self._real.update(chunk[:0])

        def hexdigest(self):
            return self._real.hexdigest()

    monkeypatch.setattr(digest_module, "_CHUNK", 200)
    monkeypatch.setattr(digest_module.hashlib, "md5", Meddling)
    limit = iter(range(5))
    original = Meddling.update

    def few(self, chunk):
        if next(limit, None) is not None:
            original(self, chunk)

    monkeypatch.setattr(Meddling, "update", few)
    assert digest_file(file) is None


def test_a_file_that_is_replaced_while_it_is_read_has_no_digest(tmp_path, monkeypatch):
    file = tmp_path / "a"
    file.write_bytes(b"x")
    real = hashlib.md5

    def replacing(**arguments):
        (tmp_path / "b").write_bytes(b"x")
        os.replace(tmp_path / "b", file)
        return real(**arguments)

    monkeypatch.setattr(digest_module.hashlib, "md5", replacing)
    assert digest_file(file) is None


def test_many_are_digested_and_each_answer_belongs_to_its_path(tmp_path):
    for number in range(300):
        (tmp_path / str(number)).write_text(str(number))
    paths = [*map(str, range(300)), "missing"]
    expected = {str(n): hashlib.md5(str(n).encode()).hexdigest() for n in range(300)}
    assert digest_files(tmp_path, paths) == {**expected, "missing": None}
    assert digest_files(tmp_path, []) == {}


def test_cancelling_stops_it(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 5_000_000)
    cancel = CancelToken()
    cancel.request()
    with pytest.raises(Cancelled):
        digest_files(tmp_path, ["a"] * 5, cancel)
