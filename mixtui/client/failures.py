"""Explain why no response came: what happened, to which host, and what to do."""

from __future__ import annotations

import ast
import errno
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec import Struct, field

from mixtui.model.errors import SendError
from mixtui.patterns import compile_late
from mixtui.request.urls import is_loopback
from mixtui.text import duration

if TYPE_CHECKING:
    from mixtui.model.prepared import PreparedRequest
    from mixtui.model.redaction import Redactor


class TraceStage(IntEnum):
    """The stages of a request, in order."""

    UNKNOWN = 0
    CONNECTING = 1
    SECURING = 2
    """The TLS handshake."""
    SENDING = 3
    """From here on the server may have the request."""


class ConnectionTrace(Struct):
    """Traces one request."""

    stage: TraceStage = TraceStage.UNKNOWN
    peer: str = ""
    """The host of the connection: a proxy, or the server."""
    resolving: float = 0.0
    """Seconds that the name of the peer took, a part of the stage of connecting."""
    times: dict[TraceStage, float] = field(default_factory=dict)
    """When each stage was reached, by `time.perf_counter`."""

    async def on_event(self, event: str, details: Mapping[str, object]) -> None:
        """Handle an event of httpx's ``trace`` extension."""
        if event.endswith("connect_tcp.started"):
            self._reach(TraceStage.CONNECTING)
            self.peer = str(details.get("host", ""))
        elif event.endswith("connect_tcp.complete"):
            stream = details.get("return_value")
            self.resolving = getattr(stream, "resolving", 0.0)
        elif event.endswith("start_tls.started"):
            self._reach(TraceStage.SECURING)
            # Behind a proxy the certificate is that of the server.
            self.peer = str(details.get("server_hostname") or self.peer)
        elif event.endswith("send_request_headers.started"):
            method = getattr(details.get("request"), "method", b"")
            if method != b"CONNECT":  # That one is for the proxy alone.
                self._reach(TraceStage.SENDING)

    def seconds(self, stage: TraceStage) -> float:
        """Return how long a stage took; 0 = it did not occur."""
        started = self.times.get(stage)
        if started is None:
            return 0.0
        later = [moment for other, moment in self.times.items() if other > stage]
        return min(later) - started if later else 0.0

    def _reach(self, stage: TraceStage) -> None:
        self.stage = stage
        self.times[stage] = time.perf_counter()


