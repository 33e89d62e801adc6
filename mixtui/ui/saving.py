"""Saving a body, or a text made from it, in a file that the person names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from mixtui.core.document import Document
from mixtui.core.hex_lines import HexLines
from mixtui.core.laid_out import file_suffix, is_reformatted, text_chunks
from mixtui.core.words import size
from mixtui.storage import save_body as files
from mixtui.storage.names import slug
from mixtui.ui.acting_screen import CommandScreen
from mixtui.ui.save_dialog import SaveAnswer, SaveDialog

_BIG = 50_000_000
"""Bytes; the person is told that saving has begun."""
Cancelled = Callable[[], bool]
Progress = Callable[[int], None]


def suggested(name: str, ending: str) -> str:
    """A file name for the answer to a request: ``weekly-signups.json``."""
    return f"{slug(name) if name.strip() else 'answer'}{ending}"


async def save(screen: CommandScreen, document: Document, name: str) -> None:
    """Ask for a path and save the body there, as it came or as it is shown.

    Args:
        screen: Asks, and tells what became of it.
        document: The body; of one still coming, what there is now.
        name: Of the request.

    Raises:
        StorageError: It could not be saved.
    """
    shown = ""
    if is_reformatted(document):
        shown = "hexadecimal" if isinstance(document.layout, HexLines) else "indented"
    suggestion = suggested(name, file_suffix(document, as_shown=False))
    dialog = SaveDialog(suggestion, shown=shown, title="Save the body")
    answer = await screen.app.push_screen_wait(dialog)
    if answer is None:
        return
    form = f", as shown ({shown})" if answer.as_shown else ""
    if not document.complete:
        form += "; the body was still coming"
    if document.source.size >= _BIG:
        screen.notify_text(f"Saving {size(document.source.size)} …")

    def write(progress: Progress, cancelled: Cancelled) -> bool:
        if answer.as_shown:
            return files.save_text(
                text_chunks(document),
                answer.path,
                overwrite=answer.overwrite,
                progress=progress,
                cancelled=cancelled,
            )
        return files.save_body(
            document.source,
            answer.path,
            overwrite=answer.overwrite,
            progress=progress,
            cancelled=cancelled,
        )

    await _write(screen, answer, write, form)


async def save_text(
    screen: CommandScreen, text: Iterable[bytes], suggestion: str, title: str = "Save"
) -> None:
    """Ask for a path and save a text there that comes piece by piece.

    Args:
        screen: Asks, and tells what became of it.
        text: Gone through in a thread, once.
        suggestion: The name of the file.
        title: Of the question.

    Raises:
        StorageError: It could not be saved.
    """
    answer = await screen.app.push_screen_wait(SaveDialog(suggestion, title=title))
    if answer is None:
        return

    def write(progress: Progress, cancelled: Cancelled) -> bool:
        return files.save_text(
            text,
            answer.path,
            overwrite=answer.overwrite,
            progress=progress,
            cancelled=cancelled,
        )

    await _write(screen, answer, write)


async def _write(
    screen: CommandScreen,
    answer: SaveAnswer,
    write: Callable[[Progress, Cancelled], bool],
    form: str = "",
) -> None:
    """Write in a thread, which ends when nobody waits for it any more."""
    wanted = True
    written = 0

    def progress(count: int) -> None:
        nonlocal written
        written = count

    try:
        await asyncio.to_thread(write, progress, lambda: not wanted)
    finally:
        wanted = False
    screen.notify_text(f"Saved: {answer.path}, {size(written)}{form}.")
