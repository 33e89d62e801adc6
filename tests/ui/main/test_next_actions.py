"""From a response to what comes next: rejected records, other regions, pages."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widgets import TextArea

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.dialogs.saving import SaveDialog
from mixtui.ui.main.activity import ActivityDialog
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.response.next_actions import hint, is_applicable
from mixtui.ui.response.state import Cancelled, Failed, FromHistory, Received
from mixtui.ui.table.grid import TableGrid
from mixtui.ui.widgets.field import TextInput
from tests.ui.app import PROD, main, make_app, settled
from tests.ui.driver import wait_until
from tests.ui.main.controllers import Answer, ControllerHost, controllers
from tests.ui.main.test_sending import status

RECORDS = (
    '[\n{"event": "a", "n": 1},\n{"event": "b", "n": 2},\n{"event": "c", "n": 3}\n]'
)
IMPORT = Draft(
    method=Method.POST, api=Api.INGESTION, url="/import", body=Body(text=RECORDS)
)
FAILED = {
    "code": 400,
    "num_records_imported": 1,
    "failed_records": [
        {"index": 1, "insert_id": "x", "field": "event", "message": "no"},
        {"index": 2, "message": "bad"},
    ],
}
NAMES = Draft(url="/query/events/names")
PEOPLE = Draft(
    method=Method.POST, url="/query/engage", body=Body(BodyType.FORM, "where=true")
)
EU = replace(PROD, name="prod-eu", region=Region.EU)


def reject_records(request: httpx.Request) -> httpx.Response:
    return httpx.Response(400, json=FAILED)


def cursor(screen: MainScreen) -> tuple[int, int]:
    area = screen.focused
    assert isinstance(area, TextArea)
    return area.cursor_location


def messages(pilot: Pilot[int]) -> str:
    return "\n".join(n.message for n in pilot.app._notifications)


async def sent(pilot: Pilot[int], draft: Draft) -> MainScreen:
    screen = main(pilot)
    screen.draft = draft
    await pilot.press("f5")
    await settled(pilot)
    screen.set_focus(screen.response_pane.view)
    await pilot.pause()
    return screen


async def respond_to(host: ControllerHost, draft: Draft) -> None:
    """Send a draft, and wait for the response."""
    await host.start(draft)
    await host.idle()


async def act(host: ControllerHost, action: str, *answers: Answer) -> None:
    """Take a next action, and answer its questions."""
    host.act(action, *answers)
    await host.idle()


def action_hint(host: ControllerHost) -> str:
    assert isinstance(host.state, Received)
    return hint(host.state)


# Rejected records


async def test_one_rejected_record_after_the_other_is_gone_to(tmp_path: Path) -> None:
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, IMPORT)
        assert "b in the response to go to the rejected records" in action_hint(host)
        for line, column in ((3, 11), (4, 1), (3, 11)):
            await act(host, "refused_record")
            assert host.request_pane.location == ("body", line, column)
        assert host.messages[0] == "Rejected 1 of 2, line 3: event: no (x)."


async def test_enter_on_a_row_of_the_table_goes_to_its_record(tmp_path: Path) -> None:
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: bool(screen.query(TableGrid)))
        grid = screen.query_one(TableGrid)
        await wait_until(pilot, lambda: grid.current is not None)
        screen.set_focus(grid)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: isinstance(screen.focused, TextArea))
        assert cursor(screen) == (3, 0)
        screen.set_focus(grid)
        await pilot.press("up", "b")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (2, 10))


def cursor_or_none(screen: MainScreen) -> tuple[int, int] | None:
    area = screen.focused
    return area.cursor_location if isinstance(area, TextArea) else None


async def test_the_record_under_the_cursor_of_the_body_is_gone_to(
    tmp_path: Path,
) -> None:
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, IMPORT)
        host.response_pane.put_cursor_on(".failed_records[1].message")
        await act(host, "refused_record")
        assert host.request_pane.location == ("body", 4, 1)
        assert host.messages == ["Rejected 2 of 2, line 4: bad."]


async def test_an_edited_body_is_searched_and_doubt_is_reported(tmp_path: Path) -> None:
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, IMPORT)
        host.draft = replace(IMPORT, body=Body(text=RECORDS.replace("[", "[\n\n", 1)))
        await act(host, "refused_record")
        assert host.request_pane.location == ("body", 5, 11)
        assert "changed" not in host.message
        host.draft = replace(IMPORT, body=Body(text='[\n{"n": 1},\n{"n": 9}\n]'))
        await act(host, "refused_record")
        assert "no longer contains record" in host.message


async def test_only_the_rejected_records_are_kept_and_undo_restores_the_others(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        await pilot.press("B")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (1, 10))
        left = '[\n{"event": "b", "n": 2},\n{"event": "c", "n": 3}\n]'
        assert screen.draft.body == Body(text=left)
        assert "Kept 2 rejected records" in messages(pilot)
        await pilot.press("ctrl+z")
        assert screen.draft == IMPORT


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (Body(text='[{"n": 1}]'), "no longer has the records"),
        (Body(BodyType.TEXT, RECORDS), "no longer has the records"),
        (Body(BodyType.FILE, path="x.json"), "The body is a file"),
    ],
)
async def test_no_record_is_removed_from_another_body(
    tmp_path: Path, now: Body, reason: str
) -> None:
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, IMPORT)
        host.draft = replace(IMPORT, body=now)
        await act(host, "keep_rejected")
        assert reason in host.message
        assert host.draft.body == now


async def test_the_line_of_a_body_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(RECORDS)
    draft = replace(IMPORT, body=Body(BodyType.FILE, path=str(file)))
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, draft)
        await act(host, "refused_record")
        assert "line 3 of the file" in host.message
        assert host.request_pane.location == "body"


async def test_a_body_without_records_is_not_searched_in_vain(tmp_path: Path) -> None:
    draft = replace(IMPORT, body=Body(BodyType.TEXT, RECORDS))
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, draft)
        await act(host, "refused_record")
        assert "A text body has no records" in host.message


async def recall(host: ControllerHost) -> None:
    """Show the response from history."""
    run = host.slot.run
    assert run is not None
    assert run.entry_number is not None
    await host.history.open(run.entry_number)
    assert isinstance(host.shown[-1], FromHistory)


async def test_an_old_response_leads_to_its_record_too(tmp_path: Path) -> None:
    async with controllers(tmp_path, reject_records) as host:
        await respond_to(host, IMPORT)
        await recall(host)
        assert is_applicable(host.state, "refused_record")
        await act(host, "refused_record")
        assert host.request_pane.location == ("body", 3, 11)


async def test_an_old_response_is_not_gone_on_from(tmp_path: Path) -> None:
    async with controllers(tmp_path, Pages()) as host:
        await respond_to(host, PEOPLE)
        await recall(host)
        for action in ("next_page", "all_pages", "other_region"):
            assert not is_applicable(host.state, action)
            host.messages.clear()
            await act(host, action)
            assert "from history" in host.message


async def test_a_response_without_rejected_records_says_so(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await respond_to(host, NAMES)
        assert not is_applicable(host.state, "refused_record")
        await act(host, "refused_record")
        assert "lists no rejected records" in host.message


async def test_in_a_small_terminal_the_request_comes_back(tmp_path: Path) -> None:
    async with make_app(tmp_path, reject_records).run_test(size=(60, 16)) as pilot:
        screen = await sent(pilot, IMPORT)
        await pilot.press("b")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (2, 10))
        assert not screen.has_class("-reading")


# Regions


class Regions:
    """Responds in eu alone."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(request.url.host)
        if request.url.host.startswith(("eu.", "api-eu.")):
            return httpx.Response(200, json=["a"])
        return httpx.Response(400, json={"error": "invalid project id for cluster"})


