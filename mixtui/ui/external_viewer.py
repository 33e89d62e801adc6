"""The answer in the person's own pager or editor.

Both get a private copy that is removed afterwards. Only the pager may get a body that is
in a file already under a second name instead: a copy of gigabytes would take as long as
the export.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from mixtui.core.document import Document
from mixtui.core.laid_out import file_of, file_suffix, is_reformatted, text_chunks
from mixtui.core.pager_text import is_harmless, sanitize_for_pager
from mixtui.core.words import size
from mixtui.ui.acting_screen import CommandScreen
from mixtui.ui.external_editor import editor_command
from mixtui.ui.external_program import (
    command_in,
    in_terminal,
    private_folder,
    run,
    write_private,
)

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
