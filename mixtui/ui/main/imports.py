"""Import a pasted curl command or URL as the draft, or a file into the collection."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mixtui.interchange.curl.command import import_curl
from mixtui.interchange.environments import matches, strip_added_ids, target_label
from mixtui.interchange.files.detect import ImportFormat, detect_format, import_file
from mixtui.interchange.model import ImportedFile, ImportedRequest
from mixtui.interchange.paths import locate_body_files
from mixtui.interchange.plan import (
    AppliedTarget,
    CreateEnvironment,
    LeaveOut,
    Settled,
    Target,
    TargetQuestion,
    UseEnvironment,
    apply_target,
    plan_file,
    plan_paste,
)
from mixtui.interchange.reader import read_text
from mixtui.interchange.sniff import is_curl
from mixtui.interchange.urls import import_url
from mixtui.model.environment import Environment
from mixtui.model.errors import InterchangeError, StorageError
from mixtui.storage.environments import name_problem
from mixtui.storage.imported_requests import (
    WrittenRequest,
    folder_name,
    target_folder,
    write_requests,
)
from mixtui.storage.location import join_location
from mixtui.text import pluralise
from mixtui.ui.dialogs.dialogs import ChoiceDialog, NameDialog
from mixtui.ui.dialogs.imports import (
    CommandFile,
    FileContent,
    ImportPathDialog,
    ImportReviewDialog,
)
from mixtui.ui.dialogs.location import folder_names

if TYPE_CHECKING:
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import Host, PaneHost
    from mixtui.ui.main.layout import PaneLayout


class PasteImport:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(self, host: Host, collection: CollectionController) -> None:
        self._host = host
        self._collection = collection

    async def run(self, text: str, folder: Path = Path()) -> None:
        """Import a curl command or URL as the draft; send nothing.

        Args:
            text: The command or URL.
            folder: What the files that it names are relative to.

        Raises:
            MixtuiError: It cannot be imported, or an environment cannot be changed.
        """
        if is_curl(text):
            await self._import_curl(text, folder)
        else:
            await self._import_url(text)

    async def _import_curl(self, text: str, folder: Path) -> None:
        host = self._host
        imported = await asyncio.to_thread(import_curl, text, self._known, folder)
        if is_curl(host.draft.url):
            # Pasted key by key, it is in the URL: no work is lost.
            host.draft = replace(host.draft, url=self._collection.saved.url)
        if not await self._collection.may_leave():
            return
        if not await self._settle_target(imported):
            return
        draft = strip_added_ids(imported.draft, host.environment)
        self._collection.show(None, draft)
        self._report(imported, "Command imported. Nothing was sent.")

    async def _import_url(self, text: str) -> None:
        host = self._host
        try:
            imported = import_url(text, host.draft, self._known)
        except InterchangeError:
            # It stands where it was pasted, beside the reason.
            host.draft = replace(host.draft, url=text.strip())
            raise
        if await self._settle_target(imported):
            host.draft = strip_added_ids(imported.draft, host.environment)
            self._report(imported, "")

    @property
    def _known(self) -> tuple[Environment, ...]:
        session = self._host.session
        return (session.environment, *session.environments.all)

    def _report(self, imported: ImportedRequest, sentence: str) -> None:
        host = self._host
        used = host.environment
        host.focus_request()
        notes = [sentence, *imported.notes] if sentence else [*imported.notes]
        if notes:
            host.notify_text(" ".join(notes))
        if not matches(used, imported):
            host.notify_text(
                f"The command was for {target_label(imported)}; the request now goes "
                f"to the environment {used.name} ({used.region}).",
                severity="warning",
            )

    def _label(self, folder: Path) -> str:
        parts = folder.relative_to(self._collection.store.root).parts
        return join_location(parts) or "the top folder"

    async def _settle_target(self, imported: ImportedRequest) -> bool:
        """Ask for an environment and use it; False = the import is cancelled."""
        host, session = self._host, self._host.session
        plan = plan_paste(
            imported,
            host.environment,
            session.environments.all,
            session.environment_store(),
        )
        if isinstance(plan, Settled):
            return True
        target = await _ask_target(host, plan, _paste_choices(plan, host.environment))
        if target is None:
            return False
        match target:
            case LeaveOut():
                return True
            case UseEnvironment(environment, stores_credentials=False):
                name = environment.name
            case _:
                name = (await self._store(target, imported)).environment.name
        host.session = host.session.reopened(name)
        return True

    async def _store(
        self, target: UseEnvironment | CreateEnvironment, imported: ImportedRequest
    ) -> AppliedTarget:
        applied = await _apply(self._host, target, imported)
        stored = ", ".join(
            f"the {credential.label}" for credential in imported.credentials
        )
        if stored:
            self._host.notify_text(
                f"Stored in the environment {applied.environment.name}: {stored}."
            )
        _warn(self._host, applied.notes)
        return applied


class FileImport:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(
        self, host: PaneHost, collection: CollectionController, layout: PaneLayout
    ) -> None:
        self._host = host
        self._collection = collection
        self._layout = layout

    async def run(self) -> None:
        """Ask for a file, and import it after confirmation.

        Raises:
            MixtuiError: A file or an environment cannot be written.
        """
        content = await self._host.ask(ImportPathDialog(self._read))
        if isinstance(content, CommandFile):
            paste = PasteImport(self._host, self._collection)
            await paste.run(content.text, content.folder)
        elif content is not None:
            await self._review(content)

    def _read(self, path: Path) -> FileContent:
        source = read_text(path, path.name)
        if detect_format(source) is ImportFormat.CURL:
            return CommandFile(source, path.parent)
        environments = self._host.session.environments.all
        return locate_body_files(
            import_file(source, path.name, environments), path.parent
        )

    async def _review(self, imported_file: ImportedFile) -> None:
        collection = self._collection.store

        def check(name: str) -> str | None:
            try:
                target_folder(collection, name)
            except StorageError as error:
                return str(error)
            return None

        folders = folder_names(await asyncio.to_thread(collection.scan))
        folder = join_location([folder_name(imported_file.title)])
        into = await self._host.ask(
            ImportReviewDialog(imported_file, folder, folders, check)
        )
        if into is None:
            return
        path = target_folder(collection, into)
        written = await asyncio.to_thread(self._write, imported_file, path)
        self._show(written, path)
        await self._settle_target(imported_file)

    def _write(self, imported_file: ImportedFile, folder: Path) -> list[WrittenRequest]:
        requests = [
            (request.folder, request.imported.draft)
            for request in imported_file.requests
        ]
        return list(write_requests(self._collection.store, folder, requests))

    def _show(self, written: Sequence[WrittenRequest], folder: Path) -> None:
        """Show the tree with its cursor on the new folder."""
        host = self._host
        self._collection.reload_tree(
            folder if folder != self._collection.store.root else None
        )
        self._layout.show_sidebar()
        host.set_focus(host.saved_requests)
        host.notify_text(
            f"{pluralise(len(written), 'request')} imported into {self._label(folder)}."
        )

    def _label(self, folder: Path) -> str:
        parts = folder.relative_to(self._collection.store.root).parts
        return join_location(parts) or "the top folder"

    async def _settle_target(self, imported_file: ImportedFile) -> None:
        """Ask for an environment, and store credentials and variables in it."""
        host, session = self._host, self._host.session
        plan = plan_file(
            imported_file, session.environments.all, session.environment_store()
        )
        if isinstance(plan, Settled):
            return
        target = await _ask_target(host, plan, _file_choices(plan))
        if target is None or isinstance(target, LeaveOut):
            return
        applied = await _apply(host, target, plan.imported, plan.variables)
        # What is on the screen is another request: it stays where it is sent.
        host.session = host.session.reopened(host.session.environment.name)
        host.notify_text(f"Stored in the environment {applied.environment.name}.")
        _warn(host, applied.notes)


async def _ask_target(
    host: Host, question: TargetQuestion, dialog: ChoiceDialog[Target]
) -> Target | None:
    """Ask which environment gets the credentials, and for the name of a new one."""
    target = await host.ask(dialog)
    if not isinstance(target, CreateEnvironment):
        return target
    used = set(host.session.environments.names)

    def check(name: str) -> str | None:
        if name in used:
            return f"The environment {name} already exists."
        reason = name_problem(name)
        return f"Invalid name: {reason}." if reason else None

    name = await host.ask(
        NameDialog("New environment", question.create.name, check=check)
    )
    return None if name is None else CreateEnvironment(name)


async def _apply(
    host: Host,
    target: UseEnvironment | CreateEnvironment,
    imported: ImportedRequest,
    variables: Sequence[tuple[str, str]] = (),
) -> AppliedTarget:
    session = host.session
    return await asyncio.to_thread(
        apply_target,
        target,
        imported,
        session.environment_store(),
        session.secrets.variables or os.environ,
        variables,
    )


def _warn(host: Host, notes: Sequence[str]) -> None:
    for note in notes:
        host.notify_text(note, severity="warning")


def _paste_choices(question: TargetQuestion, used: Environment) -> ChoiceDialog[Target]:
    credentials = question.credentials
    sentences = [f"This command is for {target_label(question.imported)}."]
    them, they = ("it", "it") if len(credentials) == 1 else ("them", "they")
    if credentials:
        listed = "; ".join(f"the {credential.label}" for credential in credentials)
        sentences.append(
            f"It contains {listed}; {they} will not be stored in the request."
        )
    choices: list[tuple[str, str, Target]] = [
        (str(number), _offer_label(offer, them), offer)
        for number, offer in enumerate(question.offers, 1)
    ]
    create = (
        f"Store {them} in a new environment…" if credentials else "New environment…"
    )
    leave = f"Discard {them}" if credentials else f"Keep using {used.name}"
    choices += [("n", create, question.create), ("l", leave, LeaveOut())]
    return ChoiceDialog(" ".join(sentences), choices, title="Import curl command")


def _offer_label(offer: UseEnvironment, them: str) -> str:
    name = offer.environment.name
    if not offer.stores_credentials:
        return f"Use {name}, unchanged"
    replaced = " and ".join(offer.replaced)
    return f"Store {them} in {name}" + (
        f" (replaces its {replaced})" if replaced else ""
    )


def _file_choices(question: TargetQuestion) -> ChoiceDialog[Target]:
    sentences = []
    if question.credentials:
        listed = "; ".join(
            f"the {credential.label}" for credential in question.credentials
        )
        sentences.append(f"The file contains {listed}.")
    if question.surplus:
        sentences.append(
            f"{pluralise(question.surplus, 'more')} of the same kind will be skipped: an "
            "environment has one of each."
        )
    if question.variables:
        names = ", ".join(name for name, _ in question.variables)
        sentences.append(f"It sets the variables {names}.")
    choices: list[tuple[str, str, Target]] = [
        (str(number), f"Store in {offer.environment.name}", offer)
        for number, offer in enumerate(question.offers, 1)
    ]
    choices += [
        ("n", "Store in a new environment…", question.create),
        ("l", "Discard", LeaveOut()),
    ]
    return ChoiceDialog(
        " ".join([*sentences, "Where should they be stored?"]),
        choices,
        title="Import credentials and variables",
    )
