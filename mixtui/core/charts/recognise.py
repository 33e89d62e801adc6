"""Which charts an answer has, told by its shape alone.

Answers that are lists of things rather than figures have none and stay a table or a
tree: names of events, values of properties, saved funnels, profiles, runs of a
warehouse import (their times have no unit that is known), exported events.
"""

from __future__ import annotations

from collections.abc import Callable

from mixtui.core.charts.funnels import funnels
from mixtui.core.charts.insights import insights
from mixtui.core.charts.model import Chart
from mixtui.core.charts.ranking import cohorts, groups, top_events, top_properties
from mixtui.core.charts.retention import frequency, retention
from mixtui.core.charts.series import results, segmentation
from mixtui.core.charts.shapes import Mismatch
from mixtui.core.charts.timeline import timeline

LARGEST_BODY = 20_000_000
"""Bytes; no report of Mixpanel comes near, and reading one takes memory."""

_SHAPES: tuple[Callable[[object], tuple[Chart, ...]], ...] = (
    insights,
    segmentation,
    funnels,
    results,
    retention,
    frequency,
    top_events,
    timeline,
    cohorts,
    groups,
    top_properties,
)
"""No value fits two of them."""


def detect_charts(value: object) -> tuple[Chart, ...]:
    """The charts of a JSON value, the most telling first; none if it is no report."""
    for charts_of in _SHAPES:
        try:
            return charts_of(value)
        except Mismatch:
            continue
    return ()


def read_chart(body: bytes) -> tuple[Chart, ...]:
    """The charts of a body; none for one that is broken, too large or no report.

    Takes a while for a large body: up to a second for 20 MB.
    """
    import msgspec

    if len(body) > LARGEST_BODY or body.lstrip()[:1] not in (b"{", b"["):
        return ()
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    return detect_charts(value)
