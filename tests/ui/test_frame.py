from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._ansi_theme import MONOKAI
from textual._compositor import LayoutUpdate
from textual.app import ComposeResult
from textual.filter import ANSIToTruecolor, NoColor
from textual.geometry import Offset, Region, Size
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widgets import Static

from mixtui.ui.frame import (
    FrameApp,
    TerminalFrame,
    split_between_characters,
    split_cells,
)
from mixtui.ui.pen import erases_in_color, sgr
from tests.ui.driver import wait_until
from tests.ui.eager import start_eagerly

_SEQUENCE = re.compile(r"\x1b\[\??[0-9;]*[A-Za-z]")
CONSOLE = Console(color_system="truecolor", force_terminal=True)
SIZE = Size(12, 4)
PLAIN = Style()
RED = Style(color="#ff0000", bgcolor="#101010")
BLUE = Style(color="#0000ff", bgcolor="#101010")
REVERSED = Style(color="#ff0000", bgcolor="#101010", reverse=True)
UNDERLINED = Style(underline=True, bgcolor="#202020")
EXCHANGED = Style(color="#101010", bgcolor="#ff0000")
BLACK = Color.from_rgb(0, 0, 0)
NAMED = ["red", "bright_blue", "default", "color(213)", "#123456"]
STYLES = [
    PLAIN,
    RED,
    BLUE,
    REVERSED,
    EXCHANGED,
    UNDERLINED,
    RED + Style(bold=True),
    REVERSED + Style(bold=True, italic=True),
    Style(bold=True),
    Style(reverse=True),
    Style(strike=True, italic=True),
]


def update(rows: list[list[Segment]], size: Size = SIZE) -> LayoutUpdate:
    """A complete screen of rows, each filled with blanks."""
    strips = [Strip(row).adjust_cell_length(size.width) for row in rows]
    strips += [Strip.blank(size.width)] * (size.height - len(strips))
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, *size))


def draw(frame: TerminalFrame, *rows: list[Segment]) -> str:
    return frame.draw(update(list(rows)), SIZE, CONSOLE).text


def terminal(*outputs: str) -> list[list[Any]]:
    """The cells of a terminal that was sent some outputs."""
    screen = pyte.Screen(*SIZE)
    stream = pyte.Stream(screen)
    for output in outputs:
        stream.feed(output)
    return [
        [seen(screen.buffer[y][x]) for x in range(SIZE.width)]
        for y in range(SIZE.height)
    ]


def seen(cell: Any) -> tuple[Any, ...]:
    """What a person sees of a cell: on a blank neither colour nor weight."""
    front, ground, is_reversed = cell.fg, cell.bg, cell.reverse
    if is_reversed and "default" not in (front, ground):
        front, ground, is_reversed = ground, front, False
    lines = cell.underscore, cell.strikethrough
    if cell.data == " " and is_reversed and front != "default":
        ground, is_reversed = front, False
    if cell.data == " " and not (is_reversed or any(lines)):
        return " ", ground
    return cell.data, ground, front, cell.bold, cell.italics, is_reversed, *lines


segments = st.lists(
    st.builds(
        Segment,
        st.text("ab  日─é", min_size=1, max_size=6) | st.just(" " * 12),
        st.sampled_from(STYLES),
    ),
    max_size=4,
)
frames = st.lists(st.lists(segments, max_size=4), min_size=1, max_size=4)


@given(frames, st.booleans())
def test_the_differences_add_up_to_the_last_frame(
    screens: list[list[list[Segment]]], erases: bool
) -> None:
    frame = TerminalFrame(erases=erases)
    outputs = [draw(frame, *rows) for rows in screens]
    assert terminal(*outputs) == terminal(draw(TerminalFrame(), *screens[-1]))


def test_long_blanks_are_erased_where_that_keeps_their_color() -> None:
    size = Size(40, 2)

    def output(*rows: list[Segment]) -> str:
        frame = TerminalFrame(erases=True)
        frame.draw(update([[Segment("x" * 40)] * 2], size), size, CONSOLE)
        return frame.draw(update(list(rows), size), size, CONSOLE).text

    between = output([Segment(f"a{' ' * 12}b{'x' * 26}", RED)])
    assert "a\x1b[12X\x1b[12Cb" in between
    assert f"a{' ' * 10}b" in output([Segment(f"a{' ' * 10}b{'x' * 28}", RED)])
    to_the_end = output([Segment("ab", RED), Segment(" " * 38, RED)], [])
    assert "ab\x1b[38X" in to_the_end
    underlined = output([Segment(f"a{' ' * 39}", UNDERLINED)])
    assert f"a{' ' * 39}" in underlined


