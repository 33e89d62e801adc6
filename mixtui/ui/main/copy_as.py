"""Copy the draft as a command or a program."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from mixtui.interchange.export.programs import Program, export
from mixtui.request.prepare import prepare
from mixtui.ui.dialogs.dialogs import ChoiceDialog

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.model.secrets import SecretReader
    from mixtui.model.trust import DraftOrigin
    from mixtui.ui.main.host import Copy, Host

_ENDINGS = {Program.CURL: ".sh", Program.HTTPIE: ".sh", Program.PYTHON: ".py"}
_PROGRAMS = (
    ("c", Program.CURL.label, Program.CURL),
    ("p", Program.PYTHON.label, Program.PYTHON),
    ("h", Program.HTTPIE.label, Program.HTTPIE),
)


async def copy_as(host: Host, draft: Draft, origin: DraftOrigin, copy: Copy) -> None:
    """Ask for a program, and copy a draft as its command.

    Args:
        host: The screen.
        draft: What is copied.
        origin: Where the draft comes from.
        copy: Puts the text on the clipboard.

    Raises:
        MixtuiError: The draft cannot be sent, so it cannot be copied; or a secret that
            was asked for cannot be read.
    """
    environment = host.environment
    # To write a request down sends nothing.
    writable = replace(environment, read_only=False)
    request = prepare(draft, writable, origin=origin)
    chosen = await host.ask(
        ChoiceDialog[Program | Literal["secrets"]](
            "Copy the request as mixtui would send it. Secrets become variables.",
            (*_PROGRAMS, ("s", "Include secrets…", "secrets")),
            title="Copy as",
        )
    )
    reader: SecretReader | None = None
    program = chosen if isinstance(chosen, Program) else None
    if chosen == "secrets":
        reader = host.session.secrets
        program = await host.ask(
            ChoiceDialog[Program](
                f"The secrets of {environment.name} will be copied to the clipboard, where "
                "other programs can read them.",
                _PROGRAMS,
                title="Copy with secrets",
            )
        )
    if program is None:
        return
    exported = await asyncio.to_thread(export, request, draft, program, reader=reader)
    if exported.notes:
        host.notify_text(" ".join(exported.notes))
    label = f"{draft.name or 'Request'} as {program.label}"
    await copy([exported.text], label, f"request{_ENDINGS[program]}")
