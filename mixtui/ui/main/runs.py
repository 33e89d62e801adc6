"""The requests in flight and their responses: several at once, each with its own slot.

A run belongs to the slot it was sent from, a saved request or a new one, and is shown
wherever that slot is open. Its coroutine runs in a worker of the screen.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

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
    from mixtui.client.client import Client, Progress
    from mixtui.dispatch.dispatch import Completed
    from mixtui.dispatch.recording import BodyLocation
    from mixtui.document.document import Document, DocumentLoader
    from mixtui.document.source import Spool
    from mixtui.model.environment import Environment
    from mixtui.model.exchange import Exchange
    from mixtui.model.quota import Account
    from mixtui.outcome.outcome import Outcome
    from mixtui.ui.main.history import HistoryController
    from mixtui.ui.main.host import RunHost
    from mixtui.ui.main.quota import QuotaController


_READ_PERIOD = 0.1
"""Seconds between two reads of what has arrived."""
_BATCH = 0.05
"""Seconds of reading in a thread before the screen is notified."""


class StreamingBody:
    """A body sink that reads the body into a document, in a thread, while it comes."""

    def __init__(self, spool: Spool, on_growth: Callable[[], None]) -> None:
        """Create a sink that reads nothing yet.

        Args:
            spool: Where the bytes go.
            on_growth: Called when there is more to show.
        """
        self._spool, self._on_growth = spool, on_growth
        self._loader: DocumentLoader | None = None
        self._data_ready = asyncio.Event()
        """Bytes have arrived since the last read."""
        self._complete = asyncio.Event()
        """All bytes have come."""
        self._readable = asyncio.Event()
        """There is a document, or there never will be one."""
        self._task: asyncio.Task[None] | None = None

    @property
    def document(self) -> Document | None:
        """What there is to show; None = too little has come."""
        return self._loader.document if self._loader is not None else None

    def write(self, piece: bytes, /) -> int:
        """Add a piece; raises OSError as the spool does."""
        length = self._spool.write(piece)
        self._data_ready.set()
        return length

    def tail(self, size: int, /) -> bytes:
        """Return the last bytes; raises OSError as the spool does."""
        return self._spool.tail(size)

    def start(self, media_type: str) -> None:
        """Start reading: the head has come."""
        from mixtui.document.document import DocumentLoader

        self._loader = DocumentLoader(self._spool, media_type)
        self._task = asyncio.create_task(self._read(self._loader))

    async def finish(self) -> Document:
        """Return the document of a complete body; its lines may still be counted.

        Raises:
            OSError: The disk failed.
        """
        assert self._task is not None
        self._complete.set()
        self._data_ready.set()
        await self._readable.wait()
        if self.document is None:
            await self._task  # Raises what kept it from being read.
        assert self.document is not None
        return self.document

    async def read_to_end(self) -> None:
        """Wait until every line is counted.

        Raises:
            OSError: The disk failed.
        """
        assert self._task is not None
        await self._task

    def cancel(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()

    async def _read(self, loader: DocumentLoader) -> None:
        last_read, complete = 0.0, False
        try:
            while not complete:
                await self._wait(last_read)
                last_read, complete = time.monotonic(), self._complete.is_set()
                steps = loader.advance(final=complete)
                while not await asyncio.to_thread(run_for, steps, _BATCH):
                    self._report()
                self._report()
        finally:
            self._readable.set()  # Also if the disk failed: waiters must not wait forever.

    async def _wait(self, last_read: float) -> None:
        """Wait for data, but not less than `_READ_EVERY` since the last read."""
        await self._data_ready.wait()
        pause = last_read + _READ_PERIOD - time.monotonic()
        if pause > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._complete.wait(), pause)
        self._data_ready.clear()

    def _report(self) -> None:
        if self.document is not None:
            self._readable.set()
        self._on_growth()


class _Reception:
    """Shows the response to one run while it comes: the sink of its dispatch."""

    stores_body = True

    def __init__(self, runs: RequestRuns, run: RequestRun, spool: Spool) -> None:
        self._runs, self._run, self._spool = runs, run, spool
        self.file = StreamingBody(spool, self._grown)

    def on_head(self, exchange: Exchange) -> None:
        """Show status and headers."""
        run = self._run
        assert isinstance(run.state, Sending)
        self.file.start(exchange.response.media_type)
        state = Receiving(run.request, run.state.started, exchange, None)
        self._runs.set_state(run, state)

    def on_progress(self, progress: Progress) -> None:
        """Count the bytes for the status line, which reads them by itself."""
        self._run.received = progress.bytes

    async def finish(self, exchange: Exchange, outcome: Outcome) -> BodyLocation:
        """Show the whole response, whose document may still count its lines."""
        from mixtui.dispatch.recording import BodyLocation

        document = await self.file.finish()
        self._runs.set_state(self._run, Received(exchange, outcome, document))
        return BodyLocation(self._spool)

    def _grown(self) -> None:
        state, document = self._run.state, self.file.document
        if isinstance(state, Receiving) and state.document is not document:
            self._runs.set_state(self._run, replace(state, document=document))
        elif document is not None:
            self._runs.document_grown(self._run)


_Work = Callable[[], Coroutine[None, None, None]]
"""What a worker runs: created when it begins, as it may be cancelled before that."""
MakeClient = Callable[[], "Client"]
"""Called at the first send: a start does not wait for the network's libraries."""
SEND_GROUP = "send"
"""The worker group of requests in flight."""
_FINISHED_LIMIT = 20
_END_PATIENCE = 2.0
"""Seconds that quitting waits for cancelled requests to be stored in the history."""


