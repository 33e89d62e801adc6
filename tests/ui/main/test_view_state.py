"""What is looked at belongs to the request: tabs, and what is seen of a response."""

from __future__ import annotations

from pathlib import Path

import httpx

from mixtui.ui.chart.view import ChartView
from mixtui.ui.main.screen import MainScreen
from tests.ui.app import main, make_app, settled, write_request
from tests.ui.driver import wait_until
from tests.ui.response.test_pane import CHART

READ = 'name = "{0}"\nmethod = "GET"\napi = "query"\nurl = "/{0}"\n'
WRITE = """\
name = "{0}"
method = "POST"
api = "ingestion"
url = "/{0}"
[body]
type = "json"
text = "[]"
"""


def write(root: Path, *names: str, text: str = READ) -> list[Path]:
    return [write_request(root, f"{name}.toml", text.format(name)) for name in names]


def request_tab(screen: MainScreen) -> str:
    return screen.request_pane.tab_bar.active


async def test_each_request_opens_on_its_content_or_on_the_tab_chosen_for_it(
    tmp_path: Path,
) -> None:
    read, other = write(tmp_path, "read", "other")
    (write_,) = write(tmp_path, "write", text=WRITE)
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        store = screen.collection.store

        async def opened(path: Path | None) -> str:
            screen.collection.show(path and store.open(path))
            await pilot.pause()
            pane = screen.request_pane
            assert pane.switcher.current == f"edit-{pane.tab_bar.active}"
            return request_tab(screen)

        assert await opened(read) == "query"
        assert await opened(write_) == "body"
        assert await opened(read) == "query"
        screen.set_focus(screen.request_pane.tab_bar)
        await pilot.press("right", "right")
        assert request_tab(screen) == "headers"
        assert await opened(other) == "query"
        assert await opened(write_) == "body"
        assert await opened(read) == "headers"
        assert await opened(None) == "query"


async def test_a_tab_that_was_chosen_stays_with_a_request_that_is_renamed(
    tmp_path: Path,
) -> None:
    read, other = write(tmp_path, "read", "other")
    async with make_app(tmp_path).run_test() as pilot:
        screen, collection = main(pilot), main(pilot).collection
        collection.show(collection.store.open(read))
        await screen.request_pane.focus_tab("options")
        renamed = read.with_name("renamed.toml")
        read.rename(renamed)
        collection.follow_file(renamed)
        collection.show(collection.store.open(other))
        assert request_tab(screen) == "query"
        collection.show(collection.store.open(renamed))
        await pilot.pause()
        assert request_tab(screen) == "options"


async def test_each_response_is_looked_at_in_the_tab_chosen_for_its_request(
    tmp_path: Path,
) -> None:
    chart, other = write(tmp_path, "chart", "other")

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=CHART if "chart" in str(request.url) else "{}")

    async with make_app(tmp_path, handler).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        collection, pane = screen.collection, screen.response_pane

        async def sent(path: Path) -> None:
            collection.show(collection.store.open(path))
            await pilot.press("f5")
            await settled(pilot)

        await sent(chart)
        pane.tabs.active = "chart"
        await wait_until(pilot, lambda: pane.query(ChartView))
        await sent(other)
        assert pane.tabs.active == "body"
        collection.show(collection.store.open(chart))
        await wait_until(pilot, lambda: pane.query_one(ChartView).charts)
        assert pane.tabs.active == "chart"
        assert pane.query_one(".content.-shown") is pane.query_one(ChartView)
