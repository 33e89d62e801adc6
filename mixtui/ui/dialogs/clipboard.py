"""Copy to the clipboard of the user's terminal, also over SSH and in multiplexers.

A terminal sets its clipboard when it reads an escape sequence with the text in base64,
OSC 52 of xterm. It never answers, so the message afterwards names the route only.
"""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct
from textual.app import App

from mixtui.document.document import Document, Language
from mixtui.document.json_layout import IndentedJson
from mixtui.document.json_path import OutlineStep, jq_path, path, value_text
from mixtui.model.redaction import Redactor
from mixtui.text import pluralise, size
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.dialogs.saving import save, save_text, suggest_file_name
from mixtui.ui.widgets.screen import CommandScreen

LIMIT = 75_000
"""Bytes of text. As base64 that is 100,000: xterm and hterm take no more for certain, and
what is too much is dropped silently (by tmux from 1 MiB on)."""
_SCREEN_STRING = 252
"""Bytes; the oldest releases of GNU screen pass on strings of up to 256."""
_TMUX_SECONDS = 2.0


class Copied(Struct, frozen=True):
    """A text was sent to the clipboard."""

    sentence: str


class TooBig(Struct, frozen=True):
    """A text that a terminal would drop; nothing was copied."""

    size: int
    """Bytes."""


async def copy(
    app: App[Any], text: str, what: str, variables: Mapping[str, str] = os.environ
) -> Copied | TooBig:
    """Copy a text to the terminal's clipboard.

    Args:
        app: Writes to the terminal.
        text: What a paste is to give.
        what: Begins the sentence: “Value of .a.b”.
        variables: Tell what lies between the app and the terminal.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > LIMIT:
        return TooBig(len(data))
    route = await _write_to_clipboard(app, data, variables)
    return Copied(f"{what} copied ({pluralise(len(text), 'character')}, {route}).")


async def _write_to_clipboard(
    app: App[Any], data: bytes, variables: Mapping[str, str]
) -> str:
    """Send the text to the clipboard; return the route, for a sentence."""
    # What is pasted with ctrl+v inside the app.
    app._clipboard = data.decode()
    inside_tmux = bool(variables.get("TMUX"))
    if inside_tmux and await asyncio.to_thread(_load_tmux_buffer, data):
        return "via tmux, OSC 52"
    sequence = osc_52(data)
    inside_screen = bool(variables.get("STY")) and not inside_tmux
    if app._driver is not None:
        app._driver.write(wrap_for_screen(sequence) if inside_screen else sequence)
    if inside_screen:
        return "via GNU screen, OSC 52"
    if inside_tmux or variables.get("TERM", "").startswith(("tmux", "screen")):
        return "via OSC 52; tmux forwards it only with “set -g set-clipboard on”"
    return "via OSC 52"


def osc_52(data: bytes) -> str:
    """Return the sequence that puts bytes into the terminal's clipboard."""
    return f"\x1b]52;c;{base64.b64encode(data).decode()}\a"


def wrap_for_screen(sequence: str) -> str:
    """Wrap a sequence so that GNU screen passes it on to its terminal, in pieces."""
    starts = range(0, len(sequence), _SCREEN_STRING)
    return "".join(
        f"\x1bP{sequence[index : index + _SCREEN_STRING]}\x1b\\" for index in starts
    )


def _load_tmux_buffer(data: bytes) -> bool:
    """Let tmux set the terminal's clipboard; return False if it cannot (before 3.2).

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


_MAX_PATH = 60
"""Characters of a path in a sentence."""
_BRACKETS = (b"{", b"[", b"}", b"]")
Chunks = Callable[[], Iterator[bytes]]


async def copy_value(
    screen: CommandScreen, document: Document, line: int, name: str, redactor: Redactor
) -> None:
    """Copy the value on a line; where there is none, the line.

    Args:
        screen: Asks, and notifies of the result.
        document: What the line is in.
        line: From 0.
        name: Of the request; suggests the name of a file.
        redactor: Masks the secrets that the request was sent with.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    layout = document.layout
    if not isinstance(layout, IndentedJson) or line >= layout.formatted_lines:
        await copy_line(screen, document, line, name, redactor)
        return
    steps, value = await asyncio.to_thread(
        lambda: (path(layout, line), value_text(layout, line))
    )
    if steps is None or value is None:
        screen.notify_text(
            "Nothing copied: the value is still being received.", severity="warning"
        )
        return
    what = f"Value of {redactor.excerpt(jq_path(steps), _MAX_PATH)}"

    def chunks() -> Iterator[bytes]:
        return value_text(layout, line) or iter(())

    ending = ".json" if layout.raw(line).rstrip(b",").endswith(_BRACKETS) else ".txt"
    await _copy_or_save(screen, chunks, what, suggest_file_name(name, ending), redactor)


