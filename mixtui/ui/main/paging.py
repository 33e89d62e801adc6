"""Pages of a profile query: the next one here, or all of them into a file."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mixtui.document.document import read
from mixtui.key_names import key_of
from mixtui.model.errors import MixtuiError, SendError
from mixtui.outcome.outcome import Outcome, OutcomeKind
from mixtui.outcome.paging import (
    QUOTA_NOTE,
    CollectionProgress,
    Page,
    collect,
    draft_with_parameters,
    is_profile_query,
    page_parameters,
    read_page,
    size_label,
    start_collection,
    with_parameters,
)
from mixtui.outcome.quota import quota_accounts
from mixtui.storage.files import PartFile
from mixtui.text import pluralise, size
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.dialogs.saving import SaveChoice, SaveDialog, suggest_file_name
from mixtui.ui.main.send import Declined
from mixtui.ui.response.state import (
    Failed,
    FromHistory,
    Received,
    RequestRun,
    RequestSlot,
    Sending,
)

if TYPE_CHECKING:
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest
    from mixtui.ui.main.host import Host
    from mixtui.ui.main.runs import RequestRuns
    from mixtui.ui.main.send import SendController


class PageJob:
    """Collects all pages, from the one shown, in a file.

    It is a run of its own: the slot that it came from stays free for other requests.
    """

    def __init__(
        self,
        host: Host,
        runs: RequestRuns,
        run: RequestRun,
        state: Received,
        page: Page,
        answer: SaveChoice,
    ) -> None:
        self._host = host
        self._runs = runs
        self._page = page
        self._request = state.exchange.request
        self._started = state.exchange.timing.started.timestamp()
        self._last = state.exchange
        self._answer = answer
        self._progress = start_collection(page)
        self._file: PartFile | None = None
        sending = Sending(self._request, time.monotonic())
        self._entry = RequestRun(
            RequestSlot(),
            answer.path.name,
            None,
            run.draft,
            self._request,
            (),
            sending,
        )
        self._entry.slot.run = self._entry

    def start(self) -> None:
        """Start collecting in a worker of the screen."""
        self._runs.add_job(self._entry, self._work)
        self._host.notify_text(
            f"Collecting all pages in {self._answer.path.name}. Press "
            f"{key_of('activity')} to see progress or stop."
        )

    async def _work(self) -> None:
        try:
            self._file = await asyncio.to_thread(
                lambda: PartFile(self._answer.path, overwrite=self._answer.overwrite)
            )
            await self._collect()
        except MixtuiError as error:
            self._fail(str(error))
        except asyncio.CancelledError:
            self._host.notify_text(
                f"Stopped. {self._remaining_label()}", severity="warning"
            )
            if self._file is not None:
                self._file.close_partial()
            raise

    async def _collect(self) -> None:
        if self._page.number == 0:
            await self._write(self._page.profiles)
            collection_progress = self._progress
        else:
            collection_progress = replace(
                self._progress,
                number=-1,
                session_id=self._page.session_id,
                pages=0,
                profiles=0,
            )
        self._report(collection_progress)
        while not (
            collection_progress := await self._collect_from(collection_progress)
        ).is_complete:
            if not await self._ask_to_go_on(collection_progress):
                self._fail(collection_progress.problem)
                return
        assert self._file is not None
        await asyncio.to_thread(self._file.finish)
        self._complete(collection_progress, self._file.size)

    async def _collect_from(
        self, collection_progress: CollectionProgress
    ) -> CollectionProgress:
        return await collect(
            self._request,
            collection_progress,
            self._started,
            send=self._send,
            write=self._write,
            on_progress=self._report,
        )

    async def _send(self, request: PreparedRequest) -> Exchange:
        completed = await self._runs.send_quietly(request)
        self._last = completed.exchange
        return self._last

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        assert self._file is not None
        lines = b"".join(profile + b"\n" for profile in profiles)
        await asyncio.to_thread(self._file.write, lines)

    def _report(self, collection_progress: CollectionProgress) -> None:
        """Update the progress that the list of runs shows."""
        self._progress = collection_progress
        self._entry.progress = collection_progress.progress

    async def _ask_to_go_on(self, collection_progress: CollectionProgress) -> bool:
        question = f"{collection_progress.problem} {self._stored_part()} Continue from page {collection_progress.number + 2}?"
        dialog = ConfirmDialog(
            question, yes="Continue", no="Stop", title="Incomplete download"
        )
        return await self._host.ask(dialog) is True

    def _stored_part(self) -> str:
        if self._file is None:
            return "Nothing was saved."
        return f"Saved in {self._file.part_path}: {self._progress.summary}."

    def _remaining_label(self) -> str:
        """Describe what was stored, and how to get the rest."""
        if self._file is None:
            return self._stored_part()
        return f"{self._stored_part()} {self._progress.resume_hint}".rstrip()

    def _fail(self, problem: str) -> None:
        left = self._remaining_label()
        if self._file is not None:
            self._file.close_partial()
        text = f"{problem} {left}"
        ended = Outcome(OutcomeKind.INCOMPLETE, "incomplete", text)
        self._end(Failed(self._request, SendError(text), ended))
        self._host.notify_text(text, severity="error")

    def _complete(self, collection_progress: CollectionProgress, length: int) -> None:
        text = f"{collection_progress.summary} in {self._answer.path}, {size(length)}."
        self._entry.progress = collection_progress.summary
        kind = OutcomeKind.ACCEPTED
        if collection_progress.shortfall:
            kind, text = (
                OutcomeKind.INCOMPLETE,
                f"{text} {collection_progress.shortfall}",
            )
        ended = Outcome(kind, kind.value, f"All pages: {text}")
        response = self._last.response
        last = read(response.body, response.media_type)
        self._end(Received(self._last, ended, last))
        self._host.notify_text(f"All pages: {text}")

    def _end(self, state: Received | Failed) -> None:
        self._runs.set_state(self._entry, state)


_LARGEST = 200_000_000
"""Bytes of a page; 1,000 profiles are far less."""


class NoPage(MixtuiError):
    """There is no page to request; says why."""


async def next_page(host: Host, runs: RequestRuns, sender: SendController) -> None:
    """Request the page after the one shown.

    Raises:
        NoPage: There is none.
        DraftError: It cannot be asked for with such a body.
    """
    run, state, page = await _shown_page(host)
    if page.is_last:
        raise NoPage("This is the last page.")
    started = state.exchange.timing.started.timestamp()
    request = state.exchange.request
    values = page_parameters(request, page.session_id, page.number + 1, started)
    prepared_request = with_parameters(request, values)
    environment = host.session.environments.get(request.environment)
    accounts = quota_accounts(prepared_request, environment or host.environment)
    wait = await sender.wait(prepared_request, accounts)
    if isinstance(wait, Declined):
        return
    draft = draft_with_parameters(run.draft, values)
    runs.start(
        prepared_request,
        run.slot,
        draft,
        run.path,
        accounts,
        wait,
        answers=run.answers,
    )


async def all_pages(host: Host, runs: RequestRuns) -> None:
    """Show size and cost of all pages, ask for a file, and collect them.

    Raises:
        NoPage: The response is not a page.
        StorageError: The file cannot be written.
    """
    run, state, page = await _shown_page(host)
    if page.number and not page.session_id:
        raise NoPage("This page has no session ID. Request the first page again.")
    question = f"{size_label(page)[:1].upper()}{size_label(page)[1:]}. {_cost(page)}"
    if not await host.ask(
        ConfirmDialog(question, yes="Choose a file…", title="All pages to file")
    ):
        return
    name = suggest_file_name(run.name or "profiles", ".jsonl")
    answer = await host.ask(
        SaveDialog(name, title="Save all pages (one profile per line)")
    )
    if answer is not None:
        PageJob(host, runs, run, state, page, answer).start()


def _cost(page: Page) -> str:
    if page.number == 0 and page.is_last:
        return "All profiles are already here; no requests needed."
    if page.number == 0:
        more = pluralise(page.pages - 1, "request") if page.pages else "more requests"
        return f"Page 1 is already here; the rest take {more}. {QUOTA_NOTE}"
    return f"Collection starts again at page 1. {QUOTA_NOTE}"


async def _shown_page(host: Host) -> tuple[RequestRun, Received, Page]:
    run = host.slot.run
    if isinstance(host.slot.state, FromHistory):
        send = key_of("send")
        raise NoPage(f"This response is from history. Send the query again ({send}).")
    if run is None or not isinstance(run.state, Received):
        raise NoPage("No profiles here yet. Send a profile query first.")
    state = run.state
    source = state.document.source
    page = None
    answered = (
        is_profile_query(state.exchange.request) and not state.outcome.exit_status
    )
    if answered and source.size <= _LARGEST:
        page = await asyncio.to_thread(lambda: read_page(source.read(0, source.size)))
    if page is None:
        raise NoPage("This response is not a page of profiles (POST /query/engage).")
    return run, state, page
