"""Programs of the person's own that take over the terminal: an editor, a pager.

What they are shown is in a private file that is gone when they have ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from textual.app import App, SuspendNotSupported

from mixtui.core.errors import MixtuiError

R = TypeVar("R")
_KEYS = ("SIGINT", "SIGQUIT")
"""Sent to every program of the terminal by ctrl+c and ctrl+\\."""


class ProgramError(MixtuiError):
    """A program could not be used."""


def command_in(
    names: Sequence[str], variables: Mapping[str, str] = os.environ
) -> list[str] | None:
    """The first of some variables that is set, as a command; None = none is.

    Raises:
        ProgramError: It is not a command.
    """
    for name in names:
        if text := variables.get(name, "").strip():
            try:
                return shlex.split(text)
            except ValueError:
                raise ProgramError(f"${name} is not a command: {text}") from None
    return None


@contextlib.contextmanager
def private_folder(beside: Path | None = None) -> Iterator[Path]:
    """A folder that only its owner can look into (0700), removed with all in it.

    Args:
        beside: Make it beside this file if that can be; else where temporary files go.

    Raises:
        ProgramError: It cannot be made.
    """
    try:
        made = _make_folder(beside)
    except OSError as error:
        raise ProgramError(
            f"There is no place for a temporary file: {error.strerror}."
        ) from None
    with made as folder:
        yield Path(folder)


def _make_folder(beside: Path | None) -> tempfile.TemporaryDirectory[str]:
    if beside is not None:
        with contextlib.suppress(OSError):
            return _folder_in(beside.parent)
    return _folder_in(None)


def _folder_in(parent: Path | None) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(
        prefix="mixtui-", dir=parent, ignore_cleanup_errors=True
    )


def write_private(path: Path, chunks: Iterable[bytes], *, mode: int = 0o600) -> None:
    """Write a new file that only its owner can read.

    Raises:
        ProgramError: It cannot be written, or what it is made from cannot be read.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags, mode), "wb") as file:
            file.writelines(chunks)
    except OSError as error:
        raise ProgramError(
            f"A temporary file cannot be written: {error.strerror}."
        ) from None


def run(
    command: Sequence[str],
    path: Path,
    what: str,
    extra: Mapping[str, str] | None = None,
) -> None:
    """Run a program on a file until it ends; blocking.

    Keys that were typed for it and not read by it are dropped: they were not meant for
    what comes next on the screen.

    Args:
        command: The program and its options.
        path: The file, its last argument.
        what: Begins the sentence when it cannot be started: «The editor».
        extra: Variables for the program, unless they are set already.

    Raises:
        ProgramError: It cannot be started.
    """
    try:
        subprocess.run(
            [*command, str(path)], env={**(extra or {}), **os.environ}, check=False
        )
    except OSError as error:
        raise ProgramError(
            f"{what} {command[0]} cannot be started: {error.strerror}."
        ) from None
    finally:
        _drop_pending_keys()


async def in_terminal(app: App[Any], work: Callable[[], R]) -> R:
    """Do blocking work that has the terminal to itself; answers come in meanwhile.

    Raises:
        ProgramError: The app cannot make room.
        Exception: What the work raised, once the screen is there again.
    """
    try:
        # Nothing may be drawn before the terminal is ours again.
        with app.suspend(), app.batch_update(), _keys_left_alone():
            task = asyncio.ensure_future(asyncio.to_thread(work))
            # Textual does not come back if anything is raised in here.
            await asyncio.wait([task])
    except SuspendNotSupported:
        raise ProgramError(
            "This terminal cannot make room for another program."
        ) from None
    return task.result()


@contextlib.contextmanager
def _keys_left_alone() -> Iterator[None]:
    """ctrl+c is for the program that has the terminal; it must not end this one."""
    numbers = [getattr(signal, name) for name in _KEYS if hasattr(signal, name)]
    # A handler that does nothing: to ignore a signal would be inherited.
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _drop_pending_keys() -> None:
    if os.name != "posix" or sys.__stdin__ is None:
        return
    import termios

    with contextlib.suppress(termios.error, OSError, ValueError):
        termios.tcflush(sys.__stdin__.fileno(), termios.TCIFLUSH)
