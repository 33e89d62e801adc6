"""Read the tree of saved requests, and again only what has changed on disk."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.model.errors import BrokenFile
from mixtui.storage.files import Stamp, stamp
from mixtui.storage.heads import HeadCache
from mixtui.ui.widgets.screen import SETTLING, run_in_daemon

if TYPE_CHECKING:
    from mixtui.storage.collection import Collection
    from mixtui.storage.tree import Folder
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.sidebar.tree import Head

_HEADS_AT_ONCE = 50
"""Request files that are read before the tree shows their names; then twice as many."""
_MOST_HEADS_AT_ONCE = 2_000


class TreeReader:
    """Fills the tree, whoever has changed the files: the app or another program.

    Args:
        host: The screen.
        listed: Called when the tree is filled, with the files that are new in it.
    """

    def __init__(
        self, host: PaneHost, listed: Callable[[Sequence[Path]], None]
    ) -> None:
        self._host = host
        self._listed = listed
        self._stamps: dict[Path, Stamp] = {}
        """Of the files whose heads the tree shows."""
        self._is_read = asyncio.Event()
        self._ahead: asyncio.Task[_Scanned] | None = None
        self.is_remote = False
        """Whether the collection is on a network folder, which may stop responding."""

    def read_ahead(self) -> None:
        """List the collection while the tree is mounted, so that it is filled at once."""
        scan = partial(_scan, self._host.session.collection, self._stamps)
        self._ahead = asyncio.create_task(run_in_daemon(scan))

    def reload(self, go_to: Path | None) -> None:
        """List the collection again, and read what is new or has changed.

        Args:
            go_to: Where the cursor goes; None = it stays.
        """
        self._is_read.clear()
        read = partial(self._read, go_to)
        self._host.run_worker(read, group="tree", exclusive=True)

    async def wait_until_read(self) -> None:
        """Wait until every file was read, as far as lists show it."""
        await self._is_read.wait()

    async def _read(self, go_to: Path | None) -> None:
        store, tree = self._host.session.collection, self._host.saved_requests
        ahead, self._ahead = self._ahead, None
        # All in a thread: of many files, even looking each up takes a while.
        scan = partial(_scan, store, self._stamps)
        scanned = await (ahead or run_in_daemon(scan))
        folder, is_there, self.is_remote, sorted_out = scanned
        if is_there or not tree.shows_requests_of(store.root):
            tree.fill(folder)
        if not is_there:
            self._is_read.set()  # It may come back: what is known stays.
            return
        if go_to is not None:
            tree.go_to(go_to)
        paths, appeared, self._stamps = sorted_out
        self._listed(appeared)
        if self._stamps:
            doubtful = await self._read_heads(paths, store.head)
            self._is_read.set()
        else:  # Most files are as they were in the last run.
            open_cache = partial(HeadCache, store.root, store.head)
            cache = await run_in_daemon(open_cache)
            doubtful = await self._read_heads(paths, cache.head)
            self._is_read.set()
            await run_in_daemon(cache.store)
        if doubtful:
            # They may be half written; then they are whole in a moment.
            await asyncio.sleep(SETTLING)
            await self._read_heads(doubtful, store.head, settled=True)

    async def _read_heads(
        self,
        paths: Sequence[Path],
        read: Callable[[Path], Head],
        *,
        settled: bool = False,
    ) -> list[Path]:
        """Show the heads of files that have changed; return those that became broken.

        Args:
            paths: The files.
            read: Returns the head of a file; called in a thread.
            settled: Show the broken ones as well.
        """
        tree = self._host.saved_requests
        shows_broken, doubtful = settled or not self._stamps, list[Path]()
        if self._stamps:
            known = dict(self._stamps)
            paths = await run_in_daemon(partial(_changed, paths, known))
        start, count = 0, _HEADS_AT_ONCE
        while some := paths[start : start + count]:
            start, count = start + count, min(2 * count, _MOST_HEADS_AT_ONCE)
            found = await run_in_daemon(partial(_heads, read, some))
            if not shows_broken:
                broken = [p for p, (head, _) in found.items() if _is_broken(head)]
                doubtful += broken
                for path in broken:
                    del found[path]
            self._stamps |= {p: s for p, (_, s) in found.items() if s is not None}
            tree.heads({path: head for path, (head, _) in found.items()})
        return doubtful


def _is_broken(head: Head) -> bool:
    return isinstance(head, BrokenFile)


_SortedOut = tuple[list[Path], list[Path], dict[Path, Stamp]]
"""The requests of a tree, those without a stamp, and the stamps of the others."""


_Scanned = tuple["Folder", bool, bool, _SortedOut]


def _scan(store: Collection, stamps: dict[Path, Stamp]) -> _Scanned:
    """List a collection; return also whether it can be read, and is on the network."""
    from mixtui.storage.watch import device_is_local

    folder = store.scan()
    try:
        device = os.stat(store.root).st_dev
    except OSError:
        return folder, False, False, _sort_out(folder, stamps)
    is_remote = device_is_local(device) is False
    return folder, not folder.problem, is_remote, _sort_out(folder, stamps)


def _sort_out(folder: Folder, stamps: dict[Path, Stamp]) -> _SortedOut:
    paths = [entry.path for entry in folder.all_requests()]
    known = {p: stamp for p in paths if (stamp := stamps.get(p)) is not None}
    return paths, [path for path in paths if path not in known], known


def _changed(paths: Sequence[Path], known: dict[Path, Stamp]) -> list[Path]:
    """Return the files whose stamps are other than the known ones."""
    return [p for p in paths if (now := stamp(p)) is None or now != known.get(p)]


def _heads(
    read: Callable[[Path], Head], paths: Sequence[Path]
) -> dict[Path, tuple[Head, Stamp | None]]:
    """Read heads; each with the stamp before, so that a later change gives another."""
    stamps = {path: stamp(path) for path in paths}
    return {path: (read(path), stamps[path]) for path in paths}
