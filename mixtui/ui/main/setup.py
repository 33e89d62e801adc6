"""From no environment to a first request with one's own project."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.storage.paths import short_path
from mixtui.text import pluralise

if TYPE_CHECKING:
    from mixtui.dispatch.dispatch import Completed
    from mixtui.dispatch.environment_check import EnvironmentTester
    from mixtui.model.environment import Environment
    from mixtui.model.prepared import PreparedRequest
    from mixtui.ui.environments.setup import SetupScreen, SetupState
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Host

    Send = Callable[[PreparedRequest, Environment], Awaitable[Completed]]


class SetupController:
    """Sets up an environment, adds starter requests, and opens the first of them.

    Its coroutines wait for dialogs, so they run in a worker of the screen.
    """

    def __init__(
        self, host: Host, collection: CollectionController, send: Send
    ) -> None:
        self._host = host
        self._collection = collection
        self._send = send
        self._state: SetupState | None = None
        """What was typed when the form was left; in memory alone."""
        self.is_offered = asyncio.Event()
        """Set once it is known whether this is a first start, and the form is open."""
        session = host.session
        if session.sandbox or session.environments.all:
            self.is_offered.set()

    @property
    def tester(self) -> EnvironmentTester:
        """What tests an environment before it is saved."""
        from mixtui.dispatch.environment_check import EnvironmentTester

        return EnvironmentTester(self._host.session.secrets, self._send)

    async def offer_at_start(self) -> None:
        """Set up an environment if there is none and nobody has left that before."""
        if self.is_offered.is_set():
            return
        from mixtui.storage import first_start

        is_first = partial(first_start.is_first_start, self._host.session.config)
        try:
            if await asyncio.to_thread(is_first) and not await self.run():
                await asyncio.to_thread(first_start.mark_offered)
        finally:
            self.is_offered.set()

    async def run(self) -> bool:
        """Set up an environment; return whether that was done."""
        from mixtui.ui.environments.details import reserved_names

        store = self._host.session.environment_store()
        loaded = await asyncio.to_thread(store.load)
        name = await self._host.ask(self.form(reserved_names(loaded)))
        if name is None:
            return False
        await self.go_on(name)
        return True

    def form(self, used_names: Collection[str]) -> SetupScreen:
        """Return the form, with what was typed before."""
        from mixtui.ui.environments.setup import SetupScreen

        return SetupScreen(
            self._host.session.environment_store(),
            self._state,
            keep=self._keep,
            used_names=used_names,
            tester=self.tester,
            on_open=self.is_offered.set,
        )

    def _keep(self, state: SetupState) -> None:
        self._state = state

    async def go_on(self, name: str) -> None:
        """Use an environment that was set up, and offer a first request.

        Args:
            name: Of the environment.
        """
        from mixtui.storage.starter_collection import starter_requests
        from mixtui.ui.dialogs.dialogs import ChoiceDialog

        host, store = self._host, self._collection.store
        host.session = await asyncio.to_thread(host.session.reopened, name)
        is_empty = not (await asyncio.to_thread(store.scan)).all_requests()
        starters = starter_requests()
        question = f"Saved the environment {name}. It is in use now."
        choices = [("o", "Open a first request", "open"), ("c", "Close", "close")]
        if is_empty:
            count = pluralise(len(starters), "starter request")
            question += (
                f"\n\n{count} work with any project: event names, funnels, profiles, "
                f"raw events, … They would be saved in {short_path(store.root)}."
            )
            choices[:1] = [
                ("a", "Add them, and open the first", "add"),
                ("o", "Open the first without adding any", "open"),
            ]
        title = "Set up an environment · 3 of 3 · First request"
        answer = await host.ask(ChoiceDialog(question, choices, title=title))
        if answer not in ("add", "open") or not await self._collection.may_leave():
            return
        path = first_request(host.environment)
        if answer == "add":
            await self._write_starters(path)
            self._collection.show(store.open(store.root / path))
        else:
            self._collection.begin(dict(starters)[path])
        host.focus_request()

    async def add_starters(self) -> None:
        """Add the starter requests to the collection, once confirmed."""
        from mixtui.storage.starter_collection import starter_requests
        from mixtui.ui.dialogs.dialogs import ConfirmDialog

        root = self._collection.store.root
        count = pluralise(len(starter_requests()), "starter request")
        question = f"Add {count} to {short_path(root)}?\n\nNo file is overwritten."
        dialog = ConfirmDialog(
            question, yes="Add", no="Cancel", title="Starter requests"
        )
        if await self._host.ask(dialog):
            await self._write_starters(first_request(self._host.environment))
            self._host.notify_text(f"Added {count}.")

    async def _write_starters(self, path: Path) -> None:
        """Write them, and go to one of them in the tree."""
        from mixtui.storage.starter_collection import write_starter_collection

        host, root = self._host, self._collection.store.root
        await asyncio.to_thread(write_starter_collection, root, may_exist=True)
        # Its files are trusted now as made here.
        name = host.environment.name
        host.session = await asyncio.to_thread(host.session.reopened, name)
        self._collection.reload_tree(root / path)


def first_request(environment: Environment) -> Path:
    """Return the path of the starter request that an environment can send."""
    from mixtui.storage.starter_collection import FIRST_REQUEST, FIRST_WRITE

    credentials = environment.credentials
    can_query = credentials.service_account or credentials.project_secret
    return FIRST_REQUEST if can_query else FIRST_WRITE
