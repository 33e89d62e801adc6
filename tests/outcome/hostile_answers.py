"""Answers that no client should take for what they are not, each with its outcome.

The outcomes are those of ``docs/outcomes.md``, never what the program said. Each row is
the bytes that a server sends, to which request, and label and exit status of the outcome.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import brotli
from msgspec.structs import replace

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import AuthChoice, Body, BodyType, Method
from mixtui.model.prepared import PreparedRequest
from tests.exchanges import prepared
from tests.wire import zstd


class Start(Enum):
    """When the server begins to answer."""

    REQUEST_READ = auto()
    HEAD_READ = auto()
    """The body of the request is left unread."""
    CONNECTED = auto()
    KEPT = auto()
    """A first request is answered as it should be, and its connection is kept."""


class End(Enum):
    """What the server does when all is sent."""

    CLOSE = auto()
    RESET = auto()
    HANG = auto()


@dataclass(frozen=True, slots=True)
class HostileAnswer:
    """An answer, and what `mixtui` has to say about it."""

    name: str
    operation: str
    """A key of `OPERATIONS`."""
    wire: bytes
    label: str
    exit_status: int
    start: Start = Start.REQUEST_READ
    end: End = End.CLOSE
    slow: bool = False
    """Whether each byte is a write of its own."""


SA = AuthChoice.SERVICE_ACCOUNT
EVENTS = Body(
    text='[{"event": "a", "properties": {}}, {"event": "b", "properties": {}}]'
)
ONE = Body(text='{"event": "a", "properties": {"token": "t"}, "$token": "t"}')
_HUGE = 16_000_000
"""More than the buffers of two sockets take."""


def _ingestion(
    url: str, body: Body | None = ONE, method: Method = Method.POST
) -> PreparedRequest:
    return prepared(method, url, api=Api.INGESTION, auth=AuthChoice.AUTO, body=body)


def _app(method: Method, url: str) -> PreparedRequest:
    return prepared(method, url, api=Api.APP, auth=SA)


OPERATIONS = {
    "import": _ingestion("/import", EVENTS),
    "import, huge": replace(_ingestion("/import", EVENTS), content=bytes(_HUGE)),
    "track": _ingestion("/track"),
    "track, img": _ingestion("/track?data=x&img=1", None, Method.GET),
    "track, redirect": _ingestion("/track?redirect=https%3A%2F%2Fx.example%2F"),
    "engage": _ingestion("/engage"),
    "groups": _ingestion("/groups"),
    "identity": _ingestion("/track#create-identity", Body(BodyType.FORM, "data={}")),
    "lookup": _ingestion("/lookup-tables/1", Body(BodyType.CSV, "id\n1\n"), Method.PUT),
    "flags": _ingestion("/flags?context={}", None, Method.GET),
    "query": prepared(Method.GET, "/query/segmentation", auth=SA),
    "query, csv": prepared(Method.GET, "/query/segmentation?format=csv", auth=SA),
    "query, callback": prepared(Method.GET, "/query/segmentation?callback=cb", auth=SA),
    "jql": prepared(
        Method.POST, "/query/jql", auth=SA, body=Body(BodyType.FORM, "script=x")
    ),
    "people": prepared(Method.POST, "/query/engage", auth=SA),
    "export": prepared(Method.GET, "?from_date=2026-01-01", api=Api.EXPORT, auth=SA),
    "pipelines": prepared(Method.GET, "/pipeline/jobs", api=Api.PIPELINES, auth=SA),
    "schemas": _app(Method.GET, "/projects/{projectId}/schemas"),
    "schemas, upload": _app(Method.POST, "/projects/{projectId}/schemas"),
    "flag, change": _app(
        Method.PUT, "/projects/{projectId}/workspaces/1/feature-flags/f"
    ),
    "deletion": _app(Method.POST, "/data-deletions/v3.0?token=t"),
    "deletion, cancel": _app(Method.DELETE, "/data-deletions/v3.0/7?token=t"),
}

OK = "accepted"
UNPROVEN = "accepted, not verified"
NO = "rejected"
CUT = "incomplete"
NOT_HTTP = "not HTTP"
NOTHING = "no response"
DOUBT = "; the server may have processed it"

DATA = (
    b'{"data":{"series":["2026-01-01"],"values":{"Sign up":{"2026-01-01":5}}},'
    b'"legend_size":1}'
)
STORED = b'{"code":200,"num_records_imported":2,"status":"OK"}'
VERBOSE = b'{"error":null,"status":1}'
ERROR = b'{"error":"unknown event","status":"error"}'
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00;"
PAGE = b"<!DOCTYPE html>\n<html><body>Blocked by policy</body></html>"
XHTML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML '
    b'1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">\n'
    b'<html xmlns="http://www.w3.org/1999/xhtml"><body>Blocked</body></html>'
)
COMMENT_PAGE = b"<!-- squid 5.7 -->\n<HTML><BODY>Blocked</BODY></HTML>"
RECORDS = (
    b'{"event":"a","properties":{"time":1}}\n{"event":"b","properties":{"x":"\\u00e9"}}'
)
FAILED = (
    b'{"code":400,"error":"some data points in the request failed validation",'
    b'"failed_records":[{"index":0,"$insert_id":"x","field":"event","message":"no"}],'
    b'"num_records_imported":%s,"status":"Bad Request"}'
)


def http(
    body: bytes = b"", status: str = "200 OK", *headers: str, length: object = None
) -> bytes:
    """Write a response; `length` claims another length than the body has."""
    claimed = len(body) if length is None else length
    return headless(body, status, *headers, f"Content-Length: {claimed}")


def headless(body: bytes, status: str, *headers: str) -> bytes:
    """Write a response with these headers and no other."""
    lines = [f"HTTP/1.1 {status}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n", head: str = "") -> bytes:
    """Write a response in chunks, with what ends them."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    headers = ["Transfer-Encoding: chunked", *([head] if head else [])]
    return headless(body + end, "200 OK", *headers)


def encoded(body: bytes, coding: str, *headers: str) -> bytes:
    """Write a response with a Content-Encoding."""
    return http(body, "200 OK", f"Content-Encoding: {coding}", *headers)


