"""Compressed bodies that are damaged, mislabeled or bombs."""

from __future__ import annotations

import gzip
import io
import zlib
from functools import cache

import brotli

from tests.hostile.answers import GZIPPED, answer
from tests.hostile.script import Case, Do, Send
from tests.outcome.hostile_answers import DATA, RECORDS, STORED, encoded, http
from tests.wire import zstd

_BOMB = 150_000_000
"""Bytes of blanks that a bomb becomes."""


def bare_deflate(body: bytes) -> bytes:
    """Compress without the wrapping of zlib."""
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


@cache
def gzip_bomb() -> bytes:
    """Compress many blanks."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0, compresslevel=1) as file:
        for _ in range(_BOMB // 10_000_000):
            file.write(b" " * 10_000_000)
    return target.getvalue()


BROTLI, ZSTD = brotli.compress(DATA), zstd.compress(DATA)


CODINGS = (
    Case("gzip", answer(encoded(GZIPPED, "gzip")), "accepted", 0, ""),
    Case(
        "gzip: cut in its header",
        answer(encoded(GZIPPED[:5], "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 0 B: its gzip stream is truncated.",
    ),
    Case(
        "gzip: cut in the middle",
        answer(encoded(GZIPPED[: len(GZIPPED) // 2], "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 37 B: its gzip stream is truncated.",
    ),
    Case(
        "gzip: cut before its sum",
        answer(encoded(GZIPPED[:-8], "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 88 B: its gzip stream is truncated.",
    ),
    Case(
        "gzip: cut, to a write",
        answer(encoded(gzip.compress(STORED, mtime=0)[:-8], "gzip")),
        "accepted, not verified",
        0,
        "The body is incomplete after 51 B: its gzip stream is truncated. The response does not confirm the write: check the project before you resend it.",
        operation="import",
    ),
    Case(
        "gzip: cut, in an export",
        answer(encoded(gzip.compress(RECORDS, mtime=0)[:-8], "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 79 B: its gzip stream is truncated.",
        operation="export",
    ),
    Case(
        "gzip: wrong sum",
        answer(encoded(GZIPPED[:-8] + b"\0" * 4 + GZIPPED[-4:], "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 93 B: its gzip stream is corrupt.",
    ),
    Case(
        "gzip: wrong length",
        answer(encoded(GZIPPED[:-4] + b"\1\2\3\4", "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 93 B: its gzip stream is corrupt.",
    ),
    Case(
        "gzip: bytes after the end",
        answer(encoded(GZIPPED + b"garbage", "gzip")),
        "accepted",
        0,
        "",
    ),
    Case(
        "gzip: NULs after the end",
        answer(encoded(GZIPPED + b"\0" * 512, "gzip")),
        "accepted",
        0,
        "",
    ),
    Case(
        "gzip: half a member after the end",
        answer(encoded(GZIPPED + GZIPPED[:9], "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 88 B: its gzip stream is truncated.",
    ),
    Case(
        "gzip: two members",
        answer(
            encoded(
                gzip.compress(DATA[:9], mtime=0) + gzip.compress(DATA[9:], mtime=0),
                "gzip",
            )
        ),
        "accepted",
        0,
        "",
    ),
    Case(
        "gzip: an empty member a thousand times",
        answer(encoded(gzip.compress(b"", mtime=0) * 1000 + GZIPPED, "gzip")),
        "accepted",
        0,
        "",
    ),
    Case(
        "gzip: file name without end",
        (
            Do.READ,
            Send(
                b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 30000000\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\xff"
            ),
            *[Send(b"x" * 1_000_000)] * 3,
        ),
        "incomplete",
        5,
        "The body is incomplete after 3.0 MB: the server closed the connection early.",
    ),
    Case(
        "gzip: named, but not compressed",
        answer(encoded(DATA, "gzip")),
        "accepted",
        0,
        "The body is not gzip, although the header says so; it is shown as received.",
    ),
    Case(
        "gzip: compressed, but not named",
        answer(http(GZIPPED)),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy.",
    ),
    Case(
        "gzip: twice, named once",
        answer(encoded(gzip.compress(GZIPPED, mtime=0), "gzip")),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy.",
    ),
    Case(
        "gzip: twice, named twice",
        answer(encoded(gzip.compress(GZIPPED, mtime=0), "gzip, gzip")),
        "accepted",
        0,
        "",
    ),
    Case(
        "gzip: five times",
        answer(encoded(GZIPPED, ", ".join(["gzip"] * 5))),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy. The body is encoded with gzip, gzip, gzip, gzip, gzip, which mixtui cannot decode.",
    ),
    Case(
        "gzip: two headers",
        answer(
            encoded(gzip.compress(GZIPPED, mtime=0), "gzip", "Content-Encoding: gzip")
        ),
        "accepted",
        0,
        "",
    ),
    Case(
        "gzip: bomb",
        answer(encoded(gzip_bomb(), "gzip")),
        "incomplete",
        5,
        "The body is incomplete after 100 MB: it decompresses to more than 200 times its size, and mixtui stops such a body at 100 MB.",
    ),
    Case(
        "gzip: bomb in a bomb",
        answer(encoded(gzip.compress(gzip_bomb(), mtime=0), "gzip, gzip")),
        "incomplete",
        5,
        "The body is incomplete after 100 MB: it decompresses to more than 200 times its size, and mixtui stops such a body at 100 MB.",
    ),
    Case("deflate", answer(encoded(zlib.compress(DATA), "deflate")), "accepted", 0, ""),
    Case(
        "deflate: bare",
        answer(encoded(bare_deflate(DATA), "deflate")),
        "accepted",
        0,
        "",
    ),
    Case(
        "deflate: cut",
        answer(encoded(zlib.compress(DATA)[:-9], "deflate")),
        "incomplete",
        5,
        "The body is incomplete after 84 B: its deflate stream is truncated.",
    ),
    Case(
        "deflate: wrong sum",
        answer(encoded(zlib.compress(DATA)[:-4] + b"\0" * 4, "deflate")),
        "incomplete",
        5,
        "The body is incomplete after 81 B: its deflate stream is corrupt.",
    ),
    Case(
        "deflate: bytes after the end",
        answer(encoded(zlib.compress(DATA) + b"garbage", "deflate")),
        "accepted",
        0,
        "",
    ),
    Case(
        "deflate: named, but gzip",
        answer(encoded(GZIPPED, "deflate")),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy. The body is not deflate, although the header says so; it is shown as received.",
    ),
    Case("br", answer(encoded(BROTLI, "br")), "accepted", 0, ""),
    Case(
        "br: cut",
        answer(encoded(BROTLI[:-9], "br")),
        "incomplete",
        5,
        "The body is incomplete after 67 B: its br stream is truncated.",
    ),
    Case(
        "br: bytes after the end",
        answer(encoded(BROTLI + b"garbage", "br")),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy. The body is not br, although the header says so; it is shown as received.",
    ),
    Case(
        "br: named, but gzip",
        answer(encoded(GZIPPED, "br")),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy. The body is not br, although the header says so; it is shown as received.",
    ),
    Case(
        "br: bomb",
        answer(encoded(brotli.compress(b" " * _BOMB, quality=1), "br")),
        "incomplete",
        5,
        "The body is incomplete after 100 MB: it decompresses to more than 200 times its size, and mixtui stops such a body at 100 MB.",
    ),
    Case("zstd", answer(encoded(ZSTD, "zstd")), "accepted", 0, ""),
    Case(
        "zstd: cut",
        answer(encoded(ZSTD[:-9], "zstd")),
        "incomplete",
        5,
        "The body is incomplete after 0 B: its zstd stream is truncated.",
    ),
    Case(
        "zstd: corrupt",
        answer(encoded(ZSTD[:12] + b"\xff" * 20, "zstd")),
        "incomplete",
        5,
        "The body is incomplete after 0 B: its zstd stream is truncated.",
    ),
    Case(
        "zstd: bytes after the end",
        answer(encoded(ZSTD + b"garbage", "zstd")),
        "incomplete",
        5,
        "The body is incomplete after 88 B: its zstd stream is corrupt.",
    ),
    Case(
        "zstd: window of 2 GB",
        answer(encoded(b"\x28\xb5\x2f\xfd\x00\xa8\x01\0\0", "zstd")),
        "incomplete",
        5,
        "The body is incomplete after 9 B: its zstd stream is corrupt.",
    ),
    Case(
        "zstd: bomb",
        answer(encoded(zstd.compress(b" " * _BOMB, level=1), "zstd")),
        "incomplete",
        5,
        "The body is incomplete after 100 MB: it decompresses to more than 200 times its size, and mixtui stops such a body at 100 MB.",
    ),
    Case("identity", answer(encoded(DATA, "identity")), "accepted", 0, ""),
    Case("empty coding", answer(encoded(DATA, "")), "accepted", 0, ""),
    Case(
        "unknown coding",
        answer(encoded(b"\x8b\x00\x80\xfe" * 9, "compress")),
        "rejected",
        1,
        "The response is binary, not an API response: check the API, the path and any proxy. The body is encoded with compress, which mixtui cannot decode.",
    ),
    Case(
        "unknown coding, of plain JSON",
        answer(encoded(DATA, "x-none")),
        "accepted",
        0,
        "The body is encoded with x-none, which mixtui cannot decode.",
    ),
    Case(
        "coding of 50 KB",
        answer(encoded(DATA, "x" * 50_000)),
        "accepted",
        0,
        "The body is encoded with xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…, which mixtui cannot decode.",
    ),
)
