"""What tables and charts of a body ask of the pane around them: copies, and values alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mixtui.document.json_path import Value
from mixtui.ui.response.body_pane import BodyPane, open_value

if TYPE_CHECKING:
    from mixtui.ui.chart.view import ChartView
    from mixtui.ui.table.view import TableView


class CopiesContent:
    """Mix into a pane that has a body, a table and a chart."""

    body: BodyPane

    def opens_elsewhere(self, path: str) -> bool:
        """Open a value in another way; return whether that was done."""
        return False

    def on_table_view_open_value(self, event: TableView.OpenValue) -> None:
        """Open a value or record on a screen of its own."""
        event.stop()
        if self.opens_elsewhere(event.path):
            return
        value = Value(event.path, event.text, is_json=True)
        screen, redactor = self.body.acting, self.body.view.redactor
        screen.run_guarded(open_value(screen, value, redactor))

    def on_table_view_copy(self, event: TableView.Copy) -> None:
        event.stop()
        what = event.what[:1].upper() + event.what[1:]
        self._copy(event.chunks, what, event.suffix)

    def on_chart_view_copy(self, event: ChartView.Copy) -> None:
        event.stop()
        self._copy([event.text], "Chart data", ".tsv")

    def _copy(self, pieces: Iterable[str], what: str, suffix: str) -> None:
        from mixtui.ui.dialogs.clipboard import copy_pieces
        from mixtui.ui.dialogs.saving import suggest_file_name

        screen, name = self.body.acting, suggest_file_name(self.body.suggestion, suffix)
        redactor = self.body.view.redactor
        screen.run_guarded(copy_pieces(screen, pieces, what, name, redactor))
