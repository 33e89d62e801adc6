"""Figures by name: top events, top properties, cohorts, groups of a script."""

from __future__ import annotations

from mixtui.core.charts.model import Bar, BarChart, Chart, Unit
from mixtui.core.charts.shapes import Mismatch, bars_in_order, mapping, number, text

_BETWEEN = " · "


def top_events(value: object) -> tuple[Chart, ...]:
    """``{"events": [{"amount", "event", "percent_change"}]}``.

    Raises:
        Mismatch: It has another shape.
    """
    items = [mapping(item) for item in _list(mapping(value).get("events"))]
    if not all("amount" in item and "event" in item for item in items):
        raise Mismatch
    bars = [
        Bar(
            text(item["event"]),
            number(item["amount"]),
            number(item.get("percent_change")),
        )
        for item in items
    ]
    note = "The change is Mixpanel's own, normalized figure."
    chart = BarChart(
        "Top events",
        bars_in_order(bars),
        rate_name="change",
        rate_unit=Unit.CHANGE,
        notes=(note,),
    )
    return (chart,)


def top_properties(value: object) -> tuple[Chart, ...]:
    """``{name: {"count": n}}``, where counts may be missing.

    Raises:
        Mismatch: It has another shape.
    """
    bars = []
    for name, item in mapping(value).items():
        if not isinstance(item, dict) or item.keys() - {"count"}:
            raise Mismatch
        bars.append(Bar(name, number(item.get("count"))))
    if all(bar.value is None for bar in bars):
        raise Mismatch
    return (BarChart("Events by property", bars_in_order(bars)),)


def cohorts(value: object) -> tuple[Chart, ...]:
    """``[{"id", "name", "count", "is_visible", …}]``.

    Raises:
        Mismatch: It has another shape.
    """
    items = [mapping(item) for item in _list(value)]
    if not all({"id", "name", "count", "is_visible"} <= item.keys() for item in items):
        raise Mismatch
    bars = [Bar(text(item["name"]), number(item["count"])) for item in items]
    return (BarChart("Users by cohort", bars_in_order(bars)),)


def groups(value: object) -> tuple[Chart, ...]:
    """``[{"key": […], "value": n}]``: what ``groupBy`` of a script gives.

    Raises:
        Mismatch: It has another shape.
    """
    bars = []
    for item in map(mapping, _list(value)):
        if item.keys() != {"key", "value"}:
            raise Mismatch
        names = ["null" if part is None else text(part) for part in _list(item["key"])]
        bars.append(Bar(_BETWEEN.join(names), number(item["value"])))
    return (BarChart("By group", bars_in_order(bars)),)


def _list(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise Mismatch
    return value
