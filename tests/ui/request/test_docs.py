"""The Docs tab."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from mixtui.ui.catalogue.list import OperationList
from mixtui.ui.catalogue.screen import OperationsScreen
from mixtui.ui.request.docs import OperationDocs
from tests.ui.app import main, make_app
from tests.ui.driver import type_text, wait_for_workers


async def shown(pilot: Pilot[int], url: str) -> OperationDocs:
    await pilot.pause()
    await type_text(pilot, url)
    await pilot.press("ctrl+o", "d")
    await wait_for_workers(pilot, "default")
    return main(pilot).query_one(OperationDocs)


async def test_it_is_made_when_it_is_first_shown(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert not main(pilot).query(OperationDocs)


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_it_explains_the_operation_and_scrolls(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        docs = await shown(pilot, "/query/segmentation")
        assert docs.has_focus
        for text in ("from_date", "60 queries an hour", "https://", "maintenance"):
            assert text in docs.text
        await pilot.press("j", "down")
        assert docs.scroll_y == 2
        await pilot.press("G")
        assert docs.scroll_y == docs.max_scroll_y
        await pilot.press("g")
        assert docs.scroll_y == 0


async def test_it_follows_the_draft(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        docs = await shown(pilot, "/query/segmentation")
        await pilot.press("ctrl+l")
        await type_text(pilot, "/numeric")
        await wait_for_workers(pilot, "default")
        assert "GET /api/query/segmentation/numeric" in docs.text
        await type_text(pilot, "x")
        await wait_for_workers(pilot, "default")
        assert "no operation that Mixpanel documents" in docs.text
        assert "/query/segmentation" in docs.text
        await pilot.press("ctrl+u")
        await wait_for_workers(pilot, "default")
        assert "The URL is empty" in docs.text


async def test_enter_shows_the_replacement_in_the_catalogue(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, "/query/segmentation")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        assert isinstance(app.screen, OperationsScreen)
        operation = app.screen.query_one(OperationList).selected_operation
        assert operation is not None
        assert operation.id == "query.insights-query"


async def test_enter_looks_for_what_is_unknown(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, "/query/retentoin")
        await pilot.press("enter")
        await wait_for_workers(pilot, "default")
        assert isinstance(app.screen, OperationsScreen)
        operation = app.screen.query_one(OperationList).selected_operation
        assert operation is not None
        assert "retention" in operation.id


async def test_the_address_is_copied(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, "/query/segmentation")
        await pilot.press("y")
        await wait_for_workers(pilot, "default")
        assert any("The address" in n.message for n in app._notifications)
