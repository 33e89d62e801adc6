"""Sends a request without a screen: the same steps, on streams."""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace
from pathlib import Path

from mixtui.cli.console import Console
from mixtui.cli.counting import QuotaGuard
from mixtui.cli.drafting import DraftSource, draft_from_arguments, variables
from mixtui.cli.filter_sink import FilterSink, check_filter
from mixtui.cli.hints import Hints
from mixtui.cli.keeping import HistoryRecorder
from mixtui.cli.output_file import OutputFile
from mixtui.cli.places import session_from_arguments
from mixtui.cli.progress import ProgressLine
from mixtui.cli.refused import refused_lines, refused_values
from mixtui.cli.request_view import notices, print_request
from mixtui.cli.results import exchange_json, failure_json, print_answer, summary
from mixtui.cli.sinks import OutputSink, PipeSink, SinkResult, SpoolSink
from mixtui.core.environments import Environment
from mixtui.core.errors import (
    CredentialError,
    DraftError,
    ExitStatus,
    Field,
    MixtuiError,
    SendError,
    SettingsError,
)
from mixtui.core.exchange import Exchange
from mixtui.core.guarding import confirmation_for, project_of
from mixtui.core.outcome import Outcome, no_answer, outcome
from mixtui.core.prepare import PreparedRequest, prepare
from mixtui.core.receiving import BodySink
from mixtui.core.regions import other_regions
from mixtui.core.secrets import SecretReader
from mixtui.core.templates import Values


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
        from mixtui.cli.all_pages import check_all_pages

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
        from mixtui.cli.all_pages import send_all_pages

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
    from mixtui.core.advice import find_hints

    found = find_hints(source.draft, environment, values=values, folder=source.folder)
    return Hints(found, spoken)


def _may_send(
    request: PreparedRequest,
    environment: Environment,
    arguments: Namespace,
    console: Console,
) -> bool:
    """Ask before what writes, where it must be asked (see `core.guarding`).

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
    from mixtui.core.client import Client

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
