"""What the log says of a request, and what it never says."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui import log
from mixtui.client.client import Client
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.errors import SendError
from mixtui.model.secrets import Secret
from mixtui.storage.log_file import Log, log_path
from mixtui.system import CancelToken
from tests.exchanges import SECRET, prepared
from tests.wire import Connection, http_response, responding, serve


@pytest.fixture(params=[log.INFO, log.DEBUG], ids=["info", "debug"])
def logged(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    opened = Log(request.param, tmp_path)
    yield opened
    opened.close()


def text(logged: Log, tmp_path: Path) -> str:
    logged.close()
    return log_path(tmp_path).read_text("utf-8")


def own_lines(text: str) -> list[str]:
    """Return what mixtui itself says at the level info, without times and numbers."""
    return [
        line.partition(" mixtui: ")[2].partition(": ")[2]
        for line in text.splitlines()
        if " mixtui: #" in line and " DEBUG " not in line
    ]


async def test_a_request_is_told_from_its_line_to_the_last_byte(
    logged: Log, client: Client, tmp_path: Path
) -> None:
    async with serve(responding(http_response(b"[1]", "201 Created"))) as server:
        await client.send(prepared(base=server.url, query=[("event", "Sign up")]))
    first, second, third = own_lines(text(logged, tmp_path))
    assert first.startswith(f"GET {server.url}/api/query/events?")
    assert first.endswith("event=•••••• (no body, no credential, environment demo)")
    assert second.startswith("HTTP/1.1 201 Created, first byte after ")
    assert third.startswith("body complete: 3 B in ")


PLANTED = "PLNT7q"


def planted(name: str) -> str:
    return f"{PLANTED}-{name}/zx9"


async def test_no_secret_header_or_body_is_in_the_log(
    logged: Log, client: Client, tmp_path: Path
) -> None:
    basic = base64.b64encode(f"ci.1a2b:{SECRET}".encode()).decode()
    response = http_response(
        f'{{"echo": "{planted("body")}", "auth": "{basic}"}}'.encode(),
        f"200 {planted('reason').replace('/', '-')}-{SECRET}",
        f"Set-Cookie: session={planted('cookie')}",
        f"X-Echo: {planted('header')}",
        f"Location: /{planted('location')}",
    )
    async with serve(responding(response)) as server:
        request = prepared(
            Method.POST,
            "/import",
            base=server.url,
            auth=AuthChoice.SERVICE_ACCOUNT,
            query=[("api_key", planted("query")), ("t", planted("template"))],
            headers=[("X-Api-Key", planted("typed")), ("Cookie", planted("sent"))],
            body=Body(BodyType.JSON, f'[{{"event": "{planted("event")}"}}]'),
            sensitive=(Secret(planted("template")),),
        )
        await client.send(request)
        assert planted("event").encode() in server.requests[0]
    written = text(logged, tmp_path)
    assert f"POST {server.url}/api/import?api_key=••••••&t=••••••" in written
    for secret in (SECRET, basic):
        assert secret not in written
    shown = written.replace(f"{planted('reason').replace('/', '-')}", "")
    assert PLANTED not in shown, shown


async def test_a_refused_connection_is_an_error(
    logged: Log, client: Client, tmp_path: Path
) -> None:
    async with serve(responding(b"")) as server:
        pass
    with pytest.raises(SendError):
        await client.send(prepared(base=server.url))
    written = text(logged, tmp_path)
    assert own_lines(written)[1].startswith("no response: Connection refused by ")
    assert " ERROR " in written


async def test_a_repeated_read_a_redirect_and_an_incomplete_body_are_told(
    logged: Log, client: Client, tmp_path: Path
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.request()
        match connection.server.connections:
            case 1:  # Kept open, and gone when it is used again.
                await connection.send(http_response(b"1"))
                await connection.request()
                connection.reset()
            case 2:
                await connection.send(http_response(b"", "307 x", "Location: /next"))
            case _:
                await connection.send(http_response(b"abc", length=9))

    async with serve(handler) as server:
        await client.send(prepared(base=server.url))
        await client.send(prepared(base=server.url))
    said = own_lines(text(logged, tmp_path))[4:]
    assert said[0] == "the connection had ended; repeating the read on a new one"
    assert said[1] == f"redirected to {server.url}/next"
    assert said[-1].startswith("The body is incomplete after 3 B: ")


async def test_cancellations_are_told(
    logged: Log, client: Client, tmp_path: Path
) -> None:
    arrived = asyncio.Event()

    async def handler(connection: Connection) -> None:
        await connection.request()
        if connection.server.connections == 1:
            arrived.set()
            await connection.request()
        else:
            await connection.send(http_response(b"abc", length=9))
            await connection.request()

    async with serve(handler) as server:
        task = asyncio.create_task(client.send(prepared(base=server.url)))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        token = CancelToken()
        await client.send(
            prepared(base=server.url),
            on_head=lambda _: token.cancel(),
            cancel_token=token,
        )
    kinds = own_lines(text(logged, tmp_path))
    assert "cancelled before a response" in kinds
    assert kinds[-1].startswith("Cancelled after 3 B: ")


async def test_debug_repeats_what_the_transport_does(
    client: Client, tmp_path: Path
) -> None:
    logged = Log(log.DEBUG, tmp_path)
    async with serve(responding(http_response(b"1"))) as server:
        await client.send(prepared(base=server.url, auth=AuthChoice.SERVICE_ACCOUNT))
    written = text(logged, tmp_path)
    assert f"connect_tcp.started host='127.0.0.1' port={server.port}" in written
    assert "httpx: HTTP Request: GET " in written
    assert "credential read in " in written
