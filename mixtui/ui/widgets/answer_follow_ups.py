"""The keys of the response that do something next with its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget

    from mixtui.core.document import Document

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node.
    _Base = object

_REFUSED = re.compile(r"\.failed_records\[(\d+)\]")


class NextActionsMixin(_Base):
    """Mix into the pane that shows an answer: it asks the screen to do these."""

    @dataclass
    class FollowUpRequested(Message, namespace="response_pane"):
        """Something is to be done next with the answer."""

        action: str
        """One of `FOLLOW_UPS`."""
        index: int | None = None
        """Of a refused record."""

    _refused_of: Document | None = None
    """Whose refused records are gone through."""
    _next_refused = 0

    def choose_refused(self, document: Document, count: int, index: int | None) -> int:
        """The place in ``failed_records`` of the one asked for, or of the next one.

        Args:
            document: The answer.
            count: How many it names.
            index: None = the next one.
        """
        if document is not self._refused_of:
            self._refused_of, self._next_refused = document, 0
        chosen = (self._next_refused if index is None else index) % count
        self._next_refused = chosen + 1
        return chosen

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
