"""Prove that the installed wheel is found by Jupyter, with no Node in reach.

python scripts/check_wheel.py FOLDER_OF_THE_ENVIRONMENT
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKS = {
    ("server", "extension", "list"): r"jupyter_drive_sync.*\bOK\b",
    ("labextension", "list"): r"jupyter-drive-sync v\S+ .*enabled.* OK",
}
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def ask(environment: Path, arguments: tuple[str, ...], home: str) -> str:
    """Return what `jupyter ARGUMENTS` says, colours left out."""
    programs = environment / "bin"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    done = subprocess.run(
        [str(programs / "jupyter"), *arguments],
        capture_output=True,
        text=True,
        env=kept | {"PATH": str(programs), "HOME": home},
        check=False,
    )
    return COLOUR.sub("", done.stdout + done.stderr)


def main() -> int:
    """Run all the checks; end with 1 when one fails."""
    environment = Path(sys.argv[1]).resolve()
    failed = 0
    with tempfile.TemporaryDirectory() as home:
        for arguments, expected in CHECKS.items():
            said = ask(environment, arguments, home)
            lines = [line.strip() for line in said.splitlines() if "drive" in line.lower()]
            enabled = any("enabled" in line for line in lines)
            if enabled and any(re.search(expected, line) for line in lines):
                print(f"jupyter {' '.join(arguments)}: enabled, OK")
            else:
                failed += 1
                print(f"jupyter {' '.join(arguments)} does not say enabled and OK:\n{said}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
