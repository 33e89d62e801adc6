"""Work that ends before the widgets that it shows its results in."""

from __future__ import annotations

from textual.messages import Prune
from textual.widget import Widget


class EndsItsWork(Widget):
    """Stops its workers as soon as it is being removed.

    Textual takes a widget's children down first and stops its workers last: one that
    goes on in between would find the widgets gone that it wants to fill.
    """

    async def on_prune(self, event: Prune) -> None:
        """Being removed, the children next."""
        self.workers.cancel_node(self)
