"""The names of the project in use: read from the state folder, asked for on request."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.core.errors import MixtuiError
from mixtui.mixpanel.apis import Api
from mixtui.ui.widgets.completing_field import CompletingField

if TYPE_CHECKING:
    from mixtui.core.environments import Environment
    from mixtui.core.known_names import KnownNames, NameQuery
    from mixtui.mixpanel.operations import Names
    from mixtui.storage.known_names import NameStore
    from mixtui.ui.main_screen import MainScreen


_SLOW = 0.8
"""Seconds until it is said that an answer takes its time."""


class ProjectNamesController:
    """Keeps what is known for each project; a look-up is one query of the project's."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._store: NameStore | None = None
        self._known: dict[str, dict[NameQuery, KnownNames]] = {}
        self._asking: set[tuple[str, NameQuery]] = set()

    def known(self, lookup: NameQuery) -> KnownNames | None:
        """What is known already; None = it was never asked, or is being read."""
        project = _project(self._screen.environment)
        if project not in self._known:
            # Once: a file that cannot be read is as good as none.
            self._known[project] = {}
            self._screen.run_guarded(self._load(project))
        return self._known[project].get(lookup)

    def every(self, kind: Names) -> frozenset[str]:
        """All names of a kind that are known, whatever they were asked for."""
        from mixtui.core.known_names import NameQuery

        self.known(NameQuery(kind))  # The first time, the file is read.
        kept = self._known[_project(self._screen.environment)]
        return frozenset(
            name.value
            for lookup, names in kept.items()
            if lookup.kind is kind
            for name in names.names
        )

    async def _load(self, project: str) -> None:
        kept = await asyncio.to_thread(self._opened().load, project)
        if kept:
            self._known[project] = {**kept, **self._known[project]}
            self._renew()

    def ask(self, lookup: NameQuery) -> None:
        """Ask the project; a refusal becomes a sentence on the screen."""
        environment = self._screen.environment
        key = _project(environment), lookup
        if key in self._asking:
            return
        self._asking.add(key)
        slow = self._screen.set_timer(
            _SLOW,
            lambda: self._screen.notify_text(
                f"Asking the project for {lookup.words} …"
            ),
        )

        async def work() -> None:
            try:
                names = await self._asked(lookup, environment)
                await self._keep(key[0], lookup, names)
                self._screen.notify_text(
                    f"Looked up {lookup.words}: {len(names.names):,}."
                )
                self._renew()
            finally:
                slow.stop()
                self._asking.discard(key)

        self._screen.run_guarded(work())

    def _renew(self) -> None:
        """Show the new names in the field that is typed in."""
        field = self._screen.focused
        if isinstance(field, CompletingField):
            field.renew()

    async def _asked(self, lookup: NameQuery, environment: Environment) -> KnownNames:
        """The names, from the project.

        Raises:
            MixtuiError: It cannot be asked, or it refused; says why.
        """
        from mixtui.core.errors import ExitStatus
        from mixtui.core.known_names import KnownNames
        from mixtui.core.name_lookup import LookupRefused, lookup_draft, read_names
        from mixtui.core.outcome import outcome
        from mixtui.core.prepare import prepare

        request = prepare(lookup_draft(lookup), environment)
        exchange = await self._screen.calls.send_quietly(request)
        ended = outcome(exchange)
        if ended.exit_status != ExitStatus.ACCEPTED or exchange.response.cut_short:
            why = f" {ended.detail}" if ended.detail else ""
            raise LookupRefused(
                f"No {lookup.words} came: {exchange.response.status}, "
                f"{ended.words}.{why}"
            )
        names = read_names(lookup, exchange.response.body)
        return KnownNames(names, datetime.now(UTC))

    async def _keep(self, project: str, lookup: NameQuery, names: KnownNames) -> None:
        self._known.setdefault(project, {})[lookup] = names
        try:
            await asyncio.to_thread(self._opened().keep, project, lookup, names)
        except MixtuiError as error:
            words = f"The names are known until the program ends: {error}"
            self._screen.notify_text(words, severity="warning")

    def _opened(self) -> NameStore:
        from mixtui.storage.known_names import NameStore

        self._store = self._store or NameStore()
        return self._store


def _project(environment: Environment) -> str:
    """What tells the project from others: where it is asked, and its ids."""
    # Without the port: the sandbox has another one each time.
    host = urlsplit(environment.hosts.get(Api.QUERY, "")).hostname or "mixpanel"
    return f"{host} {environment.region} {environment.project_id} {environment.workspace_id}"
