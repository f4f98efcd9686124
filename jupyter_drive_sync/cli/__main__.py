"""Run the command line with ``python -m jupyter_drive_sync.cli``."""

from __future__ import annotations

import sys

from jupyter_drive_sync.cli.entry import main

sys.exit(main())
