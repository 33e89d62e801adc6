"""The tabs of the request: what they are, and what their labels and rows mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.widget import Widget

from mixtui.model.draft import Draft
from mixtui.model.errors import Field
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.request.hint_line import HintFocus, HintLine
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.widgets.tabs import Tab

if TYPE_CHECKING:
    from mixtui.hints import Hint


TABS = (
    Tab("query", "Query"),
    Tab("headers", "Headers"),
    Tab("body", "Body"),
    Tab("auth", "Auth"),
    Tab("options", "Options"),
    Tab("docs", "Docs"),
)
TAB_OF_FIELD = {
    Field.QUERY: "query",
    Field.HEADERS: "headers",
    Field.BODY: "body",
    Field.AUTH: "auth",
    Field.OPTIONS: "options",
}


def looking_at(tab: str, editor: Widget | None) -> HintFocus:
    """Return where the focus is, as the hints need it.

    Args:
        tab: The one shown.
        editor: The editor in it; None = not mounted yet.
    """
    if not isinstance(editor, RowsEditor):
        return HintFocus(tab)
    in_rows = isinstance(editor.screen.focused, EditableRows)
    return HintFocus(tab, editor.cursor, editor.edited, in_rows)


def mark_editors(editors: Iterable[Widget], line: HintLine) -> None:
    """Mark rows with hints in the editors, and the line of the body that has one."""
    hints = line.hints
    for editor in editors:
        match editor:
            case RowsEditor(id="edit-query"):
                editor.hinted = _rows(hints, Field.QUERY)
            case RowsEditor():
                editor.hinted = _rows(hints, Field.HEADERS)
            case BodyEditor():
                lines = (a.line for a in hints if a.field is Field.BODY)
                editor.hint_line = next(filter(None, lines), None)


def tab_notes(draft: Draft, hints: Iterable[Hint]) -> dict[str, str]:
    """Return what stands behind the label of each tab: counts, and severe hints."""
    severe = Counter(hint.field for hint in hints if hint.severe)
    notes = {
        Field.QUERY: _count(sum(row.enabled for row in draft.query)),
        Field.HEADERS: _count(sum(row.enabled for row in draft.headers)),
        Field.BODY: _body_note(draft),
        Field.AUTH: "" if draft.options.auth == "auto" else "•",
    }
    for field in notes.keys() & severe.keys() - {Field.AUTH}:
        notes[field] += f" !{severe[field]}"
    return {TAB_OF_FIELD[field]: note for field, note in notes.items()}


def _rows(hints: Iterable[Hint], field: Field) -> frozenset[int]:
    rows = (each.row for each in hints if each.field is field)
    return frozenset(row for row in rows if row is not None)


def _count(number: int) -> str:
    return str(number) if number else ""


def _body_note(draft: Draft) -> str:
    if draft.body is None or not (draft.body.text or draft.body.path):
        return ""
    return draft.body.type.value if draft.sends_body else "not sent"
