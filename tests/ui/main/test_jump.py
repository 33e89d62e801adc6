from __future__ import annotations

from itertools import pairwise

import pytest
from textual.app import App, ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Offset, Region
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from mixtui.ui.main.jump import JumpOverlay, JumpTarget, label_offsets

NOTHING = object()


class Host(App[None]):
    """Two fields, an editor, and one that is hidden."""

    CSS = """
    Horizontal { height: 3; } Input { width: 1fr; } #hidden { display: none; }
    Vertical { border: round white; }
    """

    went: object = NOTHING

    def compose(self) -> ComposeResult:
        with Vertical(id="pane"):
            with Horizontal():
                yield Input("one", id="one")
                yield Input("two", id="two")
            yield TextArea("text", id="text")
            yield Input(id="hidden")

    def on_mount(self) -> None:
        self.query_one("#one").focus()

    def jump(self) -> None:
        def find(name: str) -> Widget:
            return self.query_one(f"#{name}")

        overlay = JumpOverlay(
            [
                JumpTarget("p", find("pane")),
                JumpTarget("u", find("one")),
                JumpTarget("w", find("two")),
                JumpTarget("r", find("text")),
                JumpTarget("x", find("hidden")),
                JumpTarget("q", "query tab", Region(20, 1, 8, 1)),
            ],
            self.screen,
        )
        self.push_screen(overlay, self.arrived)

    def arrived(self, target: object) -> None:
        self.went = target


async def jump(pilot: Pilot[None], *keys: str) -> object:
    app = pilot.app
    assert isinstance(app, Host)
    app.jump()
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()
    return app.went


async def test_the_letter_of_a_widget_gives_that_widget() -> None:
    app = Host()
    async with app.run_test() as pilot:
        assert await jump(pilot, "w") is app.query_one("#two")
        assert await jump(pilot, "R") is app.query_one("#text")


async def test_a_part_of_a_widget_has_a_name() -> None:
    app = Host()
    async with app.run_test() as pilot:
        assert await jump(pilot, "q") == "query tab"


async def test_what_cannot_be_seen_has_no_letter() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.jump()
        await pilot.pause()
        letters = [str(each.render()) for each in app.screen.query(".letter")]
        assert letters == ["p", "u", "w", "r", "q"]
        await pilot.press("x")
        await pilot.pause()
        assert app.went is None


@pytest.mark.parametrize("key", ["escape", "z", "enter", "tab", "f5", "1", "ctrl+o"])
async def test_any_other_key_stays_and_types_nothing(key: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert await jump(pilot, key) is None
        assert app.focused is app.query_one("#one")
        assert app.query_one("#one", Input).value == "one"


async def test_the_screen_below_stays_visible() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        before = app.export_screenshot()
        assert "two" in before
        app.jump()
        await pilot.pause()
        assert "text" in app.export_screenshot()


async def test_a_change_of_size_ends_it() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.jump()
        await pilot.pause()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.went is None


async def test_a_click_ends_it() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.jump()
        await pilot.pause()
        await pilot.click(offset=(30, 10))
        assert app.went is None


SCREEN = [
    "╭─ Title ────╮",
    "│ GET  /path │",
    "│Query Body  │",
    "│full row now│",
    "╰────────────╯",
]


@pytest.mark.parametrize(
    ("region", "offset"),
    [
        # In front of the text, also where that is beside the region.
        (Region(1, 1, 5, 1), Offset(1, 1)),
        (Region(2, 1, 3, 1), Offset(1, 1)),
        (Region(7, 1, 5, 1), Offset(6, 1)),
        (Region(1, 2, 5, 1), Offset(0, 2)),
        # Of a pane, its border.
        (Region(0, 0, 14, 5), Offset(2, 0)),
        # Nothing is free in front of the text, but above it.
        (Region(3, 3, 5, 1), Offset(6, 2)),
        # Nothing is free anywhere.
        (Region(2, 3, 2, 1), Offset(2, 3)),
    ],
)
def test_a_letter_covers_no_text(region: Region, offset: Offset) -> None:
    assert label_offsets([region], SCREEN) == [offset]


def test_letters_never_touch() -> None:
    same = Region(1, 1, 5, 1)
    offsets = label_offsets([same, same, same], SCREEN)
    assert len(set(offsets)) == 3
    for first, second in pairwise(sorted(offsets, key=lambda o: (o.y, o.x))):
        assert first.y != second.y or second.x - first.x > 1


async def test_nothing_to_go_to_is_not_a_mistake() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.push_screen(
            JumpOverlay([JumpTarget("s", Static("never mounted"))], app.screen)
        )
        await pilot.press("s")
        await pilot.pause()
        assert not isinstance(app.screen, JumpOverlay)
