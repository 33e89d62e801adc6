"""Find planted secrets in bytes of any kind, however they were encoded on the way.

It shares no code with `mixtui.model.redaction`, so both do not miss the same form. Every
planted secret begins with a mark of six letters and digits, which is what is looked for: no
escape can stand inside it unless each character is escaped.
"""

from __future__ import annotations

import binascii
import html
import re
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.wire import zstd

MARK = "PLNT7q"
_MARK = re.compile(MARK.encode(), re.IGNORECASE)
_DEPTH = 4
_LONGEST = 4 << 20
"""Bytes that are inflated at most."""


def secret(name: str) -> str:
    """The secret that is planted in a source of that name."""
    return f"{MARK}-{name}-zx9"


def find(data: bytes | str) -> tuple[str, ...]:
    """Return what stands around each mark in the data, in any form; empty = none."""
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    return _find(data)


@lru_cache(500)
def _find(data: bytes) -> tuple[str, ...]:
    """Search data; most of a world's files are the same after each command."""
    views: list[tuple[str, bytes]] = []
    seen: set[bytes] = set()
    for form, view in (("", data), *_as_shown(data), *_without_a_head(data)):
        # Most data is the same without control sequences, and is decoded once.
        if view not in seen:
            seen.add(view)
            views.append((form, view))
    found: dict[str, None] = {}
    for _ in range(_DEPTH + 1):
        decoded = []
        for forms, view in views:
            for match in _MARK.finditer(view):
                excerpt = view[max(0, match.start() - 30) : match.end() + 30]
                found[f"{forms}{excerpt!r}"] = None
            for form, content in _decode(view):
                if content not in seen:
                    seen.add(content)
                    decoded.append((f"{form} in {forms}", content))
        views = decoded
    return tuple(found)


def holds(data: bytes | str, planted: str) -> bool:
    """Return whether one planted secret is in the data, in any form."""
    return any(planted in each for each in find(data))


Places = Mapping[str, str]
"""Where secrets may be, and why: patterns of paths below a folder."""


def find_in_files(folder: Path, allowed: Places) -> dict[str, tuple[str, ...]]:
    """Search the name and content of every file below a folder; return what was found."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(fnmatch(name, pattern) for pattern in allowed):
            continue
        hits = [*find(name)]
        if path.is_symlink():
            hits += find(str(path.readlink()))
        elif path.is_file():
            content = path.read_bytes()
            hits += find(content)
            if content.startswith(b"SQLite format 3\0"):
                hits += find(b"\n\n".join(_cells(path)))
        if hits:
            found[name] = tuple(hits)
    return found


def _cells(path: Path) -> Iterator[bytes]:
    """Yield every value in a database: in its file, a long one is in pieces."""
    with TemporaryDirectory() as folder:
        for each in path.parent.glob(f"{path.name}*"):
            shutil.copy(each, folder)
        with closing(sqlite3.connect(Path(folder) / path.name)) as database:
            tables = database.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table'"
            )
            for (table,) in tables.fetchall():
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    for cell in row:
                        yield cell if isinstance(cell, bytes) else str(cell).encode()


def _as_shown(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what a person reads on a terminal: without colors, with wrapped words whole."""
    plain = _SEQUENCE.sub(rb"\1", data)
    yield "control sequences in ", plain
    yield "lines in ", _BETWEEN_LINES.sub(b"", plain)


_SEQUENCE = re.compile(rb"\x1b(?:\[[0-9:;<=>?]*[ -/]*[@-~]|(\][^\a\x1b]*)|[@-Z\\^_])")
_BETWEEN_LINES = re.compile(rb"(?:[\s>|\"'+]|\xe2\x94[\x80-\xbf]|\\n)+")


# One way of reading each


def _decode(data: bytes) -> Iterator[tuple[str, bytes]]:
    unescaped = data
    for escape in _ESCAPES:
        unescaped = escape.sub(_printable, unescaped)
    if unescaped != data:
        yield "escapes", unescaped
    for name, form, needed, read in (
        ("UTF-16", _UTF16, b"\0", lambda run: run.replace(b"\0", b"")),
        ("Base64", _BASE64, b"", _base64),
        ("hexadecimal", _HEXADECIMAL, b"", _hexadecimal),
    ):
        # What stands there twice is read once.
        runs = dict.fromkeys(form.findall(data)) if needed in data else ()
        if runs:
            yield name, b"\n\n".join(map(read, runs))
    yield from _inflated(data)


