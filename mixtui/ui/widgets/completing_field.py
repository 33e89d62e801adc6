"""A field that shows what may be meant, and never gets in the way.

While one types, the likeliest text stands dim behind the cursor (→ takes it), and a list
may lie below. The list only takes keys once ↓ has gone into it: until then enter,
escape and tab mean what they always mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget

from mixtui.text import sanitize
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.repaint import MinimalRepaint

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion

_EDITS = frozenset({"backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k", "ctrl+d"})


class CompletingField(TextInput):
    """Subclasses say what may be meant, and when a list is wanted."""

    lists_while_typing = True
    """False = a list is shown only when ↓ asks for it."""
    _by_key = False
    """A key is about to change the text: what is pasted or set needs no help."""
    _list: SuggestionList | None = None
    _listing = False
    """The list lies under this field."""

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """What may be meant by a text, the likeliest first."""
        return ()

    def ghost_of(self, suggestions: Sequence[Suggestion], typed: str) -> str:
        """What to show dim behind the cursor; empty = nothing."""
        from mixtui.editing.suggestions import ghost

        return ghost(suggestions, typed)

    def take(self, suggestion: Suggestion) -> None:
        """Make it the text."""
        self.value = suggestion.value
        self.cursor_position = len(self.value)

    # What is shown

    def watch_value(self, value: str) -> None:
        """Help along with what was typed, before it is drawn."""
        typed, self._by_key = self._by_key, False
        if typed:
            self.call_next(self.suggest)
        else:
            self.close_list()

    def suggest(self) -> None:
        """Show what may be meant by the text as it is."""
        if not self.has_focus:
            return
        found: Sequence[Suggestion] = ()
        if self.cursor_at_end:
            found = self.suggestions(self.value)
        self._suggestion = self.ghost_of(found, self.value)
        if found and (self.lists_while_typing or self._listing):
            self.open_list(found)
        else:
            self.close_list()

    def renew(self) -> None:
        """There is more to suggest than before: list it."""
        if self.has_focus and (found := self.suggestions(self.value)):
            self.open_list(found)

    def open_list(self, found: Sequence[Suggestion]) -> None:
        """Show a list; nothing in it is chosen yet."""
        shown = self._the_list()
        shown.show(found, self.region, self.screen.size)
        self._listing = True

    def close_list(self) -> None:
        """Take the list away."""
        if self._list is not None and self._list.owner is self:
            self._list.hide()
        self._listing = False

    @property
    def is_listing(self) -> bool:
        """Whether a list lies under the field."""
        return self._listing

    def _the_list(self) -> SuggestionList:
        """The one list of the screen."""

        found = self.screen.query(SuggestionList)
        if found:
            self._list = found.first()
        else:
            self._list = SuggestionList()
            self.screen.mount(self._list)
        self._list.owner = self
        return self._list

    def take_highlighted(self) -> None:
        """Take the one under the cursor, and go on typing."""
        chosen = self._list.highlighted if self._list is not None else None
        if chosen is not None:
            self.close_list()
            self.take(chosen)

    # Keys

    def takes_for_list(self, key: str) -> bool:
        """Whether a key does something with the list."""
        shown = self._list if self._listing else None
        if shown is None:
            if key == "down" and not self.lists_while_typing:
                found = self.suggestions(self.value)
                if found:
                    self.open_list(found)
                    self.takes_for_list("down")
                return bool(found)
            return False
        match key:
            case "down":
                return shown.move(1)
            case "up":
                return shown.move(-1)
            case "pagedown" | "pageup" if shown.highlighted is not None:
                return shown.move(shown.page if key == "pagedown" else -shown.page)
            case "enter" | "tab" if shown.highlighted is not None:
                self.take_highlighted()
                return True
            case "escape" if shown.highlighted is not None:
                self.close_list()
                return True
            case _:
                return False

    async def _on_key(self, event: events.Key) -> None:
        if self.takes_for_list(event.key):
            event.stop()
            event.prevent_default()
            return
        self._by_key = event.is_printable or event.key in _EDITS
        await super()._on_key(event)

    def _on_paste(self, event: events.Paste) -> None:
        # Textual calls the handler of the base class next.
        self._by_key = False

    def on_blur(self) -> None:
        """The list belongs to who types."""
        self.close_list()

    def on_unmount(self) -> None:
        """Nothing stays behind."""
        self.close_list()


_MOST = 8
"""Rows."""
_WIDEST = 76
_GAP = 2
_HINT = "↓ chooses · enter takes it"


class ListOwner(Protocol):
    """A field that a list lies under."""

    def take_highlighted(self) -> None:
        """Take the suggestion under the cursor."""


class SuggestionList(MinimalRepaint, Widget):
    """Shows suggestions; the field keeps the focus and tells it what to do."""

    DEFAULT_CSS = """
    SuggestionList {
        overlay: screen; display: none; width: auto; height: auto;
        background: $panel; color: $foreground;
        border: round $border-blurred; border-subtitle-color: $text-muted;
    }
    SuggestionList > .suggestion--note { color: $text-muted; }
    SuggestionList > .suggestion--cursor { background: $primary-muted; }
    SuggestionList:ansi > .suggestion--cursor {
        background: transparent; text-style: reverse;
    }
    """
    COMPONENT_CLASSES = {"suggestion--note", "suggestion--cursor"}
    can_focus = False

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Suggestion] = ()
        self._at: int | None = None
        self._top = 0
        self._fits = Size(0, 0)
        self._left = 0
        self.owner: ListOwner | None = None
        """The field that shows the list."""

    @property
    def rows(self) -> Sequence[Suggestion]:
        """What is listed."""
        return self._rows

    @property
    def highlighted(self) -> Suggestion | None:
        """The one under the cursor; None = none is yet."""
        return self._rows[self._at] if self._at is not None else None

    def show(self, rows: Sequence[Suggestion], field: Region, room: Size) -> None:
        """List some under a field, or above it where there is more room.

        Args:
            rows: At least one.
            field: Where the field is on the screen.
            room: The size of the screen.
        """
        self._rows, self._at, self._top = rows, None, 0
        self._left = max(cell_len(sanitize(row.label)) for row in rows)
        right = max(cell_len(sanitize(row.note)) for row in rows)
        wanted = 2 + self._left + (_GAP + right if right else 0)
        width = min(max(wanted, len(_HINT) + 16), _WIDEST, room.width - 2)
        below, above = room.height - field.bottom - 2, field.y - 2
        height = min(len(rows), _MOST, max(below, above, 1))
        y = field.bottom if height <= below or below >= above else field.y - height - 2
        x = max(0, min(field.x - 3, room.width - width - 2))
        more = f"{len(rows)} in all · " if len(rows) > height else ""
        self.border_subtitle = more + _HINT
        self._place(Offset(x, y), Size(width, height))
        self.refresh()

    def _place(self, offset: Offset, size: Size) -> None:
        """Lays the screen out again only where something moved."""
        if (offset, size, self.display) != (self.absolute_offset, self._fits, True):
            self.absolute_offset, self._fits = offset, size
            self.display = True
            self.refresh(layout=True)

    def hide(self) -> None:
        """Show nothing."""
        self.display = False
        self._at = None

    @property
    def page(self) -> int:
        """The rows of a page, less one to go on reading from."""
        return max(1, self._fits.height - 1)

    def move(self, by: int) -> bool:
        """Move the cursor; up from the first one leaves the list. Whether it moved."""
        if self._at is None:
            if by < 0:
                return False
            self._at = 0
        elif self._at + by < 0:
            self._at = None
        else:
            self._at = min(self._at + by, len(self._rows) - 1)
        at, height = self._at or 0, max(1, self._fits.height)
        self._top = max(min(self._top, at), at - height + 1)
        self.refresh()
        return True

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """As wide as its rows."""
        return self._fits.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line a row."""
        return self._fits.height

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take what is under the mouse; the field keeps the focus."""
        event.stop()
        offset = event.get_content_offset(self)
        if offset is not None and offset.y + self._top < len(self._rows):
            self._at = offset.y + self._top
            if self.owner is not None:
                self.owner.take_highlighted()

    # Drawing

    def draw_line(self, y: int) -> Strip:
        """A suggestion: its text, and a few words about it."""
        width = self.content_size.width
        at = y + self._top
        if at >= len(self._rows):
            return Strip.blank(width, self.rich_style)
        row, here = self._rows[at], at == self._at
        plain = self.rich_style
        note = self.get_component_rich_style("suggestion--note")
        left = min(self._left, width - 2)
        strip = Strip(
            [
                Segment("› " if here else "  ", plain + Style(bold=True)),
                Segment(truncate_end(row.label, left), plain + Style(bold=here)),
                Segment(" " * _GAP, plain),
                Segment(sanitize(row.note), plain + Style(color=note.color)),
            ]
        )
        cut = strip.cell_length > width
        strip = strip.adjust_cell_length(width, plain)
        if cut:
            strip = Strip([*strip.crop(0, width - 1), Segment("…", plain)])
        return self._lit(strip) if here else strip

    def _lit(self, strip: Strip) -> Strip:
        cursor = self.get_component_rich_style("suggestion--cursor")
        if cursor.reverse:  # One colour for all: the terminal has few.
            plain = Strip([Segment(s.text, self.rich_style + cursor) for s in strip])
            return plain.simplify()
        light = Style(bgcolor=cursor.bgcolor)
        return Strip([Segment(s.text, (s.style or Style()) + light) for s in strip])
