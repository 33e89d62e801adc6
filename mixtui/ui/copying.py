"""Copying parts of an answer to the clipboard; what is too big for it, into a file."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from mixtui.core.document import Document
from mixtui.core.jq_path import jq_path
from mixtui.core.json_layout import IndentedJson
from mixtui.core.json_outline import OutlineStep, path
from mixtui.core.language import Language
from mixtui.core.value_text import value_text
from mixtui.core.visible import sanitize_excerpt
from mixtui.core.words import size
from mixtui.ui.acting_screen import CommandScreen
from mixtui.ui.clipboard import LIMIT, Copied, copy
from mixtui.ui.dialogs import ConfirmDialog
from mixtui.ui.saving import save, save_text, suggested

_PATH = 60
"""Characters of a path that a sentence names."""
_BRACKETS = (b"{", b"[", b"}", b"]")
Chunks = Callable[[], Iterator[bytes]]


async def copy_value(
    screen: CommandScreen, document: Document, line: int, name: str
) -> None:
    """Copy the value on a line; where there is none, the line.

    Args:
        screen: Asks, and tells what became of it.
        document: What the line is in.
        line: From 0.
        name: Of the request, for the name of a file.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    layout = document.layout
    if not isinstance(layout, IndentedJson) or line >= layout.laid_out:
        await copy_line(screen, document, line, name)
        return
    steps, value = await asyncio.to_thread(
        lambda: (path(layout, line), value_text(layout, line))
    )
    if steps is None or value is None:
        screen.notify_text(
            "This value has no end yet: nothing was copied.", severity="warning"
        )
        return
    what = f"The value of {sanitize_excerpt(jq_path(steps), _PATH)}"

    def again() -> Iterator[bytes]:
        return value_text(layout, line) or iter(())

    ending = ".json" if layout.raw(line).rstrip(b",").endswith(_BRACKETS) else ".txt"
    await _copy(screen, again, what, suggested(name, ending))


async def copy_path(screen: CommandScreen, steps: Sequence[OutlineStep]) -> None:
    """Copy the path of a value as the jq language writes it."""
    text = jq_path(steps)
    await _copy(
        screen,
        lambda: iter([text.encode("utf-8", "replace")]),
        f"The path {sanitize_excerpt(text, _PATH)}",
        "path.txt",
    )


async def copy_line(
    screen: CommandScreen, document: Document, line: int, name: str
) -> None:
    """Copy a line as it is, without its line end.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    await _copy(
        screen,
        lambda: iter([document.raw(line)]),
        f"Line {line + 1:,}",
        suggested(name, ".txt"),
    )


async def copy_body(screen: CommandScreen, document: Document, name: str) -> None:
    """Copy the whole body as it came; of one still coming, what there is now.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    source = document.source
    length = source.size
    what = "The body" if document.complete else "The body as far as it has come"
    if document.language is Language.HEX:
        question = "The body is not text, which is all a clipboard takes: save it?"
    elif length > LIMIT:
        question = _question(what, size(length))
    else:
        data = await asyncio.to_thread(source.read, 0, length)
        await _tell_copied(screen, data, what)
        return
    if await _wants_file(screen, question):
        await save(screen, document, name)


async def copy_pieces(
    screen: CommandScreen, pieces: Iterable[str], what: str, suggestion: str
) -> None:
    """Copy a text that comes in pieces; what is too big goes into a file.

    Args:
        screen: Asks, and tells what became of it.
        pieces: Gone through once, in a thread.
        what: Begins the sentence: «The row as TSV».
        suggestion: The name of a file.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    rest = (piece.encode("utf-8", "replace") for piece in pieces)
    begun: list[bytes] = []

    def begin() -> int:
        length = 0
        for piece in rest:
            begun.append(piece)
            length += len(piece)
            if length > LIMIT:
                break
        return length

    length = await asyncio.to_thread(begin)
    if length <= LIMIT:
        await _tell_copied(screen, b"".join(begun), what)
    elif await _wants_file(screen, _question(what, f"more than {size(LIMIT)}")):
        await save_text(screen, chain(begun, rest), suggestion)


async def _copy(
    screen: CommandScreen, chunks: Chunks, what: str, suggestion: str
) -> None:
    data = await asyncio.to_thread(_up_to, chunks, LIMIT)
    if data is not None:
        await _tell_copied(screen, data, what)
    elif await _wants_file(screen, _question(what, f"more than {size(LIMIT)}")):
        await save_text(screen, chunks(), suggestion)


def _up_to(chunks: Chunks, limit: int) -> bytes | None:
    """All of it; None = it is longer than that."""
    data = bytearray()
    for chunk in chunks():
        data += chunk
        if len(data) > limit:
            return None
    return bytes(data)


async def _tell_copied(screen: CommandScreen, data: bytes, what: str) -> None:
    result = await copy(screen.app, data.decode("utf-8", "replace"), what)
    if isinstance(result, Copied):
        screen.notify_text(result.sentence)
        return
    # Marks for bytes that are not UTF-8 are longer than those.
    screen.notify_text(
        f"{what} is {size(result.size)}, too much for a terminal's clipboard "
        f"({size(LIMIT)}): nothing was copied.",
        severity="warning",
    )


def _question(what: str, length: str) -> str:
    return (
        f"{what} is {length}. A terminal's clipboard takes {size(LIMIT)} at most: "
        "save it in a file?"
    )


async def _wants_file(screen: CommandScreen, question: str) -> bool:
    answer = await screen.app.push_screen_wait(
        ConfirmDialog(question, yes="Save it", no="Leave it", title="Too big to copy")
    )
    return bool(answer)
