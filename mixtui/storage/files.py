"""Write a file completely or not at all, read it back, and change it under a lock."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from io import BufferedWriter
from pathlib import Path
from threading import Lock as ThreadLock

from msgspec import Struct

from mixtui.model.errors import NameTaken, StorageError
from mixtui.system import CancelToken, Lock, folder_lock, real_path, try_lock
from mixtui.temporary import sweep, temporary_name

_ATTEMPTS = 20
"""How often a change is made again because another program has written meanwhile."""
Progress = Callable[[int], None]
"""Called with the number of bytes written so far."""


class Fingerprint(Struct, frozen=True):
    """Length and SHA-256 of a file, to tell whether it has changed."""

    size: int
    digest: str

    @classmethod
    def of(cls, data: bytes) -> Fingerprint:
        """Compute the fingerprint of a file that holds `data`."""
        import hashlib

        return cls(len(data), hashlib.sha256(data).hexdigest())


class Stamp(Struct, frozen=True):
    """What the system says of a file: cheap to get, and another one once it was changed."""

    changed_ns: int
    """Of content, name or permissions; Unix nanoseconds."""
    modified_ns: int
    """Of content; may be set by any program."""
    size: int
    inode: int
    """The same for a file that was moved."""

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """Return the stamp of a file with a status."""
        return cls(
            status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino
        )


class FileIdentity(Struct, frozen=True):
    """What a file is known by after it was renamed: another once it was written to."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileIdentity:
        """Return the identity of a file with a status."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def stamp(path: Path) -> Stamp | None:
    """Return the stamp of a file, or None if there is none."""
    try:
        return Stamp.of(os.stat(path))
    except OSError:
        return None


def read(path: Path) -> bytes:
    """Read a regular file.

    Raises:
        StorageError: It does not exist, cannot be read, or is not a regular file (a pipe
            would block for ever).
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise StorageError(path, f"{path} is not a file.")
        return path.read_bytes()
    except FileNotFoundError:
        raise StorageError(path, f"{path} does not exist.") from None
    except OSError as error:
        raise StorageError(path, f"{path} cannot be read: {error.strerror}.") from None


def update(
    path: Path, change: Callable[[bytes | None], bytes], *, mode: int | None = None
) -> None:
    """Change a file that other programs change as well: none of the changes is lost.

    The folder is locked from reading to writing (see `locked`). What knows no lock, such
    as an editor, is found out just before the file is replaced.

    Args:
        path: The file.
        change: Returns the new content for the present one; None = there is no file. It
            is called again if the file was written meanwhile, so it asks no questions. The same
            content is not written.
        mode: As for `write`.

    Raises:
        StorageError: The file cannot be read or written, or another program holds the
            folder; it is as it was.
    """
    if not path.parent.is_dir():
        change(None)  # It may refuse: no folder is made for nothing.
    with locked(path.parent):
        for _ in range(_ATTEMPTS):
            before = _content(path)
            after = change(before)
            expect = partial(_has_content, path, before)
            if after == before or _replace(path, (after,), mode, expect):
                return
    raise StorageError(
        path,
        f"{path} was not written: another program keeps writing it. Stop that program "
        "and try again.",
    )


def replace(path: Path, before: bytes | None, data: bytes) -> bool:
    """Replace the content of a file if it still is what was read; return whether it was.

    Unlike `update` it locks nothing, so that many files can be written at once.

    Args:
        path: The file.
        before: What was read; None = there was no file.
        data: The new content.

    Raises:
        StorageError: The file cannot be read or written; it is as it was.
    """
    return _replace(path, (data,), None, partial(_has_content, path, before))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder for changes of more than one file in it; create it if missing.

    Nobody may be asked anything meanwhile. Where there is no lock (Windows, folders on
    NFS) a file is still checked just before it is replaced.

    Raises:
        StorageError: It cannot be created, or another program holds it.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(folder_lock(folder))
        except PermissionError:
            pass  # What cannot be read cannot be locked, but its files may be written.
        except OSError as error:
            raise StorageError(
                folder, f"{folder} cannot be changed: {error.strerror}; try again."
            ) from None
        yield


