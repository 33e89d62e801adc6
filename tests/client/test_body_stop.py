"""A body that is ended by the person, or with the program."""

from __future__ import annotations

import asyncio
import io

import pytest

from mixtui.client.client import Client, Stop
from mixtui.model.exchange import Exchange
from tests.exchanges import prepared
from tests.wire import Connection, Talk, answer, answering, serve


def endless(part: bytes, gone: asyncio.Event | None = None) -> Talk:
    async def talk(connection: Connection) -> None:
        await connection.request()
        await connection.say(answer(part, length=10**6))
        await connection.reader.read()
        if gone is not None:
            gone.set()

    return talk


async def test_stop_keeps_what_came(client: Client) -> None:
    stop, gone, started = Stop(), asyncio.Event(), asyncio.Event()
    async with serve(endless(b"12345", gone)) as server:
        task = asyncio.create_task(
            client.send(
                prepared(base=server.url),
                stop=stop,
                on_progress=lambda _: started.set(),
            )
        )
        await started.wait()
        assert stop.ask()
        exchange = await task
        await gone.wait()
    assert exchange.response.status == 200
    assert exchange.response.body == b"12345"
    assert exchange.response.cut_short == "Stopped by you after 5 B."


async def test_stop_keeps_what_went_into_a_file(client: Client) -> None:
    stop, started, sink = Stop(), asyncio.Event(), io.BytesIO()
    async with serve(endless(b"12345")) as server:
        task = asyncio.create_task(
            client.send(
                prepared(base=server.url),
                stop=stop,
                sink=sink,
                on_progress=lambda _: started.set(),
            )
        )
        await started.wait()
        stop.ask()
        stop.ask()  # An impatient person.
        exchange = await task
    assert (sink.getvalue(), exchange.response.written) == (b"12345", 5)


async def test_there_is_nothing_to_stop_before_and_after_the_body(
    client: Client,
) -> None:
    stop = Stop()
    assert not stop.ask()
    async with serve(answering(answer(b"whole"))) as server:
        exchange = await client.send(prepared(base=server.url), stop=stop)
    assert not stop.ask()
    assert (exchange.response.body, exchange.response.cut_short) == (b"whole", "")


async def test_stopping_before_the_first_byte_keeps_the_head(client: Client) -> None:
    stop = Stop()
    heads: list[Exchange] = []

    def head(exchange: Exchange) -> None:
        heads.append(exchange)
        # The body is on its way as soon as we return.
        asyncio.get_running_loop().call_later(0, stop.ask)

    async with serve(endless(b"")) as server:
        exchange = await client.send(prepared(base=server.url), stop=stop, on_head=head)
    assert exchange.response.cut_short == "Stopped by you after 0 B."
    assert exchange.response.headers == heads[0].response.headers


@pytest.mark.parametrize("asked", [False, True])
async def test_being_cancelled_is_something_else(asked: bool) -> None:
    stop, ended = Stop(), False

    async def reading() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended = True

    task = asyncio.create_task(stop.run(reading()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    if asked:
        stop.ask()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended


async def test_an_error_of_the_connection_is_raised() -> None:
    async def reading() -> None:
        raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        await Stop().run(reading())


async def test_the_head_is_told_once_before_the_body(client: Client) -> None:
    told: list[object] = []
    said = asyncio.Event()

    async def talk(connection: Connection) -> None:
        await connection.request()
        await connection.say(answer(b"", "201 Created", "X-One: 1", length=4))
        await said.wait()
        await connection.say(b"body")

    def head(exchange: Exchange) -> None:
        told.append(exchange)
        said.set()

    class Sink(io.BytesIO):
        def write(self, piece: object, /) -> int:
            told.append(piece)
            return 4

    async with serve(talk) as server:
        exchange = await client.send(
            prepared(base=server.url), on_head=head, sink=Sink()
        )
    first, *others = told
    assert isinstance(first, Exchange)
    assert others == [b"body"]
    assert (first.response.status, first.response.body) == (201, b"")
    assert first.response.headers == exchange.response.headers
    assert first.response.cut_short == ""
    assert first.timing.total <= exchange.timing.total
    assert first.request is exchange.request


async def test_the_head_of_a_redirect_is_not_told(client: Client) -> None:
    told: list[int] = []

    async def talk(connection: Connection) -> None:
        request = await connection.request()
        if b"/first" in request:
            moved = answer(b"", "302 Found", "Location: /second")
            await connection.say(moved)
        else:
            await connection.say(answer(b"there"))

    async with serve(talk) as server:
        exchange = await client.send(
            prepared(url="/first", base=server.url),
            on_head=lambda exchange: told.append(exchange.response.status),
        )
    assert told == [200]
    assert exchange.response.body == b"there"
