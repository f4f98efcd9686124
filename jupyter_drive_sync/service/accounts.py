"""Whose storage a remote is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_drive_sync.errors import DriveSyncError, ServiceAccountInvalid
from jupyter_drive_sync.ports.connecting import (
    Account,
    ClientKind,
    KnownRemote,
    Person,
    Rules,
    Space,
)
from jupyter_drive_sync.ports.connector import Connector, Google, Section

DRIVE = "drive"
NOBODY = Person(None, None)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Tells accounts by the settings of a remote."""

    connector: Connector
    google: Google
    rules: Rules

    def of(self, remote: KnownRemote) -> Account:
        """Return the account behind a configured remote.

        Raises
        ------
        DriveSyncError
            It cannot be reached.
        """
        section = self.connector.section(remote)
        space = self.connector.space(remote)  # first: it renews a token that has run out
        person = self.person(section)
        if person is NOBODY and token_of(section):
            person = self._ask(self.connector.access_token(remote))
        return self.account(remote.name, remote.type, section, space, person)

    def signed_in(self, name: str, type: str, section: Section, space: Space) -> Account:
        """Return the account behind settings that have just been made."""
        person = self.person(section)
        token = token_of(section).get("access_token")
        if person is NOBODY and type == DRIVE and isinstance(token, str):
            person = self._ask(token)
        return self.account(name, type, section, space, person)

    def account(
        self,
        name: str,
        type: str,
        section: Section,
        space: Space,
        person: Person,
    ) -> Account:
        """Put an account together."""
        drive = type == DRIVE
        return Account(
            remote=name,
            type=type,
            client=self.client(type, section),
            user=person.user,
            email=person.email,
            space=space,
            scope=(section.get("scope") or DRIVE) if drive else None,
            shared_drive=(section.get("team_drive") or None) if drive else None,
        )

    def client(self, type: str, section: Section) -> ClientKind:
        """Say with whose credentials a remote signs in."""
        preset = self.rules.client
        client_id = section.get("client_id")
        if type != DRIVE:
            return ClientKind.OWN if client_id else ClientKind.NONE
        if section.get("env_auth") == "true":
            return ClientKind.MACHINE
        file = section.get("service_account_file")
        if file and file == self.rules.service_account_file:
            return ClientKind.PRESET
        if file or section.get("service_account_credentials"):
            return ClientKind.SERVICE_ACCOUNT
        if not client_id:
            return ClientKind.RCLONE
        return ClientKind.PRESET if preset and preset.client_id == client_id else ClientKind.OWN

    def person(self, section: Section) -> Person:
        """Tell who signs in by the settings alone: known for a service account's own key."""
        key = section.get("service_account_credentials")
        if not key:
            return NOBODY
        try:
            return Person(None, self.google.read_service_account(key).email)
        except ServiceAccountInvalid:
            return NOBODY

    def _ask(self, token: str) -> Person:
        try:
            return self.google.person(token)
        except DriveSyncError:
            # The name is for the eyes only: what it takes to sync was looked at before.
            return NOBODY


def token_of(section: Mapping[str, str]) -> dict[str, object]:
    """Return the token of a remote; empty where there is none."""
    try:
        token = json.loads(section.get("token") or "{}")
    except ValueError:
        return {}
    return token if isinstance(token, dict) else {}
