"""The bytes that a terminal sends for a key."""

from __future__ import annotations

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "backspace": "\x7f",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
    "f3": "\x1bOR",
    "f5": "\x1b[15~",
    "f9": "\x1b[20~",
}


def key(name: str) -> str:
    """Return the bytes of a named key ("ctrl+l", "pagedown"), or of any other text."""
    if name.startswith("ctrl+"):
        return chr(ord(name[-1]) - 96)
    return KEYS.get(name, name)


def paste(text: str) -> str:
    """Return a text as a bracketed paste."""
    return f"\x1b[200~{text}\x1b[201~"
