"""The last line: the keys that matter where the focus is."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from mixtui.actions import Action, key_text


class KeyHints(Widget):
    """One line of keys and labels; what does not fit is dropped, never cut.

    The last one stays at the right end: the way to all the others.
    """

    DEFAULT_CSS = """
    KeyHints { dock: bottom; height: 1; background: $panel; color: $text-muted; }
    KeyHints > .hint--key { color: $text-primary; text-style: bold; }
    """
    COMPONENT_CLASSES = {"hint--key"}

    actions: reactive[tuple[Action, ...]] = reactive(())
    count: reactive[str] = reactive("")
    """The count typed so far; empty = none."""

    def show(self, actions: Sequence[Action]) -> None:
        """Show these, the most important first."""
        self.actions = tuple(actions)

    def render_line(self, y: int) -> Strip:
        """As many hints as fit."""
        width = self.size.width
        plain = self.rich_style
        key_style = plain + self.get_component_rich_style("hint--key", partial=True)
        *hints, last = [
            Strip([Segment(f" {key}", key_style), Segment(f" {label} ", plain)])
            for key, label in _hint_text(self.actions)
        ] or [Strip.blank(0)]
        if self.count:
            last = Strip.join([Strip([Segment(f" {self.count} ", key_style)]), last])
        room = width - last.cell_length
        shown: list[Strip] = []
        for hint in hints:
            room -= hint.cell_length
            if room < 0:
                break
            shown.append(hint)
        left = Strip.join(shown).adjust_cell_length(width - last.cell_length, plain)
        return Strip.join([left, last])


def _hint_text(actions: Sequence[Action]) -> list[tuple[str, str]]:
    return [(key_text(a.keys[0]), a.label) for a in actions if a.keys]
