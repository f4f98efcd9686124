"""What can go wrong while a person connects a storage, or signs in again."""

from __future__ import annotations

from jupyter_drive_sync.errors.base import DriveSyncError, InvalidInput, NotFound, NotPossible


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


class FlowUnknown(NotFound):
    """No such attempt to connect, or it ended long ago."""

    code = "flow_unknown"
    default_hint = "Start again: nothing was changed."


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


class QuestionChanged(NotPossible):
    """An answer came to a question that is not asked any more."""

    code = "question_changed"
    default_hint = "Answer the question that is shown now."


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
