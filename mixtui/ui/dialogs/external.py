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

from mixtui.document.document import Document
from mixtui.document.text import (
    file_of,
    file_suffix,
    is_harmless,
    is_reformatted,
    sanitize_for_pager,
    text_chunks,
)
from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import MixtuiError
from mixtui.text import size
from mixtui.ui.widgets.screen import CommandScreen

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


_SUFFIXES = {
    BodyType.JSON: ".json",
    BodyType.NDJSON: ".ndjson",
    BodyType.FORM: ".txt",
    BodyType.CSV: ".csv",
    BodyType.TEXT: ".txt",
}
EditorError = ProgramError


def editor_command(variables: Mapping[str, str] = os.environ) -> list[str]:
    """$VISUAL, else $EDITOR, as a command.

    Raises:
        EditorError: Neither is set, or it is not a command.
    """
    command = command_in(("VISUAL", "EDITOR"), variables)
    if command is None:
        raise EditorError("No editor is set: put your editor's name in $EDITOR.")
    return command


def edit(body: Body, command: list[str]) -> Body:
    """Let the person edit a body; blocking, and it takes over the terminal.

    The text is in a private file (0600) for as long as that takes. If the editor
    fails, what it wrote is kept all the same.

    Raises:
        EditorError: The editor cannot be started, or what it wrote is not text.
    """
    with private_folder() as folder:
        path = folder / f"body{_SUFFIXES.get(body.type, '.txt')}"
        write_private(path, [body.text.encode("utf-8")])
        run(command, path, "The editor")
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            raise EditorError("What the editor wrote is not UTF-8 text.") from None
    # Editors end a file with a line feed that nobody typed.
    if text.endswith("\n") and not body.text.endswith("\n"):
        text = text[:-1]
    return Body(body.type, text, body.path)


_PAGER = ["less", "-S", "-+r", "-+R"]
"""Long lines are not folded, and escape sequences are shown, whatever $LESS says."""
_SECURE = {"LESSSECURE": "1"}
"""A body is a stranger's text: less starts no editor, shell or filter for it."""
_READ_ONLY = 0o400
_BIG = 50_000_000
"""Bytes; the person is told why nothing happens yet."""


def pager_command(variables: Mapping[str, str] = os.environ) -> list[str]:
    """$PAGER as a command, else less.

    Raises:
        ProgramError: $PAGER is not a command.
    """
    return command_in(("PAGER",), variables) or _PAGER


async def page(screen: CommandScreen, document: Document) -> None:
    """Open a document as it is shown in $PAGER.

    Raises:
        ProgramError: The pager cannot be started, or there is no room for a copy.
    """
    command = pager_command()
    _tell_when_big(screen, document)
    with private_folder(file_of(document.source)) as folder:
        path = _name_in(folder, document)
        await asyncio.to_thread(_for_pager, document, path)
        await in_terminal(screen.app, lambda: run(command, path, "The pager", _SECURE))


async def open_copy(screen: CommandScreen, document: Document) -> None:
    """Open a copy of a document as it is shown in $VISUAL or $EDITOR, to be read.

    Raises:
        ProgramError: The editor cannot be started, or there is no room for a copy.
    """
    command = editor_command()
    _tell_when_big(screen, document)
    with private_folder(file_of(document.source)) as folder:
        path = _name_in(folder, document)
        text = text_chunks(document)
        await asyncio.to_thread(write_private, path, text, mode=_READ_ONLY)
        await in_terminal(screen.app, lambda: run(command, path, "The editor"))


def _name_in(folder: Path, document: Document) -> Path:
    return folder / f"answer{file_suffix(document, as_shown=True)}"


def _tell_when_big(screen: CommandScreen, document: Document) -> None:
    if document.source.size >= _BIG:
        screen.notify_text(f"Getting {size(document.source.size)} ready …")


def _for_pager(document: Document, path: Path) -> None:
    """Give the document a file of that name; takes its time for a big one."""
    if not _linked(document, path):
        write_private(path, sanitize_for_pager(text_chunks(document)))


def _linked(document: Document, path: Path) -> bool:
    """Whether the body's own file could be given that name, too."""
    file = file_of(document.source)
    if file is None or is_reformatted(document):
        return False
    with contextlib.suppress(OSError):
        if is_harmless(document.source):
            os.link(file, path)
            return True
    return False
