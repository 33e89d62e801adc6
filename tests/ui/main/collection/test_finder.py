"""Finding a saved request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.style import Style
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Method
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.model.errors import BrokenFile
from mixtui.storage.heads import RequestHead
from mixtui.storage.tree import RequestEntry
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.main.collection.finder import (
    FinderList,
    FinderScreen,
    KnownRequests,
    Library,
)
from mixtui.ui.widgets.text_page import TextPage
from tests.ui.app import main, make_app, write_request
from tests.ui.driver import (
    press,
    screen_lines,
    screen_text,
    type_text,
    wait_for_screen,
    wait_for_workers,
    wait_until,
    widget_lines,
)

ROOT = Path("/collection")
HEADS = {
    "Reports/weekly": RequestHead(
        "Weekly sign-ups",
        Method.GET,
        Api.QUERY,
        "/query/segmentation",
        "For the [b]Monday[/b]\nmeeting",
    ),
    "team-3/release": RequestHead(
        "Mark a release",
        Method.POST,
        Api.APP,
        "/projects/{projectId}/annotations",
        "",
    ),
    "top": RequestHead("Top events", Method.GET, Api.QUERY, "/query/events/top", ""),
    "broken": BrokenFile(ROOT / "broken.toml", "line 3: it is not valid TOML"),
}


class Shelf:
    """Saved requests that are read when a test says so."""

    def __init__(self, *, is_read: bool = True) -> None:
        self.heads = dict(HEADS) if is_read else {}
        self.is_read = asyncio.Event()
        if is_read:
            self.is_read.set()

    def known(self) -> KnownRequests:
        return [
            (RequestEntry(ROOT / f"{name}.toml", name.rpartition("/")[2]), head)
            for name, head in {**dict.fromkeys(HEADS), **self.heads}.items()
        ]

    async def wait_until_read(self) -> None:
        await self.is_read.wait()


class Host(OrderedInputApp[None]):
    """Opens the finder without the main screen, and keeps what is chosen."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__()
        self.results: list[Path | None] = []
        self._library = Library(
            ROOT, shelf.known, NO_ENVIRONMENT, shelf.wait_until_read, lambda: 0
        )

    def on_mount(self) -> None:
        self.push_screen(FinderScreen(self._library), self.results.append)


@asynccontextmanager
async def finder(
    text: str = "", *, shelf: Shelf | None = None, size: tuple[int, int] = (100, 24)
) -> AsyncIterator[tuple[Pilot[None], Host]]:
    app = Host(shelf or Shelf())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await type_text(pilot, text)
        await pilot.pause()
        yield pilot, app


def listed(app: Host) -> list[str]:
    """The rows of the list, without the cursor."""
    results = app.screen.query_one(FinderList)
    return [line[2:] for line in widget_lines(results) if line.strip()]


async def test_tags_and_favorites_are_listed_and_described() -> None:
    shelf = Shelf()
    top = HEADS["top"]
    assert isinstance(top, RequestHead)
    shelf.heads["top"] = replace(top, tags=("daily", "a b"), favorite=True)
    async with finder(shelf=shelf) as (pilot, app):
        await wait_for_workers(pilot)
        rows = listed(app)
        assert rows[0].startswith("GET    ★ Top events")
        assert "#daily #a b  /query/events/top" in rows[0]
        assert "★" not in "".join(rows[1:])
        assert "Tags         #daily #a b" in screen_text(pilot.app)
        await type_text(pilot, "#dai")
        await pilot.pause()
        assert [row.split()[2] for row in listed(app)] == ["Top"]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("weekly", ["Reports/Weekly sign-ups"]),
        ("team-3", ["team-3/Mark a release"]),
        ("annot", ["team-3/Mark a release"]),
        ("monday", ["Reports/Weekly sign-ups"]),
        ("segmentation-query", ["Reports/Weekly sign-ups"]),
        ("post", ["team-3/Mark a release"]),
        ("tpev", ["Top events"]),
        ("toml", ["broken"]),
    ],
)
async def test_requests_are_found_by_all_that_is_known_of_them(
    text: str, paths: list[str]
) -> None:
    async with finder(text) as (pilot, app):
        await wait_for_workers(pilot)
        assert len(listed(app)) == len(paths)
        assert all(p in row for p, row in zip(paths, listed(app), strict=True))


