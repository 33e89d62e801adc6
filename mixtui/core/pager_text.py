"""Text for a pager: nothing in it acts on the terminal.

A pager may hand control characters on as they are (``less -r``, ``cat``), so each
becomes its control picture, as on the app's own screen. Tabs and line ends stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mixtui.core.byte_source import ByteSource
from mixtui.core.visible import MARK

_ACTING = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|\xc2[\x80-\x9f]")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")
_ESCAPE, _C1_LEAD = b"\x1b", b"\xc2"
_HALVES = (_C1_LEAD, b"\r")
_STEP = 1 << 20


def sanitize_for_pager(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same text with a picture for every control character."""
    rest = b""
    for chunk in chunks:
        # A character or a line end of two bytes may be divided between two chunks.
        data = rest + chunk
        rest = data[-1:] if data.endswith(_HALVES) else b""
        yield _ACTING.sub(_picture, data.removesuffix(rest))
    yield _ACTING.sub(_picture, rest)


def is_harmless(source: ByteSource) -> bool:
    """Whether nothing in a body begins an escape sequence. Reads all of it.

    Raises:
        OSError: The disk failed.
    """
    for start in range(0, source.size, _STEP):
        data = source.read(start, start + _STEP + 1)
        if _ESCAPE in data or (_C1_LEAD in data and _C1.search(data)):
            return False
    return True


def _picture(match: re.Match[bytes]) -> bytes:
    found = match.group()
    if len(found) > 1:
        return MARK.encode()
    code = found[0]
    return chr(0x2421 if code == 0x7F else 0x2400 + code).encode()
