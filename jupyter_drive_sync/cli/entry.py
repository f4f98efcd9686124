"""The way in: reads the command line, runs the command, turns its end into an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from jupyter_drive_sync.cli.arguments import Asked, Exit, parse, usage_json
from jupyter_drive_sync.cli.commands import Commands, Refused
from jupyter_drive_sync.cli.screen import Screen
from jupyter_drive_sync.cli.settings import read_settings
from jupyter_drive_sync.cli.words import hint_for
from jupyter_drive_sync.errors import Cancelled, DriveSyncError
from jupyter_drive_sync.service.sides import error_of
from jupyter_drive_sync.wiring import LocalWorkbench


def main(words: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    words : sequence of str, optional
        What stands after the program's name; this process's own by default.

    Returns
    -------
    int
        The exit code; see `jupyter_drive_sync.cli.arguments.Exit`.
    """
    asked = parse(sys.argv[1:] if words is None else words)
    try:
        return _run(asked).value
    except BrokenPipeError:
        # Whoever read the output has gone; writing the rest at exit must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED.value


def _run(asked: Asked) -> Exit:
    screen = Screen(asked.json)
    commands: Commands | None = None
    try:
        commands = Commands(LocalWorkbench(read_settings(asked.rclone_config)), screen)
        return commands.run(asked)
    except Refused as refused:
        if asked.json:
            screen.result(usage_json(refused.message, refused.hint), [])
        else:
            screen.tell([refused.message, refused.hint])
        return Exit.USAGE
    except DriveSyncError as error:
        project = commands.project if commands else None
        error.hint = hint_for(error, project)
        if project is not None:
            error = error_of(project.remote.kind, error)
        screen.error(error, error.hint)
    except KeyboardInterrupt:
        screen.error(Cancelled("Stopped; nothing was changed."), "")
    except BrokenPipeError:
        raise
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        screen.error(DriveSyncError(f"{where}{error.strerror or error}."), "")
    return Exit.FAILED
