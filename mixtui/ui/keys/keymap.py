"""Actions as Textual's bindings, and their changed keys as its keymap."""

from __future__ import annotations

from collections.abc import Container, Iterable

from textual.binding import Binding, BindingType

from mixtui.actions import ACTIONS, Action, Scope, in_scope

FORM_BINDINGS: tuple[BindingType, ...] = (
    Binding("down", "app.focus_next", "Next field", show=False),
    Binding("up", "app.focus_previous", "Previous field", show=False),
)
"""The keys of a form, for what contains its fields."""


def bindings(
    scope: Scope, actions: Iterable[Action] = ACTIONS, *, only: Container[str] = ()
) -> list[BindingType]:
    """Return the bindings of one scope, for a widget's or screen's ``BINDINGS``.

    Args:
        scope: Where their keys act.
        actions: Those that there are.
        only: Names of the actions that this widget has; empty = all of the scope.
    """
    return [
        Binding(
            key,
            action.name,
            action.label,
            show=action.in_footer,
            priority=scope is Scope.APP and is_command(key),
            tooltip=action.help,
            id=action.id,
        )
        for action in in_scope(scope, actions)
        if not only or action.name in only
        for key in action.keys
    ]


def is_command(key: str) -> bool:
    """Return whether a key is a command in every field: a function key, or ctrl."""
    return key.startswith("ctrl+") or (key[:1] == "f" and key[1:].isdecimal())


def keymap(actions: Iterable[Action]) -> dict[str, str]:
    """Return the changed keys by action id, for `App.set_keymap`."""
    usual = {action.id: action.keys for action in ACTIONS}
    return {
        # Textual ignores an empty text. No terminal sends this key.
        action.id: ",".join(action.keys) or f"unbound {action.id}"
        for action in actions
        if action.keys != usual.get(action.id)
    }
