"""Sends the draft: prepare, ask where it must be asked, start the call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.core.errors import CredentialError, DraftError, Field
from mixtui.core.guarding import question
from mixtui.core.prepare import PreparedRequest, prepare
from mixtui.ui.call import Call, Slot
from mixtui.ui.dialogs import ConfirmDialog
from mixtui.ui.typed_dialog import TypedDialog

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen


@dataclass(frozen=True, slots=True)
class _Refused:
    """A draft that could not be prepared."""

    error: DraftError | CredentialError


class Sender:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    async def ask_and_send(self) -> None:
        """Prepare the draft, ask about writes, and start sending."""
        screen = self._screen
        draft, slot = screen.draft, screen.desk.slot
        prepared = self._prepared()
        if isinstance(prepared, _Refused):
            await self._refuse(prepared.error)
            return
        if not await self._may_send(prepared, slot):
            return
        if (running := _running(slot)) is not None:
            screen.calls.cancel(running)
        opened = screen.desk.open_request
        path = opened.path if opened is not None else None
        screen.calls.start(prepared, slot, draft, path)

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

    async def _may_send(self, request: PreparedRequest, slot: Slot) -> bool:
        """Ask before a write where it must be asked."""
        writes = request.safety.writes
        if (running := _running(slot)) is not None and (
            writes or running.request.safety.writes
        ):
            if not await self._sure(
                "A request is still on its way, and one of the two writes. "
                "Stop it, and send this one?"
            ):
                return False
            if not request.safety.writes:
                return True
        asked = question(request, self._screen.environment)
        if asked is None:
            return True
        if asked.word:
            dialog = TypedDialog(f"{asked.sentence}.", asked.word)
            return await self._screen.app.push_screen_wait(dialog)
        return await self._sure(f"{asked.sentence}. Send it?")

    async def _sure(self, question: str) -> bool:
        dialog = ConfirmDialog(question, yes="Send it", dangerous=True)
        return await self._screen.app.push_screen_wait(dialog) is True


def _running(slot: Slot) -> Call | None:
    """What is still on its way from a slot."""
    return slot.call if slot.call is not None and slot.call.on_its_way else None
