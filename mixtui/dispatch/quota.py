"""Count a request against its quotas before it is sent, and correct the count after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mixtui.model.errors import StorageError
from mixtui.outcome.body_facts import read_body_facts
from mixtui.outcome.refusals import read_correction
from mixtui.storage.quota import QuotaTicket

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.model.quota import Account, QuotaStatus
    from mixtui.storage.quota import QuotaStore

_BAD_REQUEST, _TOO_MANY_REQUESTS = 400, 429
# Those of http.HTTPStatus, whose import takes as long as two of our modules.


def exhausted(store: QuotaStore, accounts: tuple[Account, ...]) -> QuotaStatus | None:
    """Return the exhausted account with the longest wait; None if none is exhausted.

    Blocking.

    Raises:
        StorageError: The counts cannot be read.
    """
    now = store.clock()
    statuses = [store.status(account) for account in accounts]
    blocked = [status for status in statuses if status.free_at(now) > now]
    return max(blocked, key=lambda status: status.free_at(now), default=None)


class QuotaGuard:
    """Counts one request. A failure to count is reported and does not stop the request."""

    def __init__(
        self,
        store: QuotaStore,
        accounts: tuple[Account, ...],
        *,
        report: Callable[[StorageError], None],
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        """Open nothing yet.

        Args:
            store: The counts.
            accounts: What the request counts against.
            report: Called with the first error if the counts cannot be changed.
            on_change: Called after every change of the counts.
        """
        self._store = store
        self._accounts = accounts
        self._report_error = report
        self._has_failed = False
        self._on_change = on_change
        self._ticket = QuotaTicket()

    async def count(self) -> None:
        """Count the request, which is about to be sent."""
        try:
            self._ticket = await asyncio.to_thread(self._store.count, self._accounts)
        except StorageError as error:
            self._report(error)
        else:
            self._on_change()

    async def cancel_count(self) -> None:
        """Undo the count of a request that never reached the server."""
        await self._change(partial(self._store.cancel_count, self._ticket))
        self._on_change()

    async def correct(self, exchange: Exchange) -> None:
        """Replace the counts by the server's own, which only a 429 states.

        An accepted request withdraws what an earlier 429 stated in error.
        """
        if not self._accounts:
            return
        if exchange.response.status < _BAD_REQUEST:
            await self._change(partial(self._store.accept, self._accounts))
        if exchange.response.status != _TOO_MANY_REQUESTS:
            return
        # A refused request does not count.
        await self._change(partial(self._store.cancel_count, self._ticket))
        text = read_body_facts(exchange).error
        for account in self._accounts:
            corrected = read_correction(exchange, text, account)
            if corrected is not None:
                await self._change(partial(self._store.correct, corrected))
        self._on_change()

    def _report(self, error: StorageError) -> None:
        """Report an error, unless one was: the next has the same cause."""
        if not self._has_failed:
            self._has_failed = True
            self._report_error(error)

    async def _change(self, change: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(change)
        except StorageError as error:
            self._report(error)
