"""What Colab's own package does for us, each call with its errors in our words.

Its dialogs wait for the page's answer on the kernel's main thread; from another one they never end.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from pathlib import Path

from .errors import ColabEnterprise, ConsentRefused, NotInColab, SignInFailed

SECRET = "RCLONE_CONFIG"  # noqa: S105 - its name
"""Name of the Colab secret that may hold an rclone configuration."""

SECRET_HINT = (
    f"Under the key icon at the left, {SECRET} can hold a whole rclone.conf with a Drive remote; "
    "switch on its access for this notebook."
)


def in_colab() -> bool:
    """Say whether this is a Colab runtime."""
    try:
        return importlib.util.find_spec("google.colab") is not None
    except (ImportError, ValueError):  # no package "google" at all, or a broken one
        return False


def check_place() -> None:
    """Make sure that this is a runtime in which we can work, and a thread that may ask.

    Raises
    ------
    NotInColab, ColabEnterprise, SignInFailed
        It is not.
    """
    if not in_colab():
        raise NotInColab("This is not a Colab runtime, so there is nothing to connect.")
    if os.environ.get("VERTEX_PRODUCT") == "COLAB_ENTERPRISE":
        raise ColabEnterprise(
            "This is Colab Enterprise, whose sign-in does not lead to your Drive: not supported."
        )
    if threading.current_thread() is not threading.main_thread():
        raise SignInFailed(
            "connect() was called from another thread, where Colab cannot ask for consent.",
            "Call connect() in a cell of its own.",
        )


def sign_in() -> None:
    """Ask for access to Drive, unless it was given already.

    Raises
    ------
    ConsentRefused
        The person said no.
    SignInFailed
        Colab said yes and has no credentials all the same.
    """
    from google.colab import auth, errors

    try:
        auth.authenticate_user()
    except errors.AuthorizationError as error:
        raise SignInFailed("Colab could not get credentials for your account.") from error
    except errors.Error as error:  # MessageError, which is in a private module
        raise ConsentRefused("Access to Drive was not allowed.") from error
    except NotImplementedError as error:
        raise SignInFailed("This kind of runtime does not sign in with Google.") from error


def mount(folder: Path) -> None:
    """Mount Drive; once it is, nothing is asked.

    Raises
    ------
    ConsentRefused
        The person said no.
    SignInFailed
        The mount failed.
    """
    from google.colab import drive, errors

    if is_mounted(folder):
        return
    broken = os.path.lexists(folder) and not _readable(folder)
    try:
        drive.mount(str(folder), force_remount=broken)
    except errors.Error as error:
        raise ConsentRefused("Mounting Drive was not allowed.") from error
    except (ValueError, NotImplementedError, OSError) as error:
        raise SignInFailed("Drive could not be mounted.") from error


def is_mounted(folder: Path) -> bool:
    """Say whether Drive is mounted there, and answers."""
    return _readable(folder) and (folder / "MyDrive").is_dir()


def _readable(folder: Path) -> bool:
    try:
        next(folder.iterdir(), None)
    except OSError:  # the mount broke off: "Transport endpoint is not connected"
        return False
    return True


def secret(name: str = SECRET) -> str | None:
    """Return one of the person's secrets; None when there is none that this notebook may see."""
    from google.colab import errors, userdata

    try:
        return str(userdata.get(name)) or None
    except (errors.Error, userdata.NotebookAccessError):
        return None


def unassign() -> None:
    """Let the runtime go."""
    from google.colab import runtime

    runtime.unassign()
