"""Charts of ``/funnels``, ``/retention`` and ``/retention/addiction``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mixtui.charts.model import (
    ALL,
    OVERALL,
    Bar,
    BarChart,
    Chart,
    FunnelStep,
    HeatRow,
    HeatTable,
    Line,
    LineChart,
    Mismatch,
    Number,
    Steps,
    Unit,
    are_dates,
    date_labels,
    mapping,
    number,
    numbers,
    rate,
    text,
    total,
)

ByDate = Mapping[str, tuple[FunnelStep, ...]]
"""Steps by date, in order; under `ALL`, those of all dates, if the response has
them.
"""
_ADDED = "Counts of all dates added: who enters on two dates counts twice."


def funnels(value: object) -> tuple[Chart, ...]:
    """``{"data": {date: {"steps": […]}}}``, or ``{date: {value: […]}}`` when split.

    Raises:
        Mismatch: It has another shape.
    """
    data = mapping(mapping(value).get("data"))
    if not are_dates(data):
        raise Mismatch
    segments: dict[str, dict[str, tuple[FunnelStep, ...]]] = {}
    for date, label in date_labels(data).items():
        for name, steps in _steps_by_value(mapping(data[date])).items():
            segments.setdefault(name, {})[label] = steps
    return tuple(views(segments))


def views(segments: Mapping[str, ByDate], heading: str = "Steps") -> list[Chart]:
    """Return all views of a funnel.

    Args:
        heading: The title of its steps.
        segments: Steps by property value; `OVERALL` = all values.
    """
    wholes = {name: _overall_steps(by_date) for name, by_date in segments.items()}
    names = sorted(wholes, key=lambda name: (name != OVERALL, -_entered(wholes[name])))
    charts: list[Chart] = []
    for name in names:
        title = heading if name == OVERALL else f"{heading}: {name}"
        by_date = _dated(segments[name])
        if len(by_date) != 1:
            notes = () if ALL in segments[name] else (_ADDED,)
            charts.append(Steps(title, wholes[name], "all dates", notes))
        charts += [Steps(title, steps, date) for date, steps in by_date.items()]
        if name == names[0] and len(names) > 1:
            charts.append(_completion_bars({name: wholes[name] for name in names}))
    return charts + [chart for name in names for chart in _trend(name, segments)]


def _overall_steps(by_date: ByDate) -> tuple[FunnelStep, ...]:
    return by_date[ALL] if ALL in by_date else add_steps(by_date.values())


def _dated(by_date: ByDate) -> ByDate:
    return {date: steps for date, steps in by_date.items() if date != ALL}


def add_steps(all_steps: Iterable[Sequence[FunnelStep]]) -> tuple[FunnelStep, ...]:
    """Combine the steps of several dates: counts are added, rates recomputed from the
    sums.
    """
    funnels = [steps for steps in all_steps if steps]
    if len(funnels) == 1:
        return tuple(funnels[0])
    result: list[FunnelStep] = []
    for position in range(max((len(steps) for steps in funnels), default=0)):
        same = [steps[position] for steps in funnels if len(steps) > position]
        count = total(step.count for step in same)
        result.append(
            FunnelStep(
                same[0].label,
                count,
                rate(count, result[-1].count) if result else rate(count, count),
                rate(count, result[0].count if result else count),
                _weighted_mean((step.count, step.seconds) for step in same),
                _weighted_mean((step.count, step.seconds_from_start) for step in same),
            )
        )
    return tuple(result)


def _steps_by_value(day: Mapping[str, object]) -> dict[str, tuple[FunnelStep, ...]]:
    """Return the steps of one date by property value; `OVERALL` = not split."""
    if "steps" in day and isinstance(day["steps"], list) and _is_step_list(day):
        return {OVERALL: _steps(day["steps"])}
    return {name: _steps(value) for name, value in day.items()}


def _is_step_list(day: Mapping[str, object]) -> bool:
    """Return whether ``steps`` is the step list itself, not a property value of that
    name.
    """
    return not any(isinstance(v, list) for k, v in day.items() if k != "steps")


def _steps(value: object) -> tuple[FunnelStep, ...]:
    if not isinstance(value, list):
        raise Mismatch
    return tuple(_step(mapping(item)) for item in value)


def _step(item: Mapping[str, object]) -> FunnelStep:
    if "count" not in item:
        raise Mismatch
    label = item.get("step_label") or item.get("event") or item.get("goal")
    return FunnelStep(
        text(label),
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
    known = [(n, mean) for n, mean in pairs if n and mean is not None]
    return rate(sum(n * mean for n, mean in known), total(n for n, _ in known))


def _completion_bars(wholes: Mapping[str, tuple[FunnelStep, ...]]) -> BarChart:
    """Return how many users of each value completed the funnel."""
    bars = tuple(
        Bar(name, steps[-1].count, steps[-1].overall_rate, name == OVERALL)
        for name, steps in wholes.items()
        if steps
    )
    return BarChart("Completed by value", bars, rate_name="of those who entered")


def _trend(name: str, segments: Mapping[str, ByDate]) -> list[Chart]:
    """Return the conversion to each step over time."""
    by_date = _dated(segments[name])
    labels = [step.label for step in add_steps(by_date.values())]
    if len(by_date) < 2 or len(labels) < 2:
        return []
    lines = tuple(
        Line(f"{position + 1}. {labels[position]}", tuple(_rates(by_date, position)))
        for position in range(1, len(labels))
    )
    part = "" if len(segments) == 1 else name
    points = tuple(by_date)
    return [LineChart("Conversion by date", points, lines, Unit.FRACTION, part)]


def _rates(by_date: ByDate, position: int) -> Iterable[float | None]:
    for steps in by_date.values():
        yield steps[position].overall_rate if position < len(steps) else None


def _entered(steps: Sequence[FunnelStep]) -> Number:
    return (steps[0].count or 0) if steps else 0


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
                    Bar(f"≥ {position}", count, share)
                    for position, (count, share) in enumerate(
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
    columns = tuple(f"≥{threshold}" for threshold in range(1, longest + 1))
    note = "Columns: active in at least so many units; 100 % = active at all."
    table = HeatTable("Frequency", "active", columns, tuple(rows), notes=(note,))
    return (table, *bars)


def is_cohort(item: Mapping[str, object]) -> bool:
    """Return whether an object is a cohort: a size, and counts of users who
    returned.
    """
    return "first" in item and isinstance(item.get("counts"), list)


def cohort(
    label: str, item: Mapping[str, object], *, is_total: bool = False
) -> HeatRow:
    """Return a row; rates are taken from the response or computed from the counts.

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
    return HeatRow(label, first, counts, tuple(rates), is_total)


def heat_tables(
    title: str, segments: Mapping[str, Sequence[HeatRow]]
) -> Iterable[HeatTable]:
    """Return a table for each value, each with a row of totals unless the response has
    one.
    """
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
            row for row in rows if row.counts[position : position + 1] not in _NONE
        ]
        count = total(row.counts[position] for row in reached)
        counts.append(count)
        rates.append(rate(count, total(row.base for row in reached)))
    base = total(row.base for row in rows)
    return HeatRow(_TOGETHER, base, tuple(counts), tuple(rates), is_total=True)
