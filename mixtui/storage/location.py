r"""Where a saved request or a folder is, as people write it: ``Folder/Name``.

``/`` separates folders. In a name ``\/`` is a slash and ``\\`` a backslash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from mixtui.model.errors import StorageError
from mixtui.patterns import compile_late
from mixtui.storage.paths import display_name, fold_name, validate_name

MAX_NAME_LENGTH = 200
"""Characters of the name of a request that somebody types."""
_MAX_LENGTH = 2000
"""Characters of a location."""
_ESCAPE = compile_late(r"\\([\\/])")
_PART = compile_late(r"(?:\\[\\/]|[^/])*")


class Location(Struct, frozen=True):
    """A name, and the folders from the top of the collection that it is in."""

    folders: tuple[str, ...]
    name: str

    def __str__(self) -> str:
        return join_location((*self.folders, self.name))


def join_location(parts: Iterable[str]) -> str:
    """Return folders and a name as people write them, safe to show."""
    return "/".join(map(_escape, parts))


def parse_location(text: str, root: Path, *, is_folder: bool = False) -> Location:
    """Parse a location as the user writes it.

    Args:
        text: What was written.
        root: The collection, for errors.
        is_folder: It is to be a folder; a ``/`` at the end does not matter.

    Raises:
        StorageError: It has no name, or leads out of the collection; the sentence begins
            with what to do, as it is shown on one line.
    """
    if len(text) > _MAX_LENGTH:
        raise StorageError(root, _shorten(len(text), _MAX_LENGTH))
    *folders, name = _split(text)
    if is_folder and folders and not name:
        *folders, name = folders
    if not name:
        where = " after the last /" if folders else ""
        raise StorageError(root, f"Type a name{where}.")
    if not all(folders):
        raise StorageError(root, "Remove a /: the folder before it has no name.")
    folders = [validate_name(part, root) for part in folders]
    if is_folder or name in (".", ".."):
        name = validate_name(name, root)
    elif len(name) > MAX_NAME_LENGTH:
        raise StorageError(root, _shorten(len(name), MAX_NAME_LENGTH))
    return Location(tuple(folders), name)


def parse_folders(text: str, root: Path) -> tuple[str, ...]:
    """Parse folders as the user writes them; none = the root of the collection.

    Raises:
        StorageError: A part cannot be the name of a folder.
    """
    if len(text) > _MAX_LENGTH:
        raise StorageError(root, _shorten(len(text), _MAX_LENGTH))
    parts = (part for part in _split(text) if part not in ("", "."))
    return tuple(validate_name(part, root) for part in parts)


def matching_name(name: str, names: Sequence[str]) -> str | None:
    """Return the name among those that exist that a file system may treat as equal.

    The same spelling comes first: where case matters, both may exist.
    """
    if name in names:
        return name
    folded = fold_name(name)
    return next((each for each in names if fold_name(each) == folded), None)


def _split(text: str) -> list[str]:
    """Split at slashes that are not escaped; blanks around a part do not count."""
    parts, index = [], 0
    while index <= len(text):
        match = _PART.match(text, index)
        assert match is not None
        parts.append(" ".join(_ESCAPE.sub(r"\1", match.group()).split()))
        index = match.end() + 1
    return parts


def _escape(part: str) -> str:
    return display_name(part).replace("\\", "\\\\").replace("/", "\\/")


def _shorten(length: int, limit: int) -> str:
    return f"Shorten this to {limit:,} characters: it has {length:,}."
