"""The screen of environments: view, switch, add, edit, copy, delete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import ClassVar

from msgspec import Struct
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Key, Resize
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mixtui.actions import ACTIONS, Action, Scope, in_scope
from mixtui.dispatch.environment_check import EnvironmentTester
from mixtui.key_names import key_of
from mixtui.model.environment import Environment, Environments
from mixtui.model.errors import MixtuiError
from mixtui.storage.environment_store import EnvironmentStore
from mixtui.storage.paths import fold_name, unique_name
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import ConfirmDialog
from mixtui.ui.environments.details import (
    details,
    kind_of_origin,
    origin_label,
    reserved_names,
    reserves_name,
    summary,
)
from mixtui.ui.environments.draft import EnvironmentDraft, draft_of
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.environments.setup import SetupScreen
from mixtui.ui.keys.hints import KeyHints
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.option_list import MotionList, ScrollPage
from mixtui.ui.widgets.screen import StyledOnce

_NUMBERED = 9
"""Environments that a digit uses at once."""


class EnvironmentList(MotionList):
    """Environments to choose from."""

    takes_counts = False
    """A digit uses an environment."""
    _environments = Environments()

    def show(self, environments: Environments, current: str, go_to: str) -> None:
        """Show environments.

        Args:
            environments: All of them.
            current: The name of the one in use.
            go_to: The name to put the cursor on, if there is one.
        """
        names, before = environments.names, self.highlighted or 0
        self._environments = environments
        self.set_options(
            Option(_option_label(number, e, environments.default, current))
            for number, e in enumerate(environments.all, 1)
        )
        if names:
            index = (
                names.index(go_to) if go_to in names else min(before, len(names) - 1)
            )
            self.highlighted = index

    def on_key(self, event: Key) -> None:
        """Use the environment of a digit at once."""
        if event.key.isdecimal() and 0 < int(event.key) <= self.option_count:
            event.stop()
            self.highlighted = int(event.key) - 1
            self.action_select()

    @property
    def chosen(self) -> Environment | None:
        """The environment under the cursor."""
        return (
            None
            if self.highlighted is None
            else self._environments.all[self.highlighted]
        )


def welcome() -> Content:
    """Explain environments when there is none."""
    key = key_of("environments.add")
    title, *sentences = _WELCOME
    return Content("\n\n").join(
        [
            Content.styled(title, "bold $text-primary"),
            *map(Content, sentences),
            Content.assemble((f" {key} ", "bold reverse"), " Add an environment"),
        ]
    )


_WELCOME = (
    "No environments yet.",
    "An environment holds a project, its region and the credentials to use. You "
    "need a service account (username and secret), which Mixpanel shows in the "
    "organization settings; its region and projects are found for you.",
    "To send events and profile updates, you also need the project token. Secrets "
    "that you enter are stored in credentials.toml, readable only by you.",
)


def _option_label(
    number: int, environment: Environment, default: str, current: str
) -> Content:
    name = environment.name
    states = {"in use": name == current, "default": name == default}
    state_text = ", ".join(state for state, holds in states.items() if holds)
    return Content.assemble(
        (f"{number} " if number <= _NUMBERED else "  ", "$text-primary"),
        "● " if name == current else "  ",
        (sanitize(name), "bold"),
        f"  {state_text}\n    ",
        summary(environment),
    )


_BACK = Action("environments.leave", ("escape",), "Back", "Go back.", "")
"""Only for the key hints: escape goes back whatever keys users choose."""


class SetUp(Struct, frozen=True):
    """An environment was set up, and is to be used."""

    name: str


class EnvironmentsScreen(StyledOnce, ModalScreen[str | SetUp | None]):
    """Choose and edit environments; return the name of the one to use, None = no change.

    Environments may have been added, changed or deleted since, whatever the
    result: who opens this screen reads them again afterwards. When the one in use was
    renamed or deleted, the result is its new name or the one to start with.

    Args:
        store: Loads and saves them.
        current: The name of the one in use; empty = none.
        actions: Every action, with the user's keys; empty = the default ones.
        tester: Tests what is edited; None = the form offers no test.
        set_up: Makes the form of a new environment, with the names that are taken.
    """

    DEFAULT_CSS = """
    EnvironmentsScreen { align: center middle; }
    EnvironmentsScreen > #box {
        width: 100%; max-width: 116; height: 100%; max-height: 34;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background;
    }
    EnvironmentsScreen #panes { height: 1fr; layout: horizontal; }
    EnvironmentsScreen EnvironmentList {
        width: 44; height: 100%; padding: 0; background: $background;
        border: none; border-right: vkey $border-blurred; scrollbar-size-vertical: 1;
        text-wrap: nowrap; text-overflow: ellipsis;
    }
    EnvironmentsScreen EnvironmentList:focus {
        border: none; border-right: vkey $border; background-tint: transparent;
    }
    EnvironmentsScreen #details {
        width: 1fr; height: 100%; padding: 0 1; scrollbar-size-vertical: 1;
    }
    EnvironmentsScreen #details Static { height: auto; }
    EnvironmentsScreen #say { height: auto; max-height: 4; padding: 0 1; }
    EnvironmentsScreen #say.-error { color: $text-error; }
    EnvironmentsScreen.-empty EnvironmentList { display: none; }
    EnvironmentsScreen.-narrow #panes { layout: vertical; }
    EnvironmentsScreen.-narrow EnvironmentList {
        width: 100%; height: auto; max-height: 40%; border: none;
    }
    EnvironmentsScreen.-narrow #details { height: 1fr; border-top: solid $border-blurred; }
    EnvironmentsScreen.-narrow.-squat EnvironmentList { max-height: 100%; }
    EnvironmentsScreen.-narrow.-squat #details { display: none; }
    EnvironmentsScreen.-narrow.-squat.-empty #details { display: block; border: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.ENVIRONMENTS),
        Binding("escape", "leave", "Back", show=False),
        Binding("f9", "leave", "Back", show=False, id="environments"),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (90, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-squat"), (20, "-tall")]
    environment_list = getters.query_one(EnvironmentList)
    key_hints = getters.query_one(KeyHints)
    details_pane = getters.query_one("#details", ScrollPage)
    details_text = getters.query_one("#details Static", Static)
    note = getters.query_one("#say", Static)

    def __init__(
        self,
        store: EnvironmentStore,
        current: str = "",
        *,
        actions: Sequence[Action] = (),
        tester: EnvironmentTester | None = None,
        set_up: Callable[[Collection[str]], SetupScreen] | None = None,
    ) -> None:
        super().__init__()
        self._store = store
        self._tester = tester
        self._set_up = set_up or (lambda used: SetupScreen(store, used_names=used))
        self._initial = current
        self._current = current
        self._actions = in_scope(Scope.ENVIRONMENTS, actions or ACTIONS)
        self._environments = Environments()

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        box.border_title = "Environments"
        with box:
            with Container(id="panes"):
                yield EnvironmentList()
                with ScrollPage(id="details"):
                    yield Static()
            yield Static(id="say")
            yield KeyHints()

    def on_mount(self) -> None:
        """Load the environments, with the cursor on the one in use."""
        self._load(self._current)
        self.environment_list.focus()

    def on_resize(self, event: Resize) -> None:
        """Wrap the details to their new width."""
        self.call_after_refresh(self._show_details)

    @property
    def chosen(self) -> Environment | None:
        """The environment under the cursor."""
        return self.environment_list.chosen

    def action_switch(self) -> None:
        """Use the environment under the cursor."""
        if self.chosen is None:
            self.action_add()
        elif self.is_current:
            self.dismiss(self.chosen.name)

    def action_leave(self) -> None:
        """Leave; the result is the environment to use, if that is another."""
        if not self.is_current:
            return
        exists = self._environments.get(self._current) is not None
        new = self._current if exists else self._environments.default
        self.dismiss(new if new != self._initial and new else None)

    def action_add(self) -> None:
        """Set up a new environment."""

        def done(name: str | None) -> None:
            if name is not None:
                self.dismiss(SetUp(name))

        self.app.push_screen(self._set_up(reserved_names(self._environments)), done)

    def action_edit(self) -> None:
        """Edit the environment, or a copy of one that is read-only here."""
        if (environment := self.chosen) is None:
            return
        if self._store.editable(environment):
            self._open_form(
                draft_of(environment, self._store.secret_problem), environment
            )
            return
        question = (
            f"{environment.name} is defined in {origin_label(environment)} and cannot be "
            "edited here. Copy it to your environments.toml and edit the copy?"
        )
        dialog = ConfirmDialog(question, yes="Copy", title="Copy environment")
        self.app.push_screen(dialog, lambda yes: self._copy(environment, yes))

    def action_duplicate(self) -> None:
        """Open the form with a copy."""
        if (environment := self.chosen) is not None:
            self._copy(environment, True, rename=True)

    def action_delete(self) -> None:
        """Delete the environment, once confirmed."""
        environment = self._editable_or_notify(
            "only your own environments can be deleted here."
        )
        if environment is None:
            return
        name, project = environment.name, environment.project_id or "(none)"
        question = (
            f"Delete the environment {name} ({environment.region}, project {project})? "
            "Its stored secrets will be deleted, too. This cannot be undone."
        )
        dialog = ConfirmDialog(
            question,
            yes="Delete",
            no="Cancel",
            title="Delete environment",
            dangerous=True,
        )

        async def answered(yes: bool | None) -> None:
            if yes:
                delete = partial(self._store.delete, environment)
                await self._attempt(delete, f"Deleted {name}.")

        self.app.push_screen(dialog, answered)

    async def action_default(self) -> None:
        """Make the environment the default."""
        environment = self._editable_or_notify("copy it first to make it the default.")
        if environment is not None:
            name = environment.name
            sentence = f"{name} is now the default."
            await self._attempt(partial(self._store.set_default, name), sentence)

    def action_reload(self) -> None:
        """Read the files again."""
        loaded = self._load(self.chosen.name if self.chosen else self._current)
        if loaded and not self._environments.problems:
            self._set_note("Reloaded.")

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_switch()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._show_details()

    def _editable_or_notify(self, otherwise: str) -> Environment | None:
        """Return the environment under the cursor if it is editable; else notify why not."""
        environment = self.chosen
        if environment is None or self._store.editable(environment):
            return environment
        origin = origin_label(environment)
        self._set_note(
            f"{environment.name} is defined in {origin}: {otherwise}", wrong=True
        )
        return None

    def _copy(
        self, environment: Environment, yes: bool | None, *, rename: bool = False
    ) -> None:
        if not yes:
            return
        draft = draft_of(environment, self._store.secret_problem)
        if rename or reserves_name(environment):
            used = {fold_name(each) for each in self._environments.names}
            draft = draft.renamed(unique_name(draft.name, used))
        notice = ""
        if kind_of_origin(environment) == "collection" and environment.hosts:
            notice = "Check the hosts: secrets will be sent to them."
        self._open_form(draft, None, notice)

    def _open_form(
        self, draft: EnvironmentDraft, old: Environment | None, notice: str = ""
    ) -> None:
        own = reserved_names(self._environments)
        form = EnvironmentForm(
            self._store,
            draft,
            old=old,
            used_names=own - {old.name if old else None},
            notice=notice,
            tester=self._tester,
        )

        def saved(name: str | None) -> None:
            if name is None:
                self._load(old.name if old else self._current)
                return
            if old is not None and old.name == self._current:
                self._current = name
            self._load(name)
            self._set_note(f"Saved {name}.")

        self.app.push_screen(form, saved)

    async def _attempt(self, change: Callable[[], None], sentence: str) -> None:
        chosen = self.chosen
        try:
            await asyncio.to_thread(change)
        except MixtuiError as error:
            self._set_note(str(error), wrong=True)
            return
        if self._load(chosen.name if chosen else self._current):
            self._set_note(sentence)

    def _load(self, go_to: str) -> bool:
        """Load the environments and show them; on an error, keep showing the old ones."""
        try:
            self._environments = self._store.load()
        except MixtuiError as error:
            self._set_note(str(error), wrong=True)
            return False
        notes = (*self._environments.problems, *self._environments.warnings)
        self._set_note(" ".join(notes), wrong=True)
        names = self._environments.names
        self.set_class(not names, "-empty")
        self.environment_list.show(self._environments, self._current, go_to)
        shown = [a for a in self._actions if names or a.name == "add"]
        self.key_hints.show([*shown, _BACK])
        self._show_details()
        return True

    def _show_details(self) -> None:
        pane, text = self.details_pane, self.details_text
        width = pane.scrollable_content_region.width or pane.size.width
        if self.chosen is not None:
            if not width:
                return  # It is shown once it is laid out: see `on_resize`.
            beside = not self.has_class("-narrow")
            text.update(details(self.chosen, self._store, width, title=beside))
        elif self.has_class("-empty"):
            text.update(welcome())
        else:
            text.update("")

    def _set_note(self, sentence: str, *, wrong: bool = False) -> None:
        self.note.update(Content(sanitize(sentence)))
        self.note.set_class(wrong, "-error")
        self.note.display = bool(sentence)
