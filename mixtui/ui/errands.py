"""What the main screen does with other screens and other programs.

Those are imported when they are used: the first screen should not wait for them.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.widget import Widget

from mixtui.core.requests import Body, BodyType
from mixtui.session import Session, open_session, sandbox_environments
from mixtui.ui.widgets.tab_bar import TabBar
from mixtui.ui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from mixtui.ui.environment_store import FileEnvironmentStore
    from mixtui.ui.main_screen import MainScreen


async def edit_body(screen: MainScreen) -> None:
    """Edit the body in $VISUAL or $EDITOR."""
    from mixtui.ui.external_editor import EditorError, edit, editor_command
    from mixtui.ui.external_program import in_terminal

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
    from mixtui.ui.activity_dialog import ActivityDialog

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
    from mixtui.ui.environments_screen import EnvironmentsScreen

    session = screen.session
    store = environment_store(session)
    used = session.environment
    current = used.name if session.environments.get(used.name) else ""
    chosen = await screen.app.push_screen_wait(
        EnvironmentsScreen(store, current, actions=screen.app.actions)
    )
    reopen(screen, chosen or current)


def environment_store(session: Session) -> FileEnvironmentStore:
    """Where the person's environments are read and changed."""
    from mixtui.ui.environment_store import FileEnvironmentStore

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
    from mixtui.ui.taking_over import PasteImport

    await PasteImport(screen).run(text)


async def import_file(screen: MainScreen) -> None:
    """Turn a file of another program into saved requests."""
    from mixtui.ui.file_import import FileImport

    await FileImport(screen).run()


async def copy_request_as(screen: MainScreen) -> None:
    """Copy the draft as another program's command."""
    from mixtui.ui.copying_as import copy_as

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
    from mixtui.ui.jump import JumpOverlay, JumpTarget

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
