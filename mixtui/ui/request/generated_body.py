"""The line below the body that shows what mixtui adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from mixtui.request.additions import Addition
from mixtui.text import sanitize


class GeneratedBodyLine(Static, can_focus=True):
    """A line that shows what the app adds to the body; it can be disabled."""

    DEFAULT_CSS = """
    GeneratedBodyLine {
        height: 1; padding: 0 1; color: $text-muted; text-style: italic; display: none;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    GeneratedBodyLine:focus { background: $primary-muted; }
    GeneratedBodyLine:focus:ansi { background: transparent; text-style: reverse; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,x", "toggle_omission", "Enable/disable", show=False),
        Binding("enter", "type_in", "Add to body", show=False),
    ]

    @dataclass
    class Toggled(Message):
        """Posted to leave the addition out, or to add it again."""

        addition: Addition

    @dataclass
    class Typed(Message):
        """Posted to type the addition into the body."""

        addition: Addition

    addition: var[Addition | None] = var(None, init=False)
    """What is added; None = nothing."""

    def watch_addition(self, addition: Addition | None) -> None:
        self.display = addition is not None
        self._describe()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Name the keys while they apply."""
        super().watch_has_focus(_has_focus)
        self._describe()

    def action_toggle_omission(self) -> None:
        """Leave the addition out, or add it again."""
        if self.addition is not None:
            self.post_message(self.Toggled(self.addition))

    def action_type_in(self) -> None:
        """Type the addition into the body."""
        if self.addition is not None:
            self.post_message(self.Typed(self.addition))

    def _describe(self) -> None:
        addition = self.addition
        if addition is None:
            return
        mark = ("disabled ", "$text-warning") if addition.omitted else ("+ ", "")
        text = f"{sanitize(addition.name)}  {sanitize(addition.value)}"
        keys = "  space Enable/disable · enter Add to body" if self.has_focus else ""
        self.update(
            Content.assemble(
                mark,
                (text, "strike" if addition.omitted else ""),
                f"  {sanitize(addition.origin)}",
                keys,
            )
        )
