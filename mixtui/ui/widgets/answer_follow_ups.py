"""The keys of the response that do something next with its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from mixtui.core.document import Document

_REFUSED = re.compile(r"\.failed_records\[(\d+)\]")


class Refused:
    """Which refused record comes next, when none is pointed at."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._next = 0

    def choose(
        self, document: Document, count: int, index: int | None, cursor: int | None
    ) -> int:
        """The place of a record in ``failed_records``.

        Args:
            document: The answer.
            count: How many there are.
            index: The one asked for.
            cursor: The one under the cursor.
        """
        if document is not self._document:
            self._document, self._next = document, 0
        pointed = index if index is not None else cursor
        chosen = (self._next if pointed is None else pointed) % count
        self._next = chosen + 1
        return chosen


class AnswerFollowUps(Widget):
    """Mix into the pane that shows an answer: it asks the screen to do these."""

    @dataclass
    class FollowUpRequested(Message):
        """Something is to be done next with the answer."""

        action: str
        """One of `FOLLOW_UPS`."""
        index: int | None = None
        """Of a refused record."""

    def __init__(self, *children: Widget, id: str | None = None) -> None:
        super().__init__(*children, id=id)
        self.refused = Refused()

    def action_refused_record(self) -> None:
        """Go to a refused record in the request's body."""
        self.post_message(self.FollowUpRequested("refused_record"))

    def action_other_region(self) -> None:
        """Send the same read to another region."""
        self.post_message(self.FollowUpRequested("other_region"))

    def action_next_page(self) -> None:
        """Ask for the next page."""
        self.post_message(self.FollowUpRequested("next_page"))

    def action_all_pages(self) -> None:
        """Collect all pages in a file."""
        self.post_message(self.FollowUpRequested("all_pages"))

    def goes_to_refused(self, path: str) -> bool:
        """Go to a refused record, if that is what stands at a path of the answer."""
        found = _REFUSED.fullmatch(path)
        if found is not None:
            number = int(found[1])
            self.post_message(self.FollowUpRequested("refused_record", number))
        return found is not None
