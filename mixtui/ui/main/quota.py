"""The quota of the project in use: counted with each call, shown in the first line."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.timer import Timer

from mixtui.mixpanel.limits import Bucket, shown
from mixtui.model.errors import StorageError
from mixtui.ui.main.top_bar import TopBar

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.dispatch.quota import QuotaGuard
    from mixtui.outcome.quota import Account, QuotaStatus
    from mixtui.storage.quota import QuotaStore
    from mixtui.ui.main.screen import MainScreen

_MINUTE = 60.0
_AFTER_START = 0.3
"""Seconds: the first look does not hold up the first key."""


class QuotaController:
    """Counts for the screen. A count that fails is told once, and calls go on."""

    def __init__(self, screen: MainScreen, folder: Path) -> None:
        """Nothing is opened yet.

        Args:
            screen: Where it is shown.
            folder: The state folder.
        """
        self._screen = screen
        self._folder = folder
        self._store: QuotaStore | None = None
        self._bucket: Bucket | None = None
        self._last_warning = ""
        self._clock: Timer | None = None
        self._account: Account | None = None

    @property
    def store(self) -> QuotaStore:
        """The counts."""
        if self._store is None:
            from mixtui.storage.quota import QuotaStore

            self._store = QuotaStore(self._folder)
        return self._store

    def follow(self, bucket: Bucket) -> None:
        """Show the standing of a bucket from now on."""
        started, self._bucket = self._bucket is not None, bucket
        if started:
            self._follow()
        else:
            self._screen.set_timer(_AFTER_START, self._follow)

    def _follow(self) -> None:
        from mixtui.outcome.quota import account

        bucket = self._bucket
        assert bucket is not None
        found = account(bucket, self._screen.environment) if shown(bucket) else None
        if found != self._account:
            self._account = found
            self.refresh()

    def refresh(self) -> None:
        """Look again how it stands."""
        if self._account is None:
            self._show(None)
            return
        look = partial(self._look, self._account)
        _: Worker[None] = self._screen.run_worker(look, group="quota", exclusive=True)

    def guard(self, accounts: tuple[Account, ...]) -> QuotaGuard:
        """What counts one request while it is dispatched."""
        from mixtui.dispatch.quota import QuotaGuard

        return QuotaGuard(
            self.store, accounts, report=self._warn, on_change=self.refresh
        )

    async def exhausted(self, accounts: tuple[Account, ...]) -> QuotaStatus | None:
        """Return the account whose next slot is furthest away; None = send at once."""
        from mixtui.dispatch.quota import exhausted

        try:
            return await asyncio.to_thread(exhausted, self.store, accounts)
        except StorageError as error:
            self._warn(error)
            return None

    def close(self) -> None:
        """Close the database."""
        if self._store is not None:
            self._store.close()

    async def _look(self, account: Account) -> None:
        try:
            standing = await asyncio.to_thread(self.store.standing, account)
        except StorageError as error:
            self._warn(error)
            return
        if account == self._account:
            self._show(standing)

    def _show(self, standing: QuotaStatus | None) -> None:
        top_bars = self._screen.query(TopBar)
        if not top_bars:
            return  # The screen closed while the counts were read.
        now = time.time()
        top_bars.first().show_quota(standing, now)
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
        if standing is not None and standing.words(now):
            # Minutes are shown, so that is how often they change.
            self._clock = self._screen.set_timer(_MINUTE, self.refresh)

    def _warn(self, error: StorageError) -> None:
        if str(error) != self._last_warning:
            self._last_warning = str(error)
            self._screen.notify_text(self._last_warning, severity="warning")
