"""The guard: its own process, which brings every finished checkpoint to Drive and says so."""

from ..settings import GuardSettings
from .start import GuardHandle, ensure, find, start

__all__ = ["GuardHandle", "GuardSettings", "ensure", "find", "start"]
