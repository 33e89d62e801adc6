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

    from mixtui.model.exchange import Exchange
    from mixtui.outcome.quota import Account, QuotaStatus
    from mixtui.storage.quota import QuotaStore, QuotaTicket
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
        self._book: QuotaStore | None = None
        self._bucket: Bucket | None = None
        self._told = ""
        self._clock: Timer | None = None
        self._account: Account | None = None

    @property
    def book(self) -> QuotaStore:
        """The counts."""
        if self._book is None:
            from mixtui.storage.quota import QuotaStore

            self._book = QuotaStore(self._folder)
        return self._book

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

    async def count(self, accounts: tuple[Account, ...]) -> QuotaTicket:
        """Count a call that goes out now."""
        from mixtui.storage.quota import QuotaTicket

        try:
            ticket = await asyncio.to_thread(self.book.count, accounts)
        except StorageError as error:
            self._tell(error)
            return QuotaTicket()
        self.refresh()
        return ticket

    async def answered(
        self, ticket: QuotaTicket, accounts: tuple[Account, ...], exchange: Exchange
    ) -> None:
        """Believe what an answer says of the quota."""
        from mixtui.outcome.answers import read_answer
        from mixtui.outcome.quota import correction

        if exchange.response.status != 429 or not accounts:
            return
        text = read_answer(exchange.response).error
        try:
            await asyncio.to_thread(self.book.cancel_count, ticket)
            for each in accounts:
                if (corrected := correction(exchange, text, each)) is not None:
                    await asyncio.to_thread(self.book.correct, corrected)
        except StorageError as error:
            self._tell(error)
        self.refresh()

    async def not_made(self, ticket: QuotaTicket) -> None:
        """The call never reached the server."""
        try:
            await asyncio.to_thread(self.book.cancel_count, ticket)
        except StorageError as error:
            self._tell(error)
        self.refresh()

    async def full(self, accounts: tuple[Account, ...]) -> QuotaStatus | None:
        """The account that has no slot left for longest, or None."""
        now = self.book.clock()
        try:
            found = [
                await asyncio.to_thread(self.book.standing, each) for each in accounts
            ]
        except StorageError as error:
            self._tell(error)
            return None
        waiting = [each for each in found if each.free_at(now) > now]
        return max(waiting, key=lambda each: each.free_at(now), default=None)

    def close(self) -> None:
        """Close the database."""
        if self._book is not None:
            self._book.close()

    async def _look(self, account: Account) -> None:
        try:
            standing = await asyncio.to_thread(self.book.standing, account)
        except StorageError as error:
            self._tell(error)
            return
        if account == self._account:
            self._show(standing)

    def _show(self, standing: QuotaStatus | None) -> None:
        now = time.time()
        self._screen.query_one(TopBar).show_quota(standing, now)
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
        if standing is not None and standing.words(now):
            # Minutes are shown, so that is how often they change.
            self._clock = self._screen.set_timer(_MINUTE, self.refresh)

    def _tell(self, error: StorageError) -> None:
        if str(error) != self._told:
            self._told = str(error)
            self._screen.notify_text(self._told, severity="warning")
