"""Send prepared requests; `Client.send` is the only place that does.

Nothing is repeated but a GET whose connection had ended, no cookie is stored, and a
redirect is followed only to the same origin. Credentials are read at the last moment, and
no `Exchange` and no error shows them: of what was read, only the exchange's redactor
knows.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from io import BufferedWriter
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from mixtui import log
from mixtui.client.body import (
    NO_BODY,
    BodyReader,
    BodySink,
    Progress,
    ProgressReporter,
    ReadableSink,
    ReceivedBody,
    read_until_cancelled,
)
from mixtui.client.connections import Connections, Lease, proxy_secrets
from mixtui.client.decoding import IdentityDecoder, make_decoder
from mixtui.client.failures import (
    ConnectionTrace,
    TraceStage,
    UnreadableBody,
    broken_body_message,
    is_stale_connection,
    send_failure,
)
from mixtui.client.wire import (
    body_chunks,
    check_credential_target,
    response_headers,
    sent_request,
    to_response,
    wire_request,
)
from mixtui.model.draft import Method
from mixtui.model.errors import SendError
from mixtui.model.exchange import Exchange, Timing
from mixtui.model.prepared import FileContent
from mixtui.model.redaction import Redactor
from mixtui.model.secrets import Secret, SecretReader
from mixtui.request.authentication import authorization_header, authorization_secrets
from mixtui.request.urls import port_of
from mixtui.system import CancelToken
from mixtui.text import duration, size

if TYPE_CHECKING:
    import httpx

    from mixtui.model.prepared import PreparedRequest


MAX_REDIRECTS = 5
_METHOD_CHANGING = (301, 302, 303)
_METHOD_PRESERVING = (307, 308)
_URL_SAFE = "/%:@!$&'()*+,;=~?[]-._"
_MAX_URL_EXCERPT = 120
_MAX_ENCODING_EXCERPT = 60


class Follow(Struct, frozen=True):
    """Follow the redirect to a URL, with the same method, headers and body."""

    url: str


class DoNotFollow(Struct, frozen=True):
    """Take the response as it is."""

    notice: str = ""
    """Why a redirect was not followed; empty if it was none."""


def redirect_decision(
    status: int,
    location: str | None,
    method: Method,
    url: str,
    *,
    hops: int,
    redactor: Redactor,
) -> Follow | DoNotFollow:
    """Decide whether to follow a redirect.

    Args:
        status: The status of the response.
        location: Its ``Location`` header.
        method: The method of the request.
        url: The URL that responded.
        hops: The number of redirects followed so far.
        redactor: Masks secrets in the notice.
    """
    if status not in (*_METHOD_CHANGING, *_METHOD_PRESERVING) or not location:
        return DoNotFollow()
    target = _resolve_location(url, location)
    if target is None:
        return DoNotFollow("The redirect was not followed: its URL is not valid.")
    shown = redactor.excerpt(target, _MAX_URL_EXCERPT)
    if not _same_origin(url, target):
        return DoNotFollow(
            f"The redirect to {shown} was not followed: mixtui only follows redirects "
            "to the same host, port and scheme."
        )
    if status in _METHOD_CHANGING and method is not Method.GET:
        return DoNotFollow(
            f"The redirect to {shown} was not followed: the {method} would become a "
            "GET."
        )
    if hops >= MAX_REDIRECTS:
        return DoNotFollow(
            f"Stopped after {MAX_REDIRECTS} redirects; the next one goes to {shown}."
        )
    return Follow(target)


def _resolve_location(url: str, location: str) -> str | None:
    try:
        absolute = urljoin(url, location.strip()).partition("#")[0]
        target = quote(absolute, safe=_URL_SAFE)
        # After quoting: urlsplit removes a tab, which would then be in the port.
        port_of(urlsplit(target))
    except ValueError:
        return None
    return target


def _same_origin(one: str, other: str) -> bool:
    a, b = urlsplit(one), urlsplit(other)
    if b.username is not None or "\\" in other:
        return False
    return (a.scheme, a.hostname, port_of(a)) == (b.scheme, b.hostname, port_of(b))


__all__ = ["Client", "Progress"]


class Client:
    """Sends requests over pooled connections; one instance serves the entire program."""

    def __init__(
        self,
        secrets: SecretReader | None = None,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Connect to nothing yet.

        Args:
            secrets: Reads credentials when a request is sent.
            transport: Replaces the network, in tests.
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
        on_ready: Callable[[Redactor], None] | None = None,
    ) -> Exchange:
        """Send a request and read its response.

        An incomplete response is an `Exchange`, too: see `Response.cut_short`.

        Args:
            request: What to send.
            on_progress: Called a few times a second while the body comes.
            on_head: Called once, with status and headers, before the body.
            sink: Where to write the decoded body, instead of holding it in memory.
            cancel_token: Ends the body early; the received part is in the `Exchange`.
            on_ready: Called once before it is sent, with what masks all of its secrets.

        Raises:
            CredentialError: A secret cannot be read, or must not be sent there.
            SettingsError: A certificate file or a proxy variable is wrong.
            SendError: No response came.
        """
        number = next(_numbers)
        url = request.url.partition("#")[0]
        check_credential_target(request, url)
        started = time.perf_counter()
        authorization, read = await self._authorization(request)
        secrets = (*request.secrets, *read, *proxy_secrets(url))
        redactor = Redactor(secrets)
        log.know(secrets)
        _log_request(number, request, url, redactor)
        if read:
            log.debug("#%d: credential read in %s", number, _since(started))
        if on_ready is not None:
            on_ready(redactor)
        shown_body = await _masked_body(request, redactor)
        async with self._connections.lease(request.tls, url) as lease:
            transfer = _Transfer(
                number,
                request,
                lease,
                authorization,
                redactor,
                shown_body,
                cancel_token or CancelToken(),
            )
            try:
                exchange = await transfer.run(url, on_progress, on_head, sink)
            except asyncio.CancelledError:
                log.info("#%d: cancelled before a response", number)
                raise
            if exchange.response.cut_short:
                lease.retire()
            return exchange

    async def close(self) -> None:
        """Close every connection; a later `send` opens new ones."""
        await self._connections.close()

    async def _authorization(
        self, request: PreparedRequest
    ) -> tuple[Secret | None, tuple[Secret, ...]]:
        """Return the computed header, and the secrets in it."""
        if request.authorization is None:
            return None, ()
        token = CancelToken()
        reader = replace(self._secrets, token=token)
        try:
            # A command or a key ring may be slow.
            header = await asyncio.to_thread(
                authorization_header, request.authorization, reader
            )
        finally:
            token.cancel()
        return header, authorization_secrets(request.authorization, header)


_numbers = itertools.count(1)
"""Of the requests of this process, for the log."""


def _log_request(
    number: int, request: PreparedRequest, url: str, redactor: Redactor
) -> None:
    """Log what is about to be sent: never a header, and of the body only the size."""
    if not log.is_on(log.INFO):
        return
    content = request.content
    length = content.size if isinstance(content, FileContent) else len(content or b"")
    log.info(
        "#%d: %s %s (%s, %s, environment %s)",
        number,
        request.method,
        redactor.redact(url),
        f"body {size(length)}" if length else "no body",
        type(request.authorization).__name__
        if request.authorization
        else "no credential",
        request.environment,
    )


def _since(started: float) -> str:
    return duration(time.perf_counter() - started)


class _StaleConnection(SendError):
    """The server had ended a connection that was kept open, and a read may be repeated."""


async def _masked_body(request: PreparedRequest, redactor: Redactor) -> bytes:
    if request.records is not None or not isinstance(request.content, bytes):
        return b""
    # In a thread: it may be large.
    return await asyncio.to_thread(redactor.redact_sent, request.content)


class _Transfer(Struct, frozen=True):
    """One request, its redirects and its response."""

    number: int
    """For the log."""
    request: PreparedRequest
    lease: Lease
    authorization: Secret | None
    redactor: Redactor
    shown_body: bytes
    """That of the request, secrets masked."""
    cancel_token: CancelToken

    async def run(
        self,
        url: str,
        on_progress: Callable[[Progress], None] | None,
        on_head: Callable[[Exchange], None] | None,
        sink: BodySink | None,
    ) -> Exchange:
        started, clock_start = datetime.now(UTC), time.perf_counter()
        http_response, hops, decision, trace = await self._send_following_redirects(url)
        first_byte = time.perf_counter() - clock_start
        async with contextlib.aclosing(http_response):
            head = Exchange(
                request=self.request,
                sent=sent_request(
                    http_response, self.request, hops, self.redactor, self.shown_body
                ),
                response=to_response(http_response, NO_BODY),
                timing=Timing(
                    started,
                    first_byte,
                    first_byte,
                    trace.seconds(TraceStage.CONNECTING),
                    trace.seconds(TraceStage.SECURING),
                    trace.resolving,
                ),
                not_followed=decision.notice,
                redactor=self.redactor,
            )
            self._log_head(head)
            if on_head is not None:
                on_head(head)
            reporter = ProgressReporter(
                on_progress, clock_start, _content_length(http_response)
            )
            body, notice = await self._read_body(http_response, sink, reporter)
        state = body.cut_short.rstrip(".") or "body complete"
        received = size(body.wire_bytes)
        taken = _since(clock_start)
        log.info("#%d: %s: %s in %s", self.number, state, received, taken)
        return replace(
            head,
            response=to_response(http_response, body),
            timing=replace(head.timing, total=time.perf_counter() - clock_start),
            notices=(notice,) if notice else (),
        )

    async def _send_following_redirects(
        self, url: str
    ) -> tuple[httpx.Response, list[str], DoNotFollow, ConnectionTrace]:
        """Send, and follow redirects.

        Returns:
            The response, open for reading; the URLs requested, of which the last one
            responded; why no redirect was followed from there; and its trace.
        """
        hops = [url]
        while True:
            http_response, trace = await self._send_repeating(hops[-1])
            decision = self._redirect_decision(http_response, hops)
            if isinstance(decision, DoNotFollow):
                if decision.notice:
                    log.info("#%d: %s", self.number, decision.notice)
                return http_response, hops, decision, trace
            await http_response.aclose()
            hops.append(decision.url)
            target = self.redactor.redact(decision.url)
            log.info("#%d: redirected to %s", self.number, target)

    def _redirect_decision(
        self, http_response: httpx.Response, hops: list[str]
    ) -> Follow | DoNotFollow:
        locations = [
            v for n, v in response_headers(http_response) if n.lower() == "location"
        ]
        decision = redirect_decision(
            http_response.status_code,
            locations[0] if locations else None,
            self.request.method,
            hops[-1],
            hops=len(hops) - 1,
            redactor=self.redactor,
        )
        if isinstance(decision, DoNotFollow) or self.request.follow_redirects:
            return decision
        return DoNotFollow(
            "The redirect was not followed: following redirects is disabled (Options)."
        )

    async def _send_repeating(self, url: str) -> tuple[httpx.Response, ConnectionTrace]:
        """Send one request, again if it went to a connection that had ended.

        That is the only case in which anything is repeated (RFC 9112, section 9.3.1).
        """
        trace = ConnectionTrace()
        with contextlib.suppress(_StaleConnection):
            return await self._send_once(url, trace), trace
        text = "#%d: the connection had ended; repeating the read on a new one"
        log.info(text, self.number)
        await self.lease.renew()
        trace = ConnectionTrace()
        return await self._send_once(url, trace), trace

    async def _send_once(self, url: str, trace: ConnectionTrace) -> httpx.Response:
        """Send one request; return when its status line has come."""
        import httpx

        timeout = self.request.timeout
        loop = asyncio.get_running_loop()
        try:
            async with (
                asyncio.timeout(timeout) as deadline,
                # The timeout starts anew with each chunk: a body may be big.
                contextlib.aclosing(
                    body_chunks(
                        self.request.content,
                        lambda: deadline.reschedule(loop.time() + timeout),
                    )
                ) as chunks,
            ):
                # The request is in no variable: it holds the credentials, and a
                # traceback holds variables.
                return await self.lease.client.send(
                    wire_request(self.request, url, self.authorization, trace, chunks),
                    stream=True,
                )
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
            OSError,
            ValueError,  # A host that cannot be looked up, or be in a certificate.
            OverflowError,  # A port that no machine has,
            ExceptionGroup,  # in which anyio puts what each address failed with.
            UnreadableBody,
        ) as error:
            failure = send_failure(error, self.request, trace, self.redactor)
            is_stale = is_stale_connection(error, trace)
        # Outside the handler, so that what httpx raised, and with it the request, does
        # not become part of our error.
        is_read = self.request.method is Method.GET and not self.request.safety.writes
        error_type = _StaleConnection if is_stale and is_read else SendError
        reason = self.redactor.redact(failure.reason)
        if error_type is SendError:
            log.error("#%d: no response: %s", self.number, reason)
        raise error_type(
            reason,
            maybe_done=failure.maybe_done,
            arrived=failure.arrived,
            answered=failure.answered,
        )

    def _log_head(self, head: Exchange) -> None:
        response, timing = head.response, head.timing
        log.info(
            "#%d: %s %d %s, first byte after %s (connection %s, TLS %s)",
            self.number,
            response.http_version,
            response.status,
            response.reason,
            duration(timing.first_byte),
            duration(timing.connecting),
            duration(timing.securing),
        )

    async def _read_body(
        self,
        http_response: httpx.Response,
        sink: BodySink | None,
        reporter: ProgressReporter,
    ) -> tuple[ReceivedBody, str]:
        import httpx

        encoding = http_response.headers.get("content-encoding", "")
        body_decoder, notice = make_decoder(encoding), ""
        if body_decoder is None:
            body_decoder = IdentityDecoder()
            shown = self.redactor.excerpt(encoding, _MAX_ENCODING_EXCERPT)
            notice = f"The body is encoded with {shown}, which mixtui cannot decode."
        if http_response.is_stream_consumed:  # Complete already, in tests.
            body_decoder = IdentityDecoder()
        reader = BodyReader(body_decoder, sink)
        # Neither a file nor a spool keeps what it is given: a view is as good as bytes.
        as_view = isinstance(body_decoder, IdentityDecoder) and isinstance(
            sink, BufferedWriter | ReadableSink
        )
        chunks = _large_chunks(http_response, as_view=as_view)
        try:
            reading = reader.read(chunks, self.request.timeout, reporter)
            if not await read_until_cancelled(reading, self.cancel_token):
                reader.mark_cancelled()
        except (httpx.HTTPError, OSError) as error:
            received = size(reader.wire_bytes)
            reader.cut_short = broken_body_message(
                error, received, self.request.timeout
            )
        return reader.result(), notice or body_decoder.notice


def _content_length(http_response: httpx.Response) -> int | None:
    """Return the bytes of the body on the wire, if the server announced them."""
    length = http_response.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else None


async def _large_chunks(
    http_response: httpx.Response, *, as_view: bool
) -> AsyncIterator[bytes]:
    """Yield a body as it is on the wire, in pieces as large as the system has them."""
    from httpx._transports.default import map_httpcore_exceptions

    from mixtui.client.chunked import body_pieces, connection_of

    connection = connection_of(http_response)
    if connection is None:
        async for chunk in _wire_chunks(http_response):
            yield chunk
        return
    with map_httpcore_exceptions():
        async with contextlib.aclosing(body_pieces(connection)) as pieces:
            async for piece in pieces:
                yield cast("bytes", piece) if as_view else bytes(piece)


async def _wire_chunks(http_response: httpx.Response) -> AsyncIterator[bytes]:
    if http_response.is_stream_consumed:
        yield http_response.content
        return
    async for chunk in http_response.aiter_raw():
        yield chunk
