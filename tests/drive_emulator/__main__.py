"""The emulator alone: ``python -m tests.drive_emulator``, until interrupted."""

from __future__ import annotations

import argparse
import shlex
import signal
import tempfile
import threading
from pathlib import Path

from .emulator import DriveEmulator


def main() -> None:
    """Serve, print what to export, and wait."""
    parser = argparse.ArgumentParser(prog="python -m tests.drive_emulator", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one (default)")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="for every call")
    parser.add_argument("--seed-folder", type=Path, metavar="DIR", help="what Drive holds at first")
    parser.add_argument("--seed-path", default="", metavar="PATH", help="where on Drive it goes")
    parser.add_argument("--config", type=Path, metavar="FILE", help="rclone configuration to write")
    parser.add_argument("--name", default="gdrive", help="the remote's name in it")
    chosen = parser.parse_args()
    if chosen.seed_folder and not chosen.seed_folder.is_dir():
        parser.error(f"--seed-folder: {chosen.seed_folder} is not a folder")

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with (
        tempfile.TemporaryDirectory(prefix="drive-emulator-config-") as folder,
        DriveEmulator(chosen.port, chosen.latency / 1000) as drive,
    ):
        if chosen.seed_folder:
            drive.seed_folder(chosen.seed_folder, chosen.seed_path)
        config = drive.write_config(chosen.config or Path(folder) / "rclone.conf", chosen.name)
        print("# Google Drive is played here until you press Ctrl+C. In another terminal:")
        for name, value in drive.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        print(f"export RCLONE_CONFIG={shlex.quote(str(config.resolve()))}")
        print("# The product does not look at RCLONE_CONFIG. Tell it with")
        print(f"#   jupyter lab --DriveSyncApp.rclone_config={shlex.quote(str(config.resolve()))}")
        print(f"#   jupyter drive-sync ... --rclone-config {shlex.quote(str(config.resolve()))}")
        print(f"# The remote is {chosen.name}:  Controls: {drive.url}/emulator/", flush=True)
        while not ended.wait(0.5):  # waiting without end would not notice Ctrl+C on Windows
            pass


if __name__ == "__main__":
    main()
