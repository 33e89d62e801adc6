"""Open the environments screen; read all files of the session again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mixtui.session import Session, open_session, sandbox_environments

if TYPE_CHECKING:
    from mixtui.actions import Action
    from mixtui.storage.environment_store import FileEnvironmentStore
    from mixtui.ui.main.host import Host


async def edit_environments(host: Host, actions: Sequence[Action]) -> None:
    """List, switch, add and edit environments."""
    from mixtui.ui.environments.screen import EnvironmentsScreen

    session = host.session
    store = environment_store(session)
    used = session.environment
    current = used.name if session.environments.get(used.name) else ""
    chosen = await host.ask(EnvironmentsScreen(store, current, actions=actions))
    reopen(host, chosen or current)


def environment_store(session: Session) -> FileEnvironmentStore:
    """Open the store of the session's environments."""
    from mixtui.storage.environment_store import FileEnvironmentStore

    return FileEnvironmentStore(
        session.config,
        session.collection.root,
        session.secrets.variables or os.environ,
        sandbox_environments(session.sandbox),
    )


def reopen(host: Host, environment: str) -> None:
    """Read every file again and use an environment, if it still exists."""
    old = host.session
    root = old.collection.root
    # The usual folder is made with the first request: asked for by name it would be
    # missed.
    named = root if root.exists() else None
    reopened = open_session(named, sandbox=old.sandbox, lenient=True)
    current = reopened.environments.get(environment)
    host.session = reopened.with_environment(current) if current else reopened
