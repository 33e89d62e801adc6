"""Bars with their figures: names and values, and the steps of a funnel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.strip import Strip

from mixtui.core.charts.model import Bar, BarChart, FunnelStep, Number, Steps, Unit
from mixtui.core.charts.words import figure
from mixtui.ui.widgets.chart_cells import bar, fitted, strip, width_of
from mixtui.ui.widgets.chart_colours import ChartColours

_GAP = "  "
_LEAST_BAR = 6


class BarRenderer:
    """A row for each bar, with its figures at its end."""

    columns = 0

    def __init__(
        self,
        chart: BarChart,
        bars: Sequence[Bar],
        width: int,
        height: int,
        colours: ChartColours,
    ) -> None:
        self._bars, self._width, self._colours = bars, width, colours
        self._page = max(1, height)
        self._figures = [_bar_words(chart, bar) for bar in bars]
        ends = width_of("".join(words) for words in self._figures) + 1
        labels = width_of(bar.label for bar in bars)
        self._label = min(labels, max(8, width - ends - width // 3))
        self._room = max(_LEAST_BAR, width - self._label - ends - 1)
        self._most = _most(bar.value for bar in bars)

    @property
    def scrolls(self) -> int:
        """Rows below the place."""
        return max(0, len(self._bars) - self._page)

    def row(self, y: int, top: int, left: int) -> Strip:
        """A bar."""
        place = y + top
        plain = self._colours.plain
        if place >= len(self._bars):
            return Strip.blank(self._width, plain)
        shown = self._bars[place]
        value, rate = self._figures[place]
        series = self._colours.of_series(1 if shown.apart else 0)
        drawn = bar(_share(shown.value, self._most), self._room)
        style = self._colours.title if shown.apart else plain
        parts = [
            (fitted(shown.label, self._label) + " ", style),
            (drawn, series),
            (f" {value}", style),
            (rate, self._colours.muted),
        ]
        return strip(parts, self._width, plain)


class StepsRenderer:
    """The steps of a funnel: bars, rates in columns, and where people leave."""

    columns = 0

    def __init__(
        self, chart: Steps, width: int, height: int, colours: ChartColours
    ) -> None:
        self._width, self._colours = width, colours
        steps = chart.steps
        self._rows: list[Strip] = []
        self._page = max(1, height - 1)
        figures = [_step_words(step) for step in steps]
        self._columns = _Columns(steps, figures, width)
        spread = 2 * len(steps) <= self._page
        most = _most(step.count for step in steps)
        for place, step in enumerate(steps):
            if spread and place:
                self._rows.append(self._between(steps[place - 1], step))
            self._rows.append(self._step(place, step, figures[place], most))

    @property
    def scrolls(self) -> int:
        """Rows below the place."""
        return max(0, len(self._rows) - self._page)

    def row(self, y: int, top: int, left: int) -> Strip:
        """The names of the columns, then the steps."""
        if not y:
            head = self._columns.head()
            return strip(
                [(head, self._colours.muted)], self._width, self._colours.plain
            )
        place = y - 1 + top
        if place >= len(self._rows):
            return Strip.blank(self._width, self._colours.plain)
        return self._rows[place]

    def _step(
        self, place: int, step: FunnelStep, words: Sequence[str], most: Number
    ) -> Strip:
        plain, columns = self._colours.plain, self._columns
        drawn = bar(_share(step.count, most), columns.bar)
        label = fitted(f"{place + 1}. {step.label}", columns.label)
        parts = [
            (label + " ", plain),
            (fitted(drawn, columns.bar), self._colours.of_series(0)),
            (columns.row(words), plain),
        ]
        return strip(parts, self._width, plain)

    def _between(self, before: FunnelStep, step: FunnelStep) -> Strip:
        muted = self._colours.muted
        text = ""
        if before.count is not None and step.count is not None:
            gone = before.count - step.count
            if gone > 0:
                text = f"↓ {figure(gone)} dropped off"
        indent = " " * (self._columns.label + 1)
        return strip([(indent + text, muted)], self._width, self._colours.plain)


_HEADS = ("count", "step", "overall", "avg. time")


class _Columns:
    """Where the figures of steps stand; what does not fit is left out from the right."""

    def __init__(
        self, steps: Sequence[FunnelStep], figures: Sequence[Sequence[str]], width: int
    ) -> None:
        self._widths = [
            width_of(column) for column in zip(_HEADS, *figures, strict=True)
        ]
        names = [f"{place}. {step.label}" for place, step in enumerate(steps, 1)]
        wanted = width_of(names)
        least = min(wanted, 12)
        while len(self._widths) > 1 and self._used + least + _LEAST_BAR + 1 > width:
            self._widths.pop()
        room = width - self._used - 1
        self.label = max(least, min(wanted, room - max(_LEAST_BAR, room // 3)))
        self.bar = max(_LEAST_BAR, room - self.label)

    @property
    def _used(self) -> int:
        return sum(self._widths) + len(_GAP) * len(self._widths)

    def head(self) -> str:
        """The names of the columns."""
        return " " * (self.label + 1 + self.bar) + self.row(_HEADS)

    def row(self, words: Sequence[str]) -> str:
        """Figures, each in its column."""
        cells = zip(words, self._widths, strict=False)
        return "".join(_GAP + fitted(text, width, right=True) for text, width in cells)


def _bar_words(chart: BarChart, shown: Bar) -> tuple[str, str]:
    value = figure(shown.value, chart.unit)
    if not chart.rate_name:
        return value, ""
    return value, f"{_GAP}{figure(shown.rate, chart.rate_unit)}"


def _step_words(step: FunnelStep) -> tuple[str, ...]:
    return (
        figure(step.count),
        figure(step.step_rate, Unit.FRACTION),
        figure(step.overall_rate, Unit.FRACTION),
        figure(step.seconds, Unit.SECONDS),
    )


def _most(values: Iterable[Number | None]) -> Number:
    return max((value for value in values if value is not None), default=0)


def _share(value: Number | None, most: Number) -> float:
    return 0.0 if value is None or most <= 0 else value / most
