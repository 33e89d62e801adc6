"""Counts what ``mixtui send`` asks of a project, and waits for a slot when told to."""

from __future__ import annotations

import time

from mixtui.cli.console import Console
from mixtui.core.answers import read_answer
from mixtui.core.environments import Environment
from mixtui.core.errors import StorageError
from mixtui.core.exchange import Exchange
from mixtui.core.prepare import PreparedRequest
from mixtui.core.quota_meter import QuotaStatus, correction, quota_accounts
from mixtui.storage.paths import state_dir
from mixtui.storage.quota import QuotaStore, QuotaTicket

_ERASE = "\r\x1b[K"


class QuotaGuard:
    """The quota of one call. A count that fails is told, and the call goes on."""

    def __init__(
        self, request: PreparedRequest, environment: Environment, console: Console
    ) -> None:
        self._console = console
        self._accounts = quota_accounts(request, environment)
        self._reads = not request.safety.writes
        self._book = QuotaStore(state_dir())
        self._ticket = QuotaTicket()

    def wait(self) -> None:
        """Wait until there is a slot; for reads alone, interrupted by ctrl+c."""
        if not self._reads:
            self._console.say(
                "Nothing that writes waits for a slot: it is sent at once."
            )
            return
        while (full := self._full()) is not None:
            left = full.free_at(time.time()) - time.time()
            words = f"The quota is used up ({full.words(time.time())}): waiting."
            if not self._console.shows_progress:
                self._console.say(words)
                _sleep(max(left, 0.0))
                continue
            self._count_down(full)

    def count(self) -> None:
        """The call goes out now."""
        try:
            self._ticket = self._book.count(self._accounts)
        except StorageError as error:
            self._console.say(str(error))

    def not_made(self) -> None:
        """It never reached the server."""
        try:
            self._book.cancel_count(self._ticket)
        except StorageError as error:
            self._console.say(str(error))

    def answered(self, exchange: Exchange) -> None:
        """Believe what the answer says of the quota."""
        if exchange.response.status != 429:
            return
        text = read_answer(exchange.response).error
        self.not_made()
        for account in self._accounts:
            corrected = correction(exchange, text, account)
            try:
                if corrected is not None:
                    self._book.correct(corrected)
            except StorageError as error:
                self._console.say(str(error))

    def _full(self) -> QuotaStatus | None:
        now = time.time()
        try:
            found = [self._book.standing(each) for each in self._accounts]
        except StorageError as error:
            self._console.say(str(error))
            return None
        waiting = [each for each in found if each.free_at(now) > now]
        return max(waiting, key=lambda each: each.free_at(now), default=None)

    def _count_down(self, full: QuotaStatus) -> None:
        """A line on the terminal, second by second."""
        until = full.free_at(time.time())
        try:
            while (left := until - time.time()) > 0:
                minutes, seconds = divmod(int(left + 1), 60)
                self._write(
                    f"{_ERASE}sends in {minutes}:{seconds:02} "
                    f"({full.count}); ctrl+c sends nothing"
                )
                _sleep(min(left, 1.0))
        finally:
            self._write(_ERASE)

    def _write(self, text: str) -> None:
        self._console.stderr.write(text)
        self._console.stderr.flush()


def _sleep(seconds: float) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; nothing was sent.") from None
