"""The command palette: actions with their keys, environments and saved requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.widget import Widget

from mixtui.actions import FINDER_ACTIONS, Action, Scope
from mixtui.editing.finder import Findable, Finder
from mixtui.ui.environments.details import summary
from mixtui.ui.widgets.cells import truncate_end
from mixtui.ui.widgets.search_screen import MatchList, SearchScreen

if TYPE_CHECKING:
    from textual.app import App

    from mixtui.model.environment import Environment
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost

    class PaletteHost(PaneHost, Protocol):
        """What the palette needs of the main screen."""

        actions: tuple[Action, ...]
        collection: CollectionController

        @property
        def focused(self) -> Widget | None:
            """The widget in focus."""

        def check_action(
            self, action: str, parameters: tuple[object, ...]
        ) -> bool | None:
            """Whether an action applies."""

        def open_path(self, path: Path) -> None:
            """Open a saved request."""

        def switch_environment(self, environment: Environment) -> None:
            """Use another environment."""


class Entry(Struct, frozen=True):
    """Something that can be chosen."""

    title: str
    run: Callable[[], object]
    """Do it."""
    help: str = ""
    keys: str = ""
    """Those that do the same where the focus is."""


async def choose(host: PaletteHost) -> Entry | None:
    """Ask for an action, an environment or a saved request; None = escape."""
    return await host.ask(
        EntriesScreen(
            tuple(all_entries(host, host.focused)),
            title="Palette",
            placeholder="Search actions, environments and saved requests",
            actions=host.actions,
        )
    )


async def choose_theme(host: PaletteHost) -> str | None:
    """Ask for a theme, showing each as it is highlighted; None = escape."""
    app = host.app
    before = app.theme
    names = sorted(app.available_themes)
    entry = await host.ask(
        EntriesScreen(
            [Entry(name, lambda: None, _theme_kind(app, name)) for name in names],
            title="Theme",
            placeholder="Search themes",
            cursor=names.index(before),
            highlighted=lambda entry: setattr(app, "theme", entry.title),
            actions=host.actions,
        )
    )
    app.theme = before if entry is None else entry.title
    return None if entry is None else entry.title


def _theme_kind(app: App[object], name: str) -> str:
    return "dark" if app.available_themes[name].dark else "light"


def all_entries(host: PaletteHost, focused: Widget | None) -> Iterator[Entry]:
    """Yield actions, environments and saved requests, in this order."""
    yield from action_entries(host, focused)
    yield from environment_entries(host)
    root = host.collection.store.root
    for path, title in host.saved_requests.titles():
        # The folder alone: “Saved request” would make each of them match “save”.
        folder = path.parent.relative_to(root).as_posix()
        yield Entry(
            title, partial(host.open_path, path), folder if folder != "." else ""
        )


def action_entries(host: PaletteHost, focused: Widget | None) -> Iterator[Entry]:
    """Yield the actions that apply where the focus is, in the order declared."""
    for action in host.actions:
        method = _method(host, focused, action)
        if action.in_palette and method is not None:
            keys = action.keys_text if _keys_work(host, focused, action) else ""
            yield Entry(action.label, method, action.help, keys)


def environment_entries(host: PaletteHost) -> Iterator[Entry]:
    """Yield the environments."""
    for each in host.session.environments.all:
        in_use = " (in use)" if each.name == host.environment.name else ""
        yield Entry(
            f"Use environment {each.name}{in_use}",
            partial(host.switch_environment, each),
            summary(each).plain,
        )


class EntriesScreen(SearchScreen[Entry]):
    """Gives the entry that was chosen; None = none.

    Args:
        entries: In the order to list them.
        title: In the border.
        placeholder: Shown while the search line is empty.
        cursor: The row to start at.
        highlighted: Called with each entry that the cursor comes to.
        actions: Every action, with the person's own keys; empty = the usual ones.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "close", "Back", show=False, id="palette")
    ]

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        title: str,
        placeholder: str,
        cursor: int = 0,
        highlighted: Callable[[Entry], object] = lambda entry: None,
        actions: Sequence[Action] = (),
    ) -> None:
        self._entries = tuple(entries)
        self._finder = Finder(
            Findable(each.title, description=f"{each.help} {each.keys}")
            for each in entries
        )
        self._list = EntryList()
        self._start, self._highlighted = cursor, highlighted
        super().__init__(
            self._list,
            "",
            title=title,
            placeholder=placeholder,
            own_actions=FINDER_ACTIONS,
            actions=actions,
        )

    def list_matches(self, text: str) -> str:
        indexes = self._finder.find(text)
        entries = [self._entries[index] for index in indexes]
        self._list.show(entries, text, 0 if text else self._start)
        return f"{len(entries)} of {len(self._entries)}"

    @property
    def chosen(self) -> Entry | None:
        return self._list.chosen

    def explain(self) -> None:
        if self.chosen is not None:
            self._highlighted(self.chosen)


