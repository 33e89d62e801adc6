"""Check the keys that ``config.toml`` sets against what a terminal can send."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from mixtui.actions import ACTIONS, Action, Scope, key_text
from mixtui.spelling import did_you_mean
from mixtui.text import sanitize_excerpt

_MAX_SHOWN = 40
"""Characters of a key in a message."""
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMED = frozenset(
    {"up", "down", "left", "right", "home", "end", "pageup", "pagedown"}
    | {"backspace", "delete", "insert", "enter", "return", "escape", "tab", "ctrl-at"}
    | {f"f{number}" for number in range(1, 25)}
)
"""Textual's names of keys that type nothing (`textual.keys.Keys`)."""
_LONG_NAMES = frozenset(
    {"reverse_solidus", "hyphen_minus", "low_line", "commercial_at", "plus_sign"}
)
"""Other names that Textual accepts for a sign."""
_SAME_AS = {
    "ctrl+h": "backspace",
    "ctrl+i": "tab",
    "ctrl+j": "a line feed",
    "ctrl+m": "enter",
    "ctrl+left_square_bracket": "escape",
}
_TERMINALS_OWN = frozenset({"f10", "f11"})
_FOCUS_OWN = frozenset({"tab", "shift+tab"})
_EDITORS_OWN = frozenset(
    {f"ctrl+{letter}" for letter in "aekuwdfyzxcv"}
    | {"f6", "f7", "enter", "backspace", "delete", "home", "end", "pageup", "pagedown"}
    | {
        modifier + arrow
        for modifier in ("", "shift+", "ctrl+", "ctrl+shift+")
        for arrow in ("up", "down", "left", "right")
    }
)
_LISTS_OWN = frozenset(
    {"tab", "shift+tab", "enter", "home", "end", "pageup", "pagedown"}
    | {"up", "down", "shift+up", "shift+down", "ctrl+up", "ctrl+down"}
)
"""Free in a field above a list: the field has no use for them."""
_PREFIXES = frozenset({"ctrl+a", "ctrl+b"})
USED_IN_DIALOGS = frozenset({"save", "send", "body.goto_error"})
"""Actions whose keys do something like it in dialogs, where no palette opens."""


def check_keys(
    overrides: Mapping[str, object], actions: Sequence[Action] = ACTIONS
) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """Return the actions with the keys of ``config.toml``, and a sentence for each problem.

    An override with a problem does not change its action.

    Args:
        overrides: Ids, each with a key or a list of keys, as in ``config.toml``.
        actions: All actions.
    """
    problems: list[str] = []
    known = {action.id: action for action in actions}
    changed: dict[str, Action] = {}
    for action_id, value in overrides.items():
        if action_id not in known:
            problems.append(_unknown_id(action_id, known))
            continue
        keys = _as_keys(value)
        if keys is None:
            problems.append(
                f'keys.{action_id}: must be a key or a list of keys, such as ["f5", '
                '"ctrl+r"]; [] = none.'
            )
            continue
        reasons = _reasons_against(keys, known[action_id])
        problems += [f"keys.{action_id}: {reason}" for reason in reasons]
        if not reasons:
            changed[action_id] = replace(known[action_id], keys=keys)
    # The usual key of a withdrawn override may clash with another override: repeat.
    while clashes := _clashes([changed.get(a.id, a) for a in actions], changed):
        problems += [f"keys.{action_id}: {why}" for action_id, why in clashes.items()]
        for action_id in clashes:
            del changed[action_id]
    return tuple(changed.get(a.id, a) for a in actions), tuple(problems)


def _unknown_id(action_id: str, known: Iterable[str]) -> str:
    hint = did_you_mean(action_id, known, "“mixtui keys” lists them all.")
    return f"keys.{action_id}: unknown action. {hint}"


def _as_keys(value: object) -> tuple[str, ...] | None:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        return None
    if not all(isinstance(text, str) for text in texts):
        return None
    keys = tuple(_normal(key) for text in texts for key in _split(text))
    return keys if keys or not texts else None


