"""Undoes gzip while a body comes, in pieces of bounded size.

httpx can do it too, but in one step for each chunk of the wire (64 KiB may become
64 MB), it drops all but the first member of a gzip stream, and it takes a stream that
ends early for a whole one.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

PIECE = 1 << 20
"""Bytes; no piece is longer."""
_GZIP = ("gzip", "x-gzip")
_MAGIC = b"\x1f"


class BadEncoding(Exception):
    """The body is not what its Content-Encoding says; the text ends a sentence."""


class Plain:
    """A body that is sent as it is."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces."""
        yield data

    def finish(self) -> None:
        """Check that the body is whole."""


class Gzip:
    """A gzip stream of one or more members (RFC 1952)."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._started = False
        """In the current member."""
        self._members = 0
        """That are complete."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: Not gzip, or damaged.
        """
        while data:
            if not self._started and self._members and data[:1] != _MAGIC:
                return  # Padding behind the last member.
            self._started = True
            yield from self._decoded(data)
            data = b""
            if self._member.eof:
                data = self._member.unused_data
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._started = False
                self._members += 1

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        full = True
        while data or full:
            try:
                piece = self._member.decompress(data, PIECE)
            except zlib.error:
                raise BadEncoding("it is not the gzip that its header says") from None
            data = self._member.unconsumed_tail
            full = len(piece) == PIECE
            if piece:
                yield piece

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle of a member.
        """
        if self._started:
            raise BadEncoding("its gzip stream ends too early")


def decoder(content_encoding: str) -> Plain | Gzip | None:
    """What undoes an encoding; None = nothing here does."""
    encoding = content_encoding.strip().lower()
    if encoding in ("", "identity"):
        return Plain()
    return Gzip() if encoding in _GZIP else None
