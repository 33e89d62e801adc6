"""Store a request in the history: its response or failure, and a copy of its body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from mixtui.document.source import Spool
from mixtui.model.errors import StorageError
from mixtui.outcome.outcome import cancelled_outcome
from mixtui.storage.paths import private_folder
from mixtui.system import absolute

if TYPE_CHECKING:
    from pathlib import Path

    from mixtui.client.body import BodySink
    from mixtui.history.bodies import Body
    from mixtui.history.history import History
    from mixtui.mixpanel.endpoints import Safety
    from mixtui.model.draft import Draft
    from mixtui.model.exchange import Exchange, Timing
    from mixtui.model.prepared import PreparedRequest
    from mixtui.model.redaction import Redactor
    from mixtui.outcome.outcome import Outcome

_NOT_STORED = "The body was not stored."


class BodyLocation(Struct, frozen=True):
    """Where the body of a response can be found."""

    content: Body | None = None
    """The decoded body; None = it is in the user's own file, or lost."""
    path: Path | None = None
    """The user's own file: the history stores its path and no second copy."""


class BodyCopy:
    """A body sink that also copies the body for the history, up to a limit."""

    def __init__(self, sink: BodySink, spool: Spool, limit: int) -> None:
        """Write to both from now on.

        Args:
            sink: Where the body goes; its errors end the body.
            spool: Where the copy goes; its errors end only the copy.
            limit: Size of the largest copy, in bytes.
        """
        self._sink = sink
        self._limit = limit
        self.spool: Spool | None = spool
        """The copy; None = it was abandoned."""
        self.note = ""
        """Why the copy was abandoned, in a sentence."""

    def write(self, piece: bytes, /) -> int:
        written = self._sink.write(piece)
        if self.spool is None:
            return written
        if self.spool.size + len(piece) > self._limit:
            self._abandon("The body was not stored: it exceeds history.bytes.")
            return written
        try:
            self.spool.write(piece)
        except OSError as error:
            self._abandon(f"The body could not be stored: {error.strerror}.")
        return written

    def _abandon(self, note: str) -> None:
        self.spool, self.note = None, note


class HistoryRecorder:
    """Stores one request in the history, unless settings or the request forbid it.

    A failure to store is reported and does not affect the request.
    """

    def __init__(
        self,
        history: Callable[[], History],
        draft: Draft,
        file: Path | None,
        *,
        report: Callable[[str], None],
        refusal: str = "Not stored in the history: ",
        cancelled: Callable[[Safety], Outcome] = cancelled_outcome,
    ) -> None:
        """Store nothing yet.

        Args:
            history: Opens the history; called in a thread, where its modules load.
            draft: What the request was prepared from.
            file: The file of the saved request, if it is one.
            report: Called with a message if something could not be stored.
            refusal: The prefix of that message.
            cancelled: Judges a request that is cancelled before it ends.
        """
        self.entry: int | None = None
        """The number of the history entry; None = nothing was stored (yet)."""
        self._open = history
        self._draft = draft
        self._file = file
        self._report = report
        self._refusal = refusal
        self._cancelled = cancelled

    def copying(self, request: PreparedRequest, sink: BodySink) -> BodySink:
        """Return a sink that writes to `sink` and, if wanted, to a copy for the history."""
        history = self._open()
        if not history.is_stored(request):
            return sink
        try:
            folder = private_folder(history.bodies.path)
        except StorageError:
            return sink  # Reported when the entry cannot be stored either.
        return BodyCopy(sink, Spool(folder), history.limits.max_bytes)

    async def response(
        self, exchange: Exchange, outcome: Outcome, location: BodyLocation, note: str
    ) -> None:
        """Store a response.

        Args:
            exchange: Request and response.
            outcome: How the request ended.
            location: Where the body is.
            note: Why there is no copy of the body, in a sentence; empty = unknown.
        """
        if location.content is None and not note:
            note = (
                f"The body was written to {absolute(location.path)}."
                if location.path is not None
                else _NOT_STORED
            )
        await self._store(
            lambda history: history.store(
                exchange,
                outcome,
                self._draft,
                body=location.content,
                file=self._file,
                note=note,
            )
        )

    async def no_response(
        self,
        request: PreparedRequest,
        outcome: Outcome,
        timing: Timing,
        redactor: Redactor,
    ) -> None:
        """Store a request that got no response."""
        await self._store(
            lambda history: history.store_failure(
                request, outcome, self._draft, timing, redactor, file=self._file
            )
        )

    async def cancelled(
        self, request: PreparedRequest, timing: Timing, redactor: Redactor
    ) -> None:
        """Store a request that was cancelled before its response was complete."""
        outcome = self._cancelled(request.safety)
        await self.no_response(request, outcome, timing, redactor)

    async def _store(self, work: Callable[[History], int | None]) -> None:
        def store() -> str:
            history = self._open()
            self.entry = work(history)
            return history.take_warning()

        try:
            warning = await asyncio.to_thread(store)
        except StorageError as error:
            warning = f"{self._refusal}{error}"
        if warning:
            self._report(warning)