async def test_a_read_is_tried_elsewhere_and_the_environment_offered(
    tmp_path: Path,
) -> None:
    regions = Regions()
    app = make_app(tmp_path, regions, environments=(PROD, EU))
    async with app.run_test() as pilot:
        screen = await sent(pilot, NAMES)
        assert "o in the response to try another region" in status(screen)
        assert screen.check_action("other_region", ()) is True
        assert screen.check_action("refused_record", ()) is False
        assert "prod-eu has it in eu" in status(screen)
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        assert regions.hosts == ["mixpanel.com"]
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert regions.hosts == ["mixpanel.com", "eu.mixpanel.com"]
        await pilot.press("y")
        await wait_until(pilot, lambda: screen.environment.name == "prod-eu")
        assert len(regions.hosts) == 2


async def test_without_an_environment_there_the_host_of_the_region_is_asked(
    tmp_path: Path,
) -> None:
    regions = Regions()
    async with controllers(tmp_path, regions, (PROD,)) as host:
        await respond_to(host, NAMES)
        await act(host, "other_region", "i")
        assert regions.hosts[1:] == ["in.mixpanel.com"]
        assert len(host.questions) == 1  # It is not there either: nothing is offered.
        await act(host, "other_region", "e", "n")
        assert "no environment uses it there" in host.questions[-1]
        assert host.environment.name == "prod"
        assert not host.opened_environments
        await respond_to(host, NAMES)
        await act(host, "other_region", "e", "y")
        assert host.opened_environments


async def test_a_write_is_never_tried_elsewhere(tmp_path: Path) -> None:
    regions = Regions()
    async with controllers(tmp_path, regions, (PROD, EU)) as host:
        await respond_to(host, IMPORT)
        assert action_hint(host) == ""
        await act(host, "other_region")
        assert "Writes are never sent" in host.message
        assert len(regions.hosts) == 1


async def test_hosts_of_ones_own_are_named(tmp_path: Path) -> None:
    own = replace(PROD, hosts={Api.QUERY: "https://proxy.example"})
    async with controllers(tmp_path, Regions(), (own,)) as host:
        await respond_to(host, NAMES)
        await act(host, "other_region")
        assert "environment prod sets its own host" in host.message


# Pages


