"""The Docs tab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mixtui.model.draft import Draft
from mixtui.request.preview import preview
from mixtui.ui.catalogue.list import OperationList
from mixtui.ui.catalogue.screen import OperationsScreen
from mixtui.ui.request.docs import OperationDocs
from mixtui.ui.request.previewed import PreviewedDraft
from tests.ui.app import PROD, main, make_app, show_draft
from tests.ui.driver import type_text, wait_for_workers
from tests.ui.request.host import shown

SEGMENTATION = Draft(url="/query/segmentation")


class Host(App[None]):
    """Nothing but the docs of a draft."""

    def __init__(self) -> None:
        super().__init__()
        self.catalogue_requests: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield OperationDocs()

    def on_operation_docs_catalogue_requested(
        self, event: OperationDocs.CatalogueRequested
    ) -> None:
        self.catalogue_requests.append((event.query, event.operation_id))


@asynccontextmanager
async def explained(
    draft: Draft, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], OperationDocs]]:
    """Run a host that explains a draft."""
    async with Host().run_test(size=size) as pilot:
        docs = pilot.app.query_one(OperationDocs)
        await explain(pilot, docs, draft)
        docs.focus()
        await pilot.pause()
        yield pilot, docs


async def explain(pilot: Pilot[None], docs: OperationDocs, draft: Draft) -> None:
    docs.previewed = PreviewedDraft(draft, PROD, Path(), preview(draft, PROD))
    await wait_for_workers(pilot)


@pytest.mark.parametrize("size", [(100, 20), (40, 12)])
async def test_it_explains_the_operation_and_scrolls(size: tuple[int, int]) -> None:
    async with explained(SEGMENTATION, size) as (pilot, docs):
        for text in (
            "from_date",
            "60 queries per hour",
            "https://",
            "Maintenance mode",
        ):
            assert text in docs.text
        await pilot.press("j", "down")
        assert docs.scroll_y == 2
        await pilot.press("G")
        assert docs.scroll_y == docs.max_scroll_y > 2
        await pilot.press("g")
        assert docs.scroll_y == 0


async def test_another_draft_brings_its_own_page() -> None:
    async with explained(SEGMENTATION) as (pilot, docs):
        await explain(pilot, docs, Draft(url="/query/segmentation/numeric"))
        assert "GET /api/query/segmentation/numeric" in docs.text
        await explain(pilot, docs, Draft(url="/query/segmentation/numericx"))
        assert "not match a documented Mixpanel operation" in docs.text
        assert "/query/segmentation" in docs.text
        await explain(pilot, docs, Draft())
        assert "The URL is empty" in docs.text


async def test_enter_asks_for_the_replacement_or_for_what_the_url_may_mean() -> None:
    async with explained(SEGMENTATION) as (pilot, docs):
        await pilot.press("enter")
        await explain(pilot, docs, Draft(url="/query/retentoin"))
        await pilot.press("enter")
        await pilot.pause()
        host = pilot.app
        assert isinstance(host, Host)
        replacement, search = host.catalogue_requests
        assert replacement == ("", "query.insights-query")
        assert "retentoin" in search[0]
        assert search[1] == ""


async def test_the_address_is_copied() -> None:
    async with explained(SEGMENTATION) as (pilot, _):
        await pilot.press("y")
        await pilot.pause()
        assert any("Link" in n.message for n in pilot.app._notifications)
        assert pilot.app.clipboard.startswith("https://")


async def test_it_is_made_when_it_is_first_shown_and_follows_the_url() -> None:
    async with shown(SEGMENTATION, "") as (pilot, pane):
        assert not pane.query(OperationDocs)
        await pane.focus_tab("docs")
        await wait_for_workers(pilot)
        docs = pane.query_one(OperationDocs)
        assert docs.has_focus
        assert "GET /api/query/segmentation\n" in docs.text
        pane.url_field.focus()
        await type_text(pilot, "/numeric")
        await wait_for_workers(pilot)
        assert "GET /api/query/segmentation/numeric" in docs.text


async def test_enter_opens_the_catalogue_there(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test() as pilot:
        for url, operation_id in (
            ("/query/segmentation", "query.insights-query"),
            ("/query/retentoin", "query.retention"),
        ):
            await show_draft(pilot, Draft(url=url), "docs")
            assert isinstance(main(pilot).focused, OperationDocs)
            await pilot.press("enter")
            await wait_for_workers(pilot, "default")
            assert isinstance(app.screen, OperationsScreen)
            operation = app.screen.query_one(OperationList).selected_operation
            assert operation is not None
            assert operation_id in operation.id, url
            await pilot.press("escape")
