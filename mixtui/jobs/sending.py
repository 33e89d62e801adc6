"""Send a batch of events until it is known what became of each.

A batch may be sent again, as every event has an ``$insert_id``: what was stored already is
counted once (https://developer.mixpanel.com/reference/event-deduplication). A 400 is never
sent again (https://developer.mixpanel.com/reference/import-events).
"""

from __future__ import annotations

import asyncio
import gzip
import random
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mixtui import log
from mixtui.dispatch.dispatch import Dispatched, NoResponse
from mixtui.jobs.model import (
    Batch,
    BatchResult,
    JobError,
    RejectedBy,
    RejectedRecord,
)
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import ExitStatus
from mixtui.outcome.body_facts import read_body_facts
from mixtui.outcome.failed_records import FailedRecord, parse_failed_records
from mixtui.outcome.outcome import OutcomeKind
from mixtui.outcome.refusals import retry_after
from mixtui.request.prepare import prepare
from mixtui.text import duration

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.model.exchange import Exchange
    from mixtui.model.prepared import PreparedRequest
    from mixtui.outcome.outcome import Outcome

FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0
"""Seconds before a batch is sent again: doubled each time, as Mixpanel advises."""
_JITTER = (1.0, 5.0)
MAX_ATTEMPTS = 12
"""Of one batch: nine minutes of waiting."""
_COMPRESSION = 1
"""Level: events compress well, and the processor is what a fast import waits for."""
_TRANSIENT = frozenset(
    (OutcomeKind.QUOTA, OutcomeKind.SERVER_ERROR, OutcomeKind.INCOMPLETE)
)


class Wait(Struct, frozen=True):
    """Everything waits before it is sent again."""

    seconds: float
    reason: str
    """A sentence: what happened."""


class Sending(Struct, frozen=True):
    """What batches are sent with."""

    request: PreparedRequest
    """Whose content is replaced."""
    send: Callable[[PreparedRequest], Awaitable[Dispatched]]
    on_wait: Callable[[Wait], None] = lambda _: None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = lambda: random.uniform(*_JITTER)


class _Part(Struct, frozen=True):
    """Records of a batch that are sent in one request."""

    records: Sequence[bytes]
    lines: Sequence[int]

    def halves(self) -> tuple[_Part, _Part]:
        middle = len(self.records) // 2
        return (
            _Part(self.records[:middle], self.lines[:middle]),
            _Part(self.records[middle:], self.lines[middle:]),
        )

    def without(self, failed: Sequence[FailedRecord]) -> _Part:
        indexes = {each.index for each in failed}
        kept = [i for i in range(len(self.records)) if i not in indexes]
        return _Part([self.records[i] for i in kept], [self.lines[i] for i in kept])

    def rejected(self, index: int, reason: str, field: str = "") -> RejectedRecord:
        return RejectedRecord(
            RejectedBy.SERVER, self.lines[index], self.records[index], reason, field
        )


class _TooLarge(Exception):
    """The server takes no request of that size."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Answer(Struct, frozen=True):
    """The server's count and rejections of a part."""

    stored: int
    failed: tuple[FailedRecord, ...] = ()


def import_request(environment: Environment) -> PreparedRequest:
    """Return the request that imports events, without events.

    Raises:
        CredentialError: A credential is missing.
        DraftError: The environment is read-only, or lacks an id.
    """
    draft = Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        query=(Pair("strict", "1"),),
        headers=(Pair("Content-Encoding", "gzip"),),
        body=Body(BodyType.JSON, "[]"),
    )
    return prepare(draft, environment)


