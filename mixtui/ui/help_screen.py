"""The help page: every key, and a search as one types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mixtui.core.visible import sanitize
from mixtui.storage.paths import config_dir, data_dir
from mixtui.ui.actions import ACTIONS, Action
from mixtui.ui.columns import columns
from mixtui.ui.help_page import Section, search, sections
from mixtui.ui.widgets.field import TextInput

_LEFT = 25
"""Cells of the column of keys."""


class HelpScreen(ModalScreen[None]):
    """Shows every key and what else people look up; typing searches it.

    Args:
        actions: Every action, with the person's own keys; empty = the usual ones.
        collection: The folder of the saved requests; None = the user's data folder.
    """

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > #box {
        width: 100%; max-width: 100; height: 100%;
        border: round $primary; border-title-color: $text-primary;
        border-title-style: bold; background: $surface; padding: 0 1;
    }
    HelpScreen TextInput { background: $panel; margin-bottom: 1; }
    HelpScreen #page { height: 1fr; scrollbar-size-vertical: 1; }
    HelpScreen #page Static { height: auto; }
    HelpScreen .hints {
        height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("f1", "dismiss", "Close", show=False),
        Binding("up", "scroll('up')", "Up", show=False),
        Binding("down", "scroll('down')", "Down", show=False),
        Binding("pageup", "scroll('page_up')", "Page up", show=False),
        Binding("pagedown", "scroll('page_down')", "Page down", show=False),
        Binding("ctrl+home", "scroll('home')", "Top", show=False),
        Binding("ctrl+end", "scroll('end')", "Bottom", show=False),
    ]

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
            yield TextInput(placeholder="type to search", compact=True)
            with VerticalScroll(id="page", can_focus=False):
                yield Static()
            yield Static("↑ ↓ page up page down · esc closes", classes="hints")

    def on_mount(self) -> None:
        """Typing searches."""
        self.query_one(TextInput).focus()

    def on_resize(self, event: Resize) -> None:
        """The page is wrapped to its place."""
        self.call_after_refresh(self._show)

    def action_close(self) -> None:
        """Show all again; then leave."""
        field = self.query_one(TextInput)
        if field.value:
            field.value = ""
        elif self.is_current:
            self.dismiss()

    def action_scroll(self, where: str) -> None:
        """Move the page while the field keeps the focus."""
        page = self.query_one("#page", VerticalScroll)
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
        self.query_one("#page", VerticalScroll).scroll_home(animate=False)

    def _show(self) -> None:
        page = self.query_one("#page", VerticalScroll)
        width = max(1, page.scrollable_content_region.width)
        found = search(self._page, self.query_one(TextInput).value)
        lines = [line for section in found for line in _lines(section, width)]
        nothing = Content.styled("Nothing is called like that.", "dim")
        page.query_one(Static).update(Content("\n").join(lines) if lines else nothing)


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
