"""Plain HTTP under ``/emulator/``, for tests that run in another process or language."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from .errors import ApiError
from .faults import Action, Answer, Corrupt, Cut, Delay, Gate, Hold, LoseAnswer, Reset, Rule
from .model import DriveFile
from .resource import file_writer, revision_resource
from .wire import Request, Response

if TYPE_CHECKING:
    from .emulator import DriveEmulator

PREFIX = "/emulator/"

_ACTIONS: dict[str, type[Any]] = {
    "answer": Answer,
    "reset": Reset,
    "lose_answer": LoseAnswer,
    "cut": Cut,
    "corrupt": Corrupt,
    "hold": Hold,
    "delay": Delay,
}


class _Asked:
    """One control request."""

    def __init__(self, emulator: DriveEmulator, request: Request, rest: str) -> None:
        self.drive = emulator
        self.query = request.query
        self.body = request.read()
        self.rest = rest

    def need(self, name: str) -> str:
        if name not in self.query:
            raise ValueError(f"the parameter {name!r} is missing")
        return self.query[name]

    def path(self) -> str:
        return self.need("path")

    def number(self, name: str) -> float:
        return float(self.need(name))

    def flag(self) -> bool:
        return self.query.get("on", "true") == "true"

    def show(self, file: DriveFile) -> dict[str, Any]:
        shown = file_writer(self.drive.state, {})(file)
        return {**shown, "path": self.drive.path_of(file)}


def answer(emulator: DriveEmulator, request: Request) -> Response:
    """Answer one control request; what is wrong with it is said in JSON with status 4xx."""
    name, _, rest = request.path.removeprefix(PREFIX).partition("/")
    asked = _Asked(emulator, request, rest)
    handler = _HANDLERS.get((request.method, name))
    if handler is None:
        known = sorted(f"{method} {PREFIX}{name}" for method, name in _HANDLERS)
        return Response.json({"error": "not an endpoint", "endpoints": known}, 404)
    try:
        result = handler(asked)
    except FileNotFoundError as problem:
        return Response.json({"error": f"nothing at {problem}"}, 404)
    except (ValueError, TypeError, KeyError, ApiError, TimeoutError) as problem:
        return Response.json({"error": str(problem)}, 400)
    return result if isinstance(result, Response) else Response.json(result)


def _read(asked: _Asked) -> Response:
    content = asked.drive.read(asked.path())
    return Response(200, content, {"Content-Type": "application/octet-stream"})


def _write(asked: _Asked) -> Any:
    mtime = float(asked.query["mtime"]) if "mtime" in asked.query else None
    return asked.show(asked.drive.write(asked.path(), asked.body, mtime))


def _add(asked: _Asked) -> Any:
    return asked.show(asked.drive.add(asked.path(), asked.body))


def _tree(asked: _Asked) -> Any:
    folder = asked.query.get("path", "")
    return {path: asked.show(file) for path, file in asked.drive.walk(folder)}


def _revisions(asked: _Asked) -> Any:
    return [revision_resource(one) for one in asked.drive.revisions(asked.path())]


def _trash(asked: _Asked) -> Any:
    return [asked.show(file) for file in asked.drive.trash_listing()]


def _untrash(asked: _Asked) -> Any:
    return asked.show(asked.drive.untrash(asked.drive.state.get(asked.need("id"))))


def _done(asked: _Asked, act: Callable[[], object]) -> dict[str, bool]:
    act()
    return {"done": True}


def _log(asked: _Asked) -> Any:
    tail = int(asked.query.get("tail", "1000"))
    return [asdict(call) for call in asked.drive.log[-tail:]]


def _settings(asked: _Asked) -> Any:
    if asked.body:
        asked.drive.core.settings = replace(asked.drive.settings, **json.loads(asked.body))
    return asdict(asked.drive.settings)


def _latency(asked: _Asked) -> Any:
    asked.drive.settings.latency = asked.number("ms") / 1000
    return asdict(asked.drive.settings)


def _throttle(asked: _Asked) -> Any:
    asked.drive.settings.throttle = asked.number("bytes_per_second")
    return asdict(asked.drive.settings)


def _quota(asked: _Asked) -> Any:
    limit = asked.need("bytes")
    asked.drive.set_quota(int(limit) if limit else None)
    return {"quota": asked.drive.state.quota, "used": asked.drive.state.used}


def _tokens(asked: _Asked) -> Any:
    tokens = asked.drive.tokens
    match asked.rest:
        case "access":
            return {"access_token": tokens.new_access(asked.number("seconds"))}
        case "expire":
            tokens.expire()
        case "revoke":
            tokens.revoke()
        case "refuse":
            tokens.refuse_refresh = asked.flag()
        case "consent":
            tokens.consent = asked.flag()
        case other:
            raise ValueError(f"tokens/{other}: access, expire, revoke, refuse or consent")
    return {"refuse_refresh": tokens.refuse_refresh, "consent": tokens.consent}


def _add_fault(asked: _Asked) -> Any:
    wanted: dict[str, Any] = json.loads(asked.body or b"{}")
    kind = _ACTIONS.get(wanted.pop("action", ""))
    if kind is None:
        raise ValueError(f"action: one of {', '.join(_ACTIONS)}")
    if "gate" in wanted:
        wanted["gate"] = _gate(asked.drive, wanted["gate"])
    names = {field.name for field in fields(kind)}
    action: Action = kind(**{name: wanted.pop(name) for name in list(wanted) if name in names})
    asked.drive.faults.add(action, **wanted)
    return _faults(asked)


def _faults(asked: _Asked) -> Any:
    return [_show_rule(rule) for rule in asked.drive.faults.rules()]


def _show_rule(rule: Rule) -> dict[str, Any]:
    return {
        "action": repr(rule.action),
        **{name: getattr(rule, name) for name in ("kind", "method", "path", "file")},
        **{name: getattr(rule, name) for name in ("skip", "times", "hits")},
    }


def _gate(drive: DriveEmulator, name: str) -> Gate:
    return drive.gates.setdefault(name, Gate())


def _show_gate(asked: _Asked) -> Any:
    gate = _gate(asked.drive, asked.rest)
    if "wait" in asked.query:
        gate.reached.wait(asked.number("wait"))
    return {"reached": gate.reached.is_set(), "released": gate.released.is_set()}


def _release_gate(asked: _Asked) -> Any:
    gate = asked.drive.gates.pop(asked.rest, None)
    if gate is None:
        raise ValueError(f"there is no gate {asked.rest!r}")
    gate.release()
    return {"reached": gate.reached.is_set(), "released": True}


_HANDLERS: dict[tuple[str, str], Callable[[_Asked], Any]] = {
    ("GET", "calls"): lambda asked: asked.drive.describe(),
    ("GET", "environment"): lambda asked: asked.drive.environment(),
    ("GET", "faults"): _faults,
    ("GET", "find"): lambda asked: asked.show(asked.drive.find(asked.path())),
    ("GET", "gates"): _show_gate,
    ("GET", "log"): _log,
    ("GET", "read"): _read,
    ("GET", "revisions"): _revisions,
    ("GET", "settings"): _settings,
    ("GET", "trash"): _trash,
    ("GET", "tree"): _tree,
    ("POST", "add"): _add,
    ("POST", "calm"): lambda asked: _done(asked, asked.drive.calm),
    ("POST", "delete"): lambda asked: _done(asked, lambda: asked.drive.delete(asked.path())),
    ("POST", "empty_trash"): lambda asked: _done(asked, asked.drive.state.empty_trash),
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): lambda asked: _done(asked, asked.drive.faults.clear),
    ("POST", "gates"): _release_gate,
    ("POST", "hide"): lambda asked: _done(asked, lambda: asked.drive.hide(asked.path())),
    ("POST", "latency"): _latency,
    ("POST", "mkdir"): lambda asked: asked.show(asked.drive.mkdir(asked.path())),
    ("POST", "move"): lambda asked: asked.show(asked.drive.move(asked.path(), asked.need("to"))),
    ("POST", "quota"): _quota,
    ("POST", "rename"): lambda asked: asked.show(
        asked.drive.rename(asked.path(), asked.need("name"))
    ),
    ("POST", "reset_counts"): lambda asked: _done(asked, asked.drive.reset_counts),
    ("POST", "settings"): _settings,
    ("POST", "show_hidden"): lambda asked: _done(asked, asked.drive.show_hidden),
    ("POST", "throttle"): _throttle,
    ("POST", "tokens"): _tokens,
    ("POST", "trash"): lambda asked: asked.show(asked.drive.trash(asked.path())),
    ("POST", "untrash"): _untrash,
    ("POST", "write"): _write,
}
