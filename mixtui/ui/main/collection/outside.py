"""Follow the file of the open request, whatever other programs do to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.key_names import key_of
from mixtui.model.errors import StorageError
from mixtui.storage.answers import AnswerStore
from mixtui.storage.file_state import (
    FileChanged,
    FileDeleted,
    FileMoved,
    FileState,
    FileUnreadable,
    Unchanged,
    file_state,
)
from mixtui.ui.widgets.screen import SETTLING, run_in_daemon

if TYPE_CHECKING:
    from mixtui.storage.collection import OpenRequest
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost


class OutsideChanges:
    """Shows a newer file if nothing was typed; otherwise marks it, and touches nothing."""

    def __init__(self, host: PaneHost, collection: CollectionController) -> None:
        self._host = host
        self._collection = collection

    def check_soon(self, appeared: Sequence[Path] = ()) -> None:
        """Look at the file in a worker.

        Args:
            appeared: Files of the collection that were not there before.
        """
        check = partial(self._check, appeared)
        self._host.run_worker(check, group="open file", exclusive=True)

    async def _check(self, appeared: Sequence[Path]) -> None:
        collection = self._collection
        while (request := collection.open_request) is not None:
            look = partial(file_state, collection.store, request, appeared)
            state = await run_in_daemon(look)
            if not isinstance(state, Unchanged | FileMoved) and not self._is_adoptable(
                state
            ):
                # It may be half written, or saved by the app at this moment.
                await asyncio.sleep(SETTLING)
                state = await run_in_daemon(look)
            if collection.open_request is not request or collection.is_saving:
                return  # Whoever opened or saved it looks again.
            if not (self._is_adoptable(state) and self._host.is_in_edit):
                self._apply(request, state)
                if isinstance(state, FileMoved):
                    await run_in_daemon(partial(_follow, request.path, state.path))
                return
            # A field or a dialog holds text that the draft does not have yet.
            await asyncio.sleep(SETTLING)

    def _is_adoptable(self, state: FileState) -> bool:
        """Whether the draft and a newer file can be merged without a question."""
        if not isinstance(state, FileChanged):
            return False
        return not self._collection.merge_with(state.request).conflicts

    def _apply(self, request: OpenRequest, state: FileState) -> None:
        collection, name = self._collection, request.path.name
        is_news = state != collection.file_state
        save = key_of("save")
        sentence = ""
        match state:
            case FileMoved(path=path):
                collection.follow_file(path)
                sentence = f"{name} was moved on disk; the request follows it."
            case FileChanged(request=current) if self._is_adoptable(state):
                before, was_unsaved = self._host.draft, collection.unsaved
                collection.show_newer(current)
                if self._host.draft != before:
                    how = "merged with your changes" if was_unsaved else "reloaded"
                    sentence = f"{name} changed on disk: {how}."
            case FileChanged():
                collection.file_state = state
                sentence = (
                    f"{name} changed on disk. Your changes are kept: {save} "
                    "shows the difference and asks which to keep."
                )
            case FileUnreadable(problem=problem):
                collection.file_state = state
                sentence = f"{problem} The open request stays as it is."
            case FileDeleted():
                collection.file_state = state
                sentence = (
                    f"{name} was deleted from disk. The request stays open: {save} "
                    "restores the file."
                )
            case Unchanged():
                collection.file_state = state
        if sentence and is_news:
            self._host.notify_text(sentence)


def _follow(old: Path, new: Path) -> None:
    """Keep what was entered last for the inputs of a request that was moved."""
    with contextlib.suppress(StorageError):
        AnswerStore().follow(old, new)
