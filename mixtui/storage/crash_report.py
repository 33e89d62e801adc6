"""Report unexpected exceptions: where they happened, but never user input."""

from __future__ import annotations

import platform
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from mixtui import __version__, log
from mixtui.model.errors import StorageError
from mixtui.storage import files
from mixtui.storage.paths import private_folder

EX_SOFTWARE = 70
"""The exit status of a program that a mistake of its own has ended; see sysexits.h."""
FOLDER = "crashes"
"""The folder of the reports, in the state folder."""
MAX_REPORTS = 20
"""Older ones are deleted."""
_PACKAGE = Path(__file__).parents[1]
_LIBRARIES = ("textual", "rich", "httpx", "msgspec")


def report_crash(error: BaseException, state: Path) -> str:
    """Write a report; return a sentence for the user, without any data."""
    location = crash_location(error)
    log.error("internal error: %s", location)
    try:
        path = write_crash_report(error, state, datetime.now())
    except (StorageError, OSError):
        return f"Internal error in mixtui: {location}. The report could not be written."
    return (
        f"Internal error in mixtui: {location}. Please report it with {path}, which "
        "contains nothing you typed or received."
    )


def write_crash_report(error: BaseException, state: Path, now: datetime) -> Path:
    """Write a report that is safe to attach to an issue; return its path.

    It names exception types, files, lines and functions. Messages and the values of
    variables are omitted: they may contain a credential or user data.

    Raises:
        StorageError: It cannot be written.
    """
    folder = private_folder(state / FOLDER)
    path = folder / f"{now:%Y-%m-%d-%H%M%S-%f}.txt"
    files.write(path, "\n".join(_lines(error, now)).encode(), mode=0o600)
    for old in crash_reports(state)[MAX_REPORTS:]:
        old.unlink(missing_ok=True)
    return path


def crash_reports(state: Path) -> list[Path]:
    """Return the reports in the state folder, newest first."""
    return sorted((state / FOLDER).glob("*.txt"), reverse=True)


def crash_location(error: BaseException) -> str:
    """Return the exception's type and the innermost line of mixtui that it came from."""
    kind = type(_origin(error)).__name__
    frames = list(traceback.walk_tb(_origin(error).__traceback__))
    own_frames = [
        pair
        for pair in frames
        if _short_path(pair[0].f_code.co_filename)[:6] == "mixtui"
    ]
    if not frames:
        return kind
    frame, line = (own_frames or frames)[-1]
    return f"{kind} in {_short_path(frame.f_code.co_filename)}, line {line}"


def _lines(error: BaseException, now: datetime) -> Iterator[str]:
    yield f"mixtui {__version__}, Python {platform.python_version()}, {sys.platform}"
    yield ", ".join(_library_versions())
    yield f"{now:%Y-%m-%d %H:%M:%S}"
    for each in _causes(error):
        yield ""
        yield f"{type(each).__module__}.{type(each).__qualname__}"
        for frame, line in traceback.walk_tb(each.__traceback__):
            code = frame.f_code
            yield f"  {_short_path(code.co_filename)}:{line} {code.co_qualname}"
    yield ""


def _library_versions() -> Iterator[str]:
    from importlib.metadata import PackageNotFoundError, version

    for name in _LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            continue


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what led to it, innermost first; of a group, its members, too."""
    causes: dict[int, BaseException] = {}
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop(0)
        if each is None or id(each) in causes:
            continue
        causes[id(each)] = each
        if isinstance(each, BaseExceptionGroup):
            pending += each.exceptions
        pending.append(
            getattr(each, "error", None) or each.__cause__ or each.__context__
        )
    yield from reversed(causes.values())


def _origin(error: BaseException) -> BaseException:
    return next(_causes(error))


def _short_path(path: str) -> str:
    """Return a path from its package on: the rest could contain a user name."""
    whole = Path(path)
    for name in ("site-packages", "dist-packages"):
        if name in whole.parts:
            return whole.as_posix().rpartition(f"/{name}/")[2]
    if whole.is_relative_to(_PACKAGE):
        return whole.relative_to(_PACKAGE.parent).as_posix()
    library = sysconfig.get_path("stdlib")
    if whole.is_relative_to(library):
        return whole.relative_to(library).as_posix()
    return whole.name or path
