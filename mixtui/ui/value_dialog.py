"""The box in which a value is edited: text, what is odd about it, how it is sent."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from mixtui.core.sent_form import encode_pair_for_display
from mixtui.core.visible import sanitize
from mixtui.ui.dialogs import Dialog

_SHOWN = 600
"""Characters of the encoded form; a longer one is cut, with its length."""


class ValueDialog(Dialog[str | None]):
    """Edits the value of a parameter; None = escape, nothing is changed.

    Args:
        name: The parameter's.
        value: Its value, as it stands in the row.
        what: What is edited, for the title.
    """

    DEFAULT_CSS = """
    ValueDialog > #box { width: 90; }
    ValueDialog #sent {
        height: auto; max-height: 5; margin-top: 1; color: $text-muted;
    }
    ValueDialog #remark { height: auto; max-height: 4; }
    ValueDialog.-short #sent { max-height: 3; margin-top: 0; }
    """

    def __init__(self, name: str, value: str, what: str) -> None:
        super().__init__(f"{name} · {what}", None)
        self.parameter = name
        self._before = value

    @property
    def start(self) -> Widget:
        """What the keys go to."""
        raise NotImplementedError

    def take(self, value: str) -> None:
        """Leave with a value; with None if it is the one of before."""
        self.finish(None if value == self._before else value)

    def show_sent(self, value: str) -> None:
        """Show how a value is sent."""
        text = encode_pair_for_display(self.parameter, value)
        if len(text) > _SHOWN:
            text = f"{text[:_SHOWN]}… ({len(text):,} characters)"
        words = Content.assemble(("sent as ", "italic"), sanitize(text))
        self.query_one("#sent", Static).update(words)

    def say(self, words: str, *, ok: bool) -> None:
        """Say what is odd, or that nothing is."""
        mark = ("✓ ", "$text-success") if ok else ("! ", "$text-warning")
        content = Content.assemble(mark, sanitize(words)) if words else Content("")
        self.query_one("#remark", Static).update(content)
