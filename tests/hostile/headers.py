"""Headers that are none, too many or too long."""

from __future__ import annotations

from tests.hostile.answers import HEAD, answer, header
from tests.hostile.script import Case, Do, Flood, Send
from tests.outcome.hostile_answers import DATA, http

LONG = b"x" * 200_000


HEADERS = (
    Case("folded", header(b"X-Long: a\r\n b\r\n\tc"), "accepted", 0, ""),
    Case("50 KB in one", header(b"X: " + b"x" * 50_000), "accepted", 0, ""),
    Case(
        "200 KB in one",
        header(b"X: " + LONG),
        "not HTTP",
        5,
        "The response headers from {host} are too long for mixtui: check host and port.",
    ),
    Case(
        "200 KB in one, to a write",
        header(b"X: " + LONG),
        "not HTTP; the server may have processed it",
        5,
        "The response headers from {host} are too long for mixtui: check host and port.",
        operation="import",
    ),
    Case(
        "a thousand", header(*(b"X-%d: 1" % i for i in range(1_000))), "accepted", 0, ""
    ),
    Case(
        "twenty thousand",
        header(*(b"X-%d: 1" % i for i in range(20_000))),
        "not HTTP",
        5,
        "The response headers from {host} are too long for mixtui: check host and port.",
    ),
    Case(
        "one without end",
        (Do.READ, Send(HEAD + b"X: "), Flood(b"x" * 1000)),
        "not HTTP",
        5,
        "The response headers from {host} are too long for mixtui: check host and port.",
    ),
    Case(
        "lines without end",
        (Do.READ, Send(HEAD), Flood(b"X: 1\r\n" * 100)),
        "not HTTP",
        5,
        "The response headers from {host} are too long for mixtui: check host and port.",
    ),
    Case("Latin-1", header(b"X-Name: caf\xe9"), "accepted", 0, ""),
    Case("UTF-8", header("X-Name: café 🎉".encode()), "accepted", 0, ""),
    Case("no Unicode at all", header(b"X-Name: \xff\xfe\xc3"), "accepted", 0, ""),
    Case("empty value", header(b"X-Empty:"), "accepted", 0, ""),
    Case(
        "no name",
        header(b": 1"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “: 1”): check host and port.",
    ),
    Case(
        "no colon",
        header(b"X-Nothing"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X-Nothing”): check host and port.",
    ),
    Case(
        "blank before the colon",
        header(b"X-Name : 1"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X-Name : 1”): check host and port.",
    ),
    Case(
        "blank in the name",
        header(b"X Name: 1"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X Name: 1”): check host and port.",
    ),
    Case(
        "NUL in the value",
        header(b"X-Nul: a\0b"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X-Nul: a␀b”): check host and port.",
    ),
    Case(
        "NUL in the name",
        header(b"X\0Nul: 1"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X␀Nul: 1”): check host and port.",
    ),
    Case(
        "CR without LF in the value",
        header(b"X-Name: a\rSet-Cookie: b"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X-Name: a Set-Cookie: b”): check host and port.",
    ),
    Case(
        "LF without CR", answer(http(DATA).replace(b"\r\n", b"\n")), "accepted", 0, ""
    ),
    Case(
        "non-ASCII name",
        header("X-Größe: 1".encode()),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal header line: “X-Größe: 1”): check host and port.",
    ),
    Case(
        "first line begins with a blank",
        header(b" X: 1"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (continuation line at start of headers): check host and port.",
    ),
    Case(
        "two content types",
        header(b"Content-Type: image/gif", b"Content-Type: text/html"),
        "accepted",
        0,
        "",
    ),
    Case("invalid content type", header(b'Content-Type: ;;;="'), "accepted", 0, ""),
    Case(
        "cookies",
        header(b"Set-Cookie: a=b; Domain=.com", b"Set-Cookie: \xff"),
        "accepted",
        0,
        "",
    ),
    Case(
        "Connection: close and more",
        answer(http(DATA, "200 OK", "Connection: close") + b"x"),
        "accepted",
        0,
        "",
    ),
    Case("Upgrade", header(b"Connection: upgrade", b"Upgrade: h2c"), "accepted", 0, ""),
    Case(
        "Retry-After that is not a time",
        answer(http(b"{}", "503 Slow", "Retry-After: soon")),
        "server error",
        1,
        "The server failed: retry later.",
    ),
    Case(
        "Retry-After of a thousand years",
        answer(http(b"{}", "429 Slow", "Retry-After: 99999999999")),
        "quota exceeded",
        4,
        "Not processed: the project sends too much, so wait and send less.",
    ),
)
