"""What a pull and a push did."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass, field


@dataclass(repr=False)
class Pulled:
    """What a pull did.

    Attributes
    ----------
    files : list of str
        Brought, new or newer.
    size : int
        Bytes of them.
    beside : list of str
        Drive's versions that were put beside a file that was changed here.
    kept : list of str
        Changed here and not on Drive: left as they are.
    gone : list of str
        No longer on Drive, and kept here.
    failed : list of str
        Could not be brought; some with why, in brackets.
    twins : list of str
        Two files of one name on Drive: neither was brought.
    total : int
        Files of the project that a runtime brings.
    left_out : list of str
        Lines of ``.driveignore`` that are not understood.
    """

    files: list[str] = field(default_factory=list)
    size: int = 0
    beside: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    twins: list[str] = field(default_factory=list)
    total: int = 0
    left_out: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        """Return a few words: the box tells the rest."""
        return _brief(
            "Pulled",
            f"{len(self.files)} brought",
            beside=self.beside,
            kept=self.kept,
            gone=self.gone,
            failed=self.failed,
        )


@dataclass(repr=False)
class Pushed:
    """What a push did.

    Attributes
    ----------
    files : list of str
        On Drive now, verified where Drive shows md5.
    beside : dict of str to str
        Drive's file was changed meanwhile, so this one went beside it: path and new path.
    same : list of str
        Were on Drive already.
    refused : dict of str to str
        Not pushed, with why.
    verified : bool
        Whether md5 was compared with Drive's.
    """

    files: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    same: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    verified: bool = True

    def __repr__(self) -> str:
        """Return a few words: the box tells the rest."""
        return _brief(
            "Pushed",
            f"{len(self.files)} sent",
            same=self.same,
            beside=self.beside,
            refused=self.refused,
        )


def _brief(name: str, first: str, **counted: Sized) -> str:
    """Name what there is any of, with how many."""
    rest = [f"{len(some)} {what}" for what, some in counted.items() if some]
    return f"{name}({', '.join([first, *rest])})"
