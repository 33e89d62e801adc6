"""Sends a request without a screen: the same steps, on streams."""

from __future__ import annotations

import asyncio
import os
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mixtui.cli.console import Console
from mixtui.cli.drafting import DraftSource, draft_from_arguments, variables
from mixtui.cli.output import (
    Hints,
    exchange_json,
    failure_json,
    notices,
    print_answer,
    print_request,
    refused_lines,
    refused_values,
    summary,
)
from mixtui.cli.progress import ProgressLine
from mixtui.cli.session import session_from_arguments
from mixtui.cli.sinks import (
    FilterSink,
    OutputFile,
    OutputSink,
    PipeSink,
    SinkResult,
    SpoolSink,
    check_filter,
)
from mixtui.client.body import BodySink
from mixtui.client.client import Client
from mixtui.document.source import Spool
from mixtui.history.history import History, open_history
from mixtui.model.environment import Environment, Environments
from mixtui.model.errors import (
    CredentialError,
    DraftError,
    ExitStatus,
    Field,
    MixtuiError,
    SendError,
    SettingsError,
    StorageError,
)
from mixtui.model.exchange import Exchange, Timing
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import SecretReader
from mixtui.outcome.answers import read_answer
from mixtui.outcome.outcome import Outcome, no_answer, outcome
from mixtui.outcome.paging import (
    QUOTA,
    CollectionProgress,
    Page,
    asks_for_profiles,
    collect,
    read_page,
    size_words,
    start_collection,
)
from mixtui.outcome.quota import QuotaStatus, correction, quota_accounts
from mixtui.outcome.regions import other_regions
from mixtui.request.confirmation import confirmation_for, project_of
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values
from mixtui.session import Session
from mixtui.storage.files import PartFile
from mixtui.storage.paths import private_folder, state_dir
from mixtui.storage.quota import QuotaStore, QuotaTicket
from mixtui.storage.settings import HistorySettings
from mixtui.text import size

_NOT_KEPT = "The body was not kept."


class HistoryRecorder:
    """Keeps one call, if it is to be kept."""

    def __init__(
        self,
        request: PreparedRequest,
        source: DraftSource,
        limits: HistorySettings,
        arguments: Namespace,
        console: Console,
    ) -> None:
        self._request = request
        self._source = source
        self._console = console
        history = open_history(limits)
        wanted = not arguments.no_history and history.keeps(request)
        self._history = history if wanted else None
        self._copy: _Copy | None = None
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()

    def beside(self, sink: BodySink | None, *, copied: bool) -> BodySink | None:
        """A sink that the client writes to, and that keeps a copy of the body.

        Args:
            sink: Where the body goes; None = into memory, where it is found later.
            copied: Keep a copy; not of what goes into a file of the person's.
        """
        if self._history is None or sink is None or not copied:
            return sink
        try:
            folder = private_folder(self._history.bodies.path)
        except StorageError:
            return sink  # It is told when the record cannot be kept either.
        self._copy = _Copy(sink, Spool(folder), self._history.limits.bytes)
        return self._copy

    def answered(
        self, exchange: Exchange, ended: Outcome, delivered: SinkResult | None
    ) -> None:
        """Keep an answer.

        Args:
            exchange: What was answered.
            ended: How the call ended.
            delivered: What became of the body; None = it was lost on the way.
        """
        body: bytes | Spool | None = None
        note = ""
        if self._copy is not None:
            body, note = self._copy.spool, self._copy.note
        elif exchange.response.written is None:
            body = exchange.response.body
        elif delivered is not None and delivered.content is not None:
            body = delivered.content
        elif delivered is not None and delivered.path is not None:
            note = f"The body was written to {delivered.path.absolute()}."
        else:
            note = _NOT_KEPT
        self._keep(
            lambda history: history.keep(
                exchange,
                ended,
                self._source.draft,
                body=body,
                file=self._source.path,
                note=note,
            )
        )

    def not_answered(self, error: SendError) -> None:
        """Keep that no answer came."""
        self._keep_failure(no_answer(error))

    def interrupted(self) -> None:
        """Keep that the person did not wait for the end."""
        sentence = "Interrupted before all of an answer had come."
        writes = self._request.safety.writes
        kind = no_answer(SendError(sentence, maybe_done=writes)).kind
        ended = Outcome(kind, kind.value, sentence, ExitStatus.INTERRUPTED)
        self._keep_failure(ended)

    def _keep_failure(self, ended: Outcome) -> None:
        waited = time.perf_counter() - self._clock
        timing = Timing(self._started, waited, waited)
        draft, file = self._source.draft, self._source.path
        self._keep(
            lambda history: history.keep_failure(
                self._request, ended, draft, timing, file=file
            )
        )

    def _keep(self, work: Callable[[History], object]) -> None:
        if self._history is None:
            return
        try:
            work(self._history)
        except StorageError as error:
            self._console.say(f"Not kept in the history: {error}")
        finally:
            self._history.close()
        if warning := self._history.take_warning():
            self._console.say(warning)


