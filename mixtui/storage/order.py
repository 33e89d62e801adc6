"""The order of a collection where somebody chose one: ``[order]`` in mixtui.toml.

A list of names a folder, one a line, so that two people who order different folders do not
conflict in version control. What is listed comes first, and the rest after it by name;
names that are gone are ignored, so that what is restored gets its place back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct, field

from mixtui.model.errors import SettingsError
from mixtui.storage.paths import COLLECTION_FILE, COLLECTION_MARKER, SUFFIX, fold_name
from mixtui.storage.toml_editor import TomlEditor
from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import Lines, Table

_TABLE = "order"


class Order(Struct, frozen=True):
    """The names of each folder that has an order."""

    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """By the path of the folder from the root, ``.`` for the root itself."""

    def key(self, folder: str) -> Callable[[str], int]:
        """Return the key that sorts the names of a folder; a stable sort keeps the rest."""
        names = self.names.get(folder, ())
        positions = {fold_name(name): index for index, name in enumerate(names)}
        return lambda name: positions.get(fold_name(name), len(positions))


def entry_name(path: Path, *, is_folder: bool) -> str:
    """Return what a list calls an entry: ``Team/`` a folder, ``weekly`` a request."""
    return f"{path.name}/" if is_folder else path.name.removesuffix(SUFFIX)


def read_order(document: Table) -> Order:
    """Read the order from mixtui.toml.

    Raises:
        InvalidValue: It is not a table of lists of names.
    """
    table = document.table(_TABLE)
    return Order({folder: table.texts(folder) for folder in table.names})


def load_order(root: Path) -> Order:
    """Return the order of a collection; a file that cannot be read has none."""
    try:
        file = TomlFile(root / COLLECTION_FILE)
        with file.values() as document:
            return read_order(document) if file.text else Order()
    except SettingsError:
        return Order()  # Whoever reads the environments of the file reports it.


def store_order(root: Path, folder: str, names: Sequence[str]) -> None:
    """Write the order of a folder; without names, it has none.

    Raises:
        SettingsError: mixtui.toml cannot be read or edited.
        StorageError: It cannot be written.
    """
    _change(root, lambda order: {folder: names})


def follow_move(root: Path, old: Path, new: Path) -> None:
    """Keep the place of what was renamed, and the order inside a folder that was moved.

    Raises:
        SettingsError: mixtui.toml cannot be read or edited.
        StorageError: It cannot be written.
    """
    if not load_order(root).names:
        return  # Nothing is written where nobody chose an order.
    is_folder = new.is_dir()
    before, after = _folder_key(root, old), _folder_key(root, new)

    def follow(order: Order) -> Mapping[str, Sequence[str]]:
        changes: dict[str, Sequence[str]] = {}
        parent = _folder_key(root, old.parent)
        listed = order.names.get(parent, ())
        name = entry_name(old, is_folder=is_folder)
        if old.parent == new.parent and name in listed:
            renamed = entry_name(new, is_folder=is_folder)
            changes[parent] = [
                renamed if n == name else n for n in listed if n != renamed
            ]
        for folder, names in order.names.items():
            if is_folder and (folder == before or folder.startswith(f"{before}/")):
                changes |= {folder: (), after + folder.removeprefix(before): names}
        return changes

    _change(root, follow)


def _folder_key(root: Path, folder: Path) -> str:
    return folder.relative_to(root).as_posix()


def _change(
    root: Path, changes: Callable[[Order], Mapping[str, Iterable[str]]]
) -> None:
    def change(file: TomlFile) -> str:
        with file.values() as document:
            order = read_order(document)
        file.text = file.text or COLLECTION_MARKER
        with file.editing() as editor:
            for folder, names in changes(order).items():
                _set(editor, folder, names)
            return editor.text

    TomlFile.update(root / COLLECTION_FILE, change)


def _set(editor: TomlEditor, folder: str, names: Iterable[str]) -> None:
    if lines := Lines(names):
        editor.set((_TABLE,), folder, lines)
    else:
        editor.remove((_TABLE, folder))
        editor.remove_if_empty((_TABLE,))
