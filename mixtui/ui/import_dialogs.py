"""Asks which file to import, and shows what would come of it before it is done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static
from textual.worker import Worker

from mixtui.core.errors import MixtuiError
from mixtui.core.visible import sanitize
from mixtui.core.words import pluralise
from mixtui.interchange.imported_file import ImportedFile
from mixtui.interchange.reading import NO_DOWNLOAD, is_url
from mixtui.ui.dialogs import Dialog
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.path_field import PathField, as_path, beginning

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
        self._say("  ".join(event.names[:_SHOWN]) + more)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say(_problem(event.value) or _KINDS)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        if problem := _problem(typed) or ("" if typed else "Type the path of a file."):
            self._say(problem)
            return
        read = partial(self._read, as_path(typed))
        _: Worker[None] = self.run_worker(read, group="read", exclusive=True)

    async def _read(self, path: Path) -> None:
        try:
            found = await asyncio.to_thread(self._read_file, path)
        except MixtuiError as error:
            self._say(str(error))
        else:
            self.finish(found)

    def _say(self, words: str) -> None:
        self.query_one(".note", Static).update(Content(sanitize(words)))


class ImportReviewDialog(Dialog[str | None]):
    """Shows what would be made and what is left out; asks for the folder.

    Args:
        found: What was read.
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
        self, found: ImportedFile, folder: str, check: Callable[[str], str | None]
    ) -> None:
        super().__init__(f"Import {found.title}", None)
        self._found = found
        self._folder = folder
        self._check = check

    def compose_box(self) -> ComposeResult:
        """How many, into which folder, and what is to be told."""
        yield Static(Content(sanitize(summary(self._found))))
        yield TextInput(self._folder, compact=True)
        yield Static(classes="problem")
        if told := self._found.told():
            with VerticalScroll(id="told", can_focus=False):
                lines = "\n".join(f"· {sanitize(sentence)}" for sentence in told)
                yield Static(Content(lines))
        scroll = " · ↑ ↓ notes" if told else ""
        yield Static(f"enter imports{scroll} · esc cancels", classes="hints")

    def action_scroll(self, lines: int) -> None:
        """Move the notes while the field keeps the focus."""
        for told in self.query("#told"):
            told.scroll_relative(y=lines, animate=False)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._say(self._check(event.value))

    @on(Input.Submitted)
    def _accepted(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._check(event.value)
        self._say(problem)
        if problem is None:
            self.finish(event.value.strip())

    def _say(self, problem: str | None) -> None:
        self.query_one(".problem", Static).update(Content(sanitize(problem or "")))


def summary(found: ImportedFile) -> str:
    """How much an import would make."""
    folders = len({placed.folder for placed in found.requests if placed.folder})
    inside = f" in {pluralise(folders, 'folder')}" if folders else ""
    return (
        f"{pluralise(len(found.requests), 'request')}{inside}. They go into the folder:"
    )


def complete(typed: str) -> tuple[str, list[str]]:
    """The text with its last name completed, and what it might become."""
    before, slash, start = typed.rpartition("/")
    try:
        with os.scandir(as_path(before + slash)) as entries:
            found = sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.startswith(".") <= start.startswith(".")
            )
    except (OSError, ValueError):
        return typed, []
    name = beginning(found) if start and found else start
    return before + slash + name, found


def _problem(typed: str) -> str:
    if is_url(typed):
        return NO_DOWNLOAD
    return "A path cannot hold a NUL." if "\0" in typed else ""
