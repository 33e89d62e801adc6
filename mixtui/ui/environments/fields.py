"""What the forms of an environment are made of: labels, fields, secrets."""

from __future__ import annotations

from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from mixtui.model.secrets import REDACTED, Secret
from mixtui.text import sanitize
from mixtui.ui.environments.draft import SecretDraft, SecretKind
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import TextInput

_EXAMPLES = {
    SecretKind.VARIABLE: "MP_SECRET",
    SecretKind.COMMAND: "pass show mixpanel/prod",
    SecretKind.KEYRING: "mixtui/prod-eu",
    SecretKind.FILE: "~/.secrets/mixpanel",
}


class SecretField(TextInput):
    """A masked field; its text is in no message, clipboard, log or traceback."""

    @dataclass
    class Typed(Message):
        """Posted when the secret is edited; without its text."""

        field: SecretField

    def __init__(self, typed: Secret | None, *, placeholder: str) -> None:
        text = typed.reveal() if typed is not None else ""
        super().__init__(text, placeholder=placeholder, password=True, compact=True)

    def post_message(self, message: Message) -> bool:
        """Input's own messages carry the text, and messages are logged."""
        if isinstance(message, Input.Changed):
            return super().post_message(self.Typed(self))
        if isinstance(message, Input.Blurred):
            return False
        return super().post_message(message)

    @dataclass
    class Submitted(Message):
        """Posted by enter; without the text, which `Input.Submitted` would carry."""

        field: SecretField

    async def action_submit(self) -> None:
        """Say that enter was pressed."""
        self.post_message(self.Submitted(self))

    def action_copy(self) -> None:
        """Nothing: a secret goes to no clipboard."""

    def action_cut(self) -> None:
        """Delete what is selected, and keep it out of the clipboard."""
        self.delete_selection()


class SecretEditor(Container):
    """Edits a `SecretDraft`; remembers what was typed for each source."""

    DEFAULT_CSS = """
    SecretEditor { height: auto; layout: horizontal; }
    SecretEditor TextInput { width: 1fr; }
    SecretEditor CompactSelect { min-width: 14; }
    """

    @dataclass
    class Changed(Message):
        """Posted when the source or the secret is edited."""

        editor: SecretEditor

        @property
        def control(self) -> SecretEditor:
            """The editor."""
            return self.editor

    kind_choice = getters.query_one(CompactSelect)
    location_field = getters.query_one(".location", TextInput)
    secret_field = getters.query_one(SecretField)

    def __init__(self, secret: SecretDraft, *, id: str) -> None:
        super().__init__(id=id)
        self._secret = secret
        self._locations = {secret.kind: secret.location}

    def compose(self) -> ComposeResult:
        yield CompactSelect(
            [(kind.value, kind) for kind in SecretKind],
            self._secret.kind,
            title="Secret",
        )
        yield TextInput(self._secret.location, compact=True, classes="location")
        yield SecretField(
            self._secret.typed,
            placeholder=f"{REDACTED} stored; type to replace"
            if self._secret.stored
            else "Type or paste the secret",
        )

    def on_mount(self) -> None:
        """Show the field of the source."""
        self._show_kind(self._secret.kind)

    def focus_value(self) -> None:
        """Focus what the source needs: the secret, its location, or the source itself."""
        fields = (self.secret_field, self.location_field, self.kind_choice)
        next(field for field in fields if field.display).focus()

    @property
    def secret(self) -> SecretDraft:
        """The secret as the fields have it."""
        kind = self._kind
        typed = self.secret_field.value.strip()
        has_location = kind in _EXAMPLES
        return SecretDraft(
            kind,
            self.location_field.value if has_location else "",
            Secret(typed) if typed and kind is SecretKind.TYPED else None,
            self._secret.stored,
        )

    @property
    def _kind(self) -> SecretKind:
        return SecretKind(self.kind_choice.value)

    @on(CompactSelect.Changed)
    def _kind_chosen(self, event: CompactSelect.Changed) -> None:
        event.stop()
        self._show_kind(self._kind)
        self.post_message(self.Changed(self))

    @on(Input.Changed, ".location")
    def _location_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._locations[self._kind] = event.value
        self.post_message(self.Changed(self))

    @on(SecretField.Typed)
    def _secret_typed(self, event: SecretField.Typed) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def _show_kind(self, kind: SecretKind) -> None:
        location = self.location_field
        location.display = kind in _EXAMPLES
        self.secret_field.display = kind is SecretKind.TYPED
        location.placeholder = _EXAMPLES.get(kind, "")
        with self.prevent(Input.Changed):
            location.value = self._locations.get(kind, "")


class FieldRow(Vertical):
    """A label beside its field, and a sentence below when something is wrong."""

    DEFAULT_CSS = """
    FieldRow, FieldRow > Horizontal { height: auto; }
    FieldRow Label { width: 18; color: $text-muted; }
    FieldRow .problem {
        height: auto; color: $text-error; margin-left: 18; display: none;
    }
    FieldRow TextInput { background: $panel; width: 1fr; }
    FieldRow SecretEditor { width: 1fr; }
    """

    def __init__(self, label: str, field: Widget) -> None:
        super().__init__()
        self.field = field
        self._label = label

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label(self._label)
            yield self.field
        yield Static(classes="problem")

    def set_problem(self, sentence: str) -> None:
        """Show a problem; empty = there is none."""
        problem = self.query_one(".problem", Static)
        if problem.display or sentence:
            problem.update(Content(sanitize(sentence)))
            problem.display = bool(sentence)


def text_row(name: str, label: str, value: str, example: str) -> FieldRow:
    """Return the row of a text field.

    Args:
        name: Of the field; its id.
        label: Beside it.
        value: The initial text.
        example: Shown while it is empty.
    """
    return FieldRow(label, TextInput(value, id=name, placeholder=example, compact=True))


def secret_row(name: str, label: str, secret: SecretDraft) -> FieldRow:
    """Return the row of a secret and its source."""
    return FieldRow(label, SecretEditor(secret, id=name))
