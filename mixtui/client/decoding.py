"""Undoes the Content-Encoding of a body while it comes, and guards against bombs."""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from mixtui.text import size

PIECE = 1 << 20
"""Bytes; no piece is longer."""
_GZIP_MAGIC = b"\x1f"
_JSON = (b"{", b"[", b'"')
_BROTLI = ("brotli", "brotlicffi")
_ZSTD = ("compression.zstd", "backports.zstd")
"""Of Python 3.14, and the same for older ones."""


class BadEncoding(Exception):
    """The body is not what its Content-Encoding says; the text ends a sentence."""


class Coding(Protocol):
    """Undoes one content coding of one body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: Not of this coding, or damaged.
        """
        ...

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        ...


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
            if not self._started and data[:1] != _GZIP_MAGIC:
                if self._members:
                    return  # Padding behind the last member.
                raise _not("gzip")
            self._started = True
            yield from _inflated(self._member, data, "gzip")
            data = b""
            if self._member.eof:
                data = self._member.unused_data
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._started = False
                self._members += 1

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle of a member.
        """
        if self._started:
            raise _early("gzip")


class Deflate:
    """A deflate stream: with the wrapping of zlib, as RFC 9110 has it, or without."""

    def __init__(self) -> None:
        self._head = b""
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces; what follows the end of the stream is dropped.

        Raises:
            BadEncoding: Not deflate, or damaged.
        """
        if self._stream is None:
            self._head += data
            if len(self._head) < 2:
                return
            wrapped = _is_zlib_header(self._head)
            bits = zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS
            self._stream = zlib.decompressobj(bits)
            pieces = _inflated(self._stream, self._head, "deflate")
            yield from pieces if wrapped else self._checked(pieces)
        elif not self._stream.eof:
            yield from _inflated(self._stream, data, "deflate")

    def _checked(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The first pieces of a bare stream: any text can pass for the start of one."""
        first: list[bytes] = []
        for piece in pieces:
            first.append(piece)
            if len(piece) == PIECE:
                break
        followed = self._stream.eof and self._stream.unused_data
        if followed or (self._head[:1] in _JSON and not _is_utf8(b"".join(first))):
            raise _not("deflate")
        yield from first
        yield from pieces

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        if self._head and (self._stream is None or not self._stream.eof):
            raise _early("deflate")


class Brotli:
    """A Brotli stream (RFC 7932)."""

    def __init__(self, library: Any) -> None:
        self._stream = library.Decompressor()
        self._error: type[Exception] = library.error
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: Not Brotli, damaged, or followed by something else.
        """
        self._started = self._started or bool(data)
        more = bool(data)
        while more:
            try:
                # The library takes the limit for a hint and goes to its double.
                piece = self._stream.process(data, output_buffer_limit=PIECE // 2)
            except self._error:
                raise _not("br") from None
            for start in range(0, len(piece), PIECE):
                yield piece[start : start + PIECE]
            data = b""
            more = not self._stream.is_finished() and (
                bool(piece) or not self._stream.can_accept_more_data()
            )

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        if self._started and not self._stream.is_finished():
            raise _early("br")


class Zstd:
    """A Zstandard stream of one or more frames (RFC 8878)."""

    def __init__(self, library: Any) -> None:
        self._new: Callable[[], Any] = library.ZstdDecompressor
        self._error: type[Exception] = library.ZstdError
        self._frame = self._new()
        self._started = False
        """In the current frame."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: Not Zstandard, or damaged.
        """
        while data:
            self._started = True
            yield from self._decoded(data)
            data = b""
            if self._frame.eof:
                data = self._frame.unused_data
                self._frame = self._new()
                self._started = False

    def _decoded(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._frame.eof or self._frame.needs_input):
            try:
                piece = self._frame.decompress(data, max_length=PIECE)
            except self._error:
                raise _not("zstd") from None
            data = b""
            if piece:
                yield piece

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle of a frame.
        """
        if self._started:
            raise _early("zstd")


def supported_codings() -> tuple[str, ...]:
    """The codings that can be undone here, as ``Accept-Encoding`` lists them."""
    names = ["gzip", "deflate"]
    if _brotli_name() is not None:
        names.append("br")
    if _zstd_name() is not None:
        names.append("zstd")
    return tuple(names)


def decoder_for(coding: str) -> Coding | None:
    """What undoes a coding; None = nothing here does."""
    match coding:
        case "gzip" | "x-gzip":
            return Gzip()
        case "deflate":
            return Deflate()
        case "br" if (name := _brotli_name()) is not None:
            return Brotli(import_module(name))
        case "zstd" if (name := _zstd_name()) is not None:
            return Zstd(import_module(name))
    return None


@cache
def _brotli_name() -> str | None:
    """The library for Brotli, if there is one whose output can be bounded."""
    for name in _BROTLI:
        if find_spec(name) is None:
            continue
        try:
            import_module(name).Decompressor().process(b"", output_buffer_limit=1)
        except TypeError:
            continue  # Before 1.2 a chunk of 64 KB could become 100 GB.
        return name
    return None


@cache
def _zstd_name() -> str | None:
    for name in _ZSTD:
        package = name.partition(".")[0]
        if find_spec(package) is not None and find_spec(name) is not None:
            return name
    return None


def _inflated(stream: Any, data: bytes, coding: str) -> Iterator[bytes]:
    full = True
    while data or full:
        try:
            piece = stream.decompress(data, PIECE)
        except zlib.error:
            raise _not(coding) from None
        data = stream.unconsumed_tail
        full = len(piece) == PIECE
        if piece:
            yield piece


def _is_zlib_header(head: bytes) -> bool:
    # A bare stream never starts so: it would be a stored block with a crooked padding.
    return head[0] & 0x8F == 0x08 and int.from_bytes(head[:2], "big") % 31 == 0


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _not(coding: str) -> BadEncoding:
    return BadEncoding(f"it is not the {coding} that its header says")


def _early(coding: str) -> BadEncoding:
    return BadEncoding(f"its {coding} stream ends too early")


__all__ = [
    "PIECE",
    "BadEncoding",
    "Decoder",
    "Gzip",
    "IdentityDecoder",
    "accept_encoding",
    "decoder",
]

LIMIT = 100_000_000
"""Bytes that any body may unfold to, however small it came."""
RATIO = 200
"""A body beyond the limit may unfold to this many times its size; text seldom reaches
a tenth of that."""
_MOST_CODINGS = 4
_HELD = 1 << 16
"""Bytes kept as they came until something was decoded."""


class Decoder(Protocol):
    """Undoes all encodings of one body."""

    @property
    def notice(self) -> str:
        """A sentence about the body; empty if there is nothing to say."""
        ...

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: The body is damaged, or a bomb.
        """
        ...

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        ...


class IdentityDecoder:
    """A body that is sent as it is."""

    notice = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces."""
        yield data

    def finish(self) -> None:
        """Check that the body is whole."""


class _Bomb(BadEncoding):
    """The body unfolds without end."""


class _Unfolding:
    """Undoes the codings of a body, the last one first.

    A body that is not encoded at all, whatever its header says, is passed on as it came.
    """

    def __init__(self, codings: Sequence[tuple[str, Coding]]) -> None:
        """Nothing has come yet.

        Args:
            codings: In the order in which they are undone.
        """
        self._codings = codings
        self._unfolded = [0] * len(codings)
        """Bytes that each coding has become."""
        self._wire = 0
        self._held: bytes | None = b""
        """All that came, until something was decoded."""
        self.notice = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces.

        Raises:
            BadEncoding: The body is damaged, or a bomb.
        """
        if self.notice:
            yield data
            return
        self._wire += len(data)
        if self._held is not None:
            self._held += data
        try:
            for piece in self._decoded(data, 0):
                self._held = None
                yield piece
        except _Bomb:
            raise
        except BadEncoding:
            if self._held is None:
                raise
            names = ", ".join(name for name, _ in reversed(self._codings))
            self.notice = (
                f"The body is not the {names} that its header says: it is shown as it "
                "came."
            )
            yield self._held
        if self._held is not None and len(self._held) > _HELD:
            self._held = None

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            BadEncoding: It ended in the middle.
        """
        if not self.notice:
            for _, coding in self._codings:
                coding.finish()

    def _decoded(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._codings):
            yield data
            return
        for piece in self._codings[depth][1].feed(data):
            self._unfolded[depth] += len(piece)
            # Each layer is looked at: what lies inside may fold it up again.
            if LIMIT < self._unfolded[depth] > RATIO * self._wire:
                raise _Bomb(
                    f"it unfolds to more than {RATIO} times its size, and mixtui stops "
                    f"such a body at {size(LIMIT)}"
                )
            yield from self._decoded(piece, depth + 1)


def accept_encoding() -> str:
    """What a request offers: the codings that can be undone here."""
    return ", ".join(supported_codings())


def decoder(content_encoding: str) -> Decoder | None:
    """What undoes an encoding; None = nothing here does.

    Args:
        content_encoding: The header's value: codings in the order they were applied.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return IdentityDecoder()
    if len(names) > _MOST_CODINGS:
        return None
    codings = [(name, decoder_for(name)) for name in reversed(names)]
    known = [(name, coding) for name, coding in codings if coding is not None]
    return _Unfolding(known) if len(known) == len(codings) else None
