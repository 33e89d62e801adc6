"""The only way to send a prepared request.

    count -> send -> correct the count -> judge -> finish the sink -> store

The app, its background look-ups, page collections and the command line differ in where
the body goes and what they display; what is counted and stored is decided only here:

- A request is counted before it is sent. The count is undone if the request certainly
  never reached the server, and replaced by the server's own numbers after a 429.
- With a recorder, every request that was sent is stored: with its response, even a
  partial one, or as failed or cancelled. A request that could not be sent at all (a
  credential cannot be read, a setting is wrong) is not.
- The history copies the body while it is received, unless the sink stores it.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from mixtui import log
from mixtui.dispatch.recording import BodyCopy, BodyLocation
from mixtui.model.errors import CredentialError, SendError, SettingsError
from mixtui.model.exchange import Timing
from mixtui.outcome.outcome import judge_response as judge
from mixtui.outcome.outcome import no_response_outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from mixtui.client.body import BodySink, Progress
    from mixtui.client.client import Client
    from mixtui.dispatch.quota import QuotaGuard
    from mixtui.dispatch.recording import HistoryRecorder
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest
    from mixtui.model.redaction import Redactor
    from mixtui.outcome.outcome import Outcome
    from mixtui.outcome.regions import OtherRegion
    from mixtui.system import CancelToken


class Completed(Struct, frozen=True):
    """A response came, complete or not, whatever its status."""

    exchange: Exchange
    outcome: Outcome


class NoResponse(Struct, frozen=True):
    """No response came."""

    error: SendError
    outcome: Outcome
    redactor: Redactor
    """Masks every secret that the request was to be sent with."""


Dispatched = Completed | NoResponse


class ResponseSink(Protocol):
    """Receives the response to one request."""

    @property
    def file(self) -> BodySink | None:
        """What the body is written to while it is received; None = memory."""
        ...

    @property
    def stores_body(self) -> bool:
        """Whether `finish` returns the location of the body, so no copy is needed."""
        ...

    async def finish(self, exchange: Exchange, outcome: Outcome) -> BodyLocation:
        """Finish a response whose body was written; it is stored in the history next.

        What it raises, `dispatch` raises after the response was stored.
        """
        ...


async def dispatch(
    request: PreparedRequest,
    *,
    client: Client,
    quota: QuotaGuard,
    history: HistoryRecorder | None = None,
    sink: ResponseSink | None = None,
    other_environments: tuple[OtherRegion, ...] = (),
    on_head: Callable[[Exchange], None] | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel_token: CancelToken | None = None,
) -> Dispatched:
    """Count a request, send it, judge the response and store both.

    Args:
        request: What to send.
        client: Sends it.
        quota: Counts it.
        history: Stores it; None = it is part of something else and is not stored.
        sink: Receives the body; None = it stays in memory.
        other_environments: Those that have the project in another region.
        on_head: Called once, when status and headers are received.
        on_progress: Called a few times a second while the body is received.
        cancel_token: Ends the body early, which makes the response a partial one.

    Raises:
        CredentialError: A secret cannot be read, or must not be sent there.
        SettingsError: A certificate file or a proxy variable is wrong.
        asyncio.CancelledError: The caller was cancelled; that is stored.
    """
    redactor = request.redactor

    def know_secrets(complete: Redactor) -> None:
        nonlocal redactor
        redactor = complete

    started, clock = datetime.now(UTC), time.perf_counter()
    file = _file(request, sink, history)
    await quota.count()
    try:
        exchange = await client.send(
            request,
            on_progress=on_progress,
            on_head=on_head,
            sink=file,
            cancel_token=cancel_token,
            on_ready=know_secrets,
        )
    except (CredentialError, SettingsError):
        await quota.cancel_count()
        raise
    except SendError as error:
        if not error.arrived:
            await quota.cancel_count()
        outcome = no_response_outcome(error)
        if history is not None:
            timing = _elapsed(started, clock)
            await history.no_response(request, outcome, timing, redactor)
        return NoResponse(error, outcome, redactor)
    except asyncio.CancelledError:
        # Whether it had arrived is unknown, so it stays counted.
        if history is not None:
            await history.cancelled(request, _elapsed(started, clock), redactor)
        raise
    await quota.correct(exchange)
    outcome = await asyncio.to_thread(judge, exchange, other_environments)
    log.info("outcome %s, exit status %d", outcome.kind, outcome.exit_status)
    location = BodyLocation()
    try:
        if sink is not None:
            location = await sink.finish(exchange, outcome)
    finally:
        if history is not None:
            location, note = _stored_location(exchange, sink, file, location)
            await history.response(exchange, outcome, location, note)
    return Completed(exchange, outcome)


async def send_quietly(
    request: PreparedRequest,
    *,
    client: Client,
    quota: QuotaGuard,
    other_environments: tuple[OtherRegion, ...] = (),
) -> Completed:
    """Send a request that belongs to a job, a look-up or a test: counted, not stored.

    Raises:
        SendError: No response came.
        MixtuiError: As `dispatch`.
    """
    dispatched = await dispatch(
        request, client=client, quota=quota, other_environments=other_environments
    )
    if isinstance(dispatched, NoResponse):
        raise dispatched.error
    return dispatched


def _file(
    request: PreparedRequest,
    sink: ResponseSink | None,
    history: HistoryRecorder | None,
) -> BodySink | None:
    """Return what the client writes to: the sink's file, with a copy if necessary."""
    if sink is None or sink.file is None or sink.stores_body or history is None:
        return None if sink is None else sink.file
    return history.copying(request, sink.file)


def _stored_location(
    exchange: Exchange,
    sink: ResponseSink | None,
    file: BodySink | None,
    final: BodyLocation,
) -> tuple[BodyLocation, str]:
    """Return where the history reads the body from, and why there is no copy of it."""
    if isinstance(file, BodyCopy):
        return BodyLocation(file.spool), file.note
    if file is None:
        return BodyLocation(exchange.response.body), ""
    return (final if sink is not None and sink.stores_body else BodyLocation()), ""


def _elapsed(started: datetime, clock: float) -> Timing:
    seconds = time.perf_counter() - clock
    return Timing(started, seconds, seconds)
