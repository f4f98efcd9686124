"""What is remembered of a run's outputs, from one start of the server to the next."""

from __future__ import annotations

import json
from typing import Any, cast

from jupyter_drive_sync.engine.session import Session
from jupyter_drive_sync.service.homecoming import RunAtHome

RUN = "run-20261121-164000-ab12"


class Remembering:
    """A session of which only the database is used."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.store = self

    def get(self, key: str) -> str | None:
        return self.kept.get(key)

    def put(self, key: str, text: str) -> None:
        self.kept[key] = text


def remembered(home: RunAtHome) -> RunAtHome:
    session = cast(Session, cast(Any, Remembering()))
    home.remember(session, RUN)
    return RunAtHome.remembered(session, RUN)


def test_a_run_of_which_all_came_is_not_read_again_after_a_new_start() -> None:
    home = RunAtHome(looked="7/ended", files=1, here=1, known={"a.pt": "here"})
    assert remembered(home) == home


def test_what_was_given_up_is_tried_again_when_the_server_starts_anew() -> None:
    home = RunAtHome(looked="7/ended", files=1, refused={"a.pt": "the connection broke off"})
    again = remembered(home)
    assert again.looked != home.looked, "so the list of a run that is over is read once more"
    assert again.refused == {}
    assert home.looked == "7/ended", "and not before that"


def test_of_another_version_only_what_is_known_here_is_remembered() -> None:
    session = cast(Any, Remembering())
    session.put(f"outputs/{RUN}", json.dumps({"looked": "7/ended", "something_new": 1}))
    assert RunAtHome.remembered(session, RUN) == RunAtHome(looked="7/ended")
