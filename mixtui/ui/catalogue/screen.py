"""The catalogue: every operation of Mixpanel, found by a few letters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.content import Content

from mixtui.actions import OPERATIONS_ACTIONS, Action
from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.mixpanel.docs import operation_page
from mixtui.mixpanel.search import search_operations
from mixtui.text import pluralise
from mixtui.ui.catalogue.list import OperationList
from mixtui.ui.widgets.search_screen import SearchScreen
from mixtui.ui.widgets.text_page import TextPage, page_lines


class OperationsScreen(SearchScreen[Operation]):
    """Gives the operation that was chosen; None = none.

    Args:
        text: What is looked for at first.
        operation_id: The id of the operation to put the cursor on.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    OperationsScreen #both { width: 100%; height: 1fr; layout: vertical; }
    OperationsScreen TextPage {
        height: 9; border-top: solid $border-blurred; padding: 0 0 0 1;
    }
    OperationsScreen.-normal #both { layout: horizontal; }
    OperationsScreen.-normal OperationList { width: 5fr; }
    OperationsScreen.-normal TextPage {
        width: 3fr; height: 1fr;
        border-top: none; border-left: solid $border-blurred;
    }
    OperationsScreen.-tall.-narrow TextPage { height: 1fr; }
    OperationsScreen.-squat.-narrow TextPage { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+t", "close", "Back", show=False, id="operations")
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (114, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (20, "-short"), (34, "-tall")]

    def __init__(
        self, text: str = "", operation_id: str = "", *, actions: Sequence[Action] = ()
    ) -> None:
        self._cursor_id = operation_id
        self._list = OperationList()
        self._page = TextPage()
        self._explained: Operation | None = None
        super().__init__(
            self._list,
            text,
            title="Mixpanel operations",
            placeholder="Search by words, path or ID, such as “delete profile”",
            own_actions=OPERATIONS_ACTIONS,
            actions=actions,
        )

    def compose_results(self) -> ComposeResult:
        with Container(id="both"):
            yield self._list
            yield self._page

    async def prepare(self) -> None:
        await asyncio.to_thread(operations)

    @property
    def chosen(self) -> Operation | None:
        return self._list.selected_operation

    def list_matches(self, text: str) -> str:
        matches = search_operations(text)
        cursor_id, self._cursor_id = self._cursor_id, ""
        self._list.show(matches, by_group=not text.strip(), cursor_id=cursor_id)
        count = pluralise(len(matches), "operation")
        return f"{count} found" if text.strip() else count

    def explain(self) -> None:
        if self.chosen is not self._explained:
            self._explained = self.chosen
            self._page.show(partial(_explanation, self.chosen))

    def action_next_family(self) -> None:
        self._list.move_by_group(1)

    def action_previous_family(self) -> None:
        self._list.move_by_group(-1)

    def action_read_on(self) -> None:
        self._page.move_by(3)

    def action_read_back(self) -> None:
        self._page.move_by(-3)


def _explanation(operation: Operation | None, width: int) -> list[Content]:
    if operation is None:
        text = (
            "No matching operations. Try a synonym, part of the path, or fewer words."
        )
        return Content.styled(text, "$text-muted").wrap(width)
    title = Content.styled(operation.title, "bold $text-primary").wrap(width)
    return [*title, *page_lines(operation_page(operation), width)]
