"""The editor of dates: a day, or the window between two, moved by keys."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from mixtui.editing.dates import (
    DateStep,
    Day,
    End,
    OutOfRange,
    Window,
    drag_other_end,
    move_window,
    shift,
    toggle_relative,
)
from mixtui.ui.dialogs.dialogs import Dialog

_HINTS = "enter Apply · esc Cancel"
_KEYS = (
    "← → Day · ↑ ↓ Week · page up/page down Month",
    "t Today · r Fixed/relative date",
)
_WINDOW_KEYS = ("tab Other date · w Move both · p Move the other date along",)
_NARROW_WIDTH = 62
"""Columns; a narrower screen names the keys in short."""
_NARROW_KEYS = ("← → Day · ↑ ↓ Week · pgup/pgdn Month", "t Today · r Fixed/relative")
_NARROW_WINDOW_KEYS = ("tab Other · w Both · p Move along",)


class Dates(Struct, frozen=True):
    """One date, or two that belong together."""

    name: str
    day: Day
    end: End = End.FROM
    """Which of two it is."""
    text: str = ""
    """The value in the row; empty = it is not a date."""
    other_name: str = ""
    """Empty = there is no other date."""
    other: Day | None = None
    other_text: str = ""


class DateDialog(Dialog[tuple[str, str] | None]):
    """Edit a date, or two; return the values of the date and the other one ("" = none).

    Args:
        dates: What is edited.
        today: What "today" is.
        note: Shown at first.
    """

    DEFAULT_CSS = """
    DateDialog > #box { width: 66; }
    DateDialog #days, DateDialog #month, DateDialog #keys { height: auto; }
    DateDialog #month { margin: 1 0; }
    DateDialog #keys { color: $text-muted; }
    DateDialog #remark { height: auto; min-height: 1; color: $text-warning; }
    DateDialog.-short #month { display: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-short"), (23, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "accept", "Apply", show=False),
        Binding("ctrl+s", "accept", "Apply", show=False, id="save"),
        Binding("left", "move(-1, 'day')", "Previous day", show=False),
        Binding("right", "move(1, 'day')", "Next day", show=False),
        Binding("up", "move(-1, 'week')", "Previous week", show=False),
        Binding("down", "move(1, 'week')", "Next week", show=False),
        Binding("pageup", "move(-1, 'month')", "Previous month", show=False),
        Binding("pagedown", "move(1, 'month')", "Next month", show=False),
        Binding("tab,shift+tab", "other", "Other date", show=False),
        Binding("w", "toggle_both", "Move both", show=False),
        Binding("p", "pull", "Move other date along", show=False),
        Binding("t", "today", "Today", show=False),
        Binding("r", "toggle_relative", "Fixed/relative date", show=False),
    ]

    def __init__(
        self,
        dates: Dates,
        *,
        today: Callable[[], date] = date.today,
        note: str = "",
    ) -> None:
        self._is_single = dates.other is None
        other = dates.other or dates.day
        names = (dates.name, dates.other_name)
        days = (dates.day, other)
        if dates.end is End.TO:
            names, days = names[::-1], days[::-1]
        what = dates.name if self._is_single else f"{names[0]} and {names[1]}"
        super().__init__(f"{what} · date", None)
        self._names = dict(zip(End, names, strict=True))
        self._primary_end = dates.end
        self._window = self._initial_window = Window(*days)
        self._texts = {dates.end: dates.text, dates.end.opposite: dates.other_text}
        self._initial_length = max(self._window.days, 1)
        self._end = dates.end
        self._moves_both = False
        self._today = today()
        self._note = note

    def compose_box(self) -> ComposeResult:
        yield Static(id="days")
        yield Static(id="month")
        yield Static(id="remark")
        yield Static(id="keys")
        yield Static(_HINTS, classes="hints")

    def on_mount(self) -> None:
        self._show()

    def on_resize(self) -> None:
        """Name the keys as long as there is room for."""
        is_narrow = self.size.width < _NARROW_WIDTH
        keys = list(_NARROW_KEYS if is_narrow else _KEYS)
        if not self._is_single:
            keys += _NARROW_WINDOW_KEYS if is_narrow else _WINDOW_KEYS
        self.query_one("#keys", Static).update(Content("\n".join(keys)))

    @property
    def values(self) -> tuple[str, str]:
        """The date and the other one, as enter applies them."""
        day, other = (
            self._text(self._primary_end),
            self._text(self._primary_end.opposite),
        )
        return day, "" if self._is_single else other

    def _text(self, end: End) -> str:
        """Return a date as text; unchanged if the day is."""
        day = self._window.day(end)
        untouched = self._texts[end] if day == self._initial_window.day(end) else ""
        return untouched or day.text(self._today)

    def action_accept(self) -> None:
        """Apply what is shown."""
        self.finish(self.values)

    def action_move(self, by: int, step: str) -> None:
        """Move the date, or both."""
        self._apply(lambda: self._window_moved(by, DateStep(step)))

    def action_other(self) -> None:
        """Go to the other date."""
        if not self._is_single:
            self._end = self._end.opposite
            self._show()

    def action_toggle_both(self) -> None:
        """Switch between moving both dates and one."""
        self._moves_both = not self._moves_both and not self._is_single
        self._show()

    def action_pull(self) -> None:
        """Move the other date so that the window has its initial length again."""
        if not self._is_single:
            self._apply(
                lambda: drag_other_end(
                    self._window, self._end, self._initial_length, self._today
                )
            )

    def action_today(self) -> None:
        """Move to today; the complete window if both dates move."""
        days = (self._today - self._window.day(self._end).day).days
        self._apply(lambda: self._window_moved(days, DateStep.DAY))

    def action_toggle_relative(self) -> None:
        """Switch between a fixed date and days from today."""
        window = self._window
        if self._moves_both:
            is_relative = window.day(self._end).is_relative
            self._apply(lambda: self._with_both_toggled(not is_relative))
        else:
            day = window.day(self._end)
            self._apply(
                lambda: window.with_day(self._end, toggle_relative(day, self._today))
            )

    def _window_moved(self, by: int, step: DateStep) -> Window:
        if self._moves_both or self._is_single:
            return move_window(self._window, by, step, self._today)
        day = shift(self._window.day(self._end), by, step, self._today)
        return self._window.with_day(self._end, day)

    def _with_both_toggled(self, relative: bool) -> Window:
        window = self._window
        for end in End:
            if window.day(end).is_relative is not relative:
                window = window.with_day(
                    end, toggle_relative(window.day(end), self._today)
                )
        return window

    def _apply(self, change: Callable[[], Window]) -> None:
        self._note = ""
        try:
            self._window = change()
        except OutOfRange as error:
            self._note = str(error)
        self._show()

    # What is shown

    def _show(self) -> None:
        lines = (
            [self._line(self._primary_end)]
            if self._is_single
            else list(map(self._line, End))
        )
        if not self._is_single:
            moves = (
                "both dates selected" if self._moves_both else f"{self._end} selected"
            )
            lines.append(Content(f"  {self._window.problem} · {moves}"))
        self.query_one("#days", Static).update(Content("\n").join(lines))
        self.query_one("#month", Static).update(self._month())
        self.query_one("#remark", Static).update(Content(self._remark_text()))

    def _line(self, end: End) -> Content:
        day = self._window.day(end)
        is_focused = self._moves_both or end is self._end
        text = self._text(end)
        value = f"{text} = {day.day}" if day.is_relative else text
        return Content.assemble(
            ("▸ " if is_focused else "  ", "bold"),
            (f"{self._names[end]}  ", "$text-primary"),
            (f"{value}  {day.weekday}", "bold" if is_focused else ""),
        )

    def _remark_text(self) -> str:
        window = self._window
        if self._note:
            return self._note
        if not self._is_single and not window.is_valid:
            return f"! {window.problem}: p moves the other date along, w moves both"
        shown = End if self._moves_both else (self._end,)
        return "; ".join(
            s for s in (window.day(end).shortened_note for end in shown) if s
        )

    def _month(self) -> Content:
        """Draw the month of the date: [15] is the date, ·15· is within the window."""
        cursor = self._window.day(self._end).day
        first, count = monthrange(cursor.year, cursor.month)
        weeks = ["    " * first]
        for number in range(1, count + 1):
            weeks[-1] += self._cell(cursor.replace(day=number))
            if (first + number) % 7 == 0 and number < count:
                weeks.append("")
        head = f"{cursor:%B %Y}"
        return Content("\n".join([head, " Mo  Tu  We  Th  Fr  Sa  Su", *weeks]))

    def _cell(self, day: date) -> str:
        window = self._window
        if day in (window.start.day, window.end.day):
            return f"[{day.day:>2}]"
        if window.start.day < day < window.end.day:
            return f"·{day.day:>2}·"
        return f" {day.day:>2} "
