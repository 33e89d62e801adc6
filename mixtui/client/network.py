"""Sockets for httpcore: read while they are written, and owned until they are closed.

httpcore takes any network backend. Its own reads nothing while it writes, so that an
early refusal is lost when the server then resets the connection, and it knows of no
connection that was cancelled before a request was on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any

import httpcore
from httpcore import _synchronization

from mixtui.patterns import compile_late

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_MAX_UNREAD = 1 << 18
"""Bytes; while so many wait to be read, nothing more is received."""
_NEXT_ADDRESS = 0.25
"""Seconds after which the next address of a host is tried, too (RFC 8305)."""
_DAY = 86_400.0
_STATUS = compile_late(rb"HTTP/1\.[01] (\d)\d\d[ \r\n]")
_VERSION = b"HTTP/1."
_STATUS_LENGTH = len(b"HTTP/1.1 200 ")
_AddressInfo = tuple[int, int, int, str, Any]


class _Asyncio:
    """What httpcore uses of anyio, by its names, for asyncio alone.

    Loading anyio takes a tenth of the time of ``mixtui send``, for two of its classes.
    """

    Lock = asyncio.Lock
    Event = asyncio.Event

    @staticmethod
    def CancelScope(*, shield: bool) -> contextlib.nullcontext[None]:
        """Return a scope: anyio's shields from its own cancelling, not from asyncio's."""
        return contextlib.nullcontext()

    @staticmethod
    def fail_after(timeout: None) -> contextlib.nullcontext[None]:
        """Return a scope without a timeout: `Client` has its own."""
        return contextlib.nullcontext()


def use_asyncio() -> None:
    """Let httpcore wait with the locks and events of asyncio.

    It looks for sniffio with each lock it makes, and where that is not installed, Python
    searches every folder again.
    """
    vars(_synchronization)["anyio"] = _Asyncio
    vars(_synchronization)["current_async_library"] = lambda: "asyncio"


class NoResponse(httpcore.ReadError):
    """The connection ended before a byte of the response came."""


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections, and can close all of them at once."""

    def __init__(self) -> None:
        self._open: set[Stream] = set()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Connect to the first address of a host that answers.

        The client has timeouts of its own and uses none of the other arguments.

        Raises:
            httpcore.ConnectError: No address answers; its causes say why.
        """
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:  # No such host, and no name of one.
            raise httpcore.ConnectError(str(error)) from error
        resolving = loop.time() - started
        connected: list[socket.socket] = []
        try:
            winner, errors = await _race(_interleave(addresses), connected)
            if winner is None:
                failure = httpcore.ConnectError("No address responds.")
                raise _because_of(failure, ExceptionGroup(host, errors))
            _, stream = await loop.create_connection(
                partial(Stream, self._open), sock=winner
            )
            stream.resolving = resolving
            connected.remove(winner)
        finally:
            for each in connected:
                each.close()
        return stream

    def close(self) -> None:
        """Close every connection that is still open."""
        for stream in tuple(self._open):
            stream.close()


def _because_of(error: Exception, cause: Exception | None) -> Exception:
    """Return an error with its cause where httpcore leaves it.

    Its pool raises all errors ``from None``.
    """
    error.__context__ = cause
    return error


def _interleave(addresses: Sequence[_AddressInfo]) -> Iterator[_AddressInfo]:
    """Yield the addresses of both families in turn, the preferred one first."""
    first = [each for each in addresses if each[0] == addresses[0][0]]
    others = [each for each in addresses if each[0] != addresses[0][0]]
    return filter(None, chain.from_iterable(zip_longest(first, others)))


async def _race(
    addresses: Iterator[_AddressInfo], connected: list[socket.socket]
) -> tuple[socket.socket | None, list[Exception]]:
    """Connect to the first address that answers; each gets a while before the next.

    Own code: asyncio.staggered fails before Python 3.12.8 and 3.13.1 where tasks start
    eagerly, as in a Textual app.

    Returns:
        The socket, or None and the error of each address.
    """
    errors: list[Exception] = []
    running: set[asyncio.Task[socket.socket]] = set()
    address = next(addresses, None)
    try:
        while address or running:
            if address:
                running.add(asyncio.create_task(_connect(address, connected)))
                address = next(addresses, None)
            patience = _NEXT_ADDRESS if address else None
            first = asyncio.FIRST_COMPLETED
            done, running = await asyncio.wait(
                running, timeout=patience, return_when=first
            )
            for task in done:
                if error := task.exception():
                    if not isinstance(error, Exception):
                        raise error
                    errors.append(error)
            for task in done:
                if not task.exception():
                    return task.result(), errors
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return None, errors


async def _connect(
    address: _AddressInfo, connected: list[socket.socket]
) -> socket.socket:
    """Connect to one address; the socket is listed until somebody owns it."""
    family, kind, protocol, _, target = address
    new = socket.socket(family, kind, protocol)
    try:
        new.setblocking(False)
        await asyncio.get_running_loop().sock_connect(new, target)
    except BaseException:
        new.close()
        raise
    connected.append(new)
    return new


class Stream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """A connection, with or without TLS, whose input is received at any time."""

    resolving = 0.0
    """Seconds that its host name took (DNS)."""

    def __init__(self, registry: set[Stream]) -> None:
        """Be registered as long as the socket is open."""
        self._registry = registry
        self._received = bytearray()
        self._fresh = b""
        """What has come for `take`, before all of `_received`, which is then empty."""
        self._is_taking = False
        self._has_ended = False
        self._error: Exception | None = None
        self._is_awaiting_response = False
        """Whether something was sent since the last byte was read."""
        self._is_full = False
        self._is_paused = False
        self._is_closed = False
        self._changed: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport
        self._socket_transport: asyncio.Transport
        """The lowest one, below any TLS."""

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = self._socket_transport = transport
        self._registry.add(self)

    def data_received(self, data: bytes) -> None:
        if self._is_taking:
            self._fresh, self._is_taking = data, False
            self._wake()
            return
        self._received += data
        if len(self._received) >= _MAX_UNREAD and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._has_ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is self._socket_transport and not self._is_closed:
            for data in _unread(self._socket_transport):
                self._received += data
        self._has_ended, self._error = True, exc or self._error
        self._registry.discard(self)
        self._wake()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)

    async def _change(self) -> None:
        self._changed = asyncio.get_running_loop().create_future()
        await self._changed

    # What httpcore calls

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has come, as soon as something has; empty at the end.

        Raises:
            NoResponse: The end came where a response should begin.
            httpcore.ReadError: The connection broke.
        """
        if not await self._has_more():
            return b""
        data = bytes(memoryview(self._received)[:max_bytes])
        del self._received[:max_bytes]
        self._resume()
        return data

    async def take(self) -> bytes:
        """Return all that has come, as `read` does, without copying what comes next.

        Raises:
            httpcore.ReadError: The connection broke.
        """
        self._is_taking = not self._received
        try:
            if not await self._has_more():
                return b""
        except BaseException:
            self._received[:0], self._fresh = self._fresh, b""
            raise
        finally:
            self._is_taking = False
        if self._fresh:
            data, self._fresh = self._fresh, b""
            return data
        data = bytes(self._received)
        self._received.clear()
        self._resume()
        return data

    async def _has_more(self) -> bool:
        """Wait until something has come; return False at the end, as `read` says."""
        while not (self._received or self._fresh):
            if self._has_ended:
                if self._is_awaiting_response:
                    raise _because_of(NoResponse("closed"), self._error)
                if self._error is not None:
                    raise _because_of(httpcore.ReadError("broke"), self._error)
                return False
            await self._change()
        self._is_awaiting_response = False
        return True

    def _resume(self) -> None:
        if self._is_paused and len(self._received) < _MAX_UNREAD // 2:
            self._is_paused = False
            self._transport.resume_reading()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send a part of a request, when there is room for it.

        Raises:
            httpcore.WriteError: The connection has ended, or the request was refused
                already. httpcore then reads the response, and closes the connection.
        """
        if not buffer:
            return
        while self._is_full and not self._is_over():
            await self._change()
        is_over, self._is_awaiting_response = self._is_over(), True
        if is_over:
            raise httpcore.WriteError("over")
        self._transport.write(buffer)

    def _is_over(self) -> bool:
        is_refused = self._is_awaiting_response and refuses(self._received)
        return self._has_ended or is_refused

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Continue with TLS, also within TLS.

        Raises:
            httpcore.ConnectError: The handshake failed; its cause says why.
        """
        below, self._is_awaiting_response = self._transport, False
        try:
            self._expect_tls()
            transport = await asyncio.get_running_loop().start_tls(
                below,
                self,
                ssl_context,
                server_hostname=server_hostname,
                ssl_handshake_timeout=_DAY,  # The client has a timeout of its own.
            )
            if transport is None:
                raise ConnectionResetError("closed")
        except BaseException as error:
            self.close()
            if isinstance(error, OSError):
                raise httpcore.ConnectError(str(error)) from error
            raise
        self._transport = transport
        if below is self._socket_transport:
            protocol = below.get_protocol()
            assert isinstance(protocol, asyncio.BufferedProtocol)
            below.set_protocol(_TlsInput(protocol, below, self._socket_ended))
        return self

    def _socket_ended(self) -> None:
        """Note that the socket has ended, which TLS announces.

        Where it does not, someone on the way may have cut a body without a length. While
        reading is paused, the announcement may still wait to be decrypted.
        """
        if not self._has_ended and not self._is_paused:
            self._error = ConnectionAbortedError("without the end of TLS")

    def _expect_tls(self) -> None:
        if self._received:  # Before we said anything, as no server of TLS does.
            error = ssl.SSLError(ssl.SSL_ERROR_SSL, "not TLS")
            error.reason = "WRONG_VERSION_NUMBER"
            raise error
        if self._has_ended:  # asyncio would wait for what never comes.
            raise ConnectionResetError("closed")

    async def aclose(self) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection, with what was not sent."""
        self._is_closed = True
        # asyncio cannot abort what it lost while something was still to be sent.
        if self in self._registry:
            self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore asks for, by name."""
        if info == "is_readable":  # Of an idle connection: it has ended.
            return self._has_ended or bool(self._received)
        return self._transport.get_extra_info(info)


