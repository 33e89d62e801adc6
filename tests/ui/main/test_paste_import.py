"""Pasting a curl command or a complete URL into the URL."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot

from mixtui.mixpanel.apis import Api, Region
from mixtui.model.draft import Body, BodyType, Draft, Method, Pair
from mixtui.storage.paths import config_dir
from mixtui.ui.dialogs.dialogs import ChoiceDialog, NameDialog
from mixtui.ui.main.imports import PasteImport
from mixtui.ui.request.url import UrlField
from mixtui.ui.response.state import Idle
from tests.ui.app import PROD, main, make_app
from tests.ui.driver import post_keys
from tests.ui.main.controllers import Answer, ControllerHost, controllers

PLAIN = "curl 'https://mixpanel.com/api/query/events?project_id=1234567&event=x'"
EU = (
    "curl https://eu.mixpanel.com/api/query/events?project_id=7 \\\n"
    "  -H 'X-A: b' \\\r\n  -u ci.x:geheim\n"
)


async def paste(pilot: Pilot[int], text: str) -> None:
    main(pilot).query_one(UrlField).post_message(events.Paste(text))
    await import_settled(pilot)


async def import_settled(pilot: Pilot[int]) -> None:
    """Wait until the work is done, or asks."""
    screen = main(pilot)
    for _ in range(50):
        await pilot.pause(0.01)
        waiting = [w for w in screen.workers if w.group == "actions"]
        if not waiting or (screen.app.screen is not screen and screen.app.focused):
            return


def toasts(pilot: Pilot[int]) -> str:
    return " ".join(n.message for n in pilot.app._notifications)


async def test_a_command_for_this_environment_is_shown_at_once(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await paste(pilot, PLAIN)
        screen = main(pilot)
        # The app adds the project itself.
        assert screen.draft == Draft(url="/query/events", query=(Pair("event", "x"),))
        assert isinstance(screen.response, Idle)
        assert "Nothing was sent" in toasts(pilot)


@pytest.mark.parametrize("focused", ["#request-tabs", "EditableRows", "#response-tabs"])
async def test_a_command_is_imported_where_no_field_has_the_focus(
    focused: str, tmp_path: Path
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.query(focused).first().focus()
        await pilot.pause()
        pilot.app.post_message(events.Paste(f"{PLAIN}\n"))
        await import_settled(pilot)
        assert screen.draft == Draft(url="/query/events", query=(Pair("event", "x"),))


async def test_a_paste_that_nothing_accepts_is_reported(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        before = main(pilot).draft
        main(pilot).query_one("#response-tabs").focus()
        pilot.app.post_message(events.Paste("some text"))
        await pilot.pause()
        assert "Not pasted" in toasts(pilot)
        assert main(pilot).draft == before


async def test_a_command_of_several_lines_is_one(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await paste(pilot, f"{PLAIN} \\\n  -H 'X-A: b'\n")
        assert main(pilot).draft.headers == (Pair("X-A", "b"),)


async def test_a_command_that_comes_as_keys_waits_for_enter(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        field = screen.query_one(UrlField)
        post_keys(field, *f"{PLAIN} \\\n  -H 'X-A: b'\n")
        await pilot.pause(0.2)
        assert isinstance(screen.response, Idle)
        assert screen.draft.url.startswith("curl ")
        await pilot.press("enter")
        await pilot.pause(0.1)
        await import_settled(pilot)
        assert screen.draft.headers == (Pair("X-A", "b"),)
        assert screen.draft.url == "/query/events"


async def test_credentials_go_into_a_new_environment_after_a_question(
    tmp_path: Path,
) -> None:
    async with make_app(tmp_path).run_test(size=(80, 24)) as pilot:
        own = config_dir()
        main(pilot).session = replace(main(pilot).session, config=own)
        await paste(pilot, EU)
        question = pilot.app.screen
        assert isinstance(question, ChoiceDialog)
        sentence = question._question
        assert "eu, project 7" in sentence
        assert "service account ci.x" in sentence
        assert "geheim" not in sentence
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(pilot.app.screen, NameDialog)
        await pilot.press("enter")
        await import_settled(pilot)
        screen = main(pilot)
        assert screen.environment.name == "eu-7", toasts(pilot)
        assert screen.environment.region is Region.EU
        assert screen.draft == Draft(url="/query/events", headers=(Pair("X-A", "b"),))
        stored = tomllib.loads((own / "credentials.toml").read_text())
        assert stored == {"eu-7": {"service_account": "geheim"}}
        assert "geheim" not in repr(screen.draft) + toasts(pilot)


async def run_import(host: ControllerHost, text: str, *answers: Answer) -> None:
    """Import a text, and answer the questions."""
    host.answers += answers
    host.run_guarded(PasteImport(host, host.collection).run(text))
    await host.idle()


async def test_credentials_can_be_skipped(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await run_import(host, EU, "l")
        assert host.environment.name == "prod"
        # This environment would add another project.
        assert host.draft.query == (Pair("project_id", "7"),)
        assert "command was for" in host.message
        assert not (tmp_path / "config" / "credentials.toml").exists()


async def test_escape_gives_up(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await run_import(host, EU, "escape")
        assert len(host.questions) == 1
        assert host.draft == Draft()


async def test_an_environment_that_fits_is_offered(tmp_path: Path) -> None:
    eu = replace(PROD, name="prod-eu", region=Region.EU, project_id="7")
    async with controllers(tmp_path, environments=(PROD, eu)) as host:
        host.run_guarded(
            PasteImport(host, host.collection).run(EU.replace("-u ci.x:geheim", ""))
        )
        await host.until(lambda: host.dialogs)
        assert host.dialogs[0]._choices[0][:2] == ("1", "Use prod-eu, unchanged")


async def test_unsaved_work_is_asked_about_first(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        host.draft = Draft(method=Method.POST, body=Body(BodyType.JSON, "{}"))
        await run_import(host, PLAIN, "c")
        assert "unsaved changes" in host.questions[0]
        assert host.draft.method is Method.POST


async def test_a_complete_url_sets_api_path_and_query_alone(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        draft = Draft(method=Method.POST, body=Body(BodyType.JSON, "[]"))
        host.draft = draft
        await run_import(host, "https://api.mixpanel.com/import?strict=1\n")
        assert host.draft == replace(
            draft, api=Api.INGESTION, url="/import", query=(Pair("strict", "1"),)
        )
        assert host.focused_request


async def test_a_url_of_another_host_stays_and_is_reported(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await run_import(host, "https://example.com/x")
        assert host.draft.url == "https://example.com/x"
        assert "not a Mixpanel host" in host.message


async def test_a_url_inside_another_is_only_text(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.draft = Draft(url="/query/x?next=")
        await paste(pilot, "https://mixpanel.com/api/query/events")
        assert screen.draft.url.endswith("next=https://mixpanel.com/api/query/events")


async def test_a_command_that_cannot_be_imported_changes_nothing(
    tmp_path: Path,
) -> None:
    async with controllers(tmp_path) as host:
        await run_import(host, f"{PLAIN} -F a=b")
        assert host.draft == Draft()
        assert "multipart form" in host.message
