"""The line for a search: typing, switches, counts, mistakes."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from mixtui.document.search import SearchQuery
from mixtui.ui.widgets.search_bar import SearchBar
from tests.ui.driver import screen_lines, type_text


class Host(App[None]):
    """A bar, and a field behind it that could take the focus."""

    def __init__(self, query: SearchQuery | None = None) -> None:
        super().__init__()
        self._asked = query
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield SearchBar(self._asked)
        yield Input(id="other")

    def on_search_bar_changed(self, message: SearchBar.Changed) -> None:
        self.heard.append(message)

    def on_search_bar_submitted(self, message: SearchBar.Submitted) -> None:
        self.heard.append(message)

    def on_search_bar_closed(self, message: SearchBar.Closed) -> None:
        self.heard.append(message)

    def on_mount(self) -> None:
        self.bar.take_focus()

    @property
    def bar(self) -> SearchBar:
        return self.query_one(SearchBar)

    @property
    def rows(self) -> list[str]:
        return screen_lines(self)


async def test_typed_text_is_posted_with_its_pattern() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "ab")
        last = app.heard[-1]
        assert isinstance(last, SearchBar.Changed)
        assert last.query == SearchQuery("ab")
        assert last.pattern is not None
        assert list(last.pattern.spans(b"xAB")) == [(1, 3)]
        assert app.rows[0].startswith("/ ab")
        assert app.rows[0].endswith("[ ] Aa [ ] .*")


async def test_tab_goes_round_and_space_flips() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a", "tab", "space", "tab", "space")
        await pilot.pause()
        assert app.bar.query_asked == SearchQuery("a", case=True, regex=True)
        assert "[x] Aa [x] .*" in app.rows[0]
        await pilot.press("tab", "b", "shift+tab", "space")
        await pilot.pause()
        assert app.bar.query_asked == SearchQuery("ab", case=True)


async def test_enter_and_escape_act_wherever_the_focus_is() -> None:
    app = Host(SearchQuery("a"))
    async with app.run_test() as pilot:
        for tabs in range(3):
            app.bar.take_focus()
            await pilot.press(*["tab"] * tabs, "enter", "escape")
            await pilot.pause()
            kinds = [type(message) for message in app.heard]
            assert kinds == [SearchBar.Submitted, SearchBar.Closed], tabs
            app.heard.clear()


async def test_a_mistake_is_a_sentence_until_it_is_mended() -> None:
    app = Host(SearchQuery("", regex=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "[a")
        last = app.heard[-1]
        assert isinstance(last, SearchBar.Changed)
        assert last.pattern is None
        assert app.rows[1].startswith("Not a valid regular expression: unterminated")
        await type_text(pilot, "]")
        await pilot.pause()
        assert not app.rows[1].startswith("This")
        assert app.bar.pattern is not None


COUNTS = [
    (3, 1204, True, False, "3 of 1,204"),
    (1, 1204, True, True, "1 of 1,204 wrapped"),
    (3, 12, False, False, "3 of 12…"),
    (0, 12, False, False, "12…"),
    (0, 0, False, False, "searching…"),
    (0, 0, True, False, "no matches"),
]


async def test_the_count_is_in_words() -> None:
    app = Host(SearchQuery("a"))
    async with app.run_test(size=(40, 10)) as pilot:
        for at, total, complete, wrapped, words in COUNTS:
            await pilot.press("a")
            app.bar.show_matches(at, total, complete=complete, wrapped=wrapped)
            await pilot.pause()
            assert app.rows[0].endswith(f".* {words}")
            assert app.rows[0].startswith("/ a "), words
            await pilot.press("backspace")
            await pilot.pause()
            assert str(app.bar.query_one("#count", Static).content) == "", words


async def test_editing_keys_stay_with_the_field() -> None:
    app = Host(SearchQuery("abc"))
    async with app.run_test() as pilot:
        await pilot.press("home", "ctrl+k", "z")
        await pilot.pause()
        assert app.bar.query_asked == SearchQuery("z")


async def test_no_key_and_no_shorter_count_lays_the_screen_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "a")
        app.bar.show_matches(456_789, 1_234_567, complete=False)
        await pilot.pause()
        layouts: list[Screen[object]] = []
        monkeypatch.setattr(Screen, "_refresh_layout", layouts.append)
        for number in (1, 23, 456_789):
            await type_text(pilot, "a")
            app.bar.show_matches(number, 1_234_567, complete=False)
            await pilot.pause()
        assert not layouts
        assert "456,789 of 1,234,567…" in app.rows[0]
