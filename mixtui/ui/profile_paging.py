"""Pages of a profile query: the next one here, or all of them into a file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mixtui.core.errors import MixtuiError
from mixtui.core.profile_pages import (
    QUOTA,
    Page,
    asks_for_profiles,
    draft_with,
    page_values,
    read_page,
    size_words,
    with_values,
)
from mixtui.core.quota_meter import quota_accounts
from mixtui.core.words import pluralise
from mixtui.ui.call import RequestRun
from mixtui.ui.dialogs import ConfirmDialog
from mixtui.ui.page_job import PageJob
from mixtui.ui.save_dialog import SaveDialog
from mixtui.ui.saving import suggested
from mixtui.ui.sender import Declined
from mixtui.ui.state import FromHistory, Received

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen

_LARGEST = 200_000_000
"""Bytes of a page; 1,000 profiles are far less."""


class NoPage(MixtuiError):
    """There is no page to ask for; says why."""


async def next_page(screen: MainScreen) -> None:
    """Ask for the page behind the one that is shown.

    Raises:
        NoPage: There is none.
        DraftError: It cannot be asked for with such a body.
    """
    call, state, page = await _shown(screen)
    if page.is_last:
        raise NoPage("This is the last page: there are no profiles behind it.")
    started = state.exchange.timing.started.timestamp()
    request = state.exchange.request
    values = page_values(request, page.session_id, page.number + 1, started)
    asked = with_values(request, values)
    environment = screen.session.environments.get(request.environment)
    accounts = quota_accounts(asked, environment or screen.environment)
    wait = await screen.sender.wait(asked, accounts)
    if isinstance(wait, Declined):
        return
    draft = draft_with(call.draft, values)
    screen.calls.start(asked, call.slot, draft, call.path, accounts, wait)


async def all_pages(screen: MainScreen) -> None:
    """Say how much it is and what it costs, ask for a file, and collect.

    Raises:
        NoPage: The answer is no page.
        StorageError: The file cannot be written.
    """
    call, state, page = await _shown(screen)
    if page.number and not page.session_id:
        raise NoPage("Ask for the first page again: this one names no session.")
    question = f"{size_words(page)[:1].upper()}{size_words(page)[1:]}. {_cost(page)}"
    if not await screen.app.push_screen_wait(
        ConfirmDialog(question, yes="Choose a file", title="All pages to a file")
    ):
        return
    name = suggested(call.name or "profiles", ".jsonl")
    answer = await screen.app.push_screen_wait(
        SaveDialog(name, title="All pages, a profile a line")
    )
    if answer is not None:
        PageJob(screen, call, state, page, answer).start()


def _cost(page: Page) -> str:
    if page.number == 0 and page.is_last:
        return "All of it is here already: nothing is asked for."
    if page.number == 0:
        more = pluralise(page.pages - 1, "request") if page.pages else "more requests"
        return f"The first page is here: {more} for the others. {QUOTA}"
    return f"They begin again at the first page. {QUOTA}"


async def _shown(screen: MainScreen) -> tuple[RequestRun, Received, Page]:
    call = screen.desk.slot.call
    if isinstance(screen.response, FromHistory):
        raise NoPage("This answer is from the history: send the query again (f5).")
    if call is None or not isinstance(call.state, Received):
        raise NoPage("There is no page of profiles here: send a profile query first.")
    state = call.state
    source = state.document.source
    page = None
    answered = (
        asks_for_profiles(state.exchange.request) and not state.outcome.exit_status
    )
    if answered and source.size <= _LARGEST:
        page = await asyncio.to_thread(lambda: read_page(source.read(0, source.size)))
    if page is None:
        raise NoPage(
            "This answer is no page of profiles, as POST /query/engage gives them."
        )
    return call, state, page
