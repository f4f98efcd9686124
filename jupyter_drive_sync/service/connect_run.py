"""The work of one flow, from its first question to the remote that stands. Blocks."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from jupyter_drive_sync.engine.check import Marker
from jupyter_drive_sync.errors import (
    Cancelled,
    DriveSyncError,
    RcloneFailed,
    RemoteMissing,
    SignInExpired,
    SignInNeeded,
    SignInRefused,
    TokenInvalid,
    WrongAccount,
)
from jupyter_drive_sync.ports.connecting import (
    Account,
    Choice,
    Question,
    QuestionType,
    Way,
)
from jupyter_drive_sync.ports.connector import Connector, Conversation, Google, Section
from jupyter_drive_sync.ports.projects import Project
from jupyter_drive_sync.service.accounts import DRIVE, Accounts
from jupyter_drive_sync.service.flow import Flow
from jupyter_drive_sync.service.pasted import read_token
from jupyter_drive_sync.service.preparing import Work

log = logging.getLogger(__name__)

_OURS_ALONE = ("team_drive", "root_folder_id")


@dataclass(frozen=True, slots=True)
class Outside:
    """What a flow's work has at hand.

    Attributes
    ----------
    projects_of : Callable
        Returns the projects that use a remote, by its name and file.
    read_marker : Callable
        Reads a project's marker on the far side, with another configuration.
    check : Callable
        Refuses new settings, by their type, that open more than the server allows.
    take_listener, leave_listener : Callable
        Take and give back the one place for a sign-in page, for a flow.
    sign_in_seconds : float
        How long a person has on the sign-in page.
    """

    connector: Connector
    google: Google
    accounts: Accounts
    projects_of: Callable[[str, Path], list[Project]]
    read_marker: Callable[[Project, Path], bytes | None]
    check: Callable[[str, Section], None]
    take_listener: Callable[[Flow], None]
    leave_listener: Callable[[Flow], None]
    sign_in_seconds: float


def run_flow(flow: Flow, work: Work, outside: Outside) -> None:
    """Do the work of a flow to its end, whatever that is."""
    try:
        flow.finish(_Run(flow, work, outside).account())
    except Cancelled:
        flow.gave_up(_expired)
    except DriveSyncError as error:
        if flow.given_up:  # then it failed because it was ended in the middle
            flow.gave_up(_expired)
            return
        log.info("Drive Sync: connecting %s: %s: %s", flow.name, error.code, error.message)
        flow.fail(error)
    except Exception:
        log.exception("Drive Sync: connecting %s failed", flow.name)
        flow.fail(RcloneFailed("Connecting failed.", "The details are in the server's log."))
    finally:
        outside.leave_listener(flow)


def _expired() -> DriveSyncError:
    return SignInExpired("Nobody signed in, or answered, within the time.")


class _Run:
    def __init__(self, flow: Flow, work: Work, outside: Outside) -> None:
        self._flow = flow
        self._work = work
        self._outside = outside

    def account(self) -> Account | None:
        """Connect; return whose storage it is."""
        work = self._work
        self._flow.check()
        if work.way is Way.FOLDER:
            return None
        if work.existing is not None:
            return self._outside.accounts.of(work.existing)
        if work.client is not None:
            self._outside.google.check_client(work.client)
        settings = dict(work.settings)
        if work.wants_token:
            settings["token"] = self._ask_token()
            self._flow.checking()
        talk = self._outside.connector.converse(work.name, work.type, self._show_page)
        try:
            self._flow.hold(talk)
            return self._talk(talk, settings)
        finally:
            talk.close()

    def _talk(self, talk: Conversation, settings: dict[str, str]) -> Account:
        work = self._work
        question = talk.begin(settings, ask_all=work.ask_all)
        while question is not None:
            value = self._flow.ask(question)
            question = talk.answer(value)
        self._flow.checking()
        try:
            if work.again is None:
                self._ask_where(talk)
            space = talk.space()
            if work.type != DRIVE:
                talk.can_list()
        except SignInNeeded:
            raise self._not_accepted() from None
        section = talk.section()
        self._outside.check(work.type, section)
        account = self._outside.accounts.signed_in(work.name, work.type, section, space)
        if account.email is None and work.email is not None:
            account = replace(account, email=work.email)
        if work.again is None:
            self._flow.settle()
            self._outside.connector.keep(work.name, section)
        else:
            self._renew(talk, section)
        return account

    def _renew(self, talk: Conversation, new: dict[str, str]) -> None:
        """Put the new sign-in in the place of the old one, if it is the right account's."""
        remote = self._work.again
        if remote is None:
            raise AssertionError("only called when signing in again")
        for project in self._outside.projects_of(remote.name, remote.config):
            try:
                found = Marker.parse(self._outside.read_marker(project, talk.config()))
            except RemoteMissing:
                found = Marker(None)
            if found.project != project.id:
                raise WrongAccount(
                    f"This account does not reach the folder of the project {project.name}."
                    if found.project is None
                    else f"In this account, another folder stands where {project.name} belongs."
                )
        old = self._outside.connector.section(remote)
        changes = {
            key: new.get(key) for key in old.keys() | new.keys() if old.get(key) != new.get(key)
        }
        for key in _OURS_ALONE:  # where the projects begin stays as it was
            changes.pop(key, None)
        self._flow.settle()
        self._outside.connector.replace(remote, changes)

    # --- what we ask by ourselves -----------------------------------------------------------

    def _ask_token(self) -> str:
        question = Question(
            name="token",
            label="Token",
            help="Run the command on a computer that has rclone and a browser, and paste what it "
            "prints between the two arrows.",
            type=QuestionType.TEXT,
            required=True,
            secret=True,
        )
        token = None
        while token is None:
            given = self._flow.ask(question)
            try:
                token = read_token(given)
            except TokenInvalid as error:
                question = replace(question, error=f"{error.message} {error.hint}")
        return token

    def _ask_where(self, talk: Conversation) -> None:
        if self._work.asks_folder:
            self._ask_folder(talk)
        elif self._work.type == DRIVE and talk.section().get("scope", DRIVE) == DRIVE:
            self._ask_shared_drive(talk)
        self._flow.checking()

    def _ask_shared_drive(self, talk: Conversation) -> None:
        drives = talk.shared_drives()
        if not drives:
            return
        question = Question(
            name="team_drive",
            label="Drive",
            help="Where the project's folder lies.",
            type=QuestionType.CHOICE,
            choices=(Choice("", "My Drive"), *(Choice(item.id, item.name) for item in drives)),
            exclusive=True,
        )
        known = {choice.value for choice in question.choices}
        while (value := self._flow.ask(question)) not in known:
            question = replace(question, error="Choose one of those that are listed.")
        if value:
            talk.change(team_drive=value, root_folder_id=None)

    def _ask_folder(self, talk: Conversation) -> None:
        """Ask which shared folder or drive is meant; such an account has none of its own."""
        drives, folders = talk.shared_drives(), talk.shared_folders()
        whom = self._work.email or "the account of this machine"
        choices = [Choice(item.id, item.name) for item in (*drives, *folders)]
        if self._work.email is None:
            choices.insert(0, Choice("", "The account's own Drive"))
        question = Question(
            name="root_folder",
            label="Folder",
            help=f"The folder or shared drive that is shared with {whom}. If it is not listed, "
            "paste its address on Drive, or its id.",
            type=QuestionType.CHOICE,
            required=self._work.email is not None,
            choices=tuple(choices),
        )
        shared_drives = {item.id for item in drives}
        while True:
            folder = folder_id(self._flow.ask(question))
            self._flow.checking()
            problem = None
            if folder in shared_drives:
                talk.change(team_drive=folder, root_folder_id=None)
            elif folder:
                talk.change(root_folder_id=folder, team_drive=None)
            elif question.required:
                problem = "This is needed."
            if problem is None:
                problem = self._look_into(talk, whom)
            if problem is None:
                return
            question = replace(question, error=problem)

    @staticmethod
    def _look_into(talk: Conversation, whom: str) -> str | None:
        try:
            talk.can_list()
        except (RemoteMissing, RcloneFailed) as error:
            if isinstance(error, RcloneFailed) and "notFound" not in error.message:
                raise
            return (
                f"{whom} cannot see that folder. On Drive, open its sharing, add {whom} as an "
                "editor, and try again."
            )
        return None

    # --- signing in --------------------------------------------------------------------------

    def _show_page(self, address: str) -> None:
        self._outside.take_listener(self._flow)
        self._flow.show_page(address, self._outside.sign_in_seconds)

    def _not_accepted(self) -> DriveSyncError:
        if self._work.way is Way.TOKEN:
            return TokenInvalid(
                "Google does not accept this token.",
                "It was taken back, or made with another client: run the command again.",
            )
        return SignInRefused("The storage does not accept what was given to sign in.")


def folder_id(text: str) -> str:
    """Return the id in the address of a folder's page, or the text itself."""
    text = text.strip()
    for mark in ("/folders/", "id="):
        if mark in text:
            text = text.partition(mark)[2]
            break
    for end in "?#&/":
        text = text.partition(end)[0]
    return text
