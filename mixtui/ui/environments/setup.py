"""Set up a first environment: credentials, then the project that they lead to.

The form saves what it found; `mixtui.ui.main.setup` goes on to a first request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator
from typing import ClassVar

from msgspec import Struct, field
from msgspec.structs import replace
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from mixtui.dispatch.discovery import with_typed_secrets
from mixtui.dispatch.environment_check import EnvironmentTest, EnvironmentTester
from mixtui.key_names import key_of
from mixtui.mixpanel.apis import CredentialKind, Region
from mixtui.model.errors import MixtuiError
from mixtui.outcome.projects import Project
from mixtui.storage.environment_proposal import looks_like_production, propose_name
from mixtui.storage.environment_store import EnvironmentStore
from mixtui.text import sanitize
from mixtui.ui.environments.details import REGIONS
from mixtui.ui.environments.draft import (
    EnvironmentDraft,
    SecretDraft,
    SecretKind,
    finish,
    problems,
)
from mixtui.ui.environments.fields import (
    SecretEditor,
    secret_row,
    text_row,
)
from mixtui.ui.environments.form import EnvironmentForm
from mixtui.ui.environments.projects import FoundProject, choose_project
from mixtui.ui.keys.keymap import FORM_BINDINGS
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import SecretField, TextInput
from mixtui.ui.widgets.form import FieldRow, FormScroll
from mixtui.ui.widgets.screen import CancelsWorkersOnPrune, StyledOnce

_KINDS = {
    CredentialKind.SERVICE_ACCOUNT: "service account",
    CredentialKind.PROJECT_TOKEN: "project token",
    CredentialKind.PROJECT_SECRET: "project secret",
}
_HELP = {
    CredentialKind.SERVICE_ACCOUNT: (
        "Sign in to your Mixpanel project with a service account. Mixpanel shows its "
        "username and secret under Service Accounts, in the organization settings."
    ),
    CredentialKind.PROJECT_TOKEN: (
        "A project token sends events and profile updates, and reads nothing. Mixpanel "
        "shows it in the project settings, under Access Keys."
    ),
    CredentialKind.PROJECT_SECRET: (
        "A project secret queries one project. Mixpanel shows it in the project "
        "settings, under Access Keys, and retires it on 3 March 2027."
    ),
}
_CREDENTIAL_FIELDS = {
    CredentialKind.SERVICE_ACCOUNT: ("username", "service_account"),
    CredentialKind.PROJECT_TOKEN: ("project_token",),
    CredentialKind.PROJECT_SECRET: ("project_secret",),
}
_PROJECT_FIELDS = ("project_id", "region", "writes", "name", "other_token")
_CONFIRM, _READ_ONLY, _FREE = "confirm", "read_only", "free"
_WRITES = (
    ("confirmed one by one", _CONFIRM),
    ("blocked (read-only)", _READ_ONLY),
    ("not confirmed", _FREE),
)


class SetupState(Struct, frozen=True):
    """What was typed, kept for the next time the form is opened."""

    kind: CredentialKind = CredentialKind.SERVICE_ACCOUNT
    draft: EnvironmentDraft = field(
        default_factory=lambda: EnvironmentDraft(
            project_secret=SecretDraft(SecretKind.TYPED)
        )
    )
    """With the credentials of every kind that was typed."""
    region: str = ""
    """Empty = neither found nor chosen yet."""
    found: str = ""
    """What the last test said; shown with the project, so empty = that is not shown."""

    @property
    def result(self) -> EnvironmentDraft:
        """The environment as it will be saved, with the credentials of its kind alone."""
        draft, kind = self.draft, self.kind
        is_account = kind is CredentialKind.SERVICE_ACCOUNT
        is_secret = kind is CredentialKind.PROJECT_SECRET
        return replace(
            draft,
            region=Region(self.region or Region.US),
            username=draft.username if is_account else "",
            service_account=draft.service_account if is_account else SecretDraft(),
            project_secret=draft.project_secret if is_secret else SecretDraft(),
        )


class UsernameInput(TextInput):
    """A field for a username, into which both lines can be pasted that Mixpanel shows.

    Args:
        text: The initial text.
        take_secret: Called with the second of two lines; never shown, and in no message.
    """

    def __init__(self, text: str, take_secret: Callable[[str], None]) -> None:
        super().__init__(
            text,
            id="username",
            placeholder="ci.1a2b3c.mp-service-account",
            compact=True,
        )
        self._take_secret = take_secret

    def paste_text(self, text: str) -> str:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(lines) != 2 or any(" " in line for line in lines):
            return super().paste_text(text)
        self._take_secret(lines[1])
        return lines[0]


class SetupFields(FormScroll):
    """The fields: those of the project appear when the credentials were tested."""

    DEFAULT_CSS = """
    SetupFields { scrollbar-size-vertical: 1; }
    SetupFields .help { height: auto; color: $text-muted; margin-bottom: 1; }
    SetupFields #found { height: auto; color: $text-muted; margin: 1 0; }
    SetupFields #found.-good { color: $text-success; }
    SetupFields #found.-untested { color: $text-warning; }
    SetupFields #found.-wrong { color: $text-error; }
    SetupFields.-asks-for-project .help { display: none; }
    SetupFields FieldRow { display: none; }
    SetupFields FieldRow.-shown { display: block; }
    """

    def __init__(self, state: SetupState) -> None:
        super().__init__()
        self._state = state
        self._draft = state.draft
        """What the fields do not show."""

    def compose(self) -> ComposeResult:
        state, draft = self._state, self._state.draft
        yield Static(classes="help")
        kinds = [(label, kind) for kind, label in _KINDS.items()]
        yield FieldRow(
            "Credential",
            CompactSelect(kinds, state.kind, id="kind", title="Credential"),
        )
        yield FieldRow("Username", UsernameInput(draft.username, self._take_secret))
        yield secret_row("service_account", "Secret", draft.service_account)
        yield secret_row("project_secret", "Project secret", draft.project_secret)
        yield text_row("project_token", "Project token", draft.project_token, "")
        yield Static(id="found")
        yield from self._project_rows(draft)

    def _project_rows(self, draft: EnvironmentDraft) -> Iterator[Widget]:
        regions = [("choose", "")] + [(f"{r} · {REGIONS[r]}", r) for r in Region]
        writes = _FREE
        if draft.read_only or draft.confirm_writes:
            writes = _READ_ONLY if draft.read_only else _CONFIRM
        yield text_row("project_id", "Project ID", draft.project_id, "1234567")
        yield FieldRow(
            "Region",
            CompactSelect(regions, self._state.region, id="region", title="Region"),
        )
        yield FieldRow(
            "Writes", CompactSelect(_WRITES, writes, id="writes", title="Writes")
        )
        yield text_row("name", "Name", draft.name, "prod-eu")
        yield text_row(
            "other_token",
            "Project token",
            draft.project_token,
            "Optional: to send events and profiles",
        )

    def on_mount(self) -> None:
        """Show what the state has."""
        self.show_kind()
        self.show_found(self._state.found)

    @property
    def state(self) -> SetupState:
        """What was typed."""
        writes = self.select("writes").value
        kind = CredentialKind(self.select("kind").value)
        is_token = kind is CredentialKind.PROJECT_TOKEN
        token = "project_token" if is_token else "other_token"
        draft = replace(
            self._draft,
            name=self.text("name").value,
            project_id=self.text("project_id").value,
            read_only=writes == _READ_ONLY,
            confirm_writes=writes != _FREE,
            username=self.text("username").value,
            service_account=self.secret("service_account").secret,
            project_secret=self.secret("project_secret").secret,
            project_token=self.text(token).value,
        )
        return SetupState(kind, draft, self.select("region").value, self._state.found)

    @property
    def shows_project(self) -> bool:
        """Whether the project is asked for."""
        return bool(self._state.found)

    def text(self, name: str) -> TextInput:
        """Return a text field."""
        return self.query_one(f"#{name}", TextInput)

    def select(self, name: str) -> CompactSelect:
        """Return a select."""
        return self.query_one(f"#{name}", CompactSelect)

    def secret(self, name: str) -> SecretEditor:
        """Return the editor of a secret."""
        return self.query_one(f"#{name}", SecretEditor)

    def show_kind(self) -> None:
        """Show the fields of the kind of credential, and where to find it."""
        kind = CredentialKind(self.select("kind").value)
        self.query_one(".help", Static).update(_HELP[kind])
        for row in self.query(FieldRow):
            name = row.field.id or ""
            is_shown = name == "kind" or name in _CREDENTIAL_FIELDS[kind]
            if name in _PROJECT_FIELDS:
                is_token = kind is CredentialKind.PROJECT_TOKEN
                is_shown = self.shows_project and not (
                    is_token and name == "other_token"
                )
            row.set_class(is_shown, "-shown")

    def show_found(self, sentence: str, style: str = "-good") -> None:
        """Show what a test said, and ask for the project; empty = ask for neither."""
        self._state = replace(self._state, found=sentence)
        self.set_class(bool(sentence), "-asks-for-project")
        self.say(sentence, style)
        self.show_kind()

    def say(self, sentence: str, style: str = "") -> None:
        """Show a message below the credentials.

        Args:
            sentence: Empty = none.
            style: The class of its color.
        """
        found = self.query_one("#found", Static)
        found.update(Content(sanitize(sentence)))
        found.set_classes(style)
        found.display = bool(sentence)
        if sentence:
            self.call_after_refresh(found.scroll_visible, animate=False)

    def fill(self, project: Project, used_names: Collection[str]) -> None:
        """Fill in what is known of a project."""
        name = propose_name(project.name, project.id, used_names)
        self.text("project_id").edit_text(project.id)
        self.text("name").edit_text(name)
        is_live = looks_like_production(project.name)
        self.select("writes").value = _READ_ONLY if is_live else _CONFIRM
        self._draft = replace(
            self._draft,
            organization_id=project.organization_id,
            workspace_id=project.workspace_id,
        )

    def propose_name(self, used_names: Collection[str]) -> None:
        """Fill in a name if there is none, so that enter is enough."""
        if not self.text("name").value.strip():
            self.text("name").edit_text(propose_name("mixpanel", "", used_names))

    def check(self, names: Collection[str], used_names: Collection[str]) -> bool:
        """Show what is wrong with some fields, and focus the first; return if none is."""
        state = self.state
        wrong = {
            **problems(state.result, used_names),
            **self._required(state),
        }
        if "project_token" in wrong:
            wrong["other_token"] = wrong["project_token"]
        wrong = {name: sentence for name, sentence in wrong.items() if name in names}
        for row in self.query(FieldRow):
            row.set_problem(wrong.get(row.field.id or "", ""))
        first = next((name for name in names if name in wrong), None)
        if first is not None:
            self.go_to(first)
        return not wrong

    def _required(self, state: SetupState) -> dict[str, str]:
        draft, wrong = state.result, {}
        if state.kind is CredentialKind.SERVICE_ACCOUNT and not draft.username.strip():
            wrong["username"] = "Enter the username of the service account."
        is_token = state.kind is CredentialKind.PROJECT_TOKEN
        if is_token and not draft.project_token.strip():
            wrong["project_token"] = "Enter the project token."
        if not state.region:
            wrong["region"] = "Choose the project's region: the wrong one loses data."
        needs_id = state.kind is CredentialKind.SERVICE_ACCOUNT
        if needs_id and not draft.project_id.strip():
            wrong["project_id"] = "Enter the project ID; requests are sent with it."
        return wrong

    def _take_secret(self, text: str) -> None:
        self.secret("service_account").enter_secret(text)
        self.call_after_refresh(self.go_to, "service_account")

    def go_to(self, name: str) -> None:
        """Focus a field."""
        widget = self.query_one(f"#{name}")
        if isinstance(widget, SecretEditor):
            widget.focus_value()
        else:
            widget.focus()


class SetupScreen(StyledOnce, CancelsWorkersOnPrune, ModalScreen[str | None]):
    """Set up an environment in two steps; return its name, or None if it was left.

    Args:
        store: Saves it.
        state: What was typed before.
        keep: Called with what was typed when the form is left.
        used_names: Names that are taken.
        tester: Tests the credentials; None = they are not tested.
        on_open: Called when the form takes keys.
    """

    DEFAULT_CSS = """
    SetupScreen { align: center middle; }
    SetupScreen > #box {
        width: 100%; max-width: 84; height: 100%; max-height: 18;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background; padding: 0 1;
    }
    SetupScreen SetupFields { height: 1fr; }
    SetupScreen .hints {
        height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    SetupScreen.-short #found { margin: 0; }
    SetupScreen.-short .help { display: none; }
    SetupScreen.-narrow FieldRow Label { width: 15; }
    SetupScreen.-narrow FieldRow .problem { margin-left: 2; }
    SetupScreen.-narrow SecretEditor { layout: vertical; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The ids let the form follow keys that people chose for saving and sending.
        Binding("ctrl+s", "next", "Next", id="save"),
        Binding("f5", "test", "Test", id="send"),
        Binding("f2", "all_fields", "All fields"),
        Binding("escape", "leave", "Later"),
        *FORM_BINDINGS,
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (60, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]
    fields = getters.query_one(SetupFields)

    def __init__(
        self,
        store: EnvironmentStore,
        state: SetupState | None = None,
        *,
        keep: Callable[[SetupState], object] = lambda state: None,
        used_names: Collection[str] = (),
        tester: EnvironmentTester | None = None,
        on_open: Callable[[], object] = lambda: None,
    ) -> None:
        super().__init__()
        self._on_open = on_open
        self._store = store
        self._initial = state or SetupState()
        self._keep = keep
        self._used_names = used_names
        self._tester = tester
        self._tested: tuple[object, ...] | None = None
        """The credentials that were tested last."""
        if self._initial.found:
            self._tested = self._initial.result.credentials

    def compose(self) -> ComposeResult:
        box = Vertical(id="box")
        with box:
            yield SetupFields(self._initial)
            yield Static(classes="hints")

    def on_mount(self) -> None:
        """Begin at the first field that is needed."""
        self._show_step()
        kind = self._initial.kind
        first = _CREDENTIAL_FIELDS[kind][0]
        self.fields.go_to(self._first_of_project if self._initial.found else first)
        self.call_after_refresh(self._on_open)

    @property
    def state(self) -> SetupState:
        """What was typed."""
        return self.fields.state

    def action_leave(self) -> None:
        """Leave, and keep what was typed."""
        if self.is_current:
            self._keep(self.state)
            self.dismiss(None)

    def action_all_fields(self) -> None:
        """Go on in the form with all fields."""
        form = EnvironmentForm(
            self._store,
            self.state.result,
            old=None,
            used_names=self._used_names,
            tester=self._tester,
        )

        def saved(name: str | None) -> None:
            if name is not None:
                self._finish(name)

        self.app.push_screen(form, saved)

    def action_test(self) -> None:
        """Test the credentials, also those that were tested before."""
        self._tested = None
        self.action_next()

    def action_next(self) -> None:
        """Test the credentials; when that was done, save."""
        fields = self.fields
        if not fields.check(_CREDENTIAL_FIELDS[self.state.kind], self._used_names):
            return
        if self.state.result.credentials != self._tested:
            self.run_worker(self._test(), group="test", exclusive=True)
        elif not fields.shows_project:
            self._ask_for_project("Not tested: enter region and project yourself.")
        elif fields.check(_PROJECT_FIELDS, self._used_names):
            self.run_worker(self._save(), group="save", exclusive=True)

    async def _test(self) -> None:
        draft = self.state.result
        if self._tester is None:
            self._tested = draft.credentials
            self.action_next()
            return
        self.fields.show_found("")
        self._show_step()
        self.fields.say("Testing in us, eu and in…")
        result = await self._tester.test(with_typed_secrets(*finish(draft)))
        if self.state.result.credentials != draft.credentials:
            changed = "The credentials changed while they were tested. Test them again."
            self.fields.say(changed, "-wrong")
            return
        self._tested = draft.credentials
        if result.ok:
            await self._show_project(result)
        else:
            again = f"Press {key_of('save')} again to continue without a test."
            self.fields.say(f"{result.sentence} {again}", "-wrong")

    async def _show_project(self, result: EnvironmentTest) -> None:
        found, sentence = result.discovery, result.sentence
        if found.accepted and not found.projects and found.accepted[0].projects == ():
            sentence += (
                " It has no project yet: add it to one in Mixpanel, and press "
                f"{key_of('send')} to test again."
            )
        chosen: FoundProject | None = next(iter(found.projects), None)
        if len(found.projects) > 1:
            chosen = await self.app.push_screen_wait(choose_project(found.projects))
        region = chosen[0] if chosen else next(iter(found.regions), "")
        if chosen is not None:
            self.fields.fill(chosen[1], self._used_names)
        if region:
            self.fields.select("region").value = region
        self._ask_for_project(sentence, "-good" if found.accepted else "-untested")

    def _ask_for_project(self, sentence: str, style: str = "-untested") -> None:
        fields = self.fields
        fields.show_found(sentence, style)
        self._show_step()
        fields.propose_name(self._used_names)
        self.call_after_refresh(fields.go_to, self._first_of_project)

    @property
    def _first_of_project(self) -> str:
        """The first field of the project that is not filled in."""
        state = self.state
        if not state.draft.project_id and state.kind is CredentialKind.SERVICE_ACCOUNT:
            return "project_id"
        return "name" if state.region else "region"

    async def _save(self) -> None:
        environment, secrets = finish(self.state.result)
        try:
            await asyncio.to_thread(self._store.save, environment, None, secrets)
        except MixtuiError as error:
            self.fields.say(str(error), "-wrong")
            return
        self._finish(environment.name)

    def _finish(self, name: str) -> None:
        self._keep(SetupState())
        self.dismiss(name)

    @on(CompactSelect.Changed, "#region")
    def _region_chosen(self, event: CompactSelect.Changed) -> None:
        event.stop()
        self.fields.go_to("name")

    @on(CompactSelect.Changed, "#kind")
    def _kind_chosen(self, event: CompactSelect.Changed) -> None:
        event.stop()
        self.fields.show_kind()

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        event.stop()
        name = event.input.id or ""
        kind = self.state.kind
        fields = _CREDENTIAL_FIELDS[kind]
        if name in fields and name != fields[-1]:
            self.fields.go_to(fields[fields.index(name) + 1])
        elif name == "project_id" and self.fields.shows_project:
            self.fields.go_to("name" if self.state.region else "region")
        else:
            self.action_next()

    @on(SecretField.Submitted)
    def _secret_submitted(self, event: SecretField.Submitted) -> None:
        event.stop()
        self.action_next()

    def _show_step(self) -> None:
        step = 2 if self.fields.shows_project else 1
        name = "Project" if step == 2 else "Credentials"
        verb = "Save" if step == 2 else "Test"
        box = self.query_one("#box", Vertical)
        box.border_title = f"Set up an environment · {step} of 3 · {name}"
        hints = f"enter/{key_of('save')} {verb} · esc Later · f2 All fields · ↑ ↓ Move"
        self.query_one(".hints", Static).update(hints)
