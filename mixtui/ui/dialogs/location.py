"""Ask where a request or folder is to be, as Folder/Name, and complete the folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static
from textual.widgets.input import Selection

from mixtui.editing.suggestions import Suggestion
from mixtui.model.errors import StorageError
from mixtui.storage.location import Location, join_location, parse_location
from mixtui.storage.paths import fold_name
from mixtui.storage.tree import Folder
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.widgets.completing_field import CompletingField


def folder_names(tree: Folder) -> list[str]:
    """Return every folder of a collection, as people write them, in its order."""
    names = []
    for folder in tree.folders:
        names.append(join_location([folder.path.name]))
        names += [f"{names[-1]}/{inner}" for inner in folder_names(folder)]
    return names


class LocationField(CompletingField):
    """Completes folders: the likeliest stands dim, tab accepts it, ↓ lists all.

    Args:
        text: The initial text.
        folders: Those that exist.
        is_folder: The text is a folder, and not a name in one.
    """

    lists_while_typing = False
    completes_by_tab = True

    def __init__(
        self, text: str, folders: Sequence[str], *, is_folder: bool = False
    ) -> None:
        super().__init__(text, compact=True, select_on_focus=False)
        self._folders = [each if is_folder else f"{each}/" for each in folders]
        self._is_folder = is_folder

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return the folders that go on as typed; else all of them, keeping the name."""
        start = fold_name(typed)
        matching = [each for each in self._folders if fold_name(each).startswith(start)]
        if matching and typed not in matching:
            return [Suggestion(each, each) for each in matching]
        name = "" if self._is_folder else _name_part(typed)
        return [Suggestion(each + name, each) for each in self._folders]

    def action_delete_left_all(self) -> None:
        """Delete what is left of the cursor, the folders beside a selected name too."""
        self.replace("", 0, self.cursor_position)


class LocationDialog(Dialog[Location | None]):
    """Ask for a location; None = escape.

    Args:
        title: In the border.
        initial: To start with, its name selected.
        folders: The folders that exist, as `folder_names` returns them.
        root: The collection.
        is_folder: It is to be a folder.
    """

    DEFAULT_CSS = """
    LocationDialog .note { height: 2; color: $text-muted; }
    LocationDialog .note.-wrong { color: $text-error; }
    """
    BINDINGS = [Binding("ctrl+s", "accept", "Save", show=False, id="save")]
    field = getters.query_one(LocationField)
    note = getters.query_one(".note", Static)

    def __init__(
        self,
        title: str,
        initial: Location,
        folders: Sequence[str],
        root: Path,
        *,
        is_folder: bool = False,
    ) -> None:
        super().__init__(title, None)
        self._folders = frozenset(map(fold_name, folders))
        self._root = root
        self._is_folder = is_folder
        self._initial = initial
        self._completions = folders
        self._shown: tuple[str, bool] | None = None

    def compose_box(self) -> ComposeResult:
        text, name = str(self._initial), join_location([self._initial.name])
        field = LocationField(text, self._completions)
        field.selection = Selection(len(text) - len(name), len(text))
        yield field
        yield Static(classes="note")
        yield Static(
            "enter Save · tab Complete · ↓ Folders · esc Cancel", classes="hints"
        )

    def on_mount(self) -> None:
        """Explain the initial text."""
        self._explain()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._explain()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Return the location; show what is wrong with one that is none."""
        try:
            self.finish(self._location())
        except StorageError as error:
            self._show_note(str(error), is_wrong=True)

    def _location(self) -> Location:
        return parse_location(self.field.value, self._root, is_folder=self._is_folder)

    def _explain(self) -> None:
        """Say what is wrong, or which folder the request goes into."""
        text = self.field.value
        try:
            folders = self._location().folders
        except StorageError as error:
            # Without a name it is not a mistake yet: it is still being typed.
            is_wrong = bool(text.strip()) and not text.rstrip().endswith("/")
            self._show_note(str(error) if is_wrong else _HELP, is_wrong=is_wrong)
            return
        folder = join_location(folders)
        if not folders:
            self._show_note(_HELP)
        elif fold_name(folder) in self._folders:
            self._show_note(f"In the folder {folder}.")
        else:
            self._show_note(f"Creates the folder {folder}.")

    def _show_note(self, text: str, *, is_wrong: bool = False) -> None:
        if (text, is_wrong) == self._shown:
            return
        self._shown = (text, is_wrong)
        self.note.set_class(is_wrong, "-wrong")
        self.note.update(Content(sanitize(text)), layout=False)


_HELP = r"Type Folder/Name to use a folder; \/ is a slash in a name."


def _name_part(text: str) -> str:
    """Return what follows the last slash that is not escaped."""
    for index in range(len(text) - 1, -1, -1):
        before = text[:index]
        backslashes = len(before) - len(before.rstrip("\\"))
        if text[index] == "/" and backslashes % 2 == 0:
            return text[index + 1 :]
    return text
