"""The help page: every key, and a search as one types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mixtui.actions import ACTIONS, Action, groups
from mixtui.key_names import key_of
from mixtui.model.errors import ExitStatus
from mixtui.request.templates import BUILT_IN_NAMES
from mixtui.storage.paths import (
    COLLECTION_FILE,
    CREDENTIALS_FILE,
    ENVIRONMENTS_FILE,
    SETTINGS_FILE,
    config_dir,
    data_dir,
)
from mixtui.text import sanitize
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.option_list import ScrollPage
from mixtui.ui.widgets.screen import StyledOnce
from mixtui.ui.widgets.text_page import columns


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with rows of two columns."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """What to look up, and what it means; an empty first one is a plain sentence."""


def sections(
    actions: Iterable[Action], config: Path, collection: Path
) -> tuple[Section, ...]:
    """The whole page.

    Args:
        actions: Every action, with the user's keys.
        config: The user's config folder.
        collection: The folder of the saved requests.
    """
    keys = (
        Section(group, _keys(members)) for group, members in groups(actions).items()
    )
    return (
        *keys,
        _templates(),
        _CREDENTIALS,
        _files(config, collection),
        _EXIT_STATUS,
    )


def search(page: Sequence[Section], query: str) -> tuple[Section, ...]:
    """Return the rows that hold every term, in themselves or their heading."""
    terms = query.casefold().split()

    def holds(section: Section, row: tuple[str, str]) -> bool:
        text = " ".join((section.title, *row)).casefold()
        return all(word in text for word in terms)

    matches = (
        replace(each, rows=tuple(row for row in each.rows if holds(each, row)))
        for each in page
    )
    return tuple(section for section in matches if section.rows)


def _keys(actions: Iterable[Action]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (action.keys_text, action.help)
        if action.keys
        else ("palette", f"{action.label}: {action.help}")
        for action in actions
    )


_MEANINGS = {
    "uuid": "a new UUID for each send",
    "now": "current Unix time in seconds",
    "today": "today's date, such as 2026-03-14",
    "today-7d": "a date relative to today, in days (d) or weeks (w), such as today+2w",
    "month_start": "first day of this month",
    "project_id": "from the environment",
    "workspace_id": "from the environment",
    "organization_id": "from the environment",
    "project_token": "from the environment",
    "env:NAME": "the process's environment variable NAME; masked on screen",
}


def _templates() -> Section:
    environment = f"the environment ({key_of('environments')})"
    return Section(
        "Templates",
        (
            ("", "Work in the URL, query, headers and body. $ is always literal."),
            *((f"{{{{{name}}}}}", _MEANINGS[name]) for name in BUILT_IN_NAMES),
            ("{{any other}}", f"a variable from {environment}, or --var in a shell"),
            (r"\{{name}}", "literal braces, sent as {{name}}"),
            ("{Project ID}", "Mixpanel's own placeholders also work"),
        ),
    )


_CREDENTIALS = Section(
    "Credentials",
    (
        ("service account", "queries, exports, imports, Lexicon: almost everything"),
        ("project token", "events and profiles; an identifier, not a secret"),
        ("project secret", "for older projects; Mixpanel retires it on 3 March 2027"),
        ("OAuth token", "GDPR API only"),
        ("", "“auto” chooses by API and path. The Auth tab shows which and why."),
        ("", "An Authorization header of your own takes precedence."),
        (
            "",
            "Credentials are sent only to their own host, over https (http only on "
            "localhost), and never follow a redirect to another host.",
        ),
        (
            "",
            "Secrets are never stored in request files. They come from a variable, a "
            "command, the keyring or a file, or are stored in credentials.toml.",
        ),
    ),
)

_EXIT_STATUS = Section(
    "Exit status of mixtui send",
    (
        (str(ExitStatus.ACCEPTED), "accepted"),
        (str(ExitStatus.REFUSED), "rejected by the server"),
        (str(ExitStatus.USAGE), "usage error, or the request cannot be sent"),
        (str(ExitStatus.CREDENTIALS), "credentials missing or rejected"),
        (str(ExitStatus.QUOTA), "quota exceeded"),
        (str(ExitStatus.NO_RESPONSE), "no response"),
        (str(ExitStatus.PARTLY_STORED), "partially imported"),
        (str(ExitStatus.INTERRUPTED), "interrupted"),
    ),
)


def _files(config: Path, collection: Path) -> Section:
    return Section(
        "Files",
        (
            (
                SETTINGS_FILE,
                f"{_with_tilde(config / SETTINGS_FILE)}: theme, keys, mouse",
            ),
            (ENVIRONMENTS_FILE, f"{_with_tilde(config / ENVIRONMENTS_FILE)}"),
            (
                CREDENTIALS_FILE,
                f"{_with_tilde(config / CREDENTIALS_FILE)}: stored secrets; must be "
                "readable only by you",
            ),
            ("saved requests", f"{_with_tilde(collection)}: one TOML file per request"),
            (
                COLLECTION_FILE,
                "marks the root of a collection; may define environments (without secrets)",
            ),
        ),
    )


def _with_tilde(path: Path) -> str:
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)


_LEFT = 25
"""Cells of the column of keys."""


class HelpScreen(StyledOnce, ModalScreen[None]):
    """Shows every key and what else people look up; typing searches it.

    Args:
        actions: Every action, with the user's keys; empty = the usual ones.
        collection: The folder of the saved requests; None = the user's data folder.
    """

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > #box {
        width: 100%; max-width: 100; height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background; padding: 0 1;
    }
    HelpScreen TextInput { background: $panel; margin-bottom: 1; }
    HelpScreen #page { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    HelpScreen #page Static { height: auto; }
    HelpScreen .hints {
        height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("f1", "dismiss", "Close", show=False, id="help"),
        Binding("up", "scroll('up')", "Up", show=False),
        Binding("down", "scroll('down')", "Down", show=False),
        Binding("pageup", "scroll('page_up')", "Page up", show=False),
        Binding("pagedown", "scroll('page_down')", "Page down", show=False),
        Binding("ctrl+home", "scroll('home')", "Top", show=False),
        Binding("ctrl+end", "scroll('end')", "Bottom", show=False),
    ]

    query_field = getters.query_one(TextInput)
    page = getters.query_one("#page", ScrollPage)
    page_text = getters.query_one("#page Static", Static)

    def __init__(
        self, actions: Sequence[Action] = (), collection: Path | None = None
    ) -> None:
        super().__init__()
        folder = collection or data_dir() / "collection"
        self._page = sections(actions or ACTIONS, config_dir(), folder)

    def compose(self) -> ComposeResult:
        """A field above the page."""
        box = Vertical(id="box")
        box.border_title = "Help"
        with box:
            yield TextInput(placeholder="Type to search", compact=True)
            with ScrollPage(id="page"):
                yield Static()
            yield Static(
                "↑ ↓ page up/page down Scroll · tab, then j k g G · esc Close",
                classes="hints",
            )

    def on_mount(self) -> None:
        """Typing searches."""
        self.query_field.focus()

    def on_resize(self, event: Resize) -> None:
        """The page is wrapped to its place."""
        self.call_after_refresh(self._show)

    def action_close(self) -> None:
        """Show all again; then leave."""
        field = self.query_field
        if field.value:
            field.value = ""
        elif self.is_current:
            self.dismiss()

    def action_scroll(self, where: str) -> None:
        """Move the page while the field keeps the focus."""
        page = self.page
        scroll = {
            "up": page.scroll_up,
            "down": page.scroll_down,
            "page_up": page.scroll_page_up,
            "page_down": page.scroll_page_down,
            "home": page.scroll_home,
            "end": page.scroll_end,
        }[where]
        scroll(animate=False)

    @on(Input.Changed)
    def _searched(self, event: Input.Changed) -> None:
        event.stop()
        self._show()
        self.page.scroll_home(animate=False)

    def _show(self) -> None:
        width = max(1, self.page.scrollable_content_region.width)
        matches = search(self._page, self.query_field.value)
        lines = [line for section in matches for line in _lines(section, width)]
        nothing = Content.styled("No matches.", "$text-muted")
        self.page_text.update(Content("\n").join(lines) if lines else nothing)


def _lines(section: Section, width: int) -> Iterator[Content]:
    yield Content.styled(section.title, "bold")
    rows = [
        (Content.styled(sanitize(left), "$text-primary"), Content(sanitize(right)))
        for left, right in section.rows
    ]
    for left, right in rows:
        if left:
            yield from columns([(left, right)], min(_LEFT, width // 2), width)
        else:
            yield from right.wrap(width)
    yield Content()
