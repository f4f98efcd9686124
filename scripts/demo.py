"""Show the product without an account: the example project, linked to a plain folder.

Copies ``examples/spam-detection`` into the demo folder, makes a second folder beside it that
plays Google Drive, links the two with the product's own command line, and starts JupyterLab.
Jupyter's own data and settings stay in the demo folder too. A second start goes on with the same
demo; ``--fresh`` begins anew. What this script does not know goes to ``jupyter lab``.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

REPOSITORY = Path(__file__).resolve().parent.parent
EXAMPLE = REPOSITORY / "examples" / "spam-detection"
NAME = EXAMPLE.name
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "models")
MARK = ".drive-sync-demo"
START_SECONDS = 120.0
STOP_SECONDS = 20.0


class DemoError(Exception):
    """The demo cannot go on; the text says why and what to do."""


class Demo:
    """The folders of one demo, below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / NAME
        self.drive = root / "Drive" / NAME
        self.state = root / ".jupyter"
        self.log = self.state / "server.log"

    def prepare(self, fresh: bool) -> bool:
        """Make what is missing; return whether the demo is new."""
        mark = self.root / MARK
        if fresh and self.root.exists():
            if not mark.exists() and any(self.root.iterdir()):
                raise DemoError(
                    f"{self.root} was not made by this demo, so it is left alone: "
                    "choose another --folder, or start without --fresh."
                )
            shutil.rmtree(self.root)
        if self.root.exists() and not mark.exists() and any(self.root.iterdir()):
            raise DemoError(f"{self.root} holds other files: choose another --folder.")
        self.state.mkdir(parents=True, exist_ok=True)
        mark.touch()
        new = not self.project.exists()
        if new:
            shutil.copytree(EXAMPLE, self.project, ignore=NOT_COPIED)
        self.drive.mkdir(parents=True, exist_ok=True)
        return new

    def environment(self) -> dict[str, str]:
        """Return the environment in which the product and JupyterLab run."""
        own = {
            f"JUPYTER_{kind.upper()}_DIR": str(self.state / kind)
            for kind in ("config", "data", "runtime")
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER_")}
        return kept | own

    def link(self) -> None:
        """Pair the two folders, unless an earlier start has done so."""
        status = self._cli("status", str(self.project), "--json")
        try:
            answer = json.loads(status.stdout)
        except json.JSONDecodeError:
            raise DemoError(f"The product does not start:\n{status.stderr.strip()}") from None
        if answer.get("error", {}).get("code") != "project_unknown":
            return  # linked; whatever else is the matter, the sidebar says so
        linked = self._cli("link", str(self.project), str(self.drive), "--yes")
        if linked.returncode not in (0, 3):
            raise DemoError(
                "The two folders could not be linked:\n"
                + (linked.stderr or linked.stdout).strip()
                + "\nStart over with `make demo ARGS=--fresh`."
            )

    def _cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jupyter_drive_sync.cli", *arguments],
            capture_output=True,
            text=True,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )


class Lab:
    """A running `jupyter lab`."""

    def __init__(self, demo: Demo, arguments: list[str], browser: bool) -> None:
        self.demo = demo
        self.token = secrets.token_hex(16)
        notebook = f"/lab/tree/{NAME}/train.ipynb"
        command = [
            *(sys.executable, "-m", "jupyterlab"),
            f"--ServerApp.root_dir={demo.root}",
            f"--LabApp.default_url={notebook}",
            *([] if browser else ["--no-browser"]),
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
            *arguments,
        ]
        environment = demo.environment()
        environment.setdefault("JUPYTER_TOKEN", self.token)
        with demo.log.open("wb") as log:
            # In a session of its own, so that Ctrl-C reaches only us, and JupyterLab once.
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=demo.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_up(self) -> str:
        """Return the address, once the server answers."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                raise DemoError(f"JupyterLab ended at once. {self._last_words()}")
            address = self._address()
            if address:
                return address
            time.sleep(0.1)
        raise DemoError(f"JupyterLab did not start in time. {self._last_words()}")

    def _address(self) -> str | None:
        """Return the address when the server has written it down and answers there."""
        runtime = self.demo.state / "runtime" / f"jpserver-{self.process.pid}.json"
        try:
            server = json.loads(runtime.read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return None  # not written, or not to its end
        token = f"?token={server['token']}" if server["token"] else ""
        try:
            with urllib.request.urlopen(f"{server['url']}api{token}", timeout=2):
                return f"{server['url']}lab/tree/{NAME}/train.ipynb{token}"
        except urllib.error.HTTPError:
            return f"{server['url']}lab"  # up, and it asks for a password
        except OSError:
            return None

    def stay(self) -> None:
        """Wait until the server ends by itself."""
        code = self.process.wait()
        if code:
            raise DemoError(f"JupyterLab ended with {code}. {self._last_words()}")

    def _last_words(self) -> str:
        lines = self.demo.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"The end of {self.demo.log}:", *lines[-15:]])

    def stop(self) -> None:
        """Stop the server and its kernels."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def shown(path: Path) -> str:
    """Return a path for people, with ~ for the home folder."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)


def interrupt(signum: int, frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C."""
    raise KeyboardInterrupt


def main() -> int:
    """Prepare, link, start; stay until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="make demo", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--folder", type=Path, default=REPOSITORY / ".demo")
    parser.add_argument("--fresh", action="store_true", help="begin anew")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options, arguments = parser.parse_known_args()

    signal.signal(signal.SIGTERM, interrupt)
    demo = Demo(options.folder.expanduser().resolve())
    lab: Lab | None = None
    try:
        new = demo.prepare(options.fresh)
        demo.link()
        lab = Lab(demo, arguments, browser=not options.no_browser)
        address = lab.wait_until_up()
        print(
            f"\n  {'A new demo' if new else 'The demo goes on'}: {address}\n\n"
            f"  Your project       {shown(demo.project)}\n"
            f"  The folder that\n"
            f"  plays Google Drive {shown(demo.drive)}\n\n"
            "  Edit and save a notebook, and look at the other folder; change a file there,\n"
            "  and look at JupyterLab. Ctrl-C ends the demo.\n",
            flush=True,
        )
        lab.stay()
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nThe demo has ended; `make demo` goes on with it.")
        return 0
    finally:
        if lab is not None:
            lab.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
