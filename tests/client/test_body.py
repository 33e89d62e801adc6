"""Bodies over real sockets: complete, broken, compressed, endless."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import pytest

from mixtui.client import body as receiving
from mixtui.client.body import MAX_IN_MEMORY, TAIL_BYTES
from mixtui.client.client import Client
from mixtui.client.decoding import MAX_PIECE
from mixtui.document.source import Spool
from mixtui.model.exchange import Exchange
from mixtui.text import size
from tests.exchanges import prepared
from tests.wire import Connection, Handler, Server, http_response, responding, serve

GZIP = "Content-Encoding: gzip"


def then_close(*parts: bytes) -> Handler:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(*parts)

    return handler


def then_reset(part: bytes) -> Handler:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(part)
        # The client would close by itself once it has the body; here it gets an error.
        connection.reset()

    return handler


def then_silence(part: bytes) -> Handler:
    async def handler(connection: Connection) -> None:
        await connection.request()
        await connection.send(part)
        await connection.reader.read()

    return handler


@pytest.mark.parametrize(
    ("handler", "body", "cut_short"),
    [
        pytest.param(responding(http_response(b"whole")), b"whole", "", id="whole"),
        pytest.param(
            then_close(b"HTTP/1.1 200 OK\r\n\r\n", b"until ", b"the end"),
            b"until the end",
            "",
            id="until the connection closes",
        ),
        pytest.param(
            then_close(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                b"3\r\nabc\r\n",
                b"0\r\n\r\n",
            ),
            b"abc",
            "",
            id="chunked",
        ),
        pytest.param(
            then_close(http_response(b"half", length=10)),
            b"half",
            "The body is incomplete after 4 B: the server closed the connection early.",
            id="shorter than announced",
        ),
        pytest.param(
            then_close(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
            ),
            b"abc",
            "The body is incomplete after 3 B: the server closed the connection early.",
            id="chunks without end",
        ),
        pytest.param(
            then_close(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n"
            ),
            b"abc",
            "The body is incomplete after 3 B: what follows is not a valid chunk.",
            id="chunks that are none",
        ),
    ],
)
async def test_a_body_is_received_as_far_as_received(
    client: Client, handler: Handler, body: bytes, cut_short: str
) -> None:
    async with serve(handler) as server:
        exchange = await client.send(prepared(base=server.url))
    assert exchange.response.body == body
    assert exchange.response.cut_short == cut_short


async def test_silence_in_the_middle_times_out(client: Client) -> None:
    async with serve(then_silence(http_response(b"half", length=10))) as server:
        exchange = await client.send(prepared(base=server.url, timeout=0.5))
    assert exchange.response.body == b"half"
    assert exchange.response.cut_short == (
        "The body is incomplete after 4 B: no data received for 500 ms."
    )


async def test_a_reset_in_the_middle_keeps_the_received_bytes(client: Client) -> None:
    async with serve(then_reset(http_response(b"half", length=10))) as server:
        exchange = await client.send(prepared(base=server.url))
    assert exchange.response.status == 200
    assert b"half".startswith(exchange.response.body)
    assert exchange.response.cut_short.startswith("The body is incomplete after ")


@pytest.mark.parametrize("headers", [(), ("Content-Encoding: identity",)])
async def test_a_slow_body_does_not_time_out(
    client: Client, headers: tuple[str, ...]
) -> None:
    async def drip(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(b"", "200 OK", *headers, length=40))
        for _ in range(40):
            await connection.send(b"x")

    async with serve(drip) as server:
        exchange = await client.send(prepared(base=server.url))
    assert exchange.response.body == b"x" * 40


async def fetch(
    client: Client, response: bytes, sink: io.BytesIO | None = None
) -> Exchange:
    async with serve(then_close(response)) as server:
        return await client.send(prepared(base=server.url), sink=sink)


TWO_MEMBERS = gzip.compress(b"one ") + gzip.compress(b"two")


@pytest.mark.parametrize(
    ("content", "body", "cut_short"),
    [
        pytest.param(gzip.compress(b"text"), b"text", "", id="gzip"),
        pytest.param(TWO_MEMBERS, b"one two", "", id="two members"),
        pytest.param(TWO_MEMBERS + b"\0" * 9, b"one two", "", id="padding"),
        pytest.param(b"", b"", "", id="nothing"),
        pytest.param(
            gzip.compress(b"text")[:-4],
            b"text",
            "after 4 B: its gzip stream is truncated.",
            id="cut gzip",
        ),
        pytest.param(b"plain text", b"plain text", "", id="no gzip"),
        pytest.param(
            gzip.compress(b"ok") + b"\x1f\x8b" + b"x" * 20,
            b"ok",
            "after 2 B: its gzip stream is corrupt.",
            id="bad second member",
        ),
    ],
)
async def test_gzip_is_decompressed(
    client: Client, content: bytes, body: bytes, cut_short: str
) -> None:
    response = (await fetch(client, http_response(content, "200 OK", GZIP))).response
    assert response.body == body
    assert response.wire_bytes == len(content)
    assert response.cut_short.endswith(cut_short)
    assert bool(response.cut_short) == bool(cut_short)


async def test_an_unknown_encoding_is_left_and_named(client: Client) -> None:
    response = http_response(b"\x8b\x01", "200 OK", "Content-Encoding: compress")
    exchange = await fetch(client, response)
    assert exchange.response.body == b"\x8b\x01"
    assert exchange.notices == (
        "The body is encoded with compress, which mixtui cannot decode.",
    )


def bomb(mib: int) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    parts = [compressor.compress(bytes(1 << 20)) for _ in range(mib)]
    return b"".join(parts) + compressor.flush()


async def test_a_decompression_bomb_fills_no_memory(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MEMORY_LIMIT", 3_000_000)
    response = (await fetch(client, http_response(bomb(40), "200 OK", GZIP))).response
    assert len(response.body) == 3_000_000
    assert response.wire_bytes < 100_000
    assert "Only the first 3.0 MB were read" in response.cut_short
    assert "-o FILE" in response.cut_short


async def test_a_decompression_bomb_is_written_in_pieces(client: Client) -> None:
    class Sink(io.BytesIO):
        longest = 0

        def write(self, data: object, /) -> int:
            assert isinstance(data, bytes)
            self.longest = max(self.longest, len(data))
            return len(data)

    sink = Sink()
    response = (
        await fetch(client, http_response(bomb(20), "200 OK", GZIP), sink)
    ).response
    assert response.written == response.body_bytes == 20 << 20
    assert sink.longest == MAX_PIECE


async def test_a_body_beyond_the_limit_is_cut_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "MEMORY_LIMIT", 1000)
    assert len((await fetch(client, http_response(bytes(1000)))).response.body) == 1000
    response = (await fetch(client, http_response(bytes(1001)))).response
    assert (len(response.body), bool(response.cut_short)) == (1000, True)


@pytest.mark.parametrize(
    "length", [0, 10, MAX_IN_MEMORY, MAX_IN_MEMORY + 1, 3 * MAX_IN_MEMORY]
)
async def test_a_body_is_written_to_a_file_completely(
    client: Client, length: int
) -> None:
    content = bytes(range(250)) * (length // 250 + 1)
    content, sink = content[:length], io.BytesIO()
    response = (await fetch(client, http_response(content), sink)).response
    assert sink.getvalue() == content
    assert response.written == response.body_bytes == length
    assert response.body == (
        content if length <= MAX_IN_MEMORY else content[-TAIL_BYTES:]
    )
    assert response.cut_short == ""


@pytest.mark.parametrize("length", [0, MAX_IN_MEMORY, MAX_IN_MEMORY + 1])
async def test_a_body_is_not_held_beside_a_sink_that_can_be_read(
    client: Client, tmp_path: Path, length: int
) -> None:
    content, sink = bytes(range(250)) * (length // 250 + 1), Spool(tmp_path)
    content = content[:length]
    response = (await fetch(client, http_response(content), sink)).response
    assert sink.read(0, length) == content
    assert response.written == length
    if length <= MAX_IN_MEMORY:
        assert response.body is sink.tail(length)
    else:
        assert response.body == content[-TAIL_BYTES:]


async def test_a_sink_that_cannot_be_read_back_is_reported(
    client: Client, tmp_path: Path
) -> None:
    class Unreadable(Spool):
        def tail(self, size: int) -> bytes:
            raise OSError(5, "Input/output error")

    response = (
        await fetch(client, http_response(b"body"), Unreadable(tmp_path))
    ).response
    assert response.body == b""
    assert response.cut_short == (
        "The body is incomplete after 4 B: reading it back failed (Input/output error)."
    )


async def test_a_full_disk_is_reported(client: Client) -> None:
    class Full(io.BytesIO):
        def write(self, data: object, /) -> int:
            raise OSError(28, "No space left on device")

    response = (await fetch(client, http_response(b"body"), Full())).response
    assert response.cut_short == (
        "The body is incomplete after 0 B: writing to the file failed (No space left on device)."
    )


async def test_a_response_without_a_body_has_none(client: Client) -> None:
    async with serve(responding(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        exchange = await client.send(prepared(base=server.url))
    assert (exchange.response.status, exchange.response.body) == (204, b"")


async def test_progress_is_reported_at_intervals(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(connection: Connection) -> None:
        await connection.request()
        await connection.send(http_response(b"", length=50))
        for _ in range(50):
            await connection.send(b"x")

    monkeypatch.setattr(receiving, "_REPORT_INTERVAL", 1000.0)
    received: list[int] = []
    server: Server
    async with serve(drip) as server:
        await client.send(
            prepared(base=server.url), on_progress=lambda p: received.append(p.bytes)
        )
    assert len(received) == 1


def test_the_memory_limit_is_shown_as_a_round_size() -> None:
    assert size(receiving.MEMORY_LIMIT) == "256 MB"
