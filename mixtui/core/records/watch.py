"""Long work in a thread: how far it is, and how to stop it."""

from __future__ import annotations


class Stopped(Exception):
    """The work was stopped before its end, as wanted."""


class Watch:
    """Shared by who works and who waits; each call is one step of a plain flag."""

    fraction = 0.0
    """How much is done, from 0 to 1."""
    _stopped = False

    def stop(self) -> None:
        """Ask the work to end at its next step."""
        self._stopped = True

    def step(self, done: int, total: int) -> None:
        """Say how far the work is.

        Raises:
            Stopped: It shall end here.
        """
        if self._stopped:
            raise Stopped
        self.fraction = done / total if total else 1.0
