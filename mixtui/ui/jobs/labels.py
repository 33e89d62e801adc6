"""How a job is displayed in the list, and in full beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content

from mixtui.jobs.model import RejectedRecord
from mixtui.jobs.registry import Activity, JobRecord
from mixtui.text import duration, format_time, pluralise, sanitize
from mixtui.ui.widgets.cells import truncate_end

_BAR = 10
"""Cells of a progress bar."""
LIST_WIDTH = 48
"""Cells of the list beside the details."""
_MARGIN = 5
"""Cells of its border, its scrollbar, and between a name and how it goes."""
_LABEL = 12
"""Cells of the labels of the details."""
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
    # A name that is cut at the edge would hide how the job goes.
    room = LIST_WIDTH - _MARGIN - len(job.activity)
    width = min(cell_len(job.name), room)
    return Content.assemble(
        (truncate_end(job.name, width), "bold"),
        "  ",
        (job.activity, _STYLES[job.activity]),
        f"\n  {_bar(job)}{' · '.join(job.counts)}",
    )


def _bar(job: JobRecord) -> str:
    if job.share is None or job.activity is Activity.FINISHED:
        return ""  # The counts need the room.
    full = int(job.share * _BAR)
    return f"{'━' * full}{'─' * (_BAR - full)} {job.share:.0%}  "


class JobRate(Struct, frozen=True):
    """How fast a job was in the last seconds."""

    records: float
    """Read in a second."""
    done: float
    """Of `JobProgress.done`, in a second."""


def job_details(
    job: JobRecord,
    rate: JobRate | None,
    rejected: Sequence[RejectedRecord],
    width: int,
) -> Content:
    """Return everything that is known of a job.

    Args:
        job: The job.
        rate: Of a running job; None = unknown.
        rejected: The first records that were rejected.
        width: Cells of a line; longer values go on below themselves.
    """
    rows = list(job.facts)
    if job.is_running and rate is not None:
        rows.append(("Rate", f"{rate.records:,.0f} records/s{_time_left(job, rate)}"))
    changed = datetime.fromtimestamp(job.changed, UTC)
    rows.append(("Changed", format_time(changed)))
    parts: list[Content] = []
    for label, value in rows:
        style = "$text-error" if label == "Problem" else ""
        lines = Content(sanitize(value)).wrap(max(width - _LABEL, _LABEL))
        heads = (f"{label:<{_LABEL}}", *[" " * _LABEL] * len(lines))
        parts += [
            Content.assemble((head, "$text-muted"), line.stylize(style))
            for head, line in zip(heads, lines, strict=False)
        ]
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
    if not job.total or rate.done <= 0:
        return ""
    rest = max(job.total - job.progress.done, 0)
    return f", {duration(rest / rate.done)} left"
