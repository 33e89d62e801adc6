"""Escaped halves of surrogate pairs: ``"\\ud83d"`` alone is JSON, but not for msgspec.

JavaScript that cuts a text in the middle of an emoji writes one.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\\(?:(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_NEVER_IN_UTF8 = (*range(0xF8, 0x100), 0xC0, 0xC1, *range(0xF5, 0xF8))


def replace_lone_surrogates(data: bytes) -> tuple[bytes, bytes] | None:
    """JSON whose escaped surrogates are plain text, and the byte that masks them.

    None = there are none. The length stays; replacing the byte by a backslash restores
    the text.
    """
    if b"\\ud" not in data and b"\\uD" not in data:
        return None
    free = (bytes([byte]) for byte in _NEVER_IN_UTF8 if bytes([byte]) not in data)
    mask = next(free, b"")
    text = _ESCAPE.sub(lambda found: _without(found, mask), data) if mask else data
    return None if text == data else (text, mask)


def _without(found: re.Match[bytes], mask: bytes) -> bytes:
    return found[0] if found[1] is None else mask + found[1]
