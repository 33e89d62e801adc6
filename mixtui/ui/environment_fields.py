"""The fields of an environment, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Static, TextArea

from mixtui.core.visible import sanitize
from mixtui.core.words import pluralise
from mixtui.mixpanel.apis import Region
from mixtui.ui.environment_details import REGIONS
from mixtui.ui.environment_draft import EnvironmentDraft, SecretDraft
from mixtui.ui.environment_problems import problems
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.secret_editor import SecretEditor
from mixtui.ui.widgets.tick import TextCheckbox


class Lines(TextArea):
    """A few ``name = value`` lines."""

    cursor_blink = reactive(False, init=False)

    def __init__(self, text: str, *, id: str, placeholder: str) -> None:
        super().__init__(
            text,
            id=id,
            placeholder=placeholder,
            soft_wrap=False,
            compact=True,
            highlight_cursor_line=False,
        )


class Row(Vertical):
    """A label beside its field, and a sentence below when something is wrong."""

    def __init__(self, label: str, field: Widget) -> None:
        super().__init__()
        self.field = field
        self._label = label

    def compose(self) -> ComposeResult:
        """One line, or two."""
        with Horizontal():
            yield Label(self._label)
            yield self.field
        yield Static(classes="problem")

    def say(self, sentence: str) -> None:
        """Show what is wrong; empty = nothing."""
        problem = self.query_one(".problem", Static)
        if problem.display or sentence:
            problem.update(Content(sanitize(sentence)))
            problem.display = bool(sentence)


class EnvironmentFields(VerticalScroll, can_focus=False):
    """Edits a draft.

    Args:
        draft: What to start with.
        taken: The names that it cannot have.
    """

    DEFAULT_CSS = """
    EnvironmentFields { scrollbar-size-vertical: 1; }
    EnvironmentFields Row, EnvironmentFields Row > Horizontal { height: auto; }
    EnvironmentFields Row Label { width: 18; color: $text-muted; }
    EnvironmentFields Row .problem {
        height: auto; color: $text-error; margin-left: 18; display: none;
    }
    EnvironmentFields TextInput, EnvironmentFields Lines { background: $panel; width: 1fr; }
    EnvironmentFields SecretEditor { width: 1fr; }
    EnvironmentFields Lines { height: 3; }
    EnvironmentFields TextCheckbox { background: $surface; margin-left: 18; }
    EnvironmentFields .section { height: auto; margin-top: 1; color: $text-muted; }
    """

    @dataclass
    class Changed(Message):
        """Something was changed by the person."""

    def __init__(self, draft: EnvironmentDraft, taken: Collection[str]) -> None:
        super().__init__()
        self._first = draft
        self._taken = taken
        self._touched: set[str] = set()

    def compose(self) -> ComposeResult:
        """Three groups."""
        yield from self._where()
        yield from self._credentials()
        yield from self._more()

    @property
    def draft(self) -> EnvironmentDraft:
        """What the fields hold now."""
        return EnvironmentDraft(
            name=self._typed("name"),
            region=Region(self.query_one("#region", CompactSelect).value),
            project_id=self._typed("project_id"),
            workspace_id=self._typed("workspace_id"),
            organization_id=self._typed("organization_id"),
            read_only=self._switched("read_only"),
            confirm_writes=self._switched("confirm_writes"),
            history=self._switched("history"),
            username=self._typed("username"),
            service_account=self._chosen("service_account"),
            project_token=self._typed("project_token"),
            project_secret=self._chosen("project_secret"),
            oauth_token=self._chosen("oauth_token"),
            variables=self.query_one("#variables", Lines).text,
            hosts=self.query_one("#hosts", Lines).text,
            ca_file=self._typed("ca_file"),
            client_certificate=self._typed("client_certificate"),
            client_key=self._typed("client_key"),
            unshown_variables=self._first.unshown_variables,
        )

    def check(self) -> int:
        """Show everything that is wrong and go there; gives how much it is."""
        found = problems(self.draft, self._taken)
        self._touched |= set(found)
        self._show(found)
        if found:
            field = self.query_one(f"#{next(iter(found))}")
            target = field if field.can_focus else field.query_one(CompactSelect)
            target.focus()
        return len(found)

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
        # What was not touched yet is not called wrong yet.
        self._touched.add(event.control.id or "")
        self._show(problems(self.draft, self._taken))
        self.post_message(self.Changed())

    def _show(self, found: dict[str, str]) -> None:
        for row in self.query(Row):
            name = row.field.id or ""
            row.say(found.get(name, "") if name in self._touched else "")

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", TextInput).value

    def _switched(self, name: str) -> bool:
        return self.query_one(f"#{name}", TextCheckbox).value

    def _chosen(self, name: str) -> SecretDraft:
        return self.query_one(f"#{name}", SecretEditor).secret

    def _where(self) -> Iterator[Widget]:
        draft = self._first
        regions = [(f"{region} · {REGIONS[region]}", region) for region in Region]
        yield _text("name", "name", draft.name, "prod-eu")
        yield Row(
            "region", CompactSelect(regions, draft.region, id="region", title="Region")
        )
        yield _text("project_id", "project id", draft.project_id, "1234567")
        yield _text(
            "workspace_id", "workspace id", draft.workspace_id, "only for data views"
        )
        yield _text(
            "organization_id",
            "organization id",
            draft.organization_id,
            "only to manage service accounts",
        )
        for name, value, words in (
            ("confirm_writes", draft.confirm_writes, "ask before every write"),
            ("read_only", draft.read_only, "read-only: refuse every write"),
            ("history", draft.history, "keep what is exchanged in the history"),
        ):
            yield TextCheckbox(words, value, id=name)

    def _credentials(self) -> Iterator[Widget]:
        draft = self._first
        yield Static(
            "Credentials: the service account queries, exports and imports; "
            "the project token tracks events and profiles.",
            classes="section",
        )
        yield _text(
            "username",
            "service account",
            draft.username,
            "ci.1a2b3c.mp-service-account",
        )
        yield _secret("service_account", "  its secret", draft.service_account)
        yield _text(
            "project_token",
            "project token",
            draft.project_token,
            "an identifier, no secret",
        )
        yield _secret("project_secret", "project secret", draft.project_secret)
        yield _secret("oauth_token", "OAuth token", draft.oauth_token)

    def _more(self) -> Iterator[Widget]:
        draft = self._first
        words = "Variables fill {{name}} in requests; hosts replace Mixpanel's own."
        if kept := len(draft.unshown_variables):
            words += (
                f" {pluralise(kept, 'variable')} of several lines stay as they are."
            )
        yield Static(words, classes="section", markup=False)
        yield Row(
            "variables",
            Lines(draft.variables, id="variables", placeholder="plan = pro"),
        )
        example = "ingestion = https://events.example.com"
        yield Row("hosts", Lines(draft.hosts, id="hosts", placeholder=example))
        yield _text("ca_file", "CA file", draft.ca_file, "~/certificates/ca.pem")
        yield _text(
            "client_certificate", "certificate", draft.client_certificate, "your own"
        )
        yield _text("client_key", "certificate key", draft.client_key, "its key")


def _text(name: str, label: str, value: str, example: str) -> Row:
    return Row(label, TextInput(value, id=name, placeholder=example, compact=True))


def _secret(name: str, label: str, secret: SecretDraft) -> Row:
    return Row(label, SecretEditor(secret, id=name))
