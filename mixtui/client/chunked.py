"""Read bodies without an event of h11 for each piece.

Each event goes through six layers of h11, httpcore and httpx: with one for each chunk (RFC
9112, section 7.1), 10 MB in chunks of 30 bytes took 9 s instead of 0.4 s; and each copies
what it holds, which costs a gigabyte two seconds. Framing stays h11's: it reads the head
of the body, its end, and whatever is not as expected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import h11
import httpcore
from h11._readers import READERS, ChunkedReader, ContentLengthReader, Http10Reader
from httpcore._async.http11 import AsyncHTTP11Connection

from mixtui.client.network import Stream
from mixtui.patterns import compile_late

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    import httpx
    from h11._receivebuffer import ReceiveBuffer

_SIZE = compile_late(rb"([0-9A-Fa-f]{1,8})\r\n")
_NEXT_SIZE = compile_late(rb"\r\n([0-9A-Fa-f]{1,8})\r\n")
"""The end of a chunk and the head of the next one, without extensions."""
_FEW = 4
"""Pieces that are passed on one by one; more are joined, as each costs ten microseconds."""


class JoiningReader(ChunkedReader):
    """Joins the chunks that have come whole, and leaves everything else to h11."""

    def __call__(self, buf: ReceiveBuffer) -> h11.Data | h11.EndOfMessage | None:
        if not (self._bytes_in_chunk or self._reading_trailer):
            data = bytes(buf)
            # What ends the chunk before these, if h11 has read that.
            footer = self._bytes_to_discard
            if data.startswith(footer):
                joined, end = _join_chunks(data, len(footer))
                if joined:
                    buf.maybe_extract_at_most(end)
                    self._bytes_to_discard = b""
                    return h11.Data(data=joined)
        return super().__call__(buf)


def _join_chunks(data: bytes, offset: int) -> tuple[bytes, int]:
    """Return the contents of whole chunks from an offset on, and where the last ends."""
    parts: list[bytes] = []
    while (size := _SIZE.match(data, offset)) is not None:
        start = size.end()
        end = start + int(size[1], 16)
        if end == start or data[end : end + 2] != b"\r\n":
            break
        parts.append(data[start:end])
        offset = end + 2
    return b"".join(parts), offset


def install() -> None:
    """Let h11 read chunked bodies with `JoiningReader`."""
    readers = READERS[h11.SEND_BODY]
    assert isinstance(readers, dict)
    readers["chunked"] = JoiningReader


def connection_of(response: httpx.Response) -> AsyncHTTP11Connection | None:
    """Return the connection that a body comes from; None = another one, in tests."""
    stream: object = response.stream
    for attribute in ("_stream", "_httpcore_stream", "_stream", "_connection"):
        stream = getattr(stream, attribute, None)
    if isinstance(stream, AsyncHTTP11Connection) and isinstance(
        stream._network_stream, Stream
    ):
        return stream
    return None


async def body_pieces(connection: AsyncHTTP11Connection) -> AsyncGenerator[memoryview]:
    """Yield a body as it comes, in pieces as large as the system has them.

    Raises:
        httpcore.RemoteProtocolError: It is not framed as it should be, or ended early.
        httpcore.ReadError: The connection broke.
    """
    state, stream = connection._h11_state, connection._network_stream
    assert isinstance(stream, Stream)
    while True:
        try:
            event = state.next_event()
        except h11.RemoteProtocolError as error:
            raise httpcore.RemoteProtocolError(error) from error
        if isinstance(event, h11.Data):
            yield memoryview(event.data)
        elif event is h11.NEED_DATA:
            data = await stream.take()
            for piece in _skip_h11(state, data):
                yield piece
        else:
            return


def _skip_h11(state: h11.Connection, data: bytes) -> Iterator[memoryview]:
    """Yield the part of a body that is at the start of data, and give h11 the rest.

    Nothing is skipped unless h11 has read all that came before, and waits for content.

    Args:
        state: Where h11 is in the body; told how far it was skipped.
        data: What has come; empty = the end of the connection.
    """
    reader, view, end = state._reader, memoryview(data), 0
    parts: list[memoryview] = []
    if not data or state._receive_buffer:
        pass
    elif isinstance(reader, ContentLengthReader):
        parts.append(view[: reader._remaining])
        end = len(parts[0])
        reader._remaining -= end
    elif isinstance(reader, ChunkedReader):
        while reader._bytes_in_chunk and end < len(data):
            part = view[end : end + reader._bytes_in_chunk]
            parts.append(part)
            end += len(part)
            reader._bytes_in_chunk -= len(part)
            if reader._bytes_in_chunk:
                break
            size = _NEXT_SIZE.match(data, end)
            length = int(size[1], 16) if size else 0
            if size is None or not length:
                reader._bytes_to_discard = b"\r\n"
                break
            end, reader._bytes_in_chunk = size.end(), length
    elif isinstance(reader, Http10Reader):
        parts.append(view)
        end = len(data)
    if end < len(data) or not data:
        state.receive_data(data[end:])
    if len(parts) > _FEW:
        yield memoryview(b"".join(parts))
    else:
        yield from filter(None, parts)
