"""What a program writes in answer to a key, until everything has come to rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

_FRAME = b"\x1b[?2026h"
"""Begins a frame of synchronized output."""


class Writer(Protocol):
    """What is needed of a `Terminal`."""

    chunks: list[tuple[float, bytes]]

    @property
    def screen(self) -> Cells: ...

    def press(self, *keys: str) -> float:
        """Press keys; returns the time before the first."""

    def skip(self) -> None:
        """Feed all output so far to the screen."""


class Cells(Protocol):
    """What is needed of a `Screen`."""

    def cells(self) -> list[tuple[object, ...]]:
        """Return every row with its colours."""

    def lines(self) -> list[str]:
        """Return the text of every row."""


@dataclass(frozen=True, slots=True)
class Output:
    """Everything written from a key to rest."""

    size: int
    """In bytes."""
    frames: int
    """Synchronized updates; output without any, as short output is, counts as one."""
    rows: int
    """Rows that look different afterwards."""
    texts: int
    """Rows whose text is different afterwards."""
    seconds: float
    """From the key to the last byte; 0 = nothing was written."""


def output(terminal: Writer, keys: Sequence[str], rest: Callable[[], object]) -> Output:
    """Press keys, one right after the other, and count what they cause.

    Args:
        terminal: A terminal at rest.
        keys: The names of the keys.
        rest: Returns when the program has come to rest.
    """
    terminal.skip()
    cells, lines = terminal.screen.cells(), terminal.screen.lines()
    first = len(terminal.chunks)
    pressed = terminal.press(*keys)
    rest()
    terminal.skip()
    chunks = terminal.chunks[first:]
    data = b"".join(piece for _, piece in chunks)
    return Output(
        len(data),
        data.count(_FRAME) or bool(data),
        _differences(cells, terminal.screen.cells()),
        _differences(lines, terminal.screen.lines()),
        chunks[-1][0] - pressed if chunks else 0.0,
    )


def _differences(before: Sequence[object], after: Sequence[object]) -> int:
    return sum(old != new for old, new in zip(before, after, strict=True))