_KEYS = 14
"""Cells of the column of keys."""
_BETWEEN_KEYS = ", "
_CURSOR = 2
_MIN_TITLE = 30
_WITH_HELP = 70
"""Cells of a list that has room for what an action does."""


class EntryList(MatchList[Entry]):
    """Lists entries: title, keys, help."""

    DEFAULT_CSS = """
    EntryList > .entry--keys { color: $text-primary; }
    EntryList > .entry--help { color: $text-muted; }
    """
    COMPONENT_CLASSES = {"entry--keys", "entry--help"}

    def row_segments(
        self, index: int, width: int, *, selected: bool
    ) -> Iterable[Segment]:
        entry = self.match(index)
        style = self.rich_style + Style(bold=selected)
        yield Segment("› " if selected else "  ", style)
        room = width - _CURSOR - _KEYS
        title = max(_MIN_TITLE, room * 2 // 5) if width >= _WITH_HELP else room
        yield from self.marked(entry.title, title, style)
        keys = truncate_end(_whole_keys(entry.keys), _KEYS - 1)
        yield Segment(f"{keys} ", self.foreground_style("entry--keys"))
        if rest := room - title:
            yield from self.marked(
                entry.help, rest, self.foreground_style("entry--help")
            )


def _whole_keys(keys: str) -> str:
    """Return as many of the keys as the column has room for, the first in any case."""
    shown, *others = keys.split(_BETWEEN_KEYS)
    for key in others:
        longer = f"{shown}{_BETWEEN_KEYS}{key}"
        if cell_len(longer) >= _KEYS:
            break
        shown = longer
    return shown


def _keys_work(host: PaletteHost, focused: Widget | None, action: Action) -> bool:
    """Return whether the keys of an action act where the focus is."""
    if action.scope is Scope.APP:
        return True
    return any(
        isinstance(widget, Widget) and _binds(widget, action)
        for widget in (focused.ancestors_with_self if focused else ())
    )


def _method(
    host: PaletteHost, focused: Widget | None, action: Action
) -> Callable[[], object] | None:
    """Return what an action runs, or None where it does not apply."""
    name = f"action_{action.name}"
    if action.scope is Scope.APP or action.anywhere:
        if host.check_action(action.name, ()) is not True:
            return None
        return getattr(host, name, None)
    for widget in focused.ancestors_with_self if focused else ():
        if isinstance(widget, Widget) and not widget.is_dom_root:
            method = getattr(widget, name, None)
            if method is not None and _binds(widget, action):
                return cast(Callable[[], object], method)
    return None


def _binds(widget: Widget, action: Action) -> bool:
    """Return whether a widget has an action; one without keys is known by its scope."""
    bound = widget._bindings.key_to_bindings.values()
    ids = {each.id or "" for bindings in bound for each in bindings}
    prefix = action.id.removesuffix(action.name)
    return action.id in ids or (
        not action.keys and any(each.startswith(prefix) for each in ids)
    )
