"""Search the output of a program for a text while it is read."""

from __future__ import annotations

import threading

_LAST_WORDS = 65536
"""Bytes retained for a text that arrives in pieces."""


class Watch:
    """Searches output for a text, ignoring escape sequences.

    Args:
        text: ASCII.
    """

    def __init__(self, text: str) -> None:
        self._text = text.encode()
        self._tail = b""
        self.time = 0.0
        """When it was read."""
        self.seen = threading.Event()

    def feed(self, time_read: float, text: bytes) -> None:
        """Search more output."""
        if not self.seen.is_set():
            self._tail = (self._tail + text)[-_LAST_WORDS:]
            if self._text in self._tail:
                self.time = time_read
                self.seen.set()
