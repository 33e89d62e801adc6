"""The actions of the environments screen."""

from __future__ import annotations

from mixtui.ui.action import Action, Scope


def _action(name: str, key: str, label: str, words: str) -> Action:
    return Action(
        id=f"environments.{name}",
        keys=(key,),
        label=label,
        help=words,
        group="Environments screen",
        scope=Scope.ENVIRONMENTS,
        in_footer=True,
        in_palette=False,
    )


ENVIRONMENT_ACTIONS = (
    _action("switch", "enter", "Use", "Use the environment, and go back."),
    _action("add", "a", "Add", "Describe a new environment."),
    _action("edit", "e", "Edit", "Change it; one from elsewhere is copied first."),
    _action("duplicate", "d", "Duplicate", "Start a new one from it."),
    _action("delete", "x", "Delete", "Delete it and its typed secrets; asks first."),
    _action("default", "D", "Default", "Start with it from now on."),
    _action("reload", "r", "Reload", "Read the files again."),
)
"""In the order of the footer; they are no use in the palette, which is not at hand."""
