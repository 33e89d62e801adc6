from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.actions import ACTIONS, Scope, in_scope
from mixtui.page import PageSection
from mixtui.topics import TOPICS
from mixtui.ui.help.places import PLACES
from mixtui.ui.help.screen import HERE, KEYS, HelpScreen, Page, help_pages, search

PAGES = help_pages(ACTIONS, PLACES["DraftRows"])
EVERYTHING = tuple(section for page in PAGES.values() for section in page)


class Host(App[None]):
    """Shows the help for rows."""

    closed = False

    def on_mount(self) -> None:
        self.push_screen(HelpScreen(place=PLACES["DraftRows"]), self.done)

    def done(self, result: None) -> None:
        self.closed = True


def text(pilot: Pilot[None]) -> str:
    screen = pilot.app.screen
    assert isinstance(screen, HelpScreen)
    return screen.page.text


def rows(page: Page) -> set[tuple[str, str]]:
    return {(row.name, row.text) for section in page for row in section.rows}


def test_every_action_has_a_row_with_its_keys() -> None:
    shown = rows(PAGES[KEYS])
    for action in ACTIONS:
        if action.keys:
            assert (action.keys_text, action.help) in shown, action.id
        else:
            assert ("palette", f"{action.label}: {action.help}") in shown, action.id


def test_the_keys_are_those_people_chose() -> None:
    mine = tuple(replace(a, keys=("f3",)) if a.id == "send" else a for a in ACTIONS)
    pages = help_pages(mine, None)
    assert pages[KEYS][0].rows[0].name == "f3"


def test_the_first_page_explains_what_has_the_focus_and_its_keys_commands_first() -> (
    None
):
    assert next(iter(PAGES)) == HERE
    about, own, general = PAGES[HERE]
    assert about.rows[0].text == PLACES["DraftRows"].explanation
    actions = in_scope(Scope.ROWS)
    assert {row.text for row in own.rows} >= {action.help for action in actions}
    assert own.rows[0].name == "a"
    assert own.rows[-1].name == "end, G"
    assert "f5" in general.rows[0].name


def test_without_a_place_the_first_page_lists_the_keys() -> None:
    assert next(iter(help_pages(ACTIONS, None))) == KEYS


def test_every_topic_has_a_page() -> None:
    assert list(PAGES)[2:] == [topic.id for topic in TOPICS]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("MOVE row up", {"Path, query and header rows", "Keys here"}),
        ("quota exceeded", {"Exit status of mixtui send"}),
        ("keyring system", {"Where a secret comes from"}),
        ("no such thing", set()),
    ],
)
def test_a_search_finds_rows_that_contain_every_word(
    words: str, titles: set[str]
) -> None:
    assert {section.title for section in search(EVERYTHING, words)} == titles


def test_a_search_for_nothing_finds_everything() -> None:
    assert search(EVERYTHING, " ") == EVERYTHING


async def test_typing_searches_all_pages_and_escape_first_clears() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert PLACES["DraftRows"].title in text(pilot)
        await pilot.press(*"quota?")
        assert text(pilot) == "No matches. Try fewer letters or another word."
        await pilot.press("backspace")
        assert "quota exceeded" in text(pilot)
        assert "Keys here" not in text(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "Keys here" in text(pilot)
        assert not app.closed
        await pilot.press("escape")
        await pilot.pause()
        assert app.closed


async def test_tab_shows_the_next_page_and_ends_a_search() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*"quota", "tab")
        await pilot.pause()
        assert text(pilot).startswith("Request")
        assert isinstance(app.focused, Input)
        assert app.focused.value == ""
        await pilot.press("tab")
        await pilot.pause()
        assert text(pilot).startswith("Environments")
        await pilot.press("shift+tab", "shift+tab", "shift+tab")
        await pilot.pause()
        assert text(pilot).startswith("Files")


async def test_the_page_scrolls_while_the_field_has_the_focus() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, HelpScreen)
        page = screen.page
        await pilot.press("down", "down", "up")
        assert page.scroll_y == 1
        await pilot.press("pagedown")
        assert page.scroll_y > 5
        await pilot.press("ctrl+end")
        assert page.scroll_y == page.max_scroll_y > 50
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
            screen = app.screen
            assert isinstance(screen, HelpScreen)
            width = screen.page.size.width
            assert max(map(len, text(pilot).split("\n"))) <= width <= size[0], size


def test_sections_of_a_page_have_titles_of_their_own() -> None:
    for page in PAGES.values():
        titles = [section.title for section in page]
        assert len(titles) == len(set(titles))
        assert all(isinstance(section, PageSection) for section in page)
