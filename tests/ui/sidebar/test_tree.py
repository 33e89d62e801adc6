"""The sidebar alone: what is marked, what is cut, where the cursor is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from unittest.mock import Mock

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Method
from mixtui.storage.heads import RequestHead
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.ui.sidebar.sidebar import Sidebar
from mixtui.ui.sidebar.tree import CollectionTree
from tests.ui.driver import static_text, wait_until, widget_lines

ROOT = Path("/c")


def entry(path: str) -> RequestEntry:
    return RequestEntry(ROOT / f"{path}.toml", path.rpartition("/")[2])


def folder(name: str, *requests: str) -> Folder:
    return Folder(ROOT / name, name, (), tuple(entry(f"{name}/{r}") for r in requests))


# More than unfold at once, so that the last folder is closed.
MANY = folder("many", *(f"r{n}" for n in range(60)))
COLLECTION = Folder(ROOT, "c", (MANY, folder("last", "a", "b")), (entry("top"),))


class SidebarHost(App[None]):
    CSS = "Sidebar { width: 26; }"

    def compose(self) -> ComposeResult:
        yield Sidebar()
        yield Input()


async def test_an_empty_collection_names_the_key_that_fills_it() -> None:
    async with shown(Folder(ROOT, "c", (), ())) as (pilot, tree):
        sidebar = pilot.app.query_one(Sidebar)
        await pilot.pause()
        assert sidebar.query_one("#no-requests").display
        assert "ctrl+s saves" in static_text(pilot, "#no-requests")
        tree.fill(COLLECTION)
        await pilot.pause()
        assert not sidebar.query_one("#no-requests").display


@asynccontextmanager
async def shown(
    collection: Folder = COLLECTION,
    names: dict[str, str] | None = None,
    height: int = 90,
) -> AsyncIterator[tuple[Pilot[None], CollectionTree]]:
    """A host whose sidebar shows a collection; the focus is elsewhere."""
    async with SidebarHost().run_test(size=(80, height)) as pilot:
        tree = pilot.app.query_one(CollectionTree)
        tree.fill(collection)
        for path, name in (names or {}).items():
            tree.heads(
                {entry(path).path: RequestHead(name, Method.GET, Api.QUERY, "/", "")}
            )
        pilot.app.query_one(Input).focus()
        await pilot.pause()
        yield pilot, tree


def label(tree: CollectionTree, path: str) -> str:
    """The line of a request, as it is drawn."""
    tree.go_to(entry(path).path)
    return widget_lines(tree)[tree.cursor_line - tree.scroll_offset.y]


def names(tree: CollectionTree) -> list[str]:
    """The last word of each line."""
    return [line.split()[-1] for line in widget_lines(tree) if line]


def bold_lines(tree: CollectionTree) -> list[str]:
    """What is drawn in bold besides folders, line by line."""
    lines = []
    for y in range(tree.size.height):
        segments = list(tree.render_line(y))
        bold = [s.text for s in segments if s.style and s.style.bold]
        if text := "".join(bold).strip():
            lines.append(text)
    return [line for line in lines if not line.startswith(("▸", "▾"))]


async def test_the_cursor_goes_to_the_request_that_is_opened_and_unfolds_its_folder() -> (
    None
):
    async with shown() as (pilot, tree):
        assert "b" not in names(tree)
        tree.mark(entry("last/b").path, unsaved=False)
        await pilot.pause()
        assert tree.entry == entry("last/b")
        assert "b" in names(tree)


@pytest.mark.parametrize("in_use", [True, False])
async def test_after_a_reload_the_cursor_is_on_the_open_request_unless_the_tree_is_in_use(
    in_use: bool,
) -> None:
    async with shown() as (pilot, tree):
        tree.mark(entry("last/b").path, unsaved=False)
        tree.go_to(entry("top").path)
        if in_use:
            tree.focus()
            await pilot.pause()
        tree.fill(with_more(COLLECTION))
        await pilot.pause()
        assert tree.entry == entry("top" if in_use else "last/b")


def with_more(collection: Folder) -> Folder:
    """The collection with a folder before, and a request behind what was there."""
    return replace(
        collection,
        folders=(folder("first", "x", "y"), *collection.folders),
        requests=(*collection.requests, entry("zz")),
    )


async def test_what_is_in_view_stays_when_other_files_come(tmp_path: Path) -> None:
    async with shown(height=12) as (pilot, tree):
        tree.focus()
        tree.go_to(entry("many/r30").path)
        await pilot.pause()
        before = widget_lines(tree)
        assert tree.scroll_offset.y > 0
        tree.fill(with_more(COLLECTION))
        await pilot.pause()
        assert tree.entry == entry("many/r30")
        assert widget_lines(tree) == before


async def test_folders_stay_as_they_were_when_files_come_and_go() -> None:
    few = Folder(ROOT, "c", (folder("many", *"abc"), folder("last", "a")), ())
    async with shown(few) as (pilot, tree):
        tree.focus()
        tree.go_to(few.folders[0].path)
        await pilot.press("left")
        assert [n.is_expanded for n in tree.root.children] == [False, True]
        # So many would be collapsed at the start.
        tree.fill(replace(few, folders=(MANY, few.folders[1])))
        await pilot.pause()
        assert [n.is_expanded for n in tree.root.children] == [False, True]


async def test_the_open_request_in_a_collapsed_folder_does_not_expand_it_again() -> (
    None
):
    async with shown() as (pilot, tree):
        tree.mark(entry("last/b").path, unsaved=False)
        tree.focus()
        await pilot.press("left", "left")
        pilot.app.query_one(Input).focus()
        await pilot.pause()
        tree.fill(with_more(COLLECTION))
        await pilot.pause()
        assert "b" not in names(tree)
        assert tree.entry is not None
        assert tree.entry.path == ROOT / "last"


async def test_the_cursor_stays_on_its_line_when_its_request_is_deleted() -> None:
    async with shown() as (pilot, tree):
        tree.focus()
        tree.go_to(entry("many/r3").path)
        await pilot.pause()
        rest = (each for each in MANY.requests if each.stem != "r3")
        less = replace(MANY, requests=tuple(rest))
        tree.fill(replace(COLLECTION, folders=(less, COLLECTION.folders[1])))
        await pilot.pause()
        assert tree.entry == entry("many/r4")


async def test_the_same_collection_is_not_drawn_again() -> None:
    async with shown() as (_, tree):
        nodes = list(tree.root.children)
        tree.fill(replace(COLLECTION))
        assert list(tree.root.children) == nodes


async def test_an_edit_of_the_open_request_leaves_the_cursor() -> None:
    async with shown() as (_, tree):
        tree.mark(entry("last/b").path, unsaved=False)
        tree.go_to(entry("top").path)
        tree.mark(entry("last/b").path, unsaved=True)
        assert tree.entry == entry("top")


async def test_the_open_request_is_marked_without_colour() -> None:
    async with shown(names={"top": "Top", "last/a": "A"}) as (_, tree):
        tree.mark(entry("top").path, unsaved=False)
        assert label(tree, "top") == "▌GET   Top"
        assert label(tree, "last/a") == "   GET   A"
        assert bold_lines(tree) == ["▌Top"]
        tree.mark(entry("top").path, unsaved=True)
        assert label(tree, "top") == "▌GET   Top ●"


async def test_the_cursor_in_use_has_a_sign() -> None:
    async with shown(names={"top": "Top"}) as (pilot, tree):
        tree.focus()
        await pilot.pause()
        assert label(tree, "top") == "›GET   Top"


NAMES = [
    ("Fits exactly 17  ", "Fits exactly 17"),
    ("Seventeen letters", "Seventeen letters"),
    ("Eighteen letters..", "Eighteen letters…"),
    ("漢字漢字漢字漢字", "漢字漢字漢字漢字"),
    ("漢字漢字漢字漢字漢", "漢字漢字漢字漢字…"),
    ("a\x1b[31mred and much longer", "a␛[31mred and mu…"),
]


@pytest.mark.parametrize(("name", "text"), NAMES)
async def test_a_name_is_cut_with_an_ellipsis_by_cells(name: str, text: str) -> None:
    async with shown(names={"top": name}) as (_, tree):
        assert tree.size.width == 24
        assert label(tree, "top") == f" GET   {text}"
        tree.mark(entry("top").path, unsaved=True)
        marked = label(tree, "top")
        assert marked.endswith(" ●")
        assert cell_len(marked) <= 24


@pytest.mark.parametrize(("name", "text"), NAMES)
async def test_the_first_change_writes_no_name_again(name: str, text: str) -> None:
    async with shown(names={"top": name}) as (_, tree):
        tree.mark(entry("top").path, unsaved=False)
        opened = label(tree, "top")
        tree.mark(entry("top").path, unsaved=True)
        assert label(tree, "top") == f"{opened} ●"


async def test_a_name_is_cut_beside_the_scroll_bar() -> None:
    name = "Longer than the sidebar is"
    async with shown(names={"many/r0": name}, height=20) as (_, tree):
        width = tree.scrollable_content_region.width
        assert width < tree.container_size.width
        line = label(tree, "many/r0")
        assert cell_len(line) == width
        assert line.endswith("…")


async def test_the_full_name_is_shown_while_the_tree_has_the_focus() -> None:
    name = "A name that is longer than the sidebar"
    async with shown(names={"last/a": name}) as (pilot, tree):
        line = pilot.app.query_one("#entry-name")
        assert not line.display
        tree.go_to(entry("last/a").path)
        tree.focus()
        await pilot.pause()
        assert line.display
        assert static_text(pilot, "#entry-name") == f"last/{name}"
        await pilot.press("up")
        assert static_text(pilot, "#entry-name") == "last"


async def test_a_favorite_is_marked_and_its_tags_stand_beside_the_full_name() -> None:
    head = RequestHead("Sign-ups", Method.GET, Api.QUERY, "/", "", True, ("a", "b c"))
    async with shown() as (pilot, tree):
        tree.heads({entry("top").path: head})
        assert label(tree, "top").endswith("Sign-ups ★")
        tree.mark(entry("top").path, unsaved=True)
        assert label(tree, "top").endswith("Sign-ups ★ ●")
        tree.heads({entry("top").path: replace(head, name="A very long name indeed")})
        assert label(tree, "top").endswith("… ★ ●")
        await pilot.pause()
        assert static_text(pilot, "#entry-name").endswith("indeed  #a #b c")


async def test_favorites_alone_are_shown_with_their_folders() -> None:
    def head(name: str, favorite: bool) -> RequestHead:
        return RequestHead(name, Method.GET, Api.QUERY, "/", "", favorite)

    async with shown() as (pilot, tree):
        tree.action_favorites_only()
        await pilot.pause()
        assert "No favorites." in static_text(pilot, "#no-requests")
        assert pilot.app.query_one(Sidebar).border_subtitle == "★ only"
        tree.heads({entry("last/b").path: head("b", True)})
        tree.heads({entry("top").path: head("top", False)})
        await pilot.pause()
        shown_paths = {entry("last/b").path, ROOT / "last"}
        assert tree.shown_paths == shown_paths
        assert tree.go_to(entry("last/b").path) is None
        assert label(tree, "last/b").strip() == "GET   b ★"
        assert len(list(tree.known())) == 63
        tree.heads({entry("last/b").path: head("b", False)})
        assert tree.shown_paths == frozenset()
        tree.action_favorites_only()
        assert tree.shown_paths is None
        assert len(tree.root.children) == 3


async def test_another_width_cuts_the_names_anew_and_keeps_the_tree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "a long name of thirty letters."
    async with shown(Folder(ROOT, "c", (), (entry(name),))) as (pilot, tree):
        assert name not in "".join(widget_lines(tree))
        invalidate = Mock()
        monkeypatch.setattr(CollectionTree, "_invalidate", invalidate)
        await pilot.resize_terminal(90, 20)
        pilot.app.query_one(Sidebar).styles.width = 50
        await wait_until(pilot, lambda: name in "".join(widget_lines(tree)))
        await pilot.pause()
        invalidate.assert_not_called()
