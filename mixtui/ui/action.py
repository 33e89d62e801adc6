"""What an action is, and where its keys act."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where an action's keys act: in one place, or in all of them."""

    APP = "everywhere"
    TREE = "saved requests"
    ROWS = "query and header rows"
    BODY = "body editor"
    RESPONSE = "response"
    CHART = "chart"
    TABLE = "table"
    ENVIRONMENTS = "environments screen"
    DIFF = "comparison"
    HISTORY = "history"
    OPERATIONS = "operations screen"
    DOCS = "docs tab"

    @property
    def takes_text(self) -> bool:
        """Whether letters are typed there, so that none may be a command."""
        return self in (Scope.BODY, Scope.OPERATIONS)

    def overlaps(self, other: Scope) -> bool:
        """Whether one key could mean both."""
        return self is other or Scope.APP in (self, other)


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can do."""

    id: str
    """What `config.toml` calls it."""
    keys: tuple[str, ...]
    """Textual's names, the most usual first; empty = palette only."""
    label: str
    """A word or two for the footer and the palette."""
    help: str
    """One sentence."""
    group: str
    """The heading that it stands under in the help page."""
    scope: Scope = Scope.APP
    in_footer: bool = False
    in_palette: bool = True
    anywhere: bool = False
    """The screen has it as well: the palette offers it wherever the focus is."""

    @property
    def name(self) -> str:
        """The method is ``action_<name>``."""
        return self.id.rpartition(".")[2]

    @property
    def keys_text(self) -> str:
        """The keys as people write them: ``f5, ctrl+r``."""
        return ", ".join(key_text(key) for key in self.keys)


_PUNCTUATION = {
    "question_mark": "?",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "full_stop": ".",
    "comma": ",",
    "backslash": "\\",
    "colon": ":",
    "number_sign": "#",
    "underscore": "_",
    "minus": "-",
    "plus": "+",
}
_WORDS = {
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "page up",
    "pagedown": "page down",
    "escape": "esc",
}


def key_text(key: str) -> str:
    """A key as people write it: ``?`` for ``question_mark``, ``ctrl+↑``."""
    *modifiers, base = key.split("+")
    return "+".join([*modifiers, _PUNCTUATION.get(base) or _WORDS.get(base) or base])
