"""The one screen: sidebar, request, response; it routes actions and holds no logic."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus, Resize
from textual.widgets import Static
from textual.worker import Worker

from mixtui.actions import ACTIONS, Action, Scope
from mixtui.interchange.sniff import is_curl
from mixtui.mixpanel.limits import Bucket, shown
from mixtui.model.draft import Draft
from mixtui.model.environment import Environment
from mixtui.model.errors import StorageError
from mixtui.session import Session
from mixtui.storage.drafts import DraftStore
from mixtui.storage.paths import BODIES, state_dir
from mixtui.text import sanitize
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.main import commands, next_actions, palette
from mixtui.ui.main import commands as catalogue_desk
from mixtui.ui.main.calls import MakeClient, RequestRuns
from mixtui.ui.main.collection import CollectionController, DraftAutosave
from mixtui.ui.main.hints import HintController
from mixtui.ui.main.history import HistoryController
from mixtui.ui.main.layout import PaneLayout
from mixtui.ui.main.names import KnownProperties, ProjectNamesController
from mixtui.ui.main.quota import QuotaController
from mixtui.ui.main.send import SendController
from mixtui.ui.main.sidebar import CollectionTree, Head
from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.pairs.rows import PairsRows
from mixtui.ui.request.pane import RequestPane
from mixtui.ui.request.url import UrlField
from mixtui.ui.response.next_actions import is_applicable
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import (
    FromHistory,
    InFlight,
    Received,
    RequestRun,
    ResponseState,
    Sending,
)
from mixtui.ui.response.status_line import outcome_colour
from mixtui.ui.widgets.screen import CommandScreen

if TYPE_CHECKING:
    from mixtui.ui.main.calls import RequestRuns
    from mixtui.ui.request.docs import OperationDocs


class MainActions(CommandScreen):
    """What the main screen does when it is asked by a key or from the palette."""

    actions: tuple[Action, ...]
    """Every action with the person's own keys."""
    desk: CollectionController
    sender: SendController
    history: HistoryController
    calls: RequestRuns
    guard: DraftAutosave
    arrangement: PaneLayout
    hints: HintController

    @property
    def _main(self) -> MainScreen:
        return cast("MainScreen", self)

    async def action_send(self) -> None:
        """Send the draft."""
        if is_curl(self._main.draft.url):
            # Pasted key by key, where a terminal has no other way.
            await self.run_command(
                commands.import_pasted(self._main, self._main.draft.url)
            )
            return
        await self.run_command(self.sender.ask_and_send())

    async def action_send_later(self) -> None:
        """Send the draft when the quota has a slot for it."""
        await self.run_command(self.sender.ask_and_send(later=True))

    def action_cancel(self) -> None:
        """Stop what is on its way, keeping what came; or leave an old answer."""
        slot = self.desk.slot
        if slot.recalled is not None:
            slot.recalled = None
            self._main.show_slot()
        elif slot.call is not None:
            self.calls.cancel(slot.call)

    async def action_history(self) -> None:
        """Look through what was sent before."""
        await self.run_command(self.history.browse())

    async def action_activity(self) -> None:
        """List what is on its way, and the answers of this run."""
        await self.run_command(commands.activity(self._main))

    async def action_refused_record(self) -> None:
        """Go to a refused record in the body."""
        await self.run_command(
            next_actions.run_next_action(self._main, "refused_record")
        )

    async def action_other_region(self) -> None:
        """Send the same read to another region."""
        await self.run_command(next_actions.run_next_action(self._main, "other_region"))

    async def action_next_page(self) -> None:
        """Ask for the next page of profiles."""
        await self.run_command(next_actions.run_next_action(self._main, "next_page"))

    async def action_all_pages(self) -> None:
        """Collect all pages of profiles in a file."""
        await self.run_command(next_actions.run_next_action(self._main, "all_pages"))

    async def action_save(self) -> None:
        """Save the draft."""
        await self.run_command(self.desk.save())

    async def action_save_as(self) -> None:
        """Save the draft under another name."""
        await self.run_command(self.desk.save_as())

    async def action_new(self) -> None:
        """Start an empty request."""
        await self.run_command(self.desk.new())

    def action_focus_url(self) -> None:
        """Go to the URL."""
        self._main.focus_request()

    def action_sidebar(self) -> None:
        """Show or hide the saved requests."""
        if self.arrangement.toggle_sidebar():
            self.set_focus(self._main.saved_requests)
        else:
            self._main.focus_request()

    def action_maximise(self) -> None:
        """Give the whole screen to the pane in use, or take it back."""
        self.arrangement.toggle_maximised()

    async def action_operations(self) -> None:
        """Find an operation of Mixpanel, and begin a request with it."""
        await self.run_command(catalogue_desk.choose_operation(self._main))

    def action_jump(self) -> None:
        """Go anywhere by a letter."""
        commands.jump(self._main)

    def action_find(self) -> None:
        """Find a saved request."""
        palette.find_request(self._main)

    async def action_environments(self) -> None:
        """Switch, add and edit environments."""
        await self.run_command(commands.environments(self._main))

    def action_choose_environment(self) -> None:
        """Switch by name."""
        palette.find_environment(self._main)

    def action_choose_theme(self) -> None:
        """Choose the colours."""
        self.app.search_themes()

    async def action_reload(self) -> None:
        """Read collection and environments from disk again."""
        await self.run_command(commands.reload_files(self._main))

    async def action_import_file(self) -> None:
        """Turn a file of another program into saved requests."""
        await self.run_command(commands.import_file(self._main))

    async def action_copy_as(self) -> None:
        """Copy the request for another program."""
        await self.run_command(commands.copy_request_as(self._main))

    async def action_edit_body(self) -> None:
        """Edit the body in the person's own editor."""
        await self.run_command(commands.edit_body(self._main))

    async def action_hints(self) -> None:
        """List what is probably wrong with the request."""
        await self.run_command(self.hints.browse())

    async def action_correct(self) -> None:
        """Correct what the hint says."""
        await self.run_command(self.hints.correct())

    async def action_undo_correction(self) -> None:
        """Take the last correction back."""
        await self.run_command(self.hints.undo())

    def action_palette(self) -> None:
        """Find an action by its name."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Show every key."""
        from mixtui.ui.help.screen import HelpScreen

        self.app.push_screen(HelpScreen(self.actions, self.desk.collection.root))

    async def action_quit(self) -> None:
        """Leave, after the question about unsaved work."""
        await self.run_command(self._quit())

    async def _quit(self) -> None:
        if await self.desk.may_leave():
            await self.calls.end()
            self.guard.end()
            self.app.exit()


