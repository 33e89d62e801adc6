"""A JSON or YAML file, read with care: it may be anyone's.

Nothing in it is executed, nothing grows without bound, and a file that cannot be read
is refused in a sentence with its line.
"""

from __future__ import annotations

import codecs
import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

from mixtui.core.errors import InterchangeError
from mixtui.core.words import size
from mixtui.interchange.values import DEEPEST, Content, Value

LARGEST = 16_000_000
"""Bytes of a file; Mixpanel's own largest one has 70 KB."""
_MOST_DIGITS = 4000
"""Python refuses to turn more into a number."""
_BEGINS_AS_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*["{\]\d])')
_URL = re.compile(r"[A-Za-z][\w+.-]*://")
_HALF = re.compile(r"[\ud800-\udfff]")


def decoded(data: bytes, name: str) -> str:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 that say so by their mark.

    Raises:
        InterchangeError: It is too large, or no text.
    """
    if len(data) > LARGEST:
        raise InterchangeError(
            f"{name} has {size(len(data))}: files up to {size(LARGEST)} are imported."
        )
    try:
        return data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        raise InterchangeError(
            f"{name} is no UTF-8 text (byte {error.start + 1}): is it the right file?"
        ) from None


def file_text(path: Path, name: str) -> str:
    """The text of a file. Blocking.

    Raises:
        InterchangeError: It cannot be read, is too large, or is no text.
    """
    try:
        with path.open("rb") as file:
            return decoded(file.read(LARGEST + 1), name)
    except (OSError, ValueError) as error:
        # A NUL in a path is a ValueError.
        reason = getattr(error, "strerror", None) or "there is no such path"
        raise InterchangeError(f"{name} cannot be read: {reason}.") from None


def is_url(source: str) -> bool:
    """Whether what should be a file is the address of one."""
    return bool(_URL.match(source.strip()))


NO_DOWNLOAD = (
    "mixtui downloads no file: get it with «curl -o FILE URL» and import FILE."
)


def read(source: str, name: str) -> Content:
    """The value in a JSON or YAML text.

    Args:
        source: The text.
        name: What to call it in sentences.

    Raises:
        InterchangeError: It does not parse, or is nested too deeply.
    """
    if not source.strip():
        raise InterchangeError(f"{name} is empty.")
    source = whole(source)
    if not source.lstrip().startswith(("{", "[")):
        return _yaml(source, name)
    try:
        return _json(source, name)
    except json.JSONDecodeError as error:
        # A flow mapping of YAML begins like JSON, but seldom with a quotation mark.
        try:
            return _yaml(source, name)
        except InterchangeError:
            if not _BEGINS_AS_JSON.match(source):
                raise
            raise InterchangeError(
                f"{name}, line {error.lineno}: this is no JSON ({error.msg})."
            ) from None


def whole(source: str) -> str:
    """The text with each half of a character (a lone surrogate) made a mark."""
    return _HALF.sub("\ufffd", source)


def number(source: str) -> Value:
    """A number as it is written; one that is beyond all measure stays text."""
    if len(source) <= _MOST_DIGITS and source.lstrip("+-").isdigit():
        return int(source)
    try:
        found = Decimal(source)
    except InvalidOperation:
        return source
    return found if found.is_finite() else source


def _encoding(data: bytes) -> str:
    marks = {
        codecs.BOM_UTF32_LE: "utf-32",
        codecs.BOM_UTF32_BE: "utf-32",
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
    return next((n for mark, n in marks.items() if data.startswith(mark)), "utf-8-sig")


def _yaml(source: str, name: str) -> Content:
    from mixtui.interchange.yaml_reading import read_yaml

    return read_yaml(source, name)


def _json(source: str, name: str) -> Content:
    twice: dict[str, None] = {}

    def merged(pairs: list[tuple[str, Value]]) -> Value:
        found = {whole(key): value for key, value in pairs}
        if len(found) != len(pairs):
            names = [key for key, _ in pairs]
            twice.update((key, None) for key in found if names.count(key) > 1)
        return found

    try:
        value = json.loads(
            source,
            object_pairs_hook=merged,
            parse_int=number,
            parse_float=number,
            parse_constant=str,
            strict=False,
        )
    except RecursionError:
        raise _too_deep(name) from None
    if _depth(value) > DEEPEST:
        raise _too_deep(name)
    notes = tuple(
        f"{name} holds the key «{key}» twice in one object: the last one counts."
        for key in twice
    )
    return Content(_whole_values(value) if "\\u" in source else value, notes)


def _too_deep(name: str) -> InterchangeError:
    return InterchangeError(f"{name} is nested deeper than {DEEPEST} levels.")


def _depth(value: Value) -> int:
    deepest, level = 0, [value]
    while level:
        deepest += 1
        below: list[Value] = []
        for one in level:
            if isinstance(one, dict):
                below += one.values()
            elif isinstance(one, list):
                below += one
        level = below
    return deepest


def _whole_values(value: Value) -> Value:
    match value:
        case str():
            return whole(value)
        case list():
            return [_whole_values(one) for one in value]
        case dict():
            return {key: _whole_values(one) for key, one in value.items()}
        case _:
            return value
