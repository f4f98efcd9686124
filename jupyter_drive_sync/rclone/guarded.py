"""A talk with rclone by which nobody in a browser can make it run a program."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jupyter_drive_sync.errors import NotPossible
from jupyter_drive_sync.ports.connecting import Named, Question, Space
from jupyter_drive_sync.ports.connector import Conversation
from jupyter_drive_sync.ports.programs import names_program, programs_here


class GuardedConversation:
    """A conversation that never asks for a program, and never uses one that was not there before.

    Parameters
    ----------
    talk : Conversation
        The talk itself; only its temporary configuration is looked at.
    """

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self._given: dict[str, str] = {}

    def begin(self, settings: Mapping[str, str], *, ask_all: bool) -> Question | None:
        """Begin with some settings; those that name programs stay as they are."""
        self._given = dict(settings)
        return self._past(self._talk.begin(settings, ask_all=ask_all))

    def answer(self, value: str) -> Question | None:
        """Answer the latest question; return the next one that is no program's."""
        return self._past(self._talk.answer(value))

    def deliver(self, address: str) -> None:
        """Hand over the address at which the sign-in page ended."""
        self._talk.deliver(address)

    def section(self) -> dict[str, str]:
        """Return the settings so far.

        Raises
        ------
        NotPossible
            They would let rclone run a program.
        """
        section = self._talk.section()
        old = programs_here(self._given)
        new = [key for key, value in programs_here(section).items() if old.get(key) != value]
        if new:
            raise NotPossible(
                f"rclone would run a program: {', '.join(sorted(new))}.",
                "Set that in rclone's configuration file, where you have a terminal.",
            )
        return section

    def change(self, **settings: str | None) -> None:
        """Change settings; None removes one."""
        self._talk.change(**settings)

    def shared_drives(self) -> list[Named]:
        """Return the shared drives that can be seen."""
        self.section()
        return self._talk.shared_drives()

    def shared_folders(self) -> list[Named]:
        """Return the folders that others share with this account."""
        self.section()
        return self._talk.shared_folders()

    def can_list(self) -> None:
        """List the remote's top once."""
        self.section()
        self._talk.can_list()

    def space(self) -> Space:
        """Ask how much room there is."""
        self.section()
        return self._talk.space()

    def config(self) -> Path:
        """Return the temporary configuration."""
        return self._talk.config()

    def close(self) -> None:
        """End rclone and remove the temporary configuration."""
        self._talk.close()

    def _past(self, question: Question | None) -> Question | None:
        """Answer by ourselves what asks for a program."""
        while question is not None and names_program(question.name):
            if question.error is not None:
                raise NotPossible(f"rclone does not go on without {question.name}.")
            question = self._talk.answer(self._given.get(question.name, question.default))
        return question
