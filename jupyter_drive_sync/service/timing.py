"""When runs are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """When runs are made.

    Attributes
    ----------
    quiet : float
        Seconds without a further change before a change is synced.
    longest : float
        Seconds after which a change is synced even when changes go on.
    poll : float
        Seconds between two looks at Drive when nothing happens here.
    stop : float
        Seconds that a run under way is given to end when the server stops.
    living : float
        Seconds between two looks at Colab runtimes while one of them lives.
    """

    quiet: float = 1.0
    longest: float = 10.0
    poll: float = 60.0
    stop: float = 10.0
    living: float = 20.0
