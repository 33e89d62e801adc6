"""The actions on saved requests, for the screen that binds their keys."""

from __future__ import annotations

NEED_ENTRY = frozenset(
    ("duplicate", "rename", "delete", "move", "copy_to", "favorite", "tags")
)
"""Those that act on a request or folder."""


class TreeActions:
    """Mix into a screen: each acts on the entry under the cursor of the tree while that
    has the focus, and else on the open request.
    """

    def run_tree_action(self, action: str) -> None:
        """Run an action of `TreeController`."""
        raise NotImplementedError

    def action_duplicate(self) -> None:
        self.run_tree_action("duplicate")

    def action_copy_to(self) -> None:
        self.run_tree_action("copy_to")

    def action_rename(self) -> None:
        self.run_tree_action("rename")

    def action_move(self) -> None:
        self.run_tree_action("move")

    def action_delete(self) -> None:
        self.run_tree_action("delete")

    def action_favorite(self) -> None:
        self.run_tree_action("favorite")

    def action_tags(self) -> None:
        self.run_tree_action("tags")

    def action_new_folder(self) -> None:
        self.run_tree_action("new_folder")

    def action_undo(self) -> None:
        """Undo the last change to saved requests."""
        self.run_tree_action("undo")

    def action_redo(self) -> None:
        """Do again what was undone last."""
        self.run_tree_action("redo")
