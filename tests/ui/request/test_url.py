from __future__ import annotations

from dataclasses import replace

from textual import events
from textual.app import App, ComposeResult

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft
from mixtui.ui.request.previewed import NO_PREVIEW
from mixtui.ui.request.url import UrlField


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield UrlField(compact=True)


async def test_a_pasted_url_is_one_line_and_pasted_once() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("/query/events\n  ?limit=1\n"))
        await pilot.pause()
        assert app.query_one(UrlField).value == "/query/events?limit=1"


async def test_every_api_has_an_example() -> None:
    app = Host()
    async with app.run_test():
        field = app.query_one(UrlField)
        for api in Api:
            field.previewed = replace(NO_PREVIEW, draft=Draft(api=api))
            assert field.placeholder
        field.previewed = replace(NO_PREVIEW, draft=Draft(api=Api.EXPORT))
        assert not field.placeholder.startswith("/"), "its URL is empty as it is"
