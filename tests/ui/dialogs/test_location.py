"""The dialog that asks where: Folder/Name, with the folders completed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from mixtui.storage.location import Location
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.ui.dialogs.location import LocationDialog, LocationField, folder_names
from tests.ui.dialogs.host import NOTHING, Host
from tests.ui.driver import widget_lines

ROOT = Path("/collection")
FOLDERS = ("1 Query", "Team", "Team/In", "Test")
INITIAL = Location(("1 Query",), "Weekly")


@asynccontextmanager
async def asking(
    initial: Location = INITIAL,
    *,
    is_folder: bool = False,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[tuple[Pilot[None], Host]]:
    app = Host(LocationDialog("Save", initial, FOLDERS, ROOT, is_folder=is_folder))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield pilot, app


def text_of(pilot: Pilot[None]) -> str:
    return pilot.app.screen.query_one(Input).value


def note_of(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(".note", Static).render())


@pytest.mark.parametrize(
    ("keys", "location"),
    [
        ("enter", INITIAL),
        ("ctrl+s", INITIAL),
        ("escape", None),
        ("x enter", Location(("1 Query",), "x")),
        ("ctrl+u x enter", Location((), "x")),
        ("ctrl+u N e w / a enter", Location(("New",), "a")),
        ("ctrl+u T e tab x enter", Location(("Team",), "x")),
        ("ctrl+u T e right x enter", Location(("Team",), "x")),
        ("ctrl+u t e s down enter x enter", Location(("Test",), "x")),
        ("down down enter enter", Location(("Team",), "Weekly")),
        ("down down down enter enter", Location(("Team", "In"), "Weekly")),
        ("ctrl+u a backslash slash b enter", Location((), "a/b")),
    ],
)
async def test_a_location_is_typed_or_completed(
    keys: str, location: Location | None
) -> None:
    async with asking() as (pilot, app):
        await pilot.press(*keys.split())
        await pilot.pause()
        assert app.answer == location


async def test_the_line_below_says_which_folder_it_goes_into() -> None:
    async with asking() as (pilot, app):
        assert note_of(pilot) == "In the folder 1 Query."
        for text, note in (
            ("TEAM/x", "In the folder TEAM."),
            ("Team/New/x", "Creates the folder Team/New."),
            ("x", r"Type Folder/Name to use a folder; \/ is a slash in a name."),
            ("Team/", r"Type Folder/Name to use a folder; \/ is a slash in a name."),
            ("../x", "“..” is not a valid name for a file or folder"),
            ("a//x", "Remove a /"),
        ):
            pilot.app.screen.query_one(LocationField).value = text
            await pilot.pause()
            assert note in note_of(pilot), text
        assert app.answer is NOTHING


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_a_huge_paste_is_refused_in_one_sentence_and_kept(
    size: tuple[int, int],
) -> None:
    huge = "x" * 200_000
    async with asking(size=size) as (pilot, app):
        pilot.app.screen.query_one(LocationField).edit_text(huge)
        await pilot.press("enter")
        await pilot.pause()
        assert app.answer is NOTHING
        assert text_of(pilot) == huge
        assert note_of(pilot) == "Shorten this to 2,000 characters: it has 200,000."
        await pilot.press("ctrl+z")
        await pilot.pause()
        assert text_of(pilot) == "1 Query/Weekly"
        (line,) = widget_lines(pilot.app.screen.query_one(LocationField))
        assert "Weekly" in line


async def test_a_folder_starts_in_the_one_at_the_cursor() -> None:
    async with asking(Location(("Team",), ""), is_folder=True) as (pilot, app):
        await pilot.press("a", "slash", "b", "slash", "enter")
        await pilot.pause()
        assert app.answer == Location(("Team", "a"), "b")


def test_folders_are_listed_as_people_write_them() -> None:
    inner = Folder(ROOT / "Team" / "In", "In")
    tree = Folder(
        ROOT,
        "collection",
        (Folder(ROOT / "Team", "Team", (inner,)), Folder(ROOT / "b", "b")),
        (RequestEntry(ROOT / "x.toml", "x"),),
    )
    assert folder_names(tree) == ["Team", "Team/In", "b"]
