"""The sidebar: open, save, rename, delete and back, and nothing lost on the way."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from mixtui.model.draft import Draft
from mixtui.storage.location import Location
from mixtui.storage.paths import state_dir
from mixtui.system import folder_lock
from mixtui.ui.dialogs.dialogs import (
    ChoiceDialog,
    FolderDialog,
)
from mixtui.ui.dialogs.location import LocationDialog
from mixtui.ui.sidebar.tree import CollectionTree, Entry
from tests.storage.left_drafts import leave_behind
from tests.ui.app import main, make_app, write_request
from tests.ui.driver import type_text, wait_for_screen, wait_until, workers_done
from tests.ui.main.controllers import Answer, ControllerHost, controllers

NAMES = """\
# keep me
name = "Event names"
method = "GET"
api = "query"
url = "/query/events/names"
colour = "blue"
"""
TOP = 'name = "Top events"\nmethod = "GET"\napi = "query"\nurl = "/query/events/top"\n'


async def listed(pilot: Pilot[int]) -> CollectionTree:
    """The tree, once every name in it was read."""
    await workers_done(pilot.app, "tree")
    await pilot.pause()
    return main(pilot).saved_requests


def labels(tree: CollectionTree) -> list[str]:
    return [title for _, title in tree.titles()]


async def open_first(pilot: Pilot[int]) -> None:
    tree = await listed(pilot)
    tree.focus()
    tree.cursor_line = 0
    await pilot.press("enter")
    await pilot.pause()


async def open_and_type(host: ControllerHost, path: Path) -> None:
    """Open a request, and append a letter to its URL."""
    await host.collection.open(path)
    host.draft = replace(host.draft, url=f"{host.draft.url}x")


def first_entry(host: ControllerHost) -> Entry:
    return host.collection.store.scan().all_requests()[0]


async def test_requests_are_listed_by_method_and_name(tmp_path: Path) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    write_request(tmp_path, "inner/top.toml", TOP)
    write_request(tmp_path, "bad.toml", 'method = "GET\n')
    async with make_app(tmp_path).run_test() as pilot:
        names = ["GET Top events", "bad", "GET Event names"]
        assert labels(await listed(pilot)) == names


async def test_opening_a_broken_file_says_why(tmp_path: Path) -> None:
    path = write_request(tmp_path, "bad.toml", 'method = "GET\n')
    async with controllers(tmp_path) as host:
        host.run_guarded(host.collection.open(path))
        await host.idle()
        assert "bad.toml, line 1" in host.message
        assert host.collection.open_request is None
        assert path.read_text() == 'method = "GET\n'


async def test_opening_fills_the_pane_and_saving_keeps_comments(tmp_path: Path) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await open_first(pilot)
        assert screen.draft.url == "/query/events/names"
        assert not screen.collection.unsaved
        await type_text(pilot, "2")
        assert screen.collection.unsaved
        assert "●" in str(screen.request_pane.border_title)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not screen.collection.unsaved
    text = path.read_text()
    assert "# keep me" in text
    assert 'colour = "blue"' in text
    assert 'url = "/query/events/names2"' in text


async def test_typing_and_deleting_again_is_not_a_change(tmp_path: Path) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await open_first(pilot)
        await type_text(pilot, "x")
        await pilot.press("backspace")
        await pilot.pause()
        assert not screen.collection.unsaved
        assert "●" not in str(screen.request_pane.border_title)


async def test_an_empty_request_is_proposed_no_name(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await pilot.press("ctrl+s")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, LocationDialog)
        assert screen.field.value == ""


async def test_a_new_request_asks_for_a_name_and_gets_a_file(tmp_path: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await type_text(pilot, "/query/events")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LocationDialog)
        await pilot.press("ctrl+u")
        await type_text(pilot, "Team/My events")
        await pilot.press("ctrl+s")
        await pilot.pause()
        tree = await listed(pilot)
        assert labels(tree) == ["GET My events"]
    saved = tomllib.loads((tmp_path / "requests/Team/my-events.toml").read_text())
    assert saved["url"] == "/query/events"


@pytest.mark.parametrize(
    ("answer", "url", "stored"),
    [
        ("escape", "/query/events/namesx", "names"),
        ("c", "/query/events/namesx", "names"),
        ("d", "/query/events/top", "names"),
        ("s", "/query/events/top", "namesx"),
    ],
)
async def test_switching_asks_about_unsaved_work_and_keeps_it(
    answer: str, url: str, stored: str, tmp_path: Path
) -> None:
    path = write_request(tmp_path, "a.toml", NAMES)
    other = write_request(tmp_path, "b.toml", TOP)
    async with controllers(tmp_path) as host:
        await open_and_type(host, path)
        host.answers = [answer]
        await host.collection.open(other)
        assert host.questions == ["Event names has unsaved changes."]
        assert host.draft.url == url
    assert tomllib.loads(path.read_text())["url"] == f"/query/events/{stored}"


@pytest.mark.parametrize(
    ("answer", "url", "stored"),
    [("escape", "namesx", "top"), ("m", "namesx", "namesx"), ("f", "top", "top")],
)
async def test_a_file_changed_outside_is_not_overwritten_unasked(
    answer: str, url: str, stored: str, tmp_path: Path
) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        await open_and_type(host, path)
        path.write_text(NAMES.replace("/names", "/top") + "# from outside\n")
        host.answers = [answer]
        await host.collection.save()
        assert len(host.questions) == 1
        assert host.draft.url == f"/query/events/{url}"
    assert f'url = "/query/events/{stored}"\n' in path.read_text()
    assert "# from outside" in path.read_text()


async def test_delete_and_undo_bring_the_same_file_back(tmp_path: Path) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with make_app(tmp_path).run_test() as pilot:
        tree = await listed(pilot)
        tree.focus()
        tree.cursor_line = 0
        await pilot.press("x")
        await listed(pilot)
        assert not path.exists()
        tree.focus()
        await pilot.press("u")
        await listed(pilot)
        assert path.read_text() == NAMES


async def test_deleting_the_open_request_leaves_the_draft_on_the_screen(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        await host.tree.handle("delete", first_entry(host))
        assert not path.exists()
        assert host.draft.name == "Event names"
        assert host.collection.unsaved


@pytest.mark.parametrize("answer", ["enter", "escape", "y"])
async def test_deleting_a_full_folder_asks_first(answer: str, tmp_path: Path) -> None:
    path = write_request(tmp_path, "inner/top.toml", TOP)
    async with controllers(tmp_path) as host:
        (folder,) = host.collection.store.scan().folders
        host.answers = [answer]
        await host.tree.handle("delete", folder)
        assert "the folder inner with 1 saved request" in host.questions[0]
        assert path.exists() is (answer != "y")


async def test_rename_changes_the_name_the_file_and_keeps_what_was_typed(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        await open_and_type(host, path)
        host.answers = [Location(("Team",), "Other")]
        await host.tree.handle("rename", first_entry(host))
        assert (tmp_path / "requests" / "Team" / "other.toml").exists()
        assert not path.exists()
        assert host.messages[-1] == "Renamed Event names to Team/Other."
        assert host.draft.name == "Other"
        assert host.draft.url.endswith("x")
        assert host.collection.unsaved


@pytest.mark.parametrize(
    ("answers", "files", "other_url"),
    [
        (["e", None], {"top.toml"}, "/query/events/top"),
        (["escape", None], {"top.toml"}, "/query/events/top"),
        (["e", Location((), "Mine")], {"top.toml", "mine.toml"}, "/query/events/top"),
        (["k"], {"top.toml", "top-events.toml"}, "/query/events/top"),
        (["r"], {"top-events.toml"}, "/new"),
    ],
)
async def test_a_name_that_exists_is_asked_about_and_nothing_is_lost(
    answers: list[Answer], files: set[str], other_url: str, tmp_path: Path
) -> None:
    path = write_request(tmp_path, "top.toml", TOP)
    folder = tmp_path / "requests"
    async with controllers(tmp_path) as host:
        host.draft = Draft(url="/new")
        host.answers = [Location((), "top events"), *answers]
        saved = await host.collection.save_as()
        assert saved == (answers[-1] is not None)
        assert host.questions[1] == "The request top events already exists."
        assert {each.name for each in folder.glob("*.toml")} - {"mixtui.toml"} == files
        found = host.collection.store.request_at(Location((), "top events"))
        if "k" not in answers:
            assert found is not None
            assert host.collection.store.open(found).draft.url == other_url
        if "r" in answers:
            await host.tree.handle("undo", None)
            assert path.exists()


async def test_a_rename_to_a_name_that_exists_is_edited_on(tmp_path: Path) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    write_request(tmp_path, "top.toml", TOP)
    async with controllers(tmp_path) as host:
        entry = first_entry(host)
        host.answers = [Location((), "Top events"), Location((), "Third")]
        await host.tree.handle("rename", entry)
        assert "The request Top events already exists" in host.messages[-2]
        assert (tmp_path / "requests" / "third.toml").exists()


async def test_a_folder_is_renamed_moved_and_made_with_those_around_it(
    tmp_path: Path,
) -> None:
    write_request(tmp_path, "Team/names.toml", NAMES)
    root = tmp_path / "requests"
    async with controllers(tmp_path) as host:
        folder = host.collection.store.scan().folders[0]
        host.answers = [Location(("Other",), "Crew")]
        await host.tree.handle("rename", folder)
        assert (root / "Other" / "Crew" / "names.toml").exists()
        assert host.messages[-1] == "Renamed Team to Other/Crew."
        host.answers = [Location(("a", "b"), "c")]
        await host.tree.handle("new_folder", None)
        assert (root / "a" / "b" / "c").is_dir()


async def test_duplicate_folder_and_move(tmp_path: Path) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    root = tmp_path / "requests"
    async with make_app(tmp_path).run_test() as pilot:
        tree = await listed(pilot)
        tree.focus()
        tree.cursor_line = 0
        await pilot.press("d")
        await listed(pilot)
        assert len(list(root.glob("*.toml"))) == 2
        await pilot.press("n")
        await pilot.pause()
        await type_text(pilot, "inner")
        await pilot.press("enter")
        await listed(pilot)
        assert (root / "inner").is_dir()
        tree.focus()
        tree.go_to(root / "names.toml")
        await pilot.pause()
        await pilot.press("r")
        await pilot.pause()
        assert isinstance(pilot.app.screen, LocationDialog)
        await pilot.press("escape")
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(pilot.app.screen, FolderDialog)
        await type_text(pilot, "inner")
        await pilot.press("enter")
        await listed(pilot)
        assert (root / "inner" / "names.toml").exists()
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(pilot.app.screen, FolderDialog)
        await pilot.press("enter")
        await listed(pilot)
        assert (root / "names.toml").read_text() == NAMES


@pytest.mark.parametrize("in_tree", [True, False])
async def test_keys_act_on_what_is_open_unless_the_tree_has_the_focus(
    in_tree: bool, tmp_path: Path
) -> None:
    write_request(tmp_path, "names.toml", NAMES)
    path = write_request(tmp_path, "inner/top.toml", TOP)
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        tree = await listed(pilot)
        screen.open_path(path)
        await pilot.pause()
        assert tree.entry is not None
        assert tree.entry.path == path
        tree.go_to(tmp_path / "requests" / "names.toml")
        screen.set_focus(tree if in_tree else screen.query_one("#url"))
        await pilot.pause()
        screen.action_duplicate()
        await wait_until(pilot, lambda: pilot.app._notifications)
        original = "Event names" if in_tree else "inner/Top events"
        (notice,) = pilot.app._notifications
        copy = original.rpartition("/")[2] + " copy"
        assert notice.message == f"Duplicated {original} as {copy}."


async def test_a_new_request_is_saved_before_it_can_be_renamed(tmp_path: Path) -> None:
    async with controllers(tmp_path) as host:
        await host.tree.handle("rename", host.collection.open_entry)
        assert "Save the request first" in host.message


async def test_the_deleted_request_on_the_screen_is_open_again_when_it_is_restored(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "inner/top.toml", TOP)
    async with controllers(tmp_path) as host:
        await open_and_type(host, path)
        slot = host.slot
        folder = host.collection.store.scan().folders[0]
        host.answers = ["y"]
        await host.tree.handle("delete", folder)
        assert host.collection.open_request is None
        await host.tree.handle("undo", None)
        assert host.collection.open_request is not None
        assert host.collection.open_request.path == path
        assert host.draft.url == "/query/events/topx"
        assert host.slot is slot


async def test_a_run_leads_to_its_request_by_whatever_name_it_has_now(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "inner/top.toml", TOP)
    other = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        run = await host.open_and_start(path)
        await host.idle()
        entry = host.collection.open_entry
        host.answers = [Location(("outer",), "Renamed")]
        await host.tree.handle("rename", entry)
        renamed = tmp_path / "requests" / "outer" / "renamed.toml"
        await host.collection.open(other)
        await host.collection.open_run(run)
        assert host.collection.open_request is not None
        assert host.collection.open_request.path == renamed
        assert host.slot is run.slot
        await host.collection.open(other)
        renamed.unlink()
        await host.collection.open_run(run)
        assert host.collection.open_request is None
        assert host.draft == run.draft
        assert host.slot is run.slot


async def test_a_request_that_is_saved_under_another_name_takes_its_response_along(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        run = await host.open_and_start(path)
        await host.idle()
        host.answers = [Location((), "Other")]
        assert await host.collection.save_as()
        assert host.slot is run.slot
        await host.collection.open(path)
        assert host.slot is not run.slot
        await host.collection.open(tmp_path / "requests" / "other.toml")
        assert host.slot is run.slot


async def test_a_response_stays_with_a_request_that_is_moved_with_its_folder(
    tmp_path: Path,
) -> None:
    path = write_request(tmp_path, "inner/top.toml", TOP)
    other = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        slot = host.slot
        await host.collection.open(other)
        host.answers = [Location((), "outer")]
        folder = host.collection.store.scan().folders[0]
        await host.tree.handle("rename", folder)
        assert "Renamed inner to outer." in host.message
        await host.collection.open(tmp_path / "requests" / "outer" / "top.toml")
        assert host.slot is slot


async def test_a_thousand_requests_leave_their_folders_closed(tmp_path: Path) -> None:
    for i in range(100):
        for name in ("a", "b"):
            write_request(tmp_path, f"{name}/r{i}.toml", TOP)
    async with make_app(tmp_path).run_test() as pilot:
        tree = await listed(pilot)
        opened = [n.is_expanded for n in tree.root.children]
        assert opened == [True, False]
        assert len(labels(tree)) == 200


async def test_what_an_ended_run_left_behind_is_offered(tmp_path: Path) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    left = Draft(name="Event names", url="/query/lost")
    leave_behind(state_dir() / "drafts", left, path)
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press("r")
        await pilot.pause()
        assert screen.draft == left
        request = screen.collection.open_request
        assert request is not None
        assert request.path == path
        assert screen.collection.unsaved


async def test_an_unsaved_draft_is_on_disk_a_moment_after_the_last_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mixtui.ui.main.collection.autosave.AUTOSAVE_DELAY", 0.1)
    folder = state_dir() / "drafts"
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await type_text(pilot, "/query/x")
        await wait_until(pilot, lambda: list(folder.glob("*/*.toml")))
        screen.draft = replace(screen.draft, url="")
        await pilot.press("ctrl+q")
        await pilot.pause()
    assert not list(folder.glob("*/*.toml"))


async def test_what_is_typed_while_a_draft_is_written_stays(tmp_path: Path) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        host.draft = replace(host.draft, url="/a")
        with folder_lock(path.parent):  # As another program may hold it.
            saving = asyncio.create_task(host.collection.save())
            await asyncio.sleep(0)
            host.draft = replace(host.draft, url="/ab")
        assert await saving
        assert (host.draft.url, host.collection.saved.url) == ("/ab", "/a")
        assert host.collection.unsaved


async def test_what_is_opened_while_a_draft_is_written_stays(tmp_path: Path) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    other = write_request(tmp_path, "top.toml", TOP)
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        host.draft = replace(host.draft, url="/a")
        with folder_lock(path.parent):
            saving = asyncio.create_task(host.collection.save())
            await asyncio.sleep(0)
            host.answers.append("d")
            await host.collection.open(other)
        assert await saving
        assert host.collection.open_request is not None
        assert host.collection.open_request.path == other
        assert host.draft.url == "/query/events/top"
        assert tomllib.loads(path.read_text())["url"] == "/a"
