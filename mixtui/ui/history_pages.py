"""Exchanges that match a query, read a page at a time: nobody looks at them all."""

from __future__ import annotations

import threading

from mixtui.storage.history import Entry, History, HistoryQuery

PAGE = 200
"""Exchanges that are read at once."""
_PAGES = 25
"""Pages that are remembered."""


class Pages:
    """The exchanges that match, newest first."""

    def __init__(self, history: History | None, query: HistoryQuery) -> None:
        """Nothing is read yet.

        Args:
            history: Where they are; None = nowhere, so there are none.
            query: Which.
        """
        self._history = history
        self.query = query
        self.count = 0
        """How many match; see `open`."""
        self.warning = ""
        """What happened to the history, in a sentence; see `open`."""
        self._known: dict[int, list[Entry]] = {}
        self._lock = threading.Lock()

    def open(self) -> Pages:
        """Count them, and read the first page. Blocks.

        Raises:
            StorageError: The history cannot be read.
        """
        if self._history is not None and self._history.exists:
            self.count = self._history.measure(self.query).count
            if self.count:
                self.read(0)
            self.warning = self._history.take_warning()
        return self

    def read(self, page: int) -> None:
        """Read a page, unless it is known. Blocks.

        Raises:
            StorageError: The history cannot be read.
        """
        with self._lock:
            if self._history is None or page in self._known:
                return
            found = self._history.search(self.query, PAGE, page * PAGE)
            while len(self._known) >= _PAGES:
                del self._known[max(self._known, key=lambda known: abs(known - page))]
            self._known[page] = found

    def entry(self, index: int) -> Entry | None:
        """One of them; None = its page is not read, or it is gone meanwhile."""
        entries = self._known.get(index // PAGE, [])
        return entries[index % PAGE] if index % PAGE < len(entries) else None

    def unread(self, first: int, end: int) -> int | None:
        """A page that is needed to show some of them; None = all are read."""
        end = min(end, self.count)
        for page in range(max(0, first) // PAGE, (end - 1) // PAGE + 1):
            if page not in self._known:
                return page
        return None
