"""The command palette: actions with their keys, saved requests, environments.

Names come from people's files, so they are shown as text, never as markup.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from rich.text import Text
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widget import Widget

from mixtui.actions import Action, Scope

if TYPE_CHECKING:
    from mixtui.model.environment import Environment
    from mixtui.ui.main.collection import CollectionController
    from mixtui.ui.main.host import PaneHost

    class PaletteHost(PaneHost, Protocol):
        """What the palette needs of the main screen."""

        actions: tuple[Action, ...]
        collection: CollectionController

        def check_action(
            self, action: str, parameters: tuple[object, ...]
        ) -> bool | None:
            """Whether an action applies."""

        def call_next(self, callback: Callable[[], object]) -> None:
            """Call something in the next turn."""

        def open_path(self, path: Path) -> None:
            """Open a saved request."""

        def switch_environment(self, environment: Environment) -> None:
            """Use another environment."""


_AT_ONCE = 60
"""Entries shown before anything is typed."""

_Entry = tuple[str, str, Callable[[], object]]
"""Title, help, and what to do."""


class _ListProvider(Provider):
    """Offers entries that are known at once, found by fuzzy match."""

    @property
    def main(self) -> PaletteHost:
        """The screen below the palette."""
        return cast("PaletteHost", self.screen)

    @abstractmethod
    def entries(self) -> Iterable[_Entry]:
        """Yield everything that can be found."""

    async def discover(self) -> Hits:
        for _, (title, help_text, run) in zip(
            range(_AT_ONCE), self.entries(), strict=False
        ):
            yield DiscoveryHit(Text(title), run, text=title, help=_plain(help_text))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_text, run in self.entries():
            score = matcher.match(title)
            if score > 0:
                yield Hit(
                    score,
                    _highlight(matcher, title),
                    run,
                    text=title,
                    help=_plain(help_text),
                )


class ActionProvider(_ListProvider):
    """The actions that apply where the focus is."""

    def entries(self) -> Iterator[_Entry]:
        """In the order declared."""
        for action in self.main.actions:
            method = _method(self.main, self.focused, action)
            if action.in_palette and method is not None:
                keys = f"  ({action.keys_text})" if action.keys else ""
                run = partial(self.main.call_next, method)
                yield f"{action.label}{keys}", action.help, run


class RequestProvider(_ListProvider):
    """The saved requests."""

    def entries(self) -> Iterator[_Entry]:
        for path, title in self.main.saved_requests.titles():
            parent = path.parent.relative_to(self.main.collection.store.root)
            folder = "" if parent == parent.parent else str(parent)
            yield title, folder, partial(self.main.open_path, path)


class EnvironmentProvider(_ListProvider):
    """The environments."""

    def entries(self) -> Iterator[_Entry]:
        from mixtui.ui.environments.details import summary  # Not needed to start.

        for each in self.main.session.environments.all:
            current = "  (in use)" if each.name == self.main.environment.name else ""
            title = f"Use environment {each.name}{current}"
            yield (
                title,
                summary(each).plain,
                partial(self.main.switch_environment, each),
            )


class EverythingProvider(_ListProvider):
    """Actions, environments and saved requests, in this order."""

    def entries(self) -> Iterator[_Entry]:
        for provider in (ActionProvider, EnvironmentProvider, RequestProvider):
            yield from provider(self.screen, self.match_style).entries()


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


def _highlight(matcher: Matcher, title: str) -> Content:
    """Set the matches of a title in bold; `Matcher.highlight` would read markup."""
    content = Content(title)
    _, offsets = matcher.fuzzy_search.match(matcher.query, title)
    for offset in offsets:
        content = content.stylize("bold underline", offset, offset + 1)
    return content


def _plain(text: str) -> str:
    """Escape text for the palette's markup."""
    return text.replace("[", r"\[")
