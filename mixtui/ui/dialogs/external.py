"""The user's programs that take over the terminal: an editor, a pager.

They open a private file that is removed when they end, unless somebody needs it still.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct
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
from mixtui.model.errors import MixtuiError, StorageError
from mixtui.storage import files
from mixtui.temporary import TemporaryFolder
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
                raise ProgramError(f"${name} is not a valid command: {text}") from None
    return None


class PrivateFolder(Struct):
    """A folder that only its owner can read (0700)."""

    path: Path
    is_kept: bool = False
    """Somebody still needs what is in it: it is not removed."""


@contextlib.contextmanager
def text_folder() -> Iterator[PrivateFolder]:
    """Make a folder for a text to edit; remove it, unless it is to be kept.

    It is not swept: an editor may outlive the app, and still write to it.

    Raises:
        ProgramError: It cannot be made.
    """
    try:
        folder = PrivateFolder(Path(tempfile.mkdtemp(prefix="mixtui-")))
    except OSError as error:
        raise _no_place(error) from None
    try:
        yield folder
    finally:
        if not folder.is_kept:
            shutil.rmtree(folder.path, ignore_errors=True)


@contextlib.contextmanager
def copy_folder(beside: Path | None = None) -> Iterator[PrivateFolder]:
    """Make a folder for a copy to read; remove it, unless it is to be kept.

    One that is kept is swept some time after the app has ended.

    Args:
        beside: Make it beside this file if possible; else where temporary files go.

    Raises:
        ProgramError: It cannot be made.
    """
    try:
        temporary = _temporary_folder(beside)
    except OSError as error:
        raise _no_place(error) from None
    folder = PrivateFolder(temporary.path)
    try:
        yield folder
    finally:
        if not folder.is_kept:
            temporary.remove()


def _temporary_folder(beside: Path | None) -> TemporaryFolder:
    if beside is not None:
        with contextlib.suppress(OSError):
            return TemporaryFolder(beside.parent)
    return TemporaryFolder()


def _no_place(error: OSError) -> ProgramError:
    return ProgramError(f"Cannot create a temporary file: {error.strerror}.")


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
            f"Cannot write a temporary file: {error.strerror}."
        ) from None


_AT_ONCE = 1.0
"""Seconds: who edits a text takes longer."""


class Ended(Struct, frozen=True):
    """How a program ended."""

    status: int
    """Its exit status; negative = minus the signal that ended it."""
    seconds: float

    @property
    def is_at_once(self) -> bool:
        """Whether a person can hardly have done anything with it."""
        return self.status == 0 and self.seconds < _AT_ONCE


def run(
    command: Sequence[str],
    path: Path,
    what: str,
    default_variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run a program on a file until it ends, and return how. Blocks.

    Discard the keys that it has not read: they were not meant for the screen after it.

    Args:
        command: The program and its options.
        path: The file, its last argument.
        what: Names it in the error when it cannot be started: “the editor”.
        default_variables: Variables for the program, unless they are set already.

    Raises:
        ProgramError: It cannot be started.
    """
    global _running
    started = time.monotonic()
    modes = _terminal_modes()
    try:
        with subprocess.Popen(
            [*command, str(path)], env={**(default_variables or {}), **os.environ}
        ) as _running:
            status = _running.wait()
    except OSError as error:
        raise ProgramError(
            f"Cannot start {what} {command[0]}: {error.strerror}."
        ) from None
    finally:
        _running = None
        _reset_terminal(modes)
    return Ended(status, time.monotonic() - started)


_running: subprocess.Popen[bytes] | None = None
"""The program that has the terminal; there is one terminal."""


def end_program() -> None:
    """Ask the program that has the terminal to end; it may save what was typed."""
    if (program := _running) is not None:
        program.terminate()


