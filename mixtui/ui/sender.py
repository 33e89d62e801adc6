"""Sends the draft: prepare, ask where it must be asked, send, judge, show."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.core.errors import (
    CredentialError,
    DraftError,
    Field,
    SendError,
    SettingsError,
)
from mixtui.core.prepare import PreparedRequest, prepare
from mixtui.mixpanel.endpoints import Safety
from mixtui.ui.dialogs import ConfirmDialog
from mixtui.ui.state import Cancelled, Failed, Received, ResponseState, Sending

if TYPE_CHECKING:
    from mixtui.core.client import Client, Progress
    from mixtui.ui.main_screen import MainScreen

MakeClient = Callable[[], "Client"]
"""Called at the first send: a start does not wait for the network's libraries."""
GROUP = "send"
"""The worker group of requests on their way: at most one."""


@dataclass(frozen=True, slots=True)
class _Refused:
    """A draft that could not be prepared."""

    error: DraftError | CredentialError


class Sender:
    """Runs one request at a time; its coroutines run in a worker of the screen."""

    def __init__(self, screen: MainScreen, make_client: MakeClient) -> None:
        self._screen = screen
        self._make_client = make_client
        self._client: Client | None = None

    @property
    def sending(self) -> Sending | None:
        """The request on its way, or None."""
        state = self._screen.response
        return state if isinstance(state, Sending) else None

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()

    async def ask_and_send(self) -> None:
        """Prepare the draft, ask about writes, and start sending."""
        prepared = self._prepared()
        if isinstance(prepared, _Refused):
            await self._refuse(prepared.error)
            return
        if not await self._may_send(prepared):
            return
        self._screen.run_worker(
            self._send(prepared), group=GROUP, exclusive=True, exit_on_error=True
        )

    def cancel(self) -> None:
        """Stop the request that is on its way."""
        sending = self.sending
        if sending is not None:
            self._screen.workers.cancel_group(self._screen, GROUP)
            waited = time.monotonic() - sending.started
            self._screen.response = Cancelled(sending.request, waited)

    def _prepared(self) -> PreparedRequest | _Refused:
        screen = self._screen
        try:
            return prepare(screen.draft, screen.environment, folder=screen.desk.folder)
        except (DraftError, CredentialError) as error:
            return _Refused(error)

    async def _refuse(self, error: DraftError | CredentialError) -> None:
        """Nothing was sent: say why, go to the field, offer what was probably meant."""
        screen = self._screen
        suggestion = error.suggestion if isinstance(error, DraftError) else None
        if suggestion is not None:
            shown = f"{suggestion.api.label} {suggestion.url or '(empty)'}"
            if await screen.app.push_screen_wait(
                ConfirmDialog(f"{error}\n\nChange it to {shown}?", yes="Change it")
            ):
                screen.draft = suggestion
                return
        else:
            screen.tell(str(error), severity="error")
        field = error.field if isinstance(error, DraftError) else Field.AUTH
        await screen.request_pane.focus_field(field)

    async def _may_send(self, request: PreparedRequest) -> bool:
        """Ask before a write where it must be asked."""
        writes = request.safety is Safety.WRITE
        if (running := self.sending) is not None:
            if not writes and running.request.safety is Safety.READ:
                return True
            return await self._sure(
                "A request is still on its way, and one of the two writes. "
                "Stop it, and send this one?"
            )
        if writes and self._screen.environment.confirm_writes:
            project = request.project_id or "(none)"
            return await self._sure(
                f"{request.method} {request.endpoint.title} writes to project "
                f"{project} in {request.region} ({request.environment}). Send it?"
            )
        return True

    async def _sure(self, question: str) -> bool:
        dialog = ConfirmDialog(question, yes="Send it", dangerous=True)
        return await self._screen.app.push_screen_wait(dialog) is True

    async def _send(self, request: PreparedRequest) -> None:
        sending = Sending(request, time.monotonic())
        self._screen.response = sending
        state = await self._outcome(request)
        # A request that was replaced or cancelled has nothing to show any more.
        if self._screen.response is sending:
            self._screen.response = state

    async def _outcome(self, request: PreparedRequest) -> ResponseState:
        from mixtui.core.document import read
        from mixtui.core.outcome import no_answer, outcome

        if self._client is None:
            self._client = self._make_client()
        try:
            exchange = await self._client.send(request, on_progress=self._progress)
        except SendError as error:
            return Failed(request, error, no_answer(error))
        except (CredentialError, SettingsError) as error:
            return Failed(request, error, None)
        response = exchange.response
        document = await asyncio.to_thread(read, response.body, response.media_type)
        return Received(exchange, outcome(exchange), document)

    def _progress(self, progress: Progress) -> None:
        self._screen.response_pane.progress(progress.bytes)
