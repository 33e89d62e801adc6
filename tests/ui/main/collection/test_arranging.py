"""What is done to the tree of saved requests, and what is said about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from mixtui.storage.location import Location
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.ui.dialogs.tags import TagsDialog
from mixtui.ui.main.collection.outside import OutsideChanges
from mixtui.ui.sidebar.tree import CollectionTree, Entry
from tests.ui.app import main, make_app, write_request
from tests.ui.driver import (
    post_keys,
    press,
    type_text,
    wait_for_screen,
    wait_until,
)
from tests.ui.main.controllers import ControllerHost, controllers

TOP = 'name = "Top events"\nurl = "/query/events/top"\n'


def entry_of(host: ControllerHost, path: Path) -> Entry:
    def find(folder: Folder) -> Entry | None:
        for inner in folder.folders:
            if inner.path == path:
                return inner
            if (found := find(inner)) is not None:
                return found
        return next((e for e in folder.requests if e.path == path), None)

    entry = find(host.collection.store.scan())
    assert entry is not None
    return entry


@pytest.fixture
def top(tmp_path: Path) -> Path:
    write_request(tmp_path, "Team/other.toml", "name = 'Other'")
    return write_request(tmp_path, "top.toml", TOP)


async def test_what_the_app_writes_is_not_taken_for_another_programs_work(
    tmp_path: Path, top: Path
) -> None:
    async with controllers(tmp_path) as host:
        await host.collection.open(top)
        outside = OutsideChanges(host, host.collection)
        with host.collection.saving():
            top.write_text(TOP + "favorite = true\n")
            await outside._check(())
        assert host.messages == []
        await outside._check(())
        assert host.messages == ["top.toml changed on disk: reloaded."]


async def test_undo_says_what_it_did_and_the_open_request_follows(
    tmp_path: Path, top: Path
) -> None:
    async with controllers(tmp_path) as host:
        await host.collection.open(top)
        host.draft = replace(host.draft, url="/typed")
        host.answers = [Location(("Team",), "Renamed")]
        await host.tree.handle("rename", entry_of(host, top))
        await host.tree.handle("favorite", host.collection.open_entry)
        await host.tree.handle("delete", host.collection.open_entry)
        assert host.collection.open_request is None
        for _ in range(3):
            await host.tree.handle("undo", None)
        opened = host.collection.open_request
        assert opened is not None
        assert (opened.path, opened.draft.name) == (top, "Top events")
        assert host.draft == replace(opened.draft, url="/typed")
        for _ in range(2):
            await host.tree.handle("redo", None)
        assert host.draft.name == "Renamed"
        assert host.draft.favorite
        assert host.messages == [
            "Renamed Top events to Team/Renamed.",
            "Team/Renamed is a favorite.",
            "Deleted Team/Renamed. Press u in the sidebar to undo.",
            "Restored Team/Renamed.",
            "Team/Renamed is no longer a favorite.",
            "Renamed Team/Renamed back to Top events.",
            "Renamed Top events to Team/Renamed.",
            "Team/Renamed is a favorite.",
        ]


async def test_the_open_draft_follows_the_file_that_it_sends(
    tmp_path: Path,
) -> None:
    text = 'url = "/import"\n[body]\ntype = "file"\npath = "events.json"\n'
    path = write_request(tmp_path, "send.toml", text)
    write_request(tmp_path, "Team/x.toml", "")
    (path.parent / "events.json").touch()
    async with controllers(tmp_path) as host:
        await host.collection.open(path)
        host.draft = replace(host.draft, url="/typed")
        host.answers = [Location(("Team",), "Send")]
        await host.tree.handle("rename", host.collection.open_entry)
        assert host.draft.body is not None
        assert host.draft.body.path == "../events.json"
        await host.tree.handle("undo", None)
        assert host.draft.body.path == "events.json"
        assert host.draft.url == "/typed"
        host.draft = replace(host.draft, url="/import")
        assert not host.collection.unsaved


async def test_a_move_and_a_copy_are_undone_in_words(tmp_path: Path, top: Path) -> None:
    async with controllers(tmp_path) as host:
        team = top.parent / "Team"
        editor = host.collection.editor
        editor.move(top, team)
        moved = team / "top.toml"
        await host.tree.handle("duplicate", entry_of(host, moved))
        await host.tree.handle("duplicate", entry_of(host, team))
        for _ in range(3):
            await host.tree.handle("undo", None)
        await host.tree.handle("undo", None)
        await host.tree.handle("redo", None)
        await host.tree.handle("redo", None)
        assert host.messages == [
            "Duplicated Team/Top events as Top events copy.",
            "Duplicated Team as Team copy.",
            "Removed Team copy.",
            "Removed Team/Top events copy.",
            "Moved Team/Top events back to the top folder.",
            "Nothing to undo.",
            "Moved Top events to Team.",
            "Created Team/Top events copy.",
        ]


async def test_undo_is_refused_while_the_place_is_taken(
    tmp_path: Path, top: Path
) -> None:
    async with controllers(tmp_path) as host:
        host.collection.editor.move(top, top.parent / "Team")
        top.write_text("name = 'theirs'\n")
        host.run_guarded(host.tree.handle("undo", None))
        await host.idle()
        assert "Top events exists again." in host.message
        assert top.read_text() == "name = 'theirs'\n"


async def test_a_label_of_a_file_that_was_changed_outside_overwrites_nothing(
    tmp_path: Path, top: Path
) -> None:
    async with controllers(tmp_path) as host:
        await host.collection.open(top)
        host.draft = replace(host.draft, url="/typed")
        top.write_text(TOP.replace("top", "theirs"))
        await host.tree.handle("favorite", host.collection.open_entry)
        assert "favorite = true" in top.read_text()
        host.answers = ["escape"]
        assert not await host.collection.save()
        assert "changed on disk" in host.questions[-1]
        assert "/query/events/theirs" in top.read_text()


async def test_an_old_draft_does_not_bring_old_tags_back(
    tmp_path: Path, top: Path
) -> None:
    async with controllers(tmp_path) as host:
        await host.collection.open(top)
        old = replace(host.draft, url="/old", tags=("old",))
        await host.tree.handle("favorite", host.collection.open_entry)
        host.collection.restore(old, top)
        assert host.draft == replace(old, tags=(), favorite=True)


@pytest.mark.parametrize("action", ["favorite", "tags"])
async def test_a_folder_has_no_labels(action: str, tmp_path: Path, top: Path) -> None:
    async with controllers(tmp_path) as host:
        await host.tree.handle(action, entry_of(host, top.parent / "Team"))
        assert "Select a request." in host.message


async def test_keys_order_mark_and_tag_requests_in_the_sidebar(tmp_path: Path) -> None:
    for name in "abc":
        write_request(tmp_path, f"{name}.toml", f"name = '{name}'\ntags = ['weekly']")
    root = tmp_path / "requests"

    def order(tree: CollectionTree) -> list[str]:
        entries = [node.data for node in tree.root.children]
        return [each.stem for each in entries if isinstance(each, RequestEntry)]

    async with make_app(tmp_path).run_test() as pilot:
        tree = main(pilot).saved_requests
        await wait_until(pilot, lambda: order(tree) == ["a", "b", "c"])
        tree.focus()
        tree.go_to(root / "c.toml")
        await pilot.pause()
        post_keys(pilot.app, "2", "K", "J")
        await wait_until(pilot, lambda: order(tree) == ["a", "c", "b"])
        assert tree.entry is not None
        assert tree.entry.path == root / "c.toml"
        for _ in range(2):
            await press(pilot, "u")
        assert order(tree) == ["a", "b", "c"]
        await press(pilot, "f")
        await pilot.press("t")
        await wait_for_screen(pilot, TagsDialog)
        await type_text(pilot, ", new")
        await press(pilot, "enter")
        await press(pilot, "F")
        assert order(tree) == ["c"]
        assert tree.tags == ("weekly", "new")
    text = (root / "c.toml").read_text()
    assert "favorite = true" in text
    assert 'tags = ["weekly", "new"]' in text
