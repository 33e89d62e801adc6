"""Send a request from the command line: prepare, confirm, wait, dispatch, print."""

from __future__ import annotations

import asyncio
import contextlib
import time
from argparse import Namespace

from msgspec.structs import replace

from mixtui.cli.arguments import provided_variables, session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.hints import Hints
from mixtui.cli.send.draft import DraftSource, draft_from_arguments
from mixtui.cli.send.output import (
    notices,
    print_response,
    rejected_record_lines,
    rejected_record_values,
    summary_lines,
)
from mixtui.cli.send.run import ProgressLine, SendRun, draw_line
from mixtui.cli.send.sinks import (
    OutputFile,
    OutputSink,
    PipeSink,
    SinkResult,
    SpoolSink,
)
from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Dispatched, NoResponse, dispatch
from mixtui.dispatch.quota import exhausted
from mixtui.model.environment import Environment
from mixtui.model.errors import DraftError, ExitStatus, Field, MixtuiError, StorageError
from mixtui.model.exchange import Exchange
from mixtui.model.quota import QuotaStatus
from mixtui.outcome.outcome import Outcome
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.regions import other_regions
from mixtui.request.confirmation import required_confirmation, target_project_id
from mixtui.request.inputs import bind_inputs
from mixtui.request.powers import template_texts
from mixtui.request.prepare import check_before_inputs, prepare
from mixtui.request.templates import Values, value_sources
from mixtui.storage.paths import state_dir
from mixtui.storage.quota import QuotaStore


def send(arguments: Namespace, console: Console) -> int:
    """Send the requested draft; return the exit status.

    Raises:
        MixtuiError: It could not be sent, or no response came.
    """
    run = _prepare_run(arguments, console)
    for notice in notices(run.request):
        console.report(notice)
    run.hints.report(console, run.request.notices)
    if arguments.filter is not None:
        from mixtui.cli.send.filter_sink import check_filter

        check_filter(arguments)
    if arguments.all_pages:
        from mixtui.cli.send.all_pages import check_all_pages

        check_all_pages(run)
    if arguments.dry_run:
        from mixtui.cli.send.description import print_request

        print_request(
            run.request,
            console,
            as_json=arguments.json,
            hints=run.hints,
            sources=value_sources(
                template_texts(run.source.draft),
                bind_inputs(run.source.draft, run.values),
            ),
        )
        return ExitStatus.ACCEPTED
    if not _confirm(run):
        console.report("Nothing was sent.")
        return ExitStatus.INTERRUPTED
    with contextlib.closing(QuotaStore(state_dir())) as quota:
        if arguments.wait:
            _wait_for_slot(run, quota)
        if arguments.all_pages:
            from mixtui.cli.send.all_pages import send_all_pages

            return send_all_pages(run, quota)
        return _send_one(run, quota)


def _prepare_run(arguments: Namespace, console: Console) -> SendRun:
    """Prepare the request, and report warnings and hints.

    Raises:
        MixtuiError: It cannot be prepared.
    """
    provided = provided_variables(arguments)
    session = session_from_arguments(arguments, console)
    source = draft_from_arguments(arguments, session, console)
    for warning in (*session.warnings, *source.warnings):
        console.report(warning)
    values = Values(session.environment, provided, process=console.variables)
    if source.draft.inputs:
        from mixtui.cli.send.inputs import ask_inputs

        check_before_inputs(source.draft, values, source.origin)
        answers = ask_inputs(source.draft, values, console)
        values = replace(values, answers=answers)
    hints = _find_hints(arguments, console, session.environment, source, values)
    try:
        request = prepare(
            source.draft, session.environment, origin=source.origin, values=values
        )
    except DraftError as error:
        # The error says all about a URL; about a body a hint may say more.
        hints.report(console, {error.field} & {Field.URL, Field.PATH})
        raise
    except MixtuiError:
        hints.report(console)
        raise
    return SendRun(arguments, console, session, source, request, hints, values)


def _find_hints(
    arguments: Namespace,
    console: Console,
    environment: Environment,
    source: DraftSource,
    values: Values,
) -> Hints:
    """Find hints, unless they would not be shown."""
    on_stderr = arguments.dry_run or console.stderr_is_terminal
    if arguments.no_hints or not (on_stderr or arguments.json):
        return Hints()
    from mixtui.hints import find_hints

    hints = find_hints(
        source.draft, environment, values=values, folder=source.origin.folder
    )
    return Hints(hints, on_stderr)


