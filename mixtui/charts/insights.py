"""Charts of ``/insights``; `headers` names the levels that lead to each figure.

A figure is nested under names, the first of them a metric or a report. The meaning of a
name (a date, a step, a measure, a property value) is recognised by its form, because
the order of the levels varies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from mixtui.charts.model import (
    ALL,
    AVERAGE,
    OVERALL,
    Bar,
    BarChart,
    Chart,
    FunnelStep,
    HeatRow,
    Line,
    LineChart,
    Mismatch,
    Number,
    date_labels,
    is_date,
    mapping,
    number,
    sort_bars,
    sort_lines,
    text,
)
from mixtui.charts.reports import cohort, heat_tables, is_cohort, views

Path = tuple[str, ...]
Leaves = Mapping[Path, Mapping[str, Number | None]]
"""Figures by date, or the single figure of `ALL`, by the path of names that leads to
them.
"""

_DEEPEST = 16
_STEP = re.compile(r"(\d+)\.\s*(.*)", re.DOTALL)
_MEASURES = frozenset(
    {
        "count",
        "step_conv_ratio",
        "overall_conv_ratio",
        "avg_time",
        "avg_time_from_start",
    }
)
_BETWEEN = " · "


def insights(value: object) -> tuple[Chart, ...]:
    """``{"headers": […], "series": {metric: …}}``.

    Raises:
        Mismatch: It has another shape.
    """
    report = mapping(value)
    series = mapping(report.get("series"))
    headers = report.get("headers")
    if not isinstance(headers, list):
        raise Mismatch
    names = [text(header) for header in headers]
    charts: list[Chart] = []
    leaves: dict[Path, Mapping[str, Number | None]] = {}
    for metric, item in series.items():
        inside = mapping(item)
        if _is_retention(inside):
            charts += _retention(metric, inside)
        elif (funnel := _funnel(metric, inside)) is not None:
            charts += funnel
        else:
            leaves.update(_figures((metric,), inside))
    return (*charts, *_over_dates(names, leaves), *_totals(names, leaves))


# Metrics, split by any number of properties


def _figures(
    path: Path, item: Mapping[str, object]
) -> Iterator[tuple[Path, Mapping[str, Number | None]]]:
    if len(path) > _DEEPEST:
        raise Mismatch
    if all(key == ALL or is_date(key) for key in item) and not any(
        isinstance(inside, dict) for inside in item.values()
    ):
        yield path, {key: number(inside) for key, inside in item.items()}
        return
    for name, inside in item.items():
        if inside == {}:
            continue
        yield from _figures((*path, name), mapping(inside))


def _over_dates(headers: list[str], leaves: Leaves) -> Iterator[Chart]:
    by_date = {
        path: {key: n for key, n in figures.items() if key != ALL}
        for path, figures in leaves.items()
    }
    by_date = {path: figures for path, figures in by_date.items() if figures}
    labels = date_labels(date for figures in by_date.values() for date in figures)
    for title, chosen in _levels(headers, by_date):
        lines = (
            Line(name, tuple(by_date[path].get(date) for date in labels), is_total)
            for path, name, is_total in chosen
        )
        yield LineChart(title, tuple(labels.values()), sort_lines(lines))


def _totals(headers: list[str], leaves: Leaves) -> Iterator[Chart]:
    totals = {path: item[ALL] for path, item in leaves.items() if ALL in item}
    for title, chosen in _levels(headers, totals):
        bars = (
            Bar(name, totals[path], is_total=is_total)
            for path, name, is_total in chosen
        )
        yield BarChart(title, sort_bars(bars))


def _levels(
    headers: list[str], paths: Iterable[Path]
) -> Iterator[tuple[str, list[tuple[Path, str, bool]]]]:
    """Return the views: which levels are split, and the paths of each with their
    labels.

    `OVERALL` marks a level that is not split. The finest view comes first; it includes
    the figures of the next coarser one as separate totals.
    """
    by_split: dict[tuple[int, ...], list[Path]] = {}
    for path in paths:
        split = tuple(position for position, name in enumerate(path) if name != OVERALL)
        by_split.setdefault(split, []).append(path)
    metrics = {path[0] for members in by_split.values() for path in members}
    for split in sorted(by_split, key=lambda split: (-len(split), split)):
        # A single metric need not be named in every label.
        shown = split
        if len(metrics) == 1 and len(split) > 1 and split[0] == 0:
            shown = split[1:]
        members = [(path, _label(path, shown), False) for path in by_split[split]]
        wider = by_split.get(split[:-1], []) if split else []
        members += [(path, _full_label(path, shown), True) for path in wider]
        yield _view_title(headers, split), members


def _label(path: Path, places: Iterable[int]) -> str:
    return _BETWEEN.join(path[position] for position in places) or OVERALL


def _full_label(path: Path, shown: tuple[int, ...]) -> str:
    names = [path[position] for position in shown[:-1]]
    return _BETWEEN.join([*names, OVERALL])


def _view_title(headers: list[str], split: tuple[int, ...]) -> str:
    names = [
        headers[position] if position < len(headers) else f"level {position + 1}"
        for position in split
    ]
    return "By " + ", ".join(names or ["report"])


# Funnel reports


def _funnel(metric: str, item: Mapping[str, object]) -> list[Chart] | None:
    """Return the charts of a funnel; None = it is not one."""
    result: dict[tuple[str, str], dict[str, dict[str, Number | None]]] = {}
    for path, figure in _flatten((), item):
        position = _funnel_position(path)
        if position is None:
            return None
        measure, step, date, segment = position
        result.setdefault((segment, date), {}).setdefault(step, {})[measure] = figure
    if not result:
        return None
    labels = date_labels(date for _, date in result if date != ALL)
    segments: dict[str, dict[str, tuple[FunnelStep, ...]]] = {}
    for segment, date in sorted(result, key=lambda key: (key[0] != OVERALL, key[1])):
        steps = _in_step_order(result[segment, date])
        segments.setdefault(segment, {})[labels.get(date, ALL)] = steps
    return views(segments, metric)


def _flatten(
    path: Path, item: Mapping[str, object]
) -> Iterator[tuple[Path, Number | None]]:
    if len(path) > _DEEPEST:
        raise Mismatch
    for name, inside in item.items():
        if isinstance(inside, dict):
            yield from _flatten((*path, name), mapping(inside) if inside else {})
        else:
            yield (*path, name), number(inside)


def _funnel_position(path: Path) -> tuple[str, str, str, str] | None:
    """Parse a path into measure, step, date (or `ALL`) and property value."""
    names = list(path)
    measure = _take_first(names, lambda name: name in _MEASURES)
    names.reverse()
    step = _take_first(names, lambda name: _STEP.fullmatch(name) is not None)
    if measure is None or step is None:
        return None
    date = _take_first(names, is_date) or ALL
    values = [name for name in reversed(names) if name not in (OVERALL, ALL)]
    return measure, step, date, _BETWEEN.join(values) or OVERALL


def _take_first(names: list[str], wanted: Callable[[str], bool]) -> str | None:
    """Remove and return the first matching name of the list."""
    for position, name in enumerate(names):
        if wanted(name):
            return names.pop(position)
    return None


def _in_step_order(
    by_step: Mapping[str, Mapping[str, Number | None]],
) -> tuple[FunnelStep, ...]:
    ordered = sorted(by_step, key=lambda name: (_step_number(name), name))
    return tuple(
        FunnelStep(
            _step_label(name),
            by_step[name].get("count"),
            by_step[name].get("step_conv_ratio"),
            by_step[name].get("overall_conv_ratio"),
            by_step[name].get("avg_time"),
            by_step[name].get("avg_time_from_start"),
        )
        for name in ordered
    )


def _step_number(name: str) -> float:
    match = _STEP.fullmatch(name)
    return float(match[1]) if match else float("inf")


def _step_label(name: str) -> str:
    match = _STEP.fullmatch(name)
    return (match[2] or name) if match else name


# Retention reports


def _is_retention(item: Mapping[str, object]) -> bool:
    """Return whether an item contains cohorts, directly or below property values."""
    first = next(iter(item.values()))
    for _ in range(_DEEPEST):
        if not isinstance(first, dict) or not first:
            return False
        if is_cohort(first):
            return True
        first = next(iter(first.values()))
    return False


def _retention(metric: str, item: Mapping[str, object]) -> Iterator[Chart]:
    segments: dict[str, dict[str, HeatRow]] = {}
    results = list(_cohorts((), item))
    labels = date_labels(name for path, _ in results for name in path if is_date(name))
    for path, inside in results:
        date = next((name for name in path if is_date(name)), "")
        average = AVERAGE in path
        values = [n for n in path if n not in (date, OVERALL, AVERAGE, ALL)]
        label = labels.get(date, AVERAGE if average else OVERALL)
        row = cohort(label, inside, is_total=not date)
        segments.setdefault(_BETWEEN.join(values) or OVERALL, {})[label] = row
    ordered = {
        name: sorted(rows.values(), key=lambda row: (not row.is_total, row.label))
        for name, rows in segments.items()
    }
    yield from heat_tables(metric, ordered)


def _cohorts(
    path: Path, item: Mapping[str, object]
) -> Iterator[tuple[Path, Mapping[str, object]]]:
    if len(path) > _DEEPEST:
        raise Mismatch
    for name, inside in item.items():
        below = mapping(inside)
        if is_cohort(below):
            yield (*path, name), below
        else:
            yield from _cohorts((*path, name), below)