class BatchSender:
    """Sends batches, several at once; when the server asks to wait, all of them wait."""

    def __init__(self, sending: Sending) -> None:
        """Send nothing yet."""
        self._sending = sending
        self._resume_at = 0.0
        self.retries = 0
        """How often something was sent again."""

    async def send(self, batch: Batch) -> BatchResult:
        """Send a batch.

        Raises:
            JobError: It is not known what became of it, or nothing more can be sent.
            MixtuiError: A credential cannot be read, or a setting is wrong.
        """
        stored = 0
        rejected = list(batch.invalid)
        parts = [_Part(batch.records, batch.lines)] if batch.records else []
        while parts:
            part = parts.pop()
            try:
                answer = await self._send_part(part)
            except _TooLarge as refusal:
                if len(part.records) > 1:
                    parts.extend(reversed(part.halves()))
                else:
                    rejected.append(part.rejected(0, refusal.reason))
                continue
            failed = [f for f in answer.failed if f.index < len(part.records)]
            rejected += [
                part.rejected(f.index, f.message or "refused", f.field) for f in failed
            ]
            rest = part.without(failed) if failed else part
            if answer.stored >= len(rest.records):
                stored += len(rest.records)
            elif len(rest.records) == 1:
                reason = "the server stored 0 of 1 record and gave no reason"
                rejected.append(rest.rejected(0, reason))
            elif rest.records:
                # Which ones are missing shows when they are sent in smaller parts.
                parts.extend(reversed(rest.halves()))
        rejected.sort(key=lambda each: each.line)
        return BatchResult(stored, tuple(rejected))

    async def _send_part(self, part: _Part) -> _Answer:
        """Send a part, again as often as that may help.

        Raises:
            _TooLarge: The server takes no request of that size.
            JobError: As `send`.
        """
        sending = self._sending
        body = b"[" + b",".join(part.records) + b"]"
        content = await asyncio.to_thread(gzip.compress, body, _COMPRESSION, mtime=0)
        request = replace(sending.request, content=content)
        for attempt in range(MAX_ATTEMPTS):
            await self._wait_until_resumed()
            dispatched = await sending.send(request)
            if isinstance(dispatched, NoResponse):
                problem, stated = str(dispatched.error), None
            else:
                exchange, outcome = dispatched.exchange, dispatched.outcome
                if not _is_transient(exchange, outcome):
                    return _read_answer(exchange, outcome)
                problem = _problem(exchange, outcome)
                stated = retry_after(exchange)
            if attempt < MAX_ATTEMPTS - 1:
                self._pause(attempt, stated, problem)
        raise JobError(
            f"Stopped: {MAX_ATTEMPTS} attempts to send the same records failed. "
            f"{problem}",
            ExitStatus.NO_RESPONSE,
        )

    def _pause(self, attempt: int, stated: float | None, problem: str) -> None:
        """Let everything wait."""
        seconds = min(FIRST_WAIT * 2**attempt, LONGEST_WAIT)
        if stated is not None:
            seconds = max(seconds, stated)
        seconds += self._sending.jitter()
        self.retries += 1
        log.info("attempt %d failed; waiting %s", attempt + 1, duration(seconds))
        now = asyncio.get_running_loop().time()
        self._resume_at = max(self._resume_at, now + seconds)
        self._sending.on_wait(Wait(seconds, problem))

    async def _wait_until_resumed(self) -> None:
        now = asyncio.get_running_loop().time()
        while (seconds := self._resume_at - now) > 0:
            await self._sending.sleep(seconds)
            now = max(asyncio.get_running_loop().time(), self._resume_at)


def _is_transient(exchange: Exchange, outcome: Outcome) -> bool:
    return outcome.kind in _TRANSIENT or bool(exchange.response.cut_short)


def _read_answer(exchange: Exchange, outcome: Outcome) -> _Answer:
    """Read the server's count and rejections.

    Raises:
        _TooLarge: It refused the size.
        JobError: It refused everything, or did not say what it stored.
    """
    response = exchange.response
    if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise _TooLarge("too large for the server (413)")
    facts = read_body_facts(exchange)
    if response.status == HTTPStatus.OK and facts.stored is not None:
        return _Answer(
            facts.stored, parse_failed_records(response.body, exchange.redactor)
        )
    if response.status == HTTPStatus.BAD_REQUEST and facts.rejected:
        failed = parse_failed_records(response.body, exchange.redactor)
        return _Answer(facts.stored or 0, failed)
    if outcome.exit_status == ExitStatus.ACCEPTED:
        raise JobError(
            f"Stopped: {_problem(exchange, outcome)} The server did not say how many "
            "records it stored.",
            ExitStatus.REFUSED,
        )
    raise JobError(f"Stopped: {_problem(exchange, outcome)}", outcome.exit_status)


def _problem(exchange: Exchange, outcome: Outcome) -> str:
    """Return what happened, in a sentence or two."""
    status = f"{exchange.response.status} {exchange.response.reason}".strip()
    error = read_body_facts(exchange).error
    said = f"{status}: {error.rstrip('.')}." if error else f"{status}."
    return f"{said} {outcome.detail}".strip() if outcome.detail else said
