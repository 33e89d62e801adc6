"""``mixtui events export``: plan, fetch, write, account."""

from __future__ import annotations

import functools
import os
from argparse import Namespace
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.jobs.run import JobCommand, JobPlan, JobRun, open_command, open_journal
from mixtui.cli.parsing import UsageError
from mixtui.jobs.event_export import (
    A_SECOND,
    EventExport,
    Received,
)
from mixtui.jobs.event_windows import (
    MAX_EVENTS,
    DateWindow,
    ExportQuery,
    cut_windows,
    days_within_quota,
    export_request,
    read_dates,
)
from mixtui.jobs.journal import (
    JobDescription,
    JobState,
    Journal,
    job_name,
    job_state,
    journal_path,
    received_folder,
    remove_received,
)
from mixtui.jobs.model import Account, JobError
from mixtui.jobs.property_types import EVENTS, PropertyTypes
from mixtui.jobs.quota_gate import QuotaGate
from mixtui.jobs.record_output import (
    DATE,
    Output,
    OutputFormat,
    Writer,
    choose_output,
)
from mixtui.jobs.sending import Connection, Sending
from mixtui.mixpanel.limits import Bucket
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.model.quota import QuotaStatus
from mixtui.outcome.quota import quota_account
from mixtui.request.confirmation import target_project_id
from mixtui.storage.paths import slug, state_dir
from mixtui.storage.quota import QuotaStore
from mixtui.system import CancelToken
from mixtui.text import pluralise, size

KIND = "events export"


class ExportPlan(Struct, frozen=True):
    """What is to be exported, and to where."""

    command: JobCommand
    query: ExportQuery
    windows: tuple[DateWindow, ...]
    output: Output
    request: PreparedRequest
    """Of all dates: for what is the same in each."""
    quota: QuotaStatus

    @property
    def arguments(self) -> Namespace:
        """Of the command line."""
        return self.command.arguments

    @property
    def console(self) -> Console:
        """Where problems are reported."""
        return self.command.console

    @property
    def files(self) -> tuple[Path, ...]:
        """What is written."""
        return self.output.files(self.windows)

    @property
    def job(self) -> JobPlan:
        """The job that does it. The output is not a part of it: one may choose another
        disk when the first is full."""
        query = msgspec.json.encode(self.query, order="deterministic").decode()
        url = self.request.url.partition("?")[0]
        description = JobDescription(
            KIND,
            self.command.session.environment.name,
            target_project_id(self.request),
            self.request.region,
            url,
            query,
        )
        name = job_name(f"export {self.query.dates.label}", query, self.request.url)
        return JobPlan(
            slug(self.arguments.name) if self.arguments.name else name,
            f"Export {self.label}",
            description,
            self.windows,
            total=self.query.dates.days,
            unit="days",
            outputs=tuple(map(str, self.files)),
        )

    @property
    def label(self) -> str:
        """What is exported to where, in a clause."""
        request, dates = self.request, self.query.dates
        return (
            f"the events of {dates.label} ({pluralise(dates.days, 'day')}) from project "
            f"{target_project_id(request) or '(none)'} in {request.region} "
            f"({request.environment}) to {self.arguments.output}"
        )

    @property
    def cost(self) -> str:
        """How many requests it takes of which quota, in a sentence."""
        days = self.windows[0].days
        each = f" of {pluralise(days, 'day')}" if len(self.windows) > 1 else ""
        cost = f"{pluralise(len(self.windows), 'request')}{each}; {self.quota.count}."
        if len(self.windows) > self.quota.left:
            cost += " It waits for the rest."
        return cost


