"""The report of a run, as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.budgets import BUDGETS
from benchmarks.figures import ratios, spread
from benchmarks.samples import Samples

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
"""The markers around the report in a document."""

_MANY = "5,000 saved requests"


@dataclass(frozen=True, slots=True)
class _Row:
    test: str
    case: str
    figure: str
    label: str
    factor: float = 1.0
    digits: int = 2


def _rows() -> Iterator[_Row]:
    for case in ("no saved requests", _MANY):
        yield _Row("start", case, "ready", f"start, {case}, s")
    yield _Row("start", _MANY, "listed", "they are listed, s")
    yield _Row("keys", "URL field", "p95", "key echo p95, ms", 1e3, 1)
    yield _Row("keys", "URL field", "bytes", "bytes per key", digits=0)
    for case in ("fresh", "with 1 MB shown"):
        yield _Row("idle", case, "bytes", f"10 s idle, {case}: bytes", digits=0)
        yield _Row("idle", case, "cpu", f"10 s idle, {case}: CPU, ms", 1e3, 1)
    for form in ("minified", "pretty"):
        for size in ("1 KB", "1 MB", "10 MB", "50 MB"):
            yield _Row(
                "load", f"{size} {form}", "visible", f"{size} {form}: visible, s"
            )
            label = f"{size} {form}: peak memory, MB"
            yield _Row("load", f"{size} {form}", "peak", label, digits=0)
    for case in ("10 MB at once", "50 MB at once", "50 MB over 3 s"):
        yield _Row("freeze", case, "longest", f"{case}: longest wait of a key, s")
    for case in ("100 KB", "10 MB", "50 MB"):
        yield _Row("scroll", case, "p50", f"{case}: page-down p50, ms", 1e3, 0)
        yield _Row("scroll", case, "bottom", f"{case}: jump to the end, ms", 1e3, 0)
        yield _Row("scroll", case, "top", f"{case}: jump to the top, ms", 1e3, 0)


def report(samples: Samples) -> str:
    """Return the report: budgets, comparison, the gigabyte, and the setting."""
    parts = [_budgets(samples), _peers(samples), _gigabyte(samples), _setting(samples)]
    if samples.quick:
        parts.insert(0, "**A quick run with small sizes: its figures mean nothing.**")
    return "\n\n".join(part for part in parts if part) + "\n"


def put_into(document: Path, text: str) -> None:
    """Replace the report between the markers of a document.

    Raises:
        ValueError: The document has no markers.
    """
    before, begin, rest = document.read_text("utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no {BEGIN} and {END}.")
    document.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", "utf-8")


def _budgets(samples: Samples) -> str:
    rows = [
        (
            budget.label,
            budget.promise,
            budget.measured(samples) or "–",
            budget.verdict(samples),
        )
        for budget in BUDGETS
    ]
    return _table("Budgets", ("what", "budget", "measured", ""), rows)


def _peers(samples: Samples) -> str:
    peers = samples.peers()
    rows = []
    reported: set[tuple[str, str]] = set()
    for row in _rows():
        cells = [_cell(samples, row, peer) for peer in peers]
        if (row.test, row.case) not in reported:  # a failure is reported once per case
            reported.add((row.test, row.case))
            failures = (samples.failure(row.test, row.case, peer) for peer in peers)
            pairs = zip(cells, failures, strict=True)
            cells = [cell or failure for cell, failure in pairs]
        if any(cells):
            rows.append((row.label, *(cell or "–" for cell in cells)))
    return _table("Side by side", ("figure", *peers), rows) if rows else ""


def _cell(samples: Samples, row: _Row, peer: str) -> str:
    values = samples.values(row.test, row.case, row.figure, peer)
    if not values:
        return ""
    text = spread([value * row.factor for value in values.values()], row.digits)
    ours = samples.values(row.test, row.case, row.figure)
    relative = ratios(values, ours)
    if peer == "mixtui" or not relative:
        return text
    return f"{text} = {statistics.median(relative):.3g} × mixtui"


def _gigabyte(samples: Samples) -> str:
    case = "1 GB of JSON lines"
    shown = (
        ("gigabyte", "visible", "on the screen: first lines, s", 2),
        ("gigabyte", "received", "on the screen: all received, s", 2),
        ("gigabyte", "bare", "the bare transfer, s", 2),
        ("gigabyte", "bottom", "on the screen: jump to the end, s", 3),
        ("gigabyte", "top", "on the screen: jump to the top, s", 3),
        ("gigabyte", "peak", "on the screen: peak memory, MB", 0),
        ("gigabyte", "start_rss", "on the screen: memory before, MB", 0),
        ("export", "seconds", "`mixtui send -o`, s", 2),
        ("export", "curl", "`curl -o`, s", 2),
        ("export", "peak", "`mixtui send -o`: peak memory, MB", 0),
        ("export", "curl_peak", "`curl -o`: peak memory, MB", 0),
    )
    rows: list[tuple[str, ...]] = []
    for test, figure, label, digits in shown:
        values = list(samples.values(test, case, figure).values())
        if values:
            rows.append((label, spread(values, digits)))
    for test in ("gigabyte", "export"):
        failure = samples.failure(test, case, "mixtui")
        if failure and not samples.values(test, case, "peak"):
            rows.append((test, failure))
    return _table(case, ("figure", "measured"), rows) if rows else ""


def _setting(samples: Samples) -> str:
    lines = [f"- {peer}: {version}" for peer, version in samples.versions.items()]
    pace = ""
    if samples.pace:
        low, high = min(samples.pace) * 1e3, max(samples.pace) * 1e3
        pace = f"; a fixed piece of work took {low:.0f}–{high:.0f} ms over the run"
    lines.append(f"- machine: {samples.machine}{pace}")
    return "\n".join(("### What was measured", "", *lines))


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"### {title}", "", _line(head), _line(["---"] * len(head))]
    return "\n".join((*lines, *map(_line, rows)))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
