"""Send the requests of a job, and resend those that may be repeated after a failure.

What Mixpanel advises: after a 429, 502 or 503 wait two seconds, twice as long each time up
to a minute, with some jitter; never repeat a 400
(https://developer.mixpanel.com/reference/import-events).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import Struct

from mixtui import log
from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Completed, Dispatched, NoResponse, dispatch
from mixtui.dispatch.quota import QuotaGuard, exhausted
from mixtui.jobs.model import JobError
from mixtui.model.errors import ExitStatus, StorageError
from mixtui.outcome.body_facts import read_body_facts
from mixtui.outcome.outcome import OutcomeKind
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.refusals import retry_after
from mixtui.outcome.regions import other_regions
from mixtui.storage.quota import QuotaStore
from mixtui.text import duration

if TYPE_CHECKING:
    from mixtui.dispatch.dispatch import ResponseSink
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest
    from mixtui.outcome.outcome import Outcome
    from mixtui.session import Session

FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
"""Seconds before something is sent again: doubled each time."""
_JITTER = (1.0, 5.0)
MAX_ATTEMPTS = 12
"""Of one request: nine minutes of waiting."""
MAX_UNCLEAR = 3
"""Unclear responses in a row, after which nothing more is sent that cannot be repeated."""
_TRANSIENT = frozenset(
    (OutcomeKind.QUOTA, OutcomeKind.SERVER_ERROR, OutcomeKind.INCOMPLETE)
)


class UnclearResponse(Exception):
    """It is not known whether the server did what was requested; the text says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


class IncompleteResponse(Exception):
    """A response ended early as often as it may; the text says how, in a sentence."""


