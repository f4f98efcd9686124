"""Requests that are at fault, or do not fit."""

from __future__ import annotations

from jupyter_drive_sync.errors.base import InvalidInput, NotFound, NotPossible


class BodyInvalid(InvalidInput):
    """The body of a request does not fit the API."""

    code = "body_invalid"
    default_hint = "See api/openapi.yaml for what this address takes."


class FolderInvalid(InvalidInput):
    """A path that names no usable folder."""

    code = "folder_invalid"
    default_hint = "Choose a folder."


class FolderOutsideRoot(InvalidInput):
    """A project folder outside the server's root, also by way of a symbolic link."""

    code = "folder_outside_root"
    default_hint = "Choose a folder below the one in which Jupyter was started."


class RemoteInvalid(InvalidInput):
    """A remote that is neither ``name:path`` nor an absolute folder."""

    code = "remote_invalid"
    default_hint = "Give name:path with a configured remote, or the absolute path of a folder."


class ConfigUnreadable(InvalidInput):
    """rclone's configuration file cannot be read."""

    code = "config_unreadable"
    default_hint = "Check that the file exists, that you may read it and that rclone can open it."


class IgnorePatternInvalid(InvalidInput):
    """A line of ``.driveignore`` that cannot be followed exactly.

    Parameters
    ----------
    message : str
        What is wrong with the pattern.
    line : int
        Line number in ``.driveignore``, from 1.
    pattern : str
        The line as written.
    """

    code = "ignore_pattern_invalid"
    default_hint = "Change or remove that line of .driveignore."

    def __init__(self, message: str, *, line: int, pattern: str) -> None:
        super().__init__(f".driveignore, line {line}: {message} ({pattern})")
        self.line = line
        self.pattern = pattern


class ProjectUnknown(NotFound):
    """No project of that id, or no project at that folder."""

    code = "project_unknown"
    default_hint = "Link the folder first."


class FolderMissing(NotFound):
    """A folder that should be there is not."""

    code = "folder_missing"
    default_hint = "Create the folder or choose another one."


class RemoteUnknown(NotFound):
    """A remote name that rclone's configuration does not hold."""

    code = "remote_unknown"
    default_hint = "Choose one of the configured remotes, or add it with `rclone config`."


class VersionGone(NotFound):
    """An earlier version of a file is not kept any more, or never was."""

    code = "version_gone"
    default_hint = "Look at the list of versions again."


class AlreadyLinked(NotPossible):
    """The folder, or the remote folder, belongs to a project already."""

    code = "already_linked"
    default_hint = "Unlink the other project first, or choose another folder."


class FolderNested(NotPossible):
    """The folder lies inside or around one that is linked."""

    code = "folder_nested"
    default_hint = "Projects cannot lie inside one another: choose a folder beside it."


class NotOnDrive(NotPossible):
    """Only files kept on Google Drive can do this."""

    code = "not_on_drive"


class NotHeld(NotPossible):
    """A choice between two versions was made where there is no conflict."""

    code = "not_held"
    default_hint = "Look at the project's status: it may have been settled meanwhile."


class VersionsChanged(NotPossible):
    """One side of a conflict changed since the person was shown the two versions."""

    code = "versions_changed"
    default_hint = "Look at the versions that stand there now, and choose again."


class RuntimeUnknown(NotFound):
    """No Colab runtime of that name."""

    code = "runtime_unknown"
    default_hint = "Look at the project's status for the runtimes that there are."


class RuntimeRunning(NotPossible):
    """A Colab runtime that lives cannot be taken off the list."""

    code = "runtime_running"
    default_hint = "End it in Colab first, or wait until it is silent."


class NotRestored(NotPossible):
    """An earlier version could not be put in place; everything is as it was."""

    code = "not_restored"
    default_hint = "Try again, or restore it as a copy."


class ConsentNeeded(NotPossible):
    """The plan changed since the person agreed to it."""

    code = "consent_needed"
    default_hint = "Look at the new plan and agree to it."
