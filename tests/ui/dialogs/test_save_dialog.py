from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.dialogs.saving import SaveChoice, SaveDialog, complete, note
from tests.ui.dialogs.host import NOTHING, Host
from tests.ui.driver import type_text


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a few things in it; HOME is beside it."""
    folder = tmp_path / "work"
    for name in ("exports", "experiments", "reports/weekly", ".hidden"):
        (folder / name).mkdir(parents=True)
    (folder / "there.json").write_bytes(b"x" * 1200)
    (folder / "extra.txt").write_bytes(b"")
    monkeypatch.chdir(folder)
    return folder


def shown(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(".note", Static).render())


async def answer_to(dialog: SaveDialog, *keys: str) -> Any:
    app = Host(dialog)
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        return app.answer


async def test_enter_accepts_the_suggestion_in_the_current_folder(work: Path) -> None:
    answer = await answer_to(SaveDialog("a.json"), "enter")
    assert answer == SaveChoice(work / "a.json", False, False)


async def test_escape_gives_up() -> None:
    assert await answer_to(SaveDialog("a.json"), "escape") is None


async def test_typing_replaces_the_suggestion(work: Path) -> None:
    answer = await answer_to(SaveDialog("a.json"), *"b.txt", "enter")
    assert answer.path == work / "b.txt"


async def test_the_home_folder_is_a_tilde(own_folders: Path) -> None:
    answer = await answer_to(SaveDialog("a"), "~", "/", "b", "enter")
    assert answer.path == own_folders / "b"


@pytest.mark.parametrize(
    ("keys", "answer"),
    [
        (["enter"], "asked"),
        (["enter", "enter"], "typing"),
        (["enter", "escape"], "typing"),
        (["enter", "n"], "typing"),
        (["enter", "y"], "yes"),
    ],
)
async def test_a_file_that_exists_needs_a_second_confirmation(
    keys: list[str], answer: str, work: Path
) -> None:
    app = Host(SaveDialog("there.json"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert shown(pilot).startswith("there.json exists (1.2 KB). You will be asked")
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        match answer:
            case "asked":
                assert isinstance(app.screen, ConfirmDialog)
                question = app.screen.query_one("#question Static", Static)
                sentence = "there.json exists (1.2 KB). Overwrite it?"
                assert str(question.render()) == sentence
            case "typing":
                assert app.screen is app.dialog
                assert app.answer is NOTHING
            case "yes":
                assert app.answer == SaveChoice(work / "there.json", False, True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the path to a file."),
        ("  ", "Enter the path to a file."),
        ("new.json", "New file in {work}."),
        (
            "made/here/new.json",
            "New file; the folder {work}/made/here will be created.",
        ),
        ("exports", "{work}/exports is a folder. Add a file name."),
        ("nowhere/", "{work}/nowhere is a folder. Add a file name."),
        ("a\0b", "A path cannot contain a NUL character."),
        ("~nobody-of-that-name/x", "New file; the folder"),
        ("extra.txt", "extra.txt exists (0 B). You will be asked"),
        ("x" * 300, "New file in"),
    ],
)
def test_the_dialog_says_what_enter_would_do(
    typed: str, sentence: str, work: Path
) -> None:
    assert note(typed).startswith(sentence.format(work=work))


async def test_a_folder_is_not_accepted() -> None:
    app = Host(SaveDialog("a"))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press(*"exports", "enter")
        assert "is a folder" in shown(pilot)
        assert app.answer is NOTHING


@pytest.mark.parametrize(
    ("typed", "completed", "folders"),
    [
        ("r", "reports/", ["reports/"]),
        ("reports/w", "reports/weekly/", ["weekly/"]),
        ("e", "exp", ["experiments/", "exports/"]),
        ("exp", "exp", ["experiments/", "exports/"]),
        ("expo", "exports/", ["exports/"]),
        ("", "", ["experiments/", "exports/", "reports/"]),
        (".h", ".hidden/", [".hidden/"]),
        ("there", "there", []),
        ("no/where", "no/where", []),
        ("a\0", "a\0", []),
    ],
)
def test_folders_are_completed(typed: str, completed: str, folders: list[str]) -> None:
    text, matches = complete(typed)
    assert text == completed
    assert matches == folders


async def test_tab_completes_and_names_what_there_is(work: Path) -> None:
    app = Host(SaveDialog("a.json", shown="formatted"))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("e", "tab")
        await pilot.press("tab")
        assert shown(pilot) == "Folders: experiments/  exports/"
        await pilot.press("o", "tab", *"x.json", "enter")
        await pilot.pause()
        assert app.answer == SaveChoice(work / "exports" / "x.json", False, False)


@pytest.mark.parametrize(
    ("keys", "as_shown"),
    [
        (["tab", "space", "enter"], True),
        (["down", "right", "enter"], True),
        (["down", "space", "up", "enter"], True),
        (["down", "space", "left", "enter"], False),
        (["tab", "tab", *"b.json", "enter"], False),
    ],
)
async def test_the_form_is_chosen_below_the_path(
    keys: list[str], as_shown: bool
) -> None:
    answer = await answer_to(SaveDialog("a.json", shown="formatted"), *keys)
    assert answer.as_shown is as_shown


async def test_without_another_form_there_is_not_a_choice() -> None:
    answer = await answer_to(SaveDialog("a.json", as_shown=True), "tab", "enter")
    assert answer.as_shown is False


async def test_keys_that_arrive_together_act_in_the_order_typed(work: Path) -> None:
    app = Host(SaveDialog("a.json"))
    async with app.run_test() as pilot:
        await pilot.pause()
        await type_text(pilot, "expo\tb")
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer == SaveChoice(work / "exports" / "b", False, False)


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (120, 40)])
async def test_it_fits_the_terminal(size: tuple[int, int]) -> None:
    app = Host(SaveDialog("x" * 100, shown="formatted"))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        box = app.screen.query_one("#box")
        assert app.screen.region.contains_region(box.region)
        assert box.region.contains_region(app.screen.query_one(".hints").region)
