"""Type keys at a steady pace and record when each appeared on the screen."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from benchmarks.terminal import CLOCK, Terminal
from benchmarks.waiting import GUARD

_rng = random.Random(7)
_TYPED = "".join(_rng.choices("abcdefghjkmnpqrstuvwxyz23456789", k=4000))
_CONTEXT = 6
"""Characters before a typed one that identify its position in the text."""


class Typist:
    """Types a text without repetitions, after the guard.

    Args:
        terminal: Its focused field must contain the guard.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.times: list[float] = []
        """When each key was pressed."""
        self._seen = 0

    def type(self, gap: float, go_on: Callable[[int], bool]) -> None:
        """Press a key every `gap` seconds while `go_on` (given the count so far) is
        true.
        """
        start, first = CLOCK(), len(self.times)
        while len(self.times) < len(_TYPED) and go_on(len(self.times) - first):
            due = start + (len(self.times) - first) * gap
            time.sleep(max(0.0, due - CLOCK()))
            self.times.append(self._terminal.press(_TYPED[len(self.times)]))

    def waits(self, timeout: float) -> tuple[list[float], int]:
        """Return seconds from key to echo since the last call, and the count without
        echo.

        A later echo on the screen also counts for earlier keys.
        """
        text, first = GUARD + _TYPED, self._seen
        waits: list[float] = []
        for time_read, dirty in self._terminal.steps(timeout):
            rows = [self._terminal.screen.row(row) for row in dirty]
            for number in range(len(self.times) - 1, first + len(waits) - 1, -1):
                end = number + len(GUARD) + 1
                part = text[max(0, end - _CONTEXT - 1) : end]
                if self.times[number] <= time_read and any(part in row for row in rows):
                    done = self.times[first + len(waits) : number + 1]
                    waits += [time_read - pressed for pressed in done]
                    break
            if first + len(waits) == len(self.times):
                break
        self._seen = len(self.times)
        return waits, len(self.times) - first - len(waits)
