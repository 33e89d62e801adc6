"""Importing a file: asked for, read, shown, written, and its credentials placed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.core.environments import Environment
from mixtui.core.errors import StorageError
from mixtui.core.requests import Draft
from mixtui.core.words import pluralise
from mixtui.interchange.file_kinds import Kind, import_file, kind_of
from mixtui.interchange.found import ExtractedCredential, ImportedRequest
from mixtui.interchange.imported_file import ImportedFile
from mixtui.interchange.placing import (
    assign_credentials,
    matching_environments,
    new_environment,
)
from mixtui.interchange.reading import file_text
from mixtui.mixpanel.apis import Region
from mixtui.storage.environment_file import name_problem
from mixtui.storage.imported_requests import (
    Written,
    folder_name,
    target_folder,
    write_requests,
)
from mixtui.ui import errands
from mixtui.ui.dialogs import ChoiceDialog, NameDialog
from mixtui.ui.import_dialogs import Found, ImportPathDialog, ImportReviewDialog

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen

_OFFERED = 5
"""So many environments at most; the others are reached with f9."""


class FileImport:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    async def run(self) -> None:
        """Ask for a file, and import it if it is wanted.

        Raises:
            MixtuiError: A file or an environment cannot be written.
        """
        app = self._screen.app
        found = await app.push_screen_wait(ImportPathDialog(self._read))
        if isinstance(found, str):
            await errands.import_pasted(self._screen, found)
        elif found is not None:
            await self._review(found)

    def _read(self, path: Path) -> Found:
        source = file_text(path, path.name)
        if kind_of(source) is Kind.CURL:
            return source
        session = self._screen.session
        return import_file(source, path.name, session.environments.all)

    async def _review(self, found: ImportedFile) -> None:
        collection = self._screen.desk.collection

        def check(words: str) -> str | None:
            try:
                target_folder(collection, words)
            except StorageError as error:
                return str(error)
            return None

        into = await self._screen.app.push_screen_wait(
            ImportReviewDialog(found, folder_name(found.title), check)
        )
        if into is None:
            return
        folder = target_folder(collection, into)
        done = await asyncio.to_thread(self._write, found, folder)
        self._show(done, folder)
        if found.credentials or found.variables:
            await self._keep(found)

    def _write(self, found: ImportedFile, folder: Path) -> list[Written]:
        requests = [(one.folder, one.imported.draft) for one in found.requests]
        return list(write_requests(self._screen.desk.collection, folder, requests))

    def _show(self, done: Sequence[Written], folder: Path) -> None:
        """The tree, with its cursor at what was made."""
        screen = self._screen
        screen.reload_tree(folder if folder != screen.desk.collection.root else None)
        screen.arrangement.show_sidebar()
        screen.set_focus(screen.saved_requests)
        screen.notify_text(
            f"{pluralise(len(done), 'request')} imported into {folder.name}."
        )

    async def _keep(self, found: ImportedFile) -> None:
        """Ask where credentials and variables belong, and put them there."""
        credentials = _one_of_each(found.credentials)
        imported = ImportedRequest(
            Draft(),
            region=found.region,
            project_id=found.project_id,
            credentials=credentials,
        )
        session = self._screen.session
        store = errands.environment_store(session)
        fit = matching_environments(imported, session.environments.all)
        offers = [e for e in fit if store.editable(e)][:_OFFERED]
        choices: list[tuple[str, str, Environment | str]] = [
            (str(number), f"Into {environment.name}", environment)
            for number, environment in enumerate(offers, 1)
        ]
        choices += [
            ("n", "Into a new environment…", "new"),
            ("l", "Leave them out", "leave"),
        ]
        answer = await self._screen.app.push_screen_wait(
            ChoiceDialog[Environment | str](
                _question(found, credentials), choices, title="Not for a request file"
            )
        )
        if isinstance(answer, Environment):
            await self._put(answer, answer.name, imported, found)
        elif answer == "new" and (name := await self._new_name(found)) is not None:
            environment = new_environment(name, imported)
            await self._put(environment, None, imported, found)

    async def _new_name(self, found: ImportedFile) -> str | None:
        taken = set(self._screen.session.environments.names)

        def check(name: str) -> str | None:
            if name in taken:
                return f"There is an environment {name} already."
            reason = name_problem(name)
            return f"That cannot be a name: {reason}." if reason else None

        suggestion = str(found.region or Region.US)
        return await self._screen.app.push_screen_wait(
            NameDialog(
                "New environment",
                "" if suggestion in taken else suggestion,
                check=check,
            )
        )

    async def _put(
        self,
        environment: Environment,
        old_name: str | None,
        imported: ImportedRequest,
        found: ImportedFile,
    ) -> None:
        session = self._screen.session
        done = assign_credentials(
            environment, imported, session.secrets.variables or os.environ
        )
        # What the environment has under a name stays: other requests may use it.
        variables = {**dict(found.variables), **done.environment.variables}
        filled = replace(done.environment, variables=variables)
        store = errands.environment_store(session)
        await asyncio.to_thread(store.save, filled, old_name, done.secrets)
        # What is on the screen is another request: it stays where it is sent.
        errands.reopen(self._screen, session.environment.name)
        self._screen.notify_text(f"Kept in the environment {filled.name}.")
        for note in done.notes:
            self._screen.notify_text(note, severity="warning")


def _one_of_each(
    found: Sequence[ExtractedCredential],
) -> tuple[ExtractedCredential, ...]:
    """The first of each kind: an environment holds one."""
    return tuple({one.kind: one for one in reversed(found)}.values())[::-1]


def _question(found: ImportedFile, credentials: Sequence[ExtractedCredential]) -> str:
    sentences = []
    if credentials:
        listed = "; ".join(f"the {one.words}" for one in credentials)
        sentences.append(f"The file holds {listed}.")
    if more := len(found.credentials) - len(credentials):
        sentences.append(
            f"{pluralise(more, 'other')} of the same kind are left out, as an environment "
            "has one of each."
        )
    if found.variables:
        names = ", ".join(name for name, _ in found.variables)
        sentences.append(f"It gives values to the variables {names}.")
    return " ".join([*sentences, "Where do they belong?"])
