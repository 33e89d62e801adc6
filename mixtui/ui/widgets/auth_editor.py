"""The Auth tab: which credential, and why."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mixtui.core.authentication import has
from mixtui.core.environments import Environment
from mixtui.core.preview import Preview
from mixtui.core.requests import AuthChoice
from mixtui.core.visible import sanitize
from mixtui.mixpanel.credentials import CredentialKind

_WORDS = {
    AuthChoice.AUTO: "auto: by API, path and what the environment has",
    AuthChoice.SERVICE_ACCOUNT: "service account (Basic user:secret)",
    AuthChoice.PROJECT_TOKEN: "project token (in the body, or as Basic user)",
    AuthChoice.PROJECT_SECRET: "project secret (Basic; ends 3 March 2027)",
    AuthChoice.OAUTH: "OAuth token (Bearer; GDPR)",
    AuthChoice.NONE: "none",
}


class AuthEditor(VerticalScroll, can_focus=False):
    """All ways to authenticate, what the environment has, and what will be used."""

    DEFAULT_CSS = """
    AuthEditor OptionList {
        height: auto; border: none; padding: 0; background: transparent;
    }
    AuthEditor OptionList:focus { border: none; }
    AuthEditor Static { height: auto; padding: 0 1; color: $text-muted; }
    """

    @dataclass
    class Changed(Message):
        """Another way was chosen."""

        choice: AuthChoice

    def __init__(self, choice: AuthChoice) -> None:
        super().__init__()
        self._choice = choice
        self._environment = Environment("")
        self._preview = Preview("", "")

    def compose(self) -> ComposeResult:
        """The list above its explanation."""
        yield OptionList(*self._options(), compact=True)
        yield Static()

    def on_mount(self) -> None:
        """Start at the choice."""
        self._refill()

    @property
    def choice(self) -> AuthChoice:
        """The way that is chosen."""
        return self._choice

    @choice.setter
    def choice(self, choice: AuthChoice) -> None:
        if choice != self._choice:
            self._choice = choice
            self._refill()

    def explain(self, environment: Environment, preview: Preview) -> None:
        """Say what an environment has and what a preview came to."""
        if (environment, preview) == (self._environment, self._preview):
            return
        refill = environment != self._environment
        self._environment, self._preview = environment, preview
        if self.is_mounted:
            self._refill() if refill else self._say()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or space chooses."""
        event.stop()
        self._choice = AuthChoice(str(event.option_id))
        self._refill()
        self.post_message(self.Changed(self._choice))

    def _refill(self) -> None:
        options = self.query_one(OptionList)
        highlighted = options.highlighted
        options.set_options(self._options())
        options.highlighted = (
            list(AuthChoice).index(self._choice) if highlighted is None else highlighted
        )
        self._say()

    def _options(self) -> list[Option]:
        return [Option(self._label(choice), id=choice.value) for choice in AuthChoice]

    def _label(self, choice: AuthChoice) -> Content:
        mark = "●" if choice is self._choice else "○"
        label = Content(f"{mark} {_WORDS[choice]}")
        if choice in (AuthChoice.AUTO, AuthChoice.NONE) or not self._environment.name:
            return label
        if not has(self._environment.credentials, CredentialKind(choice.value)):
            return label.stylize("dim") + Content.styled(
                f"  not in {self._environment.name}", "dim italic"
            )
        return label

    def _say(self) -> None:
        preview = self._preview
        lines = [Content(f"This request: {sanitize(preview.credential)}")]
        if preview.problem is not None:
            lines = [Content.styled(sanitize(str(preview.problem)), "$text-error")]
        lines += [Content(f"· {sanitize(notice)}") for notice in preview.notices]
        self.query_one(Static).update(Content("\n").join(lines))
