"""A body whose transfer is cancelled."""

from __future__ import annotations

import asyncio
import io

import pytest

from mixtui.client.body import read_until_cancelled
from mixtui.client.client import Client
from mixtui.model.exchange import Exchange
from mixtui.system import CancelToken
from tests.exchanges import prepared
from tests.wire import Connection, Handler, http_response, responding, serve


def endless(part: bytes, gone: asyncio.Event | None = None) -> Handler:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(part, length=10**6))
        await connection.reader.read()
        if gone is not None:
            gone.set()

    return handler


async def test_cancelling_keeps_the_received_bytes(client: Client) -> None:
    token, gone, started = CancelToken(), asyncio.Event(), asyncio.Event()
    async with serve(endless(b"12345", gone)) as server:
        task = asyncio.create_task(
            client.send(
                prepared(base=server.url),
                cancel_token=token,
                on_progress=lambda _: started.set(),
            )
        )
        await started.wait()
        token.cancel()
        exchange = await task
        await gone.wait()
    assert exchange.response.status == 200
    assert exchange.response.body == b"12345"
    assert exchange.response.cut_short == "Cancelled after 5 B."


async def test_cancelling_keeps_what_was_written_to_a_file(client: Client) -> None:
    token, started, sink = CancelToken(), asyncio.Event(), io.BytesIO()
    async with serve(endless(b"12345")) as server:
        task = asyncio.create_task(
            client.send(
                prepared(base=server.url),
                cancel_token=token,
                sink=sink,
                on_progress=lambda _: started.set(),
            )
        )
        await started.wait()
        token.cancel()
        token.cancel()  # An impatient person.
        exchange = await task
    assert (sink.getvalue(), exchange.response.written) == (b"12345", 5)


async def test_cancelling_from_a_thread_keeps_the_received_bytes(
    client: Client,
) -> None:
    token, started = CancelToken(), asyncio.Event()
    async with serve(endless(b"12345")) as server:
        task = asyncio.create_task(
            client.send(
                prepared(base=server.url),
                cancel_token=token,
                on_progress=lambda _: started.set(),
            )
        )
        await started.wait()
        await asyncio.to_thread(token.cancel)
        exchange = await task
    assert exchange.response.cut_short == "Cancelled after 5 B."


async def test_a_token_cancelled_before_the_head_keeps_the_head(
    client: Client,
) -> None:
    token = CancelToken()
    token.cancel()
    async with serve(endless(b"")) as server:
        exchange = await client.send(prepared(base=server.url), cancel_token=token)
    assert exchange.response.status == 200
    assert exchange.response.cut_short == "Cancelled after 0 B."


async def test_cancelling_a_complete_body_changes_nothing(client: Client) -> None:
    token = CancelToken()
    async with serve(responding(http_response(b"whole"))) as server:
        exchange = await client.send(prepared(base=server.url), cancel_token=token)
    token.cancel()
    assert (exchange.response.body, exchange.response.cut_short) == (b"whole", "")


async def test_cancelling_before_the_first_byte_keeps_the_head(client: Client) -> None:
    token = CancelToken()
    heads: list[Exchange] = []

    def on_head(exchange: Exchange) -> None:
        heads.append(exchange)
        # The body is in flight as soon as we return.
        asyncio.get_running_loop().call_later(0, token.cancel)

    async with serve(endless(b"")) as server:
        exchange = await client.send(
            prepared(base=server.url), cancel_token=token, on_head=on_head
        )
    assert exchange.response.cut_short == "Cancelled after 0 B."
    assert exchange.response.headers == heads[0].response.headers


@pytest.mark.parametrize("also_token", [False, True])
async def test_a_cancelled_caller_is_not_a_cancelled_body(also_token: bool) -> None:
    token, was_cleaned_up = CancelToken(), False

    async def reading() -> None:
        nonlocal was_cleaned_up
        try:
            await asyncio.Event().wait()
        finally:
            was_cleaned_up = True

    task = asyncio.create_task(read_until_cancelled(reading(), token))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if also_token:
        token.cancel()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert was_cleaned_up


async def test_an_error_of_the_connection_is_raised() -> None:
    async def reading() -> None:
        raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        await read_until_cancelled(reading(), CancelToken())


async def test_reading_returns_whether_it_reached_the_end() -> None:
    token, started = CancelToken(), asyncio.Event()

    async def reading(*, ends: bool) -> None:
        started.set()
        if not ends:
            await asyncio.Event().wait()

    assert await read_until_cancelled(reading(ends=True), token)
    started.clear()
    task = asyncio.create_task(read_until_cancelled(reading(ends=False), token))
    await started.wait()
    token.cancel()
    assert not await task


async def test_the_head_is_reported_once_before_the_body(client: Client) -> None:
    received: list[object] = []
    head_reported = asyncio.Event()

    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(b"", "201 Created", "X-One: 1", length=4))
        await head_reported.wait()
        await connection.send(b"body")

    def on_head(exchange: Exchange) -> None:
        received.append(exchange)
        head_reported.set()

    class Sink(io.BytesIO):
        def write(self, piece: object, /) -> int:
            received.append(piece)
            return 4

    async with serve(handler) as server:
        exchange = await client.send(
            prepared(base=server.url), on_head=on_head, sink=Sink()
        )
    first, *others = received
    assert isinstance(first, Exchange)
    assert others == [b"body"]
    assert (first.response.status, first.response.body) == (201, b"")
    assert first.response.headers == exchange.response.headers
    assert first.response.cut_short == ""
    assert first.timing.total <= exchange.timing.total
    assert first.request is exchange.request


async def test_the_head_of_a_redirect_is_not_reported(client: Client) -> None:
    statuses: list[int] = []

    async def handler(connection: Connection) -> None:
        request = await connection.request()
        if b"/first" in request:
            redirect = http_response(b"", "302 Found", "Location: /second")
            await connection.send(redirect)
        else:
            await connection.send(http_response(b"there"))

    async with serve(handler) as server:
        exchange = await client.send(
            prepared(url="/first", base=server.url),
            on_head=lambda exchange: statuses.append(exchange.response.status),
        )
    assert statuses == [200]
    assert exchange.response.body == b"there"
