"""Strategies for JSON texts, and bodies that arrive in chunks of any size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import strategies as st

from mixtui.document import json_layout
from mixtui.document import layout as lines
from mixtui.document.document import Document, DocumentLoader
from mixtui.document.json_layout import IndentedJson

AWKWARD = st.sampled_from(
    [
        *('"', "\\", '\\"', "},{", "],[", "},", "{", "[", "]", ",", ": ", "日本", "🙂"),
        *("\u2028", "\n", "\t", "", " ", "\\\\", '{"a":1},', "ordinary", "\x7f", "\0"),
    ]
)
TEXTS = st.lists(AWKWARD, max_size=4).map("".join)
NUMBERS = st.sampled_from(
    ["0", "-0", "1.50", "1e400", "-1E-7", "123456789012345678901234567890", "0.1"]
)


def _text(text: str, ascii_only: bool) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)


SPACES = st.sampled_from(["", "", "", " ", "\n", "\r\n  ", "\t", "   "])
_LONE_SURROGATES = st.sampled_from(['"\\ud83d"', '"\\\\\\ud83dx\\n"'])
_STRINGS = st.builds(_text, TEXTS, st.booleans()) | _LONE_SURROGATES
_SCALARS = NUMBERS | _STRINGS | st.sampled_from(["true", "false", "null"])


@st.composite
def _containers(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    before, after = draw(SPACES), draw(SPACES)
    values = draw(st.lists(inner, max_size=5))
    comma = f"{before},{after}"
    if draw(st.booleans()):
        return f"[{before}{comma.join(values)}{after}]"
    keys = [draw(_STRINGS) for _ in values]
    members = [f"{k}{before}:{after}{v}" for k, v in zip(keys, values, strict=True)]
    return f"{{{before}{comma.join(members)}{after}}}"


VALUES = st.recursive(_SCALARS, _containers, max_leaves=15)
"""The text of a JSON value, with duplicate and empty keys and any white space."""
DOCUMENTS = st.builds("{}{}{}".format, SPACES, _containers(VALUES), SPACES)
"""The text of an object or a list."""


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@contextmanager
def piece_size(size: int, first: int | None = None) -> Iterator[None]:
    """Set the size of pieces and blocks in bytes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_layout, "PIECE", size)
        patch.setattr(json_layout, "FIRST_PIECE", size if first is None else first)
        patch.setattr(lines, "BLOCK", size)
        yield


class GrowingSource:
    """A body of which only the first `size` bytes have arrived."""

    path = None

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.size = 0

    def read(self, start: int, end: int) -> bytes:
        return self._data[start : min(end, self.size)]


def chunk_ends(data: bytes, offsets: Sequence[int]) -> list[int]:
    """Return the ends of the chunks of a body, its own end last."""
    ends = {offset % (len(data) + 1) for offset in offsets}
    return sorted(ends | {len(data)})


def load_in_chunks(
    data: bytes, ends: Sequence[int], media_type: str = ""
) -> Iterator[DocumentLoader]:
    """Yield the loader of a body after each chunk and at the end."""
    source = GrowingSource(data)
    loader = DocumentLoader(source, media_type)
    for end in ends:
        source.size = end
        for _ in loader.advance(final=False):
            pass
        yield loader
    for _ in loader.advance(final=True):
        pass
    yield loader


def grow_until(layout: IndentedJson, until: int) -> IndentedJson:
    """Advance a layout to its end."""
    for _ in layout.advance(until, final=True):
        pass
    return layout


def raw_lines(document: Document) -> list[bytes]:
    return [document.raw(index) for index in range(document.line_count)]


def part_lines(document: Document) -> list[bytes]:
    """Join the lines from the parts of a document."""
    lines_so_far: list[bytes] = []
    for index in range(document.part_count):
        part = document.part(index)
        first, *following = part.text.split(b"\n")
        if part.start:
            assert part.first_line == len(lines_so_far) - 1
            assert part.start == len(lines_so_far[-1])
            lines_so_far[-1] += first
        else:
            assert part.first_line == len(lines_so_far)
            lines_so_far.append(first)
        lines_so_far += following
    return [line.removesuffix(b"\r") for line in lines_so_far]
