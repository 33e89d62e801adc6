"""Folding and searching in the viewer of a response."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import product

import pytest
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot

from mixtui.document import layout as lines
from mixtui.document.document import Document, read
from mixtui.document.search import Match, Pattern, Search
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.response.view import ResponseView, SearchStatus
from tests.document.growing import GrowingBody
from tests.ui.driver import post_keys, workers_done

BODY = {
    "results": [{"id": n, "city": "Köln", "tags": ["x", n]} for n in range(1, 31)],
    "status": "ok",
}
TREE = read(json.dumps(BODY, ensure_ascii=False).encode())
NUMBERED = read("\n".join(f"line {n}" for n in range(1, 1001)).encode(), "text/plain")


class Host(OrderedInputApp[None]):
    """A viewer alone, and what it told."""

    def __init__(self, document: Document | None) -> None:
        super().__init__()
        self.view = ResponseView()
        self.view.document = document
        self.moved = 0
        self.statuses: list[SearchStatus | None] = []

    def compose(self) -> ComposeResult:
        yield self.view

    def on_mount(self) -> None:
        self.view.focus()

    @on(ResponseView.CursorMoved)
    def _moved(self) -> None:
        self.moved += 1

    @on(ResponseView.Searched)
    def _searched(self, event: ResponseView.Searched) -> None:
        self.statuses.append(event.status)

    def rows(self) -> list[str]:
        height = self.view.scrollable_content_region.height
        return [self.view.render_line(y).text.rstrip() for y in range(height)]

    def texts(self) -> list[str]:
        """The rows without their numbers."""
        return [row[self.view._gutter :].strip() for row in self.rows()]

    def at_cursor(self) -> str:
        """The row that is drawn as the cursor's."""
        height = self.view.scrollable_content_region.height
        strips = [self.view.render_line(y) for y in range(height)]
        (row,) = [s for s in strips if next(iter(s)).style.bold]
        return row.text[self.view._gutter :].strip()

    def reversed(self) -> list[str]:
        """What is drawn as the match that the cursor is at."""
        height = self.view.scrollable_content_region.height
        strips = [self.view.render_line(y) for y in range(height)]
        return [
            s.text for strip in strips for s in strip if s.style and s.style.reverse
        ]

    def highlighted(self) -> list[str]:
        """What is drawn as a match, and not the current one."""
        ground = self.view.get_component_rich_style("response--match").bgcolor
        height = self.view.scrollable_content_region.height
        strips = [self.view.render_line(y) for y in range(height)]
        return [
            s.text
            for strip in strips
            for s in strip
            if s.style and s.style.bgcolor == ground and not s.style.reverse
        ]

    @property
    def status(self) -> SearchStatus | None:
        return self.statuses[-1]


async def done(pilot: Pilot[None]) -> None:
    """Wait until searching and folding have ended."""
    await pilot.pause()
    await workers_done(pilot.app)
    await pilot.pause()


def search(app: Host, pattern: str, *, go: bool = True) -> None:
    app.view.search(Pattern(re.compile(pattern, re.MULTILINE)), go=go)


both = pytest.mark.parametrize("wrap", [False, True], ids=["scrolled", "wrapped"])

# Folding


@both
async def test_space_folds_what_the_cursor_is_in_and_opens_it_again(wrap: bool) -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.wrap = wrap
        await pilot.press("down", "down", "down", "down")
        before = app.rows()
        assert app.at_cursor() == '"city": "Köln",'
        await pilot.press("space")
        assert app.at_cursor() == "{ … 3 keys },"
        assert app.rows()[2:4] == ["  3      { … 3 keys },", " 11      {"]
        await pilot.press("space")
        assert app.at_cursor() == "{"
        assert app.rows() == before


async def test_a_closing_bracket_folds_what_it_closes() -> None:
    app = Host(read(b'{"a": [1, 2, 3], "b": {}}'))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*["down"] * 5)
        assert app.at_cursor() == "],"
        await pilot.press("space")
        assert app.at_cursor() == '"a": [ … 3 items ],'
        await pilot.press("down", "space")
        assert app.at_cursor() == "{ … 2 keys }"
        await pilot.press("space", "down")
        assert app.at_cursor() == '"a": [ … 3 items ],', "the inner one stays folded"


