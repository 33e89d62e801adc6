"""Completes the URL with the paths of the catalogue, which is read at the first key."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.worker import Worker

    from mixtui.core.completing import Suggestion
    from mixtui.mixpanel.operations import Operation
    from mixtui.ui.completers import CompletionContext
    from mixtui.ui.widgets.url_field import UrlField


class UrlCompleter:
    """Knows which paths the API of the draft has."""

    def __init__(self, here: CompletionContext) -> None:
        """Nothing is read yet."""
        self._here = here
        self._operations: Sequence[Operation] = ()
        self._reading = False

    def suggestions(self, field: UrlField, typed: str) -> Sequence[Suggestion]:
        """URLs that begin like that; none before the catalogue is there."""
        if not self._operations:
            self._read(field)
        from mixtui.core.path_completing import complete_url

        draft = self._here.draft
        return complete_url(typed, draft.method, draft.api, self._operations)

    def ghost(self, suggestions: Sequence[Suggestion], typed: str) -> str:
        """The one that changes neither method nor API."""
        from mixtui.core.path_completing import url_ghost

        draft = self._here.draft
        return url_ghost(suggestions, typed, draft.method, draft.api)

    def _read(self, field: UrlField) -> None:
        if self._reading:
            return
        self._reading = True

        async def read() -> None:
            from mixtui.mixpanel.operations import operations

            self._operations = await asyncio.to_thread(operations)
            field.suggest()

        # The function itself: a coroutine that is cancelled too soon is warned of.
        _: Worker[None] = field.run_worker(read)
