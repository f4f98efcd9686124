"""JupyterLab as the browser tests need it; everything that protects it stays switched on."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import jupyterlab

from jupyter_drive_sync.service import colab_desk, looking

c = get_config()  # noqa: F821  (given by traitlets)

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.open_browser = False
c.ServerApp.allow_root = hasattr(os, "geteuid") and os.geteuid() == 0

# What galata talks to in the page.
c.LabApp.expose_app_in_browser = True
c.LabServerApp.extra_labextensions_path = [str(Path(jupyterlab.__file__).parent / "galata")]
# No news, no offers, no look for newer versions: the tests reach nothing outside this machine.
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None


class Ahead(datetime):
    """This server's clock for Colab's runtimes: a test puts it forward to let minutes pass."""

    @classmethod
    def now(cls, tz=None):
        seconds = float(Path(os.environ["DRIVE_SYNC_TEST_CLOCK"]).read_text(encoding="utf-8"))
        return datetime.now(tz) + timedelta(seconds=seconds)


colab_desk.datetime = Ahead
looking.datetime = Ahead
