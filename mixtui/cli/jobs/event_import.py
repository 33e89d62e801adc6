"""``mixtui events import``: plan, check, confirm, import, account."""

from __future__ import annotations

import contextlib
import functools
import os
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.jobs.recipe import recipe_from_arguments
from mixtui.cli.jobs.run import (
    JobCommand,
    JobPlan,
    JobRun,
    account_values,
    confirm,
    open_command,
    open_journal,
)
from mixtui.cli.parsing import UsageError
from mixtui.jobs.batches import BatchCutter, Cutting
from mixtui.jobs.event_check import EventChecker
from mixtui.jobs.event_sending import EventSender, import_request
from mixtui.jobs.journal import (
    JobDescription,
    JobState,
    Journal,
    job_name,
    journal_path,
)
from mixtui.jobs.model import Account, Batch, JobError, RejectedRecord
from mixtui.jobs.pace import Pace
from mixtui.jobs.recipe import EventRecipe
from mixtui.jobs.record_import import RecordImport
from mixtui.jobs.rejected_file import write_rejected
from mixtui.jobs.sending import Connection, Resender, Sending
from mixtui.jobs.sources import (
    Format,
    Source,
    describe,
    find_sources,
    has_changed,
)
from mixtui.jobs.sql import columns, needs_duckdb, write_rows
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.request.confirmation import target_project_id
from mixtui.storage.paths import slug, state_dir
from mixtui.temporary import TemporaryFolder
from mixtui.text import pluralise, size

KIND = "events import"
_SAMPLE = 20
"""Events that a dry run prints."""
_SHOWN_PROBLEMS = 20
_MB = 1_000_000


class ImportPlan(Struct, frozen=True):
    """What is to be imported, and to where."""

    command: JobCommand
    inputs: tuple[Source, ...]
    """What was named."""
    sources: tuple[Source, ...]
    """What is read: the inputs, or what DuckDB made of them."""
    cutting: Cutting
    request: PreparedRequest

    @property
    def arguments(self) -> Namespace:
        """Of the command line."""
        return self.command.arguments

    @property
    def console(self) -> Console:
        """Where problems are reported."""
        return self.command.console

    @property
    def is_converted(self) -> bool:
        """Whether DuckDB reads the inputs."""
        return needs_duckdb(self.inputs, self.arguments.sql)

    @property
    def size(self) -> int:
        """Bytes of the files; 0 = unknown."""
        return sum(source.size for source in self.sources)

    @property
    def job(self) -> JobPlan:
        """The job that does it."""
        options = {
            "recipe": self.cutting.recipe,
            "format": self.arguments.format,
            "sql": self.arguments.sql,
        }
        description = JobDescription(
            KIND,
            self.command.session.environment.name,
            target_project_id(self.request),
            self.request.region,
            self.request.url,
            msgspec.json.encode(options, order="deterministic").decode(),
        )
        return JobPlan(
            self.name,
            f"Import {self.label}",
            description,
            self.inputs,
            total=self.size,
            can_resume=all(source.is_file for source in self.inputs),
        )

    @property
    def name(self) -> str:
        """The name of the job: by default, another for other sources or another target."""
        if self.arguments.name:
            return slug(self.arguments.name)
        paths = [source.path for source in self.inputs]
        return job_name(
            self.inputs[0].name, paths, self.arguments.sql, self.request.url
        )

    @property
    def label(self) -> str:
        """What is imported to where, in a clause."""
        if len(self.inputs) == 1:
            what = self.inputs[0].name
        else:
            what = f"{len(self.inputs)} files"
        amount = f" ({size(self.size)})" if self.size else ""
        request = self.request
        return (
            f"{what}{amount} to project {target_project_id(request) or '(none)'} in "
            f"{request.region} ({request.environment})"
        )


