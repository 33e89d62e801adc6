"""Which files a command works with."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixtui.cli.console import Console
from mixtui.history.history import History, open_history
from mixtui.session import Session, open_session
from mixtui.storage.collection import Collection
from mixtui.storage.paths import SETTINGS_FILE, config_dir, find_collection
from mixtui.storage.settings import load_settings


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


@contextmanager
def history_from_arguments(console: Console) -> Iterator[History]:
    """The person's, closed afterwards; what happened to it is told.

    Raises:
        SettingsError: config.toml is wrong.
    """
    settings = load_settings(config_dir() / SETTINGS_FILE)
    for warning in settings.warnings:
        console.say(warning)
    history = open_history(settings.history)
    try:
        yield history
    finally:
        history.close()
        if warning := history.take_warning():
            console.say(warning)
