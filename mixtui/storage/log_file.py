"""The log: a private file in the state folder that several programs write, masked.

Off unless ``MIXTUI_LOG`` names a level. Records are written by a thread, so that a slow
disk stops nothing, and each passes one formatter, which masks it: those of mixtui, and at
the level debug those of httpx, httpcore and asyncio.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import re
import threading
import time
from collections.abc import Iterable
from io import TextIOWrapper
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

from mixtui import __version__, log
from mixtui.model.errors import SettingsError, StorageError
from mixtui.model.redaction import Redactor, mask_url_users
from mixtui.model.secrets import REDACTED, Secret
from mixtui.patterns import compile_late
from mixtui.request.secret_values import variable_secrets
from mixtui.spelling import did_you_mean
from mixtui.storage.crash_report import crash_location
from mixtui.storage.paths import private_folder
from mixtui.system import folder_lock
from mixtui.text import sanitize

MAX_BYTES = 1_000_000
"""Of the file; a full one becomes the first of `MAX_OLD` older ones."""
MAX_OLD = 3
FOLDER = "log"
_FILE = "mixtui.log"
_MAX_SECRETS = 1000
"""Of more, the oldest are forgotten; a run has a handful."""
_FOREIGN = ("httpx", "httpcore", "asyncio")
_QUERY = compile_late(r"(?<=://)([^\s?#\"]*[?#])([^\s\"]+)")
_VALUE = compile_late(r"(?<==)[^&#]+|(?<=#)[^&#=]+$")
_TRANSPORT_FACT = compile_late(
    r"^[a-z_]+\d*[a-z_]*\.(?:started|complete|failed)\b"
    r"|\b(?:host|server_hostname)='[\w.:-]*'|\bport=\d+|\bexception=\w+"
    r"|(?<=return_value=\(b'HTTP/1\.[01]', )\d{3}\b"
)
"""What is repeated of httpcore's arguments: never a header or a part of a body."""


def log_path(state: Path) -> Path:
    """Return the path of the log in the state folder."""
    return state / FOLDER / _FILE


def log_level(name: str) -> int | None:
    """Return the level that a value of ``MIXTUI_LOG`` names; None = the log is off.

    Raises:
        SettingsError: It names none.
    """
    folded = name.strip().lower()
    if folded in ("", "off"):
        return None
    if level := log.LEVELS.get(folded):
        return level
    names = ", ".join((*log.LEVELS, "off"))
    hint = did_you_mean(folded, log.LEVELS)
    raise SettingsError(
        f"{log.VARIABLE} must be one of {names}, not “{sanitize(name[:40])}”. {hint}".rstrip()
    )


class LogFile(RotatingFileHandler):
    """Writes to a file that other programs write and rotate, too."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES) -> None:
        """Open it.

        Raises:
            StorageError: It cannot be opened.
        """
        private_folder(path.parent)
        try:
            super().__init__(
                path, maxBytes=max_bytes, backupCount=MAX_OLD, encoding="utf-8"
            )
        except OSError as error:
            raise StorageError(
                path, f"The log {path} cannot be written: {error.strerror}."
            ) from None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if not self._is_current():
                self._reopen()
        except OSError:
            return  # The folder is gone: there is nowhere to write.
        super().emit(record)

    def doRollover(self) -> None:
        with contextlib.suppress(TimeoutError), folder_lock(Path(self._folder), 1.0):
            # Another program may have been quicker.
            if self._is_current():
                super().doRollover()
            else:
                self._reopen()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # A full disk takes no last record.
            super().close()

    def handleError(self, record: logging.LogRecord) -> None:
        """Lose the record: nothing may be written to the screen of the app."""

    @property
    def _folder(self) -> str:
        return os.path.dirname(self.baseFilename)

    def _open(self) -> TextIOWrapper:
        def opener(path: str, flags: int) -> int:
            return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)

        return open(self.baseFilename, "a", encoding="utf-8", opener=opener)

    def _is_current(self) -> bool:
        """Return whether the open file still has the name of the log."""
        if self.stream is None:
            return False
        try:
            named = os.stat(self.baseFilename)
        except FileNotFoundError:
            return False
        opened = os.fstat(self.stream.fileno())
        return os.path.samestat(named, opened)

    def _reopen(self) -> None:
        old, self.stream = self.stream, None
        if old is not None:
            old.close()
        self.stream = self._open()


class MaskingFormatter(logging.Formatter):
    """Turns a record into one masked line; nothing is written that has not passed it."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s.%(msecs)03dZ %(process)d %(levelname)-5s %(name)s: %(message)s",
            "%Y-%m-%dT%H:%M:%S",
        )
        self.converter = time.gmtime
        self._lock = threading.Lock()
        self._secrets: dict[Secret, None] = {}
        self._redactor = Redactor()

    def know(self, secrets: Iterable[Secret]) -> None:
        """Mask these from now on, too."""
        with self._lock:
            known = len(self._secrets)
            self._secrets.update(dict.fromkeys(secrets))
            if len(self._secrets) != known:
                while len(self._secrets) > _MAX_SECRETS:
                    del self._secrets[next(iter(self._secrets))]
                self._redactor = Redactor(self._secrets)

    def format(self, record: logging.LogRecord) -> str:
        record.message = self._mask(_text(record))
        record.asctime = self.formatTime(record, self.datefmt)
        return self.formatMessage(record)

    def _mask(self, text: str) -> str:
        with self._lock:
            redactor = self._redactor
        text = _QUERY.sub(_without_values, mask_url_users(redactor.redact(text)))
        return sanitize(text)


