"""Show what other programs do to the files, as soon as it is noticed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from mixtui.key_names import key_of
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.storage.paths import COLLECTION_FILE
from mixtui.ui.widgets.screen import SETTLING, run_in_daemon

if TYPE_CHECKING:
    from pathlib import Path

    from mixtui.model.environment import Environment
    from mixtui.session import Session
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
        self._lost = ""
        """The environment in use that was deleted: it may come back."""

    def seen(self, seen: Seen) -> None:
        """Show what has changed in a folder."""
        session = self._host.session
        if seen.root == session.collection.root:
            self._collection_seen(seen)
        if seen.is_readable and seen.root in (session.config, session.collection.root):
            self._host.run_worker(self._refresh, group="session", exclusive=True)

    async def reload(self) -> None:
        """Read everything again because somebody asked for it; the draft stays."""
        await self._refresh(tells_all=True)
        self._collection.reload_tree(None)
        self._host.notify_text("Reloaded.")

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

    async def _refresh(self, *, tells_all: bool = False) -> None:
        """Read settings and environments, and use what has changed.

        Args:
            tells_all: Repeat what was reported before.
        """
        host = self._host
        while True:
            before = host.session
            session, problems = await run_in_daemon(before.refreshed)
            if not set(problems) <= set(before.warnings):
                # It may be half written.
                await asyncio.sleep(SETTLING)
                session, problems = await run_in_daemon(before.refreshed)
            if not host.is_active:
                # A dialog may be about to change them, and holds what it has read.
                await asyncio.sleep(SETTLING)
            elif host.session is before:
                break
        session = self._with_lost_environment(session)
        if session is not before:
            host.session = session
            self._tell_of_environment(before, session)
            self._tell_of_trust(before, session)
        for warning in session.warnings:
            if tells_all or warning not in before.warnings:
                host.notify_text(warning, severity="warning")

    def _with_lost_environment(self, session: Session) -> Session:
        """Use the environment that was in use before it was deleted, if it is back."""
        if session.environment == NO_ENVIRONMENT and self._lost:
            back = session.environments.get(self._lost)
            return session if back is None else session.with_environment(back)
        return session

    def _tell_of_environment(self, before: Session, session: Session) -> None:
        old, new = before.environment, session.environment
        if new == NO_ENVIRONMENT and old != NO_ENVIRONMENT:
            self._lost = old.name
            self._host.notify_text(
                f"The environment {old.name} was deleted from disk. No environment is "
                f"in use now: {key_of('environments')} chooses one.",
                severity="warning",
            )
            return
        if new == NO_ENVIRONMENT:
            return
        self._lost = ""
        if old == NO_ENVIRONMENT:
            self._host.notify_text(
                f"The environment {new.name} is in use: {_target(new)}."
            )
        elif _target(old) != _target(new):
            self._host.notify_text(
                f"The environment {new.name} changed on disk: {_target(new)}.",
                severity="warning",
            )

    def _tell_of_trust(self, before: Session, session: Session) -> None:
        """Say that the collection wants more; the question comes with what needs it."""
        grown = set(session.environments.ungranted) - set(before.environments.ungranted)
        for environment in session.environments.all:
            known = before.environments.get(environment.name)
            grown |= set(environment.ungranted) - set(known.ungranted if known else ())
        if grown:
            powers = "; ".join(sorted(map(str, grown)))
            self._host.notify_text(
                f"{COLLECTION_FILE} of this collection now requests more access: "
                f"{powers}. It has none before you trust it.",
                severity="warning",
            )


def _target(environment: Environment) -> str:
    """Return what decides where a request goes, and what a write does."""
    project = environment.project_id or "(none)"
    hosts = "".join(f", {host}" for host in environment.hosts.values())
    return (
        f"region {environment.region}, project {project}{hosts}, "
        f"{environment.write_label}"
    )
