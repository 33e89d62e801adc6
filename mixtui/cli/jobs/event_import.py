"""``mixtui events import``: plan, check, confirm, import, account."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.jobs.progress import ProgressMeter
from mixtui.cli.jobs.recipe import recipe_from_arguments
from mixtui.cli.parsing import UsageError
from mixtui.client.client import Client
from mixtui.dispatch.dispatch import dispatch
from mixtui.dispatch.quota import QuotaGuard
from mixtui.jobs.batches import BatchCutter, Cutting
from mixtui.jobs.event_import import EventImport
from mixtui.jobs.events import EventChecker
from mixtui.jobs.journal import (
    JobDescription,
    JobState,
    Journal,
    create_journal,
    job_state,
    journal_path,
    resume_journal,
)
from mixtui.jobs.model import Account, Batch, JobError, RejectedRecord
from mixtui.jobs.pace import Pace
from mixtui.jobs.rejected_file import write_rejected
from mixtui.jobs.sending import Sending, Wait, import_request
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
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.regions import other_regions
from mixtui.request.confirmation import required_confirmation, target_project_id
from mixtui.session import Session
from mixtui.storage.paths import slug, state_dir
from mixtui.storage.quota import QuotaStore
from mixtui.temporary import TemporaryFolder
from mixtui.text import duration, pluralise, size

KIND = "events import"
_SAMPLE = 20
"""Events that a dry run prints."""
_SHOWN_PROBLEMS = 20
_MB = 1_000_000


class ImportPlan(Struct, frozen=True):
    """What is to be imported, and to where."""

    arguments: Namespace
    console: Console
    session: Session
    inputs: tuple[Source, ...]
    """What was named."""
    sources: tuple[Source, ...]
    """What is read: the inputs, or what DuckDB made of them."""
    cutting: Cutting
    request: PreparedRequest

    @property
    def is_converted(self) -> bool:
        """Whether DuckDB reads the inputs."""
        return needs_duckdb(self.inputs, self.arguments.sql)

    @property
    def size(self) -> int:
        """Bytes of the files; 0 = unknown."""
        return sum(source.size for source in self.sources)

    @property
    def description(self) -> JobDescription:
        """What the journal must agree with when it is resumed."""
        options = {
            "recipe": self.cutting.recipe,
            "format": self.arguments.format,
            "sql": self.arguments.sql,
        }
        return JobDescription(
            KIND,
            self.session.environment.name,
            target_project_id(self.request),
            self.request.region,
            self.request.url,
            msgspec.json.encode(options, order="deterministic").decode(),
        )

    @property
    def name(self) -> str:
        """The name of the job: by default, another for other sources or another target."""
        if self.arguments.name:
            return slug(self.arguments.name)
        paths = [source.path for source in self.inputs]
        what = msgspec.json.encode([paths, self.arguments.sql, self.request.url])
        digest = hashlib.blake2b(what, digest_size=4).hexdigest()
        return f"{slug(self.inputs[0].name)}-{digest}"

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
    if not _confirm(plan):
        console.report("Nothing was sent.")
        return ExitStatus.INTERRUPTED
    with _journal(plan) as journal:
        read = _with_rows(plan, _rows_path(plan)) if plan.is_converted else plan
        if arguments.strict and _check(read):
            journal.set_state(JobState.FINISHED)
            return ExitStatus.USAGE
        return _Run(read, journal).run()


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
    if arguments.resume and arguments.restart:
        raise UsageError("--resume and --restart cannot be combined.")
    if not arguments.concurrency:
        raise UsageError("--concurrency must be at least 1.")
    if arguments.to:
        arguments.env = arguments.to
    recipe = recipe_from_arguments(arguments, console.folder)
    kind = Format(arguments.format) if arguments.format else None
    sources = find_sources(arguments.sources, console.folder)
    if sum(not source.is_file for source in sources) and arguments.strict:
        raise UsageError("--strict reads everything twice, and stdin is there once.")
    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.report(warning)
    request = import_request(session.environment)
    cutting = Cutting(recipe, kind)
    return ImportPlan(arguments, console, session, sources, sources, cutting, request)


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


def _confirm(plan: ImportPlan) -> bool:
    """Ask, where the environment wants every write confirmed.

    Raises:
        JobError: There is no terminal to ask on.
    """
    confirmation = required_confirmation(plan.request, plan.session.environment)
    if confirmation is None or plan.arguments.yes:
        return True
    if not plan.console.can_prompt or any(not s.is_file for s in plan.sources):
        raise JobError(f"Importing {plan.label} needs confirmation: add --yes.")
    return plan.console.confirm(f"Import {plan.label}?")


@contextlib.contextmanager
def _journal(plan: ImportPlan) -> Iterator[Journal]:
    """Open the journal of this job, new or resumed.

    Raises:
        JobError: There is an unfinished one, or none to resume, or it is another job.
        StorageError: It cannot be read or written.
    """
    path = journal_path(state_dir(), plan.name)
    if plan.arguments.resume:
        journal = resume_journal(path)
        try:
            _check_same_job(plan, journal)
        except BaseException:
            journal.close()
            raise
    else:
        unfinished = job_state(path) not in (None, JobState.FINISHED)
        # One that nothing came of, or of stdin, has nothing to go on with.
        if unfinished and not plan.arguments.restart and plan.size:
            raise JobError(
                f"The import {plan.name} is unfinished: add --resume to continue it, or "
                "--restart to start over. Neither stores an event twice."
            )
        journal = create_journal(path, plan.description, plan.inputs)
    with contextlib.closing(journal):
        yield journal


def _check_same_job(plan: ImportPlan, journal: Journal) -> None:
    """Refuse to resume with what would give other records.

    Raises:
        JobError: Says what differs.
    """
    before = journal.sources()
    if any(not source.is_file for source in plan.inputs):
        raise JobError(
            "What was read from stdin cannot be read again: start the import over; "
            "nothing is stored twice."
        )
    if journal.description() != plan.description:
        raise JobError(
            f"The import {plan.name} was started with other options or to another "
            "target: use the same, or --restart."
        )
    for old, new in zip(before, plan.inputs, strict=True):
        if old.path != new.path or has_changed(old, new):
            raise JobError(
                f"{new.name} has changed since the import started: use --restart."
            )


class _Run:
    """The import under way."""

    def __init__(self, plan: ImportPlan, journal: Journal) -> None:
        self._plan, self._journal = plan, journal
        self._console = plan.console
        self._meter: ProgressMeter | None = None

    def run(self) -> int:
        """Import; return the exit status.

        Raises:
            MixtuiError: It stopped.
        """
        self._journal.set_state(JobState.RUNNING)
        try:
            account, was_stopped = asyncio.run(self._import())
        except BaseException:
            self._finish(self._journal.account(), JobState.STOPPED)
            self._report_resume()
            raise
        state = JobState.STOPPED if was_stopped else JobState.FINISHED
        self._finish(account, state)
        if was_stopped:
            self._report_resume()
            return ExitStatus.INTERRUPTED
        if account.not_sent:
            return ExitStatus.NO_RESPONSE
        return ExitStatus.PARTLY_STORED if account.rejected else ExitStatus.ACCEPTED

    async def _import(self) -> tuple[Account, bool]:
        plan, arguments = self._plan, self._plan.arguments
        session, request = plan.session, plan.request
        quota = QuotaStore(state_dir())
        client = Client(session.secrets)
        others = other_regions(request, session.environments)
        guard = QuotaGuard(
            quota,
            quota_accounts(request, session.environment),
            report=lambda error: self._console.report(str(error)),
        )

        async def send(each: PreparedRequest) -> Any:
            return await dispatch(
                each, client=client, quota=guard, other_environments=others
            )

        job = EventImport(
            plan.sources,
            plan.cutting,
            Sending(request, send, on_wait=self._report_wait),
            self._journal,
            stdin=self._console.stdin.buffer,
            concurrency=arguments.concurrency,
            pace=Pace(arguments.pace * _MB or None),
        )
        watching = self._watch(job)
        try:
            with _stop_on_interrupt(job, self._console):
                return await job.run(), job.was_stopped
        finally:
            if watching is not None:
                watching.cancel()
            if self._meter is not None:
                self._meter.erase()
            await client.close()
            quota.close()

    def _watch(self, job: EventImport) -> asyncio.Task[None] | None:
        how = self._plan.arguments.progress
        as_json = how == "json"
        if how == "none" or not (as_json or self._console.stderr_is_terminal):
            return None
        self._meter = ProgressMeter(
            self._console, lambda: job.progress, self._plan.size, as_json=as_json
        )
        return asyncio.create_task(self._meter.run())

    def _report_wait(self, wait: Wait) -> None:
        if self._meter is not None:
            self._meter.erase()
        self._console.report(
            f"{wait.reason} Sending again in {duration(wait.seconds)}."
        )

    def _finish(self, account: Account, state: JobState) -> None:
        """Write the rejected records, and print the account."""
        self._journal.set_state(state)
        if state is JobState.FINISHED and self._plan.is_converted:
            _rows_path(self._plan).unlink(missing_ok=True)
        arguments, console = self._plan.arguments, self._console
        if account.rejected:
            self._report_rejected(account)
        if arguments.json:
            console.print_json(
                {
                    "job": self._journal.name,
                    "state": state,
                    "read": account.read,
                    "stored": account.stored,
                    "rejected": account.rejected,
                    "not_sent": account.not_sent,
                    "bytes": account.bytes,
                }
            )
        console.report(f"{account.summary}.")

    def _report_rejected(self, account: Account) -> None:
        arguments, console = self._plan.arguments, self._console
        if arguments.rejected:
            path = console.folder / Path(os.path.expanduser(arguments.rejected))
            write_rejected(path, self._journal.rejected(), self._plan.sources)
            console.report(
                f"{pluralise(account.rejected, 'rejected record')} written to {path}: "
                "fix them, and import that file."
            )
            return
        for shown, (source, record) in enumerate(self._journal.rejected()):
            if shown == _SHOWN_PROBLEMS:
                console.report(
                    f"… and {account.rejected - shown:,} more; --rejected FILE writes all."
                )
                return
            _report_problem(self._plan, source, record)

    def _report_resume(self) -> None:
        if self._plan.size:
            self._console.report("To continue, repeat the command with --resume.")


@contextlib.contextmanager
def _stop_on_interrupt(job: EventImport, console: Console) -> Iterator[None]:
    """Let the first ctrl+c end the import cleanly, and the second one at once."""
    loop = asyncio.get_running_loop()

    def stop() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        console.report("Stopping after what is being sent; ctrl+c again stops at once.")
        job.stop()

    try:
        loop.add_signal_handler(signal.SIGINT, stop)
    except (NotImplementedError, RuntimeError, ValueError):
        # Windows, or not the main thread: ctrl+c cancels the task.
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
