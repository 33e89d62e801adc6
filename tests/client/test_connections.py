"""Connections that are used again, that had ended, and that are given up."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpcore
import pytest
import trustme
from msgspec.structs import replace

from mixtui.client import network
from mixtui.client.client import Client
from mixtui.client.network import Network, NoResponse
from mixtui.mixpanel.endpoints import Safety
from mixtui.model.draft import Method
from mixtui.model.environment import Tls
from mixtui.model.errors import SendError
from mixtui.model.prepared import PreparedRequest
from tests.exchanges import READER, prepared
from tests.wire import Connection, Handler, http_response, responding, serve

OK = http_response(b"[]")
End = Callable[[Connection], Awaitable[None]]


def once(end: End, *, every: bool = False) -> Handler:
    """Respond to the first request of a connection, and `end` it at the second.

    Only the first connection ends so, unless `every` one does.
    """
    connections = 0

    async def handler(connection: Connection) -> None:
        nonlocal connections
        connections += 1
        ends = every or connections == 1
        if every and connections > 1:
            await connection.request()
            return await end(connection)
        while await connection.request():
            await connection.send(OK)
            if ends:
                await connection.request()
                return await end(connection)

    return handler


async def hang_up(connection: Connection) -> None:
    """Close in good order."""


async def reset(connection: Connection) -> None:
    connection.reset()


async def break_off(connection: Connection) -> None:
    await connection.send(b"HT")


def request(
    url: str, method: Method = Method.GET, **changes: Safety
) -> PreparedRequest:
    return replace(prepared(method), url=f"{url}/a", **changes)


@pytest.mark.parametrize("end", [hang_up, reset])
async def test_a_read_on_a_connection_that_had_ended_is_asked_again(
    client: Client, end: End
) -> None:
    async with serve(once(end)) as server:
        for _ in range(3):
            exchange = await client.send(request(server.url))
            assert exchange.response.body == b"[]"
    assert (server.connections, len(server.requests)) == (2, 4)


@pytest.mark.parametrize(
    ("method", "safety", "end"),
    [
        (Method.POST, Safety.READ, hang_up),
        (Method.POST, Safety.WRITE, hang_up),
        (Method.DELETE, Safety.WRITE, reset),
        (Method.GET, Safety.WRITE, hang_up),
        (Method.GET, Safety.READ, break_off),
    ],
)
async def test_nothing_else_is_asked_again(
    client: Client, method: Method, safety: Safety, end: End
) -> None:
    async with serve(once(end)) as server:
        await client.send(request(server.url))
        with pytest.raises(SendError) as caught:
            await client.send(request(server.url, method, safety=safety))
    assert (server.connections, len(server.requests)) == (1, 2)
    assert caught.value.arrived
    assert caught.value.maybe_done is safety.writes


async def test_a_read_is_asked_again_once(client: Client) -> None:
    async with serve(once(hang_up, every=True)) as server:
        await client.send(request(server.url))
        with pytest.raises(SendError, match="without a response"):
            await client.send(request(server.url))
        assert (server.connections, len(server.requests)) == (2, 3)
        with pytest.raises(SendError, match="without a response"):
            await client.send(request(server.url))  # On a new connection.
        assert (server.connections, len(server.requests)) == (3, 4)


async def test_a_timeout_on_a_connection_that_was_kept_is_not_asked_again(
    client: Client,
) -> None:
    async def silence(connection: Connection) -> None:
        await connection.reader.read()

    async with serve(once(silence)) as server:
        await client.send(request(server.url))
        with pytest.raises(SendError, match="No response from"):
            await client.send(replace(request(server.url), timeout=0.1))
    assert (server.connections, len(server.requests)) == (1, 2)


@pytest.mark.parametrize("over_tls", [False, True])
async def test_a_connection_that_ends_before_it_is_used_has_no_response(
    over_tls: bool,
) -> None:
    async def handler(connection: Connection) -> None:
        """Close at once."""

    network = Network()
    async with serve(handler) as server:
        stream = await network.connect_tcp("127.0.0.1", server.port)
        assert await stream.read(1) == b""
        if over_tls:
            with pytest.raises(httpcore.ConnectError):
                await stream.start_tls(ssl.create_default_context(), "127.0.0.1")
        else:
            with pytest.raises(httpcore.WriteError):
                await stream.write(b"GET / HTTP/1.1")
            with pytest.raises(NoResponse):
                await stream.read(1)
    network.close()


# Sockets


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(params=["http", "https"])
def tls(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    if request.param == "http":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = request.getfixturevalue("authority")
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


async def test_no_cancelled_request_leaves_a_socket_open(
    tls: ssl.SSLContext | None, authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = Client(READER)
    async with serve(responding(OK), tls) as server:
        sent = replace(request(server.url), tls=Tls(ca_file=str(tmp_path / "ca.pem")))
        await client.send(sent)  # What is loaded at the first request is loaded.
        before, cancelled = open_files(), 0
        for turns in range(60):  # Whatever it is doing by then.
            for _ in range(5):
                task = asyncio.create_task(client.send(sent))
                for _ in range(turns):
                    await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait({task})
                cancelled += task.cancelled()
        assert cancelled > 50
        exchange = await client.send(sent)
        assert exchange.response.body == b"[]"
    await client.close()
    for _ in range(3):  # asyncio closes a socket a turn later.
        await asyncio.sleep(0)
    assert open_files() < before


async def test_a_connection_that_was_lost_with_unsent_data_is_closed_again() -> None:
    async def handler(connection: Connection) -> None:
        connection.writer.write_eof()
        await connection.reader.read()
        lost.set()

    lost, network = asyncio.Event(), Network()
    async with serve(handler) as server:
        stream = await network.connect_tcp("127.0.0.1", server.port)
        await stream.write(bytes(20_000_000))
        await lost.wait()
        await stream.aclose()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no eager tasks before 3.12")
async def test_a_connection_is_made_where_tasks_start_eagerly() -> None:
    loop = asyncio.get_running_loop()
    factory = asyncio.eager_task_factory  # type: ignore[attr-defined]
    async with serve(responding(OK)) as server:
        loop.set_task_factory(factory)  # As Textual does.
        try:
            stream = await Network().connect_tcp("127.0.0.1", server.port)
            await stream.aclose()
        finally:
            loop.set_task_factory(None)


async def test_the_next_address_is_tried_at_once_when_one_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(network, "_NEXT_ADDRESS", 1000.0)
    loop = asyncio.get_running_loop()
    async with serve(responding(OK)) as server:
        resolve = loop.getaddrinfo
        open_one = await resolve("127.0.0.1", server.port, type=socket.SOCK_STREAM)
        closed = await resolve("127.0.0.1", 1, type=socket.SOCK_STREAM)

        async def getaddrinfo(*_: object, **__: object) -> list[object]:
            return [*closed, *closed, *open_one]

        monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
        stream = await Network().connect_tcp("somewhere", 1)
        await stream.aclose()


def test_the_first_client_finds_its_libraries_loaded() -> None:
    code = (
        "import asyncio, sys\n"
        "from mixtui.client.connections import Connections, load_libraries\n"
        "from mixtui.model.environment import Tls\n"
        "load_libraries()\n"
        "before = set(sys.modules)\n"
        "async def connect():\n"
        "    async with Connections().lease(Tls(), 'http://127.0.0.1:9') as lease:\n"
        "        assert lease.client\n"
        "asyncio.run(connect())\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    late = {name.partition(".")[0] for name in done.stdout.split()}
    assert not late & {"httpx", "httpcore", "h11", "anyio", "mixtui"}
