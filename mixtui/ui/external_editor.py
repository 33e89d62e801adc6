"""The person's own editor, for the body."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mixtui.core.errors import MixtuiError
from mixtui.core.requests import Body, BodyType

_SUFFIXES = {
    BodyType.JSON: ".json",
    BodyType.NDJSON: ".ndjson",
    BodyType.FORM: ".txt",
    BodyType.CSV: ".csv",
    BodyType.TEXT: ".txt",
}


class EditorError(MixtuiError):
    """The editor could not be used."""


def editor_command(variables: Mapping[str, str] = os.environ) -> list[str]:
    """$VISUAL, else $EDITOR, as a command."""
    for name in ("VISUAL", "EDITOR"):
        if command := variables.get(name, "").strip():
            try:
                return shlex.split(command)
            except ValueError:
                raise EditorError(f"${name} is not a command: {command}") from None
    raise EditorError("No editor is set: put your editor's name in $EDITOR.")


def edit(body: Body, command: list[str]) -> Body:
    """Let the person edit a body; blocking, and it takes over the terminal.

    The text is in a private file (0600) for as long as that takes. If the editor
    fails, what it wrote is kept all the same.

    Raises:
        EditorError: The editor cannot be started, or what it wrote is not text.
    """
    with tempfile.TemporaryDirectory(prefix="mixtui-") as folder:
        path = Path(folder) / f"body{_SUFFIXES.get(body.type, '.txt')}"
        path.touch(mode=0o600)
        path.write_text(body.text, encoding="utf-8", newline="")
        try:
            subprocess.run([*command, str(path)], check=False)
        except OSError as error:
            raise EditorError(
                f"The editor {command[0]} cannot be started: {error.strerror}."
            ) from None
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            raise EditorError("What the editor wrote is not UTF-8 text.") from None
    # Editors end a file with a line feed that nobody typed.
    if text.endswith("\n") and not body.text.endswith("\n"):
        text = text[:-1]
    return Body(body.type, text, body.path)
