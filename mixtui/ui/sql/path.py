"""The question which files to query."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.dialogs.imports import OpenPathField
from mixtui.ui.dialogs.saving import PathField

_KINDS = "Raw exports, JSON, CSV, Parquet or DuckDB: a file, a glob or a folder."
_MAX_NAMES = 8
"""Names listed when there are several to complete to."""


class QueryPathDialog(Dialog[str | None]):
    """Ask for files; None = escape."""

    DEFAULT_CSS = """
    QueryPathDialog .note { height: auto; min-height: 2; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__("Query file with SQL", None)

    def compose_box(self) -> ComposeResult:
        yield OpenPathField(placeholder="Path to a file", compact=True)
        yield Static(_KINDS, classes="note")
        yield Static("enter Open · tab Complete · esc Cancel", classes="hints")

    @on(PathField.Folders)
    def _list_names(self, event: PathField.Folders) -> None:
        event.stop()
        more = "…" if len(event.names) > _MAX_NAMES else ""
        self._set_note("  ".join(event.names[:_MAX_NAMES]) + more)

    @on(Input.Changed)
    def _forget_names(self, event: Input.Changed) -> None:
        event.stop()
        is_path = "\0" not in event.value
        self._set_note(_KINDS if is_path else "A path cannot contain a NUL character.")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        path = event.value.strip()
        if not path:
            self._set_note("Enter the path to a file.")
        elif "\0" not in path:
            self.finish(path)

    def _set_note(self, text: str) -> None:
        self.query_one(".note", Static).update(Content(sanitize(text)))
