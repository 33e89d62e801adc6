"""Charts of ``/insights``; `headers` names the levels that lead to each figure.

Each figure is nested under names, the first of them a metric or report. Whether a name is
a date, a step, a measure or a property value is recognised by its form, because the order
of the levels varies.
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
    name_text,
    number,
    sort_bars,
    sort_lines,
)
from mixtui.charts.reports import funnel_views, heat_tables, is_cohort, read_cohort
from mixtui.patterns import compile_late

Path = tuple[str, ...]
Leaves = Mapping[Path, Mapping[str, Number | None]]
"""Figures by path; those of a path by date, or a single one under `ALL`."""

_MAX_DEPTH = 16
_STEP = compile_late(r"(\d+)\.\s*(.*)", re.DOTALL)
_MEASURES = frozenset(
    {
        "count",
        "step_conv_ratio",
        "overall_conv_ratio",
        "avg_time",
        "avg_time_from_start",
    }
)
_SEPARATOR = " · "


def insights_charts(value: object) -> tuple[Chart, ...]:
    """Recognise ``{"headers": […], "series": {metric: …}}``.

    Raises:
        Mismatch: It has another shape.
    """
    report = mapping(value)
    series = mapping(report.get("series"))
    headers = report.get("headers")
    if not isinstance(headers, list):
        raise Mismatch
    names = [name_text(header) for header in headers]
    charts: list[Chart] = []
    leaves: dict[Path, Mapping[str, Number | None]] = {}
    for metric, item in series.items():
        metric_item = mapping(item)
        if _is_retention(metric_item):
            charts += _retention_charts(metric, metric_item)
        elif (funnel := _funnel_charts(metric, metric_item)) is not None:
            charts += funnel
        else:
            leaves.update(_collect_figures((metric,), metric_item))
    return (*charts, *_line_charts(names, leaves), *_bar_charts(names, leaves))


# Metrics, split by any number of properties


def _collect_figures(
    path: Path, item: Mapping[str, object]
) -> Iterator[tuple[Path, Mapping[str, Number | None]]]:
    if len(path) > _MAX_DEPTH:
        raise Mismatch
    if all(key == ALL or is_date(key) for key in item) and not any(
        isinstance(child, dict) for child in item.values()
    ):
        yield path, {key: number(inside) for key, inside in item.items()}
        return
    for name, inside in item.items():
        if inside == {}:
            continue
        yield from _collect_figures((*path, name), mapping(inside))


def _line_charts(headers: list[str], leaves: Leaves) -> Iterator[Chart]:
    by_date = {
        path: {key: n for key, n in figures.items() if key != ALL}
        for path, figures in leaves.items()
    }
    by_date = {path: figures for path, figures in by_date.items() if figures}
    labels = date_labels(date for figures in by_date.values() for date in figures)
    for title, members in _views(headers, by_date):
        lines = (
            Line(name, tuple(by_date[path].get(date) for date in labels), is_total)
            for path, name, is_total in members
        )
        yield LineChart(title, tuple(labels.values()), sort_lines(lines))


def _bar_charts(headers: list[str], leaves: Leaves) -> Iterator[Chart]:
    totals = {path: item[ALL] for path, item in leaves.items() if ALL in item}
    for title, members in _views(headers, totals):
        bars = (
            Bar(name, totals[path], is_total=is_total)
            for path, name, is_total in members
        )
        yield BarChart(title, sort_bars(bars))


def _views(
    headers: list[str], paths: Iterable[Path]
) -> Iterator[tuple[str, list[tuple[Path, str, bool]]]]:
    """Return the views by the levels that are split, each with its paths and their labels.

    `OVERALL` marks a level that is not split. The finest view comes first, and includes
    the figures of the next coarser one as totals.
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
        coarser = by_split.get(split[:-1], []) if split else []
        members += [(path, _total_label(path, shown), True) for path in coarser]
        yield _view_title(headers, split), members


def _label(path: Path, positions: Iterable[int]) -> str:
    return _SEPARATOR.join(path[position] for position in positions) or OVERALL


