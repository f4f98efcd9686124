"""rclone as the companion runs it: its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from .settings import Transport

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


def child_environment(
    own: Mapping[str, str], parent: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables that rclone may see: those of `parent` that are safe, then `own`."""
    source = os.environ if parent is None else parent
    return {name: source[name] for name in _KEPT if name in source} | dict(own)


def environment_of(transport: Transport) -> dict[str, str]:
    """Return the whole environment for rclone on this way to Drive."""
    return child_environment(transport.env)
