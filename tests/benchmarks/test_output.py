from __future__ import annotations

from collections.abc import Iterable

import pytest

from benchmarks.escapes import XtermReplies
from benchmarks.output import output
from benchmarks.screen import Screen

FRAME, END = b"\x1b[?2026h", b"\x1b[?2026l"


class FakeTerminal:
    """A program of which it is known what it writes, and when."""

    def __init__(self, answers: Iterable[tuple[float, bytes]]) -> None:
        self.screen = Screen(10, 4)
        self.chunks = [(1.0, b"before")]
        self._answers = list(answers)
        self._shown = 0

    def press(self, *keys: str) -> float:
        return 10.0

    def rest(self) -> None:
        self.chunks += self._answers

    def skip(self) -> None:
        for _, data in self.chunks[self._shown :]:
            self.screen.feed(data)
        self._shown = len(self.chunks)


def test_everything_until_rest_counts_and_nothing_before_the_key() -> None:
    terminal = FakeTerminal([(10.1, b"ab"), (10.5, b"cde")])
    found = output(terminal, ["x"], terminal.rest)
    assert (found.size, found.seconds) == (5, 0.5)
    assert found.frames == 1, "short output is not marked"


def test_a_key_without_an_effect_costs_nothing() -> None:
    terminal = FakeTerminal([])
    found = output(terminal, ["x"], terminal.rest)
    assert (found.size, found.frames, found.rows, found.seconds) == (0, 0, 0, 0.0)


def test_a_frame_counts_once_in_whatever_pieces_it_is_read() -> None:
    data = FRAME + b"one" + END + FRAME + b"two" + END
    pieces = [(10.0 + n / 100, data[n : n + 1]) for n in range(len(data))]
    terminal = FakeTerminal(pieces)
    assert output(terminal, ["x"], terminal.rest).frames == 2


def test_a_row_counts_that_has_another_colour_and_not_one_that_is_written_again() -> (
    None
):
    same, red = b"\x1b[1;1Hbefore", b"\x1b[1;1H\x1b[31mbefore\x1b[m"
    for data, rows in ((same, 0), (red, 1)):
        terminal = FakeTerminal([(10.0, data + b"\x1b[3;1Hx")])
        found = output(terminal, ["x"], terminal.rest)
        assert (found.rows, found.texts) == (rows + 1, 1)


@pytest.mark.parametrize(
    ("modern", "replies"),
    [(True, b"\x1b[?2026;2$y\x1b[?0u"), (False, b"\x1b[?2026;0$y")],
)
def test_a_modern_terminal_knows_synchronized_output(
    modern: bool, replies: bytes
) -> None:
    terminal = XtermReplies(120, 40, modern=modern)
    assert terminal.replies_to(b"\x1b[?2026$p\x1b[?u") == replies
