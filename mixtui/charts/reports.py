"""Charts of ``/funnels``, ``/retention`` and ``/retention/addiction``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from mixtui.charts.model import (
    ALL,
    OVERALL,
    Bar,
    BarChart,
    Chart,
    FunnelStep,
    HeatRow,
    HeatTable,
    JsonPath,
    Line,
    LineChart,
    Mismatch,
    Number,
    Steps,
    Unit,
    are_dates,
    date_labels,
    mapping,
    name_text,
    number,
    numbers,
    rate,
    total,
)

ByDate = Mapping[str, tuple[FunnelStep, ...]]
"""Steps by date, in order; those of all dates, if present, under `ALL`."""
_ADDED_NOTE = "Sums over all dates: a user who enters on two dates counts twice."


def funnel_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"data": {date: {"steps": […]}}}``, or ``{date: {value: […]}}`` if split.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(mapping(value).get("data"))
    if not are_dates(data):
        raise Mismatch
    segments: dict[str, dict[str, tuple[FunnelStep, ...]]] = {}
    paths: dict[tuple[str, str], JsonPath] = {}
    for date, label in date_labels(data).items():
        for key, name, steps in _read_steps_by_value(mapping(data[date])):
            segments.setdefault(name, {})[label] = steps
            paths[name, label] = ("data", date, key)
    return tuple(funnel_views(segments, paths=paths))


def funnel_views(
    segments: Mapping[str, ByDate],
    heading: str = "Steps",
    paths: Mapping[tuple[str, str], JsonPath] = MappingProxyType({}),
) -> list[Chart]:
    """Return all views of a funnel.

    Args:
        heading: The title of its steps.
        segments: Steps by property value; `OVERALL` = all values.
        paths: Where lists of steps are in the response, by property value and date.
    """
    overall_steps = {
        name: _overall_steps(by_date) for name, by_date in segments.items()
    }
    names = sorted(
        overall_steps,
        key=lambda name: (name != OVERALL, -_entry_count(overall_steps[name])),
    )
    charts: list[Chart] = []
    for name in names:
        value = "" if name == OVERALL else name
        title = f"{heading}: {value}" if value else heading
        by_date = _without_total(segments[name])
        if len(by_date) != 1:
            notes = () if ALL in segments[name] else (_ADDED_NOTE,)
            charts.append(
                Steps(title, overall_steps[name], "all dates", notes, heading, value)
            )
        charts += [
            Steps(title, steps, date, (), heading, value, paths.get((name, date)))
            for date, steps in by_date.items()
        ]
        if name == names[0] and len(names) > 1:
            charts.append(
                _completion_bars({name: overall_steps[name] for name in names})
            )
    return charts + [chart for name in names for chart in _trend_charts(name, segments)]


def _overall_steps(by_date: ByDate) -> tuple[FunnelStep, ...]:
    return by_date[ALL] if ALL in by_date else add_steps(by_date.values())


def _without_total(by_date: ByDate) -> ByDate:
    return {date: steps for date, steps in by_date.items() if date != ALL}


def add_steps(all_steps: Iterable[Sequence[FunnelStep]]) -> tuple[FunnelStep, ...]:
    """Combine the steps of several dates: add the counts, recompute the rates."""
    funnels = [steps for steps in all_steps if steps]
    if len(funnels) == 1:
        return tuple(funnels[0])
    result: list[FunnelStep] = []
    for position in range(max((len(steps) for steps in funnels), default=0)):
        steps_at_position = [
            steps[position] for steps in funnels if len(steps) > position
        ]
        count = total(step.count for step in steps_at_position)
        result.append(
            FunnelStep(
                steps_at_position[0].label,
                count,
                rate(count, result[-1].count) if result else rate(count, count),
                rate(count, result[0].count if result else count),
                _weighted_mean(
                    (step.count, step.seconds) for step in steps_at_position
                ),
                _weighted_mean(
                    (step.count, step.seconds_from_start) for step in steps_at_position
                ),
            )
        )
    return tuple(result)


def _read_steps_by_value(
    day: Mapping[str, object],
) -> Iterator[tuple[str, str, tuple[FunnelStep, ...]]]:
    """Yield the lists of one date: key, property value (`OVERALL` = not split), steps."""
    if "steps" in day and isinstance(day["steps"], list) and _is_step_list(day):
        yield "steps", OVERALL, _read_steps(day["steps"])
    else:
        for name, value in day.items():
            yield name, name, _read_steps(value)


def _is_step_list(day: Mapping[str, object]) -> bool:
    """Return whether ``steps`` is the step list, not a property value of that name."""
    return not any(isinstance(v, list) for k, v in day.items() if k != "steps")


def _read_steps(value: object) -> tuple[FunnelStep, ...]:
    if not isinstance(value, list):
        raise Mismatch
    return tuple(_read_step(mapping(item)) for item in value)


def _read_step(item: Mapping[str, object]) -> FunnelStep:
    if "count" not in item:
        raise Mismatch
    label = item.get("step_label") or item.get("event") or item.get("goal")
    return FunnelStep(
        name_text(label),
        number(item["count"]),
        number(item.get("step_conv_ratio")),
        number(item.get("overall_conv_ratio")),
        number(item.get("avg_time")),
        number(item.get("avg_time_from_start")),
    )


def _weighted_mean(
    pairs: Iterable[tuple[Number | None, Number | None]],
) -> float | None:
    """Return the average of averages, weighted by the counts they represent."""
    present = [(n, mean) for n, mean in pairs if n and mean is not None]
    return rate(sum(n * mean for n, mean in present), total(n for n, _ in present))


def _completion_bars(steps_by_value: Mapping[str, tuple[FunnelStep, ...]]) -> BarChart:
    """Return how many users of each value completed the funnel."""
    bars = tuple(
        Bar(name, steps[-1].count, steps[-1].overall_rate, name == OVERALL)
        for name, steps in steps_by_value.items()
        if steps
    )
    return BarChart("Completed by value", bars, rate_name="of those who entered")


def _trend_charts(name: str, segments: Mapping[str, ByDate]) -> list[Chart]:
    """Return the conversion to each step over time."""
    by_date = _without_total(segments[name])
    labels = [step.label for step in add_steps(by_date.values())]
    if len(by_date) < 2 or len(labels) < 2:
        return []
    lines = tuple(
        Line(
            f"{position + 1}. {labels[position]}",
            tuple(_overall_rates(by_date, position)),
        )
        for position in range(1, len(labels))
    )
    part = "" if len(segments) == 1 else name
    points = tuple(by_date)
    return [LineChart("Conversion by date", points, lines, Unit.FRACTION, part)]


def _overall_rates(by_date: ByDate, position: int) -> Iterable[float | None]:
    for steps in by_date.values():
        yield steps[position].overall_rate if position < len(steps) else None


def _entry_count(steps: Sequence[FunnelStep]) -> Number:
    return (steps[0].count or 0) if steps else 0


_TOTAL_LABEL = "all rows"
_MISSING = ((), (None,))


def retention_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{date: {"first": n, "counts": […]}}``, by value below a date if split.

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
            row = read_cohort(label, item, (date,))
            segments.setdefault(OVERALL, []).append(row)
        else:
            for name, child in item.items():
                row = read_cohort(label, mapping(child), (date, name))
                segments.setdefault(name, []).append(row)
    return tuple(heat_tables("Retention", segments))


def frequency_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"data": {date: [n, …]}}``, or the same without ``data``.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(value)
    base: JsonPath = ()
    if "data" in data:
        data, base = mapping(data["data"]), ("data",)
    if not are_dates(data):
        raise Mismatch
    rows: list[HeatRow] = []
    bars: list[Chart] = []
    for date, label in date_labels(data).items():
        counts = numbers(data[date])
        active = counts[0] if counts else None
        rates = tuple(rate(count, active) for count in counts)
        rows.append(HeatRow(label, active, counts, rates, path=(*base, date)))
        bars.append(
            BarChart(
                "Users by frequency",
                tuple(
                    Bar(f"≥ {position}", count, share)
                    for position, (count, share) in enumerate(
                        zip(counts, rates, strict=True), start=1
                    )
                ),
                rate_name="of active",
                part=label,
                notes=("Active in at least this many units.",),
            )
        )
    longest = max(len(row.counts) for row in rows)
    if not longest:
        raise Mismatch
    columns = tuple(f"≥{threshold}" for threshold in range(1, longest + 1))
    note = "Columns: active in at least this many units; 100 % = active at all."
    table = HeatTable("Frequency", "active", columns, tuple(rows), notes=(note,))
    return (table, *bars)


def is_cohort(item: Mapping[str, object]) -> bool:
    """Return whether an object is a cohort: a size, and counts of users who returned."""
    return "first" in item and isinstance(item.get("counts"), list)


def read_cohort(
    label: str, item: Mapping[str, object], path: JsonPath, *, is_total: bool = False
) -> HeatRow:
    """Read a cohort as a row, with the rates of the response, or computed ones.

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
    return HeatRow(label, first, counts, tuple(rates), is_total, path)