def _gzip_lines(*members: bytes) -> bytes:
    return b"".join(gzip.compress(member, mtime=0) for member in members)


def _bare_deflate(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


def _bomb() -> bytes:
    """A list of 30 MB of blanks."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as file:
        file.write(b"[")
        for _ in range(30):
            file.write(b" " * 1_000_000)
        file.write(b"]")
    return target.getvalue()


Rows = Iterator[HostileAnswer]
A = HostileAnswer


def _framing() -> Rows:
    long, short = len(DATA) + 10, len(DATA) - 10
    yield A("length too long", "query", http(DATA, length=long), CUT, 5)
    yield A("length too long", "import", http(STORED, length=99), UNPROVEN, 0)
    yield A("length too long", "export", http(RECORDS, length=999), CUT, 5)
    yield A("length too long, error", "query", http(ERROR, length=99), NO, 1)
    yield A("length too long, no body", "query", http(length=5), CUT, 5)
    yield A("length too long, no body", "export", http(length=5), CUT, 5)
    yield A("length too short", "query", http(DATA, length=short), CUT, 5)
    yield A("length too short", "import", http(STORED, length=20), UNPROVEN, 0)
    yield A("bytes after the body", "query", http(DATA) + b"more", OK, 0)
    yield A("response after the body", "query", http(DATA) + http(ERROR), OK, 0)
    for length in ("abc", "-1", "0x10", "1e3", "1,2", "9" * 30):
        wire = http(DATA, length=length)
        yield A(f"length {length}", "query", wire, NOT_HTTP, 5)
    yield A("length abc", "import", http(STORED, length="abc"), NOT_HTTP + DOUBT, 5)
    yield A("huge length", "query", http(DATA, length="9" * 18), CUT, 5)
    twice = f"Content-Length: {len(DATA)}"
    yield A("same length twice", "query", http(DATA, "200 OK", twice), OK, 0)
    other = http(DATA, "200 OK", "Content-Length: 5")
    yield A("two lengths", "query", other, NOT_HTTP, 5)
    yield A("no length", "query", headless(DATA, "200 OK"), OK, 0)
    yield A("no length, cut", "query", headless(DATA[:-2], "200 OK"), CUT, 5)
    yield A("no length, cut", "import", headless(STORED[:-2], "200 OK"), UNPROVEN, 0)
    old = http(DATA).replace(b"HTTP/1.1", b"HTTP/1.0")
    yield A("HTTP/1.0", "query", old, OK, 0)
    yield A("chunks", "query", chunked(DATA[:9], DATA[9:]), OK, 0)
    trailer = chunked(DATA, end=b"0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n")
    yield A("chunks with trailers", "query", trailer, OK, 0)
    both = chunked(DATA, head="Content-Length: 5")
    yield A("chunks and length", "query", both, OK, 0)
    extension = chunked(end=b"%x;a=b\r\n%s\r\n0;c\r\n\r\n" % (len(DATA), DATA))
    yield A("chunk extensions", "query", extension, OK, 0)
    for name, end in {
        "no last chunk": b"",
        "chunk without its end": b"4\r\nab",
        "chunk size no number": b"zz\r\nab\r\n0\r\n\r\n",
        "chunk size negative": b"-4\r\nabcd\r\n0\r\n\r\n",
        "chunk size too long": b"F" * 30 + b"\r\n",
        "chunk longer than its size": b"2\r\nabcdef\r\n0\r\n\r\n",
    }.items():
        yield A(name, "query", chunked(DATA, end=end), CUT, 5)
        yield A(name, "import", chunked(STORED, end=end), UNPROVEN, 0)
        yield A(name, "export", chunked(RECORDS, end=end), CUT, 5)
    unknown = headless(DATA, "200 OK", "Transfer-Encoding: gzip")
    yield A("unknown transfer coding", "query", unknown, NOT_HTTP, 5)
    yield A("only line feeds", "query", http(DATA).replace(b"\r\n", b"\n"), OK, 0)


def _heads() -> Rows:
    for name, header in {
        "folded": "X-Long: a\r\n b\r\n\tc",
        "50 KB": "X-Long: " + "x" * 50_000,
        "Latin-1": "X-Name: caf\xe9",
        "empty": "X-Empty:",
        "a thousand": "\r\n".join(f"X-{i}: {i}" for i in range(1000)),
        "two content types": "Content-Type: image/gif\r\nContent-Type: text/html",
    }.items():
        yield A(f"header: {name}", "query", http(DATA, "200 OK", header), OK, 0)
    for name, header in {
        "NUL": "X-Nul: a\0b",
        "no colon": "X-Nothing",
        "blank before the colon": "X-Name : 1",
        "no name": ": 1",
        "200 KB": "X-Long: " + "x" * 200_000,
    }.items():
        wire = http(DATA, "200 OK", header)
        yield A(f"header: {name}", "query", wire, NOT_HTTP, 5)
        yield A(f"header: {name}", "track", wire, NOT_HTTP + DOUBT, 5)
    yield A("no reason", "query", http(DATA, "200"), OK, 0)
    yield A("empty reason", "query", http(DATA, "200 "), OK, 0)
    yield A("reason in Latin-1", "query", http(DATA, "200 Tr\xe8s bien"), OK, 0)
    yield A("reason lies", "query", http(DATA, "200 Not Found"), OK, 0)
    yield A("reason lies", "track", http(b"1", "500 OK"), "server error", 1)
    for status in ("0", "000", "99", "099", "20", "2000", "2xx", "-200", "OK"):
        wire = http(DATA, f"{status} OK")
        yield A(f"status {status}", "query", wire, NOT_HTTP, 5)
        yield A(f"status {status}", "import", wire, NOT_HTTP + DOUBT, 5)
    for status in ("600", "700", "999"):
        wire = http(DATA, f"{status} Odd")
        yield A(f"status {status}", "query", wire, "unknown status", 1)
        yield A(f"status {status}", "import", wire, "unknown status", 1)


def _other_protocols() -> Rows:
    for name, wire in {
        "SMTP": b"220 mail.example ESMTP\r\n",
        "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
        "Redis": b"-ERR unknown command 'GET'\r\n",
        "Shoutcast": b"ICY 200 OK\r\n\r\n" + DATA,
        "RTSP": b"RTSP/1.0 200 OK\r\n\r\n",
        "HTTP/0.9, JSON": DATA,
        "HTTP/0.9, page": PAGE,
        "HTTP/0.9, 1": b"1",
        "HTTP/2 settings": b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\0\3\0\0\0d" * 3,
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "TLS alert": b"\x15\x03\x01\x00\x02\x02\x46",
        "a request": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "blank line first": b"\r\n" + http(DATA),
        "NULs": b"\0" * 100,
        "lower case": http(DATA).replace(b"HTTP", b"http", 1),
    }.items():
        yield A(name, "query", wire, NOT_HTTP, 5)
        yield A(name, "import", wire, NOT_HTTP + DOUBT, 5)
    unread = {"start": Start.HEAD_READ, "end": End.HANG}
    yield A(
        "SMTP, early",
        "import, huge",
        b"220 mail\r\n\r\n",
        NOT_HTTP + DOUBT,
        5,
        **unread,
    )


def _encodings() -> Rows:
    whole = gzip.compress(DATA, mtime=0)
    yield A("gzip", "query", encoded(whole, "gzip"), OK, 0)
    yield A("x-gzip", "query", encoded(whole, "X-GZip"), OK, 0)
    yield A("gzip of an error", "query", encoded(_gzip_lines(ERROR), "gzip"), NO, 1)
    yield A("gzip of 0", "track", encoded(_gzip_lines(b"0"), "gzip"), NO, 1)
    yield A(
        "gzip members", "query", encoded(_gzip_lines(DATA[:9], DATA[9:]), "gzip"), OK, 0
    )
    for cut in (1, 5, 10, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        yield A(f"gzip cut at {cut}", "query", encoded(whole[:cut], "gzip"), CUT, 5)
    for body, operation, label, status in (
        (STORED, "import", UNPROVEN, 0),
        (b"1", "track", UNPROVEN, 0),
        (RECORDS, "export", CUT, 5),
    ):
        zipped = gzip.compress(body, mtime=0)
        for name, damaged in {
            "gzip without its end": zipped[:-8],
            "gzip with a wrong sum": zipped[:-8] + b"\0\0\0\0" + zipped[-4:],
            "gzip with a wrong size": zipped[:-4] + b"\1\2\3\4",
            "gzip of 0xFF": zipped[:10] + b"\xff" * 20,
        }.items():
            yield A(name, operation, encoded(damaged, "gzip"), label, status)
    yield A("gzip twice", "query", encoded(gzip.compress(whole), "gzip, gzip"), OK, 0)
    yield A(
        "gzip twice, one named", "query", encoded(gzip.compress(whole), "gzip"), NO, 1
    )
    yield A(
        "gzip once, two named",
        "import",
        encoded(_gzip_lines(STORED), "gzip, gzip"),
        UNPROVEN,
        0,
    )
    yield A("gzip, none named", "query", http(whole), NO, 1)
    yield A("gzip, none named", "import", http(_gzip_lines(STORED)), UNPROVEN, 0)
    yield A("gzip named, plain", "query", encoded(DATA, "gzip"), OK, 0)
    yield A("gzip named, plain error", "query", encoded(ERROR, "gzip"), NO, 1)
    yield A("gzip named, empty", "query", encoded(b"", "gzip"), CUT, 5)
    yield A("gzip of nothing", "query", encoded(_gzip_lines(b""), "gzip"), CUT, 5)
    yield A("gzip of nothing", "export", encoded(_gzip_lines(b""), "gzip"), OK, 0)
    yield A(
        "gzip of terminated early",
        "export",
        encoded(_gzip_lines(RECORDS, b"\nterminated early\n"), "gzip"),
        CUT,
        5,
    )
    yield A("bomb", "query", encoded(_bomb(), "gzip"), OK, 0)
    yield A("deflate", "query", encoded(zlib.compress(DATA), "deflate"), OK, 0)
    yield A("deflate, bare", "query", encoded(_bare_deflate(DATA), "deflate"), OK, 0)
    yield A(
        "deflate, cut", "query", encoded(zlib.compress(DATA)[:-9], "deflate"), CUT, 5
    )
    yield A(
        "deflate, cut",
        "import",
        encoded(zlib.compress(STORED)[:-9], "deflate"),
        UNPROVEN,
        0,
    )
    yield A(
        "deflate, wrong sum",
        "query",
        encoded(zlib.compress(DATA)[:-4] + b"\0" * 4, "deflate"),
        CUT,
        5,
    )
    for coding, compress in (("br", brotli.compress), ("zstd", zstd.compress)):
        packed, stored = compress(DATA), compress(STORED)
        yield A(coding, "query", encoded(packed, coding), OK, 0)
        yield A(
            f"{coding} of an error", "query", encoded(compress(ERROR), coding), NO, 1
        )
        yield A(f"{coding}, cut", "query", encoded(packed[:-9], coding), CUT, 5)
        yield A(f"{coding}, cut", "import", encoded(stored[:-9], coding), UNPROVEN, 0)
        yield A(f"{coding} named, plain", "query", encoded(DATA, coding), OK, 0)
    yield A("identity", "query", encoded(DATA, "identity"), OK, 0)
    yield A("empty coding", "query", encoded(DATA, ""), OK, 0)
    yield A("unknown coding, plain", "query", encoded(DATA, "x-none"), OK, 0)
    yield A(
        "unknown coding", "query", encoded(b"\x8b\x00\x80\xfe" * 9, "compress"), NO, 1
    )
    yield A(
        "unknown coding",
        "import",
        encoded(b"\x8b\x00\x80\xfe" * 9, "compress"),
        UNPROVEN,
        0,
    )


def _charsets() -> Rows:
    for charset in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        for body, operation, label, status in (
            (DATA, "query", OK, 0),
            (ERROR, "query", NO, 1),
            (ERROR, "flag, change", NO, 1),
            (STORED, "import", OK, 0),
            (b'{"error":"no token","status":0}', "track", NO, 1),
        ):
            wire = http(body.decode().encode(charset))
            yield A(charset, operation, wire, label, status)
    bom = b"\xef\xbb\xbf"
    yield A("only a BOM", "query", http(bom), CUT, 5)
    yield A("only a BOM", "import", http(bom), UNPROVEN, 0)
    yield A("BOM and 1", "track", http(bom + b"1"), UNPROVEN, 0)
    yield A("BOM and 0", "track", http(bom + b"0"), NO, 1)
    yield A("BOM and lines", "export", http(bom + RECORDS), OK, 0)
    yield A("BOM and cut lines", "export", http(bom + RECORDS[:-3]), CUT, 5)
    yield A("BOM and a page", "import", http(bom + PAGE), NO, 1)
    yield A("Latin-1 in an error", "query", http(b'{"error":"caf\xe9"}'), NO, 1)
    yield A(
        "charset of another name",
        "query",
        http(DATA, "200 OK", "Content-Type: application/json; charset=utf-16"),
        OK,
        0,
    )
    yield A(
        "unknown charset",
        "query",
        http(DATA, "200 OK", "Content-Type: application/json; charset=klingon"),
        OK,
        0,
    )
    yield A("EBCDIC", "query", http(DATA.decode().encode("cp037")), NO, 1)
    yield A("EBCDIC", "import", http(STORED.decode().encode("cp037")), UNPROVEN, 0)
    yield A("blanks", "query", http(b" \r\n\t"), CUT, 5)
    yield A("blanks", "import", http(b" \r\n\t"), UNPROVEN, 0)
    yield A(
        "half a surrogate in an error",
        "query",
        http(b'{"error":"\\ud800","status":"error"}'),
        NO,
        1,
    )
    yield A(
        "half a surrogate in an error",
        "engage",
        http(b'{"error":"\\ud800","status":0}'),
        NO,
        1,
    )
    yield A("half a surrogate in data", "query", http(b'{"data":"\\udc00"}'), OK, 0)
    yield A(
        "half a surrogate in a record",
        "export",
        http(b'{"event":"\\ud83d"}\n{"event":"b"}\n'),
        OK,
        0,
    )
    yield A("NUL in an error", "query", http(b'{"error":"a\\u0000b"}'), NO, 1)
    yield A("raw NUL in an error", "query", http(b'{"error":"a\0b"}'), NO, 1)
    yield A("raw control character", "query", http(b'{"data":"a\x01b"}'), OK, 0)
    yield A(
        "raw control character",
        "export",
        http(b'{"event":"a\x01"}\n{"event":"b"}\n'),
        OK,
        0,
    )
    yield A("NUL after the body", "query", http(DATA + b"\0"), CUT, 5)
    yield A("NUL after the body", "import", http(STORED + b"\0"), UNPROVEN, 0)


def _cuts() -> Rows:
    for body, operation, label, status in (
        (DATA, "query", CUT, 5),
        (ERROR, "query", CUT, 5),
        (b'["Sign up", "Log in", {"a": [1, 2.5, true, null]}]', "query", CUT, 5),
        (b'{"results":[],"status":"ok","page":0}', "people", CUT, 5),
        (b'{"flags":{"a":{"variant_key":"on"}}}', "flags", CUT, 5),
        (b'{"status":"ok","results":{"id":"f"}}', "flag, change", UNPROVEN, 0),
        (STORED, "import", UNPROVEN, 0),
        (VERBOSE, "track", UNPROVEN, 0),
    ):
        for cut in range(1, len(body)):
            yield A(f"cut at {cut}", operation, http(body[:cut]), label, status)
    first = RECORDS.index(b"\n")
    for cut in range(1, len(RECORDS)):
        whole = cut in (first, first + 1)  # Nothing shows that more was to come.
        label, status = (OK, 0) if whole else (CUT, 5)
        yield A(f"lines cut at {cut}", "export", http(RECORDS[:cut]), label, status)
    wire = http(b'cb({"data":1});')
    for cut in range(len(b'cb({"d'), len(b'cb({"data":1}')):
        body = wire.partition(b"\r\n\r\n")[2][:cut]
        yield A(f"JSONP cut at {cut}", "query, callback", http(body), CUT, 5)


def _exports() -> Rows:
    for end in (
        b"terminated early",
        b"terminated early\n",
        b"\r\nterminated early\r\n",
        b"export terminated early",
        b"Export terminated early.\n\n",
        b"Terminated Early",
    ):
        name = end.decode().strip()
        yield A(f"{name!r} {len(end)}", "export", http(RECORDS + b"\n" + end), CUT, 5)
    yield A("terminated early alone", "export", http(b"terminated early\n"), CUT, 5)
    yield A(
        "terminated early, chunked",
        "export",
        chunked(RECORDS + b"\n", b"terminated early\n"),
        CUT,
        5,
    )
    long = (RECORDS + b"\n") * 10_000
    yield A("long", "export", http(long), OK, 0)
    yield A(
        "long, terminated early", "export", http(long + b"terminated early\n"), CUT, 5
    )
    yield A("long, cut", "export", http(long[:-9]), CUT, 5)
    yield A("long, cut before a line ends", "export", http(long[:-2]), CUT, 5)
    yield A(
        "event of that name", "export", http(b'{"event":"terminated early"}\n'), OK, 0
    )
    yield A("nothing", "export", http(), OK, 0)
    yield A("204", "export", headless(b"", "204 No Content"), OK, 0)
    yield A("CRLF", "export", http(RECORDS.replace(b"\n", b"\r\n") + b"\r\n"), OK, 0)
    yield A("one record", "export", http(b'{"event":"a"}'), OK, 0)
    yield A("a list", "export", http(b'[{"event":"a"}]'), NO, 1)
    yield A("CSV", "export", http(b"event,time\na,1\n"), NO, 1)
    yield A("page after records", "export", http(RECORDS + b"\n<html>"), CUT, 5)
    yield A("text after records", "export", http(RECORDS + b"\noops"), CUT, 5)
    yield A(
        "error after records",
        "export",
        http(RECORDS + b'\n{"error":"Internal error"}\n'),
        CUT,
        5,
    )
    yield A(
        "error after many records",
        "export",
        http(long + b'{"error":"Internal error"}\n'),
        CUT,
        5,
    )
    yield A("error alone", "export", http(b'{"error":"Internal error"}'), NO, 1)
    yield A(
        "plan",
        "export",
        http(b"Your plan does not support raw data export"),
        "not included in plan",
        1,
    )


def _other_types() -> Rows:
    for operation, label, status in (
        ("query", NO, 1),
        ("query, csv", NO, 1),
        ("people", NO, 1),
        ("flags", NO, 1),
        ("export", NO, 1),
        ("schemas", NO, 1),
        ("track, img", UNPROVEN, 0),
        ("import", UNPROVEN, 0),
        ("track", UNPROVEN, 0),
        ("engage", UNPROVEN, 0),
        ("lookup", UNPROVEN, 0),
        ("schemas, upload", UNPROVEN, 0),
        ("deletion", UNPROVEN, 0),
    ):
        picture = http(GIF, "200 OK", "Content-Type: image/gif")
        yield A("GIF", operation, picture, label, status)
    for name, body in {
        "text": b"OK", "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "ZIP": b"PK\3\4\0\0\0\0",
        "null": b"null", "true": b"true", "text in JSON": b'"OK"', "number": b"17",
        "YAML": b"status: ok\n", "Python": b"{'status': 'ok'}", "two values": b"{}{}",
    }.items():  # fmt: skip
        meant = name in ("Python", "two values")  # It starts like JSON and is none.
        label, status = (CUT, 5) if meant else (NO, 1)
        yield A(name, "query", http(body), label, status)
        yield A(name, "import", http(body), UNPROVEN, 0)
        yield A(name, "track", http(body), UNPROVEN, 0)
    yield A("JSON lines", "query", http(b'{"a":1}\n{"a":2}\n'), NO, 1)
    yield A("CSV", "query, csv", http(b"a,b\n1,2\n"), OK, 0)
    yield A("CSV, long", "query, csv", http(b"a,b\n" + b"1,2\n" * 9000), OK, 0)
    yield A("CSV with text", "query, csv", http(b'a,b\n"x, y",2\n'), OK, 0)
    yield A("CSV of other rows", "query, csv", http(b"a,b\n1\n"), NO, 1)
    yield A("a message as CSV", "query, csv", http(b"Back in a minute."), NO, 1)
    yield A("a control as CSV", "query, csv", http(b"\x01"), NO, 1)
    yield A("list", "people", http(b"[]"), NO, 1)
    yield A("no results", "people", http(b"{}"), NO, 1)
    yield A("number", "jql", http(b"17"), OK, 0)
    yield A("0", "jql", http(b"0"), OK, 0)
    yield A(
        "JSON as a picture",
        "query",
        http(DATA, "200 OK", "Content-Type: image/png"),
        OK,
        0,
    )
    yield A(
        "JSON as a page",
        "query",
        http(DATA, "200 OK", "Content-Type: text/html"),
        OK,
        0,
    )
    yield A(
        "error as a picture",
        "query",
        http(ERROR, "200 OK", "Content-Type: image/png"),
        NO,
        1,
    )
    deep = b"[" * 100_000  # Deeper than is read before 3.14, and than Mixpanel's.
    is_read = sys.version_info >= (3, 14)
    label, status = (OK, 0) if is_read else (CUT, 5)
    yield A("deep, whole", "query", http(deep + b"]" * 100_000), label, status)
    yield A("deep, cut", "query", http(deep), CUT, 5)
    yield A(
        "number of 5,000 digits", "query", http(b'{"data":%s}' % (b"9" * 5_000)), OK, 0
    )
    yield A("NaN", "query", http(b'{"data":NaN}'), OK, 0)
    # JSONP
    yield A("JSONP, not asked for", "query", http(b'cb({"data":1});'), NO, 1)
    yield A("JSONP", "query, callback", http(b'cb({"data":1});'), OK, 0)
    yield A("JSONP of an error", "query, callback", http(b"cb(%s);" % ERROR), NO, 1)
    yield A("JSONP of nothing", "query, callback", http(b"cb();"), NO, 1)
    yield A("JSONP of 1", "track", http(b"done(1);"), UNPROVEN, 0)
    yield A("JSONP of 0", "track", http(b"done(0);"), NO, 1)
    yield A("JSONP of 0, commented", "track", http(b"/**/done(0)"), NO, 1)
    yield A(
        "JSONP of status 0", "track", http(b'done({"status":0,"error":"x"})'), NO, 1
    )
    yield A("JSONP", "import", http(b"cb(%s);" % STORED), OK, 0)
    # Bare and verbose
    for operation in ("track", "engage", "groups", "identity"):
        yield A("1", operation, http(b"1\n"), UNPROVEN, 0)
        yield A("0", operation, http(b"0\n"), NO, 1)
        yield A("verbose 1", operation, http(VERBOSE), UNPROVEN, 0)
        yield A("verbose 0", operation, http(b'{"error":"token","status":0}'), NO, 1)
        yield A("error", operation, http(ERROR), NO, 1)
    for body in (b"01", b"11", b"1.0", b"-1", b'"1"', b"2", b"1 1", b"yes"):
        yield A(body.decode(), "track", http(body), UNPROVEN, 0)
    for value in (b'"1"', b"true", b"null", b"2", b'"queued"', b"[]"):
        body = b'{"status":%s}' % value
        yield A(body.decode(), "track", http(body), UNPROVEN, 0)
    for body in (
        b'{"status":0.0}', b'{"status":0}', b'{"error":"x","status":1}', b'{"error":"x"}',
        b'{"status":1,"status":0}', b'{"error":["x"],"status":0}', b'{"status":"failure"}',
    ):  # fmt: skip
        yield A(body.decode(), "track", http(body), NO, 1)
    yield A("0", "import", http(b"0"), NO, 1)
    yield A("1", "import", http(b"1"), UNPROVEN, 0)
    yield A("1", "lookup", http(b"1"), UNPROVEN, 0)
    yield A("1", "query", http(b"1"), NO, 1)
    yield A("0", "query", http(b"0"), NO, 1)


def _errors_in_a_success() -> Rows:
    every = [name for name in OPERATIONS if name not in ("import, huge",)]
    for operation in every:
        yield A("status error", operation, http(b'{"status":"error"}'), NO, 1)
        yield A("error and status", operation, http(ERROR), NO, 1)
    for body in (
        b'{"error":"no"}', b'{"code":400,"error":"no"}', b'{"code":500,"status":"x"}',
        b'{"status":"fail"}', b'{"status":"FAILED"}', b'{"status":"error","error":{}}',
        b'{"status":"error","error":{"message":"no"}}', b'{"data":{},"error":"no"}',
        b'{"status":"error","error":[[[[{"a":["no"]}]]]]}', b'{"status":"ok","error":"no"}',
        b'{"status":"ok","status":"error"}', b'{"status":"error","error":1e999}',
    ):  # fmt: skip
        yield A(body.decode(), "query", http(body), NO, 1)
        yield A(body.decode(), "flag, change", http(body), NO, 1)
    for body in (
        b'{"error":"","data":{}}', b'{"error":null,"data":{}}', b'{"error":{"count":4}}',
        b'{"status":{"count":1}}', b'{"code":200,"status":"OK"}', b'{"code":"AB"}',
    ):  # fmt: skip
        yield A(body.decode(), "query", http(body), OK, 0)
    for text, label, status in (
        ("Unable to authenticate request", "unauthorized", 3),
        ("invalid project id for cluster", "wrong region?", 1),
        ("Your plan does not allow API calls", "not included in plan", 1),
        ("Project exceeded rate limits", "quota exceeded", 4),
        ("Timeout while computing the report", NO, 1),
    ):
        body = json.dumps({"error": text}).encode()
        yield A(f"200: {text}", "query", http(body), label, status)


def _pages() -> Rows:
    html = "Content-Type: text/html; charset=utf-8"
    pages = {
        "page": (PAGE, html),
        "page as JSON": (PAGE, "Content-Type: application/json"),
        "page without a type": (b"\n <html lang='en'>", "X-Proxy: 1"),
        "XHTML": (XHTML, "Content-Type: application/xhtml+xml"),
        "page behind a comment": (COMMENT_PAGE, "X-Proxy: squid"),
        "page that is empty": (b"<p>", html),
    }
    statuses = {
        "200 OK": (NO, 1), "201 Created": (NO, 1), "400 Bad Request": ("rejected", 1),
        "401 Unauthorized": ("rejected", 3), "402 Payment Required": ("rejected", 1),
        "403 Forbidden": ("rejected", 3), "404 Not Found": ("rejected", 1),
        "407 Login": ("rejected", 1), "429 Slow": ("quota exceeded", 4),
        "500 Oops": ("server error", 1), "503 Down": ("server error", 1),
        "511 Login": ("server error", 1), "302 Login": ("redirect not followed", 1),
    }  # fmt: skip
    for name, (body, header) in pages.items():
        for line, (label, status) in statuses.items():
            for operation in ("query", "import"):
                wire = http(body, line, header)
                yield A(f"{name}, {line}", operation, wire, label, status)
    for operation in ("track", "export", "lookup", "schemas", "deletion"):
        yield A("page, 200", operation, http(PAGE, "200 OK", html), NO, 1)
    long = PAGE + b"<p>no</p>\n" * 60_000
    yield A("long page", "query", http(long, "200 OK", html), NO, 1)
    yield A(
        "long page as JSON",
        "query",
        http(long, "200 OK", "Content-Type: application/json"),
        NO,
        1,
    )


def _statuses() -> Rows:
    for operation, label, status in (
        ("query", CUT, 5),
        ("people", CUT, 5),
        ("flags", CUT, 5),
        ("schemas", CUT, 5),
        ("export", OK, 0),
        ("pipelines", OK, 0),
        ("import", UNPROVEN, 0),
        ("track", UNPROVEN, 0),
        ("engage", UNPROVEN, 0),
        ("lookup", UNPROVEN, 0),
        ("schemas, upload", UNPROVEN, 0),
        ("flag, change", UNPROVEN, 0),
        ("deletion", UNPROVEN, 0),
    ):
        for line in ("200 OK", "201 Created", "202 Accepted"):
            yield A(f"empty, {line}", operation, http(b"", line), label, status)
    yield A("204", "deletion, cancel", headless(b"", "204 No Content"), OK, 0)
    yield A("204", "flag, change", headless(b"", "204 No Content"), OK, 0)
    yield A("204 with a body", "deletion, cancel", http(DATA, "204 No Content"), OK, 0)
    for operation, label, status in (
        ("import", UNPROVEN, 0),
        ("track", UNPROVEN, 0),
        ("query", CUT, 5),
        ("people", CUT, 5),
        ("flags", CUT, 5),
    ):
        for line in ("204 No Content", "205 Reset Content"):
            yield A(f"empty, {line}", operation, http(b"", line), label, status)
    for line in ("200 OK", "201 Created", "202 Accepted", "203 Proxy", "299 Odd"):
        yield A(line, "query", http(DATA, line), OK, 0)
        yield A(line, "import", http(STORED, line), OK, 0)
    yield A(
        "206 of a part",
        "query",
        http(DATA, "206 Partial", "Content-Range: bytes 0-98/200"),
        CUT,
        5,
    )
    yield A(
        "206 of a part",
        "export",
        http(RECORDS, "206 Partial", "Content-Range: bytes 0-80/200"),
        CUT,
        5,
    )
    yield A(
        "206 of a part",
        "import",
        http(STORED, "206 Partial", "Content-Range: bytes 0-9/200"),
        UNPROVEN,
        0,
    )
    for line in ("300 Choices", "301 Moved", "302 Found", "303 See", "307 T", "308 P"):
        yield A(
            f"{line}, nowhere", "query", http(b"", line), "redirect not followed", 1
        )
        for location in (
            "https://other.example/",
            "ftp://x/",
            "http://[bad",
            "//e.example",
        ):
            wire = http(b"", line, f"Location: {location}")
            yield A(f"{line}, {location}", "query", wire, "redirect not followed", 1)
        wire = http(b"", line, "Location: /elsewhere")
        if line[:3] not in ("307", "308"):
            yield A(f"{line}, same host", "import", wire, "redirect not followed", 1)
    for line in ("301 M", "302 F", "303 S", "307 T", "308 P"):
        wire = http(b"", line, "Location: ?again=1")
        yield A(f"{line}, in a circle", "query", wire, "redirect not followed", 1)
    yield A(
        "307 T, in a circle",
        "import",
        http(b"", "307 T", "Location: ?again=1"),
        "redirect not followed",
        1,
    )
    asked = "Location: https://x.example/"
    yield A("asked for", "track, redirect", http(b"", "302 Found", asked), UNPROVEN, 0)
    yield A(
        "elsewhere",
        "track, redirect",
        http(b"", "302 Found", asked + "y"),
        "redirect not followed",
        1,
    )
    for operation in ("query", "import"):
        yield A("304", operation, headless(b"", "304 Not Modified"), "not modified", 1)
        for code in (305, 306, 309, 350, 399):
            yield A(str(code), operation, http(DATA, f"{code} X"), "unknown status", 1)
    for code in (
        *(
            400,
            404,
            405,
            406,
            407,
            408,
            409,
            410,
            411,
            412,
            413,
            414,
            415,
            416,
            417,
            418,
        ),
        *(421, 422, 423, 424, 425, 426, 428, 431, 444, 451, 460, 499),
    ):
        yield A(f"{code}, empty", "query", http(b"", f"{code} X"), "rejected", 1)
        yield A(f"{code}, error", "import", http(ERROR, f"{code} X"), "rejected", 1)
        yield A(f"{code}, says ok", "track", http(b"1", f"{code} X"), "rejected", 1)
    for body in (b"", b"no", ERROR, DATA):
        for operation in ("query", "import", "track", "schemas"):
            name = body.decode()[:9]
            yield A(f"401 {name}", operation, http(body, "401 X"), "unauthorized", 3)
            yield A(
                f"402 {name}", operation, http(body, "402 X"), "not included in plan", 1
            )
            yield A(f"403 {name}", operation, http(body, "403 X"), "unauthorized", 3)
    for code in (
        500,
        501,
        502,
        503,
        504,
        505,
        507,
        508,
        511,
        520,
        521,
        524,
        529,
        530,
        599,
    ):
        yield A(f"{code}, empty", "query", http(b"", f"{code} X"), "server error", 1)
        yield A(
            f"{code}, says ok", "import", http(STORED, f"{code} X"), "server error", 1
        )
    for header, wait in {
        "Retry-After: 45": " (retry in 45 s)", "Retry-After: 0": " (retry in 0 s)",
        "Retry-After: 720": " (retry in 12 min)", "Retry-After:": "",
        "Retry-After: -1": "", "Retry-After: 1e3": "", "Retry-After: 1.5": "",
        "Retry-After: soon": "", "Retry-After: " + "9" * 5_000: "",
        "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT": " (retry in 0 s)",
        "Retry-After: 1 Jan 9999999999 0:0:0": "", "Retry-After: \xb2": "",
        "Retry-After: Fri, 31 Dec 9999 23:59:59 -2359": "",
    }.items():  # fmt: skip
        name = header[:60]
        yield A(
            f"429, {name}",
            "query",
            http(b"", "429 X", header),
            f"quota exceeded{wait}",
            4,
        )
        yield A(
            f"503, {name}",
            "query",
            http(b"", "503 X", header),
            f"server error{wait}",
            1,
        )
    counted = b'{"error":"1/5 queries running concurrently and 61/60 queries running in the last hour."}'
    yield A(
        "429 with counters",
        "query",
        http(counted, "429 X", "Retry-After: 720"),
        "quota exceeded (61/60; retry in 12 min)",
        4,
    )


def _interim() -> Rows:
    hundred = b"HTTP/1.1 100 Continue\r\n\r\n"
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    yield A("100 first", "query", hundred + http(DATA), OK, 0)
    yield A("100 and 103 first", "import", hundred + hints + http(STORED), OK, 0)
    yield A("100 a hundred times", "query", hundred * 100 + http(DATA), OK, 0)
    yield A(
        "100 before a refusal", "query", hundred + http(b"", "404 X"), "rejected", 1
    )
    yield A(
        "102 before a failure",
        "import",
        b"HTTP/1.1 102 P\r\n\r\n" + http(b"", "502 X"),
        "server error",
        1,
    )
    switch = headless(b"", "101 Switching Protocols", "Upgrade: websocket")
    # What follows it is another protocol, which nobody asked for.
    yield A("101", "query", switch, NOT_HTTP, 5)
    yield A("101", "import", switch, NOT_HTTP + DOUBT, 5)


def _imports() -> Rows:
    for count, label, status in (
        (b"2", OK, 0),
        (b"2.0", OK, 0),
        (b"1", "partially imported: 1 stored, 1 missing", 6),
        (b"0", NO, 1),
        (b"-1", UNPROVEN, 0),
        (b"-0", NO, 1),
        (b"1.5", UNPROVEN, 0),
        (b'"2"', UNPROVEN, 0),
        (b"null", UNPROVEN, 0),
        (b"true", UNPROVEN, 0),
        (b"[2]", UNPROVEN, 0),
        (b"{}", UNPROVEN, 0),
        (b"1e999", UNPROVEN, 0),
        (b"NaN", UNPROVEN, 0),
        (b"1e300", UNPROVEN, 0),
        (b"9" * 30, UNPROVEN, 0),
        (b"3", OK, 0),  # Only fewer than were sent are missing.
        (b"-" + b"9" * 5_000, UNPROVEN, 0),
    ):
        body = b'{"code":200,"num_records_imported":%s,"status":"OK"}' % count
        yield A(f"count {count.decode()[:9]}", "import", http(body), label, status)
    one_one = "partially imported: 1 stored, 1 rejected"
    for line in ("200 OK", "400 Bad Request"):
        yield A(
            f"1 in, 1 refused, {line}", "import", http(FAILED % b"1", line), one_one, 6
        )
        body = b'{"code":400,"error":"some","num_records_imported":1,"status":"Bad Request"}'
        yield A(
            f"1 in, list missing, {line}",
            "import",
            http(body, line),
            "partially imported: 1 stored, 1 missing",
            6,
        )
        utf16 = (FAILED % b"1").decode().encode("utf-16")
        yield A(f"UTF-16, {line}", "import", http(utf16, line), one_one, 6)
        zipped = http(_gzip_lines(FAILED % b"1"), line, "Content-Encoding: gzip")
        yield A(f"gzip, {line}", "import", zipped, one_one, 6)
    for count in (b"0", b"-1", b'"1"', b"null"):
        name = count.decode()
        yield A(
            f"{name} in, 1 refused",
            "import",
            http(FAILED % count, "400 X"),
            "rejected",
            1,
        )
    yield A("0 in, 1 refused, 200", "import", http(FAILED % b"0"), NO, 1)
    empty = b'{"failed_records":[],"num_records_imported":2,"code":200,"status":"OK"}'
    yield A("nothing refused", "import", http(empty), OK, 0)
    odd = b'{"failed_records":"none","num_records_imported":2,"code":200,"status":"OK"}'
    yield A("list is text", "import", http(odd), OK, 0)
    nulls = b'{"failed_records":[null],"num_records_imported":1,"code":400}'
    yield A("list of null", "import", http(nulls, "400 X"), one_one, 6)
    yield A("no count", "import", http(b'{"code":200,"status":"OK"}'), UNPROVEN, 0)
    cut = http(FAILED % b"1", "400 X", length=999)
    yield A("refusal cut, whole JSON", "import", cut, one_one, 6)
    yield A(
        "refusal cut",
        "import",
        http((FAILED % b"1")[:-40], "400 X", length=999),
        CUT,
        5,
    )
    yield A(
        "refusal cut", "query", http(ERROR[:-9], "400 X", length=999), "rejected", 1
    )
    yield A(
        "refusal cut",
        "schemas",
        http(ERROR[:-9], "401 X", length=999),
        "unauthorized",
        3,
    )
    table = b'{"code":400,"error":"some","status":0,"failed_records":[{"index":2,"message":"key"}]}'
    yield A("refused rows", "lookup", http(table, "400 X"), "rejected", 1)
    yield A("refused rows, 200", "lookup", http(table), NO, 1)


def _connections() -> Rows:
    reset, hang = {"end": End.RESET}, {"end": End.HANG}
    for end in (reset, {}):
        how = "reset" if end else "closed"
        yield A(f"{how} at once", "query", b"", NOTHING, 5, **end)
        yield A(f"{how} at once", "import", b"", NOTHING + DOUBT, 5, **end)
        yield A(f"{how} in the body", "query", http(DATA)[:-9], CUT, 5, **end)
        yield A(f"{how} in the body", "import", http(STORED)[:-9], UNPROVEN, 0, **end)
        yield A(f"{how} after the head", "query", http(length=9), CUT, 5, **end)
        yield A(f"{how} after the body", "query", http(DATA), OK, 0, **end)
        yield A(
            f"{how} in a chunk", "query", chunked(DATA, end=b"9\r\nab"), CUT, 5, **end
        )
        yield A(
            f"{how} in a chunk",
            "import",
            chunked(STORED, end=b"9\r\nab"),
            UNPROVEN,
            0,
            **end,
        )
    # A truncated head is not an HTTP response.
    for name, part in {
        "first letter": b"H",
        "status line": b"HTTP/1.1 20",
        "headers": b"HTTP/1.1 200 OK\r\nContent-Le",
        "last line of the head": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n",
    }.items():
        yield A(f"closed in the {name}", "query", part, NOT_HTTP, 5)
        yield A(f"closed in the {name}", "import", part, NOT_HTTP + DOUBT, 5)
    yield A("silent", "query", b"", NOTHING, 5, **hang)
    yield A("silent", "import", b"", NOTHING + DOUBT, 5, **hang)
    yield A("silent in the body", "query", http(DATA)[:-9], CUT, 5, **hang)
    yield A("silent in the body", "import", http(STORED)[:-9], UNPROVEN, 0, **hang)
    yield A(
        "silent after 100",
        "track",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        NOTHING + DOUBT,
        5,
        **hang,
    )
    yield A("slow", "query", http(DATA), OK, 0, slow=True)
    yield A(
        "slow, chunks of one byte",
        "import",
        chunked(*(bytes([b]) for b in STORED)),
        OK,
        0,
        slow=True,
    )
    yield A("slow, cut", "query", http(DATA[:-1]), CUT, 5, slow=True)
    yield A("closed before the request", "query", b"", NOTHING, 5, Start.CONNECTED)
    yield A("answers before the request", "query", http(DATA), OK, 0, Start.CONNECTED)
    for line, body, label, status in (
        ("413 Too Large", b'{"error":"request exceeds max limit"}', "rejected", 1),
        ("401 Unauthorized", ERROR, "unauthorized", 3),
        ("403 Forbidden", PAGE, "rejected", 3),
        ("429 Slow", b"", "quota exceeded", 4),
        ("503 Down", b"", "server error", 1),
        ("302 Found", b"", "redirect not followed", 1),
    ):
        for end in (reset, hang):
            yield A(
                f"early {line}",
                "import, huge",
                http(body, line),
                label,
                status,
                Start.HEAD_READ,
                **end,
            )
    kept = Start.KEPT
    yield A("kept, then dead", "query", http(DATA), OK, 0, kept)
    yield A("kept, then dead", "export", http(RECORDS), OK, 0, kept)
    yield A("kept, then dead", "import", http(STORED), NOTHING + DOUBT, 5, kept)
    yield A("kept, then dead", "track", http(b"1"), NOTHING + DOUBT, 5, kept)


KINDS = {
    "framing": _framing,
    "head": _heads,
    "other protocol": _other_protocols,
    "content coding": _encodings,
    "charset": _charsets,
    "cut": _cuts,
    "export": _exports,
    "other type": _other_types,
    "error in a success": _errors_in_a_success,
    "web page": _pages,
    "status": _statuses,
    "interim": _interim,
    "import": _imports,
    "connection": _connections,
}
