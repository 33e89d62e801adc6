"""The request: method, API, URL, and a tab for each of its parts.

The pane owns the draft. What is edited comes up from the editors as messages; what
they show comes down to them by reactives: another draft, and the preview of each edit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from msgspec.structs import replace
from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widget import AwaitMount, Widget
from textual.widgets import ContentSwitcher, Input

from mixtui.interchange.sniff import is_importable
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.errors import Field
from mixtui.request.additions import add_to_body
from mixtui.request.body import BodyCheck
from mixtui.request.inputs import rename_input
from mixtui.request.omissions import toggle_omission
from mixtui.request.preview import Preview, check_draft_body, preview
from mixtui.request.templates import Values
from mixtui.text import sanitize
from mixtui.ui.keys.keymap import FORM_BINDINGS
from mixtui.ui.request.hint_line import FIELDS_WITH_TABS, HintFocus, HintLine
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.request.tabs import (
    TABS,
    DraftRows,
    content_tab,
    focus_in,
    tab_notes,
)
from mixtui.ui.request.url import ResolvedLine, UrlCompleter, UrlField
from mixtui.ui.rows.editor import RowsEditor
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.rows.row_edit import NameSource
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from mixtui.hints import Hint
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.ui.request.body_editor import BodyEditor
    from mixtui.ui.request.generated_body import GeneratedBodyLine
    from mixtui.ui.request.inputs_editor import InputsEditor
    from mixtui.ui.request.options import AuthEditor, OptionsEditor


def _first_focusable(widget: Widget) -> Widget | None:
    return next((w for w in widget.query("*") if w.focusable), None)


class MethodChoice(CompactSelect):
    """The HTTP method."""


class ApiChoice(CompactSelect):
    """The API."""


class RequestPane(Vertical):
    """Edit a draft and show what it comes to."""

    environment: var[Environment] = var(NO_ENVIRONMENT, init=False)
    """What the draft is resolved with."""
    draft_title: var[str] = var("", init=False)
    """The title in the border."""
    draft: var[Draft] = var(Draft(), init=False, always_update=True)
    """What is being edited; set it to show another draft in every field."""
    folder: var[Path] = var(Path(), init=False)
    """What the path of a body file is relative to."""
    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    """The draft when it was last previewed, and its preview."""
    hints: var[tuple[Hint, ...]] = var((), init=False)
    """What is probably wrong; nothing about the row that is being edited."""
    method_choice = getters.query_one("#method", MethodChoice)
    api_choice = getters.query_one("#api", ApiChoice)
    url_field = getters.query_one(UrlField)
    resolved_line = getters.query_one(ResolvedLine)
    tab_bar = getters.query_one("#request-tabs", TabBar)
    switcher = getters.query_one("#request-content", ContentSwitcher)
    hint_line = getters.query_one(HintLine)
    DEFAULT_CSS = """
    RequestPane { border: round $border-blurred; height: 1fr; }
    RequestPane:focus-within { border-top: round $border; }
    RequestPane > #line { height: 1; }
    RequestPane UrlField { width: 1fr; }
    RequestPane > ContentSwitcher { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*FORM_BINDINGS]

    @dataclass
    class Changed(Message):
        """Posted when the draft is edited."""

        draft: Draft

    @dataclass
    class Previewed(Message):
        """Posted after each preview of the draft."""

        preview: Preview

    @dataclass
    class InputRenamed(Message):
        """Posted when an input of the draft has another name."""

        old: str
        new: str

    class SendRequested(Message):
        """Posted to send the draft."""

    def __init__(
        self,
        environment: Environment,
        *,
        names: NameSource | None = None,
        known_properties: Callable[[], frozenset[str]] = frozenset,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.set_reactive(RequestPane.environment, environment)
        self.names = names
        """The project's names; None = there is nobody to ask."""
        self.known_properties = known_properties
        """Names to complete expressions from, besides the draft's own."""
        self._preview_due = False
        self.chosen_tab = ""
        """What was gone to since the request was opened; empty = nothing was."""

    def compose(self) -> ComposeResult:
        """Lay out the line and the tabs; an editor is mounted when it is first shown."""
        draft = self.draft
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
            ).data_bind(RequestPane.previewed)
        yield ResolvedLine().data_bind(RequestPane.previewed)
        yield TabBar(TABS, id="request-tabs")
        yield ContentSwitcher(id="request-content")
        yield HintLine(self._hint_focus)

    def on_mount(self) -> None:
        """Show the tab that has content."""
        self.url_field.completer = UrlCompleter(self)
        self.open_tab(self.chosen_tab)
        self._refresh_preview()

    def load(self, draft: Draft, folder: Path) -> None:
        """Show another draft.

        Args:
            draft: What is edited from now on.
            folder: What the path of a body file is relative to.
        """
        self.folder = folder
        self.draft = draft
        self._refresh_preview()

    def update_draft(self, draft: Draft, folder: Path) -> None:
        """Show a newer version of the draft; cursors and focus stay."""
        for rows in self.query(DraftRows):
            rows.change_to(rows.rows_of(draft))
        if (body := self._body_editor) is not None:
            body.update_body(draft.body)
        cursor = self.url_field.cursor_position
        self.load(draft, folder)
        self.url_field.cursor_position = min(cursor, len(draft.url))

    @property
    def is_in_edit(self) -> bool:
        """Whether a field holds text that the draft does not have yet."""
        return any(rows.is_in_edit for rows in self.query(RowsEditor))

    def watch_draft(self, draft: Draft) -> None:
        """Show the draft in the fields above the tabs."""
        self.method_choice.value = draft.method
        self.api_choice.value = draft.api
        with self.prevent(Input.Changed):
            self.url_field.load_text(draft.url)

    def watch_environment(self) -> None:
        """Resolve the draft with another environment."""
        self._refresh_preview()

    def watch_draft_title(self, title: str) -> None:
        self.border_title = Content(sanitize(title)).markup

    async def focus_field(self, field: Field) -> None:
        """Put the focus where an error is."""
        if field in FIELDS_WITH_TABS:
            await self.focus_tab(field.value)
        elif field in (Field.METHOD, Field.API):
            self.query_one(f"#{field.value}").focus()
        elif field is Field.URL:
            self.url_field.focus()

    @on(MethodChoice.Changed, "#method")
    def _method_chosen(self, event: MethodChoice.Changed) -> None:
        event.stop()
        self._change(replace(self.draft, method=Method(event.value)))

    @on(ApiChoice.Changed, "#api")
    def _api_chosen(self, event: ApiChoice.Changed) -> None:
        event.stop()
        self._change(replace(self.draft, api=Api(event.value)))

    @on(Input.Changed, "#url")
    def _url_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._change(replace(self.draft, url=event.value))

    @on(UrlField.Completed)
    def _url_completed(self, event: UrlField.Completed) -> None:
        event.stop()
        method, api = Method(event.operation.method), event.operation.api
        self.method_choice.value = method
        self.api_choice.value = api
        self._change(replace(self.draft, method=method, api=api, url=event.url))

    @on(UrlField.SendRequested)
    def _send_requested(self, event: UrlField.SendRequested) -> None:
        event.stop()
        self.post_message(self.SendRequested())

    @on(RowsEditor.Changed, "#edit-query")
    def _query_changed(self, event: RowsEditor.Changed) -> None:
        event.stop()
        self._change(replace(self.draft, query=event.rows))

    @on(RowsEditor.Changed, "#edit-path")
    def _path_changed(self, event: RowsEditor.Changed) -> None:
        event.stop()
        self._change(replace(self.draft, path=event.rows))

    def on_inputs_editor_changed(self, event: InputsEditor.Changed) -> None:
        """Store edited inputs; references to one that was renamed follow it."""
        event.stop()
        draft = replace(self.draft, inputs=event.inputs)
        if (renamed := event.renamed) is None:
            self._change(draft)
            return
        self.update_draft(rename_input(draft, *renamed), self.folder)
        self.post_message(self.Changed(self.draft))
        self.post_message(self.InputRenamed(*renamed))

    @on(RowsEditor.Changed, "#edit-headers")
    def _headers_changed(self, event: RowsEditor.Changed) -> None:
        event.stop()
        self._change(replace(self.draft, headers=event.rows))

    def on_body_editor_changed(self, event: BodyEditor.Changed) -> None:
        """Store the edited body."""
        event.stop()
        self._change(replace(self.draft, body=event.body))

    @on(RowsEditor.ValueRequested)
    async def _value_requested(self, event: RowsEditor.ValueRequested) -> None:
        event.stop()
        from mixtui.ui.request.value_editing import edit_row, names_source

        names = names_source(self.draft, self.known_properties)
        await edit_row(event.editor, event.index, self.operation, names)

    async def on_body_editor_value_requested(
        self, event: BodyEditor.ValueRequested
    ) -> None:
        """Edit the value of a line of a form."""
        event.stop()
        from mixtui.ui.request.value_editing import edit_form_line, names_source

        names = names_source(self.draft, self.known_properties)
        await edit_form_line(event.editor, self.operation, names)

    @on(EditableRows.GeneratedToggled)
    def _generated_toggled(self, event: EditableRows.GeneratedToggled) -> None:
        event.stop()
        if self.tab_bar.active != Field.PATH:  # Without a value nothing can be sent.
            self._toggle_omission(event.row.name)

    def on_generated_body_line_toggled(self, event: GeneratedBodyLine.Toggled) -> None:
        """Toggle whether an addition to the body is omitted."""
        event.stop()
        self._toggle_omission(event.addition.name)

    def on_generated_body_line_typed(self, event: GeneratedBodyLine.Typed) -> None:
        """Write an addition into the body."""
        event.stop()
        addition, endpoint = event.addition, self.previewed.preview.endpoint
        token_place = TokenPlace.NONE if endpoint is None else endpoint.token
        body = add_to_body(self.draft.body, addition.name, addition.value, token_place)
        if body is None:
            self.app.notify("The body is incomplete; finish it first.", markup=False)
            return
        if (editor := self._body_editor) is not None:
            editor.set_body(body)

    @property
    def _body_editor(self) -> BodyEditor | None:
        """The editor of the body; None = its tab has not been shown yet."""
        return cast(
            "BodyEditor | None", next(iter(self.switcher.query("#edit-body")), None)
        )

    def _toggle_omission(self, name: str) -> None:
        """Toggle whether something that the app adds is omitted."""
        options = self.draft.options
        names = toggle_omission(options.leave_out, name)
        self._change(replace(self.draft, options=replace(options, leave_out=names)))

    def on_auth_editor_changed(self, event: AuthEditor.Changed) -> None:
        """Store the chosen credentials."""
        event.stop()
        options = replace(self.draft.options, auth=event.choice)
        self._change(replace(self.draft, options=options))

    def on_options_editor_changed(self, event: OptionsEditor.Changed) -> None:
        """Store the edited options."""
        event.stop()
        # Other tabs own these two, and may have changed them since.
        ours = self.draft.options
        options = replace(event.options, auth=ours.auth, leave_out=ours.leave_out)
        self._change(
            replace(self.draft, options=options, description=event.description)
        )

    @on(TabBar.Activated)
    async def _tab_activated(self, event: TabBar.Activated) -> None:
        event.stop()
        await self.show_tab(event.tab)

    def _change(self, draft: Draft) -> None:
        """Store an edit that came up from an editor."""
        if draft == self.draft:
            return
        # No watcher: the editor shows it, and may have been given another key since,
        # which its own edit would undo if it came down again.
        self.set_reactive(RequestPane.draft, draft)
        if not self._preview_due:
            # The key's own echo comes first.
            self._preview_due = True
            self.call_after_refresh(self._refresh_preview)
        self.post_message(self.Changed(draft))

    def _refresh_preview(self) -> None:
        typed, self._preview_due = self._preview_due, False
        if not self.is_mounted:
            return
        draft, environment = self.draft, self.environment
        previewed = PreviewedDraft(
            draft, environment, self.folder, preview(draft, environment)
        )
        self.hint_line.check(previewed, at_once=not typed)
        self._hints_changed()
        self.previewed = previewed
        self.post_message(self.Previewed(previewed.preview))

    def watch_previewed(self) -> None:
        self._note_tabs()

    @property
    def values(self) -> Values:
        """Where templates get their values."""
        return self.previewed.values

    @property
    def operation(self) -> Operation | None:
        """The operation that the draft is; None = none that is documented."""
        return self.previewed.preview.operation

    def open_tab(self, chosen: str) -> None:
        """Show the tab that was chosen for the draft, or that which has content.

        Args:
            chosen: Empty = none was.
        """
        self.chosen_tab = chosen
        self._switch(chosen or content_tab(self.draft))

    async def show_tab(self, tab: str) -> Widget:
        """Go to a tab, mounting its editor the first time, and return the editor."""
        self.chosen_tab = tab
        editor = self._switch(tab)
        if not editor.is_mounted:
            await AwaitMount(self.switcher, [editor])
        return editor

    def _switch(self, tab: str) -> Widget:
        """Show a tab; return its editor, which may be about to be mounted."""
        switcher = self.switcher
        editor = next(iter(switcher.query(f"#edit-{tab}")), None)
        if editor is None:
            editor = self._make_editor(tab)
            switcher.mount(editor)
        switcher.current = f"edit-{tab}"
        with self.prevent(TabBar.Activated):
            self.tab_bar.active = tab
        self._hints_changed()
        self.hint_line.show_hint()
        return editor

    async def focus_tab(self, tab: str) -> None:
        """Show a tab and put the focus into it."""
        editor = await self.show_tab(tab)
        if editor is (body := self._body_editor) and body is not None:
            body.focus_content()
            return
        target = editor if editor.can_focus else _first_focusable(editor)
        if target is not None:
            target.focus()

    async def on_paste(self, event: events.Paste) -> None:
        """Give what is pasted over the tabs to the rows or the body that they show."""
        shown = self.switcher.visible_content
        if is_importable(event.text) or not self.tab_bar.has_focus:
            return
        editor = shown if isinstance(shown, RowsEditor) else self._body_editor
        if editor is not None and editor is shown:
            event.stop()
            await self.focus_tab(self.tab_bar.active)
            editor.insert(event.text)

    async def edit_row(self, index: int) -> None:
        """Edit the value of a row of the query in place."""
        editor = await self.show_tab("query")
        if isinstance(editor, RowsEditor):
            await editor.edit_value(index)

    async def edit_path(self, name: str) -> None:
        """Edit the value of a path parameter in place."""
        editor = await self.show_tab("path")
        if isinstance(editor, RowsEditor):
            await editor.edit_named(name)

    def _hint_focus(self) -> HintFocus:
        """Return where the focus is, for the hints."""
        tab = self.tab_bar.active
        return focus_in(tab, next(iter(self.query(f"#edit-{tab}")), None))

    @on(HintLine.Changed)
    def _hints_changed(self) -> None:
        self.hints = self.hint_line.hints

    def watch_hints(self) -> None:
        self._note_tabs()

    @on(RowsEditor.Shown)
    def _rows_shown(self) -> None:
        self._hints_changed()
        self.hint_line.show_hint()

    def check(self, body: Body) -> BodyCheck:
        """Check a body as it is typed."""
        return check_draft_body(replace(self.draft, body=body), self.environment)

    def _make_editor(self, tab: str) -> Widget:
        """Make the editor of a tab, and bind it to what comes down from the pane."""
        from mixtui.ui.request.completers import (
            HeaderCompleter,
            PathCompleter,
            QueryCompleter,
        )

        editor: Widget
        match tab:
            case "query":
                editor = DraftRows(Field.QUERY, QueryCompleter(self))
                self._bind(editor, "draft", "previewed", "hints")
            case "path":
                editor = DraftRows(Field.PATH, PathCompleter(self))
                self._bind(editor, "draft", "previewed", "hints")
            case "headers":
                editor = DraftRows(Field.HEADERS, HeaderCompleter(self))
                self._bind(editor, "draft", "previewed", "hints")
            case "body":
                from mixtui.ui.request.body_editor import BodyEditor

                editor = BodyEditor(check=self.check)
                self._bind(editor, "folder", "draft", "previewed", "hints")
            case "auth":
                from mixtui.ui.request.options import AuthEditor

                editor = AuthEditor()
                self._bind(editor, "draft", "previewed")
            case "inputs":
                from mixtui.ui.request.inputs_editor import InputsEditor

                editor = InputsEditor()
                self._bind(editor, "draft", "previewed", "hints")
            case "docs":
                from mixtui.ui.request.docs import OperationDocs

                editor = OperationDocs()
                self._bind(editor, "previewed")
            case _:
                from mixtui.ui.request.options import OptionsEditor

                editor = OptionsEditor()
                self._bind(editor, "draft")
        editor.id = f"edit-{tab}"
        return editor

    def _bind(self, editor: Widget, *names: str) -> None:
        """Bind reactives of an editor to those of the pane, before it is mounted.

        `data_bind` binds only what is made in a handler of the pane itself, and sets
        the values once the editor is mounted. A tab may be shown from any task.
        """
        for name in names:
            editor.watch(self, name, partial(_set, editor, name))

    @property
    def value_hint(self) -> str:
        """What the value under the cursor is, if the operation has a hard one there."""
        shown = self.switcher.visible_content
        if not isinstance(shown, DraftRows) or shown.field is not Field.QUERY:
            return ""
        if (row := shown.current) is None:
            return ""
        from mixtui.editing.json_value import documented_kind

        return documented_kind(row.name, self.operation) or ""

    @property
    def can_format(self) -> bool:
        """Whether the body is of a type that can be formatted."""
        body = self.draft.body
        return body is not None and body.type is BodyType.JSON

    def _note_tabs(self) -> None:
        tabs = self.tab_bar
        for tab, note in tab_notes(self.draft, self.hints).items():
            tabs.note(tab, note)


def _set(editor: Widget, name: str, value: object) -> None:
    setattr(editor, name, value)
