"""``-o FILE``: the body goes into a file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from mixtui.cli.sinks import OutputSink, SinkResult
from mixtui.core.errors import ExitStatus, StorageError
from mixtui.core.exchange import Exchange
from mixtui.core.outcome import Outcome, OutcomeKind
from mixtui.core.words import size


class OutputFile(OutputSink):
    """Writes ``FILE.part`` and gives it its name when it is whole.

    A part of a body stays as ``FILE.part``. A refusal is no content: it is printed, and
    the file stays as it was. What is no regular file (``/dev/null``, a named pipe) is
    written to as it is.
    """

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            StorageError: It cannot be written.
        """
        self._target = Path(os.path.realpath(path))
        self._path = path
        self._finished = False
        try:
            self._mode = _mode(self._target)
            if self._target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            self._is_special = self._mode is not None and not stat.S_ISREG(self._mode)
            self._part = self._target
            if not self._is_special:
                self._part = self._target.with_name(f"{self._target.name}.part")
            self._file = self._part.open("wb")
        except OSError as error:
            raise StorageError(
                path, f"{path} cannot be written: {error.strerror}."
            ) from None
        self.file = self._file

    def finish(self, exchange: Exchange, ended: Outcome) -> SinkResult:
        """Give the file its name, or say what became of it.

        Raises:
            StorageError: It could not be given its name.
        """
        length = size(exchange.response.body_bytes)
        try:
            self._file.flush()
            if self._is_special:
                self._finished = True
                return SinkResult(path=self._path)
            if ended.kind is OutcomeKind.INCOMPLETE or exchange.response.cut_short:
                self._finished = True
                words = f"Incomplete: {length} are kept as {self._path}.part."
                return SinkResult(path=self._part, words=(words,))
            if ended.exit_status not in (ExitStatus.ACCEPTED, ExitStatus.PARTLY_STORED):
                words = f"{self._path} was not written: the answer is a refusal."
                return SinkResult(self._part.read_bytes(), words=(words,))
            self._replace()
        except OSError as error:
            raise StorageError(
                self._path,
                f"{self._path} was not written: {error.strerror}; what came is kept as "
                f"{self._part}.",
            ) from None
        return SinkResult(path=self._path, words=(f"{self._path}: {length}.",))

    def close(self) -> None:
        """Remove a part that is of no use."""
        with contextlib.suppress(OSError):  # A full disk was reported by then.
            self._file.close()
        if self._finished or self._is_special:
            return
        with contextlib.suppress(OSError):
            self._part.unlink()

    def _replace(self) -> None:
        self._finished = True  # From here on it is never thrown away.
        os.fsync(self._file.fileno())
        self._file.close()
        if self._mode is not None:
            self._part.chmod(stat.S_IMODE(self._mode))
        os.replace(self._part, self._target)


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None