class Pages:
    """Three pages of two profiles, but for the last; may fail once at one of them."""

    def __init__(self, failing: int = -1) -> None:
        self.requests: list[dict[str, list[str]]] = []
        self.failing = failing

    def __call__(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs(request.content.decode())
        self.requests.append(form)
        page = int(form.get("page", ["0"])[0])
        if page == self.failing:
            self.failing = -1
            return httpx.Response(503, text="")
        results = [{"$distinct_id": f"{page}-{i}"} for i in range(2 if page < 2 else 1)]
        state = {"page": page, "page_size": 2, "session_id": "s", "total": 5}
        return httpx.Response(200, text=json.dumps({**state, "results": results}))


async def test_the_next_page_is_asked_for_with_the_session(tmp_path: Path) -> None:
    pages = Pages()
    async with controllers(tmp_path, pages) as host:
        await respond_to(host, PEOPLE)
        assert action_hint(host) == "Page 1 of 3 · m Next page · M All pages to file"
        await act(host, "next_page")
        assert "Page 2 of 3" in action_hint(host)
        await act(host, "next_page")
        assert "Page 3 of 3 · Last page" in action_hint(host)
        third = {"where": ["true"], "session_id": ["s"], "page": ["2"]}
        assert pages.requests[2] == third
        assert host.draft == PEOPLE
        await act(host, "next_page")
        assert "This is the last page" in host.message
        assert len(pages.requests) == 3


async def test_all_pages_go_into_a_file(tmp_path: Path) -> None:
    pages, path = Pages(), tmp_path / "people.jsonl"
    app = make_app(tmp_path, pages)
    async with app.run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        shown = screen.response
        await pilot.press("M")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        question = str(app.screen.query_one("#question Static").content)
        assert (
            "3 pages, 5 profiles. Page 1 is already here; the rest take 2 re"
            in question
        )
        assert "reportedly do not count" in question
        await pilot.press("y")
        await wait_until(pilot, lambda: isinstance(app.screen, SaveDialog))
        app.screen.query_one(TextInput).value = str(path)
        await pilot.press("enter")
        await wait_until(pilot, path.exists)
        await settled(pilot)
        lines = path.read_text().splitlines()
        assert [json.loads(line)["$distinct_id"] for line in lines] == [
            "0-0",
            "0-1",
            "1-0",
            "1-1",
            "2-0",
        ]
        assert len(pages.requests) == 3  # The first page was not asked for again.
        assert screen.response is shown
        assert "5 profiles on 3 pages" in messages(pilot)
        job = next(iter(screen.runs))
        assert isinstance(job.state, Received)
        await pilot.press("ctrl+b")
        await wait_until(pilot, lambda: isinstance(pilot.app.screen, ActivityDialog))


async def test_from_a_later_page_they_begin_again(tmp_path: Path) -> None:
    pages, path = Pages(), tmp_path / "people.jsonl"
    async with controllers(tmp_path, pages) as host:
        await respond_to(host, PEOPLE)
        await act(host, "next_page")
        await act(host, "all_pages", "y", path)
        assert "Collection starts again at page 1" in host.questions[0]
        assert len(path.read_text().splitlines()) == 5


async def test_after_a_failure_it_goes_on_from_that_page(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    async with controllers(tmp_path, Pages(failing=1)) as host:
        await respond_to(host, PEOPLE)
        host.act("all_pages", "y", path)
        await host.until(lambda: len(host.questions) == 3)
        assert "Page 2: server error." in host.questions[-1]
        assert "2 profiles on 1 page. Continue from page 2?" in host.questions[-1]
        assert not path.exists()
        host.answers = ["y"]
        await host.idle()
        assert len(path.read_text().splitlines()) == 5


async def test_who_does_not_go_on_keeps_what_came(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    async with controllers(tmp_path, Pages(failing=2)) as host:
        await respond_to(host, PEOPLE)
        await act(host, "all_pages", "y", path, "n")
        assert "people.jsonl.part: 4 profiles" in host.message
        assert "-q session_id=s -q page=2" in host.message
        state = next(iter(host.runs)).state
        assert isinstance(state, Failed)
        assert "-q session_id=s -q page=2" in state.outcome.detail
    assert not path.exists()
    assert len(path.with_name("people.jsonl.part").read_text().splitlines()) == 4


async def test_a_collection_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "people.jsonl"
    first, hold = Pages(), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        if b"page=" in request.content:
            await hold.wait()
        return first(request)

    async with controllers(tmp_path, slow) as host:
        await respond_to(host, PEOPLE)
        host.act("all_pages", "y", path)
        await host.until(lambda: host.runs.running == 1)
        part = path.with_name("people.jsonl.part")
        await host.until(lambda: part.exists() and bool(part.read_text()))
        job = next(iter(host.runs))
        await host.until(lambda: job.progress == "page 1 of 3 · 2 profiles")
        host.runs.cancel(job)
        await host.idle()
        assert "Stopped. Saved in" in host.message
        assert "-q session_id=s -q page=1" in host.message
        assert isinstance(job.state, Cancelled)
    assert not path.exists()
    assert len(part.read_text().splitlines()) == 2


async def test_other_responses_have_no_pages(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await respond_to(host, NAMES)
        assert not is_applicable(host.state, "all_pages")
        await act(host, "all_pages")
        assert "not a page of profiles" in host.message
