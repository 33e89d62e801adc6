"""The catalogue: every operation of Mixpanel, found by a few letters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from mixtui.actions import OPERATIONS_ACTIONS, Action
from mixtui.mixpanel.catalogue import Operation, operations
from mixtui.mixpanel.docs import operation_page
from mixtui.mixpanel.search import search_operations
from mixtui.text import pluralise
from mixtui.ui.catalogue.list import OperationList
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.input_queue import InputGate
from mixtui.ui.widgets.field import CommandInput
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce
from mixtui.ui.widgets.text_page import TextPage, page_lines

_BACK = Action("operations.close", ("escape",), "Back", "Go back.", "")
"""For the hints alone: escape goes back everywhere, whatever keys people choose."""


class OperationsScreen(
    StyledOnce, CancelsWorkersOnPrune, InputGate, ModalScreen[Operation | None]
):
    """Gives the operation that was chosen; None = none.

    Args:
        text: What is looked for at first.
        operation_id: The id of the operation to put the cursor on.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    OperationsScreen > #box {
        width: 100%; height: 100%;
        border: round $primary; border-title-color: $text-primary;
        border-title-style: bold; border-subtitle-color: $text-accent;
        background: $surface;
    }
    OperationsScreen CommandInput { background: $panel; width: 1fr; margin: 0 1; }
    OperationsScreen #both { height: 1fr; layout: vertical; }
    OperationsScreen OperationList { border-top: solid $panel; padding: 0 0 0 1; }
    OperationsScreen TextPage {
        height: 9; border-top: solid $panel; padding: 0 0 0 1;
    }
    OperationsScreen.-normal #both { layout: horizontal; }
    OperationsScreen.-normal OperationList { width: 5fr; }
    OperationsScreen.-normal TextPage {
        width: 3fr; height: 1fr; border-left: solid $panel;
    }
    OperationsScreen.-tall.-narrow TextPage { height: 1fr; }
    OperationsScreen KeyHints { dock: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+t", "close", "Back", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (114, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (34, "-tall")]

    def __init__(
        self, text: str = "", operation_id: str = "", *, actions: Sequence[Action] = ()
    ) -> None:
        super().__init__()
        self._cursor_id = operation_id
        own = {action.id: action for action in actions}
        self._actions = tuple(own.get(a.id, a) for a in OPERATIONS_ACTIONS)
        self._by_key = {key: a.name for a in self._actions for key in a.keys}
        self._field = CommandInput(
            text,
            self._takes,
            placeholder="words, a path, an id: numeric segmentation, delete profile",
            id="words",
        )
        self._list = OperationList()
        self._page = TextPage()
        self._listed: str | None = None
        """The words that the list answers; None = nothing is listed yet."""
        self._explained: Operation | None = None
        self._ready = asyncio.Event()
        """Unset while the choice waits for the catalogue to be read."""
        self._ready.set()

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = "Operations of Mixpanel"
        with box:
            yield self._field
            with Container(id="both"):
                yield self._list
                yield self._page
            yield KeyHints()

    def on_mount(self) -> None:
        """Focus the field at once; read the catalogue meanwhile."""
        self._field.focus()
        self._field.cursor_position = len(self._field.value)
        hints = [action for action in self._actions if action.in_footer]
        self.query_one(KeyHints).show([*hints, _BACK])
        self._read()

    @work
    async def _read(self) -> None:
        await asyncio.to_thread(operations)
        self._find()
        if not self._ready.is_set():
            self._ready.set()
            self.action_take()

    async def wait_until_ready(self) -> None:
        """Wait for the choice: the next keys are meant for the request."""
        await self._ready.wait()

    # Finding

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._listed is not None:
            self._find()

    def _find(self) -> None:
        """List the operations that match the text of the field."""
        text = self._field.value
        if text == self._listed:
            return
        self._listed = text
        matches = search_operations(text)
        cursor_id, self._cursor_id = self._cursor_id, ""
        self._list.show(matches, by_group=not text.strip(), cursor_id=cursor_id)
        box = self.query_one("#box")
        box.border_subtitle = Content(_count(len(matches), text)).markup
        self._explain()

    @on(OperationList.CursorMoved)
    def _moved(self, event: OperationList.CursorMoved) -> None:
        event.stop()
        self._explain()

    def _explain(self) -> None:
        chosen = self._list.selected_operation
        if chosen is not self._explained:
            self._explained = chosen
            self._page.show(partial(_explanation, chosen))

    # Keys, while the words have the focus

    def _takes(self, key: str) -> bool:
        name = self._by_key.get(key)
        if name is None:
            return False
        getattr(self, f"action_{name}")()
        return True

    def action_take(self) -> None:
        """Choose the selected operation."""
        if self._listed is None:
            self._ready.clear()
            return
        self._find()
        if self._list.selected_operation is not None:
            self._finish(self._list.selected_operation)

    @on(OperationList.Selected)
    def _clicked(self, event: OperationList.Selected) -> None:
        event.stop()
        self.action_take()

    def action_up(self) -> None:
        self._move(-1)

    def action_down(self) -> None:
        self._move(1)

    def action_page_up(self) -> None:
        self._move(-self._list.page_rows)

    def action_page_down(self) -> None:
        self._move(self._list.page_rows)

    def _move(self, rows: int) -> None:
        if self._listed is not None:
            self._find()
            self._list.move_by(rows)

    def action_top(self) -> None:
        self._list.move_to(0)

    def action_bottom(self) -> None:
        self._list.move_to_end()

    def action_next_family(self) -> None:
        self._list.move_by_group(1)

    def action_previous_family(self) -> None:
        self._list.move_by_group(-1)

    def action_read_on(self) -> None:
        self._page.move_by(3)

    def action_read_back(self) -> None:
        self._page.move_by(-3)

    # Leaving

    def _finish(self, operation: Operation | None) -> None:
        if self.is_current:
            self.dismiss(operation)

    def action_close(self) -> None:
        self._finish(None)


def _explanation(operation: Operation | None, width: int) -> list[Content]:
    if operation is None:
        text = (
            "Nothing is called like that. Try another word for it, a part of the path, "
            "or fewer words."
        )
        return Content.styled(text, "dim").wrap(width)
    title = Content.styled(operation.title, "bold $text-primary").wrap(width)
    return [*title, *page_lines(operation_page(operation), width)]


def _count(position: int, text: str) -> str:
    count = pluralise(position, "operation")
    return f"{count} found" if text.strip() else count
