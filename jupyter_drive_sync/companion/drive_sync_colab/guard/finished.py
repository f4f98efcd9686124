"""Is this file whole? What its own format says, read from its two ends.

A file that stands still and that nobody has open can still be torn: the process that wrote it was
killed half-way. Formats that checkpoints come in say where they end, so a cut is seen. A format
that says nothing is taken as it is.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

_ZIP_ALWAYS = {".npz", ".keras"}
_ZIP_PERHAPS = {".pt", ".pth", ".ckpt", ".pt2", ".bin"}  # torch's older format is no zip
_HDF5 = {".h5", ".hdf5"}
_PICKLE = {".pkl", ".pickle", ".joblib"}  # perhaps compressed, and then it does not tell
_OPAQUE = {".onnx", ".msgpack", ".gguf", ".tflite"}

CHECKPOINT_ENDINGS = frozenset(
    _ZIP_ALWAYS | _ZIP_PERHAPS | _HDF5 | _PICKLE | _OPAQUE | {".safetensors", ".npy"}
)

_END = b"PK\x05\x06"
_END_SIZE = 22
_END64_LOCATOR = b"PK\x06\x07"
_END64 = b"PK\x06\x06"
_CENTRAL = b"PK\x01\x02"
_LONGEST_COMMENT = 0xFFFF
_LONGEST_HEADER = 100 * 2**20
_NEWEST_PICKLE = 5
_NPY_KIND = re.compile(r"'descr': *'[<>|=]?(?P<kind>[biufcmMSUV])(?P<size>\d+)(\[\w+\])?'")
_NPY_SHAPE = re.compile(r"'shape': *\((?P<shape>[\d, ]*)\)")

_SHARD = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\.\w+)$")
_TF_SHARD = re.compile(r"^(?P<stem>.+)\.data-(?P<number>\d{5})-of-(?P<count>\d{5})$")
_RANK = re.compile(r"(?:^|_)(?:mp|pp|tp|dp)_rank_\d+")
_OF_TRANSFORMERS = re.compile(r"checkpoint-\d+")
_OF_ACCELERATE = re.compile(r"random_states_\d+\.pkl")
_WITHOUT_INDEX = {".gguf"}


@dataclass(frozen=True, slots=True)
class Torn:
    """Why a file or a folder is not whole yet; ``why`` ends the sentence "it is not whole: …"."""

    why: str


def is_checkpoint(path: str) -> bool:
    """Tell whether a path's ending is one that checkpoints have."""
    return PurePosixPath(path).suffix.lower() in CHECKPOINT_ENDINGS


def says_its_end(path: str) -> bool:
    """Tell whether a format says where a file ends, so that a torn one is seen, going by name."""
    return PurePosixPath(path).suffix.lower() not in _OPAQUE | _PICKLE


def check_file(path: Path) -> Torn | None:
    """Return why a file is not whole, or None where its format finds nothing wrong.

    Raises
    ------
    OSError
        It cannot be read.
    """
    ending = path.suffix.lower()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0 and ending in CHECKPOINT_ENDINGS:
            return Torn("it is empty")
        check = _CHECKS.get(ending)
        if ending in _ZIP_PERHAPS and file.read(2) == b"PK":
            check = _check_zip
        if check is not None:
            return check(file, size)
    if path.name.endswith(".index.json"):
        return _check_index(path)
    return None


def is_whole(path: str) -> bool:
    """Tell whether a file can be read and its format finds nothing wrong."""
    try:
        return check_file(Path(path)) is None
    except OSError:
        return False


def _check_zip(file: BinaryIO, size: int) -> Torn | None:
    """Find the end record, which says where the directory lies; all of it must fit exactly."""
    tail_at = max(0, size - _END_SIZE - _LONGEST_COMMENT)
    file.seek(tail_at)
    tail = file.read()
    found = tail.rfind(_END)
    while found >= 0:
        record = tail[found : found + _END_SIZE]
        if len(record) == _END_SIZE:
            count, length, start, comment = struct.unpack("<HIIH", record[10:])
            if tail_at + found + _END_SIZE + comment == size:
                return _check_directory(file, tail_at + found, count, length, start)
        found = tail.rfind(_END, 0, found)
    return Torn("the end of the zip is missing")


