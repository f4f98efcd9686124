"""Things that go wrong on request: which call, and what happens to it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

GATE_LIMIT = 60.0
"""Seconds after which a forgotten gate opens by itself."""


class Gate:
    """Holds a call until a test lets it go.

    Examples
    --------
    >>> gate = Gate()
    >>> emulator.faults.add(Hold(gate), kind="files.download")  # doctest: +SKIP
    >>> gate.wait_reached()  # the call is now held; act  # doctest: +SKIP
    >>> gate.release()
    """

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.released = threading.Event()

    def wait_reached(self, timeout: float = 20.0) -> None:
        """Wait until a call stands at the gate.

        Raises
        ------
        TimeoutError
            When none came.
        """
        if not self.reached.wait(timeout):
            raise TimeoutError(f"no call reached the gate in {timeout} s")

    def release(self) -> None:
        """Let the held call, and all later ones, pass."""
        self.released.set()

    def pass_through(self) -> None:
        """Stand at the gate until it is released (called by the emulator)."""
        self.reached.set()
        self.released.wait(GATE_LIMIT)

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with an error and do nothing. No `reason`: a bare status without JSON."""

    status: int
    reason: str = ""
    message: str = ""
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Reset:
    """Reset the connection before anything is done."""


@dataclass(frozen=True, slots=True)
class LoseAnswer:
    """Do what was asked, then reset the connection instead of answering."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Break the connection after so many bytes of the body, up or down.

    With `reset` false the connection is closed in order, only too early.
    """

    after: int = 0
    reset: bool = True


@dataclass(frozen=True, slots=True)
class Corrupt:
    """Flip one bit of the bytes on their way, at this offset (or the last byte)."""

    offset: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop at a gate: before the work, in the body after `after` bytes, or before the answer.

    Attributes
    ----------
    after : int or None
        None: before anything is done. A number: in the body, when so many bytes have passed.
    done : bool
        True: when the work is done, before it is answered.
    """

    gate: Gate
    after: int | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait so many seconds first."""

    seconds: float


Action = Answer | Reset | LoseAnswer | Cut | Corrupt | Hold | Delay


@dataclass
class Rule:
    """When a fault happens.

    Attributes
    ----------
    kind : str
        Pattern for the kind of call, such as ``files.list`` or ``upload.*``. Empty: every call
        to Drive, but not to the sign-in service.
    method : str
        GET, POST, ...; empty: any.
    path : str
        Regular expression searched for in path and query of the address.
    file : str
        Regular expression searched for in the Drive path of the file that the call is about.
    skip : int
        Let so many matching calls pass first.
    times : int or None
        How often it happens; None: for ever.
    hits : int
        How often it has happened.
    """

    action: Action
    kind: str = ""
    method: str = ""
    path: str = ""
    file: str = ""
    skip: int = 0
    times: int | None = 1
    hits: int = 0
    seen: int = field(default=0, repr=False)

    def matches(self, kind: str, method: str, target: str, file: str) -> bool:
        """Say whether a call is meant, whatever the counts say."""
        if self.kind:
            if not fnmatchcase(kind, self.kind):
                return False
        elif kind.startswith("oauth."):
            return False
        if self.method and self.method != method:
            return False
        if self.path and not re.search(self.path, target):
            return False
        return not self.file or re.search(self.file, file) is not None


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(
        self,
        action: Action,
        kind: str = "",
        *,
        method: str = "",
        path: str = "",
        file: str = "",
        skip: int = 0,
        times: int | None = 1,
    ) -> Rule:
        """Put a rule in force and return it; see `Rule` for what the arguments mean."""
        rule = Rule(action, kind, method, path, file, skip, times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Take one rule out of force, releasing what it holds."""
        with self._lock:
            self._rules = [kept for kept in self._rules if kept is not rule]
        _release(rule)

    def clear(self) -> None:
        """Take every rule out of force, releasing what they hold."""
        with self._lock:
            rules, self._rules = self._rules, []
        for rule in rules:
            _release(rule)

    def rules(self) -> list[Rule]:
        """List the rules in force."""
        with self._lock:
            return list(self._rules)

    @property
    def by_file(self) -> bool:
        """Whether any rule asks for the file's path (which costs something to work out)."""
        return any(rule.file for rule in self._rules)

    def meet(self, kind: str, method: str, target: str, file: str) -> list[Action]:
        """Return what happens to a call, and count it against the rules."""
        if not self._rules:
            return []
        actions: list[Action] = []
        with self._lock:
            for rule in self._rules:
                if rule.matches(kind, method, target, file):
                    rule.seen += 1
                    spent = rule.times is not None and rule.hits >= rule.times
                    if rule.seen > rule.skip and not spent:
                        rule.hits += 1
                        actions.append(rule.action)
        return actions


def _release(rule: Rule) -> None:
    if isinstance(rule.action, Hold):
        rule.action.gate.release()
