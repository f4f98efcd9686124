"""What a person may write after ``jupyter drive-sync``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NoReturn

from jupyter_drive_sync import __version__
from jupyter_drive_sync.ports.records import Keep

PROGRAM = "jupyter drive-sync"


class Exit(IntEnum):
    """Exit codes, for scripts."""

    IN_STEP = 0
    FAILED = 1
    USAGE = 2
    NEEDS_PERSON = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """One command with its arguments.

    Attributes
    ----------
    command : str
        ``link``, ``sync``, ``status``, ``preview``, ``resolve``, ``restore``, ``unlink`` or
        ``doctor``.
    folder : str or None
        As written; None for the current folder.
    path : str or None
        A file of the project, as written; for ``resolve`` and ``restore`` only.
    keep : str
        ``mine``, ``drive`` or ``both``; for ``resolve`` only.
    every : bool
        Whether all conflicts are meant; for ``resolve`` only.
    versions : str or None
        Which versions the person was shown; for ``resolve`` only.
    version_id : str or None
        Which earlier version; for ``restore`` only.
    only_list : bool
        Whether the earlier versions are only shown; for ``restore`` only.
    as_copy : bool
        Whether the version is put beside the file; for ``restore`` only.
    remote : str
        ``name:path`` or an absolute folder; for ``link`` only.
    name : str or None
        What to call the project; for ``link`` only.
    ignore : list of str
        Lines for ``.driveignore``; for ``link`` only.
    rclone_config : str
        rclone's configuration file; empty for the usual one.
    yes : bool
        Whether the person agreed beforehand.
    consent : str or None
        Hash of the plan that the person agreed to.
    json : bool
        Whether a program reads the output.
    """

    command: str
    folder: str | None = None
    remote: str = ""
    name: str | None = None
    ignore: Sequence[str] = ()
    rclone_config: str = ""
    yes: bool = False
    consent: str | None = None
    path: str | None = None
    keep: str = ""
    every: bool = False
    versions: str | None = None
    version_id: str | None = None
    only_list: bool = False
    as_copy: bool = False
    json: bool = False


def parse(words: Sequence[str]) -> Asked:
    """Read the command line.

    Raises
    ------
    SystemExit
        With 2 for wrong usage, with 0 after ``--help`` and ``--version``.
    """
    _Parser.as_json = "--json" in words
    return Asked(**vars(_parser().parse_args(words)))


def usage_json(message: str, hint: str = f"See `{PROGRAM} --help`.") -> dict[str, object]:
    """Return wrong usage as a program reads it."""
    return {"error": {"code": "usage", "message": message, "hint": hint}}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in JSON too, when that was asked for."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        if _Parser.as_json:
            sys.stdout.write(json.dumps(usage_json(message), indent=2) + "\n")
            raise SystemExit(Exit.USAGE.value)
        super().error(message)


_EPILOG = """\
exit codes:
  0  in step
  1  failed; the output says why
  2  wrong usage: the command is not written as it must be
  3  in step, but for something that needs you; the output names it
for doctor: 0 all is well, 3 warnings only, 1 a failure
"""


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description="Keep a folder in step with a folder on Google Drive.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _link(commands)
    _sync(commands)
    for name, text in (
        ("status", "Say how a project stands; outside a project, how all of them stand."),
        ("preview", "Say what a sync would do now. Changes nothing."),
    ):
        _folder(_command(commands, name, text))
    _resolve(commands)
    _restore(commands)
    unlink = _command(
        commands, "unlink", "Unpair the two folders. Touches no file of yours on either side."
    )
    unlink.add_argument("folder", metavar="FOLDER", help="The project's folder.")
    _folder(
        _command(
            commands,
            "doctor",
            "Check everything that connecting and syncing needs, and say what to do. Changes "
            "nothing, and what it writes holds no secret. Outside a project, it looks at all.",
        )
    )
    return parser


def _link(commands: argparse._SubParsersAction[_Parser]) -> None:
    link = _command(
        commands,
        "link",
        "Pair a folder with a folder on Drive and make the first sync. A first sync deletes "
        "and overwrites nothing: files that differ are named and left as they are.",
    )
    link.add_argument("folder", metavar="FOLDER", help="The folder on this computer.")
    link.add_argument(
        "remote",
        metavar="REMOTE",
        help="name:path, with a remote of rclone's configuration; or the absolute path of a "
        "folder. It is made when it does not exist.",
    )
    link.add_argument("--name", help="What to call the project; else its folder's name.")
    link.add_argument(
        "--ignore",
        metavar="PATTERN",
        action="append",
        default=[],
        help="Leave something out from the beginning: a line for .driveignore, such as data/. "
        "May be given several times.",
    )
    link.add_argument(
        "--rclone-config",
        metavar="FILE",
        default="",
        help="rclone's configuration file, if it is not the usual one.",
    )
    link.add_argument(
        "--yes", "-y", action="store_true", help="Agree to the plan without seeing it first."
    )


def _sync(commands: argparse._SubParsersAction[_Parser]) -> None:
    sync = _command(commands, "sync", "Sync a project now.")
    _folder(sync)
    sync.add_argument(
        "--consent",
        metavar="HASH",
        help="Agree to exactly the plan of that hash, which `preview` prints, when it would "
        "delete many files.",
    )


def _resolve(commands: argparse._SubParsersAction[_Parser]) -> None:
    resolve = _command(
        commands,
        "resolve",
        "Settle a conflict: choose between the version here and the one on Drive. "
        "The one that is not kept goes into a trash or becomes a revision on Drive.",
    )
    which = resolve.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "path", metavar="PATH", nargs="?", help="The file that changed here and on Drive."
    )
    which.add_argument("--all", dest="every", action="store_true", help="All such files.")
    resolve.add_argument(
        "--keep",
        required=True,
        choices=[keep.value for keep in Keep],
        help="Which version keeps the name; `drive` is the one on the other side. With `both`, "
        "that one is put beside mine.",
    )
    resolve.add_argument(
        "--versions",
        metavar="WORD",
        help="Settle it only if the two versions are still those that `status` showed, which "
        "prints this word; else those that stand there when the command begins are meant.",
    )
    _project(resolve)


def _restore(commands: argparse._SubParsersAction[_Parser]) -> None:
    restore = _command(
        commands,
        "restore",
        "Bring an earlier version of a file back. What it replaces goes into the project's "
        "trash. Without --version, it shows which versions there are.",
    )
    restore.add_argument("path", metavar="PATH", help="The file; it need not exist any more.")
    what = restore.add_mutually_exclusive_group()
    what.add_argument(
        "--list", dest="only_list", action="store_true", help="Show which versions there are."
    )
    what.add_argument("--version", dest="version_id", metavar="ID", help="Which one, as listed.")
    restore.add_argument(
        "--copy", dest="as_copy", action="store_true", help="Put it beside the file instead."
    )
    _project(restore)


def _project(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--project",
        dest="folder",
        metavar="FOLDER",
        help="The project's folder, to which PATH is relative then; else PATH is relative to "
        "the current folder.",
    )


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, text: str
) -> argparse.ArgumentParser:
    summary = text.partition(". ")[0].rstrip(".") + "."
    parser = commands.add_parser(name, help=summary, description=text)
    parser.add_argument("--json", action="store_true", help="Write JSON, for programs.")
    return parser


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        help="The project's folder, or one inside it; else the current folder.",
    )