def _check_directory(
    file: BinaryIO, end_at: int, count: int, length: int, start: int
) -> Torn | None:
    if 0xFFFFFFFF in (length, start) or count == 0xFFFF:
        large = _large_end(file, end_at)
        if large is None:
            return Torn("the end of the zip is damaged")
        end_at, count, length, start = large
    if start + length != end_at:
        return Torn("the zip's directory is not where its end says")
    file.seek(start)
    directory = file.read(length)
    at = 0
    for _ in range(count):
        if directory[at : at + 4] != _CENTRAL or at + 46 > len(directory):
            return Torn("the zip's directory is damaged")
        name, extra, comment = struct.unpack("<HHH", directory[at + 28 : at + 34])
        at += 46 + name + extra + comment
    return None if at == len(directory) else Torn("the zip's directory is damaged")


def _large_end(file: BinaryIO, end_at: int) -> tuple[int, int, int, int] | None:
    """Return (where the zip64 end record lies, entries, directory's length, its start)."""
    if end_at < 20:
        return None
    file.seek(end_at - 20)
    locator = file.read(20)
    if locator[:4] != _END64_LOCATOR:
        return None
    (record_at,) = struct.unpack("<Q", locator[8:16])
    file.seek(record_at)
    record = file.read(56)
    if len(record) < 56 or record[:4] != _END64:
        return None
    count, length, start = struct.unpack("<QQQ", record[32:56])
    return record_at, count, length, start


def _check_safetensors(file: BinaryIO, size: int) -> Torn | None:
    """Eight bytes of length, a JSON header, then exactly as many bytes as the header's offsets."""
    file.seek(0)
    first = file.read(8)
    if len(first) < 8:
        return Torn("the header is missing")
    (length,) = struct.unpack("<Q", first)
    if length > min(_LONGEST_HEADER, size - 8):
        return Torn("the header is cut off")
    try:
        header = json.loads(file.read(length))
        ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name[:2] != "__"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        return Torn("the header cannot be read")
    wanted = 8 + length + max(ends, default=0)
    return None if size == wanted else Torn(f"it has {size:,} of {wanted:,} bytes")


def _check_hdf5(file: BinaryIO, size: int) -> Torn | None:
    """Compare with the end that the superblock names; the file must reach at least that far."""
    file.seek(0)
    block = file.read(48)
    if block[:8] != b"\x89HDF\r\n\x1a\n" or len(block) < 48:
        return Torn("the HDF5 header is missing")
    at = {0: 40, 1: 44, 2: 28, 3: 28}.get(block[8])
    if at is None or at + 8 > len(block):
        return None  # a layout or a size of addresses that is not known here
    (end,) = struct.unpack("<Q", block[at : at + 8])
    return None if size >= end else Torn(f"it has {size:,} of {end:,} bytes")


def _check_pickle(file: BinaryIO, size: int) -> Torn | None:
    """Find the instruction to stop, which a pickle ends with, joblib's with arrays as well."""
    file.seek(0)
    first = file.read(2)
    if len(first) == 2 and first[0] == 0x80 and first[1] <= _NEWEST_PICKLE:
        file.seek(size - 1)
        if file.read(1) != b".":
            return Torn("the end of the pickle is missing")
    return None


def _check_npy(file: BinaryIO, size: int) -> Torn | None:
    """Compare with how many numbers of how many bytes the header names; more may come after."""
    file.seek(0)
    first = file.read(8)
    width = {1: 2, 2: 4, 3: 4}.get(first[6]) if len(first) == 8 else None
    if first[:6] != b"\x93NUMPY" or width is None:
        return Torn("the header of the array is missing")
    length = int.from_bytes(file.read(width), "little")
    start = 8 + width + length
    if length > _LONGEST_HEADER or start > size:
        return Torn("the header of the array is cut off")
    header = file.read(length).decode("latin-1")
    kind, shape = _NPY_KIND.search(header), _NPY_SHAPE.search(header)
    if kind is None or shape is None:
        return None  # records, or objects in a pickle
    each = int(kind["size"]) * (4 if kind["kind"] == "U" else 1)
    wanted = start + each * math.prod(map(int, re.findall(r"\d+", shape["shape"])))
    return None if size >= wanted else Torn(f"it has {size:,} of {wanted:,} bytes")


