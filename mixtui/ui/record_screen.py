"""One value of a body on a screen of its own."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from mixtui.core.document import Document
from mixtui.core.visible import sanitize
from mixtui.ui.acting_screen import CommandScreen
from mixtui.ui.widgets.body_pane import BodyPane


class RecordScreen(CommandScreen):
    """Shows a document; escape goes back."""

    DEFAULT_CSS = """
    RecordScreen > BodyPane {
        border: round $border; border-title-color: $text-primary; height: 1fr;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Back", show=False)
    ]

    def __init__(self, title: str, document: Document) -> None:
        """Nothing is shown yet.

        Args:
            title: What it is, such as its path.
            document: The value.
        """
        super().__init__()
        self._heading = title
        self._document = document

    def compose(self) -> ComposeResult:
        """The value, framed."""
        pane = BodyPane()
        pane.border_title = Content(sanitize(f"{self._heading} · esc goes back")).markup
        yield pane

    def on_mount(self) -> None:
        """Show it."""
        pane = self.query_one(BodyPane)
        pane.show(self._document)
        pane.view.focus()

    @on(BodyPane.Moved)
    def _moved(self, event: BodyPane.Moved) -> None:
        self.query_one(BodyPane).border_subtitle = Content(sanitize(event.place)).markup

    def action_close(self) -> None:
        """Go back."""
        self.dismiss()
