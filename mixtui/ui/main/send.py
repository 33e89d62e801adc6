"""Sending the draft: prepare it, confirm writes and quota, start the run."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mixtui.key_names import key_of
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.model.trust import TrustError
from mixtui.request.confirmation import required_confirmation
from mixtui.request.powers import template_texts
from mixtui.request.prepare import prepare
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import Values, value_sources
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog, TypeToConfirmDialog
from mixtui.ui.response.state import Queued, RequestRun, RequestSlot

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.model.quota import Account
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.main.quota import QuotaController
    from mixtui.ui.main.runs import RequestRuns
    from mixtui.ui.main.trust import TrustController


@dataclass(frozen=True, slots=True)
class _PrepareFailed:
    """A draft that could not be prepared."""

    error: DraftError | CredentialError


@dataclass(frozen=True, slots=True)
class Declined:
    """The user decided not to send it."""


class SendController:
    """Sends the draft of the screen, after the questions that it needs.

    Its coroutines wait for dialogs, so they must run in a worker.
    """

    def __init__(
        self,
        host: PaneHost,
        collection: CollectionController,
        quota: QuotaController,
        runs: RequestRuns,
        trust: TrustController,
    ) -> None:
        self._host = host
        self._collection = collection
        self._quota = quota
        self._runs = runs
        self._trust = trust

    async def ask_and_send(self, *, later: bool = False) -> None:
        """Prepare the draft, ask about writes and a used-up quota, and start sending.

        Args:
            later: Wait for a slot without being asked.
        """
        draft = self._host.draft
        if (prepared := await self._prepare_asking()) is not None:
            await self._send(prepared, draft, later=later)

    async def preview(self) -> None:
        """Show what would be sent; send exactly that if the person says so."""
        from mixtui.outcome.quota import quota_accounts
        from mixtui.ui.main.preview import PreviewScreen, RequestPreview

        host = self._host
        draft = host.draft
        if (prepared := await self._prepare_asking()) is None:
            return
        accounts = quota_accounts(prepared, host.environment)
        preview = RequestPreview(
            prepared,
            frozenset(row.name.lower() for row in draft.headers if row.enabled),
            value_sources(template_texts(draft), Values(host.environment)),
            await self._quota.standing(accounts),
            host.request_pane.hints,
        )
        if await host.ask(PreviewScreen(preview, host.actions)):
            await self._send(prepared, draft)

    async def _send(
        self, prepared: PreparedRequest, draft: Draft, *, later: bool = False
    ) -> None:
        host = self._host
        slot = host.slot
        if not await self._may_send(prepared, slot):
            return
        from mixtui.outcome.quota import quota_accounts

        accounts = quota_accounts(prepared, host.environment)
        wait = await self.wait(prepared, accounts, later=later)
        if isinstance(wait, Declined):
            return
        if (running := _running(slot)) is not None:
            self._runs.cancel(running)
        opened = self._collection.open_request
        path = opened.path if opened is not None else None
        self._runs.start(prepared, slot, draft, path, accounts, wait)

    async def _prepare_asking(self) -> PreparedRequest | None:
        """Prepare the draft, after the questions that this needs; None = it cannot be."""
        while True:
            prepared = self._prepare()
            if isinstance(prepared, PreparedRequest):
                return prepared
            if isinstance(prepared, _PrepareFailed):
                await self._refuse(prepared.error)
                return None
            if not await self._trust.ask(prepared):
                return None

    def _prepare(self) -> PreparedRequest | _PrepareFailed | TrustError:
        host = self._host
        try:
            return prepare(host.draft, host.environment, origin=self._collection.origin)
        except TrustError as error:
            return error
        except (DraftError, CredentialError) as error:
            return _PrepareFailed(error)

    async def _refuse(self, error: DraftError | CredentialError) -> None:
        """Report why nothing was sent, go to the field, offer what was probably meant."""
        host = self._host
        suggestion = error.suggestion if isinstance(error, DraftError) else None
        if suggestion is not None:
            typed = Redactor(typed_secrets(suggestion.url, (), None))
            url = typed.redact(suggestion.url) or "(empty)"
            shown = f"{suggestion.api.label} {url}"
            if await host.ask(
                ConfirmDialog(f"{error}\n\nChange it to {shown}?", yes="Change")
            ):
                host.draft = suggestion
                return
        else:
            host.notify_text(str(error), severity="error")
        field = error.field if isinstance(error, DraftError) else Field.AUTH
        await host.request_pane.focus_field(field)

    async def _may_send(self, request: PreparedRequest, slot: RequestSlot) -> bool:
        """Ask for confirmation of a write where it is needed."""
        writes = request.safety.writes
        if (running := _running(slot)) is not None and (
            writes or running.request.safety.writes
        ):
            if not await self._confirm(
                "A request is still in flight, and one of the two is a write. "
                "Cancel it and send this one?"
            ):
                return False
            if not request.safety.writes:
                return True
        confirmation = required_confirmation(request, self._host.environment)
        if confirmation is None:
            return True
        if confirmation.required_text:
            dialog = TypeToConfirmDialog(
                f"{confirmation.sentence}.", confirmation.required_text
            )
            return await self._host.ask(dialog)
        return await self._confirm(f"{confirmation.sentence}. Send it?")

    async def wait(
        self,
        request: PreparedRequest,
        accounts: tuple[Account, ...],
        *,
        later: bool = False,
    ) -> Queued | Declined | None:
        """Decide whether to wait for a slot of the quota; None = send at once.

        Args:
            request: What is to be sent.
            accounts: What it counts for.
            later: Wait without asking.
        """
        host = self._host
        if request.safety.writes:
            if later:
                host.notify_text(
                    f"Writes cannot be scheduled. Send it now ({key_of('send')})."
                )
                return Declined()
            return None
        full = await self._quota.exhausted(accounts)
        if full is None:
            return None
        now = time.time()
        wait = Queued(request, full.free_at(now), full.count)
        if later:
            return wait
        dialog = ChoiceDialog[Queued | Literal["now"]](
            f"The quota of {full.account.owner} seems to be used up: "
            f"{full.label(now)}.",
            (
                ("w", "Wait, then send", wait),
                ("s", "Send now", "now"),
            ),
            title="Quota",
        )
        chosen = await host.ask(dialog)
        if chosen is None:
            return Declined()
        return None if chosen == "now" else chosen

    async def _confirm(self, question: str) -> bool:
        dialog = ConfirmDialog(question, yes="Send", dangerous=True)
        return await self._host.ask(dialog) is True


def _running(slot: RequestSlot) -> RequestRun | None:
    """Return the run of a slot that is still in flight."""
    return slot.run if slot.run is not None and slot.run.is_in_flight else None