async def copy_path(
    screen: CommandScreen, steps: Sequence[OutlineStep], redactor: Redactor
) -> None:
    """Copy the path of a value in jq's notation."""
    text = jq_path(steps)
    await _copy_or_save(
        screen,
        lambda: iter([text.encode("utf-8", "replace")]),
        f"Path {redactor.excerpt(text, _MAX_PATH)}",
        "path.txt",
        redactor,
    )


async def copy_line(
    screen: CommandScreen, document: Document, line: int, name: str, redactor: Redactor
) -> None:
    """Copy a line as it is, without its line end.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    await _copy_or_save(
        screen,
        lambda: iter([document.raw(line)]),
        f"Line {line + 1:,}",
        suggest_file_name(name, ".txt"),
        redactor,
    )


async def copy_body(
    screen: CommandScreen, document: Document, name: str, redactor: Redactor
) -> None:
    """Copy the complete body, raw; of one still being received, what there is now.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    source = document.source
    length = source.size
    what = "Body" if document.complete else "Partial body"
    if document.language is Language.HEX:
        question = "The body is binary and cannot be copied to the clipboard. Save it to a file?"
    elif length > LIMIT:
        question = _question(what, size(length))
    else:
        data = await asyncio.to_thread(source.read, 0, length)
        await _copy_data(screen, data, what, redactor)
        return
    if await _confirm_file(screen, question):
        await save(screen, document, name)


async def copy_pieces(
    screen: CommandScreen,
    pieces: Iterable[str],
    what: str,
    suggestion: str,
    redactor: Redactor,
) -> None:
    """Copy a text that comes in pieces; what is too big goes into a file.

    Args:
        screen: Asks, and notifies of the result.
        pieces: Read once, in a thread.
        what: Begins the sentence: “Row as TSV”.
        suggestion: The name of a file.
        redactor: Masks secrets.

    Raises:
        StorageError: It was too big, and could not be saved either.
    """
    rest = (piece.encode("utf-8", "replace") for piece in pieces)
    head: list[bytes] = []

    def read_head() -> int:
        length = 0
        for piece in rest:
            head.append(piece)
            length += len(piece)
            if length > LIMIT:
                break
        return length

    length = await asyncio.to_thread(read_head)
    if length <= LIMIT:
        await _copy_data(screen, b"".join(head), what, redactor)
    elif await _confirm_file(screen, _question(what, f"more than {size(LIMIT)}")):
        await save_text(screen, chain(head, rest), suggestion)


async def _copy_or_save(
    screen: CommandScreen,
    chunks: Chunks,
    what: str,
    suggestion: str,
    redactor: Redactor,
) -> None:
    data = await asyncio.to_thread(_read_up_to, chunks, LIMIT)
    if data is not None:
        await _copy_data(screen, data, what, redactor)
    elif await _confirm_file(screen, _question(what, f"more than {size(LIMIT)}")):
        await save_text(screen, chunks(), suggestion)


def _read_up_to(chunks: Chunks, limit: int) -> bytes | None:
    """Return all bytes; None = there are more than the limit."""
    data = bytearray()
    for chunk in chunks():
        data += chunk
        if len(data) > limit:
            return None
    return bytes(data)


async def _copy_data(
    screen: CommandScreen, data: bytes, what: str, redactor: Redactor
) -> None:
    text = redactor.redact(data.decode("utf-8", "replace"))
    result = await copy(screen.app, text, what)
    if isinstance(result, Copied):
        screen.notify_text(result.sentence)
        return
    # Replacement characters are longer than the bytes that are not UTF-8.
    screen.notify_text(
        f"{what} not copied: {size(result.size)} exceeds the clipboard limit of "
        f"{size(LIMIT)}.",
        severity="warning",
    )


def _question(what: str, length: str) -> str:
    return (
        f"{what} ({length}) exceeds the terminal clipboard limit of {size(LIMIT)}. "
        "Save it to a file?"
    )


async def _confirm_file(screen: CommandScreen, question: str) -> bool:
    answer = await screen.app.push_screen_wait(
        ConfirmDialog(question, yes="Save…", no="Cancel", title="Too big to copy")
    )
    return bool(answer)