class _Copy:
    """Writes to two places; the second may fail, or be too small."""

    def __init__(self, sink: BodySink, spool: Spool, limit: int) -> None:
        self._sink = sink
        self._limit = limit
        self.spool: Spool | None = spool
        """None = the copy was given up."""
        self.note = ""
        """Why."""

    def write(self, piece: bytes, /) -> int:
        """One piece of the body."""
        written = self._sink.write(piece)
        if self.spool is None:
            return written
        if self.spool.size + len(piece) > self._limit:
            self.spool = None
            self.note = "The body is not kept: it is more than history.bytes allows."
            return written
        try:
            self.spool.write(piece)
        except OSError as error:
            self.spool = None
            self.note = f"The body could not be kept: {error.strerror}."
        return written


_ERASE_counting = "\r\x1b[K"


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
                    f"{_ERASE_counting}sends in {minutes}:{seconds:02} "
                    f"({full.count}); ctrl+c sends nothing"
                )
                _sleep(min(left, 1.0))
        finally:
            self._write(_ERASE_counting)

    def _write(self, text: str) -> None:
        self._console.stderr.write(text)
        self._console.stderr.flush()


def _sleep(seconds: float) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; nothing was sent.") from None


def send(arguments: Namespace, console: Console) -> int:
    """Send what the arguments ask for; returns the exit status.

    Raises:
        MixtuiError: It could not be sent, or nothing answered.
    """
    given = variables(arguments)
    session = session_from_arguments(arguments, console)
    source = draft_from_arguments(arguments, session, console)
    for warning in (*session.warnings, *source.warnings):
        console.say(warning)
    environment = session.environment
    values = Values(environment, given, process=console.variables)
    hints = _hints(source, environment, values, arguments, console)
    try:
        request = prepare(
            source.draft, environment, folder=source.folder, values=values
        )
    except DraftError as error:
        # Of a URL there is no more to say; of a body there may be.
        hints.say(console, {error.field} & {Field.URL})
        raise
    except MixtuiError:
        hints.say(console)
        raise
    for notice in notices(request):
        console.say(notice)
    hints.say(console, request.notices)
    check_filter(arguments)
    if arguments.all_pages:
        check_all_pages(request, arguments)
    if arguments.dry_run:
        print_request(request, console, as_json=arguments.json, hints=hints)
        return ExitStatus.ACCEPTED
    if not _may_send(request, environment, arguments, console):
        console.say("Nothing was sent.")
        return ExitStatus.INTERRUPTED
    counter = QuotaGuard(request, environment, console)
    if arguments.wait:
        counter.wait()
    keeper = HistoryRecorder(
        request, source, session.settings.history, arguments, console
    )
    if arguments.all_pages:
        return send_all_pages(request, session, keeper, counter, arguments, console)
    with _sink(arguments, console) as sink:
        exchange = _exchange(
            request, session.secrets, sink, keeper, counter, arguments, console, hints
        )
        ended = outcome(exchange, other_regions(request, session.environments))
        status = _deliver(
            exchange, ended, sink, keeper, source, arguments, console, hints
        )
    for line in refused_lines(exchange, source.draft, source.folder):
        console.say(line)
    return status


def _hints(
    source: DraftSource,
    environment: Environment,
    values: Values,
    arguments: Namespace,
    console: Console,
) -> Hints:
    """What is probably wrong, where somebody reads it."""
    spoken = arguments.dry_run or console.shows_progress
    if arguments.no_hints or not (spoken or arguments.json):
        return Hints()
    from mixtui.hints import find_hints

    found = find_hints(source.draft, environment, values=values, folder=source.folder)
    return Hints(found, spoken)


