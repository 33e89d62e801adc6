"""The place in a text where a name of the project is typed: bare, or in JSON quotes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mixtui.mixpanel.operations import Parameter, ValueType


@dataclass(frozen=True, slots=True)
class NamePosition:
    """The place in a text where a name is typed."""

    head: str
    part: str
    """What is typed of the name."""
    tail: str = ""
    quoted: bool = False
    """Names stand in JSON quotes there."""
    taken: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """The whole text with a name in the place."""
        if self.quoted:
            name = json.dumps(name, ensure_ascii=False)
        return f"{self.head}{name}{self.tail}"


QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OPEN_PROPERTY = re.compile(r'(.*properties\[)"?([^"\]]*)$', re.DOTALL)
_BARE = re.compile(r"[\w $.-]*")


def name_at(parameter: Parameter, typed: str) -> NamePosition | None:
    """Where the name is typed; None = nothing can be said."""
    match parameter.type:
        case ValueType.LIST:
            return _list_spot(typed)
        case ValueType.EXPRESSION:
            if opened := _OPEN_PROPERTY.fullmatch(typed):
                return NamePosition(opened[1], opened[2], "]", quoted=True)
            if _BARE.fullmatch(typed):
                return NamePosition("properties[", typed, "]", quoted=True)
            return None
        case _:
            return NamePosition("", typed)


def _list_spot(typed: str) -> NamePosition:
    taken = tuple(m[1] for m in QUOTED.finditer(typed))
    text = typed.rstrip()
    if not text.startswith("["):
        return NamePosition("[", text.strip('"'), "]", quoted=True)
    if text.endswith("]"):
        head = text[:-1].rstrip()
        comma = "" if head.endswith(("[", ",")) else ", "
        return NamePosition(head + comma, "", "]", quoted=True, taken=taken)
    rest = QUOTED.sub(lambda m: "_" * len(m[0]), text)
    opened = rest.rfind('"')
    if opened >= 0:
        return NamePosition(text[:opened], text[opened + 1 :], "]", True, taken)
    return NamePosition(
        text + (" " if text.endswith(",") else ""), "", "]", True, taken
    )
