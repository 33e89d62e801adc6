from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input, Static

from mixtui.actions import ACTIONS
from mixtui.model.errors import ExitStatus
from mixtui.request.templates import BUILT_IN_NAMES
from mixtui.ui.help.screen import HelpScreen, Section, search, sections

PAGE = sections(ACTIONS, Path("/config"), Path("/collection"))
NOTHING = object()


class Host(App[None]):
    """Shows the help page."""

    closed = False

    def on_mount(self) -> None:
        self.push_screen(HelpScreen(), self.done)

    def done(self, result: None) -> None:
        self.closed = True


def text(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#page Static", Static).render())


def everything(page: tuple[Section, ...]) -> str:
    return "\n".join(
        part
        for each in page
        for part in (each.title, *(" ".join(r) for r in each.rows))
    )


def test_every_action_is_there_with_its_keys() -> None:
    rows = [row for section in PAGE for row in section.rows]
    for action in ACTIONS:
        assert any(
            keys == (action.keys_text or "palette") and action.help in words
            for keys, words in rows
        ), action.id


def test_the_keys_are_those_people_chose() -> None:
    mine = tuple(replace(a, keys=("f3",)) if a.id == "send" else a for a in ACTIONS)
    page = sections(mine, Path("/config"), Path("/collection"))
    assert page[0].rows[0][0] == "f3"


def test_every_template_and_exit_status_is_explained() -> None:
    words = everything(PAGE)
    for name in BUILT_IN_NAMES:
        assert f"{{{{{name}}}}} " in words
    statuses = {str(v) for k, v in vars(ExitStatus).items() if k.isupper()}
    found = next(s for s in PAGE if s.title.startswith("Exit status"))
    assert {row[0] for row in found.rows} == statuses


def test_the_files_are_named_where_they_are() -> None:
    words = everything(PAGE)
    for path in ("/config/config.toml", "/config/environments.toml", "/collection"):
        assert path in words


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("", [section.title for section in PAGE]),
        ("MOVE row", ["Query and header rows"]),
        ("quota exceeded", ["Exit status of mixtui send"]),
        ("no such thing", []),
    ],
)
def test_a_search_finds_rows_that_hold_every_word(
    words: str, titles: list[str]
) -> None:
    assert [section.title for section in search(PAGE, words)] == titles


async def test_typing_searches_and_escape_first_clears() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "Saved requests" in text(pilot)
        await pilot.press(*"quota?")
        assert text(pilot) == "No matches."
        await pilot.press("backspace")
        assert "quota exceeded" in text(pilot)
        assert "Saved requests" not in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "Saved requests" in text(pilot)
        assert not app.closed
        await pilot.press("escape")
        await pilot.pause()
        assert app.closed


async def test_f1_closes_it_again() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(*"abc", "f1")
        await pilot.pause()
        assert app.closed


async def test_the_page_scrolls_while_the_field_has_the_focus() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        page = app.screen.query_one("#page", VerticalScroll)
        await pilot.press("down", "down", "up")
        assert page.scroll_y == 1
        await pilot.press("pagedown")
        assert page.scroll_y > 5
        await pilot.press("ctrl+end")
        assert page.scroll_y == page.max_scroll_y
        await pilot.press("ctrl+home")
        assert page.scroll_y == 0
        assert isinstance(app.focused, Input)
        assert not app.focused.cursor_blink


async def test_no_line_is_wider_than_its_place() -> None:
    app = Host()
    async with app.run_test(size=(120, 40)) as pilot:
        for size in ((120, 40), (60, 20), (80, 24), (40, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            width = app.screen.query_one("#page Static").size.width
            assert max(map(len, text(pilot).split("\n"))) <= width <= size[0], size
