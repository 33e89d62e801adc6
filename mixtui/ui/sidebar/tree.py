"""The sidebar: the saved requests of a collection as a tree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from rich.style import Style
from rich.text import Text
from textual import on
from textual.events import Resize
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from mixtui.actions import Scope
from mixtui.model.draft import Method
from mixtui.model.errors import BrokenFile
from mixtui.storage.heads import RequestHead
from mixtui.storage.location import join_location
from mixtui.storage.tree import Folder, RequestEntry
from mixtui.ui.keys.keymap import bindings
from mixtui.ui.keys.motions import Motions
from mixtui.ui.widgets.cells import truncate_end

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


_UNSAVED = " ●"
_FAVORITE = " ★"
_OPEN = "▌"
"""Marks the open request, as bold type does: neither needs a colour."""
_CURSOR = "›"


class CollectionTree(Motions, Tree[Entry]):
    """Folders and requests. Names and methods come later than the files' names: the
    tree is there before any file was opened (see `heads`).

    The cursor goes to each request that is opened, wherever that was done.
    """

    DEFAULT_CSS = """
    CollectionTree {
        background: transparent; overflow-x: hidden; height: 1fr;
        scrollbar-size: 1 1;
    }
    CollectionTree:focus { background-tint: transparent; }
    """
    BINDINGS = bindings(Scope.TREE)

    @dataclass
    class Asked(Message):
        """An action on an entry was requested."""

        action: str
        """The action's name: open, duplicate, rename, delete, undo, move, …"""
        entry: Entry | None
        """None where the tree is empty."""

        tree: CollectionTree
        count: int = 1
        """What was typed before the key."""

        @property
        def control(self) -> CollectionTree:
            return self.tree

    @dataclass
    class Filled(Message):
        """A collection is shown, or shown again."""

        is_empty: bool
        has_favorites_only: bool = False

    @dataclass
    class Named(Message):
        """The entry under the cursor has a name, or another one."""

        path: str
        """In full, as Folder/Name."""
        tags: tuple[str, ...] = ()

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", id=id)
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2
        self._heads: dict[Path, Head] = {}
        self.revision = 0
        """Another number once another collection, request or head is known."""
        self._marked: Path | None = None
        self._unsaved = False
        self._unfolded: dict[Path, bool] = {}
        self._has_favorites_only = False
        self._unfolded_else: dict[Path, bool] = {}
        """Which folders are unfolded when only favorites are shown, or again all."""

    def on_resize(self, event: Resize) -> None:
        """Lay out nothing again: each line is kept with the width that it was drawn in."""
        event.prevent_default()
        self._line_cache.grow(event.size.height)

    @property
    def entry(self) -> Entry | None:
        """What is under the cursor."""
        node = self.cursor_node
        return node.data if node is not None else None

    def shows_requests_of(self, root: Path) -> bool:
        """Return whether there are requests of a collection in the tree."""
        shown = self.root.data
        return shown is not None and shown.path == root and bool(self.root.children)

    def fill(self, folder: Folder) -> None:
        """Show a collection; keep the expanded folders, the cursor and what is in view.

        The cursor is on the open request, unless somebody uses the tree.
        """
        if folder != self.root.data:
            self._show(folder)

    def _show(self, folder: Folder) -> None:
        self._keep_folded()
        marked = None if self.has_focus else self._marked
        was_listed = any(entry.path == marked for entry, _ in self.known())
        before, line, top = self.entry, self.cursor_line, self.scroll_offset.y
        is_in_view = top <= line < top + self.size.height
        steady = self.get_node_at_line(line if is_in_view else top)
        self.clear()
        self.root.data = folder
        self.revision += 1
        shown = self._favorites(folder) if self._has_favorites_only else folder
        few = len(shown.all_requests()) <= _ALL_OPEN
        self._add(self.root, shown, few, first=True)
        if marked is not None and not was_listed:
            self.go_to(marked)
        elif before is not None and self.last_line >= 0:  # Builds the lines.
            node = self._shown_node(marked) or self._shown_node(before.path)
            self._keep_cursor(node, line)
            if steady is not None and steady.data is not None:
                self._keep_in_view(steady.data.path, steady.line, top)
        is_empty = not self.root.children
        self.post_message(self.Filled(is_empty, self._has_favorites_only))
        # `last_line` builds the lines: the cursor's may have another entry now.
        if self.last_line >= 0:
            self._name_entry()

    def _keep_folded(self, node: TreeNode[Entry] | None = None) -> None:
        """Remember which folders are expanded, whoever did it."""
        for inner in (node or self.root).children:
            if isinstance(inner.data, Folder):
                self._unfolded[inner.data.path] = inner.is_expanded
                self._keep_folded(inner)

    def _keep_cursor(self, node: TreeNode[Entry] | None, line: int) -> None:
        """Put the cursor on a node without scrolling; on a line, if that has gone."""
        now = node.line if node is not None else min(line, self.last_line)
        self.cursor_line = now
        # It may be the number of another node now, which Textual does not notice.
        self._cursor_node = self.get_node_at_line(now)

    def _keep_in_view(self, path: Path, line: int, top: int) -> None:
        """Scroll so that an entry is where it was.

        Args:
            path: The entry.
            line: Its line at that time.
            top: The first line in view at that time.
        """
        node = self._shown_node(path)
        moved = node.line - line if node is not None else 0
        self.scroll_to(y=max(0, top + moved), animate=False, force=True)

    def heads(self, heads: dict[Path, Head]) -> None:
        """Show the names and methods of more requests."""
        if all(self._heads.get(path) == head for path, head in heads.items()):
            return
        favorites = list(map(self._is_favorite, heads))
        self._heads.update(heads)
        self.revision += 1
        if self._has_favorites_only and favorites != [*map(self._is_favorite, heads)]:
            self._refill()
        self._redraw()
        if self.entry is not None and self.entry.path in heads:
            self._name_entry()

    def _redraw(self) -> None:
        """Draw every label again; each keeps its line."""
        self._line_cache.clear()
        self.refresh()

    def mark(self, path: Path | None, *, unsaved: bool) -> None:
        """Mark the open request, and whether it has unsaved changes.

        The cursor goes to a request that was not open before.
        """
        before = self._marked, self._unsaved
        if (path, unsaved) == before:
            return
        self._marked, self._unsaved = path, unsaved
        self._redraw()
        if path is not None and path != before[0]:
            self.go_to(path)

    def go_to(self, path: Path) -> None:
        """Put the cursor on a path, expanding its folders."""
        node = self._node(self.root, path)
        if node is not None and self.last_line >= 0:  # Builds the lines of the nodes.
            self.move_cursor(node)

    def known(self) -> Iterator[tuple[RequestEntry, Head | None]]:
        """Yield every request with its head, in the order of the tree.

        None = the file was not read yet.
        """
        folder = self.root.data
        for entry in folder.all_requests() if isinstance(folder, Folder) else ():
            yield entry, self._heads.get(entry.path)

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag that is used, the most common first."""
        heads = (head for _, head in self.known() if isinstance(head, RequestHead))
        counts = Counter(tag for head in heads for tag in head.tags)
        return tuple(tag for tag, _ in counts.most_common())

    @property
    def shown_paths(self) -> frozenset[Path] | None:
        """The requests and folders that are shown; None = all are."""
        if not self._has_favorites_only:
            return None
        return frozenset(_paths(self.root))

    def titles(self) -> Iterator[tuple[Path, str]]:
        """Yield path and title of every request, in the order of the tree."""
        for entry, head in self.known():
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

    def action_find(self) -> None:
        self._ask("find")

    def move_by(self, rows: int) -> None:
        """Move the cursor by some lines."""
        self.move_to(max(0, self.cursor_line + rows))

    def move_to(self, row: int) -> None:
        """Move the cursor to a line, or to the last."""
        self.cursor_line = row
        self.scroll_to_line(self.cursor_line, animate=False)

    def move_to_end(self) -> None:
        self.move_to(self.last_line)

    def action_collapse(self) -> None:
        """Collapse the folder, or go to the folder around the entry."""
        node = self.cursor_node
        if node is not None and node.is_expanded and isinstance(node.data, Folder):
            node.collapse()
        elif node is not None and node.parent not in (None, self.root):
            self.move_cursor(node.parent)

    def action_expand(self) -> None:
        """Expand the folder, or go to its first entry."""
        node = self.cursor_node
        if node is None or not isinstance(node.data, Folder):
            return
        if node.is_expanded:
            self.move_by(1 if node.children else 0)
        else:
            node.expand()

    def action_duplicate(self) -> None:
        self._ask("duplicate")

    def action_rename(self) -> None:
        self._ask("rename")

    def action_delete(self) -> None:
        self._ask("delete")

    def action_undo(self) -> None:
        """Undo the last change to the tree."""
        self._ask("undo")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self._ask("redo")

    def action_copy_to(self) -> None:
        self._ask("copy_to")

    def action_move_up(self) -> None:
        """Move the entry up among those beside it."""
        self._ask("move_up", self.take_count() or 1)

    def action_move_down(self) -> None:
        """Move the entry down among those beside it."""
        self._ask("move_down", self.take_count() or 1)

    def action_favorite(self) -> None:
        self._ask("favorite")

    def action_tags(self) -> None:
        self._ask("tags")

    def action_favorites_only(self) -> None:
        """Show only favorites, or everything again."""
        entry = self.entry
        self._keep_folded()
        self._unfolded, self._unfolded_else = self._unfolded_else, self._unfolded
        self._has_favorites_only = not self._has_favorites_only
        self.clear()
        self._refill()
        if entry is not None:
            self.go_to(entry.path)

    def _refill(self) -> None:
        if isinstance(self.root.data, Folder):
            self._show(self.root.data)

    def _favorites(self, folder: Folder) -> Folder:
        """Return a folder with the favorites in it, and the folders that they are in."""
        inner = map(self._favorites, folder.folders)
        requests = (each for each in folder.requests if self._is_favorite(each.path))
        return replace(
            folder,
            folders=tuple(each for each in inner if each.folders or each.requests),
            requests=tuple(requests),
        )

    def _is_favorite(self, path: Path) -> bool:
        head = self._heads.get(path)
        return isinstance(head, RequestHead) and head.favorite

    def action_move(self) -> None:
        self._ask("move")

    def action_new_folder(self) -> None:
        self._ask("new_folder")

    def name_of(self, entry: Entry) -> str:
        """Return what an entry is called."""
        if isinstance(entry, Folder):
            return entry.name
        head = self._heads.get(entry.path)
        return head.name if isinstance(head, RequestHead) else entry.stem

    def render_label(self, node: TreeNode[Entry], base: Style, style: Style) -> Text:
        """Render a folder's name, or method and name of a request, in the room there is."""
        entry = node.data
        if entry is None:
            return Text("")
        depth, above = 0, node.parent
        while above is not None and above is not self.root:
            depth, above = depth + 1, above.parent
        room = self.scrollable_content_region.width - depth * self.guide_depth
        under_cursor = self.has_focus and node is self.cursor_node
        is_open = isinstance(entry, RequestEntry) and entry.path == self._marked
        sign = _CURSOR if under_cursor else _OPEN if is_open else " "
        label = Text.assemble((sign, "bold"))
        if isinstance(entry, Folder):
            mark = "▾ " if node.is_expanded else "▸ "
            problem = f"  {entry.problem}" if entry.problem else ""
            label.append(_cut(f"{mark}{entry.name}{problem}", room - 1), "bold")
            if problem:
                label.stylize(self._style("error"), len(mark) + len(entry.name) + 1)
        else:
            self._append_request(label, entry, room)
        label.stylize(style)
        return label

    def get_label_width(self, node: TreeNode[Entry]) -> int:
        """Return the least width: labels are cut, and nothing scrolls sideways."""
        return 1

    def _append_request(self, label: Text, entry: RequestEntry, room: int) -> None:
        head = self._heads.get(entry.path)
        is_open = entry.path == self._marked
        style: str | Style
        match head:
            case RequestHead(method=method):
                text = _SHORT.get(method, method.value)
                label.append(f"{text:<6}", self._style(_COLOURS[method]))
                style = "bold" if is_open else ""
            case BrokenFile():
                label.append("bad   ", self._style("error"))
                style = "strike"
            case None:
                label.append(" " * 6)
                style = self._style("muted")
        is_unsaved = is_open and self._unsaved
        is_favorite = self._is_favorite(entry.path)
        # The mark of unsaved changes has its room at once: the first letter that is typed
        # must not cut the name elsewhere, and write all of it.
        marks = len(_UNSAVED) * is_open + len(_FAVORITE) * is_favorite
        left = room - label.cell_len - marks
        label.append(_cut(self.name_of(entry), left), style)
        if is_favorite:
            label.append(_FAVORITE, self._style("accent"))
        if is_unsaved:
            label.append(_UNSAVED, self._style("warning"))

    @on(Tree.NodeHighlighted)
    def _name_entry(self) -> None:
        """Say what the entry under the cursor is called in full."""
        node, names = self.cursor_node, list[str]()
        while node is not None and node.data is not None and node is not self.root:
            names.append(self.name_of(node.data))
            node = node.parent
        head = self._heads.get(self.entry.path) if self.entry is not None else None
        tags = head.tags if isinstance(head, RequestHead) else ()
        self.post_message(self.Named(join_location(reversed(names)), tags))

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

    def _ask(self, action: str, count: int = 1) -> None:
        self.post_message(self.Asked(action, self.entry, self, count))

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

    def _shown_node(self, path: Path | None) -> TreeNode[Entry] | None:
        """Return the node of a path, unless it is in a folder that is collapsed."""
        way = {path, *path.parents} if path is not None else set()
        node: TreeNode[Entry] | None = self.root
        while node is not None:
            inner = (n for n in node.children if n.data and n.data.path in way)
            node = next(inner, None)
            if node and node.data and node.data.path == path:
                return node
            if node and not node.is_expanded:
                return None
        return None

    def _style(self, name: str) -> Style:
        colour = self.app.theme_variables.get(f"text-{name}", "")
        return _rich_style(colour)


def _paths(node: TreeNode[Entry]) -> Iterator[Path]:
    """Yield the paths of the entries below a node."""
    for child in node.children:
        if child.data is not None:
            yield child.data.path
        yield from _paths(child)


_SHORT = {Method.DELETE: "DEL"}


def _cut(name: str, room: int) -> str:
    """Return a name with an ellipsis where it is longer than the room in cells."""
    return truncate_end(name, room).rstrip() if room > 0 else ""


def _rich_style(colour: str) -> Style:
    """Return a style in a theme's colour; the terminal's own colours keep their names."""
    from textual.color import Color, ColorParseError

    try:
        return Style(color=Color.parse(colour).rich_color)
    except ColorParseError:
        return Style()
