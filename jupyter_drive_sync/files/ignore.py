"""What a project leaves out: the built-in patterns and those of its ``.driveignore``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from jupyter_drive_sync.errors import IgnorePatternInvalid, ListingIncomplete
from jupyter_drive_sync.files.automaton import after_byte, closed
from jupyter_drive_sync.files.gitignore import (
    AnyPath,
    Char,
    Folders,
    OneByte,
    Rule,
    Star,
    Token,
    parse,
)
from jupyter_drive_sync.files.rclone_filters import translate
from jupyter_drive_sync.ports.ignoring import IGNORE_FILE
from jupyter_drive_sync.ports.projects import (
    MARKER_FOLDER,
    OUTPUTS_FOLDER,
    PARTIAL_SUFFIX,
    RUN_PATTERN,
    RUNTIMES_PATH,
    STAGING_PATH,
)

DEFAULTS = """\
.ipynb_checkpoints/
.git
.venv/
venv/
node_modules/
__pycache__/
.DS_Store
.~*
"""
"""Always there; a ``!`` pattern in ``.driveignore`` takes names back in."""

_OWN_FILTERS = (
    f"- /{STAGING_PATH}/**",
    f"- /{RUNTIMES_PATH}/**",
    f"- /{OUTPUTS_FOLDER}/{RUN_PATTERN}/**",
    f"- *{PARTIAL_SUFFIX}",
    r"- /{{\.drive-sync/(?:.*/)?\.~[^/]*}}",
    f"+ /{MARKER_FOLDER}/**",
)
"""Our own names are beyond the person's patterns: what Colab brings, and our own folder, of which
all is synced but for these."""

_RUN = re.compile(f"{OUTPUTS_FOLDER}/{RUN_PATTERN}(/.*)?", re.DOTALL)

_Matcher = Callable[[bytes], object]

_MOST_STARS = 3  # beyond that, backtracking could take for ever on a long name


class ProjectIgnore:
    """Implements `jupyter_drive_sync.ports.sides.Ignore`; both answers agree with git's.

    Parameters
    ----------
    text : str
        The content of ``.driveignore``.

    Raises
    ------
    IgnorePatternInvalid
        A pattern cannot be followed exactly.
    """

    def __init__(self, text: str = "") -> None:
        self._filters, self._patterns = _compiled(text)
        self._folders: dict[str, bool] = {"": False}

    @classmethod
    def read(cls, root: Path) -> ProjectIgnore:
        """Read the rules of the project at `root`; it need not have a ``.driveignore``.

        Raises
        ------
        IgnorePatternInvalid
            A pattern cannot be followed exactly, or is not UTF-8.
        ListingIncomplete
            The file is there and cannot be read, so nobody knows what to leave out.
        """
        try:
            content = (root / IGNORE_FILE).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return cls()
        except OSError as error:
            raise ListingIncomplete(
                f"{IGNORE_FILE} cannot be read, so it is not known what to leave out.",
                f"Make {IGNORE_FILE} readable.",
            ) from error
        return cls.parsed(content)

    @classmethod
    def parsed(cls, content: bytes) -> ProjectIgnore:
        """Read the rules from the content of a ``.driveignore``.

        Raises
        ------
        IgnorePatternInvalid
            A pattern cannot be followed exactly, or is not UTF-8.
        """
        try:
            return cls(content.decode())
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n")
            shown = content.split(b"\n")[line].decode(errors="backslashreplace")
            message = "it is not UTF-8"
            raise IgnorePatternInvalid(message, line=line + 1, pattern=shown) from error

    @property
    def filters(self) -> tuple[str, ...]:
        """Rclone filter rules, first match wins."""
        return self._filters

    def ignores(self, path: str, *, folder: bool = False) -> bool:
        """Say whether a path is left out, by itself or with a folder above it."""
        if not folder:
            return self._decide(path, folder=False)
        known = self._folders.get(path)
        if known is None:
            known = self._folders[path] = self._decide(path, folder=True)
        return known

    def _decide(self, path: str, *, folder: bool) -> bool:
        parent, _, name = path.rpartition("/")
        own = _own(path, name, folder)
        if own is not None:
            return own
        if parent and self.ignores(parent, folder=True):
            return True
        return self._patterns.exclude(_bytes(path), _bytes(name), folder)


class _Patterns:
    """All patterns of a project against one name; folders above it are not asked about."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._matchers = [(rule, _matcher(rule.tokens)) for rule in reversed(rules)]
        # Most names match no pattern that excludes: one look at each of these says so.
        self._last = _any_of(rule for rule in rules if not rule.negated and rule.anywhere)
        self._whole = _any_of(rule for rule in rules if not rule.negated and not rule.anywhere)

    def exclude(self, whole: bytes, last: bytes, folder: bool) -> bool:
        """Say what the last pattern that matches the path or its last part decides."""
        if not (self._last(last) or self._whole(whole)):
            return False
        for rule, matches in self._matchers:
            if rule.folders_only and not folder:
                continue
            if matches(last if rule.anywhere else whole):
                return not rule.negated
        return False