_HEAD_BROKE_OFF = "without sending"
"""What httpcore says of a connection that was closed before the head was complete."""
_BYTES = compile_late(r"bytearray\((b(['\"]).*\2)\)")
"""How h11 quotes what it received."""
_BINARY = "illegal request line"
"""What h11 says of a response whose first byte is not printable."""
_H11_DETAILS = {
    "_SWITCH_UPGRADE": "it switches to another protocol, which was not requested",
    "status_code should be": "its status is not between 100 and 999",
}
"""What to say instead of the names of h11's classes."""
_OLD_TLS = ("tlsv1 alert protocol version", "unsupported protocol")
_NO_RECORD = ("packet length too long", "record layer failure")
"""How OpenSSL 3.0 and 3.6 say that what came is not a TLS record."""
_CERTIFICATE_ALERTS = (
    "certificate",  # expired, revoked, required, unknown, unsupported, bad
    "unknown ca",
    "access denied",
)
# https://docs.openssl.org/3.0/man1/openssl-verification-options
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAME = (62, 64)
_UNTRUSTED = (2, 18, 19, 20, 21, 27)
_UNREACHABLE = (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
_MAX_DETAIL = 100


class UnreadableBody(Exception):
    """The file of a request body cannot be read; the message is a sentence."""


def send_failure(
    error: Exception,
    request: PreparedRequest,
    trace: ConnectionTrace,
    redactor: Redactor,
) -> SendError:
    """Explain in one sentence why a request got no response.

    Says that the server may have executed it, if the request writes and may have arrived.
    """
    import httpx

    arrived = _may_have_arrived(error, trace)
    return SendError(
        _Explanation(error, request, trace, redactor).sentence(),
        maybe_done=request.safety.writes and arrived,
        arrived=arrived,
        answered=isinstance(error, httpx.RemoteProtocolError),
    )


def is_stale_connection(error: Exception, trace: ConnectionTrace) -> bool:
    """Return whether a reused connection ended before a byte of the response came."""
    is_reused = TraceStage.CONNECTING not in trace.times
    return is_reused and _ended_without_response(error) is not None


def _ended_without_response(error: Exception) -> BaseException | None:
    from mixtui.client.network import NoResponse

    return next((c for c in _causes(error) if isinstance(c, NoResponse)), None)


def broken_body_message(error: Exception, received: str, timeout: float) -> str:
    """Explain in a sentence why a body ended early.

    Args:
        error: What httpx raised.
        received: How much was received, such as ``1.2 MB``.
        timeout: Seconds without a byte before giving up.
    """
    import httpx

    if isinstance(error, _timeouts()):
        reason = f"no data received for {duration(timeout)}"
    elif "chunked" in str(error) or "message body" in str(error):
        reason = "the server closed the connection early"
    elif isinstance(error, httpx.RemoteProtocolError):
        reason = "what follows is not a valid chunk"
    else:
        reason = "the connection was lost"
    return f"The body is incomplete after {received}: {reason}."


def _may_have_arrived(error: Exception, trace: ConnectionTrace) -> bool:
    if any(_is_certificate_alert(cause) for cause in _causes(error)):
        return False  # With TLS 1.3 the refusal of a handshake comes after it.
    if trace.stage is not TraceStage.UNKNOWN:
        return trace.stage is TraceStage.SENDING
    import httpx

    return not isinstance(
        error,
        httpx.ConnectError
        | httpx.ConnectTimeout
        | httpx.PoolTimeout
        | httpx.ProxyError
        | httpx.UnsupportedProtocol
        | httpx.LocalProtocolError
        | httpx.InvalidURL,
    )


class _Explanation(Struct, frozen=True):
    error: Exception
    request: PreparedRequest
    trace: ConnectionTrace
    redactor: Redactor

    def sentence(self) -> str:
        if isinstance(self.error, UnreadableBody):
            return str(self.error)
        sentence = self._sentence()
        return sentence[0].upper() + sentence[1:] if self._is_proxy else sentence

    def _sentence(self) -> str:
        if isinstance(self.error, _timeouts()):
            return self._timeout_message()
        for cause in _causes(self.error):
            if sentence := self._cause_message(cause):
                return sentence
        return self._error_message()

    @property
    def _is_proxy(self) -> bool:
        """Whether the connection is to a proxy."""
        host = urlsplit(self.request.url).hostname
        return bool(self.trace.peer) and self.trace.peer != host

    @property
    def host(self) -> str:
        """The host of the request, or the proxy that was connected to."""
        parts = urlsplit(self.request.url)
        if self._is_proxy:
            return f"the proxy {self.trace.peer}"
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.hostname}{port}"

    def _cause_message(self, cause: BaseException) -> str:
        """Explain a cause, as errors of sockets and OpenSSL are more exact than httpx's."""
        match cause:
            case ssl.SSLWantReadError() | ssl.SSLWantWriteError():
                return ""  # Part of any handshake.
            case ssl.SSLCertVerificationError():
                return self._certificate_message(cause)
            case ssl.SSLError():
                return self._tls_message(cause)
            case socket.gaierror() | UnicodeError():
                return (
                    f"Could not resolve {self.host}: check the network and the "
                    "spelling."
                )
            case ConnectionRefusedError() if is_loopback(self.request.url):
                return (
                    f"Connection refused by {self.host}: start it with “mixtui "
                    "sandbox”, or fix the port."
                )
            case ConnectionRefusedError():
                return f"Connection refused by {self.host}: check host and port."
            case OSError() if cause.errno in _UNREACHABLE:
                return f"No route to {self.host}: check the network, VPN or proxy."
            case _:
                return ""

    def _certificate_message(self, cause: ssl.SSLCertVerificationError) -> str:
        subject, reason = f"The certificate of {self.host}", cause.verify_message
        match cause.verify_code:
            case code if code in _UNTRUSTED:
                return (
                    f"{subject} is not trusted ({reason}): if it is issued by your "
                    "own CA, set ca_file in the environment "
                    f"{self.request.environment}."
                )
            case code if code in _OTHER_NAME:
                return f"{subject} is for a different name ({reason}): check the host."
            case code if code == _EXPIRED:
                return (
                    f"{subject} has expired: its operator must renew it, unless the "
                    "clock of this machine is wrong."
                )
            case code if code == _NOT_YET_VALID:
                return f"{subject} is not valid yet: check the clock of this machine."
            case _:
                return f"{subject} was not accepted ({reason}): ask its operator."

    def _tls_message(self, cause: ssl.SSLError) -> str:
        reason = _tls_reason(cause)
        environment = self.request.environment
        if _is_certificate_alert(cause) and self.request.tls.client_certificate:
            return (
                f"The client certificate was rejected by {self.host} ({reason}): "
                f"check client_certificate in the environment {environment}."
            )
        if _is_certificate_alert(cause) or "handshake failure" in reason:
            return (
                f"TLS handshake rejected by {self.host} ({reason}): it may require a "
                f"client_certificate in the environment {environment}."
            )
        if reason == "wrong version number":
            return (
                f"TLS handshake failed: {self.host} does not use TLS. Check the port, "
                "or use http."
            )
        if reason in _OLD_TLS:
            return (
                f"TLS handshake failed: {self.host} does not support TLS 1.2 or later. "
                "Ask its operator to update it."
            )
        if reason in _NO_RECORD:
            reason = "invalid TLS record"
        detail = f" ({reason})" if reason else ""
        return f"TLS handshake with {self.host} failed{detail}: check host and port."

    def _error_message(self) -> str:
        import httpx

        detail = self.redactor.excerpt(_error_text(self.error), _MAX_DETAIL)
        match self.error:
            case httpx.ProxyError():
                return (
                    f"The proxy refused the connection ({detail}): check "
                    "HTTPS_PROXY and NO_PROXY."
                )
            case httpx.LocalProtocolError():
                return f"The request violates HTTP ({detail}): check its headers."
            case httpx.InvalidURL() | httpx.UnsupportedProtocol():
                return f"The URL is not valid ({detail}): fix it."
            case httpx.RemoteProtocolError() if _HEAD_BROKE_OFF in detail:
                return (
                    f"{self.host} closed the connection while sending response "
                    f"headers: {self._retry_remedy}."
                )
            case httpx.RemoteProtocolError() if _BINARY in detail:
                return (
                    f"The response from {self.host} is not HTTP but binary data: check "
                    "host and port, or use https."
                )
            case httpx.RemoteProtocolError() if "too long" in detail:
                return (
                    f"The response headers from {self.host} are too long for mixtui: "
                    "check host and port."
                )
            case httpx.RemoteProtocolError():
                return (
                    f"The response from {self.host} is not HTTP ({detail}): check "
                    "host and port."
                )
            case _ if self.trace.stage is TraceStage.SECURING:
                return (
                    f"{self.host} closed the connection during the TLS handshake: "
                    "check host, port and any proxy."
                )
            case httpx.ConnectError():
                return (
                    f"Could not connect to {self.host}: check the network or the proxy."
                )
            case _ if self._was_closed:
                return (
                    f"{self.host} closed the connection without a response: "
                    f"{self._retry_remedy}."
                )
            case _ if self._connecting:
                return (
                    f"Could not connect to {self.host}: check the network or the proxy."
                )
            case _:
                return (
                    f"The connection to {self.host} was lost before a response "
                    f"arrived: {self._retry_remedy}."
                )

    def _timeout_message(self) -> str:
        import httpx

        limit = duration(self.request.timeout)
        if self._connecting or isinstance(self.error, httpx.ConnectTimeout):
            return (
                f"Could not connect to {self.host} within {limit}: check the network "
                "or the proxy, or raise the timeout option."
            )
        return f"No response from {self.host} within {limit}: raise the timeout option."

    @property
    def _retry_remedy(self) -> str:
        writes = self.request.safety.writes
        return "check before you retry" if writes else "retry"

    @property
    def _was_closed(self) -> bool:
        """Whether the server closed the connection in good order, with nothing sent."""
        ended = _ended_without_response(self.error)
        return ended is not None and ended.__context__ is None

    @property
    def _connecting(self) -> bool:
        return self.trace.stage in (TraceStage.CONNECTING, TraceStage.SECURING)


