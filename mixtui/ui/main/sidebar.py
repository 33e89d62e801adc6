"""The sidebar: the saved requests of a collection as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from mixtui.actions import Scope
from mixtui.model.draft import Method
from mixtui.model.errors import BrokenFile
from mixtui.storage.collection import RequestHead
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.ui.keys.keymap import bindings

Entry = Folder | RequestEntry
Head = RequestHead | BrokenFile

_ALL_OPEN = 60
"""Up to so many requests, every folder starts unfolded."""
_COLOURS = {
    Method.GET: "success",
    Method.POST: "warning",
    Method.PUT: "accent",
    Method.PATCH: "secondary",
    Method.DELETE: "error",
}


class CollectionTree(Tree[Entry]):
    """Folders and requests. Names and methods come later than the files' names: the
    tree is there before any file was opened (see `heads`)."""

    DEFAULT_CSS = """
    CollectionTree {
        background: transparent; padding: 0 0 0 1; scrollbar-size-horizontal: 0;
    }
    CollectionTree:focus { background-tint: transparent; }
    """
    BINDINGS = bindings(Scope.TREE)

    @dataclass
    class Asked(Message):
        """An action on an entry was requested."""

        action: str
        """The action's name: open, duplicate, rename, delete, undo, move …"""
        entry: Entry | None
        """None where the tree is empty."""

        tree: CollectionTree

        @property
        def control(self) -> CollectionTree:
            return self.tree

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id)
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2
        self._heads: dict[Path, Head] = {}
        self._marked: Path | None = None
        self._unsaved = False
        self._unfolded: dict[Path, bool] = {}

    @property
    def entry(self) -> Entry | None:
        """What is under the cursor."""
        node = self.cursor_node
        return node.data if node is not None else None

    def fill(self, folder: Folder) -> None:
        """Show a collection; keep the expanded folders and the cursor."""
        under_cursor = self.entry
        few = len(folder.all_requests()) <= _ALL_OPEN
        self.clear()
        self.root.data = folder
        self._add(self.root, folder, few, first=True)
        if under_cursor is not None:
            self.go_to(under_cursor.path)

    def heads(self, heads: dict[Path, Head]) -> None:
        """Show the names and methods of more requests."""
        self._heads.update(heads)
        self._clear_line_cache()
        self.refresh()

    def forget(self, path: Path) -> None:
        """Forget name and method of a file that has changed."""
        self._heads.pop(path, None)

    def mark(self, path: Path | None, *, unsaved: bool) -> None:
        """Mark the open request, and whether it has unsaved changes."""
        if (path, unsaved) != (self._marked, self._unsaved):
            self._marked, self._unsaved = path, unsaved
            self._clear_line_cache()
            self.refresh()

    def go_to(self, path: Path) -> None:
        """Put the cursor on a path, expanding its folders."""
        node = self._node(self.root, path)
        if node is not None:
            self.call_after_refresh(self.move_cursor, node)

    def titles(self) -> Iterator[tuple[Path, str]]:
        """Yield path and title of every request, in the order of the tree."""
        folder = self.root.data
        for entry in folder.all_requests() if isinstance(folder, Folder) else ():
            head = self._heads.get(entry.path)
            if isinstance(head, RequestHead):
                yield entry.path, f"{head.method} {head.name}"
            else:
                yield entry.path, entry.stem

    def folder_at_cursor(self) -> Path | None:
        """Return the folder that the cursor is in or on; None = the tree is empty."""
        match self.entry:
            case Folder(path=path):
                return path
            case RequestEntry(path=path):
                return path.parent
            case None:
                return None

    def action_open(self) -> None:
        """Open the request, or toggle the folder."""
        node = self.cursor_node
        if node is not None and isinstance(node.data, Folder):
            node.toggle()
        else:
            self._ask("open")

    def action_filter(self) -> None:
        self._ask("filter")

    def action_duplicate(self) -> None:
        self._ask("duplicate")

    def action_rename(self) -> None:
        self._ask("rename")

    def action_delete(self) -> None:
        self._ask("delete")

    def action_undo(self) -> None:
        """Restore what was deleted last."""
        self._ask("undo")

    def action_move(self) -> None:
        self._ask("move")

    def action_new_folder(self) -> None:
        self._ask("new_folder")

    def render_label(self, node: TreeNode[Entry], base: Style, style: Style) -> Text:
        """Render a folder's name, or method and name of a request."""
        entry = node.data
        if entry is None:
            return Text("")
        if isinstance(entry, Folder):
            mark = "▾ " if node.is_expanded else "▸ "
            label = Text(mark + entry.name, "bold")
            if entry.problem:
                label.append(f"  {entry.problem}", self._style("error"))
        else:
            label = self._request_label(entry)
        label.stylize(style)
        return label

    def get_label_width(self, node: TreeNode[Entry]) -> int:
        """Measure a label without rendering it: a tree may hold thousands."""
        entry = node.data
        if entry is None:
            return 0
        if isinstance(entry, Folder):
            return len(entry.name) + 2
        head = self._heads.get(entry.path)
        name = head.name if isinstance(head, RequestHead) else entry.stem
        return len(name) + 8

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[Entry]) -> None:
        """Create the nodes of a folder when it is first expanded."""
        folder = event.node.data
        if isinstance(folder, Folder):
            self._unfolded[folder.path] = True
            if not event.node.children:
                self._add(event.node, folder, False, first=False)

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[Entry]) -> None:
        if isinstance(event.node.data, Folder):
            self._unfolded[event.node.data.path] = False

    def on_tree_node_selected(self, event: Tree.NodeSelected[Entry]) -> None:
        event.stop()
        if isinstance(event.node.data, RequestEntry):
            self._ask("open")

    def _ask(self, action: str) -> None:
        self.post_message(self.Asked(action, self.entry, self))

    def _add(
        self, node: TreeNode[Entry], folder: Folder, few: bool, *, first: bool
    ) -> None:
        for index, inner in enumerate(folder.folders):
            # A large collection unfolds its first folder, so that requests are seen.
            default = few or (first and index == 0)
            child = node.add(inner.name, inner)
            if self._unfolded.get(inner.path, default):
                self._add(child, inner, few, first=False)
                child.expand()
        for entry in folder.requests:
            node.add_leaf(entry.stem, entry)

    def _node(self, node: TreeNode[Entry], path: Path) -> TreeNode[Entry] | None:
        for child in node.children:
            entry = child.data
            if entry is not None and entry.path == path:
                return child
            if isinstance(entry, Folder) and path.is_relative_to(entry.path):
                if not child.children:
                    self._add(child, entry, False, first=False)
                child.expand()
                return self._node(child, path)
        return None

    def _request_label(self, entry: RequestEntry) -> Text:
        head = self._heads.get(entry.path)
        open_now = entry.path == self._marked
        match head:
            case RequestHead(name, method):
                label = Text(f"{_SHORT.get(method, method.value):<6}")
                label.stylize(self._style(_COLOURS[method]))
                label.append(name, "bold" if open_now else "")
            case BrokenFile():
                label = Text("bad   ", self._style("error"))
                label.append(entry.stem, "strike")
            case None:
                label = Text(f"      {entry.stem}", "dim")
        if open_now and self._unsaved:
            label.append(" ●", self._style("warning"))
        return label

    def _style(self, name: str) -> Style:
        colour = self.app.theme_variables.get(f"text-{name}", "")
        return _rich_style(colour)


_SHORT = {Method.DELETE: "DEL"}


def _rich_style(colour: str) -> Style:
    """Return a style in a theme's colour; the terminal's own colours keep their names."""
    from textual.color import Color, ColorParseError

    try:
        return Style(color=Color.parse(colour).rich_color)
    except ColorParseError:
        return Style()
