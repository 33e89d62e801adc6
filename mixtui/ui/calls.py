"""The requests on their way and their answers: several at once, each with its own.

A call belongs to the slot that it was sent from, a saved request or a new one, and is
shown wherever that slot is open. Its coroutine runs in a worker of the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.core.errors import CredentialError, SendError, SettingsError, StorageError
from mixtui.core.prepare import PreparedRequest
from mixtui.core.requests import Draft
from mixtui.core.steps import for_a_while
from mixtui.storage.paths import private_folder
from mixtui.ui.state import (
    Cancelled,
    Failed,
    Idle,
    OnItsWay,
    Recalled,
    Received,
    Receiving,
    ResponseState,
    Sending,
)

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.core.client import Client, Progress, Stop
    from mixtui.core.document import Document, Reading
    from mixtui.core.exchange import Exchange
    from mixtui.core.spool import Spool
    from mixtui.ui.history_desk import HistoryDesk
    from mixtui.ui.main_screen import MainScreen

_Work = Callable[[], Coroutine[None, None, None]]
"""What a worker runs: made when it begins, as it may be cancelled before that."""
MakeClient = Callable[[], "Client"]
"""Called at the first send: a start does not wait for the network's libraries."""
GROUP = "send"
"""The worker group of requests on their way."""
_FINISHED_KEPT = 20
_LOOK_EVERY = 0.1
"""Seconds between two looks at what has come of a body."""
_BATCH = 0.05
"""Seconds of reading in a thread before the screen hears of it."""


@dataclass(eq=False, slots=True)
class Slot:
    """A place that requests are sent from: a saved request, or a new one."""

    call: Call | None = None
    """What was sent from it last."""
    recalled: Recalled | None = None
    """An old answer that is looked at instead."""

    @property
    def state(self) -> ResponseState:
        """What is shown where this is open."""
        if self.recalled is not None:
            return self.recalled
        return self.call.state if self.call is not None else Idle()


@dataclass(eq=False, slots=True)
class Call:
    """One request and what becomes of it."""

    slot: Slot
    name: str
    """What the request is called; empty for a new one."""
    path: Path | None
    """The saved request it was sent from."""
    draft: Draft
    """What was sent, before it was prepared."""
    request: PreparedRequest
    state: ResponseState
    received: int = 0
    """Bytes of the body that have come so far."""
    worker: Worker[None] | None = None
    stop: Stop | None = None
    kept: int | None = None
    """Its number in the history; None = it is not there, or not yet."""

    @property
    def on_its_way(self) -> bool:
        """Whether it has not ended."""
        return isinstance(self.state, OnItsWay)

    @property
    def document(self) -> Document | None:
        """What there is to read of the answer."""
        state = self.state
        return state.document if isinstance(state, Receiving | Received) else None


