"""A question whose yes is a word that has to be typed."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from mixtui.core.visible import sanitize
from mixtui.ui.dialogs import Dialog
from mixtui.ui.widgets.field import TextInput


class TypeToConfirmDialog(Dialog[bool]):
    """Says what would be done, and does it only for the right word.

    Args:
        sentence: What would be done, and to what.
        word: What has to be typed, such as a project's id.
    """

    def __init__(self, sentence: str, word: str) -> None:
        super().__init__("Careful", False)
        self._sentence = sentence
        self._word = word
        self.add_class("-dangerous")

    def compose_box(self) -> ComposeResult:
        """The sentence, what to type, a field for it."""
        yield Static(Content(sanitize(self._sentence)), id="question")
        yield Static(
            Content.assemble(
                "Type ", (sanitize(self._word), "bold $text-error"), " to send it."
            )
        )
        yield TextInput(compact=True)
        yield Static(classes="problem")
        yield Static("enter sends it · esc sends nothing", classes="hints")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._word:
            self.finish(True)
            return
        words = "That is another word: nothing was sent." if event.value else ""
        self.query_one(".problem", Static).update(words)