def write(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace the content of a file, or leave it as it was.

    A symbolic link stays a link and its target is written. Creates missing folders.

    Args:
        path: The file.
        data: Its new content.
        mode: Its permissions; None = those of the existing file, else the umask's.

    Raises:
        StorageError: The file cannot be written; it still has the old content.
    """
    write_chunks(path, (data,), mode=mode)


def write_chunks(
    path: Path, chunks: Iterable[bytes], *, mode: int | None = None
) -> None:
    """Replace the content of a file, as `write` does, by content of any size.

    An exception that `chunks` raises leaves the old content in place.
    """
    _replace(path, chunks, mode, lambda: True)


def _replace(
    path: Path,
    chunks: Iterable[bytes],
    mode: int | None,
    is_wanted: Callable[[], bool],
) -> bool:
    """Replace a file if that is still wanted once the new one is complete."""
    target = real_path(path)
    try:
        existing = _permissions(target)
        if existing is not None and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, "it is read-only")
        permissions = existing if mode is None else mode
        temporary = _write_temporary(target, chunks, permissions)
        with _remove_on_failure(temporary):
            if not is_wanted():
                os.unlink(temporary)
                return False
            os.replace(temporary, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise StorageError(path, _write_error_message(path, error)) from None
    return True


def _content(path: Path) -> bytes | None:
    return read(path) if os.path.exists(path) else None


def _has_content(path: Path, content: bytes | None) -> bool:
    return _content(path) == content


def create(path: Path, data: bytes) -> None:
    """Write a new file.

    Raises:
        NameTaken: The path exists.
        StorageError: The file cannot be written; nothing is left behind.
    """
    create_chunks(path, (data,))


def create_chunks(path: Path, chunks: Iterable[bytes]) -> None:
    """Write a new file, as `create` does, with content of any size.

    An exception that `chunks` raises leaves nothing behind.
    """
    try:
        temporary = _write_temporary(path, chunks, None)
        with _remove_on_failure(temporary):
            move_new(temporary, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise NameTaken(
            path, f"{path.name} already exists: choose another name."
        ) from None
    except OSError as error:
        raise StorageError(path, _write_error_message(path, error)) from None


def move_new(source: Path, target: Path) -> None:
    """Move a file without ever replacing another.

    Raises:
        FileExistsError: The target exists.
        OSError: The file cannot be moved.
    """
    try:
        # The only portable call that fails if the name exists is link.
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # FAT and some network file systems have no links; some platforms cannot link
        # a symbolic link itself.
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "it exists", str(target)) from None
        os.rename(source, target)
    else:
        os.unlink(source)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a folder with all that is in it; links stay links.

    Raises:
        OSError: Not everything was copied. That of shutil has a list instead of a reason.
    """
    try:
        shutil.copytree(source, target, symlinks=True)
    except shutil.Error:
        reason = "not every file in it can be read"
        raise OSError(errno.EIO, reason, str(source)) from None


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
    sweep(target.parent)
    temporary = target.parent / temporary_name()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # A private file must be private before the first byte is written.
    file = os.open(temporary, flags, 0o666 if mode is None else mode & 0o600)
    with _remove_on_failure(temporary):
        try:
            try_lock(file)
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
    # The content is safe already; some network file systems cannot sync a folder.
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
                f"The disk is full: {path} was not changed. Free some space and save "
                "again."
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return (
                f"{path} was not written: {error.strerror}; change its permissions or "
                "save elsewhere."
            )
        case errno.ENAMETOOLONG:
            return f"{path.name} was not written: the name is too long."
        case _:
            return f"{path} was not written: {error.strerror}."


def open_part(path: Path) -> BufferedWriter:
    """Open ``NAME.part`` for writing from the start; it remains if its writer is interrupted.

    Raises:
        OSError: It cannot be written, or another program is writing it.
    """
    while True:
        file = path.open("ab")
        if try_lock(file.fileno()) is Lock.TAKEN:
            file.close()
            reason = f"another program is writing {path.name}"
            raise BlockingIOError(errno.EAGAIN, reason)
        # Its writer may have finished it just before: then it has another name.
        with contextlib.suppress(FileNotFoundError):
            status = os.fstat(file.fileno())
            if os.path.samestat(status, os.stat(path)):
                if status.st_nlink == 1:
                    # Of a file that was once made empty, ext4 writes the content when it
                    # is closed, in case it replaces another: a wait a new one can spare.
                    if status.st_size:
                        os.ftruncate(file.fileno(), 0)
                    return file
                # It has another name, under which it is kept: see `PartFile.adopt`.
                os.unlink(path)
        file.close()


def unlink_part(path: Path) -> None:
    """Remove the other name of a complete file that its writer did not come to remove."""
    target = real_path(path)
    part = target.with_name(f"{target.name}.part")
    with contextlib.suppress(OSError):
        if part.samefile(target):
            part.unlink()


@contextlib.contextmanager
def closing_part(file: BufferedWriter) -> Iterator[None]:
    """Close a file of `open_part` once the block has renamed or removed it.

    Until then it is locked, or another program would begin to write under a name that is
    about to become another. Windows has no such locks, and renames no open file.
    """
    if sys.platform == "win32":
        file.close()
    try:
        yield
    finally:
        file.close()


class PartFile:
    """A file written as ``NAME.part``, which survives being interrupted."""

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        """Open the part file.

        Args:
            path: The name the file gets in the end.
            overwrite: Replace an existing file of that name.

        Raises:
            NameTaken: The file exists, and must not be overwritten.
            StorageError: It cannot be written.
        """
        self.path = path
        self._target = real_path(path)
        self.part_path = self._target.with_name(f"{self._target.name}.part")
        self._overwrite = overwrite
        self._written = 0
        self._lock = ThreadLock()
        """The file may be closed while an abandoned thread still writes to it."""
        if not overwrite and os.path.lexists(path):
            raise NameTaken(path, f"{path.name} already exists: choose another name.")
        try:
            if self._target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._target.parent.mkdir(parents=True, exist_ok=True)
            self._file = open_part(self.part_path)
        except OSError as error:
            raise self._write_error(error) from None

    @property
    def size(self) -> int:
        """Bytes of all pieces that were written completely."""
        return self._written

    def write(self, piece: bytes | memoryview) -> None:
        """Append a piece, or leave the file as it was.

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
                raise self._write_error(error) from None
            self._written += len(piece)

    def adopt(self, source: Path) -> bool:
        """Make a complete file the content, if that takes no copy; return whether it did.

        The file keeps its name, too: both are the same file from now on.
        """
        temporary = self.part_path.with_name(temporary_name())
        try:
            os.link(source, temporary)
        except (OSError, NotImplementedError):
            return False  # Another disk, or one without links.
        try:
            file = temporary.open("ab")
            # Locked before it has the name, or another program would begin to write it.
            try_lock(file.fileno())
            os.replace(temporary, self.part_path)
        except OSError:  # Windows replaces no open file.
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            return False
        self._file.close()
        self._file = file
        return True

    def identity(self) -> FileIdentity:
        """Return what the file is known by, under this name and the final one.

        Raises:
            StorageError: The disk failed.
        """
        try:
            self._file.flush()
            return FileIdentity.of(os.stat(self.part_path))
        except OSError as error:
            raise self._write_error(error) from None

    def finish(self) -> None:
        """Rename the part file to its final name.

        Raises:
            NameTaken: A file of that name was created meanwhile.
            StorageError: The disk failed.
        """
        try:
            if self._target.exists():
                # What it replaces may be the only copy.
                os.fsync(self._file.fileno())
            else:
                # A network folder says at a close what it could not store. To wait for the
                # disk, too, takes as long as to receive it, and a new file is there to be
                # made again after a power cut.
                self._file.flush()
                os.close(os.dup(self._file.fileno()))
            with closing_part(self._file):
                if self._target.exists() and self._target.samefile(self.part_path):
                    # One file with two names: to rename one to the other does nothing.
                    self.part_path.unlink()
                elif self._overwrite:
                    with contextlib.suppress(FileNotFoundError):
                        mode = stat.S_IMODE(self._target.stat().st_mode)
                        self.part_path.chmod(mode)
                    os.replace(self.part_path, self._target)
                else:
                    move_new(self.part_path, self._target)
        except FileExistsError:
            raise NameTaken(
                self.path,
                f"{self.path.name} was created by another program in the meantime: "
                f"the received data is in {self.part_path}.",
            ) from None
        except OSError as error:
            raise self._write_error(error) from None

    def close_partial(self) -> str:
        """Close the incomplete file; return its path for a message."""
        with self._lock, contextlib.suppress(OSError):
            self._file.close()
        return str(self.part_path)

    def _write_error(self, error: OSError) -> StorageError:
        return StorageError(
            self.path, f"{self.path} cannot be written: {error.strerror}."
        )


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
    monitored = _with_progress(chunks, progress, token or CancelToken())
    if overwrite:
        write_chunks(path, monitored)
    else:
        create_chunks(path, monitored)


def _check_target(path: Path, overwrite: bool) -> None:
    """Check before writing what would otherwise fail only at the end."""
    try:
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode) and path.exists():
            mode = path.stat().st_mode
    except OSError:
        return  # It does not exist, or writing will report what is wrong.
    if stat.S_ISDIR(mode):
        raise StorageError(path, f"{path} is a folder: add a file name.")
    if not overwrite:
        raise NameTaken(path, f"{path.name} already exists: choose another name.")
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
