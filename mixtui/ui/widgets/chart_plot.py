"""Lines drawn by plotext, in characters, coloured with the styles of the theme.

plotext is told to draw each series in a colour of a number that stands for it; the
numbers become styles here. So a plot has no colours of its own, and is the same text
in every theme.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import ceil, floor, log10

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mixtui.core.charts.model import Number, Unit
from mixtui.core.charts.words import short
from mixtui.ui.widgets.chart_colours import ChartColours

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""One for each line that is drawn, so that colour is not needed to tell them apart."""

_AXIS = 250
_LINE = "braille"
_LETTER_EVERY = 14
"""Cells between the letters of one line."""
_ESCAPE = re.compile(r"\x1b\[([\d;]*)m")
_STEPS = (1, 2, 2.5, 5, 10)

Values = Sequence[Number | None]


def plot(
    points: Sequence[str],
    series: Sequence[Values],
    unit: Unit,
    width: int,
    height: int,
    colours: ChartColours,
) -> list[Strip]:
    """Rows with axes, of exactly that size; at most as many series as `LETTERS`."""
    # Only here: whoever looks at no chart need not wait for it.
    from textual_plotext.plot import Plot

    figures = [value for values in series for value in values if value is not None]
    whole = all(float(value).is_integer() for value in figures)
    ticks = nice_ticks(
        figures, max(2, height // 3), whole=whole and unit is Unit.NUMBER
    )
    names = [short(tick, unit) for tick in ticks]
    inside = max(1, width - max(map(len, names)) - 1)
    figure = Plot()
    figure.plotsize(width, height)
    figure._set_size(width, height)
    # What is drawn later covers what was drawn before: the first shall be seen.
    for code, values in reversed(list(enumerate(series, start=1))):
        for run in _runs(values):
            kept = thinned(run, inside * len(run) // max(len(values), 1))
            xs, ys = zip(*kept, strict=True)
            figure.plot(list(xs), list(ys), marker=_LINE, color=code)
    if len(series) > 1:
        for code, values in reversed(list(enumerate(series, start=1))):
            marks = _letter_places(values, code - 1, len(series), inside)
            for x in marks:
                y = values[x]
                if y is not None:
                    letter = LETTERS[code - 1]
                    figure.scatter([x], [float(y)], marker=letter, color=code)
    last = max(len(points) - 1, 1)
    figure.xlim(0, last)
    figure.ylim(ticks[0], ticks[-1])
    figure.yticks(ticks, names)
    places = _date_places(points, inside)
    figure.xticks([float(place) for place in places], _short_dates(points, places))
    figure.xaxes(True, False)
    figure.yaxes(True, False)
    figure.canvas_color("default")
    figure.axes_color("default")
    figure.ticks_color(_AXIS)
    return _strips(figure.build(), width, height, colours)


def nice_ticks(values: Iterable[Number], count: int, *, whole: bool) -> list[float]:
    """Round numbers from 0, or below it, to the largest value or just above.

    Args:
        count: About so many.
        whole: No fractions between.
    """
    found = [float(value) for value in values]
    low, high = min([0.0, *found]), max([0.0, *found])
    if low == high:
        high = 1.0
    rough = (high - low) / count
    power = 10.0 ** floor(log10(rough))
    step = next(power * nice for nice in _STEPS if power * nice >= rough * 0.999)
    if whole:
        step = max(1.0, step if step.is_integer() else float(ceil(step)))
    first, last = floor(low / step), ceil(high / step - 1e-9)
    return [step * place for place in range(first, max(last, first + 1) + 1)]


def thinned(
    run: Sequence[tuple[int, float]], width: int
) -> Sequence[tuple[int, float]]:
    """Few points that look the same: the extremes of what falls into one cell."""
    width = max(width, 1)
    if len(run) <= 4 * width:
        return run
    kept: list[tuple[int, float]] = []
    for cell in range(width):
        part = run[len(run) * cell // width : len(run) * (cell + 1) // width]
        chosen = {part[0], part[-1]}
        chosen.add(min(part, key=lambda point: point[1]))
        chosen.add(max(part, key=lambda point: point[1]))
        kept += sorted(chosen)
    return kept


def _runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    """Points without a gap between them."""
    run: list[tuple[int, float]] = []
    for x, value in enumerate(values):
        if value is not None:
            run.append((x, float(value)))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _letter_places(values: Values, place: int, count: int, width: int) -> list[int]:
    """Where a line bears its letter: here and there, no two lines in one column."""
    last = len(values) - 1
    if last <= 0:
        return [0]
    marks = max(1, width // _LETTER_EVERY)
    shares = [(mark + (place + 0.5) / count) / marks for mark in range(marks)]
    return sorted({round(share * last) for share in shares})


def _date_places(points: Sequence[str], width: int) -> list[int]:
    """Evenly spread, the first and the last of them at the ends."""
    last = len(points) - 1
    label = max(map(len, _short_dates(points, range(len(points)))), default=0)
    count = max(2, min(len(points), width // (label + 4)))
    if last <= 0:
        return [0]
    return sorted({round(last * place / (count - 1)) for place in range(count)})


def _short_dates(points: Sequence[str], places: Iterable[int]) -> list[str]:
    """Dates without the year, where it is always the same one."""
    years = {point[:5] for point in points}
    alike = len(years) == 1 and years.pop()[4:] == "-"
    return [points[place][5:] if alike else points[place] for place in places]


def _strips(text: str, width: int, height: int, colours: ChartColours) -> list[Strip]:
    lines = text.split("\n")[:height]
    strips = [_strip(line, width, colours) for line in lines]
    return strips + [Strip.blank(width, colours.plain)] * (height - len(strips))


def _strip(line: str, width: int, colours: ChartColours) -> Strip:
    segments: list[Segment] = []
    style = colours.plain
    for place, part in enumerate(_ESCAPE.split(line)):
        if place % 2:
            style = _style(part, colours)
        elif part:
            segments.append(Segment(part, style))
    return Strip(segments).adjust_cell_length(width, colours.plain)


def _style(code: str, colours: ChartColours) -> Style:
    """The style that a colour's number stands for."""
    *_, last = code.split(";")
    number = int(last) if last.isdecimal() else 0
    if number == _AXIS:
        return colours.axis
    return colours.of_series(number - 1) if number else colours.plain
