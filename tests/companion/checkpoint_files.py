"""Small files in the formats that checkpoints come in."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from pathlib import Path


def zip_bytes(size: int, members: int = 3, seed: bytes | None = None) -> bytes:
    """Return a zip as torch.save makes it: stored members, here of random bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(members):
            content = (seed or os.urandom(16)) * (size // members // 16 + 1)
            archive.writestr(f"archive/data/{number}", content[: size // members])
    return made.getvalue()


def safetensors_bytes(size: int) -> bytes:
    """Return one tensor of so many bytes in the safetensors format."""
    entry = {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}
    header = json.dumps({"__metadata__": {"format": "pt"}, "weight": entry}).encode()
    return struct.pack("<Q", len(header)) + header + os.urandom(size)


def hdf5_bytes(size: int) -> bytes:
    """Return the superblock of an HDF5 file that says where it ends, and as many bytes."""
    block = b"\x89HDF\r\n\x1a\n" + bytes([2, 8, 8, 0]) + struct.pack("<QQQ", 0, 2**64 - 1, size)
    return block.ljust(size, b"\0")


def write_at_once(path: Path, content: bytes) -> Path:
    """Put a file in place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_bytes(content)
    beside.replace(path)
    return path
