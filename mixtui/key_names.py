"""The keys in running text: a sentence names an action, and the user's key is filled in.

Who reads the text is set once for the process, like a locale, by ``app.py`` or ``cli/main.py``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mixtui.actions import Action


def _usual_actions() -> Sequence[Action]:
    # A table of hundreds: most commands name no key.
    from mixtui.actions import ACTIONS

    return ACTIONS


class _Reader:
    """A user of the app with the usual keys, until the process says otherwise."""

    load_actions: Callable[[], Sequence[Action]] = staticmethod(_usual_actions)
    is_in_app = True


def set_reader(
    load_actions: Callable[[], Sequence[Action]] = _usual_actions, *, is_in_app: bool
) -> None:
    """Say whose keys are named, and where text is read.

    Args:
        load_actions: Returns all actions with the user's keys; called when one is named.
        is_in_app: False = on the command line, where a key needs the app first.
    """
    _Reader.load_actions = staticmethod(load_actions)
    _Reader.is_in_app = is_in_app


def is_in_app() -> bool:
    """Return whether text is read in the app, and so names keys rather than options."""
    return _Reader.is_in_app


def add_environment() -> str:
    """Return how to add an environment, as an imperative clause."""
    if is_in_app():
        return f"press {key_of('environments')} to add one"
    return "add one with “mixtui env add”"


def key_of(action_id: str) -> str:
    """Return the key of an action, for a sentence such as “Press {key} to …”.

    An action without a key is named as the palette lists it: ``ctrl+p “Theme…”``.

    Raises:
        KeyError: There is no such action.
    """
    from mixtui.actions import key_text

    by_id = {action.id: action for action in _Reader.load_actions()}
    action = by_id[action_id]
    if action.keys:
        key = key_text(action.keys[0])
    else:
        key = f"{key_text(by_id['palette'].keys[0])} “{action.label}”"
    return key if is_in_app() else f"{key} in the app"
