"""What jobs write: each kind is killed, and tried on hostile disks, by tests/storage."""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mixtui.jobs.journal import (
    JobDescription,
    JobState,
    create_journal,
    job_state,
    resume_journal,
)
from mixtui.jobs.model import BatchResult, RejectedBy, RejectedRecord, SourceRange
from mixtui.jobs.registry import (
    forget_stop_request,
    is_stop_requested,
    request_stop,
)
from mixtui.jobs.rejected_file import write_rejected
from mixtui.jobs.sources import Source, describe
from mixtui.jobs.sql import columns, write_rows
from mixtui.jobs.sync.annotations import Annotation, AnnotationFile
from mixtui.jobs.sync.base import BaseStore
from mixtui.jobs.sync.plan import Difference, Verdict
from mixtui.jobs.sync.schemas import SchemaEntry, SchemaFiles

_JOB = JobDescription("events import", "prod", "1", "us", "https://x", "{}")
_SOURCE = Source("/events.ndjson", 100)
_REJECTED = RejectedRecord(RejectedBy.CHECK, 1, b'{"event": 1}', "must be a text")
_ADDED = SourceRange(0, 13, 2)
NAME = "events"
JOURNAL = f"jobs/{NAME}.db"


def start_job(folder: Path) -> None:
    """Start a job, whatever was left of another of its name."""
    job_state(folder / JOURNAL)
    create_journal(folder / JOURNAL, _JOB, [_SOURCE]).close()


def add_batch(folder: Path) -> None:
    """Write down the response to a batch, and that the job was stopped."""
    with closing(resume_journal(folder / JOURNAL)) as journal:
        assert journal.description() == _JOB
        entries = len(list(journal.rejected()))
        assert journal.account().rejected == entries  # None of them without the other.
        journal.add(0, _ADDED, 1, BatchResult(0, (_REJECTED,)))
        journal.set_state(JobState.STOPPED)


def replace_batch(folder: Path) -> None:
    """Write down a batch before it is sent, and what became of it."""
    with closing(resume_journal(folder / JOURNAL)) as journal:
        doubt = BatchResult(0, (), (_REJECTED,))
        entry = journal.add(0, _ADDED, 1, doubt)
        journal.add(0, _ADDED, 1, BatchResult(1), replaces=entry)
        account = journal.account()
        assert account.read == account.stored + account.unknown + account.rejected


def stop_job(folder: Path) -> None:
    """Ask a job that runs to stop."""
    with closing(create_journal(folder / JOURNAL, _JOB, [_SOURCE])):
        request_stop(folder, NAME)
        assert is_stop_requested(folder / JOURNAL)
    forget_stop_request(folder / JOURNAL)


def pull_annotations(folder: Path) -> None:
    """Write an annotation of the project into the file of annotations."""
    file = AnnotationFile(folder / "annotations.json")
    file.load()
    file.state({})
    annotation = Annotation(date="2026-01-31 12:00:00", id=1, description="new")
    file.write([Difference("id 1", annotation.item(), None, Verdict.APPLY)])
    file.settle({})


def pull_schemas(folder: Path) -> None:
    """Write a schema of the project into a file of its own."""
    files = SchemaFiles(folder / "schemas")
    files.load()
    files.state({})
    schema = SchemaEntry("event", "Sign up", {"description": "new"})
    files.write([Difference(schema.key, schema.item(), None, Verdict.APPLY)])


def remember_pulled(folder: Path) -> None:
    """Remember what files and project were when they were equal."""
    BaseStore(folder, "https://x", folder).save({"event/Sign up": "1"})


def write_rejected_records(folder: Path) -> None:
    """Write the file of rejected records."""
    write_rejected(folder / "rejected.ndjson", [(0, _REJECTED)] * 20, [_SOURCE])


def write_query_rows(folder: Path) -> None:
    """Write the rows of a query, which DuckDB reads, for a job."""
    source = describe(str(folder / "events.csv"))
    path = folder / "jobs" / "rows.ndjson"
    with closing(create_journal(folder / JOURNAL, _JOB, [source])):
        write_rows([source], "SELECT a FROM source", path)
        assert columns(path) == ("a",)


def _journal() -> bytes:
    """Return the content of a journal in which nothing happened yet."""
    with tempfile.TemporaryDirectory() as name:
        start_job(Path(name))
        return (Path(name) / JOURNAL).read_bytes()


CHANGES: dict[str, Callable[[Path], object]] = {
    "a started job": start_job,
    "a job started again": start_job,
    "a batch of a job": add_batch,
    "a batch that is sent once": replace_batch,
    "a stop of a job": stop_job,
    "pulled annotations": pull_annotations,
    "pulled schemas": pull_schemas,
    "what was pulled": remember_pulled,
    "rejected records": write_rejected_records,
}
FILES = {
    "a job started again": {JOURNAL: _journal()},
    "a batch of a job": {JOURNAL: _journal()},
    "a batch that is sent once": {JOURNAL: _journal()},
    "pulled annotations": {
        "annotations.json": b'[{"date":"2026-01-31 12:00:00","id":1}]'
    },
    "rejected records": {"rejected.ndjson": b"{}\n"},
}
if importlib.util.find_spec("duckdb"):
    CHANGES["rows of a query"] = write_query_rows
    FILES["rows of a query"] = {"events.csv": b"a,b\n1,2\n"}
