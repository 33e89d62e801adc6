"""A body of any size into a file that a person named, whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mixtui.core.byte_source import ByteSource
from mixtui.core.errors import NameTaken, StorageError
from mixtui.storage.atomic import create_chunks, write_chunks

_STEP = 1 << 20
Progress = Callable[[int], None]
"""Told how many bytes are written by now."""


class _Cancelled(Exception):
    """Nobody wants the file any more."""


def save_body(
    source: ByteSource,
    path: Path,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """Write the bytes as they came; takes its time, so call it in a thread.

    Of a body that still comes, what there is now. Missing folders are made. Returns
    False when it was cancelled; nothing is left behind then.

    Args:
        source: The body.
        path: Where to.
        overwrite: Replace a file of that name.
        progress: Told after each step.
        cancelled: Asked before each step.

    Raises:
        NameTaken: There is such a file, and it must not be overwritten.
        StorageError: The file cannot be written, or the body cannot be read.
    """
    return save_text(
        _steps(source, source.size),
        path,
        overwrite=overwrite,
        progress=progress,
        cancelled=cancelled,
    )


def save_text(
    chunks: Iterable[bytes],
    path: Path,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> bool:
    """The same as `save_body` for what comes piece by piece."""
    _check(path, overwrite)
    watched = _watched(chunks, progress, cancelled)
    try:
        if overwrite:
            write_chunks(path, watched)
        else:
            create_chunks(path, watched)
    except _Cancelled:
        return False
    return True


def _check(path: Path, overwrite: bool) -> None:
    """Refuse at once what would only be refused at the end."""
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode) and path.exists():
            mode = path.stat().st_mode
    except OSError:
        return  # It is not there; or the writing will say what is wrong.
    if stat.S_ISDIR(mode):
        raise StorageError(
            path, f"{path} is a folder: add the name of a file to be made in it."
        )
    if not overwrite:
        raise NameTaken(path, f"There is a {path.name} already: choose another name.")
    if not stat.S_ISREG(mode) and not stat.S_ISLNK(mode):
        raise StorageError(path, f"{path} is not a file: choose another name.")


def _steps(source: ByteSource, size: int) -> Iterator[bytes]:
    for start in range(0, size, _STEP):
        end = min(size, start + _STEP)
        step = source.read(start, end)
        if len(step) != end - start:
            raise OSError(errno.EIO, "the body cannot be read to its end")
        yield step


def _watched(
    chunks: Iterable[bytes], progress: Progress | None, cancelled: Callable[[], bool]
) -> Iterator[bytes]:
    written = 0
    for chunk in chunks:
        if cancelled():
            raise _Cancelled
        yield chunk
        written += len(chunk)
        if progress is not None:
            progress(written)
    if cancelled():
        raise _Cancelled
