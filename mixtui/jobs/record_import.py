"""Import records: read, check, send and account, all at once and in a bounded memory.

A thread reads, checks and cuts; tasks send what it cut, and write into the journal what
became of it. The thread waits while as much as `_IN_FLIGHT` is not accounted for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Protocol

from msgspec import Struct
from msgspec.structs import replace

from mixtui.jobs.batches import BatchCutter, Cutting
from mixtui.jobs.journal import Journal
from mixtui.jobs.model import (
    Account,
    Batch,
    BatchResult,
    JobProgress,
    Limit,
    RecordChecker,
)
from mixtui.jobs.pace import Pace
from mixtui.jobs.sending import Resender, Stopped
from mixtui.jobs.sources import Source
from mixtui.model.errors import MixtuiError

CONCURRENCY = 10
"""Requests at once, as Mixpanel advises: 10 to 20."""
_IN_FLIGHT = 20_000_000
"""Bytes of records that are read and not accounted for."""


class BatchSender(Protocol):
    """Sends batches, several at once."""

    resender: Resender

    def keys(self, batch: Batch) -> frozenset[bytes]:
        """Return what the batch changes: of two that share a key, the first is sent first."""
        ...

    def doubt(self, batch: Batch) -> BatchResult | None:
        """Return what becomes of a batch whose response never comes.

        None = it may be sent again.
        """
        ...

    async def send(self, batch: Batch) -> BatchResult:
        """Send a batch.

        Raises:
            JobError: Nothing more can be sent; a batch with a doubt was not.
            Stopped: The job was stopped; a batch with a doubt was not sent.
            MixtuiError: A credential cannot be read, or a setting is wrong.
        """
        ...


class _Turn(Struct, frozen=True, eq=False):
    """A batch among others that change the same."""

    batch: Batch
    keys: frozenset[bytes]
    before: frozenset[asyncio.Event]
    """Set when those are done that go first."""
    done: asyncio.Event


class _Order:
    """Lets batches that share a key be sent in the order in which they were read."""

    def __init__(self) -> None:
        self._last: dict[bytes, asyncio.Event] = {}

    def enter(self, batch: Batch, keys: frozenset[bytes]) -> _Turn:
        """Take a turn behind those that were read before."""
        before = frozenset(self._last[key] for key in keys if key in self._last)
        done = asyncio.Event()
        self._last.update(dict.fromkeys(keys, done))
        return _Turn(batch, keys, before, done)

    def leave(self, turn: _Turn) -> None:
        """Let the next ones be sent."""
        turn.done.set()
        for key in turn.keys:
            if self._last[key] is turn.done:
                del self._last[key]


class RecordImport:
    """A `Job` that imports."""

    def __init__(
        self,
        sources: Sequence[Source],
        cutting: Cutting,
        checker: RecordChecker,
        sender: BatchSender,
        journal: Journal,
        *,
        stdin: BinaryIO | None = None,
        concurrency: int = CONCURRENCY,
        pace: Pace | None = None,
    ) -> None:
        """Read what the journal has; send nothing yet. Blocking.

        Args:
            sources: What to read, in this order.
            cutting: How.
            checker: Checks each record.
            sender: Sends each batch.
            journal: Of this job, new or resumed.
            stdin: What ``-`` reads from.
            concurrency: Requests at once.
            pace: Holds sending back; None = as fast as possible.

        Raises:
            StorageError: The journal cannot be read.
        """
        self._sources, self._cutting, self._journal = sources, cutting, journal
        self._stdin, self._concurrency = stdin, concurrency
        self._pace = pace or Pace(None)
        self._checker, self._sender = checker, sender
        self._stop = sender.resender.stop
        self._account = journal.account()
        self._done = [journal.done(index) for index in range(len(sources))]
        self._source_bytes = 0
        self._read_bytes = self._account.bytes
        """Decompressed, also what is not sent because the job stops."""
        self._stopping = threading.Event()
        self._failure: MixtuiError | None = None
        self._in_flight = 0
        self._pending = 0
        """Bytes of the decompressed sources that were read and are not accounted for."""
        self._is_read = False
        self._order = _Order()
        self._room = asyncio.Condition()

    def stop(self) -> None:
        """Read no more, finish what was sent, and end. Any thread may say so."""
        self._stop.set()
        self._stopping.set()

    @property
    def was_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set

    @property
    def progress(self) -> JobProgress:
        """How far it is, in bytes of files as they are stored."""
        resender = self._sender.resender
        return JobProgress(
            self._account,
            self._done_bytes,
            resender.retries,
            self._limit(),
            resender.problem,
        )

    @property
    def _done_bytes(self) -> int:
        """Bytes of files whose records are accounted for; nearly, where compressed."""
        read = self._read_bytes
        done = self._account.bytes - self._pending
        return self._source_bytes * done // read if read else 0

    async def run(self) -> Account:
        """Import everything that the journal does not have; return the account.

        Raises:
            JobError: It stopped; what was sent is in the journal.
            MixtuiError: As `dispatch`.
        """
        queue: asyncio.Queue[_Turn | None] = asyncio.Queue()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(queue))
                for _ in range(self._concurrency):
                    tasks.create_task(self._work(queue))
        except BaseExceptionGroup as group:
            raise _first(group) from None
        finally:
            # The thread may wait for room, or be reading.
            self._stopping.set()
            async with self._room:
                self._room.notify_all()
        if self._failure is not None:
            raise self._failure
        return self._account

    def _fail(self, error: MixtuiError) -> None:
        """End like `stop`, and then with an error: what was sent gets its response."""
        self._failure = self._failure or error
        self._stopping.set()
        self._stop.set()

    async def _read(self, queue: asyncio.Queue[_Turn | None]) -> None:
        """Put every batch into the queue, then an end for each worker."""
        loop = asyncio.get_running_loop()

        def put(batch: Batch) -> None:
            keys = self._sender.keys(batch)
            asyncio.run_coroutine_threadsafe(
                self._put(queue, batch, keys), loop
            ).result()

        try:
            await asyncio.to_thread(self._read_sources, put)
        except MixtuiError as error:
            self._fail(error)
        self._is_read = True
        for _ in range(self._concurrency):
            queue.put_nowait(None)

    def _read_sources(self, put: Callable[[Batch], None]) -> None:
        """Read the sources, in a thread."""
        before = 0
        for index, source in enumerate(self._sources):
            if self._stopping.is_set():
                return
            cutter = BatchCutter(
                index,
                source,
                self._cutting,
                checker=self._checker,
                done=self._done[index],
                stdin=self._stdin,
            )
            try:
                for batch in self._until_stopped(cutter.batches()):
                    self._source_bytes = before + cutter.raw_position
                    put(batch)
            finally:
                cutter.close()
            before += source.size
            if not self._stopping.is_set():
                self._source_bytes = before

    def _until_stopped(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        for batch in batches:
            if self._stopping.is_set():
                return
            yield batch

    async def _put(
        self, queue: asyncio.Queue[_Turn | None], batch: Batch, keys: frozenset[bytes]
    ) -> None:
        async with self._room:
            await self._room.wait_for(
                lambda: (
                    not self._in_flight or self._in_flight + batch.size <= _IN_FLIGHT
                )
            )
            self._in_flight += batch.size
        self._count_read(batch, 1)
        self._read_bytes += batch.range.end - batch.range.start
        self._pending += batch.range.end - batch.range.start
        queue.put_nowait(self._order.enter(batch, keys))

    def _count_read(self, batch: Batch, sign: int) -> None:
        account, length = self._account, batch.range.end - batch.range.start
        self._account = replace(
            account,
            read=account.read + sign * batch.count,
            bytes=account.bytes + sign * length,
        )

    async def _work(self, queue: asyncio.Queue[_Turn | None]) -> None:
        while (turn := await queue.get()) is not None:
            for event in turn.before:
                await event.wait()
            try:
                await self._process(turn.batch)
            except MixtuiError as error:
                self._fail(error)
            self._pending -= turn.batch.range.end - turn.batch.range.start
            self._order.leave(turn)
            await self._release(turn.batch)

    async def _process(self, batch: Batch) -> None:
        try:
            await self._stop.interrupt(self._pace.take(batch.size))
            result = await self._send(batch)
        except Stopped:
            # It will be read again when the job is resumed.
            self._count_read(batch, -1)
            return
        self._account = self._account.with_result(result)

    async def _send(self, batch: Batch) -> BatchResult:
        """Send a batch, and write down what became of it."""
        add, entry = self._journal.add, None
        if doubt := self._sender.doubt(batch):
            entry = await asyncio.to_thread(
                add, batch.source, batch.range, batch.count, doubt
            )
        try:
            result = await self._sender.send(batch)
        except (MixtuiError, Stopped):
            if entry is not None:
                await asyncio.to_thread(self._journal.remove, entry)
            raise
        await asyncio.to_thread(
            add, batch.source, batch.range, batch.count, result, replaces=entry
        )
        return result

    async def _release(self, batch: Batch) -> None:
        async with self._room:
            self._in_flight -= batch.size
            self._room.notify_all()

    def _limit(self) -> Limit:
        if self._sender.resender.is_waiting:
            return Limit.RETRY
        if self._pace.is_waiting:
            return Limit.PACE
        is_full = self._is_read or self._in_flight > _IN_FLIGHT // 2
        return Limit.SERVER if is_full else Limit.READING


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