async def test_a_row_has_method_path_and_url() -> None:
    async with finder() as (_, app):
        row = listed(app)[1].split()
        assert row[:4] == ["POST", "team-3/Mark", "a", "release"]
        assert "/projects/{projectId}/annotations" in row


async def test_what_matches_is_bold_and_underlined() -> None:
    async with finder("week") as (_, app):
        strip = app.screen.query_one(FinderList).render_line(0)
        marked = [
            segment.text
            for segment in strip
            if (style := segment.style or Style()).bold and style.underline
        ]
        assert marked == ["Week"]


async def test_the_details_show_whole_what_a_row_cuts() -> None:
    async with finder("monday") as (pilot, app):
        await wait_for_workers(pilot)
        text = app.screen.query_one(TextPage).text
        assert "/query/segmentation" in text
        assert "(query.segmentation-query)" in text
        assert "For the [b]Monday[/b] meeting" in text


async def test_enter_gives_the_request_under_the_cursor() -> None:
    async with finder() as (pilot, app):
        await pilot.press("down", "enter")
        assert app.results == [ROOT / "team-3/release.toml"]


@pytest.mark.parametrize("key", ["escape", "ctrl+g"])
async def test_escape_gives_nothing(key: str) -> None:
    async with finder("week") as (pilot, app):
        await pilot.press(key)
        assert app.results == [None]


async def test_nothing_found_says_what_to_try() -> None:
    async with finder("zzzz") as (pilot, app):
        assert "0 of 4 saved requests" in screen_text(app)
        assert "No matching saved requests" in screen_text(app)
        await pilot.press("enter")
        assert app.results == []


async def test_what_is_read_later_is_found_and_the_cursor_stays() -> None:
    shelf = Shelf(is_read=False)
    async with finder(shelf=shelf) as (pilot, app):
        assert [row.split() for row in listed(app)][:2] == [
            ["Reports/weekly"],
            ["team-3/release"],
        ]
        await pilot.press("down")
        shelf.heads = dict(reversed(HEADS.items()))
        shelf.is_read.set()
        await wait_until(pilot, lambda: "Mark a release" in screen_text(app))
        await pilot.press("enter")
        assert app.results == [ROOT / "team-3/release.toml"]


async def test_the_end_of_a_long_path_stays_in_sight() -> None:
    shelf = Shelf()
    head = HEADS["top"]
    assert isinstance(head, RequestHead)
    name = "The end of a name that is long"
    shelf.heads["a/very/long/path/of/folders/x"] = replace(head, name=name)
    async with finder("end", shelf=shelf, size=(60, 20)) as (_, app):
        assert "…" in listed(app)[0]
        assert "a name that is long" in listed(app)[0]


async def test_a_small_terminal_shows_the_rows() -> None:
    async with finder(size=(40, 12)) as (_, app):
        text = "\n".join(screen_lines(app))
        for name in ("sign-ups", "Mark a release", "Top events", "broken"):
            assert name in text


REQUEST = 'name = "{}"\nmethod = "GET"\napi = "query"\nurl = "/query/{}"\n'


@pytest.mark.parametrize("keys", [["ctrl+g"], ["f2", "slash"]])
async def test_find_opens_a_request(tmp_path: Path, keys: list[str]) -> None:
    write_request(tmp_path, "team-3/a.toml", REQUEST.format("First", "events"))
    write_request(tmp_path, "b.toml", REQUEST.format("[/b] Second", "insights"))
    async with make_app(tmp_path).run_test() as pilot:
        await wait_for_workers(pilot)
        await pilot.press(*keys)
        await wait_for_screen(pilot, FinderScreen)
        await type_text(pilot, "insig")
        await press(pilot, "enter")
        assert main(pilot).draft.name == "[/b] Second"


async def test_keys_typed_ahead_find_too(tmp_path: Path) -> None:
    write_request(tmp_path, "team-3/a.toml", REQUEST.format("First", "events"))
    write_request(tmp_path, "b.toml", REQUEST.format("Second", "insights"))
    async with make_app(tmp_path).run_test() as pilot:
        await wait_for_workers(pilot)
        await type_text(pilot, "")
        await press(pilot, "ctrl+g", *"team", "enter")
        assert main(pilot).draft.name == "First"
