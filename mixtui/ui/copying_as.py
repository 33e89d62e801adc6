"""«Copy as…»: the draft for another program, on the clipboard."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from mixtui.core.prepare import PreparedRequest, prepare
from mixtui.core.requests import Draft
from mixtui.core.secrets import SecretReader
from mixtui.interchange.exporting import Exported, Program, export
from mixtui.ui.copying import copy_pieces
from mixtui.ui.dialogs import ChoiceDialog

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen

_ENDINGS = {Program.CURL: ".sh", Program.HTTPIE: ".sh", Program.PYTHON: ".py"}
_PROGRAMS = (
    ("c", Program.CURL.label, Program.CURL),
    ("p", Program.PYTHON.label, Program.PYTHON),
    ("h", Program.HTTPIE.label, Program.HTTPIE),
)


async def copy_as(screen: MainScreen) -> None:
    """Ask for which program, and copy the draft for it.

    Raises:
        MixtuiError: The draft cannot be sent, so it cannot be copied; or a secret that
            was asked for cannot be read.
    """
    draft, environment = screen.draft, screen.environment
    # To write a request down sends nothing.
    writable = replace(environment, read_only=False)
    request = prepare(draft, writable, folder=screen.desk.folder)
    chosen = await screen.app.push_screen_wait(
        ChoiceDialog[Program | Literal["secrets"]](
            "Copy the request with everything that mixtui adds; secrets become "
            "variables.",
            (*_PROGRAMS, ("s", "With the secrets in it…", "secrets")),
            title="Copy as",
        )
    )
    reader: SecretReader | None = None
    program = chosen if isinstance(chosen, Program) else None
    if chosen == "secrets":
        reader = screen.session.secrets
        program = await screen.app.push_screen_wait(
            ChoiceDialog[Program](
                f"The secrets of {environment.name} will be on the clipboard, readable "
                "for all that see it.",
                _PROGRAMS,
                title="Copy with secrets",
            )
        )
    if program is None:
        return
    done = await asyncio.to_thread(_exported, request, draft, program, reader)
    if done.notes:
        screen.notify_text(" ".join(done.notes))
    what = f"The request as {program.label}"
    await copy_pieces(screen, [done.text], what, f"request{_ENDINGS[program]}")


def _exported(
    request: PreparedRequest,
    draft: Draft,
    program: Program,
    reader: SecretReader | None,
) -> Exported:
    return export(request, draft, program, reader=reader)
