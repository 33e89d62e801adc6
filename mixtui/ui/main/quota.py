"""The quota of the current project: counted per request, shown in the first line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.timer import Timer

from mixtui.mixpanel.limits import Bucket, is_worth_showing
from mixtui.model.errors import StorageError

if TYPE_CHECKING:
    from mixtui.dispatch.quota import QuotaGuard
    from mixtui.model.quota import Account, QuotaStatus
    from mixtui.storage.quota import QuotaStore
    from mixtui.ui.main.host import Host

_MINUTE = 60.0
_START_DELAY = 0.3
"""Seconds: the first read must not delay the first key."""

ShowQuota = Callable[["QuotaStatus | None", float], bool]
"""Shows how the quota stands at a time in Unix seconds; False = the screen is gone."""


class QuotaController:
    """Counts requests. A count that fails is reported once, and requests go on."""

    def __init__(self, host: Host, folder: Path, show: ShowQuota) -> None:
        """Create a controller that opens the store when it is first used.

        Args:
            host: The screen.
            folder: The state folder.
            show: Shows the standing.
        """
        self._host = host
        self._folder = folder
        self._show_standing = show
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
        """Show the quota of a bucket from now on."""
        started, self._bucket = self._bucket is not None, bucket
        if started:
            self._follow()
        else:
            self._host.set_timer(_START_DELAY, self._follow)

    def _follow(self) -> None:
        from mixtui.outcome.quota import quota_account

        bucket = self._bucket
        assert bucket is not None
        current = (
            quota_account(bucket, self._host.environment)
            if is_worth_showing(bucket)
            else None
        )
        if current != self._account:
            self._account = current
            self.refresh()

    def refresh(self) -> None:
        """Read the quota again and show it."""
        if self._account is None:
            self._show(None)
            return
        read = partial(self._read_status, self._account)
        self._host.run_worker(read, group="quota", exclusive=True)

    def guard(self, accounts: tuple[Account, ...]) -> QuotaGuard:
        """Return what counts one request while it is dispatched."""
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

    async def standing(self, accounts: tuple[Account, ...]) -> list[QuotaStatus]:
        """Return the state of each account; empty if the counts cannot be read."""

        def read() -> list[QuotaStatus]:
            return [self.store.status(account) for account in accounts]

        try:
            return await asyncio.to_thread(read)
        except StorageError as error:
            self._warn(error)
            return []

    def close(self) -> None:
        """Close the database."""
        if self._store is not None:
            self._store.close()

    async def _read_status(self, account: Account) -> None:
        try:
            standing = await asyncio.to_thread(self.store.status, account)
        except StorageError as error:
            self._warn(error)
            return
        if account == self._account:
            self._show(standing)

    def _show(self, standing: QuotaStatus | None) -> None:
        now = time.time()
        if not self._show_standing(standing, now):
            return  # The screen closed while the counts were read.
        if self._clock is not None:
            self._clock.stop()
            self._clock = None
        if standing is not None and standing.label(now):
            # Minutes are shown, so that is how often they change.
            self._clock = self._host.set_timer(_MINUTE, self.refresh)

    def _warn(self, error: StorageError) -> None:
        if str(error) != self._last_warning:
            self._last_warning = str(error)
            self._host.notify_text(self._last_warning, severity="warning")