_CITY_AND_TAGS = ['"city": "Köln",', '"tags": [ … 2 items ]']
KEYS_AND_LEVELS = [
    ("1 minus", ["{", '"results": [ … 30 items ],', '"status": "ok"', "}"]),
    ("minus", ["{", '"results": [ … 30 items ],', '"status": "ok"', "}"]),
    ("2 minus", ["{", '"results": [', "{ … 3 keys },", "{ … 3 keys },"]),
    ("3 minus", ["{", '"results": [', "{", '"id": 1,', *_CITY_AND_TAGS]),
]


@both
async def test_a_level_is_folded(wrap: bool) -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.wrap = wrap
        for key, shows in KEYS_AND_LEVELS:
            await pilot.press(*key.split())
            await done(pilot)
            assert app.texts()[: len(shows)] == shows, key
            await pilot.press("plus")
            await done(pilot)
            assert app.view.view.row_count == TREE.line_count, key
            assert not app.view.view.folds, key


@both
async def test_the_cursor_keeps_its_line_and_its_place_on_the_screen(
    wrap: bool,
) -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.wrap = wrap
        app.view.go_to_line(130)
        await pilot.press("down", "down")
        where, line = app.texts().index(app.at_cursor()), app.view.cursor_line
        assert app.at_cursor() == '"city": "Köln",'
        await pilot.press("3", "minus")
        await done(pilot)
        assert app.view.cursor_line == line
        assert app.at_cursor() == '"city": "Köln",'
        await pilot.press("2", "minus")
        await done(pilot)
        assert app.view.cursor_line == line - 2, "its object holds it"
        assert app.at_cursor() == "{ … 3 keys },"
        height = app.view.scrollable_content_region.height
        strips = [app.view.render_line(y) for y in range(height)]
        (row,) = [y for y, s in enumerate(strips) if next(iter(s)).style.bold]
        assert row == where
        await pilot.press("plus")
        await done(pilot)
        assert app.view.cursor_line == line - 2


async def test_folding_posts_the_new_position_of_the_cursor_once() -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("down", "down", "down")
        told = app.moved
        await pilot.press("space")
        await pilot.pause()
        assert app.moved == told + 1


async def test_where_nothing_can_be_folded_nothing_happens() -> None:
    app = Host(None)
    async with app.run_test(size=(60, 12)) as pilot:
        for body in (b"a,b\n1,2\n", b"1", b""):
            app.view.document = read(body)
            await pilot.pause()
            before, told = app.rows(), app.moved
            await pilot.press("space", "minus", "2", "minus", "plus")
            await done(pilot)
            assert app.rows() == before, body
            assert app.moved <= told + 2, body
            assert app.view.path is None or app.view.path == (), body


async def test_an_object_whose_end_has_not_come_is_not_folded() -> None:
    body = GrowingBody(b'{"results":\n[' + b'{"a": 1}, ' * 2000)
    app = Host(body.document)
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.press("space")
        assert app.texts()[0] == "{"
        await pilot.press("down", "down", "space")
        assert app.texts()[2] == "{ … 1 key },"
        await pilot.press("2", "minus")
        await done(pilot)
        folded = app.view.view.folds.hidden
        assert folded > 1000
        body.append(b'{"b": 2}, ' * 20_000)
        app.view.grown()
        await pilot.press("G")
        assert app.view.view.folds.hidden == folded
        assert app.texts()[-1] == "},"


# Paths


async def test_the_path_is_that_of_the_value_under_the_cursor() -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        assert app.view.path == ()
        await pilot.press("down", "down", "down", "down")
        assert app.view.path == ("results", 0, "city")
        await pilot.press("2", "minus")
        await done(pilot)
        assert app.view.path == ("results", 0)
        await pilot.press("down", "down")
        assert app.view.path == ("results", 2)


