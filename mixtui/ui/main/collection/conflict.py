"""Ask which to keep: the draft, or the file that another program has changed since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.storage.file_state import FileChanged, FileState, FileUnreadable
from mixtui.storage.request_file import render
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.diff.text_diff import difference

if TYPE_CHECKING:
    from mixtui.storage.collection import OpenRequest
    from mixtui.ui.main.host import Host


async def ask_which_to_keep(
    host: Host, request: OpenRequest, state: FileState
) -> str | None:
    """Show how file and draft differ, and return the choice.

    Args:
        host: Has the draft.
        request: As it was opened.
        state: The file now.

    Returns:
        ``mine``, ``file`` or ``save_as``; None = go on editing.
    """
    name, draft = request.path.name, host.draft
    choices = [("s", "Save as…", "save_as"), ("c", "Keep editing", "stay")]
    match state:
        case FileUnreadable(problem=problem, text=theirs):
            question = (
                f"{problem} A broken file is not overwritten: repair it, or save as."
            )
            mine = render(draft, request.source, path=request.path)
        case _:
            current = state.request if isinstance(state, FileChanged) else request
            question = f"{name} changed on disk since you opened it."
            theirs = current.source
            # What keeping the draft would write: comments of the file stay.
            mine = render(draft, theirs, path=request.path)
            choices = [
                ("m", "Keep mine: overwrite the file", "mine"),
                ("f", "Use the file: discard my changes", "file"),
                *choices,
            ]
    answer = await host.ask(
        ChoiceDialog(
            f"{question}\n- is in the file · + is yours",
            choices,
            title="File changed on disk",
            start=len(choices) - 1,
            details=await difference(theirs, mine),
        )
    )
    return None if answer == "stay" else answer