def _may_send(
    request: PreparedRequest,
    environment: Environment,
    arguments: Namespace,
    console: Console,
) -> bool:
    """Ask before what writes, where it must be asked (see `request.confirmation`).

    Raises:
        DraftError: There is nobody to ask.
    """
    asked = confirmation_for(request, environment)
    if asked is None or (arguments.yes and not asked.word):
        return True
    option = f"--confirm {asked.word}" if asked.word else "--yes"
    if asked.dangerous and arguments.confirm is not None:
        if arguments.confirm == (asked.word or project_of(request)):
            return True
        raise DraftError(
            Field.ENVIRONMENT,
            f"{asked.sentence}, and --confirm names another: {arguments.confirm}.",
        )
    if not console.can_ask:
        raise DraftError(
            Field.ENVIRONMENT,
            f"{asked.sentence}, which wants to be asked first: add {option} to send "
            "it from a script.",
        )
    if asked.word:
        return console.ask_for(f"{asked.sentence}. Type {asked.word} to send it:") == (
            asked.word
        )
    return console.ask(f"{asked.sentence}. Send it?")


def _sink(arguments: Namespace, console: Console) -> OutputSink:
    """Where the body goes while it comes."""
    if arguments.filter is not None:
        return FilterSink(arguments.filter, whole=console.shows_body)
    if arguments.output and arguments.output != "-":
        return OutputFile(console.folder / Path(os.path.expanduser(arguments.output)))
    if arguments.json or console.shows_body:
        return OutputSink()
    if arguments.include:
        return SpoolSink(console)
    return PipeSink(console)


def _exchange(
    request: PreparedRequest,
    secrets: SecretReader,
    sink: OutputSink,
    keeper: HistoryRecorder,
    counter: QuotaGuard,
    arguments: Namespace,
    console: Console,
    hints: Hints,
) -> Exchange:
    counter.count()
    file = keeper.beside(sink.file, copied=not isinstance(sink, OutputFile))
    try:
        exchange = asyncio.run(_send(request, secrets, file, console))
        counter.answered(exchange)
        return exchange
    except (CredentialError, SettingsError):
        counter.not_made()
        raise
    except SendError as error:
        if not error.arrived:
            counter.not_made()
        keeper.not_answered(error)
        if arguments.json:
            console.print(failure_json(request, no_answer(error), hints))
        raise
    except KeyboardInterrupt:
        keeper.interrupted()
        done = request.safety.writes
        words = "Interrupted; the server may have done it." if done else ""
        raise KeyboardInterrupt(words) from None


async def _send(
    request: PreparedRequest,
    secrets: SecretReader,
    file: BodySink | None,
    console: Console,
) -> Exchange:
    from mixtui.client.client import Client

    client = Client(secrets)
    try:
        async with ProgressLine(console) as progress:
            return await client.send(request, on_progress=progress.tell, sink=file)
    finally:
        await client.close()


def _deliver(
    exchange: Exchange,
    ended: Outcome,
    sink: OutputSink,
    keeper: HistoryRecorder,
    source: DraftSource,
    arguments: Namespace,
    console: Console,
    hints: Hints,
) -> int:
    """Put the answer where it belongs, keep it, and say how the call ended."""
    body: SinkResult | None = None
    try:
        body = sink.finish(exchange, ended)
        _print(exchange, ended, body, source, arguments, console, hints)
    finally:
        keeper.answered(exchange, ended, body)
    for line in (*summary(exchange, ended), *exchange.notices, *body.words):
        console.say(line)
    return ended.exit_status or body.exit_status


def _print(
    exchange: Exchange,
    ended: Outcome,
    body: SinkResult,
    source: DraftSource,
    arguments: Namespace,
    console: Console,
    hints: Hints,
) -> None:
    if arguments.json:
        refused = refused_values(exchange, source.draft, source.folder)
        console.print(exchange_json(exchange, ended, body, hints, refused))
    else:
        print_answer(
            exchange,
            body,
            console,
            include=arguments.include,
            explained=bool(ended.detail),
        )


_ERASE = "\r\x1b[K"


