"""The inputs of the draft: a list, and a form for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment
from textual.message import Message
from textual.reactive import var

from mixtui.actions import Scope
from mixtui.key_names import key_of
from mixtui.model.draft import ChoiceSource, Draft, RequestInput
from mixtui.model.errors import Field
from mixtui.request.powers import sent_texts
from mixtui.request.templates import ReferenceState, references
from mixtui.text import pluralise, sanitize
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.rows.list import HINT_MARK
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.row_list import RowList

if TYPE_CHECKING:
    from mixtui.hints import Hint

_MAX_UNDO = 200
_GAP = "  "
_NAME_WIDTHS = (8, 24)
"""Cells of the column of names, at least and at most."""


class Renamed(NamedTuple):
    """The names of an input before and after."""

    old: str
    new: str


class InputsEditor(RowList):
    """Lists the inputs; each is edited in a form."""

    DEFAULT_CSS = """
    InputsEditor > .inputs--name { color: $text-primary; }
    InputsEditor > .inputs--facts { color: $text-muted; }
    InputsEditor > .inputs--hinted { color: $text-warning; text-style: bold; }
    """
    COMPONENT_CLASSES = {"inputs--name", "inputs--facts", "inputs--hinted"}
    BINDINGS = bindings(Scope.INPUTS)

    draft: var[Draft] = var(Draft(), init=False, always_update=True)
    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    hints: var[tuple[Hint, ...]] = var((), init=False)

    @dataclass
    class Changed(Message):
        """Posted when the inputs are edited."""

        inputs: tuple[RequestInput, ...]
        renamed: Renamed | None
        """References to the first name become references to the second."""

    def __init__(self) -> None:
        super().__init__()
        self._inputs: tuple[RequestInput, ...] = ()
        self._undo_stack: list[tuple[tuple[RequestInput, ...], Renamed | None]] = []
        self._hinted: frozenset[int] = frozenset()

    @property
    def row_count(self) -> int:
        return max(1, len(self._inputs))

    def on_mount(self) -> None:
        self.show_rows()

    def watch_draft(self, draft: Draft) -> None:
        """Show the inputs of another draft."""
        if draft.inputs != self._inputs:
            self._inputs = draft.inputs
            self._undo_stack.clear()
            self.show_rows(self.cursor)

    def watch_hints(self, hints: Iterable[Hint]) -> None:
        rows = (hint.row for hint in hints if hint.field is Field.INPUTS)
        hinted = frozenset(row for row in rows if row is not None)
        if hinted != self._hinted:
            self._hinted = hinted
            self.refresh()

    def go_to(self, row: int) -> None:
        """Put the cursor on an input."""
        self.move_to(row)

    # Commands

    def action_add(self) -> None:
        """Add an input below the cursor, named after a template that has no value."""
        index = (self.cursor or 0) + 1 if self._inputs else 0
        self._open_form(RequestInput(self._wanted_name()), index, is_new=True)

    def action_edit(self) -> None:
        """Edit the input under the cursor."""
        if self._inputs:
            index = self.cursor or 0
            self._open_form(self._inputs[index], index, is_new=False)
        else:
            self.action_add()

    on_row_list_selected = action_edit
    """A double click edits."""

    def action_delete(self) -> None:
        """Delete the input under the cursor."""
        if self._inputs:
            index = self.cursor or 0
            self._change((*self._inputs[:index], *self._inputs[index + 1 :]), index)

    def action_undo(self) -> None:
        """Undo the last change."""
        if self._undo_stack:
            inputs, renamed = self._undo_stack.pop()
            self._set(inputs, self.cursor or 0, renamed)

    def action_move_up(self) -> None:
        """Move the input up: it is asked for earlier."""
        self._move(-1)

    def action_move_down(self) -> None:
        """Move the input down: it is asked for later."""
        self._move(1)

    def _move(self, by: int) -> None:
        index = self.cursor or 0
        target = index + by
        if not 0 <= target < len(self._inputs):
            return
        inputs = list(self._inputs)
        inputs.insert(target, inputs.pop(index))
        self._change(tuple(inputs), target)

    def _open_form(self, declared: RequestInput, index: int, *, is_new: bool) -> None:
        from mixtui.ui.request.input_form import InputForm

        others = {each.name for each in self._inputs if is_new or each is not declared}
        referenced = {*self._referenced_names()}
        is_used = not is_new and declared.name in referenced
        form = InputForm(
            declared,
            others,
            referenced=referenced - {declared.name} if is_used else frozenset(),
            is_new=is_new,
        )
        self.app.push_screen(form, partial(self._apply, index, is_new))

    def _apply(self, index: int, is_new: bool, edited: RequestInput | None) -> None:
        """Apply what the form gives; None = it was cancelled."""
        if edited is None:
            return
        behind = index if is_new else index + 1
        inputs = (*self._inputs[:index], edited, *self._inputs[behind:])
        before = edited.name if is_new else self._inputs[index].name
        renamed = None if before == edited.name else Renamed(before, edited.name)
        self._change(inputs, index, renamed)

    def _change(
        self,
        inputs: tuple[RequestInput, ...],
        cursor: int,
        renamed: Renamed | None = None,
    ) -> None:
        if inputs != self._inputs:
            back = None if renamed is None else Renamed(renamed.new, renamed.old)
            self._undo_stack.append((self._inputs, back))
            del self._undo_stack[:-_MAX_UNDO]
            self._set(inputs, cursor, renamed)

    def _set(
        self, inputs: tuple[RequestInput, ...], cursor: int, renamed: Renamed | None
    ) -> None:
        self._inputs = inputs
        self.show_rows(cursor)
        self.post_message(self.Changed(inputs, renamed))

    def _referenced_names(self) -> Iterator[str]:
        """Yield the names that templates of the request refer to."""
        for text in sent_texts(self.previewed.draft):
            for reference in references(text):
                yield reference.name

    def _wanted_name(self) -> str:
        """Return the first template of the request that has no value; empty = none."""
        values = self.previewed.values
        names = self._referenced_names()
        unresolved = (n for n in names if values.state(n) is ReferenceState.UNRESOLVED)
        return next(unresolved, "")

    # Drawing

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterator[Segment]:
        facts_style = self.foreground_style("inputs--facts")
        if not self._inputs:
            text = "No inputs: values that are asked for when you send."
            yield Segment(f" {text}  {key_of('inputs.add')} Add", facts_style)
            return
        declared = self._inputs[index]
        if index in self._hinted:
            yield Segment(HINT_MARK, self.get_component_rich_style("inputs--hinted"))
        else:
            yield Segment(" ", self.rich_style)
        least, most = _NAME_WIDTHS
        widest = max(len(each.name) for each in self._inputs)
        name_width = max(least, min(widest, most))
        name = truncate_end(declared.name, name_width) + _GAP
        yield Segment(name, self.foreground_style("inputs--name"))
        room = width - name_width - len(_GAP) - 1
        description = sanitize(declared.description)
        facts = sanitize(describe_input(declared))
        text = f"{description}{_GAP}" if description else ""
        yield Segment(text[:room], self.rich_style)
        if (left := room - len(text)) > 0:
            yield Segment(truncate_end(facts, left), facts_style)


def describe_input(declared: RequestInput) -> str:
    """Return what an input takes, in a few words."""
    facts = []
    if declared.secret:
        facts.append("secret")
    elif declared.default is None:
        facts.append("required")
    else:
        facts.append(f"default {declared.default or '(empty)'}")
    if declared.choices:
        facts.append(f"one of {pluralise(len(declared.choices), 'choice')}")
    match declared.choices_from:
        case ChoiceSource.EVENTS:
            facts.append("event names")
        case ChoiceSource.PROPERTIES if declared.event:
            facts.append(f"properties of {declared.event}")
        case ChoiceSource.PROPERTIES:
            facts.append("property names")
    return " · ".join(facts)
