from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from mixtui.storage.collection import Collection

# A busy machine must not fail a test.
settings.register_profile("patient", deadline=None, max_examples=60)
settings.load_profile("patient")


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection(tmp_path / "collection", trash=tmp_path / "state" / "trash")