def check_all_pages(request: PreparedRequest, arguments: Namespace) -> None:
    """Refuse what cannot be: no file to write, or no profile query.

    Raises:
        DraftError: Says which.
    """
    if not arguments.output or arguments.output == "-":
        raise DraftError(Field.OPTIONS, "--all-pages needs -o FILE.")
    if arguments.filter is not None or arguments.json or arguments.include:
        raise DraftError(
            Field.OPTIONS,
            "--all-pages writes profiles as they come: leave out --filter, --json and "
            "--include.",
        )
    if not asks_for_profiles(request):
        raise DraftError(
            Field.URL,
            "--all-pages is for profile queries: POST /query/engage --api query.",
        )


def send_all_pages(
    request: PreparedRequest,
    session: Session,
    keeper: HistoryRecorder,
    counter: QuotaGuard,
    arguments: Namespace,
    console: Console,
) -> int:
    """Collect the pages; returns the exit status.

    Raises:
        MixtuiError: It could not be sent, or nothing answered the first time.
    """
    path = console.folder / Path(os.path.expanduser(arguments.output))
    job = _Job(request, session.environments, keeper, counter, console, path)
    counter.count()
    try:
        return asyncio.run(job.run(session.secrets))
    except (CredentialError, SettingsError):
        if job.here is None:
            counter.not_made()
        raise
    except SendError as error:
        if not error.arrived:
            counter.not_made()
        keeper.not_answered(error)
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt(job.kept()) from None


@dataclass
class _Job:
    """One run: the first page, then those behind it."""

    request: PreparedRequest
    environments: Environments
    keeper: HistoryRecorder
    counter: QuotaGuard
    console: Console
    path: Path
    here: CollectionProgress | None = None
    file: PartFile | None = None
    _drawn: bool = field(default=False)

    async def run(self, secrets: SecretReader) -> int:
        client = Client(secrets)
        try:
            async with ProgressLine(self.console) as progress:
                exchange = await client.send(self.request, on_progress=progress.tell)
            self.counter.answered(exchange)
            known = other_regions(self.request, self.environments)
            ended = outcome(exchange, known)
            page = read_page(exchange.response.body)
            self.keeper.answered(exchange, ended, None)
            for line in summary(exchange, ended):
                self.console.say(line)
            if ended.exit_status or page is None:
                return self._no_page(exchange, ended)
            self.console.say(f"{size_words(page)}. {QUOTA}")
            return await self._pages(client, exchange, page)
        finally:
            await client.close()

    def kept(self) -> str:
        """What there is of an unfinished file, in a sentence; empty if nothing."""
        if self.file is None or self.here is None:
            return ""
        return f"Kept in {self.file.keep()}: {self.here.summary}."

    def _no_page(self, exchange: Exchange, ended: Outcome) -> int:
        """What came is no content of the file: it is printed."""
        print_answer(
            exchange,
            SinkResult(exchange.response.body),
            self.console,
            include=False,
            explained=bool(ended.detail),
        )
        self.console.say(f"{self.path} was not written: the answer is no page.")
        return ended.exit_status or ExitStatus.REFUSED

    async def _pages(self, client: Client, exchange: Exchange, page: Page) -> int:
        started = exchange.timing.started.timestamp()
        self.file = PartFile(self.path, overwrite=True)
        await self._write(page.profiles)
        self.here = start_collection(page)
        while True:
            try:
                self.here = await collect(
                    self.request,
                    self.here,
                    started,
                    send=client.send,
                    write=self._write,
                    told=self._tell,
                )
            except MixtuiError:
                self._erase()
                self.console.say(self.kept())
                raise
            self._erase()
            if self.here.complete:
                break
            if not self._goes_on(self.here):
                return self._stopped(self.here)
        self.file.finish()
        self.console.say(f"{self.path}: {self.here.summary}, {size(self.file.size)}.")
        return ExitStatus.ACCEPTED

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        assert self.file is not None
        self.file.write(b"".join(profile + b"\n" for profile in profiles))

    def _tell(self, here: CollectionProgress) -> None:
        self.here = here
        if self.console.shows_progress:
            self.console.stderr.write(f"{_ERASE}{here.progress}")
            self.console.stderr.flush()
            self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self.console.stderr.write(_ERASE)
            self._drawn = False

    def _goes_on(self, here: CollectionProgress) -> bool:
        self.console.say(here.problem)
        if not self.console.can_ask:
            return False
        return self.console.ask(
            f"{here.summary} came. Go on from page {here.number + 2}?"
        )

    def _stopped(self, here: CollectionProgress) -> int:
        self.console.say(self.kept())
        self.console.say(here.rest)
        return here.exit_status
