"""A configuration file being read or edited; what is wrong becomes a SettingsError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mixtui.core.errors import SettingsError, StorageError
from mixtui.storage import atomic, toml_values
from mixtui.storage.toml_edit import NotEditable, TomlEditor
from mixtui.storage.toml_source import line_of
from mixtui.storage.toml_values import Table, WrongToml, WrongValue


class Source:
    """The text of one file; a file that is not there is empty.

    Raises SettingsError when it cannot be read.
    """

    def __init__(self, path: Path, text: str | None = None) -> None:
        self.path = path
        self.text = self._read() if text is None else text

    def _read(self) -> str:
        try:
            if not self.path.exists():
                return ""
            return toml_values.decoded(atomic.read(self.path))
        except (StorageError, OSError) as error:
            raise SettingsError(str(error)) from None
        except WrongToml as error:
            raise self._error(str(error), error.line) from None

    @contextmanager
    def values(self) -> Iterator[Table]:
        """The document; a WrongValue raised meanwhile becomes a SettingsError."""
        try:
            yield Table(toml_values.loads(self.text))
        except WrongToml as error:
            raise self._error(str(error), error.line) from None
        except WrongValue as error:
            line = line_of(self.text, error.table, error.index, error.key)
            raise self._error(str(error), line) from None

    @contextmanager
    def editing(self) -> Iterator[TomlEditor]:
        """An editor of the text; a form it does not know becomes a SettingsError."""
        try:
            yield TomlEditor(self.text)
        except NotEditable:
            raise self.not_editable() from None

    def not_editable(self) -> SettingsError:
        """An error for a file that cannot be edited in place."""
        return SettingsError(
            f"{self.path} is written in a form that mixtui cannot edit without harm: "
            "change it in an editor."
        )

    def _error(self, reason: str, line: int | None) -> SettingsError:
        where = f"{self.path}, line {line}" if line else str(self.path)
        return SettingsError(f"{where}: {reason}.")