def _confirm(run: SendRun) -> bool:
    """Confirm a write where that is required (see `request.confirmation`).

    Raises:
        DraftError: There is no terminal to prompt on, or ``--confirm`` names another project.
    """
    arguments, console = run.arguments, run.console
    confirmation = required_confirmation(run.request, run.environment)
    if confirmation is None or (arguments.yes and not confirmation.required_text):
        return True
    sentence, word = confirmation.sentence, confirmation.required_text
    if confirmation.is_destructive and arguments.confirm is not None:
        if arguments.confirm == (word or target_project_id(run.request)):
            return True
        raise DraftError(
            Field.ENVIRONMENT,
            f"{sentence}, but --confirm names a different project: "
            f"{arguments.confirm}.",
        )
    if not console.can_prompt:
        option = f"--confirm {word}" if word else "--yes"
        raise DraftError(
            Field.ENVIRONMENT,
            f"{sentence}. This needs confirmation: add {option} to send it from a "
            "script.",
        )
    if word:
        return console.prompt(f"{sentence}. Type {word} to send it:") == word
    return console.confirm(f"{sentence}. Send it?")


# The quota


def _wait_for_slot(run: SendRun, quota: QuotaStore) -> None:
    """Wait until the quota has a free slot; writes never wait.

    Raises:
        KeyboardInterrupt: ctrl+c ended the wait, and nothing was sent.
    """
    console = run.console
    if run.request.safety.writes:
        console.report("--wait only applies to reads: sending now.")
        return
    accounts = quota_accounts(run.request, run.environment)
    while True:
        try:
            status = exhausted(quota, accounts)
        except StorageError as error:
            console.report(str(error))
            return
        if status is None:
            return
        if console.stderr_is_terminal:
            _count_down(status, console)
            continue
        now = time.time()
        console.report(f"Waiting: {status.label(now)}.")
        _sleep(max(status.free_at(now) - now, 0.0))


def _count_down(status: QuotaStatus, console: Console) -> None:
    """Show a countdown on one line of the terminal."""
    deadline = status.free_at(time.time())
    try:
        while (remaining := deadline - time.time()) > 0:
            minutes, seconds = divmod(int(remaining + 1), 60)
            draw_line(
                console,
                f"Sending in {minutes}:{seconds:02} ({status.count}); ctrl+c cancels",
            )
            _sleep(min(remaining, 1.0))
    finally:
        draw_line(console)


def _sleep(seconds: float) -> None:
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("Interrupted; the request was not sent.") from None


# One request


def _send_one(run: SendRun, quota: QuotaStore) -> int:
    console = run.console
    with _output_sink(run) as sink:
        try:
            dispatched = asyncio.run(_dispatch(run, quota, sink))
        except KeyboardInterrupt:
            in_doubt = run.request.safety.writes and not sink.has_response
            text = (
                "Interrupted. Mixpanel may have processed the request."
                if in_doubt
                else ""
            )
            raise KeyboardInterrupt(text) from None
        if isinstance(dispatched, NoResponse):
            if run.arguments.json:
                from mixtui.cli.send.description import failure_values

                console.print_json(
                    failure_values(
                        run.request, dispatched.outcome, run.hints, dispatched.redactor
                    )
                )
            raise dispatched.error
        exchange, outcome, result = dispatched.exchange, dispatched.outcome, sink.result
        _print_exchange(run, exchange, outcome, result)
    for line in (
        *summary_lines(exchange, outcome),
        *exchange.notices,
        *result.messages,
    ):
        console.report(line)
    for line in rejected_record_lines(
        exchange, run.source.draft, run.source.origin.folder
    ):
        console.report(line)
    return outcome.exit_status or result.exit_status


async def _dispatch(run: SendRun, quota: QuotaStore, sink: OutputSink) -> Dispatched:
    client = Client(run.session.secrets)
    try:
        with run.recorder() as recorder:
            async with ProgressLine(run.console) as progress:
                return await dispatch(
                    run.request,
                    client=client,
                    quota=run.quota_guard(run.request, quota),
                    history=recorder,
                    sink=sink,
                    other_environments=other_regions(
                        run.request, run.session.environments
                    ),
                    on_progress=progress.update,
                )
    finally:
        await client.close()


def _output_sink(run: SendRun) -> OutputSink:
    """Return the sink that the options ask for."""
    arguments, console = run.arguments, run.console
    if arguments.filter is not None:
        from mixtui.cli.send.filter_sink import FilterSink

        return FilterSink(arguments.filter, at_once=console.stdout_is_terminal)
    if arguments.output and arguments.output != "-":
        return OutputFile(run.output_path)
    if arguments.json or console.stdout_is_terminal:
        return OutputSink()
    if arguments.include:
        return SpoolSink()
    return PipeSink(console)


def _print_exchange(
    run: SendRun, exchange: Exchange, outcome: Outcome, result: SinkResult
) -> None:
    arguments, source = run.arguments, run.source
    if arguments.json:
        from mixtui.cli.send.description import exchange_values

        rejected = rejected_record_values(exchange, source.draft, source.origin.folder)
        run.console.print_json(
            exchange_values(exchange, outcome, result, run.hints, rejected)
        )
        return
    print_response(
        exchange,
        result,
        run.console,
        include=arguments.include,
        is_explained=bool(outcome.detail),
    )
