"""The clipboard of the person's own terminal, also over SSH and inside multiplexers.

A terminal sets its clipboard when it reads an escape sequence with the text in base64,
OSC 52 of xterm. It never answers, so what is said afterwards is which way the text went.
"""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from textual.app import App

from mixtui.core.words import pluralise

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
    return "".join(f"\x1bP{sequence[at : at + _SCREEN_PIECE]}\x1b\\" for at in starts)


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
