"""The form of one environment."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Static, TextArea

from mixtui.dispatch.discovery import Discovery, with_typed_secrets
from mixtui.dispatch.environment_check import EnvironmentTester
from mixtui.key_names import key_of
from mixtui.mixpanel.apis import Region
from mixtui.model.environment import Environment
from mixtui.model.errors import ChangedOutside, MixtuiError
from mixtui.outcome.projects import Project
from mixtui.storage.environment_proposal import propose_name
from mixtui.storage.environment_store import EnvironmentStore
from mixtui.text import pluralise, sanitize
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.environments.details import REGIONS
from mixtui.ui.environments.draft import (
    EnvironmentDraft,
    SecretDraft,
    finish,
    problems,
)
from mixtui.ui.environments.fields import (
    SecretEditor,
    secret_row,
    text_row,
)
from mixtui.ui.environments.projects import (
    FoundProject,
    choose_project,
    shorten_names,
)
from mixtui.ui.keys.keymap import FORM_BINDINGS
from mixtui.ui.widgets.choice import CompactSelect, TextCheckbox
from mixtui.ui.widgets.field import SecretField, TextInput
from mixtui.ui.widgets.fitted import FittedText
from mixtui.ui.widgets.form import FieldRow, FormScroll, FormTextArea
from mixtui.ui.widgets.screen import StyledOnce

_TESTED = (
    "username",
    "service_account",
    "project_secret",
    "oauth_token",
    "hosts",
    "client_key",
)
"""The fields that a test needs to be valid."""


class EnvironmentFields(FormScroll):
    """Edit the draft of an environment.

    Args:
        draft: The initial content.
        used_names: Names that are taken.
    """

    DEFAULT_CSS = """
    EnvironmentFields { scrollbar-size-vertical: 1; }
    EnvironmentFields FormTextArea { background: $panel; width: 1fr; height: 3; }
    EnvironmentFields TextCheckbox { background: $background; margin-left: 18; }
    EnvironmentFields .section { height: auto; margin-top: 1; color: $text-muted; }
    """

    @dataclass
    class Changed(Message):
        """Posted when a field is edited."""

    def __init__(self, draft: EnvironmentDraft, used_names: Collection[str]) -> None:
        super().__init__()
        self._initial = draft
        self._used_names = used_names
        self._touched: set[str] = set()

    def compose(self) -> ComposeResult:
        yield from self._identity_rows()
        yield from self._credential_rows()
        yield from self._other_rows()

    @property
    def draft(self) -> EnvironmentDraft:
        """The draft as the fields have it."""
        return EnvironmentDraft(
            name=self._text_of("name"),
            region=Region(self.query_one("#region", CompactSelect).value),
            project_id=self._text_of("project_id"),
            workspace_id=self._text_of("workspace_id"),
            organization_id=self._text_of("organization_id"),
            read_only=self._is_checked("read_only"),
            confirm_writes=self._is_checked("confirm_writes"),
            history=self._is_checked("history"),
            username=self._text_of("username"),
            service_account=self._secret_of("service_account"),
            project_token=self._text_of("project_token"),
            project_secret=self._secret_of("project_secret"),
            oauth_token=self._secret_of("oauth_token"),
            variables=self.query_one("#variables", FormTextArea).text,
            hosts=self.query_one("#hosts", FormTextArea).text,
            ca_file=self._text_of("ca_file"),
            client_certificate=self._text_of("client_certificate"),
            client_key=self._text_of("client_key"),
            unshown_variables=self._initial.unshown_variables,
        )

    def check(self) -> int:
        """Show every problem, focus the first, and return how many there are."""
        problems_by_field = problems(self.draft, self._used_names)
        self._touched |= set(problems_by_field)
        self._show_problems(problems_by_field)
        if problems_by_field:
            field = self.query_one(f"#{next(iter(problems_by_field))}")
            target = field if field.can_focus else field.query_one(CompactSelect)
            target.focus()
        return len(problems_by_field)

    def check_credentials(self) -> str:
        """Return what is wrong with what a test needs; empty = it can be tested."""
        problems_by_field = problems(self.draft, self._used_names)
        wrong = {k: v for k, v in problems_by_field.items() if k in _TESTED}
        self._touched |= set(wrong)
        self._show_problems(problems_by_field)
        return next(iter(wrong.values()), "")

    def fill(self, project: Project) -> None:
        """Fill in what is known of a project, over nothing that was typed."""
        draft = self.draft
        for name, value in (
            ("project_id", project.id),
            ("organization_id", project.organization_id),
            ("workspace_id", project.workspace_id),
            ("name", propose_name(project.name, project.id, self._used_names)),
        ):
            if not getattr(draft, name).strip():
                self.query_one(f"#{name}", TextInput).edit_text(value)

    def set_region(self, region: Region) -> None:
        """Choose a region."""
        self.query_one("#region", CompactSelect).choose(region)

    @on(Input.Changed)
    @on(TextArea.Changed)
    @on(SecretEditor.Changed)
    @on(Checkbox.Changed)
    @on(CompactSelect.Changed)
    def _changed(
        self,
        event: Input.Changed
        | TextArea.Changed
        | SecretEditor.Changed
        | Checkbox.Changed
        | CompactSelect.Changed,
    ) -> None:
        event.stop()
        # A field shows its problem only once it was edited.
        self._touched.add(event.control.id or "")
        self._show_problems(problems(self.draft, self._used_names))
        self.post_message(self.Changed())

    def _show_problems(self, problems_by_field: dict[str, str]) -> None:
        for row in self.query(FieldRow):
            name = row.field.id or ""
            problem = problems_by_field.get(name, "")
            row.set_problem(problem if name in self._touched else "")

    def _text_of(self, name: str) -> str:
        return self.query_one(f"#{name}", TextInput).value

    def _is_checked(self, name: str) -> bool:
        return self.query_one(f"#{name}", TextCheckbox).value

    def _secret_of(self, name: str) -> SecretDraft:
        return self.query_one(f"#{name}", SecretEditor).secret

    def _identity_rows(self) -> Iterator[Widget]:
        draft = self._initial
        regions = [(f"{region} · {REGIONS[region]}", region) for region in Region]
        yield text_row("name", "Name", draft.name, "prod-eu")
        yield FieldRow(
            "Region", CompactSelect(regions, draft.region, id="region", title="Region")
        )
        yield text_row("project_id", "Project ID", draft.project_id, "1234567")
        yield text_row(
            "workspace_id",
            "Workspace ID",
            draft.workspace_id,
            "Only needed for data views",
        )
        yield text_row(
            "organization_id",
            "Organization ID",
            draft.organization_id,
            "Only needed to manage service accounts",
        )
        for name, value, text in (
            ("confirm_writes", draft.confirm_writes, "Confirm every write"),
            ("read_only", draft.read_only, "Read-only (block all writes)"),
            ("history", draft.history, "Record in history"),
        ):
            yield TextCheckbox(text, value, id=name)

    def _credential_rows(self) -> Iterator[Widget]:
        draft = self._initial
        yield Static(
            "Credentials. Queries, exports and imports use the service account; "
            "event tracking and profile updates use the project token.",
            classes="section",
        )
        yield text_row(
            "username",
            "Service account",
            draft.username,
            "ci.1a2b3c.mp-service-account",
        )
        yield secret_row("service_account", "  Secret", draft.service_account)
        yield text_row(
            "project_token",
            "Project token",
            draft.project_token,
            "An identifier, not a secret",
        )
        yield secret_row("project_secret", "Project secret", draft.project_secret)
        yield secret_row("oauth_token", "OAuth token", draft.oauth_token)

    def _other_rows(self) -> Iterator[Widget]:
        draft = self._initial
        text = "Variables replace {{name}} in requests. Hosts override Mixpanel's."
        if hidden_count := len(draft.unshown_variables):
            text += f" {pluralise(hidden_count, 'variable')} with more than one line not shown."
        yield Static(text, classes="section", markup=False)
        yield FieldRow(
            "Variables",
            FormTextArea(draft.variables, id="variables", placeholder="plan = pro"),
        )
        example = "ingestion = https://events.example.com"
        yield FieldRow(
            "Hosts", FormTextArea(draft.hosts, id="hosts", placeholder=example)
        )
        yield text_row("ca_file", "CA file", draft.ca_file, "~/certificates/ca.pem")
        yield text_row(
            "client_certificate",
            "Certificate",
            draft.client_certificate,
            "~/certificates/client.pem",
        )
        yield text_row(
            "client_key",
            "Certificate key",
            draft.client_key,
            "~/certificates/client.key",
        )


class EnvironmentForm(StyledOnce, ModalScreen[str | None]):
    """Add or edit an environment; return its name, or None when cancelled.

    The form saves it itself, so that nothing typed is lost when saving fails.

    Args:
        store: Saves it.
        draft: The initial content.
        old: As it was loaded; None = a new environment.
        used_names: Names that are taken.
        notice: Shown at first.
        tester: Tests it; None = it cannot be tested here.
    """

    DEFAULT_CSS = """
    EnvironmentForm { align: center middle; }
    EnvironmentForm > #box {
        width: 100%; max-width: 100; height: 100%; max-height: 36;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background; padding: 0 1;
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
    EnvironmentForm.-narrow FieldRow Label { width: 16; }
    EnvironmentForm.-narrow FieldRow .problem { margin-left: 2; }
    EnvironmentForm.-narrow TextCheckbox { margin-left: 0; }
    EnvironmentForm.-narrow SecretEditor { layout: vertical; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        # The ids let the form follow keys that people chose for saving and sending.
        Binding("ctrl+s", "save", "Save", id="save"),
        Binding("f5", "test", "Test", id="send"),
        Binding("escape", "give_up", "Back"),
        *FORM_BINDINGS,
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-tall")]
    fields = getters.query_one(EnvironmentFields)
    note = getters.query_one("#say", FittedText)

    def __init__(
        self,
        store: EnvironmentStore,
        draft: EnvironmentDraft,
        *,
        old: Environment | None,
        used_names: Collection[str],
        notice: str = "",
        tester: EnvironmentTester | None = None,
    ) -> None:
        super().__init__()
        self._tester = tester
        self._store = store
        self._initial = draft
        self._old = old
        self._used_names = used_names
        self._notice = notice
        self._noted = draft
        """What the note is about."""

    def compose(self) -> ComposeResult:
        title = f"Environment {self._old.name}" if self._old else "New environment"
        box = Vertical(id="box")
        box.border_title = Content(sanitize(title)).markup
        with box:
            yield EnvironmentFields(self._initial, self._used_names)
            yield FittedText(id="say")
            test = f"{key_of('send')} Test · " if self._tester else ""
            yield Static(
                f"{key_of('save')} Save · {test}esc Back · ↑ ↓ Move",
                classes="hints",
            )

    def on_mount(self) -> None:
        """Show the notice, and focus the name."""
        self._set_note(self._notice, wrong=False)
        self.query_one("#name").focus()

    async def action_save(self) -> None:
        """Save the environment and leave; or show what is wrong, and stay."""
        await self._save(overwrite=False)

    async def _save(self, *, overwrite: bool) -> None:
        if count := self.fields.check():
            self._set_note(f"{pluralise(count, 'field')} to fix before you can save.")
            return
        environment, secrets = finish(self.fields.draft)
        try:
            await asyncio.to_thread(
                self._store.save, environment, self._old, secrets, overwrite=overwrite
            )
        except ChangedOutside as changed:
            await self._ask_which_to_keep(changed, environment)
            return
        except MixtuiError as error:
            self._set_note(str(error))
            return
        if self.is_current:
            self.dismiss(environment.name)

    async def _ask_which_to_keep(
        self, changed: ChangedOutside, mine: Environment
    ) -> None:
        """Show how the file and the form differ, and ask."""
        from mixtui.ui.diff.text_diff import difference

        question, details, old = str(changed), None, self._old
        theirs = None
        with suppress(MixtuiError):
            environments = await asyncio.to_thread(self._store.load)
            theirs = environments.get(old.name) if old is not None else None
        if theirs is not None:
            source = self._store.source
            details = await difference(source(theirs), source(mine))
            question += "\n- is in the file · + is yours"
        choices = (
            ("m", "Keep mine: overwrite the file", "overwrite"),
            ("f", "Use the file: discard my changes", "discard"),
            ("c", "Keep editing", "stay"),
        )
        dialog = ChoiceDialog(
            question,
            choices,
            title="File changed on disk",
            start=len(choices) - 1,
            details=details,
        )
        self.app.push_screen(dialog, self._leave)

    def action_test(self) -> None:
        """Test the credentials, and find their region and project."""
        if self._tester is not None:
            self.run_worker(self._test(self._tester), group="test", exclusive=True)

    async def _test(self, tester: EnvironmentTester) -> None:
        if problem := self.fields.check_credentials():
            self._set_note(problem)
            return
        draft = self.fields.draft
        self._set_note("Testing…", wrong=False)
        environment = with_typed_secrets(*finish(draft))
        result = await tester.test(environment)
        if self.fields.draft.credentials != draft.credentials:
            self._set_note("The credentials changed while they were tested.")
            return
        self._set_note(result.sentence, wrong=not result.ok)
        if result.discovery.accepted:
            problem, change = await self._take_found(result.discovery)
            sentences = filter(None, (result.sentence, problem, change))
            self._set_note(" ".join(sentences), wrong=not result.ok or bool(problem))

    async def _take_found(self, found: Discovery) -> tuple[str, str]:
        """Fill in region and project as they were found; ask where there are several.

        Return what is wrong with what was typed, and what was changed, as sentences.
        """
        draft, problem = self.fields.draft, ""
        region = draft.region if draft.region in found.regions else found.regions[0]
        known = {project.id: where for where, project in found.projects}
        if project_id := draft.project_id.strip():
            region = known.get(project_id, region)
            if known and project_id not in known:
                names = shorten_names([p.label for _, p in found.projects])
                problem = f"It cannot access the project {project_id}, but {names}."
        elif found.projects:
            chosen: FoundProject | None = found.projects[0]
            if len(found.projects) > 1:
                dialog = choose_project(found.projects)
                chosen = await self.app.push_screen_wait(dialog)
            if chosen is not None:
                region = chosen[0]
                self.fields.fill(chosen[1])
        if region is draft.region:
            return problem, ""
        self.fields.set_region(region)
        return problem, f"The region is now {region}."

    def action_give_up(self) -> None:
        """Leave; ask first if something was edited."""
        if self.fields.draft == self._initial:
            self.dismiss(None)
            return
        choices = (
            ("s", "Save", "save"),
            ("d", "Discard", "discard"),
            ("c", "Keep editing", "stay"),
        )
        question = "The environment has unsaved changes."
        dialog = ChoiceDialog(question, choices, title="Unsaved changes")
        self.app.push_screen(dialog, self._leave)

    async def _leave(self, answer: str | None) -> None:
        if answer in ("save", "overwrite"):
            await self._save(overwrite=answer == "overwrite")
        elif answer == "discard":
            self.dismiss(None)

    @on(Input.Submitted)
    @on(SecretField.Submitted)
    def _next_field(self, event: Input.Submitted | SecretField.Submitted) -> None:
        event.stop()
        self.focus_next()

    @on(EnvironmentFields.Changed)
    def _changed(self, event: EnvironmentFields.Changed) -> None:
        event.stop()
        if self.note.has_class("-error") and self.fields.draft != self._noted:
            self._set_note("")

    def _set_note(self, sentence: str, *, wrong: bool = True) -> None:
        self._noted = self.fields.draft
        self.note.show(Content(sanitize(sentence)))
        self.note.set_class(wrong, "-error")
        self.note.display = bool(sentence)
