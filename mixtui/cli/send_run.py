"""One run of ``mixtui send``: what each of its steps needs."""

from __future__ import annotations

import contextlib
import os
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mixtui.cli.arguments import DraftSource
from mixtui.cli.console import Console
from mixtui.cli.output import Hints
from mixtui.dispatch.quota import QuotaGuard
from mixtui.dispatch.recording import HistoryRecorder
from mixtui.history.history import open_history
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus, SendError
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.outcome import Outcome, no_response_outcome
from mixtui.outcome.quota import quota_accounts
from mixtui.session import Session
from mixtui.storage.quota import QuotaStore


@dataclass(frozen=True, slots=True)
class SendRun:
    """One ``mixtui send``: the prepared request, and what its steps need."""

    arguments: Namespace
    console: Console
    session: Session
    source: DraftSource
    request: PreparedRequest
    hints: Hints

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
    sentence = "Interrupted before all of an answer had come."
    kind = no_response_outcome(SendError(sentence, maybe_done=safety.writes)).kind
    return Outcome(kind, kind.value, sentence, ExitStatus.INTERRUPTED)
