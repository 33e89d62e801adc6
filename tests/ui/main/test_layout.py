"""What is seen at which size, and what the environment line says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from msgspec.structs import replace
from textual.widgets._toast import Toast

from mixtui.app import reading_time
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Body, BodyType, Draft, Method
from mixtui.model.environment import NO_ENVIRONMENT, Environment, Environments
from mixtui.model.secrets import SecretReader
from mixtui.session import Session, sandbox_environments
from mixtui.storage.collection import Collection
from mixtui.storage.settings import Settings
from mixtui.ui.main.top_bar import TopBar
from mixtui.ui.widgets.code_area import CodeArea
from tests.ui.app import PROD, READ_ONLY, main, make_app, settled
from tests.ui.driver import (
    document_lines,
    screen_lines,
    type_text,
    wait_until,
    widget_lines,
)
from tests.ui.request.host import open_draft, shown

LOCAL = replace(PROD, hosts={api: "http://127.0.0.1:1" for api in Api})


@pytest.mark.parametrize(
    ("size", "sidebar"), [((120, 40), True), ((80, 24), False), ((40, 12), False)]
)
async def test_the_sidebar_is_there_when_there_is_room(
    tmp_path: Path, size: tuple[int, int], sidebar: bool
) -> None:
    async with make_app(tmp_path).run_test(size=size) as pilot:
        await pilot.pause()
        shown = main(pilot).query_one("#sidebar").display
        assert shown is sidebar
        await pilot.press("f2")
        await pilot.pause()
        assert main(pilot).query_one("#sidebar").display is not sidebar


async def test_every_part_is_inside_the_screen(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        screen = main(pilot)
        for size in ((120, 40), (80, 24), (40, 20), (200, 50)):
            await pilot.resize_terminal(*size)
            for selector in (
                "#url",
                "#request-tabs",
                "#response-tabs",
                "#response-body",
            ):
                region = screen.query_one(selector).region
                assert region.area > 0, (selector, size)
                assert screen.region.contains_region(region), (selector, size)


async def test_where_rows_are_few_a_body_shows_text_instead_of_its_types(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        text = Draft(
            method=Method.POST,
            api=Api.INGESTION,
            body=Body(text=f"{{}}{' ' * 200}\n" * 9),
        )
        for draft, when_read in ((text, False), (replace(text, body=None), True)):
            pane = main(pilot).request_pane
            await open_draft(pilot, pane, draft, "")
            await pane.show_tab("body")
            pane.url_field.focus()
            await pilot.pause()
            types = pane.query_one("BodyEditor > TabBar")
            assert types.display is when_read, draft
            for area in pane.query(CodeArea):
                # Neither the types nor a scrollbar take the only line.
                assert area.scrollable_content_region.height >= (not when_read)
        await open_draft(pilot, pane, text, "body")
        await pilot.pause()
        assert types.display, "it can be chosen where the body is edited"


async def test_a_body_with_hints_shows_its_text_at_every_height(
    tmp_path: Path,
) -> None:
    record = '{"event": "Sign up", "properties": {"time": "yesterday"}}'
    draft = Draft(
        method=Method.POST,
        api=Api.INGESTION,
        url="/import",
        body=Body(BodyType.NDJSON, f"{record}{' ' * 200}\n" * 9),
    )
    async with make_app(tmp_path).run_test(size=(110, 20)) as pilot:
        pane = main(pilot).request_pane
        await open_draft(pilot, pane, draft, "body")
        area = pane.query_one("BodyEditor > CodeArea")
        for height in range(20, 44):
            await pilot.resize_terminal(110, height)
            for focused in (area, pane.url_field):
                focused.focus()
                await pilot.pause()
                assert area.scrollable_content_region.height > 0, (height, focused)


@pytest.mark.parametrize(("size", "grows"), [((120, 40), 0), ((80, 24), 5)])
async def test_where_there_is_little_room_the_request_is_higher_while_it_is_edited(
    tmp_path: Path, size: tuple[int, int], grows: int
) -> None:
    async with make_app(tmp_path).run_test(size=size) as pilot:
        pane = main(pilot).request_pane
        await pilot.pause()
        height = pane.size.height
        await pane.focus_tab("query")
        await pilot.pause()
        assert pane.size.height == height + grows
        pane.url_field.focus()
        await pilot.pause()
        assert pane.size.height == height


async def test_where_there_is_room_for_one_pane_the_response_replaces_the_request(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(40, 12)) as pilot:
        screen = main(pilot)
        await type_text(pilot, "/query/events")
        assert screen.query_one("#request-tabs").region.area > 0
        await pilot.press("f5")
        await settled(pilot)
        view = screen.response_pane.view
        assert view.region.height >= 5
        assert screen.region.contains_region(view.region)
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert screen.focused is screen.query_one("#url")
        assert not screen.response_pane.display
        await pilot.press("f8")
        await pilot.pause()
        assert screen.response_pane.display
        for key, shows_response in (("ctrl+l", False), ("f5", True)):
            await pilot.resize_terminal(80, 24)
            await pilot.press(key)
            await settled(pilot)
            assert screen.request_pane.display and screen.response_pane.display
            await pilot.resize_terminal(40, 12)
            await pilot.pause()
            assert screen.response_pane.display is shows_response, key
            assert screen.request_pane.display is not shows_response, key


async def test_a_wide_terminal_has_room_for_both_panes_however_few_rows_it_has(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(160, 14)) as pilot:
        screen = main(pilot)
        await pilot.press("f5")
        await settled(pilot)
        for pane in (screen.request_pane, screen.response_pane):
            assert screen.region.contains_region(pane.region)
            assert pane.region.area > 0
        await pilot.press("f8")
        await pilot.pause()
        assert screen.request_pane.region.width == 160


async def test_the_width_of_the_sidebar_follows_the_terminal(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(100, 40)) as pilot:
        screen, widths = main(pilot), []
        for width in (100, 160, 200, 300):
            await pilot.resize_terminal(width, 40)
            await pilot.pause()
            widths.append(screen.query_one("#sidebar").region.width)
            assert screen.request_pane.region.width >= 60
        assert widths == [34, 35, 44, 50]


@pytest.mark.parametrize(("width", "rows"), [(158, 1), (200, 2), (44, 3)])
async def test_the_text_in_place_of_a_response_fills_the_width(
    tmp_path: Path, width: int, rows: int
) -> None:
    async with make_app(tmp_path).run_test(size=(100, 30)) as pilot:
        await pilot.resize_terminal(width, 30)
        await pilot.pause()
        lines = document_lines(main(pilot).response_pane.body.view)
        paragraph = lines[lines.index("") + 1 :]
        assert paragraph.index("") == rows


@pytest.mark.parametrize(
    ("sentence", "rows"), [("Saved.", 1), ("Zebras stand in long rows. " * 5, 2)]
)
async def test_a_notification_lies_over_the_last_line(
    tmp_path: Path, sentence: str, rows: int
) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        main(pilot).notify_text(sentence)
        await pilot.pause()
        lines = screen_lines(pilot.app)
        assert "".join(lines[-rows:]).count(sentence.split()[0]) >= 1
        assert not any(sentence.split()[0] in line for line in lines[:-rows])
        panes = main(pilot).query_one("#panes")
        await wait_until(pilot, lambda: panes.region.bottom == 24 - rows)
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        toast = pilot.app.query_one(Toast)
        assert toast.region.width <= 40
        await wait_until(pilot, lambda: panes.region.bottom == toast.region.y)
        pilot.app.clear_notifications()
        await pilot.pause()
        await wait_until(pilot, lambda: panes.region.bottom == 11)


async def test_many_notifications_cover_a_third_and_the_newest_are_seen(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24), notifications=True) as pilot:
        for number in range(1, 21):
            main(pilot).notify_text(f"Sentence {number}.")
        panes = main(pilot).query_one("#panes")
        await wait_until(pilot, lambda: panes.region.bottom == 16)
        lines = screen_lines(pilot.app)
        assert "Sentence 20." in lines[-1]
        assert "Sentence 13." in lines[-8]
        assert not any("Sentence" in line for line in lines[:-8])


@pytest.mark.parametrize(
    ("severity", "start"), [("information", "S"), ("warning", "! S"), ("error", "✗ S")]
)
async def test_a_notification_says_without_color_how_severe_it_is(
    tmp_path: Path, severity: Literal["information", "warning", "error"], start: str
) -> None:
    async with make_app(tmp_path).run_test(notifications=True) as pilot:
        main(pilot).notify_text("Something.", severity=severity)
        await pilot.pause()
        assert f" {start}omething." in screen_lines(pilot.app)[-1]


def test_a_notification_stays_as_long_as_it_takes_to_read_it() -> None:
    assert 2 < reading_time("Saved.") < 4
    assert reading_time("word " * 20) > 6
    assert reading_time("word " * 1000) < 15


async def test_a_tiny_terminal_gets_a_message_and_the_draft_survives(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        await type_text(pilot, "/query/x")
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        screen = main(pilot)
        assert screen.query_one("#too-small").display
        assert not screen.query_one("#panes").display
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert screen.query_one("#panes").display
        await type_text(pilot, "/y")
        assert screen.draft.url == "/query/x/y"
        await pilot.press("tab")
        focused = screen.focused
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert screen.focused is focused is not screen.query_one("#url")


async def test_an_app_that_starts_in_a_tiny_terminal_takes_a_url_once_it_has_grown(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(30, 8)) as pilot:
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        await type_text(pilot, "/query/x")
        assert main(pilot).draft.url == "/query/x"


async def test_one_pane_can_have_the_entire_screen(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 24)) as pilot:
        screen = main(pilot)
        await pilot.press("ctrl+o", "r", "f8")
        await pilot.pause()
        assert not screen.request_pane.display
        assert not screen.query_one("#sidebar").display
        assert screen.response_pane.region.width == 120
        await pilot.press("f8")
        await pilot.pause()
        assert screen.request_pane.display
        assert screen.query_one("#sidebar").display


ENVIRONMENTS = [
    ("live", PROD, "LIVE: writes are real"),
    ("asks", replace(PROD, confirm_writes=True), "confirms writes"),
    ("read only", READ_ONLY, "read-only"),
    ("hosts on this machine, perhaps a tunnel", LOCAL, "LIVE"),
    ("one host elsewhere", replace(LOCAL, hosts={Api.QUERY: "https://x.y"}), "LIVE"),
]


def top_bar_text(*environments: Environment, **options: Any) -> str:
    """What the first line shows for a session whose environment is the first one."""
    used = environments[0] if environments else NO_ENVIRONMENT
    session = Session(
        collection=Collection(Path()),
        environments=Environments(environments, used.name),
        environment=used,
        secrets=SecretReader(),
        settings=Settings(),
        config=Path(),
        **options,
    )
    bar = TopBar()
    bar.set_reactive(TopBar.session, session)
    return bar.render().plain


@pytest.mark.parametrize(
    ("environment", "label"),
    [row[1:] for row in ENVIRONMENTS],
    ids=[row[0] for row in ENVIRONMENTS],
)
def test_the_first_line_says_in_words_what_a_write_would_do(
    environment: Environment, label: str
) -> None:
    text = top_bar_text(environment)
    assert label in text
    assert environment.name in text
    assert "project 1234567" in text


ORIGIN = "http://127.0.0.1:8123"


@pytest.mark.parametrize(
    ("session", "label"),
    [
        ({"sandbox": ORIGIN, "runs_sandbox": True}, "sandbox (local)"),
        ({"sandbox": ORIGIN}, f"sandbox at {ORIGIN}"),
        ({"sandbox": "http://127.0.0.1:9", "runs_sandbox": True}, "LIVE"),
        ({}, "LIVE"),
    ],
)
def test_only_a_sandbox_that_the_app_runs_stays_on_this_machine(
    session: dict[str, Any], label: str
) -> None:
    assert label in top_bar_text(sandbox_environments(ORIGIN)[0], **session)


@pytest.mark.parametrize("api", list(Api))
def test_an_environment_with_one_custom_host_is_not_a_sandbox(api: Api) -> None:
    sandbox = sandbox_environments(ORIGIN)[0]
    hosts = {key: url for key, url in sandbox.hosts.items() if key is api}
    text = top_bar_text(
        replace(sandbox, hosts=hosts), sandbox=ORIGIN, runs_sandbox=True
    )
    assert "LIVE" in text


def test_without_an_environment_the_way_to_one_is_shown() -> None:
    assert "press f9 to add one" in top_bar_text()


RESOLVED = [
    (Draft(url="/2.0/jql"), "→ https://mixpanel.com/api/2.0/jql"),
    (Draft(url=""), "→ https://mixpanel.com/api"),
    (Draft(api=Api.EXPORT), "https://data.mixpanel.com/api/2.0/export?project_id="),
    (Draft(url="/{{nope}}"), "nope"),
    (Draft(url="/engage#profile-set"), "Ingestion"),
    (Draft(url="/query/events"), "service account ci.mp-service-account (auto"),
    (Draft(api=Api.INGESTION, url="/track"), "project token as properties.token"),
]


async def test_where_it_goes_and_with_what_is_always_on_the_screen() -> None:
    async with shown(Draft(), "", size=(160, 30)) as (pilot, pane):
        for draft, text in RESOLVED:
            await open_draft(pilot, pane, draft, "")
            assert text in str(pane.resolved_line.content), draft


@pytest.mark.parametrize(
    ("size", "rows"), [((180, 40), 6), ((120, 40), 3), ((120, 24), 2)]
)
async def test_beside_the_response_the_resolved_url_takes_the_rows_that_it_needs(
    tmp_path: Path, size: tuple[int, int], rows: int
) -> None:
    url = "/query/events?event=" + "x" * 90
    async with make_app(tmp_path).run_test(size=size) as pilot:
        screen = main(pilot)
        screen.draft = Draft(url=url)
        await pilot.pause()
        line = screen.request_pane.resolved_line
        assert line.region.height == rows
        text = "".join(row.strip() for row in widget_lines(line))
        assert (url.partition("?")[2] in text) is (rows > 2)
        screen.draft = Draft(url="/x")
        await pilot.pause()
        assert line.region.height < max(rows, 3)


async def test_the_first_line_follows_the_environment(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        bar = main(pilot).query_one(TopBar)
        assert "LIVE" in str(bar.render())
        main(pilot).switch_environment(READ_ONLY)
        await pilot.pause()
        assert "careful" in str(bar.render())


async def test_names_with_markup_and_escapes_are_shown_as_they_are(
    tmp_path: Path,
) -> None:
    nasty = replace(PROD, name="[red]x[/nope]\x1b[31m", project_id="[/b]")
    app = make_app(tmp_path, environments=(nasty,))
    async with app.run_test() as pilot:
        screen = main(pilot)
        screen.draft = Draft(name="[/x]\x1b]0;title\x07", url="/query/[/b]")
        await pilot.pause()
        line = str(screen.query_one(TopBar).render())
        assert "[red]x[/nope]␛[31m" in line
        assert "\x1b" not in line
        assert "[/x]" in str(screen.request_pane._border_title)


async def test_a_key_before_the_screen_is_mounted_does_nothing(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    screen = app.get_default_screen()
    assert screen.check_action("send", ()) is False
    async with app.run_test():
        assert screen.check_action("send", ())
