"""Record what a reader of TOML asks for, as the JSON Schema of what it reads.

A reader asks a `Table` for each key by its name and type. Run on a `RecordingTable`, the
same reader says which keys it knows, so there is no second list of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from mixtui.storage.toml_file import TomlFile
from mixtui.storage.toml_values import Table

_Choice = TypeVar("_Choice", bound=StrEnum)
Schema = dict[str, Any]

ANY_NAME = "*"
"""The only key of a table whose keys are names that a person chooses."""
UNKNOWN_KEY: Schema = {"not": {"title": "a key that mixtui does not know"}}
"""The schema of a key that should not be there.

Not ``false``: taplo would then mark the whole table instead of the key. It quotes what is
behind ``not``, so the title becomes its message.
"""


class RecordingTable(Table):
    """A table that has every key, with a valid value; `schema` is what was asked for."""

    def __init__(self, path: tuple[str, ...] = (), index: int | None = None) -> None:
        super().__init__({}, path, index)
        self.schema: Schema = {
            "type": "object",
            "properties": {},
            "additionalProperties": UNKNOWN_KEY,
        }

    def __contains__(self, key: str) -> bool:
        return True

    @property
    def names(self) -> list[str]:
        """Return the name that stands for any name."""
        return [ANY_NAME]

    def value(self, key: str) -> NoReturn:
        """Refuse: a value without a type would have no schema."""
        raise TypeError(f"{'.'.join((*self.path, key))} is read without a type")

    def unknown_keys(self) -> dict[str, str]:
        """Return nothing: every key is one that was asked for."""
        return {}

    def _record(self, key: str, schema: Schema) -> None:
        if key != ANY_NAME:
            self.schema["properties"][key] = schema
            return
        del self.schema["properties"]
        self.schema["additionalProperties"] = schema

    def text(
        self, key: str, default: str = "", problem: Callable[[str], str] | None = None
    ) -> str:
        self._record(key, {"type": "string"})
        return default

    def required_text(self, key: str, reason: str) -> str:
        self._record(key, {"type": "string", "minLength": 1})
        self.schema.setdefault("required", []).append(key)
        return key

    def text_or_number(self, key: str) -> str:
        self._record(key, {"type": ["string", "integer"]})
        return ""

    def flag(self, key: str, default: bool) -> bool:
        self._record(key, {"type": "boolean", "default": default})
        return default

    def positive_integer(self, key: str, default: int) -> int:
        self._record(key, {"type": "integer", "minimum": 1, "default": default})
        return default

    def positive_seconds(self, key: str) -> float | None:
        self._record(key, {"type": "number", "exclusiveMinimum": 0})
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        self._record(key, {"type": "array", "items": {"type": "string"}})
        return ()

    def text_or_texts(self, key: str, singular: str) -> tuple[str, ...]:
        self._record(key, {"type": ["string", "array"], "items": {"type": "string"}})
        return ()

    def tagged_text(
        self, key: str, tags: Collection[str], help: Callable[[], str]
    ) -> tuple[str, str] | None:
        text = {"type": "string", "minLength": 1}
        self._record(
            key,
            {
                "type": "object",
                "properties": {tag: dict(text) for tag in tags},
                "additionalProperties": UNKNOWN_KEY,
                "minProperties": 1,
                "maxProperties": 1,
            },
        )
        return None

    def choice(self, key: str, choices: type[_Choice], default: _Choice) -> _Choice:
        values = [str(choice) for choice in choices]
        self._record(key, {"type": "string", "enum": values, "default": default.value})
        return default

    def table(self, key: str) -> Table:
        table = RecordingTable((*self.path, key))
        self._record(key, table.schema)
        return table

    def rows(self, key: str) -> list[Table]:
        row = RecordingTable((*self.path, key), 0)
        self._record(key, {"type": "array", "items": row.schema})
        return [row]

    def names_among(self, choices: type[_Choice], singular: str) -> list[_Choice]:
        return list(choices)


class RecordingFile(TomlFile):
    """A file for readers that open one; its document is a `RecordingTable`."""

    def __init__(self, name: str) -> None:
        super().__init__(Path(name), "")
        self.document = RecordingTable()

    @contextmanager
    def values(self) -> Iterator[Table]:
        yield self.document
