"""The searcher finds what was planted in every form, and nothing where nothing is."""

from __future__ import annotations

import base64
import gzip
import random
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.encodings import FORMS
from tests.secrets.searcher import find, find_in_files, holds, secret
from tests.wire import zstd

PLANTED = secret("x")


def deflated(data: bytes) -> bytes:
    """Compress without a head, as some servers do."""
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


BINARY: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "zstd": zstd.compress,
    "UTF-16": lambda data: data.decode().encode("utf-16-le"),
    "UTF-32": lambda data: data.decode().encode("utf-32-be"),
    "hexadecimal": lambda data: data.hex().encode(),
    "hexadecimal with blanks": lambda data: data.hex(" ").encode(),
    "quoted-printable": lambda data: b"".join(b"=%02X" % byte for byte in data),
    "a clipboard": lambda data: b"\x1b]52;c;%s\a" % base64.b64encode(data),
    "upper case": bytes.upper,
}
SHOWN: dict[str, Callable[[bytes], bytes]] = {
    "a window title": lambda data: b"\x1b]0;%s\x1b\\" % data,
    "colors": lambda data: b"\x1b[1m".join(bytes((byte,)) for byte in data),
    "two lines of a dialog": lambda data: data[:3] + "  │\n│ ".encode() + data[3:],
}


@pytest.mark.parametrize("form", BINARY)
def test_a_planted_secret_is_found_in_binary_data(form: str) -> None:
    data = BINARY[form](PLANTED.encode())
    assert find(data)
    assert find(b"before " + base64.b64encode(data))
    assert find(b"before \x00\xff " + gzip.compress(data))


@pytest.mark.parametrize("form", SHOWN)
def test_a_planted_secret_is_found_on_a_terminal(form: str) -> None:
    assert find(b"before \x1b[1m" + SHOWN[form](PLANTED.encode()))


@pytest.mark.parametrize("inner", FORMS)
def test_a_planted_secret_is_found_in_a_text_in_a_text(inner: str) -> None:
    for outer, encode in FORMS.items():
        assert find(f"before {encode(FORMS[inner](PLANTED))}"), outer


@pytest.mark.parametrize("before", range(4))
def test_base64_is_found_whatever_stands_before_it(before: int) -> None:
    encoded = base64.urlsafe_b64encode(b"u" * before + PLANTED.encode()).decode()
    assert find(f'"abc{encoded.rstrip("=")}"')
    assert find(f"{'a' * before}{base64.b64encode(PLANTED.encode()).decode()}")


def test_a_body_that_is_deflated_without_a_head_is_found() -> None:
    data = deflated(PLANTED.encode())
    assert find(data)
    assert find(b"HTTP/1.1 200 OK\r\n\r\n" + data)


def test_nothing_is_found_where_nothing_is() -> None:
    generator = random.Random(7)
    assert not find(generator.randbytes(200_000))
    assert not find(Path(__file__).read_bytes())
    assert not holds(PLANTED, secret("y"))


def test_files_are_searched_by_name_content_and_cell(tmp_path: Path) -> None:
    (tmp_path / f"{PLANTED}.txt").touch()
    (tmp_path / "link").symlink_to(f"/nowhere/{PLANTED}")
    (tmp_path / "allowed").write_text(PLANTED)
    with closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE entries (body)")
        for length in range(3500, 4200, 70):
            db.execute("INSERT INTO entries VALUES (?)", (f"{'.' * length}{PLANTED}",))
        found = find_in_files(tmp_path, {"allowed": "its owner put it there"})
    assert sorted(found) == [f"{PLANTED}.txt", "history.db", "history.db-wal", "link"]
    cells = [hit for hit in found["history.db"] if hit.startswith("b'......")]
    assert cells
