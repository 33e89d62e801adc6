"""Ask about a file that another program has changed, where both changed the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.model.merge import Merge, with_field
from mixtui.storage.file_state import FileUnreadable
from mixtui.storage.request_file import render
from mixtui.ui.dialogs.dialogs import ChoiceDialog
from mixtui.ui.diff.text_diff import difference

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.storage.collection import OpenRequest
    from mixtui.ui.main.host import Host

_OTHERS = (("s", "Save as…", "save_as"), ("c", "Keep editing", "stay"))
_TITLE = "File changed on disk"


async def ask_about_conflict(
    host: Host, current: OpenRequest, merge: Merge
) -> Draft | str | None:
    """Show how the file and the merged draft differ, and ask which fields to keep.

    Args:
        host: Asks.
        current: The file now.
        merge: The draft merged with it; it has conflicts.

    Returns:
        The draft to write, ``file`` or ``save_as``; None = go on editing.
    """
    fields = _listed(merge.conflicts)
    answer = await _ask(
        host,
        f"{current.path.name} changed on disk since you opened it, and both changed "
        f"the {fields}.",
        current,
        (current.draft, merge.draft),
        (
            ("m", f"Keep my {fields}, merge the rest", "mine"),
            ("t", f"Take the {fields} of the file, merge the rest", "theirs"),
            *([("b", "Choose field by field", "each")] if merge.conflicts[1:] else []),
            ("f", "Use the file: discard my changes", "file"),
            *_OTHERS,
        ),
    )
    match answer:
        case "mine":
            return merge.draft
        case "theirs":
            draft = merge.draft
            for name in merge.conflicts:
                draft = with_field(draft, name, current.draft)
            return draft
        case "each":
            return await _choose_fields(host, current, merge)
    return None if answer == "stay" else answer


async def ask_about_broken(
    host: Host, request: OpenRequest, state: FileUnreadable
) -> str | None:
    """Say that the file is broken; return ``save_as``, None = go on editing."""
    mine = render(host.draft, request.source, path=request.path)
    question = (
        f"{state.problem} A broken file is not overwritten: repair it, or save as."
    )
    answer = await host.ask(
        ChoiceDialog(
            _legend(question),
            _OTHERS,
            title=_TITLE,
            start=1,
            details=await difference(state.text, mine),
        )
    )
    return None if answer == "stay" else answer


async def _choose_fields(
    host: Host, current: OpenRequest, merge: Merge
) -> Draft | None:
    """Ask for each field that both changed; return the draft, None = go on editing."""
    draft = merge.draft
    for number, name in enumerate(merge.conflicts, 1):
        theirs = with_field(draft, name, current.draft)
        answer = await _ask(
            host,
            f"Field {number} of {len(merge.conflicts)}: {_label(name)}.",
            current,
            (theirs, draft),
            (
                ("m", "Keep mine", "mine"),
                ("t", "Take that of the file", "theirs"),
                ("c", "Keep editing", "stay"),
            ),
        )
        if answer == "theirs":
            draft = theirs
        elif answer != "mine":
            return None
    return draft


async def _ask(
    host: Host,
    question: str,
    current: OpenRequest,
    versions: tuple[Draft, Draft],
    choices: tuple[tuple[str, str, str], ...],
) -> str | None:
    """Ask with the difference of two versions, as they would be written."""
    theirs, mine = (render(v, current.source, path=current.path) for v in versions)
    return await host.ask(
        ChoiceDialog(
            _legend(question),
            choices,
            title=_TITLE,
            start=len(choices) - 1,
            details=await difference(theirs, mine),
        )
    )


def _legend(question: str) -> str:
    return f"{question}\n- is in the file · + is yours"


def _listed(names: tuple[str, ...]) -> str:
    labels = [_label(name) for name in names]
    return (
        labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} and {labels[-1]}"
    )


def _label(name: str) -> str:
    labels = {"url": "URL", "api": "API", "path": "path parameters"}
    return labels.get(name, name.replace("_", " "))
