"""A response that comes while the request is still sent."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from mixtui.client.client import Client
from mixtui.client.network import refuses
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import Method
from mixtui.model.environment import Tls
from mixtui.model.errors import SendError
from mixtui.model.prepared import FileContent, PreparedRequest
from tests.exchanges import prepared
from tests.wire import Connection, http_response, serve

BODY = b'{"error":"request exceeds max limit of 10485760 bytes"}'
TOO_LARGE = http_response(BODY, "413 Request Entity Too Large")
SIZE = 16_000_000
"""More than the buffers of two sockets take."""

End = Callable[[Connection], Awaitable[None]]


async def close(connection: Connection) -> None:
    """Close with unread input, which resets the connection."""


async def reset(connection: Connection) -> None:
    connection.reset()


async def half_close(connection: Connection) -> None:
    connection.writer.write_eof()
    await connection.reader.read()


async def wait(connection: Connection) -> None:
    """Read nothing more, so that the client is stuck in its body."""
    await asyncio.Event().wait()  # Until the test ends.


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(params=["http", "https"])
def tls(request: pytest.FixtureRequest, authority: trustme.CA) -> ssl.SSLContext | None:
    if request.param == "http":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def upload(authority: trustme.CA, tmp_path: Path) -> Callable[..., PreparedRequest]:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with (tmp_path / "events").open("wb") as file:
        file.truncate(SIZE)

    def make(url: str, kind: str = "file") -> PreparedRequest:
        content: bytes | FileContent = bytes(SIZE)
        if kind == "file":
            content = FileContent(tmp_path / "events", SIZE)
        return replace(
            prepared(Method.POST),
            url=f"{url}/import",
            content=content,
            safety=Safety.WRITE,
            tls=Tls(ca_file=str(tmp_path / "ca.pem")),
        )

    return make


@pytest.mark.parametrize("kind", ["bytes", "file"])
@pytest.mark.parametrize("end", [close, reset, half_close, wait])
async def test_a_refusal_that_comes_while_the_body_is_sent_is_the_response(
    client: Client,
    tls: ssl.SSLContext | None,
    upload: Callable[..., PreparedRequest],
    end: End,
    kind: str,
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(TOO_LARGE)
        await end(connection)

    async with serve(handler, tls) as server:
        for _ in range(2):
            exchange = await client.send(upload(server.url, kind))
            assert exchange.response.status == 413
            assert exchange.response.body == BODY
            assert exchange.response.cut_short == ""
    assert server.connections == 2  # What is left of a request makes one useless.


async def test_a_success_is_read_when_the_body_is_out(
    client: Client,
    tls: ssl.SSLContext | None,
    upload: Callable[..., PreparedRequest],
) -> None:
    async def handler(connection: Connection) -> None:
        while head := await connection.reader.readuntil(b"\r\n\r\n"):
            await connection.send(
                b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n",
            )
            body = await connection.reader.readexactly(SIZE)
            connection.server.requests.append(head)
            await connection.send(b"%08d" % len(body))

    async with serve(handler, tls) as server:
        for _ in range(2):
            exchange = await client.send(upload(server.url))
            assert exchange.response.body == b"16000000"
    assert (server.connections, len(server.requests)) == (1, 2)


async def test_what_is_not_http_ends_the_request(
    client: Client, upload: Callable[..., PreparedRequest]
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.send(b"220 mail.example ESMTP\r\n\r\n")
        await wait(connection)

    async with serve(handler) as server:
        with pytest.raises(SendError, match="is not HTTP") as caught:
            await client.send(upload(server.url))
    assert caught.value.answered
    assert caught.value.maybe_done


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (b"", False),
        (b"HTTP/1.1 41", False),
        (b"HTTP/1.1 413 Too Large\r\n", True),
        (b"HTTP/1.0 503 \r\n", True),
        (b"HTTP/1.1 503\r\n\r\n", True),
        (b"HTTP/1.1 302 Found\r\n", True),
        (b"HTTP/1.1 200 OK\r\n", False),
        (b"HTTP/1.1 100 Continue\r\n", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n", False),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", False),
        (b"HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 413 Too\r\n", True),
        (b"220 mail.example ESMTP\r\n", True),
        (b"+OK\r\n", True),
        (b"HT", False),
        (b"HTTP/2", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTT", False),
        (b"HTTP/1.1 100 Continue\r\n\r\n1", True),
    ],
)
def test_only_a_final_response_that_is_not_successful_ends_a_request(
    received: bytes, expected: bool
) -> None:
    assert refuses(received) is expected
