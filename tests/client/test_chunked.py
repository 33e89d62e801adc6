"""Bodies in chunks of any size, and bodies that are written to files."""

from __future__ import annotations

import asyncio
import gzip
import io
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import h11
import pytest
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from hypothesis import given
from hypothesis import strategies as st

from mixtui.client.chunked import JoiningReader, _skip_h11
from mixtui.client.client import Client
from mixtui.client.network import Network
from tests.exchanges import prepared
from tests.wire import Connection, http_response, serve

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

CHUNKS = st.lists(st.binary(min_size=1, max_size=40), max_size=20)


def frame(chunks: list[bytes], last: bytes = b"0\r\n\r\n") -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + last


def read(reader: ChunkedReader, pieces: list[bytes]) -> tuple[bytes, object, int]:
    """Return the body, its end (headers or an error), and the number of its pieces."""
    buffer, received, count = ReceiveBuffer(), b"", 0
    for piece in pieces:
        buffer += piece
        try:
            while (event := reader(buffer)) is not None:
                if isinstance(event, h11.EndOfMessage):
                    return received, list(event.headers), count
                received += event.data
                count += 1
        except h11.LocalProtocolError as error:
            return received, str(error), count
    return received, None, count


@given(
    CHUNKS,
    st.sampled_from(
        [
            b"0\r\n\r\n",
            b"0\r\nX: 1\r\n\r\n",
            b"3;a=b\r\nabc\r\n0\r\n\r\n",
            b"",
            b"x\r\n",
            b"2\r\nabc",
        ]
    ),
    st.lists(st.integers(0, 600), max_size=6),
)
def test_chunks_are_read_as_h11_reads_them(
    chunks: list[bytes], last: bytes, cuts: list[int]
) -> None:
    data = frame(chunks, last)
    bounds = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(bounds)]
    joined, plain = read(JoiningReader(), pieces), read(ChunkedReader(), pieces)
    assert joined[:2] == plain[:2]
    assert joined[2] <= plain[2]


def test_all_chunks_that_have_come_are_one_piece() -> None:
    data = frame([b"x"] * 10_000)
    assert read(JoiningReader(), [data]) == (b"x" * 10_000, [], 1)
    halves = [data[:12_345], data[12_345:]]
    assert read(JoiningReader(), halves) == (b"x" * 10_000, [], 3)


@pytest.mark.parametrize("size", [1, 30, 100_000])
async def test_a_body_in_chunks_comes_in_large_pieces(
    client: Client, size: int
) -> None:
    content = bytes(range(256)) * 1000
    framed = frame([content[i : i + size] for i in range(0, len(content), size)])
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def handler(connection: Connection) -> None:
        while await connection.request():
            await connection.send(head + framed)

    class Sink(io.BytesIO):
        pieces = 0

        def write(self, piece: Buffer, /) -> int:
            self.pieces += 1
            return super().write(piece)

    async with serve(handler) as server:
        for _ in range(2):
            sink = Sink()
            exchange = await client.send(prepared(base=server.url), sink=sink)
            assert exchange.response.cut_short == ""
            assert sink.getvalue() == content
            # What comes while a piece is read cannot be foreseen, but never a chunk each.
            assert sink.pieces < len(framed) / 1000
    assert server.connections == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDS = [
    *(b"0\r\n\r\n", b"0\r\nX: 1\r\n\r\n", b"3;a=b\r\nabc\r\n0\r\n\r\n", b"", b"x\r\n"),
    *(
        b"2\r\nabc",
        b"-1\r\n",
        b"+2\r\nab\r\n0\r\n\r\n",
        b"2\nab\n0\n\n",
        b" 2\r\nab\r\n",
    ),
    *(b"0x2\r\nab\r\n0\r\n\r\n", b"2\r\nab0\r\n\r\n", b"000000002\r\nab\r\n0\r\n\r\n"),
    *(
        b"FFFFFFFFFFFFFFFF\r\nab",
        b"0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"0\r\nX\r\n\r\n",
    ),
]


def receive(head: bytes, pieces: list[bytes], *, skips: bool) -> tuple[object, ...]:
    """Return the body, how it ended, and the state in which it leaves h11."""
    state = h11.Connection(h11.CLIENT)
    state.send(h11.Request(method="GET", target="/", headers=[("Host", "h")]))
    state.send(h11.EndOfMessage())
    state.receive_data(head)
    assert isinstance(state.next_event(), h11.Response)
    received, remaining = b"", [*pieces, b""]
    while True:
        try:
            event = state.next_event()
        except h11.RemoteProtocolError as error:
            return received, str(error)
        if isinstance(event, h11.Data):
            received += event.data
        elif isinstance(event, h11.EndOfMessage):
            trailing, _ = state.trailing_data
            return received, list(event.headers), state.their_state, trailing
        elif skips:
            received += b"".join(_skip_h11(state, remaining.pop(0)))
        else:
            state.receive_data(remaining.pop(0))


