"""Lines over dates with their legend: a letter, a name and figures for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual.strip import Strip

from mixtui.core.charts.model import Line, LineChart
from mixtui.core.charts.summary import summary
from mixtui.ui.widgets.chart_cells import fitted, strip, width_of
from mixtui.ui.widgets.chart_colours import ChartColours
from mixtui.ui.widgets.chart_plot import LETTERS, plot

LEAST_WIDTH, LEAST_HEIGHT = 24, 5
"""Cells of a plot that still says something."""

_BESIDE = 64
"""From this width on the legend stands beside the plot."""
_GAP = "  "
_SWATCH = 4
"""Cells of the line's letter and a piece of it."""
_LEAST_NAME = 10


class LinesRenderer:
    """A plot, and a legend that may scroll."""

    columns = 0

    def __init__(
        self,
        chart: LineChart,
        lines: Sequence[Line],
        width: int,
        height: int,
        colours: ChartColours,
    ) -> None:
        self._width, self._colours = width, colours
        self._beside = width >= _BESIDE
        room = width * 2 // 5 if self._beside else width
        self._legend = _Legend(replace(chart, lines=tuple(lines)), room, colours)
        if self._beside:
            self._legend_rows = height
            plot_width, self._plot_rows = width - self._legend.width - 2, height
        else:
            self._legend_rows = min(len(lines) + 1, max(2, height // 3))
            plot_width, self._plot_rows = width, height - self._legend_rows
        drawn = [line.values for line in lines[: len(LETTERS)]]
        size = (plot_width, self._plot_rows)
        self._plot = plot(chart.points, drawn, chart.unit, *size, colours)

    @property
    def scrolls(self) -> int:
        """Rows of the legend that are out of sight."""
        return max(0, self._legend.count - (self._legend_rows - 1))

    def row(self, y: int, top: int, left: int) -> Strip:
        """A row of the plot, of the legend, or of both."""
        plain = self._colours.plain
        if self._beside:
            gap = Strip.blank(len(_GAP), plain)
            whole = Strip.join([self._plot[y], gap, self._legend.row(y, top)])
            return whole.adjust_cell_length(self._width, plain)
        if y < self._plot_rows:
            return self._plot[y]
        legend = self._legend.row(y - self._plot_rows, top)
        return legend.adjust_cell_length(self._width, plain)


class _Legend:
    """Names with their figures; the least telling are left out where there is no room."""

    def __init__(self, chart: LineChart, room: int, colours: ChartColours) -> None:
        self._colours = colours
        self._apart = [line.apart for line in chart.lines]
        self._head, *self._rows = summary(chart).words()
        self._widths = [
            width_of(column) for column in zip(self._head, *self._rows, strict=True)
        ]
        least = min(self._widths[0], max(_LEAST_NAME, room // 2))
        while len(self._widths) > 2 and self._figures_width + least + _SWATCH > room:
            # The smallest goes first, the last figure never.
            del self._widths[1]
            self._head = (self._head[0], *self._head[2:])
            self._rows = [(row[0], *row[2:]) for row in self._rows]
        name_room = max(least, room - self._figures_width - _SWATCH)
        self._widths[0] = min(self._widths[0], name_room)
        self.width = _SWATCH + self._widths[0] + self._figures_width
        self.count = len(self._rows)

    @property
    def _figures_width(self) -> int:
        return sum(self._widths[1:]) + len(_GAP) * (len(self._widths) - 1)

    def row(self, y: int, top: int) -> Strip:
        """The names of the columns, then the series."""
        plain, muted = self._colours.plain, self._colours.muted
        if not y:
            head = " " * _SWATCH + self._text(("", *self._head[1:]))
            return strip([(head, muted)], self.width, plain)
        place = y - 1 + top
        if place >= len(self._rows):
            return Strip.blank(self.width, plain)
        swatch = f"─{LETTERS[place]}─ " if place < len(LETTERS) else " ·  "
        if len(self._rows) == 1:
            swatch = "─── "
        style = self._colours.title if self._apart[place] else plain
        colour = self._colours.of_series(place)
        parts = [(swatch, colour), (self._text(self._rows[place]), style)]
        return strip(parts, self.width, plain)

    def _text(self, cells: Sequence[str]) -> str:
        name, *figures = cells
        texts = [fitted(name, self._widths[0])]
        for text, width in zip(figures, self._widths[1:], strict=True):
            texts.append(_GAP + fitted(text, width, right=True))
        return "".join(texts)
