"""Store what ``mixtui import`` read: requests in files, credentials in environments."""

from __future__ import annotations

import json
import os
from argparse import Namespace
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.interchange.environments import strip_added_ids, target_label
from mixtui.interchange.model import ImportedFile, ImportedRequest
from mixtui.interchange.paths import locate_body_files
from mixtui.interchange.plan import (
    Mismatch,
    NotEditable,
    UseEnvironment,
    apply_target,
    plan_named,
    sending_environment,
)
from mixtui.interchange.reader import MAX_BYTES, NO_DOWNLOAD, decode, is_url, read_text
from mixtui.key_names import key_of
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus, SettingsError, StorageError
from mixtui.session import Session, sandbox_environments
from mixtui.storage import files
from mixtui.storage.collection import Collection
from mixtui.storage.environment_store import FileEnvironmentStore
from mixtui.storage.imported_requests import (
    WrittenRequest,
    folder_name,
    target_folder,
    write_requests,
)
from mixtui.storage.location import join_location, parse_location
from mixtui.storage.paths import slug
from mixtui.storage.request_file import render
from mixtui.text import pluralise


def read_command(source: str, console: Console) -> tuple[str, Path]:
    """Read the text of a file, or of stdin for ``-``; return it and its folder.

    Raises:
        StorageError: The file cannot be read.
        UsageError: There is no such file.
        InterchangeError: It is too large, or not text.
    """
    folder = console.folder
    if source == "-":
        data, label = console.stdin.buffer.read(), "Standard input"
    else:
        path = console.folder / os.path.expanduser(source)
        if not os.path.exists(path):  # Path.exists raises for one that is too long.
            # Another program's command may hold a secret: it is not repeated.
            is_path = len(source.split()) < 2
            name = f"“{source}”" if is_path else "This"
            raise UsageError(f"{name} is neither a file nor a curl command (“curl …”).")
        data, label, folder = files.read(path), str(path), path.parent
    return decode(data, label), folder


def finish_import(
    imported: ImportedRequest, arguments: Namespace, session: Session, console: Console
) -> None:
    """Report the target, store credentials if requested, and save or print the request.

    Args:
        imported: The request.
        arguments: With ``credentials_to``, ``save`` and ``env``.
        session: Its collection and environments are written.
        console: Where to report.

    Raises:
        MixtuiError: A file cannot be written, or the environment cannot be changed.
    """
    console.report(f"Imported for {target_label(imported)}.")
    if arguments.credentials_to:
        environment = _store_credentials(
            imported, arguments.credentials_to, session, console
        )
    else:
        environment = session.environment
        if not arguments.env:
            environment = sending_environment(
                imported, environment, session.environments.all
            )
        for credential in imported.credentials:
            console.report(
                f"Not stored: the {credential.label}. Use --credentials-to ENV to "
                "store it in an environment."
            )
    for note in imported.notes:
        console.report(note)
    draft = strip_added_ids(imported.draft, environment)
    if arguments.save:
        collection = session.collection
        location = parse_location(arguments.save, collection.root)
        saved = collection.save_at(location, draft)
        console.report(f"Saved {collection.location(saved.path)}.")
        return
    for line in render(draft).removesuffix("\n").split("\n"):
        console.print_untrusted(line)


def _store_credentials(
    imported: ImportedRequest, name: str, session: Session, console: Console
) -> Environment:
    """Store the credentials in an environment; a new one if it does not exist."""
    store = FileEnvironmentStore(
        session.config,
        session.collection.root,
        console.variables,
        sandbox_environments(session.sandbox),
    )
    plan = plan_named(imported, name, store.load().all, store)
    match plan:
        case NotEditable(environment):
            raise SettingsError(
                f"The environment {name} comes from {environment.origin}, which "
                "mixtui cannot change. Use one of your own, or a new name."
            )
        case Mismatch(environment):
            raise SettingsError(
                f"The environment {name} is for {_project_label(environment)}, but "
                f"the request is for {target_label(imported)}. Use another "
                "environment."
            )
        case UseEnvironment(replaced=replaced) if replaced:
            if not _may_replace(name, " and ".join(replaced), console):
                raise SettingsError(
                    f"The environment {name} already has a "
                    f"{' and a '.join(replaced)}; nothing was changed. Use another "
                    "environment, or delete the old one with "
                    f"{key_of('environments')}."
                )
    applied = apply_target(plan, imported, store, console.variables)
    for note in applied.notes:
        console.report(note)
    stored = ", ".join(f"the {credential.label}" for credential in imported.credentials)
    console.report(
        f"Stored in the environment {name}: {stored or 'region and project'}."
    )
    return applied.environment


def _may_replace(name: str, replaced: str, console: Console) -> bool:
    if not console.can_prompt:
        return False
    return console.confirm(f"Replace the {replaced} in the environment {name}?")


