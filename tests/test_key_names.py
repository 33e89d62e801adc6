"""Sentences name the keys that the user has, wherever they are written."""

from __future__ import annotations

import ast
from pathlib import Path

from mixtui.actions import ACTIONS
from mixtui.key_names import add_environment, key_of, set_reader
from mixtui.keymap import check_keys

PACKAGE = Path(__file__).parents[1] / "mixtui"


def use_keys(overrides: dict[str, object], *, is_in_app: bool = True) -> None:
    actions, problems = check_keys(overrides)
    assert not problems
    set_reader(lambda: actions, is_in_app=is_in_app)


def test_a_key_is_named_as_it_is_displayed() -> None:
    assert key_of("environments") == "f9"
    assert key_of("history.filter") == "/"
    assert key_of("cancel") == "esc"


def test_the_first_of_a_users_own_keys_is_named() -> None:
    use_keys({"environments": ["f13", "f16"], "tree.undo": "Z"})
    assert key_of("environments") == "f13"
    assert key_of("tree.undo") == "Z"


def test_an_action_without_a_key_is_named_as_the_palette_lists_it() -> None:
    use_keys({"palette": "f13"})
    assert key_of("choose_theme") == "f13 “Theme…”"


def test_in_a_shell_a_key_needs_the_app_first() -> None:
    use_keys({"environments": "f13"}, is_in_app=False)
    assert key_of("environments") == "f13 in the app"
    assert add_environment() == "add one with “mixtui env add”"


def test_every_action_named_exists() -> None:
    known = {action.id for action in ACTIONS}
    named = {
        node.args[0].value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "key_of"
        and isinstance(node.args[0], ast.Constant)
    }
    assert {"environments", "send"} <= named <= known
