"""Format figures, and summarise a chart as a table for terminals and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from mixtui.charts.model import (
    BarChart,
    Chart,
    HeatTable,
    LineChart,
    Number,
    Steps,
    Unit,
)
from mixtui.text import duration, sanitize

MISSING = "–"
"""Stands where the response has no figure."""
MINUS = "\N{MINUS SIGN}"

_MAX_PLAIN = 1e15
"""Larger numbers are written with an exponent."""
_MAX_SECONDS = 1e10
"""A longer time span must be an error, and is not split into units."""


def format_figure(value: Number | None, unit: Unit = Unit.NUMBER) -> str:
    """Format a figure: ``12,345``, ``8.65``, ``82.4 %``, ``+3.1 %``, ``1 h 2 min``."""
    if value is None:
        return MISSING
    sign = MINUS if value < 0 else ""
    size = abs(value)
    match unit:
        case Unit.NUMBER:
            return sign + _format_number(size)
        case Unit.FRACTION:
            return sign + format_percent(size)
        case Unit.CHANGE:
            return (sign or ("+" if value else "±")) + format_percent(size)
        case Unit.SECONDS:
            return sign + (duration(size) if size < _MAX_SECONDS else f"{size:.3g} s")


def format_percent(fraction: Number) -> str:
    """Format a fraction with one decimal; a small one is never written as 0."""
    hundredths = fraction * 100
    if 0 < hundredths < 0.05:
        return "<0.1 %"
    return f"{hundredths:,.1f} %" if hundredths < _MAX_PLAIN else f"{hundredths:.3g} %"


def format_short_percent(fraction: Number | None) -> str:
    """Format a fraction in at most four characters up to 100 %: ``82%``, ``<1%``."""
    if fraction is None:
        return MISSING
    hundredths = fraction * 100
    if 0 < hundredths < 0.5:
        return "<1%"
    return f"{hundredths:.0f}%" if hundredths < 9999.5 else "≫"


def _format_number(size: Number) -> str:
    if size >= _MAX_PLAIN:
        return f"{size:.4g}"
    if isinstance(size, int) or size.is_integer():
        return f"{size:,.0f}"
    if size < 0.01:
        return f"{size:.3g}"
    return f"{size:,.2f}"


Cell = str | Number | None


class Column(Struct, frozen=True):
    """A column of figures or names."""

    name: str
    unit: Unit | None = Unit.NUMBER
    """None = names."""


class Summary(Struct, frozen=True):
    """A table with one cell per column in each row."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def formatted_rows(self) -> list[tuple[str, ...]]:
        """Return the column names and the rows, formatted for display."""
        units = [column.unit for column in self.columns]
        return [
            tuple(column.name for column in self.columns),
            *(tuple(map(_headline_text, row, units)) for row in self.rows),
        ]

    def tsv(self) -> str:
        """Return the table as TSV with every figure at full precision."""
        head = [column.name for column in self.columns]
        lines = [head, *([_exact_text(cell) for cell in row] for row in self.rows)]
        return "".join("\t".join(line) + "\n" for line in lines)


def summarise(chart: Chart) -> Summary:
    """Summarise a chart by its most informative figures."""
    match chart:
        case LineChart():
            return _summarise_lines(chart)
        case BarChart():
            return _summarise_bars(chart)
        case HeatTable():
            return _summarise_table(chart)
        case Steps():
            return _summarise_steps(chart)


def _summarise_lines(chart: LineChart) -> Summary:
    # Rates cannot be added.
    is_additive = chart.unit is Unit.NUMBER
    names = ["min", "max", *(["total"] if is_additive else []), "last"]
    rows: list[tuple[Cell, ...]] = []
    for line in chart.lines:
        present = _present_values(line.values)
        totals: list[Cell] = [line.total] if is_additive else []
        last = line.values[-1] if line.values else None
        low, high = min(present, default=None), max(present, default=None)
        rows.append((line.name, low, high, *totals, last))
    columns = (Column("series", None), *(Column(name, chart.unit) for name in names))
    return Summary(columns, tuple(rows))


def _summarise_bars(chart: BarChart) -> Summary:
    columns = [Column("name", None), Column("value", chart.unit)]
    rows: list[tuple[Cell, ...]] = [(bar.label, bar.value) for bar in chart.bars]
    if chart.rate_name:
        columns.append(Column(chart.rate_name, chart.rate_unit))
        rows = [(*row, bar.rate) for row, bar in zip(rows, chart.bars, strict=True)]
    return Summary(tuple(columns), tuple(rows))


def _summarise_steps(chart: Steps) -> Summary:
    columns = (
        Column("step", None),
        Column("count"),
        Column("of previous", Unit.FRACTION),
        Column("of first", Unit.FRACTION),
        Column("avg. time", Unit.SECONDS),
        Column("from start", Unit.SECONDS),
    )
    rows = tuple(
        (
            f"{position}. {step.label}",
            step.count,
            step.step_rate,
            step.overall_rate,
            step.seconds,
            step.seconds_from_start,
        )
        for position, step in enumerate(chart.steps, start=1)
    )
    return Summary(columns, rows)


def _summarise_table(chart: HeatTable) -> Summary:
    """Summarise by interval: the rates of all dates that have reached it."""
    total_row = next((row for row in chart.rows if row.is_total), None)
    dated = [row for row in chart.rows if not row.is_total]
    columns = [Column("interval", None), Column("rows")]
    columns += [Column(name, Unit.FRACTION) for name in ("min", "max", "last")]
    if total_row is not None:
        columns.append(Column(total_row.label, Unit.FRACTION))
    rows: list[tuple[Cell, ...]] = []
    for position, name in enumerate(chart.columns):
        rates = [row.rates[position] for row in dated if position < len(row.rates)]
        present = _present_values(rates)
        low, high = min(present, default=None), max(present, default=None)
        row: tuple[Cell, ...] = (name, len(rates), low, high, (rates or [None])[-1])
        if total_row is not None:
            row += (
                total_row.rates[position] if position < len(total_row.rates) else None,
            )
        rows.append(row)
    return Summary(tuple(columns), tuple(rows))


def _present_values(values: Iterable[Number | None]) -> list[Number]:
    return [value for value in values if value is not None]


def _headline_text(cell: Cell, unit: Unit | None) -> str:
    if isinstance(cell, str):
        return sanitize(cell)
    return format_figure(cell, unit or Unit.NUMBER)


def _exact_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return sanitize(cell)
    return "" if cell is None else str(cell)
