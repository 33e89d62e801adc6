"""The tree is read again, and nothing is read that has not changed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mixtui.model.errors import BrokenFile
from mixtui.storage import heads
from mixtui.storage.collection import Collection
from mixtui.storage.heads import RequestHead
from mixtui.storage.tree import Folder
from mixtui.ui.main.collection import reading
from mixtui.ui.sidebar.tree import Head
from tests.processes import PATIENCE
from tests.ui.app import write_request
from tests.ui.main.controllers import ControllerHost, FakeTree, controllers

NAMES = 'name = "Event names"\nmethod = "GET"\nurl = "/query/events/names"\n'
TOP = 'name = "Top events"\nmethod = "GET"\nurl = "/query/events/top"\n'
HALF = 'name = "Event na'


class ListedTree(FakeTree):
    """What the tree was filled with, and the heads it got."""

    def __init__(self) -> None:
        self.folder: Folder | None = None
        self.known: dict[Path, Head] = {}

    def fill(self, folder: Folder) -> None:
        self.folder = folder

    def heads(self, heads: dict[Path, Head]) -> None:
        self.known |= heads

    def shows_requests_of(self, root: Path) -> bool:
        return self.folder is not None and bool(self.folder.all_requests())

    @property
    def names(self) -> list[str]:
        """The names of all requests, in the order of the tree; a broken one is “bad”."""
        assert self.folder is not None
        heads = [self.known[each.path] for each in self.folder.all_requests()]
        return [h.name if isinstance(h, RequestHead) else "bad" for h in heads]


@asynccontextmanager
async def listed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[ControllerHost, ListedTree, list[Path]]]:
    """A host with its tree, and the paths of the files whose heads were read."""
    read: list[Path] = []
    head = Collection.head

    def remember(self: Collection, path: Path) -> RequestHead | BrokenFile:
        read.append(path)
        return head(self, path)

    monkeypatch.setattr(Collection, "head", remember)
    async with controllers(root) as host:
        host.saved_requests = tree = ListedTree()
        await reload(host)
        yield host, tree, read


async def reload(host: ControllerHost) -> None:
    host.collection.reload_tree(None)
    await host.finished("tree")


async def test_only_files_that_have_changed_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = write_request(tmp_path, "names.toml", NAMES)
    write_request(tmp_path, "top.toml", TOP)
    async with listed(tmp_path, monkeypatch) as (host, tree, read):
        assert tree.names == ["Event names", "Top events"]
        read.clear()
        # An editor that saves by renaming, with the same size and time.
        swap = names.with_name(".names.swp")
        swap.write_text(NAMES.replace("Event", "Other"))
        os.utime(swap, ns=(0, names.stat().st_mtime_ns))
        swap.rename(names)
        new = write_request(tmp_path, "a/new.toml", TOP.replace("Top", "New"))
        await reload(host)
        assert tree.names == ["New events", "Other names", "Top events"]
        assert sorted(read) == sorted((names, new))
        read.clear()
        await reload(host)
        assert read == []


async def test_the_first_names_of_a_large_collection_come_soon_and_the_rest_in_few_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(400):
        write_request(tmp_path, f"{number}.toml", NAMES)
    steps: list[int] = []
    monkeypatch.setattr(ListedTree, "heads", lambda _, heads: steps.append(len(heads)))
    async with listed(tmp_path, monkeypatch):
        assert steps == [50, 100, 200, 50]


async def test_a_file_that_is_half_written_is_never_shown_as_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = write_request(tmp_path, "names.toml", NAMES)
    shown, sleep = [], asyncio.sleep

    async def finish(seconds: float) -> None:
        if seconds != reading.SETTLING:
            return await sleep(seconds)
        shown.append(tree.names)
        names.write_text(NAMES.replace("Event", "Other"))

    async with listed(tmp_path, monkeypatch) as (host, tree, _):
        names.write_text(HALF)
        monkeypatch.setattr(reading.asyncio, "sleep", finish)
        await reload(host)
        assert shown == [["Event names"]]
        assert tree.names == ["Other names"]


async def test_a_file_that_stays_broken_is_shown_as_such_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = write_request(tmp_path, "names.toml", NAMES)
    monkeypatch.setattr(reading, "SETTLING", 0)
    async with listed(tmp_path, monkeypatch) as (host, tree, _):
        names.write_text(HALF)
        await reload(host)
        assert tree.names == ["bad"]
        names.write_text(NAMES)
        await reload(host)
        assert tree.names == ["Event names"]


async def test_a_broken_file_is_shown_as_such_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_request(tmp_path, "names.toml", HALF)
    monkeypatch.setattr(reading, "SETTLING", PATIENCE)
    async with listed(tmp_path, monkeypatch) as (_, tree, _):
        assert tree.names == ["bad"]


async def test_requests_stay_listed_while_their_folder_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_request(tmp_path, "names.toml", NAMES)
    async with listed(tmp_path, monkeypatch) as (host, tree, _):
        path.parent.rename(tmp_path / "away")
        await reload(host)
        assert tree.names == ["Event names"]
        (tmp_path / "away").rename(path.parent)
        write_request(tmp_path, "top.toml", TOP)
        await reload(host)
        assert tree.names == ["Event names", "Top events"]


async def test_the_end_of_the_app_waits_for_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = threading.Event()
    async with controllers(tmp_path) as host:
        monkeypatch.setattr(Collection, "scan", lambda self: forever.wait())
        host.collection.reload_tree(None)
        await asyncio.sleep(0)
        await asyncio.get_running_loop().shutdown_default_executor()
    forever.set()


async def test_a_request_whose_folder_does_not_respond_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = threading.Event()
    names = write_request(tmp_path, "names.toml", NAMES)
    top = write_request(tmp_path, "top.toml", TOP)
    monkeypatch.setattr("mixtui.storage.watch.device_is_local", lambda device: False)
    async with listed(tmp_path, monkeypatch) as (host, _, _):
        await host.collection.open(names)
        await reload(host)
        monkeypatch.setattr("mixtui.ui.main.collection.controller._PATIENCE", 0.01)
        monkeypatch.setattr(Collection, "open", lambda *args: forever.wait())
        host.run_guarded(host.collection.open(top))
        await host.until(lambda: host.messages)
        assert "top.toml cannot be read: its folder does not respond." in host.message
        # What is open goes on without a look at the disk.
        monkeypatch.setattr("mixtui.storage.paths.os.path.isfile", _fail)
        assert host.draft.name == "Event names"
        assert host.collection.origin.folder == names.parent
    forever.set()


def _fail(*args: object) -> bool:
    raise AssertionError("the disk is not asked")


async def test_a_large_collection_is_read_once_and_not_in_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):
        write_request(tmp_path, f"{number:03}.toml", NAMES)
    monkeypatch.setattr(heads, "SETTLED_NS", -(10**12))
    async with listed(tmp_path, monkeypatch) as (_, tree, read):
        assert len(read) == 100
        first = tree.names
    read.clear()
    async with listed(tmp_path, monkeypatch) as (_, tree, read):
        assert read == []
        assert tree.names == first
