"""Collects all pages of a profile query: one entry in the list of calls."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from mixtui.core.document import read
from mixtui.core.errors import MixtuiError, SendError
from mixtui.core.outcome import Outcome, OutcomeKind
from mixtui.core.page_collecting import CollectionProgress, collect, start_collection
from mixtui.core.profile_pages import Page
from mixtui.core.words import size
from mixtui.storage.part_file import PartFile
from mixtui.ui.call import RequestRun, RequestSlot
from mixtui.ui.dialogs import ConfirmDialog
from mixtui.ui.save_dialog import SaveAnswer
from mixtui.ui.state import Failed, Received, Sending

if TYPE_CHECKING:
    from mixtui.core.exchange import Exchange
    from mixtui.core.prepare import PreparedRequest
    from mixtui.ui.main_screen import MainScreen


class PageJob:
    """One collection, from the page that is shown to the file.

    It is a call of its own: the request that it came from stays free for other use.
    """

    def __init__(
        self,
        screen: MainScreen,
        call: RequestRun,
        state: Received,
        page: Page,
        answer: SaveAnswer,
    ) -> None:
        self._screen = screen
        self._page = page
        self._request = state.exchange.request
        self._started = state.exchange.timing.started.timestamp()
        self._last = state.exchange
        self._answer = answer
        self._here = start_collection(page)
        self._file: PartFile | None = None
        sending = Sending(self._request, time.monotonic())
        self._call = RequestRun(
            RequestSlot(),
            answer.path.name,
            None,
            call.draft,
            self._request,
            (),
            sending,
        )
        self._call.slot.call = self._call

    def start(self) -> None:
        """Begin, in a worker of the screen."""
        self._screen.calls.add_job(self._call, self._run)
        self._screen.notify_text(
            f"Collecting all pages in {self._answer.path.name}: ctrl+b shows how far it "
            "is, and stops it."
        )

    async def _run(self) -> None:
        try:
            self._file = await asyncio.to_thread(
                lambda: PartFile(self._answer.path, overwrite=self._answer.overwrite)
            )
            await self._collect()
        except MixtuiError as error:
            self._failed(str(error))
        except asyncio.CancelledError:
            self._screen.notify_text(f"Stopped. {self._left()}", severity="warning")
            if self._file is not None:
                self._file.keep()
            raise

    async def _collect(self) -> None:
        if self._page.number == 0:
            await self._write(self._page.profiles)
            here = self._here
        else:
            here = replace(
                self._here,
                number=-1,
                session_id=self._page.session_id,
                pages=0,
                profiles=0,
            )
        self._tell(here)
        while not (here := await self._on_from(here)).complete:
            if not await self._goes_on(here):
                self._failed(here.problem)
                return
        assert self._file is not None
        await asyncio.to_thread(self._file.finish)
        self._done(here, self._file.size)

    async def _on_from(self, here: CollectionProgress) -> CollectionProgress:
        return await collect(
            self._request,
            here,
            self._started,
            send=self._send,
            write=self._write,
            told=self._tell,
        )

    async def _send(self, request: PreparedRequest) -> Exchange:
        self._last = await self._screen.calls.send_quietly(request)
        return self._last

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        assert self._file is not None
        lines = b"".join(profile + b"\n" for profile in profiles)
        await asyncio.to_thread(self._file.write, lines)

    def _tell(self, here: CollectionProgress) -> None:
        """The list of calls looks at it while something is on its way."""
        self._here = here
        self._call.progress = here.progress

    async def _goes_on(self, here: CollectionProgress) -> bool:
        question = f"{here.problem} {self._kept()} Go on from page {here.number + 2}?"
        dialog = ConfirmDialog(question, yes="Go on", no="Stop", title="Not all pages")
        return await self._screen.app.push_screen_wait(dialog) is True

    def _kept(self) -> str:
        if self._file is None:
            return "Nothing was written."
        return f"Kept in {self._file.part}: {self._here.summary}."

    def _left(self) -> str:
        """What was kept, and how to get the rest."""
        if self._file is None:
            return self._kept()
        return f"{self._kept()} {self._here.rest}".rstrip()

    def _failed(self, problem: str) -> None:
        left = self._left()
        if self._file is not None:
            self._file.keep()
        words = f"{problem} {left}"
        ended = Outcome(OutcomeKind.INCOMPLETE, "incomplete", words)
        self._end(Failed(self._request, SendError(words), ended))
        self._screen.notify_text(words, severity="error")

    def _done(self, here: CollectionProgress, length: int) -> None:
        words = f"{here.summary} in {self._answer.path}, {size(length)}."
        self._call.progress = here.summary
        ended = Outcome(OutcomeKind.ACCEPTED, "accepted", f"All pages: {words}")
        response = self._last.response
        last = read(response.body, response.media_type)
        self._end(Received(self._last, ended, last))
        self._screen.notify_text(f"All pages: {words}")

    def _end(self, state: Received | Failed) -> None:
        self._call.state = state
        self._screen.call_changed(self._call)
