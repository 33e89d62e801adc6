"""Names of events, properties, cohorts… of the current project, for completion."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mixtui.mixpanel.apis import Api
from mixtui.model.errors import MixtuiError, StorageError
from mixtui.ui.widgets.completing_field import CompletingField

if TYPE_CHECKING:
    from pathlib import Path

    from mixtui.dispatch.dispatch import Completed
    from mixtui.mixpanel.catalogue import NameKind
    from mixtui.model.environment import Environment
    from mixtui.model.known_names import KnownNames, NameQuery
    from mixtui.model.prepared import PreparedRequest
    from mixtui.storage.collection import Collection
    from mixtui.storage.recent import NameStore
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Host, PaneHost


_SLOW_AFTER = 0.8
"""Seconds until a notification says that the look-up is in flight."""

Send = Callable[["PreparedRequest"], Awaitable["Completed"]]
"""Sends a request that belongs to no slot."""


class ProjectNamesController:
    """Remembers the names of each project; a look-up costs one query of its quota."""

    def __init__(self, host: PaneHost, send: Send) -> None:
        self._host = host
        self._send = send
        self._store: NameStore | None = None
        self._known: dict[str, dict[NameQuery, KnownNames]] = {}
        self._names: dict[tuple[str, NameKind], frozenset[str]] = {}
        """All names of a kind in a project, until there are more."""
        self._asking: set[tuple[str, NameQuery]] = set()

    def known(self, lookup: NameQuery) -> KnownNames | None:
        """Return the known names; None = never looked up, or still being read."""
        project = _project(self._host.environment)
        if project not in self._known:
            # Once: a file that cannot be read is as good as none.
            self._known[project] = {}
            self._host.run_guarded(self._load(project))
        return self._known[project].get(lookup)

    def names_of(self, kind: NameKind) -> frozenset[str]:
        """Return all known names of a kind, whatever the look-up.

        They are the same object while there are no others.
        """
        from mixtui.model.known_names import NameQuery

        self.known(NameQuery(kind))  # The first time, the file is read.
        project = _project(self._host.environment)
        if (project, kind) not in self._names:
            self._names[project, kind] = frozenset(
                name.value
                for lookup, names in self._known[project].items()
                if lookup.kind is kind
                for name in names.names
            )
        return self._names[project, kind]

    async def _load(self, project: str) -> None:
        stored = await asyncio.to_thread(self._open_store().load, project)
        if stored:
            self._known[project] = {**stored, **self._known[project]}
            self._names.clear()
            self._refresh_suggestions()

    def ask(self, lookup: NameQuery) -> None:
        """Look names up in the project; a rejection becomes a notification."""
        environment = self._host.environment
        key = _project(environment), lookup
        if key in self._asking:
            return
        self._asking.add(key)
        slow = self._host.set_timer(
            _SLOW_AFTER,
            lambda: self._host.notify_text(f"Looking up {lookup.label}…"),
        )

        async def work() -> None:
            try:
                names = await self.fetch(lookup)
                self._host.notify_text(f"Found {len(names.names):,} {lookup.label}.")
                self._refresh_suggestions()
            finally:
                slow.stop()
                self._asking.discard(key)

        self._host.run_guarded(work())

    async def fetch(self, lookup: NameQuery) -> KnownNames:
        """Look names up in the project, and remember them.

        Raises:
            MixtuiError: They cannot be looked up; says why.
        """
        environment = self._host.environment
        names = await self._look_up(lookup, environment)
        await self._store_names(_project(environment), lookup, names)
        return names

    def _refresh_suggestions(self) -> None:
        """Refresh the suggestions of the field being edited, on whatever screen."""
        for field in self._host.app.screen.query(CompletingField):
            field.relist()

    async def _look_up(self, lookup: NameQuery, environment: Environment) -> KnownNames:
        """Look names up in the project.

        Raises:
            MixtuiError: It cannot be asked, or it refused; says why.
        """
        from mixtui.editing.names import LookupRefused, lookup_draft, read_names
        from mixtui.model.errors import ExitStatus
        from mixtui.model.known_names import KnownNames
        from mixtui.request.prepare import prepare

        request = prepare(lookup_draft(lookup), environment)
        completed = await self._send(request)
        outcome, response = completed.outcome, completed.exchange.response
        if outcome.exit_status != ExitStatus.ACCEPTED or response.cut_short:
            reason = f" {outcome.detail}" if outcome.detail else ""
            raise LookupRefused(
                f"Cannot look up {lookup.label}: {response.status}, {outcome.label}.{reason}"
            )
        # They are stored, and no name is a credential.
        body = completed.exchange.redactor.redact_bytes(response.body)
        names = read_names(lookup, body)
        return KnownNames(names, datetime.now(UTC))

    async def _store_names(
        self, project: str, lookup: NameQuery, names: KnownNames
    ) -> None:
        self._known.setdefault(project, {})[lookup] = names
        self._names.clear()
        try:
            await asyncio.to_thread(self._open_store().store, project, lookup, names)
        except MixtuiError as error:
            text = f"The names are kept only until you quit: {error}"
            self._host.notify_text(text, severity="warning")

    def _open_store(self) -> NameStore:
        from mixtui.storage.recent import NameStore

        self._store = self._store or NameStore()
        return self._store


def _project(environment: Environment) -> str:
    """Return the key of a project: host, region and ids."""
    # Without the port: the sandbox has another one each time.
    host = urlsplit(environment.hosts.get(Api.QUERY, "")).hostname or "mixpanel"
    return f"{host} {environment.region} {environment.project_id} {environment.workspace_id}"


_LARGEST_SCAN = 500
"""Saved requests that are read at most."""
_FRESH_FOR = 60.0
"""Seconds until they are read again."""


class KnownProperties:
    """The names of properties in the saved requests, read in the background."""

    def __init__(
        self,
        host: Host,
        collection: CollectionController,
        project: ProjectNamesController,
    ) -> None:
        self._host = host
        self._collection = collection
        self._project = project
        self._names: frozenset[str] = frozenset()
        self._all = frozenset[str](), frozenset[str](), frozenset[str]()
        """Names of saved requests, names of the project, and both together."""
        self._read_at: float | None = None
        self._root: Path | None = None
        """The collection that they are in."""

    def __call__(self) -> frozenset[str]:
        """Return the names known so far; read the saved requests if that is long ago.

        They are the same object while there are no others.
        """
        from mixtui.mixpanel.catalogue import NameKind

        now = time.monotonic()
        root = self._collection.store.root
        if self._root != root:
            self._root, self._names, self._read_at = root, frozenset(), None
        if self._read_at is None or now - self._read_at > _FRESH_FOR:
            self._read_at = now
            self._host.run_worker(self._read, group="properties", exclusive=True)
        own, others = self._names, self._project.names_of(NameKind.PROPERTY)
        if self._all[0] is not own or self._all[1] is not others:
            self._all = own, others, own | others
        return self._all[2]

    async def _read(self) -> None:
        self._names = await asyncio.to_thread(_names, self._collection.store)


def _names(collection: Collection) -> frozenset[str]:
    from mixtui.editing.names import draft_names

    results: set[str] = set()
    for entry in collection.scan().all_requests()[:_LARGEST_SCAN]:
        try:
            results.update(draft_names(collection.open(entry.path).draft))
        except StorageError:
            continue  # The sidebar shows broken files.
    return frozenset(results)
