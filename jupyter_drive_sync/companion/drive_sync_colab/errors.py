"""Everything that can go wrong in a runtime, as one tree.

Each error has a stable ``code``, a ``message`` that says what happened and a ``hint`` that says
what to do. Neither ever holds a secret: both stand in the notebook, in the guard's log and in the
pulse.

::

    CompanionError
    ├── NotInColab, NotConnected, ColabEnterprise
    ├── ConsentRefused, SignInFailed
    ├── FolderProblem
    │   └── FolderUnknown, FolderTrashed, NotAProject, AnotherProject
    ├── TransportMissing         none of the ways to Drive works; says why for each
    ├── RcloneMissing, RcloneFailed
    │   └── Offline, DriveFull, RateLimited, SignInLost
    ├── ProjectTooLarge, RuntimeFull
    ├── PathInvalid, PushRefused, ArgumentInvalid
    ├── EnvironmentFailed
    ├── GuardFailed
    └── CheckpointProblem
        └── CheckpointMissing, CheckpointTorn, CheckpointNotSafe, Unfinished
"""

from __future__ import annotations

from typing import ClassVar


class CompanionError(Exception):
    """Base of all errors of the companion.

    Parameters
    ----------
    message : str
        What happened, for a person, without secrets.
    hint : str, optional
        What the person can do now. Falls back to the class's ``default_hint``.
    """

    code: ClassVar[str] = "error"
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint

    def __str__(self) -> str:
        """Return both sentences: a traceback's last line is what people read."""
        return f"{self.message} {self.hint}".strip()

    def as_json(self) -> dict[str, str]:
        """Return ``{code, text, hint}``, as the pulse has it."""
        return {"code": self.code, "text": self.message, "hint": self.hint}


class NotInColab(CompanionError):
    """Not a Colab runtime."""

    code = "not_in_colab"
    default_hint = "At home, jupyter-drive-sync in JupyterLab keeps the project in step."


class NotConnected(CompanionError):
    """A function was called before ``connect()``, or after it failed."""

    code = "not_connected"
    default_hint = "Run the notebook's first cell, the one with connect()."


class ColabEnterprise(CompanionError):
    """Colab Enterprise, whose sign-in does not lead to a person's Drive."""

    code = "colab_enterprise"
    default_hint = "Open the notebook at colab.research.google.com instead."


class ConsentRefused(CompanionError):
    """The person closed or refused the dialog."""

    code = "consent_refused"
    default_hint = "Run this cell again and choose Allow: it is asked once in each runtime."


class SignInFailed(CompanionError):
    """Colab could not sign in."""

    code = "sign_in_failed"
    default_hint = "Run this cell again; if that does not help, Runtime > Restart session first."


class FolderProblem(CompanionError):
    """The project's folder on Drive is not what it should be."""

    code = "folder_problem"


class FolderUnknown(FolderProblem):
    """There is no folder of this id, or this account may not see it."""

    code = "folder_unknown"
    default_hint = (
        "Check that you are signed in with the account that has the project, or put the cell in "
        "anew with Insert Colab cell in JupyterLab."
    )


class FolderTrashed(FolderProblem):
    """The project's folder is in Drive's trash."""

    code = "folder_trashed"
    default_hint = "Restore it from the trash at drive.google.com, then run this cell again."


class NotAProject(FolderProblem):
    """The folder holds no marker of a project."""

    code = "not_a_project"
    default_hint = (
        "Sync the project in JupyterLab, then put the cell in anew with Insert Colab cell there."
    )


class AnotherProject(FolderProblem):
    """The runtime already works on another project."""

    code = "another_project"
    default_hint = (
        "Open the notebook in a runtime of its own, or choose Runtime > Disconnect and delete "
        "runtime first."
    )


class TransportMissing(CompanionError):
    """None of the ways to Drive works."""

    code = "no_transport"


class RcloneMissing(CompanionError):
    """rclone is neither here nor could it be installed."""

    code = "rclone_missing"
    default_hint = (
        "Run this cell again in a moment: every way to Drive needs rclone, from pypi.org."
    )


class RcloneFailed(CompanionError):
    """rclone ran and did not succeed."""

    code = "rclone_failed"
    default_hint = "Run this cell again."


class Offline(RcloneFailed):
    """Drive could not be reached."""

    code = "offline"
    default_hint = "Run this cell again in a moment."


class DriveFull(RcloneFailed):
    """No space is left on Drive."""

    code = "quota_full"
    default_hint = "Make room at drive.google.com (the trash counts too)."


class RateLimited(RcloneFailed):
    """Drive asked to slow down, again and again."""

    code = "rate_limited"
    default_hint = "Wait some minutes; after 750 GB uploaded in a day, until tomorrow."


class SignInLost(RcloneFailed):
    """Drive no longer accepts the runtime's credentials."""

    code = "sign_in"
    default_hint = "Run the notebook's first cell again and allow access."


class ProjectTooLarge(CompanionError):
    """The project is larger than the limit, and nobody said yes."""

    code = "too_large"


class RuntimeFull(CompanionError):
    """No space is left on the runtime's disk."""

    code = "disk_full"
    default_hint = (
        "Delete what you do not need below /content, or bring less: connect(..., include=[...])."
    )


class PathInvalid(CompanionError):
    """A path that names nothing usable in the project."""

    code = "path_invalid"


class PushRefused(CompanionError):
    """A file that is not pushed from here."""

    code = "push_refused"


class ArgumentInvalid(CompanionError):
    """A value that a function does not take."""

    code = "argument_invalid"


class EnvironmentFailed(CompanionError):
    """The libraries could not be installed."""

    code = "environment_failed"
    default_hint = (
        "Run this cell again in a moment. The other cells still run, with the libraries that are "
        "there."
    )


class GuardFailed(CompanionError):
    """The guard could not be started, or ended unexpectedly."""

    code = "guard_failed"
    default_hint = "Run the notebook's first cell again."


class CheckpointProblem(CompanionError):
    """A checkpoint is not safe on Drive, or not there."""

    code = "checkpoint_problem"


class CheckpointMissing(CheckpointProblem):
    """There is no verified checkpoint to take."""

    code = "checkpoint_missing"


class CheckpointTorn(CheckpointProblem):
    """The file is not a complete checkpoint."""

    code = "checkpoint_torn"
    default_hint = "Write it to the end (close the file) before you call checkpoint()."


class CheckpointNotSafe(CheckpointProblem):
    """The checkpoint was not verified on Drive within the time."""

    code = "checkpoint_not_safe"
    default_hint = "The guard goes on trying; see status()."


class Unfinished(CheckpointProblem):
    """The run ended with files that are not on Drive whole."""

    code = "unfinished"
    default_hint = "What the run's list names is whole."
