"""Where a value stands in a JSON document, as the jq language writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def jq_path(parts: Sequence[str | int]) -> str:
    """The path as jq takes it: ``.results[12].properties["$city"]``.

    Args:
        parts: Keys and indexes from the root on; none = the root, ``.``.
    """
    text = "".join(map(_step, parts))
    return text if text.startswith(".") else f".{text}"


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if _IDENTIFIER.fullmatch(part):
        return f".{part}"
    return f"[{_quoted(part)}]"


def _quoted(key: str) -> str:
    text = json.dumps(key, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    # DEL is the one that json leaves alone even in ASCII.
    text = json.dumps(character)[1:-1]
    return text if text.startswith("\\") else f"\\u{ord(character):04x}"
