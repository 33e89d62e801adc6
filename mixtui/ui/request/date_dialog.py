"""The editor of dates: a day, or the window between two, moved by keys."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

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

_HINTS = "enter or ctrl+s takes it · esc leaves it as it was"
_KEYS = (
    "← → day · ↑ ↓ week · page up, page down month",
    "t today · r fixed date, or days from today",
)
_WINDOW_KEYS = ("tab other date · w move both · p pull the other date along",)
_NARROW = 62
"""Cells of the screen; below that the keys are said in fewer words."""
_NARROW_KEYS = ("← → day · ↑ ↓ week · pgup pgdn month", "t today · r fixed or relative")
_NARROW_WINDOW_KEYS = ("tab other · w both · p pull along",)


@dataclass(frozen=True, slots=True)
class Dates:
    """One date, or two that belong together."""

    name: str
    day: Day
    end: End = End.FROM
    """Which of two it is."""
    text: str = ""
    """As it stands in the row; empty = not as a day."""
    other_name: str = ""
    """Empty = it stands alone."""
    other: Day | None = None
    other_text: str = ""


class DateDialog(Dialog[tuple[str, str] | None]):
    """Moves days; gives the values of the date and of the other one ("" = none).

    Args:
        dates: What is edited.
        today: What "today" is.
        note: What to say at first.
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
        Binding("enter,ctrl+s", "accept", "Take", show=False),
        Binding("left", "move(-1, 'day')", "Day before", show=False),
        Binding("right", "move(1, 'day')", "Day after", show=False),
        Binding("up", "move(-1, 'week')", "Week before", show=False),
        Binding("down", "move(1, 'week')", "Week after", show=False),
        Binding("pageup", "move(-1, 'month')", "Month before", show=False),
        Binding("pagedown", "move(1, 'month')", "Month after", show=False),
        Binding("tab,shift+tab", "other", "Other date", show=False),
        Binding("w", "both", "Move both", show=False),
        Binding("p", "pull", "Pull along", show=False),
        Binding("t", "today", "Today", show=False),
        Binding("r", "turn", "Fixed or relative", show=False),
    ]

    def __init__(
        self,
        dates: Dates,
        *,
        today: Callable[[], date] = date.today,
        note: str = "",
    ) -> None:
        self._alone = dates.other is None
        other = dates.other or dates.day
        names = (dates.name, dates.other_name)
        days = (dates.day, other)
        if dates.end is End.TO:
            names, days = names[::-1], days[::-1]
        what = dates.name if self._alone else f"{names[0]} and {names[1]}"
        super().__init__(f"{what} · date", None)
        self._names = dict(zip(End, names, strict=True))
        self._first = dates.end
        self._window = self._opened = Window(*days)
        self._texts = {dates.end: dates.text, dates.end.opposite: dates.other_text}
        self._length = max(self._window.days, 1)
        self._end = dates.end
        self._both = False
        self._today = today()
        self._note = note

    def compose_box(self) -> ComposeResult:
        """The days, the month around, what there is to say, the keys."""
        yield Static(id="days")
        yield Static(id="month")
        yield Static(id="remark")
        yield Static(id="keys")
        yield Static(_HINTS, classes="hints")

    def on_mount(self) -> None:
        """Show them."""
        self._show()

    def on_resize(self) -> None:
        """The keys in as many words as there is room for."""
        narrow = self.size.width < _NARROW
        keys = list(_NARROW_KEYS if narrow else _KEYS)
        if not self._alone:
            keys += _NARROW_WINDOW_KEYS if narrow else _WINDOW_KEYS
        self.query_one("#keys", Static).update(Content("\n".join(keys)))

    @property
    def values(self) -> tuple[str, str]:
        """The date and the other one, as they would be taken."""
        day, other = self._text(self._first), self._text(self._first.opposite)
        return day, "" if self._alone else other

    def _text(self, end: End) -> str:
        """A day as it is written; as it was, if it was not touched."""
        day = self._window.day(end)
        untouched = self._texts[end] if day == self._opened.day(end) else ""
        return untouched or day.text(self._today)

    def action_accept(self) -> None:
        """Take what is shown."""
        self.finish(self.values)

    def action_move(self, by: int, step: str) -> None:
        """Move the date, or both."""
        self._try(lambda: self._moved(by, DateStep(step)))

    def action_other(self) -> None:
        """Go to the other date."""
        if not self._alone:
            self._end = self._end.opposite
            self._show()

    def action_both(self) -> None:
        """Move both from now on, or one again."""
        self._both = not self._both and not self._alone
        self._show()

    def action_pull(self) -> None:
        """Bring the other date back to where the window was as long as at first."""
        if not self._alone:
            self._try(
                lambda: drag_other_end(
                    self._window, self._end, self._length, self._today
                )
            )

    def action_today(self) -> None:
        """Go to today; with the whole window, so that it ends or starts there."""
        days = (self._today - self._window.day(self._end).day).days
        self._try(lambda: self._moved(days, DateStep.DAY))

    def action_turn(self) -> None:
        """A fixed date becomes days from today, and the reverse."""
        window = self._window
        if self._both:
            follows = window.day(self._end).is_relative
            self._try(lambda: self._turned_both(not follows))
        else:
            day = window.day(self._end)
            self._try(
                lambda: window.with_day(self._end, toggle_relative(day, self._today))
            )

    def _moved(self, by: int, step: DateStep) -> Window:
        if self._both or self._alone:
            return move_window(self._window, by, step, self._today)
        day = shift(self._window.day(self._end), by, step, self._today)
        return self._window.with_day(self._end, day)

    def _turned_both(self, follows: bool) -> Window:
        window = self._window
        for end in End:
            if window.day(end).is_relative is not follows:
                window = window.with_day(
                    end, toggle_relative(window.day(end), self._today)
                )
        return window

    def _try(self, change: Callable[[], Window]) -> None:
        self._note = ""
        try:
            self._window = change()
        except OutOfRange as error:
            self._note = str(error)
        self._show()

    # What is shown

    def _show(self) -> None:
        lines = [self._line(self._first)] if self._alone else list(map(self._line, End))
        if not self._alone:
            moves = "both move" if self._both else f"{self._end} moves"
            lines.append(Content(f"  {self._window.problem} · {moves}"))
        self.query_one("#days", Static).update(Content("\n").join(lines))
        self.query_one("#month", Static).update(self._month())
        self.query_one("#remark", Static).update(Content(self._remark()))

    def _line(self, end: End) -> Content:
        day = self._window.day(end)
        is_focused = self._both or end is self._end
        text = self._text(end)
        value = f"{text} = {day.day}" if day.is_relative else text
        return Content.assemble(
            ("▸ " if is_focused else "  ", "bold"),
            (f"{self._names[end]}  ", "$text-primary"),
            (f"{value}  {day.weekday}", "bold" if is_focused else ""),
        )

    def _remark(self) -> str:
        window = self._window
        if self._note:
            return self._note
        if not self._alone and not window.is_valid:
            return f"! {window.problem}: p pulls the other date along, w moves both"
        shown = End if self._both else (self._end,)
        return "; ".join(
            s for s in (window.day(end).shortened_note for end in shown) if s
        )

    def _month(self) -> Content:
        """The month of the date: [15] is it, ·15· is within the window."""
        is_cursor = self._window.day(self._end).day
        first, count = monthrange(is_cursor.year, is_cursor.month)
        weeks = ["    " * first]
        for number in range(1, count + 1):
            weeks[-1] += self._cell(is_cursor.replace(day=number))
            if (first + number) % 7 == 0 and number < count:
                weeks.append("")
        head = f"{is_cursor:%B %Y}"
        return Content("\n".join([head, " Mo  Tu  We  Th  Fr  Sa  Su", *weeks]))

    def _cell(self, day: date) -> str:
        window = self._window
        if day in (window.start.day, window.end.day):
            return f"[{day.day:>2}]"
        if window.start.day < day < window.end.day:
            return f"·{day.day:>2}·"
        return f" {day.day:>2} "
