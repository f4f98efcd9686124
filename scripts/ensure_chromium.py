"""See that there is a Chromium for the browser tests; install Debian's where that is possible.

Looks at CHROMIUM_PATH first, then for the usual names. Ends with 1, and one line that says what
to do, when there is none and none can be installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """Return the path of a browser, or None."""
    named = os.environ.get("CHROMIUM_PATH")
    if named:
        return shutil.which(named)
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    return str(MAC) if MAC.exists() else None


def installer() -> list[str] | None:
    """Return the words before ``apt-get`` that let us install, or None where we may not."""
    if not shutil.which("apt-get"):
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if asked.returncode == 0:
            return ["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    return None


def install(prefix: list[str]) -> bool:
    """Install Debian's package; show what apt-get said when it fails."""
    print("Installing Chromium for the browser tests (apt-get install chromium)", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (
        ["update", "--quiet"],
        ["install", "--quiet", "--yes", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(
            [*prefix, "apt-get", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            print((done.stdout + done.stderr)[-2000:], file=sys.stderr)
            return False
    return True


def main() -> int:
    """Find or install."""
    named = os.environ.get("CHROMIUM_PATH")
    if find():
        return 0
    if named:
        print(f"CHROMIUM_PATH names {named}, and there is no such program.", file=sys.stderr)
        return 1
    prefix = installer()
    if prefix is not None and install(prefix) and find():
        return 0
    print(
        "The browser tests need Chromium: install it (on Debian: apt-get install chromium), "
        "or name one with CHROMIUM_PATH.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
