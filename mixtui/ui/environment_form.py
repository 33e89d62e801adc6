"""The form of one environment."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mixtui.core.errors import MixtuiError
from mixtui.core.visible import sanitize
from mixtui.core.words import pluralise
from mixtui.ui.dialogs import ChoiceDialog
from mixtui.ui.environment_draft import EnvironmentDraft, finish
from mixtui.ui.environment_fields import EnvironmentFields
from mixtui.ui.environment_store import EnvironmentStore


class EnvironmentForm(ModalScreen[str | None]):
    """Adds or changes an environment; gives its name, or None when given up.

    It saves by itself, so that nothing typed is lost when that fails.

    Args:
        store: Keeps it.
        draft: What the form starts with.
        old_name: Its name until now; None = a new one.
        taken: The names that it cannot have.
        notice: A sentence to begin with.
    """

    DEFAULT_CSS = """
    EnvironmentForm { align: center middle; }
    EnvironmentForm > #box {
        width: 100%; max-width: 100; height: 100%; max-height: 36;
        border: round $primary; border-title-color: $text-primary;
        border-title-style: bold; background: $surface; padding: 0 1;
    }
    EnvironmentForm EnvironmentFields { height: 1fr; }
    EnvironmentForm #say {
        height: auto; max-height: 3; color: $text-muted; margin-top: 1;
    }
    EnvironmentForm #say.-error { color: $text-error; }
    EnvironmentForm .hints {
        height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    EnvironmentForm.-short #say { margin-top: 0; }
    EnvironmentForm.-narrow Row Label { width: 16; }
    EnvironmentForm.-narrow Row .problem { margin-left: 2; }
    EnvironmentForm.-narrow TextCheckbox { margin-left: 0; }
    EnvironmentForm.-narrow SecretEditor { layout: vertical; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The id lets the form follow a key that people chose for saving.
        Binding("ctrl+s", "save", "Save", id="save"),
        Binding("escape", "give_up", "Back"),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Field before", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]

    def __init__(
        self,
        store: EnvironmentStore,
        draft: EnvironmentDraft,
        *,
        old_name: str | None,
        taken: Collection[str],
        notice: str = "",
    ) -> None:
        super().__init__()
        self._store = store
        self._first = draft
        self._old_name = old_name
        self._taken = taken
        self._notice = notice

    def compose(self) -> ComposeResult:
        """The fields, a sentence, the keys."""
        title = f"Environment {self._old_name}" if self._old_name else "New environment"
        box = Vertical(id="box")
        box.border_title = Content(sanitize(title)).markup
        with box:
            yield EnvironmentFields(self._first, self._taken)
            yield Static(id="say")
            yield Static("ctrl+s saves · esc goes back · ↑ ↓ move", classes="hints")

    def on_mount(self) -> None:
        """Begin with the name."""
        self._say(self._notice, wrong=False)
        self.query_one("#name").focus()

    def action_save(self) -> None:
        """Keep the environment and leave; or say what is wrong, and stay."""
        fields = self.query_one(EnvironmentFields)
        if wrong := fields.check():
            self._say(f"{pluralise(wrong, 'thing')} to correct before it can be saved.")
            return
        environment, secrets = finish(fields.draft)
        try:
            self._store.save(environment, self._old_name, secrets)
        except MixtuiError as error:
            self._say(str(error))
            return
        if self.is_current:
            self.dismiss(environment.name)

    def action_give_up(self) -> None:
        """Leave; asks when something was changed."""
        if self.query_one(EnvironmentFields).draft == self._first:
            self.dismiss(None)
            return
        choices = (
            ("s", "Save it", "save"),
            ("d", "Discard the changes", "discard"),
            ("c", "Keep editing", "stay"),
        )
        question = "The environment has unsaved changes."
        dialog = ChoiceDialog(question, choices, title="Unsaved changes")
        self.app.push_screen(dialog, self._leave)

    def _leave(self, answer: str | None) -> None:
        if answer == "save":
            self.action_save()
        elif answer == "discard":
            self.dismiss(None)

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        event.stop()
        self.focus_next()

    @on(EnvironmentFields.Changed)
    def _changed(self, event: EnvironmentFields.Changed) -> None:
        event.stop()
        if self.query_one("#say").has_class("-error"):
            self._say("")

    def _say(self, sentence: str, *, wrong: bool = True) -> None:
        say = self.query_one("#say", Static)
        say.update(Content(sanitize(sentence)))
        say.set_class(wrong, "-error")
        say.display = bool(sentence)
