"""Keeps the unsaved draft on disk, and offers what an earlier run left behind."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from textual.timer import Timer
from textual.worker import Worker

from mixtui.core.errors import StorageError
from mixtui.storage.drafts import DraftStore, RecoveredDraft
from mixtui.ui.dialogs import ChoiceDialog

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen

AUTOSAVE_DELAY = 1.0
"""Seconds without a change until the draft is written."""
_EARLY = 0.01
"""A timer may fire so much before its time."""


class DraftAutosave:
    """Writes behind the person's back, a moment after the last key."""

    def __init__(self, screen: MainScreen, keeper: DraftStore) -> None:
        self._screen = screen
        self._keeper = keeper
        self._timer: Timer | None = None
        self._last_change = 0.0
        self._kept = False
        self._works = True

    def changed(self) -> None:
        """The draft is another one now."""
        self._last_change = time.monotonic()
        if self._timer is None and self._works:
            self._timer = self._screen.set_timer(AUTOSAVE_DELAY, self._look)

    def end(self) -> None:
        """The program ends as the person wanted: nothing is left behind."""
        if self._timer is not None:
            self._timer.stop()
        if self._kept:
            self._keeper.forget()

    async def offer(self) -> None:
        """Offer drafts that earlier runs left behind, one after the other."""
        left = await asyncio.to_thread(self._keeper.left_behind)
        for draft in left:
            if not await self._offer(draft):
                return

    async def _offer(self, left: RecoveredDraft) -> bool:
        """Offer one; False = no more of them now."""
        name = left.draft.name or f"{left.draft.method} {left.draft.url or '(no URL)'}"
        answer = await self._screen.app.push_screen_wait(
            ChoiceDialog(
                f"mixtui ended before {name} was saved. What was typed is still here.",
                (
                    ("r", "Restore it", "restore"),
                    ("d", "Discard it", "discard"),
                    ("l", "Ask again at the next start", "later"),
                ),
                title="An unsaved draft",
            )
        )
        if answer == "discard":
            left.kept.unlink(missing_ok=True)
            return True
        if answer == "restore" and await self._screen.desk.may_leave():
            self._screen.desk.restore(left.draft, left.opened_from)
            left.kept.unlink(missing_ok=True)
            self.changed()
        return False

    def _look(self) -> None:
        """One timer serves a whole burst of keys."""
        calm = time.monotonic() - self._last_change
        if calm < AUTOSAVE_DELAY - _EARLY:
            self._timer = self._screen.set_timer(AUTOSAVE_DELAY - calm, self._look)
            return
        self._timer = None
        if self._screen.desk.unsaved or self._kept:
            _: Worker[None] = self._screen.run_worker(
                self._write, group="draft", exclusive=True
            )

    async def _write(self) -> None:
        desk = self._screen.desk
        if not desk.unsaved:
            await asyncio.to_thread(self._keeper.forget)
            self._kept = False
            return
        path = desk.open_request.path if desk.open_request else None
        try:
            await asyncio.to_thread(self._keeper.store, self._screen.draft, path)
            self._kept = True
        except StorageError as error:
            # Once is enough: the disk is full, or the folder is not ours.
            self._works = False
            self._screen.notify_text(
                f"Unsaved work is not kept for a crash: {error}", severity="warning"
            )
