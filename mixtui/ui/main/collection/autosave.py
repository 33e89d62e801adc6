"""Store the unsaved draft in case mixtui ends, and offer what earlier runs left behind."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual.timer import Timer

from mixtui.model.errors import StorageError
from mixtui.storage.drafts import DraftStore, RecoveredDraft

if TYPE_CHECKING:
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Host

AUTOSAVE_DELAY = 1.0
"""Seconds without a change until the draft is written."""
_EARLY = 0.01
"""A timer may fire so much before its time."""


class DraftAutosave:
    """Stores the unsaved draft a moment after the last key, in case mixtui ends."""

    def __init__(
        self, host: Host, collection: CollectionController, store: DraftStore
    ) -> None:
        self._host = host
        self._collection = collection
        self._store = store
        self._timer: Timer | None = None
        self._last_change = 0.0
        self._is_stored = False
        self._is_enabled = True

    def changed(self) -> None:
        """Store the draft soon: it has changed."""
        self._last_change = time.monotonic()
        if self._timer is None and self._is_enabled:
            self._timer = self._host.set_timer(AUTOSAVE_DELAY, self._check)

    async def store(self) -> None:
        """Store the draft now: mixtui is ended from outside."""
        if self._timer is not None:
            self._timer.stop()
        if self._is_enabled:
            await self._write()

    def end(self) -> None:
        """Discard the stored draft: mixtui ends as the user asked."""
        if self._timer is not None:
            self._timer.stop()
        if self._is_stored:
            self._store.discard()

    async def leave(self) -> bool:
        """Leave the draft for the next time that its collection is opened.

        Returns:
            Whether it is stored.
        """
        await self.store()
        self._timer = None
        if self._is_stored:
            await asyncio.to_thread(self._store.leave)
            self._is_stored = False
            return True
        return False

    async def offer(self) -> None:
        """Offer the drafts that were left in this collection, one after the other."""
        root = self._collection.store.root
        left = await asyncio.to_thread(self._store.recoverable, root)
        for draft in left:
            if not await self._offer(draft):
                return

    async def _offer(self, left: RecoveredDraft) -> bool:
        """Offer one draft; return whether to offer the next."""
        from mixtui.ui.dialogs.dialogs import ChoiceDialog

        name = left.draft.name or f"{left.draft.method} {left.draft.url or '(no URL)'}"
        answer = await self._host.ask(
            ChoiceDialog(
                f"{name} was left without being saved. The draft was kept.",
                (
                    ("r", "Restore", "restore"),
                    ("d", "Discard", "discard"),
                    ("l", "Ask again next time", "later"),
                ),
                title="Unsaved draft",
            ),
            unprompted=True,
        )
        if answer == "discard":
            await asyncio.to_thread(left.discard)
            return True
        if answer == "restore" and await self._collection.may_leave():
            self._collection.restore(left.draft, left.opened_from)
            await asyncio.to_thread(left.discard)
            self.changed()
        return False

    def _check(self) -> None:
        """Write once the keys have stopped: one timer serves a whole burst."""
        calm = time.monotonic() - self._last_change
        if calm < AUTOSAVE_DELAY - _EARLY:
            self._timer = self._host.set_timer(AUTOSAVE_DELAY - calm, self._check)
            return
        self._timer = None
        if self._collection.unsaved or self._is_stored:
            self._host.run_worker(self._write, group="draft", exclusive=True)

    async def _write(self) -> None:
        collection = self._collection
        if not collection.unsaved:
            await asyncio.to_thread(self._store.discard)
            self._is_stored = False
            return
        path = collection.open_request.path if collection.open_request else None
        try:
            root = collection.store.root
            await asyncio.to_thread(self._store.store, self._host.draft, path, root)
            self._is_stored = True
        except StorageError as error:
            # Once is enough: the disk is full, or the folder is not ours.
            self._is_enabled = False
            self._host.notify_text(
                f"Drafts cannot be saved for crash recovery: {error}",
                severity="warning",
            )
