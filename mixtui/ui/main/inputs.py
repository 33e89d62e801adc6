"""The inputs of the open request: asks for them, and remembers what was entered last."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.model.errors import StorageError
from mixtui.request.inputs import answer_problem, used_inputs
from mixtui.request.secret_values import is_secret_input
from mixtui.request.templates import Values
from mixtui.storage.answers import AnswerStore

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Host
    from mixtui.ui.main.names import ProjectNamesController
    from mixtui.ui.response.state import RequestSlot


class InputController:
    """Asks for the inputs of the draft, with the last values of its request.

    Its coroutines wait for a dialog, so they must run in a worker.
    """

    def __init__(
        self,
        host: Host,
        collection: CollectionController,
        names: ProjectNamesController,
    ) -> None:
        self._host = host
        self._collection = collection
        self._names = names

    async def ask(self, draft: Draft, verb: str = "Send") -> Mapping[str, str] | None:
        """Ask for the inputs that a draft uses; return the answers, None = cancelled.

        Args:
            draft: Declares them.
            verb: What happens next.
        """
        from mixtui.ui.dialogs.inputs import InputsDialog

        inputs = used_inputs(draft)
        if not inputs:
            return {}
        values = Values(self._host.environment)
        slot, opened = self._host.slot, self._collection.open_request
        before = await last_answers(opened.path if opened is not None else None, slot)
        entered = await self._host.ask(
            InputsDialog(
                f"{verb} {draft.name or 'request'}",
                inputs,
                before,
                verb=verb,
                names=self._names,
                values=values,
                check=lambda declared, text: answer_problem(declared, text, values),
            )
        )
        # Also when it was cancelled: nothing that was typed is lost.
        slot.entered = {**before, **entered.values}
        if not entered.is_sent:
            return None
        defaults = {each.name: each.default for each in inputs}
        # A secret that is not declared as one must not get into a file.
        secrets = {each.name for each in inputs if is_secret_input(draft, each)}
        changed = {
            name: text
            for name, text in slot.entered.items()
            if text != (defaults.get(name) or "") and name not in secrets
        }
        await self._remember(changed)
        answers = {**entered.values, **entered.secrets}
        return {
            name: text
            for name, text in answers.items()
            if text or defaults[name] is None
        }

    async def follow_rename(self, old: str, new: str) -> None:
        """Keep what was entered last for an input that has another name."""
        slot, opened = self._host.slot, self._collection.open_request
        before = await last_answers(opened.path if opened is not None else None, slot)
        slot.entered = {new if n == old else n: text for n, text in before.items()}

    async def _remember(self, values: Mapping[str, str]) -> None:
        opened = self._collection.open_request
        if opened is None:
            return
        try:
            await asyncio.to_thread(AnswerStore().store, opened.path, values)
        except StorageError as error:
            text = f"The values are kept only until you quit: {error}"
            self._host.notify_text(text, severity="warning")


async def last_answers(
    path: Path | None, slot: RequestSlot | None = None
) -> Mapping[str, str]:
    """Return what was entered last for the inputs of a request, without secrets.

    Args:
        path: The saved request; None = it has no file.
        slot: What it is sent from, which remembers more than the file.
    """
    if slot is not None and slot.entered is not None:
        return slot.entered
    answers: Mapping[str, str] = {}
    if path is not None:
        answers = await asyncio.to_thread(AnswerStore().load, path)
    if slot is not None:
        slot.entered = answers
    return answers
