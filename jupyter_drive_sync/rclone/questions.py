"""rclone's questions, in our words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from jupyter_drive_sync.errors import NameInvalid
from jupyter_drive_sync.ports.connecting import Choice, Question, QuestionType
from jupyter_drive_sync.rclone.secret_options import is_secret, is_sensitive

ADVANCED = "config_advanced"
"""Our name for rclone's question whether to see the advanced questions."""

ADVANCED_AT_RCLONE = "config_fs_advanced"
_TYPES = {
    "bool": QuestionType.BOOL,
    "int": QuestionType.INT,
    "int64": QuestionType.INT,
    "uint32": QuestionType.INT,
    "SizeSuffix": QuestionType.SIZE,
    "Duration": QuestionType.DURATION,
}
_LONG = {"key_pem", "service_account_credentials", "token"}
_NAME = re.compile(r"[\w.+@-]([\w.+@ -]*[\w.+@-])?")
_WHOLE = re.compile(r"[+-]?\d+")


def check_name(name: str) -> str:
    """Return a remote's name if rclone takes it.

    Raises
    ------
    NameInvalid
    """
    if not _NAME.fullmatch(name) or name.startswith("-") or "\n" in name:
        raise NameInvalid(f"{name!r} cannot be the name of a remote.")
    return name


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken: the wanted one, or that with a number."""
    known = {name.casefold() for name in taken}
    if wanted.casefold() not in known:
        return wanted
    number = 2
    while f"{wanted}{number}".casefold() in known:
        number += 1
    return f"{wanted}{number}"


def read_question(
    option: dict[str, Any], *, error: str = "", position: int = 0, kept: bool = False
) -> Question:
    """Turn rclone's `Option` into a question.

    Parameters
    ----------
    kept : bool
        Whether the remote has a value already, which an empty answer leaves as it is. Then what
        rclone calls sensitive is not shown, and is not needed again.
    """
    name = str(option.get("Name", ""))
    choices = tuple(
        Choice(str(item.get("Value", "")), str(item.get("Help", "")))
        for item in option.get("Examples") or ()
    )
    secret = is_secret(option)
    hidden = secret or (kept and is_sensitive(option))
    return Question(
        name=ADVANCED if name == ADVANCED_AT_RCLONE else name,
        label=_label(name),
        help=str(option.get("Help", "")).strip(),
        type=_type(option, name, choices),
        required=bool(option.get("Required")) and not (kept and hidden),
        secret=secret,
        default="" if hidden else str(option.get("DefaultStr", "")),
        choices=choices,
        exclusive=bool(option.get("Exclusive")) and bool(choices),
        error=error or None,
        advanced=bool(option.get("Advanced")),
        position=position,
    )


def problem_with(question: Question, value: str) -> str | None:
    """Say why a value does not answer a question, or None when it does.

    rclone itself takes an empty host or a port that is no number, and fails much later.
    """
    if not value.strip():
        return "This is needed." if question.required else None
    one_line = question.type is not QuestionType.TEXT
    allowed = {choice.value for choice in question.choices} if question.exclusive else {value}
    wrong = (
        (one_line and "\n" in value.strip(), "This must be one line."),
        (
            question.type is QuestionType.INT and not _WHOLE.fullmatch(value.strip()),
            "This must be a whole number.",
        ),
        (
            question.type is QuestionType.BOOL and value not in ("true", "false"),
            "This must be yes or no.",
        ),
        (value not in allowed, "Choose one of those that are listed."),
    )
    return next((words for is_wrong, words in wrong if is_wrong), None)


def _type(option: dict[str, Any], name: str, choices: tuple[Choice, ...]) -> QuestionType:
    known = _TYPES.get(str(option.get("Type", "")))
    if known is not None:
        return known
    if choices:
        return QuestionType.CHOICE
    return QuestionType.TEXT if name in _LONG else QuestionType.STRING


def _label(name: str) -> str:
    if name == ADVANCED_AT_RCLONE:
        return "Show the advanced questions"
    words = name.removeprefix("config_").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
