"""A field that completes what is typed, and never gets in the way.

While one types, the likeliest text stands dim behind the cursor (→ accepts), and a list
may lie below. The list handles keys only once ↓ has moved into it: until then enter,
escape and tab keep their usual meaning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import events

from mixtui.ui.widgets.field import TextInput

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion
    from mixtui.ui.widgets.suggestion_list import SuggestionList

_EDITS = frozenset({"backspace", "delete", "ctrl+w", "ctrl+u", "ctrl+k", "ctrl+d"})


class CompletingField(TextInput):
    """A field with a ghost text and a list of suggestions; subclasses supply them."""

    completes_by_tab = False
    """Tab accepts the ghost text; where there is none, it moves on."""
    _by_key = False
    """A key is about to change the text: pasted and set text is not completed."""
    _list: SuggestionList | None = None
    _is_list_open = False
    """The list is open under this field."""

    @property
    def lists_while_typing(self) -> bool:
        """Whether the list opens while one types; False = only by ↓."""
        return True

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return suggestions for a text, the likeliest first."""
        return ()

    def ghost_text(self, suggestions: Sequence[Suggestion], typed: str) -> str:
        """Return the text to show dim behind the cursor; empty = none."""
        from mixtui.editing.suggestions import ghost

        return ghost(suggestions, typed)

    def take(self, suggestion: Suggestion) -> None:
        """Make a suggestion the text."""
        self.edit_text(suggestion.value)

    # What is shown

    def watch_value(self, value: str) -> None:
        """Complete what was typed, before it is drawn."""
        typed, self._by_key = self._by_key, False
        if typed:
            self.call_next(self.suggest)
        else:
            self.close_list()

    def suggest(self) -> None:
        """Show suggestions for the current text."""
        if not self.has_focus:
            return
        results: Sequence[Suggestion] = ()
        if self.cursor_at_end:
            results = self.suggestions(self.value)
        self._suggestion = self.ghost_text(results, self.value)
        if results and (self.lists_while_typing or self._is_list_open):
            self.open_list(results)
        else:
            self.close_list()

    def relist(self) -> None:
        """Open the list again: there is more to suggest than before."""
        if self.has_focus and (suggestions := self.suggestions(self.value)):
            self.open_list(suggestions)

    def open_list(self, suggestions: Sequence[Suggestion]) -> None:
        """Open the list, with the cursor outside."""
        shown = self._shared_list()
        shown.show(suggestions, self.region)
        self._is_list_open = True

    def close_list(self) -> None:
        """Close the list."""
        if self._list is not None and self._list.owner is self:
            self._list.hide()
        self._is_list_open = False

    def _shared_list(self) -> SuggestionList:
        """Return the list that the fields of the screen share, and own it."""
        from mixtui.ui.widgets.suggestion_list import SuggestionList

        widgets = self.screen.query(SuggestionList)
        if widgets:
            self._list = widgets.first()
        else:
            self._list = SuggestionList()
            self.screen.mount(self._list)
        self._list.owner = self
        return self._list

    def take_highlighted(self) -> None:
        """Take the suggestion under the cursor, and go on typing."""
        chosen = self._list.highlighted if self._list is not None else None
        if chosen is not None:
            self.close_list()
            self.take(chosen)

    # Keys

    def handle_list_key(self, key: str) -> bool:
        """Act on a key of the list, or complete by tab; return whether it was one."""
        if self._handle_list_key(key):
            return True
        wants = self.completes_by_tab and key == "tab" and self.cursor_at_end
        if wants and self._suggestion:
            self.edit_text(self._suggestion)
            return True
        return False

    def _handle_list_key(self, key: str) -> bool:
        shown = self._list if self._is_list_open else None
        if shown is None:
            if key == "down" and not self.lists_while_typing:
                suggestions = self.suggestions(self.value)
                if suggestions:
                    self.open_list(suggestions)
                    self._handle_list_key("down")
                return bool(suggestions)
            return False
        match key:
            case "down":
                return shown.step(1)
            case "up":
                return shown.step(-1)
            case "pagedown" | "pageup" if shown.highlighted is not None:
                return shown.step(
                    shown.page_rows if key == "pagedown" else -shown.page_rows
                )
            case "enter" | "tab" if shown.highlighted is not None:
                self.take_highlighted()
                return True
            case "escape" if shown.highlighted is not None:
                self.close_list()
                return True
            case _:
                return False

    async def _on_key(self, event: events.Key) -> None:
        if self.handle_list_key(event.key):
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
