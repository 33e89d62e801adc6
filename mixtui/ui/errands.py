"""What the main screen does with other screens and other programs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported
from textual.widget import Widget

from mixtui.core.requests import Body, BodyType
from mixtui.session import open_session
from mixtui.ui.external_editor import EditorError, edit, editor_command
from mixtui.ui.jump import JumpOverlay, JumpTarget
from mixtui.ui.widgets.tab_bar import TabBar

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen


async def edit_body(screen: MainScreen) -> None:
    """Edit the body in $VISUAL or $EDITOR."""
    body = screen.draft.body or Body()
    if body.type is BodyType.FILE:
        raise EditorError("The body is a file: edit that file itself.")
    command = editor_command()
    try:
        with screen.app.suspend():
            edited = edit(body, command)
    except SuspendNotSupported:
        raise EditorError("This terminal cannot make room for an editor.") from None
    if edited != body:
        screen.draft = replace(screen.draft, body=edited)
    await screen.request_pane.focus_tab("body")


async def reload_files(screen: MainScreen) -> None:
    """Read collection, environments and settings again; the draft stays."""
    session = screen.session
    fresh = open_session(session.collection.root, sandbox=session.sandbox, lenient=True)
    same = fresh.environments.get(session.environment.name)
    screen.session = fresh.with_environment(same) if same else fresh
    for warning in fresh.warnings:
        screen.tell(warning, severity="warning")
    screen.show_environment()
    screen.reload_tree(None)
    screen.tell("Read again.")


_TABS = {
    "q": "query",
    "h": "headers",
    "b": "body",
    "t": "auth",
    "o": "options",
}


async def jump(screen: MainScreen) -> None:
    """Go to any field, tab or pane by a letter."""
    pane, answer = screen.request_pane, screen.response_pane
    tabs = pane.query_one("#request-tabs", TabBar)
    targets = [
        JumpTarget("m", pane.query_one("#method")),
        JumpTarget("a", pane.query_one("#api")),
        JumpTarget("u", pane.query_one("#url")),
        *(JumpTarget(k, tab, tabs.region_of(tab)) for k, tab in _TABS.items()),
        JumpTarget("s", screen.saved_requests),
        JumpTarget("r", answer.query_one("#response-view")),
        JumpTarget("v", answer.query_one("#response-tabs")),
    ]
    target = await screen.app.push_screen_wait(JumpOverlay(targets))
    if isinstance(target, Widget):
        target.focus()
    elif target is not None:
        await pane.focus_tab(target)
