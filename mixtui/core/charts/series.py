"""Numbers by date: segmentation, events, their properties, sums and averages."""

from __future__ import annotations

from collections.abc import Mapping

from mixtui.core.charts.model import Chart, Line, LineChart, Number
from mixtui.core.charts.shapes import (
    OVERALL,
    Mismatch,
    are_dates,
    date_labels,
    in_order,
    is_date,
    mapping,
    number,
)


def segmentation(value: object) -> tuple[Chart, ...]:
    """``{"data": {"series": [date, …], "values": {name: {date: n}}}}``.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(mapping(value).get("data"))
    named = {name: _by_date(item) for name, item in mapping(data.get("values")).items()}
    dates = {date for values in named.values() for date in values}
    series = data.get("series", [])
    if not isinstance(series, list):
        raise Mismatch
    for date in series:
        if not is_date(date):
            raise Mismatch
        dates.add(date)
    if not dates:
        raise Mismatch
    labels = date_labels(dates)
    # A date that a name lacks is a date without any.
    lines = (
        Line(name, tuple(values.get(date, 0) for date in labels), name == OVERALL)
        for name, values in named.items()
    )
    return (LineChart("By date", tuple(labels.values()), in_order(lines)),)


def results(value: object) -> tuple[Chart, ...]:
    """``{"results": {date: n}}``: one series, without a name.

    Raises:
        Mismatch: It has another shape.
    """
    values = _by_date(mapping(mapping(value).get("results")))
    labels = date_labels(values)
    line = Line("results", tuple(values[date] for date in labels))
    return (LineChart("By date", tuple(labels.values()), (line,)),)


def _by_date(value: object) -> Mapping[str, Number | None]:
    """Figures by date; none at all is fine."""
    if value == {}:
        return {}
    found = mapping(value)
    if not are_dates(found):
        raise Mismatch
    return {date: number(item) for date, item in found.items()}
