"""What the main screen does with other screens and other programs.

Those are imported when they are used: the first screen should not wait for them.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from textual.widget import Widget

from mixtui.interchange.export import Exported, Program, export
from mixtui.model.draft import Body, BodyType, Draft
from mixtui.model.prepared import PreparedRequest
from mixtui.model.secrets import SecretReader
from mixtui.request.prepare import prepare
from mixtui.session import Session, open_session, sandbox_environments
from mixtui.ui.dialogs.clipboard import copy_pieces
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.request.url import UrlField
from mixtui.ui.widgets.tabs import TabBar

if TYPE_CHECKING:
    from mixtui.mixpanel.catalogue import Operation
    from mixtui.storage.environment_store import FileEnvironmentStore
    from mixtui.ui.main.screen import MainScreen


async def edit_body(screen: MainScreen) -> None:
    """Edit the body in $VISUAL or $EDITOR."""
    from mixtui.ui.dialogs.external import (
        EditorError,
        edit,
        editor_command,
        in_terminal,
    )

    body = screen.draft.body or Body()
    if body.type is BodyType.FILE:
        raise EditorError("The body is a file: edit that file itself.")
    command = editor_command()
    edited = await in_terminal(screen.app, lambda: edit(body, command))
    if edited != body:
        screen.draft = replace(screen.draft, body=edited)
    await screen.request_pane.focus_tab("body")


async def activity(screen: MainScreen) -> None:
    """List what is on its way and what was answered; open one of them."""
    from mixtui.ui.main.activity import ActivityDialog

    chosen = await screen.app.push_screen_wait(ActivityDialog(screen.calls))
    if chosen is not None:
        await screen.desk.open_call(chosen.call)
        screen.set_focus(screen.response_pane.view)


async def reload_files(screen: MainScreen) -> None:
    """Read collection, environments and settings again; the draft stays."""
    reopen(screen, screen.session.environment.name)
    for warning in screen.session.warnings:
        screen.notify_text(warning, severity="warning")
    screen.reload_tree(None)
    screen.notify_text("Read again.")


async def environments(screen: MainScreen) -> None:
    """List, switch, add and edit environments."""
    from mixtui.ui.environments.screen import EnvironmentsScreen

    session = screen.session
    store = environment_store(session)
    used = session.environment
    current = used.name if session.environments.get(used.name) else ""
    chosen = await screen.app.push_screen_wait(
        EnvironmentsScreen(store, current, actions=screen.actions)
    )
    reopen(screen, chosen or current)


def environment_store(session: Session) -> FileEnvironmentStore:
    """Where the person's environments are read and changed."""
    from mixtui.storage.environment_store import FileEnvironmentStore

    return FileEnvironmentStore(
        session.config,
        session.collection.root,
        session.secrets.variables or os.environ,
        sandbox_environments(session.sandbox),
    )


def reopen(screen: MainScreen, environment: str) -> None:
    """Read everything again and use an environment, if it is still there."""
    old = screen.session
    root = old.collection.root
    # The usual folder is made with the first request: asked for by name it would be
    # missed.
    named = root if root.exists() else None
    fresh = open_session(named, sandbox=old.sandbox, lenient=True)
    found = fresh.environments.get(environment)
    screen.session = fresh.with_environment(found) if found else fresh
    screen.show_environment()


async def import_pasted(screen: MainScreen, text: str) -> None:
    """Take a curl command or a whole URL over as the draft."""
    from mixtui.ui.main.imports import PasteImport

    await PasteImport(screen).run(text)


async def import_file(screen: MainScreen) -> None:
    """Turn a file of another program into saved requests."""
    from mixtui.ui.main.imports import FileImport

    await FileImport(screen).run()


async def copy_request_as(screen: MainScreen) -> None:
    """Copy the draft as another program's command."""

    await copy_as(screen)


_TABS = {
    "q": "query",
    "h": "headers",
    "b": "body",
    "t": "auth",
    "o": "options",
    "d": "docs",
}


def jump(screen: MainScreen) -> None:
    """Go to any field, tab or pane by a letter."""
    from mixtui.ui.main.layout import JumpOverlay, JumpTarget

    pane, answer = screen.request_pane, screen.response_pane
    tabs = pane.query_one("#request-tabs", TabBar)
    targets = [
        JumpTarget("m", pane.query_one("#method")),
        JumpTarget("a", pane.query_one("#api")),
        JumpTarget("u", pane.query_one("#url")),
        *(JumpTarget(k, tab, tabs.region_of(tab)) for k, tab in _TABS.items()),
        JumpTarget("s", screen.saved_requests),
        JumpTarget("r", answer.view),
        JumpTarget("v", answer.query_one("#response-tabs")),
        JumpTarget("l", "activity", screen.query_one(TopBar).region),
    ]

    def go(target: str | Widget | None) -> None:
        if isinstance(target, Widget):
            screen.set_focus(target)
        elif target == "activity":
            screen.run_guarded(activity(screen))
        elif target is not None:
            screen.show_tab(target)

    screen.app.push_screen(JumpOverlay(targets), go)


