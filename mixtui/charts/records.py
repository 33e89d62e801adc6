"""Charts of records: the rows of a query, whose columns are names, dates and figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mixtui import jsonbytes
from mixtui.charts.model import (
    Bar,
    BarChart,
    Chart,
    Line,
    LineChart,
    Mismatch,
    Number,
    are_dates,
    date_labels,
    number,
    sort_lines,
)

MAX_BYTES = 2_000_000
"""Of records; more have more bars than anybody reads."""
_MOST_NAMES = 3
"""Columns of names; more are things rather than figures, such as whole events."""
_SEPARATOR = " · "

Record = Mapping[str, object]


def read_record_charts(body: bytes) -> tuple[Chart, ...]:
    """Return the charts of JSON lines; none if they are not figures by name or date."""
    try:
        records = [jsonbytes.decode(line) for line in body.splitlines() if line]
    except jsonbytes.NotJson:
        return ()
    objects = [each for each in records if isinstance(each, dict)]
    return record_charts(objects) if len(objects) == len(records) else ()


def record_charts(records: Sequence[Record]) -> tuple[Chart, ...]:
    """Return a chart for each column of figures: by date, or else by name.

    The first column of dates is the axis; the other columns that are not figures name the
    series, or the bars, which keep the order of the records.

    Args:
        records: All with the same columns.
    """
    figures, names = _split_columns(records)
    if not figures or not 1 <= len(names) <= _MOST_NAMES:
        return ()
    date = next(
        (name for name in names if are_dates(record.get(name) for record in records)),
        "",
    )
    series = [name for name in names if name != date]
    labels = [
        _SEPARATOR.join(_text(each.get(name)) for name in series) for each in records
    ]
    days = [str(each[date]) if date else "" for each in records]
    if len(set(zip(days, labels, strict=True))) < len(records):
        return ()  # Several figures of one name: nothing says how to join them.
    values = {name: [number(each.get(name)) for each in records] for name in figures}
    if not date:
        return tuple(
            BarChart(name, tuple(map(Bar, labels, column)))
            for name, column in values.items()
        )
    if series:
        return tuple(
            _line_chart(f"{name} by {date}", days, labels, column)
            for name, column in values.items()
        )
    joined = [value for column in values.values() for value in column]
    named = [name for name in values for _ in records]
    title = f"{figures[0] if len(figures) == 1 else 'Figures'} by {date}"
    return (_line_chart(title, days * len(figures), named, joined),)


def _split_columns(records: Sequence[Record]) -> tuple[list[str], list[str]]:
    """Return the columns that are figures, and the others."""
    figures: list[str] = []
    names: list[str] = []
    for name in records[0] if records else ():
        try:
            found = [number(record.get(name)) for record in records]
        except Mismatch:
            names.append(name)
        else:
            if any(value is not None for value in found):
                figures.append(name)
    return figures, names


def _line_chart(
    title: str,
    days: Sequence[str],
    names: Sequence[str],
    values: Sequence[Number | None],
) -> LineChart:
    labels = date_labels(days)
    found: dict[str, dict[str, Number | None]] = {}
    for day, name, value in zip(days, names, values, strict=True):
        found.setdefault(name, {})[day] = value
    lines = (
        Line(name, tuple(by_day.get(day) for day in labels))
        for name, by_day in found.items()
    )
    return LineChart(title, tuple(labels.values()), sort_lines(lines))


def _text(value: object) -> str:
    return "null" if value is None else str(value)
