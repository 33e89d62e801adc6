"""Keeps what ``mixtui send`` exchanges; a history that fails is told, and that is all."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime

from mixtui.cli.console import Console
from mixtui.cli.drafting import DraftSource
from mixtui.cli.sinks import SinkResult
from mixtui.core.errors import ExitStatus, SendError, StorageError
from mixtui.core.exchange import Exchange, Timing
from mixtui.core.outcome import Outcome, no_answer
from mixtui.core.prepare import PreparedRequest
from mixtui.core.receiving import BodySink
from mixtui.core.spool import Spool
from mixtui.storage.history import History, open_history
from mixtui.storage.paths import private_folder
from mixtui.storage.settings import HistorySettings

_NOT_KEPT = "The body was not kept."


class HistoryRecorder:
    """Keeps one call, if it is to be kept."""

    def __init__(
        self,
        request: PreparedRequest,
        source: DraftSource,
        limits: HistorySettings,
        arguments: Namespace,
        console: Console,
    ) -> None:
        self._request = request
        self._source = source
        self._console = console
        history = open_history(limits)
        wanted = not arguments.no_history and history.keeps(request)
        self._history = history if wanted else None
        self._copy: _Copy | None = None
        self._started = datetime.now(UTC)
        self._clock = time.perf_counter()

    def beside(self, sink: BodySink | None, *, copied: bool) -> BodySink | None:
        """A sink that the client writes to, and that keeps a copy of the body.

        Args:
            sink: Where the body goes; None = into memory, where it is found later.
            copied: Keep a copy; not of what goes into a file of the person's.
        """
        if self._history is None or sink is None or not copied:
            return sink
        try:
            folder = private_folder(self._history.bodies.path)
        except StorageError:
            return sink  # It is told when the record cannot be kept either.
        self._copy = _Copy(sink, Spool(folder), self._history.limits.bytes)
        return self._copy

    def answered(
        self, exchange: Exchange, ended: Outcome, delivered: SinkResult | None
    ) -> None:
        """Keep an answer.

        Args:
            exchange: What was answered.
            ended: How the call ended.
            delivered: What became of the body; None = it was lost on the way.
        """
        body: bytes | Spool | None = None
        note = ""
        if self._copy is not None:
            body, note = self._copy.spool, self._copy.note
        elif exchange.response.written is None:
            body = exchange.response.body
        elif delivered is not None and delivered.content is not None:
            body = delivered.content
        elif delivered is not None and delivered.path is not None:
            note = f"The body was written to {delivered.path.absolute()}."
        else:
            note = _NOT_KEPT
        self._keep(
            lambda history: history.keep(
                exchange,
                ended,
                self._source.draft,
                body=body,
                file=self._source.path,
                note=note,
            )
        )

    def not_answered(self, error: SendError) -> None:
        """Keep that no answer came."""
        self._keep_failure(no_answer(error))

    def interrupted(self) -> None:
        """Keep that the person did not wait for the end."""
        sentence = "Interrupted before all of an answer had come."
        writes = self._request.safety.writes
        kind = no_answer(SendError(sentence, maybe_done=writes)).kind
        ended = Outcome(kind, kind.value, sentence, ExitStatus.INTERRUPTED)
        self._keep_failure(ended)

    def _keep_failure(self, ended: Outcome) -> None:
        waited = time.perf_counter() - self._clock
        timing = Timing(self._started, waited, waited)
        draft, file = self._source.draft, self._source.path
        self._keep(
            lambda history: history.keep_failure(
                self._request, ended, draft, timing, file=file
            )
        )

    def _keep(self, work: Callable[[History], object]) -> None:
        if self._history is None:
            return
        try:
            work(self._history)
        except StorageError as error:
            self._console.say(f"Not kept in the history: {error}")
        finally:
            self._history.close()
        if warning := self._history.take_warning():
            self._console.say(warning)


class _Copy:
    """Writes to two places; the second may fail, or be too small."""

    def __init__(self, sink: BodySink, spool: Spool, limit: int) -> None:
        self._sink = sink
        self._limit = limit
        self.spool: Spool | None = spool
        """None = the copy was given up."""
        self.note = ""
        """Why."""

    def write(self, piece: bytes, /) -> int:
        """One piece of the body."""
        written = self._sink.write(piece)
        if self.spool is None:
            return written
        if self.spool.size + len(piece) > self._limit:
            self.spool = None
            self.note = "The body is not kept: it is more than history.bytes allows."
            return written
        try:
            self.spool.write(piece)
        except OSError as error:
            self.spool = None
            self.note = f"The body could not be kept: {error.strerror}."
        return written
