"""Which files a command works with."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from mixtui.cli.console import Console
from mixtui.session import Session, open_session
from mixtui.storage.collection import Collection
from mixtui.storage.paths import find_collection


def open_collection(arguments: Namespace, console: Console) -> Collection:
    """The collection, without reading anything else.

    Raises:
        StorageError: The one asked for does not exist.
    """
    folder = console.folder
    return Collection(find_collection(_named(arguments), folder, console.variables))


def session_from_arguments(arguments: Namespace, console: Console) -> Session:
    """Collection, environments, secrets and settings.

    Raises:
        SettingsError: A file is wrong, or there is no such environment.
        StorageError: The collection asked for does not exist.
    """
    return open_session(
        _named(arguments),
        arguments.env,
        variables=console.variables,
        cwd=console.folder,
    )


def _named(arguments: Namespace) -> Path | None:
    return Path(arguments.collection) if arguments.collection else None
