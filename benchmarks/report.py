"""The report of a run, as Markdown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.answers import FREEZES
from benchmarks.budgets import BUDGETS, DIALOGS, LINE_BUDGETS, Budget
from benchmarks.bulk import IMPORTS
from benchmarks.commands import SEND
from benchmarks.figures import growth, ratios, spread
from benchmarks.gigabyte import EXPORTS, GIGABYTE
from benchmarks.growth import SUBJECTS, Subject
from benchmarks.samples import Samples
from benchmarks.viewing import CASES

LINE, GROWTH = "line", "growth"
SECTIONS = ("measured", LINE, GROWTH)
"""The parts of the report: those of the line and of growth, and everything else."""

_MANY = "5,000 saved requests"


@dataclass(frozen=True, slots=True)
class _Row:
    test: str
    case: str
    figure: str
    label: str
    factor: float = 1.0
    digits: int = 2


def _clients() -> Iterator[_Row]:
    for case in ("no saved requests", _MANY):
        yield _Row("start", case, "ready", f"start, {case}, s")
    yield _Row("start", _MANY, "listed", "they are listed, s")
    yield _Row("keys", "URL field", "p95", "key echo p95, ms", 1e3, 1)
    yield _Row("keys", "URL field", "bytes", "bytes per key, echo only", digits=0)
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
    for case in FREEZES:
        yield _Row("freeze", case, "longest", f"{case}: longest wait of a key, s")
    for case in ("100 KB", "10 MB", "50 MB"):
        yield _Row("scroll", case, "p50", f"{case}: page-down p50, ms", 1e3, 0)
        yield _Row("scroll", case, "bottom", f"{case}: jump to the end, ms", 1e3, 0)
        yield _Row("scroll", case, "top", f"{case}: jump to the top, ms", 1e3, 0)


def _commands() -> Iterator[_Row]:
    yield _Row("send", SEND, "cpu", f"{SEND}: CPU, ms", 1e3, 0)
    yield _Row("send", SEND, "seconds", f"{SEND}: time, ms", 1e3, 0)
    save = "1 GB of JSON lines to a file"
    yield _Row("export", GIGABYTE, "seconds", f"{save}, s")
    yield _Row("export", GIGABYTE, "cpu", f"{save}: CPU, s")
    yield _Row("export", GIGABYTE, "peak", f"{save}: peak memory, MB", digits=0)
    for case in EXPORTS:
        what = f"events export of {case}"
        yield _Row("events", case, "seconds", f"{what}, s")
        yield _Row("events", case, "cpu", f"{what}: CPU, s")
        yield _Row("events", case, "peak", f"{what}: peak memory, MB", digits=0)


def _imports() -> Iterator[_Row]:
    for case in IMPORTS:
        what = f"latency {case}"
        yield _Row("import", case, "rate", f"{what}: events/s", digits=0)
        yield _Row("import", case, "cpu", f"{what}: CPU, s", digits=1)
        yield _Row("import", case, "peak", f"{what}: peak memory, MB", digits=0)


def _views() -> Iterator[_Row]:
    for case in CASES:
        size = case.partition(" of")[0]
        yield _Row("view", case, "visible", f"{size}: first lines, s")
        yield _Row("view", case, "received", f"{size}: all received, s")
        for figure, label in (
            ("page", "page down"),
            ("bottom", "jump to the end"),
            ("top", "jump to the top"),
            ("search", "search for the last line"),
        ):
            yield _Row("view", case, figure, f"{size}: {label}, ms", 1e3, 1)
        yield _Row("view", case, "peak", f"{size}: peak memory, MB", digits=0)


_BYTES = (
    ("start", "start"),
    ("letter, first", "first letter in the URL"),
    ("letter", "next letter in the URL"),
    ("down", "↓ in the response"),
    ("down, scrolls", "↓ that scrolls"),
    ("page", "page down"),
    ("page, a row", "page down, per changed row"),
    ("tab", "Tab"),
    ("tab, most", "Tab, largest of 10"),
    *(
        (f"{figure} {dialog}", f"{dialog}: {label}")
        for dialog in DIALOGS
        for figure, label in (
            ("open", "open"),
            ("frames", "frames to open"),
            ("close", "close"),
        )
    ),
    ("idle", "10 s idle"),
)
_WIRE = "bytes on the wire"
_GRIDS: dict[str, tuple[str, tuple[tuple[str, str, float, int], ...]]] = {
    "bytes": (
        "Bytes to the terminal, from a key until idle",
        tuple((figure, label, 1, 0) for figure, label in _BYTES),
    ),
    "slow": (
        "Slow line: 64 kbit/s, 300 ms round trip",
        (
            ("start", "start until typed text is on the screen, s", 1, 1),
            ("p50", "key echo p50, ms", 1e3, 0),
            ("p95", "key echo p95, ms", 1e3, 0),
            ("page", "page down until idle, s", 1, 1),
            ("operations", "operations: open until idle, s", 1, 1),
            ("help", "help: open until idle, s", 1, 1),
            ("start, wire", f"start: {_WIRE}", 1, 0),
            ("key, wire", f"key: {_WIRE}", 1, 0),
            ("page, wire", f"page down: {_WIRE}", 1, 0),
            ("operations, wire", f"operations: open: {_WIRE}", 1, 0),
            ("help, wire", f"help: open: {_WIRE}", 1, 0),
        ),
    ),
}
"""The title and rows (figure, label, factor, digits) of each table of the line."""
LINE_TESTS = tuple(_GRIDS)


def report(samples: Samples) -> dict[str, str]:
    """Return the sections of the report that were measured, by name."""
    sections: dict[str, tuple[str, ...]] = {}
    if samples.tests - {*_GRIDS, GROWTH} or not samples.tests:
        sections["measured"] = (
            _budgets(samples, BUDGETS),
            _side_by_side(samples, "Interactive clients", _clients()),
            _side_by_side(samples, "Commands", _commands()),
            _side_by_side(samples, "1,000,000 events imported", _imports()),
            _side_by_side(samples, "JSON lines on the screen", _views()),
            _setting(samples),
        )
    if samples.tests & set(_GRIDS):
        sections[LINE] = (
            _budgets(samples, LINE_BUDGETS),
            *(_grid(samples, test) for test in _GRIDS),
            _setting(samples),
        )
    if GROWTH in samples.tests:
        sections[GROWTH] = (
            *(_growth(samples, subject) for subject in SUBJECTS),
            _setting(samples),
        )
    warning = "**A quick run with small sizes: its figures mean nothing.**"
    head = (warning,) if samples.quick else ()
    return {
        name: "\n\n".join(filter(None, (*head, *parts))) + "\n"
        for name, parts in sections.items()
    }


def markers(section: str) -> tuple[str, str]:
    """Return the lines around a section of the report in a document."""
    return f"<!-- {section}: begin -->", f"<!-- {section}: end -->"


def put_into(document: Path, sections: Mapping[str, str]) -> None:
    """Replace sections of the report between their markers in a document.

    Raises:
        ValueError: The document lacks markers; it is not changed.
    """
    whole = document.read_text("utf-8")
    for section, text in sections.items():
        start, stop = markers(section)
        before, begin, rest = whole.partition(start)
        _, end, after = rest.partition(stop)
        if not begin or not end:
            raise ValueError(f"{document} has no {start} and {stop}.")
        whole = f"{before}{start}\n\n{text}\n{stop}{after}"
    document.write_text(whole, "utf-8")


def _budgets(samples: Samples, budgets: Sequence[Budget]) -> str:
    rows = [
        (
            budget.label,
            budget.promise,
            budget.measured(samples) or "–",
            budget.verdict(samples),
        )
        for budget in budgets
    ]
    return _table("Budgets", ("what", "budget", "measured", ""), rows)


def _side_by_side(samples: Samples, title: str, wanted: Iterable[_Row]) -> str:
    """Return a table with a column for each program that was measured; ours first."""
    rows = [r for r in wanted if samples.peers(r.test, r.case)]
    measured = {peer for row in rows for peer in samples.peers(row.test, row.case)}
    peers = [peer for peer in samples.versions if peer in measured]
    peers.sort(key=lambda peer: peer != "mixtui")
    lines = []
    reported: set[tuple[str, str]] = set()
    for row in rows:
        cells = [_cell(samples, row, peer) for peer in peers]
        if (row.test, row.case) not in reported:  # a failure is reported once per case
            reported.add((row.test, row.case))
            failures = (samples.failure(row.test, row.case, peer) for peer in peers)
            pairs = zip(cells, failures, strict=True)
            cells = [cell or failure for cell, failure in pairs]
        if any(cells):
            lines.append((row.label, *(cell or "–" for cell in cells)))
    head = ("median (× mixtui)", *peers)
    return _table(title, head, lines) if lines else ""


def _cell(samples: Samples, row: _Row, peer: str) -> str:
    values = samples.values(row.test, row.case, row.figure, peer)
    if not values:
        return ""
    shown = [value * row.factor for value in values.values()]
    if peer == "mixtui":
        return spread(shown, row.digits).rpartition(" n=")[0]
    text = f"{statistics.median(shown):.{row.digits}f}"
    relative = ratios(values, samples.values(row.test, row.case, row.figure))
    return f"{text} ({statistics.median(relative):.2g}×)" if relative else text


def _grid(samples: Samples, test: str) -> str:
    """Return the table of a test that has a column for each program and case."""
    title, rows = _GRIDS[test]
    columns = [
        (peer, case)
        for case in samples.cases(test)
        for peer in samples.peers(test, case)
    ]
    if not columns:
        return ""
    head = [f"{peer}, {case}" for peer, case in columns]
    # What a program did instead stands in its first cell.
    blanks = [
        ("" if samples.has(test, case, peer) else samples.failure(test, case, peer))
        for peer, case in columns
    ]
    lines = []
    for figure, label, factor, digits in rows:
        cells = []
        for (peer, case), blank in zip(columns, blanks, strict=True):
            values = samples.values(test, case, figure, peer).values()
            value = statistics.median(values) * factor if values else None
            cells.append((blank or "–") if value is None else f"{value:,.{digits}f}")
        blanks = [""] * len(columns)
        lines.append((label, *cells))
    return _table(title, ("median", *head), lines)


_CPU = "CPU, ms", 1e3, 0
_GROWN = {
    "start: first key": ("s", 1, 2),
    "first lines": ("s", 1, 2),
    "start: memory": ("MB", 1, 0),
    "memory": ("MB", 1, 0),
    "memory with search": ("MB", 1, 0),
    "disk": ("MB", 1, 0),
}
"""The unit, factor and digits of each figure of growth that is no processor time."""


def _growth(samples: Samples, subject: Subject) -> str:
    """Return the table of what a subject costs in each of its sizes."""
    cases = [case for case in subject.cases if samples.has(GROWTH, case, "mixtui")]
    if not cases:
        return ""
    rows = []
    for figure in samples.figures(GROWTH, cases[-1]):
        unit, factor, digits = _GROWN.get(figure, _CPU)
        each = (samples.values(GROWTH, case, figure).values() for case in cases)
        series = [statistics.median(v) * factor if v else math.nan for v in each]
        cells = (f"{v:,.{digits}f}" if v == v else "–" for v in series)
        rows.append((f"{figure}, {unit}", *cells, growth(series)))
    sizes = [case.removesuffix(f" {subject.name}") for case in cases]
    return _table(subject.title, ("median", *sizes, "grows"), rows)


def _setting(samples: Samples) -> str:
    lines = [f"- {peer}: {version}" for peer, version in samples.versions.items()]
    lines += [
        f"- {peer} has no figures of `{test}`: {reason}"
        for peer, tests in samples.cannot.items()
        for test, reason in tests.items()
    ]
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
