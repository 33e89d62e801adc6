"""Import records from the command line: plan, check, confirm, import, account."""

from __future__ import annotations

import contextlib
import functools
import os
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.jobs.run import (
    JobCommand,
    JobPlan,
    JobRun,
    account_values,
    confirm,
    open_journal,
)
from mixtui.cli.parsing import UsageError
from mixtui.jobs.batches import ALL, BatchCutter, Cutting, Shard
from mixtui.jobs.journal import (
    JobDescription,
    JobState,
    Journal,
    job_name,
    journal_path,
)
from mixtui.jobs.model import Account, Batch, JobError, RecordChecker, RejectedRecord
from mixtui.jobs.pace import Pace
from mixtui.jobs.recipe import Recipe
from mixtui.jobs.record_import import BatchSender, RecordImport
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
from mixtui.mixpanel.events import MAX_BATCH_RECORDS
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.patterns import compile_late
from mixtui.request.confirmation import target_project_id
from mixtui.storage.paths import slug, state_dir
from mixtui.temporary import TemporaryFolder
from mixtui.text import pluralise, sanitize_excerpt, size

_SAMPLE = 20
"""Records that a dry run prints."""
_SHOWN_PROBLEMS = 20


class ImportKind(Struct, frozen=True):
    """What tells an import of one kind of records from another."""

    name: str
    """The command, such as "events import"."""
    request: PreparedRequest
    """Without records."""
    make_checker: Callable[[], RecordChecker]
    make_sender: Callable[[Resender], BatchSender]
    pace: int | None
    """Bytes a minute; None = no limit."""
    options: Mapping[str, str] = {}
    """What changes the records besides the recipe; another value is another job."""