def _check_index(path: Path) -> Torn | None:
    """Every shard that a sharded model's index names has to be there, and be whole."""
    try:
        shards = set(json.loads(path.read_text(encoding="utf-8"))["weight_map"].values())
        names = sorted(str(name) for name in shards)
    except (ValueError, KeyError, TypeError, AttributeError):
        return Torn("the index cannot be read")
    for name in names:
        shard = path.parent / name
        if not shard.is_file():
            return Torn(f"{name} is missing")
        torn = check_file(shard)
        if torn is not None:
            return Torn(f"{name} is not whole: {torn.why}")
    return None


_CHECKS: dict[str, Callable[[BinaryIO, int], Torn | None]] = {
    **dict.fromkeys(_ZIP_ALWAYS, _check_zip),
    **dict.fromkeys(_HDF5, _check_hdf5),
    **dict.fromkeys(_PICKLE, _check_pickle),
    ".safetensors": _check_safetensors,
    ".npy": _check_npy,
}


def stands_alone(folder: str) -> bool:
    """Tell whether a folder's name says that it is a checkpoint, wherever it lies."""
    return _OF_TRANSFORMERS.fullmatch(folder) is not None


def is_rank(name: str) -> bool:
    """Tell whether a file or folder is what one of several processes writes of a checkpoint."""
    return _RANK.search(name) is not None


def is_said_of_others(name: str) -> bool:
    """Tell whether a file's name is that of what speaks of the files beside it, and is no part."""
    return name.endswith(".index.json") or name == "trainer_state.json"


def is_part(name: str) -> bool:
    """Tell whether a file's name is that of a part, or of what lists the parts."""
    return (
        is_said_of_others(name)
        or name.endswith(".distcp")
        or (is_checkpoint(name) and (_SHARD.match(name) is not None or is_rank(name)))
        or _TF_SHARD.match(name) is not None
    )


def stem_of_parts(name: str) -> str | None:
    """Return what the names of one of TensorFlow's checkpoints begin with, given a part's name."""
    found = _TF_SHARD.match(name)
    return None if found is None else found["stem"]


def missing_of_group(names: Iterable[str], folder: str = "") -> Torn | None:
    """Return what the names in a folder say is still missing: shards, an index, the last file.

    Parameters
    ----------
    names : iterable of str
        Its files, by their paths below it.
    folder : str
        The folder's own name: what a library writes last is wanted in a folder of its own alone.
    """
    present = set(names)
    # transformers writes these before trainer_state.json, which it writes last.
    early = re.compile(r"(optimizer|scheduler)\.(pt|bin)|rng_state.*\.pth")
    is_last_there = "trainer_state.json" in present or any(map(_OF_ACCELERATE.fullmatch, present))
    if stands_alone(folder) and any(map(early.fullmatch, present)) and not is_last_there:
        return Torn("trainer_state.json is missing")
    missing = next((one for one in _needed_by(present) if one not in present), None)
    return None if missing is None else Torn(f"{missing} is missing")


def _needed_by(names: Iterable[str]) -> Iterator[str]:
    """Yield what has to be there where these are."""
    sets: set[tuple[str, str, str, str]] = set()
    for name in sorted(names):
        match = _SHARD.match(name) if is_checkpoint(name) else None
        of_tf = _TF_SHARD.match(name)
        if name.endswith(".distcp"):  # PyTorch's, which writes the list of its parts last
            yield f"{name[: name.rfind('/') + 1]}.metadata"
        elif match is not None:
            index = "" if match["ending"] in _WITHOUT_INDEX else ".index.json"
            sets.add((f"{match['stem']}-", match["count"], match["ending"], index))
        elif of_tf is not None:
            sets.add((f"{of_tf['stem']}.data-", of_tf["count"], "", ".index"))
    for before, count, ending, index in sorted(sets):
        first = 0 if index == ".index" else 1  # TensorFlow counts from 0
        for number in range(first, first + int(count)):
            yield f"{before}{number:05d}-of-{count}{ending}"
        if index:
            yield f"{before.removesuffix('-').removesuffix('.data')}{ending}{index}"