@lru_cache(maxsize=64)
def _compiled(text: str) -> tuple[tuple[str, ...], _Patterns]:
    """Translate once: every run asks again, and the file hardly ever changes."""
    rules = (*parse(DEFAULTS, builtin=True), *parse(text))
    return (*_OWN_FILTERS, *translate(rules)), _Patterns(rules)


def _own(path: str, name: str, folder: bool) -> bool | None:
    """Decide about our own names; None leaves it to the patterns."""
    if not folder and name.endswith(PARTIAL_SUFFIX):
        return True
    if path == MARKER_FOLDER and folder:
        return False
    if path.startswith(f"{OUTPUTS_FOLDER}/"):
        run = _RUN.fullmatch(path)
        return True if run and (run[1] or folder) else None
    if not path.startswith(f"{MARKER_FOLDER}/"):
        return None
    for unsynced in (STAGING_PATH, RUNTIMES_PATH):
        if path.startswith(f"{unsynced}/") or (path == unsynced and folder):
            return True
    return not folder and name.startswith(".~")


def _bytes(path: str) -> bytes:
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate in a name on Windows
        return path.encode("utf-8", "surrogatepass")


def _any_of(rules: Iterable[Rule]) -> _Matcher:
    patterns = [rule.tokens for rule in rules]
    if any(_heavy(tokens) for tokens in patterns):
        return lambda _: True
    return re.compile(b"|".join(map(_regex, patterns)) or b"(?!)", re.DOTALL).fullmatch


def _matcher(tokens: Sequence[Token]) -> _Matcher:
    return (
        _SetMatcher(tokens) if _heavy(tokens) else re.compile(_regex(tokens), re.DOTALL).fullmatch
    )


def _heavy(tokens: Sequence[Token]) -> bool:
    return sum(isinstance(token, Star | AnyPath | Folders) for token in tokens) > _MOST_STARS


def _regex(tokens: Sequence[Token]) -> bytes:
    return b"".join(map(_bytes_regex, tokens))


def _bytes_regex(token: Token) -> bytes:
    match token:
        case Char(value):
            return re.escape(value.encode())
        case OneByte(codes, high):
            listed = b"".join(b"\\x%02x" % code for code in sorted(codes))
            beyond = b"\\x80-\\xff" if high else b""
            return b"[%s]" % (listed + beyond) if listed or beyond else b"(?!)"
        case Star():
            return b"[^/]*"
        case AnyPath():
            return b".*"
        case Folders():
            return b"(?:.*/)?"


class _SetMatcher:
    """Follows all ways through a pattern at once, so that its time is bounded."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._steps: list[Token] = []  # each `Char` is one byte
        for token in tokens:
            if isinstance(token, Char):
                self._steps += [Char(chr(one)) for one in token.value.encode()]
            else:
                self._steps.append(token)

    def __call__(self, text: bytes) -> bool:
        states = closed(self._steps, {0})
        for byte in text:
            after = after_byte(self._steps, states, byte)
            if not after:
                return False
            states = closed(self._steps, after)
        return len(self._steps) in states
