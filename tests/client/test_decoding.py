"""Content codings undone in the stream: stacked, cut, wrongly claimed, without end."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
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


def raw_deflate(data: bytes) -> bytes:
    press = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return press.compress(data) + press.flush()


def brotli_press(data: bytes) -> bytes:
    return bytes(brotli.compress(data, quality=5))  # a hundredth of the time of 11


PRESSES: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli_press),
    "zstd": ("zstd", zstd.compress),
    "two zstd frames": ("zstd", lambda data: zstd.compress(data) + zstd.compress(b"")),
    "nothing": ("identity", lambda data: data),
    "stacked": ("gzip, br", lambda data: brotli_press(gzip.compress(data))),
    "three": (
        "deflate,zstd , gzip",
        lambda data: gzip.compress(zstd.compress(zlib.compress(data))),
    ),
}
each_press = pytest.mark.parametrize(
    ("encoding", "press"), PRESSES.values(), ids=list(PRESSES)
)
each_single_press = pytest.mark.parametrize(
    ("encoding", "press"),
    [PRESSES[name] for name in ("gzip", "deflate", "raw deflate", "br", "zstd")],
)


def made(encoding: str) -> Decoder:
    found = make_decoder(encoding)
    assert found is not None
    return found


def undone(encoding: str, *chunks: bytes) -> bytes:
    undoes = made(encoding)
    content = b"".join(piece for chunk in chunks for piece in undoes.feed(chunk))
    undoes.finish()
    assert undoes.notice == ""
    return content


@each_press
@given(text=st.text(max_size=300), step=st.integers(1, 40))
def test_what_was_encoded_comes_back_however_it_is_divided(
    encoding: str, press: Callable[[bytes], bytes], text: str, step: int
) -> None:
    data = text.encode()
    sent = press(data)
    chunks = [sent[at : at + step] for at in range(0, len(sent), step)]
    assert undone(encoding, *chunks) == data


@each_press
def test_no_piece_is_long(encoding: str, press: Callable[[bytes], bytes]) -> None:
    if encoding == "identity":
        return
    content = bytes(5 * MAX_PIECE + 7)
    undoes = made(encoding)
    pieces = list(undoes.feed(press(content)))
    undoes.finish()
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= MAX_PIECE


@each_single_press
def test_a_stream_that_ends_early_is_told_and_kept(
    encoding: str, press: Callable[[bytes], bytes]
) -> None:
    undoes = made(encoding)
    content = bytes(range(256)) * 50
    came = b"".join(undoes.feed(press(content)[:-3]))
    assert content.startswith(came)
    with pytest.raises(DecodingError, match=f"its {encoding} stream ends too early"):
        undoes.finish()


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
    decoder, decoded = made(encoding), b""
    for start in range(0, len(sent), 1000):
        decoded += b"".join(decoder.feed(sent[start : start + 1000]))
    with pytest.raises(DecodingError):
        list(decoder.feed(b"\x0e" + bytes(400)))
    assert decoded == content


@each_press
def test_a_body_that_is_not_encoded_is_shown_as_it_came(
    encoding: str, press: Callable[[bytes], bytes]
) -> None:
    undoes = made(encoding)
    came = b"".join(p for c in (b'{"a": 1', b"}", b" ") for p in undoes.feed(c))
    undoes.finish()
    assert came == b'{"a": 1} '
    if encoding == "identity":
        assert undoes.notice == ""
    else:
        assert "that its header says: it is shown as it came." in undoes.notice


def test_a_body_that_lacks_the_inner_coding_is_shown_as_it_came() -> None:
    undoes = made("gzip, br")
    sent = brotli.compress(b"no gzip inside")
    assert b"".join(undoes.feed(sent)) == sent
    assert undoes.notice == (
        "The body is not the gzip, br that its header says: it is shown as it came."
    )


@each_single_press
def test_a_bomb_is_stopped_at_a_limit_that_is_named(
    encoding: str,
    press: Callable[[bytes], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED", 3_000_000)
    sent = press(bytes(6_000_000))
    undoes, came = made(encoding), 0
    with pytest.raises(DecodingError, match=r"200 times its size, .* at 3\.0 MB"):
        for piece in undoes.feed(sent):
            came += len(piece)
    assert 1_500_000 < came <= max(3_000_000, 200 * len(sent))
    assert undoes.notice == ""


def test_a_bomb_that_folds_up_again_inside_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED", 300_000)
    empty = gzip.compress(b"", mtime=0) * 50_000
    with pytest.raises(DecodingError, match="unfolds"):
        list(made("gzip, br").feed(brotli_press(empty)))


def test_a_body_beyond_the_limit_that_grew_little_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED", 100_000)
    content = "".join(f"{n * n};" for n in range(60_000)).encode()
    assert undone("gzip", gzip.compress(content)) == content


@pytest.mark.parametrize("encoding", ["compress", "gzip, what", "gzip," * 5, "br;q=1"])
def test_an_encoding_that_nothing_undoes_has_no_decoder(encoding: str) -> None:
    assert make_decoder(encoding) is None


def test_what_is_offered_is_what_can_be_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert accept_encoding() == "gzip, deflate, br, zstd"
    monkeypatch.setattr(codings, "_brotli_name", lambda: None)
    monkeypatch.setattr(codings, "_zstd_name", lambda: None)
    assert accept_encoding() == "gzip, deflate"
    assert make_decoder("br") is None
    assert make_decoder("zstd") is None
