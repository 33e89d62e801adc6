"""Export events: fetch windows of days into files, several at once, then make the output.

Each window is a file in the private folder of the job, and once it is complete a row in
the journal. So what was fetched costs its quota once, however often the job is stopped,
and only the output remains to be made when the disk was full.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from mixtui.dispatch.dispatch import Completed, Dispatched, ResponseSink
from mixtui.jobs.event_windows import DateWindow, cut_windows
from mixtui.jobs.journal import Journal, received_folder
from mixtui.jobs.model import (
    Account,
    BatchResult,
    JobError,
    JobProgress,
    Limit,
    SourceRange,
)
from mixtui.jobs.property_types import PropertyTypes
from mixtui.jobs.quota_gate import QuotaGate
from mixtui.jobs.record_output import run_in_thread
from mixtui.jobs.sending import (
    MAX_ATTEMPTS,
    IncompleteResponse,
    Resender,
    Sending,
    Stopped,
    describe_refusal,
)
from mixtui.jobs.window_sink import (
    LineChecker,
    QuickChecker,
    TypeChecker,
    WindowSink,
    check_file,
)
from mixtui.model.errors import ExitStatus, MixtuiError
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.outcome import OutcomeKind
from mixtui.storage.paths import private_folder
from mixtui.system import Cancelled, CancelToken

CONCURRENCY = 4
"""Requests at once. Mixpanel allows 100; a few fill a connection."""
A_SECOND = 3.0
"""Requests that may start in a second (https://developer.mixpanel.com/reference/rate-limits)."""

ATTEMPTS_BEFORE_SPLIT = 2
"""Responses of several days that may end early before each half is requested by itself."""

Received = Sequence[tuple[DateWindow, Path]]
"""Windows and their files, in order."""
WriteOutput = Callable[[Received, PropertyTypes, CancelToken], None]
"""Makes the output; knows the types of properties if it needs them. Blocking; raises
Cancelled."""


class EventExport:
    """A `Job` that exports."""

    def __init__(
        self,
        windows: Sequence[DateWindow],
        make_request: Callable[[DateWindow], PreparedRequest],
        sending: Sending,
        gate: QuotaGate,
        journal: Journal,
        write_output: WriteOutput,
        *,
        report: Callable[[str], None],
        concurrency: int = CONCURRENCY,
        needs_types: bool = False,
        can_split: bool = True,
    ) -> None:
        """Read what the journal has; send nothing yet. Blocking.

        Args:
            windows: All of them, as the journal has them.
            make_request: Returns the request of a window.
            sending: What waits, and is stopped; the gate sends.
            gate: Sends each request when it may be sent.
            journal: Of this job, new or resumed.
            write_output: Called when all windows are there.
            report: Says that a window is split, or fetched anew.
            concurrency: Requests at once.
            needs_types: Whether the output needs the types of properties.
            can_split: Whether two requests give what one would.

        Raises:
            StorageError: The journal cannot be read, or the folder not made.
        """
        self._windows, self._journal = list(windows), journal
        self._make_request, self._report = make_request, report
        self._gate, self._write_output = gate, write_output
        self._slots = asyncio.Semaphore(concurrency)
        self._resender = Resender(replace(sending, send=self._send))
        self._folder = private_folder(received_folder(journal.path))
        self._account = journal.account()
        self._done = [bool(journal.done(index)) for index in range(len(windows))]
        self._needs_types, self._can_split = needs_types, can_split
        self._types = PropertyTypes()
        self._under_way: dict[int, WindowSink] = {}
        self._stop, self._token = sending.stop, CancelToken()
        self._failure: MixtuiError | None = None
        self._missing: list[DateWindow] = []
        """Days whose responses all end early."""
        self._problem = ""
        """How the last of them did, in a sentence."""
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
        try:
            await run_in_thread(self._check_parts, self._token)
        except Cancelled:
            return self._account
        async with asyncio.TaskGroup() as tasks:
            for index, is_done in enumerate(self._done):
                if not is_done:
                    tasks.create_task(self._work(index, tasks))
        if self._failure is not None:
            raise self._failure
        if self.was_stopped:
            return self._account
        self._raise_missing()
        self._is_writing = True
        with contextlib.suppress(Cancelled):
            await run_in_thread(self._finish, self._token)
        return self._account

    async def _work(self, index: int, tasks: asyncio.TaskGroup) -> None:
        """Fetch a window when it is its turn, unless another one failed."""
        async with self._slots:
            if self.was_stopped:
                return
            try:
                try:
                    await self._fetch(index)
                except IncompleteResponse as error:
                    await self._split(index, str(error), tasks)
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
            IncompleteResponse: Its responses end early.
            JobError: It cannot be fetched.
            Stopped: The job was stopped before the next attempt.
            MixtuiError: As `dispatch`.
        """
        window = self._windows[index]

        def open_sink() -> ResponseSink:
            if index in self._under_way:
                self._under_way[index].close()
            sink = WindowSink(self._path(index), self._new_checker())
            self._under_way[index] = sink
            return sink

        completed = await self._resender.send(
            self._make_request(window),
            open_sink,
            most_incomplete=ATTEMPTS_BEFORE_SPLIT
            if self._can_split and window.days > 1
            else MAX_ATTEMPTS,
        )
        if completed.outcome.exit_status != ExitStatus.ACCEPTED:
            problem = describe_refusal(completed.exchange, completed.outcome)
            raise JobError(f"Stopped: {problem}", completed.outcome.exit_status)
        sink = self._under_way[index]
        await asyncio.to_thread(self._keep, index, sink)
        del self._under_way[index]
        self._done[index] = True
        self._learn(sink.checker)
        self._account = Account(
            self._account.read + sink.count,
            self._account.stored + sink.count,
            0,
            self._account.bytes + sink.size,
        )

    async def _split(self, index: int, problem: str, tasks: asyncio.TaskGroup) -> None:
        """Let each half of a window be fetched by itself; one day cannot be had.

        Raises:
            StorageError: The journal failed.
        """
        window = self._windows[index]
        if not self._can_split or window.days == 1:
            self._missing.append(window)
            self._problem = problem
            return
        first, second = halves = cut_windows(window, -(-window.days // 2))
        await asyncio.to_thread(self._journal.replace_source, index, halves)
        self._windows[index] = first
        self._windows.append(second)
        self._done.append(False)
        self._report(
            f"{problem} Requesting {first.label} and {second.label} separately."
        )
        for each in (index, len(self._windows) - 1):
            tasks.create_task(self._work(each, tasks))

    def _raise_missing(self) -> None:
        """Say which days cannot be had.

        Raises:
            JobError: There are some.
        """
        if self._missing:
            labels = ", ".join(window.label for window in sorted(self._missing))
            raise JobError(
                f"Nothing was written: Mixpanel ended each of {MAX_ATTEMPTS} exports of "
                f"{labels} early. {self._problem} All other days were received.",
                ExitStatus.NO_RESPONSE,
            )

    def _new_checker(self) -> LineChecker:
        return TypeChecker(self._types.copy()) if self._needs_types else QuickChecker()

    def _learn(self, checker: LineChecker) -> None:
        """Add what is known of a window that is complete."""
        self._types.longest = max(self._types.longest, checker.longest)
        if isinstance(checker, TypeChecker):
            self._types.merge(checker.types)

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

    def _finish(self) -> None:
        """Make the output."""
        order = sorted(range(len(self._windows)), key=self._windows.__getitem__)
        received = [(self._windows[index], self._path(index)) for index in order]
        self._write_output(received, self._types, self._token)

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:05}.ndjson"

    def _check_parts(self) -> None:
        """Check the files that were received before, and forget those that are not whole.

        Nothing waits for the disk when they are received: after a power cut a file may have
        less than the journal says.

        Raises:
            Cancelled: By `stop`.
        """
        for index, window in enumerate(self._windows):
            if not self._done[index]:
                continue
            part, checker = self._journal.done(index)[0], self._new_checker()
            is_whole = check_file(self._path(index), checker, self._token)
            if is_whole and checker.count == part.end_line - 1:
                self._learn(checker)
                continue
            self._report(f"The file of {window.label} has changed: exporting it again.")
            self._journal.forget(index)
            self._done[index] = False
        self._account = self._journal.account()

    def _limit(self) -> Limit:
        if self._is_writing:
            return Limit.WRITING
        if self._gate.is_waiting:
            return Limit.QUOTA
        return Limit.RETRY if self._resender.is_waiting else Limit.SERVER
