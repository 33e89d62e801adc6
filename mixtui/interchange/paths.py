"""Keep the files that an import names: its paths are relative to where it came from."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.model import ImportedFile, ImportedRequest
from mixtui.model.draft import BodyType
from mixtui.request.templates import Reference, escape_text, parse_template, plain_text
from mixtui.system import absolute, real_path
from mixtui.text import sanitize


class LocatedPath(Struct, frozen=True):
    """A path that leads to the same file from any folder."""

    text: str
    """The text of a template; absolute, unless a reference begins it."""
    problem: str = ""
    """A sentence: why the file cannot be sent as things are."""


def locate_path(written: str, folder: Path) -> LocatedPath:
    """Make a path absolute; it may hold templates. Blocking: looks for the file.

    Args:
        written: The path, as the text of a template.
        folder: What it is relative to.
    """
    parts = list(parse_template(written))
    if parts and isinstance(parts[0], Reference):
        return LocatedPath(
            written,
            f"The path {sanitize(written)} is resolved when the request is sent; a "
            "relative path is relative to the folder of the request.",
        )
    base = absolute(folder)
    if any(isinstance(part, Reference) for part in parts):
        if written.startswith(("/", "~")):
            return LocatedPath(written)
        return LocatedPath(f"{escape_text(str(base))}/{written}")
    path = base / os.path.expanduser(plain_text(written))
    text = escape_text(str(path))
    # Not Path.exists: it raises for a name that is too long.
    if os.path.isfile(path):
        return LocatedPath(text)
    what = "is not a file" if os.path.exists(path) else "does not exist"
    return LocatedPath(text, f"The file {sanitize(str(path))} {what}.")


def locate_body_file(imported: ImportedRequest, folder: Path) -> ImportedRequest:
    """Make the path of a body absolute, with a note if there is no such file. Blocking.

    Args:
        imported: The request.
        folder: Of the file that it came from, or the current one.
    """
    body = imported.draft.body
    if body is None or body.type is not BodyType.FILE or not body.path:
        return imported
    located = locate_path(body.path, folder)
    draft = replace(imported.draft, body=replace(body, path=located.text))
    problems = (located.problem,) if located.problem else ()
    return replace(imported, draft=draft, notes=(*imported.notes, *problems))


def locate_body_files(imported: ImportedFile, folder: Path) -> ImportedFile:
    """Do the same for each request of a file, which names only its own. Blocking.

    The file may come from anyone: a path that leads elsewhere is removed.
    """
    requests = tuple(
        replace(
            each,
            imported=locate_body_file(
                _without_foreign_file(each.imported, folder), folder
            ),
        )
        for each in imported.requests
    )
    return replace(imported, requests=requests)


def _without_foreign_file(imported: ImportedRequest, folder: Path) -> ImportedRequest:
    body = imported.draft.body
    if body is None or body.type is not BodyType.FILE or not body.path:
        return imported
    if not any(isinstance(part, Reference) for part in parse_template(body.path)):
        path = real_path(folder / os.path.expanduser(plain_text(body.path)))
        if path.is_relative_to(real_path(folder)):
            return imported
    note = (
        f"The file {sanitize(body.path)} is outside the folder of the imported file, "
        "so it was removed. Set it in the body to send it."
    )
    draft = replace(imported.draft, body=replace(body, path=""))
    return replace(imported, draft=draft, notes=(*imported.notes, note))
