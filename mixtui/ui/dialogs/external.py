"""The user's programs that take over the terminal: an editor, a pager.

They open a private file that is removed when they end.
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
_KEYBOARD_SIGNALS = ("SIGINT", "SIGQUIT")
"""Sent to every program of the terminal by ctrl+c and ctrl+\\."""


class ProgramError(MixtuiError):
    """A program could not be used."""


def command_from(
    names: Sequence[str], variables: Mapping[str, str] = os.environ
) -> list[str] | None:
    """Return the first of some variables that is set, as a command; None = none is.

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
    """Make a folder that only its owner can read (0700); remove it with its content.

    Args:
        beside: Make it beside this file if possible; else where temporary files go.

    Raises:
        ProgramError: It cannot be made.
    """
    try:
        folder_context = _make_folder(beside)
    except OSError as error:
        raise ProgramError(
            f"There is no place for a temporary file: {error.strerror}."
        ) from None
    with folder_context as folder:
        yield Path(folder)


def _make_folder(beside: Path | None) -> tempfile.TemporaryDirectory[str]:
    if beside is not None:
        with contextlib.suppress(OSError):
            return _temporary_folder(beside.parent)
    return _temporary_folder(None)


def _temporary_folder(parent: Path | None) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(
        prefix="mixtui-", dir=parent, ignore_cleanup_errors=True
    )


def write_private_file(
    path: Path, chunks: Iterable[bytes], *, mode: int = 0o600
) -> None:
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
    default_variables: Mapping[str, str] | None = None,
) -> None:
    """Run a program on a file until it ends. Blocks.

    Discard the keys that it has not read: they were not meant for the screen after it.

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
            [*command, str(path)],
            env={**(default_variables or {}), **os.environ},
            check=False,
        )
    except OSError as error:
        raise ProgramError(
            f"{what} {command[0]} cannot be started: {error.strerror}."
        ) from None
    finally:
        _flush_terminal_input()


async def in_terminal(app: App[Any], work: Callable[[], R]) -> R:
    """Do blocking work that has the terminal to itself; responses arrive meanwhile.

    Raises:
        ProgramError: The app cannot be suspended.
        Exception: What the work raised, once the screen is back.
    """
    try:
        # Nothing may be drawn before the terminal is restored.
        with app.suspend(), app.batch_update(), _keyboard_signals_ignored():
            task = asyncio.ensure_future(asyncio.to_thread(work))
            # Textual does not come back if anything is raised in here.
            await asyncio.wait([task])
    except SuspendNotSupported:
        raise ProgramError(
            "This terminal cannot make room for another program."
        ) from None
    return task.result()


@contextlib.contextmanager
def _keyboard_signals_ignored() -> Iterator[None]:
    """Ignore ctrl+c: it is for the program that has the terminal."""
    numbers = [
        getattr(signal, name) for name in _KEYBOARD_SIGNALS if hasattr(signal, name)
    ]
    # A handler that does nothing: the program would inherit an ignored signal.
    before = [signal.signal(number, lambda *_: None) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _flush_terminal_input() -> None:
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
    """Return $VISUAL, else $EDITOR, as a command.

    Raises:
        EditorError: Neither is set, or it is not a command.
    """
    command = command_from(("VISUAL", "EDITOR"), variables)
    if command is None:
        raise EditorError("No editor is set: put your editor's name in $EDITOR.")
    return command


def edit(body: Body, command: list[str]) -> Body:
    """Edit a body in the editor, which takes over the terminal. Blocks.

    The text is in a private file (0600) meanwhile. If the editor fails, what it wrote
    still counts.

    Raises:
        EditorError: The editor cannot be started, or what it wrote is not text.
    """
    with private_folder() as folder:
        path = folder / f"body{_SUFFIXES.get(body.type, '.txt')}"
        write_private_file(path, [body.text.encode("utf-8")])
        run(command, path, "The editor")
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            raise EditorError("What the editor wrote is not UTF-8 text.") from None
    # Editors end a file with a line feed that nobody typed.
    if text.endswith("\n") and not body.text.endswith("\n"):
        text = text[:-1]
    return Body(body.type, text, body.path)


_DEFAULT_PAGER = ["less", "-S", "-+r", "-+R"]
"""Does not wrap long lines, and shows escape sequences, whatever $LESS is."""
_LESS_VARIABLES = {"LESSSECURE": "1"}
"""A body is a stranger's text: less starts no editor, shell or filter for it."""
_READ_ONLY = 0o400
_LARGE = 50_000_000
"""Bytes from which on the preparation is notified."""


def pager_command(variables: Mapping[str, str] = os.environ) -> list[str]:
    """Return $PAGER as a command, else less.

    Raises:
        ProgramError: $PAGER is not a command.
    """
    return command_from(("PAGER",), variables) or _DEFAULT_PAGER


async def page(screen: CommandScreen, document: Document) -> None:
    """Open a document as it is shown in $PAGER.

    Raises:
        ProgramError: The pager cannot be started, or a copy cannot be written.
    """
    command = pager_command()
    _notify_if_large(screen, document)
    with private_folder(file_of(document.source)) as folder:
        path = _copy_path(folder, document)
        await asyncio.to_thread(_prepare_for_pager, document, path)
        await in_terminal(
            screen.app, lambda: run(command, path, "The pager", _LESS_VARIABLES)
        )


async def open_copy(screen: CommandScreen, document: Document) -> None:
    """Open a copy of a document as it is shown in $VISUAL or $EDITOR, to be read.

    Raises:
        ProgramError: The editor cannot be started, or a copy cannot be written.
    """
    command = editor_command()
    _notify_if_large(screen, document)
    with private_folder(file_of(document.source)) as folder:
        path = _copy_path(folder, document)
        text = text_chunks(document)
        await asyncio.to_thread(write_private_file, path, text, mode=_READ_ONLY)
        await in_terminal(screen.app, lambda: run(command, path, "The editor"))


def _copy_path(folder: Path, document: Document) -> Path:
    return folder / f"answer{file_suffix(document, as_shown=True)}"


def _notify_if_large(screen: CommandScreen, document: Document) -> None:
    if document.source.size >= _LARGE:
        screen.notify_text(f"Getting {size(document.source.size)} ready …")


def _prepare_for_pager(document: Document, path: Path) -> None:
    """Make the file of a document for the pager. Blocks; slow if it is large."""
    if not _link_body(document, path):
        write_private_file(path, sanitize_for_pager(text_chunks(document)))


def _link_body(document: Document, path: Path) -> bool:
    """Link the file of the body to a path; return False if that is not possible."""
    file = file_of(document.source)
    if file is None or is_reformatted(document):
        return False
    with contextlib.suppress(OSError):
        if is_harmless(document.source):
            os.link(file, path)
            return True
    return False