def _project_label(environment: Environment) -> str:
    project = environment.project_id
    return f"{environment.region}, project {project}" if project else environment.region


Importer = Callable[[str, str, Iterable[Environment]], ImportedFile]


def run_import(arguments: Namespace, console: Console, importer: Importer) -> int:
    """Read, write and report; return the exit status.

    Raises:
        UsageError: The source is a URL.
        InterchangeError: The source is invalid.
        StorageError: A file cannot be written; those before it stay.
    """
    source, name, source_folder = read_source(arguments.source, console)
    session = session_from_arguments(arguments, console)
    imported_file = locate_body_files(
        importer(source, name, session.environments.all), source_folder
    )
    collection = session.collection
    folder_path = (
        folder_name(imported_file.title) if arguments.into is None else arguments.into
    )
    folder = target_folder(collection, folder_path)
    output = None if arguments.json else console
    if arguments.dry_run:
        rows = _report_plan(imported_file, folder_path, output)
    else:
        rows = _write_and_report(imported_file, collection, folder, output)
    status = (
        ExitStatus.PARTLY_STORED if imported_file.is_partial else ExitStatus.ACCEPTED
    )
    messages = [*imported_file.all_notes(), *environment_notes(imported_file)]
    if arguments.json:
        report = {
            "requests": rows,
            "notes": messages,
            "variables": dict(imported_file.variables),
        }
        console.print_json(report)
        return status
    for sentence in messages:
        console.report(f"· {sentence}")
    verb = "Would import" if arguments.dry_run else "Imported"
    console.report(f"{verb} {pluralise(len(rows), 'request')} into {folder}.")
    return status


def _report_plan(
    imported_file: ImportedFile, into: str, console: Console | None
) -> list[dict[str, Any]]:
    """Return a row for each request to be made; file names depend on what exists then."""
    rows = []
    for request in imported_file.requests:
        draft, folder = request.imported.draft, "/".join([into, *request.folder])
        rows.append({"folder": folder, "method": str(draft.method), "name": draft.name})
        if console is not None:
            location = f"{folder}/{join_location([draft.name])}"
            console.print_untrusted(f"{location}  {draft.method}")
    return rows


def _write_and_report(
    imported_file: ImportedFile,
    collection: Collection,
    folder: Path,
    console: Console | None,
) -> list[dict[str, Any]]:
    """Write the requests, printing each at once; return a row for each."""
    requests = [(one.folder, one.imported.draft) for one in imported_file.requests]
    rows: list[dict[str, Any]] = []
    try:
        for written in write_requests(collection, folder, requests):
            rows.append(_request_row(collection, written))
            if console is not None:
                label = _label(written, rows[-1]["path"])
                console.print_untrusted(f"{label}  {written.draft.method}")
    except StorageError as error:
        count = pluralise(len(rows), "request")
        raise StorageError(
            error.path, f"Imported {count} of {len(requests)}, then failed: {error}"
        ) from None
    return rows


def read_source(source: str, console: Console) -> tuple[str, str, Path]:
    """Read a file or standard input; return its text, its name and its folder.

    Raises:
        UsageError: It is a URL.
        InterchangeError: It cannot be read, is too large, or is not text.
    """
    if is_url(source):
        raise UsageError(NO_DOWNLOAD)
    if source == "-":
        data = console.stdin.buffer.read(MAX_BYTES + 1)
        return decode(data, "Standard input"), "Standard input", console.folder
    path = console.folder / os.path.expanduser(source)
    return read_text(path, path.name), path.name, path.parent


def environment_notes(imported_file: ImportedFile) -> list[str]:
    """Return notes on what belongs into an environment and not into a request."""
    messages = []
    if imported_file.region is not None:
        messages.append(
            f"The URLs are in the region {imported_file.region}: send them with an "
            "environment of that region."
        )
    for credential in imported_file.credentials:
        messages.append(
            f"Credential found but not stored: {credential.label}. Add it to an "
            "environment with “mixtui env add”."
        )
    if imported_file.variables:
        pairs = ", ".join(f"{n} = {json.dumps(v)}" for n, v in imported_file.variables)
        messages.append(
            f"Variables, for [environments.NAME.variables] or --var: {pairs}."
        )
    return messages


def _label(written: WrittenRequest, path: str) -> str:
    """Return Folder/Name; the path where another request has that name."""
    name = written.draft.name
    folder, _, stem = path.rpartition("/")
    if stem != slug(name):
        return path
    return join_location((*folder.split("/"), name) if folder else (name,))


def _request_row(collection: Collection, written: WrittenRequest) -> dict[str, Any]:
    path = written.path.relative_to(collection.root).as_posix().removesuffix(".toml")
    return {
        "path": path,
        "method": str(written.draft.method),
        "name": written.draft.name,
    }
