"""Several requests in flight at once, and bodies that are seen while they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from textual.pilot import Pilot

from mixtui.document.source import Spool
from mixtui.history.history import HistoryQuery, open_history
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method
from mixtui.storage.settings import HistorySettings
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.main.activity import ActivityDialog
from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.response.state import (
    Cancelled,
    Failed,
    Idle,
    Received,
    Receiving,
    RequestRun,
    Sending,
)
from tests.ui.app import main, make_app, settled, write_request
from tests.ui.driver import document_text, wait_until

EVENTS = Draft(url="/query/events/names")
IMPORT = Draft(
    method=Method.POST,
    api=Api.INGESTION,
    url="/import",
    body=Body(text='[{"event": "a", "properties": {}}]'),
)
HALF = b'{"results":\n[{"id": 1},\n' + b'{"id": 2},\n' * 200
REST = b'{"id": 3}]}'


class Slow(httpx.AsyncByteStream):
    """A body that comes in two halves; the second when a test says so."""

    def __init__(self, *, first: bytes = HALF, rest: bytes = REST) -> None:
        self.first, self.rest = first, rest
        self.go_on = asyncio.Event()
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.first
        await self.go_on.wait()
        yield self.rest

    async def aclose(self) -> None:
        self.closed = True


class Server:
    """Responds to each path when a test says so."""

    def __init__(self) -> None:
        self.heads: dict[str, asyncio.Event] = {}
        self.bodies: dict[str, Slow] = {}
        self.requested: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.requested.append(path)
        if head := self.heads.get(path):
            await head.wait()
        if body := self.bodies.get(path):
            json = {"content-type": "application/json"}
            return httpx.Response(200, stream=body, headers=json)
        return httpx.Response(200, json={"path": path})


def saved(root: Path, *names: str) -> list[Path]:
    return [
        write_request(
            root,
            f"{name}.toml",
            f'name = "{name}"\nmethod = "GET"\napi = "query"\nurl = "/{name}"\n',
        )
        for name in names
    ]


async def open_and_send(pilot: Pilot[int], path: Path) -> RequestRun:
    screen = main(pilot)
    await screen.collection.open(path)
    await pilot.press("f5")
    await pilot.pause()
    run = screen.collection.slot.run
    assert run is not None
    return run


# Several at once


async def test_each_response_finds_the_request_it_was_sent_from(tmp_path: Path) -> None:
    one, two, three = saved(tmp_path, "one", "two", "three")
    server = Server()
    server.heads = {f"/api/{n}": asyncio.Event() for n in ("one", "two")}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        first = await open_and_send(pilot, one)
        second = await open_and_send(pilot, two)
        assert screen.runs.running == 2
        await screen.collection.open(three)
        assert isinstance(screen.response, Idle)
        assert "2" in str(screen.query_one(TopBar).render())
        server.heads["/api/two"].set()
        await wait_until(pilot, lambda: isinstance(second.state, Received))
        assert isinstance(screen.response, Idle), "another request is looked at"
        assert isinstance(first.state, Sending)
        await screen.collection.open(two)
        await pilot.pause()
        assert '"path": "/api/two"' in document_text(main(pilot).response_pane.view)
        server.heads["/api/one"].set()
        await settled(pilot)
        assert '"path": "/api/two"' in document_text(main(pilot).response_pane.view)
        await screen.collection.open(one)
        await pilot.pause()
        assert '"path": "/api/one"' in document_text(main(pilot).response_pane.view)


async def test_a_read_sent_again_takes_the_place_of_the_one_in_flight(
    tmp_path: Path,
) -> None:
    (path,) = saved(tmp_path, "one")
    server = Server()
    server.heads = {"/api/one": asyncio.Event()}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        first = await open_and_send(pilot, path)
        second = await open_and_send(pilot, path)
        assert isinstance(first.state, Cancelled)
        assert screen.collection.slot.run is second
        assert screen.runs.running == 1
        server.heads["/api/one"].set()
        await settled(pilot)
        assert isinstance(screen.response, Received)
        assert isinstance(first.state, Cancelled)


async def test_a_body_that_still_comes_is_not_shown_for_the_next_run(
    tmp_path: Path,
) -> None:
    (path,) = saved(tmp_path, "one")
    server = Server()
    body = server.bodies["/api/one"] = Slow()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        first = await open_and_send(pilot, path)
        await wait_until(pilot, lambda: first.document)
        del server.bodies["/api/one"]
        second = await open_and_send(pilot, path)
        await settled(pilot)
        assert isinstance(first.state, Received)
        assert first.state.exchange.response.cut_short
        assert screen.response is second.state
        assert '"path"' in document_text(main(pilot).response_pane.view)
        assert body.closed


async def test_a_write_sent_twice_asks_and_may_stop_the_first(tmp_path: Path) -> None:
    server = Server()
    server.heads = {"/import": asyncio.Event()}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = IMPORT
        await pilot.press("f5")
        await pilot.pause()
        await wait_until(pilot, lambda: server.requested)
        for key, count in (("escape", 1), ("enter", 1), ("y", 2)):
            await pilot.press("f5")
            await pilot.pause()
            assert isinstance(pilot.app.screen, ConfirmDialog)
            await pilot.press(key)
            await wait_until(pilot, lambda n=count: len(server.requested) == n)
            assert isinstance(screen.response, Sending)
        assert screen.runs.running == 1
        await pilot.press("escape")


async def test_writes_of_two_requests_do_not_ask_about_each_other(
    tmp_path: Path,
) -> None:
    server = Server()
    server.heads = {"/import": asyncio.Event()}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = IMPORT
        await pilot.press("f5")
        await pilot.pause()
        screen.collection.show(None)
        screen.draft = replace(IMPORT, url="/import?strict=1")
        await pilot.press("f5")
        await pilot.pause()
        assert pilot.app.screen is screen
        assert screen.runs.running == 2
        await screen.runs.end()
        assert screen.runs.running == 0


async def test_keys_in_one_burst_send_and_cancel(tmp_path: Path) -> None:
    server = Server()
    server.heads = {"/api/query/events/names": asyncio.Event()}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5", "escape", "f5", "escape")
        await settled(pilot)
        assert isinstance(screen.response, Cancelled)
        assert len(list(screen.runs)) == 2


async def test_only_the_last_runs_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixtui.ui.main.runs._FINISHED_LIMIT", 2)
    paths = saved(tmp_path, *"abcd")
    async with make_app(tmp_path, Server()).run_test() as pilot:
        screen = main(pilot)
        for path in paths:
            await open_and_send(pilot, path)
            await settled(pilot)
        assert [run.name for run in screen.runs] == ["d", "c", "b"]
        await screen.collection.open(paths[0])
        assert isinstance(screen.response, Idle)
        await screen.collection.open(paths[1])
        assert isinstance(screen.response, Received)


# While a body comes


async def test_the_first_lines_are_seen_before_the_body_has_ended(
    tmp_path: Path,
) -> None:
    server = Server()
    body = server.bodies["/api/query/events/names"] = Slow()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        run = screen.collection.slot.run
        assert run is not None
        await wait_until(pilot, lambda: run.document and run.document.line_count > 1)
        assert isinstance(screen.response, Receiving)
        view = screen.response_pane.view
        rows = [view.render_line(y).text for y in range(5)]
        assert '"results": [' in rows[1]
        assert '"id": 1' in rows[3]
        await pilot.press("ctrl+o", "r", "G", "g", "down", "space")
        assert view.cursor_line == 1, "keys act meanwhile"
        body.go_on.set()
        await settled(pilot)
        await wait_until(pilot, lambda: run.document and run.document.complete)
        assert view.document is run.document
        assert view.cursor_line == 1
        assert document_text(main(pilot).response_pane.view).endswith(
            '"id": 3\n    }\n  ]\n}'
        )
        await pilot.press("G")
        assert view.cursor_line == run.document.line_count - 1


async def test_what_came_just_before_a_pause_is_seen(tmp_path: Path) -> None:
    class Stalls(Slow):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for number in range(5):
                yield b"%d,%d\n" % (number, number)
            await self.go_on.wait()

    server = Server()
    server.bodies["/api/query/events/names"] = Stalls()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await wait_until(
            pilot, lambda: document_text(main(pilot).response_pane.view).endswith("4,4")
        )
        await pilot.press("escape")
        await settled(pilot)


@pytest.mark.parametrize("leave", [False, True], ids=["looked at", "out of sight"])
async def test_escape_keeps_what_came_and_says_so(tmp_path: Path, leave: bool) -> None:
    one, two = saved(tmp_path, "one", "two")
    server = Server()
    body = server.bodies["/api/one"] = Slow()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        run = await open_and_send(pilot, one)
        await wait_until(pilot, lambda: run.document)
        if leave:
            await screen.collection.open(two)
            screen.runs.cancel(run)
        else:
            await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(run.state, Received))
        await wait_until(pilot, lambda: run.document.complete)
        if leave:
            assert isinstance(screen.response, Idle)
            await screen.collection.open(one)
            await pilot.pause()
        assert isinstance(screen.response, Received)
        assert "incomplete" in screen.response.outcome.label
        assert "Stopped by you" in screen.response.exchange.response.cut_short
        assert document_text(main(pilot).response_pane.view).count('"id": 2') > 100
        assert body.closed
        assert screen.runs.running == 0


async def test_escape_before_the_head_cancels(tmp_path: Path) -> None:
    server = Server()
    server.heads = {"/api/query/events/names": asyncio.Event()}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await wait_until(pilot, lambda: server.requested)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(screen.response, Cancelled)
        await pilot.press("escape")
        assert isinstance(screen.response, Cancelled)


async def test_a_body_that_breaks_off_is_kept(tmp_path: Path) -> None:
    class Breaks(Slow):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self.first
            raise httpx.ReadError("reset")

    server = Server()
    server.bodies["/api/query/events/names"] = Breaks()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await settled(pilot)
        assert isinstance(screen.response, Received)
        assert "incomplete" in screen.response.outcome.label
        assert '"id": 1' in document_text(main(pilot).response_pane.view)


async def test_a_disk_that_fails_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Spool, start: int, end: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Spool, "read", broken)
    async with make_app(tmp_path, Server()).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(screen.response, Failed))
        assert isinstance(screen.response, Failed)
        assert "could not be read back" in str(screen.response.error)


async def test_no_folder_for_bodies_is_a_sentence(tmp_path: Path) -> None:
    server = Server()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        in_the_way = screen.runs._folder
        in_the_way.parent.mkdir(parents=True, exist_ok=True)
        in_the_way.write_text("a file")
        screen.draft = EVENTS
        await pilot.press("f5")
        await settled(pilot)
        assert isinstance(screen.response, Failed)
        assert "cannot be made" in str(screen.response.error)
        assert server.requested == []


@pytest.mark.parametrize("head", [False, True], ids=["before a head", "in a body"])
async def test_quitting_stops_everything(tmp_path: Path, head: bool) -> None:
    one, two = saved(tmp_path, "one", "two")
    server = Server()
    body = server.bodies["/api/one"] = Slow()
    if not head:
        server.heads["/api/one"] = asyncio.Event()
    server.heads["/api/two"] = asyncio.Event()
    app = make_app(tmp_path, server)
    async with app.run_test() as pilot:
        first = await open_and_send(pilot, one)
        await open_and_send(pilot, two)
        await wait_until(pilot, lambda: len(server.requested) == 2)
        if head:
            await wait_until(pilot, lambda: first.document)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_code == 0
    assert body.closed is head
    stored = open_history(HistorySettings()).search(HistoryQuery())
    ends = sorted(entry.outcome for entry in stored)
    assert ends == ["cancelled", "incomplete" if head else "cancelled"]


# The list of them


def listed(pilot: Pilot[int]) -> list[str]:
    dialog = pilot.app.screen
    assert isinstance(dialog, ActivityDialog)
    options = dialog.query_one("OptionList")
    return [str(o.prompt) for o in options.options]


async def test_nothing_sent_yet_is_said(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await pilot.press("ctrl+b")
        await pilot.pause()
        assert listed(pilot) == ["Nothing was sent yet."]
        await pilot.press("x", "enter", "escape")
        await pilot.pause()
        assert pilot.app.screen is main(pilot)


async def test_runs_are_listed_opened_and_stopped(tmp_path: Path) -> None:
    one, two, three = saved(tmp_path, "one", "two", "three")
    server = Server()
    server.bodies["/api/one"] = Slow()
    server.heads["/api/two"] = asyncio.Event()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        first = await open_and_send(pilot, one)
        await wait_until(pilot, lambda: first.document)
        second = await open_and_send(pilot, two)
        await open_and_send(pilot, three)
        await wait_until(pilot, lambda: screen.runs.running == 2)
        await pilot.press("ctrl+b")
        await pilot.pause()
        rows = listed(pilot)
        assert [row.split()[:2] for row in rows] == [
            ["GET", "two"],
            ["GET", "one"],
            ["GET", "three"],
        ]
        assert "on its way" in rows[0]
        assert "receiving" in rows[1]
        assert "200 accepted" in rows[2]
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(second.state, Cancelled)
        rows = listed(pilot)
        assert "receiving" in rows[0]
        assert "cancelled after" in rows[2]
        highlighted = pilot.app.screen.query_one("OptionList").highlighted
        assert highlighted == 2, "the cursor stays on the run that was stopped"
        await pilot.press("up", "up", "enter")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await wait_until(pilot, lambda: screen.response is first.state)
        assert screen.collection.open_request is not None
        assert screen.collection.open_request.path == one
        assert screen.focused is screen.response_pane.view
        assert '"id": 1' in document_text(main(pilot).response_pane.view)
        await pilot.press("escape")
        await settled(pilot)


async def test_the_run_of_a_new_request_is_opened_with_its_draft(
    tmp_path: Path,
) -> None:
    (path,) = saved(tmp_path, "one")
    async with make_app(tmp_path, Server()).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await settled(pilot)
        screen.collection.show(screen.collection.store.open(path))
        await pilot.press("ctrl+b")
        await pilot.pause()
        assert "/api/query/events" in listed(pilot)[0]
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(screen.response, Received))
        assert screen.draft == EVENTS


async def test_the_list_rests_when_nothing_is_in_flight(tmp_path: Path) -> None:
    server = Server()
    server.heads = {"/api/query/events/names": asyncio.Event()}
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await pilot.press("ctrl+b")
        await pilot.pause()
        dialog = pilot.app.screen
        assert isinstance(dialog, ActivityDialog)
        await pilot.press("x")
        await pilot.pause()
        dialog._tick()
        assert dialog._clock is not None
        assert dialog._clock._task is None or dialog._clock._task.cancelling()
        assert "cancelled" in listed(pilot)[0]
