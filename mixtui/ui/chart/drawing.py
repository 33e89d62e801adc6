"""Charts without a time axis: bars, funnel steps, figures in columns and heat maps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip
from textual.widget import Widget

from mixtui.charts.model import (
    Bar,
    BarChart,
    FunnelStep,
    HeatRow,
    HeatTable,
    Number,
    Steps,
    Unit,
)
from mixtui.charts.summary import Summary, format_figure, format_short_percent
from mixtui.text import sanitize
from mixtui.ui.contrast import TEXT, contrast

_EIGHTHS = " ▏▎▍▌▋▊▉"


class ChartRenderer(Protocol):
    """A chart drawn for a place of some size: rows, of which some may scroll."""

    @property
    def scrolls(self) -> int:
        """Rows by which it can be scrolled; 0 = all of it is seen."""

    @property
    def columns(self) -> int:
        """Columns by which it can be scrolled sideways."""

    def row(self, y: int, top: int, left: int) -> Strip:
        """A row of the place.

        Args:
            y: From 0.
            top: Rows that are scrolled out of sight.
            left: Columns that are.
        """


def fitted(text: str, width: int, *, right: bool = False) -> str:
    """Pad a name to exactly so many cells, or cut it with an ellipsis."""
    text = sanitize(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + "…" if width > 0 else ""
    blank = " " * (width - length)
    return blank + text if right else text + blank


def width_of(texts: Iterable[str]) -> int:
    """Return the cells of the widest text."""
    return max((cell_len(sanitize(text)) for text in texts), default=0)


def strip(parts: Iterable[tuple[str, Style]], width: int, ground: Style) -> Strip:
    """Join texts to a row of exactly that width."""
    segments = [Segment(text, style) for text, style in parts if text]
    return Strip(segments).adjust_cell_length(width, ground)


def bar(share: float, width: int) -> str:
    """Draw a bar of a share of a width, to an eighth of a cell; never empty for a positive share."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


_SERIES = ("primary", "accent", "success", "warning", "secondary", "error")
_SHADES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""From 0 % to 100 %, as parts of the strongest shade."""
_STRONGEST = (0.4, 0.32, 0.24, 0.16, 0.08)
"""How much of the theme's color may lie over the background, if text can be read on it."""
CHART_CLASSES = frozenset(
    {"chart--title", "chart--muted", "chart--axis", "chart--shade"}
    | {f"chart--series-{number}" for number in range(len(_SERIES))}
)
"""Component classes of a widget that shows charts."""


class ChartColours(Struct, frozen=True):
    """Styles in the theme of now, each with the ground."""

    plain: Style
    title: Style
    muted: Style
    axis: Style
    series: tuple[Style, ...]
    """In turn; the first is also that of bars."""
    shades: tuple[Style, ...]
    """From 0 % to 100 %; empty in a theme of the terminal's own colours."""

    def of_series(self, index: int) -> Style:
        """Return the style of a series; colours repeat after the last."""
        return self.series[index % len(self.series)]

    def shade(self, rate: float | None) -> Style:
        """Return the style of a cell of a heat map."""
        if rate is None or not self.shades:
            return self.plain
        position = round(min(max(rate, 0.0), 1.0) * (len(self.shades) - 1))
        # The palest is for nothing at all: what is there is seen to be there.
        return self.shades[max(position, 1) if rate > 0 else 0]


def chart_css(widget: str) -> str:
    """Return the styles of the component classes, for a widget's ``DEFAULT_CSS``."""
    series = "".join(
        f"{widget} > .chart--series-{number} {{ color: $text-{name}; }}\n"
        for number, name in enumerate(_SERIES)
    )
    return f"""
    {widget} > .chart--title {{ text-style: bold; }}
    {widget} > .chart--muted {{ color: $text-muted; }}
    {widget} > .chart--axis {{ color: $text-muted; }}
    {widget} > .chart--shade {{ background: $primary; }}
    {series}
    """


def chart_colours(widget: Widget) -> ChartColours:
    """Return the colours of a widget in the current theme."""
    plain = widget.rich_style
    return ChartColours(
        plain,
        plain + Style(bold=True),
        _text(widget, "chart--muted"),
        _text(widget, "chart--axis"),
        tuple(
            _text(widget, f"chart--series-{position}")
            for position in range(len(_SERIES))
        ),
        _shades(widget),
    )


