"""The value on a line of laid-out JSON as text, to be copied."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mixtui.core.json_fragment import INDENT
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import ValueSpan, depth_of, span_of

_OPENERS = (b"{", b"[")
_decoder = json.JSONDecoder(strict=False)


def value_text(layout: IndentedJson, line: int) -> Iterator[bytes] | None:
    """The value that starts or ends on a line; None = its end has not come.

    An object or list comes line by line, indented from the left margin on; a text is
    its own characters, without quotation marks and escapes; all else is as the server
    wrote it.
    """
    found = span_of(layout, line)
    if found is not None:
        return span_lines(layout, found)
    value = scalar(layout, line)
    if value.endswith(_OPENERS):
        return None
    return iter([plain(value).encode("utf-8", "replace")])


def span_lines(layout: IndentedJson, found: ValueSpan) -> Iterator[bytes]:
    """An object or list, piece by piece, without its name and its margin."""
    start, end = found.start, found.end
    first = layout.raw(start)
    margin = depth_of(first) * INDENT
    yield first[-1:]
    for part in range(layout.part_of(start), layout.part_of(end) + 1):
        begin = layout.part(part).first_line
        lines = layout.lines_of(part)[max(0, start + 1 - begin) : max(0, end - begin)]
        for line in lines:
            yield b"\n" + line[margin:]
    yield b"\n" + layout.raw(end)[margin:].removesuffix(b",")


def scalar(layout: IndentedJson, line: int) -> bytes:
    """What stands on a line without its name, its margin and its comma."""
    own = layout.raw(line).strip().removesuffix(b",")
    return _without_key(own.decode("utf-8", "replace")).encode("utf-8", "replace")


def _without_key(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        _, end = _decoder.raw_decode(text)
    except ValueError:
        return text
    return text[end:].removeprefix(": ") or text


def plain(value: bytes) -> str:
    """A text without quotation marks and escapes; all else as it is written."""
    text = value.decode("utf-8", "replace")
    if not text.startswith('"'):
        return text
    try:
        text = str(_decoder.decode(text))
    except ValueError:
        return text
    # Half a character (a lone surrogate) cannot be copied or written anywhere.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