@given(
    CHUNKS,
    st.sampled_from(ENDS),
    st.lists(st.integers(0, 600), max_size=6),
    st.sampled_from(
        [
            CHUNKED,
            *(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % n for n in (0, 9, 99)),
            b"HTTP/1.0 200 OK\r\n\r\n",
        ]
    ),
)
def test_what_h11_does_not_see_is_what_it_would_have_read(
    chunks: list[bytes], last: bytes, cuts: list[int], head: bytes
) -> None:
    data = frame(chunks, last)
    bounds = [0, *sorted({min(cut, len(data)) for cut in cuts}), len(data)]
    pieces = [data[a:b] for a, b in pairwise(bounds) if a != b]
    assert receive(head, pieces, skips=True) == receive(head, pieces, skips=False)


BODY = bytes(range(256)) * 1000
RESPONSES = {
    "length": http_response(BODY),
    **{
        f"chunks of {size}": CHUNKED
        + frame([BODY[i : i + size] for i in range(0, len(BODY), size)])
        for size in (30, 8_192, 100_000)
    },
    "gzip": http_response(gzip.compress(BODY), "200 OK", "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("name", RESPONSES)
async def test_a_file_gets_the_body_and_the_connection_is_used_again(
    client: Client, name: str, tmp_path: Path
) -> None:
    async def handler(connection: Connection) -> None:
        while await connection.request():
            await connection.send(RESPONSES[name])

    async with serve(handler) as server:
        for number in range(3):
            path = tmp_path / str(number)
            with path.open("wb") as file:
                exchange = await client.send(prepared(base=server.url), sink=file)
            assert (exchange.response.cut_short, path.read_bytes()) == ("", BODY)
            assert exchange.response.body == BODY  # Of a million bytes at most.
            assert exchange.response.written == len(BODY)
    assert server.connections == 1


@pytest.mark.parametrize("name", RESPONSES)
@pytest.mark.parametrize("reset", [False, True])
async def test_a_file_gets_what_came_of_a_body_that_breaks_off(
    client: Client, name: str, tmp_path: Path, reset: bool
) -> None:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(RESPONSES[name][: len(RESPONSES[name]) * 2 // 3])
        if reset:
            await asyncio.sleep(0.01)
            connection.reset()

    path = tmp_path / "body"
    async with serve(handler) as server:
        with path.open("wb") as file:
            to_file = await client.send(prepared(base=server.url), sink=file)
        held = await client.send(prepared(base=server.url))
    assert to_file.response.cut_short == held.response.cut_short != ""
    assert path.read_bytes() == held.response.body
    assert BODY.startswith(path.read_bytes())


@pytest.mark.parametrize("keeps", [False, True])
async def test_only_what_keeps_nothing_is_given_views(
    client: Client, keeps: bool
) -> None:
    given: list[type] = []

    class Sink:
        def write(self, piece: Buffer, /) -> int:
            given.append(type(piece))
            return len(bytes(piece))

    class Spool(Sink):
        def tail(self, size: int, /) -> bytes:
            return b""

    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(BODY))

    async with serve(handler) as server:
        await client.send(prepared(base=server.url), sink=Sink() if keeps else Spool())
    assert set(given) == {bytes if keeps else memoryview}


async def test_the_end_of_a_long_body_is_held(client: Client, tmp_path: Path) -> None:
    body = b"".join(b"%07d\n" % number for number in range(500_000))

    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(body))

    async with serve(handler) as server:
        with (tmp_path / "body").open("wb") as file:
            exchange = await client.send(prepared(base=server.url), sink=file)
    assert (tmp_path / "body").read_bytes() == body
    assert exchange.response.body == body[-(1 << 16) :]


async def test_what_comes_is_taken_in_order_and_never_lost() -> None:
    more = asyncio.Event()

    async def handler(connection: Connection) -> None:
        for number in range(3):
            await more.wait()
            more.clear()
            await connection.send(b"%d" % number)

    async with serve(handler) as server:
        stream = await Network().connect_tcp("127.0.0.1", server.port)
        waiting = asyncio.create_task(stream.take())
        await asyncio.sleep(0)
        stream.data_received(b"a")
        stream.data_received(b"b")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert await stream.take() == b"ab"
        stream.data_received(b"c")
        assert await stream.read(100) == b"c"
        more.set()
        assert await stream.take() == b"0"
        await stream.aclose()
