"""One request that was sent, and the place that it was sent from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.core.prepare import PreparedRequest
from mixtui.core.requests import Draft
from mixtui.ui.state import (
    FromHistory,
    Idle,
    InFlight,
    Received,
    Receiving,
    ResponseState,
)

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.core.client import Stop
    from mixtui.core.document import Document
    from mixtui.core.quota_meter import Account


@dataclass(eq=False, slots=True)
class RequestSlot:
    """A place that requests are sent from: a saved request, or a new one."""

    call: RequestRun | None = None
    """What was sent from it last."""
    recalled: FromHistory | None = None
    """An old answer that is looked at instead."""

    @property
    def state(self) -> ResponseState:
        """What is shown where this is open."""
        if self.recalled is not None:
            return self.recalled
        return self.call.state if self.call is not None else Idle()


@dataclass(eq=False, slots=True)
class RequestRun:
    """One request and what becomes of it."""

    slot: RequestSlot
    name: str
    """What the request is called; empty for a new one."""
    path: Path | None
    """The saved request it was sent from."""
    draft: Draft
    """What was sent, before it was prepared."""
    request: PreparedRequest
    accounts: tuple[Account, ...]
    """What it counts for."""
    state: ResponseState
    received: int = 0
    """Bytes of the body that have come so far."""
    worker: Worker[None] | None = None
    stop: Stop | None = None
    progress: str = ""
    """How far a call of more than one request is, in words."""
    before: RequestRun | None = None
    """What its slot showed before; kept while it waits, as it may never be sent."""
    kept: int | None = None
    """Its number in the history; None = it is not there, or not yet."""

    @property
    def on_its_way(self) -> bool:
        """Whether it has not ended."""
        return isinstance(self.state, InFlight)

    @property
    def document(self) -> Document | None:
        """What there is to read of the answer."""
        state = self.state
        return state.document if isinstance(state, Receiving | Received) else None
