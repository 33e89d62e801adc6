"""Several requests in flight at once, and bodies that are seen while they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec.structs import replace
from textual.app import App
from textual.pilot import Pilot

from mixtui.document.source import Spool
from mixtui.history.history import HistoryQuery, open_history
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, Draft, Method
from mixtui.model.secrets import REDACTED
from mixtui.storage.settings import HistorySettings
from mixtui.ui.main.activity import ActivityDialog
from mixtui.ui.main.runs import RequestRuns
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
from tests.ui.app import main, make_app, settled
from tests.ui.driver import document_text, wait_until
from tests.ui.main.controllers import controllers, write_gets

EVENTS = Draft(url="/query/events/names")
NAMES_PATH = "/api/query/events/names"
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


# Several at once


async def test_each_response_finds_the_request_it_was_sent_from(tmp_path: Path) -> None:
    one, two, three = write_gets(tmp_path, "one", "two", "three")
    server = Server()
    server.heads = {f"/api/{n}": asyncio.Event() for n in ("one", "two")}
    async with controllers(tmp_path, server) as host:
        first = await host.open_and_start(one)
        second = await host.open_and_start(two)
        assert host.runs.running == 2
        await host.collection.open(three)
        assert isinstance(host.state, Idle)
        shown = len(host.shown)
        server.heads["/api/two"].set()
        await host.until(lambda: second.worker.is_finished)
        assert isinstance(second.state, Received)
        assert len(host.shown) == shown, "another request is looked at"
        assert isinstance(first.state, Sending)
        await host.collection.open(two)
        assert '"path": "/api/two"' in host.body
        shown = len(host.shown)
        server.heads["/api/one"].set()
        await host.idle()
        assert len(host.shown) == shown
        await host.collection.open(one)
        assert '"path": "/api/one"' in host.body


async def test_a_resent_read_replaces_the_one_in_flight(
    tmp_path: Path,
) -> None:
    server = Server()
    server.heads = {NAMES_PATH: asyncio.Event()}
    async with controllers(tmp_path, server) as host:
        first = await host.start(EVENTS)
        second = await host.start()
        assert isinstance(first.state, Cancelled)
        assert host.slot.run is second
        assert host.runs.running == 1
        server.heads[NAMES_PATH].set()
        await host.idle()
        assert isinstance(host.state, Received)
        assert isinstance(first.state, Cancelled)


async def test_a_body_that_still_comes_is_not_shown_for_the_next_run(
    tmp_path: Path,
) -> None:
    server = Server()
    body = server.bodies[NAMES_PATH] = Slow()
    async with controllers(tmp_path, server) as host:
        first = await host.start(EVENTS)
        await host.until(lambda: first.document)
        del server.bodies[NAMES_PATH]
        second = await host.start()
        await host.idle()
        assert isinstance(first.state, Received)
        assert first.state.exchange.response.cut_short
        assert host.shown[-1] is second.state
        assert '"path"' in host.body
        assert body.closed


async def test_a_write_sent_twice_asks_and_may_stop_the_first(tmp_path: Path) -> None:
    server = Server()
    server.heads = {"/import": asyncio.Event()}
    async with controllers(tmp_path, server) as host:
        first = await host.start(IMPORT)
        await host.until(lambda: server.requested)
        for key, goes_on in (("escape", True), ("n", True), ("y", False)):
            host.answers = [key]
            assert (await host.start() is first) is goes_on, key
            assert "still in flight" in host.questions[-1]
            assert isinstance(host.state, Sending)
        await host.until(lambda: len(server.requested) == 2)
        assert host.runs.running == 1


async def test_writes_of_two_requests_do_not_ask_about_each_other(
    tmp_path: Path,
) -> None:
    server = Server()
    server.heads = {"/import": asyncio.Event()}
    async with controllers(tmp_path, server) as host:
        await host.start(IMPORT)
        host.collection.show(None)
        await host.start(replace(IMPORT, url="/import?strict=1"))
        assert host.questions == []
        assert host.runs.running == 2
        await host.runs.end()
        assert host.runs.running == 0


async def test_keys_in_one_burst_send_and_cancel(tmp_path: Path) -> None:
    server = Server()
    server.heads = {NAMES_PATH: asyncio.Event()}
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
    paths = write_gets(tmp_path, *"abcd")
    async with controllers(tmp_path, Server()) as host:
        for path in paths:
            await host.open_and_start(path)
            await host.idle()
        assert [run.name for run in host.runs] == ["d", "c", "b"]
        await host.collection.open(paths[0])
        assert isinstance(host.state, Idle)
        await host.collection.open(paths[1])
        assert isinstance(host.state, Received)


# While a body comes


async def test_the_first_lines_are_seen_before_the_body_has_ended(
    tmp_path: Path,
) -> None:
    one, two = write_gets(tmp_path, "one", "two")
    server = Server()
    body = server.bodies["/api/one"] = Slow()
    server.heads["/api/two"] = asyncio.Event()
    async with make_app(tmp_path, server).run_test() as pilot:
        screen = main(pilot)
        await screen.collection.open(two)
        await pilot.press("f5")
        await screen.collection.open(one)
        await pilot.press("f5")
        run = screen.collection.slot.run
        assert run is not None
        await wait_until(pilot, lambda: run.document and run.document.line_count > 1)
        assert isinstance(screen.response, Receiving)
        assert "1 more in flight" in str(screen.query_one(TopBar).render())
        view = screen.response_pane.view
        rows = [view.render_line(y).text for y in range(5)]
        assert '"results": [' in rows[1]
        assert '"id": 1' in rows[3]
        await pilot.press("ctrl+o", "r", "G", "g", "down", "space")
        assert view.cursor_line == 1, "keys act meanwhile"
        body.go_on.set()
        server.heads["/api/two"].set()
        await settled(pilot)
        await wait_until(pilot, lambda: run.document and run.document.complete)
        assert view.document is run.document
        assert view.cursor_line == 1
        assert document_text(view).endswith('"id": 3\n    }\n  ]\n}')
        await pilot.press("G")
        assert view.cursor_line == run.document.line_count - 1


async def test_what_came_just_before_a_pause_is_seen(tmp_path: Path) -> None:
    class Stalls(Slow):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for number in range(5):
                yield b"%d,%d\n" % (number, number)
            await self.go_on.wait()

    server = Server()
    server.bodies[NAMES_PATH] = Stalls()
    async with controllers(tmp_path, server) as host:
        await host.start(EVENTS)
        await host.until(lambda: host.body.endswith("4,4"))
        assert host.shown or host.growths


@pytest.mark.parametrize("leave", [False, True], ids=["looked at", "out of sight"])
async def test_escape_keeps_what_came_and_says_so(tmp_path: Path, leave: bool) -> None:
    one, two = write_gets(tmp_path, "one", "two")
    server = Server()
    body = server.bodies["/api/one"] = Slow()
    async with controllers(tmp_path, server) as host:
        run = await host.open_and_start(one)
        await host.until(lambda: run.document)
        if leave:
            await host.collection.open(two)
        host.runs.cancel(run)
        await host.idle()
        if leave:
            assert isinstance(host.shown[-1], Idle)
            await host.collection.open(one)
        state = host.shown[-1]
        assert isinstance(state, Received)
        assert "incomplete" in state.outcome.label
        assert "Cancelled" in state.exchange.response.cut_short
        assert host.body.count('"id": 2') > 100
        assert state.document.complete
        assert body.closed
        assert host.runs.running == 0


async def test_cancelling_before_the_head_comes_says_so(tmp_path: Path) -> None:
    server = Server()
    server.heads = {NAMES_PATH: asyncio.Event()}
    async with controllers(tmp_path, server) as host:
        run = await host.start(EVENTS)
        await host.until(lambda: server.requested)
        host.runs.cancel(run)
        await host.idle()
        cancelled = host.shown[-1]
        assert isinstance(cancelled, Cancelled)
        host.runs.cancel(run)
        assert host.state is cancelled


async def test_a_body_that_breaks_off_is_kept(tmp_path: Path) -> None:
    class Breaks(Slow):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield self.first
            raise httpx.ReadError("reset")

    server = Server()
    server.bodies[NAMES_PATH] = Breaks()
    async with controllers(tmp_path, server) as host:
        await host.start(EVENTS)
        await host.idle()
        assert isinstance(host.state, Received)
        assert "incomplete" in host.state.outcome.label
        assert "the connection was lost" in host.state.exchange.response.cut_short
        assert '"id": 1' in host.body


async def test_a_disk_that_fails_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Spool, start: int, end: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Spool, "read", broken)
    async with controllers(tmp_path, Server()) as host:
        await host.start(EVENTS)
        await host.idle()
        assert isinstance(host.state, Failed)
        assert "could not be read back" in str(host.state.error)


async def test_a_body_comes_without_a_folder_for_bodies(tmp_path: Path) -> None:
    server = Server()
    async with controllers(tmp_path, server) as host:
        in_the_way = host.runs._folder
        in_the_way.parent.mkdir(parents=True, exist_ok=True)
        in_the_way.write_text("a file")
        await host.start(EVENTS)
        await host.idle()
        assert isinstance(host.state, Received)
        assert f'"path": "{NAMES_PATH}"' in host.body


@pytest.mark.parametrize("head", [False, True], ids=["before a head", "in a body"])
async def test_quitting_stops_everything(tmp_path: Path, head: bool) -> None:
    one, two = write_gets(tmp_path, "one", "two")
    server = Server()
    body = server.bodies["/api/one"] = Slow()
    if not head:
        server.heads["/api/one"] = asyncio.Event()
    server.heads["/api/two"] = asyncio.Event()
    async with controllers(tmp_path, server) as host:
        first = await host.open_and_start(one)
        await host.open_and_start(two)
        await host.until(lambda: len(server.requested) == 2)
        if head:
            await host.until(lambda: first.document)
        await host.runs.end()
        assert stored_outcomes() == [
            "cancelled",
            "incomplete" if head else "cancelled",
        ]
    assert body.closed is head


async def test_the_key_that_quits_stops_everything(tmp_path: Path) -> None:
    server = Server()
    server.heads["/api/one"] = asyncio.Event()
    app = make_app(tmp_path, server)
    async with app.run_test() as pilot:
        await main(pilot).collection.open(write_gets(tmp_path, "one")[0])
        await pilot.press("f5")
        await wait_until(pilot, lambda: server.requested)
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert app.return_code == 0
    assert stored_outcomes() == ["cancelled"]


def stored_outcomes() -> list[str]:
    with closing(open_history(HistorySettings())) as history:
        stored = history.search(HistoryQuery())
    return sorted(entry.outcome for entry in stored)


# The list of them


def listed(pilot: Pilot[Any]) -> list[str]:
    dialog = pilot.app.screen
    assert isinstance(dialog, ActivityDialog)
    options = dialog.query_one("OptionList")
    return [str(o.prompt) for o in options.options]


class ListHost(App[None]):
    """Shows the list of runs that controllers have."""

    def __init__(self, runs: RequestRuns) -> None:
        super().__init__()
        self.runs = runs
        self.chosen: RequestRun | None = None

    def on_mount(self) -> None:
        self.push_screen(ActivityDialog(self.runs), self.choose)

    def choose(self, run: RequestRun | None) -> None:
        self.chosen = run


async def test_nothing_sent_yet_is_said(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host, ListHost(host.runs).run_test() as pilot:
        await pilot.pause()
        assert "press f5" in listed(pilot)[0]
        await pilot.press("x", "enter", "escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ActivityDialog)


async def test_a_new_request_is_listed_without_its_secrets(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await host.start(Draft(url="/query/events?api_secret=kq7-zx9"))
        await host.idle()
        async with ListHost(host.runs).run_test(size=(110, 24)) as pilot:
            await pilot.pause()
            assert f"/query/events?api_secret={REDACTED}" in listed(pilot)[0]


async def test_runs_are_listed_opened_and_stopped(tmp_path: Path) -> None:
    one, two, three = write_gets(tmp_path, "one", "two", "three")
    server = Server()
    server.bodies["/api/one"] = Slow()
    server.heads["/api/two"] = asyncio.Event()
    async with controllers(tmp_path, server) as host:
        first = await host.open_and_start(one)
        await host.until(lambda: first.document)
        second = await host.open_and_start(two)
        third = await host.open_and_start(three)
        await host.until(lambda: isinstance(third.state, Received))
        app = ListHost(host.runs)
        async with app.run_test(size=(110, 24)) as pilot:
            await pilot.pause()
            rows = listed(pilot)
            assert [row.split()[:2] for row in rows] == [
                ["GET", "two"],
                ["GET", "one"],
                ["GET", "three"],
            ]
            assert "sending…" in rows[0]
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
            dialog = pilot.app.screen
            assert isinstance(dialog, ActivityDialog)
            host.runs.cancel(first)
            await host.until(lambda: not host.runs.running)
            dialog._tick()
            assert dialog._clock is not None
            clock = dialog._clock._task
            assert clock is None or clock.cancelling(), "it rests: nothing is in flight"
            await pilot.press("up", "up", "enter")
            await pilot.pause()
        await host.collection.open_run(app.chosen)
        assert host.shown[-1] is app.chosen.state
        assert host.collection.open_request is not None
        assert host.collection.open_request.path == app.chosen.path


async def test_the_run_of_a_new_request_is_opened_with_its_draft(
    tmp_path: Path,
) -> None:
    (path,) = write_gets(tmp_path, "one")
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
        assert screen.focused is screen.response_pane.view
