"""The history as the main screen uses it: record, open, resend, restore, compare."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from mixtui.document.document import read_source
from mixtui.document.source import ByteSource, BytesSource
from mixtui.key_names import key_of
from mixtui.storage.settings import HistorySettings
from mixtui.text import format_time
from mixtui.ui.response.state import FromHistory

if TYPE_CHECKING:
    from pathlib import Path

    from mixtui.diff.comparison import ComparedSide
    from mixtui.dispatch.recording import HistoryRecorder
    from mixtui.history.history import History
    from mixtui.history.record import HistoryRecord, Identity
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Copy, PaneHost
    from mixtui.ui.response.state import RequestRun


class HistoryController:
    """Records requests and brings them back; its coroutines may wait for dialogs."""

    def __init__(
        self,
        host: PaneHost,
        collection: CollectionController,
        send: Callable[[], Awaitable[None]],
        copy: Copy,
    ) -> None:
        """Create a controller that opens the history when it is first used.

        Args:
            host: The screen.
            collection: Where an old draft is restored.
            send: Sends the draft, after the questions that it needs.
            copy: Copies changes.
        """
        self._host = host
        self._collection = collection
        self._send = send
        self._copy = copy
        self._history: History | None = None
        self._last_warning = ""
        """One that repeats is shown once."""

    @property
    def history(self) -> History:
        """The store; imported when it is used."""
        if self._history is None:
            from mixtui.history.history import open_history

            self._history = open_history(self._host.session.settings.history)
        return self._history

    def use_limits(self, limits: HistorySettings) -> None:
        """Store within other limits from now on."""
        if self._history is not None:
            self._history.limits = limits

    def close(self) -> None:
        """Close what is open."""
        if self._history is not None:
            self._history.close()

    def recorder(self, run: RequestRun) -> HistoryRecorder:
        """Return what stores a run while it is dispatched."""
        from mixtui.dispatch.recording import HistoryRecorder

        return HistoryRecorder(
            lambda: self.history,
            run.draft,
            run.path,
            report=self._warn,
            refusal="Not recorded in history: ",
        )

    def _warn(self, warning: str) -> None:
        if warning != self._last_warning:
            self._last_warning = warning
            self._host.notify_text(warning, severity="warning")

    async def browse(self) -> None:
        """Look through the history, and do what is chosen there."""
        from mixtui.ui.history.choices import (
            DiffRecords,
            OpenRecord,
            Resend,
            RestoreDraft,
        )
        from mixtui.ui.history.screen import HistoryScreen

        chosen = await self._host.ask(
            HistoryScreen(self.history, self._identity(), actions=self._host.actions)
        )
        match chosen:
            case OpenRecord(number):
                await self.open(number)
            case Resend(number):
                await self.resend(number)
            case RestoreDraft(number):
                await self.restore(number)
            case DiffRecords(old, new):
                await self.compare(old, new)

    def _identity(self) -> Identity | None:
        """Identify the open request in the history; None = it was never sent."""
        from mixtui.history.record import identity

        opened, run = self._collection.open_request, self._host.slot.run
        if opened is not None:
            return identity(opened.path, str(opened.draft.method), "")
        if run is None:
            return None
        return identity(None, str(run.request.method), run.request.url)

    async def open(self, number: int) -> None:
        """Show a stored response; the draft stays as it is."""
        record, source = await asyncio.to_thread(
            lambda: (self.history.record(number), self._body(number))
        )
        media_type = record.response.media_type if record.response else ""
        document = await asyncio.to_thread(read_source, source, media_type)
        self._host.slot.recalled = FromHistory(number, record, document)
        self._host.show_slot()
        self._host.set_focus(self._host.response_pane.view)

    def _body(self, number: int) -> ByteSource:
        """Open the body of an entry; empty if it was not stored."""
        return self.history.open_body(number) or BytesSource(b"")

    def _record_and_file(self, number: int) -> tuple[HistoryRecord, Path | None]:
        """Return an entry, and its saved request if there still is one."""
        record = self.history.record(number)
        is_there = record.file is not None and os.path.isfile(record.file)
        return record, record.file if is_there else None

    async def restore(self, number: int) -> bool:
        """Load a stored draft into the request pane; return whether it is complete."""
        host = self._host
        record, file = await asyncio.to_thread(self._record_and_file, number)
        if not await self._collection.may_leave():
            return False
        self._collection.restore(record.draft, file)
        if record.incomplete_draft:
            host.notify_text(
                "A secret in this draft was not stored. Enter it again before you send.",
                severity="warning",
            )
        host.focus_request()
        return not record.incomplete_draft

    async def resend(self, number: int) -> None:
        """Load a stored draft and send it with the current environment."""
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

        host = self._host
        entry = await asyncio.to_thread(self.history.entry, number)
        if not await self.restore(number):
            return
        now = host.environment.name
        if entry.environment != now and not await host.ask(
            ConfirmDialog(
                f"This request was sent with {entry.environment}. "
                f"Send it with {now}, the current environment?",
                yes="Send",
            )
        ):
            return
        await self._send()

    async def compare_with_before(self) -> None:
        """Compare the response shown with the one before it to the same request."""
        number = self._shown_number()
        if number is None:
            self._host.notify_text(
                "This response is not in the history: the request, its environment or "
                "config.toml has disabled it."
            )
            return
        identity = (await asyncio.to_thread(self.history.entry, number)).identity
        before = await asyncio.to_thread(self.history.previous, identity, number)
        if before is None:
            self._host.notify_text(
                "The history has no earlier response to this request. Send it again "
                f"({key_of('send')}), then compare ({key_of('response.diff')})."
            )
            return
        await self.compare(before.id, number)

    def _shown_number(self) -> int | None:
        slot = self._host.slot
        if slot.recalled is not None:
            return slot.recalled.number
        return slot.run.entry_number if slot.run is not None else None

    async def compare(self, old: int, new: int) -> None:
        """Show the differences of two history entries."""
        from mixtui.diff.comparison import Comparison
        from mixtui.ui.diff.screen import DiffScreen

        host = self._host
        sides = [await asyncio.to_thread(self._side, number) for number in (old, new)]

        def copy(text: str, label: str) -> None:
            label = label[:1].upper() + label[1:]
            host.run_guarded(self._copy([text], label, "changes.txt"))

        host.app.push_screen(
            DiffScreen(Comparison(*sides), copy, actions=self._host.actions)
        )

    def _side(self, number: int) -> ComparedSide:
        from mixtui.diff.comparison import ComparedSide

        entry, record = self.history.entry(number), self.history.record(number)
        response = record.response

        def load() -> bytes:
            source = self._body(number)
            return source.read(0, source.size)

        return ComparedSide(
            when=format_time(entry.started),
            environment=entry.environment,
            status=f"{response.status} {response.reason}" if response else "—",
            outcome=record.outcome.label,
            body_size=record.body_bytes,
            seconds=entry.seconds,
            load=load,
            headers=response.headers if response else (),
        )
