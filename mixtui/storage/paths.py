"""Where mixtui keeps its files, and which collection opens."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from mixtui.core.errors import StorageError

COLLECTION_FILE = "mixtui.toml"
"""Marks the root of a collection; may hold environments without secrets."""
ENVIRONMENTS_FILE = "environments.toml"
CREDENTIALS_FILE = "credentials.toml"
SETTINGS_FILE = "config.toml"
BODIES = "bodies"
"""In the state folder: the bodies of answers, a file each; private."""


def config_dir() -> Path:
    """The folder of config.toml, environments.toml and credentials.toml."""
    return _folder("XDG_CONFIG_HOME", "user_config_path")


def data_dir() -> Path:
    """The folder of the collection that opens when none is named."""
    return _folder("XDG_DATA_HOME", "user_data_path")


def state_dir() -> Path:
    """The folder of what the app remembers by itself; private (see `private_folder`)."""
    return _folder("XDG_STATE_HOME", "user_state_path")


def _folder(variable: str, function: str) -> Path:
    # The XDG variables count on every platform: who sets them on macOS means them.
    # A relative one is ignored, as the XDG base directory specification demands.
    named = os.environ.get(variable, "")
    if os.path.isabs(named):
        return Path(named) / "mixtui"
    import platformdirs

    return Path(getattr(platformdirs, function)("mixtui", appauthor=False))


def private_folder(path: Path) -> Path:
    """Make `path` a folder that only its owner can enter (0700), and return it.

    Raises StorageError when it cannot be made or closed to others.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise StorageError(
            path, f"The private folder {path} cannot be made: {error.strerror}."
        ) from None
    return path


def find_collection(
    option: Path | None, cwd: Path, variables: Mapping[str, str]
) -> Path:
    """The root of the collection to open; nothing is created.

    The folder of ``--collection``, else the nearest of `cwd` and its parents with a
    mixtui.toml, else ``$MIXTUI_COLLECTION``, else ``collection`` in the data folder,
    which may not exist yet. Raises StorageError when a folder that was named does not
    exist.
    """
    if option is not None:
        return _named(option, cwd, "--collection")
    for folder in (cwd, *cwd.parents):
        if os.path.isfile(folder / COLLECTION_FILE):
            return folder
    variable = variables.get("MIXTUI_COLLECTION", "")
    if variable:
        return _named(Path(variable), cwd, "$MIXTUI_COLLECTION")
    return data_dir() / "collection"


def _named(path: Path, cwd: Path, what: str) -> Path:
    folder = Path(os.path.abspath(cwd / os.path.expanduser(path)))
    if folder.name == COLLECTION_FILE and os.path.isfile(folder):
        return folder.parent
    if os.path.isdir(folder):
        return folder
    if os.path.lexists(folder):
        reason = "is not a folder: name the folder that holds the saved requests"
    else:
        reason = "does not exist: create it, or name another"
    raise StorageError(folder, f"The folder {folder} of {what} {reason}.")
