"""f1 explains whatever has the focus, in dialogs, too."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widget import Widget

import mixtui.ui
from mixtui.ui.help.places import PLACES, place_of
from mixtui.ui.help.screen import HelpScreen
from tests.ui.app import main, make_app


def subclasses(kind: type[Widget]) -> set[type[Widget]]:
    below = set(kind.__subclasses__())
    return below.union(*map(subclasses, below))


def screens() -> set[type[Widget]]:
    for module in pkgutil.walk_packages(mixtui.ui.__path__, "mixtui.ui."):
        importlib.import_module(module.name)
    return {
        kind
        for kind in subclasses(Screen)
        if kind.__module__.startswith("mixtui.") and kind.__name__ != "MainScreen"
    }


def test_every_screen_has_a_place() -> None:
    bare = {"CommandScreen", "HelpScreen"}
    without = {
        kind.__name__
        for kind in screens()
        if not any(base.__name__ in PLACES for base in kind.__mro__)
    }
    assert without <= bare


def test_every_place_is_a_class_that_exists() -> None:
    screens()
    known = {kind.__name__ for kind in subclasses(Widget)}
    assert PLACES.keys() <= known


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_an_explanation_names_keys_not_placeholders(place: object) -> None:
    text = PLACES[next(n for n, p in PLACES.items() if p is place)].explanation
    assert "{" not in text.replace("{{", "")
    assert text.endswith(".")


async def test_everything_that_takes_the_focus_has_a_place(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        screen = main(pilot)
        for tab in screen.request_pane.query_one("#request-tabs").ids:  # type: ignore[attr-defined]
            await screen.request_pane.show_tab(tab)
            await pilot.pause()
            for widget in screen.focus_chain:
                widget.focus()
                await pilot.pause()
                assert place_of(screen) is not None, (tab, widget)


async def test_f1_explains_a_dialog_and_closes_again(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test(size=(120, 40)) as pilot:
        for key, title in (("f9", "Environments"), ("ctrl+t", "Mixpanel operations")):
            await pilot.press(key)
            await pilot.pause()
            dialog = pilot.app.screen
            await pilot.press("f1")
            await pilot.pause()
            screen = pilot.app.screen
            assert isinstance(screen, HelpScreen)
            assert screen.page.text.startswith(title)
            await pilot.press("f1")
            await pilot.pause()
            assert pilot.app.screen is dialog
            await pilot.press("escape")
            await pilot.pause()


async def test_the_key_of_the_help_is_the_users_in_dialogs_too(tmp_path: Path) -> None:
    app = make_app(tmp_path, keys={"help": ("f2", "question_mark"), "sidebar": ("f1",)})
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f9")
        await pilot.pause()
        await pilot.press("f1")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("f2")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        await pilot.press("question_mark")
        await pilot.pause()
        assert pilot.app.screen.query_field.value == "?"
