"""JSON laid out for reading, every number, key and their order untouched."""

from __future__ import annotations

from itertools import accumulate

INDENT = 2
_SWOLLEN = 64_000_000
_BLOCK = 1 << 16
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEPS = [(byte in b"[{") - (byte in b"]}") for byte in range(256)]


class NotLaidOut(ValueError):
    """The bytes are shown as they are; the text says why."""


def lay_out(data: bytes) -> bytes:
    """One value a line, indented.

    Raises:
        NotLaidOut: Not valid JSON, or nested so deeply that the spaces would fill the
            memory.
    """
    import msgspec

    if _indentation(data) > _SWOLLEN + 8 * len(data):
        raise NotLaidOut("It is nested too deeply to be indented: shown as it came.")
    try:
        return msgspec.json.format(data, indent=INDENT)
    except RecursionError:
        sentence = "It is nested too deeply to be indented: shown as it came."
    except msgspec.DecodeError as error:
        # msgspec says "JSON is malformed: invalid character (byte 12)" and the like.
        reason = str(error).removeprefix("JSON is malformed: ")
        sentence = f"This is not valid JSON ({reason[:1].lower()}{reason[1:]}): "
        sentence += "shown as it came."
    raise NotLaidOut(sentence)


def is_json(data: bytes) -> bool:
    """Whether the bytes are one JSON value."""
    import msgspec

    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _indentation(data: bytes) -> int:
    """About how many spaces indenting would add, at most.

    Brackets inside texts are counted, too: close enough to stop a few kilobytes of
    brackets from becoming gigabytes of spaces.
    """
    depth = total = 0
    for offset in range(0, len(data), _BLOCK):
        block = data[offset : offset + _BLOCK]
        brackets = block.translate(None, _NO_BRACKETS)
        depths = list(accumulate(map(_STEPS.__getitem__, brackets), initial=depth))
        lines = block.count(b",") + len(brackets)
        total += lines * INDENT * max(depths)
        depth = max(depths[-1], 0)
    return total
