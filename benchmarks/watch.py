"""Search the output of a program for a text while it is read."""

from __future__ import annotations

import threading

_LAST_WORDS = 65536
"""Bytes kept, for a text that comes in pieces."""


class Watch:
    """A text to be seen in the output, whatever escape sequences are around it.

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
        """Look at more output."""
        if not self.seen.is_set():
            self._tail = (self._tail + text)[-_LAST_WORDS:]
            if self._text in self._tail:
                self.time = time_read
                self.seen.set()
