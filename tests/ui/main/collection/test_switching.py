"""Another collection is opened without a restart, and everything follows."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mixtui.storage.collection_folders import CollectionFolder, FolderKind, inspect
from mixtui.storage.paths import config_dir, data_dir
from mixtui.storage.recent import RecentCollections
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.keys.input_queue import OrderedInputApp
from mixtui.ui.main.collection import collections_screen
from mixtui.ui.main.collection.collections_screen import (
    CollectionList,
    CollectionsScreen,
)
from mixtui.ui.sidebar.sidebar import Sidebar
from tests.ui.app import main, make_app, write_request
from tests.ui.driver import (
    post_keys,
    screen_text,
    type_text,
    wait_for_screen,
    wait_for_workers,
    wait_until,
    widget_lines,
)


class Host(OrderedInputApp[None]):
    """Opens the screen alone, and keeps what is chosen."""

    def __init__(self, current: Path, recent: list[Path]) -> None:
        super().__init__()
        self.results: list[CollectionFolder | None] = []
        self._screen = CollectionsScreen(current, recent)

    def on_mount(self) -> None:
        self.push_screen(self._screen, self.results.append)


@asynccontextmanager
async def collections(
    root: Path, *recent: Path
) -> AsyncIterator[tuple[Pilot[None], Host]]:
    app = Host(root / "current", list(recent))
    async with app.run_test(size=(100, 20)) as pilot:
        await wait_for_workers(pilot)
        yield pilot, app


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """A folder with two collections, and a plain folder."""
    for name in ("current", "shop", "plain"):
        (tmp_path / name).mkdir()
    for name in ("current", "shop"):
        (tmp_path / name / "mixtui.toml").touch()
    return tmp_path


def listed(app: Host) -> list[list[str]]:
    """The names and kinds that are listed, without the folders that they are in."""
    rows = widget_lines(app.screen.query_one(CollectionList))
    cells = [row[2:].split("  ") for row in rows if row.strip()]
    return [[row[0], row[-1].strip()] for row in cells]


async def test_recent_collections_are_listed_and_the_one_before_is_chosen(
    folders: Path,
) -> None:
    gone = folders / "gone"
    async with collections(folders, folders / "shop", gone) as (pilot, app):
        assert listed(app) == [
            ["current", "open"],
            ["shop", "collection"],
            ["gone", "missing"],
        ]
        await pilot.press("down", "enter")
        assert "no longer exists" in screen_text(pilot.app)
        assert app.results == []
        await type_text(pilot, "sho")
        assert listed(app)[0] == ["shop", "collection"]
        await pilot.press("enter")
        shop = CollectionFolder(folders / "shop", FolderKind.COLLECTION)
        assert app.results == [shop]


async def test_enter_goes_back_to_the_collection_before(folders: Path) -> None:
    async with collections(folders, folders / "shop") as (pilot, app):
        await pilot.press("enter")
        assert [r.path for r in app.results if r is not None] == [folders / "shop"]


@pytest.mark.parametrize(
    ("keys", "name", "kind"),
    [
        (["s", "h", "enter"], "shop", FolderKind.COLLECTION),
        (["p", "l", "tab", "s", "u", "b", "enter"], "plain/sub", FolderKind.NEW),
        (["p", "l", "enter"], "plain", FolderKind.PLAIN),
        (["n", "e", "w", "/", "x", "enter"], "new/x", FolderKind.NEW),
        (["c", "u", "enter"], "current", FolderKind.OPEN),
    ],
)
async def test_a_typed_path_is_completed_opened_or_created(
    keys: list[str], name: str, kind: FolderKind, folders: Path
) -> None:
    async with collections(folders) as (pilot, app):
        # All at once: enter waits for the folders that the path leads to.
        post_keys(pilot.app, *f"{folders}/", *keys)
        await wait_until(pilot, lambda: app.results)
        assert app.results == [CollectionFolder(folders / name, kind)]


async def test_a_folder_that_does_not_respond_delays_nothing(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()

    def look(path: Path) -> CollectionFolder:
        if path.name == "network":
            end.wait(60)
        return inspect(path)

    monkeypatch.setattr(collections_screen, "inspect", look)
    monkeypatch.setattr(collections_screen, "_PATIENCE", 0.01)
    recent = [folders / "network", folders / "shop"]
    async with collections(folders, *recent) as (pilot, app):
        await wait_until(pilot, lambda: listed(app))
        assert ["network", "does not respond"] in listed(app)
        await pilot.press("enter")
        assert app.results == []
        end.set()


async def switch(pilot: Pilot[int], text: str) -> None:
    """Open the list of collections, and choose by a text."""
    await pilot.press("shift+f9")
    await wait_for_screen(pilot, CollectionsScreen)
    await type_text(pilot, text)
    await pilot.press("enter")
    await pilot.pause()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Another collection, with an environment; the user has one, too."""
    root = tmp_path / "shop"
    (root / "Team").mkdir(parents=True)
    (root / "Team" / "b.toml").write_text('name = "B"\nurl = "/b"\n')
    (root / "mixtui.toml").write_text("[environments.shop-eu]\nregion = 'eu'\n")
    config_dir().mkdir(parents=True, exist_ok=True)
    own = "[environments.own]\nproject_id = 1\n"
    (config_dir() / "environments.toml").write_text(own)
    return root


