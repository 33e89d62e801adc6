"""The pane of the saved requests."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from mixtui.key_names import key_of
from mixtui.text import sanitize
from mixtui.ui.sidebar.tree import CollectionTree
from mixtui.ui.widgets.border import set_border_subtitle


class Sidebar(Vertical):
    """The tree of saved requests, and the full name of what is under its cursor."""

    DEFAULT_CSS = """
    Sidebar {
        border: round $border-blurred; background: $background;
        border-title-color: $text-muted;
    }
    Sidebar:focus-within {
        border-top: round $border; border-title-color: $text-primary;
        border-title-style: bold reverse;
    }
    Sidebar > #entry-name {
        display: none; height: 2; padding: 0 1; color: $text-muted;
    }
    Sidebar:focus-within > #entry-name { display: block; }
    Sidebar > #no-requests {
        display: none; height: auto; padding: 0 1; color: $text-muted;
    }
    Sidebar.-empty > #no-requests { display: block; }
    """

    def compose(self) -> ComposeResult:
        yield Static(no_requests(), id="no-requests")
        yield CollectionTree(id="tree")
        yield Static(id="entry-name")

    @on(CollectionTree.Filled)
    def _show_whether_empty(self, event: CollectionTree.Filled) -> None:
        event.stop()
        self.set_class(event.is_empty, "-empty")
        text = _no_favorites() if event.has_favorites_only else no_requests()
        label = self.query_one("#no-requests", Static)
        if label.content != text:
            label.update(text)
        set_border_subtitle(self, "★ only" if event.has_favorites_only else "")

    @on(CollectionTree.Named)
    def _show_name(self, event: CollectionTree.Named) -> None:
        event.stop()
        # Its height is fixed: no key lays anything out again.
        name = self.query_one("#entry-name", Static)
        tags = " ".join(f"#{tag}" for tag in event.tags)
        text = sanitize(f"{event.path}  {tags}".rstrip())
        name.update(Content(text), layout=False)


def no_requests() -> str:
    """Return how to fill a collection without requests."""
    return (
        f"No saved requests yet. {key_of('save')} saves the request, "
        f"{key_of('operations')} lists operations, "
        f"{key_of('switch_collection')} opens another collection, "
        f"{key_of('add_starters')} adds requests that work with any project."
    )


def _no_favorites() -> str:
    return (
        f"No favorites. {key_of('tree.favorites_only')} shows all saved requests, "
        f"{key_of('tree.favorite')} makes one a favorite."
    )
