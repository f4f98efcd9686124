"""A file is taken when it stands still and its own format says that it is whole."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_drive_sync.companion.drive_sync_colab.checkpoints import _files_of
from jupyter_drive_sync.companion.drive_sync_colab.errors import CheckpointTorn
from jupyter_drive_sync.companion.drive_sync_colab.guard import finished, looks
from jupyter_drive_sync.companion.drive_sync_colab.guard.looks import Look

from .checkpoint_files import hdf5_bytes, safetensors_bytes, write_at_once, zip_bytes

WHOLE = {
    "model.pt": zip_bytes(5_000),
    "model.ckpt": zip_bytes(3_000, members=1),
    "weights.npz": zip_bytes(2_000),
    "net.keras": zip_bytes(900, members=2),
    "model.safetensors": safetensors_bytes(4_000),
    "net.h5": hdf5_bytes(3_000),
}

whole = pytest.mark.parametrize("name", WHOLE)


@whole
def test_a_whole_file_passes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(WHOLE[name])
    assert finished.check_file(path) is None


@whole
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_file_cut_anywhere_is_torn(tmp_path_factory, name, data):
    content = WHOLE[name]
    cut = data.draw(st.integers(2 if name.endswith((".pt", ".ckpt")) else 0, len(content) - 1))
    path = tmp_path_factory.mktemp("cut") / name
    path.write_bytes(content[:cut])
    assert finished.check_file(path) is not None


@pytest.mark.parametrize("name", [name for name in WHOLE if not name.endswith(".h5")])
def test_bytes_after_the_end_of_the_format_are_noticed(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(WHOLE[name] + b"more")
    assert finished.check_file(path) is not None


def npy_bytes(kind: str, shape: str, content: bytes) -> bytes:
    header = f"{{'descr': {kind}, 'fortran_order': False, 'shape': ({shape}), }}".encode()
    header = header.ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


@pytest.mark.parametrize(
    ("kind", "shape", "size"),
    [
        ("'<f8'", "1000,", 8_000),
        ("'<f4'", "10, 3, 2", 240),
        ("'|b1'", "", 1),
        ("'<U5'", "4,", 80),
        ("'<M8[ns]'", "2,", 16),
        ("'<f8'", "0, 5", 0),
    ],
)
def test_an_array_needs_all_the_bytes_that_its_header_names(tmp_path, kind, shape, size):
    path = tmp_path / "step-1.npy"
    whole = npy_bytes(kind, shape, bytes(size))
    path.write_bytes(whole)
    assert finished.check_file(path) is None
    path.write_bytes(whole + whole)  # np.save() twice into one file
    assert finished.check_file(path) is None
    for cut in {0, 5, 9, 60, len(whole) // 2, len(whole) - 1} - {len(whole)}:
        path.write_bytes(whole[:cut])
        assert finished.check_file(path) is not None, cut


def test_an_array_whose_header_does_not_tell_its_bytes_is_taken_as_it_is(tmp_path):
    path = tmp_path / "step-1.npy"
    for kind in ("'|O'", "[('a', '<f8'), ('b', '<i4', (2,))]"):
        path.write_bytes(npy_bytes(kind, "3,", bytes(7)))
        assert finished.check_file(path) is None


@pytest.mark.parametrize("ending", ["pkl", "pickle", "joblib"])
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_pickle_that_does_not_stop_is_torn(tmp_path, ending, protocol):
    path = tmp_path / f"model.{ending}"
    whole = pickle.dumps({"weights": list(range(500))}, protocol)
    path.write_bytes(whole)
    assert finished.check_file(path) is None
    path.write_bytes(whole[:-1])
    assert finished.check_file(path) is not None
    path.write_bytes(zlib.compress(whole)[:-1])  # joblib's compressed do not tell
    assert finished.check_file(path) is None


def test_a_zip_with_a_comment_passes_and_its_cut_does_not(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(zip_bytes(500))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"PK\x05\x06 is how the end begins, and this is only a comment"
    assert finished.check_file(path) is None

    path.write_bytes(path.read_bytes()[:-3])
    assert finished.check_file(path) is not None


def test_a_zip_of_more_than_65535_members_passes(tmp_path):
    path = tmp_path / "many.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(66_000):
            archive.writestr(f"{number}", b"")
    assert finished.check_file(path) is None

    path.write_bytes(path.read_bytes()[:-30] + bytes(30))
    assert finished.check_file(path) is not None


@pytest.mark.parametrize("name", ["old.pt", "model.bin", "notes.txt", "plot.png", "sub.pkl"])
def test_a_format_that_says_nothing_is_taken_as_it_is(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\x80\x02}q\x00.")
    assert finished.check_file(path) is None


def test_an_empty_checkpoint_is_torn_and_an_empty_note_is_not(tmp_path):
    (tmp_path / "model.pt").touch()
    (tmp_path / "note.txt").touch()
    assert finished.check_file(tmp_path / "model.pt") is not None
    assert finished.check_file(tmp_path / "note.txt") is None


def sharded(folder: Path) -> list[str]:
    shards = [f"model-{number:05d}-of-00002.safetensors" for number in (1, 2)]
    for shard in shards:
        (folder / shard).write_bytes(safetensors_bytes(100))
    index = {"weight_map": {"a": shards[0], "b": shards[1], "c": shards[0]}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return [*shards, "model.safetensors.index.json"]


def test_a_sharded_model_needs_every_shard_whole(tmp_path):
    names = sharded(tmp_path)
    index = tmp_path / names[-1]
    assert finished.check_file(index) is None
    assert finished.missing_of_group(names) is None

    (tmp_path / names[1]).write_bytes((tmp_path / names[1]).read_bytes()[:-1])
    torn = finished.check_file(index)
    assert torn is not None
    assert "00002-of-00002" in torn.why

    (tmp_path / names[1]).unlink()
    assert finished.check_file(index) is not None


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_sharded_model_is_not_whole_without_any_one_of_its_files(tmp_path, gone):
    names = sharded(tmp_path)
    del names[gone]
    assert finished.missing_of_group(names) is not None


def test_a_folder_of_transformers_is_whole_when_its_last_file_is_there():
    first = ["model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"]
    assert finished.missing_of_group(first, "checkpoint-500") is not None
    assert finished.missing_of_group([*first, "trainer_state.json"], "checkpoint-500") is None


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("step-100", ["model.pt", "optimizer.pt"]),
        ("checkpoint-500", ["unet/model.pt", "unet/optimizer.pt"]),
        ("checkpoint-500", ["model.pt", "optimizer.pt"]),
        ("step-100", ["a/__0_0.distcp", "a/.metadata"]),
        ("step-100", ["a/__0_0.distcp", ".metadata"]),
    ],
)
def test_a_folder_that_is_handed_in_is_judged_by_the_paths_in_it_as_one_that_is_found(
    tmp_path, folder, names
):
    place = tmp_path / folder
    for name in names:
        write_at_once(place / name, zip_bytes(2_000) if name.endswith(".pt") else b"x")
    missing = finished.missing_of_group(names, folder)
    if missing is None:
        assert len(_files_of(place)) == len(names)
    else:
        with pytest.raises(CheckpointTorn, match=missing.why):
            _files_of(place)


@pytest.mark.parametrize("folder", ["step-100", "last", "checkpoint-best"])
def test_a_model_and_its_optimizer_in_a_folder_of_ones_own_are_whole(folder):
    assert finished.missing_of_group(["model.pt", "optimizer.pt"], folder) is None


LOOKS = st.builds(Look, size=st.integers(0, 3), mtime_ns=st.integers(0, 3), inode=st.integers(1, 2))


@given(st.lists(st.one_of(st.none(), LOOKS), max_size=30), st.booleans())
def test_only_two_looks_alike_in_a_row_make_a_candidate(history, take):
    memory: dict[str, looks.Seen] = {}
    taken = None
    for at, look in enumerate(history):
        memory = looks.observe(memory, {} if look is None else {"a": look}, float(at))
        offered = looks.candidates(memory, float(at), still_for=1.0)
        if look is None:
            taken = None
        alike = at > 0 and look is not None and history[at - 1] == look
        assert offered == (["a"] if alike and taken != look else [])
        if offered and take:
            memory = looks.take(memory, offered)
            taken = look


def test_a_refused_file_is_offered_again_ever_more_rarely_and_at_once_when_it_changes():
    look = Look(5, 1, 1)
    memory: dict[str, looks.Seen] = {}
    offered = []
    for second in range(60):
        memory = looks.observe(memory, {"a": look}, float(second))
        if looks.candidates(memory, float(second), 1.0):
            offered.append(second)
            memory = looks.refuse(memory, "a", float(second))
    assert offered == [1, 2, 4, 8, 16, 31, 46]

    memory = looks.observe(memory, {"a": Look(6, 2, 1)}, 60.0)
    assert looks.candidates(memory, 61.0, 1.0) == ["a"]


def test_of_what_one_look_saw_first_the_older_file_is_taken_first():
    now = {"old": Look(1, 1, 1), "new": Look(1, 9, 2), "middle": Look(1, 5, 3)}
    memory = looks.observe(looks.observe({}, now, 0.0), now, 1.0)
    assert looks.candidates(memory, 1.0, 1.0) == ["old", "middle", "new"]
