"""The panes, resized by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from mixtui.storage.pane_sizes import PaneSizes, load_pane_sizes, store_pane_sizes
from mixtui.ui.main.resize import ResizeOverlay
from tests.ui.app import main, make_app
from tests.ui.driver import press, screen_lines


def sizes(pilot: Pilot[int]) -> tuple[int, int, int]:
    """Columns of sidebar and request, rows of the request."""
    screen = main(pilot)
    request = screen.request_pane.outer_size
    return screen.query_one("#sidebar").outer_size.width, *request


async def resize(pilot: Pilot[int], *keys: str) -> None:
    await pilot.pause()
    main(pilot).action_resize()
    await wait_for_overlay(pilot)
    await pilot.press(*keys)
    await pilot.pause()


async def wait_for_overlay(pilot: Pilot[Any]) -> None:
    while not isinstance(pilot.app.screen, ResizeOverlay):
        await pilot.pause(0.01)


@pytest.mark.parametrize(
    ("size", "keys", "change"),
    [
        # Stacked: the sidebar's edge, the edge between request and response.
        ((120, 40), ["right", "right"], (4, -4, 0)),
        ((120, 40), ["h"], (-2, 2, 0)),
        ((120, 40), ["down", "j", "up"], (0, 0, 1)),
        # Side by side, tab changes the edge.
        ((180, 40), ["right"], (0, 2, 0)),
        ((180, 40), ["left", "left", "right"], (0, -2, 0)),
        ((80, 24), ["down", "down"], (0, 0, 2)),
        ((80, 24), ["left"], (0, 0, 0)),
    ],
)
async def test_arrows_move_the_edges(
    size: tuple[int, int], keys: list[str], change: tuple[int, int, int], tmp_path: Path
) -> None:
    async with make_app(tmp_path).run_test(size=size) as pilot:
        await pilot.pause()
        before = sizes(pilot)
        await resize(pilot, *keys)
        after = sizes(pilot)
        assert tuple(b - a for a, b in zip(before, after, strict=True)) == change


async def test_tab_moves_the_other_edge(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(180, 40)) as pilot:
        await pilot.pause()
        before = sizes(pilot)
        await resize(pilot, "tab", "right")
        assert sizes(pilot)[0] == before[0] + 2


@pytest.mark.parametrize("size", [(120, 40), (180, 40), (100, 20), (80, 24)])
@pytest.mark.parametrize("key", ["left", "right", "up", "down"])
async def test_no_pane_becomes_too_small(
    key: str, size: tuple[int, int], tmp_path: Path
) -> None:
    async with make_app(tmp_path).run_test(size=size) as pilot:
        await resize(pilot, *[key] * 80, "tab", *[key] * 80)
        screen = main(pilot)
        for selector in ("#url", "#request-tabs", "#response-tabs"):
            region = screen.query_one(selector).region
            assert region.area > 0, selector
            assert screen.region.contains_region(region), selector
        assert screen.response_pane.outer_size.width >= 30
        assert screen.response_pane.outer_size.height >= 6


async def test_zero_resets_and_any_other_key_ends(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        before = sizes(pilot)
        await resize(pilot, "right", "down", "0")
        assert sizes(pilot) == before
        await press(pilot, "x")
        assert pilot.app.screen is main(pilot)
        assert main(pilot).draft.url == ""


async def test_the_last_line_says_how_large_the_panes_are(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await resize(pilot, "right", "down")
        sidebar, _, rows = sizes(pilot)
        last = screen_lines(pilot.app)[-1]
        assert f"sidebar {sidebar} columns" in last
        assert f"request {rows} rows" in last
        assert "0 Reset" in last


async def test_sizes_are_remembered(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await resize(pilot, "right", "up", "escape")
        await press(pilot)
        chosen = sizes(pilot)
    assert load_pane_sizes() != PaneSizes()
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert sizes(pilot) == chosen


async def test_sizes_follow_the_terminal(tmp_path: Path) -> None:
    store_pane_sizes(PaneSizes(sidebar=60, width_share=0.5, height_share=0.5))
    async with make_app(tmp_path).run_test(size=(180, 40)) as pilot:
        await pilot.pause()
        assert sizes(pilot) == (60, 60, 38)
        await pilot.resize_terminal(120, 42)
        await pilot.pause()
        assert sizes(pilot) == (60, 60, 20)
        await pilot.resize_terminal(100, 22)
        await pilot.pause()
        assert sizes(pilot) == (56, 44, 10)
        await pilot.resize_terminal(180, 40)
        await pilot.pause()
        assert sizes(pilot) == (60, 60, 38)


async def test_a_pane_can_be_maximised_whatever_its_size(tmp_path: Path) -> None:
    store_pane_sizes(PaneSizes(sidebar=60, width_share=0.3, height_share=0.3))
    async with make_app(tmp_path).run_test(size=(180, 40)) as pilot:
        await pilot.pause()
        before = sizes(pilot)
        await pilot.press("f8")
        await pilot.pause()
        assert main(pilot).request_pane.outer_size == (180, 38)
        await pilot.press("f8")
        await pilot.pause()
        assert sizes(pilot) == before


async def test_the_key_opens_it_where_text_is_typed(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await pilot.press("f20")
        await wait_for_overlay(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen is main(pilot)
