"""Open another collection without a restart."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.model.errors import StorageError
from mixtui.storage.collection import Collection
from mixtui.storage.collection_folders import CollectionFolder, FolderKind
from mixtui.storage.paths import data_dir
from mixtui.ui.widgets.screen import run_in_daemon

if TYPE_CHECKING:
    from mixtui.session import Session
    from mixtui.ui.main.collection.autosave import DraftAutosave
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.main.layout import PaneLayout
    from mixtui.ui.main.trust import TrustController


class CollectionSwitcher:
    """Opens another collection; its coroutines wait for dialogs, so they run in a worker.

    Folders are read in threads that nobody waits for: they may be on a network.

    Args:
        host: The screen.
        collection: What is left, after the question about unsaved work.
        autosave: Keeps the draft for later, and offers those of the other collection.
        trust: Asks what the other collection may use.
        layout: Brings the sidebar forward.
    """

    def __init__(
        self,
        host: PaneHost,
        collection: CollectionController,
        autosave: DraftAutosave,
        trust: TrustController,
        layout: PaneLayout,
    ) -> None:
        self._host = host
        self._collection = collection
        self._autosave = autosave
        self._trust = trust
        self._layout = layout

    async def choose(self) -> None:
        """Ask for a collection, and open it."""
        from mixtui.ui.main.collection.collections_screen import CollectionsScreen

        recent = await run_in_daemon(_known_collections)
        chosen = await self._host.ask(
            CollectionsScreen(
                self._collection.store.root, recent, actions=self._host.actions
            )
        )
        if chosen is None or chosen.kind is FolderKind.OPEN:
            return
        is_meant = chosen.path in recent or await self._is_meant(chosen)
        if is_meant and await self._collection.may_leave(self._autosave.leave):
            await self._open(chosen)

    async def _is_meant(self, chosen: CollectionFolder) -> bool:
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

        if chosen.kind is not FolderKind.PLAIN:
            return True
        return await self._host.ask(
            ConfirmDialog(
                f"The folder {chosen.path} has no mixtui.toml. Open it as a collection? "
                "Its .toml files are listed as requests.",
                yes="Open",
                no="Cancel",
                title="Open a folder",
            )
        )

    async def _open(self, chosen: CollectionFolder) -> None:
        host = self._host
        if chosen.kind is FolderKind.NEW:
            await run_in_daemon(Collection(chosen.path).make_root)
        # All is read before anything is shown: what cannot be opened changes nothing.
        session = await run_in_daemon(
            partial(host.session.with_collection, chosen.path)
        )
        host.session = session
        self._collection.show(None)
        self._collection.reload_tree(None)
        self._layout.show_sidebar()
        host.set_focus(host.saved_requests)
        for warning in session.warnings:
            host.notify_text(warning, severity="warning")
        verb = "Created" if chosen.kind is FolderKind.NEW else "Opened"
        host.notify_text(f"{verb} the collection {session.collection.root}.")
        await self.remember(session)
        await self._trust.ask_at_start()
        await self._autosave.offer()

    def remember_soon(self, session: Session) -> None:
        """Put the collection of a session first, without a key that waits for it."""
        self._host.run_worker(partial(self.remember, session), group="recent")

    async def remember(self, session: Session) -> None:
        """Put the collection of a session first among the recent ones."""
        # Read and written after the start, which does without.
        from mixtui.storage.recent import RecentCollections

        root = session.collection.root

        def store() -> None:
            # That of the sandbox is of no use without it.
            if root.is_dir() and root != data_dir() / "sandbox":
                RecentCollections().add(root)

        try:
            await run_in_daemon(store)
        except StorageError as error:
            self._host.notify_text(
                f"Recent collections are not remembered: {error}", severity="warning"
            )


def _known_collections() -> list[Path]:
    """Return the recent collections, and the one that opens when none is named."""
    from mixtui.storage.recent import RecentCollections

    default = data_dir() / "collection"
    recent = [*RecentCollections().load(), *([default] if default.is_dir() else [])]
    return list(dict.fromkeys(recent))
