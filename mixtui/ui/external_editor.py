"""The person's own editor, for the body."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mixtui.core.requests import Body, BodyType
from mixtui.ui.external_program import (
    ProgramError,
    command_in,
    private_folder,
    run,
    write_private,
)

_SUFFIXES = {
    BodyType.JSON: ".json",
    BodyType.NDJSON: ".ndjson",
    BodyType.FORM: ".txt",
    BodyType.CSV: ".csv",
    BodyType.TEXT: ".txt",
}
EditorError = ProgramError


def editor_command(variables: Mapping[str, str] = os.environ) -> list[str]:
    """$VISUAL, else $EDITOR, as a command.

    Raises:
        EditorError: Neither is set, or it is not a command.
    """
    command = command_in(("VISUAL", "EDITOR"), variables)
    if command is None:
        raise EditorError("No editor is set: put your editor's name in $EDITOR.")
    return command


def edit(body: Body, command: list[str]) -> Body:
    """Let the person edit a body; blocking, and it takes over the terminal.

    The text is in a private file (0600) for as long as that takes. If the editor
    fails, what it wrote is kept all the same.

    Raises:
        EditorError: The editor cannot be started, or what it wrote is not text.
    """
    with private_folder() as folder:
        path = folder / f"body{_SUFFIXES.get(body.type, '.txt')}"
        write_private(path, [body.text.encode("utf-8")])
        run(command, path, "The editor")
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            raise EditorError("What the editor wrote is not UTF-8 text.") from None
    # Editors end a file with a line feed that nobody typed.
    if text.endswith("\n") and not body.text.endswith("\n"):
        text = text[:-1]
    return Body(body.type, text, body.path)