def _split(text: str) -> list[str]:
    # A comma divides keys, and may be one itself.
    return [part.strip() for part in text.split(",") if part.strip()] or list(text[:1])


def _normal(key: str) -> str:
    """Return Textual's name of a key: ``?`` is ``question_mark``, ``Ctrl+R`` ``ctrl+r``."""
    # "ctrl++" is ctrl and the plus sign.
    head, plus, _ = key.rpartition("+") if key.endswith("+") else (key, "", "")
    *modifiers, base = [*head.split("+"), plus] if plus else head.split("+")
    if len(base) == 1 and not base.isalnum():
        base = _NAMES_OF_SIGNS.get(base, base)
    elif len(base) > 1 or modifiers:
        base = base.lower()
    return "+".join([*(m.lower() for m in modifiers if m), base])


def _sign_names() -> dict[str, str]:
    replaced = {
        "SOLIDUS": "slash",
        "REVERSE SOLIDUS": "backslash",
        "COMMERCIAL AT": "at",
        "HYPHEN-MINUS": "minus",
        "PLUS SIGN": "plus",
        "LOW LINE": "underscore",
        "SPACE": "space",
    }
    names = {chr(code): unicodedata.name(chr(code)) for code in range(32, 127)}
    return {
        sign: replaced.get(name, name.lower().replace("-", "_").replace(" ", "_"))
        for sign, name in names.items()
        if not sign.isalnum()
    }


_NAMES_OF_SIGNS = _sign_names()


def _is_key(key: str) -> bool:
    *modifiers, base = key.split("+")
    return _MODIFIERS.issuperset(modifiers) and (base in _NAMED or _is_printable(base))


def _is_printable(key: str) -> bool:
    base = key.removeprefix("shift+")
    if len(base) == 1:
        return base.isprintable()
    return base in _LONG_NAMES or base in _NAMES_OF_SIGNS.values()


def _reasons_against(keys: tuple[str, ...], action: Action) -> list[str]:
    if not keys:
        if action.id in USED_IN_DIALOGS:
            return ["dialogs use its key, too, so it needs one."]
        if not action.in_palette:
            return ["the palette does not list it, so it needs a key."]
        return []
    reasons = [reason for key in keys if (reason := _reason_against(key, action))]
    if reasons:
        return reasons
    if action.scope is Scope.APP and all(map(_is_printable, keys)):
        return [
            f"{key_text(keys[0])} types text in input fields: add a key that works "
            "there as well."
        ]
    if _PREFIXES.issuperset(keys):
        return [f"{keys[0]} is the prefix key of tmux or screen: add another key."]
    return []


def _reason_against(key: str, action: Action) -> str | None:
    if not _is_key(key):
        return f"“{sanitize_excerpt(key, _MAX_SHOWN)}” is not a key."
    if key in _SAME_AS:
        return f"{key} is the same as {_SAME_AS[key]} in a terminal."
    if key in _TERMINALS_OWN:
        return f"{key} is reserved by the terminal."
    if action.scope.is_search and key in _LISTS_OWN:
        return None
    if key in _FOCUS_OWN:
        return f"{key} moves between fields."
    in_text = action.scope is Scope.APP or action.scope.takes_text
    if in_text and key in _EDITORS_OWN and key not in action.keys:
        return f"{key_text(key)} edits text in input fields."
    if action.scope.takes_text and _is_printable(key):
        return f"{key_text(key)} types text there."
    return None


def _clashes(
    actions: Sequence[Action], changed: Mapping[str, Action]
) -> dict[str, str]:
    """Return why a changed action cannot have its keys, by id."""
    result: dict[str, str] = {}
    for action in changed.values():
        for other in actions:
            shared = sorted(set(action.keys) & set(other.keys))
            if other.id != action.id and shared and action.scope.overlaps(other.scope):
                owner = f"{other.id} ({other.label})"
                result[action.id] = f"{key_text(shared[0])} is already used by {owner}."
    return result
