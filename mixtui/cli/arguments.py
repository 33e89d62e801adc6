"""Open what the arguments of several commands name: collection, session, history."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mixtui.cli.console import Console
from mixtui.cli.parsing import UsageError
from mixtui.model.draft import Pair
from mixtui.session import Session, open_session
from mixtui.storage.collection import Collection
from mixtui.storage.paths import SETTINGS_FILE, config_dir, find_collection
from mixtui.storage.settings import load_settings

if TYPE_CHECKING:
    from mixtui.history.history import History


def open_collection(arguments: Namespace, console: Console) -> Collection:
    """Open the collection, without reading anything else.

    Raises:
        StorageError: The requested one does not exist.
    """
    folder = console.folder
    return Collection(
        find_collection(_collection_path(arguments), folder, console.variables)
    )


def session_from_arguments(
    arguments: Namespace, console: Console, *, needs_environment: bool = True
) -> Session:
    """Open collection, environments, secrets and settings.

    Args:
        arguments: Of the command line.
        console: Its variables and folder.
        needs_environment: As for `open_session`.

    Raises:
        SettingsError: A file is invalid, or there is no such environment.
        StorageError: The requested collection does not exist.
    """
    return open_session(
        _collection_path(arguments),
        arguments.env,
        variables=console.variables,
        cwd=console.folder,
        needs_environment=needs_environment,
    )


@contextmanager
def history_from_arguments(console: Console) -> Iterator[History]:
    """Open the user's history, and close it afterwards; report its warnings.

    Raises:
        SettingsError: config.toml is invalid.
    """
    from mixtui.history.history import open_history

    settings = load_settings(config_dir() / SETTINGS_FILE)
    for warning in settings.warnings:
        console.report(warning)
    history = open_history(settings.history)
    try:
        yield history
    finally:
        history.close()
        if warning := history.take_warning():
            console.report(warning)


def provided_variables(arguments: Namespace) -> dict[str, str]:
    """Return the values of ``--var`` by name; the last of a name counts.

    Raises:
        UsageError: One has no name or no ``=``.
    """
    pairs = [parse_pair(text, "=", "--var") for text in arguments.var]
    return {pair.name: pair.value for pair in pairs}


def _collection_path(arguments: Namespace) -> Path | None:
    return Path(arguments.collection) if arguments.collection else None


def parse_pair(text: str, sign: str, option: str) -> Pair:
    """Parse ``NAME=VALUE`` or ``NAME:VALUE``.

    Raises:
        UsageError: The text has no name or no sign.
    """
    name, separator, value = text.partition(sign)
    if not separator or not name.strip():
        form = f"NAME{sign}VALUE"
        # Not repeated: a header or variable may hold a secret.
        raise UsageError(f"{option} must be followed by {form}.")
    return Pair(name.strip(), value.lstrip() if sign == ":" else value)
