"""No action of the app shows, writes or sends a secret where it does not belong."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Awaitable, Callable, Iterable, Iterator
from inspect import isawaitable
from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.pilot import Pilot

from mixtui.actions import ACTIONS, Action, Scope, in_scope
from mixtui.app import MixtuiApp
from mixtui.client.client import Client
from mixtui.session import open_session
from mixtui.storage.paths import state_dir
from mixtui.ui.dialogs import external
from mixtui.ui.dialogs.inputs import InputsDialog
from mixtui.ui.environments.setup import SetupScreen
from mixtui.ui.main.palette import _method
from mixtui.ui.response.document_view import DocumentView
from mixtui.ui.sql.screen import SqlScreen
from tests.secrets.searcher import find, holds, secret
from tests.secrets.world import Echo, World
from tests.ui.app import main, settled
from tests.ui.driver import (
    document_text,
    screen_text,
    type_text,
    wait_for_screen,
    wait_for_workers,
    wait_until,
)

NOT_RUN = {"quit": "it ends the app, which each of these tests does"}
SHOWN_IN_CLEAR = {
    "EnvironmentForm": "its owner edits there what they wrote into [variables]",
}
"""The only screens that may show a secret, and why."""
BEFORE = {
    "body.next_match": ("ctrl+f", "e"),
    "body.previous_match": ("ctrl+f", "e"),
}
"""Keys that make an action possible."""
SIZE = (120, 40)
Reach = Callable[[Pilot[int]], Awaitable[object]]


async def focus(pilot: Pilot[int], selector: str) -> None:
    widget = main(pilot).query(selector).first()
    widget.focus()
    await pilot.pause()


def tab(name: str, selector: str) -> Reach:
    async def reach(pilot: Pilot[int]) -> None:
        await main(pilot).request_pane.focus_tab(name)
        await pilot.pause()
        await focus(pilot, selector)

    return reach


def response(name: str, selector: str) -> Reach:
    async def reach(pilot: Pilot[int]) -> None:
        await main(pilot).response_pane.focus_tab(name)
        await wait_for_workers(pilot)
        await focus(pilot, selector)

    return reach


def opened(key: str) -> Reach:
    async def reach(pilot: Pilot[int]) -> None:
        await focus(pilot, "CollectionTree")
        await pilot.press(key)
        await pilot.pause()

    return reach


async def choice(pilot: Pilot[int]) -> None:
    main(pilot).action_choose_environment()
    await pilot.pause()


async def diff(pilot: Pilot[int]) -> None:
    await response("body", "DocumentView")(pilot)
    await pilot.press("d")
    await pilot.pause()


async def sql(pilot: Pilot[int]) -> None:
    screen = SqlScreen(["gone.ndjson"], Path("/"), state_dir())
    await pilot.app.push_screen(screen)
    await wait_for_workers(pilot)


REACH: dict[Scope, Reach] = {
    Scope.APP: lambda pilot: focus(pilot, "CollectionTree"),
    Scope.TEXT: lambda pilot: focus(pilot, "#url"),
    Scope.TREE: lambda pilot: focus(pilot, "CollectionTree"),
    Scope.ROWS: tab("query", "EditableRows"),
    Scope.INPUTS: tab("inputs", "InputsEditor"),
    Scope.BODY: tab("body", "CodeArea"),
    Scope.DOCS: tab("docs", "OperationDocs"),
    Scope.RESPONSE: response("body", "DocumentView"),
    Scope.CHART: response("chart", "ChartView"),
    Scope.TABLE: response("table", "TableGrid"),
    Scope.ENVIRONMENTS: opened("f9"),
    Scope.JOBS: opened("shift+f2"),
    Scope.SQL: sql,
    Scope.HISTORY: opened("f3"),
    Scope.OPERATIONS: opened("ctrl+t"),
    Scope.FINDER: opened("ctrl+g"),
    Scope.LIST: choice,
    Scope.DIFF: diff,
}


REQUESTS = {Scope.BODY: "echo", Scope.INPUTS: "echo"}
"""What is opened for a scope, if not a report."""


def record_terminal(app: MixtuiApp) -> list[str]:
    """Return what the app writes to the terminal past its screen: clipboard, title."""
    written: list[str] = []
    assert app._driver is not None
    app._driver.write = written.append  # type: ignore[method-assign]
    return written


@pytest.fixture(autouse=True)
def _nothing_is_drawn_but_what_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out frames: each search makes its own of all of the screen."""
    monkeypatch.setattr(Compositor, "render_update", lambda *_, **__: None)


@pytest.fixture
def app(world: World, monkeypatch: pytest.MonkeyPatch) -> MixtuiApp:
    """The app in the planted world."""
    program = world.vault / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    for name in ("VISUAL", "EDITOR", "PAGER"):
        monkeypatch.setenv(name, shlex.quote(str(program)))
    monkeypatch.setattr(external, "_AT_ONCE", 0.0)
    monkeypatch.setattr(MixtuiApp, "suspend", room)
    monkeypatch.setenv("MIXTUI_LOG", "debug")
    session = open_session(lenient=True)
    app = MixtuiApp(session, lambda: Client(session.secrets))
    return app


@contextlib.contextmanager
def room(app: MixtuiApp) -> Iterator[None]:
    yield


