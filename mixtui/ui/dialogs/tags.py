"""Edit the tags of a saved request, and complete those that others have."""

from __future__ import annotations

from collections.abc import Sequence

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input, Static

from mixtui.editing.suggestions import Suggestion
from mixtui.key_names import key_of
from mixtui.storage.paths import fold_name
from mixtui.storage.tags import join_tags, parse_tags
from mixtui.text import sanitize
from mixtui.ui.dialogs.dialogs import Dialog
from mixtui.ui.widgets.completing_field import CompletingField


class TagsField(CompletingField):
    """Completes the tag that is being typed: tab and → accept, ↓ lists all.

    Args:
        tags: What it starts with.
        known: Those to complete, the most common first.
    """

    lists_while_typing = False
    completes_by_tab = True

    def __init__(self, tags: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(
            join_tags(tags),
            placeholder="weekly, report",
            compact=True,
            select_on_focus=False,
        )
        self._known = known

    def suggestions(self, typed: str) -> Sequence[Suggestion]:
        """Return the tags that go on as typed, without those that are there already."""
        before, comma, last = typed.rpartition(",")
        start = last.strip().removeprefix("#")
        used = set(map(fold_name, parse_tags(before)))
        lead = typed if start or not comma else f"{before}, "
        # What is typed stays: its spelling is that of the tag when it is accepted.
        return [
            Suggestion(lead + tag[len(start) :], tag)
            for tag in self._known
            if fold_name(tag).startswith(fold_name(start))
            and fold_name(tag) not in used
        ]


class TagsDialog(Dialog[tuple[str, ...] | None]):
    """Asks for tags; None = escape.

    Args:
        tags: Those of the request.
        known: Those of all requests, the most common first.
    """

    DEFAULT_CSS = "TagsDialog .note { height: 2; color: $text-muted; }"
    BINDINGS = [Binding("ctrl+s", "accept", "Save", show=False, id="save")]
    field = getters.query_one(TagsField)

    def __init__(self, tags: Sequence[str], known: Sequence[str]) -> None:
        super().__init__("Tags", None)
        self._tags = tags
        self._known = known

    def compose_box(self) -> ComposeResult:
        yield TagsField(self._tags, self._known)
        yield Static(Content(sanitize(self._note())), classes="note")
        yield Static("enter Save · tab Complete · ↓ Tags · esc Cancel", classes="hints")

    def _note(self) -> str:
        if not self._known:
            finder = key_of("find")
            return f"Separate tags by commas. The finder ({finder}) finds them by #tag."
        return "Separate tags by commas. In use: " + join_tags(self._known)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Return the tags, spelled as those that exist."""
        spellings = {fold_name(tag): tag for tag in (*self._known, *self._tags)}
        typed = parse_tags(self.field.value)
        self.finish(tuple(spellings.get(fold_name(tag), tag) for tag in typed))