@pytest.mark.parametrize(
    ("variables", "erases"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "linux"}, True),
        ({"TERM": "xterm-256color", "STY": "1.pts"}, False),
        ({"TERM": "tmux-256color"}, False),
        ({"TERM": "screen"}, False),
        ({"TERM": "vt100"}, False),
        ({}, False),
    ],
)
def test_only_terminals_that_keep_the_color_are_told_to_erase(
    variables: dict[str, str], erases: bool
) -> None:
    assert erases_in_color(variables) is erases


@given(frames)
def test_a_frame_that_is_the_same_writes_nothing(
    screens: list[list[list[Segment]]],
) -> None:
    frame = TerminalFrame()
    draw(frame, *screens[0])
    assert draw(frame, *screens[0]) == ""


def test_a_letter_is_written_with_one_move_and_one_colour() -> None:
    frame = TerminalFrame()
    draw(frame, [Segment("abc", RED)])
    output = draw(frame, [Segment("abX", RED)])
    assert output == "\x1b[38;2;255;0;0;48;2;16;16;16m\x1b[1;3HX\x1b[m"


def test_unchanged_letters_between_are_skipped_or_written_whichever_is_shorter() -> (
    None
):
    frame = TerminalFrame()
    draw(frame, [Segment("abcdefghijkl")], [Segment("abcdefghijkl")])
    assert draw(frame, [Segment("Xbcdefghijkl")], [Segment("AbcDefghijkL")]) == (
        "\x1b[1HX\r\nAbcD\x1b[7CL"
    )


def test_a_move_is_written_in_the_shortest_way() -> None:
    frame = TerminalFrame()
    draw(frame)
    output = draw(frame, [Segment("abXcdefghYj")], [Segment("  Z")], [], [Segment("a")])
    assert output == "\x1b[1HabXcdefghYj\x1b[2;3HZ\r\n\na"


def test_colours_are_written_once_wherever_their_cells_are() -> None:
    row = [Segment("abcd", RED), Segment("efgh", BLUE), Segment("ijkl", RED)]
    output = draw(TerminalFrame(), row, row, row, row)
    assert output.count("38;2;255;0;0") == output.count("38;2;0;0;255") == 1
    assert output.count("48;2;16;16;16") == 1


def test_an_attribute_ends_without_the_colours() -> None:
    bold, italic = RED + Style(bold=True), RED + Style(italic=True)
    output = draw(TerminalFrame(), [Segment("a", bold), Segment("b", italic)])
    assert output.count("38;2;255;0;0") == 1


def test_a_cursor_is_written_as_the_reverse_of_the_text_before_it() -> None:
    text = Style(color="#ff0000", bgcolor="#101010")
    output = draw(TerminalFrame(), [Segment("a", text), Segment("b", EXCHANGED)])
    assert "\x1b[7mb" in output


def test_dim_text_is_not_reversed() -> None:
    dim = Style(color="#101010", bgcolor="#ff0000", dim=True)
    output = draw(TerminalFrame(), [Segment("a", RED), Segment("b", dim)])
    assert "2;38;2;16;16;16;48;2;255;0;0" in output, "which colour is dim?"


def test_the_cursor_is_left_where_it_should_be() -> None:
    frame, blank = TerminalFrame(), update([])
    frame.draw(blank, SIZE, CONSOLE)
    assert frame.draw(blank, SIZE, CONSOLE, Offset(4, 2)).text == "\x1b[3;5H"
    assert frame.draw(blank, SIZE, CONSOLE, Offset(4, 2)).text == ""
    drawing = frame.draw(update([[Segment("abc")]]), SIZE, CONSOLE, Offset(4, 0))
    assert drawing.text == "\x1b[1Habc\x1b[C"
    assert [*drawing.rows] == [0]


def test_colours_are_written_once_for_what_has_them() -> None:
    frame = TerminalFrame()
    output = draw(frame, [Segment("ab", RED), Segment("  ", BLUE), Segment("cd", RED)])
    assert output.count("38;2;255;0;0") == 1
    assert "38;2;0;0;255" not in output, "nothing of it shows on a blank"


def test_a_blank_between_underlined_words_is_underlined_too() -> None:
    output = draw(TerminalFrame(), [Segment("a b", UNDERLINED)])
    assert all(cell[-2] for cell in terminal(output)[0][:3])


