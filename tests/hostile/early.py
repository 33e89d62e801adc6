"""Responses that come while the body is sent."""

from __future__ import annotations

from tests.hostile.answers import early
from tests.hostile.script import SLOW, Case, Do
from tests.outcome.hostile_answers import STORED, http

TOO_LARGE = http(b'{"error":"too large"}', "413 Request Entity Too Large")


EARLY = (
    Case(
        "413, then closes",
        early(TOO_LARGE),
        "rejected",
        1,
        "The batch is too large: send at most 2,000 events and 2 MB, as some servers do not accept 10 MB. The server says: “too large”.",
        operation="import, huge",
    ),
    Case(
        "413, then resets",
        (*early(TOO_LARGE), Do.RESET),
        "rejected",
        1,
        "The batch is too large: send at most 2,000 events and 2 MB, as some servers do not accept 10 MB. The server says: “too large”.",
        operation="import, huge",
    ),
    Case(
        "413, then closes its side",
        (*early(TOO_LARGE), Do.HALF_CLOSE),
        "rejected",
        1,
        "The batch is too large: send at most 2,000 events and 2 MB, as some servers do not accept 10 MB. The server says: “too large”.",
        operation="import, huge",
    ),
    Case(
        "413, then silence",
        (*early(TOO_LARGE), Do.HOLD),
        "rejected",
        1,
        "The batch is too large: send at most 2,000 events and 2 MB, as some servers do not accept 10 MB. The server says: “too large”.",
        operation="import, huge",
    ),
    Case(
        "401",
        early(http(b'{"error":"Unauthorized"}', "401 Unauthorized")),
        "unauthorized",
        3,
        "The service account ci.1a2b was rejected: check it, the project and the region of the environment demo. The server says: “Unauthorized”.",
        operation="import, huge",
    ),
    Case(
        "429",
        early(http(b"{}", "429 Too Many Requests", "Retry-After: 60")),
        "quota exceeded (retry in 1 min)",
        4,
        "Not processed: the project sends too much, so wait and send less.",
        operation="import, huge",
    ),
    Case(
        "503 without a body",
        early(http(b"", "503 Service Unavailable")),
        "server error",
        1,
        "The server failed, but may have processed it: check before you retry.",
        operation="import, huge",
    ),
    Case(
        "302",
        early(http(b"", "302 Found", "Location: /there")),
        "redirect not followed",
        1,
        "The redirect to http://{host}/there was not followed: the POST would become a GET.",
        operation="import, huge",
    ),
    Case(
        "half of a 413",
        early(TOO_LARGE[:-9]),
        "rejected",
        1,
        'The batch is too large: send at most 2,000 events and 2 MB, as some servers do not accept 10 MB. The body is incomplete after 12 B: the connection was lost. The server says: “{"error":"to”.',
        operation="import, huge",
    ),
    Case(
        "half of a status line",
        early(b"HTTP/1.1 41"),
        "no response; the server may have processed it",
        5,
        "The connection to {host} was lost before a response arrived: check before you retry.",
        operation="import, huge",
    ),
    Case(
        "200, then closes",
        early(http(STORED)),
        "accepted",
        0,
        "2 records stored.",
        operation="import, huge",
    ),
    Case(
        "200, then silence",
        (*early(http(STORED)), Do.HOLD),
        "no response; the server may have processed it",
        5,
        "No response from {host} within 300 ms: raise the timeout option.",
        operation="import, huge",
        **SLOW,
    ),
    Case(
        "SMTP, then silence",
        (*early(b"220 mail.example ESMTP\r\n\r\n"), Do.HOLD),
        "not HTTP; the server may have processed it",
        5,
        "The response from {host} is not HTTP (illegal status line: “220 mail.example ESMTP”): check host and port.",
        operation="import, huge",
    ),
    Case(
        "no byte, closes",
        (Do.READ_HEAD,),
        "no response; the server may have processed it",
        5,
        "The connection to {host} was lost before a response arrived: check before you retry.",
        operation="import, huge",
    ),
    Case(
        "no byte, resets",
        (Do.READ_HEAD, Do.RESET),
        "no response; the server may have processed it",
        5,
        "The connection to {host} was lost before a response arrived: check before you retry.",
        operation="import, huge",
    ),
)
