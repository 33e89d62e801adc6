"""Shows the charts of a response, one at a time.

Each is drawn once for a place of some size; scrolling shows other rows of it. Nothing
here needs colour, and with figures only, nothing needs more than letters.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from mixtui.actions import Scope
from mixtui.charts.model import (
    Bar,
    BarChart,
    Chart,
    HeatTable,
    LineChart,
    Steps,
    largest,
    largest_bars,
)
from mixtui.charts.summary import summarise
from mixtui.key_names import key_of
from mixtui.ui.chart.drawing import (
    CHART_CLASSES,
    BarRenderer,
    ChartColours,
    ChartRenderer,
    HeatmapRenderer,
    StepsRenderer,
    SummaryRenderer,
    chart_colours,
    chart_css,
    fitted,
    strip,
    width_of,
)
from mixtui.ui.chart.lines import LEAST_HEIGHT, LEAST_WIDTH, LinesRenderer, plot_rows
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.motions import Motions

TOPS = (3, 5, 10, 20)
"""How many of the largest series or bars may be drawn, besides all of them."""


class ChartSelection(Struct, frozen=True):
    """A chart among others. Those of one title are a view, of one or more parts."""

    charts: tuple[Chart, ...] = ()
    index: int = 0
    lines_top: int | None = 5
    """The largest series that are drawn; None = all."""
    bars_top: int | None = None
    figures_only: bool = False
    seen: tuple[str, str] = ("", "")
    """Title and part of the chart that was selected when there were some."""

    def among(self, charts: tuple[Chart, ...]) -> ChartSelection:
        """Select from other charts: the same part of the same view, if they have it."""
        now = self.chart
        title, part = self.seen if now is None else (now.title, now.part)

        def difference(index: int) -> tuple[bool, bool]:
            is_other = charts[index].title != title
            return is_other, is_other or charts[index].part != part

        index = min(range(len(charts)), key=difference, default=0)
        return replace(self, charts=charts, index=index, seen=(title, part))

    @property
    def chart(self) -> Chart | None:
        """The selected chart; None = there is none."""
        return self.charts[self.index] if self.charts else None

    @property
    def views(self) -> list[str]:
        """The distinct titles."""
        return list(dict.fromkeys(chart.title for chart in self.charts))

    @property
    def view(self) -> int:
        """The index of the selected one."""
        return self.views.index(self.charts[self.index].title)

    @property
    def parts(self) -> list[int]:
        """The indexes of the charts of the selected view."""
        return self._parts_of(self.charts[self.index].title)

    @property
    def part(self) -> int:
        """The index of the selected one."""
        return self.parts.index(self.index)

    def other_view(self, step: int) -> ChartSelection:
        """Select the next or an earlier view, round in a ring, and the same part if it has it."""
        if not self.charts:
            return self
        views = self.views
        parts = self._parts_of(views[(self.view + step) % len(views)])
        wanted = self.charts[self.index].part
        alike = [index for index in parts if self.charts[index].part == wanted]
        return replace(self, index=(alike or parts)[0])

    def other_part(self, step: int) -> ChartSelection:
        """Select the next or an earlier part of the view, up to its ends."""
        parts = self.parts
        position = min(max(0, self.part + step), len(parts) - 1)
        return replace(self, index=parts[position])

    def other_top(self, step: int) -> ChartSelection:
        """Select more or fewer series or bars, among the numbers that make a difference."""
        match self.chart:
            case LineChart(lines=lines):
                return replace(self, lines_top=_next(self.lines_top, step, len(lines)))
            case BarChart(bars=bars):
                return replace(self, bars_top=_next(self.bars_top, step, len(bars)))
            case _:
                return self

    def hints(self) -> list[tuple[str, str]]:
        """Return what else can be shown, each with its keys."""
        results = []
        match self.chart:
            case LineChart(lines=lines) if len(lines) > TOPS[0]:
                results.append((_so_many(self.lines_top, lines, "series"), "+-"))
            case BarChart(bars=bars) if len(bars) > TOPS[0]:
                results.append((_so_many(self.bars_top, bars, "bars"), "+-"))
        if len(self.parts) > 1:
            results.append((f"part {self.part + 1}/{len(self.parts)}", "←→"))
        if len(self.views) > 1:
            results.append((f"view {self.view + 1}/{len(self.views)}", "c"))
        return results

    def _parts_of(self, title: str) -> list[int]:
        return [
            index for index, chart in enumerate(self.charts) if chart.title == title
        ]


def _next(now: int | None, step: int, count: int) -> int | None:
    choices: list[int | None] = [*(top for top in TOPS if top < count), None]
    position = choices.index(now) if now in choices else len(choices) - 1
    return choices[min(max(0, position + step), len(choices) - 1)]


def _so_many(top: int | None, all_of_them: Sequence[object], noun: str) -> str:
    count = len(all_of_them)
    return f"{count} {noun}" if top is None or top >= count else f"{top} of {count}"


def _no_chart() -> str:
    return f"No chart for this response. {key_of('response.previous_tab')} shows it as a table."


def picture(
    chart: Chart, choice: ChartSelection, width: int, height: int, colours: ChartColours
) -> ChartRenderer:
    """Draw a chart in so many cells."""
    if choice.figures_only:
        return SummaryRenderer(summarise(chart), width, height, colours)
    match chart:
        case LineChart(points=(_,)):
            return picture(_on_one_date(chart), choice, width, height, colours)
        case LineChart(lines=lines):
            chosen = largest(lines, choice.lines_top)
            rows = plot_rows(len(chosen), width, height)
            if width < LEAST_WIDTH or rows < LEAST_HEIGHT:
                return SummaryRenderer(summarise(chart), width, height, colours)
            return LinesRenderer(chart, chosen, width, height, colours)
        case BarChart(bars=bars):
            chosen_bars = largest_bars(bars, choice.bars_top)
            return BarRenderer(chart, chosen_bars, width, height, colours)
        case Steps():
            return StepsRenderer(chart, width, height, colours)
        case HeatTable():
            return HeatmapRenderer(chart, width, height, colours)


def _on_one_date(chart: LineChart) -> BarChart:
    """Return bars instead: a line has no length on one date."""
    bars = (
        Bar(line.name, line.values[0], is_total=line.is_total) for line in chart.lines
    )
    return BarChart(chart.title, tuple(bars), chart.unit)


_SMALLEST = (20, 3)
"""Cells; below that a chart says nothing."""
_NOTES_FROM = 8
"""From this height on the last row tells what must be known of the figures."""
_LEAST_TITLE = 12
_WHEEL = 3


class ChartView(Motions, Widget, can_focus=True):
    """Draws one of several charts; set `charts` to show others."""

    DEFAULT_CSS = """
    ChartView { background: transparent; color: $foreground; }
    """ + chart_css("ChartView")
    COMPONENT_CLASSES = set(CHART_CLASSES)
    BINDINGS = bindings(Scope.CHART)

    class Copy(Message):
        """Figures are to be copied.

        Args:
            text: Tab-separated, with the names of the columns first.
        """

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    empty_text: str | None = None
    """Shown where there is no chart; None = that the response has none."""
    _choice = ChartSelection()
    _top = 0
    """Rows out of sight."""
    _left = 0
    """Columns out of sight."""
    _drawn: tuple[object, ChartRenderer] | None = None
    """The size that it was drawn for, and the picture."""
    _colours: ChartColours | None = None

    # What is shown

    @property
    def charts(self) -> tuple[Chart, ...]:
        """The charts of the response."""
        return self._choice.charts

    @charts.setter
    def charts(self, charts: tuple[Chart, ...]) -> None:
        self._show(self._choice.among(charts))

    @property
    def selection(self) -> ChartSelection:
        """What a person selected, for charts to come."""
        return self._choice.among(())

    @selection.setter
    def selection(self, selection: ChartSelection) -> None:
        self._show(selection.among(self.charts))

    @property
    def chart(self) -> Chart | None:
        """The chart shown; None = none."""
        return self._choice.chart

    @property
    def figures_only(self) -> bool:
        return self._choice.figures_only

    def _show(self, choice: ChartSelection) -> None:
        self._choice = choice
        self._drawn = None
        self._top = self._left = 0
        self.refresh()

    # Actions

    def action_next_view(self) -> None:
        self._show(self._choice.other_view(1))

    def action_previous_view(self) -> None:
        self._show(self._choice.other_view(-1))

    def action_next_part(self) -> None:
        """Show the next part; without parts, scroll to the right."""
        self._step(self.take_count() or 1)

    def action_previous_part(self) -> None:
        """Show the previous part; without parts, scroll to the left."""
        self._step(-(self.take_count() or 1))

    def _step(self, step: int) -> None:
        if self.chart is None:
            return
        if len(self._choice.parts) == 1:
            self._move(columns=step)
            return
        left = self._left
        self._show(self._choice.other_part(step))
        self._move(columns=left)

    def action_summary(self) -> None:
        """Toggle between figures and drawing."""
        self._show(replace(self._choice, figures_only=not self.figures_only))

    def action_more(self) -> None:
        self._show(self._choice.other_top(1))

    def action_fewer(self) -> None:
        self._show(self._choice.other_top(-1))

    def action_copy(self) -> None:
        if self.chart is not None:
            self.post_message(self.Copy(summarise(self.chart).tsv()))

    # Moving

    @property
    def page_rows(self) -> int:
        return max(1, self._room[1] - 2)

    def move_by(self, rows: int) -> None:
        self._move(rows=rows)

    def move_to(self, row: int) -> None:
        self._move(rows=row - self._top)

    def move_to_end(self) -> None:
        if drawn := self._picture:
            self._move(rows=drawn.scrolls)

    action_scroll_up, action_scroll_down = Motions.action_up, Motions.action_down

    def action_columns_left(self) -> None:
        self._move(columns=-1)

    def action_columns_right(self) -> None:
        self._move(columns=1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(rows=_WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(rows=-_WHEEL)

    def _move(self, rows: int = 0, columns: int = 0) -> None:
        """Scroll, up to the ends."""
        if drawn := self._picture:
            top = min(max(0, self._top + rows), drawn.scrolls)
            left = min(max(0, self._left + columns), drawn.columns)
            if (top, left) != (self._top, self._left):
                self._top, self._left = top, left
                self.refresh()

    # Drawing

    def notify_style_update(self) -> None:
        """Discard what was drawn in the old colours."""
        self._drawn = self._colours = None
        super().notify_style_update()

    def on_resize(self) -> None:
        """Keep the scroll position within the new size."""
        self._move()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw a row: the title, the drawing, or the notice."""
        chart, drawn = self.chart, self._picture
        if chart is None:
            text = _no_chart() if self.empty_text is None else self.empty_text
            return self._note_row("" if y else text)
        if drawn is None:
            return self._note_row("" if y else "Too small for a chart.")
        if y == 0:
            return self._head(chart, drawn)
        if y <= self._room[1]:
            return drawn.row(y - 1, self._top, self._left)
        return self._note_row(" ".join(chart.notes))

    def _note_row(self, sentence: str) -> Strip:
        width, colours = self.size.width, self._styles
        return strip([(fitted(sentence, width), colours.muted)], width, colours.plain)

    @property
    def _styles(self) -> ChartColours:
        if self._colours is None:
            self._colours = chart_colours(self)
        return self._colours

    @property
    def _room(self) -> tuple[int, int]:
        """The width and the height of the drawing, in cells."""
        noted = self.chart is not None and self.chart.notes
        below = 1 if noted and self.size.height >= _NOTES_FROM else 0
        return self.size.width, max(1, self.size.height - 1 - below)

    @property
    def _picture(self) -> ChartRenderer | None:
        """The drawing, cached for a size, chart and theme."""
        chart, room = self.chart, self._room
        (width, height), (least_width, least_height) = self.size, _SMALLEST
        if chart is None or width < least_width or height < least_height:
            return None
        if self._drawn is None or self._drawn[0] != room:
            self._drawn = room, picture(chart, self._choice, *room, self._styles)
        return self._drawn[1]

    def _head(self, chart: Chart, drawn: ChartRenderer) -> Strip:
        """Draw the title, and what else can be shown with its keys."""
        colours, width = self._styles, self.size.width
        title = chart.title + (f" · {chart.part}" if chart.part else "")
        hints = [*self._scrolled(drawn), *self._choice.hints()]
        span = [_span(chart)] if isinstance(chart, LineChart) else []
        keyed = [f"{text} {keys}" for text, keys in hints]
        # Where there is no room: the keys are in the footer, too.
        for right in (
            "  ".join([*span, *keyed]),
            "  ".join(keyed),
            "  ".join(text for text, _ in hints),
        ):
            room = width - width_of([right]) - 2
            if room >= width_of([title]):
                break
        shown = fitted(title, max(room, min(width_of([title]), _LEAST_TITLE)))
        return strip(
            [(shown, colours.title), (f"  {right}", colours.muted)],
            width,
            colours.plain,
        )

    def _scrolled(self, drawn: ChartRenderer) -> list[tuple[str, str]]:
        results = []
        if drawn.scrolls:
            results.append((f"row {self._top + 1}/{drawn.scrolls + 1}", "↑↓"))
        if drawn.columns:
            results.append((f"column {self._left + 1}/{drawn.columns + 1}", "<>"))
        return results


def _span(chart: LineChart) -> str:
    """Return the range of dates of a chart."""
    first, last = chart.points[0], chart.points[-1]
    return first if first == last else f"{first} to {last}"
