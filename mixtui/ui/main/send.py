"""Sending the draft: prepare it, confirm writes and quota, start the run."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from mixtui.key_names import key_of
from mixtui.model.errors import CredentialError, DraftError, Field
from mixtui.model.prepared import PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.model.trust import TrustError
from mixtui.request.confirmation import required_confirmation
from mixtui.request.inputs import bind_inputs, used_inputs
from mixtui.request.powers import template_texts
from mixtui.request.prepare import check_before_inputs, prepare
from mixtui.request.secret_values import typed_secrets
from mixtui.request.templates import Values, value_sources
from mixtui.ui.response.state import Queued, RequestRun, RequestSlot

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.model.quota import Account
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.main.inputs import InputController
    from mixtui.ui.main.quota import QuotaController
    from mixtui.ui.main.runs import RequestRuns
    from mixtui.ui.main.trust import TrustController


class _PrepareFailed(Struct, frozen=True):
    """A draft that could not be prepared."""

    error: DraftError | CredentialError


class _Ready(Struct, frozen=True):
    """A draft that can be sent."""

    request: PreparedRequest
    draft: Draft
    values: Values
    """Where its templates got their values."""


class Declined(Struct, frozen=True):
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
        inputs: InputController,
    ) -> None:
        self._host = host
        self._collection = collection
        self._quota = quota
        self._runs = runs
        self._trust = trust
        self._inputs = inputs

    async def ask_and_send(self, *, later: bool = False) -> None:
        """Prepare the draft, ask about writes and a used-up quota, and start sending.

        Args:
            later: Wait for a slot without being asked.
        """
        draft = self._host.draft
        if (ready := await self._prepare_asking(draft)) is not None:
            await self._send(ready, later=later)

    async def preview(self) -> None:
        """Show what would be sent; send exactly that if the person says so."""
        from mixtui.outcome.quota import quota_accounts
        from mixtui.ui.main.preview import PreviewScreen, RequestPreview

        host = self._host
        draft = host.draft
        if (ready := await self._prepare_asking(draft, "Preview")) is None:
            return
        prepared = ready.request
        accounts = quota_accounts(prepared, host.environment)
        preview = RequestPreview(
            prepared,
            frozenset(row.name.lower() for row in draft.headers if row.enabled),
            value_sources(template_texts(draft), bind_inputs(draft, ready.values)),
            await self._quota.standing(accounts),
            host.request_pane.hints,
        )
        if await host.ask(PreviewScreen(preview, host.actions)):
            await self._send(ready)

    async def _send(self, ready: _Ready, *, later: bool = False) -> None:
        host, prepared = self._host, ready.request
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
        self._runs.start(
            prepared,
            slot,
            ready.draft,
            path,
            accounts,
            wait,
            answers=ready.values.answers,
        )

    async def _prepare_asking(self, draft: Draft, verb: str = "Send") -> _Ready | None:
        """Prepare the draft, after the questions that this needs; None = it cannot be.

        Args:
            draft: What is edited.
            verb: What happens next, for the form of its inputs.
        """
        values = Values(self._host.environment)
        is_asked = not used_inputs(draft)
        while True:
            # Nobody is asked for values of what cannot be sent.
            step = self._prepare(draft, values) if is_asked else self._check(draft)
            match step:
                case PreparedRequest():
                    return _Ready(step, draft, values)
                case _PrepareFailed(error):
                    await self._refuse(error)
                    return None
                case TrustError():
                    if not await self._trust.ask(step):
                        return None
                case None:
                    answers = await self._inputs.ask(draft, verb)
                    if answers is None:
                        return None
                    values, is_asked = replace(values, answers=answers), True

    def _check(self, draft: Draft) -> _PrepareFailed | TrustError | None:
        """Return what keeps a draft from being sent, whatever the values of its inputs."""
        values = Values(self._host.environment)
        try:
            check_before_inputs(draft, values, self._collection.origin)
        except TrustError as error:
            return error
        except (DraftError, CredentialError) as error:
            return _PrepareFailed(error)
        return None

    def _prepare(
        self, draft: Draft, values: Values
    ) -> PreparedRequest | _PrepareFailed | TrustError:
        environment = self._host.environment
        try:
            return prepare(
                draft, environment, origin=self._collection.origin, values=values
            )
        except TrustError as error:
            return error
        except (DraftError, CredentialError) as error:
            return _PrepareFailed(error)

    async def _refuse(self, error: DraftError | CredentialError) -> None:
        """Report why nothing was sent, go to the field, offer what was probably meant."""
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

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
        from mixtui.ui.dialogs.dialogs import TypeToConfirmDialog

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
        from mixtui.ui.dialogs.dialogs import ChoiceDialog

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
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

        dialog = ConfirmDialog(question, yes="Send", dangerous=True)
        return await self._host.ask(dialog) is True


def _running(slot: RequestSlot) -> RequestRun | None:
    """Return the run of a slot that is still in flight."""
    return slot.run if slot.run is not None and slot.run.is_in_flight else None
