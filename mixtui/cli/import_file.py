"""What `mixtui import openapi` and `mixtui import postman` share."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.cli.places import session_from_arguments
from mixtui.core.environments import Environment
from mixtui.core.errors import ExitStatus, StorageError
from mixtui.core.words import pluralise
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
    session = session_from_arguments(arguments, console)
    found = importer(source, name, session.environments.all)
    collection = session.collection
    into = folder_name(found.title) if arguments.into is None else arguments.into
    folder = target_folder(collection, into)
    shown = None if arguments.json else console
    if arguments.dry_run:
        rows = _planned(found, into, shown)
    else:
        rows = _written(found, collection, folder, shown)
    told = [*found.told(), *about_environment(found)]
    if arguments.json:
        report = {"requests": rows, "notes": told, "variables": dict(found.variables)}
        console.print(json.dumps(report, indent=2, ensure_ascii=False))
        return ExitStatus.ACCEPTED
    for sentence in told:
        console.say(f"· {sentence}")
    done = "would be made" if arguments.dry_run else "made"
    console.say(f"{pluralise(len(rows), 'request')} {done} in {folder}.")
    return ExitStatus.ACCEPTED


def _planned(
    found: ImportedFile, into: str, console: Console | None
) -> list[dict[str, Any]]:
    """What would be made, without a file's name, which depends on what is there."""
    rows = []
    for one in found.requests:
        draft, place = one.imported.draft, "/".join([into, *one.folder])
        rows.append({"folder": place, "method": str(draft.method), "name": draft.name})
        if console is not None:
            console.print_foreign(f"{place}  {draft.method:<6}  {draft.name}")
    return rows


def _written(
    found: ImportedFile,
    collection: Collection,
    folder: Path,
    console: Console | None,
) -> list[dict[str, Any]]:
    """What was made; each is shown as soon as it is there."""
    requests = [(one.folder, one.imported.draft) for one in found.requests]
    rows: list[dict[str, Any]] = []
    try:
        for written in write_requests(collection, folder, requests):
            rows.append(_row(collection, written))
            if console is not None:
                console.print_foreign(f"{rows[-1]['path']}  {rows[-1]['method']}")
    except StorageError as error:
        count = pluralise(len(rows), "request")
        raise StorageError(
            error.path, f"{count} of {len(requests)} written, then: {error}"
        ) from None
    return rows


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
