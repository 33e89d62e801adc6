"""From a response to what comes next: rejected records, other regions, pages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from textual.pilot import Pilot
from textual.widgets import TextArea

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.storage.files import PartFile
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.dialogs.saving import SaveDialog
from mixtui.ui.main.activity import ActivityDialog
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.response.state import Cancelled, Failed, Received
from mixtui.ui.table.grid import TableGrid
from mixtui.ui.widgets.field import TextInput
from tests.ui.app import PROD, main, make_app, settled
from tests.ui.driver import wait_until
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


# Rejected records


async def test_the_key_goes_through_the_rejected_records(tmp_path: Path) -> None:
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        assert "b goes to the refused records" in status(screen)
        await pilot.press("b")
        await wait_until(pilot, lambda: isinstance(screen.focused, TextArea))
        assert cursor(screen) == (2, 0)
        assert "Refused 1 of 2, line 3: event: no (x)." in messages(pilot)
        screen.set_focus(screen.response_pane.view)
        await pilot.press("b")
        await wait_until(pilot, lambda: isinstance(screen.focused, TextArea))
        assert cursor(screen) == (3, 0)


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
        await wait_until(pilot, lambda: cursor_or_none(screen) == (2, 0))


def cursor_or_none(screen: MainScreen) -> tuple[int, int] | None:
    area = screen.focused
    return area.cursor_location if isinstance(area, TextArea) else None


async def test_the_record_under_the_cursor_of_the_body_is_gone_to(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        line = next(
            i
            for i in range(99)
            if '"bad"' in screen.response_pane.body.view.document.line(i)
        )
        screen.response_pane.body.view.go_to_line(line)
        await pilot.press("b")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (3, 0))


async def test_an_edited_body_is_searched_and_doubt_is_reported(tmp_path: Path) -> None:
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        moved = RECORDS.replace("[", "[\n\n", 1)
        screen.draft = replace(IMPORT, body=Body(text=moved))
        await pilot.press("b")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (4, 0))
        assert "changed" not in messages(pilot)
        screen.draft = replace(IMPORT, body=Body(text='[\n{"n": 1},\n{"n": 9}\n]'))
        screen.set_focus(screen.response_pane.view)
        await screen.run_action("refused_record")
        await wait_until(pilot, lambda: "not in it any more" in messages(pilot))


async def test_the_line_of_a_body_file_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    file.write_text(RECORDS)
    draft = replace(IMPORT, body=Body(BodyType.FILE, path=str(file)))
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        await sent(pilot, draft)
        await pilot.press("b")
        await wait_until(pilot, lambda: "line 3 of the file" in messages(pilot))


async def test_a_body_without_records_is_not_searched_in_vain(tmp_path: Path) -> None:
    draft = replace(IMPORT, body=Body(BodyType.TEXT, RECORDS))
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        await sent(pilot, draft)
        await pilot.press("b")
        await wait_until(
            pilot, lambda: "the type text has no records" in messages(pilot)
        )


async def test_an_old_response_leads_to_its_record_too(tmp_path: Path) -> None:
    async with make_app(tmp_path, reject_records).run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        run = screen.collection.slot.run
        assert run is not None
        await wait_until(pilot, lambda: run.entry_number is not None)
        await screen.history.open(run.entry_number)
        assert screen.check_action("refused_record", ()) is True
        await pilot.press("b")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (2, 0))


async def test_an_old_response_is_not_gone_on_from(tmp_path: Path) -> None:
    async with make_app(tmp_path, Pages()).run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        run = screen.collection.slot.run
        assert run is not None
        await wait_until(pilot, lambda: run.entry_number is not None)
        await screen.history.open(run.entry_number)
        for key in ("m", "M", "o"):
            await pilot.press(key)
            await wait_until(pilot, lambda: "from the history" in messages(pilot))
            pilot.app.clear_notifications()


async def test_a_response_without_rejected_records_says_so(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = await sent(pilot, NAMES)
        assert screen.check_action("refused_record", ()) is False
        await pilot.press("b")
        await wait_until(pilot, lambda: "names no refused records" in messages(pilot))


async def test_in_a_small_terminal_the_request_comes_back(tmp_path: Path) -> None:
    async with make_app(tmp_path, reject_records).run_test(size=(60, 16)) as pilot:
        screen = await sent(pilot, IMPORT)
        await pilot.press("b")
        await wait_until(pilot, lambda: cursor_or_none(screen) == (2, 0))
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
        assert "o tries it in another region" in status(screen)
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
    app = make_app(tmp_path, regions, environments=(PROD,))
    async with app.run_test() as pilot:
        screen = await sent(pilot, NAMES)
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("i")
        await wait_until(pilot, lambda: len(regions.hosts) == 2)
        await settled(pilot)
        assert regions.hosts[-1] == "in.mixpanel.com"
        assert app.screen is screen  # It is not there either: nothing is offered.
        await pilot.press("o")
        await wait_until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert screen.environment.name == "prod"
        await pilot.press("n")


async def test_a_write_is_never_tried_elsewhere(tmp_path: Path) -> None:
    regions = Regions()
    app = make_app(tmp_path, regions, environments=(PROD, EU))
    async with app.run_test() as pilot:
        screen = await sent(pilot, IMPORT)
        assert "tries it" not in status(screen)
        await pilot.press("o")
        await wait_until(pilot, lambda: "A write is not sent" in messages(pilot))
        assert len(regions.hosts) == 1


async def test_hosts_of_ones_own_are_named(tmp_path: Path) -> None:
    own = replace(PROD, hosts={Api.QUERY: "https://proxy.example"})
    app = make_app(tmp_path, Regions(), environments=(own,))
    async with app.run_test() as pilot:
        await sent(pilot, NAMES)
        await pilot.press("o")
        await wait_until(
            pilot, lambda: "hosts of the environment prod" in messages(pilot)
        )


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
    async with make_app(tmp_path, pages).run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        assert "page 1 of 3 · in the answer: m next page · M all" in status(screen)
        await pilot.press("m")
        await wait_until(pilot, lambda: "page 2 of 3" in status(screen))
        await pilot.press("m")
        await wait_until(pilot, lambda: "page 3 of 3 · the last one" in status(screen))
        third = {"where": ["true"], "session_id": ["s"], "page": ["2"]}
        assert pages.requests[2] == third
        assert screen.draft == PEOPLE
        await pilot.press("m")
        await wait_until(pilot, lambda: "This is the last page" in messages(pilot))
        assert len(pages.requests) == 3


async def collecting(pilot: Pilot[int], path: Path, sentence: str) -> None:
    app = pilot.app
    await pilot.press("M")
    await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
    question = str(app.screen.query_one("#question Static").content)
    assert sentence in question
    assert "are said not to count" in question
    await pilot.press("y")
    await wait_until(pilot, lambda: isinstance(app.screen, SaveDialog))
    app.screen.query_one(TextInput).value = str(path)
    await pilot.press("enter")


async def test_all_pages_go_into_a_file(tmp_path: Path) -> None:
    pages, path = Pages(), tmp_path / "people.jsonl"
    async with make_app(tmp_path, pages).run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        shown = screen.response
        await collecting(
            pilot, path, "3 pages, 5 profiles. The first page is here: 2 re"
        )
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
    async with make_app(tmp_path, pages).run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        await pilot.press("m")
        await wait_until(pilot, lambda: "page 2 of 3" in status(screen))
        await collecting(pilot, path, "They begin again at the first page")
        await wait_until(pilot, path.exists)
        assert len(path.read_text().splitlines()) == 5


async def test_after_a_failure_it_goes_on_from_that_page(tmp_path: Path) -> None:
    pages, path = Pages(failing=1), tmp_path / "people.jsonl"
    app = make_app(tmp_path, pages)
    async with app.run_test() as pilot:
        await sent(pilot, PEOPLE)
        await collecting(pilot, path, "3 pages")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        question = str(app.screen.query_one("#question Static").content)
        assert "Page 2: server error." in question
        assert "2 profiles on 1 page. Go on from page 2?" in question
        assert not path.exists()
        await pilot.press("y")
        await wait_until(pilot, path.exists)
        assert len(path.read_text().splitlines()) == 5


async def test_who_does_not_go_on_keeps_what_came(tmp_path: Path) -> None:
    pages, path = Pages(failing=2), tmp_path / "people.jsonl"
    app = make_app(tmp_path, pages)
    async with app.run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        await collecting(pilot, path, "3 pages")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("n")
        await wait_until(
            pilot, lambda: "people.jsonl.part: 4 profiles" in messages(pilot)
        )
        assert "-q session_id=s -q page=2" in messages(pilot)
        state = next(iter(screen.runs)).state
        assert isinstance(state, Failed)
        assert "-q session_id=s -q page=2" in state.outcome.detail
    assert not path.exists()
    assert len(path.with_name("people.jsonl.part").read_text().splitlines()) == 4


async def test_a_collection_can_be_stopped(tmp_path: Path) -> None:
    import asyncio

    path = tmp_path / "people.jsonl"
    first, hold = Pages(), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        if b"page=" in request.content:
            await hold.wait()
        return first(request)

    app = make_app(tmp_path, slow)
    async with app.run_test() as pilot:
        screen = await sent(pilot, PEOPLE)
        await collecting(pilot, path, "3 pages")
        await wait_until(pilot, lambda: screen.runs.running == 1)
        part = path.with_name("people.jsonl.part")
        await wait_until(pilot, lambda: part.exists() and bool(part.read_text()))
        job = next(iter(screen.runs))
        assert job.progress == "page 1 of 3 · 2 profiles"
        screen.runs.cancel(job)
        await wait_until(pilot, lambda: "Stopped. Kept in" in messages(pilot))
        assert "-q session_id=s -q page=1" in messages(pilot)
        assert isinstance(job.state, Cancelled)
    assert not path.exists()
    assert len(part.read_text().splitlines()) == 2


async def test_other_responses_have_no_pages(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = await sent(pilot, NAMES)
        assert screen.check_action("all_pages", ()) is False
        await pilot.press("M")
        await wait_until(pilot, lambda: "no page of profiles" in messages(pilot))


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_in_parts_replaces_only_what_it_may(
    tmp_path: Path, overwrite: bool
) -> None:
    path = tmp_path / "new" / "x.jsonl"
    file = PartFile(path, overwrite=overwrite)
    file.write(b"a\n")
    file.write(b"b\n")
    assert not path.exists()
    file.finish()
    assert path.read_bytes() == b"a\nb\n"
    assert file.size == 4
