"""Send a batch of events until it is known what became of each.

A batch may be sent again, as every event has an ``$insert_id``: what was stored already is
counted once (https://developer.mixpanel.com/reference/event-deduplication). A 400 is never
sent again (https://developer.mixpanel.com/reference/import-events).
"""

from __future__ import annotations

import asyncio
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from mixtui.client.decoding import zlib_library
from mixtui.dispatch.dispatch import Completed
from mixtui.jobs.model import Batch, BatchResult, JobError
from mixtui.jobs.parts import Part, TooLarge
from mixtui.jobs.sending import Resender, describe_refusal
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import ExitStatus
from mixtui.outcome.body_facts import read_body_facts
from mixtui.outcome.failed_records import FailedRecord, parse_failed_records
from mixtui.request.prepare import prepare

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest

_GZIP = zlib.MAX_WBITS | 16
_COMPRESSION = 1
"""Level: events compress well, and the processor is what a fast import waits for."""


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


class EventSender:
    """Sends batches, several at once."""

    def __init__(self, request: PreparedRequest, resender: Resender) -> None:
        """Send nothing yet.

        Args:
            request: As of `import_request`; its content is replaced.
            resender: Sends it.
        """
        self._request = request
        self.resender = resender

    def keys(self, batch: Batch) -> frozenset[bytes]:
        """Return nothing: events may come in any order."""
        return frozenset()

    def doubt(self, batch: Batch) -> BatchResult | None:
        """Return None: events may be sent again."""
        return None

    async def send(self, batch: Batch) -> BatchResult:
        """Send a batch.

        Raises:
            JobError: It is not known what became of it, or nothing more can be sent.
            MixtuiError: A credential cannot be read, or a setting is wrong.
        """
        stored = 0
        rejected = list(batch.invalid)
        parts = Part.of(batch)
        while parts:
            part = parts.pop()
            try:
                answer = await self._send_part(part)
            except TooLarge as refusal:
                if len(part.records) > 1:
                    parts.extend(reversed(part.halves()))
                else:
                    rejected.append(part.rejected(0, refusal.reason))
                continue
            failed = [f for f in answer.failed if f.index < len(part.records)]
            rejected += [
                part.rejected(f.index, f.message or "refused", f.field) for f in failed
            ]
            rest = part.without(f.index for f in failed) if failed else part
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

    async def _send_part(self, part: Part) -> _Answer:
        """Send a part, again as often as that may help.

        Raises:
            TooLarge: The server takes no request of that size.
            JobError: As `send`.
        """
        content = await asyncio.to_thread(_compress, part)
        count = len(part.records)
        request = replace(self._request, content=content, records=count)
        return _read_answer(await self.resender.send(request))


def _compress(part: Part) -> bytes:
    compressed: bytes = zlib_library().compress(part.body, _COMPRESSION, wbits=_GZIP)
    return compressed


def _read_answer(completed: Completed) -> _Answer:
    """Read the server's count and rejections.

    Raises:
        TooLarge: It refused the size.
        JobError: It refused everything, or did not say what it stored.
    """
    exchange, outcome = completed.exchange, completed.outcome
    response = exchange.response
    if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise TooLarge
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
            f"Stopped: {describe_refusal(exchange, outcome)} The server did not say how many "
            "records it stored.",
            ExitStatus.REFUSED,
        )
    raise JobError(
        f"Stopped: {describe_refusal(exchange, outcome)}", outcome.exit_status
    )
