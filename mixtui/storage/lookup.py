"""Finding a saved request by what a person calls it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path

from mixtui.core.errors import StorageError
from mixtui.storage.names import SUFFIX, display, fold
from mixtui.storage.tree import RequestEntry


def lookup(
    words: str,
    root: Path,
    entries: Sequence[RequestEntry],
    name_of: Callable[[Path], str],
) -> Path:
    """The one request that `words` names.

    By its path from `root` without ``.toml``, else by its file name, else by the name
    inside it, each first as written and then without regard to case. `name_of` opens
    a file; it is asked only when paths do not answer. Raises StorageError when there
    is none, with the nearest names, or more than one, with all of them.
    """
    wanted = words.strip().replace("\\", "/").removeprefix("./").removesuffix(SUFFIX)
    paths = {entry.path: _relative(entry.path, root) for entry in entries}
    stems = {entry.path: entry.path.name.removesuffix(SUFFIX) for entry in entries}
    for names in (paths, stems):
        if found := _match(wanted, names):
            return _one(words, found, paths, root)
    inside = {entry.path: name_of(entry.path) for entry in entries}
    if found := _match(words.strip(), inside):
        return _one(words, found, paths, root)
    raise StorageError(root, _nothing(words, paths, inside))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix().removesuffix(SUFFIX)


def _match(wanted: str, names: dict[Path, str]) -> list[Path]:
    exact = [path for path, name in names.items() if name == wanted]
    if exact:
        return exact
    folded = fold(wanted)
    return [path for path, name in names.items() if fold(name) == folded]


def _one(words: str, found: list[Path], paths: dict[Path, str], root: Path) -> Path:
    if len(found) == 1:
        return found[0]
    names = ", ".join(display(paths[path]) for path in found[:5])
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    raise StorageError(
        root,
        f"“{words}” names {len(found)} saved requests: {names}{more}; "
        "write the one you mean with its folder.",
    )


def _nothing(words: str, paths: dict[Path, str], inside: dict[Path, str]) -> str:
    if not paths:
        return f"There is no saved request “{words}”: the collection is empty."
    known = {fold(name): name for name in (*inside.values(), *paths.values()) if name}
    known |= {fold(name.rpartition("/")[2]): name for name in paths.values()}
    close = difflib.get_close_matches(fold(words), known, n=3, cutoff=0.6)
    names = dict.fromkeys(display(known[match]) for match in close)
    if names:
        return f"There is no saved request “{words}”; is it {' or '.join(names)}?"
    return f"There is no saved request “{words}”: see «mixtui list» for all of them."
