"""How a body is divided into lines: what every viewer, search and table reads.

A layout never holds the lines. It knows where a part of the text starts and makes the
part when it is asked for, so that a body of any size takes the memory of an index.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LayoutPart:
    """Some neighbouring lines, as they are shown but for what the terminal needs."""

    first_line: int
    """The number of its first line, from 0."""
    text: bytes
    """UTF-8 (bytes that are not stay as they are); lines divided by ``\\n``, none after
    the last."""
    start: int = 0
    """Bytes of the first line that came in earlier parts: only a line too long for one
    part is divided. 0 = the part starts with its line."""


class Layout(Protocol):
    """The lines of a body; may grow while the body comes. Read from any thread."""

    @property
    def line_count(self) -> int:
        """How many lines there are by now."""
        ...

    @property
    def width(self) -> int:
        """Cells that no line seen so far is wider than."""
        ...

    @property
    def part_count(self) -> int:
        """How many parts there are by now."""
        ...

    def part(self, index: int) -> LayoutPart:
        """A part. The last ones made are kept.

        Raises:
            IndexError: There is no such part.
        """
        ...

    def part_of(self, line: int, byte: int = 0) -> int:
        """The index of the part in which a line starts, or that a byte of it is in.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def column(self, line: int, byte: int) -> int:
        """How many characters of a line start before a byte of it.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def raw(self, line: int) -> bytes:
        """A line's bytes, without its line end.

        Raises:
            IndexError: There is no such line.
        """
        ...

    def line(self, index: int, start: int = 0, width: int | None = None) -> str:
        """A line, or ``width`` characters of it from ``start``, fit for the terminal.

        Raises:
            IndexError: There is no such line.
        """
        ...
