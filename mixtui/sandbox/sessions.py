"""Profile queries that go on over several pages, found again by session id."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from uuid import uuid4

from mixtui.sandbox.json_text import JsonObject

MOST = 50
"""Sessions kept; the oldest is forgotten first."""


class Sessions:
    """The whole results of recent queries, in memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: OrderedDict[str, Sequence[JsonObject]] = OrderedDict()

    def start(self, results: Sequence[JsonObject]) -> str:
        """Keep results; gives the id to find them by."""
        identifier = f"{uuid4().hex[:10]}-SANDBOX"
        with self._lock:
            self._results[identifier] = results
            if len(self._results) > MOST:
                self._results.popitem(last=False)
        return identifier

    def find(self, id: str) -> Sequence[JsonObject] | None:
        """The results, or None when they were never there or are forgotten."""
        with self._lock:
            return self._results.get(id)
