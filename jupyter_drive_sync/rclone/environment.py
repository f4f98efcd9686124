"""The environment in which rclone runs.

Every ``RCLONE_*`` variable changes what rclone does: one can turn a remote into the local disk or
every run into a resync. So the child gets only what is named here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

_KEPT = frozenset(
    {
        # finding programs, the home folder, temporary files
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "TMPDIR",
        "XDG_CONFIG_HOME",
        "XDG_CACHE_HOME",
        "XDG_RUNTIME_DIR",
        "SSH_AUTH_SOCK",
        # words and times
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "TZ",
        # the network
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "https_proxy",
        "http_proxy",
        "no_proxy",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        # signing in with the machine's own Google credentials
        "GOOGLE_APPLICATION_CREDENTIALS",
        "CLOUDSDK_CONFIG",
    }
)

_KEPT_ON_WINDOWS = frozenset(
    {
        "APPDATA",
        "COMSPEC",
        "HOMEDRIVE",
        "HOMEPATH",
        "LOCALAPPDATA",
        "NUMBER_OF_PROCESSORS",
        "PATHEXT",
        "PROGRAMDATA",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "USERNAME",
        "USERPROFILE",
        "WINDIR",
    }
)


def child_environment(
    parent: Mapping[str, str] | None = None, *, windows: bool = os.name == "nt"
) -> dict[str, str]:
    """Return the variables of `parent` (this process by default) that rclone may see."""
    source = os.environ if parent is None else parent
    if not windows:
        return {name: value for name, value in source.items() if name in _KEPT}
    kept = {name.upper() for name in _KEPT} | _KEPT_ON_WINDOWS
    return {name: value for name, value in source.items() if name.upper() in kept}
