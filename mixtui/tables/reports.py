"""Show the reports of Mixpanel as grids: cohorts by interval, steps of a funnel, segments.

What a report contains is recognised as for its charts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from mixtui import jsonbytes
from mixtui.charts.insights import insights_charts
from mixtui.charts.model import (
    OVERALL,
    BarChart,
    Chart,
    HeatRow,
    HeatTable,
    LineChart,
    Mismatch,
    Steps,
    Unit,
)
from mixtui.charts.reports import frequency_charts, funnel_charts, retention_charts
from mixtui.charts.summary import Cell, summarise
from mixtui.charts.summary import Column as Heading
from mixtui.document.source import ByteSource
from mixtui.tables.cells import JsonReader, Path, unique_names
from mixtui.tables.columns import Column, ColumnKind
from mixtui.tables.table import Table

_MAX_BODY_BYTES = 2_000_000
"""A larger report stays a list of its members."""
_MAX_COLUMNS = 1000


class Report(Struct, frozen=True):
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
    return Report(base, tuple(_table(grid, base) for grid in grids))


def _base(value: object) -> Path:
    """Return the path of the report in a body."""
    names = value if isinstance(value, dict) else {}
    return next(((name,) for name in ("series", "data") if name in names), ())


_RECOGNISERS = (insights_charts, funnel_charts, retention_charts, frequency_charts)
"""Of reports whose lists would be bad tables."""


def _charts(value: object) -> tuple[Chart, ...]:
    for recognise in _RECOGNISERS:
        try:
            return recognise(value)
        except Mismatch:
            continue
    return ()


class _Grid(Struct, frozen=True):
    title: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    paths: tuple[Path | None, ...] = ()
    """Where each row is in the body; None, or no path = it is computed."""


def _grids(value: object) -> Iterator[_Grid]:
    if (groups := _groups(value)) is not None:
        yield groups
        return
    charts = _charts(value)
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
        yield _cohorts(title, tables)
    for title, steps in funnels.items():
        yield _steps(title, steps)
    if _is_split(value):
        yield from _segments(charts)


def _cohorts(title: str, tables: Sequence[HeatTable]) -> _Grid:
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
    paths = tuple(row.path for table in tables for row in table.rows)
    return _Grid(title, tuple(headings), tuple(rows), paths)


def _interval(row: HeatRow, position: int) -> Iterator[Cell]:
    for values in (row.counts, row.rates):
        yield values[position] if position < len(values) else None


def _steps(title: str, funnels: Sequence[Steps]) -> _Grid:
    """Return a row for each step of each date and value, those of all dates first."""
    are_split = any(steps.value for steps in funnels)
    headings: list[Heading] = []
    rows: list[tuple[Cell, ...]] = []
    paths: list[Path | None] = []
    for steps in funnels:
        summary = summarise(steps)
        headings = [*_where_headings(are_split), *summary.columns]
        where = (steps.part, steps.value or OVERALL) if are_split else (steps.part,)
        rows += [(*where, *row) for row in summary.rows]
        for position in range(len(summary.rows)):
            paths.append(None if steps.path is None else (*steps.path, position))
    return _Grid(title, tuple(headings), tuple(rows), tuple(paths))


def _where_headings(are_split: bool) -> Iterator[Heading]:
    yield Heading("date", None)
    if are_split:
        yield Heading("value", None)


def _is_split(value: object) -> bool:
    """Return whether an insights report is more than a series of each metric."""
    series = value.get("series") if isinstance(value, dict) else None
    if not isinstance(series, dict):
        return False
    return any(
        isinstance(inside, dict)
        for metric in series.values()
        if isinstance(metric, dict)
        for inside in metric.values()
    )


def _segments(charts: Iterable[Chart]) -> Iterator[_Grid]:
    """Return dates by segment, or figures by segment, for each level of a breakdown.

    Rates are of cohorts or steps, whose grids hold them already.
    """
    for chart in charts:
        match chart:
            case LineChart(unit=Unit.NUMBER):
                headings = [Heading("date", None)]
                headings += [Heading(line.name, chart.unit) for line in chart.lines]
                columns = [chart.points, *(line.values for line in chart.lines)]
                rows: Iterable[tuple[Cell, ...]] = zip(*columns, strict=True)
                yield _Grid(chart.title, tuple(headings), tuple(rows))
            case BarChart(rate_name=""):
                summary = summarise(chart)
                name = Heading(chart.title.removeprefix("By "), None)
                headings = [name, *summary.columns[1:]]
                yield _Grid(chart.title, tuple(headings), summary.rows)
            case _:
                pass


def _groups(value: object) -> _Grid | None:
    """Return a column for each part of ``[{"key": […], "value": n}]``; None = not such."""
    if not isinstance(value, list) or not value:
        return None
    groups: list[tuple[list[Cell], list[Cell]]] = []
    for item in value:
        if not isinstance(item, dict) or item.keys() != {"key", "value"}:
            return None
        figures = item["value"] if isinstance(item["value"], list) else [item["value"]]
        if not isinstance(item["key"], list) or not all(
            cell is None or isinstance(cell, str | int | float)
            for cell in (*item["key"], *figures)
        ):
            return None
        groups.append((item["key"], figures))
    keys = max(len(key) for key, _ in groups)
    figure_count = max(len(figures) for _, figures in groups)
    headings = [*_numbered("key", keys, None)]
    headings += _numbered("value", figure_count, Unit.NUMBER)
    rows = tuple(
        (
            *(key[i] if i < len(key) else None for i in range(keys)),
            *(figures[i] if i < len(figures) else None for i in range(figure_count)),
        )
        for key, figures in groups
    )
    paths = tuple((position,) for position in range(len(rows)))
    return _Grid("By group", tuple(headings), rows, paths)


def _numbered(name: str, count: int, unit: Unit | None) -> Iterator[Heading]:
    for number in range(1, count + 1):
        yield Heading(name if count == 1 else f"{name} {number}", unit)


class _Rows:
    """The rows of a grid as JSON objects.

    Args:
        names: The names of the columns that are shown.
        grid: The rows, with a cell for each of them.
        base: The path of the report.
    """

    def __init__(self, names: Sequence[str], grid: _Grid, base: Path) -> None:
        self._names, self._rows = names, grid.rows
        self._paths, self._base = grid.paths, base

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def text(self, number: int) -> bytes:
        """Return a row as an object, without the figures that it lacks.

        Raises:
            IndexError: No such row.
        """
        cells = zip(self._names, self._rows[number], strict=False)
        members = {name: cell for name, cell in cells if cell is not None}
        return json.dumps(members, ensure_ascii=False).encode("utf-8", "replace")

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """Yield the rows from `start` on."""
        return map(self.text, range(start, len(self._rows)))

    def path(self, number: int, column: Path) -> Path:
        """Return the path of a cohort or step; of the report, if a row is computed."""
        path = self._paths[number] if self._paths else None
        return self._base if path is None else path


def _table(grid: _Grid, base: Path) -> Table:
    headings = grid.headings[:_MAX_COLUMNS]
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
    return Table(grid.title, _Rows(names, grid, base), JsonReader(), columns)
