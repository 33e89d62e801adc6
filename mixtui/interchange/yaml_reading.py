"""YAML 1.2 from the events of PyYAML's parser.

The library's own loaders follow YAML 1.1, where ``no`` is false, ``on`` is true and a
date is no text, and they build what aliases ask for without bound. Here a scalar means
what the core schema of YAML 1.2 says (https://yaml.org/spec/1.2.2/#103-core-schema), a
key is its own text, and what aliases unfold to is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mixtui.core.errors import InterchangeError
from mixtui.interchange.reading import number
from mixtui.interchange.values import DEEPEST, Content, Value

if TYPE_CHECKING:
    import yaml

_MOST = 1_000_000
"""Values in a file, those that aliases repeat included."""
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_WORDS: dict[str, bool | None] = {
    word: value
    for value, words in (
        (None, ("", "~", "null", "Null", "NULL")),
        (True, ("true", "True", "TRUE")),
        (False, ("false", "False", "FALSE")),
    )
    for word in words
}
_CORE = "tag:yaml.org,2002:"
_MERGE = "<<"


def read_yaml(source: str, name: str) -> Content:
    """The first document of a YAML text.

    Raises:
        InterchangeError: It does not parse, is nested too deeply or unfolds to too much.
    """
    import yaml

    reader = _Reader(name)
    # A checkout without libyaml has the slow parser alone; both say the same.
    parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(source, Loader=parser):
            if isinstance(event, yaml.DocumentEndEvent):
                break
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark else ""
        problem = error.problem or error.context or "it does not parse"
        raise InterchangeError(f"{name}{line}: this is no YAML ({problem}).") from None
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise InterchangeError(f"{name}: this is no YAML ({problem}).") from None
    return Content(reader.value, tuple(reader.notes))


@dataclass(slots=True)
class _Open:
    """An object or a list whose end has not come."""

    value: dict[str, Value] | list[Value]
    anchor: str | None
    size: int = 1
    """Values in it, itself included, aliases unfolded."""
    key: str | None = None
    """Of the value that comes next; None = a key comes."""
    merged: dict[str, Value] = field(default_factory=dict)
    """What ``<<`` brings; the object's own keys win."""


class _Reader:
    def __init__(self, name: str) -> None:
        self.value: Value = None
        self.notes: list[str] = []
        self._name = name
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Value, int]] = {}

    def take(self, event: yaml.Event) -> None:
        import yaml

        mark = event.start_mark
        line = mark.line + 1 if mark else 1
        match event:
            case yaml.ScalarEvent():
                if self._wants_key():
                    self._open[-1].key = str(event.value)
                    return
                value = scalar(event)
                if event.anchor:
                    self._anchors[event.anchor] = value, 1
                self._put(value, 1, line)
            case yaml.AliasEvent():
                found = self._anchors.get(event.anchor or "")
                if found is None:
                    raise self._refused(
                        line, f"*{event.anchor} points nowhere, or into itself"
                    )
                if self._wants_key():
                    self._open[-1].key = str(found[0])
                    return
                self._put(*found, line)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._begin(event, line)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._end(line)

    def _begin(
        self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent, line: int
    ) -> None:
        import yaml

        if self._wants_key():
            raise self._refused(line, "a key is an object or a list")
        if len(self._open) >= DEEPEST:
            raise self._refused(line, f"it is nested deeper than {DEEPEST} levels")
        is_map = isinstance(event, yaml.MappingStartEvent)
        self._open.append(_Open({} if is_map else [], event.anchor))

    def _end(self, line: int) -> None:
        done = self._open.pop()
        if isinstance(done.value, dict) and done.merged:
            done.value = {**done.merged, **done.value}
        if done.anchor:
            self._anchors[done.anchor] = done.value, done.size
        self._put(done.value, done.size, line)

    def _wants_key(self) -> bool:
        return (
            bool(self._open)
            and isinstance(self._open[-1].value, dict)
            and self._open[-1].key is None
        )

    def _put(self, value: Value, size: int, line: int) -> None:
        if not self._open:
            self.value = value
            return
        parent = self._open[-1]
        parent.size += size
        if parent.size > _MOST:
            raise self._refused(line, f"it holds more than {_MOST:,} values")
        if isinstance(parent.value, list):
            parent.value.append(value)
            return
        key, parent.key = parent.key or "", None
        if key == _MERGE:
            for merged in _mergeable(value):
                parent.merged = {**merged, **parent.merged}
            return
        if key in parent.value:
            self.notes.append(
                f"{self._name}, line {line}: the key «{key}» stands twice in one "
                "object; the last one counts."
            )
        parent.value[key] = value

    def _refused(self, line: int, reason: str) -> InterchangeError:
        return InterchangeError(f"{self._name}, line {line}: {reason}.")


def _mergeable(value: Value) -> Iterator[dict[str, Value]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def scalar(event: yaml.ScalarEvent) -> Value:
    """What a scalar means by the core schema, or by its tag if it has one of those."""
    source = str(event.value)
    plain_or_typed = event.implicit[0] or event.tag in _TYPED
    if not plain_or_typed:
        return source
    if event.implicit[0] and source in _WORDS:
        return _WORDS[source]
    if not event.implicit[0]:
        source = source.strip()
        if source in _WORDS:
            return _WORDS[source]
    if _BASED.fullmatch(source):
        return int(source, 0) if len(source) < 1000 else source
    if _INTEGER.fullmatch(source) or _FLOAT.fullmatch(source):
        return number(source)
    return source


_TYPED = {f"{_CORE}{kind}" for kind in ("int", "float", "bool", "null")}