def test_the_terminal_is_left_without_attributes() -> None:
    output = draw(TerminalFrame(), [Segment("abcdefghijkl", REVERSED)] * 4)
    assert not terminal(output, "\x1b[1;1Hz")[0][0][-3]


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ab", ["a", "b"]),
        ("─é", ["─", "é"]),
        ("日b", ["日", "", "b"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("👨\u200d👩\u200d👧!", ["👨\u200d👩\u200d👧", "", "!"]),
        ("👍🏽", ["👍🏽", ""]),
        ("⚠\ufe0fx", ["⚠\ufe0f", "", "x"]),
        ("a\x1bb\x9bc", ["a", "b", "c"]),
        ("\u0301a", ["a"]),
        ("", []),
    ],
)
def test_text_is_split_into_cells(text: str, cells: list[str]) -> None:
    assert split_cells(text) == cells


def test_a_flag_is_written_as_one() -> None:
    (flag, *rest) = split_cells("🇩🇪x")
    assert flag == "🇩🇪"
    assert rest[-1] == "x"


@pytest.mark.parametrize("text", ["👨\u200d👩\u200d👧", "👍🏽", "e\u0301", "⚠\ufe0f"])
def test_what_follows_a_character_of_uncertain_width_stays_in_its_column(
    text: str,
) -> None:
    width = len(split_cells(text))
    output = draw(TerminalFrame(), [Segment(text + "x")])
    assert output.startswith(
        f"\x1b[1H{' ' * width}\x1b[{width}D{text}\x1b[1;{width + 1}Hx"
    )


EMOJI = [
    "👩\u200d👩\u200d👧",
    "👍🏽",
    "❤\ufe0f",
    "1\ufe0f\u20e3",
    "🇬🇧",
    "日",
    "e\u0301",
    "a",
    " ",
]


@given(st.lists(st.sampled_from(EMOJI)).map("".join), st.integers(0, 20))
def test_a_text_has_as_many_cells_as_textual_measures(text: str, cut: int) -> None:
    # Also where another style begins within an emoji.
    frame, parts = TerminalFrame(), [f"a{text[:cut]}", text[cut:]]
    width = sum(map(cell_len, parts))
    size = Size(width + 1, 1)
    row = [Segment(parts[0], RED), Segment(parts[1], BLUE), Segment("|")]
    frame.draw(update([row], size), size, CONSOLE)
    assert frame._texts[0][width:] == ["|"]
    assert "".join(frame._texts[0]) == f"a{text}|"


@given(st.lists(st.sampled_from(EMOJI)).map("".join), st.integers(0, 20))
def test_a_text_is_cut_to_exactly_its_cells(text: str, cut: int) -> None:
    split_between_characters()
    width = cell_len(text)
    before, behind = Segment(text).split_cells(min(cut, width))
    assert before.cell_length == min(cut, width)
    assert before.cell_length + behind.cell_length == width


@given(
    st.lists(st.lists(st.sampled_from(EMOJI)).map("".join), min_size=1, max_size=3),
    st.integers(0, 2),
)
def test_what_follows_emoji_stays_where_their_parts_are_drawn_one_by_one(
    texts: list[str], behind: int
) -> None:
    frame, room = TerminalFrame(), SIZE.width - 1 - behind
    rows = [[Segment(f"{set_cell_size(text, room)}|{'xy'[:behind]}")] for text in texts]
    cells = terminal(*(draw(frame, row, [Segment("below")]) for row in rows))
    assert "".join(cell[0] for cell in cells[0][room:]) == f"|{'xy'[:behind]}"
    assert "".join(cell[0] for cell in cells[1]).startswith("below")


@given(st.text())
def test_no_control_character_is_ever_written(text: str) -> None:
    assert not _controls("".join(split_cells(text)))
    output = draw(TerminalFrame(), [Segment(text)])
    assert _controls(_SEQUENCE.sub("", output)) <= {*"\b\r\n"}, "but to move"


def _controls(text: str) -> set[str]:
    return {char for char in text if char < " " or "\x7f" <= char < "\xa0"}


def test_another_size_and_a_terminal_that_may_show_anything_are_written_whole() -> None:
    frame = TerminalFrame()
    first = draw(frame, [Segment("abc")])
    frame.forget()
    assert draw(frame, [Segment("abc")]) == first
    wide = Size(20, 4)
    output = frame.draw(update([[Segment("abc")]], wide), wide, CONSOLE).text
    assert output.count(" ") == 77


# In an app


_POINTER_SHAPE = "\x1b]22;"


class Box(ModalScreen[None]):
    """A dialog that is filled in several steps."""

    DEFAULT_CSS = "Box Static { width: 20; height: 3; }"
    BINDINGS = [("x", "change", "Change")]

    def compose(self) -> ComposeResult:
        yield Static("mounted")

    def on_mount(self) -> None:
        self.call_after_refresh(self._show, "laid out")
        self.run_worker(self._work)

    def action_change(self) -> None:
        self._show("changed")

    async def _work(self) -> None:
        await asyncio.sleep(0)
        self.call_after_refresh(self._show, "complete")

    def _show(self, text: str) -> None:
        self.query_one(Static).update(text)


