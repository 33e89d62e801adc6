"""Find mixtui's folders and the collection to open, and make valid file names."""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Container, Mapping
from pathlib import Path

from mixtui.model.errors import StorageError
from mixtui.patterns import compile_late
from mixtui.system import absolute
from mixtui.text import sanitize

COLLECTION_FILE = "mixtui.toml"
"""Marks the root of a collection; may hold environments without secrets."""
COLLECTION_MARKER = (
    "# This folder is a mixtui collection: a saved request in each .toml file.\n"
)
"""What that file holds at first."""
ENVIRONMENTS_FILE = "environments.toml"
CREDENTIALS_FILE = "credentials.toml"
SETTINGS_FILE = "config.toml"
NO_HOME = Path(os.devnull) / "HOME-is-not-set"
"""Stands for the home folder where there is none: nothing in it can be read or created, and
every error names the remedy.
"""
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
    return _base_folder("XDG_CONFIG_HOME", "user_config_path")


def data_dir() -> Path:
    """Return the folder of the collection that opens when none is named."""
    return _base_folder("XDG_DATA_HOME", "user_data_path")


def state_dir() -> Path:
    """Return the private folder of the app's state."""
    return _base_folder("XDG_STATE_HOME", "user_state_path")


def _base_folder(variable: str, function: str) -> Path:
    # The XDG variables are honoured on every platform: setting them on macOS is
    # deliberate. A relative one is ignored, as the XDG specification demands.
    folder = os.environ.get(variable, "")
    if os.path.isabs(folder):
        return Path(folder) / "mixtui"
    import platformdirs

    with contextlib.suppress(RuntimeError):  # No HOME, and no such user: containers.
        path = Path(getattr(platformdirs, function)("mixtui", appauthor=False))
        if path.is_absolute():
            return path
    return NO_HOME / variable.split("_")[1].lower()


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
    """Return the root of the collection to open; creates nothing.

    The folder of ``--collection``, else the nearest of `cwd` and its parents with a
    mixtui.toml, else ``$MIXTUI_COLLECTION``, else ``collection`` in the data folder,
    which may not exist yet.

    Raises:
        StorageError: A folder that was named does not exist.
    """
    if option is not None:
        return _existing_folder(option, cwd)
    if root := enclosing_collection(cwd):
        return root
    variable = variables.get("MIXTUI_COLLECTION", "")
    if variable:
        return _existing_folder(Path(variable), cwd, "$MIXTUI_COLLECTION")
    return data_dir() / "collection"


def enclosing_collection(folder: Path) -> Path | None:
    """Return the nearest of a folder and its parents with a mixtui.toml, or None."""
    return next(
        (
            each
            for each in (folder, *folder.parents)
            if os.path.isfile(each / COLLECTION_FILE)
        ),
        None,
    )


def _existing_folder(path: Path, cwd: Path, source: str = "") -> Path:
    folder = Path(os.path.normpath(absolute(cwd / os.path.expanduser(path))))
    if folder.name == COLLECTION_FILE and os.path.isfile(folder):
        return folder.parent
    if os.path.isdir(folder):
        return folder
    if os.path.lexists(folder):
        reason = "is not a folder: use the folder that contains the saved requests"
    else:
        reason = "does not exist: create it, or use another"
    origin = f" from {source}" if source else ""
    raise StorageError(folder, f"The folder {folder}{origin} {reason}.")


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
