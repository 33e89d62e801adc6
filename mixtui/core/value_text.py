"""The value on a line of laid-out JSON as text, to be copied."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mixtui.core.json_fragment import INDENT
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import level_of, span

_OPENERS = (b"{", b"[")
_decoder = json.JSONDecoder(strict=False)


def value_text(layout: IndentedJson, line: int) -> Iterator[bytes] | None:
    """The value that starts or ends on a line; None = its end has not come.

    An object or list comes line by line, indented from the left margin on; a text is
    its own characters, without quotation marks and escapes; all else is as the server
    wrote it.
    """
    found = span(layout, line)
    if found is not None:
        return _lines(layout, found.start, found.end)
    own = layout.raw(line).strip()
    if own.endswith(_OPENERS):
        return None
    value = _without_key(own.removesuffix(b",").decode("utf-8", "replace"))
    return iter([_plain(value).encode("utf-8", "replace")])


def _lines(layout: IndentedJson, start: int, end: int) -> Iterator[bytes]:
    first = layout.raw(start)
    margin = level_of(first) * INDENT
    yield first[-1:]
    for line in range(start + 1, end):
        yield b"\n" + layout.raw(line)[margin:]
    yield b"\n" + layout.raw(end)[margin:].removesuffix(b",")


def _without_key(text: str) -> str:
    if not text.startswith('"'):
        return text
    try:
        _, end = _decoder.raw_decode(text)
    except ValueError:
        return text
    return text[end:].removeprefix(": ") or text


def _plain(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(_decoder.decode(value))
    except ValueError:
        return value
