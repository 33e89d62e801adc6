"""The history: find old calls, open, send, edit, compare and delete them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from mixtui.actions import HISTORY_COMMANDS, Scope
from mixtui.history.history import Entry, History, HistoryQuery, Purged
from mixtui.model.errors import MixtuiError
from mixtui.text import pluralise, size
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.history.browser import (
    DiffRecords,
    HistoryBrowser,
    HistoryQueryInput,
    OpenRecord,
    Resend,
    RestoreDraft,
)
from mixtui.ui.history.labels import days_ago, entry_label
from mixtui.ui.history.list import HistoryList
from mixtui.ui.keys.keymap import bindings

_OLD = 30
"""Days."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the history."""

    letter: str
    label: str
    """Which calls: ``all calls``, in the middle of a sentence."""
    query: HistoryQuery
    size: Purged

    @property
    def choice(self) -> tuple[str, str, Part]:
        """An answer of a `ChoiceDialog`."""
        amount = f"{pluralise(self.size.count, 'call')}, {size(self.size.bytes)}"
        return self.letter, f"{self.label[:1].upper()}{self.label[1:]}: {amount}", self


def parts(history: History, environment: str | None) -> Sequence[Part]:
    """The parts that have something in them. Blocks.

    Args:
        history: What there is.
        environment: The one of the call under the cursor; None = there is no call.

    Raises:
        StorageError: The history cannot be read.
    """
    if not history.exists:
        return []
    old = HistoryQuery(until=days_ago(_OLD))
    results = [("o", f"calls older than {_OLD} days", old)]
    if environment:
        within = HistoryQuery(environment=environment)
        results.append(("e", f"calls of the environment {environment}", within))
    results.append(("a", "all calls", HistoryQuery()))
    measured = [
        Part(letter, text, query, history.measure_purge(query))
        for letter, text, query in results
    ]
    return [part for part in measured if part.size.count]


def purged_label(purged: Purged) -> str:
    """What was removed, in a sentence."""
    return f"{pluralise(purged.count, 'call')} deleted: {size(purged.bytes)} are free."


class HistoryScreen(HistoryBrowser):
    """Gives what is to be done with an old call; None = nothing.

    Args:
        history: What was kept.
        here: The request that the person came from; None = there is none.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Scope.HISTORY, HISTORY_COMMANDS)

    # What is listed

    def action_filter(self) -> None:
        """Type what to list."""
        field = self.query_one(HistoryQueryInput)
        self.set_focus(field)
        field.cursor_position = len(field.value)

    async def action_alone(self) -> None:
        """List this request alone, or all of them."""
        await self.settled.wait()
        if self.here is not None:
            self.alone = not self.alone
            self.search()

    # What is chosen

    @on(HistoryList.Selected)
    async def _clicked(self, event: HistoryList.Selected) -> None:
        event.stop()
        await self.action_open()

    async def action_open(self) -> None:
        """Show the old answer again."""
        if (entry := await self.read_selected()) is not None:
            self.finish(OpenRecord(entry.id))

    async def action_resend(self) -> None:
        """Send the same request again, if all of it is known."""
        entry = await self.read_selected()
        if entry is not None and entry.incomplete_draft:
            key = self.key_of("restore")
            self.set_note(
                "A secret that was typed into it is masked: get the request back with "
                f"{key}, type the secret again, and send it then.",
                wrong=True,
            )
        elif entry is not None:
            self.finish(Resend(entry.id))

    async def action_restore(self) -> None:
        """Get the request back."""
        if (entry := await self.read_selected()) is not None:
            self.finish(RestoreDraft(entry.id))

    async def action_mark(self) -> None:
        """Mark the call under the cursor, or take the mark away."""
        if (entry := await self.read_selected()) is not None:
            again = self.marked is not None and self.marked.id == entry.id
            self._mark(None if again else entry)

    def _mark(self, entry: Entry | None) -> None:
        self.marked = entry
        self.query_one(HistoryList).marked_id = entry.id if entry else None
        self.show_title()
        key = self.key_of("compare")
        marked = f"Marked: go to another, and {key} compares both."
        self.set_note(marked if entry else self.summary())

    async def action_compare(self) -> None:
        """Compare with the marked one, or with the answer before."""
        entry = await self.read_selected()
        if entry is None:
            return
        other = self.marked
        if other is None:
            try:
                other = await asyncio.to_thread(
                    self.history.previous, entry.identity, entry.id
                )
            except MixtuiError as error:
                self.set_note(str(error), wrong=True)
                return
        problem = self._no_comparison(entry, other)
        if other is None or problem:
            self.set_note(problem, wrong=True)
            return
        older, newer = sorted((other, entry), key=lambda e: (e.started, e.id))
        self.finish(DiffRecords(older.id, newer.id))

    def _no_comparison(self, entry: Entry, other: Entry | None) -> str:
        """Why two cannot be compared; empty = they can."""
        mark = self.key_of("mark")
        if not entry.status:
            return "No answer came to this call: there is nothing to compare."
        if other is None:
            return (
                "No older answer to this request is kept: mark another call with "
                f"{mark} to compare it with this one."
            )
        if other.id == entry.id:
            return "This is the marked call itself: go to another one."
        if not other.status:
            return f"No answer came to the marked call: mark another one with {mark}."
        return ""

    # Deleting

    async def action_delete(self) -> None:
        """Delete the call under the cursor, after a question."""
        if (entry := await self.read_selected()) is None:
            return
        question = (
            f"Delete this call and its answer? {entry_label(entry, datetime.now())}. "
            "It cannot be brought back."
        )

        async def delete() -> None:
            await asyncio.to_thread(self.history.delete, entry.id)
            self._changed([entry.id], "Deleted.")

        self._ask(question, delete)

    async def action_purge(self) -> None:
        """Delete many, after two questions."""
        entry = await self.read_selected()
        environment = entry.environment if entry else None
        try:
            found = await asyncio.to_thread(parts, self.history, environment)
        except MixtuiError as error:
            self.set_note(str(error), wrong=True)
            return
        if not found:
            self.set_note("There is nothing to purge.")
            return
        dialog = ChoiceDialog(
            "Which calls shall be deleted?", [p.choice for p in found], title="Purge"
        )
        self.app.push_screen(dialog, self._confirm_purge)

    def _confirm_purge(self, part: Part | None) -> None:
        if part is None:
            return
        question = (
            f"Delete {part.label}, {part.size.count:,} in number, with their answers? "
            "They cannot be brought back."
        )

        async def purge() -> None:
            purged = await asyncio.to_thread(self.history.purge, part.query)
            self._changed(None, purged_label(purged))

        self._ask(question, purge)

    def _ask(self, question: str, work: Callable[[], Awaitable[None]]) -> None:
        dialog = ConfirmDialog(
            question, yes="Delete", no="Keep", title="Delete", dangerous=True
        )
        self.app.push_screen(dialog, lambda yes: self.begin(work) if yes else None)

    def _changed(self, deleted: Sequence[int] | None, sentence: str) -> None:
        """List what is left.

        Args:
            deleted: The numbers of those that are gone; None = any of them may be.
            sentence: What happened.
        """
        if self.marked and (deleted is None or self.marked.id in deleted):
            self.marked = None
            self.query_one(HistoryList).marked_id = None
        self.search(cursor=self.query_one(HistoryList).cursor or 0, then=sentence)
