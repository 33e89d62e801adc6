"""Run a job from the command line: confirm, keep its journal, show its progress, end it."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.jobs.progress import ProgressMeter
from mixtui.cli.parsing import UsageError
from mixtui.cli.send.run import draw_line
from mixtui.jobs.journal import (
    JobDescription,
    JobStart,
    JobState,
    Journal,
    create_journal,
    job_state,
    journal_path,
    resume_journal,
)
from mixtui.jobs.model import Account, Job, JobError
from mixtui.jobs.registry import forget_stop_request, is_stop_requested
from mixtui.jobs.sending import Connection, Sending, Wait
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus, MixtuiError, StorageError
from mixtui.model.prepared import PreparedRequest
from mixtui.request.confirmation import required_confirmation, target_project_id
from mixtui.session import Session
from mixtui.storage.paths import state_dir
from mixtui.text import duration

T = TypeVar("T")

wait = asyncio.sleep
"""Waits for a quota, or before something is sent again."""
WATCH_PERIOD = 1.0
"""Seconds between two looks at a job, for those who watch it."""


class JobCommand(Struct, frozen=True):
    """The command that runs a job."""

    arguments: Namespace
    """Those of `mixtui.cli.commands.job_arguments`, and others."""
    console: Console
    session: Session

    @property
    def is_dry_run(self) -> bool:
        """Whether nothing may be sent."""
        return bool(self.arguments.dry_run)


class JobPlan(Struct, frozen=True):
    """What a job is, before it begins."""

    name: str
    label: str
    """What it does to what, as a clause: "Import x.ndjson to project 1 in us (prod)"."""
    description: JobDescription
    inputs: tuple[Struct, ...]
    """What it reads: files, days, …"""
    total: int = 0
    """How much `JobProgress.done` will be; 0 = unknown."""
    unit: str = "bytes"
    """Of `total`."""
    can_resume: bool = True
    """Whether the inputs can be read again."""
    outputs: tuple[str, ...] = ()
    """The files that it writes, absolute."""


def open_command(arguments: Namespace, console: Console) -> JobCommand:
    """Check the arguments that all jobs have, and open the session.

    Raises:
        UsageError: They contradict each other.
        MixtuiError: As `session_from_arguments`.
    """
    if arguments.resume and arguments.restart:
        raise UsageError("--resume and --restart cannot be combined.")
    session = session_from_arguments(arguments, console)
    for warning in session.warnings:
        console.report(warning)
    return JobCommand(arguments, console, session)


def confirm(command: JobCommand, plan: JobPlan, request: PreparedRequest) -> bool:
    """Ask, where the environment or the request wants confirmation.

    Raises:
        JobError: There is no terminal to ask on, or ``--confirm`` names another project.
    """
    if command.arguments.resume and command.arguments.yes:
        # It was confirmed when it began: else there is no journal of it for this project.
        return True
    label, environment = plan.label, command.session.environment
    confirmation = required_confirmation(request, environment)
    if confirmation is not None and confirmation.is_destructive:
        label += ", which may delete or replace data"
    return confirm_requests(
        command.arguments,
        command.console,
        environment,
        label,
        [request],
        can_ask=plan.can_resume,
    )


def run_with_connection(
    session: Session,
    console: Console,
    work: Callable[[Connection, Sending], Awaitable[T]],
) -> T:
    """Run what needs no journal, with a connection that is closed afterwards.

    Raises:
        MixtuiError: As `work`.
    """

    def report_wait(coming: Wait) -> None:
        if console.stderr_is_terminal:
            draw_line(console)
        seconds = duration(coming.seconds)
        console.report(f"{coming.reason} Sending in {seconds}.")

    def report(error: StorageError) -> None:
        console.report(str(error))

    async def run() -> T:
        connection = Connection(session, state_dir(), report)
        sending = Sending(connection.send, on_wait=report_wait, sleep=wait)
        try:
            return await work(connection, sending)
        finally:
            await connection.close()

    return asyncio.run(run())


def confirm_requests(
    arguments: Namespace,
    console: Console,
    environment: Environment,
    label: str,
    requests: Sequence[PreparedRequest],
    *,
    can_ask: bool = True,
) -> bool:
    """Ask once for several requests, as the one of them that needs it most.

    Args:
        arguments: ``--yes``, and ``--confirm``, which names the project where that must
            be typed.
        console: Asked on.
        environment: That of the requests.
        label: What they do, as a clause.
        requests: All of them.
        can_ask: Whether stdin is there to answer on.

    Raises:
        JobError: There is no terminal to ask on, or another project was named.
    """
    wanted = [required_confirmation(each, environment) for each in requests]
    needed = [each for each in wanted if each is not None]
    if not needed:
        return True
    word = next((each.required_text for each in needed if each.required_text), "")
    if arguments.confirm is not None:
        if arguments.confirm == (word or target_project_id(requests[0])):
            return True
        raise JobError(
            f"{label}: --confirm names another project: {arguments.confirm}."
        )
    if arguments.yes and not word:
        return True
    if not console.can_prompt or not can_ask:
        option = f"--confirm {word}" if word else "--yes"
        raise JobError(f"{label}: add {option} to confirm it.")
    agrees = (
        console.prompt(f"{label}. Type {word} to confirm it:") == word
        if word
        else console.confirm(f"{label}?")
    )
    if not agrees:
        console.report("Nothing was sent.")
    return agrees


@contextlib.contextmanager
def open_journal(
    command: JobCommand, plan: JobPlan, check_inputs: Callable[[Journal], None]
) -> Iterator[Journal]:
    """Open the journal of a job, new or resumed.

    Args:
        command: What runs the job.
        plan: The job.
        check_inputs: Raises `JobError` if the inputs are not those of the journal.

    Raises:
        JobError: There is an unfinished one, or none to resume, or it is another job.
        StorageError: It cannot be read or written.
    """
    path = journal_path(state_dir(), plan.name)
    if command.arguments.resume:
        journal = resume_journal(path)
        try:
            _check_same_job(plan, journal)
            check_inputs(journal)
            # It may write to another file than before.
            journal.set_start(_start(command, plan))
        except BaseException:
            journal.close()
            raise
    else:
        unfinished = job_state(path) not in (None, JobState.FINISHED)
        # One of stdin has nothing to go on with.
        if unfinished and not command.arguments.restart and plan.can_resume:
            raise JobError(
                f"The job {plan.name} is unfinished: add --resume to continue it, or "
                "--restart to start over."
            )
        start = _start(command, plan)
        journal = create_journal(path, plan.description, plan.inputs, start)
    forget_stop_request(path)
    with contextlib.closing(journal):
        yield journal


def _start(command: JobCommand, plan: JobPlan) -> JobStart:
    return JobStart(
        command.arguments.argv,
        str(command.console.folder),
        plan.total,
        plan.unit,
        plan.outputs,
    )


def _check_same_job(plan: JobPlan, journal: Journal) -> None:
    """Refuse to resume with what would give other records.

    Raises:
        JobError: Says what differs.
    """
    if not plan.can_resume:
        raise JobError(
            "What was read from stdin cannot be read again: start over without --resume."
        )
    if journal.description() != plan.description:
        raise JobError(
            f"The job {plan.name} was started with other options or for another "
            "project: use the same, or --restart."
        )


class JobRun:
    """A job under way in the foreground."""

    def __init__(self, command: JobCommand, plan: JobPlan, journal: Journal) -> None:
        """Start nothing yet."""
        self._command, self._plan, self._journal = command, plan, journal
        self._console = command.console
        self._meter: ProgressMeter | None = None
        self._account = journal.account()

    def run(
        self,
        make_job: Callable[[Connection, Sending], Job],
        report: Callable[[Account, JobState], None],
    ) -> int:
        """Run it to its end, and return the exit status.

        Args:
            make_job: Returns the job, which sends with what it is given.
            report: Prints what became of the records, also when it stopped.

        Raises:
            MixtuiError: It stopped.
        """
        self._journal.set_state(JobState.RUNNING)
        try:
            account, was_stopped = asyncio.run(self._run(make_job))
        except BaseException as error:
            problem = str(error) if isinstance(error, MixtuiError) else ""
            self._journal.set_state(JobState.STOPPED, problem)
            # What was sent once and got no response is in the journal alone.
            unknown = self._journal.account().unknown
            report(replace(self._account, unknown=unknown), JobState.STOPPED)
            self._report_resume()
            raise
        state = JobState.STOPPED if was_stopped else JobState.FINISHED
        self._journal.set_state(state)
        report(account, state)
        if was_stopped:
            self._report_resume()
            return ExitStatus.INTERRUPTED
        if account.not_sent or account.unknown:
            return ExitStatus.NO_RESPONSE
        return ExitStatus.PARTLY_STORED if account.rejected else ExitStatus.ACCEPTED

    async def _run(
        self, make_job: Callable[[Connection, Sending], Job]
    ) -> tuple[Account, bool]:
        connection = Connection(
            self._command.session,
            state_dir(),
            report=lambda error: self._console.report(str(error)),
        )
        sending = Sending(connection.send, on_wait=self._report_wait)
        tasks: list[asyncio.Task[None]] = []
        try:
            job = make_job(connection, sending)
            self._meter = self._make_meter(job)
            tasks.append(asyncio.create_task(self._watch(job)))
            if self._meter is not None:
                tasks.append(asyncio.create_task(self._meter.run()))
            with _stop_on_interrupt(job, self._console):
                account = await job.run()
            return account, job.was_stopped
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                self._account = job.progress.account
                self._journal.set_progress(job.progress)
            if self._meter is not None:
                self._meter.erase()
            forget_stop_request(self._journal.path)
            await connection.close()

    async def _watch(self, job: Job) -> None:
        """Let others see how far the job is, and stop it when they ask for that."""
        path = self._journal.path
        while True:
            await asyncio.to_thread(self._journal.set_progress, job.progress)
            if await asyncio.to_thread(is_stop_requested, path):
                job.stop()
            await asyncio.sleep(WATCH_PERIOD)

    def _make_meter(self, job: Job) -> ProgressMeter | None:
        how = self._command.arguments.progress
        as_json = how == "json"
        if how == "none" or not (as_json or self._console.stderr_is_terminal):
            return None
        plan = self._plan
        return ProgressMeter(
            self._console,
            lambda: job.progress,
            plan.total,
            unit=plan.unit,
            as_json=as_json,
        )

    def report(self, line: str) -> None:
        """Print a line above the progress."""
        if self._meter is not None:
            self._meter.erase()
        self._console.report(line)

    def _report_wait(self, wait: Wait) -> None:
        self.report(f"{wait.reason} Continuing in {duration(wait.seconds)}.")

    def _report_resume(self) -> None:
        if self._plan.can_resume:
            self._console.report("To continue, repeat the command with --resume.")


def account_values(
    journal: Journal, state: JobState, account: Account
) -> dict[str, Any]:
    """Return an account for ``--json``."""
    return {
        "job": journal.name,
        "state": state,
        "read": account.read,
        "stored": account.stored,
        "rejected": account.rejected,
        "unknown": account.unknown,
        "not_sent": account.not_sent,
        "bytes": account.bytes,
    }


@contextlib.contextmanager
def _stop_on_interrupt(job: Job, console: Console) -> Iterator[None]:
    """Let the first ctrl+c end a job cleanly, and the second one at once."""
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