async def test_everything_follows_another_collection(
    tmp_path: Path, shop: Path
) -> None:
    path = write_request(tmp_path, "a.toml", "name = 'A'\nurl = '/a'\n")
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await wait_for_workers(pilot)
        await screen.collection.open(path)
        run_slot = screen.slot
        await switch(pilot, f"{shop}/")
        await wait_for_workers(pilot)
        assert screen.session.collection.root == shop
        assert screen.query_one(Sidebar).border_title == "shop"
        assert [title for _, title in screen.saved_requests.titles()] == ["GET B"]
        assert screen.environment.name == "own"
        assert "shop-eu" in screen.session.environments.names
        assert screen.collection.open_request is None
        assert screen.focused is screen.saved_requests
        assert RecentCollections().load() == (shop, tmp_path / "requests")
        screen.saved_requests.go_to(shop / "Team" / "b.toml")
        await pilot.press("enter")
        await wait_for_workers(pilot)
        assert screen.draft.url == "/b"
        # And back: the request is in the slot that it was in.
        await switch(pilot, "")
        await wait_for_workers(pilot)
        assert screen.session.collection.root == tmp_path / "requests"
        await screen.collection.open(path)
        assert screen.slot is run_slot


@pytest.mark.parametrize(
    ("answer", "switched"), [("c", False), ("escape", False), ("d", True)]
)
async def test_unsaved_work_is_asked_about_before_another_collection_is_opened(
    answer: str, switched: bool, tmp_path: Path, shop: Path
) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await type_text(pilot, "/typed")
        await switch(pilot, f"{shop}/")
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press(answer)
        await wait_for_workers(pilot)
        root = main(pilot).session.collection.root
        assert (root == shop) is switched
        assert main(pilot).draft.url == ("" if switched else "/typed")


async def test_a_draft_is_kept_for_its_collection(tmp_path: Path, shop: Path) -> None:
    path = write_request(tmp_path, "a.toml", "name = 'A'\nurl = '/a'\n")
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await wait_for_workers(pilot)
        await screen.collection.open(path)
        await type_text(pilot, "typed")
        await switch(pilot, f"{shop}/")
        await wait_for_screen(pilot, ChoiceDialog)
        await pilot.press("k")
        await wait_for_workers(pilot)
        assert screen.session.collection.root == shop
        assert screen.draft.url == ""
        await switch(pilot, "")
        await wait_for_screen(pilot, ChoiceDialog)
        assert "A was left without being saved" in screen_text(pilot.app)
        await pilot.press("r")
        await wait_for_workers(pilot)
        assert screen.draft.url == "/atyped"
        assert screen.collection.unsaved
        assert screen.collection.saved.url == "/a"


async def test_a_collection_is_created_and_trusted(tmp_path: Path, shop: Path) -> None:
    async with make_app(tmp_path).run_test() as pilot:
        await switch(pilot, f"{tmp_path}/new/one")
        await wait_for_workers(pilot)
        session = main(pilot).session
        assert session.collection.root == tmp_path / "new" / "one"
        assert (tmp_path / "new" / "one" / "mixtui.toml").is_file()
        assert session.trust.root is None


@pytest.mark.parametrize("answer", ["y", "n"])
async def test_a_folder_without_mixtui_toml_is_asked_about(
    answer: str, tmp_path: Path
) -> None:
    (tmp_path / "plain").mkdir()
    async with make_app(tmp_path).run_test() as pilot:
        await switch(pilot, f"{tmp_path}/plain")
        await wait_for_screen(pilot, ConfirmDialog)
        assert "has no mixtui.toml" in screen_text(pilot.app)
        await pilot.press(answer)
        await wait_for_workers(pilot)
        is_open = main(pilot).session.collection.root == tmp_path / "plain"
        assert is_open is (answer == "y")


async def test_another_collection_that_chooses_an_environment_is_asked_about(
    tmp_path: Path, shop: Path
) -> None:
    (config_dir() / "environments.toml").unlink()
    text = "default = 'shop-eu'\n" + (shop / "mixtui.toml").read_text()
    (shop / "mixtui.toml").write_text(text)
    async with make_app(tmp_path).run_test() as pilot:
        await switch(pilot, f"{shop}/")
        await wait_for_screen(pilot, ConfirmDialog)
        assert "chooses the environment shop-eu" in screen_text(pilot.app)
        await pilot.press("y")
        await wait_for_workers(pilot)
        assert main(pilot).environment.name == "shop-eu"


async def test_a_run_of_another_collection_is_shown_as_a_new_request(
    tmp_path: Path, shop: Path
) -> None:
    path = write_request(tmp_path, "a.toml", "name = 'A'\nurl = '/query/events'\n")
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        await screen.collection.open(path)
        screen.action_send()
        await wait_until(pilot, lambda: screen.slot.run and not screen.runs.running)
        run = screen.slot.run
        assert run is not None
        await switch(pilot, f"{shop}/")
        await wait_for_workers(pilot)
        await screen.collection.open_run(run)
        assert screen.collection.open_request is None
        assert screen.draft.url == "/query/events"
        assert screen.slot.run is run


async def test_the_starter_collection_of_the_sandbox_is_not_remembered(
    tmp_path: Path, shop: Path
) -> None:
    sandbox = data_dir() / "sandbox"
    sandbox.mkdir(parents=True)
    async with make_app(tmp_path).run_test() as pilot:
        screen = main(pilot)
        session = screen.session.with_collection(sandbox)
        await screen.switcher.remember(session)
        await wait_for_workers(pilot)
        assert sandbox not in RecentCollections().load()