def import_events(arguments: Namespace, console: Console) -> int:
    """Import; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    plan = _make_plan(arguments, console)
    if arguments.dry_run:
        with _converted(plan, most=_SAMPLE) as read:
            return _print_sample(read)
    if arguments.check:
        with _converted(plan) as read:
            return ExitStatus.USAGE if _check(read) else ExitStatus.ACCEPTED
    if not confirm(plan.command, plan.job, plan.request):
        return ExitStatus.INTERRUPTED
    check = functools.partial(_check_unchanged, plan)
    with open_journal(plan.command, plan.job, check) as journal:
        read = _with_rows(plan, _rows_path(plan)) if plan.is_converted else plan
        if arguments.strict and _check(read):
            journal.set_state(JobState.FINISHED)
            return ExitStatus.USAGE
        return _run(read, journal)


@contextlib.contextmanager
def _converted(plan: ImportPlan, most: int | None = None) -> Iterator[ImportPlan]:
    """Have DuckDB read the inputs, where it must, into a file of this block.

    Raises:
        JobError: It cannot.
    """
    if not plan.is_converted:
        yield plan
        return
    folder = TemporaryFolder()
    try:
        yield _with_rows(plan, folder.path / "rows.ndjson", most)
    finally:
        folder.remove()


def _rows_path(plan: ImportPlan) -> Path:
    """Return where the rows of a query are until the import is finished."""
    return journal_path(state_dir(), plan.name).with_suffix(".rows.ndjson")


def _with_rows(plan: ImportPlan, path: Path, most: int | None = None) -> ImportPlan:
    """Return the plan with the rows that DuckDB reads, which may be there already.

    Raises:
        JobError: It cannot read them.
    """
    if not (plan.arguments.resume and path.exists()):
        kind = plan.cutting.format
        write_rows(plan.inputs, plan.arguments.sql, path, kind=kind, most=most)
    title = plan.inputs[0].name if len(plan.inputs) == 1 else "rows"
    cutting = replace(plan.cutting, format=Format.LINES, columns=columns(path))
    return replace(plan, sources=(describe(str(path), title),), cutting=cutting)


def _make_plan(arguments: Namespace, console: Console) -> ImportPlan:
    """Find the sources, and prepare the request that sends them.

    Raises:
        MixtuiError: Something that was named does not exist, or nothing can be sent.
    """
    if not arguments.concurrency:
        raise UsageError("--concurrency must be at least 1.")
    if arguments.to:
        arguments.env = arguments.to
    recipe = recipe_from_arguments(arguments, console.folder, EventRecipe)
    kind = Format(arguments.format) if arguments.format else None
    sources = find_sources(arguments.sources, console.folder)
    if sum(not source.is_file for source in sources) and arguments.strict:
        raise UsageError("--strict reads everything twice, and stdin is there once.")
    command = open_command(arguments, console)
    request = import_request(command.session.environment)
    return ImportPlan(command, sources, sources, Cutting(recipe, kind), request)


def _batches(plan: ImportPlan, cutting: Cutting) -> Iterator[Batch]:
    """Yield the batches of all sources, without sending them."""
    checker = EventChecker()
    for index, source in enumerate(plan.sources):
        stdin = plan.console.stdin.buffer
        cutter = BatchCutter(index, source, cutting, checker=checker, stdin=stdin)
        with contextlib.closing(cutter):
            yield from cutter.batches()


def _print_sample(plan: ImportPlan) -> int:
    """Print the plan and the first events as they would be sent; return the status."""
    plan.console.report(f"Would import {plan.label}. Nothing was sent.")
    events: list[bytes] = []
    invalid = 0
    for batch in _batches(plan, replace(plan.cutting, max_records=_SAMPLE)):
        events += batch.records
        invalid += len(batch.invalid)
        for each in batch.invalid[: max(0, _SHOWN_PROBLEMS - invalid)]:
            _report_problem(plan, batch.source, each)
        if len(events) >= _SAMPLE or invalid >= _SAMPLE:
            break
    for event in events[:_SAMPLE]:
        plan.console.print_untrusted(event.decode())
    return ExitStatus.ACCEPTED if events else ExitStatus.USAGE


def _check(plan: ImportPlan) -> int:
    """Check all records, and report what is wrong; return how many are invalid."""
    console = plan.console
    valid, invalid = 0, 0
    reasons: Counter[str] = Counter()
    for batch in _batches(plan, plan.cutting):
        valid += len(batch.records)
        for each in batch.invalid:
            if invalid < _SHOWN_PROBLEMS:
                _report_problem(plan, batch.source, each)
            invalid += 1
            reasons[each.label] += 1
    if invalid > _SHOWN_PROBLEMS:
        console.report(f"… and {invalid - _SHOWN_PROBLEMS:,} more:")
        for reason, count in reasons.most_common(_SHOWN_PROBLEMS):
            console.report(f"  {count:,} × {reason}")
    checked = pluralise(valid + invalid, "record")
    console.report(
        f"{checked} checked: {valid:,} valid, {invalid:,} invalid. Nothing was sent."
        if invalid or plan.arguments.check
        else f"{checked} checked, all valid."
    )
    return invalid


def _report_problem(plan: ImportPlan, source: int, record: RejectedRecord) -> None:
    name = plan.sources[source].name
    plan.console.report(f"{name}, line {record.line}: {record.label}")


def _check_unchanged(plan: ImportPlan, journal: Journal) -> None:
    """Refuse to resume if a source is another, or has changed.

    Raises:
        JobError: Says which.
    """
    for old, new in zip(journal.sources(Source), plan.inputs, strict=True):
        if old.path != new.path or has_changed(old, new):
            raise JobError(
                f"{new.name} has changed since the import started: use --restart."
            )


def _run(plan: ImportPlan, journal: Journal) -> int:
    """Import; return the exit status.

    Raises:
        MixtuiError: It stopped.
    """

    def make_job(_: Connection, sending: Sending) -> RecordImport:
        return RecordImport(
            plan.sources,
            plan.cutting,
            EventChecker(),
            EventSender(plan.request, Resender(sending)),
            journal,
            stdin=plan.console.stdin.buffer,
            concurrency=plan.arguments.concurrency,
            pace=Pace(plan.arguments.pace * _MB or None),
        )

    report = functools.partial(_report, plan, journal)
    return JobRun(plan.command, plan.job, journal).run(make_job, report)


def _report(
    plan: ImportPlan, journal: Journal, account: Account, state: JobState
) -> None:
    """Write the rejected records, and print the account."""
    if state is JobState.FINISHED and plan.is_converted:
        _rows_path(plan).unlink(missing_ok=True)
    if account.rejected:
        _report_rejected(plan, journal, account)
    if plan.arguments.json:
        plan.console.print_json(account_values(journal, state, account))
    plan.console.report(f"{account.summary}.")


def _report_rejected(plan: ImportPlan, journal: Journal, account: Account) -> None:
    arguments, console = plan.arguments, plan.console
    if arguments.rejected:
        path = console.folder / Path(os.path.expanduser(arguments.rejected))
        write_rejected(path, journal.rejected(), plan.sources)
        console.report(
            f"{pluralise(account.rejected, 'rejected record')} written to {path}: "
            "fix them, and import that file."
        )
        return
    for shown, (source, record) in enumerate(journal.rejected()):
        if shown == _SHOWN_PROBLEMS:
            console.report(
                f"… and {account.rejected - shown:,} more; --rejected FILE writes all."
            )
            return
        _report_problem(plan, source, record)
