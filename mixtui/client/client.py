"""Sends prepared requests: `Client.send` is the only place where bytes leave.

Nothing is retried, no cookie is kept, and a redirect is followed to the same origin
alone. Credentials are read at the last moment and are in no `Exchange` and no error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from mixtui.client.body import (
    NO_BODY,
    BodyReader,
    BodySink,
    Progress,
    ReceivedBody,
    Reporter,
    read_until_cancelled,
)
from mixtui.client.connections import Connections
from mixtui.client.decoding import IdentityDecoder, decoder
from mixtui.client.failures import (
    ConnectionTrace,
    TraceStage,
    UnreadableBody,
    broken_body,
    send_failure,
)
from mixtui.client.wire import (
    answer_headers,
    check_credential_target,
    response,
    sent_request,
    wire_request,
)
from mixtui.model.draft import Method
from mixtui.model.errors import SendError
from mixtui.model.exchange import Exchange, Timing
from mixtui.model.secrets import Redactor, Secret, SecretReader
from mixtui.request.authentication import authorization_header
from mixtui.system import CancelToken
from mixtui.text import sanitize_excerpt, size

if TYPE_CHECKING:
    import httpx

    from mixtui.model.prepared import PreparedRequest


LIMIT = 5
_REWRITING = (301, 302, 303)
_KEEPING = (307, 308)
_SAFE = "/%:@!$&'()*+,;=~?[]-._"
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Follow:
    """The URL to ask next, with the same method, headers and body."""

    url: str


@dataclass(frozen=True, slots=True)
class DoNotFollow:
    """The answer at hand is the answer."""

    notice: str = ""
    """Why a redirect was not followed; empty if it was none."""


def redirect_decision(
    status: int, location: str | None, method: Method, url: str, *, hops: int
) -> Follow | DoNotFollow:
    """What to do about an answer.

    Args:
        status: Its status.
        location: Its ``Location`` header.
        method: That of the request.
        url: The URL that answered.
        hops: How many redirects were followed already.
    """
    if status not in (*_REWRITING, *_KEEPING) or not location:
        return DoNotFollow()
    target = _joined(url, location)
    if target is None:
        return DoNotFollow("The redirect was not followed: it leads to no valid URL.")
    where = sanitize_excerpt(target, _SHOWN)
    if not _same_origin(url, target):
        return DoNotFollow(
            f"The redirect to {where} was not followed: only one to the same host is."
        )
    if status in _REWRITING and method is not Method.GET:
        return DoNotFollow(
            f"The redirect to {where} was not followed: a {method} would become a GET."
        )
    if hops >= LIMIT:
        return DoNotFollow(
            f"Stopped after {LIMIT} redirects; the next leads to {where}."
        )
    return Follow(target)


def _joined(url: str, location: str) -> str | None:
    try:
        joined = urljoin(url, location.strip()).partition("#")[0]
        _port(urlsplit(joined))
    except ValueError:
        return None
    return quote(joined, safe=_SAFE)


def _same_origin(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    if b.username is not None or "\\" in other:
        return False
    return (a.scheme, a.hostname, _port(a)) == (b.scheme, b.hostname, _port(b))


def _port(parts: SplitResult) -> int | None:
    return parts.port or {"http": 80, "https": 443}.get(parts.scheme)


__all__ = ["Client", "Progress"]


class Client:
    """Sends requests over pooled connections. One serves a whole program."""

    def __init__(
        self,
        secrets: SecretReader | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """A client that has connected to nothing yet.

        Args:
            secrets: Reads credentials when a request is sent.
            transport: Takes the place of the network, in tests.
        """
        self._secrets = secrets or SecretReader()
        self._connections = Connections(transport)

    async def send(
        self,
        request: PreparedRequest,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        on_head: Callable[[Exchange], None] | None = None,
        sink: BodySink | None = None,
        cancel_token: CancelToken | None = None,
    ) -> Exchange:
        """Send a request and read its answer.

        An answer that breaks off is an `Exchange`, too: see `Response.cut_short`.

        Args:
            request: What to send.
            on_progress: Told a few times a second while the body comes.
            on_head: Told once, when status and headers have come and no body yet.
            sink: Where to write the decoded body, instead of keeping a big one.
            cancel_token: Ends the body early; what came of it is in the `Exchange`.

        Raises:
            CredentialError: A secret cannot be read, or must not be sent there.
            SettingsError: A certificate file or a proxy variable is wrong.
            SendError: No answer came.
        """
        url = request.url.partition("#")[0]
        check_credential_target(request, url)
        authorization = await self._authorization(request)
        client = await self._connections.client(request.tls, url)
        call = _Call(
            request,
            client,
            authorization,
            Redactor(request.sensitive),
            cancel_token or CancelToken(),
        )
        return await call.run(url, on_progress, on_head, sink)

    async def close(self) -> None:
        """Close every connection; a later `send` opens new ones."""
        await self._connections.close()

    async def _authorization(self, request: PreparedRequest) -> Secret | None:
        if request.authorization is None:
            return None
        # A command or a key ring may take its time.
        return await asyncio.to_thread(
            authorization_header, request.authorization, self._secrets
        )


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, its redirects and its answer."""

    request: PreparedRequest
    client: httpx.AsyncClient
    authorization: Secret | None
    masker: Redactor
    cancel_token: CancelToken

    async def run(
        self,
        url: str,
        on_progress: Callable[[Progress], None] | None,
        on_head: Callable[[Exchange], None] | None,
        sink: BodySink | None,
    ) -> Exchange:
        started, clock = datetime.now(UTC), time.perf_counter()
        answer, hops, stopped, journey = await self._answer(url)
        first_byte = time.perf_counter() - clock
        async with aclosing(answer):
            head = Exchange(
                request=self.request,
                sent=sent_request(answer, self.request, hops, self.masker),
                response=response(answer, NO_BODY),
                timing=Timing(
                    started,
                    first_byte,
                    first_byte,
                    journey.seconds(TraceStage.CONNECTING),
                    journey.seconds(TraceStage.SECURING),
                ),
            )
            if on_head is not None:
                on_head(head)
            reporter = Reporter(on_progress, clock, _announced(answer))
            body, notice = await self._body(answer, sink, reporter)
        notices = filter(None, (self.masker.redact(stopped.notice), notice))
        return replace(
            head,
            response=response(answer, body),
            timing=replace(head.timing, total=time.perf_counter() - clock),
            notices=tuple(notices),
        )

    async def _answer(
        self, url: str
    ) -> tuple[httpx.Response, list[str], DoNotFollow, ConnectionTrace]:
        """The answer, open for reading, and the URLs asked; the last one answered."""
        hops = [url]
        while True:
            journey = ConnectionTrace()
            answer = await self._one_answer(hops[-1], journey)
            decision = self._next(answer, hops)
            if isinstance(decision, DoNotFollow):
                return answer, hops, decision, journey
            await answer.aclose()
            hops.append(decision.url)

    def _next(self, answer: httpx.Response, hops: list[str]) -> Follow | DoNotFollow:
        locations = [v for n, v in answer_headers(answer) if n.lower() == "location"]
        decision = redirect_decision(
            answer.status_code,
            locations[0] if locations else None,
            self.request.method,
            hops[-1],
            hops=len(hops) - 1,
        )
        if isinstance(decision, DoNotFollow) or self.request.follow_redirects:
            return decision
        return DoNotFollow(
            "The redirect was not followed: that is switched off (Options)."
        )

    async def _one_answer(self, url: str, journey: ConnectionTrace) -> httpx.Response:
        """One request on the wire; returns when the status line has come."""
        import httpx

        patience = self.request.timeout
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(patience) as deadline, journey:
                # The request is in no variable: it holds the credentials, and a
                # traceback holds variables.
                return await self.client.send(
                    wire_request(
                        self.request,
                        url,
                        self.authorization,
                        journey,
                        # Time runs from the last sign of life: much may be sent.
                        lambda: deadline.reschedule(loop.time() + patience),
                    ),
                    stream=True,
                )
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            OSError,
            UnicodeError,  # A host name that cannot be looked up at all.
            UnreadableBody,
        ) as error:
            failure = send_failure(error, self.request, journey)
        # Outside the handler, so that what httpx raised, and with it the request, does
        # not become part of our error.
        raise SendError(self.masker.redact(str(failure)), maybe_done=failure.maybe_done)

    async def _body(
        self, answer: httpx.Response, sink: BodySink | None, reporter: Reporter
    ) -> tuple[ReceivedBody, str]:
        import httpx

        encoding = answer.headers.get("content-encoding", "")
        undoes, notice = decoder(encoding), ""
        if undoes is None:
            undoes = IdentityDecoder()
            notice = f"The body is encoded with {encoding}, which mixtui does not undo."
        if answer.is_stream_consumed:  # Made whole by a test's transport.
            undoes = IdentityDecoder()
        reader = BodyReader(undoes, sink)
        chunks = _wire_chunks(answer)
        try:
            reading = reader.read(chunks, self.request.timeout, reporter)
            if not await read_until_cancelled(reading, self.cancel_token):
                reader.stopped()
        except (httpx.HTTPError, OSError) as error:
            received = size(reader.wire_bytes)
            reader.cut_short = broken_body(error, received, self.request.timeout)
        return reader.result(), notice or undoes.notice


def _announced(answer: httpx.Response) -> int | None:
    """How many bytes the body has on the wire, if the server said so."""
    length = answer.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


async def _wire_chunks(answer: httpx.Response) -> AsyncIterator[bytes]:
    if answer.is_stream_consumed:
        yield answer.content
        return
    async for chunk in answer.aiter_raw():
        yield chunk
