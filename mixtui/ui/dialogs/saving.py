"""Saving a body, or a text made from it, in a file: the dialog, and the work."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec import Struct
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static

from mixtui.document.document import Document
from mixtui.document.layout import HexLines
from mixtui.document.source import read_chunks
from mixtui.document.text import file_suffix, is_reformatted, text_chunks
from mixtui.storage import files
from mixtui.storage.paths import slug
from mixtui.system import CancelToken, absolute
from mixtui.text import sanitize, size
from mixtui.ui.dialogs.dialogs import ConfirmDialog, Dialog
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.screen import CommandScreen, run_in_thread


class PathField(TextInput):
    """A path whose folder tab completes; else tab goes to the next field."""

    BINDINGS = [Binding("tab", "complete", "Complete", show=False)]

    class Folders(Message):
        """Several folders match."""

        def __init__(self, names: list[str]) -> None:
            super().__init__()
            self.names = names

    def action_complete(self) -> None:
        """Complete the folder, or list those that match."""
        completed, folders = complete(self.value)
        if completed != self.value:
            self.edit_text(completed)
        elif folders:
            self.post_message(self.Folders(folders))
        else:
            self.screen.focus_next()


def as_path(typed: str) -> Path:
    """Return what was typed as an absolute path; ``~`` is the home folder."""
    return absolute(Path(os.path.expanduser(typed.strip())))


def complete(typed: str) -> tuple[str, list[str]]:
    """Return the text with its last folder completed, and the folders that match.

    A name that begins with a dot is only completed when the dot was typed.
    """
    before, slash, start = typed.rpartition("/")
    try:
        with os.scandir(as_path(before + slash)) as entries:
            results = sorted(
                f"{entry.name}/"
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.startswith(".") <= start.startswith(".")
                and entry.is_dir()
            )
    except (OSError, ValueError):
        return typed, []
    # With nothing typed there is nothing to complete: all folders are named instead.
    name = common_prefix(results) if start and results else start
    return before + slash + name, results


def common_prefix(names: list[str]) -> str:
    """Return the common prefix of sorted names."""
    first, last = names[0], names[-1]
    common = (i for i in range(len(first)) if first[i] != last[i : i + 1])
    return first[: next(common, len(first))]


_MAX_FOLDERS = 5
"""Folders named when there are several to complete to."""


class SaveChoice(Struct, frozen=True):
    """Where to save, and how."""

    path: Path
    """Absolute."""
    as_shown: bool
    """The formatted text, not the bytes received."""
    overwrite: bool
    """The user confirmed that an existing file may be replaced."""


class _FormatSwitch(Widget, can_focus=True):
    """Switches between the body as received and as shown."""

    DEFAULT_CSS = """
    _FormatSwitch { height: 1; margin-top: 1; }
    _FormatSwitch:focus { text-style: bold reverse; }
    """
    BINDINGS = [Binding("space,left,right", "change", "Change", show=False)]

    as_shown: reactive[bool] = reactive(False, init=False)

    class Accepted(Message):
        """Enter was pressed."""

    def __init__(self, shown: str, as_shown: bool) -> None:
        super().__init__()
        self._shown = shown
        self.set_reactive(_FormatSwitch.as_shown, as_shown)

    def render(self) -> Text:
        came, shown = ("( )", "(•)") if self.as_shown else ("(•)", "( )")
        return Text(f"{came} Raw   {shown} {self._shown.capitalize()}", no_wrap=True)

    def action_change(self) -> None:
        self.as_shown = not self.as_shown

    def on_click(self) -> None:
        self.action_change()

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            self.post_message(self.Accepted())


class SaveDialog(Dialog[SaveChoice | None]):
    """Asks for the path of a file; None = escape.

    Args:
        suggestion: A name to start with.
        shown: How the form that is shown is called (“formatted”); empty if there is
            only one form.
        as_shown: Start with that form.
        title: In the border.
    """

    DEFAULT_CSS = (
        "SaveDialog .note { height: auto; min-height: 2; color: $text-muted; }"
    )

    def __init__(
        self,
        suggestion: str,
        *,
        shown: str = "",
        as_shown: bool = False,
        title: str = "Save",
    ) -> None:
        super().__init__(title, None)
        self._suggestion = suggestion
        self._shown = shown
        self._as_shown = as_shown

    def compose_box(self) -> ComposeResult:
        yield PathField(self._suggestion, compact=True)
        if self._shown:
            yield _FormatSwitch(self._shown, self._as_shown)
        yield Static(classes="note")
        form = " · ↓ Format" if self._shown else ""
        text = f"enter Save · tab Complete{form} · esc Cancel"
        yield Static(text, classes="hints")

    def on_mount(self) -> None:
        self._set_note(note(self._suggestion))

    @on(PathField.Folders)
    def _list_folders(self, event: PathField.Folders) -> None:
        event.stop()
        more = "…" if len(event.names) > _MAX_FOLDERS else ""
        self._set_note("Folders: " + "  ".join(event.names[:_MAX_FOLDERS]) + more)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._set_note(note(event.value))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._accept()

    @on(_FormatSwitch.Accepted)
    def _form_accepted(self, event: _FormatSwitch.Accepted) -> None:
        event.stop()
        self._accept()

    def _accept(self) -> None:
        typed = self.query_one(PathField).value
        if problem := _path_problem(typed):
            self._set_note(problem)
            return
        path = as_path(typed)
        as_shown = bool(self._shown) and self.query_one(_FormatSwitch).as_shown
        if not os.path.lexists(path):
            self.finish(SaveChoice(path, as_shown, False))
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.finish(SaveChoice(path, as_shown, True))

        question = f"{path.name} exists{_file_size(path)}. Overwrite it?"
        self.app.push_screen(
            ConfirmDialog(question, yes="Overwrite", no="Cancel", dangerous=True),
            answered,
        )

    def _set_note(self, text: str) -> None:
        self.query_one(".note", Static).update(Content(sanitize(text)))


def note(typed: str) -> str:
    """Return a sentence about what enter would do."""
    if problem := _path_problem(typed):
        return problem
    path = as_path(typed)
    if os.path.lexists(path):
        return f"{path.name} exists{_file_size(path)}. You will be asked before it is overwritten."
    if not os.path.isdir(path.parent):
        return f"New file; the folder {path.parent} will be created."
    return f"New file in {path.parent}."


def _path_problem(typed: str) -> str:
    if not typed.strip():
        return "Enter the path to a file."
    if "\0" in typed:
        return "A path cannot contain a NUL character."
    path = as_path(typed)
    if os.path.isdir(path) or typed.strip().endswith("/"):
        return f"{path} is a folder. Add a file name."
    return ""


def _file_size(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f" ({size(status.st_size)})" if stat.S_ISREG(status.st_mode) else ""


_LARGE = 50_000_000
"""Bytes from which on the start of saving is notified."""
Progress = Callable[[int], None]


def suggest_file_name(name: str, ending: str) -> str:
    """Return a file name for the response to a request: ``weekly-signups.json``."""
    return f"{slug(name) if name.strip() else 'response'}{ending}"


async def save(screen: CommandScreen, document: Document, name: str) -> None:
    """Ask for a path and save the body there, raw or as shown.

    Args:
        screen: Asks, and notifies of the result.
        document: The body; of one still being received, what there is now.
        name: Of the request.

    Raises:
        StorageError: It could not be saved.
    """
    shown = ""
    if is_reformatted(document):
        shown = "hexadecimal" if isinstance(document.layout, HexLines) else "formatted"
    suggestion = suggest_file_name(name, file_suffix(document, as_shown=False))
    dialog = SaveDialog(suggestion, shown=shown, title="Save body")
    answer = await screen.app.push_screen_wait(dialog)
    if answer is None:
        return
    form = f" ({shown})" if answer.as_shown else ""
    if not document.complete:
        form += " (partial: the response was still being received)"
    if document.source.size >= _LARGE:
        screen.notify_text(f"Saving {size(document.source.size)}…")

    def write(progress: Progress, token: CancelToken) -> None:
        files.save_chunks(
            text_chunks(document) if answer.as_shown else read_chunks(document.source),
            answer.path,
            overwrite=answer.overwrite,
            progress=progress,
            token=token,
        )

    await _write(screen, answer, write, form)


async def save_text(
    screen: CommandScreen, text: Iterable[bytes], suggestion: str, title: str = "Save"
) -> None:
    """Ask for a path and save a text there that comes piece by piece.

    Args:
        screen: Asks, and notifies of the result.
        text: Gone through in a thread, once.
        suggestion: The name of the file.
        title: Of the question.

    Raises:
        StorageError: It could not be saved.
    """
    answer = await screen.app.push_screen_wait(SaveDialog(suggestion, title=title))
    if answer is None:
        return

    def write(progress: Progress, token: CancelToken) -> None:
        files.save_chunks(
            text,
            answer.path,
            overwrite=answer.overwrite,
            progress=progress,
            token=token,
        )

    await _write(screen, answer, write)


async def _write(
    screen: CommandScreen,
    answer: SaveChoice,
    write: Callable[[Progress, CancelToken], None],
    form: str = "",
) -> None:
    """Write in a thread, which ends when its waiter is cancelled."""
    token = CancelToken()
    written = 0

    def progress(count: int) -> None:
        nonlocal written
        written = count

    await run_in_thread(lambda: write(progress, token), token)
    screen.notify_text(f"Saved {answer.path}, {size(written)}{form}.")
