"""The tabs of a request: an editor for each part of the draft.

The editors are views of the draft, made when their tab is first shown, so that a start
mounts only what is seen.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from mixtui.core.additions import Part, added_to_body
from mixtui.core.bodies import BodyCheck
from mixtui.core.environments import Environment
from mixtui.core.errors import Field as DraftField
from mixtui.core.preview import Preview, check_draft_body
from mixtui.core.requests import Body, Draft
from mixtui.ui.widgets.auth_editor import AuthEditor
from mixtui.ui.widgets.body_editor import BodyEditor
from mixtui.ui.widgets.given_rows import generated_rows
from mixtui.ui.widgets.hint_line import HintCheck, HintLine
from mixtui.ui.widgets.options_editor import OptionsEditor
from mixtui.ui.widgets.pairs_editor import PairsEditor
from mixtui.ui.widgets.pane_hints import looking_at, mark_editors, tab_marks
from mixtui.ui.widgets.row_completer import NameSource, RowCompleter
from mixtui.ui.widgets.tab_bar import Tab, TabBar

if TYPE_CHECKING:
    from mixtui.mixpanel.operations import Operation

    # Imported when it is first shown.
    from mixtui.ui.widgets.operation_docs import OperationDocs

TABS = (
    Tab("query", "Query"),
    Tab("headers", "Headers"),
    Tab("body", "Body"),
    Tab("auth", "Auth"),
    Tab("options", "Options"),
    Tab("docs", "Docs"),
)
TAB_OF_FIELD = {
    DraftField.QUERY: "query",
    DraftField.HEADERS: "headers",
    DraftField.BODY: "body",
    DraftField.AUTH: "auth",
    DraftField.OPTIONS: "options",
}


class RequestTabs(Vertical):
    """Shows a draft in the editors of its tabs; who changes it is `RequestPane`."""

    names: NameSource | None = None
    """The project's names; None = there is nobody to ask."""

    def __init__(self, environment: Environment, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draft = Draft()
        self._folder = Path()
        self._environment = environment
        self._preview = Preview("", "")
        self._checked_in: tuple[object, ...] = ()
        self._docs: OperationDocs | None = None

    @property
    def draft(self) -> Draft:
        """What is being edited."""
        return self._draft

    @property
    def environment(self) -> Environment:
        """What the draft is resolved with."""
        return self._environment

    @property
    def folder(self) -> Path:
        """What the path of a body file is relative to."""
        return self._folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._folder = folder
        for editor in self.query(BodyEditor):
            editor.folder = folder

    @property
    def preview(self) -> Preview:
        """What the draft comes to, as far as it is known without its body."""
        return self._preview

    @property
    def operation(self) -> Operation | None:
        """The operation that the draft is; None = none that is documented."""
        return self._preview.operation

    async def show_tab(self, tab: str) -> Widget:
        """Show a tab and give its editor."""
        switcher = self.query_one(ContentSwitcher)
        found = switcher.query(f"#edit-{tab}")
        if not found:
            editor = self._editor(tab)
            editor.id = f"edit-{tab}"
            await switcher.mount(editor)
            self._explain()
        switcher.current = f"edit-{tab}"
        self.query_one(TabBar).active = tab
        self._hints_found()
        self.hint_line.place()
        return switcher.query_one(f"#edit-{tab}")

    async def focus_tab(self, tab: str) -> None:
        """Show a tab and put the focus into it."""
        editor = await self.show_tab(tab)
        if isinstance(editor, BodyEditor):
            editor.focus_content()
            return
        target = editor if editor.can_focus else _first_focusable(editor)
        if target is not None:
            target.focus()

    async def edit_row(self, index: int) -> None:
        """Type the value of a row of the query."""
        editor = await self.show_tab("query")
        if isinstance(editor, PairsEditor):
            await editor.edit_value(index)

    @property
    def hint_line(self) -> HintLine:
        """What is probably wrong with the draft."""
        return self.query_one(HintLine)

    def _where(self) -> HintCheck:
        """Where the person is, for the hints."""
        tab = self.query_one(TabBar).active
        return looking_at(tab, next(iter(self.query(f"#edit-{tab}")), None))

    @on(HintLine.Found)
    def _hints_found(self) -> None:
        self._note_tabs()
        mark_editors(self.query_one(ContentSwitcher).children, self.hint_line)

    @on(PairsEditor.Shown)
    def _rows_shown(self) -> None:
        self._hints_found()
        self.hint_line.place()

    def check(self, body: Body) -> BodyCheck:
        """Check a body as it is typed."""
        return check_draft_body(replace(self._draft, body=body), self._environment)

    def _editor(self, tab: str) -> Widget:
        draft = self._draft
        match tab:
            case "query" | "headers":
                editor = PairsEditor(headers=tab == "headers")
                editor.completer = self._completer(tab)
                editor.pairs = draft.query if tab == "query" else draft.headers
                return editor
            case "body":
                body = BodyEditor(check=self.check, folder=self._folder)
                body.body = draft.body
                return body
            case "auth":
                return AuthEditor(draft.options.auth)
            case "docs":
                from mixtui.ui.widgets.operation_docs import OperationDocs

                self._docs = OperationDocs()
                return self._docs
            case _:
                return OptionsEditor(draft.options, draft.description)

    def _completer(self, tab: str) -> RowCompleter:
        from mixtui.ui.completers import HeaderCompleter, QueryCompleter

        return QueryCompleter(self) if tab == "query" else HeaderCompleter(self)

    def _fill(self, editor: Widget) -> None:
        """Show the draft in an editor, without a message."""
        draft = self._draft
        match editor:
            case PairsEditor():
                editor.pairs = (
                    draft.query if editor.id == "edit-query" else draft.headers
                )
            case BodyEditor():
                editor.body = draft.body
            case AuthEditor():
                editor.choice = draft.options.auth
            case OptionsEditor():
                editor.show(draft.options, draft.description)

    @property
    def value_hint(self) -> str:
        """What the value under the cursor is, if the operation has a hard one there."""
        shown = self.query_one(ContentSwitcher).visible_content
        if not isinstance(shown, PairsEditor) or shown.id != "edit-query":
            return ""
        if (row := shown.current) is None:
            return ""
        from mixtui.core.value_kinds import offered_kind

        return offered_kind(row.name, self._preview.operation) or ""

    def _explain(self) -> None:
        """Tell the editors what became of the whole."""
        if self._docs is not None:
            self._docs.explain(self._preview.operation, self._draft)
        for editor in self.query_one(ContentSwitcher).children:
            match editor:
                case AuthEditor():
                    editor.explain(self._environment, self._preview)
                case PairsEditor():
                    part = Part.QUERY if editor.id == "edit-query" else Part.HEADERS
                    given = generated_rows(self._preview.additions, part)
                    if list(editor.given) != given:
                        editor.given = given
                    editor.explain_row()
                case BodyEditor():
                    editor.added.show(added_to_body(self._preview.additions))
                    self._recheck(editor)

    def _recheck(self, editor: BodyEditor) -> None:
        """Check a body again, if what it is checked against has changed."""
        if self._check_context != self._checked_in:
            self._checked_in = self._check_context
            editor.recheck()

    @property
    def _check_context(self) -> tuple[object, ...]:
        """What else a body's check depends on."""
        draft = self._draft
        leave_out = draft.options.leave_out
        return draft.method, draft.api, draft.url, leave_out, self._environment

    def _note_tabs(self) -> None:
        draft, tabs = self._draft, self.query_one(TabBar)
        notes = {
            DraftField.QUERY: _count(sum(row.enabled for row in draft.query)),
            DraftField.HEADERS: _count(sum(row.enabled for row in draft.headers)),
            DraftField.BODY: _body_note(draft),
        }
        marks = tab_marks(self.hint_line)
        for field, note in notes.items():
            tabs.note(TAB_OF_FIELD[field], note + marks.get(field, ""))
        tabs.note("auth", "" if draft.options.auth == "auto" else "•")


def _count(number: int) -> str:
    return str(number) if number else ""


def _body_note(draft: Draft) -> str:
    if draft.body is None or not (draft.body.text or draft.body.path):
        return ""
    return draft.body.type.value if draft.sends_body else "not sent"


def _first_focusable(widget: Widget) -> Widget | None:
    return next((w for w in widget.query("*") if w.focusable), None)
