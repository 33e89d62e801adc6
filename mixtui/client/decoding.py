"""Decode the Content-Encoding of a body as it arrives, and stop decompression bombs.

Own code, as httpx's decoders have no bound per chunk and drop all gzip members but the
first.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from mixtui.text import size

MAX_PIECE = 1 << 20
"""Bytes; no piece is longer."""
_GZIP_MAGIC = b"\x1f"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_JSON_STARTS = (b"{", b"[", b'"')
_BROTLI_LIBRARIES = ("brotli", "brotlicffi")
_ZSTD_LIBRARIES = ("compression.zstd", "backports.zstd")
"""The module of Python 3.14, and its backport."""


class DecodingError(Exception):
    """A body does not match its Content-Encoding; the message completes a sentence."""


class NotEncoded(DecodingError):
    """A body shows no sign of the coding that its header names."""


class Coding(Protocol):
    """Decodes one content coding of one body."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield the result in pieces.

        Raises:
            DecodingError: Not of this coding, or damaged.
        """
        ...

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle.
        """
        ...


class Gzip:
    """A gzip stream of one or more members (RFC 1952)."""

    def __init__(self) -> None:
        self._member = zlib_library().decompressobj(zlib.MAX_WBITS | 16)
        self._started = False
        """Whether the current member has begun."""
        self._members = 0
        """Complete members."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield the result in pieces.

        Raises:
            DecodingError: Not gzip, or damaged.
        """
        while data:
            if not self._started and data[:1] != _GZIP_MAGIC:
                if self._members:
                    return  # Padding behind the last member.
                raise _wrong_coding_error("gzip")
            self._started = True
            yield from _inflate(self._member, data, "gzip")
            data = b""
            if self._member.eof:
                data = self._member.unused_data
                self._member = zlib_library().decompressobj(zlib.MAX_WBITS | 16)
                self._started = False
                self._members += 1

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle of a member.
        """
        if self._started:
            raise _truncated_error("gzip")


class Deflate:
    """A deflate stream: with the wrapping of zlib, as RFC 9110 has it, or without."""

    def __init__(self) -> None:
        self._start = b""
        self._stream: Any = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield it in pieces; drops what follows the stream.

        Raises:
            DecodingError: Not deflate, or damaged.
        """
        if self._stream is None:
            self._start += data
            if len(self._start) < 2:
                return
            has_zlib_header = _is_zlib_header(self._start)
            bits = zlib.MAX_WBITS if has_zlib_header else -zlib.MAX_WBITS
            self._stream = zlib.decompressobj(bits)
            pieces = _inflate(self._stream, self._start, "deflate")
            yield from pieces if has_zlib_header else self._check_bare(pieces)
        elif not self._stream.eof:
            yield from _inflate(self._stream, data, "deflate")

    def _check_bare(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Check the start of a bare stream, which any text may resemble."""
        first: list[bytes] = []
        try:
            for piece in pieces:
                first.append(piece)
                if len(piece) == MAX_PIECE:
                    break
        except DecodingError:
            raise _wrong_coding_error("deflate") from None
        has_trailing_data = self._stream.eof and self._stream.unused_data
        if has_trailing_data or (
            self._start[:1] in _JSON_STARTS and not _is_utf8(b"".join(first))
        ):
            raise _wrong_coding_error("deflate")
        yield from first
        yield from pieces

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle.
        """
        if self._start and (self._stream is None or not self._stream.eof):
            raise _truncated_error("deflate")


class Brotli:
    """A Brotli stream (RFC 7932)."""

    def __init__(self, library: Any) -> None:
        self._stream = library.Decompressor()
        self._error: type[Exception] = library.error
        self._started = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield the result in pieces.

        Raises:
            DecodingError: Not Brotli, damaged, or followed by something else.
        """
        self._started = self._started or bool(data)
        has_more = bool(data)
        while has_more:
            try:
                # The library treats the limit as a hint and exceeds it up to twofold.
                piece = self._stream.process(data, output_buffer_limit=MAX_PIECE // 2)
            except self._error:
                raise _wrong_coding_error("br") from None
            for start in range(0, len(piece), MAX_PIECE):
                yield piece[start : start + MAX_PIECE]
            data = b""
            has_more = not self._stream.is_finished() and (
                bool(piece) or not self._stream.can_accept_more_data()
            )

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle.
        """
        if self._started and not self._stream.is_finished():
            raise _truncated_error("br")


class Zstd:
    """A Zstandard stream of one or more frames (RFC 8878)."""

    def __init__(self, library: Any) -> None:
        self._new: Callable[[], Any] = library.ZstdDecompressor
        self._error: type[Exception] = library.ZstdError
        self._frame = self._new()
        self._head = b""
        self._started = False
        """Whether the current frame has begun."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield the result in pieces.

        Raises:
            DecodingError: Not Zstandard, or damaged.
        """
        self._head = (self._head + data)[: len(_ZSTD_MAGIC)]
        while data:
            self._started = True
            yield from self._decode(data)
            data = b""
            if self._frame.eof:
                data = self._frame.unused_data
                self._frame = self._new()
                self._started = False

    def _decode(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._frame.eof or self._frame.needs_input):
            try:
                piece = self._frame.decompress(data, max_length=MAX_PIECE)
            except self._error:
                is_zstd = self._head == _ZSTD_MAGIC
                make = _damage_error if is_zstd else _wrong_coding_error
                raise make("zstd") from None
            data = b""
            if piece:
                yield piece

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle of a frame.
        """
        if self._started:
            raise _truncated_error("zstd")


def supported_codings() -> tuple[str, ...]:
    """Return the codings that can be decoded, as ``Accept-Encoding`` lists them."""
    names = ["gzip", "deflate"]
    if _brotli_name() is not None:
        names.append("br")
    if zstd_library() is not None:
        names.append("zstd")
    return tuple(names)


def make_coding(coding: str) -> Coding | None:
    """Create the decoder of one coding; None = not supported."""
    match coding:
        case "gzip" | "x-gzip":
            return Gzip()
        case "deflate":
            return Deflate()
        case "br" if (name := _brotli_name()) is not None:
            return Brotli(import_module(name))
        case "zstd" if (name := zstd_library()) is not None:
            return Zstd(import_module(name))
    return None


@cache
def _brotli_name() -> str | None:
    """Return the Brotli library, if one is installed whose output can be bounded."""
    for name in _BROTLI_LIBRARIES:
        if find_spec(name) is None:
            continue
        try:
            import_module(name).Decompressor().process(b"", output_buffer_limit=1)
        except TypeError:
            continue  # Before 1.2 a chunk of 64 KB could become 100 GB.
        return name
    return None


@cache
def zlib_library() -> Any:
    """Return the module that knows gzip: isal's, 2.5 times as fast, or else Python's."""
    if find_spec("isal") is None:
        return zlib
    return import_module("isal.isal_zlib")


@cache
def zstd_library() -> str | None:
    """Return the name of the module that knows zstd; None = none is installed."""
    for name in _ZSTD_LIBRARIES:
        package = name.partition(".")[0]
        if find_spec(package) is not None and find_spec(name) is not None:
            return name
    return None


def _inflate(stream: Any, data: bytes, coding: str) -> Iterator[bytes]:
    is_full = True
    while data or is_full:
        try:
            piece = stream.decompress(data, MAX_PIECE)
        except (zlib.error, zlib_library().error):
            raise _damage_error(coding) from None
        data = stream.unconsumed_tail
        is_full = len(piece) == MAX_PIECE
        if piece:
            yield piece


def _is_zlib_header(head: bytes) -> bool:
    # A bare stream never starts so: it would be a stored block with invalid padding.
    return head[0] & 0x8F == 0x08 and int.from_bytes(head[:2], "big") % 31 == 0


def _is_utf8(start: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


def _wrong_coding_error(coding: str) -> DecodingError:
    return NotEncoded(f"it is not {coding}, although the header says so")


def _damage_error(coding: str) -> DecodingError:
    return DecodingError(f"its {coding} stream is corrupt")


def _truncated_error(coding: str) -> DecodingError:
    return DecodingError(f"its {coding} stream is truncated")


__all__ = [
    "MAX_PIECE",
    "Decoder",
    "DecodingError",
    "Gzip",
    "IdentityDecoder",
    "accept_encoding",
    "make_decoder",
]

MAX_DECODED = 100_000_000
"""Bytes that any body may decode to, however small it is on the wire."""
MAX_RATIO = 200
"""How many times its size a body beyond `MAX_DECODED` may decode to.

Text seldom reaches a tenth of that.
"""
_MAX_CODINGS = 4
_MAX_UNDECODED = 1 << 16
"""Bytes that are held as received until something was decoded."""


class Decoder(Protocol):
    """Decodes all codings of one body."""

    @property
    def notice(self) -> str:
        """A sentence about the body; empty = none."""
        ...

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield the result in pieces.

        Raises:
            DecodingError: The body is damaged, or a bomb.
        """
        ...

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle.
        """
        ...


class IdentityDecoder:
    """Passes on a body that is not encoded."""

    notice = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def finish(self) -> None:
        """Accept any end."""


class _DecompressionBomb(DecodingError):
    """Raised for a decompression bomb."""


class _StackedDecoder:
    """Decodes several codings, the last one first.

    Passes on a body that is not encoded at all, whatever its header says, and what there
    is of one that is damaged before anything of it was decoded.
    """

    def __init__(self, codings: Sequence[tuple[str, Coding]]) -> None:
        """Begin with nothing received.

        Args:
            codings: In the order in which they are decoded.
        """
        self._codings = codings
        self._decoded_bytes = [0] * len(codings)
        """Bytes that each coding was decoded to."""
        self._wire_bytes = 0
        self._undecoded: bytes | None = b""
        """The bytes received until the first piece was decoded; None = one was."""
        self.notice = ""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Decode data, and yield the result in pieces.

        Raises:
            DecodingError: The body is damaged, or a bomb.
        """
        if self.notice:
            yield data
            return
        self._wire_bytes += len(data)
        if self._undecoded is not None:
            self._undecoded += data
        try:
            for piece in self._decode(data, 0):
                self._undecoded = None
                yield piece
        except _DecompressionBomb:
            raise
        except NotEncoded:
            if self._undecoded is None:
                raise
            names = ", ".join(name for name, _ in reversed(self._codings))
            self.notice = (
                f"The body is not {names}, although the header says so; it is shown "
                "as received."
            )
            yield self._undecoded
        except DecodingError:
            if self._undecoded is not None:
                yield self._undecoded
            raise
        if self._undecoded is not None and len(self._undecoded) > _MAX_UNDECODED:
            self._undecoded = None

    def finish(self) -> None:
        """Check that the body is complete.

        Raises:
            DecodingError: It ended in the middle.
        """
        if not self.notice:
            for _, coding in self._codings:
                coding.finish()

    def _decode(self, data: bytes, depth: int) -> Iterator[bytes]:
        if depth == len(self._codings):
            yield data
            return
        for piece in self._codings[depth][1].feed(data):
            self._decoded_bytes[depth] += len(piece)
            # Each layer is checked: an inner one may compress the bomb again.
            if MAX_DECODED < self._decoded_bytes[depth] > MAX_RATIO * self._wire_bytes:
                raise _DecompressionBomb(
                    f"it decompresses to more than {MAX_RATIO} times its size, and "
                    f"mixtui stops such a body at {size(MAX_DECODED)}"
                )
            yield from self._decode(piece, depth + 1)


def accept_encoding() -> str:
    """Return the value of ``Accept-Encoding``."""
    return ", ".join(supported_codings())


def make_decoder(content_encoding: str) -> Decoder | None:
    """Create the decoder of a body; None = not supported.

    Args:
        content_encoding: The header's value: codings in the order they were applied.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if not names:
        return IdentityDecoder()
    if len(names) > _MAX_CODINGS:
        return None
    codings = [(name, make_coding(name)) for name in reversed(names)]
    supported = [(name, coding) for name, coding in codings if coding is not None]
    return _StackedDecoder(supported) if len(supported) == len(codings) else None
