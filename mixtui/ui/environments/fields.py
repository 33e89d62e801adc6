"""What the forms of an environment are made of: labels, fields, secrets."""

from __future__ import annotations

from dataclasses import dataclass

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from mixtui.model.secrets import REDACTED, Secret
from mixtui.ui.environments.draft import SecretDraft, SecretKind
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import SecretField, TextInput
from mixtui.ui.widgets.form import FieldRow

_EXAMPLES = {
    SecretKind.VARIABLE: "MP_SECRET",
    SecretKind.COMMAND: "pass show mixpanel/prod",
    SecretKind.KEYRING: "mixtui/prod-eu",
    SecretKind.FILE: "~/.secrets/mixpanel",
}


class SecretEditor(Container):
    """Edits a `SecretDraft`; remembers what was typed for each source."""

    DEFAULT_CSS = """
    SecretEditor { width: 1fr; height: auto; layout: horizontal; }
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

    def enter_secret(self, text: str) -> None:
        """Enter a secret, to be stored here."""
        self.kind_choice.value = SecretKind.TYPED
        self._show_kind(SecretKind.TYPED)
        self.secret_field.edit_text(text)

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