class ImportPlan(Struct, frozen=True):
    """What is to be imported, and to where."""

    command: JobCommand
    kind: ImportKind
    inputs: tuple[Source, ...]
    """What was named."""
    sources: tuple[Source, ...]
    """What is read: the inputs, or what DuckDB made of them."""
    cutting: Cutting

    @property
    def arguments(self) -> Namespace:
        """Of the command line."""
        return self.command.arguments

    @property
    def console(self) -> Console:
        """Where problems are reported."""
        return self.command.console

    @property
    def request(self) -> PreparedRequest:
        """What sends a batch, without records."""
        return self.kind.request

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
            "shard": str(self.cutting.shard),
            **self.kind.options,
        }
        description = JobDescription(
            self.kind.name,
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
        shard = self.cutting.shard
        title = self.inputs[0].name
        if shard != ALL:
            title += f" {shard.number} of {shard.count}"
        return job_name(title, paths, self.arguments.sql, self.request.url)

    @property
    def label(self) -> str:
        """What is imported to where, in a clause."""
        if len(self.inputs) == 1:
            what = self.inputs[0].name
        else:
            what = f"{len(self.inputs)} files"
        amount = f" ({size(self.size)})" if self.size else ""
        request = self.request
        if self.cutting.shard != ALL:
            what = f"shard {self.cutting.shard} of {what}"
        return (
            f"{what}{amount} to project {target_project_id(request) or '(none)'} in "
            f"{request.region} ({request.environment})"
        )


def find_inputs(arguments: Namespace, console: Console) -> tuple[Source, ...]:
    """Check the arguments of all imports, and find the sources.

    Raises:
        UsageError: They contradict each other.
        JobError: A source does not exist.
    """
    if not arguments.concurrency:
        raise UsageError("--concurrency must be at least 1.")
    if arguments.to:
        arguments.env = arguments.to
    inputs = find_sources(arguments.sources, console.folder)
    if sum(not source.is_file for source in inputs) and arguments.strict:
        raise UsageError("--strict reads everything twice, and stdin is there once.")
    return inputs


def import_records(
    command: JobCommand,
    kind: ImportKind,
    inputs: tuple[Source, ...],
    recipe: Recipe,
    max_records: int = MAX_BATCH_RECORDS,
) -> int:
    """Import; return the exit status.

    Args:
        command: What the arguments are of.
        kind: What is imported, and how.
        inputs: As of `find_inputs`.
        recipe: Which column is what.
        max_records: Of a batch.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    arguments = command.arguments
    written_as = Format(arguments.format) if arguments.format else None
    shard = parse_shard(arguments.shard)
    if shard != ALL and arguments.sql:
        raise UsageError(
            "--shard cannot be combined with --sql, whose rows may come in another order "
            "on each machine. Choose them in the query: WHERE hash(id) % 4 = 0."
        )
    cutting = Cutting(recipe, written_as, max_records=max_records, shard=shard)
    plan = ImportPlan(command, kind, inputs, inputs, cutting)
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


_MAX_SHARD = 40
"""Characters of ``I/N``: Python refuses numbers of thousands of digits."""


def parse_shard(text: str) -> Shard:
    """Parse the value of ``--shard``, such as ``2/3``; empty = everything.

    Raises:
        UsageError: It is not one.
    """
    if not text:
        return ALL
    number, slash, count = text.partition("/")
    is_short = len(text) <= _MAX_SHARD
    if is_short and slash and number.isdecimal() and count.isdecimal():
        shard = Shard(int(number), int(count))
        if 1 <= shard.number <= shard.count:
            return shard
    shown = sanitize_excerpt(text, _MAX_SHARD)
    raise UsageError(f"--shard {shown}: expected I/N, such as 1/4, with I from 1 to N.")


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


def _batches(plan: ImportPlan, cutting: Cutting) -> Iterator[Batch]:
    """Yield the batches of all sources, without sending them."""
    checker = plan.kind.make_checker()
    for index, source in enumerate(plan.sources):
        stdin = plan.console.stdin.buffer
        cutter = BatchCutter(index, source, cutting, checker=checker, stdin=stdin)
        with contextlib.closing(cutter):
            yield from cutter.batches()


def _print_sample(plan: ImportPlan) -> int:
    """Print the plan and the first records as they would be sent; return the status."""
    plan.console.report(f"Would import {plan.label}. Nothing was sent.")
    records: list[bytes] = []
    invalid = 0
    for batch in _batches(plan, replace(plan.cutting, max_records=_SAMPLE)):
        records += batch.records
        for each in batch.invalid[: max(0, _SHOWN_PROBLEMS - invalid)]:
            _report_problem(plan, batch.source, each)
        invalid += len(batch.invalid)
        if len(records) >= _SAMPLE or invalid >= _SAMPLE:
            break
    for record in records[:_SAMPLE]:
        plan.console.print_untrusted(record.decode())
    return ExitStatus.ACCEPTED if records else ExitStatus.USAGE


_VALUE = compile_late(r"(?<=“)[^”]*(?=”)|\d[\d,]{3,}")
"""What differs between records that are invalid for the same reason."""


def _check(plan: ImportPlan) -> int:
    """Check all records, and report what is wrong; return how many are invalid."""
    console = plan.console
    valid, invalid = 0, 0
    counts: Counter[str] = Counter()
    labels: dict[str, str] = {}
    """Of each kind; the kind itself once there are two."""
    for batch in _batches(plan, plan.cutting):
        valid += len(batch.records)
        for each in batch.invalid:
            if invalid < _SHOWN_PROBLEMS:
                _report_problem(plan, batch.source, each)
            invalid += 1
            kind = _VALUE.sub("…", each.label)
            counts[kind] += 1
            if labels.setdefault(kind, each.label) != each.label:
                labels[kind] = kind
    if invalid > _SHOWN_PROBLEMS:
        console.report(f"… and {invalid - _SHOWN_PROBLEMS:,} more. By reason:")
        for kind, count in counts.most_common(_SHOWN_PROBLEMS):
            console.report(f"  {count:,} × {labels[kind]}")
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
            plan.kind.make_checker(),
            plan.kind.make_sender(Resender(sending)),
            journal,
            stdin=plan.console.stdin.buffer,
            concurrency=plan.arguments.concurrency,
            pace=Pace(plan.kind.pace),
        )

    report = functools.partial(_report, plan, journal)
    return JobRun(plan.command, plan.job, journal).run(make_job, report)


def _report(
    plan: ImportPlan, journal: Journal, account: Account, state: JobState
) -> None:
    """Write the rejected records, and print the account."""
    if state is JobState.FINISHED and plan.is_converted:
        _rows_path(plan).unlink(missing_ok=True)
    arguments = plan.arguments
    if account.rejected:
        rejected = journal.rejected()
        _report_records(
            plan, rejected, account.rejected, "rejected", arguments.rejected
        )
    if account.unknown:
        unknown = journal.unknown()
        _report_records(plan, unknown, account.unknown, "unknown", arguments.unknown)
    if arguments.json:
        plan.console.print_json(account_values(journal, state, account))
    plan.console.report(f"{account.summary}.")


_ADVICE = {
    "rejected": "fix them, and import that file",
    "unknown": "see which are stored, and import the others",
}


def _report_records(
    plan: ImportPlan,
    records: Iterator[tuple[int, RejectedRecord]],
    count: int,
    what: str,
    file: str | None,
) -> None:
    """Write records to a file, or print the first ones.

    Args:
        plan: What they are of.
        records: With the index of their source.
        count: How many.
        what: The name of the option that names the file.
        file: What it names; None = nothing.
    """
    if file:
        path = plan.console.folder / Path(os.path.expanduser(file))
        write_rejected(path, records, plan.sources)
        plan.console.report(
            f"{pluralise(count, f'{what} record')} written to {path}: {_ADVICE[what]}."
        )
        return
    for shown, (source, record) in enumerate(records):
        if shown == _SHOWN_PROBLEMS:
            plan.console.report(
                f"… and {count - shown:,} more; --{what} FILE writes all."
            )
            return
        _report_problem(plan, source, record)
