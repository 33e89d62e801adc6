"""What `mixtui import openapi` and `mixtui import postman` share."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from typing import Any

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.cli.places import session_for
from mixtui.core.environments import Environment
from mixtui.core.errors import ExitStatus, StorageError
from mixtui.core.words import counted
from mixtui.interchange.imported_file import ImportedFile
from mixtui.interchange.reading import (
    LARGEST,
    NO_DOWNLOAD,
    decoded,
    file_text,
    is_url,
)
from mixtui.storage.collection import Collection
from mixtui.storage.imported_requests import (
    Written,
    folder_name,
    target_folder,
    write_requests,
)

Importer = Callable[[str, str, Iterable[Environment]], ImportedFile]


def run_import(arguments: Namespace, console: Console, importer: Importer) -> int:
    """Read, write and report; returns the exit status.

    Raises:
        UsageError: The source cannot be read here.
        InterchangeError: It is not what it should be.
        StorageError: A file cannot be written; those before it stay.
    """
    source, name = source_text(arguments.source, console)
    session = session_for(arguments, console)
    found = importer(source, name, session.environments.all)
    collection = session.collection
    into = folder_name(found.title) if arguments.into is None else arguments.into
    folder = target_folder(collection, into)
    requests = [(one.folder, one.imported.draft) for one in found.requests]
    rows: list[dict[str, Any]] = []
    if arguments.dry_run:
        rows = [
            {"path": None, "folder": list(f), "method": str(d.method), "name": d.name}
            for f, d in requests
        ]
        for row in rows if not arguments.json else ():
            place = "/".join([into, *row["folder"]])
            console.print_foreign(f"{place}  {row['method']:<6}  {row['name']}")
    else:
        try:
            for written in write_requests(collection, folder, requests):
                rows.append(_row(collection, written))
                if not arguments.json:
                    row = rows[-1]
                    console.print_foreign(f"{row['path']}  {row['method']}")
        except StorageError as error:
            raise StorageError(
                error.path,
                f"{counted(len(rows), 'request')} of {len(requests)} written, then: "
                f"{error}",
            ) from None
    told = [*found.told(), *about_environment(found)]
    if arguments.json:
        report = {"requests": rows, "notes": told, "variables": dict(found.variables)}
        console.print(json.dumps(report, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    for sentence in told:
        console.say(f"· {sentence}")
    done = "would be made" if arguments.dry_run else "made"
    where = f"{collection.root}/{into}".rstrip("/")
    console.say(f"{counted(len(requests), 'request')} {done} in {where}.")
    return ExitStatus.ACCEPTED


def source_text(source: str, console: Console) -> tuple[str, str]:
    """The text of a file or of standard input, and what to call it.

    Raises:
        UsageError: It is a URL.
        InterchangeError: It cannot be read, is too large, or is no text.
    """
    if is_url(source):
        raise UsageError(NO_DOWNLOAD)
    if source == "-":
        data = console.stdin.buffer.read(LARGEST + 1)
        return decoded(data, "Standard input"), "Standard input"
    path = console.folder / os.path.expanduser(source)
    return file_text(path, path.name), path.name


def about_environment(found: ImportedFile) -> list[str]:
    """What belongs into an environment and not into a request."""
    told = []
    if found.region is not None:
        told.append(
            f"Its URLs belong to the region {found.region}: send them in an "
            "environment of that region."
        )
    for one in found.credentials:
        told.append(
            f"A credential was found and not written: {one.words}. Add it to an "
            "environment with «mixtui env add»."
        )
    if found.variables:
        pairs = ", ".join(f"{n} = {json.dumps(v)}" for n, v in found.variables)
        told.append(
            f"Values of variables, for [environments.NAME.variables] or --var: {pairs}."
        )
    return told


def _row(collection: Collection, written: Written) -> dict[str, Any]:
    path = written.path.relative_to(collection.root).as_posix().removesuffix(".toml")
    return {
        "path": path,
        "method": str(written.draft.method),
        "name": written.draft.name,
    }
