"""Counting runs, for whoever waits for one to end."""

from __future__ import annotations

import asyncio

from jupyter_drive_sync.errors import Cancelled, DriveSyncError


class Rounds:
    """The runs of one project that are over.

    Attributes
    ----------
    count : int
        How many there were.
    ended_with : DriveSyncError or None
        What the last one ended with.
    """

    def __init__(self) -> None:
        self.count = 0
        self.ended_with: DriveSyncError | None = None
        self._over = asyncio.Condition()
        self._stopped = False

    async def another(self) -> None:
        """Say that a run is over."""
        async with self._over:
            self.count += 1
            self._over.notify_all()

    async def stop(self) -> None:
        """Say that there will be no more."""
        async with self._over:
            self._stopped = True
            self._over.notify_all()

    async def wait(self, number: int) -> None:
        """Wait until so many runs are over, or there will be no more."""
        async with self._over:
            await self._over.wait_for(lambda: self.count >= number or self._stopped)

    async def outcome(self, number: int) -> None:
        """Wait for a run, and end as it did.

        Raises
        ------
        DriveSyncError
            The run ended in trouble.
        Cancelled
            A person cancelled it, or there will be no more runs.
        """
        await self.wait(number)
        if self.count < number:
            raise Cancelled("The work on this project has ended.")
        if self.ended_with is not None:
            raise self.ended_with
