"""How a job is displayed in the list, and in full beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct
from textual.content import Content

from mixtui.jobs.model import RejectedRecord
from mixtui.jobs.registry import Activity, JobRecord
from mixtui.text import duration, format_time, pluralise, sanitize

_BAR = 16
"""Cells of a progress bar."""
_STYLES = {
    Activity.RUNNING: "$text-accent",
    Activity.STOPPING: "$text-warning",
    Activity.STOPPED: "$text-warning",
    Activity.KILLED: "$text-error",
    Activity.FINISHED: "$text-success",
    Activity.UNKNOWN: "$text-warning",
}


def job_label(job: JobRecord) -> Content:
    """Return two lines: the name and how it goes, then how far it is."""
    account = job.account
    counts = f"{account.stored:,} stored"
    if account.rejected:
        counts += f" · {account.rejected:,} rejected"
    return Content.assemble(
        (sanitize(job.name), "bold"),
        "  ",
        (job.activity, _STYLES[job.activity]),
        f"\n  {_bar(job)}{counts}",
    )


def _bar(job: JobRecord) -> str:
    if job.share is None:
        return ""
    full = int(job.share * _BAR)
    return f"{'━' * full}{'─' * (_BAR - full)} {job.share:.0%}  "


class JobRate(Struct, frozen=True):
    """How fast a job was in the last seconds."""

    records: float
    """Read in a second."""
    done: float
    """Of `JobProgress.done`, in a second."""


def job_details(
    job: JobRecord, rate: JobRate | None, rejected: Sequence[RejectedRecord]
) -> Content:
    """Return everything that is known of a job.

    Args:
        job: The job.
        rate: Of a running job; None = unknown.
        rejected: The first records that were rejected.
    """
    rows = list(job.facts)
    if job.is_running and rate is not None:
        rows.append(("Rate", f"{rate.records:,.0f} records/s{_time_left(job, rate)}"))
    changed = datetime.fromtimestamp(job.changed, UTC)
    rows.append(("Changed", format_time(changed)))
    parts: list[Content] = []
    for label, value in rows:
        style = "$text-error" if label == "Problem" else ""
        parts.append(
            Content.assemble((f"{label:<12}", "$text-muted"), (sanitize(value), style))
        )
    if rejected:
        parts.append(Content(""))
        parts.append(Content.styled("Rejected", "bold $text-primary"))
        parts += [
            Content(sanitize(f"line {each.line:,}: {each.label}")) for each in rejected
        ]
        if rest := job.account.rejected - len(rejected):
            parts.append(Content(f"… and {pluralise(rest, 'record')} more"))
    return Content("\n").join(parts)


def _time_left(job: JobRecord, rate: JobRate) -> str:
    """Return how long the rest takes; empty = unknown."""
    if not job.start.total or rate.done <= 0:
        return ""
    rest = max(job.start.total - job.progress.done, 0)
    return f", {duration(rest / rate.done)} left"
