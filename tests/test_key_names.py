"""Sentences name the keys that the user has, wherever they are written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    use_keys({"environments": ["f13", "f14"], "tree.undo": "Z"})
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


# No sentence names a key that the user may have changed

LITERAL_KEY = re.compile(
    r"(?<![\w+-])(?:(?:ctrl|shift|alt)\+(?:\w+|\S)|f\d{1,2}\b)"
    # A letter is a key where something is pressed, in brackets, before what it does, and
    # before a label.
    r"|\b[Pp]ress(?:es)? \S(?= (?:in|to|again)\b)"
    r"|(?:^|[(] ?|\. )[A-Za-z/?] (?:\w+ )*?(?:restores|undoes|fixes|jumps|opens|goes|shows)\b"
    r"|(?:^(?!a )|· |  )[a-z/?] [A-Z][a-z]+"
)
THE_TABLE = {"actions.py", "keymap.py"}
"""Where keys are declared and checked."""
FIXED = {"ctrl+c", "shift+tab"}
"""Nobody can change them: one interrupts a command, one moves between fields."""


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and text of each string literal of several words, but docstrings."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docstrings and " " in node.value.strip():
            yield node.lineno, node.value


def fixed_keys(tree: ast.Module) -> set[str]:
    """Return the keys that widgets of a module bind for good: without an id."""
    return {
        key
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Binding"
        and not any(keyword.arg == "id" for keyword in node.keywords)
        for key in str(ast.literal_eval(node.args[0])).split(",")
    }


def literal_keys(source: str) -> Iterator[str]:
    tree = ast.parse(source)
    allowed = fixed_keys(tree) | FIXED
    for line, text in texts(tree):
        for match in LITERAL_KEY.finditer(text):
            if not any(key in match[0] for key in allowed):
                yield f"line {line}: {match[0]!r}"


def test_no_text_names_a_key_that_may_have_been_changed() -> None:
    mistakes = [
        f"{path.relative_to(PACKAGE)}, {mistake}: use key_of()"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in THE_TABLE
        for mistake in literal_keys(path.read_text("utf-8"))
    ]
    assert not mistakes, "\n" + "\n".join(mistakes)


@pytest.mark.parametrize(
    "code",
    [
        'say("needs an environment (f9)")',
        'say(f"{name} has none: press f9 to add one")',
        'say("Save the request first (ctrl+s).")',
        'say(f"Deleted {name}. Press u in the sidebar to undo.")',
        'say("Replace the other request (u restores it)")',
        'say("c fixes it")',
        'say(f"No {what}.  a Add · b Bulk edit")',
        'Binding("f9", "leave", id="environments"); say("f9 goes back")',
    ],
)
def test_a_literal_key_is_found(code: str) -> None:
    assert list(literal_keys(code))


@pytest.mark.parametrize(
    "code",
    [
        'bind("ctrl+s")',
        '"""The request that f5 sends."""',
        'Binding("f3", "fix"); say("f3 fixes it")',
        'say("press ctrl+c to stop it")',
        'say("tab and shift+tab move between fields")',
        'say("a list", "Files named in f-strings")',
        'say(f"Press {key} to send it")',
    ],
)
def test_other_text_is_not_taken_for_a_key(code: str) -> None:
    assert not list(literal_keys(code))
