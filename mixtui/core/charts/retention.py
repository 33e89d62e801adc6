"""Who comes back: ``/retention``, and how often: ``/retention/addiction``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mixtui.core.charts.model import (
    Bar,
    BarChart,
    Chart,
    HeatRow,
    HeatTable,
    Number,
    rate,
    total,
)
from mixtui.core.charts.shapes import (
    OVERALL,
    Mismatch,
    are_dates,
    date_labels,
    mapping,
    number,
    numbers,
)

_TOGETHER = "all rows"
_NONE = ((), (None,))


def retention(value: object) -> tuple[Chart, ...]:
    """``{date: {"first": n, "counts": […]}}``, or by value below each date when split.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(value)
    if not are_dates(data):
        raise Mismatch
    segments: dict[str, list[HeatRow]] = {}
    for date, label in date_labels(data).items():
        item = mapping(data[date])
        if is_cohort(item):
            segments.setdefault(OVERALL, []).append(cohort(label, item))
        else:
            for name, inside in item.items():
                row = cohort(label, mapping(inside))
                segments.setdefault(name, []).append(row)
    return tuple(heat_tables("Retention", segments))


def frequency(value: object) -> tuple[Chart, ...]:
    """``{"data": {date: [n, …]}}``, or the same without ``data``.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(value)
    if "data" in data:
        data = mapping(data["data"])
    if not are_dates(data):
        raise Mismatch
    rows: list[HeatRow] = []
    bars: list[Chart] = []
    for date, label in date_labels(data).items():
        counts = numbers(data[date])
        base = counts[0] if counts else None
        rates = tuple(rate(count, base) for count in counts)
        rows.append(HeatRow(label, base, counts, rates))
        bars.append(
            BarChart(
                "Users by frequency",
                tuple(
                    Bar(f"≥ {place}", count, share)
                    for place, (count, share) in enumerate(
                        zip(counts, rates, strict=True), start=1
                    )
                ),
                rate_name="of the active",
                part=label,
                notes=("Active in at least so many units.",),
            )
        )
    longest = max(len(row.counts) for row in rows)
    if not longest:
        raise Mismatch
    columns = tuple(f"≥{place}" for place in range(1, longest + 1))
    note = "Columns: active in at least so many units; 100 % = active at all."
    table = HeatTable("Frequency", "active", columns, tuple(rows), notes=(note,))
    return (table, *bars)


def is_cohort(item: Mapping[str, object]) -> bool:
    """Whether an object is those of one date, and who came back."""
    return "first" in item and isinstance(item.get("counts"), list)


def cohort(label: str, item: Mapping[str, object], *, apart: bool = False) -> HeatRow:
    """A row; rates as they came, or from the counts.

    Raises:
        Mismatch: It has another shape.
    """
    if not is_cohort(item):
        raise Mismatch
    first, counts = number(item["first"]), numbers(item["counts"])
    rates: Sequence[float | None]
    if "rates" in item:
        rates = numbers(item["rates"])
    else:
        rates = [rate(count, first) for count in counts]
    return HeatRow(label, first, counts, tuple(rates), apart)


def heat_tables(
    title: str, segments: Mapping[str, Sequence[HeatRow]]
) -> Iterable[HeatTable]:
    """A table for each value; each with a row of all, unless the answer has one."""
    for name in sorted(segments, key=lambda name: name != OVERALL):
        rows = tuple(segments[name])
        if len(rows) > 1 and not any(row.apart for row in rows):
            rows = (_together(rows), *rows)
        longest = max(max(len(row.counts), len(row.rates)) for row in rows)
        part = "" if len(segments) == 1 else name
        columns = tuple(map(str, range(longest)))
        yield HeatTable(title, "first", columns, rows, part)


def _together(rows: Sequence[HeatRow]) -> HeatRow:
    """All rows as one; an interval counts those rows only that have reached it."""
    longest = max(len(row.counts) for row in rows)
    counts: list[Number | None] = []
    rates: list[float | None] = []
    for place in range(longest):
        reached = [row for row in rows if row.counts[place : place + 1] not in _NONE]
        count = total(row.counts[place] for row in reached)
        counts.append(count)
        rates.append(rate(count, total(row.base for row in reached)))
    base = total(row.base for row in rows)
    return HeatRow(_TOGETHER, base, tuple(counts), tuple(rates), apart=True)