async def test_what_is_not_json_has_no_paths() -> None:
    app = Host(None)
    async with app.run_test(size=(60, 12)) as pilot:
        assert app.view.path is None
        app.view.document = NUMBERED
        await pilot.pause()
        assert app.view.path is None


# Searching


@both
async def test_a_search_goes_to_the_first_match_and_marks_all(wrap: bool) -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.wrap = wrap
        search(app, "line [67]")
        await done(pilot)
        assert app.view.cursor_line == 5
        assert app.reversed() == ["line 6"]
        assert app.highlighted() == ["line 7"]
        assert app.status == SearchStatus(1, 222, complete=True)


async def test_it_starts_at_the_cursor() -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.go_to_line(500)
        search(app, "line 1")
        await done(pilot)
        assert app.view.cursor_line == 999
        assert app.status == SearchStatus(112, 112, complete=True)


async def test_a_search_may_leave_the_cursor_where_it_is() -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "line 3", go=False)
        await done(pilot)
        assert app.view.cursor_line == 0
        assert app.highlighted() == ["line 3"]
        assert app.status == SearchStatus(None, 111, complete=True)


@pytest.mark.parametrize("wait", [False, True], ids=["a burst", "one by one"])
async def test_steps_are_taken_one_after_the_other(wait: bool) -> None:
    app = Host(read(b"a a\nb\na\nb a", "text/plain"))
    places = []
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "a")
        await done(pilot)
        for step in (1, 1, 1, 1, -1, -1, -1, -1, -1, 1, 1, 3, -2, 4, -1):
            app.view.find(step)
            if wait:
                await done(pilot)
                places.append(app.status.number)
        await done(pilot)
        if wait:
            assert places == [2, 3, 4, 1, 4, 3, 2, 1, 4, 1, 2, 1, 3, 3, 2]
        assert app.status.number == 2
        assert app.view._match == Match(0, 2, 3)


