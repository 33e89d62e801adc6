"""The form of the inputs of a request, shown before it is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Protocol

from msgspec import Struct
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from mixtui.mixpanel.catalogue import NameKind
from mixtui.model.draft import ChoiceSource, RequestInput
from mixtui.model.errors import MixtuiError
from mixtui.model.known_names import KnownNames, NameQuery
from mixtui.request.templates import Values
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.completing_field import CompletingField
from mixtui.ui.widgets.field import SecretField
from mixtui.ui.widgets.form import FieldRow, FormScroll

if TYPE_CHECKING:
    from mixtui.editing.suggestions import Suggestion

Check = Callable[[RequestInput, str], str]
"""Returns why a value cannot be used; empty = it can."""
_KINDS = {
    ChoiceSource.EVENTS: NameKind.EVENT,
    ChoiceSource.PROPERTIES: NameKind.PROPERTY,
}


class ProjectNames(Protocol):
    """The names of the project in use."""

    def known(self, lookup: NameQuery) -> KnownNames | None:
        """Return the names known; None = they were never looked up."""

    async def fetch(self, lookup: NameQuery) -> KnownNames:
        """Look names up; raises MixtuiError."""


class EnteredInputs(Struct, frozen=True):
    """What was entered, also if the form was cancelled."""

    values: Mapping[str, str]
    """By name; without secrets."""
    secrets: Mapping[str, str]
    is_sent: bool

    def __repr__(self) -> str:
        return f"EnteredInputs(is_sent={self.is_sent})"


class ChoiceField(CompactSelect, inherit_bindings=False):
    """A choice in a form whose enter key sends; space opens its list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "open", "Choose", show=False)
    ]


