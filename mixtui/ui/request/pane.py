"""The request: method, API, URL, and a tab for each of its parts.

The pane owns the draft; the editors in its tabs are views of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.model.draft import Body, Draft, Method
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.errors import DraftError, Field
from mixtui.request.additions import Part, add_to_body, body_addition
from mixtui.request.body import BodyCheck
from mixtui.request.omissions import toggle_omission
from mixtui.request.preview import Preview, check_draft_body, preview
from mixtui.request.urls import resolve_base
from mixtui.text import sanitize
from mixtui.ui.request.body_editor import BodyEditor, GeneratedBodyLine
from mixtui.ui.request.hint_line import HintFocus, HintLine, HintTarget
from mixtui.ui.request.options import AuthEditor, OptionsEditor
from mixtui.ui.request.tabs import (
    TAB_OF_FIELD,
    TABS,
    looking_at,
    mark_editors,
    tab_notes,
)
from mixtui.ui.request.url import ResolvedLine, UrlCompleter, UrlField
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.model import generated_rows
from mixtui.ui.rows.row_edit import NameSource, RowCompleter
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.ui.request.docs import OperationDocs


def _first_focusable(widget: Widget) -> Widget | None:
    return next((w for w in widget.query("*") if w.focusable), None)


class MethodChoice(CompactSelect):
    """The HTTP method."""


class ApiChoice(CompactSelect):
    """The API."""


class RequestPane(Vertical):
    """Edits a draft and shows what it comes to."""

    environment: Reactive[Environment] = Reactive(
        NO_ENVIRONMENT, repaint=False, init=False
    )
    """What the draft is resolved with."""
    draft_title: Reactive[str] = Reactive("", repaint=False, init=False)
    """The title in the border."""
    names: NameSource | None = None
    """The project's names; None = there is nobody to ask."""
    method_choice = getters.query_one("#method", MethodChoice)
    api_choice = getters.query_one("#api", ApiChoice)
    url_field = getters.query_one(UrlField)
    resolved_line = getters.query_one(ResolvedLine)
    tab_bar = getters.query_one("#request-tabs", TabBar)
    switcher = getters.query_one("#request-content", ContentSwitcher)
    hint_line = getters.query_one(HintLine)
    DEFAULT_CSS = """
    RequestPane { border: round $border-blurred; height: 1fr; }
    RequestPane:focus-within { border: round $border; }
    RequestPane > #line { height: 1; }
    RequestPane UrlField { width: 1fr; }
    RequestPane > ContentSwitcher { height: 1fr; }
    """

    @dataclass
    class Changed(Message):
        """The draft was changed by the person."""

        draft: Draft

    @dataclass
    class Previewed(Message):
        """What the draft comes to is known."""

        preview: Preview

    class SendRequested(Message):
        """The person asked to send from within the pane."""

    def __init__(self, environment: Environment, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._draft = Draft()
        self._folder = Path()
        self.set_reactive(RequestPane.environment, environment)
        self._preview = Preview("", "")
        self._preview_due = False
        self._checked_context: tuple[object, ...] = ()
        self._docs: OperationDocs | None = None
        self.known_names: Callable[[], Iterable[str]] = tuple
        """Property names to complete expressions from, besides the draft's own."""

    def compose(self) -> ComposeResult:
        """Lay out the line and the tabs; an editor is mounted when it is first shown."""
        draft = self._draft
        with Horizontal(id="line"):
            yield MethodChoice(
                [(method.value, method) for method in Method],
                draft.method,
                id="method",
                title="Method",
            )
            yield ApiChoice(
                [(api.label, api) for api in Api], draft.api, id="api", title="API"
            )
            yield UrlField(
                draft.url,
                placeholder="/query/events",
                id="url",
                compact=True,
                select_on_focus=False,
            )
        yield ResolvedLine()
        yield TabBar(TABS, id="request-tabs")
        yield ContentSwitcher(id="request-content")
        yield HintLine(self._hint_focus)

    async def on_mount(self) -> None:
        """Show the first tab."""
        self.url_field.completer = UrlCompleter(self)
        await self.show_tab("query")
        self._refresh_preview()

    @property
    def draft(self) -> Draft:
        """What is being edited."""
        return self._draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self._draft = draft
        self.method_choice.value = draft.method
        self.api_choice.value = draft.api
        url = self.url_field
        with self.prevent(Input.Changed):
            url.value = draft.url
            url.cursor_position = len(draft.url)
        for editor in self.switcher.children:
            self._fill(editor)
        self._refresh_preview()

    def watch_environment(self) -> None:
        """Resolve the draft with another environment."""
        self._refresh_preview()

    def watch_draft_title(self, title: str) -> None:
        self.border_title = Content(sanitize(title)).markup

    async def focus_field(self, field: Field) -> None:
        """Put the focus where an error is."""
        if tab := TAB_OF_FIELD.get(field):
            await self.focus_tab(tab)
        elif field in (Field.METHOD, Field.API):
            self.query_one(f"#{field.value}").focus()
        elif field is Field.URL:
            self.url_field.focus()

    @on(MethodChoice.Changed, "#method")
    def _method_chosen(self, event: MethodChoice.Changed) -> None:
        event.stop()
        self._change(replace(self._draft, method=Method(event.value)))

    @on(ApiChoice.Changed, "#api")
    def _api_chosen(self, event: ApiChoice.Changed) -> None:
        event.stop()
        self._change(replace(self._draft, api=Api(event.value)))

    @on(Input.Changed, "#url")
    def _url_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._change(replace(self._draft, url=event.value))

    @on(UrlField.Completed)
    def _url_completed(self, event: UrlField.Completed) -> None:
        event.stop()
        method, api = Method(event.operation.method), event.operation.api
        self.method_choice.value = method
        self.api_choice.value = api
        self._change(replace(self._draft, method=method, api=api, url=event.url))

    @on(UrlField.SendRequested)
    def _send_requested(self, event: UrlField.SendRequested) -> None:
        event.stop()
        self.post_message(self.SendRequested())

    @on(RowsEditor.Changed)
    def _rows_changed(self, event: RowsEditor.Changed) -> None:
        event.stop()
        if event.control.id == "edit-query":
            self._change(replace(self._draft, query=event.rows))
        else:
            self._change(replace(self._draft, headers=event.rows))

    @on(BodyEditor.Changed)
    def _body_changed(self, event: BodyEditor.Changed) -> None:
        event.stop()
        self._change(replace(self._draft, body=event.body))

    @on(RowsEditor.ValueRequested)
    async def _value_requested(self, event: RowsEditor.ValueRequested) -> None:
        event.stop()
        from mixtui.ui.request.value_editing import edit_row, names_source

        names = names_source(self._draft, self.known_names)
        await edit_row(event.editor, event.index, self._preview.operation, names)

    @on(BodyEditor.ValueRequested)
    async def _form_value_requested(self, event: BodyEditor.ValueRequested) -> None:
        event.stop()
        from mixtui.ui.request.value_editing import edit_form_line, names_source

        names = names_source(self._draft, self.known_names)
        await edit_form_line(event.editor, self._preview.operation, names)

    @on(EditableRows.GeneratedToggled)
    def _generated_toggled(self, event: EditableRows.GeneratedToggled) -> None:
        event.stop()
        self._leave_out(event.row.name)

    @on(GeneratedBodyLine.Switched)
    def _addition_switched(self, event: GeneratedBodyLine.Switched) -> None:
        event.stop()
        self._leave_out(event.addition.name)

    @on(GeneratedBodyLine.Taken)
    def _addition_typed(self, event: GeneratedBodyLine.Taken) -> None:
        event.stop()
        each, endpoint = event.addition, self._preview.endpoint
        token_place = TokenPlace.NONE if endpoint is None else endpoint.token
        body = add_to_body(self._draft.body, each.name, each.value, token_place)
        if body is None:
            self.app.notify("The body is not whole yet.", markup=False)
            return
        self.query_one(BodyEditor).type_in(body)

    def _leave_out(self, name: str) -> None:
        """Toggle whether something that the app adds is left out."""
        options = self._draft.options
        names = toggle_omission(options.leave_out, name)
        self._change(replace(self._draft, options=replace(options, leave_out=names)))

    @on(AuthEditor.Changed)
    def _auth_changed(self, event: AuthEditor.Changed) -> None:
        event.stop()
        options = replace(self._draft.options, auth=event.choice)
        self._change(replace(self._draft, options=options))

    @on(OptionsEditor.Changed)
    def _options_changed(self, event: OptionsEditor.Changed) -> None:
        event.stop()
        # Other tabs own these two, and may have changed them since.
        ours = self._draft.options
        options = replace(event.options, auth=ours.auth, leave_out=ours.leave_out)
        self._change(
            replace(self._draft, options=options, description=event.description)
        )

    @on(TabBar.Activated)
    async def _tab_activated(self, event: TabBar.Activated) -> None:
        event.stop()
        await self.show_tab(event.tab)

    def _change(self, draft: Draft) -> None:
        if draft == self._draft:
            return
        self._draft = draft
        if not self._preview_due:
            # The key's own echo comes first.
            self._preview_due = True
            self.call_after_refresh(self._refresh_preview)
        self.post_message(self.Changed(draft))

    def _refresh_preview(self) -> None:
        typed, self._preview_due = self._preview_due, False
        if not self.is_mounted:
            return
        self._preview = preview(self._draft, self.environment)
        problem = self._preview.problem
        reported = problem.field if isinstance(problem, DraftError) else None
        target = HintTarget(self._draft, self.environment, self._folder, reported)
        self.hint_line.check(target, at_once=not typed)
        self.resolved_line.show(self._preview, self._base())
        self.url_field.show_example(self._draft.api)
        self._note_tabs()
        self._explain()
        self.post_message(self.Previewed(self._preview))

    def _base(self) -> str:
        """The API's base while there is nothing to resolve yet."""
        if self._draft.url.strip() or self._preview.url:
            return ""
        try:
            return sanitize(resolve_base(self._draft.api, self.environment)[0])
        except DraftError:
            return ""

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
        """Show a tab, mounting its editor the first time, and return the editor."""
        switcher = self.switcher
        widgets = switcher.query(f"#edit-{tab}")
        if not widgets:
            editor = self._editor(tab)
            editor.id = f"edit-{tab}"
            await switcher.mount(editor)
            self._explain()
        switcher.current = f"edit-{tab}"
        self.tab_bar.active = tab
        self._hints_changed()
        self.hint_line.show_hint()
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
        if isinstance(editor, RowsEditor):
            await editor.edit_value(index)

    def _hint_focus(self) -> HintFocus:
        """Return where the focus is, for the hints."""
        tab = self.tab_bar.active
        return looking_at(tab, next(iter(self.query(f"#edit-{tab}")), None))

    @on(HintLine.Changed)
    def _hints_changed(self) -> None:
        self._note_tabs()
        mark_editors(self.switcher.children, self.hint_line)

    @on(RowsEditor.Shown)
    def _rows_shown(self) -> None:
        self._hints_changed()
        self.hint_line.show_hint()

    def check(self, body: Body) -> BodyCheck:
        """Check a body as it is typed."""
        return check_draft_body(replace(self._draft, body=body), self.environment)

    def _editor(self, tab: str) -> Widget:
        draft = self._draft
        match tab:
            case "query" | "headers":
                editor = RowsEditor(headers=tab == "headers")
                editor.completer = self._completer(tab)
                editor.rows = draft.query if tab == "query" else draft.headers
                return editor
            case "body":
                body = BodyEditor(check=self.check, folder=self._folder)
                body.body = draft.body
                return body
            case "auth":
                return AuthEditor(draft.options.auth)
            case "docs":
                from mixtui.ui.request.docs import OperationDocs

                self._docs = OperationDocs()
                return self._docs
            case _:
                return OptionsEditor(draft.options, draft.description)

    def _completer(self, tab: str) -> RowCompleter:
        from mixtui.ui.request.completers import HeaderCompleter, QueryCompleter

        return QueryCompleter(self) if tab == "query" else HeaderCompleter(self)

    def _fill(self, editor: Widget) -> None:
        """Show the draft in an editor, without a message."""
        draft = self._draft
        match editor:
            case RowsEditor():
                editor.rows = (
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
        shown = self.switcher.visible_content
        if not isinstance(shown, RowsEditor) or shown.id != "edit-query":
            return ""
        if (row := shown.current) is None:
            return ""
        from mixtui.editing.json_value import documented_kind

        return documented_kind(row.name, self._preview.operation) or ""

    def _explain(self) -> None:
        """Pass the preview on to the editors that explain it."""
        if self._docs is not None:
            self._docs.explain(self._preview.operation, self._draft)
        for editor in self.switcher.children:
            match editor:
                case AuthEditor():
                    editor.explain(self.environment, self._preview)
                case RowsEditor():
                    part = Part.QUERY if editor.id == "edit-query" else Part.HEADERS
                    generated = generated_rows(self._preview.additions, part)
                    if list(editor.generated) != generated:
                        editor.generated = generated
                    editor.explain_row()
                case BodyEditor():
                    editor.added.show(body_addition(self._preview.additions))
                    self._recheck(editor)

    def _recheck(self, editor: BodyEditor) -> None:
        """Check a body again, if what it is checked against has changed."""
        if self._check_context != self._checked_context:
            self._checked_context = self._check_context
            editor.recheck()

    @property
    def _check_context(self) -> tuple[object, ...]:
        """What else a body's check depends on."""
        draft = self._draft
        leave_out = draft.options.leave_out
        return draft.method, draft.api, draft.url, leave_out, self.environment

    def _note_tabs(self) -> None:
        tabs = self.tab_bar
        for tab, note in tab_notes(self._draft, self.hint_line.hints).items():
            tabs.note(tab, note)
