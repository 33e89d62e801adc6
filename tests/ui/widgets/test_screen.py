"""What screens share: how they are styled, and work of what is being removed."""

from __future__ import annotations

import asyncio

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Label

from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce


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


async def test_work_stops_while_its_widget_is_removed() -> None:
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


class Counting(Label):
    """Counts how often it is styled and painted."""

    count = 0
    paints = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.paints += 1
        return super().render_lines(crop)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.count += 1


class Responsive(StyledOnce, Screen[None]):
    """Changes with the size of the terminal."""

    DEFAULT_CSS = "Responsive.-low Counting { height: 3; }"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-high")]

    def compose(self) -> ComposeResult:
        yield Counting()


@pytest.mark.parametrize(
    ("size", "classes"), [((79, 20), {"-narrow", "-high"}), ((80, 19), {"-low"})]
)
async def test_a_screen_is_styled_and_painted_once_when_it_opens(
    size: tuple[int, int], classes: set[str]
) -> None:
    app = App[None]()
    async with app.run_test(size=size) as pilot:
        await app.push_screen(screen := Responsive())
        await pilot.pause()
        label = screen.query_one(Counting)
        assert (label.count, label.paints) == (1, 1)
        assert screen.classes >= classes
        assert label.size.height == (3 if "-low" in classes else 1)
        await pilot.resize_terminal(100, 40)
        await pilot.pause()
        assert screen.classes >= {"-normal", "-high"}
        assert label.count == 2
        await app.push_screen(Screen())
        paints = label.paints
        await app.pop_screen()
        await pilot.pause()
        assert label.count == 2
        assert label.paints > paints  # What was above it is gone.


class Painted(StyledOnce, Screen[None]):
    """Counts what Textual does while it opens."""

    def compose(self) -> ComposeResult:
        yield Label("text")

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        layouts.append(size)
        super()._refresh_layout(size, scroll)


layouts: list[Size | None] = []


class Canvas(App[None]):
    """Shows that screen."""

    def get_default_screen(self) -> Screen[None]:
        return Painted()


async def test_a_screen_is_laid_out_once_in_a_size() -> None:
    app = Canvas()
    layouts.clear()
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.pause()
        assert layouts.count(app.size) == 1
        await pilot.resize_terminal(50, 9)
        await pilot.pause()
        assert layouts.count(Size(50, 9)) == 1


async def test_what_is_painted_with_the_screen_is_not_painted_again() -> None:
    app = Canvas()
    async with app.run_test() as pilot:
        await pilot.pause()
        label, compositor = app.screen.query_one(Label), app.screen._compositor
        label.refresh()
        # As when a screen opens: all of it is painted before the label is idle.
        compositor._dirty_regions.add(compositor.size.region)
        app.screen._compositor_refresh()
        compositor.render_update()
        compositor.update_widgets({label})
        assert not compositor._dirty_regions
        label.refresh()
        compositor.update_widgets({label})
        assert compositor._dirty_regions == {label.region}
