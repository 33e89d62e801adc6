"""Drafts as a killed run leaves them."""

from __future__ import annotations

import os
from pathlib import Path

from mixtui.model.draft import Draft
from mixtui.storage.drafts import DraftStore

COLLECTION = Path("/collection")


def leave_behind(
    folder: Path,
    draft: Draft,
    opened_from: Path | None,
    collection: Path = COLLECTION,
) -> DraftStore:
    """Store a draft in a run that ends without a word."""
    store = DraftStore(folder)
    store.store(draft, opened_from, collection)
    end_run(store)
    return store


def end_run(store: DraftStore) -> None:
    """Release the lock of a run, as the end of its process does."""
    assert store._run is not None
    assert store._run._file is not None
    os.close(store._run._file)
    store._run = None