class RequestRuns:
    """Sends requests, and remembers the last ones."""

    def __init__(
        self,
        host: RunHost,
        make_client: MakeClient,
        spool_folder: Path,
        history: HistoryController,
        quota: QuotaController,
    ) -> None:
        self._host = host
        self._history = history
        self._quota = quota
        self._make_client = make_client
        self._folder = spool_folder
        self._client: Client | None = None
        self._runs: list[RequestRun] = []

    def __iter__(self) -> Iterator[RequestRun]:
        """Yield those in flight, then those that ended; the newest first."""
        return iter(sorted(reversed(self._runs), key=lambda run: not run.is_in_flight))

    @property
    def running(self) -> int:
        """How many are in flight."""
        return sum(run.is_in_flight for run in self._runs)

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
        *,
        answers: Mapping[str, str] | None = None,
    ) -> RequestRun:
        """Send a request from a slot, which shows it from now on.

        Args:
            request: What to send.
            slot: Where it is sent from.
            draft: What was typed.
            path: The saved request it is.
            accounts: What it counts for.
            wait: Send it when the quota has a slot.
            answers: What was entered for its inputs.
        """
        state = wait or Sending(request, time.monotonic())
        run = RequestRun(slot, draft.name, path, draft, request, accounts, state)
        run.answers = answers or {}
        if wait is not None:
            run.previous = slot.run
        slot.run, slot.recalled = run, None
        self._add(run, partial(self._wait_and_send if wait else self._send, run))
        return run

    def add_job(self, run: RequestRun, work: _Work) -> None:
        """List a run of more than one request; its work sets its last state."""
        self._add(run, work)

    async def send_quietly(
        self, request: PreparedRequest, environment: Environment | None = None
    ) -> Completed:
        """Send a request that belongs to a job or a look-up: counted, not stored.

        Args:
            request: What to send.
            environment: What it counts for; None = that of the request's name.

        Raises:
            MixtuiError: As `dispatch`, and that no response came.
        """
        from mixtui.dispatch.dispatch import send_quietly
        from mixtui.outcome.quota import quota_accounts

        known = self._host.session.environments.get(request.environment)
        environment = environment or known or self._host.environment
        return await send_quietly(
            request,
            client=self._open_client(),
            quota=self._quota.guard(quota_accounts(request, environment)),
        )

    def cancel(self, run: RequestRun) -> None:
        """Cancel a run; what has arrived of a body is kept."""
        state = run.state
        if isinstance(state, Receiving):
            run.cancel_token.cancel()
        elif isinstance(state, Queued) and run.worker is not None:
            run.worker.cancel()
            self.set_state(run, Idle())
            self._show_before(run)
        elif isinstance(state, Sending) and run.worker is not None:
            run.worker.cancel()
            waited = time.monotonic() - state.started
            self.set_state(run, Cancelled(run.request, waited))

    async def end(self) -> None:
        """Cancel every run in flight, and wait until the history has stored them."""
        workers = [run.worker for run in self._runs if run.is_in_flight and run.worker]
        for run in self._runs:
            self.cancel(run)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_PATIENCE):
                waits = (worker.wait() for worker in workers)
                await asyncio.gather(*waits, return_exceptions=True)

    def set_state(self, run: RequestRun, state: ResponseState) -> None:
        """Change the state of a run and show it."""
        run.state = state
        self._host.run_changed(run)

    def document_grown(self, run: RequestRun) -> None:
        """Show that a document has more lines."""
        self._host.run_grown(run)

    def _open_client(self) -> Client:
        from mixtui.system import limit_malloc_caching

        if self._client is None:
            limit_malloc_caching()
            self._client = self._make_client()
        return self._client

    def _add(self, run: RequestRun, work: _Work) -> None:
        self._runs.append(run)
        self._prune_finished()
        run.worker = self._host.run_worker(work, group=SEND_GROUP)
        self._host.run_changed(run)

    def _prune_finished(self) -> None:
        ended = [run for run in self._runs if not run.is_in_flight]
        for run in ended[:-_FINISHED_LIMIT]:
            self._runs.remove(run)
            if run.slot.run is run:
                run.slot.run = None

    def _show_before(self, run: RequestRun) -> None:
        """Show what the slot showed before a run that was never sent."""
        if run.slot.run is not run:
            return
        run.slot.run, run.previous = run.previous, None
        if run.slot is self._host.slot:
            self._host.show_slot()

    async def _wait_and_send(self, run: RequestRun) -> None:
        """Send when the quota has a slot; another program may use it first."""
        while isinstance(run.state, Queued):
            await asyncio.sleep(max(run.state.until - time.time(), 0.0))
            exhausted = await self._quota.exhausted(run.accounts)
            if exhausted is None:
                self.set_state(run, Sending(run.request, time.monotonic()))
            else:
                until = exhausted.free_at(time.time())
                self.set_state(run, Queued(run.request, until, exhausted.count))
        run.previous = None
        await self._send(run)

    async def _send(self, run: RequestRun) -> None:
        from mixtui.outcome.outcome import no_response_outcome

        try:
            await self._dispatch(run)
        except (CredentialError, SettingsError, StorageError) as error:
            self.set_state(run, Failed(run.request, error, None))
        except OSError as failure:
            unread = SendError(
                "A response was received but could not be read back from disk: "
                f"{failure.strerror}.",
                maybe_done=True,
            )
            self.set_state(
                run, Failed(run.request, unread, no_response_outcome(unread))
            )

    def _spool_folder(self) -> Path:
        """Return the folder of large bodies: no body depends on a writable state folder."""
        try:
            return private_folder(self._folder)
        except StorageError:
            return Path(tempfile.gettempdir())

    async def _dispatch(self, run: RequestRun) -> None:
        from mixtui.dispatch.dispatch import NoResponse, dispatch
        from mixtui.document.source import Spool
        from mixtui.outcome.regions import other_regions

        reception = _Reception(self, run, Spool(self._spool_folder()))
        recorder = self._history.recorder(run)
        try:
            dispatched = await dispatch(
                run.request,
                client=self._open_client(),
                quota=self._quota.guard(run.accounts),
                history=recorder,
                sink=reception,
                other_environments=other_regions(
                    run.request, self._host.session.environments
                ),
                on_head=reception.on_head,
                on_progress=reception.on_progress,
                cancel_token=run.cancel_token,
            )
            run.entry_number = recorder.entry
            if isinstance(dispatched, NoResponse):
                error, outcome = dispatched.error, dispatched.outcome
                self.set_state(run, Failed(run.request, error, outcome))
                return
            await reception.file.read_to_end()
            self._host.run_changed(run)  # The document's notices are known now.
        finally:
            run.entry_number = recorder.entry
            reception.file.cancel()
