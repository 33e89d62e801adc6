"""Parse untrusted JSON and YAML files.

Nothing is executed and nothing grows without bound. A file that cannot be parsed is
rejected with a message that names the line.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from mixtui import jsontext
from mixtui.interchange.json_values import MAX_DEPTH, ParsedFile, Value
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.text import size

if TYPE_CHECKING:
    import yaml


MAX_BYTES = 16_000_000
"""Of a file; Mixpanel's own largest one has 70 KB."""
_MAX_DIGITS = 4000
"""Python refuses to convert more digits to an integer."""
_JSON_START = compile_late(r'\s*(?:\{\s*["}]|\[\s*["{\]\d])')
_URL = compile_late(r"[A-Za-z][\w+.-]*://")
_SURROGATE = compile_late(r"[\ud800-\udfff]")
NO_DOWNLOAD = (
    "mixtui does not download files. Download it with “curl -o FILE URL” and import "
    "FILE."
)
_MAX_VALUES = 1_000_000
"""In a file, with the repetitions by aliases."""
_INTEGER = compile_late(r"[-+]?[0-9]+")
_FLOAT = compile_late(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_OCTAL_OR_HEX = compile_late(r"0o[0-7]+|0x[0-9a-fA-F]+")
_CONSTANTS: dict[str, bool | None] = {
    word: value
    for value, words in (
        (None, ("", "~", "null", "Null", "NULL")),
        (True, ("true", "True", "TRUE")),
        (False, ("false", "False", "FALSE")),
    )
    for word in words
}
_CORE_TAG = "tag:yaml.org,2002:"
_CORE_TAGS = {f"{_CORE_TAG}{kind}" for kind in ("int", "float", "bool", "null")}
_MERGE_KEY = "<<"


def decode(data: bytes, name: str) -> str:
    """Decode a file: UTF-8, or UTF-16 and UTF-32 with a byte order mark.

    Raises:
        InterchangeError: It is too large, or not text.
    """
    if len(data) > MAX_BYTES:
        raise InterchangeError(
            f"{name} is too large ({size(len(data))}): the limit is {size(MAX_BYTES)}."
        )
    try:
        return data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        raise InterchangeError(
            f"{name} is not UTF-8 text (byte {error.start + 1}). Is it the right file?"
        ) from None


def read_text(path: Path, name: str) -> str:
    """Read the text of a file. Blocking.

    Raises:
        InterchangeError: It cannot be read, is too large, or is not text.
    """
    try:
        with path.open("rb") as file:
            return decode(file.read(MAX_BYTES + 1), name)
    except (OSError, ValueError) as error:
        # A NUL in a path is a ValueError.
        reason = getattr(error, "strerror", None) or "it does not exist"
        raise InterchangeError(f"Cannot read {name}: {reason}.") from None


def is_url(source: str) -> bool:
    """Return whether a source is a URL instead of a path."""
    return bool(_URL.match(source.strip()))


def parse(source: str, name: str) -> ParsedFile:
    """Parse a JSON or YAML text.

    Args:
        source: The text.
        name: The file's name in messages.

    Raises:
        InterchangeError: It does not parse, or is nested too deeply.
    """
    if not source.strip():
        raise InterchangeError(f"{name} is empty.")
    source = replace_surrogates(source)
    if not source.lstrip().startswith(("{", "[")):
        return read_yaml(source, name)
    try:
        return _parse_json(source, name)
    except json.JSONDecodeError as error:
        # A YAML flow mapping begins like JSON, but seldom with a quotation mark.
        try:
            return read_yaml(source, name)
        except InterchangeError:
            if not _JSON_START.match(source):
                raise
            mistake = jsontext.mistake_of(error)
            raise InterchangeError(
                f"{name}, line {mistake.line}, column {mistake.column}: invalid JSON: "
                f"{mistake.message}."
            ) from None


def replace_surrogates(source: str) -> str:
    """Replace each lone surrogate by U+FFFD."""
    return _SURROGATE.sub("\ufffd", source)


def parse_number(source: str) -> Value:
    """Parse a number exactly; one that is too long or not finite stays text."""
    if len(source) <= _MAX_DIGITS and source.lstrip("+-").isdigit():
        return int(source)
    try:
        decimal = Decimal(source)
    except InvalidOperation:
        return source
    return decimal if decimal.is_finite() else source


def _encoding(data: bytes) -> str:
    marks = {
        codecs.BOM_UTF32_LE: "utf-32",
        codecs.BOM_UTF32_BE: "utf-32",
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
    return next((n for mark, n in marks.items() if data.startswith(mark)), "utf-8-sig")


def _parse_json(source: str, name: str) -> ParsedFile:
    duplicates: dict[str, None] = {}

    def collect_members(pairs: list[tuple[str, Value]]) -> Value:
        result = {replace_surrogates(key): value for key, value in pairs}
        if len(result) != len(pairs):
            names = [key for key, _ in pairs]
            duplicates.update((key, None) for key in result if names.count(key) > 1)
        return result

    try:
        value = json.loads(
            source,
            object_pairs_hook=collect_members,
            parse_int=parse_number,
            parse_float=parse_number,
            parse_constant=str,
            strict=False,
        )
    except RecursionError:
        raise _too_deep_error(name) from None
    if _depth(value) > MAX_DEPTH:
        raise _too_deep_error(name)
    notes = tuple(
        f"{name} has the key {key} twice in one object: the last one is used."
        for key in duplicates
    )
    return ParsedFile(
        _replace_surrogates_within(value) if "\\u" in source else value, notes
    )


def _too_deep_error(name: str) -> InterchangeError:
    return InterchangeError(f"{name} is nested deeper than {MAX_DEPTH} levels.")


def _depth(value: Value) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        children: list[Value] = []
        for node in level:
            if isinstance(node, dict):
                children += node.values()
            elif isinstance(node, list):
                children += node
        level = children
    return deepest


def _replace_surrogates_within(value: Value) -> Value:
    match value:
        case str():
            return replace_surrogates(value)
        case list():
            return [_replace_surrogates_within(item) for item in value]
        case dict():
            return {
                key: _replace_surrogates_within(item) for key, item in value.items()
            }
        case _:
            return value


def read_yaml(source: str, name: str) -> ParsedFile:
    """Parse the first document of a YAML text.

    Raises:
        InterchangeError: It does not parse, is nested too deeply or has too many values.
    """
    import yaml

    # PyYAML's events: ruamel.yaml took 6.4 s for an OpenAPI file of 0.73 MB that takes
    # 0.37 s here. Events also allow to bound depth and aliases before anything is built.
    reader = _YamlBuilder(name)
    # Without libyaml only the slow parser exists; both yield the same events.
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(source, Loader=parser):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            reader.add(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if mark is not None and (tab := _tab_in_indentation(source, mark.line)):
            raise InterchangeError(
                f"{name}, line {mark.line + 1}, column {tab}: YAML does not allow "
                "tabs here. Indent with spaces."
            ) from None
        if "nesting depth" in (error.problem or ""):  # A limit of libyaml itself.
            raise _too_deep_error(name) from None
        line = f", line {mark.line + 1}" if mark else ""
        problem = error.problem or error.context or "it does not parse"
        raise InterchangeError(f"{name}{line}: invalid YAML ({problem}).") from None
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise InterchangeError(f"{name}: invalid YAML ({problem}).") from None
    return ParsedFile(reader.value, tuple(reader.notes))


def _tab_in_indentation(source: str, line: int) -> int:
    """Return the column, from 1, of the tab that indents a line; 0 = none does."""
    lines = source.split("\n", line + 1)
    text = lines[line] if line < len(lines) else ""
    indentation = text[: len(text) - len(text.lstrip())]
    return indentation.find("\t") + 1


class _OpenNode(Struct):
    """An object or list whose end has not been read."""

    value: dict[str, Value] | list[Value]
    anchor: str | None
    size: int = 1
    """Values in it, including itself and the repetitions by aliases."""
    key: str | None = None
    """The key of the next value; None = the key comes next."""
    merged: dict[str, Value] = field(default_factory=dict)
    """Members from ``<<``; the object's own keys override them."""


class _YamlBuilder:
    def __init__(self, name: str) -> None:
        self.value: Value = None
        self.notes: list[str] = []
        self._name = name
        self._stack: list[_OpenNode] = []
        self._anchors: dict[str, tuple[Value, int]] = {}

    def add(self, event: yaml.Event) -> None:
        import yaml

        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        match event:
            case yaml.ScalarEvent():
                if self._wants_key():
                    self._stack[-1].key = str(event.value)
                    return
                value = parse_scalar(event)
                if event.anchor:
                    self._anchors[event.anchor] = value, 1
                self._add_value(value, 1, line)
            case yaml.AliasEvent():
                anchored = self._anchors.get(event.anchor or "")
                if anchored is None:
                    raise self._error(
                        line, f"*{event.anchor} is undefined, or refers to itself"
                    )
                if self._wants_key():
                    self._stack[-1].key = str(anchored[0])
                    return
                self._add_value(*anchored, line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end(line)

    def _begin(
        self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int
    ) -> None:
        import yaml

        if self._wants_key():
            raise self._error(line, "a key is an object or a list")
        if len(self._stack) >= MAX_DEPTH:
            raise self._error(line, f"it is nested deeper than {MAX_DEPTH} levels")
        is_map = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_OpenNode({} if is_map else [], event.anchor))

    def _end(self, line: int) -> None:
        node = self._stack.pop()
        if isinstance(node.value, dict) and node.merged:
            node.value = {**node.merged, **node.value}
        if node.anchor:
            self._anchors[node.anchor] = node.value, node.size
        self._add_value(node.value, node.size, line)

    def _wants_key(self) -> bool:
        return (
            bool(self._stack)
            and isinstance(self._stack[-1].value, dict)
            and self._stack[-1].key is None
        )

    def _add_value(self, value: Value, size: int, line: int) -> None:
        if not self._stack:
            self.value = value
            return
        parent = self._stack[-1]
        parent.size += size
        if parent.size > _MAX_VALUES:
            raise self._error(line, f"it has more than {_MAX_VALUES:,} values")
        if isinstance(parent.value, list):
            parent.value.append(value)
            return
        key, parent.key = parent.key or "", None
        if key == _MERGE_KEY:
            for merged in _merged_mappings(value):
                parent.merged = {**merged, **parent.merged}
            return
        if key in parent.value:
            self.notes.append(
                f"{self._name}, line {line}: the key {key} appears twice in one "
                "object; the last one is used."
            )
        parent.value[key] = value

    def _error(self, line: int, reason: str) -> InterchangeError:
        return InterchangeError(f"{self._name}, line {line}: {reason}.")


def _merged_mappings(value: Value) -> Iterator[dict[str, Value]]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def parse_scalar(event: yaml.ScalarEvent) -> Value:
    """Resolve a scalar by the core schema, or by its tag if it has one of that schema."""
    source = str(event.value)
    is_typed = event.implicit[0] or event.tag in _CORE_TAGS
    if not is_typed:
        return source
    if event.implicit[0] and source in _CONSTANTS:
        return _CONSTANTS[source]
    if not event.implicit[0]:
        source = source.strip()
        if source in _CONSTANTS:
            return _CONSTANTS[source]
    if _OCTAL_OR_HEX.fullmatch(source):
        return int(source, 0) if len(source) < 1000 else source
    if _INTEGER.fullmatch(source) or _FLOAT.fullmatch(source):
        return parse_number(source)
    return source
