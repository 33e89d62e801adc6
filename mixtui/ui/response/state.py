"""What the response pane shows: one union, never a set of flags."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from mixtui.model.draft import Draft
from mixtui.model.prepared import PreparedRequest
from mixtui.model.redaction import Redactor
from mixtui.system import CancelToken

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.document.document import Document
    from mixtui.history.record import HistoryRecord
    from mixtui.model.errors import MixtuiError
    from mixtui.model.exchange import Exchange
    from mixtui.model.quota import Account
    from mixtui.outcome.outcome import Outcome
    from mixtui.ui.chart.view import ChartSelection


class Idle(Struct, frozen=True):
    """Nothing was sent yet."""


class Queued(Struct, frozen=True):
    """A request goes out when the quota has a slot for it."""

    request: PreparedRequest
    until: float
    """Unix seconds."""
    label: str
    """How the quota stands."""


class Sending(Struct, frozen=True):
    """The request is in flight."""

    request: PreparedRequest
    started: float
    """`time.monotonic` when it was sent."""


class Receiving(Struct, frozen=True):
    """Status and headers have come, and the body is coming."""

    request: PreparedRequest
    started: float
    """`time.monotonic` when it was sent."""
    exchange: Exchange
    """Without a body."""
    document: Document | None
    """What has come of the body; None = too little to show."""


class Received(Struct, frozen=True):
    """A response arrived, whatever its status."""

    exchange: Exchange
    outcome: Outcome
    document: Document
    """Its lines may still be counted."""


class Failed(Struct, frozen=True):
    """No response arrived, or the request could not be sent."""

    request: PreparedRequest
    error: MixtuiError
    outcome: Outcome | None
    """None = it never left this machine (a credential could not be read)."""


class Cancelled(Struct, frozen=True):
    """The person cancelled it before a response arrived."""

    request: PreparedRequest
    seconds: float
    """How long it had been in flight."""


class FromHistory(Struct, frozen=True):
    """A response of the history is shown."""

    number: int
    """Of the history."""
    record: HistoryRecord
    document: Document


ResponseState = (
    Idle | Queued | Sending | Receiving | Received | Failed | Cancelled | FromHistory
)
InFlight = Queued | Sending | Receiving


def shown_redactor(state: ResponseState) -> Redactor:
    """Return what masks the secrets of what is shown; the history has masked its own."""
    match state:
        case Received(exchange=exchange) | Receiving(exchange=exchange):
            return exchange.redactor
        case Queued() | Sending() | Failed() | Cancelled():
            return state.request.redactor
        case _:
            return Redactor()


class TabChoice(Struct, frozen=True):
    """The tab of the response that a person chose."""

    tab: str = "body"
    made_for: object = None
    """What had been sent then; see `sent_request`."""


class ResponseLook(Struct, frozen=True):
    """How a person looks at the responses of a request.

    Where they are in a body belongs to that body: see `BodyLook`.
    """

    choice: TabChoice = TabChoice()
    wrap: bool = False
    wrap_texts: bool = False
    """In the tabs that are plain text."""
    line_numbers: bool = True
    chart: ChartSelection | None = None
    """Which of several charts, and how it is drawn; None = no chart was looked at."""


class SlotView(Struct, frozen=True):
    """What a person chose to see of a request; shown again when it is opened again."""

    request_tab: str = ""
    """Empty = none was chosen: the one that has content."""
    response: ResponseLook = ResponseLook()


class RequestSlot(Struct, eq=False):
    """What requests are sent from: a saved request, or a new one."""

    run: RequestRun | None = None
    """What was sent from it last."""
    recalled: FromHistory | None = None
    """A history entry that is shown instead."""
    entered: Mapping[str, str] | None = None
    """What was entered last for its inputs, without secrets; None = not read yet."""
    view: SlotView = SlotView()
    """What was seen of it when another one took its place on the screen."""

    @property
    def state(self) -> ResponseState:
        """The response state to show for the slot."""
        if self.recalled is not None:
            return self.recalled
        return self.run.state if self.run is not None else Idle()


class RequestRun(Struct, eq=False):
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
    """Bytes of the body received so far."""
    worker: Worker[None] | None = None
    cancel_token: CancelToken = field(default_factory=CancelToken)
    """Ends the body while it comes."""
    progress: str = ""
    """How far a run of more than one request is, as text."""
    previous: RequestRun | None = None
    """What its slot showed before; kept while it waits, as it may never be sent."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What was entered for its inputs, so that it can be sent elsewhere as it is."""
    entry_number: int | None = None
    """Its number in the history; None = it is not there, or not yet."""

    def __repr__(self) -> str:  # What was answered may be a secret.
        return f"RequestRun(name={self.name!r}, state={self.state!r})"

    @property
    def is_in_flight(self) -> bool:
        return isinstance(self.state, InFlight)

    @property
    def document(self) -> Document | None:
        """The body of the response; None = there is none."""
        state = self.state
        return state.document if isinstance(state, Receiving | Received) else None