class _TlsInput(asyncio.BufferedProtocol):
    """Passes to TLS what arrives on its socket, also what came before a reset."""

    def __init__(
        self,
        tls: asyncio.BufferedProtocol,
        transport: asyncio.Transport,
        on_eof: Callable[[], None],
    ) -> None:
        self._tls = tls
        self._transport = transport
        self._on_eof = on_eof

    def get_buffer(self, sizehint: int) -> ReadableBuffer:
        return self._tls.get_buffer(sizehint)

    def buffer_updated(self, nbytes: int) -> None:
        self._tls.buffer_updated(nbytes)

    def eof_received(self) -> bool | None:
        self._on_eof()
        return self._tls.eof_received()

    def pause_writing(self) -> None:
        self._tls.pause_writing()

    def resume_writing(self) -> None:
        self._tls.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            for data in _unread(self._transport):
                while data:
                    buffer = memoryview(self._tls.get_buffer(len(data)))
                    count = min(len(buffer), len(data))
                    buffer[:count], data = data[:count], data[count:]
                    self._tls.buffer_updated(count)
        self._tls.connection_lost(exc)


def _unread(transport: asyncio.Transport) -> Iterator[bytes]:
    """Yield what came before a reset: Linux holds it, and asyncio leaves it there."""
    descriptor = transport.get_extra_info("socket").fileno()
    with contextlib.suppress(OSError):  # There is no more, or the reset itself.
        while data := os.read(descriptor, 1 << 16):
            yield data


def refuses(received: bytes | bytearray) -> bool:
    """Return whether bytes are a response that makes the rest of a request pointless.

    A success, which may come while it is still received, and interim responses are not.
    """
    start = 0
    while (status := _STATUS.match(received, start)) is not None:
        if status[1] != b"1":
            return status[1] > b"2"
        end = received.find(b"\r\n\r\n", start)
        if end < 0:
            return False
        start = end + len(b"\r\n\r\n")
    rest = bytes(received[start : start + _STATUS_LENGTH])
    # A response that is not HTTP does not count as success.
    return len(rest) >= _STATUS_LENGTH or not _VERSION.startswith(rest[: len(_VERSION)])
