"""Send a batch of updates of profiles until it is known what became of each.

Some may be sent again: to set, to merge or to delete twice changes nothing more. To add, to
append or to remove does: a batch with such an update is sent once, and if its response does
not come or is unclear, it is unknown what became of it. Batches that change the same profile
are sent in their order.

200 and 0 mean that no update of the request is valid, or that not all are
(https://developer.mixpanel.com/reference/profile-set, create-identity): what may be sent again
is sent in halves, until it is known which are not.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from mixtui.dispatch.dispatch import Completed
from mixtui.jobs.model import Batch, BatchResult, JobError, RejectedBy, RejectedRecord
from mixtui.jobs.parts import Part, TooLarge
from mixtui.jobs.sending import Resender, Stopped, UnclearResponse, describe_refusal
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.operation import Repeat
from mixtui.mixpanel.profiles import ProfileKind
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.model.errors import MixtuiError
from mixtui.outcome.body_facts import read_body_facts
from mixtui.outcome.failed_records import FailedRecord, parse_failed_records
from mixtui.request.prepare import prepare

if TYPE_CHECKING:
    from mixtui.mixpanel.operation import Operation
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest

_ENDED = "the job ended before the response came; the server may have stored it"


class _Refusal(Struct, frozen=True):
    """The server did not take a part, or not all of it."""

    reason: str
    failed: tuple[FailedRecord, ...] = ()
    """Those that it says it did not take."""


def update_request(environment: Environment, operation: Operation) -> PreparedRequest:
    """Return the request that sends updates, without updates.

    Args:
        environment: Whose profiles.
        operation: The one that is sent, or the one that says most of what may be sent.

    Raises:
        CredentialError: The environment has no project token.
        DraftError: It is read-only.
    """
    draft = Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url=f"{operation.path}#{operation.fragment}",
        # The caller's address is not where the users are.
        query=(Pair("ip", "0"), Pair("strict", "1"), Pair("verbose", "1")),
        body=Body(BodyType.JSON, "[{}]"),
    )
    return prepare(draft, environment)


class ProfileSender:
    """Sends batches, several at once."""

    def __init__(
        self, kind: ProfileKind, request: PreparedRequest, resender: Resender
    ) -> None:
        """Send nothing yet.

        Args:
            kind: Whose profiles.
            request: As of `update_request`; its content is replaced.
            resender: Sends it.
        """
        self._ids, self._request = kind.ids, request
        self.resender = resender
        self._decode = msgspec.json.Decoder(dict[str, Raw]).decode
        self._once = frozenset(
            name
            for name, operation in kind.operations.items()
            if operation.repeat is not Repeat.IDEMPOTENT
        )

    def keys(self, batch: Batch) -> frozenset[bytes]:
        """Return the ids of the profiles: an id is the same as a number and as a text."""
        return frozenset(map(self._key, batch.records))

    def _key(self, record: bytes) -> bytes:
        members = self._decode(record)
        ids = [str(msgspec.json.decode(members[name])) for name in self._ids]
        return "\0".join(ids).encode("utf-8", "surrogatepass")

    def doubt(self, batch: Batch) -> BatchResult | None:
        """Return that nothing is known, if a batch must not be sent twice."""
        if not self._must_be_sent_once(batch):
            return None
        unknown = [
            reject
            for part in Part.of(batch)
            for reject in part.all_rejected(_ENDED, RejectedBy.NOBODY)
        ]
        return BatchResult(0, batch.invalid, tuple(unknown))

    def _must_be_sent_once(self, batch: Batch) -> bool:
        return any(self._decode(each).keys() & self._once for each in batch.records)

    async def send(self, batch: Batch) -> BatchResult:
        """Send a batch.

        Raises:
            JobError: Nothing more can be sent; a batch with a doubt was not.
            MixtuiError: A setting is wrong.
        """
        sending = _BatchSending(self.resender, self._request)
        if self._must_be_sent_once(batch):
            await sending.send_once(batch)
        else:
            await sending.send(batch)
        rejected = sorted(
            (*batch.invalid, *sending.rejected), key=lambda each: each.line
        )
        return BatchResult(sending.stored, tuple(rejected), tuple(sending.unknown))


class _BatchSending:
    """A batch that is being sent."""

    def __init__(self, resender: Resender, request: PreparedRequest) -> None:
        self._resender, self._request = resender, request
        self.stored = 0
        self.rejected: list[RejectedRecord] = []
        self.unknown: list[RejectedRecord] = []

    async def send(self, batch: Batch) -> None:
        """Send what may be sent again, in parts where that tells more."""
        parts = Part.of(batch)
        while parts:
            part = parts.pop()
            try:
                refusal = _read_answer(await self._resender.send(self._with(part)))
            except TooLarge as problem:
                refusal = _Refusal(problem.reason)
            except UnclearResponse as unclear:
                raise JobError(f"Stopped: {unclear.problem}") from None
            if refusal is None:
                self.stored += len(part.records)
            elif failed := self._reject(part, refusal):
                rest = part.without(failed)
                parts += [rest] if rest.records else []
            elif len(part.records) > 1:
                parts.extend(reversed(part.halves()))
            else:
                self.rejected.append(part.rejected(0, refusal.reason))

    async def send_once(self, batch: Batch) -> None:
        """Send what must not be sent again; in parts only if none of it was taken.

        Raises:
            MixtuiError: Nothing of it was sent.
            Stopped: Nothing of it was sent.
        """
        parts = Part.of(batch)
        while parts:
            part = parts.pop()
            try:
                answer = await self._resender.send_once(self._with(part))
                refusal = _read_answer(answer)
            except TooLarge as problem:
                if len(part.records) > 1:
                    parts.extend(reversed(part.halves()))
                else:
                    self.rejected.append(part.rejected(0, problem.reason))
            except UnclearResponse as unclear:
                self._doubt(part, unclear.problem)
            except (MixtuiError, Stopped) as error:
                if not (self.stored or self.rejected or self.unknown):
                    raise
                reason = f"was not sent: {str(error) or 'the job was stopped'}"
                for each in (part, *reversed(parts)):
                    self.rejected += each.all_rejected(reason, RejectedBy.CHECK)
                return
            else:
                if refusal is None:
                    self.stored += len(part.records)
                elif len(part.records) == 1 and not refusal.failed:
                    self.rejected.append(part.rejected(0, refusal.reason))
                else:
                    rest = part.without(self._reject(part, refusal))
                    self._doubt(rest, f"the server refused the batch: {refusal.reason}")

    def _with(self, part: Part) -> PreparedRequest:
        count = len(part.records)
        return replace(self._request, content=part.body, records=count)

    def _reject(self, part: Part, refusal: _Refusal) -> list[int]:
        """Reject the records that the server names; return their indexes."""
        failed = {each.index: each for each in refusal.failed}
        indexes = [index for index in failed if index < len(part.records)]
        self.rejected += [
            part.rejected(i, failed[i].message or refusal.reason, failed[i].field)
            for i in indexes
        ]
        return indexes

    def _doubt(self, part: Part, reason: str) -> None:
        self.unknown += part.all_rejected(reason, RejectedBy.NOBODY)


def _read_answer(completed: Completed) -> _Refusal | None:
    """Read what the server says it did with a part; None = it took all of it.

    Raises:
        TooLarge: It refused the size.
        UnclearResponse: It did not say.
        JobError: It refused everything, and will refuse all that follows.
    """
    exchange, outcome = completed.exchange, completed.outcome
    response, facts = exchange.response, read_body_facts(exchange)
    said = describe_refusal(exchange, outcome)
    if response.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise TooLarge
    is_ok = response.status < HTTPStatus.MULTIPLE_CHOICES
    if is_ok and (facts.bare == "1" or facts.succeeded):
        return None
    failed = parse_failed_records(response.body, exchange.redactor)
    is_refused = facts.bare == "0" or facts.failed
    if (is_ok and is_refused) or (response.status == HTTPStatus.BAD_REQUEST and failed):
        reason = facts.error.rstrip(".") or "the server said 0"
        if not failed and reason.startswith("token"):
            raise JobError(f"Stopped: {said}", outcome.exit_status)
        return _Refusal(reason, failed)
    if is_ok:
        raise UnclearResponse(said)
    raise JobError(f"Stopped: {said}", outcome.exit_status)
