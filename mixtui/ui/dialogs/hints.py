"""The list of hints: go to one, or correct it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mixtui.hints import Hint
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.widgets.option_list import MotionList


class HintChosen(Struct, frozen=True):
    """The hint chosen, and what to do about it."""

    hint: Hint
    correct: bool
    """Correct it; False = go there."""


class HintsDialog(Dialog[HintChosen | None]):
    """Lists hints in the order given."""

    DEFAULT_CSS = """
    HintsDialog > #box { width: 100; }
    HintsDialog OptionList { max-height: 16; }
    HintsDialog.-short OptionList { max-height: 9; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "correct", "Fix", show=False),
    ]

    def __init__(self, hints: Sequence[Hint]) -> None:
        super().__init__("Hints", None)
        self._hints = tuple(hints)

    def compose_box(self) -> ComposeResult:
        options = [Option(_line(hint)) for hint in self._hints]
        nothing = Option("No hints for this request.", disabled=True)
        yield MotionList(*(options or [nothing]))
        yield Static("enter Go to · c Fix · esc Close", classes="hints")

    def on_mount(self) -> None:
        listed = self.query_one(OptionList)
        if self._hints:
            listed.highlighted = 0
        listed.focus()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if self._hints:
            hint = self._hints[event.option_index]
            self.finish(HintChosen(hint, correct=False))

    def action_correct(self) -> None:
        """Correct the one under the cursor, if the hint has a suggestion."""
        index = self.query_one(OptionList).highlighted
        if not self._hints or index is None:
            return
        if self._hints[index].suggestion is None:
            self.app.bell()
        else:
            self.finish(HintChosen(self._hints[index], correct=True))


def _line(hint: Hint) -> Content:
    mark, style = ("! ", "$text-warning") if hint.severe else ("  ", "")
    location = hint.field.value
    if hint.line is not None:
        location += f", line {hint.line}"
    elif hint.row is not None:
        location += f", row {hint.row + 1}"
    key = Content.styled("  c Fix", "$text-muted") if hint.suggestion else Content("")
    content = Content.assemble(
        (mark, style), (f"{location}: ", "bold"), sanitize(hint.message)
    )
    return content + key
