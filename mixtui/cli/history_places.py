"""The history that a command works with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mixtui.cli.console import Console
from mixtui.storage.history import History, open_history
from mixtui.storage.paths import SETTINGS_FILE, config_dir
from mixtui.storage.settings import load_settings


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
