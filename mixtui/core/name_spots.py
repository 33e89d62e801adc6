"""The place in a text where a name of the project is typed: bare, or in JSON quotes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from mixtui.mixpanel.operations import Parameter, ValueType


@dataclass(frozen=True, slots=True)
class Spot:
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


def spot_of(parameter: Parameter, typed: str) -> Spot | None:
    """Where the name is typed; None = nothing can be said."""
    match parameter.type:
        case ValueType.LIST:
            return _list_spot(typed)
        case ValueType.EXPRESSION:
            if opened := _OPEN_PROPERTY.fullmatch(typed):
                return Spot(opened[1], opened[2], "]", quoted=True)
            if _BARE.fullmatch(typed):
                return Spot("properties[", typed, "]", quoted=True)
            return None
        case _:
            return Spot("", typed)


def _list_spot(typed: str) -> Spot:
    taken = tuple(m[1] for m in QUOTED.finditer(typed))
    text = typed.rstrip()
    if not text.startswith("["):
        return Spot("[", text.strip('"'), "]", quoted=True)
    if text.endswith("]"):
        head = text[:-1].rstrip()
        comma = "" if head.endswith(("[", ",")) else ", "
        return Spot(head + comma, "", "]", quoted=True, taken=taken)
    rest = QUOTED.sub(lambda m: "_" * len(m[0]), text)
    opened = rest.rfind('"')
    if opened >= 0:
        return Spot(text[:opened], text[opened + 1 :], "]", True, taken)
    return Spot(text + (" " if text.endswith(",") else ""), "", "]", True, taken)
