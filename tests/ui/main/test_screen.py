"""What the main screen itself does for its controllers, and they for its actions."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from mixtui.actions import NEXT_ACTIONS
from mixtui.model.draft import Draft
from mixtui.storage.paths import state_dir
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.main.next_actions import NextActions
from mixtui.ui.main.screen import MainScreen
from mixtui.ui.main.send import SendController
from mixtui.ui.response.state import Cancelled, Idle, RequestRun, RequestSlot, Sending
from tests.exchanges import prepared
from tests.ui.app import main, make_app, settled
from tests.ui.driver import type_text, wait_for_screen, wait_until


async def test_each_action_on_a_response_runs_as_the_one_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []

    async def run(_self: NextActions, action: str, _index: int | None = None) -> None:
        done.append(action)

    async def send(_self: SendController, *, later: bool = False) -> None:
        done.append("send_later" if later else "send")

    monkeypatch.setattr(NextActions, "run", run)
    monkeypatch.setattr(SendController, "ask_and_send", send)
    async with make_app(tmp_path).run_test() as pilot:
        for action in (*NEXT_ACTIONS, "send", "send_later"):
            getattr(main(pilot), f"action_{action}")()
            await wait_until(pilot, lambda: done)
            assert done == [action]
            done.clear()


async def test_only_a_run_of_the_request_shown_changes_what_is_shown(
    tmp_path: Path,
) -> None:
    request = prepared()
    state = Sending(request, 0.0)
    run = RequestRun(RequestSlot(), "", None, Draft(), request, (), state, received=7)
    # There is room for one pane: that of the response, once a request is sent.
    async with make_app(tmp_path).run_test(size=(40, 12)) as pilot:
        screen = main(pilot)
        pane = screen.response_pane
        screen.run_changed(run)
        screen.run_grown(run)
        await pilot.pause()
        assert (type(pane.state), pane.received, pane.display) == (Idle, 0, False)
        screen.slot.run = run
        screen.run_changed(run)
        screen.run_grown(run)
        await pilot.pause()
        assert (pane.state, pane.received, pane.display) == (state, 7, True)


@pytest.mark.parametrize("typed", [True, False])
async def test_a_draft_is_stored_whoever_changes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: bool
) -> None:
    monkeypatch.setattr("mixtui.ui.main.collection.autosave.AUTOSAVE_DELAY", 0.01)
    drafts = state_dir() / "drafts"
    async with make_app(tmp_path).run_test() as pilot:
        if typed:
            await type_text(pilot, "/query/events")
        else:
            main(pilot).draft = Draft(url="/query/events")
        await wait_until(
            pilot,
            lambda: any(
                "/query/events" in path.read_text() for path in drafts.glob("*/*.toml")
            ),
        )


async def test_a_request_of_the_history_is_sent_again(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        screen.draft = Draft(url="/query/events")
        screen.action_send()
        await settled(pilot)
        (first,) = screen.runs
        assert first.entry_number is not None
        screen.draft = Draft()
        await screen.history.resend(first.entry_number)
        await settled(pilot)
        assert [run.draft.url for run in screen.runs] == ["/query/events"] * 2


async def test_what_is_in_flight_at_the_end_is_in_the_history(tmp_path: Path) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async with make_app(tmp_path, never).run_test() as pilot:
        screen = main(pilot)
        screen.draft = Draft(url="/query/events")
        assert not screen.check_action("cancel", ())
        screen.action_send()
        await wait_until(pilot, lambda: screen.runs.running)
        assert screen.check_action("cancel", ())
        await screen.store_all()
        (run,) = screen.runs
        assert isinstance(run.state, Cancelled)
        assert run.entry_number is not None


async def test_quitting_asks_about_unsaved_work(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await type_text(pilot, "/query/events")
        await pilot.press("ctrl+q")
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press("escape")
        await wait_for_screen(pilot, MainScreen)
        main(pilot).draft = Draft()
        await pilot.press("ctrl+q")
        await wait_until(pilot, lambda: not pilot.app.is_running)
