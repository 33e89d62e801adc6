from __future__ import annotations

from pathlib import Path

import pytest

from mixtui.storage.collection import Collection


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "collection", trash=tmp_path / "state" / "trash")
