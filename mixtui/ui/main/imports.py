"""A curl command or a whole URL that was pasted, taken over as the draft."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import Worker

from mixtui.interchange.credentials import distinct, strip_credentials
from mixtui.interchange.curl import import_curl
from mixtui.interchange.environments import (
    assign_credentials,
    matches,
    matching_environments,
    missing_credentials,
    new_environment,
    replaced_credentials,
    strip_known,
    target_label,
)
from mixtui.interchange.files.detect import ImportKind, detect_kind, import_file
from mixtui.interchange.model import ExtractedCredential, ImportedFile, ImportedRequest
from mixtui.interchange.reader import NO_DOWNLOAD, is_url, read_text
from mixtui.interchange.sniff import is_curl
from mixtui.interchange.urls import parse_url
from mixtui.mixpanel.apis import Region
from mixtui.model.draft import Draft
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.errors import InterchangeError, MixtuiError, StorageError
from mixtui.storage.environments import name_problem
from mixtui.storage.imported_requests import (
    WrittenRequest,
    folder_name,
    target_folder,
    write_requests,
)
from mixtui.text import pluralise, sanitize
from mixtui.ui.dialogs.dialogs import ChoiceDialog, Dialog, NameDialog
from mixtui.ui.dialogs.saving import PathField, as_path, beginning
from mixtui.ui.widgets.field import TextInput

if TYPE_CHECKING:
    from mixtui.ui.main.collection import CollectionController
    from mixtui.ui.main.host import Host, PaneHost
    from mixtui.ui.main.layout import PaneLayout


_OFFERED = 5
"""So many environments at most; the others are reached with f9."""


@dataclass(frozen=True, slots=True)
class _Into:
    """Use an environment, with what was found put into it or as it is."""

    environment: Environment
    credentials: bool


_Answer = _Into | Literal["new", "leave"]


class PasteImport:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(self, host: Host, collection: CollectionController) -> None:
        self._host = host
        self._collection = collection

    async def run(self, text: str) -> None:
        """Take over what was pasted; nothing is sent.

        Raises:
            MixtuiError: It cannot be taken over, or an environment cannot be changed.
        """
        if is_curl(text):
            await self._of_curl(text)
        else:
            await self._of_url(text)

    async def _of_curl(self, text: str) -> None:
        host = self._host
        imported = await asyncio.to_thread(import_curl, text, self._known)
        if is_curl(host.draft.url):
            # Pasted key by key, it stands in the URL; that is no work to be lost.
            host.draft = replace(host.draft, url=self._collection.saved.url)
        if not await self._collection.may_leave():
            return
        if not await self._placed(imported):
            return
        self._collection.show(None)
        self._show(imported, "The command was taken over; nothing was sent.")

    async def _of_url(self, text: str) -> None:
        """Only API, URL and query change."""
        host = self._host
        draft = host.draft
        try:
            located = parse_url(text, self._known)
        except InterchangeError:
            # It stands where it was pasted, beside the reason.
            host.draft = replace(draft, url=text.strip())
            raise
        bare = Draft(
            method=draft.method, api=located.api, url=located.url, query=located.query
        )
        without = strip_credentials(bare)
        imported = ImportedRequest(
            draft=replace(
                draft,
                api=located.api,
                url=located.url,
                query=without.draft.query or draft.query,
            ),
            region=located.region,
            project_id=located.project_id,
            credentials=distinct((*located.credentials, *without.credentials)),
            notes=(*located.notes, *without.notes),
            environment=located.environment,
        )
        if await self._placed(imported):
            self._show(imported, "")

    @property
    def _known(self) -> tuple[Environment, ...]:
        session = self._host.session
        return (session.environment, *session.environments.all)

    def _show(self, imported: ImportedRequest, sentence: str) -> None:
        host = self._host
        used = host.environment
        host.draft = strip_known(imported.draft, used)
        host.focus_request()
        notes = [sentence, *imported.notes] if sentence else [*imported.notes]
        if notes:
            host.notify_text(" ".join(notes))
        if not matches(used, imported):
            host.notify_text(
                f"It was meant for {target_label(imported)}; here it goes where the "
                f"environment {used.name} leads ({used.region}).",
                severity="warning",
            )

    async def _placed(self, imported: ImportedRequest) -> bool:
        """Ask where what was found belongs, and put it there; False = given up."""
        used = self._host.environment
        fitting_here = matches(used, imported)
        new = missing_credentials(used, imported.credentials) if fitting_here else ()
        if fitting_here and not new:
            return True
        if not imported.credentials and used is NO_ENVIRONMENT:
            return True
        answer = await self._ask(imported)
        if answer is None:
            return False
        if answer == "new":
            return await self._into_new(imported)
        if isinstance(answer, _Into):
            if answer.credentials:
                await self._store_credentials(
                    answer.environment, imported, answer.environment.name
                )
            self._host.session = self._host.session.reopened(answer.environment.name)
        return True

    async def _ask(self, imported: ImportedRequest) -> _Answer | None:
        credentials = imported.credentials
        sentences = [f"This is for {target_label(imported)}."]
        if credentials:
            listed = "; ".join(f"the {credential.label}" for credential in credentials)
            sentences.append(
                f"With it came {listed}. That does not stay in the request."
            )
        used = self._host.environment
        them = "Put it" if len(credentials) == 1 else "Put them"
        leave = "Leave it out" if len(credentials) == 1 else "Leave them out"
        choices: list[tuple[str, str, _Answer]] = [
            *self._offers(imported, them),
            (
                "n",
                f"{them} into a new environment…"
                if credentials
                else "A new environment…",
                "new",
            ),
            ("l", leave if credentials else f"Stay in {used.name}", "leave"),
        ]
        return await self._host.ask(
            ChoiceDialog[_Answer](" ".join(sentences), choices, title="Take over")
        )

    def _offers(
        self, imported: ImportedRequest, them: str
    ) -> list[tuple[str, str, _Answer]]:
        """The environments that fit; the one in use first."""
        store = self._host.session.environment_store()
        used = self._host.environment.name
        fitting_ones = sorted(
            matching_environments(imported, self._host.session.environments.all),
            key=lambda environment: environment.name != used,
        )
        offers: list[tuple[str, str, _Answer]] = []
        for number, environment in enumerate(fitting_ones[:_OFFERED], 1):
            new = missing_credentials(environment, imported.credentials)
            keeps = bool(new) and store.editable(environment)
            if keeps:
                text = f"{them} into {environment.name}{_instead(environment, new)}"
            else:
                text = f"Use {environment.name} as it is"
            offers.append((str(number), text, _Into(environment, keeps)))
        return offers

    async def _into_new(self, imported: ImportedRequest) -> bool:
        used = set(self._host.session.environments.names)

        def check(name: str) -> str | None:
            if name in used:
                return f"There is an environment {name} already."
            reason = name_problem(name)
            return f"That cannot be a name: {reason}." if reason else None

        name = await self._host.ask(
            NameDialog("New environment", _suggested(imported, used), check=check)
        )
        if name is None:
            return False
        await self._store_credentials(new_environment(name, imported), imported, None)
        self._host.session = self._host.session.reopened(name)
        return True

    async def _store_credentials(
        self, environment: Environment, imported: ImportedRequest, old_name: str | None
    ) -> None:
        """Write the environment and its typed secrets."""
        session = self._host.session
        done = assign_credentials(
            environment, imported, session.secrets.variables or os.environ
        )
        store = session.environment_store()
        await asyncio.to_thread(store.save, done.environment, old_name, done.secrets)
        stored = ", ".join(
            f"the {credential.label}" for credential in imported.credentials
        )
        if stored:
            self._host.notify_text(
                f"Kept in the environment {environment.name}: {stored}."
            )
        for note in done.notes:
            self._host.notify_text(note, severity="warning")


def _instead(
    environment: Environment, credentials: Sequence[ExtractedCredential]
) -> str:
    gone = replaced_credentials(environment, credentials)
    return f", in place of its {' and '.join(gone)}" if gone else ""


def _suggested(imported: ImportedRequest, used: set[str]) -> str:
    """A name that is free, such as ``eu-1234567``."""
    base = "-".join(filter(None, (imported.region, imported.project_id))) or "mixpanel"
    numbered = (f"{base}-{number}" for number in range(2, len(used) + 3))
    return next(name for name in (base, *numbered) if name not in used)


_SHOWN = 8
"""Names listed when there are several to complete to."""
_KINDS = "OpenAPI 3.0 or 3.1 (YAML, JSON), Postman 2.x, or curl: told by its content."
Found = ImportedFile | str
"""What a file holds: requests, or the text of a curl command."""


class OpenPathField(PathField):
    """Completes files as well as folders."""

    def action_complete(self) -> None:
        """Complete what is typed, as far as it goes."""
        completed, names = complete(self.value)
        if completed != self.value:
            self.value = completed
            self.cursor_position = len(completed)
        elif names:
            self.post_message(self.Folders(names))


class ImportPathDialog(Dialog[Found | None]):
    """Asks for a file and reads it; None = escape.

    Args:
        read: Reads a file; blocking; raises MixtuiError.
    """

    DEFAULT_CSS = """
    ImportPathDialog .note { height: auto; min-height: 2; color: $text-muted; }
    """

    def __init__(self, read: Callable[[Path], Found]) -> None:
        super().__init__("Import a file", None)
        self._read_file = read

    def compose_box(self) -> ComposeResult:
        """The path, and what is wrong with it."""
        yield OpenPathField(placeholder="path of a file", compact=True)
        yield Static(_KINDS, classes="note")
        yield Static("enter reads it · tab completes · esc cancels", classes="hints")

    @on(PathField.Folders)
    def _several(self, event: PathField.Folders) -> None:
        event.stop()
        more = " …" if len(event.names) > _SHOWN else ""
        self._set_note("  ".join(event.names[:_SHOWN]) + more)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._set_note(_problem(event.value) or _KINDS)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if problem := _problem(typed) or ("" if typed else "Type the path of a file."):
            self._set_note(problem)
            return
        read = partial(self._read, as_path(typed))
        _: Worker[None] = self.run_worker(read, group="read", exclusive=True)

    async def _read(self, path: Path) -> None:
        try:
            found = await asyncio.to_thread(self._read_file, path)
        except MixtuiError as error:
            self._set_note(str(error))
        else:
            self.finish(found)

    def _set_note(self, text: str) -> None:
        self.query_one(".note", Static).update(Content(sanitize(text)))


class ImportReviewDialog(Dialog[str | None]):
    """Shows what would be made and what is left out; asks for the folder.

    Args:
        imported_file: What was read.
        folder: To start with.
        check: Gives the sentence that says what is wrong with a folder, or None.
    """

    DEFAULT_CSS = """
    ImportReviewDialog > #box { width: 76; }
    ImportReviewDialog #told { height: auto; max-height: 9; margin-top: 1; }
    ImportReviewDialog #told Static { height: auto; }
    ImportReviewDialog .problem { min-height: 0; }
    ImportReviewDialog.-short #told { max-height: 4; margin-top: 0; }
    """
    BINDINGS = [
        Binding("up", "scroll(-1)", "Up", show=False),
        Binding("down", "scroll(1)", "Down", show=False),
        Binding("pageup", "scroll(-8)", "Page up", show=False),
        Binding("pagedown", "scroll(8)", "Page down", show=False),
    ]

    def __init__(
        self,
        imported_file: ImportedFile,
        folder: str,
        check: Callable[[str], str | None],
    ) -> None:
        super().__init__(f"Import {imported_file.title}", None)
        self._found = imported_file
        self._folder = folder
        self._check = check

    def compose_box(self) -> ComposeResult:
        """How many, into which folder, and what is to be told."""
        yield Static(Content(sanitize(summary(self._found))))
        yield TextInput(self._folder, compact=True)
        yield Static(classes="problem")
        if messages := self._found.all_notes():
            with VerticalScroll(id="told", can_focus=False):
                lines = "\n".join(f"· {sanitize(sentence)}" for sentence in messages)
                yield Static(Content(lines))
        scroll = " · ↑ ↓ notes" if messages else ""
        yield Static(f"enter imports{scroll} · esc cancels", classes="hints")

    def action_scroll(self, lines: int) -> None:
        """Move the notes while the field keeps the focus."""
        for told in self.query("#told"):
            told.scroll_relative(y=lines, animate=False)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._set_note(self._check(event.value))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._check(event.value)
        self._set_note(problem)
        if problem is None:
            self.finish(event.value.strip())

    def _set_note(self, problem: str | None) -> None:
        self.query_one(".problem", Static).update(Content(sanitize(problem or "")))


def summary(imported_file: ImportedFile) -> str:
    """How much an import would make."""
    folders = len({placed.folder for placed in imported_file.requests if placed.folder})
    inside = f" in {pluralise(folders, 'folder')}" if folders else ""
    return f"{pluralise(len(imported_file.requests), 'request')}{inside}. They go into the folder:"


def complete(typed: str) -> tuple[str, list[str]]:
    """The text with its last name completed, and what it might become."""
    before, slash, start = typed.rpartition("/")
    try:
        with os.scandir(as_path(before + slash)) as entries:
            results = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.startswith(".") <= start.startswith(".")
            )
    except (OSError, ValueError):
        return typed, []
    name = beginning(results) if start and results else start
    return before + slash + name, results


def _problem(typed: str) -> str:
    if is_url(typed):
        return NO_DOWNLOAD
    return "A path cannot hold a NUL." if "\0" in typed else ""


_OFFERED_file_import = 5
"""So many environments at most; the others are reached with f9."""


class FileImport:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(
        self, host: PaneHost, collection: CollectionController, layout: PaneLayout
    ) -> None:
        self._host = host
        self._collection = collection
        self._layout = layout

    async def run(self) -> None:
        """Ask for a file, and import it if it is wanted.

        Raises:
            MixtuiError: A file or an environment cannot be written.
        """
        found = await self._host.ask(ImportPathDialog(self._read))
        if isinstance(found, str):
            await PasteImport(self._host, self._collection).run(found)
        elif found is not None:
            await self._review(found)

    def _read(self, path: Path) -> Found:
        source = read_text(path, path.name)
        if detect_kind(source) is ImportKind.CURL:
            return source
        session = self._host.session
        return import_file(source, path.name, session.environments.all)

    async def _review(self, imported_file: ImportedFile) -> None:
        collection = self._collection.store

        def check(words: str) -> str | None:
            try:
                target_folder(collection, words)
            except StorageError as error:
                return str(error)
            return None

        into = await self._host.ask(
            ImportReviewDialog(imported_file, folder_name(imported_file.title), check)
        )
        if into is None:
            return
        folder = target_folder(collection, into)
        done = await asyncio.to_thread(self._write, imported_file, folder)
        self._show(done, folder)
        if imported_file.credentials or imported_file.variables:
            await self._store_environment(imported_file)

    def _write(self, imported_file: ImportedFile, folder: Path) -> list[WrittenRequest]:
        requests = [(one.folder, one.imported.draft) for one in imported_file.requests]
        return list(write_requests(self._collection.store, folder, requests))

    def _show(self, done: Sequence[WrittenRequest], folder: Path) -> None:
        """The tree, with its cursor at what was made."""
        host = self._host
        self._collection.reload_tree(
            folder if folder != self._collection.store.root else None
        )
        self._layout.show_sidebar()
        host.set_focus(host.saved_requests)
        host.notify_text(
            f"{pluralise(len(done), 'request')} imported into {folder.name}."
        )

    async def _store_environment(self, imported_file: ImportedFile) -> None:
        """Ask where credentials and variables belong, and put them there."""
        credentials = _one_of_each(imported_file.credentials)
        imported = ImportedRequest(
            Draft(),
            region=imported_file.region,
            project_id=imported_file.project_id,
            credentials=credentials,
        )
        session = self._host.session
        store = session.environment_store()
        fit = matching_environments(imported, session.environments.all)
        offers = [e for e in fit if store.editable(e)][:_OFFERED_file_import]
        choices: list[tuple[str, str, Environment | str]] = [
            (str(number), f"Into {environment.name}", environment)
            for number, environment in enumerate(offers, 1)
        ]
        choices += [
            ("n", "Into a new environment…", "new"),
            ("l", "Leave them out", "leave"),
        ]
        answer = await self._host.ask(
            ChoiceDialog[Environment | str](
                _question(imported_file, credentials),
                choices,
                title="Not for a request file",
            )
        )
        if isinstance(answer, Environment):
            await self._put(answer, answer.name, imported, imported_file)
        elif (
            answer == "new"
            and (name := await self._new_name(imported_file)) is not None
        ):
            environment = new_environment(name, imported)
            await self._put(environment, None, imported, imported_file)

    async def _new_name(self, imported_file: ImportedFile) -> str | None:
        used = set(self._host.session.environments.names)

        def check(name: str) -> str | None:
            if name in used:
                return f"There is an environment {name} already."
            reason = name_problem(name)
            return f"That cannot be a name: {reason}." if reason else None

        suggestion = str(imported_file.region or Region.US)
        return await self._host.ask(
            NameDialog(
                "New environment",
                "" if suggestion in used else suggestion,
                check=check,
            )
        )

    async def _put(
        self,
        environment: Environment,
        old_name: str | None,
        imported: ImportedRequest,
        imported_file: ImportedFile,
    ) -> None:
        session = self._host.session
        done = assign_credentials(
            environment, imported, session.secrets.variables or os.environ
        )
        # What the environment has under a name stays: other requests may use it.
        variables = {**dict(imported_file.variables), **done.environment.variables}
        filled = replace(done.environment, variables=variables)
        store = session.environment_store()
        await asyncio.to_thread(store.save, filled, old_name, done.secrets)
        # What is on the screen is another request: it stays where it is sent.
        self._host.session = self._host.session.reopened(session.environment.name)
        self._host.notify_text(f"Kept in the environment {filled.name}.")
        for note in done.notes:
            self._host.notify_text(note, severity="warning")


def _one_of_each(
    credentials: Sequence[ExtractedCredential],
) -> tuple[ExtractedCredential, ...]:
    """The first of each kind: an environment holds one."""
    return tuple({one.kind: one for one in reversed(credentials)}.values())[::-1]


def _question(
    imported_file: ImportedFile, credentials: Sequence[ExtractedCredential]
) -> str:
    sentences = []
    if credentials:
        listed = "; ".join(f"the {one.label}" for one in credentials)
        sentences.append(f"The file holds {listed}.")
    if more := len(imported_file.credentials) - len(credentials):
        sentences.append(
            f"{pluralise(more, 'other')} of the same kind are left out, as an environment "
            "has one of each."
        )
    if imported_file.variables:
        names = ", ".join(name for name, _ in imported_file.variables)
        sentences.append(f"It gives values to the variables {names}.")
    return " ".join([*sentences, "Where do they belong?"])
