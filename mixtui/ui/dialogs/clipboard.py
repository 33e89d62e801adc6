"""The clipboard of the person's own terminal, also over SSH and inside multiplexers.

A terminal sets its clipboard when it reads an escape sequence with the text in base64,
OSC 52 of xterm. It never answers, so what is said afterwards is which way the text went.
"""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from textual.app import App

from mixtui.document.document import Document, Language
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import OutlineStep, jq_path, path, value_text
from mixtui.text import pluralise, sanitize_excerpt, size
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.dialogs.saving import save, save_text, suggest_file_name
from mixtui.ui.widgets.screen import CommandScreen

LIMIT = 75_000
"""Bytes of text. As base64 that is 100,000: xterm and hterm take no more for certain, and
what is too much is dropped without a word (by tmux from 1 MiB on)."""
_SCREEN_PIECE = 252
"""Of a sequence; GNU screen's oldest releases hand on strings of up to 256 bytes."""
_TMUX_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Copied:
    """A text is on its way to the clipboard."""

    sentence: str


@dataclass(frozen=True, slots=True)
class TooBig:
    """A text that a terminal would drop; nothing was copied."""

    size: int
    """Bytes."""


async def copy(
    app: App[Any], text: str, what: str, variables: Mapping[str, str] = os.environ
) -> Copied | TooBig:
    """Copy a text to the terminal's clipboard.

    Args:
        app: Writes to the terminal.
        text: As it is to be pasted.
        what: Begins the sentence: «The value of .a.b».
        variables: Tell what lies between the app and the terminal.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LIMIT:
        return TooBig(len(data))
    way = await _send(app, data, variables)
    return Copied(f"{what} was copied: {pluralise(len(text), 'character')}, {way}.")


async def _send(app: App[Any], data: bytes, variables: Mapping[str, str]) -> str:
    """Hand the text on; returns by which way, in words."""
    # What is pasted with ctrl+v inside the app.
    app._clipboard = data.decode()
    inside_tmux = bool(variables.get("TMUX"))
    if inside_tmux and await asyncio.to_thread(_load_buffer, data):
        return "through tmux (OSC 52)"
    sequence = osc_52(data)
    inside_screen = bool(variables.get("STY")) and not inside_tmux
    if app._driver is not None:
        app._driver.write(for_screen(sequence) if inside_screen else sequence)
    if inside_screen:
        return "through GNU screen (OSC 52)"
    if inside_tmux or variables.get("TERM", "").startswith(("tmux", "screen")):
        return (
            "through the terminal (OSC 52); "
            "tmux hands it on only after «set -g set-clipboard on»"
        )
    return "through the terminal (OSC 52)"


def osc_52(data: bytes) -> str:
    """The sequence that puts bytes into the terminal's clipboard."""
    return f"\x1b]52;c;{base64.b64encode(data).decode()}\a"


def for_screen(sequence: str) -> str:
    """A sequence that GNU screen hands on to the terminal around it, in pieces."""
    starts = range(0, len(sequence), _SCREEN_PIECE)
    return "".join(
        f"\x1bP{sequence[index : index + _SCREEN_PIECE]}\x1b\\" for index in starts
    )


def _load_buffer(data: bytes) -> bool:
    """Let tmux set the terminal's clipboard; False = it cannot (before 3.2).

    With its own default settings tmux ignores the sequence when it comes from a program
    inside it, but not this.
    """
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],
            input=data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TMUX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


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
    if not isinstance(layout, IndentedJson) or line >= layout.formatted_lines:
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
    await _copy_chunks(screen, again, what, suggest_file_name(name, ending))


async def copy_path(screen: CommandScreen, steps: Sequence[OutlineStep]) -> None:
    """Copy the path of a value as the jq language writes it."""
    text = jq_path(steps)
    await _copy_chunks(
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
    await _copy_chunks(
        screen,
        lambda: iter([document.raw(line)]),
        f"Line {line + 1:,}",
        suggest_file_name(name, ".txt"),
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
        await _copy_data(screen, data, what)
        return
    if await _confirm_file(screen, question):
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
        await _copy_data(screen, b"".join(begun), what)
    elif await _confirm_file(screen, _question(what, f"more than {size(LIMIT)}")):
        await save_text(screen, chain(begun, rest), suggestion)


async def _copy_chunks(
    screen: CommandScreen, chunks: Chunks, what: str, suggestion: str
) -> None:
    data = await asyncio.to_thread(_read_up_to, chunks, LIMIT)
    if data is not None:
        await _copy_data(screen, data, what)
    elif await _confirm_file(screen, _question(what, f"more than {size(LIMIT)}")):
        await save_text(screen, chunks(), suggestion)


def _read_up_to(chunks: Chunks, limit: int) -> bytes | None:
    """All of it; None = it is longer than that."""
    data = bytearray()
    for chunk in chunks():
        data += chunk
        if len(data) > limit:
            return None
    return bytes(data)


async def _copy_data(screen: CommandScreen, data: bytes, what: str) -> None:
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


async def _confirm_file(screen: CommandScreen, question: str) -> bool:
    answer = await screen.app.push_screen_wait(
        ConfirmDialog(question, yes="Save it", no="Leave it", title="Too big to copy")
    )
    return bool(answer)