def _error_text(error: Exception) -> str:
    """Return what a library says, with received bytes as text and no names of classes."""
    text = str(error)
    for sign, replacement in _H11_DETAILS.items():
        if sign in text:
            return replacement
    return _BYTES.sub(lambda quoted: f"“{_quoted_bytes(quoted[1])}”", text)


def _quoted_bytes(literal: str) -> str:
    data: bytes = ast.literal_eval(literal)
    return data.decode(errors="replace")


def _tls_reason(cause: ssl.SSLError) -> str:
    # OpenSSL's errors have a reason, those that Python makes do not.
    reason: str | None = getattr(cause, "reason", None)
    return (reason or "").replace("_", " ").lower()


def _is_certificate_alert(cause: BaseException) -> bool:
    """Return whether the server refused our certificate, or that there is none."""
    reason = _tls_reason(cause) if isinstance(cause, ssl.SSLError) else ""
    return "alert" in reason and any(alert in reason for alert in _CERTIFICATE_ALERTS)


def _timeouts() -> tuple[type[Exception], ...]:
    import httpx

    return TimeoutError, httpx.TimeoutException


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the causes of an error, nearest first, including members of groups."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        cause = pending.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        if isinstance(cause, BaseExceptionGroup):
            pending.extend(cause.exceptions)
        pending += [cause.__cause__, cause.__context__]
