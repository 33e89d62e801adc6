"""From the catalogue to a draft: choose an operation, and go to what it needs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mixtui.ui.widgets.url_field import UrlField

if TYPE_CHECKING:
    from mixtui.mixpanel.operations import Operation
    from mixtui.ui.main_screen import MainScreen


async def choose_operation(screen: MainScreen, words: str = "", at: str = "") -> None:
    """Choose an operation, and begin a request with it.

    Asks before unsaved work is lost, after the choice: looking costs nothing.

    Args:
        screen: Where the draft is.
        words: What is looked for at first.
        at: The id of the operation to begin at.
    """
    from mixtui.ui.operations_screen import OperationsScreen

    dialog = OperationsScreen(words, at, actions=screen.app.actions)
    chosen = await screen.app.push_screen_wait(dialog)
    if chosen is not None and await screen.desk.may_leave():
        await start_from_operation(screen, chosen)
        dialog.late.replay_to_app(screen.app)


async def start_from_operation(screen: MainScreen, operation: Operation) -> None:
    """Make it the draft, unsaved, and go to the first thing that only a person knows."""
    from textual.widgets.input import Selection

    from mixtui.core.first_gap import MissingRow, MissingUrlPart, first_missing
    from mixtui.core.new_draft import draft_from_operation

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