@dataclass(slots=True)
class _Reading:
    """A body being received and read at the same time."""

    reading: Reading
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Bytes have come since the last look."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    """All have come."""
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    """There is a document."""

    async def wait(self, since: float) -> None:
        """Until there is something to look at, but not at once after the last look."""
        await self.news.wait()
        pause = since + _LOOK_EVERY - time.monotonic()
        if pause > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), pause)
        self.news.clear()


@dataclass(frozen=True, slots=True)
class _Sink:
    """Where a body is written to, and who hears of every piece."""

    spool: Spool
    written: Callable[[], None]

    def write(self, piece: bytes, /) -> int:
        """Add a piece; raises OSError as the spool does."""
        length = self.spool.write(piece)
        self.written()
        return length


class Calls:
    """Runs calls, and remembers the last ones."""

    def __init__(
        self,
        screen: MainScreen,
        make_client: MakeClient,
        spool_folder: Path,
        history: HistoryDesk,
    ) -> None:
        self._screen = screen
        self._history = history
        self._make_client = make_client
        self._folder = spool_folder
        self._client: Client | None = None
        self._calls: list[Call] = []

    def __iter__(self) -> Iterator[Call]:
        """Those on their way first, then those that ended; the newest first."""
        return iter(sorted(reversed(self._calls), key=lambda c: not c.on_its_way))

    @property
    def running(self) -> int:
        """How many are on their way."""
        return sum(call.on_its_way for call in self._calls)

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()

    def start(
        self, request: PreparedRequest, slot: Slot, draft: Draft, path: Path | None
    ) -> Call:
        """Send a request; what the slot showed before is not shown any more."""
        state = Sending(request, time.monotonic())
        call = Call(slot, draft.name, path, draft, request, state)
        slot.call, slot.recalled = call, None
        self._calls.append(call)
        self._forget_old()
        call.worker = self._start(partial(self._run, call), GROUP)
        self._screen.call_changed(call)
        return call

    def cancel(self, call: Call) -> None:
        """Stop a call; a body that has begun to come is kept as far as it came."""
        state = call.state
        if isinstance(state, Receiving) and call.stop is not None:
            call.stop.ask()
        elif isinstance(state, Sending) and call.worker is not None:
            call.worker.cancel()
            waited = time.monotonic() - state.started
            self._become(call, Cancelled(call.request, waited))
            keep = partial(self._keep_cancelled, call, state.started)
            self._start(keep, "history")

    def cancel_all(self) -> None:
        """Stop everything that is on its way."""
        for call in self._calls:
            self.cancel(call)

    def _start(self, work: _Work, group: str) -> Worker[None]:
        return self._screen.run_worker(work, group=group)

    def _forget_old(self) -> None:
        ended = [call for call in self._calls if not call.on_its_way]
        for call in ended[:-_FINISHED_KEPT]:
            self._calls.remove(call)
            if call.slot.call is call:
                call.slot.call = None

    def _become(self, call: Call, state: ResponseState) -> None:
        call.state = state
        self._screen.call_changed(call)

    async def _keep_cancelled(self, call: Call, started: float) -> None:
        from mixtui.core.outcome import cancelled

        await self._history.keep_failure(call, cancelled(call.request.safety), started)

    async def _run(self, call: Call) -> None:
        from mixtui.core.outcome import no_answer

        started = time.monotonic()
        try:
            await self._send(call)
        except SendError as error:
            ended = no_answer(error)
            self._become(call, Failed(call.request, error, ended))
            await self._history.keep_failure(call, ended, started)
        except (CredentialError, SettingsError, StorageError) as error:
            self._become(call, Failed(call.request, error, None))
        except OSError as failure:
            unread = SendError(
                "An answer came, but it could not be read back from the disk: "
                f"{failure.strerror}.",
                maybe_done=True,
            )
            self._become(call, Failed(call.request, unread, no_answer(unread)))

    async def _send(self, call: Call) -> None:
        from mixtui.core.client import Stop
        from mixtui.core.document import Reading
        from mixtui.core.outcome import outcome
        from mixtui.core.spool import Spool

        if self._client is None:
            self._client = self._make_client()
        call.stop = Stop()
        spool = Spool(private_folder(self._folder))
        coming: _Reading | None = None
        reader: asyncio.Task[None] | None = None

        def head(exchange: Exchange) -> None:
            nonlocal coming, reader
            assert isinstance(call.state, Sending)
            coming = _Reading(Reading(spool, exchange.response.media_type))
            state = Receiving(call.request, call.state.started, exchange, None)
            self._become(call, state)
            reader = asyncio.create_task(self._read(call, coming))

        def progress(report: Progress) -> None:
            call.received = report.bytes

        def written() -> None:
            assert coming is not None
            coming.news.set()

        try:
            exchange = await self._client.send(
                call.request,
                on_progress=progress,
                on_head=head,
                sink=_Sink(spool, written),
                stop=call.stop,
            )
            assert coming is not None and reader is not None
            coming.ended.set()
            coming.news.set()
            await coming.begun.wait()
            document = coming.reading.document
            if document is None:
                await reader  # Raises what kept it from being read.
            assert document is not None
            ended = outcome(exchange)
            self._become(call, Received(exchange, ended, document))
            await self._history.keep(call, exchange, ended, spool)
            await reader
        finally:
            if reader is not None:
                reader.cancel()

    async def _read(self, call: Call, coming: _Reading) -> None:
        """Read the body into lines while it comes, and to the end."""
        looked = 0.0
        whole = False
        try:
            while not whole:
                await coming.wait(looked)
                looked, whole = time.monotonic(), coming.ended.is_set()
                steps = coming.reading.advance(final=whole)
                while not await asyncio.to_thread(for_a_while, steps, _BATCH):
                    self._grown(call, coming)
                self._grown(call, coming)
        finally:
            coming.begun.set()  # Also where the disk failed: nobody waits for ever.
        self._screen.call_changed(call)  # Its notices are known now.

    def _grown(self, call: Call, coming: _Reading) -> None:
        state, document = call.state, coming.reading.document
        if document is not None:
            coming.begun.set()
        if isinstance(state, Receiving) and state.document is not document:
            call.state = Receiving(
                state.request, state.started, state.exchange, document
            )
            self._screen.call_changed(call)
        elif document is not None:
            self._screen.call_grown(call)
