"""The dialogs of a file's import: which file, then what is made of it and where."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.widgets.input import Selection
from textual.worker import Worker

from mixtui.interchange.model import ImportedFile
from mixtui.interchange.reader import NO_DOWNLOAD, is_url
from mixtui.model.errors import MixtuiError
from mixtui.text import pluralise, sanitize
from mixtui.ui.dialogs.dialogs import Dialog, NameDialog
from mixtui.ui.dialogs.location import LocationField
from mixtui.ui.dialogs.saving import PathField, as_path, common_prefix

_MAX_NAMES = 8
"""Names listed when there are several to complete to."""
_KINDS = "OpenAPI 3.0 or 3.1 (YAML or JSON), Postman 2.x, or a curl command."


class CommandFile(Struct, frozen=True):
    """A file that holds a curl command."""

    text: str
    folder: Path
    """What the files that the command names are relative to."""


FileContent: TypeAlias = ImportedFile | CommandFile


class OpenPathField(PathField):
    """Completes files as well as folders."""

    def action_complete(self) -> None:
        completed, names = complete(self.value)
        if completed != self.value:
            self.value = completed
            self.cursor_position = len(completed)
        elif names:
            self.post_message(self.Folders(names))


class ImportPathDialog(Dialog[FileContent | None]):
    """Ask for a file and read it; None = escape.

    Args:
        read: Reads a file; blocking; raises MixtuiError.
    """

    DEFAULT_CSS = """
    ImportPathDialog .note { height: auto; min-height: 2; color: $text-muted; }
    """

    def __init__(self, read: Callable[[Path], FileContent]) -> None:
        super().__init__("Import file", None)
        self._read_file = read

    def compose_box(self) -> ComposeResult:
        yield OpenPathField(placeholder="Path to a file", compact=True)
        yield Static(_KINDS, classes="note")
        yield Static("enter Open · tab Complete · esc Cancel", classes="hints")

    @on(PathField.Folders)
    def _list_names(self, event: PathField.Folders) -> None:
        event.stop()
        more = "…" if len(event.names) > _MAX_NAMES else ""
        self._set_note("  ".join(event.names[:_MAX_NAMES]) + more)

    @on(Input.Changed)
    def _show_problem(self, event: Input.Changed) -> None:
        event.stop()
        self._set_note(_problem(event.value) or _KINDS)

    @on(Input.Submitted)
    def _start_reading(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if problem := _problem(typed) or ("" if typed else "Enter the path to a file."):
            self._set_note(problem)
            return
        read = partial(self._read, as_path(typed))
        _: Worker[None] = self.run_worker(read, group="read", exclusive=True)

    async def _read(self, path: Path) -> None:
        try:
            content = await asyncio.to_thread(self._read_file, path)
        except MixtuiError as error:
            self._set_note(str(error))
        else:
            self.finish(content)

    def _set_note(self, text: str) -> None:
        self.query_one(".note", Static).update(Content(sanitize(text)))


class ImportReviewDialog(NameDialog):
    """Show what would be created and what is omitted; ask for the name of the folder.

    Args:
        imported_file: What was read.
        folder: Suggested.
        folders: Those that exist, as `folder_names` returns them.
        check: Returns a sentence on what is wrong with a folder, or None.
    """

    DEFAULT_CSS = """
    ImportReviewDialog > #box { width: 76; }
    ImportReviewDialog #notes { height: auto; max-height: 9; margin-top: 1; }
    ImportReviewDialog #notes Static { height: auto; }
    ImportReviewDialog .problem { min-height: 0; }
    ImportReviewDialog.-short #notes { max-height: 4; margin-top: 0; }
    """
    BINDINGS = [
        Binding("pageup", "scroll(-8)", "Page up", show=False),
        Binding("pagedown", "scroll(8)", "Page down", show=False),
    ]

    def __init__(
        self,
        imported_file: ImportedFile,
        folder: str,
        folders: Sequence[str],
        check: Callable[[str], str | None],
    ) -> None:
        super().__init__(f"Import {imported_file.title}", folder, check=check)
        self._folders = folders
        self._imported_file = imported_file

    def compose_box(self) -> ComposeResult:
        yield Static(Content(sanitize(summary(self._imported_file))))
        yield from self.compose_field()
        if notes := self._imported_file.all_notes():
            with VerticalScroll(id="notes", can_focus=False):
                lines = "\n".join(f"· {sanitize(sentence)}" for sentence in notes)
                yield Static(Content(lines))
        scroll = " · page down Scroll notes" if notes else ""
        yield Static(f"enter Import{scroll} · esc Cancel", classes="hints")

    def compose_field(self) -> ComposeResult:
        """Lay out a field that completes folders."""
        field = LocationField(self._initial, self._folders, is_folder=True)
        field.selection = Selection(0, len(self._initial))
        yield field
        yield Static(classes="problem")

    def action_scroll(self, lines: int) -> None:
        """Move the notes while the field keeps the focus."""
        for notes in self.query("#notes"):
            notes.scroll_relative(y=lines, animate=False)


def summary(imported_file: ImportedFile) -> str:
    """Return how many requests and folders an import would make."""
    folders = len(
        {request.folder for request in imported_file.requests if request.folder}
    )
    location = f" in {pluralise(folders, 'folder')}" if folders else ""
    return f"{pluralise(len(imported_file.requests), 'request')}{location}. Import into folder:"


def complete(typed: str) -> tuple[str, list[str]]:
    """Return the path with its last name completed, and the names it might become."""
    before, slash, start = typed.rpartition("/")
    try:
        with os.scandir(as_path(before + slash)) as entries:
            names = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.startswith(".") <= start.startswith(".")
            )
    except (OSError, ValueError):
        return typed, []
    name = common_prefix(names) if start and names else start
    return before + slash + name, names


def _problem(typed: str) -> str:
    if is_url(typed):
        return NO_DOWNLOAD
    return "A path cannot contain a NUL character." if "\0" in typed else ""
