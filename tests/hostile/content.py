"""Charsets that are not what they claim, and what a terminal would obey."""

from __future__ import annotations

from tests.hostile.answers import answer, header
from tests.hostile.script import Case, Do, Send
from tests.outcome.hostile_answers import DATA, ERROR, PAGE, encoded, headless, http

_BOM = b"\xef\xbb\xbf"


CHARSETS = (
    Case("UTF-8 with a BOM", answer(http(_BOM + DATA)), "accepted", 0, ""),
    Case("UTF-8 with two BOMs", answer(http(_BOM * 2 + DATA)), "accepted", 0, ""),
    Case(
        "UTF-8 with a BOM, an error",
        answer(http(_BOM + ERROR)),
        "rejected",
        1,
        "The status reports success but the body an error: trust the body. The server says: “unknown event”.",
    ),
    Case(
        "only a BOM",
        answer(http(_BOM)),
        "incomplete",
        5,
        "The response is empty, but this operation returns JSON: try again.",
    ),
    Case(
        "BOM and 1, to a write",
        answer(http(_BOM + b"1")),
        "accepted, not verified",
        0,
        "Accepted. Mixpanel validates asynchronously, so records may still be dropped.",
        operation="track",
    ),
    Case(
        "BOM and 0, to a write",
        answer(http(_BOM + b"0")),
        "rejected",
        1,
        "Mixpanel rejected the records: check their token and structure, or add verbose=1 to the query to see the reason.",
        operation="track",
    ),
    Case(
        "UTF-16 with a BOM",
        answer(http(DATA.decode().encode("utf-16"))),
        "accepted",
        0,
        "",
    ),
    Case(
        "UTF-16 without a BOM",
        answer(http(DATA.decode().encode("utf-16-be"))),
        "accepted",
        0,
        "",
    ),
    Case(
        "UTF-16 with half a character",
        answer(http(DATA.decode().encode("utf-16")[:-1])),
        "incomplete",
        5,
        "The JSON in the response is truncated: try again.",
    ),
    Case(
        "UTF-16, an error",
        answer(http(ERROR.decode().encode("utf-16"))),
        "rejected",
        1,
        "The status reports success but the body an error: trust the body. The server says: “unknown event”.",
    ),
    Case("UTF-32", answer(http(DATA.decode().encode("utf-32"))), "accepted", 0, ""),
    Case(
        "UTF-7, an error",
        answer(http(b'+AHs-"error+ACI-: "no"}')),
        "rejected",
        1,
        "This operation does not return responses of this form: check the API, the path and any proxy.",
    ),
    Case(
        "Latin-1, an error",
        answer(http(b'{"error":"caf\xe9"}')),
        "rejected",
        1,
        "The status reports success but the body an error: trust the body. The server says: “caf�”.",
    ),
    Case(
        "Latin-1, named UTF-8",
        answer(
            http(
                b'{"a":"caf\xe9"}',
                "200 OK",
                "Content-Type: application/json; charset=utf-8",
            )
        ),
        "accepted",
        0,
        "",
    ),
    Case(
        "unknown charset",
        answer(http(DATA, "200 OK", "Content-Type: application/json; charset=klingon")),
        "accepted",
        0,
        "",
    ),
    Case(
        "charset that names a codec of Python",
        answer(http(DATA, "200 OK", "Content-Type: text/plain; charset=zip")),
        "accepted",
        0,
        "",
    ),
    Case(
        "NULs in the JSON",
        answer(http(DATA.replace(b":", b":\0"))),
        "incomplete",
        5,
        "The response is not valid JSON and cannot be trusted.",
    ),
    Case(
        "a lone surrogate",
        answer(http(DATA[:-1] + b',"x":"\\ud800"}')),
        "accepted",
        0,
        "",
    ),
    Case(
        "UTF-8 of a surrogate",
        answer(http(DATA[:-1] + b',"x":"\xed\xa0\x80"}')),
        "accepted",
        0,
        "",
    ),
    Case(
        "200,000 brackets",
        answer(http(b"[" * 200_000)),
        "incomplete",
        5,
        "The JSON in the response is truncated: try again.",
    ),
    Case(
        "a number of 200,000 digits",
        answer(http(b"[" + b"9" * 200_000 + b"]")),
        "accepted",
        0,
        "",
    ),
    Case(
        "a web page named JSON",
        answer(http(PAGE, "200 OK", "Content-Type: application/json")),
        "rejected",
        1,
        "The response is a web page, not an API response: check the API, the path and any proxy.",
    ),
    Case(
        "JSON named a picture",
        answer(http(DATA, "200 OK", "Content-Type: image/png")),
        "accepted",
        0,
        "",
    ),
)


