"""What the response pane shows: one union, never a set of flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mixtui.core.document import Document
    from mixtui.core.errors import MixtuiError
    from mixtui.core.exchange import Exchange
    from mixtui.core.outcome import Outcome
    from mixtui.core.prepare import PreparedRequest
    from mixtui.core.record import HistoryRecord


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing was sent yet."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A request goes out when the quota has a slot for it."""

    request: PreparedRequest
    until: float
    """Unix seconds."""
    words: str
    """How the quota stands."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A request is on its way."""

    request: PreparedRequest
    started: float
    """`time.monotonic` when it was sent."""


@dataclass(frozen=True, slots=True)
class Receiving:
    """Status and headers have come, and the body is coming."""

    request: PreparedRequest
    started: float
    """`time.monotonic` when it was sent."""
    exchange: Exchange
    """Without a body."""
    document: Document | None
    """What has come of the body; None = too little to show."""


@dataclass(frozen=True, slots=True)
class Received:
    """An answer came, whatever its status."""

    exchange: Exchange
    outcome: Outcome
    document: Document
    """Its lines may still be counted."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer came, or the request could not go out."""

    request: PreparedRequest
    error: MixtuiError
    outcome: Outcome | None
    """None = it never left this machine (a credential could not be read)."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The person stopped it before an answer came."""

    request: PreparedRequest
    seconds: float
    """How long it had been on its way."""


@dataclass(frozen=True, slots=True)
class FromHistory:
    """An old answer is shown, from the history."""

    number: int
    """Of the history."""
    record: HistoryRecord
    document: Document


ResponseState = (
    Idle | Queued | Sending | Receiving | Received | Failed | Cancelled | FromHistory
)
InFlight = Queued | Sending | Receiving
