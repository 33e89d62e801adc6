"""The jobs of this machine: list, start, stop and remove them, whichever program runs them.

What a job does is in its journal, which the program that runs it writes and any other reads.
A job that runs has its journal locked; it is asked to stop by a file beside it, which works
wherever the folder can be written, without knowing a process.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shlex
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from mixtui.jobs.journal import (
    ACCOUNT_QUERY,
    FOLDER,
    SUFFIX,
    JobDescription,
    JobStart,
    JobState,
    journal_path,
    lock_journal,
    lock_path,
)
from mixtui.jobs.model import (
    Account,
    JobError,
    JobProgress,
    Limit,
    RejectedBy,
    RejectedRecord,
)
from mixtui.model.errors import StorageError
from mixtui.spelling import did_you_mean
from mixtui.system import Lock, absolute
from mixtui.temporary import lock_on

_STOP = ".stop"
_LOOK_PAUSE = 0.1
_MOST_OUTPUT = 1_000_000
"""Bytes."""
_CANNOT_TELL = "cannot tell: the folder of its journal has no file locks"


class Activity(StrEnum):
    """Whether a job goes on, as seen from outside."""

    RUNNING = "running"
    STOPPING = "stopping"
    """It was asked to stop, and finishes what it sent."""
    STOPPED = "stopped"
    """It can be resumed."""
    KILLED = "killed"
    """The program that ran it is gone; it can be resumed."""
    FINISHED = "finished"
    UNKNOWN = "unknown"
    """It runs, or it was killed: the file system of its journal has no locks."""


class JobRecord(Struct, frozen=True):
    """A job, as its journal has it."""

    name: str
    description: JobDescription
    activity: Activity
    changed: float
    """Unix seconds."""
    start: JobStart
    progress: JobProgress
    problem: str
    """Why it stopped, in a sentence; empty = nothing went wrong."""

    @property
    def account(self) -> Account:
        """What became of its records so far."""
        return self.progress.account

    @property
    def can_resume(self) -> bool:
        """Whether there is something to go on with."""
        return self.activity in (Activity.STOPPED, Activity.KILLED)

    @property
    def exported(self) -> tuple[str, ...]:
        """The files that it wrote; empty = none, or not yet."""
        is_finished = self.activity is Activity.FINISHED
        return self.start.outputs if is_finished else ()

    @property
    def is_running(self) -> bool:
        """Whether a program runs it."""
        return self.activity in (Activity.RUNNING, Activity.STOPPING)

    @property
    def may_run(self) -> bool:
        """Whether a program runs it, or nothing tells whether one does."""
        return self.is_running or self.activity is Activity.UNKNOWN

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What it does, how far it is and why it stopped: labels and values."""
        description, progress = self.description, self.progress
        rows = (
            ("Job", f"{description.kind}, {self.activity}"),
            ("Project", f"{description.project or '(none)'} in {description.region}"),
            ("Environment", description.environment),
            ("Command", f"mixtui {shlex.join(self.start.arguments)}"),
            ("Folder", self.start.folder),
            ("Progress", "" if self.share is None else f"{self.share:.0%}"),
            ("Records", self._records),
            ("Retries", f"{progress.retries:,}" if progress.retries else ""),
            ("Waits for", progress.limit if self.is_running else ""),
            ("Problem", self.problem or (progress.problem if self.is_running else "")),
            ("Running", _CANNOT_TELL if self.activity is Activity.UNKNOWN else ""),
        )
        return tuple((label, value) for label, value in rows if value)

    @property
    def counts(self) -> tuple[str, ...]:
        """What became of its records so far: ``("990 stored", "10 rejected")``."""
        account = self.account
        done = "exported" if self.description.kind.endswith(" export") else "stored"
        rejected = [f"{account.rejected:,} rejected"] if account.rejected else []
        return (f"{account.stored:,} {done}", *rejected)

    @property
    def _records(self) -> str:
        account = self.account
        if self.description.kind.endswith(" export"):
            return self.counts[0]
        if not self.may_run:
            return f"{account.summary}."
        return (
            f"{account.read:,} read, {account.stored:,} stored, "
            f"{account.rejected:,} rejected"
        )

    @property
    def total(self) -> int:
        """What `JobProgress.done` ends with; 0 = unknown."""
        return self.start.total or self.progress.total

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None = unknown."""
        if self.activity is Activity.FINISHED:
            return 1.0
        total = self.total
        return min(self.progress.done / total, 1.0) if total else None


def list_jobs(state: Path) -> tuple[JobRecord, ...]:
    """Return the jobs, the last changed first. A journal that cannot be read is left out.

    Args:
        state: The state folder.
    """
    found: list[JobRecord] = []
    for path in sorted((state / FOLDER).glob(f"*{SUFFIX}")):
        with contextlib.suppress(StorageError):
            found.append(read_job(path))
    return tuple(sorted(found, key=lambda job: -job.changed))


def find_job(state: Path, name: str) -> JobRecord:
    """Return a job.

    Raises:
        JobError: There is none of that name.
        StorageError: Its journal cannot be read.
    """
    path = journal_path(state, name)
    if not path.exists():
        names = [job.name for job in list_jobs(state)]
        hint = did_you_mean(name, names) or "“mixtui jobs list” lists them."
        raise JobError(f"No job is named {name}. {hint}")
    return read_job(path)


def read_job(path: Path) -> JobRecord:
    """Read what a journal says of its job.

    Raises:
        StorageError: It cannot be read.
    """
    try:
        with _reading(path) as connection:
            (row,) = connection.execute(
                "SELECT description, state, changed, command, progress, problem FROM job"
            ).fetchall()
            (account,) = connection.execute(ACCOUNT_QUERY).fetchall()
        description, state, changed, command, progress, problem = row
        return JobRecord(
            path.name.removesuffix(SUFFIX),
            msgspec.json.decode(description, type=JobDescription),
            _activity(path, JobState(state)),
            changed,
            msgspec.json.decode(command, type=JobStart),
            msgspec.json.decode(progress, type=JobProgress)
            if progress
            else JobProgress(Account(*account), 0, 0, Limit.READING),
            problem,
        )
    except (sqlite3.Error, ValueError) as error:
        raise _failure(path, error) from None


def rejected_records(state: Path, name: str, most: int) -> list[RejectedRecord]:
    """Return the first rejected records of a job.

    Raises:
        StorageError: Its journal cannot be read.
    """
    path = journal_path(state, name)
    try:
        with _reading(path) as connection:
            rows = connection.execute(
                "SELECT rejected_by, line, record, reason, field FROM rejected "
                "ORDER BY source, line LIMIT ?",
                (most,),
            ).fetchall()
    except sqlite3.Error as error:
        raise _failure(path, error) from None
    return [RejectedRecord(RejectedBy(by), *rest) for by, *rest in rows]


def _reading(path: Path) -> contextlib.closing[sqlite3.Connection]:
    uri = f"{absolute(path).as_uri()}?mode=ro"
    return contextlib.closing(sqlite3.connect(uri, uri=True))


def _failure(path: Path, error: Exception) -> StorageError:
    return StorageError(path, f"The journal {path} failed: {error}.")


def _activity(path: Path, state: JobState) -> Activity:
    if state is not JobState.RUNNING:
        return Activity(state.value)
    match lock_on(lock_path(path)):
        case Lock.HELD:
            return Activity.KILLED
        case Lock.NONE:
            return Activity.UNKNOWN
        case Lock.TAKEN:
            return Activity.STOPPING if is_stop_requested(path) else Activity.RUNNING


def refuse_resume(job: JobRecord) -> JobError:
    """Return why a job cannot be resumed, and what to do."""
    if job.activity is not Activity.UNKNOWN:
        return JobError(f"The job {job.name} cannot be resumed: it is {job.activity}.")
    return JobError(
        f"Cannot tell whether the job {job.name} is running, because the folder of its "
        "journal has no file locks. If it is not, repeat its command with --resume."
    )


def request_stop(state: Path, name: str) -> str:
    """Ask a job to finish what it sent, and end; return what happens, in a sentence.

    Raises:
        JobError: It does not run.
        StorageError: It cannot be asked.
    """
    job = find_job(state, name)
    if not job.may_run:
        raise JobError(f"The job {name} is not running: it is {job.activity}.")
    path = _stop_path(journal_path(state, name))
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    except OSError as error:
        raise StorageError(
            path, f"The job {name} cannot be stopped: {error.strerror}: {path}."
        ) from None
    condition = "" if job.is_running else ", if it is running"
    return f"{name} stops after what is being sent{condition}."


def wait_until_stopped(state: Path, name: str, seconds: float) -> None:
    """Wait until no program runs a job.

    Raises:
        JobError: One still does, after so many seconds.
        StorageError: The journal cannot be read.
    """
    end = time.monotonic() + seconds
    while find_job(state, name).is_running:
        if time.monotonic() > end:
            raise JobError(f"The job {name} has not ended yet: try again later.")
        time.sleep(_LOOK_PAUSE)


def is_stop_requested(path: Path) -> bool:
    """Return whether the job of a journal was asked to stop."""
    return _stop_path(path).exists()


def forget_stop_request(path: Path) -> None:
    """Let the job of a journal run again."""
    with contextlib.suppress(OSError):
        _stop_path(path).unlink(missing_ok=True)


def _stop_path(path: Path) -> Path:
    return path.with_suffix(_STOP)


def remove_job(state: Path, name: str) -> None:
    """Delete the journal of a job, and what belongs to it.

    Raises:
        JobError: There is none, or a program runs it.
        StorageError: It cannot be deleted.
    """
    import shutil

    find_job(state, name)
    path = journal_path(state, name)
    lock = lock_journal(path)
    stem = glob.escape(path.name.removesuffix(SUFFIX))
    others = [each for each in path.parent.glob(f"{stem}.*") if each != path]
    try:
        # The journal last: while it is there, the job can be removed again.
        for each in (*others, path):
            if each.is_dir():
                shutil.rmtree(each)
            else:
                each.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            path, f"The job {name} cannot be removed: {error.strerror}: {path}."
        ) from None
    finally:
        os.close(lock)


class StartedJob:
    """A command that runs a job in the background, and goes on without this program."""

    def __init__(
        self,
        arguments: Sequence[str],
        folder: Path,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start it.

        Args:
            arguments: Of the command line, without the program's name.
            folder: What relative paths in them are relative to.
            variables: Environment variables besides those of this program.

        Raises:
            JobError: It cannot be started.
        """
        import subprocess
        import tempfile

        self._output = tempfile.TemporaryFile()  # noqa: SIM115 – `wait` closes it
        try:
            self._process = subprocess.Popen(
                [*_program(), *arguments],
                cwd=folder,
                env={**os.environ, **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=self._output,
                start_new_session=True,
            )
        except OSError as error:
            self._output.close()
            raise JobError(f"The job cannot be started: {error.strerror}.") from None

    def wait(self) -> tuple[int, str]:
        """Wait until it ends; return its exit status and what it printed. Blocking."""
        status = self._process.wait()
        with self._output as output:
            output.seek(0)
            return status, output.read(_MOST_OUTPUT).decode("utf-8", "replace")


def _program() -> list[str]:
    """Return what starts mixtui again: the module, or the single file that this runs from."""
    import zipfile

    script = sys.argv[0]
    if zipfile.is_zipfile(script):
        return [sys.executable, script]
    # -P: a module in the current folder must not be taken for ours.
    return [sys.executable, "-P", "-m", "mixtui"]