def export_events(arguments: Namespace, console: Console) -> int:
    """Export; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    plan = _make_plan(arguments, console)
    if arguments.dry_run:
        console.report(f"Would export {plan.label}.")
        console.report(f"{plan.cost} Nothing was sent.")
        for window in plan.windows:
            request = _request(plan, window)
            console.print(f"GET {request.redactor.redact(request.url)}")
        return ExitStatus.ACCEPTED
    path = journal_path(state_dir(), plan.job.name)
    if arguments.resume and job_state(path) is JobState.FINISHED:
        return _report_finished(plan, path)
    if not arguments.resume:
        _check_files(plan)
    with open_journal(plan.command, plan.job, lambda _: None) as journal:
        if arguments.resume:
            plan = replace(plan, windows=journal.sources(DateWindow))
            _check_windows(plan)
            _check_files(plan, journal)
        else:
            remove_received(journal.path)
            console.report(f"Exporting {plan.label}: {plan.cost}")
        return _run(plan, journal)


def _report_finished(plan: ExportPlan, path: Path) -> int:
    """Say that nothing is left to do.

    Raises:
        JobError: The job wrote other files.
    """
    if not all(file.exists() for file in plan.files):
        raise JobError(f"The job {path.stem} is finished: start it without --resume.")
    remove_received(path)
    plan.console.report(f"The job {path.stem} is finished.")
    return ExitStatus.ACCEPTED


def _make_plan(arguments: Namespace, console: Console) -> ExportPlan:
    """Cut the dates, and choose the output.

    Raises:
        MixtuiError: An argument is invalid, or nothing can be sent.
    """
    if not arguments.concurrency:
        raise UsageError("--concurrency must be at least 1.")
    if arguments.window == 0:
        raise UsageError("--window must be at least 1 day.")
    if arguments.limit is not None and not 1 <= arguments.limit <= MAX_EVENTS:
        raise UsageError(f"--limit must be between 1 and {MAX_EVENTS:,}.")
    path = console.folder / os.path.expanduser(arguments.output)
    kind = OutputFormat(arguments.format) if arguments.format else None
    output = replace(
        choose_output(path, kind),
        as_columns=arguments.properties == "columns",
        overwrite=arguments.force,
    )
    query = ExportQuery(
        read_dates(arguments.from_date, arguments.to_date),
        tuple(arguments.event),
        arguments.where or "",
        arguments.limit or 0,
    )
    command = open_command(arguments, console)
    environment = command.session.environment
    request = export_request(query, query.dates, environment)
    store = QuotaStore(state_dir())
    try:
        quota = store.status(quota_account(Bucket.EXPORT, environment))
    finally:
        store.close()
    days = _window_days(arguments, query, output, quota)
    windows = cut_windows(query.dates, days)
    return ExportPlan(command, query, windows, output, request, quota)


def _window_days(
    arguments: Namespace, query: ExportQuery, output: Output, quota: QuotaStatus
) -> int:
    """Return the days of each request.

    Raises:
        UsageError: Two options want different ones.
    """
    if output.is_by_day:
        if query.limit or (arguments.window or 1) > 1:
            option = "--limit" if query.limit else "--window"
            raise UsageError(f"{option} and {DATE} in the name cannot be combined.")
        return 1
    if query.limit:
        # The server counts in each request.
        if arguments.window:
            raise UsageError("--limit and --window cannot be combined.")
        return query.dates.days
    return arguments.window or days_within_quota(query.dates, quota.left)


def _check_files(plan: ExportPlan, journal: Journal | None = None) -> None:
    """Refuse to replace a file, or to write where that is impossible.

    Args:
        plan: Names the files.
        journal: Of a job that is resumed: it may have written some.

    Raises:
        UsageError: Says which, and what to do.
    """
    for path in plan.files:
        if path.is_dir():
            raise UsageError(f"{path} is a folder: add a file name.")
        is_ours = journal is not None and journal.has_written(path)
        if path.exists() and not (plan.output.overwrite or is_ours):
            raise UsageError(f"{path} exists: add --force to replace it.")
    folder = plan.output.path.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{plan.arguments.output} cannot be written: check {folder}.")


def _check_windows(plan: ExportPlan) -> None:
    """Refuse a file for each day if several were fetched at once.

    Raises:
        JobError: They were.
    """
    if plan.output.is_by_day and any(window.days > 1 for window in plan.windows):
        raise JobError(
            f"The job was started with several days a request: remove {DATE}, or use "
            "--restart."
        )


def _request(plan: ExportPlan, window: DateWindow) -> PreparedRequest:
    return export_request(plan.query, window, plan.command.session.environment)


def _run(plan: ExportPlan, journal: Journal) -> int:
    """Export; return the exit status.

    Raises:
        MixtuiError: It stopped.
    """

    writer = Writer(plan.output, EVENTS, received_folder(journal.path), journal)

    def write(received: Received, types: PropertyTypes, token: CancelToken) -> None:
        writer(plan.output.contents(received), types, token)

    def make_job(connection: Connection, sending: Sending) -> EventExport:
        return EventExport(
            plan.windows,
            functools.partial(_request, plan),
            sending,
            QuotaGate(sending, connection.free_in, a_second=A_SECOND),
            journal,
            write,
            report=run.report,
            concurrency=plan.arguments.concurrency,
            needs_types=writer.needs_types,
            can_split=not plan.query.limit,
        )

    run = JobRun(plan.command, plan.job, journal)
    return run.run(make_job, functools.partial(_report, plan, journal))


def _report(
    plan: ExportPlan, journal: Journal, account: Account, state: JobState
) -> None:
    """Print what was exported, and remove what is no longer needed."""
    is_finished = state is JobState.FINISHED
    if is_finished:
        remove_received(journal.path)
    if plan.arguments.json:
        files = [
            {"path": str(path), "bytes": path.stat().st_size}
            for path in (plan.files if is_finished else ())
        ]
        plan.console.print_json(
            {
                "job": journal.name,
                "state": state,
                "files": files,
                "records": account.stored,
                "bytes": account.bytes,
                "requests": len(journal.sources(DateWindow)),
            }
        )
    events = f"{pluralise(account.stored, 'event')} ({size(account.bytes)})"
    if not is_finished:
        plan.console.report(f"{events} received; {plan.arguments.output} not written.")
        return
    written = [size(path.stat().st_size) for path in plan.files]
    files_label = (
        f"{plan.arguments.output} ({written[0]})"
        if len(written) == 1
        else pluralise(len(written), "file")
    )
    plan.console.report(f"{events} exported to {files_label}.")
