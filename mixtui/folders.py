"""The working folder, mixtui's own folders and the collection to open, as texts.

What every command needs first, so it imports next to nothing: pathlib alone takes a fifth
of the time of ``mixtui --help``. `mixtui.system` and `mixtui.storage.paths` have the same as
paths.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Mapping

COLLECTION_FILE = "mixtui.toml"
"""Marks the root of a collection; may hold environments without secrets."""
NO_HOME = os.path.join(os.devnull, "HOME-is-not-set")
"""Stands for the home folder where there is none: nothing in it can be read or created, and
every error names the remedy.
"""


class NoFolder(Exception):
    """A folder that was named is none; the arguments are the folder and a sentence."""


_working_folder: str | None = None
"""Where it was when it was last asked for."""


def working_folder() -> str:
    """Return the working folder, or where it was before another program deleted it.

    So whatever is written there is written, or an error names the folder that is missing.

    Raises:
        FileNotFoundError: It was deleted before this process asked for it.
    """
    global _working_folder
    try:
        _working_folder = os.getcwd()
    except FileNotFoundError:
        if _working_folder is None:
            raise
    return _working_folder


def base_folder(kind: str) -> str:
    """Return mixtui's folder of a kind: ``config``, ``data`` or ``state``."""
    # The XDG variables are honoured on every platform: setting them on macOS is
    # deliberate. A relative one is ignored, as the XDG specification demands.
    folder = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
    if os.path.isabs(folder):
        return os.path.join(folder, "mixtui")
    import platformdirs

    try:
        find = getattr(platformdirs, f"user_{kind}_dir")
        path = str(find("mixtui", appauthor=False))
    except RuntimeError:  # No HOME, and no such user: containers.
        path = ""
    return path if os.path.isabs(path) else os.path.join(NO_HOME, kind)


def collection_root(
    option: str | None, folder: str, variables: Mapping[str, str]
) -> str:
    """Return the root of the collection to open; creates nothing.

    The folder of ``--collection``, else the nearest of `folder` and those above it with a
    mixtui.toml, else ``$MIXTUI_COLLECTION``, else ``collection`` in the data folder,
    which may not exist yet.

    Raises:
        NoFolder: A folder that was named does not exist.
    """
    if option is not None:
        return _existing_folder(option, folder)
    if (root := enclosing_collection(folder)) is not None:
        return root
    if variable := variables.get("MIXTUI_COLLECTION", ""):
        return _existing_folder(variable, folder, " from $MIXTUI_COLLECTION")
    return os.path.join(base_folder("data"), "collection")


def enclosing_collection(folder: str) -> str | None:
    """Return the nearest of a folder and those above it with a mixtui.toml, or None."""
    while not os.path.isfile(os.path.join(folder, COLLECTION_FILE)):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _existing_folder(path: str, start: str, origin: str = "") -> str:
    path = os.path.join(start, os.path.expanduser(path))
    if not os.path.isabs(path):
        path = os.path.join(working_folder(), path)
    folder = os.path.normpath(path)
    if os.path.basename(folder) == COLLECTION_FILE and os.path.isfile(folder):
        return os.path.dirname(folder)
    if os.path.isdir(folder):
        return folder
    if os.path.lexists(folder):
        reason = "is not a folder: use the folder that contains the saved requests"
    else:
        reason = "does not exist: create it, or use another"
    raise NoFolder(folder, f"The folder {folder}{origin} {reason}.")
