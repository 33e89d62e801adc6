"""A TOML file of the user: read, checked and edited, with errors that name file and line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixtui.model.errors import SettingsError, StorageError
from mixtui.storage import files, toml_values
from mixtui.storage.toml_editor import NotEditable, TomlEditor, line_of
from mixtui.storage.toml_values import InvalidToml, InvalidValue, Table


class TomlFile:
    """The text of config.toml, environments.toml or mixtui.toml; a missing file is empty.

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
