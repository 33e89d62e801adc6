"""The form of a new job, and the plan that is confirmed before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.css.query import NoMatches
from textual.widgets import Input, Static

from mixtui.jobs.kinds import KINDS, OPTIONS, JobField, job_arguments
from mixtui.jobs.model import JobError
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.dialogs.imports import OpenPathField
from mixtui.ui.dialogs.saving import PathField
from mixtui.ui.widgets.choice import CompactSelect
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.form import FieldRow

_MAX_NAMES = 6
"""Names listed when there are several to complete to."""


class NewJob(Struct, frozen=True):
    """A command line that runs a job, and where."""

    arguments: tuple[str, ...]
    folder: Path
    asks: bool = True
    """As of `JobKind`."""

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The arguments once its plan was confirmed."""
        return (*self.arguments, "--yes") if self.asks else self.arguments


class StartJobDialog(Dialog[NewJob | None]):
    """Ask what a job does; None = escape.

    Args:
        environment: The name of the one that the job uses.
        folder: What relative paths are relative to.
    """

    DEFAULT_CSS = """
    StartJobDialog > #box { width: 80; }
    StartJobDialog #fields { height: auto; margin-top: 1; }
    /* As a select has it. */
    StartJobDialog TextInput.-textual-compact { padding: 0 1; }
    StartJobDialog .about { height: auto; margin-top: 1; color: $text-muted; }
    """

    def __init__(self, environment: str, folder: Path) -> None:
        super().__init__("New job", None)
        self._environment, self._folder = environment, folder
        self._kind = KINDS[0]

    def compose_box(self) -> ComposeResult:
        kinds = [(kind.title, kind.command) for kind in KINDS]
        yield FieldRow("Job", CompactSelect(kinds, self._kind.command, title="Job"))
        yield Vertical(*self._fields(), id="fields")
        about = f"In the environment {self._environment}, in {self._folder}."
        yield Static(Content(sanitize(about)), classes="about")
        yield Static(classes="problem")
        yield Static("enter Show the plan · esc Cancel", classes="hints")

    def on_mount(self) -> None:
        """Begin with what is asked first."""
        self.query_one("#fields").query(Input).first().focus()

    def _fields(self) -> list[FieldRow]:
        return [_row(field) for field in (*self._kind.fields, OPTIONS)]

    @on(CompactSelect.Changed)
    async def _change_kind(self, event: CompactSelect.Changed) -> None:
        event.stop()
        self._kind = next(kind for kind in KINDS if kind.command == event.value)
        fields = self.query_one("#fields", Vertical)
        kept = self._values()
        await fields.remove_children()
        await fields.mount(*self._fields())
        for row in fields.query(_JobRow):
            row.input.value = kept.get(row.job_field.option, "")

    def _values(self) -> Mapping[str, str]:
        return {row.job_field.option: row.input.value for row in self.query(_JobRow)}

    @on(PathField.Folders)
    def _list_names(self, event: PathField.Folders) -> None:
        event.stop()
        more = "…" if len(event.names) > _MAX_NAMES else ""
        self._set_problem("  ".join(event.names[:_MAX_NAMES]) + more)

    @on(Input.Changed)
    def _forget_problem(self, event: Input.Changed) -> None:
        event.stop()
        self._set_problem("")

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            words = job_arguments(self._kind, self._values(), self._environment)
        except JobError as error:
            self._set_problem(str(error))
            return
        self.finish(NewJob(words, self._folder, self._kind.asks))

    def _set_problem(self, sentence: str) -> None:
        try:
            line = self.query_one("#box > .problem", Static)
        except NoMatches:
            return  # It is being composed.
        line.update(Content(sanitize(sentence)))


class _JobRow(FieldRow):
    """A field of a job."""

    def __init__(self, field: JobField) -> None:
        self.job_field = field
        kind = OpenPathField if field.is_path else TextInput
        self.input = kind(placeholder=field.note, compact=True)
        super().__init__(field.label, self.input)


def _row(field: JobField) -> FieldRow:
    return _JobRow(field)
