"""Know the first start, on which a first environment is offered."""

from __future__ import annotations

import os
from pathlib import Path

from mixtui.model.errors import StorageError
from mixtui.storage.paths import ENVIRONMENTS_FILE, private_folder, state_dir

SETUP_OFFERED = "setup-offered"
"""In the state folder: somebody has seen the offer, and left it."""


def is_first_start(config: Path) -> bool:
    """Return whether a first environment is to be offered.

    Args:
        config: The user's config folder. An environments.toml there that has none is
            broken, which is reported, or empty on purpose.
    """
    is_declared = os.path.lexists(config / ENVIRONMENTS_FILE)
    return not is_declared and not (state_dir() / SETUP_OFFERED).exists()


def mark_offered() -> None:
    """Do not offer it again; where that cannot be stored, it is offered again."""
    try:
        (private_folder(state_dir()) / SETUP_OFFERED).touch(mode=0o600)
    except (OSError, StorageError):
        return
