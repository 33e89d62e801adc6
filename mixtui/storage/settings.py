"""config.toml: theme, mouse, keys and history; and the text of a settings file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from mixtui.model.errors import SettingsError, StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.toml_editor import NotEditable, TomlEditor, line_of
from mixtui.storage.toml_values import InvalidToml, InvalidValue, Table, type_label


class Source:
    """The text of one settings file; a missing file is empty.

    Creating it raises SettingsError if the file cannot be read.
    """

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = self._read() if text is None else text

    def _read(self) -> str:
        try:
            if not self.path.exists():
                return ""
            return toml_values.decode(files.read(self.path))
        except (StorageError, OSError) as error:
            raise SettingsError(str(error)) from None
        except InvalidToml as error:
            raise self._error(str(error), error.line) from None

    @contextmanager
    def values(self) -> Iterator[Table]:
        """Yield the document; an InvalidValue of the block becomes a SettingsError."""
        try:
            yield Table(toml_values.parse_toml(self.text))
        except InvalidToml as error:
            raise self._error(str(error), error.line) from None
        except InvalidValue as error:
            line = line_of(self.text, error.table, error.index, error.key)
            raise self._error(str(error), line) from None

    @contextmanager
    def editing(self) -> Iterator[TomlEditor]:
        """Yield an editor; text that it cannot edit becomes a SettingsError."""
        try:
            yield TomlEditor(self.text)
        except NotEditable:
            raise self.not_editable() from None

    def not_editable(self) -> SettingsError:
        """Return the error for a file that cannot be edited in place."""
        return SettingsError(
            f"{self.path} is written in a form that mixtui cannot edit without harm: "
            "change it in an editor."
        )

    def _error(self, reason: str, line: int | None) -> SettingsError:
        where = f"{self.path}, line {line}" if line else str(self.path)
        return SettingsError(f"{where}: {reason}.")


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """How much the history stores: the newest entries, within these limits."""

    enabled: bool = True
    """False: store nothing more; stored entries stay until they are purged."""
    max_entries: int = 1000
    """History entries."""
    max_days: int = 90
    max_bytes: int = 2_000_000_000
    """Requests and bodies together."""


@dataclass(frozen=True, slots=True)
class Settings:
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
    with Source(path).values() as document:
        theme = document.text("theme")
        mouse = document.flag("mouse", True)
        keys = _keys(document.table("keys"))
        unknown: list[str] = []
        history = _history(document.table("history"), unknown)
        unknown = [*document.unknown_keys().values(), *unknown]
    return Settings(
        theme,
        mouse,
        keys,
        history,
        tuple(
            f"{path.name} holds the key {name}, which mixtui does not know: "
            "it does nothing."
            for name in unknown
        ),
    )


def save_theme(path: Path, name: str) -> None:
    """Write the theme to the settings file, and leave the rest of it unchanged.

    Raises:
        SettingsError: The file is invalid.
        StorageError: It cannot be written.
    """
    source = Source(path)
    load_settings(path)
    with source.editing() as editor:
        editor.set((), "theme", name)
    with Source(path, editor.text).values() as document:
        if document.text("theme") != name:
            raise source.not_editable()
    files.write(path, editor.text.encode())


def _history(table: Table, unknown: list[str]) -> HistorySettings:
    defaults = HistorySettings()
    settings = HistorySettings(
        enabled=table.flag("keep", defaults.enabled),
        max_entries=table.positive_integer("count", defaults.max_entries),
        max_days=table.positive_integer("days", defaults.max_days),
        max_bytes=table.positive_integer("bytes", defaults.max_bytes),
    )
    unknown += table.unknown_keys().values()
    return settings


def _keys(table: Table) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for action in table.names:
        value = table.value(action)
        keys = [value] if isinstance(value, str) else value
        if not isinstance(keys, list) or not all(isinstance(k, str) for k in keys):
            reason = f"is {type_label(value)}, but must be a key or a list of keys"
            raise table.invalid(action, reason)
        # "f5, ctrl+r" is how Textual and the help page write two keys.
        parts = (part.strip() for key in keys for part in key.split(","))
        result[action] = tuple(part for part in parts if part)
    return result
