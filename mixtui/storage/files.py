"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from mixtui.model.errors import NameTaken, StorageError
from mixtui.system import CancelToken


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Tells whether a file still holds what it held: its length and SHA-256."""

    size: int
    digest: str

    @classmethod
    def of(cls, data: bytes) -> Fingerprint:
        """The fingerprint of a file that holds `data`."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


def read(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises StorageError when it is not there, not a regular file (a pipe would wait for
    ever), or may not be read.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise StorageError(path, f"{path} is not a file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise StorageError(path, f"{path} is not there any more.") from None
    except OSError as error:
        raise StorageError(path, f"{path} cannot be read: {error.strerror}.") from None


def write(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace the content of `path` by `data`, or leave it as it was.

    An existing file keeps its permissions unless `mode` says otherwise; a new one gets
    `mode`, or what the user's umask leaves. A symbolic link stays a link, its target is
    written. Missing folders are made. Raises StorageError; the old content is then
    still there.
    """
    write_chunks(path, (data,), mode=mode)


def write_chunks(
    path: Path, chunks: Iterable[bytes], *, mode: int | None = None
) -> None:
    """The same as `write` for content of any size, which comes piece by piece.

    What the pieces raise ends it, and the old content is still there.
    """
    target = Path(os.path.realpath(path))
    try:
        before = _permissions(target)
        if before is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "it is write-protected")
        keep = before if mode is None else mode
        temporary = _write_temporary(target, chunks, keep)
        with _remove_on_failure(temporary):
            os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageError(path, _write_error_message(path, error)) from None


def create(path: Path, data: bytes) -> None:
    """Write a new file, or raise NameTaken when something is there already.

    Raises StorageError when it cannot be written; nothing is left behind then.
    """
    create_chunks(path, (data,))


def create_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """The same as `create` for content of any size, which comes piece by piece.

    What the pieces raise ends it, and nothing is left behind.
    """
    try:
        temporary = _write_temporary(path, chunks, None)
        with _remove_on_failure(temporary):
            move_new(temporary, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise NameTaken(
            path, f"There is a {path.name} already: choose another name."
        ) from None
    except OSError as error:
        raise StorageError(path, _write_error_message(path, error)) from None


def move_new(source: Path, target: Path) -> None:
    """Move the file `source` to `target`, never over anything.

    Raises FileExistsError, or another OSError.
    """
    try:
        # Of all ways to give a file a name, only a link fails when the name is taken.
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # FAT and some network file systems know no links.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "it exists", str(target)) from None
        os.rename(source, target)
    else:
        os.unlink(source)


def _permissions(path: Path) -> int | None:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        return None


def _write_temporary(target: Path, chunks: Iterable[bytes], mode: int | None) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        text = f"{target.parent} is not a folder"
        raise NotADirectoryError(errno.ENOTDIR, text) from None
    # The name starts with a dot and ends without .toml: no scan takes it for a request.
    temporary = target.parent / f".mixtui-{os.urandom(8).hex()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # A private file must be private before its first byte is in it.
    file = os.open(temporary, flags, 0o666 if mode is None else mode & 0o600)
    with _remove_on_failure(temporary):
        try:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(file, mode)
            for chunk in chunks:
                view = memoryview(chunk)
                while view:
                    view = view[os.write(file, view) :]
            os.fsync(file)
        finally:
            os.close(file)
    return temporary


@contextlib.contextmanager
def _remove_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    # The content is safe by now; some network file systems refuse to sync a folder.
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _write_error_message(path: Path, error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return (
                f"The disk is full: {path} was not written and is as it was; "
                "free some space and save again."
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return (
                f"{path} was not written: {error.strerror}; change its permissions "
                "or save under another place."
            )
        case errno.ENAMETOOLONG:
            return f"{path.name} was not written: the name is too long."
        case _:
            return f"{path} was not written: {error.strerror}."


class PartFile:
    """Writes ``NAME.part``.

    Args:
        path: The name it gets in the end.
        overwrite: Replace a file of that name.

    Raises:
        NameTaken: There is such a file, and it must not be overwritten.
        StorageError: It cannot be written.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self.path = path
        self._target = Path(os.path.realpath(path))
        self.part_path = self._target.with_name(f"{self._target.name}.part")
        self._overwrite = overwrite
        self._written = 0
        self._lock = Lock()
        """Who stops waiting for a thread may close the file while that writes."""
        if not overwrite and os.path.lexists(path):
            raise NameTaken(path, f"There is a {path.name} already: choose another.")
        try:
            if self._target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.part_path.open("wb")
        except OSError as error:
            raise self._failed(error) from None

    @property
    def size(self) -> int:
        """Bytes of all whole pieces."""
        return self._written

    def write(self, piece: bytes) -> None:
        """Add a piece, or leave the file as it was.

        Raises:
            StorageError: The disk failed.
        """
        with self._lock:
            try:
                self._file.write(piece)
                self._file.flush()
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.truncate(self.part_path, self._written)
                raise self._failed(error) from None
            self._written += len(piece)

    def finish(self) -> None:
        """Give it its name.

        Raises:
            NameTaken: A file of that name appeared meanwhile.
            StorageError: The disk failed.
        """
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            if self._overwrite:
                with contextlib.suppress(FileNotFoundError):
                    self.part_path.chmod(stat.S_IMODE(self._target.stat().st_mode))
                os.replace(self.part_path, self._target)
            else:
                move_new(self.part_path, self._target)
        except FileExistsError:
            raise NameTaken(
                self.path,
                f"There is a {self.path.name} meanwhile: what came is in {self.part_path}.",
            ) from None
        except OSError as error:
            raise self._failed(error) from None

    def close_partial(self) -> str:
        """Leave what there is; returns where, for a sentence."""
        with self._lock, contextlib.suppress(OSError):
            self._file.close()
        return str(self.part_path)

    def _failed(self, error: OSError) -> StorageError:
        return StorageError(
            self.path, f"{self.path} cannot be written: {error.strerror}."
        )


Progress = Callable[[int], None]
"""Called with the number of bytes written so far."""


def save_chunks(
    chunks: Iterable[bytes],
    path: Path,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    token: CancelToken | None = None,
) -> None:
    """Write content of any size to a file. Blocks: call it in a thread.

    Creates missing folders, and leaves nothing behind when it fails.

    Args:
        chunks: The content; an OSError that it raises counts as a failed write.
        path: The file to write.
        overwrite: Replace an existing file.
        progress: Called after each chunk.
        token: Ends the writing before the next chunk.

    Raises:
        Cancelled: The token was cancelled.
        NameTaken: The file exists, and must not be overwritten.
        StorageError: The file cannot be written, or the content cannot be read.
    """
    _check_target(path, overwrite)
    watched = _with_progress(chunks, progress, token or CancelToken())
    if overwrite:
        write_chunks(path, watched)
    else:
        create_chunks(path, watched)


def _check_target(path: Path, overwrite: bool) -> None:
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


def _with_progress(
    chunks: Iterable[bytes], progress: Progress | None, token: CancelToken
) -> Iterator[bytes]:
    written = 0
    for chunk in chunks:
        token.raise_if_cancelled()
        yield chunk
        written += len(chunk)
        if progress is not None:
            progress(written)
    token.raise_if_cancelled()
