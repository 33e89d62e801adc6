"""Bodies in chunks of any size."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import TYPE_CHECKING

import h11
import pytest
from h11._readers import ChunkedReader
from h11._receivebuffer import ReceiveBuffer
from hypothesis import given
from hypothesis import strategies as st

from mixtui.client.chunked import JoiningReader
from mixtui.client.client import Client
from tests.exchanges import prepared
from tests.wire import Connection, serve

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