def _without_values(match: re.Match[str]) -> str:
    """Return a URL with the names of its parameters: any value may be a secret."""
    return match[1] + _VALUE.sub(REDACTED, match[2])


def _text(record: logging.LogRecord) -> str:
    """Return the text of a record, without what a library puts into it of a request."""
    library = record.name.partition(".")[0]
    if library == "httpcore":
        return " ".join(_TRANSPORT_FACT.findall(record.getMessage()))
    if library == "asyncio":
        # What follows shows objects, and with them anything.
        text = str(record.msg).partition("\n")[0]
    else:
        text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        text = f"{text} ({crash_location(record.exc_info[1])})"
    return text


class Log(log.Writer):
    """The log of this process, until it is closed."""

    def __init__(self, level: int, state: Path, max_bytes: int = MAX_BYTES) -> None:
        """Open the file, and write from now on what `mixtui.log` is given.

        Args:
            level: The least that is written, as `mixtui.log` has them.
            state: The state folder.
            max_bytes: The size of the file at which it is rotated.

        Raises:
            StorageError: The file cannot be opened.
        """
        self.level = level
        self._formatter = MaskingFormatter()
        self.know(variable_secrets(os.environ))
        self._file = LogFile(log_path(state), max_bytes)
        self._file.setFormatter(self._formatter)
        self._records: queue.Queue[logging.LogRecord] = queue.Queue()
        self._handler = _Handler(self._records)
        self._listener = QueueListener(self._records, self._file)
        self._logger = logging.Logger("mixtui", level)
        self._logger.addHandler(self._handler)
        self._foreign = {
            name: logging.getLogger(name)
            for name in (_FOREIGN if level <= log.DEBUG else ())
        }
        for name, logger in self._foreign.items():
            logger.addHandler(self._handler)
            logger.setLevel(logging.WARNING if name == "asyncio" else logging.DEBUG)
        self._listener.start()
        log.set_writer(self)
        atexit.register(self.close)

    def write(self, level: int, text: str, values: tuple[object, ...]) -> None:
        self._logger.log(level, text, *values)

    def know(self, secrets: Iterable[Secret]) -> None:
        self._formatter.know(secrets)

    def flush(self) -> None:
        self._records.join()

    def close(self) -> None:
        """Write what is left, and nothing more."""
        log.set_writer(None)
        for logger in self._foreign.values():
            logger.removeHandler(self._handler)
            logger.setLevel(logging.WARNING)
        self._foreign = {}
        with contextlib.suppress(AttributeError):  # It was closed.
            self._listener.stop()
        self._file.close()
        atexit.unregister(self.close)


class _Handler(QueueHandler):
    """Passes records to the thread as they are: they are formatted there, and only once."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


def open_log(name: str, state: Path) -> Log | None:
    """Turn the log on, if the value of ``MIXTUI_LOG`` says so.

    Raises:
        SettingsError: It names no level.
        StorageError: The file cannot be opened.
    """
    level = log_level(name)
    if level is None:
        return None
    opened = Log(level, state)
    log.info("mixtui %s started, process %s", __version__, os.getpid())
    return opened
