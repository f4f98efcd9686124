"""A stand-in for Google Drive that rclone's own ``drive`` backend talks to.

`DriveEmulator` listens on 127.0.0.1 as an HTTPS proxy, ends TLS for Google's hosts with a
certificate of its own and answers as Drive API v3. Everything in it is in memory. Alone:
``python -m tests.drive_emulator``.
"""

from .elsewhere import EmulatorElsewhere
from .emulator import DriveEmulator
from .faults import Answer, Corrupt, Cut, Delay, Gate, Hold, LoseAnswer, Reset
from .model import DOCUMENT, NOTEBOOK, DriveFile, Revision
from .people import SLASH

__all__ = [
    "DOCUMENT",
    "NOTEBOOK",
    "SLASH",
    "Answer",
    "Corrupt",
    "Cut",
    "Delay",
    "DriveEmulator",
    "DriveFile",
    "EmulatorElsewhere",
    "Gate",
    "Hold",
    "LoseAnswer",
    "Reset",
    "Revision",
]