def heat_tables(
    title: str, segments: Mapping[str, Sequence[HeatRow]]
) -> Iterable[HeatTable]:
    """Return a table for each property value, with a row of totals in each."""
    for name in sorted(segments, key=lambda name: name != OVERALL):
        rows = tuple(segments[name])
        if len(rows) > 1 and not any(row.is_total for row in rows):
            rows = (_combine_rows(rows), *rows)
        longest = max(max(len(row.counts), len(row.rates)) for row in rows)
        part = "" if len(segments) == 1 else name
        columns = tuple(map(str, range(longest)))
        yield HeatTable(title, "first", columns, rows, part)


def _combine_rows(rows: Sequence[HeatRow]) -> HeatRow:
    """Combine all rows; an interval counts only the rows that have reached it."""
    longest = max(len(row.counts) for row in rows)
    counts: list[Number | None] = []
    rates: list[float | None] = []
    for position in range(longest):
        reached = [
            row for row in rows if row.counts[position : position + 1] not in _MISSING
        ]
        count = total(row.counts[position] for row in reached)
        counts.append(count)
        rates.append(rate(count, total(row.base for row in reached)))
    base = total(row.base for row in rows)
    return HeatRow(_TOTAL_LABEL, base, tuple(counts), tuple(rates), is_total=True)
