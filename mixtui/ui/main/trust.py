"""The question whether to trust the folder of a collection."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from mixtui.model.errors import StorageError
from mixtui.model.trust import Power, PowerKind, TrustError
from mixtui.storage.paths import COLLECTION_FILE
from mixtui.storage.trust import TrustStore
from mixtui.text import sanitize
from mixtui.ui.widgets.screen import run_in_daemon

if TYPE_CHECKING:
    from pathlib import Path

    from mixtui.model.draft import Draft
    from mixtui.model.trust import DraftOrigin
    from mixtui.ui.main.host import Host

    PlacedDraft = tuple[Draft, DraftOrigin]
    """A request, and where it comes from."""


class TrustController:
    """Asks once for what a collection needs, and again only when that grows.

    Its coroutines wait for a dialog, so they run in a worker of the screen.
    """

    def __init__(self, host: Host) -> None:
        self._host = host

    async def ask_at_start(self) -> None:
        """Ask about a collection that chooses the environment to start with."""
        session = self._host.session
        powers = session.environments.ungranted
        if not powers or not await self._ask(
            session.collection.root, powers, unprompted=True
        ):
            return
        session = self._host.session
        chosen = session.environments.get(powers[0].target)
        if chosen is not None and powers[0].kind is PowerKind.ENVIRONMENT:
            self._host.session = session.with_environment(chosen)

    async def ask(self, error: TrustError) -> bool:
        """Ask for what a request needs; return whether it may be sent now."""
        return await self._ask(error.root, error.powers)

    async def may_enter(self, drafts: Iterable[PlacedDraft], folder: Path) -> bool:
        """Ask before requests of a collection become part of one that may use more.

        Args:
            drafts: What is to be in the folder, with where each comes from.
            folder: Where they go; may not exist yet.

        Returns:
            Whether they may use there what they need.
        """
        from mixtui.request.powers import draft_powers

        session = self._host.session

        def find_powers() -> dict[Path, frozenset[Power]]:
            target = session.origin(folder / COLLECTION_FILE).trust
            gained: dict[Path, frozenset[Power]] = {}
            for draft, origin in drafts:
                root = origin.trust.root
                if root is None or root == target.root:
                    continue
                # Its relative paths lead elsewhere from the other folder.
                powers = draft_powers(draft, root, origin.folder)
                powers |= draft_powers(draft, root, folder)
                new = set(origin.trust.missing(powers)) - set(target.missing(powers))
                gained[root] = gained.get(root, frozenset()) | new
            return gained

        gained = await run_in_daemon(find_powers)
        for root, powers in gained.items():
            if powers and not await self._ask(root, powers):
                return False
        return True

    async def _ask(
        self, root: Path, needed: Iterable[Power], *, unprompted: bool = False
    ) -> bool:
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

        host = self._host
        powers = set(needed)
        if root == host.session.collection.root:
            powers |= await asyncio.to_thread(host.session.collection_powers)
        lines = "\n".join(f"• {sanitize(str(power))}" for power in sorted(powers))
        question = (
            f"The collection {root} comes from elsewhere. It requests access to "
            f"more than its own files:\n\n{lines}\n\nTrust it?"
        )
        dialog = ConfirmDialog(
            question,
            yes="Trust",
            no="Don't trust",
            title="Trust this collection?",
            dangerous=True,
        )
        if not await host.ask(dialog, unprompted=unprompted):
            return False
        is_own = root == host.session.collection.root
        if is_own:
            host.session = host.session.with_granted(powers)
        try:
            await asyncio.to_thread(TrustStore().grant, root, powers)
        except StorageError as error:
            until = " The collection is trusted until you quit." if is_own else ""
            host.notify_text(f"{error}{until}", severity="warning")
            return is_own
        return True