async def open_and_send(pilot: Pilot[int], name: str, times: int = 1) -> None:
    screen = main(pilot)
    path = Path.cwd() / f"{name}.toml"
    screen.collection.show(screen.collection.store.open(path))
    await pilot.pause()
    for _ in range(times):
        await pilot.press("f5")
        await settled(pilot)
        if isinstance(pilot.app.screen, InputsDialog):
            await type_text(pilot, secret("entered"))
            search_screen(pilot, "a secret is entered")
            await pilot.press("enter")
            await settled(pilot)
    await pilot.pause()


async def close_all(pilot: Pilot[int]) -> None:
    for _ in range(9):
        if len(pilot.app.screen_stack) == 1:
            return
        await pilot.press("escape")
        await pilot.pause()
    raise AssertionError(f"{pilot.app.screen} stays open")


async def perform(pilot: Pilot[int], action: Action) -> None:
    """Do an action as a person does: by its key, or else from the palette."""
    if action.keys:
        await pilot.press(action.keys[0])
    else:
        method = _method(main(pilot), pilot.app.screen.focused, action)
        assert method is not None, action.id
        done = method()
        if isawaitable(done):
            await done
    await pilot.pause()


async def perform_all(
    pilot: Pilot[int], scope: Scope, actions: Iterable[Action], after: Search
) -> None:
    """Do the actions of a scope, each and what enter answers where it asks."""
    app = pilot.app
    place: object = None
    for action in actions:
        if place is None or place != (app.screen, app.screen.focused):
            await close_all(pilot)
            await REACH[scope](pilot)
            place = app.screen, app.screen.focused
        stack = len(app.screen_stack)
        await pilot.press(*BEFORE.get(action.id, ()))
        await perform(pilot, action)
        after(pilot, action.id)
        if len(app.screen_stack) > stack:
            await pilot.press("enter")
            await pilot.pause()
            after(pilot, f"{action.id}, then enter")
    await close_all(pilot)


Search = Callable[[Pilot[int], str], None]


def search_screen(pilot: Pilot[int], what: str) -> None:
    """Fail if the screen shows a secret."""
    if type(pilot.app.screen).__name__ not in SHOWN_IN_CLEAR:
        assert not find(screen_text(pilot.app)), f"{what}: {screen_text(pilot.app)}"
    search_notices(pilot, what)


def search_notices(pilot: Pilot[int], what: str) -> None:
    """Fail if a notification or the title shows a secret."""
    app = pilot.app
    told = [each.message for each in app._notifications]
    app.clear_notifications()
    assert not find("\n".join((*told, app.title, str(app.sub_title)))), what


async def test_no_action_shows_or_writes_a_secret(app: MixtuiApp, world: World) -> None:
    assert isinstance(world.server.respond, Echo)
    world.server.respond.is_silent = True
    async with app.run_test(size=SIZE) as pilot:
        written = record_terminal(app)
        for scope in Scope:
            request = REQUESTS.get(scope, "read-report")
            await open_and_send(pilot, request, 2 if scope is Scope.DIFF else 1)
            actions = [each for each in in_scope(scope) if each.id not in NOT_RUN]
            await perform_all(pilot, scope, actions, search_screen)
    assert not find("".join(written))
    world.assert_clean()


REPEATING = (Scope.RESPONSE, Scope.TABLE, Scope.CHART, Scope.DIFF, Scope.HISTORY)


async def test_nothing_of_a_response_that_repeats_secrets_leaves_the_screen(
    app: MixtuiApp, world: World
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        written = record_terminal(app)
        await open_and_send(pilot, "echo")
        assert holds(world.server.received[-1], secret("entered"))
        for name in ("read-refuse", "read-redirect", "read-gone", "read-garbage"):
            await open_and_send(pilot, name)
            search_notices(pilot, name)
        await open_and_send(pilot, "read-report", 2)
        await response("body", "DocumentView")(pilot)
        view = main(pilot).query("#response DocumentView").first(DocumentView)
        assert find(document_text(view)), "the response is shown as it is"
        for scope in REPEATING:
            actions = [each for each in in_scope(scope) if is_more_than_a_move(each)]
            await perform_all(pilot, scope, actions, search_notices)
        await main(pilot).store_all()
    assert any("]52;" in each for each in written), "something was copied"
    assert not find("".join(written))
    world.assert_clean()


def is_more_than_a_move(action: Action) -> bool:
    return action.in_palette or action.in_footer or "copy" in action.id


async def test_a_secret_that_is_tested_is_nowhere_before_it_is_saved(
    app: MixtuiApp, world: World
) -> None:
    async with app.run_test(size=SIZE) as pilot:
        main(pilot).action_set_up()
        await wait_for_screen(pilot, SetupScreen)
        await type_text(pilot, "ci")
        await pilot.press("enter")
        await type_text(pilot, secret("entered"))
        search_screen(pilot, "entered")
        await pilot.press("enter")
        await wait_until(pilot, lambda: len(world.proxy.received) >= 3)
        search_screen(pilot, "tested")
        await close_all(pilot)
    world.assert_clean()


def test_every_action_is_run() -> None:
    assert {*REACH} == {*Scope}, "say how to reach what has the keys"
    assert {*NOT_RUN} <= {action.id for action in ACTIONS}
