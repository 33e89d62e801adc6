"""Charts that are tables: figures alone, and rates by date and interval."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual.strip import Strip

from mixtui.core.charts.model import HeatRow, HeatTable
from mixtui.core.charts.summary import Summary
from mixtui.core.charts.words import figure, short_percent
from mixtui.ui.widgets.chart_cells import fitted, strip, width_of
from mixtui.ui.widgets.chart_colours import ChartColours

_GAP = "  "
_LEVELS = " ▁▂▃▄▅▆▇█"
"""How full a cell is, where the ground cannot tell."""


class SummaryRenderer:
    """A summary: names to the left, figures to the right of each column."""

    def __init__(
        self, summary: Summary, width: int, height: int, colours: ChartColours
    ) -> None:
        self._width, self._colours = width, colours
        self._head, *self._rows = summary.words()
        self._page = max(1, height - 1)
        self._widths = [
            width_of(column) for column in zip(*summary.words(), strict=True)
        ]
        figures = sum(self._widths[1:]) + len(_GAP) * (len(self._widths) - 1)
        least = min(self._widths[0], max(8, width // 3))
        self._widths[0] = min(self._widths[0], max(least, width - figures))

    @property
    def scrolls(self) -> int:
        """Rows below the place."""
        return max(0, len(self._rows) - self._page)

    @property
    def columns(self) -> int:
        """All but the last can go, if not all fit."""
        whole = sum(self._widths) + len(_GAP) * (len(self._widths) - 1)
        return max(0, len(self._widths) - 2) if whole > self._width else 0

    def row(self, y: int, top: int, left: int) -> Strip:
        """The names of the columns, then figures."""
        place = y - 1 + top
        ground = self._colours.plain
        if y and not 0 <= place < len(self._rows):
            return Strip.blank(self._width, ground)
        cells = self._rows[place] if y else self._head
        style = ground if y else self._colours.muted
        parts = [(fitted(cells[0], self._widths[0]), style)]
        for cell, width in list(zip(cells, self._widths, strict=True))[1 + left :]:
            parts.append((_GAP + fitted(cell, width, right=True), style))
        return strip(parts, self._width, ground)


@dataclass(frozen=True, slots=True)
class _Widths:
    label: int
    base: int
    rate: int
    cell: int
    """A rate with what follows it."""


class HeatmapRenderer:
    """A heat table: percentages, and how much that is as a shade or a level."""

    def __init__(
        self, chart: HeatTable, width: int, height: int, colours: ChartColours
    ) -> None:
        self._chart, self._width, self._colours = chart, width, colours
        self._page = max(1, height - 1)
        rate = max(4, width_of(chart.columns))
        self._widths = _Widths(
            min(width_of(row.label for row in chart.rows), max(8, width // 4)),
            max(width_of(figure(row.base) for row in chart.rows), len(chart.base_name)),
            rate,
            rate + 1 + (not colours.shades),
        )

    @property
    def scrolls(self) -> int:
        """Rows below the place."""
        return max(0, len(self._chart.rows) - self._page)

    @property
    def columns(self) -> int:
        """Columns right of the place."""
        return max(0, len(self._chart.columns) - self._fitting)

    @property
    def _fitting(self) -> int:
        used = self._widths.label + self._widths.base + 2 * len(_GAP)
        return max(1, (self._width - used) // self._widths.cell)

    def row(self, y: int, top: int, left: int) -> Strip:
        """The names of the columns, then rates."""
        place = y - 1 + top
        if not y:
            return self._head(left)
        if not 0 <= place < len(self._chart.rows):
            return Strip.blank(self._width, self._colours.plain)
        row = self._chart.rows[place]
        style = self._colours.title if row.apart else self._colours.plain
        parts = self._beginning(row.label, figure(row.base), style)
        parts += self._cells(row, left, style)
        return strip(parts, self._width, self._colours.plain)

    def _head(self, left: int) -> Strip:
        style = self._colours.muted
        parts = self._beginning("", self._chart.base_name, style)
        for name in self._chart.columns[left : left + self._fitting]:
            # Behind each rate come a space, and its level where there are no shades.
            filled = fitted(name, self._widths.rate, right=True)
            parts.append((fitted(filled, self._widths.cell), style))
        return strip(parts, self._width, self._colours.plain)

    def _beginning(
        self, label: str, base: str, style: Style
    ) -> list[tuple[str, Style]]:
        label = fitted(label, self._widths.label)
        base = fitted(base, self._widths.base, right=True)
        return [(label + _GAP + base + _GAP, style)]

    def _cells(self, row: HeatRow, left: int, style: Style) -> list[tuple[str, Style]]:
        parts: list[tuple[str, Style]] = []
        for rate in row.rates[left : left + self._fitting]:
            text = fitted(short_percent(rate), self._widths.rate, right=True)
            if self._colours.shades:
                parts.append((text + " ", style + self._colours.shade(rate)))
            else:
                parts.append((text, style))
                parts.append((_level(rate) + " ", self._colours.of_series(0)))
        return parts


def _level(rate: float | None) -> str:
    if not rate or rate < 0:
        return " "
    return _LEVELS[min(max(round(rate * 8), 1), 8)]
