"""The form of one input of the draft."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static, TextArea

from mixtui.key_names import key_of
from mixtui.model.draft import ChoiceSource, RequestInput
from mixtui.request.inputs import input_mistake
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.widgets.choice import CompactSelect, TextCheckbox
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.form import FieldRow, FormScroll, FormTextArea

_NOTHING = "nothing"
_SOURCES = (
    ("Nothing", _NOTHING),
    ("Event names", ChoiceSource.EVENTS.value),
    ("Property names", ChoiceSource.PROPERTIES.value),
)


class InputForm(Dialog[RequestInput | None]):
    """Edit an input; None = cancelled.

    Args:
        declared: The initial content.
        other_names: The names that are taken.
        referenced: The names of other templates of the request, if it is in use.
        is_new: For the title.
    """

    DEFAULT_CSS = """
    InputForm > #box { width: 84; }
    InputForm FormScroll { height: auto; max-height: 70vh; scrollbar-size-vertical: 1; }
    InputForm FormTextArea { background: $panel; width: 1fr; height: 3; }
    InputForm TextCheckbox { background: $background; margin-left: 18; }
    InputForm .with-value { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The id lets the form follow the key that people chose for saving.
        Binding("ctrl+s", "apply", "Apply", id="save", show=False)
    ]

    secret_box = getters.query_one("#secret", TextCheckbox)
    empty_box = getters.query_one("#may_be_empty", TextCheckbox)
    source_choice = getters.query_one("#choices_from", CompactSelect)

    def __init__(
        self,
        declared: RequestInput,
        other_names: set[str],
        *,
        referenced: Set[str] = frozenset(),
        is_new: bool,
    ) -> None:
        super().__init__("New input" if is_new else "Input", None)
        self._declared = declared
        self._other_names = other_names
        self._referenced = referenced

    def compose_box(self) -> ComposeResult:
        with FormScroll():
            yield from self._rows()
        yield Static(
            f"enter/{key_of('save')} Apply · esc Cancel · ↑ ↓ Move", classes="hints"
        )

    def _rows(self) -> Iterator[Widget]:
        old = self._declared
        yield _text_row("name", "Name", old.name, "city, for {{city}}")
        yield _text_row(
            "description", "Description", old.description, "City of the users"
        )
        yield TextCheckbox("Secret (masked, never stored)", old.secret, id="secret")
        with Vertical(classes="with-value"):
            yield _text_row(
                "default", "Default", old.default or "", "None: a value is required"
            )
            yield TextCheckbox("May be empty", old.default == "", id="may_be_empty")
            yield FieldRow(
                "Choices",
                FormTextArea(
                    "\n".join(old.choices),
                    id="choices",
                    placeholder="Any value. Or the allowed ones, one per line",
                ),
            )
            yield FieldRow(
                "Complete from",
                CompactSelect(
                    _SOURCES,
                    _NOTHING if old.choices_from is None else old.choices_from.value,
                    id="choices_from",
                    title="Complete from",
                ),
            )
            yield _text_row("event", "Of the event", old.event, "All events")

    def on_mount(self) -> None:
        """Show the fields that apply, and begin with the name."""
        self._show_fields()
        name = self.query_one("#name", TextInput)
        (self.query_one("#description") if name.value else name).focus()

    @property
    def declared(self) -> RequestInput:
        """The input as the fields have it."""
        name, description = self._text("name").strip(), self._text("description")
        if self.secret_box.value:
            return RequestInput(name, description, secret=True)
        default: str | None = self._text("default")
        if not default and not self.empty_box.value:
            default = None
        choices = self._choices
        source = None if choices else self._source
        is_of_event = source is ChoiceSource.PROPERTIES
        return RequestInput(
            name,
            description,
            default,
            choices,
            source,
            self._text("event").strip() if is_of_event else "",
        )

    @property
    def _choices(self) -> tuple[str, ...]:
        lines = self.query_one("#choices", FormTextArea).text.split("\n")
        return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))

    @property
    def _source(self) -> ChoiceSource | None:
        value = self.source_choice.value
        return None if value == _NOTHING else ChoiceSource(value)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", TextInput).value

    def action_apply(self) -> None:
        """Leave with the input; or show what is wrong, and stay."""
        declared = self.declared
        mistake = input_mistake(declared, self._other_names, self._referenced)
        if mistake is None:
            self.finish(declared)
            return
        key, clause = mistake
        for row in self.query(FieldRow):
            if row.field.id == key:
                row.set_problem(f"{row.label} {clause}.")
                row.field.focus()

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_apply()

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(CompactSelect.Changed)
    @on(Checkbox.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        for row in self.query(FieldRow):
            row.set_problem("")
        self._show_fields()

    def _show_fields(self) -> None:
        """Hide what the other fields rule out."""
        self.query_one(".with-value").display = not self.secret_box.value
        has_choices = bool(self._choices)
        is_of_event = not has_choices and self._source is ChoiceSource.PROPERTIES
        for row in self.query(FieldRow):
            if row.field.id == "choices_from":
                row.display = not has_choices
            elif row.field.id == "event":
                row.display = is_of_event


def _text_row(name: str, label: str, value: str, example: str) -> FieldRow:
    return FieldRow(label, TextInput(value, id=name, placeholder=example, compact=True))
