"""The quota on the screen: counted, shown, waited for."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import httpx
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.limits import Bucket
from mixtui.model.draft import Body, Draft, Method
from mixtui.model.quota import Account
from mixtui.storage.paths import state_dir
from mixtui.storage.quota import QuotaStore
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.main.top_bar import QuotaLabel, TopBar
from mixtui.ui.response.state import Idle, Queued, Received
from tests.ui.app import main, make_app, settled
from tests.ui.driver import wait_until
from tests.ui.main.controllers import controllers

QUERY = Account("project 1234567", Bucket.QUERY)
EVENTS = Draft(url="/query/events/names", name="names")
SIZE = (130, 24)


def used(calls: int, *, ago: float) -> None:
    """Count calls of some time ago, as another run did."""
    book = QuotaStore(state_dir(), lambda: time.time() - ago)
    for _ in range(calls):
        book.count([QUERY])
    book.close()


def bar(pilot: Pilot[int]) -> str:
    return str(pilot.app.screen_stack[0].query_one(TopBar).render())


async def test_a_query_is_counted_and_the_first_line_says_so(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=SIZE) as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        assert "queries" not in bar(pilot)
        await pilot.press("f5")
        await settled(pilot)
        await wait_until(
            pilot, lambda: "59 of 60 queries left (resets in 60 min)" in bar(pilot)
        )
        screen.draft = Draft(method=Method.POST, api=Api.INGESTION, url="/track")
        await pilot.pause()
        assert "59 of 60 queries" in bar(pilot), "shown where nothing else counts"


async def test_what_other_runs_sent_is_counted_as_well(tmp_path: Path) -> None:
    used(40, ago=600)
    async with controllers(tmp_path) as host:
        host.quota.follow(Bucket.QUERY)
        await host.until(
            lambda: host.quota_text == "20 of 60 queries left (resets in 50 min)"
        )


async def test_a_narrow_screen_shows_the_count_alone() -> None:
    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield TopBar()

    async with Host().run_test(size=(80, 3)) as pilot:
        label = QuotaLabel("20 of 60 queries left (resets in 50 min)", "20/60 left")
        pilot.app.query_one(TopBar).quota = label
        await pilot.pause()
        assert bar(pilot).endswith("  20/60 left")
        await pilot.resize_terminal(130, 3)
        assert bar(pilot).endswith("  20 of 60 queries left (resets in 50 min)")


async def test_a_429_corrects_the_count(tmp_path: Path) -> None:
    text = (
        "Query rate limit exceeded for project_id: 1. 1/5 queries running "
        "concurrently and 61/60 queries running in the last hour."
    )

    def full(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, json={"error": text}, headers={"Retry-After": "600"})

    async with controllers(tmp_path, full) as host:
        host.quota.follow(Bucket.QUERY)
        await host.start(EVENTS)
        await host.until(
            lambda: host.quota_text == "0 of 60 queries left (resets in 10 min)"
        )


async def test_a_request_that_never_reached_the_server_is_not_counted(
    tmp_path: Path,
) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    async with controllers(tmp_path, refuse) as host:
        await host.start(EVENTS)
        await host.idle()
    with closing(QuotaStore(state_dir())) as store:
        assert store.status(QUERY).used == 0


async def test_a_used_up_quota_offers_to_wait_and_escape_sends_nothing(
    tmp_path: Path,
) -> None:
    used(60, ago=600)
    async with make_app(tmp_path).run_test(size=SIZE) as pilot:
        screen = main(pilot)
        screen.draft = EVENTS
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(screen.response, Idle)
        await pilot.press("f5")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ChoiceDialog))
        await pilot.press("w")
        await wait_until(pilot, lambda: isinstance(screen.response, Queued))
        shown = str(screen.response_pane.query_one("StatusLine").render())
        assert "sends in 49:" in shown or "sends in 50:00" in shown
        assert shown.count("quota") == 1
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(screen.response, Idle)
        assert screen.runs.running == 0


async def test_who_does_not_wait_after_all_sees_the_response_of_before(
    tmp_path: Path,
) -> None:
    used(59, ago=600)
    async with controllers(tmp_path) as host:
        await host.start(EVENTS)
        await host.idle()
        before = host.state
        assert isinstance(before, Received)
        await host.send(later=True)
        queued = host.slot.run
        assert isinstance(host.shown[-1], Queued)
        assert queued is not None
        host.runs.cancel(queued)
        assert host.shown[-1] is before
        await host.idle()
        assert host.state is before
        assert host.runs.running == 0


async def test_it_may_be_sent_anyway(tmp_path: Path) -> None:
    used(60, ago=600)
    async with controllers(tmp_path) as host:
        host.answers = ["s"]
        await host.start(EVENTS)
        assert "used up" in host.questions[0]
        await host.idle()
        assert isinstance(host.state, Received)


async def test_a_read_that_waits_is_sent_when_the_slot_comes(tmp_path: Path) -> None:
    used(60, ago=3599.7)
    async with controllers(tmp_path) as host:
        host.draft = EVENTS
        await host.send(later=True)
        assert isinstance(host.state, Queued)
        await host.idle()
        assert isinstance(host.state, Received)
        assert host.questions == []


async def test_what_writes_never_waits_for_a_slot(tmp_path: Path) -> None:
    requests: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, json={})

    async with controllers(tmp_path, handler) as host:
        host.draft = Draft(
            method=Method.POST,
            api=Api.LEXICON,
            url="/{projectId}/schemas",
            body=Body(text='{"entries": []}'),
        )
        host.answers = ["y"]
        await host.send(later=True)
        assert host.messages == ["Writes cannot be scheduled. Send it now (f5)."]
        assert not requests
        assert isinstance(host.state, Idle)


async def test_another_region_is_asked_about_as_well(tmp_path: Path) -> None:
    requests: list[str] = []

    def lives_in_eu(request: httpx.Request) -> httpx.Response:
        requests.append(request.url.host)
        if request.url.host == "eu.mixpanel.com":
            return httpx.Response(200, json=["a"])
        return httpx.Response(400, json={"error": "invalid project id for cluster"})

    used(59, ago=600)
    async with controllers(tmp_path, lives_in_eu) as host:
        await host.start(EVENTS)
        await host.idle()
        host.act("other_region", "e", "escape")
        await host.idle()
        assert "used up" in host.questions[-1]
        assert requests == ["mixpanel.com"]
        assert isinstance(host.state, Received)