def _total_label(path: Path, shown: tuple[int, ...]) -> str:
    names = [path[position] for position in shown[:-1]]
    return _SEPARATOR.join([*names, OVERALL])


def _view_title(headers: list[str], split: tuple[int, ...]) -> str:
    names = [
        headers[position] if position < len(headers) else f"level {position + 1}"
        for position in split
    ]
    return "By " + ", ".join(names or ["report"])


# Funnel reports


def _funnel_charts(metric: str, item: Mapping[str, object]) -> list[Chart] | None:
    """Return the charts of a funnel; None = it is not one."""
    steps_by_view: dict[tuple[str, str], dict[str, dict[str, Number | None]]] = {}
    for path, figure in _flatten((), item):
        position = _parse_funnel_path(path)
        if position is None:
            return None
        measure, step, date, segment = position
        steps_by_view.setdefault((segment, date), {}).setdefault(step, {})[measure] = (
            figure
        )
    if not steps_by_view:
        return None
    labels = date_labels(date for _, date in steps_by_view if date != ALL)
    segments: dict[str, dict[str, tuple[FunnelStep, ...]]] = {}
    for segment, date in sorted(
        steps_by_view, key=lambda key: (key[0] != OVERALL, key[1])
    ):
        steps = _ordered_steps(steps_by_view[segment, date])
        segments.setdefault(segment, {})[labels.get(date, ALL)] = steps
    return funnel_views(segments, metric)


def _flatten(
    path: Path, item: Mapping[str, object]
) -> Iterator[tuple[Path, Number | None]]:
    if len(path) > _MAX_DEPTH:
        raise Mismatch
    for name, child in item.items():
        if isinstance(child, dict):
            yield from _flatten((*path, name), mapping(child) if child else {})
        else:
            yield (*path, name), number(child)


def _parse_funnel_path(path: Path) -> tuple[str, str, str, str] | None:
    """Parse a path into measure, step, date (or `ALL`) and property value; None = none."""
    names = list(path)
    measure = _take_first(names, lambda name: name in _MEASURES)
    names.reverse()
    step = _take_first(names, lambda name: _STEP.fullmatch(name) is not None)
    if measure is None or step is None:
        return None
    date = _take_first(names, is_date) or ALL
    values = [name for name in reversed(names) if name not in (OVERALL, ALL)]
    return measure, step, date, _SEPARATOR.join(values) or OVERALL


def _take_first(names: list[str], matches: Callable[[str], bool]) -> str | None:
    """Remove and return the first matching name; None = none matches."""
    for position, name in enumerate(names):
        if matches(name):
            return names.pop(position)
    return None


def _ordered_steps(
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
    item_below = next(iter(item.values()))
    for _ in range(_MAX_DEPTH):
        if not isinstance(item_below, dict) or not item_below:
            return False
        if is_cohort(item_below):
            return True
        item_below = next(iter(item_below.values()))
    return False


def _retention_charts(metric: str, item: Mapping[str, object]) -> Iterator[Chart]:
    segments: dict[str, dict[str, HeatRow]] = {}
    cohorts = list(_collect_cohorts((), item))
    labels = date_labels(name for path, _ in cohorts for name in path if is_date(name))
    for path, inside in cohorts:
        date = next((name for name in path if is_date(name)), "")
        average = AVERAGE in path
        values = [n for n in path if n not in (date, OVERALL, AVERAGE, ALL)]
        label = labels.get(date, AVERAGE if average else OVERALL)
        where = ("series", metric, *path)
        row = read_cohort(label, inside, where, is_total=not date)
        segments.setdefault(_SEPARATOR.join(values) or OVERALL, {})[label] = row
    ordered = {
        name: sorted(rows.values(), key=lambda row: (not row.is_total, row.label))
        for name, rows in segments.items()
    }
    yield from heat_tables(metric, ordered)


def _collect_cohorts(
    path: Path, item: Mapping[str, object]
) -> Iterator[tuple[Path, Mapping[str, object]]]:
    if len(path) > _MAX_DEPTH:
        raise Mismatch
    for name, child in item.items():
        members = mapping(child)
        if is_cohort(members):
            yield (*path, name), members
        else:
            yield from _collect_cohorts((*path, name), members)