async def test_a_search_that_wraps_around_is_reported() -> None:
    app = Host(read(b"a\nb\na", "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "a")
        await done(pilot)
        words = []
        for step in (1, 1, -1, -1):
            app.view.find(step)
            await done(pilot)
            words.append(app.status.wrapped)
        assert words == ["", "wrapped to top", "wrapped to bottom", ""]


async def test_the_only_match_is_found_again_the_other_way_round() -> None:
    app = Host(read(b"b\na\nb", "text/plain"))
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "a")
        await done(pilot)
        for step, words in ((1, "wrapped to top"), (-1, "wrapped to bottom")):
            app.view.find(step)
            await done(pilot)
            assert app.status == SearchStatus(1, 1, complete=True, wrapped=words)


async def test_where_nothing_is_found_the_cursor_stays() -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("down", "down")
        search(app, "nothing")
        app.view.find(1)
        await done(pilot)
        assert app.view.cursor_line == 2
        assert app.status == SearchStatus(None, 0, complete=True)


@both
async def test_a_match_in_a_fold_opens_it(wrap: bool) -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.wrap = wrap
        await pilot.press("2", "minus")
        await done(pilot)
        await pilot.press("1", "minus")
        await done(pilot)
        search(app, '"id": 20,')
        await done(pilot)
        assert app.view.path == ("results", 19, "id")
        assert app.at_cursor() == '"id": 20,'
        assert "".join(app.reversed()) == '"id": 20,'


@both
async def test_a_match_in_a_long_line_is_brought_into_sight(wrap: bool) -> None:
    app = Host(None)
    async with app.run_test(size=(60, 12)) as pilot:
        app.view.wrap = wrap
        for unit, times in product(("0123456789", "日本語テキスト🙂é1"), (20, 2000)):
            text = unit * times + "needle" + unit * times
            body = f"first\n{text}\nlast needle".encode()
            app.view.document = read(body, "text/plain")
            await pilot.pause()
            search(app, "needle")
            await done(pilot)
            assert app.view.cursor_line == 1, (unit, times)
            assert "".join(app.reversed()) == "needle", (unit, times)
            app.view.find(1)
            await done(pilot)
            assert app.reversed() == ["needle"], (unit, times)
            assert app.view.cursor_line == 2, (unit, times)
            assert app.view.scroll_x == 0, (unit, times)


async def test_marks_stand_where_the_text_is() -> None:
    text = "\t日本\x1b語 ab\tab 🙂ab" + "·" * 60
    app = Host(read(text.encode(), "text/plain"))
    async with app.run_test(size=(30, 6)) as pilot:
        search(app, "ab")
        await done(pilot)
        for moves in range(4):
            assert app.reversed() in (["ab"], ["b"], []), moves
            assert {"ab", "b"} >= set(app.highlighted()), moves
            await pilot.press("right")
        assert app.view.scroll_x == 32


@both
async def test_a_match_is_marked_over_the_end_of_a_row(wrap: bool) -> None:
    app = Host(read(b"x" * 30 + b"needle" + b"x" * 30, "text/plain"))
    async with app.run_test(size=(36, 6)) as pilot:
        app.view.wrap = wrap
        await pilot.pause()
        search(app, "needle", go=False)
        await done(pilot)
        marked = "".join(app.highlighted())
        assert marked == ("needle" if wrap else "need"[: app.view._text_width - 30])


async def test_another_search_replaces_the_previous_one() -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        for pattern in ("l", "li", "lin", "line 5", "line 50"):
            search(app, pattern)
        await done(pilot)
        assert app.view.cursor_line == 49
        assert app.status == SearchStatus(1, 11, complete=True)
        app.view.search(None)
        await done(pilot)
        assert app.status is None
        assert app.status is None
        assert app.highlighted() == app.reversed() == []
        app.view.find(1)
        await done(pilot)
        assert app.view.cursor_line == 49


async def test_another_document_ends_a_search() -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.go_to_line(900)
        search(app, "line")
        app.view.document = read(b"line", "text/plain")
        await done(pilot)
        app.view.find(1)
        await done(pilot)
        assert app.status is None
        assert app.view.cursor_line == 0
        assert app.reversed() == []


async def test_what_comes_during_a_search_is_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lines, "BLOCK", 64)
    monkeypatch.setattr("mixtui.ui.response.view._PAUSE", 0)
    body = GrowingBody(b"one\ntwo\n" * 40, "text/csv")
    app = Host(body.document)
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "two")
        await pilot.pause()
        while not app.statuses or app.status.matches < 20:
            await pilot.pause()
        assert not app.status.complete
        assert app.view.cursor_line == 1
        body.append(b"one\ntwo\n" * 40, final=True)
        body.document.complete = True
        await done(pilot)
        assert app.status == SearchStatus(1, 80, complete=True)
        app.view.find(-1)
        await done(pilot)
        assert app.view.cursor_line == 159, "also what the viewer was not told of yet"
        assert app.at_cursor() == "two"


async def test_a_long_search_ends_with_another(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = 0

    def walk(self: Search, line: int, start: int) -> Iterator[Match | None]:
        nonlocal endless
        while any(self.pattern.spans_in_text("endless")):
            endless += 1
            yield None
        yield Match(7, 0, 4)

    monkeypatch.setattr(Search, "after", walk)
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "endless")
        await pilot.pause()
        while not endless:
            await pilot.pause()
        search(app, "line")
        await done(pilot)
        assert app.view.cursor_line == 7


async def test_no_status_is_posted_twice() -> None:
    app = Host(NUMBERED)
    async with app.run_test(size=(40, 10)) as pilot:
        search(app, "line 2$")
        await done(pilot)
        assert app.status == SearchStatus(1, 1, complete=True)
        told = len(app.statuses)
        assert len(set(map(repr, app.statuses))) == told
        await pilot.press("down", "up")
        await pilot.pause(0.05)
        assert len(app.statuses) == told


async def test_keys_in_one_burst_fold_and_move_in_their_order() -> None:
    app = Host(TREE)
    async with app.run_test(size=(60, 12)) as pilot:
        post_keys(app, "down", "down", "space", "down", "space", "down")
        await pilot.pause()
        assert app.texts()[2:5] == ["{ … 3 keys },", "{ … 3 keys },", "{"]
        assert app.view.path == ("results", 2)