_ESCAPES = "\x1b[2J\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1bP1$r\x1b\\\x9b31m\x1b[6n"


_BIDI = "\u202egnp.exe\u2066\u200b\u00ad"


ESCAPES = (
    Case(
        "in the reason",
        answer(http(DATA, f"400 {_ESCAPES}")),
        "rejected",
        1,
        "The request is not valid for this operation: fix it.",
    ),
    Case(
        "in the reason of an invalid status",
        answer(http(DATA, f"1000 {_ESCAPES}")),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal status line: “HTTP/1.1 1000 ␛[2J␛]0;owned␇␛]52;c;b3duZWQ=␇␛P1$r␛\\�31m␛[6n”): check host and port.",
    ),
    Case("in a header", header(b"X-Name: \x1b]0;owned\x07"), "accepted", 0, ""),
    Case(
        "in the content type",
        header(b"Content-Type: text/\x1b[2Jplain"),
        "accepted",
        0,
        "",
    ),
    Case(
        "in a content coding",
        answer(encoded(DATA, "x\x1b[2J")),
        "accepted",
        0,
        "The body is encoded with x␛[2J, which mixtui cannot decode.",
    ),
    Case(
        "in a JSON error",
        answer(http(b'{"error":"\\u001b[2J\\u009b31m\\u202eno"}', "400 Bad Request")),
        "rejected",
        1,
        "The request is not valid for this operation: fix it. The server says: “␛[2J␦31m␦no”.",
    ),
    Case(
        "in a text error",
        answer(http(_ESCAPES.encode(), "400 Bad Request")),
        "rejected",
        1,
        "The request is not valid for this operation: fix it. The server says: “␛[2J␛]0;owned␇␛]52;c;b3duZWQ=␇␛P1$r␛\\␦31m␛[6n”.",
    ),
    Case(
        "in an error of a 200",
        answer(http(b'{"error":"\\u001b]52;c;eA==\\u0007"}')),
        "rejected",
        1,
        "The status reports success but the body an error: trust the body. The server says: “␛]52;c;eA==␇”.",
    ),
    Case(
        "in a page",
        answer(http(PAGE.replace(b"Blocked", _ESCAPES.encode()))),
        "rejected",
        1,
        "The response is a web page, not an API response: check the API, the path and any proxy.",
    ),
    Case(
        "turned around, in a text error",
        answer(http(_BIDI.encode(), "403 Forbidden")),
        "unauthorized",
        3,
        "The service account ci.1a2b is not allowed to do this: check its role and the project of the environment demo. The server says: “␦gnp.exe␦␦␦”.",
    ),
    Case(
        "turned around, in the body",
        answer(http(b'{"a":"' + _BIDI.encode() + b'"}')),
        "accepted",
        0,
        "",
    ),
    Case(
        "instead of HTTP",
        answer(_ESCAPES.encode() + b"\r\n\r\n"),
        "not HTTP",
        5,
        "The response from {host} is not HTTP (illegal status line: “␛[2J␛]0;owned␇␛]52;c;b3duZWQ=␇␛P1$r␛\\␦31m␛[6n”): check host and port.",
    ),
    Case(
        "without end, in the body",
        (Do.READ, Send(headless(b"", "500 No")), *[Send(b"\x1b[2J" * 1000)] * 9),
        "server error",
        1,
        "The server failed: retry later. The server says: “␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2J␛[2…”.",
    ),
    Case(
        "of a failed record",
        answer(
            http(
                b'{"code":400,"error":"some data points in the request failed validation","failed_records":[{"index":0,"$insert_id":"\\u001b[2J","field":"\\u001b[31m","message":"\\u0007"}],"num_records_imported":1,"status":"Bad Request"}',
                "400 Bad Request",
            )
        ),
        "partially imported: 1 stored, 1 rejected",
        6,
        "1 record stored; fix the rejected records and resend only those. The server says: “some data points in the request failed validation”.",
        operation="import",
    ),
    Case(
        "backspaces over a success",
        answer(http(b"rejected" + b"\b" * 8 + b"accepted", "400 Bad Request")),
        "rejected",
        1,
        "The request is not valid for this operation: fix it. The server says: “rejected␈␈␈␈␈␈␈␈accepted”.",
    ),
)
