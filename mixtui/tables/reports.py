"""Show the reports of Mixpanel as grids: cohorts by interval, steps of a funnel, segments.

What a report contains is recognised as for its charts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mixtui import jsonbytes
from mixtui.charts.model import (
    OVERALL,
    BarChart,
    Chart,
    HeatRow,
    HeatTable,
    LineChart,
    Steps,
    Unit,
)
from mixtui.charts.recognise import detect_charts
from mixtui.charts.summary import Cell, Summary, summarise
from mixtui.charts.summary import Column as Heading
from mixtui.document.source import ByteSource
from mixtui.tables.cells import JsonReader, Path, unique_names
from mixtui.tables.columns import Column, ColumnKind
from mixtui.tables.table import Table

_MAX_BODY_BYTES = 2_000_000
"""A larger report stays a list of its members."""
_MAX_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """The grids of a body, and the part of it that they show."""

    base: Path
    tables: tuple[Table, ...]

    def shows(self, path: Path) -> bool:
        """Return whether a value is part of the report, or contains it."""
        shared = min(len(path), len(self.base))
        return path[:shared] == self.base[:shared]


def read_report(source: ByteSource) -> Report | None:
    """Return the grids of a complete JSON body; None if its tables need none.

    Raises:
        OSError: The body cannot be read.
    """
    if source.size > _MAX_BODY_BYTES:
        return None
    try:
        value: object = jsonbytes.decode(source.read(0, source.size))
    except jsonbytes.NotJson:
        return None
    grids = list(_grids(value))
    if not grids:
        return None
    base = _base(value)
    return Report(base, tuple(_table(title, grid, base) for title, grid in grids))


def _base(value: object) -> Path:
    """Return the path of the report in a body."""
    names = value if isinstance(value, dict) else {}
    return next(((name,) for name in ("series", "data") if name in names), ())


def _grids(value: object) -> Iterator[tuple[str, Summary]]:
    charts = detect_charts(value)
    heat_tables: dict[str, list[HeatTable]] = {}
    funnels: dict[str, list[Steps]] = {}
    for chart in charts:
        match chart:
            case HeatTable():
                heat_tables.setdefault(chart.title, []).append(chart)
            case Steps():
                funnels.setdefault(chart.report, []).append(chart)
            case _:
                pass
    for title, tables in heat_tables.items():
        yield title, _cohorts(tables)
    for title, steps in funnels.items():
        yield title, _steps(steps)
    if not heat_tables and not funnels and _is_split(value):
        yield from _segments(charts)


def _cohorts(tables: Sequence[HeatTable]) -> Summary:
    """Return a row for each cohort: its size, then count and share of each interval."""
    longest = max(tables, key=lambda table: len(table.columns))
    are_split = len(tables) > 1
    headings = [*_where_headings(are_split), Heading(longest.base_name)]
    for name in longest.columns:
        headings += [Heading(name), Heading(f"{name} %", Unit.FRACTION)]
    rows: list[tuple[Cell, ...]] = []
    for table in tables:
        for row in table.rows:
            where = (row.label, table.part) if are_split else (row.label,)
            cells: list[Cell] = [*where, row.base]
            for position in range(len(longest.columns)):
                cells += _interval(row, position)
            rows.append(tuple(cells))
    return Summary(tuple(headings), tuple(rows))


def _interval(row: HeatRow, position: int) -> Iterator[Cell]:
    for values in (row.counts, row.rates):
        yield values[position] if position < len(values) else None


def _steps(funnels: Sequence[Steps]) -> Summary:
    """Return a row for each step of each date and value, those of all dates first."""
    are_split = any(steps.value for steps in funnels)
    headings: list[Heading] = []
    rows: list[tuple[Cell, ...]] = []
    for steps in funnels:
        summary = summarise(steps)
        headings = [*_where_headings(are_split), *summary.columns]
        where = (steps.part, steps.value or OVERALL) if are_split else (steps.part,)
        rows += [(*where, *row) for row in summary.rows]
    return Summary(tuple(headings), tuple(rows))


def _where_headings(are_split: bool) -> Iterator[Heading]:
    yield Heading("date", None)
    if are_split:
        yield Heading("value", None)


def _is_split(value: object) -> bool:
    """Return whether an insights report is split by a property: others are a series."""
    series = value.get("series") if isinstance(value, dict) else None
    if not isinstance(series, dict):
        return False
    return any(
        isinstance(inside, dict)
        for metric in series.values()
        if isinstance(metric, dict)
        for inside in metric.values()
    )


def _segments(charts: Iterable[Chart]) -> Iterator[tuple[str, Summary]]:
    """Return dates by segment, or figures by segment, for each level of a breakdown."""
    for chart in charts:
        match chart:
            case LineChart():
                headings = [Heading("date", None)]
                headings += [Heading(line.name, chart.unit) for line in chart.lines]
                columns = [chart.points, *(line.values for line in chart.lines)]
                rows: Iterable[tuple[Cell, ...]] = zip(*columns, strict=True)
                yield chart.title, Summary(tuple(headings), tuple(rows))
            case BarChart():
                name, *figures = summarise(chart).columns
                name = Heading(chart.title.removeprefix("By "), None)
                yield chart.title, Summary((name, *figures), summarise(chart).rows)
            case _:
                pass


class _Rows:
    """The rows of a grid as JSON objects.

    Args:
        names: The names of its columns.
        rows: A cell for each of them.
        base: The path of the report.
    """

    def __init__(
        self, names: Sequence[str], rows: Sequence[tuple[Cell, ...]], base: Path
    ) -> None:
        self._names, self._rows, self._base = names, rows, base

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def text(self, number: int) -> bytes:
        """Return a row as an object, without the figures that it lacks.

        Raises:
            IndexError: No such row.
        """
        cells = zip(self._names, self._rows[number], strict=True)
        members = {name: cell for name, cell in cells if cell is not None}
        return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace")

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the rows from `start` on."""
        return map(self.text, range(start, len(self._rows)))

    def path(self, number: int, column: Path) -> Path:
        """Return the path of the report: a row may combine several of its values."""
        return self._base


def _table(title: str, grid: Summary, base: Path) -> Table:
    headings = grid.columns[:_MAX_COLUMNS]
    names = unique_names([heading.name for heading in headings])
    columns = tuple(
        Column(
            (name,),
            name,
            name,
            ColumnKind.TEXT if heading.unit is None else ColumnKind.NUMBER,
            heading.unit,
        )
        for name, heading in zip(names, headings, strict=True)
    )
    rows = [row[: len(names)] for row in grid.rows]
    return Table(title, _Rows(names, rows, base), JsonReader(), columns)
