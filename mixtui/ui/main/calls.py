"""The requests on their way and their answers: several at once, each with its own.

A call belongs to the slot that it was sent from, a saved request or a new one, and is
shown wherever that slot is open. Its coroutine runs in a worker of the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.model.draft import Draft
from mixtui.model.errors import CredentialError, SendError, SettingsError, StorageError
from mixtui.model.prepared import PreparedRequest
from mixtui.storage.paths import private_folder
from mixtui.system import run_for
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    Idle,
    Queued,
    Received,
    Receiving,
    RequestRun,
    RequestSlot,
    ResponseState,
    Sending,
)

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.client.client import Client, Progress
    from mixtui.document.document import Document, DocumentLoader
    from mixtui.document.source import Spool
    from mixtui.model.exchange import Exchange
    from mixtui.outcome.quota import Account
    from mixtui.ui.main.history import HistoryController
    from mixtui.ui.main.quota import QuotaController
    from mixtui.ui.main.screen import MainScreen


_LOOK_EVERY = 0.1
"""Seconds between two looks at what has come."""
_BATCH = 0.05
"""Seconds of reading in a thread before the screen hears of it."""


class StreamingBody:
    """Reads a body as far as it has come, in a thread; takes the place of a file.

    Args:
        spool: Where the bytes go.
        grown: Called when there is more to show.
    """

    def __init__(self, spool: Spool, grown: Callable[[], None]) -> None:
        self._spool, self._grown = spool, grown
        self._reading: DocumentLoader | None = None
        self._news = asyncio.Event()
        """Bytes have come since the last look."""
        self._ended = asyncio.Event()
        """All have come."""
        self._begun = asyncio.Event()
        """There is a document, or there never will be one."""
        self._task: asyncio.Task[None] | None = None

    @property
    def document(self) -> Document | None:
        """What there is to show; None = too little has come."""
        return self._reading.document if self._reading is not None else None

    def write(self, piece: bytes, /) -> int:
        """Add a piece; raises OSError as the spool does."""
        length = self._spool.write(piece)
        self._news.set()
        return length

    def started(self, media_type: str) -> None:
        """The head has come: read what comes from now on."""
        from mixtui.document.document import DocumentLoader

        self._reading = DocumentLoader(self._spool, media_type)
        self._task = asyncio.create_task(self._read(self._reading))

    async def finished(self) -> Document:
        """All has come: the document, whose lines may still be counted.

        Raises:
            OSError: The disk failed.
        """
        assert self._task is not None
        self._ended.set()
        self._news.set()
        await self._begun.wait()
        if self.document is None:
            await self._task  # Raises what kept it from being read.
        assert self.document is not None
        return self.document

    async def read_to_the_end(self) -> None:
        """Until every line is counted.

        Raises:
            OSError: The disk failed.
        """
        assert self._task is not None
        await self._task

    def cancel(self) -> None:
        """Nobody wants to read it any more."""
        if self._task is not None:
            self._task.cancel()

    async def _read(self, reading: DocumentLoader) -> None:
        looked, whole = 0.0, False
        try:
            while not whole:
                await self._wait(looked)
                looked, whole = time.monotonic(), self._ended.is_set()
                steps = reading.advance(final=whole)
                while not await asyncio.to_thread(run_for, steps, _BATCH):
                    self._tell()
                self._tell()
        finally:
            self._begun.set()  # Also where the disk failed: nobody waits for ever.

    async def _wait(self, since: float) -> None:
        """Until there is something to look at, but not at once after the last look."""
        await self._news.wait()
        pause = since + _LOOK_EVERY - time.monotonic()
        if pause > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), pause)
        self._news.clear()

    def _tell(self) -> None:
        if self.document is not None:
            self._begun.set()
        self._grown()


_Work = Callable[[], Coroutine[None, None, None]]
"""What a worker runs: made when it begins, as it may be cancelled before that."""
MakeClient = Callable[[], "Client"]
"""Called at the first send: a start does not wait for the network's libraries."""
GROUP = "send"
"""The worker group of requests on their way."""
_KEEPING = "history"
"""The worker group of what is put into the history by itself."""
_FINISHED_KEPT = 20
_KEEPING_SECONDS = 2.0


