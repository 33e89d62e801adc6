from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.ui.keys.keymap import FORM_BINDINGS
from mixtui.ui.widgets.choice import ChoiceList, CompactSelect, TypeAhead

LABELS = ("us · United States", "eu · Europe", "in · India")
MANY = tuple(f"name {number}" for number in range(20))


class Host(App[None]):
    """A form: a select between two fields, and a key that saves it."""

    CSS = "Screen { align: center middle; }"
    BINDINGS = [*FORM_BINDINGS, Binding("ctrl+s", "save")]

    def __init__(self, labels: tuple[str, ...] = LABELS) -> None:
        super().__init__()
        options = [(label, label.partition(" ·")[0]) for label in labels]
        self.select = CompactSelect(options, options[0][1], title="Region")
        self.changes: list[str] = []
        self.saved: list[str] = []

    def compose(self) -> ComposeResult:
        yield Input(id="before")
        yield self.select
        yield Input(id="behind")

    def on_mount(self) -> None:
        self.select.focus()

    def on_compact_select_changed(self, event: CompactSelect.Changed) -> None:
        self.changes.append(event.value)

    def action_save(self) -> None:
        self.saved.append(self.select.value)


@asynccontextmanager
async def running(
    labels: tuple[str, ...] = LABELS, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], Host]]:
    app = Host(labels)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app


@pytest.mark.parametrize(
    ("keys", "value", "focus"),
    [
        ("down", "us", "behind"),
        ("up", "us", "before"),
        ("enter", "us", None),
        ("space down enter", "eu", None),
        ("enter down space", "eu", None),
        ("enter up enter", "in", None),
        ("enter end home enter", "us", None),
        ("enter end escape", "us", None),
        ("enter e enter", "eu", None),
        ("enter e u enter", "eu", None),
        ("enter e u i enter", "in", None),
        ("enter i n d enter", "in", None),
        ("enter u n i t e d space s enter", "us", None),
        ("enter e x y enter", "eu", None),
        ("enter e backspace i enter", "in", None),
        ("enter down tab", "eu", "behind"),
        ("enter down shift+tab", "eu", "before"),
        ("e", "eu", None),
        ("e u", "eu", None),
        ("i n d i a", "in", None),
        ("e down", "eu", "behind"),
    ],
)
async def test_keys_of_a_select(keys: str, value: str, focus: str | None) -> None:
    async with running() as (pilot, app):
        await pilot.press(*keys.split())
        assert app.select.value == value
        assert app.focused is (app.query_one(f"#{focus}") if focus else app.select)
        assert app.changes[-1:] == ([] if value == "us" else [value])
        assert app.select.is_open == (keys == "enter")


async def test_a_key_of_the_form_accepts_the_value_of_the_open_list_and_acts() -> None:
    async with running() as (pilot, app):
        await pilot.press("enter", "down", "ctrl+s")
        assert app.saved == ["eu"]
        assert not app.select.is_open


async def test_letters_that_lead_nowhere_are_shown() -> None:
    async with running() as (pilot, app):
        for keys, note in (("x", "no “x”"), ("e", "e"), ("y", "no “ey”"), ("u", "eu")):
            await pilot.press(*keys)
            await pilot.pause()
            assert app.query_one(ChoiceList).border_subtitle == note, keys
        assert app.changes == []
        await pilot.press("enter")
        assert app.changes == ["eu"]


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (20, 5)])
async def test_the_list_stays_on_the_screen_with_its_cursor_in_view(
    size: tuple[int, int],
) -> None:
    async with running(MANY, size) as (pilot, app):
        await pilot.press("enter", "end")
        await pilot.pause()
        shown = app.query_one(ChoiceList)
        assert app.screen.region.contains_region(shown.region)
        lines = [shown.render_line(y).text for y in range(shown.size.height)]
        assert any("name 19" in line for line in lines)


async def test_an_open_list_lies_below_its_field_and_moves_nothing() -> None:
    async with running() as (pilot, app):
        field = app.select.region
        await pilot.press("enter")
        await pilot.pause()
        assert app.select.region == field
        assert app.query_one(ChoiceList).region.y == field.bottom


async def test_leaving_the_field_closes_its_list() -> None:
    async with running() as (pilot, app):
        await pilot.press("enter", "down")
        app.query_one("#behind").focus()
        await pilot.pause()
        assert not app.query_one(ChoiceList).display
        assert app.changes == []


async def test_a_click_on_a_label_chooses_it() -> None:
    async with running() as (pilot, app):
        await pilot.click(app.select)
        await pilot.pause()
        await pilot.click(app.query_one(ChoiceList), offset=(4, 3))
        await pilot.pause()
        assert app.select.value == "in"
        assert not app.select.is_open


def test_one_letter_again_leads_from_label_to_label() -> None:
    labels = ("service account", "project token", "project secret", "OAuth token")
    keys, index, order = TypeAhead(labels), 0, []
    for letter in "pppt":
        index = keys.find(letter, index) or 0
        order.append(labels[index])
    assert order == ["project token", "project secret", "project token", "OAuth token"]
