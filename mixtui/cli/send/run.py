"""Share the state of one run of ``mixtui send`` between its steps, and show its progress."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from mixtui.cli.console import Console
from mixtui.cli.hints import Hints
from mixtui.cli.send.draft import DraftSource
from mixtui.client.body import Progress
from mixtui.dispatch.quota import QuotaGuard
from mixtui.dispatch.recording import HistoryRecorder
from mixtui.history.history import open_history
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus, SendError
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.outcome import Outcome, no_response_outcome
from mixtui.outcome.quota import quota_accounts
from mixtui.request.templates import Values
from mixtui.session import Session
from mixtui.storage.quota import QuotaStore
from mixtui.text import duration, size

_ERASE_LINE = "\r\x1b[K"
_PROGRESS_INTERVAL = 0.5
"""Seconds before a progress line is worth showing, and between two of them."""


class SendRun(Struct, frozen=True):
    """One ``mixtui send``: the prepared request, and what its steps need."""

    arguments: Namespace
    console: Console
    session: Session
    source: DraftSource
    request: PreparedRequest
    hints: Hints
    values: Values
    """Where templates got their values."""

    @property
    def environment(self) -> Environment:
        return self.session.environment

    @property
    def output_path(self) -> Path:
        """The file of ``-o``."""
        return self.console.folder / Path(os.path.expanduser(self.arguments.output))

    def quota_guard(self, request: PreparedRequest, quota: QuotaStore) -> QuotaGuard:
        """Return the guard that counts the request against its quotas."""
        accounts = quota_accounts(request, self.environment)
        return QuotaGuard(
            quota, accounts, report=lambda error: self.console.report(str(error))
        )

    @contextlib.contextmanager
    def recorder(self) -> Iterator[HistoryRecorder | None]:
        """Open what stores the request in the history; None = nothing does."""
        if self.arguments.no_history:
            yield None
            return
        with contextlib.closing(open_history(self.session.settings.history)) as history:
            yield HistoryRecorder(
                lambda: history,
                self.source.draft,
                self.source.path,
                report=self.console.report,
                cancelled=_interrupted,
            )


def _interrupted(safety: Safety) -> Outcome:
    """Return the outcome of a request that ctrl+c cancelled."""
    sentence = "Interrupted before the response was complete."
    kind = no_response_outcome(SendError(sentence, maybe_done=safety.writes)).kind
    return Outcome(kind, kind.value, sentence, ExitStatus.INTERRUPTED)


class ProgressLine:
    """Shows time and bytes of a request in flight, where stderr is a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.perf_counter()
        self._received: Progress | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._drawn = False

    def update(self, progress: Progress) -> None:
        """Set what the next line shows."""
        self._received = progress

    async def __aenter__(self) -> Self:
        if self._console.stderr_is_terminal:
            self._ticker = asyncio.create_task(self._tick())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ticker is None:
            return
        self._ticker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticker
        if self._drawn:
            draw_line(self._console)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_PROGRESS_INTERVAL)
            draw_line(self._console, self._text())
            self._drawn = True

    def _text(self) -> str:
        elapsed = duration(time.perf_counter() - self._started)
        if self._received is None:
            return f"Sending… {elapsed}"
        received = size(self._received.bytes)
        if self._received.total:
            received += f" of {size(self._received.total)}"
        return f"Receiving… {received} · {elapsed}"


def draw_line(console: Console, line: str = "") -> None:
    """Replace the line of the terminal that the cursor is on."""
    console.stderr.write(f"{_ERASE_LINE}{line}")
    console.stderr.flush()
