"""From the send key to what the response pane says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from textual import events

from mixtui.document.source import IN_MEMORY
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method
from mixtui.model.environment import Credentials
from mixtui.model.errors import Field
from mixtui.ui.dialogs.dialogs import TypeToConfirmDialog
from mixtui.ui.request.url import UrlField
from mixtui.ui.response.document_view import DocumentView
from mixtui.ui.response.state import Cancelled, Failed, Idle, Received, Sending
from mixtui.ui.response.status_line import StatusLine
from tests.ui.app import PROD, READ_ONLY, SECRET, main, make_app, settled
from tests.ui.driver import post_keys, type_text, wait_until
from tests.ui.main.controllers import controllers

EVENTS = Draft(url="/query/events/names")
IMPORT = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    body=Body(text='[{"event": "a", "properties": {}}]'),
)


def shown(screen: object) -> str:
    """What the response pane's viewer shows."""
    view = main_view(screen)
    document = view.document
    assert document is not None
    return "\n".join(document.line(i) for i in range(document.line_count))


def main_view(screen: object) -> DocumentView:
    return screen.query_one("#response .content.-shown DocumentView", DocumentView)


def status(screen: object) -> str:
    """The status line, wherever its lines break."""
    return " ".join(str(screen.query_one(StatusLine).content).split())


