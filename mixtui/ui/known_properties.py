"""Property names: of the saved requests, and those that were looked up."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from mixtui.core.errors import StorageError

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.storage.collection import Collection
    from mixtui.ui.main_screen import MainScreen

_MOST = 500
"""Requests that are read."""
_FRESH = 60.0
"""Seconds until they are read again."""


class KnownProperties:
    """Reads behind the screen: who asks gets what is known by then."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._names: frozenset[str] = frozenset()
        self._read_at: float | None = None

    def __call__(self) -> frozenset[str]:
        """The names so far."""
        from mixtui.mixpanel.operations import Names

        now = time.monotonic()
        if self._read_at is None or now - self._read_at > _FRESH:
            self._read_at = now
            _: Worker[None] = self._screen.run_worker(
                self._read, group="properties", exclusive=True
            )
        return self._names | self._screen.names.every(Names.PROPERTY)

    async def _read(self) -> None:
        self._names = await asyncio.to_thread(_names, self._screen.desk.collection)


def _names(collection: Collection) -> frozenset[str]:
    from mixtui.core.name_completion import draft_names

    found: set[str] = set()
    for entry in collection.scan().all_requests()[:_MOST]:
        try:
            found.update(draft_names(collection.open(entry.path).draft))
        except StorageError:
            continue  # A broken file is told of in the sidebar.
    return frozenset(found)
