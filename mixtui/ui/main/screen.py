"""The main screen: composes the panes and routes actions to the controllers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus, Paste, Resize
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widgets import Static

from mixtui.actions import ACTIONS, Action, Scope
from mixtui.interchange.sniff import is_curl, is_importable
from mixtui.mixpanel.limits import Bucket, is_worth_showing
from mixtui.model.draft import Draft
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.errors import StorageError
from mixtui.session import Session, open_session
from mixtui.storage.drafts import DraftStore
from mixtui.storage.pane_sizes import load_pane_sizes
from mixtui.storage.paths import BODIES, SETTINGS_FILE, state_dir
from mixtui.storage.settings import save_theme
from mixtui.text import sanitize
from mixtui.ui.frame import FrameApp
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.main.collection.arranging import TreeController
from mixtui.ui.main.collection.autosave import DraftAutosave
from mixtui.ui.main.collection.controller import CollectionController
from mixtui.ui.main.collection.outside import OutsideChanges
from mixtui.ui.main.collection.switching import CollectionSwitcher
from mixtui.ui.main.collection.tree_actions import NEED_ENTRY, TreeActions
from mixtui.ui.main.commands import Commands
from mixtui.ui.main.hints import HintController
from mixtui.ui.main.history import HistoryController
from mixtui.ui.main.inputs import InputController
from mixtui.ui.main.layout import PaneLayout
from mixtui.ui.main.live_files import LiveFilesController
from mixtui.ui.main.names import KnownProperties, ProjectNamesController
from mixtui.ui.main.notifications import NotificationRoom
from mixtui.ui.main.quota import QuotaController
from mixtui.ui.main.runs import MakeClient, RequestRuns
from mixtui.ui.main.send import SendController
from mixtui.ui.main.setup import SetupController
from mixtui.ui.main.top_bar import TopBar, quota_label
from mixtui.ui.main.trust import TrustController
from mixtui.ui.request.pane import RequestPane
from mixtui.ui.request.url import UrlField
from mixtui.ui.response.next_actions import is_applicable
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import (
    FromHistory,
    Idle,
    InFlight,
    RequestRun,
    RequestSlot,
    ResponseState,
    Sending,
    SlotView,
)
from mixtui.ui.rows.list import EditableRows
from mixtui.ui.sidebar.sidebar import Sidebar
from mixtui.ui.sidebar.tree import CollectionTree, Entry
from mixtui.ui.widgets.screen import CommandScreen

if TYPE_CHECKING:
    from mixtui.model.quota import QuotaStatus
    from mixtui.ui.request.docs import OperationDocs

T = TypeVar("T")


class MainScreen(TreeActions, CommandScreen):
    """Sidebar, request and response, and the controllers that act on them."""

    AUTO_FOCUS = "#url"
    BINDINGS = bindings(Scope.APP)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-normal"), (160, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (20, "-short"), (36, "-tall")]

    session: Reactive[Session] = Reactive(open_session, init=False)
    """The files and settings in use, and the environment."""
    environment: Reactive[Environment] = Reactive(NO_ENVIRONMENT, init=False)
    """The environment in use: that of the session."""
    draft_title: Reactive[str] = Reactive("", init=False)
    """The name of the draft; a dot marks unsaved changes."""
    saved_requests = getters.query_one(CollectionTree)
    request_pane = getters.query_one(RequestPane)
    response_pane = getters.query_one(ResponsePane)
    response: Reactive[ResponseState] = Reactive(
        Idle(), repaint=False, init=False, always_update=True
    )
    """What the response pane shows: the state of the current slot."""
    in_flight: Reactive[int] = Reactive(0, init=False)
    """Requests in flight that the response pane does not show."""

    def __init__(
        self,
        session: Session,
        make_client: MakeClient,
        actions: tuple[Action, ...] = ACTIONS,
    ) -> None:
        super().__init__()
        self.set_reactive(MainScreen.session, session)
        self.set_reactive(MainScreen.environment, session.environment)
        self.actions = actions
        state = state_dir()
        self.pane_layout = PaneLayout(self, load_pane_sizes(state))
        self.collection = CollectionController(self)
        self.tree_controller = TreeController(self, self.collection)
        self._shown_slot = self.collection.slot
        self.autosave = DraftAutosave(
            self, self.collection, DraftStore(state / "drafts")
        )
        self.quota = QuotaController(self, state, self._show_quota)
        self.history = HistoryController(
            self,
            self.collection,
            self._send_draft,
            self._copy_text,
        )
        self.runs = RequestRuns(
            self, make_client, state / BODIES, self.history, self.quota
        )
        self.trust = TrustController(self)
        self.names = ProjectNamesController(self, self.runs.send_quietly)
        self.inputs = InputController(self, self.collection, self.names)
        self.sender = SendController(
            self,
            self.collection,
            self.quota,
            self.runs,
            self.trust,
            self.inputs,
        )
        self.hints = HintController(self)
        self.outside = OutsideChanges(self, self.collection)
        self.collection.listed = self.outside.check_soon
        self.live_files = LiveFilesController(self, self.collection)
        self.switcher = CollectionSwitcher(
            self, self.collection, self.autosave, self.trust, self.pane_layout
        )
        self.setup = SetupController(self, self.collection, self.runs.send_quietly)
        self.commands = Commands(
            self,
            self.collection,
            self.runs,
            self.pane_layout,
            self._copy_text,
            self.setup,
        )

    def compose(self) -> ComposeResult:
        self.collection.read_ahead()
        yield TopBar().data_bind(MainScreen.session, MainScreen.in_flight)
        with Horizontal(id="panes"):
            yield Sidebar(id="sidebar")
            with Vertical(id="work"):
                yield RequestPane(
                    self.environment,
                    names=self.names,
                    known_properties=KnownProperties(self, self.collection, self.names),
                    id="request",
                ).data_bind(MainScreen.environment, MainScreen.draft_title)
                yield ResponsePane(id="response").data_bind(state=MainScreen.response)
        yield KeyHints()
        yield Static(id="too-small")

    def on_mount(self) -> None:
        """Show the collection; its files are read in the background."""
        self._show_collection(self.session)
        self.show_title()
        NotificationRoom(self, self.query_one("#panes")).keep()
        for warning in self.session.warnings:
            self.notify_text(warning, severity="warning")
        if self.session.sandbox:
            self._open_first()
        self.collection.reload_tree(None)
        self.run_guarded(self._ask_at_start())

    async def _ask_at_start(self) -> None:
        # First, as it holds up what is typed: another question would wait for that.
        await self.setup.offer_at_start()
        await self.trust.ask_at_start()
        await self.autosave.offer()
        self.switcher.remember_soon(self.session)

    def _open_first(self) -> None:
        """Open the first request, so that a newcomer's first key press shows a response."""
        entries = self.collection.store.scan().all_requests()
        if not entries:
            return
        try:
            self.collection.show(self.collection.store.open(entries[0].path))
        except StorageError as error:
            self.notify_text(str(error), severity="warning")

    # Commands

    def action_send(self) -> None:
        """Send the draft."""
        if is_curl(self.draft.url):
            # Pasted key by key, where a terminal has no other way.
            self.run_guarded(self.commands.import_pasted(self.draft.url))
            return
        self.run_guarded(self.sender.ask_and_send())

    def action_send_later(self) -> None:
        self.run_guarded(self.sender.ask_and_send(later=True))

    def action_preview(self) -> None:
        self.run_guarded(self.sender.preview())

    def action_cancel(self) -> None:
        """Cancel the run shown, keeping what came; or leave a history entry."""
        slot = self.slot
        if slot.recalled is not None:
            slot.recalled = None
            self.show_slot()
        elif slot.run is not None:
            self.runs.cancel(slot.run)

    def action_history(self) -> None:
        self.run_guarded(self.history.browse())

    def action_jobs(self) -> None:
        self.run_guarded(self.commands.show_jobs())

    def action_query_file(self) -> None:
        self.run_guarded(self.commands.query_file())

    def action_activity(self) -> None:
        self.run_guarded(self.commands.show_activity())

    def action_refused_record(self) -> None:
        self.run_guarded(self._run_next_action("refused_record"))

    def action_keep_rejected(self) -> None:
        self.run_guarded(self._run_next_action("keep_rejected"))

    def action_other_region(self) -> None:
        self.run_guarded(self._run_next_action("other_region"))

    def action_next_page(self) -> None:
        self.run_guarded(self._run_next_action("next_page"))

    def action_all_pages(self) -> None:
        self.run_guarded(self._run_next_action("all_pages"))

    def action_save(self) -> None:
        self.run_guarded(self.collection.save())

    def action_save_as(self) -> None:
        self.run_guarded(self.collection.save_as())

    def action_new(self) -> None:
        self.run_guarded(self.collection.new())

    def action_focus_url(self) -> None:
        self.focus_request()

    def action_sidebar(self) -> None:
        """Show or hide the saved requests."""
        if self.pane_layout.toggle_sidebar():
            self.set_focus(self.saved_requests)
        else:
            self.focus_request()

    def action_maximise(self) -> None:
        self.pane_layout.toggle_maximised()

    def action_resize(self) -> None:
        self.run_guarded(self.commands.resize_panes())

    def action_operations(self) -> None:
        self.run_guarded(self.commands.choose_operation())

    def action_jump(self) -> None:
        self.commands.jump()

    def action_find(self) -> None:
        self.run_guarded(self.commands.find_request())

    def action_environments(self) -> None:
        self.run_guarded(self.commands.edit_environments())

    def action_add_starters(self) -> None:
        self.run_guarded(self.setup.add_starters())

    def action_set_up(self) -> None:
        self.run_guarded(self.setup.run())

    def action_choose_environment(self) -> None:
        self.run_guarded(self.commands.choose_environment())

    def action_switch_collection(self) -> None:
        self.run_guarded(self.switcher.choose())

    def action_choose_theme(self) -> None:
        self.run_guarded(self._choose_theme())

    async def _choose_theme(self) -> None:
        from mixtui.ui.main.palette import choose_theme

        name = await choose_theme(self)
        if name is not None:
            path = self.session.config / SETTINGS_FILE
            await asyncio.to_thread(save_theme, path, name)

    def action_reload(self) -> None:
        self.run_guarded(self.live_files.reload())

    def action_redraw(self) -> None:
        """Write the complete screen again."""
        if isinstance(self.app, FrameApp):
            self.app.redraw()

    def action_open_log(self) -> None:
        self.run_guarded(self.commands.open_log())

    def action_open_crash_report(self) -> None:
        self.run_guarded(self.commands.open_crash_report())

    def action_import_file(self) -> None:
        self.run_guarded(self.commands.import_file())

    def action_copy_as(self) -> None:
        self.run_guarded(self.commands.copy_request_as(self._entry_in_tree))

    def run_tree_action(self, action: str) -> None:
        entry = self._entry_in_tree or self.collection.open_entry
        self.run_guarded(self.tree_controller.handle(action, entry))

    @property
    def _entry_in_tree(self) -> Entry | None:
        """What is under the cursor of the tree while it has the focus."""
        tree = self.saved_requests
        return tree.entry if self.focused is tree else None

    def action_edit_body(self) -> None:
        self.run_guarded(self.commands.edit_body())

    def action_hints(self) -> None:
        self.run_guarded(self.hints.browse())

    def action_correct(self) -> None:
        self.run_guarded(self.hints.correct())

    def action_undo_correction(self) -> None:
        self.run_guarded(self.hints.undo())

    def action_palette(self) -> None:
        """Search all actions; the one that is chosen runs after the palette has closed."""
        self.run_guarded(self._run_from_palette())

    async def _run_from_palette(self) -> None:
        from mixtui.ui.main.palette import choose

        entry = await choose(self)
        if entry is not None:
            self.call_next(entry.run)

    def action_help(self) -> None:
        self.commands.show_help()

    def action_quit(self) -> None:
        """Quit, after the question about unsaved work."""
        self.run_guarded(self._quit())

    async def _quit(self) -> None:
        if await self.collection.may_leave():
            await self.runs.end()
            self.autosave.end()
            self.app.exit()

    async def store_all(self) -> None:
        """Store what was typed and what is in flight: mixtui is ended from outside."""
        await self.autosave.store()
        await self.runs.end()

    # What controllers ask of the screen

    @property
    def draft(self) -> Draft:
        """What is being edited."""
        return self.request_pane.draft

    @draft.setter
    def draft(self, draft: Draft) -> None:
        self.request_pane.load(draft, self.collection.folder)
        self._draft_shown()

    def update_draft(self, draft: Draft) -> None:
        """Show a newer version of the draft; cursors and focus stay."""
        self.request_pane.update_draft(draft, self.collection.folder)
        self._draft_shown()

    def _draft_shown(self) -> None:
        self.show_title()
        self._update_footer()
        self.autosave.changed()

    @property
    def is_in_edit(self) -> bool:
        """Whether a field or dialog holds text that the draft does not have yet."""
        return not self.is_active or self.request_pane.is_in_edit

    @property
    def slot(self) -> RequestSlot:
        """What the draft is sent from."""
        return self.collection.slot

    async def ask(self, dialog: Screen[T], *, unprompted: bool = False) -> T:
        """Show a dialog and return its result; only within a worker.

        Args:
            dialog: The dialog.
            unprompted: Whether no key led to it: what was typed before it is seen does
                not answer it.
        """
        if unprompted and isinstance(self.app, OrderedInputApp):
            self.app.input.drop_until_seen(dialog)
        return await self.app.push_screen_wait(dialog)

    async def _send_draft(self) -> None:
        await self.sender.ask_and_send()

    async def _copy_text(self, pieces: Iterable[str], what: str, file: str) -> None:
        from mixtui.model.redaction import Redactor
        from mixtui.ui.dialogs.clipboard import copy_pieces

        # Exports hold no secret unless they were asked for by name.
        await copy_pieces(self, pieces, what, file, Redactor())

    def _show_quota(self, standing: QuotaStatus | None, now: float) -> bool:
        top_bars = self.query(TopBar)
        for top_bar in top_bars:
            top_bar.quota = quota_label(standing, now)
        return bool(top_bars)

    async def _run_next_action(self, action: str, index: int | None = None) -> None:
        from mixtui.ui.main.next_actions import NextActions

        next_actions = NextActions(
            self,
            self.collection,
            self.runs,
            self.sender,
            self.pane_layout,
            self.commands.edit_environments,
        )
        await next_actions.run(action, index)

    def run_changed(self, run: RequestRun) -> None:
        """Show the new state of a run, if its slot is the one shown."""
        if run is self.slot.run:
            if isinstance(run.state, Sending):
                # Once: a user who has moved on is not brought back.
                self.pane_layout.show_response()
            self.show_slot()
        self._count_in_flight()

    def run_grown(self, run: RequestRun) -> None:
        """Show more of a body, if its run is the one shown."""
        if run is self.slot.run:
            self.response_pane.grown(run.received)

    def show_slot(self) -> None:
        """Show the run of the current slot; of another one, what was chosen to see."""
        if self.slot is not self._shown_slot:
            request, response = self.request_pane, self.response_pane
            self._shown_slot.view = SlotView(request.chosen_tab, response.look)
            self._shown_slot = self.slot
            request.open_tab(self.slot.view.request_tab)
            response.restore(self.slot.view.response)
        run = self.slot.run
        if run is not None:
            suggestion = run.name or _last_name(run.request.shown_url)
            self.response_pane.body.suggestion = suggestion
        self.response = self.slot.state
        self._count_in_flight()
        self._update_footer()

    def _count_in_flight(self) -> None:
        run = self.slot.run
        is_shown = run is not None and run.is_in_flight
        self.in_flight = self.runs.running - is_shown

    def focus_request(self) -> None:
        self.pane_layout.show_request()
        self.set_focus(self.query_one(UrlField))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the response shown allows, and nothing before all is mounted."""
        if not self.is_mounted:
            return False
        if action == "cancel":
            return isinstance(self.response, InFlight | FromHistory)
        if action in NEED_ENTRY:
            return (self._entry_in_tree or self.collection.open_entry) is not None
        return is_applicable(self.response, action)

    def open_path(self, path: Path) -> None:
        """Open a saved request."""
        self.run_guarded(self.collection.open(path))

    def use_actions(self, actions: tuple[Action, ...]) -> None:
        """Name other keys from now on."""
        self.actions = actions
        if self.is_mounted:
            self._update_footer()
            self.query_one(TopBar).refresh()
            self.response = self.slot.state

    def switch_environment(self, environment: Environment) -> None:
        """Use another environment."""
        self.session = self.session.with_environment(environment)

    # Messages

    @on(RequestPane.Changed)
    def _draft_changed(self) -> None:
        self._draft_shown()

    @on(RequestPane.Previewed)
    def _draft_previewed(self, event: RequestPane.Previewed) -> None:
        bucket = event.preview.bucket
        # Queries are scarce, so their quota is shown where nothing else counts.
        self.quota.follow(bucket if is_worth_showing(bucket) else Bucket.QUERY)

    @on(EditableRows.CorrectRequested)
    def _correct_requested(self) -> None:
        self.run_guarded(self.hints.correct_row())

    @on(RequestPane.InputRenamed)
    def _input_renamed(self, event: RequestPane.InputRenamed) -> None:
        self.run_guarded(self.inputs.follow_rename(event.old, event.new))

    @on(RequestPane.SendRequested)
    def _send_requested(self) -> None:
        self.action_send()

    @on(UrlField.ImportRequested)
    def _import_requested(self, event: UrlField.ImportRequested) -> None:
        self.run_guarded(self.commands.import_pasted(event.text))

    def on_paste(self, event: Paste) -> None:
        """Import a curl command or a URL, wherever it is pasted outside fields."""
        if is_importable(event.text):
            event.stop()
            self.run_guarded(self.commands.import_pasted(event.text.strip()))

    @on(ResponsePane.CompareRequested)
    def _compare_requested(self) -> None:
        self.run_guarded(self.history.compare_with_before())

    @on(ResponsePane.FollowUpRequested)
    def _follow_up_requested(self, event: ResponsePane.FollowUpRequested) -> None:
        self.run_guarded(self._run_next_action(event.action, event.index))

    def on_operation_docs_catalogue_requested(
        self, event: OperationDocs.CatalogueRequested
    ) -> None:
        """Show the catalogue at the operation of the Docs tab."""
        self.run_guarded(
            self.commands.choose_operation(event.query, event.operation_id)
        )

    @on(CollectionTree.Asked)
    def _names_requested(self, event: CollectionTree.Asked) -> None:
        if event.action == "find":
            self.action_find()
        else:
            work = self.tree_controller.handle(event.action, event.entry, event.count)
            self.run_guarded(work)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Name the keys of the widget in focus."""
        self._update_footer()

    @on(EditableRows.Moved)
    def _update_footer(self) -> None:
        self.pane_layout.update_footer(self.actions, self.response)

    def on_resize(self, event: Resize) -> None:
        """Fit the panes to the terminal."""
        self.pane_layout.on_resize(event.size)

    def watch_session(self, session: Session) -> None:
        """Use the environment of the session and its settings; name its collection."""
        self.environment = session.environment
        self.history.use_limits(session.settings.history)
        self._show_collection(session)

    def _show_collection(self, session: Session) -> None:
        root = session.collection.root
        self.query_one("#sidebar").border_title = _collection_title(root)

    def show_title(self) -> None:
        """Show what the draft is called, and whether it is saved."""
        parts = [self.draft.name or "New request"]
        if self.collection.unsaved:
            parts.append("●")
        if label := self.collection.file_state.label:
            parts.append(f"({label})")
        self.draft_title = " ".join(parts)
        self.collection.mark_open_request()


def _collection_title(root: Path) -> str:
    return Content(sanitize(root.name or str(root))).markup


def _last_name(url: str) -> str:
    """Return the last part of a URL's path."""
    return url.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2]
