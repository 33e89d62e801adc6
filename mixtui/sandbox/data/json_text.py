"""Parse and serialize JSON values."""

from __future__ import annotations

import json
import math
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
JsonObject: TypeAlias = "dict[str, Json]"

_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def dump(value: Json) -> str:
    """Serialize as compact JSON."""
    return _ENCODER.encode(value)


def parse(text: str | bytes) -> Json:
    """Parse JSON from a client; raises ValueError.

    A lone surrogate, which JSON allows and UTF-8 does not, becomes ``?``.
    """
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if "\\u" in text if isinstance(text, str) else b"\\u" in text:
        value = json.loads(dump(value).encode("utf-8", "replace"))
    return value


def parse_object(text: str) -> JsonObject:
    """Parse an object serialized by `dump`."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def _refuse(name: str) -> Json:
    raise ValueError(f"{name} is not JSON")
