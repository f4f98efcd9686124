"""Renames: a delete and a creation of the same content, taken together."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping

from jupyter_drive_sync.engine.models import Step, StepKind
from jupyter_drive_sync.ports.listing import Version
from jupyter_drive_sync.ports.records import Baseline

_ByContent = defaultdict[tuple[int, str], list[str]]


def find_moves(steps: dict[str, Step], baseline: Baseline) -> None:
    """Turn a delete and a creation of the same content into a move, on either side.

    Only contents of a known digest count, and never empty files: those are alike by chance.
    """
    _pair_moves(steps, baseline, StepKind.DELETE_REMOTE, StepKind.PUSH, StepKind.MOVE_REMOTE)
    _pair_moves(steps, baseline, StepKind.DELETE_LOCAL, StepKind.PULL, StepKind.MOVE_LOCAL)


def _pair_moves(
    steps: dict[str, Step],
    baseline: Baseline,
    delete: StepKind,
    create: StepKind,
    move: StepKind,
) -> None:
    on_remote = move is StepKind.MOVE_LOCAL
    gone: _ByContent = defaultdict(list)
    new: _ByContent = defaultdict(list)
    ids: dict[str, str | None] = {}
    for path, step in steps.items():
        agreed = baseline.get(path)
        if step.kind is delete and agreed is not None:
            ids[path] = agreed.remote_id
            _note(gone, agreed.remote if on_remote else agreed.local, path)
        elif step.kind is create and agreed is None:
            ids[path] = step.remote_id
            _note(new, step.remote if on_remote else step.local, path)
    for content, paths in new.items():
        for old, path in _pairs(gone.get(content, []), paths, ids):
            left, made = steps.pop(old), steps[path]
            steps[path] = Step(
                move,
                path,
                local=left.local if on_remote else made.local,
                remote=made.remote if on_remote else left.remote,
                old_path=old,
                remote_id=made.remote_id if on_remote else left.remote_id,
            )


def _note(found: _ByContent, version: Version | None, path: str) -> None:
    if version is not None and version.md5 is not None and version.size > 0:
        found[version.size, version.md5].append(path)


def _pairs(
    old: list[str], new: list[str], ids: Mapping[str, str | None]
) -> Iterator[tuple[str, str]]:
    """Pair names of one content: by Drive's id, then by name, by folder, and as they come.

    Every pass is linear: thousands of files may share their few bytes.
    """
    keys: tuple[Callable[[str], str | None], ...] = (ids.get, _name, _folder, _any)
    for key in keys:
        waiting: defaultdict[str | None, deque[str]] = defaultdict(deque)
        for path in old:
            waiting[key(path)].append(path)
        waiting.pop(None, None)
        taken: set[str] = set()
        unpaired: list[str] = []
        for path in new:
            candidates = waiting.get(key(path))
            if candidates:
                taken.add(candidates[0])
                yield candidates.popleft(), path
            else:
                unpaired.append(path)
        old = [path for path in old if path not in taken]
        new = unpaired
        if not old or not new:
            return


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _any(_: str) -> str:
    return ""
