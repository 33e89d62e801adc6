"""The preview: exactly what would be sent, and nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.main.preview import PreviewScreen
from mixtui.ui.response.document_view import DocumentView
from mixtui.ui.widgets.text_page import TextPage
from tests.ui.app import PROD, SECRET, main, make_app, settled
from tests.ui.driver import document_text, wait_for_screen, wait_until

DRAFT = Draft(url="/query/events/names", headers=(Pair("X-Trace-Id", "{{uuid}}"),))
IMPORT = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    body=Body(text='[{"event": "a", "properties": {"time": 1}}]'),
)


async def previewed(pilot: Pilot[Any], draft: Draft) -> str:
    """Open the preview of a draft; return its page."""
    main(pilot).draft = draft
    await pilot.pause()
    await pilot.press("shift+f5")
    await wait_for_screen(pilot, PreviewScreen)
    return pilot.app.screen.query_one(TextPage).text


@pytest.mark.parametrize(
    ("text", "lines", "height", "fits"),
    [
        ("[]", 1, 40, True),
        ("[" + "\n" * 300 + "]", 300, 60, True),
        ("[" + "\n" * 300 + "]", 300, 24, False),
        (f'["{"x" * 1000}"]', 9, 60, True),
    ],
)
async def test_a_body_uses_rows_that_the_page_does_not_need(
    tmp_path: Path, text: str, lines: int, height: int, fits: bool
) -> None:
    draft = replace(IMPORT, body=Body(text=text))
    async with make_app(tmp_path).run_test(size=(120, height)) as pilot:
        await previewed(pilot, draft)
        page = pilot.app.screen.query_one(TextPage)
        body = pilot.app.screen.query_one(DocumentView)
        await wait_until(pilot, lambda: body.document is not None)
        await settled(pilot)
        assert (page.size.height >= page.row_count) is fits
        rows = page.outer_size.height + body.outer_size.height
        assert body.outer_size.height >= min(lines, rows // 2)


async def test_the_preview_shows_the_request_and_sends_nothing(tmp_path: Path) -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    async with make_app(tmp_path, handler).run_test(size=(120, 40)) as pilot:
        page = await previewed(pilot, DRAFT)
        assert page.startswith("GET https://mixpanel.com/api/query/events/names?")
        for part in (
            "project_id=1234567",
            "(service account ci.mp-service-account)",
            "(Headers tab)",
            "uuid from mixtui",
            "60 of 60 queries left · costs 1",
            "prod (us, project 1234567)",
        ):
            assert part in " ".join(page.split()), part
        assert SECRET not in page
        await pilot.press("escape")
        assert pilot.app.screen is main(pilot)
        assert sent == []


async def test_f5_sends_exactly_what_was_shown(tmp_path: Path) -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    async with make_app(tmp_path, handler).run_test(size=(120, 40)) as pilot:
        page = await previewed(pilot, DRAFT)
        await pilot.press("f5")
        await wait_until(pilot, lambda: sent)
        await settled(pilot)
        assert sent[0].headers["X-Trace-Id"] in page


async def test_the_body_is_shown_as_it_is_encoded(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await previewed(pilot, IMPORT)
        body = pilot.app.screen.query_one(DocumentView)
        await wait_until(pilot, lambda: body.document is not None)
        assert "$insert_id" in document_text(body)


async def test_the_beginning_of_a_file_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    file.write_text("$distinct_id,plan\n" + "1,pro\n" * 20_000)
    draft = replace(IMPORT, body=Body(BodyType.FILE, path=str(file)))
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        page = await previewed(pilot, draft)
        body = pilot.app.screen.query_one(DocumentView)
        await wait_until(pilot, lambda: body.document is not None)
        assert document_text(body).startswith("$distinct_id,plan\n1,pro\n")
        assert "120 KB · the first 64 KB are shown" in " ".join(page.split())


async def test_a_write_is_confirmed_after_the_preview_too(tmp_path: Path) -> None:
    environment = replace(PROD, confirm_writes=True)
    app = make_app(tmp_path, environments=(environment,))
    async with app.run_test(size=(120, 40)) as pilot:
        await previewed(pilot, IMPORT)
        await pilot.press("f5")
        await wait_for_screen(pilot, ConfirmDialog)


@pytest.mark.parametrize("url", ["/query/{{nothing}}", ""])
async def test_what_cannot_be_sent_is_reported_as_send_does(
    tmp_path: Path, url: str
) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        main(pilot).draft = Draft(url=url)
        await pilot.pause()
        await pilot.press("shift+f5")
        await wait_until(pilot, lambda: list(pilot.app._notifications))
        assert pilot.app.screen is main(pilot)
