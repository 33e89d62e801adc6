"""Decoding content codings in a stream: stacked, cut, wrongly claimed, endless."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.client import decoding
from mixtui.client import decoding as codings
from mixtui.client.decoding import (
    MAX_PIECE,
    Decoder,
    DecodingError,
    accept_encoding,
    make_decoder,
)
from tests.wire import zstd


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


def brotli_compress(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=5))  # a hundredth of the time of 11


COMPRESSORS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli_compress),
    "zstd": ("zstd", zstd.compress),
    "two zstd frames": ("zstd", lambda data: zstd.compress(data) + zstd.compress(b"")),
    "nothing": ("identity", lambda data: data),
    "stacked": ("gzip, br", lambda data: brotli_compress(gzip.compress(data))),
    "three": (
        "deflate,zstd , gzip",
        lambda data: gzip.compress(zstd.compress(zlib.compress(data))),
    ),
}
each_compressor = pytest.mark.parametrize(
    ("encoding", "compress"), COMPRESSORS.values(), ids=list(COMPRESSORS)
)
each_single_compressor = pytest.mark.parametrize(
    ("encoding", "compress"),
    [COMPRESSORS[name] for name in ("gzip", "deflate", "raw deflate", "br", "zstd")],
)


def decoder_of(encoding: str) -> Decoder:
    decoder = make_decoder(encoding)
    assert decoder is not None
    return decoder


def decode(encoding: str, *chunks: bytes) -> bytes:
    decoder = decoder_of(encoding)
    content = b"".join(piece for chunk in chunks for piece in decoder.feed(chunk))
    decoder.finish()
    assert decoder.notice == ""
    return content


@each_compressor
@given(text=st.text(max_size=300), step=st.integers(1, 40))
def test_an_encoded_text_is_decoded_however_it_is_divided(
    encoding: str, compress: Callable[[bytes], bytes], text: str, step: int
) -> None:
    data = text.encode()
    sent = compress(data)
    chunks = [sent[offset : offset + step] for offset in range(0, len(sent), step)]
    assert decode(encoding, *chunks) == data


@each_compressor
def test_no_piece_exceeds_the_limit(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    if encoding == "identity":
        return
    content = bytes(5 * MAX_PIECE + 7)
    decoder = decoder_of(encoding)
    pieces = list(decoder.feed(compress(content)))
    decoder.finish()
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= MAX_PIECE


@each_single_compressor
def test_a_stream_that_ends_early_is_kept_and_reported(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    decoder = decoder_of(encoding)
    content = bytes(range(256)) * 50
    decoded = b"".join(decoder.feed(compress(content)[:-3]))
    assert content.startswith(decoded)
    with pytest.raises(DecodingError, match=f"its {encoding} stream is truncated"):
        decoder.finish()


def zlib_blocks(first: bytes, wbits: int) -> bytes:
    compressor = zlib.compressobj(wbits=wbits)
    return compressor.compress(first) + compressor.flush(zlib.Z_SYNC_FLUSH)


def brotli_blocks(first: bytes) -> bytes:
    compressor = brotli.Compressor(quality=5)
    return bytes(compressor.process(first) + compressor.flush())


def zstd_blocks(first: bytes) -> bytes:
    compressor = zstd.ZstdCompressor()
    return compressor.compress(first, mode=compressor.FLUSH_BLOCK)


@pytest.mark.parametrize(
    ("encoding", "blocks"),
    [
        ("gzip", lambda data: zlib_blocks(data, 16 + zlib.MAX_WBITS)),
        ("deflate", lambda data: zlib_blocks(data, zlib.MAX_WBITS)),
        ("br", brotli_blocks),
        ("zstd", zstd_blocks),
    ],
    ids=["gzip", "deflate", "br", "zstd"],
)
def test_damage_in_the_middle_keeps_what_came_before(
    encoding: str, blocks: Callable[[bytes], bytes]
) -> None:
    # A block starts at a byte here, and each of the formats reserves a block that
    # starts with 0e: br and zstd have no checksum that would detect other damage.
    content = "".join(f"{n * n};" for n in range(30_000)).encode()
    sent = blocks(content)
    decoder, decoded = decoder_of(encoding), b""
    for start in range(0, len(sent), 1000):
        decoded += b"".join(decoder.feed(sent[start : start + 1000]))
    with pytest.raises(DecodingError):
        list(decoder.feed(b"\x0e" + bytes(400)))
    assert decoded == content


@each_compressor
def test_a_body_that_is_not_encoded_is_shown_as_received(
    encoding: str, compress: Callable[[bytes], bytes]
) -> None:
    decoder = decoder_of(encoding)
    decoded = b"".join(
        piece for chunk in (b'{"a": 1', b"}", b" ") for piece in decoder.feed(chunk)
    )
    decoder.finish()
    assert decoded == b'{"a": 1} '
    if encoding == "identity":
        assert decoder.notice == ""
    else:
        assert "header says so; it is shown as received." in decoder.notice


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        ("gzip", gzip.compress(b"text")[:-8] + bytes(8)),
        ("gzip", gzip.compress(b"text")[:-4] + bytes(4)),
        ("gzip", gzip.compress(b"")[:10] + b"\xff" * 20),
        ("deflate", zlib.compress(b"text")[:-4] + bytes(4)),
        ("zstd", zstd.compress(b"text")[:5] + b"\xff" * 20),
    ],
)
@pytest.mark.parametrize("step", [1, 1000])
def test_damage_at_the_start_is_not_the_absence_of_a_coding(
    encoding: str, sent: bytes, step: int
) -> None:
    decoder, received = decoder_of(encoding), []
    with pytest.raises(DecodingError, match=f"its {encoding} stream is corrupt"):
        for start in range(0, len(sent), step):
            received += decoder.feed(sent[start : start + step])
    assert b"".join(received)  # As much as there is, decoded or raw.
    assert decoder.notice == ""


def test_a_body_that_lacks_the_inner_coding_is_shown_as_received() -> None:
    decoder = decoder_of("gzip, br")
    sent = brotli.compress(b"no gzip inside")
    assert b"".join(decoder.feed(sent)) == sent
    assert decoder.notice == (
        "The body is not gzip, br, although the header says so; it is shown as received."
    )


@each_single_compressor
def test_a_decompression_bomb_stops_at_a_limit_that_is_named(
    encoding: str,
    compress: Callable[[bytes], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED", 3_000_000)
    sent = compress(bytes(6_000_000))
    decoder, size = decoder_of(encoding), 0
    with pytest.raises(DecodingError, match=r"200 times its size, .* at 3\.0 MB"):
        for piece in decoder.feed(sent):
            size += len(piece)
    assert 1_500_000 < size <= max(3_000_000, 200 * len(sent))
    assert decoder.notice == ""


def test_a_bomb_of_empty_members_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED", 300_000)
    empty = gzip.compress(b"", mtime=0) * 50_000
    with pytest.raises(DecodingError, match="decompresses"):
        list(decoder_of("gzip, br").feed(brotli_compress(empty)))


def test_a_large_body_that_was_compressed_little_is_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED", 100_000)
    content = "".join(f"{n * n};" for n in range(60_000)).encode()
    assert decode("gzip", gzip.compress(content)) == content


@pytest.mark.parametrize("encoding", ["compress", "gzip, what", "gzip," * 5, "br;q=1"])
def test_an_unsupported_encoding_has_no_decoder(encoding: str) -> None:
    assert make_decoder(encoding) is None


def test_accept_encoding_offers_what_can_be_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert accept_encoding() == "gzip, deflate, br, zstd"
    monkeypatch.setattr(codings, "_brotli_name", lambda: None)
    monkeypatch.setattr(codings, "zstd_library", lambda: None)
    assert accept_encoding() == "gzip, deflate"
    assert make_decoder("br") is None
    assert make_decoder("zstd") is None


@pytest.mark.parametrize("library", [decoding.zlib_library(), zlib])
def test_gzip_is_read_alike_with_and_without_isal(
    monkeypatch: pytest.MonkeyPatch, library: object
) -> None:
    monkeypatch.setattr(decoding, "zlib_library", lambda: library)
    body = gzip.compress(bytes(range(256)) * 400) + gzip.compress(b"second")
    whole = decoding.make_coding("gzip")
    assert whole is not None
    assert b"".join(whole.feed(body)) == bytes(range(256)) * 400 + b"second"
    damaged = decoding.make_coding("gzip")
    assert damaged is not None
    with pytest.raises(DecodingError):
        list(damaged.feed(body[:40] + b"\xff" * 40 + body[80:]))