class InputField(CompletingField):
    """A field that completes names of the project and templates."""

    @dataclass
    class LookupRequested(Message):
        """Posted to look names up."""

        field: InputField
        lookup: NameQuery

    def __init__(
        self, text: str, declared: RequestInput, names: ProjectNames, values: Values
    ) -> None:
        super().__init__(text, placeholder=declared.default or "", compact=True)
        self._declared = declared
        self._names = names
        self.set_reactive(InputField.values, values)

    @property
    def lookup(self) -> NameQuery | None:
        """What its names are looked up by; None = it has no names."""
        source = self._declared.choices_from
        return (
            None if source is None else NameQuery(_KINDS[source], self._declared.event)
        )

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return templates for an open ``{{``, else names."""
        from mixtui.editing.suggestions import project_names, template_names

        variables = self.values.environment.variables if self.values else ()
        if templates := template_names(typed, variables):
            return templates
        if (lookup := self.lookup) is None:
            return ()
        now = datetime.now().astimezone()
        return project_names(lookup, typed, self._names.known(lookup), now)

    def take(self, suggestion: Suggestion) -> None:
        """Make a suggestion the text, or look up the names that it stands for."""
        if suggestion.lookup is not None:
            self.post_message(self.LookupRequested(self, suggestion.lookup))
        else:
            super().take(suggestion)

    def on_focus(self) -> None:
        """Show the names before anything is typed."""
        (self.call_next if self.region else self.call_after_refresh)(self._list_names)

    def _list_names(self) -> None:
        row = self.query_ancestor(FieldRow)
        if not self.has_focus or self.value or row.has_problem:
            return  # The list would cover the problem.
        if names := self.suggestions(""):
            self.open_list(names)


class InputsDialog(Dialog[EnteredInputs]):
    """Ask for the values of inputs; what was typed is kept when it is cancelled.

    Args:
        title: The name of the request.
        inputs: At least one.
        entered: The last values, by name.
        names: The project's names.
        values: Where templates in the values get theirs.
        check: Checks a value.
        verb: What enter does.
    """

    DEFAULT_CSS = """
    InputsDialog > #box { width: 84; }
    InputsDialog FormScroll { height: auto; max-height: 70vh; scrollbar-size-vertical: 1; }
    InputsDialog SecretField { background: $panel; width: 1fr; }
    InputsDialog.-tall FieldRow { margin-bottom: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", show=False),
        # The ids let the form follow keys that people chose for saving and sending.
        Binding("ctrl+s", "submit", "Send", id="save", show=False),
        Binding("f5,ctrl+r", "submit", "Send", id="send", show=False),
    ]

    def __init__(
        self,
        title: str,
        inputs: Sequence[RequestInput],
        entered: Mapping[str, str],
        *,
        names: ProjectNames,
        values: Values,
        check: Check,
        verb: str = "Send",
    ) -> None:
        super().__init__(title, EnteredInputs({}, {}, False))
        self._inputs = tuple(inputs)
        self._entered = entered
        self._names = names
        self._values = values
        self._check = check
        self._verb = verb

    def compose_box(self) -> ComposeResult:
        with FormScroll():
            yield from self._rows()
        keys = f"enter {self._verb} · esc Cancel · ↑ ↓ Move"
        if any(each.choices for each in self._inputs):
            keys += " · space Choose"
        yield Static(keys, classes="hints")

    def _rows(self) -> Iterator[FieldRow]:
        for each in self._inputs:
            yield FieldRow(each.name, self._field(each), each.description)

    def _field(self, declared: RequestInput) -> Widget:
        if declared.secret:
            return SecretField(None, placeholder="Never stored")
        text = self._entered.get(declared.name, declared.default or "")
        if declared.choices:
            options = [(choice or "(empty)", choice) for choice in declared.choices]
            return ChoiceField(options, text, title=declared.name)
        return InputField(text, declared, self._names, self._values)

    def on_mount(self) -> None:
        """Begin with the first field without a value."""
        rows = list(self.query(FieldRow))
        empty = (
            r for r, e in zip(rows, self._inputs, strict=True) if self._lacks(r, e)
        )
        next(empty, rows[0]).field.focus()

    def _lacks(self, row: FieldRow, declared: RequestInput) -> bool:
        return not _text(row.field) and declared.default is None

    def action_submit(self) -> None:
        """Send; or show what is wrong, and stay."""
        wrong: FieldRow | None = None
        for row, declared in zip(self.query(FieldRow), self._inputs, strict=True):
            problem = self._check(declared, _text(row.field))
            row.set_problem(problem)
            if isinstance(row.field, InputField):
                row.field.close_list()
            if problem and wrong is None:
                wrong = row
        if wrong is None:
            self.finish(self._entered_now(is_sent=True))
        else:
            wrong.field.focus()

    def action_give_up(self) -> None:
        """Close without sending, and keep what was typed."""
        self.finish(self._entered_now(is_sent=False))

    def _entered_now(self, *, is_sent: bool) -> EnteredInputs:
        texts = {
            declared.name: (declared.secret, _text(row.field))
            for row, declared in zip(self.query(FieldRow), self._inputs, strict=True)
        }
        return EnteredInputs(
            {name: text for name, (secret, text) in texts.items() if not secret},
            {name: text for name, (secret, text) in texts.items() if secret},
            is_sent,
        )

    @on(Input.Submitted)
    @on(SecretField.Submitted)
    def _submitted(self, event: Message) -> None:
        event.stop()
        self.action_submit()

    @on(Input.Changed)
    @on(SecretField.Typed)
    @on(CompactSelect.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        for row in self.query(FieldRow):
            if row.field.has_focus:
                row.set_problem("")

    @on(InputField.LookupRequested)
    def _lookup_requested(self, event: InputField.LookupRequested) -> None:
        event.stop()
        self._fetch(event.field, event.lookup)

    @work(exclusive=True, group="lookup")
    async def _fetch(self, field: InputField, lookup: NameQuery) -> None:
        """Look names up; without them the field is as good for typing."""
        row = field.query_ancestor(FieldRow)
        row.set_note(f"Looking up {lookup.label}…")
        try:
            await self._names.fetch(lookup)
        except MixtuiError as error:
            row.set_note(f"{error} Any text can be entered.")
            return
        row.set_note(row.note)
        field.relist()


def _text(field: Widget) -> str:
    if isinstance(field, CompactSelect | Input):
        return field.value
    raise TypeError(type(field))