class Host(FrameApp[None]):
    """Writes as to a real terminal."""

    CSS = "ModalScreen { background: transparent; }"
    is_headless = False  # type: ignore[assignment]

    def compose(self) -> ComposeResult:
        yield Static("below " * 9)


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Pilot[None], list[str]]]:
    """A host, and the frames that it writes."""
    app = Host()
    async with app.run_test(size=(60, 6)) as pilot:
        await pilot.pause()
        written: list[str] = []

        def write(text: str) -> None:
            if not text.startswith(_POINTER_SHAPE):
                written.append(text)

        assert app._driver is not None
        app._driver.write = write  # type: ignore[method-assign]
        yield pilot, written


def words(frames: list[str]) -> str:
    return _SEQUENCE.sub(" ", "".join(frames)).replace("\b", " ")


async def test_a_dialog_is_written_once_it_is_complete() -> None:
    async with running() as (pilot, frames):
        pilot.app.push_screen(Box())
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        await pilot.pause()
        assert len(frames) == 1
        assert "complet" in frames[0], "it covers an e"
        assert "below" not in words(frames), "what it does not cover stays"
        await pilot.press("x")
        await pilot.pause()
        assert len(frames) == 2
        assert "hanged" in frames[1]


async def test_each_dialog_is_written_where_tasks_start_eagerly() -> None:
    async with running() as (pilot, frames):
        start_eagerly("FrameApp._open")
        for _ in range(2):
            pilot.app.push_screen(Box())
            await pilot.pause()
            await wait_until(pilot, lambda: "complet" in "".join(frames))
            pilot.app.pop_screen()
            await pilot.pause()
            await wait_until(pilot, lambda: "below" in words(frames))
            frames.clear()


async def test_what_a_dialog_has_covered_is_written_when_it_closes() -> None:
    async with running() as (pilot, frames):
        pilot.app.push_screen(Box())
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        frames.clear()
        pilot.app.pop_screen()
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        assert words(frames).split() == ["below", "below", "below", "be"]


async def test_a_change_of_nothing_writes_nothing() -> None:
    async with running() as (pilot, frames):
        pilot.app.screen.refresh(layout=True)
        await pilot.pause()
        assert frames == []


async def test_a_frame_is_marked_as_one_if_it_is_long() -> None:
    async with running() as (pilot, frames):
        app = pilot.app
        app._sync_available = True
        app.query_one(Static).update("few\nbytes")
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        assert SYNC_START not in "".join(frames)
        frames.clear()
        app.query_one(Static).update("many bytes" * 30)
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        (frame,) = frames
        assert frame.startswith(SYNC_START)
        assert frame.endswith(SYNC_END)


async def test_everything_is_written_after_a_resize_and_after_another_program() -> None:
    async with running() as (pilot, frames):
        await pilot.resize_terminal(61, 6)
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        assert words(frames).count("below") == 9
        frames.clear()
        pilot.app.redraw()
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        assert words(frames).count("below") == 9


async def test_everything_is_written_when_the_terminal_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running() as (pilot, frames):
        driver = pilot.app._driver
        assert driver is not None
        monkeypatch.setattr(type(driver), "can_suspend", True)
        driver.suspend_application_mode = driver.resume_application_mode = lambda: None
        with pilot.app.suspend():
            frames.clear()
        await pilot.pause()
        await wait_until(pilot, lambda: frames)
        assert words(frames).count("below") == 9


@given(st.sampled_from(NAMED), st.sampled_from([None, *NAMED]), st.booleans())
def test_the_pen_reads_the_names_of_colors_as_textual_does(
    text: str, ground: str | None, dim: bool
) -> None:
    style = Style(color=text, bgcolor=ground, dim=dim)
    by_textual = ANSIToTruecolor(MONOKAI).truecolor_style(style, BLACK)
    colors = ColorSystem.TRUECOLOR
    assert sgr(style, colors, MONOKAI) == sgr(by_textual, colors)


async def test_no_line_is_searched_for_named_colors_before_it_is_drawn() -> None:
    app = FrameApp[None]()
    async with app.run_test():
        assert app.get_line_filters()  # What Textual draws itself.
        with mock.patch.object(FrameApp, "is_headless", False):
            assert not app.get_line_filters()
            app._filters.append(NoColor())
            assert len(app.get_line_filters()) == 2
