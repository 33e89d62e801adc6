"""Names of files and folders that hold on every platform."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Container
from pathlib import Path

from mixtui.core.errors import StorageError

SUFFIX = ".toml"
_LONGEST = 60
"""Characters of a file name made from a request's name."""
_LONGEST_BYTES = 240
"""Bytes of any name, with room below the usual 255 for ``.toml`` and ``-2``."""
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{device}{digit}" for device in ("com", "lpt") for digit in range(1, 10)
}
_FORBIDDEN = re.compile(r'[/\\<>:"|?*\x00-\x1f\x7f]')


def slug(name: str) -> str:
    """A file name, without ``.toml``, for a request of that name.

    Small letters and digits of any script, joined by hyphens; never empty.
    """
    text = unicodedata.normalize("NFC", name).lower()
    kept = "".join(c if _is_letter(c) else "-" for c in text)
    words = [word for word in kept.split("-") if word]
    short = "-".join(words)[:_LONGEST]
    while len(short.encode("utf-8", "replace")) > _LONGEST_BYTES - 40:
        short = short[:-1]
    short = short.strip("-") or "request"
    # mixtui.toml is not a request, con.toml cannot exist on Windows.
    return f"{short}-request" if short in _RESERVED | {"mixtui"} else short


def _is_letter(character: str) -> bool:
    # Marks (category M) belong to the letters of many scripts.
    return character.isalnum() or unicodedata.category(character).startswith("M")


def unique(stem: str, taken: Container[str]) -> str:
    """`stem`, or the first of stem-2, stem-3, … that is not taken (see `fold`)."""
    candidate, number = stem, 1
    while fold(candidate) in taken:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def fold(name: str) -> str:
    """Equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", name).casefold()


def display(name: str) -> str:
    """`name` for the screen: what a terminal would act on is replaced."""
    if name.isprintable():
        return name
    hidden = ("Cc", "Cs", "Zl", "Zp")
    return "".join("�" if unicodedata.category(c) in hidden else c for c in name)


def checked(name: str, folder: Path) -> str:
    """`name` as the name of a file or folder in `folder`, or StorageError."""
    name = unicodedata.normalize("NFC", name.strip())
    reason = _objection(name)
    if reason:
        raise StorageError(
            folder,
            f"“{display(name)}” cannot be the name of a file or folder: {reason}.",
        )
    return name


def _objection(name: str) -> str:
    if not name:
        return "it is empty"
    if name in (".", "..") or "/" in name or "\\" in name:
        return "it would lead to another folder"
    if found := _FORBIDDEN.search(name):
        what = found.group()
        shown = what if what.isprintable() else "a control character"
        return f"it holds {shown}, which not every system allows"
    if name.startswith("."):
        return "it begins with a dot and would be hidden"
    if name.endswith("."):
        return "it ends with a dot, which not every system allows"
    if name.split(".")[0].lower() in _RESERVED:
        return "Windows keeps that name for a device"
    if fold(name).removesuffix(SUFFIX) == "mixtui":
        return "mixtui keeps that name for the collection itself"
    if len(os.fsencode(name)) > _LONGEST_BYTES:
        return "it is too long"
    return ""