async def in_terminal(app: App[Any], work: Callable[[], R]) -> R:
    """Do blocking work that has the terminal to itself; responses arrive in the meantime.

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
            "This terminal does not support suspending the app."
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


def _terminal_modes() -> list[Any]:
    """Return the modes of the terminal; empty = there is none."""
    if os.name != "posix" or sys.__stdin__ is None:
        return []
    import termios

    try:
        return termios.tcgetattr(sys.__stdin__.fileno())
    except (termios.error, OSError, ValueError):
        return []


def _reset_terminal(modes: list[Any]) -> None:
    """Undo what a program has left: one that was killed may have left raw modes."""
    if not modes or sys.__stdin__ is None:
        return
    import termios

    with contextlib.suppress(termios.error, OSError, ValueError):
        terminal = sys.__stdin__.fileno()
        termios.tcsetattr(terminal, termios.TCSANOW, modes)
        termios.tcflush(terminal, termios.TCIFLUSH)


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
        raise EditorError("No editor configured. Set $EDITOR or $VISUAL.")
    return command


def edit(body: Body, command: list[str]) -> Body:
    """Edit a body in the editor, which takes over the terminal. Blocks.

    Until then, the text is in a private file (0600).

    Raises:
        EditorError: The editor cannot be started, failed, did not wait, or what it
            wrote is not text.
    """
    before = body.text.encode("utf-8")
    with text_folder() as folder:
        path = folder.path / f"body{_SUFFIXES.get(body.type, '.txt')}"
        write_private_file(path, [before])
        ended = run(command, path, "the editor")
        try:
            data = files.read(path)
        except StorageError as error:
            raise EditorError(
                f"Cannot read the edited file, so the body was not changed: {error}"
            ) from None
        if ended.status:
            # An editor that was ended may have left a file to recover the text from.
            folder.is_kept = data != before or len(os.listdir(folder.path)) > 1
            left = path if data != before else folder.path
            kept = f" Your edits are in {left}." if folder.is_kept else ""
            raise EditorError(
                f"The editor exited with status {ended.status}, so the body was "
                f"not changed.{kept}"
            )
        if ended.is_at_once and data == before:
            folder.is_kept = True
            raise EditorError(_did_not_wait(command, path))
        try:
            text = data.decode()
        except UnicodeDecodeError:
            folder.is_kept = True
            raise EditorError(
                f"The edited file is not UTF-8 text, so the body was not changed. Your "
                f"edits are in {path}."
            ) from None
    # Editors add a line feed at the end of a file.
    if text.endswith("\n") and not body.text.endswith("\n"):
        text = text[:-1]
    return Body(body.type, text, body.path)


def _did_not_wait(command: Sequence[str], path: Path) -> str:
    return (
        f"The editor {command[0]} exited immediately. If it opens a window, make it "
        f'wait until the file is closed, for example EDITOR="{command[0]} --wait". '
        f"The file was kept: {path}"
    )


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
    with copy_folder(file_of(document.source)) as folder:
        path = _copy_path(folder.path, document)
        await asyncio.to_thread(_prepare_for_pager, document, path)
        ended = await in_terminal(
            screen.app, lambda: run(command, path, "the pager", _LESS_VARIABLES)
        )
        _check_status("pager", ended)


async def page_file(app: App[Any], path: Path, *, at_end: bool = False) -> None:
    """Open a file of mixtui's own, whose text is harmless, in $PAGER.

    Args:
        app: Makes room for it.
        path: The file.
        at_end: Begin at its end, if the pager is the usual one.

    Raises:
        ProgramError: The pager cannot be started.
    """
    command = pager_command()
    if at_end and command == _DEFAULT_PAGER:
        command = [*command, "+G"]
    ended = await in_terminal(
        app, lambda: run(command, path, "the pager", _LESS_VARIABLES)
    )
    _check_status("pager", ended)


async def open_copy(screen: CommandScreen, document: Document) -> None:
    """Open a copy of a document as it is shown in $VISUAL or $EDITOR, to be read.

    Raises:
        ProgramError: The editor cannot be started, or a copy cannot be written.
    """
    command = editor_command()
    _notify_if_large(screen, document)
    with copy_folder(file_of(document.source)) as folder:
        path = _copy_path(folder.path, document)
        text = text_chunks(document)
        await asyncio.to_thread(write_private_file, path, text, mode=_READ_ONLY)
        ended = await in_terminal(screen.app, lambda: run(command, path, "the editor"))
        if ended.is_at_once:
            folder.is_kept = True
            raise ProgramError(_did_not_wait(command, path))
        _check_status("editor", ended)


def _check_status(program: str, ended: Ended) -> None:
    """Raise ProgramError if a program failed; what it showed may be incomplete."""
    if ended.status:
        raise ProgramError(f"The {program} exited with status {ended.status}.")


def _copy_path(folder: Path, document: Document) -> Path:
    return folder / f"response{file_suffix(document, as_shown=True)}"


def _notify_if_large(screen: CommandScreen, document: Document) -> None:
    if document.source.size >= _LARGE:
        screen.notify_text(f"Preparing {size(document.source.size)}…")


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
