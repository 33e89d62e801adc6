"""A TOML file of the user: read, checked and edited, with errors that name file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
        self.text = self._decode(self._read()) if text is None else text

    @classmethod
    def update(cls, path: Path, change: Callable[[TomlFile], str]) -> None:
        """Change a file under its lock (see `files.update`).

        Args:
            path: The file.
            change: Returns the new text; may be called again, so it must not ask questions.

        Raises:
            SettingsError: The file cannot be read.
            StorageError: It cannot be written.
        """

        def encode(data: bytes | None) -> bytes:
            file = cls(path, "")
            file.text = file._decode(data or b"")
            return change(file).encode()

        files.update(path, encode)

    def _read(self) -> bytes:
        try:
            return files.read(self.path) if self.path.exists() else b""
        except (StorageError, OSError) as error:
            raise SettingsError(str(error)) from None

    def _decode(self, data: bytes) -> str:
        try:
            return toml_values.decode(data)
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
            raise self.invalid(error) from None

    def invalid(self, error: InvalidValue) -> SettingsError:
        """Return the error for an invalid value in this file."""
        line = line_of(self.text, error.table, error.index, error.key)
        return self._error(str(error), line)

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
            f"mixtui cannot edit {self.path} without damaging it: change it in an "
            "editor."
        )

    def _error(self, reason: str, line: int | None) -> SettingsError:
        where = f"{self.path}, line {line}" if line else str(self.path)
        return SettingsError(f"{where}: {reason}.")
