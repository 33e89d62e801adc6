"""Records out of a laid-out JSON document: the items of a list, or an object's members."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from mixtui.core.layout import Layout
from mixtui.core.records.cells import KEY, Path, text_of
from mixtui.core.records.outline import Container
from mixtui.core.records.readers import divided

LARGEST = 16_000_000
"""Bytes of a record that are read; one that is larger cannot be taken apart."""
_KEPT = 6
"""Parts of which the lines are known."""


class _Page(NamedTuple):
    """A part, and where its lines start in it."""

    text: bytes
    first: int
    """The number of the first line that starts in it."""
    starts: array[int]
    continues: bool
    """Whether it starts within a line."""


class LaidOutRecords:
    """The items of a list, or the members of an object with their names.

    Args:
        layout: Where it stands.
        container: The list or object, which may still grow.
    """

    def __init__(self, layout: Layout, container: Container) -> None:
        self._layout = layout
        self._container = container
        self._pages: OrderedDict[int, _Page] = OrderedDict()

    @property
    def count(self) -> int:
        """How many have come whole."""
        begun = len(self._container.starts)
        return begun if self._container.end is not None else max(begun - 1, 0)

    def text(self, number: int) -> bytes:
        """A record, indented as it is laid out.

        Raises:
            IndexError: There is no such record.
        """
        if not 0 <= number < self.count:
            raise IndexError(f"There is no record {number}.")
        start, end = self._span(number)
        return self._lines(self._layout.part_of(start), start, end)

    def texts(self, start: int = 0) -> Iterator[bytes]:
        """The records from one on, as far as there are any now."""
        index, page = -1, None
        for number in range(start, self.count):
            first, last = self._span(number)
            if page is not None and last - page.first < len(page.starts):
                edges = page.starts
                begin, end = edges[first - page.first], edges[last - page.first]
                yield _stripped(page.text[begin:end])
                continue
            index = self._layout.part_of(first)
            page = self._page(index)
            yield self._lines(index, first, last)

    def path(self, number: int, column: Path) -> Path:
        """Where a value of a record stands in the document."""
        step: str | int = number
        if not self._container.is_list:
            step = text_of(divided(self.text(number))[0])
        return (*self._container.path, step, *(() if column == KEY else column))

    def _span(self, number: int) -> tuple[int, int]:
        starts, end = self._container.starts, self._container.end
        if number + 1 < len(starts):
            return starts[number], starts[number + 1]
        return starts[number], starts[number] + 1 if end is None else end

    def _lines(self, index: int, first: int, last: int) -> bytes:
        """The lines from one up to another, as one text.

        Args:
            index: The part in which the first one starts.
        """
        page = self._page(index)
        begin = page.starts[first - page.first]
        pieces, size = [], 0
        while size < LARGEST:
            if 0 <= last - page.first < len(page.starts):
                pieces.append(page.text[begin : page.starts[last - page.first]])
                break
            pieces.append(page.text[begin:])
            size += len(pieces[-1])
            index += 1
            if index >= self._layout.part_count:
                break
            page, begin = self._page(index), 0
            if not page.continues:
                pieces.append(b"\n")
        return _stripped(b"".join(pieces))

    def _page(self, index: int) -> _Page:
        page = self._pages.get(index)
        if page is None:
            page = _page(self._layout, index)
            if index + 1 < self._layout.part_count:  # The last one may still grow.
                self._pages[index] = page
                while len(self._pages) > _KEPT:
                    self._pages.popitem(last=False)
        return page


def _page(layout: Layout, index: int) -> _Page:
    part = layout.part(index)
    lengths = [len(line) + 1 for line in part.text.split(b"\n")]
    starts = array("Q", accumulate(lengths[:-1], initial=0))
    if not part.start:
        return _Page(part.text, part.first_line, starts, False)
    return _Page(part.text, part.first_line + 1, starts[1:], True)


def _stripped(text: bytes) -> bytes:
    return text.strip(b" \n").removesuffix(b",")
