"""The line under a body that says what is added to it, and switches that off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from mixtui.core.additions import Addition
from mixtui.core.visible import sanitize


class GeneratedBodyLine(Static, can_focus=True):
    """One addition; tab goes to it."""

    DEFAULT_CSS = """
    GeneratedBodyLine {
        height: 1; padding: 0 1; color: $text-muted; text-style: italic; display: none;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    GeneratedBodyLine:focus { background: $primary-muted; }
    GeneratedBodyLine:focus:ansi { background: transparent; text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,x", "switch", "On/off", show=False),
        Binding("enter", "take", "Type it in", show=False),
    ]

    @dataclass
    class Switched(Message):
        """It is to be left out, or added again."""

        addition: Addition

    @dataclass
    class Taken(Message):
        """It is to be typed into the body."""

        addition: Addition

    def __init__(self) -> None:
        super().__init__()
        self._addition: Addition | None = None

    def show(self, addition: Addition | None) -> None:
        """Show an addition, or nothing."""
        if addition == self._addition:
            return
        self._addition = addition
        self.display = addition is not None
        self._say()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Say what the keys do while they do it."""
        super().watch_has_focus(_has_focus)
        self._say()

    def action_switch(self) -> None:
        """Leave it out, or add it again."""
        if self._addition is not None:
            self.post_message(self.Switched(self._addition))

    def action_take(self) -> None:
        """Type it into the body."""
        if self._addition is not None:
            self.post_message(self.Taken(self._addition))

    def _say(self) -> None:
        each = self._addition
        if each is None:
            return
        mark = ("off ", "$text-warning") if each.left_out else ("+ ", "")
        text = f"{sanitize(each.name)}  {sanitize(each.value)}"
        keys = "  space on/off · enter types it in" if self.has_focus else ""
        self.update(
            Content.assemble(
                mark,
                (text, "strike" if each.left_out else ""),
                f"  {sanitize(each.origin)}",
                keys,
            )
        )
