"""What holds for every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure, and the whole suite should not need a coffee.
settings.register_profile("patient", deadline=None, max_examples=40)
settings.load_profile("patient")

_OURS = ("MP_", "MIXPANEL_", "MIXTUI_")


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test, and no credentials or proxies from outside."""
    home = tmp_path / "own-home"
    for name in list(os.environ):
        if name.startswith(_OURS) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    return home
