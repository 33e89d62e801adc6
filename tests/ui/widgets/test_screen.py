"""Work of a widget that is being removed."""

from __future__ import annotations

import asyncio

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Label

from mixtui.ui.widgets.screen import CancelsWorkersOnPrune


class Last(Label):
    """Goes only when its parent's work has had every chance to go on."""

    async def on_unmount(self) -> None:
        """Let the work go on, and look what it does."""
        parent = self.parent
        assert isinstance(parent, Filling)
        parent.go_on.set()
        for _ in range(5):
            await asyncio.sleep(0)


class Filling(CancelsWorkersOnPrune, Vertical):
    """Fills its label when it is asked to."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.filled = False

    def compose(self) -> ComposeResult:
        """A label, and one that lets the work go on."""
        yield Label(id="filled")
        yield Last()

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._fill())

    async def _fill(self) -> None:
        await self.go_on.wait()
        self.query_one("#filled", Label).update("full")
        self.filled = True


class OneWidget(App[None]):
    """Nothing but that widget."""

    def compose(self) -> ComposeResult:
        """That widget."""
        yield Filling()


async def test_work_does_not_go_on_while_its_widget_is_taken_down() -> None:
    app = OneWidget()
    async with app.run_test() as pilot:
        await pilot.pause()
        filling = app.query_one(Filling)
        await filling.remove()
    assert not filling.filled


async def test_work_does_not_go_on_while_the_program_ends() -> None:
    app = OneWidget()
    async with app.run_test() as pilot:
        await pilot.pause()
        filling = app.query_one(Filling)
    assert not filling.filled
