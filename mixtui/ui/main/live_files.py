"""Show what other programs do to the files, as soon as it is noticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mixtui.storage.watch import Seen
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Host


class LiveFilesController:
    """Reads again what has changed.

    Args:
        host: The screen.
        collection: Its requests.
    """

    def __init__(self, host: Host, collection: CollectionController) -> None:
        self._host = host
        self._collection = collection
        self._away: Path | None = None
        """The root of the collection, if it was reported as unreadable."""

    def seen(self, seen: Seen) -> None:
        """Show what has changed in a folder."""
        if seen.root == self._host.session.collection.root:
            self._collection_seen(seen)

    def _collection_seen(self, seen: Seen) -> None:
        if not seen.is_readable:
            if self._away != seen.root:
                self._away = seen.root
                why = seen.problem or "it does not exist"
                self._host.notify_text(
                    f"The collection {seen.root} cannot be read: {why}. What was read "
                    "stays on the screen; mixtui waits for it to come back.",
                    severity="warning",
                )
            return
        if self._away == seen.root:
            self._away = None
            self._host.notify_text(f"The collection {seen.root} is back.")
        self._collection.reload_tree(None)