class Send(Protocol):
    """Sends one request of a job, once."""

    def __call__(
        self, request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Awaitable[Dispatched]:
        """Return what came of it.

        Raises:
            MixtuiError: As `dispatch`.
        """
        ...


class Wait(Struct, frozen=True):
    """Everything waits before anything more is sent."""

    seconds: float
    reason: str
    """A sentence: what happened."""


class Stopped(Exception):
    """The job was asked to stop while this waited: nothing was sent for it since."""


class StopSignal:
    """Ends what a job waits for, when the job is to stop."""

    def __init__(self) -> None:
        """Let everything wait."""
        self.is_set = False
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def set(self) -> None:
        """End every wait, and those to come. Any thread may call it."""
        self.is_set = True
        if self._loop is not None:
            # A loop that has ended waits for nothing.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._event.set)

    async def interrupt(self, waiting: Awaitable[None]) -> None:
        """Wait for something.

        Raises:
            Stopped: The signal was set before it came.
        """
        self._loop = asyncio.get_running_loop()
        waited = asyncio.ensure_future(waiting)
        stopped = asyncio.ensure_future(self._event.wait())
        try:
            if not self.is_set:
                both = (waited, stopped)
                await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not waited.done():
                raise Stopped
            await waited
        finally:
            waited.cancel()
            stopped.cancel()


class Sending(Struct, frozen=True):
    """What requests are sent with, and how failures are waited out."""

    send: Send
    stop: StopSignal = msgspec.field(default_factory=StopSignal)
    on_wait: Callable[[Wait], None] = lambda _: None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = lambda: random.uniform(*_JITTER)


class Connection:
    """Dispatches the requests of a job with one client, and counts their quota."""

    def __init__(
        self, session: Session, state: Path, report: Callable[[StorageError], None]
    ) -> None:
        """Open nothing yet.

        Args:
            session: Whose environment and secrets the requests use.
            state: The folder of the quota counts.
            report: Called if the counts cannot be changed.
        """
        self._session, self._report = session, report
        self._client = Client(session.secrets)
        self._quota = QuotaStore(state)

    async def send(
        self, request: PreparedRequest, *, sink: ResponseSink | None = None
    ) -> Dispatched:
        """Dispatch a request.

        Raises:
            MixtuiError: As `dispatch`.
        """
        session = self._session
        accounts = quota_accounts(request, session.environment)
        return await dispatch(
            request,
            client=self._client,
            quota=QuotaGuard(self._quota, accounts, report=self._report),
            sink=sink,
            other_environments=other_regions(request, session.environments),
        )

    async def free_in(self, request: PreparedRequest) -> float:
        """Return in how many seconds the quota of a request has room for it."""
        accounts = quota_accounts(request, self._session.environment)
        try:
            status = await asyncio.to_thread(exhausted, self._quota, accounts)
        except StorageError as error:
            self._report(error)
            return 0.0
        now = self._quota.clock()
        return 0.0 if status is None else max(0.0, status.free_at(now) - now)

    async def close(self) -> None:
        """Close the client and the counts."""
        await self._client.close()
        self._quota.close()


class _Failure(Struct, frozen=True):
    """An attempt that did not succeed, and may at another time."""

    problem: str
    """In a sentence."""
    retry_after: float | None = None
    """Seconds that the server wants to be left alone."""
    is_without_effect: bool = False
    """Whether the server certainly did nothing."""
    is_incomplete: bool = False
    """Whether the response began as a good one, and ended early."""


def _exhausted(problem: str) -> JobError:
    return JobError(
        f"Stopped: {MAX_ATTEMPTS} attempts to send the same request failed. {problem}",
        ExitStatus.NO_RESPONSE,
    )


class Resender:
    """Sends several requests at once; when the server asks to wait, all of them wait."""

    def __init__(self, sending: Sending) -> None:
        """Send nothing yet."""
        self._sending = sending
        self.stop = sending.stop
        """Ends every wait."""
        self._resume_at = 0.0
        self._unclear = 0
        self.retries = 0
        """How often everything waited."""
        self.problem = ""
        """Why it last did, in a sentence."""

    @property
    def is_waiting(self) -> bool:
        """Whether everything waits now."""
        return asyncio.get_running_loop().time() < self._resume_at

    async def send(
        self,
        request: PreparedRequest,
        sink: Callable[[], ResponseSink] | None = None,
        *,
        most_incomplete: int | None = None,
    ) -> Completed:
        """Send a request that may be repeated, again after each transient failure.

        Args:
            request: What to send.
            sink: Returns what receives the body, anew for each attempt; None = memory.
            most_incomplete: How many responses may end early; None = all.

        Raises:
            IncompleteResponse: So many did.
            JobError: Every attempt failed.
            Stopped: The job was stopped before the next attempt.
            MixtuiError: As `dispatch`.
        """
        problem, incomplete = "", 0
        for attempt in range(MAX_ATTEMPTS):
            result = await self._attempt(request, sink)
            if isinstance(result, Completed):
                return result
            problem = result.problem
            incomplete += result.is_incomplete
            if incomplete == most_incomplete:
                raise IncompleteResponse(problem)
            self._pause(attempt, result)
        raise _exhausted(problem)

    async def send_once(self, request: PreparedRequest) -> Completed:
        """Send a request that must not be repeated: again only if it had no effect.

        That is certain if it never reached the server, and after a 429.

        Raises:
            UnclearResponse: It may have had an effect.
            JobError: Every attempt failed, or too many requests got an unclear response;
                it had no effect.
            Stopped: The job was stopped before the next attempt; it had no effect.
            MixtuiError: As `dispatch`; it had no effect.
        """
        problem = ""
        for attempt in range(MAX_ATTEMPTS):
            if self._unclear >= MAX_UNCLEAR:
                raise JobError(
                    f"Stopped: {MAX_UNCLEAR} requests in a row got no clear response. "
                    f"{self.problem}",
                    ExitStatus.NO_RESPONSE,
                )
            result = await self._attempt(request)
            if isinstance(result, Completed):
                self._unclear = 0
                return result
            if not result.is_without_effect:
                self._pause(self._unclear, result)
                self._unclear += 1
                raise UnclearResponse(result.problem)
            problem = result.problem
            self._pause(attempt, result)
        raise _exhausted(problem)

    async def _attempt(
        self, request: PreparedRequest, sink: Callable[[], ResponseSink] | None = None
    ) -> Completed | _Failure:
        """Send a request when nothing waits."""
        await self._wait_until_resumed()
        dispatched = await self._sending.send(
            request, sink=sink() if sink is not None else None
        )
        if isinstance(dispatched, NoResponse):
            error = dispatched.error
            return _Failure(str(error), is_without_effect=not error.arrived)
        if not _is_transient(dispatched):
            return dispatched
        exchange = dispatched.exchange
        refused = exchange.response.status == HTTPStatus.TOO_MANY_REQUESTS
        return _Failure(
            describe_refusal(exchange, dispatched.outcome),
            retry_after(exchange),
            is_without_effect=refused and not exchange.response.cut_short,
            is_incomplete=exchange.response.status == HTTPStatus.OK,
        )

    def _pause(self, attempt: int, failure: _Failure) -> None:
        """Let everything wait, unless that was the last attempt."""
        if attempt == MAX_ATTEMPTS - 1:
            return
        seconds = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
        if failure.retry_after is not None:
            seconds = max(seconds, failure.retry_after)
        seconds += self._sending.jitter()
        self.retries += 1
        self.problem = failure.problem
        log.info("attempt %d failed; waiting %s", attempt + 1, duration(seconds))
        now = asyncio.get_running_loop().time()
        self._resume_at = max(self._resume_at, now + seconds)
        self._sending.on_wait(Wait(seconds, failure.problem))

    async def _wait_until_resumed(self) -> None:
        """Wait while everything waits.

        Raises:
            Stopped: The job was stopped meanwhile.
        """
        now = asyncio.get_running_loop().time()
        while (seconds := self._resume_at - now) > 0:
            await self.stop.interrupt(self._sending.sleep(seconds))
            now = max(asyncio.get_running_loop().time(), self._resume_at)


def describe_refusal(exchange: Exchange, outcome: Outcome) -> str:
    """Return what the server answered, in a sentence or two."""
    status = f"{exchange.response.status} {exchange.response.reason}".strip()
    error = read_body_facts(exchange).error
    said = f"{status}: {error.rstrip('.')}." if error else f"{status}."
    return f"{said} {outcome.detail}".strip() if outcome.detail else said


def _is_transient(completed: Completed) -> bool:
    cut_short = completed.exchange.response.cut_short
    return completed.outcome.kind in _TRANSIENT or bool(cut_short)
