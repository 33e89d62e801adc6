"""The Auth tab (which credential, and why) and the Options tab (how to send)."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace
from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Checkbox, Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from mixtui.key_names import key_of
from mixtui.mixpanel.apis import CredentialKind
from mixtui.model.draft import AuthChoice, Draft, Options
from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.request.authentication import has_credential
from mixtui.text import sanitize
from mixtui.ui.request.previewed import NO_PREVIEW, PreviewedDraft
from mixtui.ui.widgets.choice import TextCheckbox
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.form import FormScroll
from mixtui.ui.widgets.option_list import MotionList

_LABELS = {
    AuthChoice.AUTO: "Auto (chosen by API, path and environment)",
    AuthChoice.SERVICE_ACCOUNT: "Service account (Basic, username:secret)",
    AuthChoice.PROJECT_TOKEN: "Project token (in the body, or as Basic username)",
    AuthChoice.PROJECT_SECRET: "Project secret (Basic; retired on 3 March 2027)",
    AuthChoice.OAUTH: "OAuth token (Bearer; GDPR)",
    AuthChoice.NONE: "None",
}


class AuthEditor(VerticalScroll, can_focus=False):
    """Choose how to authenticate; show what the environment has and what is used."""

    DEFAULT_CSS = """
    AuthEditor OptionList {
        height: auto; border: none; padding: 0; background: transparent;
    }
    AuthEditor OptionList:focus { border: none; }
    AuthEditor Static { height: auto; padding: 0 1; color: $text-muted; }
    """

    @dataclass
    class Changed(Message):
        """Posted when another way is chosen."""

        choice: AuthChoice

    draft: var[Draft] = var(Draft(), init=False, always_update=True)
    previewed: var[PreviewedDraft] = var(NO_PREVIEW, init=False)
    choice: var[AuthChoice] = var(AuthChoice.AUTO, init=False)
    """The way that is chosen."""

    def compose(self) -> ComposeResult:
        yield MotionList(*self._options(), compact=True)
        yield Static()

    def on_mount(self) -> None:
        self._fill()

    def watch_draft(self, draft: Draft) -> None:
        self.choice = draft.options.auth

    def watch_choice(self) -> None:
        if self.is_mounted:
            self._fill()

    def watch_previewed(self, before: PreviewedDraft, after: PreviewedDraft) -> None:
        """Show which credentials the environment has, and the one that is used."""
        if not self.is_mounted:
            return
        if before.environment != after.environment:
            self._fill()
        elif before.preview != after.preview:
            self._explain()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Choose by enter or space."""
        event.stop()
        self.choice = AuthChoice(str(event.option_id))
        self.post_message(self.Changed(self.choice))

    def _fill(self) -> None:
        """Fill the list; the cursor starts at the choice."""
        options = self.query_one(OptionList)
        highlighted = options.highlighted
        options.set_options(self._options())
        options.highlighted = (
            list(AuthChoice).index(self.choice) if highlighted is None else highlighted
        )
        self._explain()

    def _options(self) -> list[Option]:
        return [Option(self._label(choice), id=choice.value) for choice in AuthChoice]

    def _label(self, choice: AuthChoice) -> Content:
        environment = self.previewed.environment
        mark = "●" if choice is self.choice else "○"
        label = Content(f"{mark} {_LABELS[choice]}")
        if choice in (AuthChoice.AUTO, AuthChoice.NONE) or has_credential(
            environment.credentials, CredentialKind(choice.value)
        ):
            return label
        reason = f"not set in {environment.name}"
        if environment == NO_ENVIRONMENT:
            reason = f"needs an environment ({key_of('environments')})"
        return label.stylize("$text-muted") + Content.styled(
            f"  {reason}", "$text-muted italic"
        )

    def _explain(self) -> None:
        preview = self.previewed.preview
        lines = [Content(f"This request: {sanitize(preview.credential)}")]
        if preview.problem is not None:
            lines = [Content.styled(sanitize(str(preview.problem)), "$text-error")]
        lines += [Content(f"· {sanitize(notice)}") for notice in preview.notices]
        self.query_one(Static).update(Content("\n").join(lines))


MAX_TIMEOUT = 86_400