async def test_the_send_key_shows_status_outcome_and_indented_body(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await settled(pilot)
        assert isinstance(screen.response, Received)
        assert "200 OK" in status(screen)
        assert "accepted" in status(screen)
        assert shown(screen).startswith('{\n  "status": "ok",\n  "results": [\n    1,')


async def test_enter_in_the_url_sends(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await type_text(pilot, "/query/events")
        await pilot.press("enter")
        await pilot.pause(0.05)
        await settled(pilot)
        assert isinstance(main(pilot).response, Received)


async def test_a_paste_of_ten_lines_never_sends(tmp_path: Path) -> None:
    lines = "\n".join(f"/query/events{i}" for i in range(10)) + "\n"
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.query_one(UrlField).post_message(events.Paste(lines))
        await pilot.pause(0.1)
        assert isinstance(screen.response, Idle)
        assert "/query/events0" in screen.draft.url
        assert "\n" not in screen.draft.url


async def test_ten_lines_that_come_as_keys_never_send(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        field = screen.query_one(UrlField)
        post_keys(field, *"a\n" * 10)
        await wait_until(pilot, lambda: screen.draft.url == "a" * 10)
        await pilot.pause()
        assert isinstance(screen.response, Idle)
        assert screen.draft.url == "a" * 10


async def test_the_request_tab_shows_what_was_sent_without_the_secret(
    tmp_path: Path,
) -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    async with make_app(tmp_path, handler).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await settled(pilot)
        await pilot.press("ctrl+o", "r", *["right_square_bracket"] * 4)
        await pilot.pause()
        text = shown(screen)
        assert (
            "GET https://mixpanel.com/api/query/events/names?project_id=1234567" in text
        )
        assert "Basic ••••••" in text
        sent = seen[0].headers["authorization"]
        assert sent.startswith("Basic ")
        assert sent not in text
        assert SECRET not in text


async def test_escape_cancels_and_says_how_long_it_waited(tmp_path: Path) -> None:
    async def handler(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    async with make_app(tmp_path, handler).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(screen.response, Sending)
        assert "sending…" in status(screen)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(screen.response, Cancelled)
        assert "cancelled after" in status(screen)


async def test_a_failure_stays_where_the_response_would_be(tmp_path: Path) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    async with controllers(tmp_path, handler) as host:
        await host.start(EVENTS)
        await host.idle()
        assert isinstance(host.state, Failed)
        assert "mixpanel.com" in str(host.state.error)
        assert host.state.outcome is not None
        assert "no response" in host.state.outcome.label
        assert host.shown[-1] is host.state


async def test_a_write_that_times_out_says_that_it_may_have_been_done(
    tmp_path: Path,
) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    async with make_app(tmp_path, handler).run_test() as pilot:
        screen = main(pilot)
        screen.draft = IMPORT
        await pilot.press("f5")
        await settled(pilot)
        assert "no response" in status(screen)
        assert "the server may have processed it" in status(screen)


WRONG = [
    ("a body that is not JSON", replace(IMPORT, body=Body(text='[{"a" 1}]')), "body"),
    ("an unknown template", Draft(url="/query/{{nope}}"), "url"),
    ("no slash", Draft(url=".evil.example"), "url"),
]


async def test_a_draft_that_cannot_be_sent_is_explained_and_its_field_focused(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        for label, draft, field in WRONG:
            screen.set_focus(screen.saved_requests)
            screen.draft = draft
            await pilot.press("f5")
            await pilot.pause()
            assert isinstance(screen.response, Idle), label
            assert len(pilot.app._notifications) == 1, label
            focused = screen.focused
            assert focused is not None
            ids = {widget.id for widget in focused.ancestors_with_self}
            assert ids & {field, f"edit-{field}"}, label
            assert screen.draft == draft
            pilot.app.clear_notifications()


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_a_url_that_was_probably_meant_is_offered(
    answer: str, tmp_path: Path
) -> None:
    async with controllers(tmp_path) as host:
        host.draft = draft = Draft(url="query/events")
        host.answers = [answer]
        await host.send()
        assert "/query/events" in host.questions[0]
        accepted = replace(draft, url="/query/events")
        assert host.draft == (accepted if answer == "y" else draft)
        assert host.request_pane.location == (None if answer == "y" else Field.URL)
        assert isinstance(host.state, Idle)


async def test_a_missing_credential_says_what_to_add_and_where(tmp_path: Path) -> None:
    bare = replace(PROD, credentials=Credentials())
    async with controllers(tmp_path, environments=(bare,)) as host:
        host.draft = EVENTS
        await host.send()
        assert "service account" in host.message
        assert "environments.toml" in host.message
        assert host.request_pane.location is Field.AUTH
        assert isinstance(host.state, Idle)


async def test_a_read_only_environment_refuses_a_write(tmp_path: Path) -> None:
    async with controllers(tmp_path, environments=(READ_ONLY,)) as host:
        host.draft = IMPORT
        await host.send()
        assert "read-only" in host.message
        assert isinstance(host.state, Idle)


@pytest.mark.parametrize("answer", ["enter", "escape", "n", "y"])
async def test_an_environment_that_confirms_writes_asks_first(
    answer: str, tmp_path: Path
) -> None:
    asks = replace(PROD, confirm_writes=True)
    async with controllers(tmp_path, environments=(asks,)) as host:
        host.draft = IMPORT
        host.answers = [answer]
        await host.send()
        await host.idle()
        assert len(host.questions) == 1
        assert isinstance(host.state, Received if answer == "y" else Idle)


DELETE = Draft(method=Method.DELETE, api=Api.LEXICON, url="/{projectId}/schemas")


async def test_what_deletes_is_sent_only_for_the_project_that_is_typed(
    tmp_path: Path,
) -> None:
    asks = replace(PROD, confirm_writes=True)
    async with make_app(tmp_path, environments=(asks,)).run_test() as pilot:
        screen = main(pilot)
        screen.draft = DELETE
        await pilot.press("f5")
        await pilot.pause()
        assert isinstance(pilot.app.screen, TypeToConfirmDialog)
        await pilot.press("enter", *"y", "enter")
        assert isinstance(pilot.app.screen, TypeToConfirmDialog), "a yes is not enough"
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(screen.response, Idle)
        await pilot.press("f5")
        await pilot.pause()
        await pilot.press(*"1234567", "enter")
        await settled(pilot)
        assert isinstance(screen.response, Received)


async def test_what_deletes_is_asked_about_in_every_environment(
    tmp_path: Path,
) -> None:
    async with controllers(tmp_path) as host:
        host.draft = DELETE
        host.answers = ["enter"]
        await host.send()
        assert len(host.questions) == 1
        assert isinstance(host.state, Idle), "enter is the safe answer"


async def test_server_text_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    hostile = '{"a": "[red]x[/red] \x1b[31m [/nope]"}'

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            418,
            content=hostile.encode(),
            headers={"X-A": "[/b] [red]"},
            extensions={"reason_phrase": b"[/teapot]"},
        )

    async with make_app(tmp_path, handler).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await settled(pilot)
        assert "[/teapot]" in status(screen)
        assert "[red]x[/red] ␛[31m [/nope]" in shown(screen)
        await pilot.press("ctrl+o", "r", *["right_square_bracket"] * 3)
        await pilot.pause()
        assert "[/b] [red]" in shown(screen)


@pytest.mark.parametrize("count", [3, IN_MEMORY // 10 + 1], ids=["small", "large"])
async def test_no_request_depends_on_a_state_folder_that_can_be_written(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    body = b"[" + b'"record",\n' * count + b"1]"

    def serve(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, content=body, headers={"Content-Type": "application/json"}
        )

    async with controllers(tmp_path, serve) as host:
        await host.start(EVENTS)
        await host.idle()
        assert isinstance(host.state, Received)
        assert host.state.document.source.size == len(body)
