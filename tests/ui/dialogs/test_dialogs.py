from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from mixtui.storage.tree import Folder
from mixtui.ui.dialogs.dialogs import (
    ChoiceDialog,
    ConfirmDialog,
    Dialog,
    FolderDialog,
    NameDialog,
)
from tests.ui.driver import type_text

NOTHING = object()
CHOICES = (("s", "Save", 1), ("d", "Discard", 2), ("c", "Keep editing", 3))


class Host(App[None]):
    """Asks one question and keeps the answer."""

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answer: object = NOTHING

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answered)

    def answered(self, answer: object) -> None:
        self.answer = answer


async def answer_to(dialog: Dialog[Any], *keys: str) -> object:
    app = Host(dialog)
    async with app.run_test() as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return app.answer


def shown(pilot: Pilot[None], selector: str) -> str:
    return str(pilot.app.screen.query_one(selector, Static).render())


@pytest.mark.parametrize(
    ("dangerous", "keys", "answer"),
    [
        (False, ["y"], True),
        (False, ["Y"], True),
        (False, ["n"], False),
        (False, ["enter"], True),
        (False, ["down", "enter"], False),
        (False, ["escape"], False),
        (True, ["y"], True),
        (True, ["enter"], False),
        (True, ["up", "enter"], True),
        (True, ["escape"], False),
        (True, ["z"], NOTHING),
    ],
)
async def test_a_question_is_answered_by_letter_arrow_or_escape(
    dangerous: bool, keys: list[str], answer: object
) -> None:
    assert await answer_to(ConfirmDialog("Go?", dangerous=dangerous), *keys) is answer


async def test_a_dangerous_question_says_so_in_words() -> None:
    app = Host(ConfirmDialog("Delete it?", dangerous=True))
    async with app.run_test():
        assert app.screen.query_one("#box").border_title == "Warning"


async def test_a_second_key_after_the_answer_does_nothing() -> None:
    dialog = ConfirmDialog("Go?")
    app = Host(dialog)
    async with app.run_test() as pilot:
        await pilot.pause()
        dialog.finish(True)
        dialog.finish(False)
        await pilot.pause()
        assert app.answer is True


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["d"], 2),
        (["enter"], 1),
        (["down", "down", "enter"], 3),
        (["escape"], None),
    ],
)
async def test_a_choice_has_a_letter_and_a_place(
    keys: list[str], answer: object
) -> None:
    assert await answer_to(ChoiceDialog("What now?", CHOICES), *keys) == answer


@pytest.mark.parametrize("text", ["[/b]", "[red]x[/]", "a\x1b[31mb", "$[x"])
async def test_text_from_files_is_never_markup(text: str) -> None:
    visible = text.replace("\x1b", "␛")
    app = Host(ChoiceDialog(text, [("a", text, 1)], title=text))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shown(pilot, "#question Static") == visible
        label = app.screen.query_one(OptionList).get_option_at_index(0).prompt
        assert visible in str(label)


async def test_a_name_starts_selected_so_that_typing_replaces_it() -> None:
    assert await answer_to(NameDialog("Name", "old"), *"new", "enter") == "new"


async def test_a_name_may_be_kept_and_is_trimmed() -> None:
    assert await answer_to(NameDialog("Name", "old"), "end", " ", "enter") == "old"


async def test_escape_gives_no_name() -> None:
    assert await answer_to(NameDialog("Name", "old"), "x", "escape") is None


async def test_an_invalid_name_is_reported_while_typing_and_rejected() -> None:
    taken = "There is one already."
    app = Host(
        NameDialog("Name", check=lambda name: taken if name in ("", "a") else None)
    )
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shown(pilot, ".problem") == ""
        await pilot.press("enter")
        assert shown(pilot, ".problem") == taken
        await pilot.press("a", "enter")
        assert shown(pilot, ".problem") == taken
        assert app.answer is NOTHING
        await pilot.press("b")
        assert shown(pilot, ".problem") == ""
        await pilot.press("enter")
        assert app.answer == "ab"


async def test_every_printable_key_types_into_a_name() -> None:
    app = Host(NameDialog("Name"))
    async with app.run_test() as pilot:
        await type_text(pilot, string.printable[:95])
        typed = app.screen.query_one(Input)
        assert typed.value == string.printable[:95]
        assert not typed.cursor_blink


async def test_a_long_name_is_seen_from_its_start() -> None:
    app = Host(NameDialog("Name", "Weekly sign-ups"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.screen.query_one(Input).scroll_x == 0


ROOT = Path("/collection")
TREE = Folder(
    ROOT,
    "collection",
    (
        Folder(
            ROOT / "reports",
            "reports",
            (Folder(ROOT / "reports" / "weekly", "weekly"),),
        ),
        Folder(ROOT / "[imports]", "[imports]"),
    ),
)


@pytest.mark.parametrize(
    ("keys", "folder"),
    [
        (["enter"], ROOT),
        (["down", "enter"], ROOT / "reports"),
        (["up", "enter"], ROOT / "[imports]"),
        ([*"week", "enter"], ROOT / "reports" / "weekly"),
        # Letters one after the other come before letters apart: "thE collEction".
        ([*"ee", "enter"], ROOT / "reports" / "weekly"),
        ([*"imp", "enter"], ROOT / "[imports]"),
        ([*"nowhere", "down", "enter"], NOTHING),
        (["escape"], None),
    ],
)
async def test_a_folder_is_found_by_arrows_or_by_a_few_letters(
    keys: list[str], folder: object
) -> None:
    assert await answer_to(FolderDialog(ROOT, TREE), *keys) == folder


async def test_a_folder_is_not_offered_for_itself_or_what_is_in_it() -> None:
    dialog = FolderDialog(ROOT, TREE, verb="Copy", without=ROOT / "reports")
    assert await answer_to(dialog, "down", "enter") == ROOT / "[imports]"
    assert dialog._box_title == "Copy to"


LONG = "/home/ana/projects/requests/weekly.toml was changed by something else."


@pytest.mark.parametrize(
    "dialog",
    [
        ConfirmDialog(LONG, dangerous=True),
        ChoiceDialog(LONG * 2, [*CHOICES, ("x", "Something else", 4)]),
        NameDialog("Name", LONG, check=lambda name: LONG),
        FolderDialog(ROOT, TREE),
    ],
    ids=lambda dialog: type(dialog).__name__,
)
async def test_every_dialog_fits_a_small_terminal(dialog: Dialog[Any]) -> None:
    app = Host(dialog)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("end")
        box = app.screen.query_one("#box")
        assert app.screen.region.contains_region(box.region)
        hints = app.screen.query_one(".hints")
        assert box.region.contains_region(hints.region)
        assert hints.region.height == 1
