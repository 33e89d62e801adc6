"""Remember between runs how large a person made the panes."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mixtui import jsonbytes
from mixtui.model.errors import StorageError
from mixtui.storage import files
from mixtui.storage.paths import private_folder, state_dir

_FILE = "panes.json"


class PaneSizes(msgspec.Struct, frozen=True):
    """What was chosen; None = as the terminal has room."""

    sidebar: int | None = None
    """Columns."""
    width_share: float | None = None
    """The request's share of the width, side by side with the response."""
    height_share: float | None = None
    """The request's share of the height, above the response."""


def load_pane_sizes(folder: Path | None = None) -> PaneSizes:
    """Return the sizes that were stored last; no size if no file can be read.

    Args:
        folder: None = the state folder.
    """
    try:
        values = jsonbytes.read_file(files.read((folder or state_dir()) / _FILE))
    except (StorageError, jsonbytes.NotJson):
        return PaneSizes()
    if not isinstance(values, dict):
        return PaneSizes()
    sidebar = values.get("sidebar")
    return PaneSizes(
        sidebar if type(sidebar) is int and sidebar > 0 else None,
        _share(values.get("width_share")),
        _share(values.get("height_share")),
    )


def store_pane_sizes(sizes: PaneSizes, folder: Path | None = None) -> None:
    """Store the sizes. Blocks: call it off the event loop.

    Args:
        sizes: What was chosen.
        folder: None = the state folder.

    Raises:
        StorageError: The file cannot be written.
    """
    path = private_folder(folder or state_dir()) / _FILE
    files.write(path, msgspec.json.encode(sizes), mode=0o600)


def _share(value: object) -> float | None:
    return value if isinstance(value, float) and 0 < value < 1 else None
