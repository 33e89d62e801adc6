"""What lists show of each saved request, kept between runs.

Reading 5,000 files takes half a second; asking the system whether they are still the same
takes a tenth of that.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from mixtui import __version__
from mixtui.mixpanel.apis import Api
from mixtui.model.draft import Method
from mixtui.model.errors import BrokenFile, StorageError
from mixtui.storage import files
from mixtui.storage.files import Stamp
from mixtui.storage.paths import SUFFIX, display_name, private_folder, state_dir
from mixtui.storage.request_file import parse
from mixtui.storage.tags import shown_tags
from mixtui.system import absolute

_FOLDER = "heads"
_FORMAT = 1
"""Another one once the head of the same file is another."""
FEWEST = 100
"""Requests of a collection; fewer are read as quickly as the file of their heads."""
_MOST_FILES = 8
"""Collections whose heads are kept."""
SETTLED_NS = 2_000_000_000
"""Nanoseconds after which a change gives another time of change, on any file system."""


class RequestHead(msgspec.Struct, frozen=True):
    """What lists of requests show of one, and find it by."""

    name: str
    """Safe to show; the file's name without ``.toml`` if it holds none."""
    method: Method
    api: Api
    url: str
    description: str
    favorite: bool = False
    tags: tuple[str, ...] = ()
    """Safe to show, each once; none is empty."""


def read_head(path: Path) -> RequestHead | BrokenFile:
    """Read what lists show of one file, or return its problem."""
    try:
        draft, _ = parse(files.read(path), path)
    except BrokenFile as broken:
        return broken
    except StorageError as error:
        return BrokenFile(path, str(error))
    stem = path.name.removesuffix(SUFFIX)
    return RequestHead(
        display_name(draft.name or stem),
        draft.method,
        draft.api,
        draft.url,
        draft.description,
        draft.favorite,
        shown_tags(draft.tags),
    )


ReadHead = Callable[[Path], RequestHead | BrokenFile]


class _Entry(msgspec.Struct, frozen=True):
    stamp: Stamp
    head: RequestHead


class _Heads(msgspec.Struct, frozen=True):
    written_by: str
    entries: dict[str, _Entry]
    """By the path of the file."""


_WRITER = f"{__version__} {_FORMAT} {','.join(RequestHead.__struct_fields__)}"


class HeadCache:
    """The heads of a collection as they were read last, for files that are the same.

    A file is the same if size, inode and both times are, of which no program can set that
    of the change. A file that was changed in the two seconds before it was read is not
    kept: it might be changed again without getting another time. What is broken is read
    each time. Blocks: use it off the event loop.

    Args:
        root: The root of the collection.
        read: Reads the head of a file; None = `read_head`.
    """

    def __init__(self, root: Path, read: ReadHead | None = None) -> None:
        import hashlib

        self._read = read or read_head
        name = hashlib.sha256(
            os.fsencode(os.path.normpath(absolute(root)))
        ).hexdigest()[:32]
        self._file = state_dir() / _FOLDER / name
        self._old = self._load()
        self._current: dict[str, _Entry] = {}
        self._is_changed = False

    def head(self, path: Path) -> RequestHead | BrokenFile:
        """Return the head of a file, which is read if it is not the same."""
        now = time.time_ns()
        stamp = files.stamp(path)  # Before reading: a later change gives another one.
        entry = self._old.get(str(path))
        if entry is not None and entry.stamp == stamp:
            self._current[str(path)] = entry
            return entry.head
        head = self._read(path)
        if (
            isinstance(head, RequestHead)
            and stamp is not None
            and _is_settled(stamp, now)
        ):
            self._current[str(path)] = _Entry(stamp, head)
            self._is_changed = True
        return head

    def store(self) -> None:
        """Keep the heads that were asked for; never mind if they cannot be kept."""
        is_same = not self._is_changed and len(self._current) == len(self._old)
        if is_same or max(len(self._current), len(self._old)) < FEWEST:
            return
        keep(self._file, msgspec.msgpack.encode(_Heads(_WRITER, self._current)))

    def _load(self) -> dict[str, _Entry]:
        try:
            heads = msgspec.msgpack.decode(files.read(self._file), type=_Heads)
        except (StorageError, msgspec.DecodeError):
            return {}
        return heads.entries if heads.written_by == _WRITER else {}


def _is_settled(stamp: Stamp, now_ns: int) -> bool:
    return max(stamp.changed_ns, stamp.modified_ns) < now_ns - SETTLED_NS


def keep(file: Path, data: bytes) -> None:
    """Write what one collection is listed from, and remove what is kept of the oldest.

    Never mind if it cannot be written.

    Args:
        file: The file of the collection, in a folder of such files.
        data: Its content.
    """
    with contextlib.suppress(StorageError, OSError):
        files.write(private_folder(file.parent) / file.name, data, mode=0o600)
        kept = sorted(file.parent.iterdir(), key=os.path.getmtime)
        for abandoned in kept[:-_MOST_FILES]:
            abandoned.unlink(missing_ok=True)


def read_heads(
    root: Path, paths: Sequence[Path]
) -> dict[Path, RequestHead | BrokenFile]:
    """Return the heads of all files of a collection; read are those that have changed.

    Args:
        root: The root of the collection.
        paths: Every request in it: others are forgotten.
    """
    cache = HeadCache(root)
    heads = {path: cache.head(path) for path in paths}
    cache.store()
    return heads
