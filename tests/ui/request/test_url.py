from __future__ import annotations

from msgspec.structs import replace
from textual import events
from textual.app import App, ComposeResult

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Draft
from mixtui.ui.request.previewed import NO_PREVIEW
from mixtui.ui.request.url import UrlField
from tests.ui.driver import post_keys


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.imports: list[str] = []

    def compose(self) -> ComposeResult:
        yield UrlField(compact=True)

    def on_url_field_import_requested(self, event: UrlField.ImportRequested) -> None:
        self.imports.append(event.text)


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


async def test_a_pasted_command_is_imported_with_its_lines() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.post_message(events.Paste("curl https://x.y \\\n  -H 'A: b'\n"))
        await pilot.pause()
        assert app.imports == ["curl https://x.y \\\n  -H 'A: b'\n"]
        assert app.query_one(UrlField).value == ""


async def test_a_pasted_url_over_a_selected_one_is_imported_and_changes_nothing() -> (
    None
):
    app = Host()
    async with app.run_test() as pilot:
        field = app.query_one(UrlField)
        field.value = "/query/events"
        field.select_all()
        app.post_message(events.Paste("https://x.y/z\n"))
        await pilot.pause()
        assert app.imports == ["https://x.y/z"]
        assert field.value == "/query/events"


async def test_a_line_of_a_command_that_comes_as_keys_goes_on_after_its_backslash() -> (
    None
):
    app = Host()
    async with app.run_test() as pilot:
        field = app.query_one(UrlField)
        for end in ("\\", "\\ ", "\\\u00a0"):
            field.value = f"curl https://x.y {end}"
            field.cursor_position = len(field.value)
            # As a terminal without bracketed paste sends it.
            post_keys(field, "\n", "-")
            await pilot.pause()
            assert field.value == "curl https://x.y  -"