def _text(widget: Widget, name: str) -> Style:
    # Not the partial style: colours like "auto 60%" need the ground they stand on.
    return widget.rich_style + Style(color=widget.get_component_rich_style(name).color)


def _shades(widget: Widget) -> tuple[Style, ...]:
    colour = widget.get_component_styles("chart--shade").background
    ground: Color = widget.background_colors[1]
    if colour.ansi is not None or ground.ansi is not None:
        return ()
    text = widget.styles.color
    strongest = next(
        (
            share
            for share in _STRONGEST
            if contrast(text, ground.blend(colour, share)) >= TEXT
        ),
        0.0,
    )
    plain = widget.rich_style
    return tuple(
        plain + Style(bgcolor=ground.blend(colour, share * strongest).rich_color)
        for share in _SHADES
    )


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
        self._figures = [_bar_label(chart, bar) for bar in bars]
        ends = width_of("".join(texts) for texts in self._figures) + 1
        labels = width_of(bar.label for bar in bars)
        self._label = min(labels, max(8, width - ends - width // 3))
        self._room = max(_LEAST_BAR, width - self._label - ends - 1)
        self._most = _most(bar.value for bar in bars)

    @property
    def scrolls(self) -> int:
        """Rows that do not fit."""
        return max(0, len(self._bars) - self._page)

    def row(self, y: int, top: int, left: int) -> Strip:
        """Draw a bar."""
        position = y + top
        plain = self._colours.plain
        if position >= len(self._bars):
            return Strip.blank(self._width, plain)
        shown = self._bars[position]
        value, rate = self._figures[position]
        series = self._colours.of_series(1 if shown.is_total else 0)
        drawn = bar(_share(shown.value, self._most), self._room)
        style = self._colours.title if shown.is_total else plain
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
        figures = [_step_label(step) for step in steps]
        self._columns = _Columns(steps, figures, width)
        spread = 2 * len(steps) <= self._page
        most = _most(step.count for step in steps)
        for position, step in enumerate(steps):
            if spread and position:
                self._rows.append(self._between(steps[position - 1], step))
            self._rows.append(self._step(position, step, figures[position], most))

    @property
    def scrolls(self) -> int:
        """Rows that do not fit."""
        return max(0, len(self._rows) - self._page)

    def row(self, y: int, top: int, left: int) -> Strip:
        """Draw the names of the columns, then the steps."""
        if not y:
            head = self._columns.head()
            return strip(
                [(head, self._colours.muted)], self._width, self._colours.plain
            )
        position = y - 1 + top
        if position >= len(self._rows):
            return Strip.blank(self._width, self._colours.plain)
        return self._rows[position]

    def _step(
        self, position: int, step: FunnelStep, figures: Sequence[str], most: Number
    ) -> Strip:
        plain, columns = self._colours.plain, self._columns
        drawn = bar(_share(step.count, most), columns.bar)
        label = fitted(f"{position + 1}. {step.label}", columns.label)
        parts = [
            (label + " ", plain),
            (fitted(drawn, columns.bar), self._colours.of_series(0)),
            (columns.row(figures), plain),
        ]
        return strip(parts, self._width, plain)

    def _between(self, before: FunnelStep, step: FunnelStep) -> Strip:
        muted = self._colours.muted
        text = ""
        if before.count is not None and step.count is not None:
            gone = before.count - step.count
            if gone > 0:
                text = f"↓ {format_figure(gone)} dropped off"
        indent = " " * (self._columns.label + 1)
        return strip([(indent + text, muted)], self._width, self._colours.plain)


_HEADS = ("count", "step", "overall", "avg. time")


class _Columns:
    """The columns of the figures of steps; what does not fit is dropped from the right."""

    def __init__(
        self, steps: Sequence[FunnelStep], figures: Sequence[Sequence[str]], width: int
    ) -> None:
        self._widths = [
            width_of(column) for column in zip(_HEADS, *figures, strict=True)
        ]
        names = [f"{position}. {step.label}" for position, step in enumerate(steps, 1)]
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
        """Return the names of the columns."""
        return " " * (self.label + 1 + self.bar) + self.row(_HEADS)

    def row(self, figures: Sequence[str]) -> str:
        """Align figures, each in its column."""
        cells = zip(figures, self._widths, strict=False)
        return "".join(_GAP + fitted(text, width, right=True) for text, width in cells)


def _bar_label(chart: BarChart, shown: Bar) -> tuple[str, str]:
    value = format_figure(shown.value, chart.unit)
    if not chart.rate_name:
        return value, ""
    return value, f"{_GAP}{format_figure(shown.rate, chart.rate_unit)}"


def _step_label(step: FunnelStep) -> tuple[str, ...]:
    return (
        format_figure(step.count),
        format_figure(step.step_rate, Unit.FRACTION),
        format_figure(step.overall_rate, Unit.FRACTION),
        format_figure(step.seconds, Unit.SECONDS),
    )


def _most(values: Iterable[Number | None]) -> Number:
    return max((value for value in values if value is not None), default=0)


def _share(value: Number | None, most: Number) -> float:
    return 0.0 if value is None or most <= 0 else value / most


_LEVELS = " ▁▂▃▄▅▆▇█"
"""How full a cell is, where the ground cannot tell."""


class SummaryRenderer:
    """A summary: names to the left, figures to the right of each column."""

    def __init__(
        self, summary: Summary, width: int, height: int, colours: ChartColours
    ) -> None:
        self._width, self._colours = width, colours
        self._head, *self._rows = summary.formatted_rows()
        self._page = max(1, height - 1)
        self._widths = [
            width_of(column) for column in zip(*summary.formatted_rows(), strict=True)
        ]
        figures = sum(self._widths[1:]) + len(_GAP) * (len(self._widths) - 1)
        least = min(self._widths[0], max(8, width // 3))
        self._widths[0] = min(self._widths[0], max(least, width - figures))

    @property
    def scrolls(self) -> int:
        """Rows that do not fit."""
        return max(0, len(self._rows) - self._page)

    @property
    def columns(self) -> int:
        """Columns that can be scrolled away, if not all fit."""
        total = sum(self._widths) + len(_GAP) * (len(self._widths) - 1)
        return max(0, len(self._widths) - 2) if total > self._width else 0

    def row(self, y: int, top: int, left: int) -> Strip:
        """Draw the names of the columns, then figures."""
        position = y - 1 + top
        ground = self._colours.plain
        if y and not 0 <= position < len(self._rows):
            return Strip.blank(self._width, ground)
        cells = self._rows[position] if y else self._head
        style = ground if y else self._colours.muted
        parts = [(fitted(cells[0], self._widths[0]), style)]
        for cell, width in list(zip(cells, self._widths, strict=True))[1 + left :]:
            parts.append((_GAP + fitted(cell, width, right=True), style))
        return strip(parts, self._width, ground)


class _Widths(Struct, frozen=True):
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
            max(
                width_of(format_figure(row.base) for row in chart.rows),
                len(chart.base_name),
            ),
            rate,
            rate + 1 + (not colours.shades),
        )

    @property
    def scrolls(self) -> int:
        """Rows that do not fit."""
        return max(0, len(self._chart.rows) - self._page)

    @property
    def columns(self) -> int:
        """Columns that do not fit."""
        return max(0, len(self._chart.columns) - self._fitting)

    @property
    def _fitting(self) -> int:
        used = self._widths.label + self._widths.base + 2 * len(_GAP)
        return max(1, (self._width - used) // self._widths.cell)

    def row(self, y: int, top: int, left: int) -> Strip:
        """Draw the names of the columns, then rates."""
        position = y - 1 + top
        if not y:
            return self._head(left)
        if not 0 <= position < len(self._chart.rows):
            return Strip.blank(self._width, self._colours.plain)
        row = self._chart.rows[position]
        style = self._colours.title if row.is_total else self._colours.plain
        parts = self._beginning(row.label, format_figure(row.base), style)
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
            text = fitted(format_short_percent(rate), self._widths.rate, right=True)
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
