"""The help: what has the focus, every key, and short pages on what people look up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any, ClassVar

from msgspec.structs import replace
from textual import getters, on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mixtui.actions import ACTIONS, Action, Scope, groups, in_scope
from mixtui.page import PageRow, PageSection
from mixtui.topics import TOPICS
from mixtui.ui.help.places import Place, place_of
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.widgets.field import TextInput
from mixtui.ui.widgets.screen import StyledOnce
from mixtui.ui.widgets.tabs import Tab, TabBar
from mixtui.ui.widgets.text_page import TextPage, page_lines

HERE, KEYS = "here", "keys"
"""The ids of the pages that are not topics."""
Page = tuple[PageSection, ...]


def help_pages(actions: Sequence[Action], place: Place | None) -> dict[str, Page]:
    """Return the pages of the help by id, the one of the place first.

    Args:
        actions: Every action, with the user's keys.
        place: What has the focus; None = nothing that has a page.
    """
    pages = {HERE: _here(place, actions)} if place else {}
    pages[KEYS] = tuple(
        PageSection(group, _key_rows(members))
        for group, members in groups(actions).items()
    )
    return pages | {topic.id: topic.make_sections() for topic in TOPICS}


def search(page: Page, query: str) -> Page:
    """Return the rows that contain every term, in themselves or their heading."""
    terms = query.casefold().split()

    def matches(section: PageSection, row: PageRow) -> bool:
        text = " ".join((section.title, row.name, row.text)).casefold()
        return all(term in text for term in terms)

    found = (
        replace(each, rows=tuple(row for row in each.rows if matches(each, row)))
        for each in page
    )
    return tuple(section for section in found if section.rows)


def _here(place: Place, actions: Sequence[Action]) -> Page:
    sections = [PageSection(place.title, (PageRow(place.explanation),))]
    if place.scope is not None:
        own = sorted(in_scope(place.scope, actions), key=_is_move)
        sections.append(PageSection("Keys here", _key_rows(own)))
    general = [a for a in in_scope(Scope.APP, actions) if a.in_footer]
    sections.append(PageSection("Keys everywhere", _key_rows(general)))
    return tuple(sections)


def _is_move(action: Action) -> bool:
    return not (action.in_footer or action.in_palette)


def _key_rows(actions: Iterable[Action]) -> tuple[PageRow, ...]:
    return tuple(
        PageRow(action.help, name=action.keys_text)
        if action.keys
        else PageRow(f"{action.label}: {action.help}", name="palette")
        for action in actions
    )


class HelpScreen(StyledOnce, ModalScreen[None]):
    """Explains what has the focus first; typing searches all pages.

    Args:
        actions: Every action, with the user's keys; empty = the usual ones.
        place: What had the focus.
    """

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > #box {
        width: 100%; max-width: 100; height: 100%;
        border: round $border; border-title-color: $text-primary;
        border-title-style: bold; background: $background; padding: 0 1;
    }
    HelpScreen TextInput { background: $panel; }
    HelpScreen TabBar { margin-bottom: 1; }
    HelpScreen .hints {
        height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("tab", "page(1)", "Next page", show=False),
        Binding("shift+tab", "page(-1)", "Previous page", show=False),
        *bindings(
            Scope.FINDER, only=("up", "down", "page_up", "page_down", "top", "bottom")
        ),
    ]

    query_field = getters.query_one(TextInput)
    tabs = getters.query_one(TabBar)
    page = getters.query_one(TextPage)

    def __init__(
        self, actions: Sequence[Action] = (), place: Place | None = None
    ) -> None:
        super().__init__()
        self._place = place
        self._pages = help_pages(actions or ACTIONS, place)

    def compose(self) -> ComposeResult:
        """A field and the tabs, above the page."""
        labels = {HERE: self._place.title if self._place else "", KEYS: "Keys"}
        labels |= {topic.id: topic.label for topic in TOPICS}
        box = Vertical(id="box")
        box.border_title = "Help"
        with box:
            yield TextInput(placeholder="Search the help", compact=True)
            tabs = TabBar([Tab(page, labels[page]) for page in self._pages])
            tabs.can_focus = False
            yield tabs
            yield TextPage()
            yield Static("tab Next page · ↑ ↓ Scroll · esc Close", classes="hints")

    def on_mount(self) -> None:
        """Typing searches."""
        self.query_field.focus()
        self._show()

    def action_close(self) -> None:
        """Show all again; then leave."""
        field = self.query_field
        if field.value:
            field.value = ""
        elif self.is_current:
            self.dismiss()

    def action_page(self, by: int) -> None:
        """Show the next page, or the previous one."""
        self.query_field.value = ""
        self.tabs.action_step(by)

    # The page scrolls while the field keeps the focus.

    def action_up(self) -> None:
        """Scroll up one line."""
        self.page.action_up()

    def action_down(self) -> None:
        """Scroll down one line."""
        self.page.action_down()

    def action_page_up(self) -> None:
        """Scroll up one page."""
        self.page.action_page_up()

    def action_page_down(self) -> None:
        """Scroll down one page."""
        self.page.action_page_down()

    def action_top(self) -> None:
        """Scroll to the top."""
        self.page.action_top()

    def action_bottom(self) -> None:
        """Scroll to the end."""
        self.page.action_bottom()

    @on(Input.Changed)
    @on(TabBar.Activated)
    def _show(self) -> None:
        query = self.query_field.value
        if not query.strip():
            sections = self._pages[self.tabs.active]
        else:
            pages = [page for name, page in self._pages.items() if name != HERE]
            sections = search(tuple(chain.from_iterable(pages)), query)
        if sections:
            self.page.show(partial(page_lines, sections))
        else:
            self.page.show(
                Content("No matches. Try fewer letters or another word.").wrap
            )


def toggle_help(app: App[Any], actions: Sequence[Action]) -> None:
    """Show the help for what has the focus, or close it.

    Args:
        app: The app.
        actions: Every action, with the user's keys.
    """
    screen = app.screen
    if isinstance(screen, HelpScreen):
        screen.dismiss()
    else:
        app.push_screen(HelpScreen(actions, place_of(screen)))