class OptionsEditor(FormScroll):
    """Edit how the request is sent, and its description."""

    DEFAULT_CSS = """
    OptionsEditor Horizontal { height: 1; padding: 0 1; }
    OptionsEditor TextCheckbox { margin: 0 1; }
    OptionsEditor Label { width: 14; color: $text-muted; }
    OptionsEditor .hint {
        width: 1fr; padding-left: 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
    OptionsEditor .hint.-error { color: $text-error; }
    OptionsEditor #timeout { width: 12; }
    OptionsEditor #description { width: 1fr; }
    """

    @dataclass
    class Changed(Message):
        """Posted when an option or the description is edited."""

        options: Options
        description: str

    description_field = getters.query_one("#description", TextInput)
    timeout_field = getters.query_one("#timeout", TextInput)
    timeout_hint = getters.query_one("#timeout-hint", Label)
    redirects = getters.query_one("#redirects", TextCheckbox)
    delete_body = getters.query_one("#delete-body", TextCheckbox)
    history = getters.query_one("#history", TextCheckbox)
    insert_ids = getters.query_one("#insert-ids", TextCheckbox)

    draft: var[Draft] = var(Draft(), init=False, always_update=True)
    _options = Options()
    _description = ""

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label("Description")
            yield TextInput(self._description, id="description", compact=True)
        with Horizontal():
            yield Label("Read timeout")
            yield TextInput(self._timeout_text(), id="timeout", compact=True)
            yield Label(_TIMEOUT_NOTE, classes="hint", id="timeout-hint")
        yield TextCheckbox(
            "Follow redirects (same host only)",
            self._options.follow_redirects,
            id="redirects",
        )
        yield TextCheckbox(
            "Send a body with DELETE",
            self._options.delete_body,
            id="delete-body",
        )
        yield TextCheckbox(
            "Record in history",
            self._options.history,
            id="history",
        )
        yield TextCheckbox(
            "Add missing $insert_id (makes resends idempotent)",
            self._options.insert_ids,
            id="insert-ids",
        )

    def on_mount(self) -> None:
        self._fill()

    def watch_draft(self, draft: Draft) -> None:
        self._options, self._description = draft.options, draft.description
        if self.is_mounted:
            self._fill()

    def _fill(self) -> None:
        """Show the options in the fields, without a message."""
        options = self._options
        with self.prevent(Input.Changed, Checkbox.Changed):
            self.description_field.load_text(self._description)
            self.timeout_field.load_text(self._timeout_text())
            self.redirects.value = options.follow_redirects
            self.delete_body.value = options.delete_body
            self.history.value = options.history
            self.insert_ids.value = options.insert_ids
        self._hint(None)

    @on(Input.Changed, "#description")
    def _description_typed(self, event: Input.Changed) -> None:
        event.stop()
        self._description = event.value
        self._changed()

    @on(Input.Changed, "#timeout")
    def _timeout_typed(self, event: Input.Changed) -> None:
        event.stop()
        text = event.value.strip()
        try:
            timeout = float(text) if text else None
        except ValueError:
            self._hint("must be a number of seconds")
            return
        if timeout is not None and not 0 < timeout <= MAX_TIMEOUT:
            self._hint("must be more than 0 and at most 86,400 s (a day)")
            return
        self._hint(None)
        self._options = replace(self._options, timeout=timeout)
        self._changed()

    @on(Checkbox.Changed)
    def _switched(self, event: Checkbox.Changed) -> None:
        event.stop()
        self._options = replace(
            self._options,
            follow_redirects=self.redirects.value,
            delete_body=self.delete_body.value,
            history=self.history.value,
            insert_ids=self.insert_ids.value,
        )
        self._changed()

    def _changed(self) -> None:
        self.post_message(self.Changed(self._options, self._description))

    def _hint(self, mistake: str | None) -> None:
        hint = self.timeout_hint
        hint.update(mistake or _TIMEOUT_NOTE)
        hint.set_class(mistake is not None, "-error")

    def _timeout_text(self) -> str:
        timeout = self._options.timeout
        return "" if timeout is None else f"{timeout:g}"


_TIMEOUT_NOTE = "seconds (default: 120; export: 600)"
