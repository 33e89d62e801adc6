"""What ``mixtui import`` does with a request that was taken over."""

from __future__ import annotations

import os
from argparse import Namespace
from dataclasses import replace

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.core.environments import Environment
from mixtui.core.errors import SettingsError
from mixtui.interchange.found import ImportedRequest
from mixtui.interchange.placing import (
    assign_credentials,
    matches,
    matching_environments,
    missing_credentials,
    new_environment,
    replaced_credentials,
    strip_known,
    target_label,
)
from mixtui.session import Session, sandbox_environments
from mixtui.storage import atomic
from mixtui.storage.request_file import render
from mixtui.ui.environment_store import FileEnvironmentStore


def command_text(source: str, console: Console) -> str:
    """The text of a file, or of stdin for ``-``.

    Raises:
        StorageError: The file cannot be read.
        UsageError: There is no such file, or it is no UTF-8 text.
    """
    if source == "-":
        data, what = console.stdin.buffer.read(), "Standard input"
    else:
        path = console.folder / os.path.expanduser(source)
        if not path.exists():
            raise UsageError(
                f"There is no file {source}, and it is no curl command: that begins with "
                "«curl »."
            )
        data, what = atomic.read(path), str(path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{what} is no UTF-8 text.") from None


def finish_import(
    imported: ImportedRequest, arguments: Namespace, session: Session, console: Console
) -> None:
    """Say what was found, keep credentials where asked, and save or print the request.

    Args:
        imported: The request.
        arguments: With ``credentials_to``, ``save`` and ``env``.
        session: The person's files.
        console: Where to say it.

    Raises:
        MixtuiError: A file cannot be written, or the environment cannot be changed.
    """
    console.say(f"Found: {target_label(imported)}.")
    if arguments.credentials_to:
        environment = _keep(imported, arguments.credentials_to, session, console)
    else:
        environment = _environment(imported, session, named=bool(arguments.env))
        for found in imported.credentials:
            console.say(
                f"Left out: the {found.words} (--credentials-to ENV keeps it in an "
                "environment)."
            )
    for note in imported.notes:
        console.say(note)
    draft = strip_known(imported.draft, environment)
    if arguments.save:
        folder = session.collection.root
        saved = session.collection.save_as(folder, replace(draft, name=arguments.save))
        console.say(f"Saved {saved.path.relative_to(folder)}.")
        return
    for line in render(draft).removesuffix("\n").split("\n"):
        console.print_foreign(line)


def _environment(
    imported: ImportedRequest, session: Session, *, named: bool
) -> Environment:
    """Where it would be sent from."""
    used = session.environment
    if named or matches(used, imported):
        return used
    others = matching_environments(imported, session.environments.all)
    return others[0] if others else used


def _keep(
    imported: ImportedRequest, name: str, session: Session, console: Console
) -> Environment:
    """Put the credentials into an environment, a new one if there is none."""
    store = FileEnvironmentStore(
        session.config,
        session.collection.root,
        console.variables,
        sandbox_environments(session.sandbox),
    )
    old = store.load().get(name)
    if old is not None and not store.editable(old):
        raise SettingsError(
            f"The environment {name} comes from {old.origin}, which mixtui does not "
            "change: name one of your own, or a new one."
        )
    if old is not None and not matches(old, imported):
        raise SettingsError(
            f"The environment {name} is for {_of(old)}, and this is "
            f"{target_label(imported)}: name another."
        )
    gone = (
        replaced_credentials(old, missing_credentials(old, imported.credentials))
        if old
        else ()
    )
    if gone and not _may_replace(name, " and ".join(gone), console):
        raise SettingsError(
            f"The environment {name} has a {' and a '.join(gone)} already, and nothing "
            "was changed: name another environment, or delete the old one there (f9)."
        )
    done = assign_credentials(
        old or new_environment(name, imported), imported, console.variables
    )
    store.save(done.environment, old.name if old else None, done.secrets)
    for note in done.notes:
        console.say(note)
    kept = ", ".join(f"the {found.words}" for found in imported.credentials)
    console.say(f"Kept in the environment {name}: {kept or 'its place alone'}.")
    return done.environment


def _may_replace(name: str, gone: str, console: Console) -> bool:
    if not console.can_ask:
        return False
    return console.ask(f"Replace the {gone} of the environment {name}?")


def _of(environment: Environment) -> str:
    project = environment.project_id
    return f"{environment.region}, project {project}" if project else environment.region
