"""Lines over dates with their legend: a letter, a name and figures for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.charts.axis import Axis, date_ticks, fit_axis, point_column
from mixtui.charts.model import Line, LineChart, Number, Unit
from mixtui.charts.summary import summarise
from mixtui.patterns import compile_late
from mixtui.ui.chart.drawing import ChartColours, fitted, strip, width_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""One for each line that is drawn, so that colour is not needed to tell them apart."""

_LINE = "braille"
_LETTER_EVERY = 14
"""Cells between the letters of one line."""
_ESCAPE = compile_late(r"\x1b\[([\d;]*)m")

Values = Sequence[Number | None]


def plot(
    points: Sequence[str],
    series: Sequence[Values],
    unit: Unit,
    width: int,
    height: int,
    colours: ChartColours,
) -> list[Strip]:
    """Draw rows with axes, of exactly that size; at most as many series as `LETTERS`."""
    # Only here: whoever looks at no chart need not wait for it.
    from textual_plotext.plot import Plot

    figures = [value for values in series for value in values if value is not None]
    rows = max(1, height - _DATE_ROWS)
    axis = fit_axis(figures, rows, unit)
    gutter = max(map(len, axis.labels), default=0)
    inside = max(1, width - gutter - 1)
    figure = Plot()
    figure.plotsize(inside, rows)
    figure._set_size(inside, rows)
    # What is drawn later covers what was drawn before: the first shall be seen.
    for code, values in reversed(list(enumerate(series, start=1))):
        for run in _runs(values):
            results = thinned(run, inside * len(run) // max(len(values), 1))
            xs, ys = zip(*results, strict=True)
            figure.plot(list(xs), list(ys), marker=_LINE, color=code)
    if len(series) > 1:
        for code, values in reversed(list(enumerate(series, start=1))):
            marks = _letter_places(values, code - 1, len(series), inside)
            for x in marks:
                y = values[x]
                if y is not None:
                    letter = LETTERS[code - 1]
                    figure.scatter([x], [float(y)], marker=letter, color=code)
    figure.xlim(0, max(len(points) - 1, 1))
    figure.ylim(axis.low, axis.high)
    figure.xticks([])
    figure.yticks([])
    figure.xaxes(False, False)
    figure.yaxes(False, False)
    figure.canvas_color("default")
    drawn = _strips(figure.build(), inside, rows, colours)
    return [
        *_beside_axis(axis, drawn, gutter, colours),
        *_date_axis(points, inside, gutter, colours),
    ][:height]


_DATE_ROWS = 2
"""The line below the plot, and the dates."""


def _beside_axis(
    axis: Axis, drawn: Sequence[Strip], gutter: int, colours: ChartColours
) -> Iterator[Strip]:
    """Draw the axis of figures to the left of the plot."""
    rows = len(drawn)
    labels = {
        rows - 1 - axis.row(tick, rows): label
        for tick, label in zip(axis.ticks, axis.labels, strict=True)
    }
    for y, row in enumerate(drawn):
        label = labels.get(y)
        text = f"{label or '':>{gutter}}{'│' if label is None else '┤'}"
        yield Strip.join([Strip([Segment(text, colours.axis)], gutter + 1), row])


def _date_axis(
    points: Sequence[str], inside: int, gutter: int, colours: ChartColours
) -> Iterator[Strip]:
    """Draw the line below the plot with its dates."""
    line = ["─"] * inside
    dates = ""
    for tick in date_ticks(points, inside, gutter + 1):
        line[point_column(tick.index, len(points), inside)] = "┬"
        dates = dates.ljust(gutter + 1 + tick.start) + tick.label
    for text in (" " * gutter + "└" + "".join(line), dates):
        yield strip([(text, colours.axis)], gutter + 1 + inside, colours.plain)


def thinned(
    run: Sequence[tuple[int, float]], width: int
) -> Sequence[tuple[int, float]]:
    """Thin points without a visible change: keep the extremes of each cell."""
    width = max(width, 1)
    if len(run) <= 4 * width:
        return run
    results: list[tuple[int, float]] = []
    for cell in range(width):
        part = run[len(run) * cell // width : len(run) * (cell + 1) // width]
        chosen = {part[0], part[-1]}
        chosen.add(min(part, key=lambda point: point[1]))
        chosen.add(max(part, key=lambda point: point[1]))
        results += sorted(chosen)
    return results


def _runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    """Split points at their gaps."""
    run: list[tuple[int, float]] = []
    for x, value in enumerate(values):
        if value is not None:
            run.append((x, float(value)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _letter_places(values: Values, position: int, count: int, width: int) -> list[int]:
    """Place the letters along a line, no two lines in one column."""
    last = len(values) - 1
    if last <= 0:
        return [0]
    marks = max(1, width // _LETTER_EVERY)
    shares = [(mark + (position + 0.5) / count) / marks for mark in range(marks)]
    return sorted({round(share * last) for share in shares})


def _strips(text: str, width: int, height: int, colours: ChartColours) -> list[Strip]:
    lines = text.split("\n")[:height]
    strips = [_strip(line, width, colours) for line in lines]
    return strips + [Strip.blank(width, colours.plain)] * (height - len(strips))


def _strip(line: str, width: int, colours: ChartColours) -> Strip:
    segments: list[Segment] = []
    style = colours.plain
    for position, part in enumerate(_ESCAPE.split(line)):
        if position % 2:
            style = _style(part, colours)
        elif part:
            segments.append(Segment(part, style))
    return Strip(segments).adjust_cell_length(width, colours.plain)


def _style(code: str, colours: ChartColours) -> Style:
    """Return the style of a colour number."""
    *_, last = code.split(";")
    number = int(last) if last.isdecimal() else 0
    return colours.of_series(number - 1) if number else colours.plain


LEAST_WIDTH, LEAST_HEIGHT = 24, 5
"""Cells of a plot that still says something."""

_BESIDE = 64
"""From this width on the legend stands beside the plot."""
_GAP = "  "
_SWATCH = 4
"""Cells of the line's letter and a piece of it."""
_LEAST_NAME = 10


def plot_rows(lines: int, width: int, height: int) -> int:
    """Return how many rows are left for the plot of so many lines."""
    if width >= _BESIDE:
        return height
    return height - min(lines + 1, max(2, height // 3))


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
            self._legend_rows = height - plot_rows(len(lines), width, height)
            plot_width, self._plot_rows = width, height - self._legend_rows
        drawn = [line.values for line in lines[: len(LETTERS)]]
        size = (plot_width, self._plot_rows)
        self._plot = plot(chart.points, drawn, chart.unit, *size, colours)

    @property
    def scrolls(self) -> int:
        """Rows of the legend that do not fit."""
        return max(0, self._legend.count - (self._legend_rows - 1))

    def row(self, y: int, top: int, left: int) -> Strip:
        """Draw a row of the plot, of the legend, or of both."""
        plain = self._colours.plain
        if self._beside:
            gap = Strip.blank(len(_GAP), plain)
            row = Strip.join([self._plot[y], gap, self._legend.row(y, top)])
            return row.adjust_cell_length(self._width, plain)
        if y < self._plot_rows:
            return self._plot[y]
        legend = self._legend.row(y - self._plot_rows, top)
        return legend.adjust_cell_length(self._width, plain)


class _Legend:
    """Names with their figures; the least important are dropped where there is no room."""

    def __init__(self, chart: LineChart, room: int, colours: ChartColours) -> None:
        self._colours = colours
        self._apart = [line.is_total for line in chart.lines]
        self._head, *self._rows = summarise(chart).formatted_rows()
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
        """Draw the names of the columns, then the series."""
        plain, muted = self._colours.plain, self._colours.muted
        if not y:
            head = " " * _SWATCH + self._text(("", *self._head[1:]))
            return strip([(head, muted)], self.width, plain)
        position = y - 1 + top
        if position >= len(self._rows):
            return Strip.blank(self.width, plain)
        swatch = f"─{LETTERS[position]}─ " if position < len(LETTERS) else " ·  "
        if len(self._rows) == 1:
            swatch = "─── "
        style = self._colours.title if self._apart[position] else plain
        colour = self._colours.of_series(position)
        parts = [(swatch, colour), (self._text(self._rows[position]), style)]
        return strip(parts, self.width, plain)

    def _text(self, cells: Sequence[str]) -> str:
        name, *figures = cells
        texts = [fitted(name, self._widths[0])]
        for text, width in zip(figures, self._widths[1:], strict=True):
            texts.append(_GAP + fitted(text, width, right=True))
        return "".join(texts)
