"""What each kind of job is asked for, as a form has it; the command line parses the rest."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from msgspec import Struct

from mixtui.jobs.model import JobError


class JobField(Struct, frozen=True):
    """One thing that a job is asked for."""

    option: str
    """Such as ``--from``; empty = words without an option, of which there may be several."""
    label: str
    note: str
    required: bool = True
    is_path: bool = False


class JobKind(Struct, frozen=True):
    """A command that runs a job."""

    command: str
    """Such as ``events import``."""
    title: str
    fields: tuple[JobField, ...]
    asks: bool = True
    """Whether it takes ``--yes``, once the plan was confirmed."""


_SOURCE = JobField("", "Source", "Files, globs or folders", is_path=True)
OPTIONS = JobField("*", "Options", "Others, as on the command line", required=False)
"""The last field of every kind."""
_OUTPUT = JobField("--output", "File", ".ndjson, .csv or .parquet", is_path=True)
_TABLE = JobField("", "File", "CSV, named like the table", is_path=True)
_SCHEMAS = JobField("", "Folder", "schemas", required=False, is_path=True)
_ANNOTATIONS = JobField("", "File", "annotations.json", required=False, is_path=True)
_GROUP = JobField("--data-group-id", "Group", "Id of the group key")
KINDS = (
    JobKind("events import", "Import events", (_SOURCE,)),
    JobKind(
        "events export",
        "Export events",
        (
            JobField("--from", "From", "First day, such as 2026-01-31"),
            JobField("--to", "To", "Last day"),
            JobField(
                "--output", "File", ".ndjson, .csv, .parquet or .duckdb", is_path=True
            ),
        ),
    ),
    JobKind("profiles import", "Import user profiles", (_SOURCE,)),
    JobKind("profiles export", "Export user profiles", (_OUTPUT,)),
    JobKind("groups import", "Import group profiles", (_SOURCE,)),
    JobKind("groups export", "Export group profiles", (_GROUP, _OUTPUT)),
    JobKind(
        "migrate",
        "Copy a project to another",
        (
            JobField("--from", "From", "Environment to copy from"),
            JobField("--to", "To", "Environment to copy to"),
            JobField("--dates", "Dates", "Such as 2026-01-01..2026-01-31"),
        ),
    ),
    JobKind("lookup push", "Replace a lookup table", (_TABLE,)),
    JobKind("schemas pull", "Pull schemas", (_SCHEMAS,), asks=False),
    JobKind("schemas push", "Push schemas", (_SCHEMAS,)),
    JobKind("annotations pull", "Pull annotations", (_ANNOTATIONS,), asks=False),
    JobKind("annotations push", "Push annotations", (_ANNOTATIONS,)),
)


def job_arguments(
    kind: JobKind, values: Mapping[str, str], environment: str
) -> tuple[str, ...]:
    """Return the arguments of the command line that a form stands for.

    Args:
        kind: Of the job.
        values: What was entered, by `JobField.option`.
        environment: The name of the one to use.

    Raises:
        JobError: Something is missing, or a quote is not closed.
    """
    words = ["--env", environment, *kind.command.split()]
    for field in (*kind.fields, OPTIONS):
        text = values.get(field.option, "").strip()
        if not text:
            if field.required:
                raise JobError(f"{field.label}: enter a value.")
        elif field.option.startswith("--"):
            words += [field.option, text]
        else:
            words += _split(text, field)
    return tuple(words)


def _split(text: str, field: JobField) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise JobError(f"{field.label}: a quote is not closed.") from None
