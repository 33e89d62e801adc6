"""The request: method, API, URL, and a tab for each of its parts.

The pane owns the draft; the editors in its tabs (`RequestTabs`) are views of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import ContentSwitcher, Input

from mixtui.core.environments import Environment
from mixtui.core.errors import DraftError
from mixtui.core.errors import Field as DraftField
from mixtui.core.leaving_out import toggled
from mixtui.core.preview import Preview, preview
from mixtui.core.requests import Draft, Method
from mixtui.core.typed_additions import add_to_body
from mixtui.core.urls import base_for
from mixtui.core.visible import sanitize
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.endpoints import TokenPlace
from mixtui.ui.url_completer import UrlCompleter
from mixtui.ui.widgets.added_line import GeneratedBodyLine
from mixtui.ui.widgets.auth_editor import AuthEditor
from mixtui.ui.widgets.body_editor import BodyEditor
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.hint_line import HintLine, HintTarget
from mixtui.ui.widgets.options_editor import OptionsEditor
from mixtui.ui.widgets.pairs_editor import PairsEditor
from mixtui.ui.widgets.pairs_rows import PairsRows
from mixtui.ui.widgets.request_tabs import TAB_OF_FIELD, TABS, RequestTabs
from mixtui.ui.widgets.resolved_line import ResolvedLine
from mixtui.ui.widgets.tab_bar import TabBar
from mixtui.ui.widgets.url_field import UrlField

if TYPE_CHECKING:
    # Imported when it is first shown.
    pass


class MethodChoice(CompactSelect):
    """The HTTP method."""


class ApiChoice(CompactSelect):
    """The API."""


class RequestPane(RequestTabs):
    """Edits a draft and shows what it comes to."""

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
        super().__init__(environment, id=id)
        self._preview_due = False
        self.known_names: Callable[[], Iterable[str]] = tuple
        """Property names to complete expressions from, besides the draft's own."""

    def compose(self) -> ComposeResult:
        """The line, what it resolves to, the tabs; editors come when shown."""
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
        yield HintLine(self._where)

    async def on_mount(self) -> None:
        """Show the first tab."""
        self.query_one(UrlField).completer = UrlCompleter(self)
        await self.show_tab("query")
        self._refresh_preview()

    @property
    def draft(self) -> Draft:
        """What is being edited."""
        return self._draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self._draft = draft
        self.query_one("#method", CompactSelect).value = draft.method
        self.query_one("#api", CompactSelect).value = draft.api
        url = self.query_one(UrlField)
        with self.prevent(Input.Changed):
            url.value = draft.url
            url.cursor_position = len(draft.url)
        for editor in self.query_one(ContentSwitcher).children:
            self._fill(editor)
        self._refresh_preview()

    @property
    def environment(self) -> Environment:
        """What the draft is resolved with."""
        return self._environment

    @environment.setter
    def environment(self, environment: Environment) -> None:
        self._environment = environment
        self._refresh_preview()

    async def focus_field(self, field: DraftField) -> None:
        """Put the focus where an error is."""
        if tab := TAB_OF_FIELD.get(field):
            await self.focus_tab(tab)
        elif field in (DraftField.METHOD, DraftField.API):
            self.query_one(f"#{field.value}").focus()
        elif field is DraftField.URL:
            self.query_one(UrlField).focus()

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
        self.query_one("#method", CompactSelect).value = method
        self.query_one("#api", CompactSelect).value = api
        self._change(replace(self._draft, method=method, api=api, url=event.url))

    @on(UrlField.SendRequested)
    def _send_asked(self, event: UrlField.SendRequested) -> None:
        event.stop()
        self.post_message(self.SendRequested())

    @on(PairsEditor.Changed)
    def _pairs_changed(self, event: PairsEditor.Changed) -> None:
        event.stop()
        if event.control.id == "edit-query":
            self._change(replace(self._draft, query=event.pairs))
        else:
            self._change(replace(self._draft, headers=event.pairs))

    @on(BodyEditor.Changed)
    def _body_changed(self, event: BodyEditor.Changed) -> None:
        event.stop()
        self._change(replace(self._draft, body=event.body))

    @on(PairsEditor.ValueRequested)
    async def _value_asked(self, event: PairsEditor.ValueRequested) -> None:
        event.stop()
        from mixtui.ui.value_editing import edit_row, names_of

        names = names_of(self._draft, self.known_names)
        await edit_row(event.editor, event.index, self._preview.operation, names)

    @on(BodyEditor.ValueRequested)
    async def _field_asked(self, event: BodyEditor.ValueRequested) -> None:
        event.stop()
        from mixtui.ui.value_editing import edit_form_line, names_of

        names = names_of(self._draft, self.known_names)
        await edit_form_line(event.editor, self._preview.operation, names)

    @on(PairsRows.GivenSwitched)
    def _given_switched(self, event: PairsRows.GivenSwitched) -> None:
        event.stop()
        self._leave_out(event.given.name)

    @on(GeneratedBodyLine.Switched)
    def _addition_switched(self, event: GeneratedBodyLine.Switched) -> None:
        event.stop()
        self._leave_out(event.addition.name)

    @on(GeneratedBodyLine.Taken)
    def _addition_taken(self, event: GeneratedBodyLine.Taken) -> None:
        event.stop()
        each, endpoint = event.addition, self._preview.endpoint
        place = TokenPlace.NONE if endpoint is None else endpoint.token
        body = add_to_body(self._draft.body, each.name, each.value, place)
        if body is None:
            self.app.notify("The body is not whole yet.", markup=False)
            return
        self.query_one(BodyEditor).type_in(body)

    def _leave_out(self, name: str) -> None:
        """Leave something out that the app adds, or add it again."""
        options = self._draft.options
        names = toggled(options.leave_out, name)
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
        self._preview = preview(self._draft, self._environment)
        problem = self._preview.problem
        told = problem.field if isinstance(problem, DraftError) else None
        subject = HintTarget(self._draft, self._environment, self._folder, told)
        self.hint_line.look(subject, at_once=not typed)
        self.query_one(ResolvedLine).show(self._preview, self._base())
        self.query_one(UrlField).show_example(self._draft.api)
        self._note_tabs()
        self._explain()
        self.post_message(self.Previewed(self._preview))

    def _base(self) -> str:
        """The API's base while there is nothing to resolve yet."""
        if self._draft.url.strip() or self._preview.url:
            return ""
        try:
            return sanitize(base_for(self._draft.api, self._environment)[0])
        except DraftError:
            return ""