async def choose_operation(screen: MainScreen, words: str = "", at: str = "") -> None:
    """Choose an operation, and begin a request with it.

    Asks before unsaved work is lost, after the choice: looking costs nothing.

    Args:
        screen: Where the draft is.
        words: What is looked for at first.
        at: The id of the operation to begin at.
    """
    from mixtui.ui.catalogue.screen import OperationsScreen

    dialog = OperationsScreen(words, at, actions=screen.actions)
    chosen = await screen.app.push_screen_wait(dialog)
    if chosen is not None and await screen.desk.may_leave():
        await start_from_operation(screen, chosen)
        dialog.late.replay_to_app(screen.app)


async def start_from_operation(screen: MainScreen, operation: Operation) -> None:
    """Make it the draft, unsaved, and go to the first thing that only a person knows."""
    from textual.widgets.input import Selection

    from mixtui.request.from_operation import (
        MissingRow,
        MissingUrlPart,
        draft_from_operation,
        first_missing,
    )

    draft = draft_from_operation(operation)
    screen.desk.begin(draft)
    await screen.request_pane.show_tab("body" if _is_body(operation) else "query")
    match first_missing(draft, operation, screen.environment):
        case MissingRow(index):
            screen.arrangement.show_request()
            if screen.has_class("-squat"):
                # The pane comes to the front at the next refresh, and takes the focus.
                await _refreshed(screen)
            await screen.request_pane.edit_row(index)
        case MissingUrlPart(start, end):
            screen.focus_request()
            screen.query_one(UrlField).selection = Selection(start, end)
        case _:
            screen.focus_request()


async def _refreshed(screen: MainScreen) -> None:
    done = asyncio.Event()
    # A widget that asks for the focus gets it in a turn of the app.
    screen.call_after_refresh(lambda: screen.app.call_later(done.set))
    await done.wait()


def _is_body(operation: Operation) -> bool:
    """Whether the body is what a person looks at: there are no parameters to fill."""
    return operation.body is not None and not any(
        each.required and not each.given for each in operation.parameters
    )


_ENDINGS = {Program.CURL: ".sh", Program.HTTPIE: ".sh", Program.PYTHON: ".py"}
_PROGRAMS = (
    ("c", Program.CURL.label, Program.CURL),
    ("p", Program.PYTHON.label, Program.PYTHON),
    ("h", Program.HTTPIE.label, Program.HTTPIE),
)


async def copy_as(screen: MainScreen) -> None:
    """Ask for which program, and copy the draft for it.

    Raises:
        MixtuiError: The draft cannot be sent, so it cannot be copied; or a secret that
            was asked for cannot be read.
    """
    draft, environment = screen.draft, screen.environment
    # To write a request down sends nothing.
    writable = replace(environment, read_only=False)
    request = prepare(draft, writable, folder=screen.desk.folder)
    chosen = await screen.app.push_screen_wait(
        ChoiceDialog[Program | Literal["secrets"]](
            "Copy the request with everything that mixtui adds; secrets become "
            "variables.",
            (*_PROGRAMS, ("s", "With the secrets in it…", "secrets")),
            title="Copy as",
        )
    )
    reader: SecretReader | None = None
    program = chosen if isinstance(chosen, Program) else None
    if chosen == "secrets":
        reader = screen.session.secrets
        program = await screen.app.push_screen_wait(
            ChoiceDialog[Program](
                f"The secrets of {environment.name} will be on the clipboard, readable "
                "for all that see it.",
                _PROGRAMS,
                title="Copy with secrets",
            )
        )
    if program is None:
        return
    done = await asyncio.to_thread(_exported, request, draft, program, reader)
    if done.notes:
        screen.notify_text(" ".join(done.notes))
    what = f"The request as {program.label}"
    await copy_pieces(screen, [done.text], what, f"request{_ENDINGS[program]}")


def _exported(
    request: PreparedRequest,
    draft: Draft,
    program: Program,
    reader: SecretReader | None,
) -> Exported:
    return export(request, draft, program, reader=reader)
