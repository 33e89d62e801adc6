"""The comparison of two responses, by path or line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec.structs import replace
from rich.cells import chop_cells
from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.reactive import var
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mixtui.actions import DIFF_COMMANDS, Action, Scope, in_scope
from mixtui.diff.comparison import Comparison, compare_heads, compare_json, compare_text
from mixtui.diff.json_diff import JsonDiff, NotComparable
from mixtui.diff.text_diff import TextDiff
from mixtui.system import CancelToken
from mixtui.text import pluralise, sanitize
from mixtui.ui.diff.changes import ChangeList, DiffRow, DiffRows, as_text, text_summary
from mixtui.ui.diff.text_diff import TextDiffView
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.cells import CHARACTERS_OF_A_CELL, truncate_end
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce, run_in_thread

_WORD = 5
"""Cells of “old” and “new”, and the space behind."""


class ChangeDetails(Static):
    """Shows one row of a comparison in a fixed number of lines."""

    DEFAULT_CSS = """
    ChangeDetails { height: 4; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ChangeDetails.-roomy { height: 6; }
    """

    roomy: var[bool] = var(False, init=False)
    """Whether each value has two lines instead of one."""

    _row: DiffRow | None = None

    def show(self, row: DiffRow | None) -> None:
        self._row = row
        self._draw()

    def watch_roomy(self, roomy: bool) -> None:
        self.set_class(roomy, "-roomy")

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        row = self._row
        if row is None:
            self.update("")
            return
        facts = "  ".join(filter(None, (row.delta, row.note)))
        head = Content.styled(sanitize(row.label), "bold")
        lines = [head + Content.styled(f"  {sanitize(facts)}", "$text-primary")]
        for word, value in (("old", row.old), ("new", row.new)):
            if value is not None:
                lines += self._value(word, value)
        self.update(Content("\n").join(lines))

    def _value(self, word: str, value: str) -> list[Content]:
        width = max(1, self.scrollable_content_region.width - _WORD)
        count = 2 if self.roomy else 1
        # Broken anywhere: a value is data, not prose.
        text = sanitize(value[: width * count * CHARACTERS_OF_A_CELL])
        first = next(iter(chop_cells(text, width)), "") if count == 2 else ""
        parts = [first, truncate_end(text[len(first) :], width)][-count:]
        heads = [f"{word:<{_WORD}}", " " * _WORD]
        return [
            Content.styled(head, "$text-muted") + Content(part)
            for head, part in zip(heads, parts, strict=False)
            if part or head.strip()
        ]


Copy = Callable[[str, str], None]
"""Takes a text, and what it is: ``the path``."""

_BACK = Action("diff.close", ("escape",), "Back", "Go back.", "")
"""For the hints alone: escape goes back everywhere, whatever keys people choose."""
_BY_PATH_ONLY = ("filter", "copy_path", "copy_all")
_TEXT_ONLY = ("next", "previous")


class DiffScreen(StyledOnce, CancelsWorkersOnPrune, ModalScreen[None]):
    """Shows what differs between two exchanges.

    Args:
        comparison: What is compared with what.
        copy: Copies a text, and says so; called with what it is as well.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    DEFAULT_CSS = """
    DiffScreen > #box {
        width: 100%; height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background;
    }
    DiffScreen .line {
        height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    DiffScreen #old, DiffScreen #new { color: $text-muted; }
    DiffScreen #summary { text-style: bold; }
    DiffScreen #notice {
        height: auto; max-height: 2; padding: 0 1; color: $text-warning;
    }
    DiffScreen TextInput { background: $panel; width: 1fr; margin: 0 1; }
    DiffScreen #rows { height: 1fr; border-top: solid $border-blurred; padding: 0 0 0 1; }
    DiffScreen ChangeDetails { border-top: solid $border-blurred; }
    DiffScreen.-squat ChangeDetails { height: 0; border: none; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (18, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.DIFF, DIFF_COMMANDS),
        Binding("escape", "close", "Back", show=False),
    ]

    path_input = getters.query_one(TextInput)
    change_list = getters.query_one(ChangeList)
    text_diff = getters.query_one(TextDiffView)
    details = getters.query_one(ChangeDetails)

    def __init__(
        self,
        comparison: Comparison,
        copy: Copy,
        *,
        actions: Sequence[Action] = (),
    ) -> None:
        super().__init__()
        self._comparison = comparison
        self._copy = copy
        own = {action.id: action for action in actions}
        self._actions = tuple(
            own.get(a.id, a) for a in in_scope(Scope.DIFF) if a.in_footer
        )
        self._rows = DiffRows()
        self._paths: JsonDiff | NotComparable | None = None
        self._lines: TextDiff | NotComparable | None = None
        self._as_text = False

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = "Compare"
        with box:
            yield Static(id="old", classes="line", markup=False)
            yield Static(id="new", classes="line", markup=False)
            yield Static(id="summary", classes="line", markup=False)
            yield Static(id="notice", markup=False)
            yield TextInput(placeholder="Filter by path", compact=True)
            with Vertical(id="rows"):
                yield ChangeList()
                yield TextDiffView()
            yield ChangeDetails()
            yield KeyHints()

    def on_mount(self) -> None:
        self.path_input.display = False
        self.change_list.focus()
        self._start()

    def on_resize(self, event: Resize) -> None:
        """Give the details more lines on a tall screen."""
        self.details.roomy = event.size.height >= 30

    # Comparing, in a thread

    def _start(self) -> None:
        self._paths = self._lines = None
        self._rows = DiffRows(compare_heads(self._comparison))
        old, new = self._comparison.old, self._comparison.new
        self.query_one("#old", Static).update(sanitize(f"- old  {old.title}"))
        self.query_one("#new", Static).update(sanitize(f"+ new  {new.title}"))
        self._filter()
        self._show()
        self._compare()

    @work(group="compare", exclusive=True)
    async def _compare(self) -> None:
        """Compare in the selected mode, unless that was done; cancel any other."""
        await (self._compare_lines() if self._as_text else self._compare_paths())

    async def _compare_paths(self) -> None:
        if self._paths is None:
            token, comparison = CancelToken(), self._comparison
            paths = await run_in_thread(lambda: compare_json(comparison, token), token)
            heads = compare_heads(self._comparison)
            body = paths if isinstance(paths, JsonDiff) else None
            rows = await asyncio.to_thread(DiffRows, heads, body)
            self._paths, self._rows = paths, rows
            if body is None:
                # Whatever can be compared is compared: as text, then.
                self._as_text = True
                self._filter()
                self._show()
                await self._compare_lines()
                return
        self._filter()
        self._show()

    async def _compare_lines(self) -> None:
        if self._lines is None:
            token, comparison = CancelToken(), self._comparison
            lines = await run_in_thread(lambda: compare_text(comparison, token), token)
            if isinstance(lines, TextDiff):
                await asyncio.to_thread(lambda: (lines.width, lines.hunks))
            self._lines = lines
            shown = lines if isinstance(lines, TextDiff) else None
            self.text_diff.show(shown)
        self._show()

    # What is shown

    def _show(self) -> None:
        text = self._as_text
        self.change_list.display = not text
        self.details.display = not text
        self.text_diff.display = text
        if text:
            self.path_input.display = False
            self.text_diff.focus()
        elif not self.path_input.display:
            self.change_list.focus()
        self.query_one("#summary", Static).update(self._summary())
        notice = self.query_one("#notice", Static)
        notice.update(Content(sanitize(self._notice())))
        notice.display = bool(self._notice())
        hidden = _BY_PATH_ONLY if text else _TEXT_ONLY
        hints = [a for a in self._actions if a.name not in hidden]
        if text:
            hints[0] = replace(hints[0], label="By path")
        self.query_one(KeyHints).show([*hints, _BACK])

    def _summary(self) -> str:
        if self._as_text:
            return text_summary(self._lines)
        if self._paths is None:
            return "Comparing…"
        summary = self._rows.summary
        shown = self.change_list.listed
        if len(shown) < len(self._rows):
            summary += f" · {pluralise(len(shown), 'row')} shown"
        return summary or "Status and headers are equal"

    def _notice(self) -> str:
        results = [self._paths, self._lines if self._as_text else None]
        reasons = [f.reason for f in results if isinstance(f, NotComparable)]
        return " ".join(dict.fromkeys(reasons))

    def _filter(self) -> None:
        text = self.path_input.value
        self.change_list.show(self._rows, self._rows.matching(text))

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._filter()
        self._show()

    @on(Input.Submitted)
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.change_list.focus()

    @on(ChangeList.CursorMoved)
    def _moved(self, event: ChangeList.CursorMoved) -> None:
        event.stop()
        chosen = self.change_list.selected_index
        row = None if chosen is None else self._rows.row(chosen)
        self.details.show(row)

    # Actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Disable what acts on paths alone while text is shown."""
        return not (self._as_text and action in _BY_PATH_ONLY)

    def action_close(self) -> None:
        """Close the filter first; then the screen."""
        field = self.path_input
        if field.display:
            field.display = False
            self.change_list.focus()
            field.value = ""
        elif self.is_current:
            self.dismiss()

    def action_text(self) -> None:
        """Toggle between paths and text."""
        self._as_text = not self._as_text
        self._show()
        self._compare()

    def action_filter(self) -> None:
        field = self.path_input
        field.display = True
        field.focus()

    def action_swap(self) -> None:
        """Swap old and new."""
        self._comparison = self._comparison.swapped
        self._start()

    def action_copy(self) -> None:
        """Copy the selected row, or the complete text diff."""
        if self._as_text:
            if isinstance(self._lines, TextDiff) and self._lines.row_count:
                self._copy(self._lines.text, "diff")
        elif (chosen := self.change_list.selected_index) is not None:
            self._copy(self._rows.row(chosen, complete=True).text, "change")

    def action_copy_path(self) -> None:
        chosen = self.change_list.selected_index
        if chosen is None:
            return
        if (path := self._rows.path(chosen)) is None:
            self.notify("This row is not part of the body and has no path.")
        else:
            self._copy(path, "path")

    def action_copy_all(self) -> None:
        shown = self.change_list.listed
        if shown:
            text = as_text(self._rows, shown)
            self._copy(text, pluralise(len(shown), "change"))
