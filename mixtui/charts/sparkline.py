"""A report as one line of text: its main series as blocks, with its name and last figure."""

from __future__ import annotations

from collections.abc import Sequence

from mixtui.charts.model import Chart, LineChart, Number
from mixtui.charts.summary import format_figure
from mixtui.text import sanitize

_BLOCKS = "▁▂▃▄▅▆▇█"
_MAX_WIDTH = 60
_MAX_NAME = 40
_GAP = " "


def trend(charts: Sequence[Chart]) -> str:
    """Return the total, or else the largest series, of the first lines; empty = none."""
    for chart in charts:
        if isinstance(chart, LineChart) and len(chart.points) > 1 and chart.lines:
            line = next((each for each in chart.lines if each.is_total), chart.lines[0])
            last = format_figure(line.values[-1], chart.unit)
            name = sanitize(line.name)
            if len(name) > _MAX_NAME:
                name = name[: _MAX_NAME - 1] + "…"
            return f"{name} {sparkline(line.values)} {last}"
    return ""


def sparkline(values: Sequence[Number | None], width: int = _MAX_WIDTH) -> str:
    """Draw values as blocks from 0, or from the lowest if that is negative.

    Args:
        values: None = a gap.
        width: Cells; of more values, each cell shows the largest of its own.
    """
    count = min(len(values), width)
    cells: list[Number | None] = []
    for cell in range(count):
        part = values[len(values) * cell // count : len(values) * (cell + 1) // count]
        cells.append(max((value for value in part if value is not None), default=None))
    present = [value for value in cells if value is not None]
    low, high = min([0, *present]), max([0, *present])
    return "".join(_block(value, low, high) for value in cells)


def _block(value: Number | None, low: Number, high: Number) -> str:
    if value is None:
        return _GAP
    if high == low:
        return _BLOCKS[0]
    share = (value - low) / (high - low)
    return _BLOCKS[min(round(share * (len(_BLOCKS) - 1)), len(_BLOCKS) - 1)]
