"""What ``mixtui list`` prints of a large collection, kept until something in it changes.

To make the lines of 5,000 requests takes ten times as long as to ask the system whether
every file and folder is still the same. Reading them back imports next to nothing, not
even pathlib: half the time of a short command is imports.
"""

from __future__ import annotations

import array
import os
import zlib

from mixtui import __version__
from mixtui.folders import COLLECTION_FILE, base_folder

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Sequence

_FOLDER = "listings"
_FORMAT = "1"
"""Another one once the same collection is listed in another way."""
_WRITER = f"mixtui {__version__} {_FORMAT}"
_FACTS = 5
"""Numbers for each file and folder: see `_state`."""


def kept_listing(root: str) -> str | None:
    """Return the lines that were kept of a collection, if nothing in it has changed.

    Args:
        root: The root of the collection, an absolute path.
    """
    try:
        with open(_file(root), "rb") as file:
            writer, checksum, count, length, rest = file.read().split(b"\n", 4)
        if writer != _WRITER.encode() or zlib.crc32(rest) != int(checksum):
            return None
        names, rest = rest[: int(length)], rest[int(length) :]
        state = rest[: int(count) * _FACTS * 8]
        paths = names.split(b"\0")
        if paths[0] != os.fsencode(root) or _state(paths) != state:
            return None
        return rest[len(state) :].decode("utf-8", "surrogatepass")
    except (OSError, ValueError, OverflowError):
        return None


def keep_listing(
    root: str, folders: Sequence[str], files: Sequence[str], text: str, began_ns: int
) -> None:
    """Keep the lines of a collection that could be read without a problem.

    Nothing is kept of one that holds symbolic links, as what they lead to may change
    without them, or that was changed in the two seconds before it was read: it might be
    changed again without getting another time. Never mind if it cannot be kept.

    Args:
        root: The root of the collection, an absolute path.
        folders: Every folder in it, without the root.
        files: Every request in it.
        text: The lines.
        began_ns: When reading them began, Unix nanoseconds.
    """
    from pathlib import Path

    from mixtui.storage.heads import FEWEST, SETTLED_NS, keep

    if len(files) < FEWEST:
        return
    order = os.path.join(root, COLLECTION_FILE)
    paths = [root, *folders, *files, *([order] if os.path.lexists(order) else [])]
    names = [os.fsencode(each) for each in paths]
    try:
        if any(_holds_links(each) for each in (root, *folders)):
            return
        state = _state(names)
    except (OSError, OverflowError):
        return
    facts = array.array("Q", state)
    if max(*facts[0::_FACTS], *facts[1::_FACTS]) >= began_ns - SETTLED_NS:
        return
    joined = b"\0".join(names)
    rest = b"".join((joined, state, text.encode("utf-8", "surrogatepass")))
    head = f"{_WRITER}\n{zlib.crc32(rest)}\n{len(names)}\n{len(joined)}\n"
    keep(Path(_file(root)), head.encode() + rest)


def _file(root: str) -> str:
    # Two collections with one checksum take turns: the file says whose it is.
    name = f"{zlib.crc32(os.fsencode(root)):08x}"
    return os.path.join(base_folder("state"), _FOLDER, name)


def _state(paths: Sequence[bytes]) -> bytes:
    """Return what the system says of files and folders, which a change changes.

    Raises:
        OSError: One is gone.
        OverflowError: A time is before 1970.
    """
    facts: list[int] = []
    stat = os.stat
    for path in paths:
        s = stat(path)
        facts += (s.st_ctime_ns, s.st_mtime_ns, s.st_size, s.st_ino, s.st_dev)
    return array.array("Q", facts).tobytes()


def _holds_links(folder: str) -> bool:
    with os.scandir(folder) as entries:
        return any(each.is_symlink() for each in entries)