def _printable(escape: re.Match[bytes]) -> bytes:
    """Return what an escape stands for, if a mark or an encoding of one can have it."""
    kind = escape.lastgroup
    if kind is None:
        character = html.unescape(escape[0].decode())
    else:
        code = int(escape[escape.lastindex or 0], _BASES[kind[0]])
        character = chr(code) if code < 0x110000 else ""
    return character.encode() if " " <= character <= "~" else escape[0]


_BASES = {"h": 16, "o": 8, "d": 10}
_ESCAPES = tuple(
    re.compile(pattern)
    for pattern in (
        # JSON, JavaScript, C.
        rb"\\+(?:u(?P<h1>[0-9a-fA-F]{4})|u\{(?P<h2>[0-9a-fA-F]{1,6})\}"
        rb"|U(?P<h3>[0-9a-fA-F]{8})|x(?P<h4>[0-9a-fA-F]{2})|(?P<o1>[0-3][0-7]{2}))",
        # URLs, once and again.
        rb"%(?:25)*(?:[uU]00)?(?P<h1>[0-9a-fA-F]{2})",
        # Quoted-printable.
        rb"=(?P<h1>[0-9a-fA-F]{2})",
        # HTML.
        rb"&(?:amp;)*(?:#[xX]0*(?P<h1>[0-9a-fA-F]{1,6})|#0*(?P<d1>[0-9]{1,7})|[A-Za-z]{2,31});",
    )
)
_UTF16 = re.compile(rb"(?:[!-~]\0{1,3}){5,}[!-~]?")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*")
_HEXADECIMAL = re.compile(rb"(?:[0-9a-fA-F]{2}[ :]?){6,}|[0-9a-fA-F]{13,}")
_STANDARD = bytes.maketrans(b"-_", b"+/")


@lru_cache(10_000)
def _base64(run: bytes) -> bytes:
    """Decode from each of four characters: what stands before may look like a part."""
    text = run.replace(b"\r", b"").replace(b"\n", b"").translate(_STANDARD)
    parts = (text[skip:] for skip in range(4))
    # One character at the end stands for no byte.
    whole = (part[:-1] if len(part) % 4 == 1 else part for part in parts)
    return b"\n".join(
        binascii.a2b_base64(part + b"=" * (-len(part) % 4)) for part in whole
    )


@lru_cache(10_000)
def _hexadecimal(run: bytes) -> bytes:
    digits = re.sub(rb"[ :]", b"", run)
    return b"\n".join(
        binascii.unhexlify(digits[skip : skip + (len(digits) - skip) // 2 * 2])
        for skip in range(2)
    )


_CODINGS: tuple[tuple[str, bytes, Callable[[], Any]], ...] = (
    ("gzip", b"\x1f\x8b\x08", lambda: zlib.decompressobj(31)),
    ("zlib", b"\x78\x01", lambda: zlib.decompressobj(15)),
    ("zlib", b"\x78\x5e", lambda: zlib.decompressobj(15)),
    ("zlib", b"\x78\x9c", lambda: zlib.decompressobj(15)),
    ("zlib", b"\x78\xda", lambda: zlib.decompressobj(15)),
    ("zstd", b"\x28\xb5\x2f\xfd", zstd.ZstdDecompressor),
)


def _without_a_head(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what some servers call deflate; most random bytes begin like that, too."""
    for start in (0, data.find(b"\r\n\r\n") + 4):
        with suppress(zlib.error):
            inflater = zlib.decompressobj(-15)
            content = inflater.decompress(data[start:], _LONGEST)
            if inflater.eof:
                yield "deflate in ", content


def _inflated(data: bytes) -> Iterator[tuple[str, bytes]]:
    starts = [
        (coding, make, start)
        for coding, magic, make in _CODINGS
        for start in _positions(data, magic)
    ]
    for coding, make, start in starts:
        with suppress(zlib.error, zstd.ZstdError):
            yield coding, make().decompress(data[start:], _LONGEST)


def _positions(data: bytes, magic: bytes) -> Iterator[int]:
    start = data.find(magic)
    while start >= 0:
        yield start
        start = data.find(magic, start + 1)


def report(found: Mapping[str, Iterable[str]]) -> str:
    """Say what was found where."""
    return "\n".join(f"{place}: {hit}" for place, hits in found.items() for hit in hits)
