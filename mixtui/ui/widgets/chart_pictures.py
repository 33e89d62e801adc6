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
from mixtui.ui.widgets.chart_bars import BarPicture, StepsPicture
from mixtui.ui.widgets.chart_cells import Picture
from mixtui.ui.widgets.chart_choice import Choice
from mixtui.ui.widgets.chart_colours import ChartColours
from mixtui.ui.widgets.chart_lines import LEAST_HEIGHT, LEAST_WIDTH, LinesPicture
from mixtui.ui.widgets.chart_tables import HeatPicture, SummaryPicture


def picture(
    chart: Chart, choice: Choice, width: int, height: int, colours: ChartColours
) -> Picture:
    """The chart in that many cells."""
    if choice.figures_only:
        return SummaryPicture(summary(chart), width, height, colours)
    match chart:
        case LineChart(points=(_,)):
            return picture(_on_one_date(chart), choice, width, height, colours)
        case LineChart(lines=lines):
            if width < LEAST_WIDTH or height < LEAST_HEIGHT:
                return SummaryPicture(summary(chart), width, height, colours)
            chosen = largest(lines, choice.lines_top)
            return LinesPicture(chart, chosen, width, height, colours)
        case BarChart(bars=bars):
            chosen_bars = largest_bars(bars, choice.bars_top)
            return BarPicture(chart, chosen_bars, width, height, colours)
        case Steps():
            return StepsPicture(chart, width, height, colours)
        case HeatTable():
            return HeatPicture(chart, width, height, colours)


def _on_one_date(chart: LineChart) -> BarChart:
    """Bars: a line has no length on one date."""
    bars = (Bar(line.name, line.values[0], apart=line.apart) for line in chart.lines)
    return BarChart(chart.title, tuple(bars), chart.unit)