class RequestRuns:
    """Runs calls, and remembers the last ones."""

    def __init__(
        self,
        screen: MainScreen,
        make_client: MakeClient,
        spool_folder: Path,
        history: HistoryController,
        quota: QuotaController,
    ) -> None:
        self._screen = screen
        self._history = history
        self._quota = quota
        self._make_client = make_client
        self._folder = spool_folder
        self._client: Client | None = None
        self._calls: list[RequestRun] = []

    def __iter__(self) -> Iterator[RequestRun]:
        """Those on their way first, then those that ended; the newest first."""
        return iter(sorted(reversed(self._calls), key=lambda c: not c.on_its_way))

    @property
    def running(self) -> int:
        """How many are on their way."""
        return sum(call.on_its_way for call in self._calls)

    def client(self) -> Client:
        """What sends; made when it is first needed."""
        from mixtui.system import limit_malloc_caching

        if self._client is None:
            limit_malloc_caching()
            self._client = self._make_client()
        return self._client

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()

    def start(
        self,
        request: PreparedRequest,
        slot: RequestSlot,
        draft: Draft,
        path: Path | None,
        accounts: tuple[Account, ...] = (),
        wait: Queued | None = None,
    ) -> RequestRun:
        """Send a request; what the slot showed before is not shown any more.

        Args:
            request: What to send.
            slot: Where it is sent from.
            draft: What was typed.
            path: The saved request it is.
            accounts: What it counts for.
            wait: Send it when the quota has a slot.
        """
        state = wait or Sending(request, time.monotonic())
        call = RequestRun(slot, draft.name, path, draft, request, accounts, state)
        if wait is not None:
            call.before = slot.call
        slot.call, slot.recalled = call, None
        self._calls.append(call)
        self._prune_finished()
        run = self._wait_and_run if wait else self._run
        call.worker = self._start(partial(run, call), GROUP)
        self._screen.call_changed(call)
        return call

    def add_job(self, call: RequestRun, work: _Work) -> None:
        """List a call that is more than one request; its work says how it ends."""
        self._calls.append(call)
        self._prune_finished()
        call.worker = self._start(work, GROUP)
        self._screen.call_changed(call)

    async def send_quietly(self, request: PreparedRequest) -> Exchange:
        """Send a request that belongs to such a call.

        Raises:
            MixtuiError: As `Client.send`.
        """
        from mixtui.outcome.quota import quota_accounts

        environments = self._screen.session.environments
        environment = environments.get(request.environment) or self._screen.environment
        accounts = quota_accounts(request, environment)
        ticket = await self._quota.count(accounts)
        try:
            exchange = await self.client().send(request)
        except SendError as error:
            if not error.arrived:
                await self._quota.not_made(ticket)
            raise
        except (CredentialError, SettingsError):
            await self._quota.not_made(ticket)
            raise
        await self._quota.answered(ticket, accounts, exchange)
        return exchange

    def cancel(self, call: RequestRun) -> None:
        """Stop a call; a body that has begun to come is kept as far as it came."""
        state = call.state
        if isinstance(state, Receiving) and call.stop is not None:
            call.stop.ask()
        elif isinstance(state, Queued) and call.worker is not None:
            call.worker.cancel()
            self._set_state(call, Idle())
            self._show_before(call)
        elif isinstance(state, Sending) and call.worker is not None:
            call.worker.cancel()
            waited = time.monotonic() - state.started
            self._set_state(call, Cancelled(call.request, waited))
            keep = partial(self._keep_cancelled, call, state.started)
            self._start(keep, _KEEPING)

    async def end(self) -> None:
        """Stop everything that is on its way, and remember that."""
        for call in self._calls:
            self.cancel(call)
        workers = [w for w in self._screen.workers if w.group == _KEEPING]
        if not workers:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_KEEPING_SECONDS):
                await self._screen.workers.wait_for_complete(workers)

    def _start(self, work: _Work, group: str) -> Worker[None]:
        return self._screen.run_worker(work, group=group)

    def _prune_finished(self) -> None:
        ended = [call for call in self._calls if not call.on_its_way]
        for call in ended[:-_FINISHED_KEPT]:
            self._calls.remove(call)
            if call.slot.call is call:
                call.slot.call = None

    def _set_state(self, call: RequestRun, state: ResponseState) -> None:
        call.state = state
        self._screen.call_changed(call)

    def _show_before(self, call: RequestRun) -> None:
        """Back to what a slot showed before a call that was not sent after all."""
        if call.slot.call is not call:
            return
        call.slot.call, call.before = call.before, None
        if call.slot is self._screen.desk.slot:
            self._screen.show_slot()

    async def _keep_cancelled(self, call: RequestRun, started: float) -> None:
        from mixtui.outcome.outcome import cancelled

        await self._history.keep_failure(call, cancelled(call.request.safety), started)

    async def _wait_and_run(self, call: RequestRun) -> None:
        """Send when there is a slot; another program may take one meanwhile."""
        while isinstance(call.state, Queued):
            await asyncio.sleep(max(call.state.until - time.time(), 0.0))
            full = await self._quota.full(call.accounts)
            if full is None:
                self._set_state(call, Sending(call.request, time.monotonic()))
            else:
                now = time.time()
                again = Queued(call.request, full.free_at(now), full.count)
                self._set_state(call, again)
        call.before = None
        await self._run(call)

    async def _run(self, call: RequestRun) -> None:
        from mixtui.outcome.outcome import no_answer

        started = time.monotonic()
        ticket = await self._quota.count(call.accounts)
        try:
            exchange = await self._send(call)
            await self._quota.answered(ticket, call.accounts, exchange)
        except SendError as error:
            if not error.arrived:
                await self._quota.not_made(ticket)
            ended = no_answer(error)
            self._set_state(call, Failed(call.request, error, ended))
            await self._history.keep_failure(call, ended, started)
        except (CredentialError, SettingsError, StorageError) as error:
            await self._quota.not_made(ticket)
            self._set_state(call, Failed(call.request, error, None))
        except OSError as failure:
            unread = SendError(
                "An answer came, but it could not be read back from the disk: "
                f"{failure.strerror}.",
                maybe_done=True,
            )
            self._set_state(call, Failed(call.request, unread, no_answer(unread)))

    async def _send(self, call: RequestRun) -> Exchange:
        from mixtui.client.client import Stop
        from mixtui.document.source import Spool
        from mixtui.outcome.outcome import outcome
        from mixtui.outcome.regions import other_regions

        client = self.client()
        call.stop = Stop()
        spool = Spool(private_folder(self._folder))
        incoming = StreamingBody(spool, lambda: self._grown(call, incoming.document))

        def head(exchange: Exchange) -> None:
            assert isinstance(call.state, Sending)
            incoming.started(exchange.response.media_type)
            state = Receiving(call.request, call.state.started, exchange, None)
            self._set_state(call, state)

        def progress(report: Progress) -> None:
            call.received = report.bytes

        try:
            exchange = await client.send(
                call.request,
                on_progress=progress,
                on_head=head,
                sink=incoming,
                stop=call.stop,
            )
            document = await incoming.finished()
            known = other_regions(call.request, self._screen.session.environments)
            ended = outcome(exchange, known)
            self._set_state(call, Received(exchange, ended, document))
            await self._history.keep(call, exchange, ended, spool)
            await incoming.read_to_the_end()
            self._screen.call_changed(call)  # Its notices are known now.
            return exchange
        finally:
            incoming.cancel()

    def _grown(self, call: RequestRun, document: Document | None) -> None:
        state = call.state
        if isinstance(state, Receiving) and state.document is not document:
            self._set_state(call, replace(state, document=document))
        elif document is not None:
            self._screen.call_grown(call)
