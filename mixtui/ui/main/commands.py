"""What the main screen does with other screens and other programs.

Those are imported when they are used: the first screen should not wait for them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import SettingsError
from mixtui.storage.tree import RequestEntry

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.collection.finder import FinderIndex
    from mixtui.ui.main.host import Copy, PaneHost
    from mixtui.ui.main.layout import PaneLayout
    from mixtui.ui.main.runs import RequestRuns
    from mixtui.ui.main.setup import SetupController
    from mixtui.ui.sidebar.tree import Entry


class Commands:
    """Commands that open a screen, a dialog or another program.

    Args:
        host: The screen.
        collection: Where requests are opened, begun and imported.
        runs: The requests of this run.
        layout: Brings panes forward.
        copy: Puts text on the clipboard.
        setup: Sets up environments.
    """

    def __init__(
        self,
        host: PaneHost,
        collection: CollectionController,
        runs: RequestRuns,
        layout: PaneLayout,
        copy: Copy,
        setup: SetupController,
    ) -> None:
        self._host = host
        self._collection = collection
        self._runs = runs
        self._layout = layout
        self._copy = copy
        self._setup = setup
        self._finder_index: FinderIndex | None = None

    async def edit_body(self) -> None:
        """Edit the body in $VISUAL or $EDITOR."""
        from mixtui.ui.dialogs.external import (
            EditorError,
            edit,
            editor_command,
            in_terminal,
        )

        host = self._host
        body = host.draft.body or Body()
        if body.type is BodyType.FILE:
            raise EditorError("The body is a file. Edit that file directly.")
        command = editor_command()
        edited = await in_terminal(host.app, lambda: edit(body, command))
        if edited != body:
            host.draft = replace(host.draft, body=edited)
        await host.request_pane.focus_tab("body")

    async def show_jobs(self) -> None:
        """Start, watch, pause, resume and remove bulk jobs."""
        from mixtui.session import SANDBOX_VARIABLE
        from mixtui.storage.paths import state_dir
        from mixtui.ui.jobs.screen import JobsScreen

        session = self._host.session
        variables = {SANDBOX_VARIABLE: session.sandbox} if session.sandbox else {}
        screen = JobsScreen(
            state_dir(),
            session.environment.name,
            variables=variables,
            actions=self._host.actions,
        )
        await self._host.ask(screen)

    async def query_file(self) -> None:
        """Ask files with SQL: which, then what."""
        from mixtui.storage.paths import state_dir
        from mixtui.system import working_folder
        from mixtui.ui.sql.opening import make_sql_screen
        from mixtui.ui.sql.path import QueryPathDialog

        path = await self._host.ask(QueryPathDialog())
        if path is not None:
            screen = await make_sql_screen(
                [path], working_folder(), state_dir(), self._host.actions
            )
            await self._host.ask(screen)

    async def show_activity(self) -> None:
        """List requests in flight and recent responses; open the one chosen."""
        from mixtui.ui.main.activity import ActivityDialog

        chosen = await self._host.ask(ActivityDialog(self._runs))
        if chosen is not None:
            await self._collection.open_run(chosen)
            self._host.set_focus(self._host.response_pane.view)

    async def open_log(self) -> None:
        """Open the log of this run in $PAGER; if it is off, one that was written before."""
        import asyncio

        from mixtui import log
        from mixtui.storage.log_file import log_level, log_path
        from mixtui.storage.paths import state_dir
        from mixtui.ui.dialogs.external import page_file

        is_on = log_level(os.environ.get(log.VARIABLE, "")) is not None
        off = f"The log is off. To turn it on, start mixtui with {log.VARIABLE}=info."
        await asyncio.to_thread(log.flush)
        path = log_path(state_dir())
        if not path.is_file():
            raise SettingsError("The log cannot be written." if is_on else off)
        await page_file(self._host.app, path, at_end=True)
        if not is_on:
            self._host.notify_text(f"This was an older log. {off}")

    async def open_crash_report(self) -> None:
        """Open the newest report of an internal error in $PAGER."""
        from mixtui.storage.crash_report import crash_reports
        from mixtui.storage.paths import state_dir
        from mixtui.ui.dialogs.external import page_file

        reports = crash_reports(state_dir())
        if reports:
            await page_file(self._host.app, reports[0])
        else:
            self._host.notify_text("No crash reports.")

    async def edit_environments(self) -> None:
        """List, switch, add and edit environments."""
        from mixtui.ui.environments.screen import EnvironmentsScreen, SetUp

        host, session = self._host, self._host.session
        name = session.environment.name
        current = name if session.environments.get(name) else ""
        store = session.environment_store()
        screen = EnvironmentsScreen(
            store,
            current,
            actions=self._host.actions,
            tester=self._setup.tester,
            set_up=self._setup.form,
        )
        chosen = await host.ask(screen)
        if isinstance(chosen, SetUp):
            await self._setup.go_on(chosen.name)
        else:
            host.session = session.reopened(chosen or current)

    async def choose_environment(self) -> None:
        """Use another environment, chosen by its number."""
        from mixtui.ui.dialogs.dialogs import ChoiceDialog
        from mixtui.ui.environments.details import summary

        host, session = self._host, self._host.session
        environments = session.environments.all
        if not environments:
            await self.edit_environments()
            return
        choices = [
            # Those beyond the digits are reached by the arrows.
            (
                str(number) if number <= 9 else "·",
                f"{each.name}  {summary(each).plain}",
                each,
            )
            for number, each in enumerate(environments, 1)
        ]
        current, names = session.environment.name, session.environments.names
        chosen = await host.ask(
            ChoiceDialog(
                f"Current environment: {current or '(none)'}",
                choices,
                title="Switch environment",
                start=names.index(current) if current in names else 0,
            )
        )
        if chosen is not None:
            host.session = session.with_environment(chosen)

    async def import_pasted(self, text: str) -> None:
        """Import a curl command or a complete URL as the draft."""
        from mixtui.ui.main.imports import PasteImport

        await PasteImport(self._host, self._collection).run(text)

    async def import_file(self) -> None:
        """Turn a file of another program into saved requests."""
        from mixtui.ui.main.imports import FileImport

        await FileImport(self._host, self._collection, self._layout).run()

    async def copy_request_as(self, entry: Entry | None) -> None:
        """Copy a saved request as another program's command; without one, the draft."""
        from mixtui.ui.main.copy_as import copy_as
        from mixtui.ui.main.inputs import last_answers

        draft, origin = self._host.draft, self._collection.origin
        opened = self._collection.open_request
        source = opened.source if opened is not None else None
        path = opened.path if opened is not None else None
        answers = None
        if isinstance(entry, RequestEntry) and (
            opened is None or entry.path != opened.path
        ):
            request = self._collection.store.open(entry.path)
            draft, source = request.draft, request.source
            origin = self._host.session.origin(entry.path)
            answers = await last_answers(entry.path)
        if answers is None:
            answers = await last_answers(path, self._host.slot)
        await copy_as(self._host, draft, origin, self._copy, source, answers)

    async def find_request(self) -> None:
        """Find a saved request, and open it."""
        from mixtui.ui.main.collection.finder import FinderIndex, find_request

        self._finder_index = index = self._finder_index or FinderIndex()
        await find_request(self._host, self._collection, index, self._host.actions)

    def jump(self) -> None:
        """Go to any field, tab or pane by a letter."""
        from mixtui.ui.main.jump import jump

        jump(self._host, self.show_activity)

    async def resize_panes(self) -> None:
        """Resize the panes with the arrow keys, and remember it."""
        import asyncio

        from mixtui.storage.pane_sizes import store_pane_sizes
        from mixtui.ui.main.resize import Edge, ResizeOverlay

        host, layout = self._host, self._layout
        before = layout.panes
        in_sidebar = host.saved_requests.has_focus
        start = Edge.SIDEBAR if in_sidebar else Edge.SIDE_BY_SIDE
        sizes = await host.ask(
            ResizeOverlay(lambda: layout.panes, layout.resize, start)
        )
        if sizes != before.sizes:
            await asyncio.to_thread(store_pane_sizes, sizes)

    def show_help(self) -> None:
        """Explain what has the focus."""
        from mixtui.ui.help.screen import toggle_help

        toggle_help(self._host.app, self._host.actions)

    async def choose_operation(self, query: str = "", operation_id: str = "") -> None:
        """Choose an operation, and create a request from it.

        Asks before unsaved work is lost, after the choice: looking costs nothing.

        Args:
            query: What is looked for at first.
            operation_id: The operation to begin at.
        """
        from mixtui.ui.catalogue.screen import OperationsScreen

        dialog = OperationsScreen(query, operation_id, actions=self._host.actions)
        chosen = await self._host.ask(dialog)
        if chosen is not None and await self._collection.may_leave():
            await self.start_from_operation(chosen)

    async def start_from_operation(self, operation: Operation) -> None:
        """Load an operation as a new draft, and go to what a person fills in."""
        from mixtui.request.from_operation import (
            MissingPathValue,
            MissingRow,
            draft_from_operation,
            find_first_missing,
        )

        host, pane = self._host, self._host.request_pane
        draft = draft_from_operation(operation)
        self._collection.begin(draft)
        match find_first_missing(draft, operation, host.environment):
            case MissingRow(index):
                await self._layout.bring_request_forward()
                await pane.edit_row(index)
            case MissingPathValue(name):
                await self._layout.bring_request_forward()
                await pane.edit_path(name)
            case _ if draft.query or draft.body:
                await self._layout.bring_request_forward()
                await pane.focus_tab(pane.tab_bar.active)
            case _:
                host.focus_request()
