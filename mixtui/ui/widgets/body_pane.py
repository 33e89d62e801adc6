"""A body and everything that can be done with it, wherever a body is shown."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from mixtui.core.document import Document
from mixtui.core.jq_path import jq_path
from mixtui.core.language import Language
from mixtui.ui.widgets.answer_view import AnswerView


class BodyPane(Vertical):
    """Shows one document."""

    DEFAULT_CSS = """
    BodyPane > AnswerView { height: 1fr; }
    """

    class Moved(Message):
        """The cursor is somewhere else."""

        def __init__(self, place: str) -> None:
            """`place` = where it is, in words."""
            super().__init__()
            self.place = place

    _document: Document | None = None

    def compose(self) -> ComposeResult:
        """The viewer alone; other things come when they are asked for."""
        yield AnswerView()

    @property
    def view(self) -> AnswerView:
        """The viewer."""
        return self.query_one(AnswerView)

    @property
    def line_numbers(self) -> bool:
        """Whether lines are numbered."""
        return self.view.line_numbers

    @line_numbers.setter
    def line_numbers(self, shown: bool) -> None:
        self.view.line_numbers = shown

    def show(self, document: Document | None) -> None:
        """Show a document; one that is shown already stays as it is."""
        if document is not self._document:
            self._document = document
            self.view.document = document

    def grown(self) -> None:
        """More lines of the document are known."""
        self.view.grown()

    @on(AnswerView.CursorMoved)
    def _cursor_moved(self, event: AnswerView.CursorMoved) -> None:
        event.stop()
        self.post_message(self.Moved(self._place()))

    def _place(self) -> str:
        """Where the cursor is: its path, or its record."""
        view, document = self.view, self.view.document
        if document is None or not view.line_numbers:
            return ""
        line = f"line {view.cursor_line + 1:,} of {document.line_count:,}"
        if document.language is Language.JSON_LINES:
            line = line.replace("line", "record", 1)
        steps = view.path
        return line if steps is None else f"{jq_path(steps)}  {line}"
