"""Export profiles: collect the pages of a query into a file, then make the output.

The pages go into a file in a private folder of the job. The journal has which are in it, and
how long it was then; beside it is what asks for the next page. Mixpanel keeps the result of a
query for a while: until then a stopped export goes on where it was, and costs no further
query. After that it starts over.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.jobs.journal import Journal, received_folder
from mixtui.jobs.model import (
    Account,
    BatchResult,
    JobError,
    JobProgress,
    Limit,
    SourceRange,
)
from mixtui.jobs.record_output import run_in_thread
from mixtui.jobs.sending import Resender, Sending, Stopped, describe_refusal
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus, StorageError
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.paging import (
    CollectionProgress,
    collect,
    read_page,
    start_collection,
)
from mixtui.request.prepare import prepare
from mixtui.request.templates import escape_text
from mixtui.storage import files
from mixtui.storage.paths import private_folder
from mixtui.system import Cancelled, CancelToken

WriteOutput = Callable[[Path, CancelToken], None]
"""Makes the output of a file of profiles, one a line. Blocking; raises Cancelled."""
_PAGES, _QUERY = "profiles.ndjson", "query.json"


class ProfileQuery(Struct, frozen=True, omit_defaults=True):
    """Which profiles, and what of them. Its fields are parameters of the query."""

    where: str = ""
    output_properties: tuple[str, ...] = ()
    """Empty = all."""
    cohort: int | None = None
    distinct_ids: tuple[str, ...] = ()
    """Empty = all."""
    data_group_id: str = ""
    """Of groups; empty = users."""

    @property
    def form(self) -> str:
        """The parameters, one a line."""
        values = {
            "where": " ".join(self.where.splitlines()),
            "output_properties": _json(self.output_properties),
            "filter_by_cohort": _json(self.cohort and {"id": self.cohort}),
            "distinct_ids": _json(self.distinct_ids),
            "data_group_id": self.data_group_id,
        }
        return "\n".join(f"{name}={value}" for name, value in values.items() if value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode() if value else ""


def query_request(environment: Environment, query: ProfileQuery) -> PreparedRequest:
    """Return the request of the first page.

    Raises:
        CredentialError: A credential is missing.
        DraftError: The environment lacks an id.
    """
    draft = Draft(
        method=Method.POST,
        api=Api.QUERY,
        url="/query/engage",
        body=Body(BodyType.FORM, escape_text(query.form)),
    )
    return prepare(draft, environment)


class _Query(Struct, frozen=True):
    """What asks for the next page."""

    progress: CollectionProgress
    started: float
    """Unix seconds when the first page was requested."""


class ProfileExport:
    """A `Job` that exports profiles."""

    def __init__(
        self,
        request: PreparedRequest,
        sending: Sending,
        journal: Journal,
        write_output: WriteOutput,
        report: Callable[[str], None],
    ) -> None:
        """Read what the journal has; send nothing yet. Blocking.

        Args:
            request: As of `query_request`.
            sending: Sends it, and waits.
            journal: Of this job, new or resumed.
            write_output: Called when all pages are there.
            report: Says that the export starts over.

        Raises:
            StorageError: The journal cannot be read, or the folder not made.
        """
        self._request, self._journal = request, journal
        self._resender, self._stop = Resender(sending), sending.stop
        self._token, self._is_writing = CancelToken(), False
        self._write_output, self._report = write_output, report
        self._folder = private_folder(received_folder(journal.path))
        self._path = self._folder / _PAGES
        self._account = journal.account()
        self._length = self._pages = self._total = 0
        self.shortfall = ""
        """What the server left out, in a sentence."""

    def stop(self) -> None:
        """Finish the page that was requested, and end. Any thread may say so."""
        self._stop.set()
        self._token.cancel()

    @property
    def was_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set

    @property
    def progress(self) -> JobProgress:
        """How far it is, in profiles."""
        resender = self._resender
        limit = Limit.RETRY if resender.is_waiting else Limit.SERVER
        return JobProgress(
            self._account,
            self._account.read,
            resender.retries,
            Limit.WRITING if self._is_writing else limit,
            resender.problem,
            self._total,
        )

    async def run(self) -> Account:
        """Collect what the journal does not have, and make the output.

        Raises:
            JobError: It stopped; the pages so far are in the journal.
            MixtuiError: As `dispatch`.
        """
        try:
            query = await asyncio.to_thread(self._restore)
            result = await self._continue(query) if query is not None else None
            if result is None:
                result = await self._collect(await self._start())
        except Stopped:
            return self._account
        self.shortfall = result.shortfall
        # If the output cannot be written, it is all that remains to be done.
        await asyncio.to_thread(self._write_query, _Query(result, 0.0))
        self._is_writing = True
        with contextlib.suppress(Cancelled):
            write = partial(self._write_output, self._path, self._token)
            await run_in_thread(write, self._token)
        return self._account

    def _restore(self) -> _Query | None:
        """Return what asks for the next page; None = there is nothing to go on with."""
        done = self._journal.done(0)
        try:
            query = msgspec.json.decode(
                (self._folder / _QUERY).read_bytes(), type=_Query
            )
            if not done or self._path.stat().st_size < done[-1].end:
                return None
            os.truncate(self._path, done[-1].end)
        except (OSError, ValueError):
            return None
        self._length, self._pages = done[-1].end, done[-1].end_line - 1
        self._total = query.progress.total or 0
        progress = replace(
            query.progress,
            number=self._pages - 1,
            pages=self._pages,
            profiles=self._account.read,
        )
        return replace(query, progress=progress)

    async def _continue(self, query: _Query) -> CollectionProgress | None:
        """Collect the rest of a query; None = Mixpanel no longer keeps it."""
        try:
            return await self._collect(query)
        except JobError as error:
            is_gone = error.exit_status == ExitStatus.REFUSED
            if not is_gone or self._pages > query.progress.pages:
                raise
        self._report("Mixpanel no longer keeps this query: starting over.")
        return None

    async def _start(self) -> _Query:
        """Request the first page of a new query."""
        await asyncio.to_thread(self._clear)
        started = time.time()
        completed = await self._resender.send(self._request)
        outcome, exchange = completed.outcome, completed.exchange
        page = read_page(exchange.response.body)
        if outcome.exit_status or page is None:
            raise JobError(
                f"Stopped: {describe_refusal(exchange, outcome)}",
                outcome.exit_status or ExitStatus.REFUSED,
            )
        query = _Query(start_collection(page), started)
        self._total = query.progress.total or len(page.profiles)
        await asyncio.to_thread(self._write_query, query)
        await self._write(page.profiles)
        return query

    def _write_query(self, query: _Query) -> None:
        files.write(self._folder / _QUERY, msgspec.json.encode(query), mode=0o600)

    def _clear(self) -> None:
        self._journal.clear()
        self._account, self._length, self._pages = Account(), 0, 0
        try:
            self._path.write_bytes(b"")
        except OSError as error:
            raise _unwritable(self._path, error) from None

    async def _collect(self, query: _Query) -> CollectionProgress:
        """Request the pages behind the last one.

        Raises:
            JobError: A page did not come.
            Stopped: The job was stopped.
        """

        async def send(request: PreparedRequest) -> Exchange:
            if self._stop.is_set:
                raise Stopped
            return (await self._resender.send(request)).exchange

        result = await collect(
            self._request,
            query.progress,
            query.started,
            send=send,
            write=self._write,
            on_progress=lambda _: None,
        )
        if result.problem:
            raise JobError(f"Stopped: {result.problem}", result.exit_status)
        return result

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        """Append a page, and write into the journal that it is there."""
        if profiles or not self._pages:
            await asyncio.to_thread(self._append, profiles)

    def _append(self, profiles: tuple[bytes, ...]) -> None:
        text, count = b"".join(each + b"\n" for each in profiles), len(profiles)
        try:
            with self._path.open("ab") as file:
                file.write(text)
        except OSError as error:
            raise _unwritable(self._path, error) from None
        end = self._length + len(text)
        self._pages += 1
        part = SourceRange(self._length, end, self._pages + 1)
        self._journal.add(0, part, count, BatchResult(count))
        self._length = end
        account = self._account
        self._account = Account(
            account.read + count, account.stored + count, 0, account.bytes + len(text)
        )


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(path, f"{path} cannot be written: {error.strerror}.")
