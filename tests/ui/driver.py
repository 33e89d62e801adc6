"""Drive an app in tests: send keys, wait for what they start, read the terminal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from textual import events
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import WorkerCancelled

from mixtui.ui.frame import TerminalFrame
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.response.document_view import DocumentView
from tests.processes import PATIENCE

_CONTROLS = {"\t": "tab", "\n": "enter", "\x1b": "escape"}
_NAMED = {"space": " ", "question_mark": "?"}


# Keys


def post_keys(target: App[Any] | Widget, *keys: str) -> None:
    """Deliver keys as one read from the terminal does: none waits for another.

    Args:
        target: The app, or the widget that has the focus.
        keys: Characters, or Textual's names of keys.
    """
    for key in keys:
        if len(key) == 1 and key.isprintable():
            target.post_message(events.Key(_character_to_key(key), key))
        else:
            name = _CONTROLS.get(key, key)
            target.post_message(events.Key(name, _NAMED.get(name)))


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Type a text into what has the focus, every key at once, and wait for it."""
    post_keys(pilot.app, *text)
    await pilot.pause()


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys one by one, and wait for the workers that they start."""
    await pilot.press(*keys)
    await wait_for_workers(pilot)


# Waiting


async def wait_until(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Wait until a condition holds, and what comes with it is drawn.

    Raises:
        TimeoutError: It does not hold in time.
    """
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await pilot.pause(0.01)
    await pilot.pause()


async def wait_for_screen(pilot: Pilot[Any], kind: type[Screen[Any]]) -> None:
    """Wait until a screen of a kind is on top and takes keys."""
    app = pilot.app

    def takes_keys() -> bool:
        if isinstance(app, OrderedInputApp) and app.input._unseen is not None:
            return False
        return isinstance(app.screen, kind) and app.screen.focused is not None

    await wait_until(pilot, takes_keys)


async def workers_done(app: App[Any], *groups: str) -> None:
    """Wait for the workers that run; one that another replaces has ended, too.

    Args:
        app: The app.
        groups: Only workers of these groups; none = all.
    """
    for worker in [each for each in app.workers if not groups or each.group in groups]:
        with suppress(WorkerCancelled):
            await worker.wait()


async def wait_for_workers(pilot: Pilot[Any], group: str = "") -> None:
    """Wait until no worker runs, and what came of them is drawn.

    Args:
        group: Only the workers of this group: others may wait for a dialog.
    """
    await pilot.pause()
    await workers_done(pilot.app, *([group] if group else []))
    await pilot.pause()


# What is shown


def screen_lines(app: App[Any]) -> list[str]:
    """The lines on the terminal."""
    strips = app.screen._compositor.render_strips()
    return [strip.text.rstrip() for strip in strips]


def screen_text(app: App[Any]) -> str:
    """What is on the terminal."""
    return "\n".join(screen_lines(app))


def widget_lines(widget: Widget) -> list[str]:
    """The lines of a widget that draws itself."""
    height = widget.size.height
    return [widget.render_line(y).text.rstrip() for y in range(height)]


def static_text(pilot: Pilot[Any], selector: str) -> str:
    """The text of a `Static` of the screen on top."""
    return str(pilot.app.screen.query_one(selector, Static).render())


def document_lines(view: DocumentView) -> list[str]:
    """All lines of the document in a view, also those out of sight."""
    document = view.document
    if document is None:
        return []
    return [document.line(index) for index in range(document.line_count)]


def document_text(view: DocumentView) -> str:
    """The complete document in a view, as it is shown."""
    return "\n".join(document_lines(view))


_CONTROL_SEQUENCE = re.compile(r"\x1b\[[^a-zA-Z]*[a-zA-Z]|[\b\r\n]")


class OutputMeter:
    """Counts what a terminal is sent, from its creation on."""

    def __init__(self, app: App[Any]) -> None:
        self.characters = 0
        """Without control sequences: their length depends on how many colours it has."""
        self.rows: set[int] = set()
        """The rows of the screen that were written."""
        frame = TerminalFrame()
        strips = [[strip] for strip in app.screen._compositor.render_strips()]
        frame.draw(LayoutUpdate(strips, app.size.region), app.size, app.console)
        display = app._display

        def measured(screen: Screen[Any], update: Any) -> None:
            if isinstance(update, CompositorUpdate):
                drawing = frame.draw(update, app.size, app.console)
                self.characters += len(_CONTROL_SEQUENCE.sub("", drawing.text))
                self.rows |= {*drawing.rows}
            display(screen, update)

        app._display = measured
