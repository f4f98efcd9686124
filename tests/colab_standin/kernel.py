"""A real IPython kernel in the stand-in machine, and the cells that run in it."""

from __future__ import annotations

import os
import queue
import signal
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager


class Cell:
    """One cell that was sent to the kernel.

    Attributes
    ----------
    text : str
        Everything printed or shown as plain text, in order.
    html : str
        What is shown as HTML now: an updated display counts once.
    error : tuple of (str, str) or None
        Name and text of the exception that ended it.
    """

    def __init__(self, kernel: Kernel, message: str) -> None:
        self._kernel = kernel
        self._message = message
        self._displays: dict[str, str] = {}
        self.text = ""
        self.error: tuple[str, str] | None = None
        self.ended = False
        self._more_html = 0

    @property
    def html(self) -> str:
        """What is shown as HTML."""
        return "\n".join(self._displays.values())

    def wait(self, timeout: float = 60.0) -> Cell:
        """Wait for its end.

        Raises
        ------
        TimeoutError
            When it takes longer; `text` is in the message.
        """
        self._until(lambda: self.ended, timeout)
        return self

    def wait_for(self, text: str, timeout: float = 60.0) -> Cell:
        """Wait until it has printed something."""
        self._until(lambda: text in self.text or self.ended, timeout)
        if text not in self.text:
            raise AssertionError(f"{text!r} never came:\n{self.text}\n{self.error}")
        return self

    def _until(self, reached: Any, timeout: float) -> None:
        limit = time.monotonic() + timeout
        while not reached():
            left = limit - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"still running:\n{self.text}")
            try:
                message = self._kernel.client.get_iopub_msg(timeout=min(left, 1.0))
            except queue.Empty:
                if not self._kernel.manager.is_alive():
                    raise AssertionError(f"the kernel is dead:\n{self.text}") from None
                continue
            if message["parent_header"].get("msg_id") == self._message:
                self._take(message["msg_type"], message["content"])

    def _take(self, kind: str, content: Mapping[str, Any]) -> None:
        if kind == "stream":
            self.text += content["text"]
        elif kind in ("display_data", "execute_result", "update_display_data"):
            data = content["data"]
            if "text/html" in data:
                self._more_html += 1
                name = content.get("transient", {}).get("display_id") or str(self._more_html)
                self._displays[name] = data["text/html"]
            self.text += data.get("text/plain", "") + "\n"
        elif kind == "error":
            self.error = (content["ename"], content["evalue"])
            self.text += "\n".join(content["traceback"]) + "\n"
        elif kind == "status" and content["execution_state"] == "idle":
            self.ended = True


class Kernel:
    """A kernel of `python`, with the environment of the machine.

    Parameters
    ----------
    python : Path
        The interpreter.
    env : Mapping of str to str
        The whole environment.
    folder : Path
        Where it works.

    Attributes
    ----------
    id : str
        As the machine's Jupyter server knows it.
    """

    def __init__(self, python: Path, env: Mapping[str, str], folder: Path) -> None:
        argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.id = str(uuid.uuid4())
        self.manager = KernelManager()
        # The name by which a Jupyter server calls it.
        self.manager.connection_file = str(folder.parent / f"kernel-{self.id}.json")
        self.manager._kernel_spec = KernelSpec(
            argv=argv, language="python", display_name="Python 3"
        )
        self._env = dict(env)
        self._folder = folder

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.manager.start_kernel(env=self._env, cwd=str(self._folder))
        self._connect()

    def _connect(self) -> None:
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    @property
    def pid(self) -> int:
        """The kernel's process."""
        return int(self.manager.provisioner.pid)

    def send(self, code: str) -> Cell:
        """Begin to run a cell."""
        return Cell(self, self.client.execute(code, allow_stdin=False))

    def interrupt(self) -> None:
        """Stop the running cell, as the square button does: the whole process group hears it."""
        self.manager.interrupt_kernel()

    def restart(self) -> None:
        """Restart the kernel; its process group dies."""
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self._connect()

    def kill(self) -> None:
        """Kill the kernel as the out-of-memory killer does; Colab starts another at once."""
        os.kill(self.pid, signal.SIGKILL)
        self.restart()

    def stop(self) -> None:
        """Let it go, alive or not."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()
