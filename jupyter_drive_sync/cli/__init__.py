"""The command line: ``jupyter drive-sync link | sync | status | preview | unlink``."""

from __future__ import annotations

from jupyter_drive_sync.cli.entry import main

__all__ = ["main"]
