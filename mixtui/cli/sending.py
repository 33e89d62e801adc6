"""Send a request from the command line: prepare, ask, wait, dispatch, print."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from mixtui.cli.arguments import (
    DraftSource,
    draft_from_arguments,
    session_from_arguments,
    variables,
)
from mixtui.cli.console import Console
from mixtui.cli.output import (
    Hints,
    exchange_json,
    failure_json,
    notices,
    print_request,
    print_response,
    rejected_record_lines,
    rejected_record_values,
    summary,
)
from mixtui.cli.sinks import (
    FilterSink,
    OutputFile,
    OutputSink,
    PipeSink,
    SinkResult,
    SpoolSink,
    check_filter,
)
from mixtui.client.body import Progress
from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Completed, Dispatched, NoResponse, dispatch
from mixtui.dispatch.quota import QuotaGuard, exhausted
from mixtui.dispatch.recording import HistoryRecorder
from mixtui.history.history import open_history
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.environment import Environment
from mixtui.model.errors import (
    DraftError,
    ExitStatus,
    Field,
    MixtuiError,
    SendError,
    StorageError,
)
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import PreparedRequest
from mixtui.model.quota import QuotaStatus
from mixtui.outcome.outcome import Outcome, no_response
from mixtui.outcome.paging import (
    QUOTA,
    CollectionProgress,
    Page,
    asks_for_profiles,
    collect,
    read_page,
    size_label,
    start_collection,
)
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.regions import other_regions
from mixtui.request.confirmation import confirmation_for, project_of
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values
from mixtui.session import Session
from mixtui.storage.files import PartFile
from mixtui.storage.paths import state_dir
from mixtui.storage.quota import QuotaStore
from mixtui.text import duration, size

_ERASE = "\r\x1b[K"
_PROGRESS_AFTER = 0.5
"""Seconds before a progress line is worth showing, and between two of them."""


@dataclass(frozen=True, slots=True)
class SendRun:
    """One ``mixtui send``: the prepared request, and what its steps need."""

    arguments: Namespace
    console: Console
    session: Session
    source: DraftSource
    request: PreparedRequest
    hints: Hints

    @property
    def environment(self) -> Environment:
        return self.session.environment

    @property
    def output_path(self) -> Path:
        """The file of ``-o``."""
        return self.console.folder / Path(os.path.expanduser(self.arguments.output))


def send(arguments: Namespace, console: Console) -> int:
    """Send what the arguments ask for; return the exit status.

    Raises:
        MixtuiError: It could not be sent, or no response came.
    """
    run = _prepared(arguments, console)
    for notice in notices(run.request):
        console.say(notice)
    run.hints.say(console, run.request.notices)
    check_filter(arguments)
    if arguments.all_pages:
        _check_all_pages(run)
    if arguments.dry_run:
        as_json = arguments.json
        print_request(run.request, console, as_json=as_json, hints=run.hints)
        return ExitStatus.ACCEPTED
    if not _may_send(run):
        console.say("Nothing was sent.")
        return ExitStatus.INTERRUPTED
    with contextlib.closing(QuotaStore(state_dir())) as quota:
        if arguments.wait:
            _wait_for_slot(run, quota)
        if arguments.all_pages:
            return _send_all_pages(run, quota)
        return _send_one(run, quota)


def _prepared(arguments: Namespace, console: Console) -> SendRun:
    """Prepare the request, and say what was noticed on the way.

    Raises:
        MixtuiError: It cannot be prepared.
    """
    provided = variables(arguments)
    session = session_from_arguments(arguments, console)
    source = draft_from_arguments(arguments, session, console)
    for warning in (*session.warnings, *source.warnings):
        console.say(warning)
    values = Values(session.environment, provided, process=console.variables)
    hints = _hints(arguments, console, session.environment, source, values)
    try:
        request = prepare(
            source.draft, session.environment, folder=source.folder, values=values
        )
    except DraftError as error:
        # Of a URL there is no more to say; of a body there may be.
        hints.say(console, {error.field} & {Field.URL})
        raise
    except MixtuiError:
        hints.say(console)
        raise
    return SendRun(arguments, console, session, source, request, hints)


def _hints(
    arguments: Namespace,
    console: Console,
    environment: Environment,
    source: DraftSource,
    values: Values,
) -> Hints:
    """Find what is probably wrong, if somebody reads it."""
    on_stderr = arguments.dry_run or console.shows_progress
    if arguments.no_hints or not (on_stderr or arguments.json):
        return Hints()
    from mixtui.hints import find_hints

    hints = find_hints(source.draft, environment, values=values, folder=source.folder)
    return Hints(hints, on_stderr)


def _may_send(run: SendRun) -> bool:
    """Ask before a write, where it must be asked (see `request.confirmation`).

    Raises:
        DraftError: There is nobody to ask.
    """
    arguments, console = run.arguments, run.console
    confirmation = confirmation_for(run.request, run.environment)
    if confirmation is None or (arguments.yes and not confirmation.word):
        return True
    sentence, word = confirmation.sentence, confirmation.word
    if confirmation.dangerous and arguments.confirm is not None:
        if arguments.confirm == (word or project_of(run.request)):
            return True
        raise DraftError(
            Field.ENVIRONMENT,
            f"{sentence}, and --confirm names another: {arguments.confirm}.",
        )
    if not console.can_ask:
        option = f"--confirm {word}" if word else "--yes"
        raise DraftError(
            Field.ENVIRONMENT,
            f"{sentence}, which wants to be asked first: add {option} to send "
            "it from a script.",
        )
    if word:
        return console.ask_for(f"{sentence}. Type {word} to send it:") == word
    return console.ask(f"{sentence}. Send it?")


# The quota


def _wait_for_slot(run: SendRun, quota: QuotaStore) -> None:
    """Wait until the quota has a slot; for reads alone.

    Raises:
        KeyboardInterrupt: ctrl+c ended the wait, and nothing was sent.
    """
    console = run.console
    if run.request.safety.writes:
        console.say("Nothing that writes waits for a slot: it is sent at once.")
        return
    accounts = quota_accounts(run.request, run.environment)
    while True:
        try:
            status = exhausted(quota, accounts)
        except StorageError as error:
            console.say(str(error))
            return
        if status is None:
            return
        if console.shows_progress:
            _count_down(status, console)
            continue
        now = time.time()
        console.say(f"The quota is used up ({status.label(now)}): waiting.")
        _sleep(max(status.free_at(now) - now, 0.0))


def _count_down(status: QuotaStatus, console: Console) -> None:
    """Count the seconds down on one line of the terminal."""
    until = status.free_at(time.time())
    try:
        while (left := until - time.time()) > 0:
            minutes, seconds = divmod(int(left + 1), 60)
            _draw(
                console,
                f"sends in {minutes}:{seconds:02} ({status.count}); ctrl+c sends nothing",
            )
            _sleep(min(left, 1.0))
    finally:
        _draw(console)


def _sleep(seconds: float) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; nothing was sent.") from None


# One request


def _send_one(run: SendRun, quota: QuotaStore) -> int:
    console = run.console
    with _sink(run) as sink:
        try:
            dispatched = asyncio.run(_dispatch(run, quota, sink))
        except KeyboardInterrupt:
            in_doubt = run.request.safety.writes and not sink.has_response
            text = "Interrupted; the server may have done it." if in_doubt else ""
            raise KeyboardInterrupt(text) from None
        if isinstance(dispatched, NoResponse):
            if run.arguments.json:
                console.print(failure_json(run.request, dispatched.outcome, run.hints))
            raise dispatched.error
        exchange, outcome, result = dispatched.exchange, dispatched.outcome, sink.result
        _print(run, exchange, outcome, result)
    for line in (*summary(exchange, outcome), *exchange.notices, *result.messages):
        console.say(line)
    for line in rejected_record_lines(exchange, run.source.draft, run.source.folder):
        console.say(line)
    return outcome.exit_status or result.exit_status


async def _dispatch(run: SendRun, quota: QuotaStore, sink: OutputSink) -> Dispatched:
    client = Client(run.session.secrets)
    try:
        with _recorder(run) as recorder:
            async with ProgressLine(run.console) as progress:
                return await dispatch(
                    run.request,
                    client=client,
                    quota=_quota_guard(run, run.request, quota),
                    history=recorder,
                    sink=sink,
                    known=other_regions(run.request, run.session.environments),
                    on_progress=progress.update,
                )
    finally:
        await client.close()


def _sink(run: SendRun) -> OutputSink:
    """Where the body goes while it comes."""
    arguments, console = run.arguments, run.console
    if arguments.filter is not None:
        return FilterSink(arguments.filter, at_once=console.shows_body)
    if arguments.output and arguments.output != "-":
        return OutputFile(run.output_path)
    if arguments.json or console.shows_body:
        return OutputSink()
    if arguments.include:
        return SpoolSink()
    return PipeSink(console)


def _quota_guard(
    run: SendRun, request: PreparedRequest, quota: QuotaStore
) -> QuotaGuard:
    accounts = quota_accounts(request, run.environment)
    return QuotaGuard(quota, accounts, report=lambda error: run.console.say(str(error)))


@contextlib.contextmanager
def _recorder(run: SendRun) -> Iterator[HistoryRecorder | None]:
    """What stores the request in the history; None = nothing does."""
    if run.arguments.no_history:
        yield None
        return
    with contextlib.closing(open_history(run.session.settings.history)) as history:
        yield HistoryRecorder(
            lambda: history,
            run.source.draft,
            run.source.path,
            report=run.console.say,
            cancelled=_interrupted,
        )


def _interrupted(safety: Safety) -> Outcome:
    """How a request ended that ctrl+c ended."""
    sentence = "Interrupted before all of an answer had come."
    kind = no_response(SendError(sentence, maybe_done=safety.writes)).kind
    return Outcome(kind, kind.value, sentence, ExitStatus.INTERRUPTED)


def _print(
    run: SendRun, exchange: Exchange, outcome: Outcome, result: SinkResult
) -> None:
    arguments, source = run.arguments, run.source
    if arguments.json:
        rejected = rejected_record_values(exchange, source.draft, source.folder)
        text = exchange_json(exchange, outcome, result, run.hints, rejected)
        run.console.print(text)
        return
    print_response(
        exchange,
        result,
        run.console,
        include=arguments.include,
        explained=bool(outcome.detail),
    )


# All pages


def _check_all_pages(run: SendRun) -> None:
    """Refuse what cannot be: no file to write, or no profile query.

    Raises:
        DraftError: Says which.
    """
    arguments = run.arguments
    if not arguments.output or arguments.output == "-":
        raise DraftError(Field.OPTIONS, "--all-pages needs -o FILE.")
    if arguments.filter is not None or arguments.json or arguments.include:
        raise DraftError(
            Field.OPTIONS,
            "--all-pages writes profiles as they come: leave out --filter, --json and "
            "--include.",
        )
    if not asks_for_profiles(run.request):
        raise DraftError(
            Field.URL,
            "--all-pages is for profile queries: POST /query/engage --api query.",
        )


def _send_all_pages(run: SendRun, quota: QuotaStore) -> int:
    """Collect the pages; return the exit status.

    Raises:
        MixtuiError: It could not be sent, or the first request got no response.
    """
    job = _PageJob(run, quota)
    try:
        return asyncio.run(job.run())
    except KeyboardInterrupt:
        raise KeyboardInterrupt(job.keep_part()) from None


class _PageJob:
    """Sends the query, then asks for the pages behind the first one."""

    def __init__(self, run: SendRun, quota: QuotaStore) -> None:
        self._run, self._quota = run, quota
        self._console = run.console
        self._path = run.output_path
        self._client = Client(run.session.secrets)
        self._progress: CollectionProgress | None = None
        self._file: PartFile | None = None
        self._drawn = False

    async def run(self) -> int:
        """Write all pages; return the exit status."""
        try:
            first = await self._first()
            for line in summary(first.exchange, first.outcome):
                self._console.say(line)
            page = read_page(first.exchange.response.body)
            if first.outcome.exit_status or page is None:
                return self._print_refusal(first)
            self._console.say(f"{size_label(page)}. {QUOTA}")
            return await self._collect(first.exchange, page)
        finally:
            await self._client.close()

    def keep_part(self) -> str:
        """Keep an unfinished file; return a sentence about it, empty if there is none."""
        if self._file is None or self._progress is None:
            return ""
        return f"Kept in {self._file.close_partial()}: {self._progress.summary}."

    async def _first(self) -> Completed:
        request = self._run.request
        with _recorder(self._run) as recorder:
            async with ProgressLine(self._console) as progress:
                dispatched = await dispatch(
                    request,
                    client=self._client,
                    quota=_quota_guard(self._run, request, self._quota),
                    history=recorder,
                    known=other_regions(request, self._run.session.environments),
                    on_progress=progress.update,
                )
        return _completed(dispatched)

    async def _next(self, request: PreparedRequest) -> Exchange:
        """Send the request for a later page: it belongs to the entry of the first one."""
        guard = _quota_guard(self._run, request, self._quota)
        dispatched = await dispatch(request, client=self._client, quota=guard)
        return _completed(dispatched).exchange

    def _print_refusal(self, first: Completed) -> int:
        """Print what came, as it is no content of the file."""
        exchange, outcome = first.exchange, first.outcome
        print_response(
            exchange,
            SinkResult(exchange.response.body),
            self._console,
            include=False,
            explained=bool(outcome.detail),
        )
        self._console.say(f"{self._path} was not written: the answer is no page.")
        return outcome.exit_status or ExitStatus.REFUSED

    async def _collect(self, exchange: Exchange, page: Page) -> int:
        started = exchange.timing.started.timestamp()
        self._file = file = PartFile(self._path, overwrite=True)
        await self._write(page.profiles)
        progress = self._progress = start_collection(page)
        while True:
            try:
                progress = await collect(
                    self._run.request,
                    progress,
                    started,
                    send=self._next,
                    write=self._write,
                    on_progress=self._show,
                )
            except MixtuiError:
                self._erase()
                self._console.say(self.keep_part())
                raise
            self._progress = progress
            self._erase()
            if progress.complete:
                break
            if not self._wants_to_go_on(progress):
                self._console.say(self.keep_part())
                self._console.say(progress.rest)
                return progress.exit_status
        file.finish()
        self._console.say(f"{self._path}: {progress.summary}, {size(file.size)}.")
        return ExitStatus.ACCEPTED

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        assert self._file is not None
        self._file.write(b"".join(profile + b"\n" for profile in profiles))

    def _show(self, progress: CollectionProgress) -> None:
        self._progress = progress
        if self._console.shows_progress:
            _draw(self._console, progress.progress)
            self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            _draw(self._console)
            self._drawn = False

    def _wants_to_go_on(self, progress: CollectionProgress) -> bool:
        self._console.say(progress.problem)
        if not self._console.can_ask:
            return False
        return self._console.ask(
            f"{progress.summary} came. Go on from page {progress.number + 2}?"
        )


def _completed(dispatched: Dispatched) -> Completed:
    """Return a response.

    Raises:
        SendError: None came.
    """
    if isinstance(dispatched, NoResponse):
        raise dispatched.error
    return dispatched


# Progress on the terminal


class ProgressLine:
    """Time and bytes of a request in flight, where stderr is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.perf_counter()
        self._received: Progress | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._drawn = False

    def update(self, progress: Progress) -> None:
        """Take what the next line shows."""
        self._received = progress

    async def __aenter__(self) -> Self:
        if self._console.shows_progress:
            self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ticker is None:
            return
        self._ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticker
        if self._drawn:
            _draw(self._console)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_PROGRESS_AFTER)
            _draw(self._console, self._text())
            self._drawn = True

    def _text(self) -> str:
        elapsed = duration(time.perf_counter() - self._started)
        if self._received is None:
            return f"waiting · {elapsed}"
        received = size(self._received.bytes)
        if self._received.total:
            received += f" of {size(self._received.total)}"
        return f"{received} · {elapsed}"


def _draw(console: Console, line: str = "") -> None:
    """Replace the line of the terminal that the cursor is on."""
    console.stderr.write(f"{_ERASE}{line}")
    console.stderr.flush()
