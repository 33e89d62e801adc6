"""A field for a path, in which tab completes folders."""

from __future__ import annotations

import os
from pathlib import Path

from textual.binding import Binding
from textual.message import Message

from mixtui.ui.widgets.field import TextInput


class PathField(TextInput):
    """Completes the folder that is being typed; else tab goes to the next field."""

    BINDINGS = [Binding("tab", "complete", "Complete", show=False)]

    class Folders(Message):
        """There are several folders to complete to."""

        def __init__(self, names: list[str]) -> None:
            super().__init__()
            self.names = names

    def action_complete(self) -> None:
        """Complete at once: what is typed behind belongs to the folder."""
        completed, folders = complete(self.value)
        if completed != self.value:
            self.value = completed
            self.cursor_position = len(completed)
        elif folders:
            self.post_message(self.Folders(folders))
        else:
            self.screen.focus_next()


def as_path(typed: str) -> Path:
    """What was typed as an absolute path; ``~`` is the person's home."""
    text = typed.strip()
    try:
        expanded = Path(text).expanduser()
    except RuntimeError:  # There is no such user.
        expanded = Path(text)
    return Path.cwd() / expanded


def complete(typed: str) -> tuple[str, list[str]]:
    """The text with its last folder completed, and what it might become.

    A name that begins with a dot is only completed when the dot was typed.
    """
    before, slash, start = typed.rpartition("/")
    try:
        with os.scandir(as_path(before + slash)) as entries:
            found = sorted(
                f"{entry.name}/"
                for entry in entries
                if entry.name.startswith(start)
                and entry.name.startswith(".") <= start.startswith(".")
                and entry.is_dir()
            )
    except (OSError, ValueError):
        return typed, []
    # With nothing typed there is nothing to complete: all folders are named instead.
    name = beginning(found) if start and found else start
    return before + slash + name, found


def beginning(names: list[str]) -> str:
    """What all names, which are sorted, begin with."""
    first, last = names[0], names[-1]
    same = (i for i in range(len(first)) if first[i] != last[i : i + 1])
    return first[: next(same, len(first))]
