"""Sources that are not on this machine: ``s3://``, ``gs://``, ``http(s)://`` and others.

fsspec (extra ``data``) reads them, with a package for each kind of storage that finds the
credentials where its own tools do (https://filesystem-spec.readthedocs.io).
"""

from __future__ import annotations

import errno
import glob
import io
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from mixtui.jobs.model import JobError
from mixtui.text import sanitize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_SEPARATOR = "://"
_PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "abfs": "adlfs",
    "az": "adlfs",
    "sftp": "paramiko",
}
"""What fsspec needs besides, where its own message does not say."""
_WEB = ("http", "https")


def is_remote(path: str) -> bool:
    """Return whether a path is an address."""
    return _SEPARATOR in path


def protocol_of(address: str) -> str:
    """Return the protocol of an address, such as ``s3``."""
    return address.partition(_SEPARATOR)[0].lower()


def name_of(address: str) -> str:
    """Return the last part of the path of an address."""
    return urlsplit(address).path.rstrip("/").rpartition("/")[2] or address


def find_remote(address: str) -> list[str]:
    """Return the addresses of the files that one names: itself, a glob or a folder.

    Raises:
        JobError: There are none, or the storage cannot be read.
    """
    if urlsplit(address).username is not None:
        raise JobError(
            f"The address of {name_of(address)} has credentials in it, which the "
            "journal would keep: give them as the tools of that storage do."
        )
    system = file_system(protocol_of(address))
    try:
        if protocol_of(address) in _WEB:
            return [address]  # A server lists nothing that could be trusted.
        if glob.has_magic(address):
            found = _addresses(system, system.glob(address))
        elif system.isdir(address):
            found = _addresses(system, system.find(address))
        else:
            found = [address] if system.exists(address) else []
    except Exception as error:
        # Each kind of storage has errors of its own, and none of them a common base.
        _fail(address, error)
    if not found:
        raise JobError(f"No file is at {address}.")
    return found


def _addresses(system: Any, paths: Iterable[str]) -> list[str]:
    return sorted(str(system.unstrip_protocol(path)) for path in paths)


class RemoteFile(io.RawIOBase):
    """A file elsewhere, read from any position; whatever fails is an `OSError`."""

    _file: Any = None
    """None = it was not opened; Python closes that one, too."""

    def __init__(self, address: str) -> None:
        """Open it.

        Raises:
            JobError: It cannot be opened.
        """
        system = file_system(protocol_of(address))
        try:
            self._file = system.open(address, "rb")
        except Exception as error:  # As in `find_remote`.
            _fail(address, error)

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True: a server without ranges fails when it is asked for one."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer; return how many."""
        view = memoryview(buffer).cast("B")
        data = self._try(self._file.read, len(view))
        view[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, and return the new position."""
        return int(self._try(self._file.seek, offset, whence))

    def tell(self) -> int:
        """Return the position."""
        return int(self._file.tell())

    def close(self) -> None:
        """Close it."""
        if not self.closed and self._file is not None:
            self._file.close()
        super().close()

    def _try(self, function: Callable[..., Any], *arguments: object) -> Any:
        try:
            return function(*arguments)
        except Exception as error:  # As in `find_remote`.
            raise OSError(errno.EIO, _said(error)) from None


def file_system(protocol: str) -> Any:
    """Return fsspec's file system of a protocol.

    Raises:
        JobError: fsspec or what it needs is not installed, or knows no such protocol.
    """
    try:
        # It has no types to check its use by.
        return import_module("fsspec").filesystem(protocol)
    except ImportError as error:
        package = "mixtui[data]"
        if error.name != "fsspec":
            package = f"{package} {_PACKAGES.get(protocol, '')}".strip()
        raise JobError(
            f"{protocol}:// cannot be read yet: install {package}."
        ) from None
    except ValueError:
        raise JobError(
            f"{protocol}:// is not a kind of storage that fsspec knows."
        ) from None


def _fail(address: str, error: Exception) -> NoReturn:
    raise JobError(f"{name_of(address)} cannot be read: {_said(error)}.") from None


def _said(error: Exception) -> str:
    """Return what went wrong, without a full stop."""
    if isinstance(error, FileNotFoundError):
        return "it does not exist"
    said = sanitize(" ".join(str(error).split())) or type(error).__name__
    return said.rstrip(".")
