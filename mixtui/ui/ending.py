"""Work that ends before the widgets that it shows its results in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.messages import Prune
    from textual.widget import Widget

    _Base = Widget
else:
    # Textual takes a widget's CSS from its first base that is a DOM node. That must be
    # the widget this is mixed into.
    _Base = object


class CancelsWorkersOnPrune(_Base):
    """Mix into a widget: its workers stop as soon as it is being removed.

    Textual takes a widget's children down first and stops its workers last: one that
    goes on in between would find the widgets gone that it wants to fill.
    """

    async def on_prune(self, event: Prune) -> None:
        """Being removed, the children next."""
        self.workers.cancel_node(self)
