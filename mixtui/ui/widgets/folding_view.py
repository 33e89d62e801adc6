"""A viewer in which objects and lists of JSON can be folded away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial

from textual.worker import Worker

from mixtui.core.folding import Folds, folded_at
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import OutlineStep, enclosing_span, path
from mixtui.ui.action import Scope
from mixtui.ui.ending import CancelsWorkersOnPrune
from mixtui.ui.keymap import bindings
from mixtui.ui.widgets.document_view import DocumentView
from mixtui.ui.widgets.row_cursor import TOP
from mixtui.ui.widgets.wrapping import Anchor

Work = Callable[[], Coroutine[None, None, None]]
"""What a worker runs: made when it begins, as it may be cancelled before that."""
_GROUP = "fold"
_OWN = ("fold", "unfold_all", "fold_level_1", "fold_level_2", "fold_level_3")


class FoldingView(CancelsWorkersOnPrune, DocumentView, inherit_bindings=True):
    """Shows a document; of JSON it knows what is around the cursor."""

    BINDINGS = bindings(Scope.RESPONSE, only=_OWN)

    @property
    def path(self) -> tuple[OutlineStep, ...] | None:
        """The steps to the value under the cursor; None = it is in no JSON."""
        document = self.document
        if document is None or not isinstance(document.layout, IndentedJson):
            return None
        return path(document.layout, self.cursor_line)

    def action_fold(self) -> None:
        """Fold the object or list at the cursor away, or open it."""
        view = self.view
        if view is None or not isinstance(view.document.layout, IndentedJson):
            return
        line, above = self.cursor_line, self._rows_above()
        if view.folds.end(line) is not None:
            view.folds.open(line)
        elif (found := enclosing_span(view.document.layout, line)) is not None:
            view.folds.fold(found.start, found.end)
            line = found.start
        else:
            return
        self._folded(line, above)

    def action_unfold_all(self) -> None:
        """Open everything."""
        if self.view is not None and self.view.folds:
            line, above = self.cursor_line, self._rows_above()
            self.view.folds = Folds()
            self._folded(line, above)

    def action_fold_level_1(self) -> None:
        """Fold everything within the root."""
        self.fold_level(1)

    def action_fold_level_2(self) -> None:
        """Fold everything but the first two levels."""
        self.fold_level(2)

    def action_fold_level_3(self) -> None:
        """Fold everything but the first three levels."""
        self.fold_level(3)

    def fold_level(self, level: int) -> None:
        """Fold what is at a level away, and open everything above it."""
        self.start(partial(self._fold_level, level), _GROUP, exclusive=True)

    def start(self, work: Work, group: str, *, exclusive: bool = False) -> Worker[None]:
        """Run something in a worker."""
        return self.run_worker(work, group=group, exclusive=exclusive)

    def reveal(self, line: int) -> None:
        """Open what hides a line, and put the cursor in it."""
        above = self._rows_above()
        if self.view is not None and self.view.folds.reveal(line):
            self._folded(line, above)

    async def _fold_level(self, level: int) -> None:
        view = self.view
        if view is None:
            return
        going_on = True
        work = asyncio.to_thread(folded_at, view.document, level, lambda: going_on)
        try:
            folds = await work
        finally:
            going_on = False
        if view is self.view:
            line, above = self.cursor_line, self._rows_above()
            view.folds = folds
            self._folded(line, above)

    def _folded(self, line: int, above: int) -> None:
        """The rows are other ones: show them, with the cursor in the same line.

        Args:
            line: Where the cursor is to be.
            above: Rows of the screen that were above the cursor.
        """
        view = self.view
        assert view is not None
        cursor = self._cursor = Anchor(view.row_of(line), 0)
        self._lay_out(TOP)
        self._show_from(self._moved(cursor, -above))
        self._place(cursor)
        self.post_message(self.CursorMoved())
