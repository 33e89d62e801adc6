"""Scripts that answer, which the cases share."""

from __future__ import annotations

import gzip

from tests.hostile.script import Do, Script, Send
from tests.outcome.hostile_answers import DATA, http

GZIPPED = gzip.compress(DATA, mtime=0)


HEAD = b"HTTP/1.1 200 OK\r\n"


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


OPEN = HEAD + b"Content-Length: 1000\r\n\r\n"


SIZED = b"%x\r\n%s\r\n" % (len(DATA), DATA)


END = b"0\r\n\r\n"


def answer(*parts: bytes) -> Script:
    """Read the request, answer, and close."""
    return (Do.READ, *map(Send, parts))


ARRIVED = answer(http(DATA))


def then_silence(*parts: bytes) -> Script:
    """Read the request, answer, and leave the connection open."""
    return (*answer(*parts), Do.HOLD)


def early(*parts: bytes) -> Script:
    """Answer while the body of the request is still to come."""
    return (Do.READ_HEAD, *map(Send, parts))


def status(line: bytes) -> Script:
    """Answer with a status line."""
    rest = http(DATA).partition(b"\r\n")[2]
    return answer(line + b"\r\n" + rest)


def header(*lines: bytes) -> Script:
    """Answer with further lines in the head."""
    head = b"".join(line + b"\r\n" for line in lines)
    return answer(HEAD + head + b"Content-Length: %d\r\n\r\n" % len(DATA) + DATA)


def redirect(location: bytes, code: int = 302) -> Script:
    """Answer with a redirect."""
    head = b"HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
    return answer(head % (code, location))
