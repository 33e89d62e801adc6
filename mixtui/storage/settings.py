"""config.toml: theme, mouse, keys and history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct, field

from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import Table


class HistorySettings(Struct, frozen=True):
    """How much the history stores: the newest entries, within these limits."""

    enabled: bool = True
    """False: store nothing more; stored entries stay until they are purged."""
    max_entries: int = 1000
    """History entries."""
    max_days: int = 90
    max_bytes: int = 2_000_000_000
    """Requests and bodies together."""


class Settings(Struct, frozen=True):
    """The content of config.toml, with defaults."""

    theme: str = ""
    """A theme's name; empty = the app's own choice."""
    mouse: bool = True
    """False: the terminal handles the mouse, to select and copy."""
    keys: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Action id -> its keys; an empty tuple = the action has no key."""
    history: HistorySettings = field(default_factory=HistorySettings)
    warnings: tuple[str, ...] = ()
    """A sentence for each unknown key."""


def load_settings(path: Path) -> Settings:
    """Read the settings; a missing file means the defaults.

    Raises:
        SettingsError: The file is invalid; says line and reason.
    """
    return read_settings(TomlFile(path))


def read_settings(source: TomlFile) -> Settings:
    """Read the settings from a file that may be open in an editor.

    Raises:
        SettingsError: The file is invalid; says line and reason.
    """
    with source.values() as document:
        theme = document.text("theme")
        mouse = document.flag("mouse", True)
        keys = _read_keys(document.table("keys"))
        unknown: list[str] = []
        history = _read_history(document.table("history"), unknown)
        unknown = [*document.unknown_keys().values(), *unknown]
    return Settings(
        theme,
        mouse,
        keys,
        history,
        tuple(f"{source.path.name}: {sentence}" for sentence in unknown),
    )


def save_theme(path: Path, name: str) -> None:
    """Write the theme to the settings file, and leave the rest of it unchanged.

    Raises:
        SettingsError: The file is invalid.
        StorageError: It cannot be written.
    """

    def change(source: TomlFile) -> str:
        read_settings(source)
        with source.editing() as editor:
            editor.set((), "theme", name)
        if read_settings(TomlFile(path, editor.text)).theme != name:
            raise source.not_editable()
        return editor.text

    TomlFile.update(path, change)


def _read_history(table: Table, unknown: list[str]) -> HistorySettings:
    defaults = HistorySettings()
    settings = HistorySettings(
        enabled=table.flag("keep", defaults.enabled),
        max_entries=table.positive_integer("count", defaults.max_entries),
        max_days=table.positive_integer("days", defaults.max_days),
        max_bytes=table.positive_integer("bytes", defaults.max_bytes),
    )
    unknown += table.unknown_keys().values()
    return settings


def _read_keys(table: Table) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for action in table.names:
        keys = table.text_or_texts(action, "a key")
        # "f5, ctrl+r" is how Textual and the help page write two keys.
        parts = (part.strip() for key in keys for part in key.split(","))
        result[action] = tuple(part for part in parts if part)
    return result