_HEADS_AT_ONCE = 50


class MainScreen(MainActions):
    """Everything a person works with."""

    AUTO_FOCUS = "#url"
    BINDINGS = bindings(Scope.APP)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (20, "-short"), (30, "-tall")]

    def __init__(
        self,
        session: Session,
        make_client: MakeClient,
        actions: tuple[Action, ...] = ACTIONS,
    ) -> None:
        super().__init__()
        self.session = session
        self.actions = actions
        self.desk = CollectionController(self, session.collection)
        self.sender = SendController(self)
        self.history = HistoryController(self, session.settings.history)
        self.quota = QuotaController(self, state_dir())
        self.calls = RequestRuns(
            self, make_client, state_dir() / BODIES, self.history, self.quota
        )
        self.guard = DraftAutosave(self, DraftStore(state_dir() / "drafts"))
        self.arrangement = PaneLayout(self)
        self.hints = HintController(self)
        self.names = ProjectNamesController(self)
        self._title = ""

    def compose(self) -> ComposeResult:
        """Header line, three panes, footer line."""
        yield TopBar()
        with Horizontal(id="panes"):
            with Vertical(id="sidebar"):
                yield CollectionTree(id="tree")
            with Vertical(id="work"):
                yield RequestPane(self.environment, id="request")
                yield ResponsePane(id="response")
        yield KeyHints()
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Show the collection, and read its files behind that."""
        self.query_one("#sidebar").border_title = _collection_title(
            self.session.collection.root
        )
        self.request_pane.known_names = KnownProperties(self)
        self.request_pane.names = self.names
        self.show_environment()
        self._show_title()
        for warning in self.session.warnings:
            self.notify_text(warning, severity="warning")
        first = self._open_first() if self.session.sandbox else None
        self.reload_tree(first)
        self.run_guarded(self.guard.offer())

    def _open_first(self) -> Path | None:
        """Open the first request: a newcomer's first key press shows something real."""
        entries = self.desk.collection.scan().all_requests()
        if not entries:
            return None
        try:
            self.desk.show(self.desk.collection.open(entries[0].path))
        except StorageError as error:
            self.notify_text(str(error), severity="warning")
        return entries[0].path

    # What the others work with

    @property
    def saved_requests(self) -> CollectionTree:
        """The sidebar's tree."""
        return self.query_one(CollectionTree)

    @property
    def request_pane(self) -> RequestPane:
        """The pane that owns the draft."""
        return self.query_one(RequestPane)

    @property
    def response_pane(self) -> ResponsePane:
        """The pane of the answer."""
        return self.query_one(ResponsePane)

    @property
    def environment(self) -> Environment:
        """The environment in use."""
        return self.session.environment

    @property
    def draft(self) -> Draft:
        """What is being edited."""
        return self.request_pane.draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self.request_pane.folder = self.desk.folder
        self.request_pane.draft = draft
        self._show_title()
        self._hint()
        self.guard.changed()

    @property
    def response(self) -> ResponseState:
        """What the response pane shows."""
        return self.desk.slot.state

    def call_changed(self, call: RequestRun) -> None:
        """A call went a step further: show it, if it is the one that is looked at."""
        if call is self.desk.slot.call:
            if isinstance(call.state, Sending):
                # Once: whoever goes elsewhere meanwhile is not called back.
                self.arrangement.show_response()
            self.show_slot()
        self._show_activity()

    def call_grown(self, call: RequestRun) -> None:
        """More of the body of a call has come."""
        if call is self.desk.slot.call:
            self.response_pane.grown(call.received)

    def show_slot(self) -> None:
        """Show what became of what was sent from here."""
        call, state = self.desk.slot.call, self.desk.slot.state
        pane = self.response_pane
        if call is not None:
            pane.body.suggestion = call.name or _last_name(call.request.url)
        pane.state = state
        colour = None
        if isinstance(state, Received):
            colour = outcome_colour(state.outcome)
        elif isinstance(state, FromHistory):
            colour = outcome_colour(state.record.outcome)
        for name in ("success", "warning", "error"):
            pane.set_class(name == colour, f"-{name}")
        self._show_activity()
        self._hint()

    def _show_activity(self) -> None:
        here = self.desk.slot.call
        seen = here is not None and here.on_its_way
        self.query_one(TopBar).show_activity(self.calls.running - seen)

    def focus_request(self) -> None:
        """Go to the request."""
        self.arrangement.show_request()
        self.set_focus(self.query_one(UrlField))

    def reload_tree(self, go_to: Path | None, *, changed: Sequence[Path] = ()) -> None:
        """Read the collection again and go to a path in it."""
        for path in changed:
            self.saved_requests.forget(path)
        read = partial(self._reload_tree, go_to)
        _: Worker[None] = self.run_worker(read, group="tree", exclusive=True)

    async def _reload_tree(self, go_to: Path | None) -> None:
        collection = self.desk.collection
        folder = await asyncio.to_thread(collection.scan)
        self.saved_requests.fill(folder)
        if go_to is not None:
            self.saved_requests.go_to(go_to)
        self._mark()
        entries = folder.all_requests()
        for start in range(0, len(entries), _HEADS_AT_ONCE):
            some = entries[start : start + _HEADS_AT_ONCE]

            def read(paths: list[Path]) -> dict[Path, Head]:
                return {path: collection.head(path) for path in paths}

            self.saved_requests.heads(
                await asyncio.to_thread(read, [e.path for e in some])
            )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Cancel is there while something is on its way."""
        if action == "cancel":
            return isinstance(self.response, InFlight | FromHistory)
        return is_applicable(self.response, action)

    def show_tab(self, tab: str) -> None:
        """Go into a tab of the request."""
        self.run_guarded(self.request_pane.focus_tab(tab))

    def open_path(self, path: Path) -> None:
        """Open a saved request."""
        self.run_guarded(self.desk.open(path))

    def switch_environment(self, environment: Environment) -> None:
        """Use another environment from now on."""
        self.session = self.session.with_environment(environment)
        self.show_environment()

    # Messages

    @on(RequestPane.Changed)
    def _draft_changed(self) -> None:
        self._show_title()
        self._hint()
        self.guard.changed()

    @on(RequestPane.Previewed)
    def _draft_previewed(self, event: RequestPane.Previewed) -> None:
        bucket = event.preview.bucket
        # Queries are what is scarce, so they are shown where nothing else counts.
        self.quota.follow(bucket if shown(bucket) else Bucket.QUERY)

    @on(PairsRows.CorrectRequested)
    async def _correct_requested(self) -> None:
        await self.run_command(self.hints.correct_row())

    @on(RequestPane.SendRequested)
    async def _send_requested(self) -> None:
        await self.action_send()

    @on(UrlField.ImportRequested)
    async def _import_requested(self, event: UrlField.ImportRequested) -> None:
        await self.run_command(commands.import_pasted(self, event.text))

    @on(ResponsePane.CompareRequested)
    async def _compare_requested(self) -> None:
        await self.run_command(self.history.compare_with_before())

    @on(ResponsePane.FollowUpRequested)
    async def _follow_up_requested(self, event: ResponsePane.FollowUpRequested) -> None:
        work = next_actions.run_next_action(self, event.action, event.index)
        await self.run_command(work)

    async def on_operation_docs_catalogue_asked(
        self, event: OperationDocs.CatalogueAsked
    ) -> None:
        """Show the catalogue at what the Docs tab is about."""
        await self.run_command(
            catalogue_desk.choose_operation(self, event.words, event.at)
        )

    @on(CollectionTree.Asked)
    def _asked(self, event: CollectionTree.Asked) -> None:
        if event.action == "filter":
            self.action_find()
        else:
            self.run_guarded(self.desk.handle(event.action, event.entry))

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The last line follows the focus."""
        self._hint()

    @on(PairsRows.Moved)
    def _hint(self) -> None:
        self.arrangement.update_footer(self.actions)

    def on_resize(self, event: Resize) -> None:
        """Fit the panes to the terminal."""
        self.arrangement.on_resize(event.size)

    def show_environment(self) -> None:
        """Show what is in use, and resolve the draft with it."""
        declared = bool(self.session.environments.all)
        self.query_one(TopBar).show(self.environment, declared=declared)
        self.request_pane.environment = self.environment

    def _show_title(self) -> None:
        name = self.draft.name or "New request"
        title = f"{name} ●" if self.desk.unsaved else name
        if title != self._title:
            self._title = title
            self.request_pane.border_title = Content(sanitize(title)).markup
        self._mark()

    def _mark(self) -> None:
        request = self.desk.open_request
        path = request.path if request else None
        self.saved_requests.mark(path, unsaved=self.desk.unsaved)


def _collection_title(root: Path) -> str:
    return Content(sanitize(root.name or str(root))).markup


def _last_name(url: str) -> str:
    """The last part of a URL's path."""
    return url.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
