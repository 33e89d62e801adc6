"""Where a secret comes from, and a masked field for one that is typed."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.widgets import Input

from mixtui.core.secrets import REDACTED, Secret
from mixtui.ui.environment_draft import SecretDraft, SecretKind
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import TextInput

_EXAMPLES = {
    SecretKind.VARIABLE: "MP_SECRET",
    SecretKind.COMMAND: "pass show mixpanel/prod",
    SecretKind.KEYRING: "mixtui/prod-eu",
    SecretKind.FILE: "~/.secrets/mixpanel",
}


class SecretField(TextInput):
    """A masked field: what is typed is in no message, clipboard, log or traceback."""

    @dataclass
    class Typed(Message):
        """Something was typed; the message does not say what."""

        field: SecretField

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(placeholder=placeholder, password=True, compact=True)

    def post_message(self, message: Message) -> bool:
        """Input's own messages carry the text, and messages are logged."""
        if isinstance(message, Input.Changed):
            return super().post_message(self.Typed(self))
        if isinstance(message, Input.Blurred):
            return False
        return super().post_message(message)

    async def action_submit(self) -> None:
        """Nothing: the message would carry the text."""

    def action_copy(self) -> None:
        """Nothing: a secret goes to no clipboard."""

    def action_cut(self) -> None:
        """Delete what is selected, and keep it out of the clipboard."""
        self.delete_selection()


class SecretEditor(Container):
    """Edits a `SecretDraft`; what was typed for another source is kept meanwhile."""

    DEFAULT_CSS = """
    SecretEditor { height: auto; layout: horizontal; }
    SecretEditor TextInput { width: 1fr; }
    SecretEditor CompactSelect { min-width: 14; }
    """

    @dataclass
    class Changed(Message):
        """The source or the secret was changed."""

        editor: SecretEditor

        @property
        def control(self) -> SecretEditor:
            """The editor."""
            return self.editor

    def __init__(self, secret: SecretDraft, *, id: str) -> None:
        super().__init__(id=id)
        self._secret = secret
        self._places = {secret.kind: secret.place}

    def compose(self) -> ComposeResult:
        """The source, then the field that suits it."""
        yield CompactSelect(
            [(kind.value, kind) for kind in SecretKind],
            self._secret.kind,
            title="Secret",
        )
        yield TextInput(self._secret.place, compact=True, classes="place")
        yield SecretField(
            placeholder=f"{REDACTED} kept; type to replace it"
            if self._secret.kept
            else "type or paste it"
        )

    def on_mount(self) -> None:
        """Show the field of the source."""
        self._arrange(self._secret.kind)

    @property
    def secret(self) -> SecretDraft:
        """As it is now."""
        kind = self._kind
        typed = self.query_one(SecretField).value.strip()
        place = kind in _EXAMPLES
        return SecretDraft(
            kind,
            self.query_one(".place", TextInput).value if place else "",
            Secret(typed) if typed and kind is SecretKind.TYPED else None,
            self._secret.kept,
        )

    @property
    def _kind(self) -> SecretKind:
        return SecretKind(self.query_one(CompactSelect).value)

    @on(CompactSelect.Changed)
    def _kind_chosen(self, event: CompactSelect.Changed) -> None:
        event.stop()
        self._arrange(self._kind)
        self.post_message(self.Changed(self))

    @on(Input.Changed, ".place")
    def _place_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._places[self._kind] = event.value
        self.post_message(self.Changed(self))

    @on(SecretField.Typed)
    def _secret_typed(self, event: SecretField.Typed) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    def _arrange(self, kind: SecretKind) -> None:
        place = self.query_one(".place", TextInput)
        place.display = kind in _EXAMPLES
        self.query_one(SecretField).display = kind is SecretKind.TYPED
        place.placeholder = _EXAMPLES.get(kind, "")
        with self.prevent(Input.Changed):
            place.value = self._places.get(kind, "")
