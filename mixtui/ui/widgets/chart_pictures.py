"""The drawing of a chart, chosen by what it is and how much room there is."""

from __future__ import annotations

from mixtui.core.charts.model import (
    Bar,
    BarChart,
    Chart,
    HeatTable,
    LineChart,
    Steps,
    largest,
    largest_bars,
)
from mixtui.core.charts.summary import summary
from mixtui.ui.widgets.chart_bars import BarRenderer, StepsRenderer
from mixtui.ui.widgets.chart_cells import ChartRenderer
from mixtui.ui.widgets.chart_choice import ChartSelection
from mixtui.ui.widgets.chart_colours import ChartColours
from mixtui.ui.widgets.chart_lines import LEAST_HEIGHT, LEAST_WIDTH, LinesRenderer
from mixtui.ui.widgets.chart_tables import HeatmapRenderer, SummaryRenderer


def picture(
    chart: Chart, choice: ChartSelection, width: int, height: int, colours: ChartColours
) -> ChartRenderer:
    """The chart in that many cells."""
    if choice.figures_only:
        return SummaryRenderer(summary(chart), width, height, colours)
    match chart:
        case LineChart(points=(_,)):
            return picture(_on_one_date(chart), choice, width, height, colours)
        case LineChart(lines=lines):
            if width < LEAST_WIDTH or height < LEAST_HEIGHT:
                return SummaryRenderer(summary(chart), width, height, colours)
            chosen = largest(lines, choice.lines_top)
            return LinesRenderer(chart, chosen, width, height, colours)
        case BarChart(bars=bars):
            chosen_bars = largest_bars(bars, choice.bars_top)
            return BarRenderer(chart, chosen_bars, width, height, colours)
        case Steps():
            return StepsRenderer(chart, width, height, colours)
        case HeatTable():
            return HeatmapRenderer(chart, width, height, colours)


def _on_one_date(chart: LineChart) -> BarChart:
    """Bars: a line has no length on one date."""
    bars = (Bar(line.name, line.values[0], apart=line.apart) for line in chart.lines)
    return BarChart(chart.title, tuple(bars), chart.unit)
