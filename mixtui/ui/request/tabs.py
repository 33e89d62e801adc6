"""The tabs of the request: what they are, what their labels mark, and those of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.reactive import var
from textual.widget import Widget

from mixtui.model.draft import Draft, Pair
from mixtui.model.errors import Field
from mixtui.request.additions import Part
from mixtui.request.path_parameters import placeholders
from mixtui.ui.request.hint_line import HintFocus
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.model import generated_rows, path_rows
from mixtui.ui.rows.row_edit import RowCompleter
from mixtui.ui.widgets.tabs import Tab

if TYPE_CHECKING:
    from mixtui.hints import Hint


TABS = (
    Tab("query", "Query"),
    Tab("path", "Path"),
    Tab("headers", "Headers"),
    Tab("body", "Body"),
    Tab("auth", "Auth"),
    Tab("options", "Options"),
    Tab("inputs", "Inputs"),
    Tab("docs", "Docs"),
)


def content_tab(draft: Draft) -> str:
    """Return the tab of what there is to see in a draft.

    Its body, else its query; if it has neither, the headers, or the body to be written.
    """
    if draft.sends_body and _body_note(draft):
        return "body"
    if draft.query:
        return "query"
    if draft.path:
        return "path"
    if draft.headers:
        return "headers"
    return "body" if draft.sends_body else "query"


_PATH_HINT = "Each {name} in the URL is a path parameter.  enter Edit"


class DraftRows(RowsEditor):
    """The path, the query or the headers of the draft."""

    draft: var[Draft] = var(Draft(), init=False, always_update=True)
    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    hints: var[tuple[Hint, ...]] = var((), init=False)

    def __init__(self, field: Field, completer: RowCompleter) -> None:
        super().__init__(
            headers=field is Field.HEADERS,
            plain_values=field is Field.PATH,
            hint=_PATH_HINT if field is Field.PATH else "",
            completer=completer,
        )
        self.field = field

    def watch_draft(self, draft: Draft) -> None:
        self.rows = self.rows_of(draft)

    def rows_of(self, draft: Draft) -> tuple[Pair, ...]:
        """Return the rows of a draft that are edited here."""
        match self.field:
            case Field.PATH:
                return draft.path
            case Field.QUERY:
                return draft.query
            case _:
                return draft.headers

    def watch_previewed(
        self, before: PreviewedDraft, previewed: PreviewedDraft
    ) -> None:
        """Show the rows that are added, and explain the row under the cursor."""
        if self.values is None or not previewed.has_values_of(before):
            self.values = previewed.values
        if self.field is Field.PATH:
            rows = tuple(path_rows(previewed.draft, previewed.values))
        else:
            part = Part(self.field.value)
            rows = tuple(generated_rows(previewed.preview.additions, part))
        if rows != self.generated:
            self.generated = rows
        self.explain_row()

    def watch_hints(self, hints: Iterable[Hint]) -> None:
        rows = (hint.row for hint in hints if hint.field is self.field)
        self.hinted = frozenset(row for row in rows if row is not None)


def focus_in(tab: str, editor: Widget | None) -> HintFocus:
    """Return where the focus is, as the hints need it.

    Args:
        tab: The one shown.
        editor: The editor in it; None = not mounted yet.
    """
    if not isinstance(editor, DraftRows):
        return HintFocus(tab)
    in_rows = isinstance(editor.screen.focused, EditableRows)
    return HintFocus(tab, editor.cursor, editor.edited, in_rows)


def tab_notes(draft: Draft, hints: Iterable[Hint]) -> dict[str, str]:
    """Return what stands behind the label of each tab: counts, and severe hints."""
    severe = Counter(hint.field for hint in hints if hint.severe)
    notes = {
        Field.PATH: _count(len(placeholders(draft.url))),
        Field.QUERY: _count(sum(row.enabled for row in draft.query)),
        Field.HEADERS: _count(sum(row.enabled for row in draft.headers)),
        Field.BODY: _body_note(draft),
        Field.INPUTS: _count(len(draft.inputs)),
        Field.AUTH: "" if draft.options.auth == "auto" else "•",
    }
    for field in notes.keys() & severe.keys() - {Field.AUTH}:
        notes[field] += f" !{severe[field]}"
    return {field.value: note for field, note in notes.items()}


def _count(number: int) -> str:
    return str(number) if number else ""


def _body_note(draft: Draft) -> str:
    if draft.body is None or not (draft.body.text or draft.body.path):
        return ""
    return draft.body.type.value if draft.sends_body else "not sent"
