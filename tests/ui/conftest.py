"""What every test of the screen needs."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from textual._context import active_app
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen

from mixtui.ui.keys.input_queue import OrderedInputApp
from tests.processes import PATIENCE

_SOON = 0.05
"""Seconds: a timer that is due within them belongs to the key that was pressed."""
_THREADS = 0.1
"""Seconds to wait for threads: a test may hold one of them up on purpose."""
_TICK = 0.001
_FRAME = 0.001
"""Seconds from a change to its frame.

Textual draws 60 frames a second, and a key press waits for one or two: two fifths of the
time of these tests went by in waiting for them.
"""
_IDLE_TURNS = 3


async def _settle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait until the app has nothing to do now, soon or in a thread.

    Textual's own wait sleeps at least 20 ms, twice a key, until the processor rests,
    which says little on a busy machine. The event loop knows exactly. What never ends is
    waited for as long as on a machine that has nothing else to do.
    """
    loop: Any = asyncio.get_running_loop()
    start, ticks = time.process_time(), 0
    idle_turns = 0
    while (
        idle_turns < _IDLE_TURNS
        and ticks < max_sleep / _TICK
        and time.process_time() < start + max_sleep
    ):
        await asyncio.sleep(0)
        idle_turns = 0 if loop._ready else idle_turns + 1
        if idle_turns == _IDLE_TURNS and (
            _has_timer_or_key(loop)
            or (ticks < _THREADS / _TICK and _has_busy_thread(loop))
        ):
            idle_turns = 0
            ticks += 1
            await asyncio.sleep(_TICK)


def _has_timer_or_key(loop: Any) -> bool:
    app = active_app.get(None)
    if app is not None and app._exit:
        return False  # Its timers go round and do nothing.
    soon = loop.time() + _SOON
    return (isinstance(app, OrderedInputApp) and app.input.is_busy) or any(
        not timer._cancelled and timer._when < soon for timer in loop._scheduled
    )


def _has_busy_thread(loop: Any) -> bool:
    executor = loop._default_executor
    if executor is None:
        return False
    return bool(executor._idle_semaphore._value < len(executor._threads))


class _ParsedCss(dict[tuple[object, ...], list[RuleSet]]):
    """The parsed CSS of one theme, which no stylesheet that uses it clears."""

    def clear(self) -> None:
        """Keep it for the next app."""


_PARSED_CSS: dict[frozenset[tuple[str, str]], _ParsedCss] = {}
"""By the variables of a theme."""


@pytest.fixture
def own_css() -> None:
    """Have the apps of a test parse their CSS themselves, as they do for a person."""


@pytest.fixture(autouse=True)
def _css_is_parsed_once(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Share parsed CSS between apps: an eighth of the start of each went into it."""
    if "own_css" in request.fixturenames:
        return
    create, set_variables = Stylesheet.__init__, Stylesheet.set_variables

    def share(sheet: Stylesheet) -> None:
        theme = frozenset(sheet._variables.items())
        sheet._parse_cache = _PARSED_CSS.setdefault(theme, _ParsedCss())

    def create_sharing(
        sheet: Stylesheet, *, variables: dict[str, str] | None = None
    ) -> None:
        create(sheet, variables=variables)
        share(sheet)

    def set_variables_sharing(sheet: Stylesheet, variables: dict[str, str]) -> None:
        set_variables(sheet, variables)
        share(sheet)

    monkeypatch.setattr(Stylesheet, "__init__", create_sharing)
    monkeypatch.setattr(Stylesheet, "set_variables", set_variables_sharing)


@pytest.fixture(autouse=True)
def _tasks_start_eagerly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start tasks at once where Python can (since 3.12), as they are in a terminal.

    Textual does so in `App.run`, but not in `App.run_test`.
    """
    factory = getattr(asyncio, "eager_task_factory", None)
    if factory is None:
        return
    process_messages = App._process_messages

    async def process_eagerly(app: App[Any], *args: Any, **named: Any) -> None:
        asyncio.get_running_loop().set_task_factory(factory)
        await process_messages(app, *args, **named)

    monkeypatch.setattr(App, "_process_messages", process_eagerly)


@pytest.fixture(autouse=True)
def _pilot_waits_for_what_the_app_does(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_messages = Pilot._wait_for_screen
    draw = Screen._compositor_refresh
    press = Pilot.press

    async def wait(pilot: Pilot[Any]) -> bool:
        app = pilot.app
        # No event of the queue says that it is done: it has no other user than Pilot.
        while isinstance(app, OrderedInputApp) and app.input.is_busy:  # noqa: ASYNC110
            await asyncio.sleep(0)
        return await wait_for_messages(pilot, PATIENCE)

    def draw_when_the_test_waits(screen: Screen[Any]) -> None:
        """Leave the dirty regions for the frame that is drawn when the test waits.

        A terminal, too, shows several changes in one frame. To draw each of them, which
        nobody looks at, took a quarter of the time.
        """
        if screen is screen.app.screen:
            screen._dirty_widgets.clear()
            screen.app._update_mouse_over(screen)
        else:
            draw(screen)

    def draw_settled(app: App[Any] | None) -> None:
        if app is None or not app.screen_stack:
            return
        screen = app.screen
        # Until its next layout, a screen may hold widgets that are being removed.
        if not screen._layout_required and not any(
            widget._pruning for widget in screen._compositor.full_map
        ):
            draw(screen)

    async def settle_and_draw(min_sleep: float = 0, max_sleep: float = 1) -> None:
        await _settle(min_sleep, max_sleep)
        draw_settled(active_app.get(None))

    async def press_and_draw(pilot: Pilot[Any], *keys: str) -> None:
        await press(pilot, *keys)
        draw_settled(pilot.app)

    monkeypatch.setattr("textual.screen.UPDATE_PERIOD", _FRAME)
    # As in mixtui itself: nothing is animated.
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setattr(Screen, "_compositor_refresh", draw_when_the_test_waits)
    monkeypatch.setattr(Pilot, "_wait_for_screen", wait)
    monkeypatch.setattr("textual.app.wait_for_idle", _settle)
    monkeypatch.setattr("textual.pilot.wait_for_idle", settle_and_draw)
    monkeypatch.setattr(Pilot, "press", press_and_draw)
