"""Export events: fetch windows of days into files, several at once, then make the output.

Each window is a file in the private folder of the job, and once it is complete a row in
the journal. So what was fetched costs its quota once, however often the job is stopped,
and only the output remains to be made when the disk was full.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from mixtui.dispatch.dispatch import Completed, Dispatched, ResponseSink
from mixtui.jobs.event_windows import DateWindow
from mixtui.jobs.journal import Journal
from mixtui.jobs.model import (
    Account,
    BatchResult,
    JobError,
    JobProgress,
    Limit,
    SourceRange,
)
from mixtui.jobs.quota_gate import QuotaGate
from mixtui.jobs.sending import Resender, Sending, Stopped, describe_refusal
from mixtui.jobs.window_sink import WindowSink
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.outcome import OutcomeKind
from mixtui.storage.paths import private_folder
from mixtui.system import Cancelled, CancelToken

CONCURRENCY = 4
"""Requests at once. Mixpanel allows 100; a few fill a connection."""
A_SECOND = 3.0
"""Requests that may start in a second (https://developer.mixpanel.com/reference/rate-limits)."""

WriteOutput = Callable[[Sequence[Path], CancelToken], None]
"""Makes the output of the files of the windows. Blocking; raises Cancelled."""


class EventExport:
    """A `Job` that exports."""

    def __init__(
        self,
        windows: Sequence[DateWindow],
        requests: Sequence[PreparedRequest],
        sending: Sending,
        gate: QuotaGate,
        journal: Journal,
        write_output: WriteOutput,
        *,
        concurrency: int = CONCURRENCY,
    ) -> None:
        """Read what the journal has; send nothing yet. Blocking.

        Args:
            windows: All of them, in order.
            requests: One for each.
            sending: What waits, and is stopped; the gate sends.
            gate: Sends each request when it may be sent.
            journal: Of this job, new or resumed.
            write_output: Called when all windows are there.
            concurrency: Requests at once.

        Raises:
            JobError: The file of a window that was fetched is not there.
            StorageError: The journal cannot be read, or the folder not made.
        """
        self._windows, self._requests, self._journal = windows, requests, journal
        self._gate, self._write_output = gate, write_output
        self._concurrency = concurrency
        self._resender = Resender(replace(sending, send=self._send))
        self._folder = private_folder(parts_folder(journal.path))
        self._account = journal.account()
        self._done = [bool(journal.done(index)) for index in range(len(windows))]
        self._check_parts()
        self._under_way: dict[int, WindowSink] = {}
        self._stop, self._token = sending.stop, CancelToken()
        self._failure: MixtuiError | None = None
        self._is_writing = False

    def stop(self) -> None:
        """Fetch no further window, finish those under way, and end. Any thread may say so."""
        self._stop.set()
        self._token.cancel()

    @property
    def was_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set

    @property
    def progress(self) -> JobProgress:
        """How far it is, in days."""
        sinks = list(self._under_way.values())
        count = self._account.read + sum(sink.count for sink in sinks)
        length = self._account.bytes + sum(sink.size for sink in sinks)
        days = zip(self._windows, self._done, strict=True)
        return JobProgress(
            Account(count, count, 0, length),
            sum(window.days for window, done in days if done),
            self._resender.retries,
            self._limit(),
            self._resender.problem,
        )

    async def run(self) -> Account:
        """Fetch what the journal does not have, and make the output.

        Raises:
            JobError: It stopped; what was fetched is in the journal.
            MixtuiError: As `dispatch`.
        """
        left = iter([i for i, is_done in enumerate(self._done) if not is_done])
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self._concurrency):
                tasks.create_task(self._work(left))
        if self._failure is not None:
            raise self._failure
        if not self.was_stopped:
            await self._finish()
        return self._account

    async def _work(self, left: Iterator[int]) -> None:
        """Fetch windows until none is left, or one of them failed."""
        for index in left:
            if self.was_stopped:
                return
            try:
                await self._fetch(index)
            except Stopped:
                return
            except MixtuiError as error:
                # End like `stop`, and then with an error: what was sent is received.
                self._failure = self._failure or error
                self._stop.set()
            finally:
                sink = self._under_way.pop(index, None)
                if sink is not None:
                    sink.close()

    async def _fetch(self, index: int) -> None:
        """Fetch one window, again as often as that may help.

        Raises:
            JobError: It cannot be fetched.
            Stopped: The job was stopped before the next attempt.
            MixtuiError: As `dispatch`.
        """

        def open_sink() -> ResponseSink:
            if index in self._under_way:
                self._under_way[index].close()
            sink = self._under_way[index] = WindowSink(self._path(index))
            return sink

        completed = await self._resender.send(self._requests[index], open_sink)
        if completed.outcome.exit_status != ExitStatus.ACCEPTED:
            problem = describe_refusal(completed.exchange, completed.outcome)
            raise JobError(f"Stopped: {problem}", completed.outcome.exit_status)
        sink = self._under_way[index]
        await asyncio.to_thread(self._keep, index, sink)
        del self._under_way[index]
        self._done[index] = True
        self._account = Account(
            self._account.read + sink.count,
            self._account.stored + sink.count,
            0,
            self._account.bytes + sink.size,
        )

    def _keep(self, index: int, sink: WindowSink) -> None:
        sink.keep()
        part = SourceRange(0, sink.size, sink.count + 1)
        self._journal.add(index, part, sink.count, BatchResult(sink.count))

    async def _send(
        self, request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        """Send once; a response that holds what is not an event is incomplete."""
        dispatched = await self._gate(request, sink=sink)
        if (
            isinstance(dispatched, Completed)
            and isinstance(sink, WindowSink)
            and sink.problem
            and dispatched.outcome.exit_status == ExitStatus.ACCEPTED
        ):
            outcome = replace(
                dispatched.outcome,
                kind=OutcomeKind.INCOMPLETE,
                detail=sink.problem,
                exit_status=ExitStatus.NO_RESPONSE,
            )
            return replace(dispatched, outcome=outcome)
        return dispatched

    async def _finish(self) -> None:
        """Make the output."""
        self._is_writing = True
        parts = [self._path(index) for index in range(len(self._windows))]
        try:
            await asyncio.to_thread(self._write_output, parts, self._token)
        except Cancelled:
            return
        except asyncio.CancelledError:
            # The thread must not go on for as long as the output takes.
            self._token.cancel()
            raise

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:05}.ndjson"

    def _check_parts(self) -> None:
        """Compare the files with the journal.

        Raises:
            JobError: One is not what it was.
        """
        for index, window in enumerate(self._windows):
            ranges = self._journal.done(index)
            if not ranges:
                continue
            path = self._path(index)
            if not path.exists() or path.stat().st_size != ranges[0].end:
                raise JobError(
                    f"The events of {window.label} were fetched, but their file in "
                    f"{self._folder} is not there or has changed: use --restart."
                )

    def _limit(self) -> Limit:
        if self._is_writing:
            return Limit.WRITING
        if self._gate.is_waiting:
            return Limit.QUOTA
        return Limit.RETRY if self._resender.is_waiting else Limit.SERVER


def parts_folder(journal: Path) -> Path:
    """Return the folder of the windows of a job."""
    return journal.with_suffix(".parts")


def remove_parts(journal: Path) -> None:
    """Remove the windows of a job that is finished, or starts over."""
    import shutil

    shutil.rmtree(parts_folder(journal), ignore_errors=True)
