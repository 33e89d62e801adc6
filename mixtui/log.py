"""What the engine does, for the log: any module may say it, and while the log is off it is free.

Imports nothing: `mixtui/storage/log_file.py` decides where it goes, and masks all of it.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

DEBUG, INFO, ERROR = 10, 20, 40
"""The levels, as those of the standard library's logging."""
VARIABLE = "MIXTUI_LOG"
"""Turns the log on, by the name of a level."""
LEVELS = {"error": ERROR, "info": INFO, "debug": DEBUG}


class Writer:
    """Where records go: nowhere."""

    level = 100
    """The least that is written."""

    def write(self, level: int, text: str, values: tuple[object, ...]) -> None:
        """Write a record; its text has %-fields for the values. Called in any thread."""

    def know(self, secrets: Iterable[Any]) -> None:
        """Mask secrets in every record from now on; their class is in a layer above."""

    def flush(self) -> None:
        """Wait until every record is written. Blocking."""


_NOWHERE = Writer()


class _Log:
    writer = _NOWHERE


def set_writer(writer: Writer | None) -> None:
    """Write what is said from now on; None = nowhere."""
    _Log.writer = writer or _NOWHERE


def is_on(level: int = ERROR) -> bool:
    """Return whether records of a level are written."""
    return level >= _Log.writer.level


def debug(text: str, *values: object) -> None:
    """Say what only matters if something is wrong."""
    _say(DEBUG, text, values)


def info(text: str, *values: object) -> None:
    """Say what was done, a few lines a request."""
    _say(INFO, text, values)


def error(text: str, *values: object) -> None:
    """Say what failed."""
    _say(ERROR, text, values)


def know(secrets: Iterable[Any]) -> None:
    """Mask secrets in every record from now on."""
    _Log.writer.know(secrets)


def flush() -> None:
    """Wait until every record is written. Blocking."""
    _Log.writer.flush()


def _say(level: int, text: str, values: tuple[object, ...]) -> None:
    writer = _Log.writer
    if level >= writer.level:
        writer.write(level, text, values)
