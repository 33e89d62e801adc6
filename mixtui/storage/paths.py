"""Find mixtui's folders and the collection to open, and make valid file names."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Container, Mapping
from pathlib import Path

from mixtui import folders
from mixtui.folders import COLLECTION_FILE as COLLECTION_FILE
from mixtui.model.errors import StorageError
from mixtui.patterns import compile_late
from mixtui.text import sanitize

COLLECTION_MARKER = (
    "# This folder is a mixtui collection: a saved request in each .toml file.\n"
)
"""What that file holds at first."""
ENVIRONMENTS_FILE = "environments.toml"
CREDENTIALS_FILE = "credentials.toml"
SETTINGS_FILE = "config.toml"
NO_HOME = Path(folders.NO_HOME)
"""Stands for the home folder where there is none."""
BODIES = "bodies"
"""In the state folder: the bodies of responses, a file each; private."""
SUFFIX = ".toml"
_MAX_SLUG_LENGTH = 60
"""Characters of a file name made from a request's name."""
_MAX_SHOWN = 40
"""Characters of a name in an error."""
_MAX_NAME_BYTES = 240
"""Bytes of any name, with room below the usual 255 for ``.toml`` and ``-2``."""
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_RESERVED_NAMES = {"con", "prn", "aux", "nul"} | {
    f"{device}{digit}" for device in ("com", "lpt") for digit in range(1, 10)
}
# Of the surrogates, only bytes that are not UTF-8 (PEP 383) can be in a name.
_FORBIDDEN_CHARACTERS = compile_late(
    r'[/\\<>:"|?*\x00-\x1f\x7f\ud800-\udc7f\udd00-\udfff]'
)


def config_dir() -> Path:
    """Return the folder of config.toml, environments.toml and credentials.toml."""
    return Path(folders.base_folder("config"))


def data_dir() -> Path:
    """Return the folder of the collection that opens when none is named."""
    return Path(folders.base_folder("data"))


def state_dir() -> Path:
    """Return the private folder of the app's state."""
    return Path(folders.base_folder("state"))


def short_path(path: Path | str) -> str:
    """Return a path with ``~`` for the home folder, for people to read."""
    home, text = os.path.expanduser("~"), str(path)
    return f"~{text[len(home) :]}" if f"{text}/".startswith(f"{home}/") else text


def private_folder(path: Path) -> Path:
    """Create a folder that only its owner can enter (0700), and return its path.

    Folders above it that do not exist are created in the same way, as the XDG
    specification asks.

    Raises:
        StorageError: It cannot be created or made private.
    """
    try:
        _create_private(path)
        mode = path.stat().st_mode
        if os.name == "posix" and mode & 0o077:
            path.chmod(mode & 0o700)  # One that its owner made read-only stays it.
    except OSError as error:
        raise StorageError(
            path, f"The private folder {path} cannot be created: {error.strerror}."
        ) from None
    return path


def _create_private(path: Path) -> None:
    # mkdir(parents=True) would create those above it with the usual mode.
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        if path.parent == path:
            raise
        _create_private(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


def find_collection(
    option: Path | None, cwd: Path, variables: Mapping[str, str]
) -> Path:
    """Return the root of the collection to open, as `folders.collection_root` does.

    Raises:
        StorageError: A folder that was named does not exist.
    """
    named = None if option is None else str(option)
    try:
        return Path(folders.collection_root(named, str(cwd), variables))
    except folders.NoFolder as error:
        folder, sentence = error.args
        raise StorageError(Path(folder), sentence) from None


def enclosing_collection(folder: Path) -> Path | None:
    """Return the nearest of a folder and its parents with a mixtui.toml, or None."""
    root = folders.enclosing_collection(str(folder))
    return None if root is None else Path(root)


def slug(name: str) -> str:
    """Return a file name, without ``.toml``, for a request of that name.

    Lower-case letters and digits of any script, joined by hyphens; never empty.
    """
    text = unicodedata.normalize("NFC", name).lower()
    letters = "".join(c if _is_letter(c) else "-" for c in text)
    parts = [word for word in letters.split("-") if word]
    short = "-".join(parts)[:_MAX_SLUG_LENGTH]
    while len(short.encode("utf-8", "replace")) > _MAX_NAME_BYTES - 40:
        short = short[:-1]
    short = short.strip("-") or "request"
    # mixtui.toml is not a request, con.toml cannot exist on Windows.
    return f"{short}-request" if short in _RESERVED_NAMES | {"mixtui"} else short


def _is_letter(character: str) -> bool:
    # Marks (category M) belong to the letters of many scripts.
    return character.isalnum() or unicodedata.category(character).startswith("M")


def unique_name(stem: str, used: Container[str]) -> str:
    """Return the first of `stem`, stem-2, stem-3, … that is unused.

    Args:
        stem: The name wanted.
        used: Names in use, folded by `fold_name`.
    """
    candidate, number = stem, 1
    while fold_name(candidate) in used:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def fold_name(name: str) -> str:
    """Return the same text for names that some file system treats as equal."""
    return unicodedata.normalize("NFC", name).casefold()


def display_name(name: str) -> str:
    """Return a name safe to show: what a terminal would act on, and what changes the
    order of other characters, becomes visible.
    """
    return sanitize(name)


def validate_name(name: str, folder: Path) -> str:
    """Return a name that a file or folder in `folder` can have.

    Raises:
        StorageError: No system, or not every one, allows it.
    """
    name = unicodedata.normalize("NFC", name.strip())
    reason = _name_problem(name)
    if reason:
        raise StorageError(
            folder,
            f"“{_excerpt(name)}” is not a valid name for a file or folder: {reason}.",
        )
    return name


def _excerpt(name: str) -> str:
    shown = display_name(name[:_MAX_SHOWN])
    return shown if len(name) <= _MAX_SHOWN else f"{shown}…"


def _name_problem(name: str) -> str:
    if not name:
        return "it is empty"
    if name in (".", "..") or "/" in name or "\\" in name:
        return "it would refer to another folder"
    if match := _FORBIDDEN_CHARACTERS.search(name):
        character = match.group()
        shown = character if character.isprintable() else "a control character"
        return f"it contains {shown}, which some systems do not allow"
    if name.startswith("."):
        return "it starts with a dot and would be hidden"
    if name.endswith("."):
        return "it ends with a dot, which some systems do not allow"
    if name.split(".")[0].lower() in _RESERVED_NAMES:
        return "Windows reserves it for a device"
    if fold_name(name).removesuffix(SUFFIX) == "mixtui":
        return "mixtui reserves it for the collection itself"
    if len(os.fsencode(name)) > _MAX_NAME_BYTES:
        return "it is too long"
    return ""
