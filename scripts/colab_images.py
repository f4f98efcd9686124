"""Bring the package lists that Google publishes of Colab's runtime images, for the tests.

python scripts/colab_images.py [--from FOLDER_OF_A_GIT_CLONE]

They are Google's (github.com/googlecolab/backend-info), so they are fetched and not kept here: into
`.cache/colab-images/`, each pinned by its commit and its SHA-256. The tests that need them are
skipped where they were not fetched.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = "googlecolab/backend-info"
CACHE = Path(__file__).resolve().parent.parent / ".cache" / "colab-images"


@dataclass(frozen=True)
class Image:
    """One published list.

    Attributes
    ----------
    name : str
        The runtime version, as one chooses it in Colab, and the kind of machine. ``2026-08`` is
        the one that was current when this was written.
    python : str
        Its version of Python, without the last part.
    commit, file : str
        Where the list is in the repository. Where there is none for GPUs, one list was for both.
    sha256 : str
        Of the file.
    """

    name: str
    python: str
    commit: str
    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is kept once it was fetched."""
        return CACHE / f"{self.name}.txt"

    @property
    def fetched(self) -> bool:
        """Whether it is there, and the one that is pinned."""
        return self.path.is_file() and _digest(self.path.read_bytes()) == self.sha256


IMAGES = (
    Image(
        "2026-08-gpu",
        "3.13",
        "a72407924822ea377410b69f0a290150bcb5c9c2",
        "pip-freeze.gpu.txt",
        "96f6efbdc6341ea8c28aeb1d06c51861cfeebd0ca531ee2a4de757b0b80b1982",
    ),
    Image(
        "2026-08-cpu",
        "3.13",
        "a72407924822ea377410b69f0a290150bcb5c9c2",
        "pip-freeze.txt",
        "c9e44316182197e188b14834abd28c6e1663517fd9a93263395ebe463c773987",
    ),
    Image(
        "2026-08-tpu",
        "3.13",
        "a72407924822ea377410b69f0a290150bcb5c9c2",
        "pip-freeze.tpu.txt",
        "f752fd841c35a42270c37f5103726a0e5cc6df07a35093976037483d72a97e3b",
    ),
    Image(
        "2026.07-gpu",
        "3.12",
        "ec53f93fe44a9cab118dc5451527b18e36e1a643",
        "pip-freeze.gpu.txt",
        "93eafd0c616a8a1782322153236d4e27145e7c9109fe60aa636d2a3b9382ecc0",
    ),
    Image(
        "2026.07-cpu",
        "3.12",
        "ec53f93fe44a9cab118dc5451527b18e36e1a643",
        "pip-freeze.txt",
        "6d9056c0002d44a1df4ca4ee0084c46cecf64e472f87e0c8d0614aafb8dc9979",
    ),
    Image(
        "2026.07-tpu",
        "3.12",
        "ec53f93fe44a9cab118dc5451527b18e36e1a643",
        "pip-freeze.tpu.txt",
        "4d780249bd712344dbd6e553f744c52ac9e5d09641e233a34441066fe1931121",
    ),
    Image(
        "2026.04-gpu",
        "3.12",
        "77d5dbef56d73b96db5efef2280679cb548c9bd9",
        "pip-freeze.gpu.txt",
        "632d670d1b47d4dc1004dc78fba5326f9468e939bd03d556c4e12646fac2eac4",
    ),
    Image(
        "2026.04-cpu",
        "3.12",
        "77d5dbef56d73b96db5efef2280679cb548c9bd9",
        "pip-freeze.txt",
        "2aeadb34be4d06b656dc7fb150e32953d6f1aa61e7c61929e742d26d74500c38",
    ),
    Image(
        "2026.04-tpu",
        "3.12",
        "77d5dbef56d73b96db5efef2280679cb548c9bd9",
        "pip-freeze.tpu.txt",
        "9e6532ee988ea3de0b9eedffdfb4cbb6a60cb4fec0b2eb44b6a99ccf7e4f0bd9",
    ),
    Image(
        "2026.01-gpu",
        "3.12",
        "bd8aaa4580401a7fbf96a52fab5a7acf96f50b73",
        "pip-freeze.gpu.txt",
        "b3bc4d9e00455980fb3f638e349af0f28afb6b9e5756ab527bdb70e1d7169854",
    ),
    Image(
        "2026.01-cpu",
        "3.12",
        "bd8aaa4580401a7fbf96a52fab5a7acf96f50b73",
        "pip-freeze.txt",
        "c443676cd31722f76336fcef3b196a8e51485790ef577a0c7d6f07278b48f298",
    ),
    Image(
        "2026.01-tpu",
        "3.12",
        "bd8aaa4580401a7fbf96a52fab5a7acf96f50b73",
        "pip-freeze.tpu.txt",
        "be3819a6a9b74f68a9009d5bda9eb3e8fe5d43e7e532303063ffa8732d1e9d1c",
    ),
    Image(
        "2025.10-gpu",
        "3.12",
        "7a0599e3401b4c158fc34a8023e042fa3691be32",
        "pip-freeze.txt",
        "e4f4304c4c0342726c28b95c6dda5aa9630fb4387ffb87f76058051986d7bac0",
    ),
    Image(
        "2025.10-tpu",
        "3.12",
        "7a0599e3401b4c158fc34a8023e042fa3691be32",
        "pip-freeze.tpu.txt",
        "8ae41c0e0f93a637a1353f69373e95fc1b99e853b08dc69e6854331a971a1ede",
    ),
    Image(
        "2025.07-gpu",
        "3.11",
        "ef1cba030a9f7a39bf42912a42f6462d6d4908e8",
        "pip-freeze.txt",
        "824afb6b537f2d1cc47f5ff2473701896835200ae6d9d11b01fcebf8a159d8fa",
    ),
    Image(
        "2025.07-tpu",
        "3.11",
        "ef1cba030a9f7a39bf42912a42f6462d6d4908e8",
        "pip-freeze.tpu.txt",
        "1b74133168061113aeb3a905ae2468c5f9fb3fcf3581e80ef76e8c1718b8eb0d",
    ),
)


def fetch(image: Image, clone: Path | None) -> bytes:
    """Return a list's bytes, from GitHub or from a clone of the repository.

    Raises
    ------
    OSError
        It cannot be had.
    ValueError
        It is not the one that is pinned.
    """
    if clone is None:
        address = f"https://raw.githubusercontent.com/{REPOSITORY}/{image.commit}/{image.file}"
        with urllib.request.urlopen(address, timeout=60) as answer:
            content: bytes = answer.read()
    else:
        done = subprocess.run(
            ["git", "-C", str(clone), "show", f"{image.commit}:{image.file}"],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise OSError(done.stderr.decode(errors="replace").strip())
        content = done.stdout
    if _digest(content) != image.sha256:
        raise ValueError(f"{image.file} of {image.commit} is another one than expected")
    return content


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Fetch what is not there yet; end with 1 when one cannot be had."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--from",
        dest="clone",
        type=Path,
        metavar="FOLDER",
        help=f"a git clone of {REPOSITORY}, instead of GitHub",
    )
    clone = parser.parse_args(arguments).clone
    CACHE.mkdir(parents=True, exist_ok=True)
    missing = 0
    for image in IMAGES:
        if image.fetched:
            print(f"{image.name}: is there")
            continue
        try:
            image.path.write_bytes(fetch(image, clone))
            print(f"{image.name}: fetched")
        except (urllib.error.URLError, OSError, ValueError) as error:
            print(f"{image.name}: {error}", file=sys.stderr)
            missing += 1
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
