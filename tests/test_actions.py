from __future__ import annotations

import json
import subprocess
import sys

import pytest
from textual.app import App

from mixtui.actions import (
    ACTIONS,
    Scope,
    find,
    in_scope,
    key_text,
    keys_rows,
    keys_table,
)
from mixtui.keymap import check_keys
from mixtui.ui.keys.keymap import bindings, keymap

DESIGNED = {
    "send": ("f5", "ctrl+r", "ctrl+enter"),
    "cancel": ("escape",),
    "save": ("ctrl+s",),
    "new": ("ctrl+n",),
    "find": ("ctrl+g",),
    "tree.find": ("slash",),
    "jump": ("ctrl+o",),
    "focus_url": ("ctrl+l",),
    "environments": ("f9",),
    "sidebar": ("f2",),
    "maximise": ("f8",),
    "edit_body": ("f4",),
    "palette": ("ctrl+p",),
    "help": ("f1", "question_mark"),
    "quit": ("ctrl+q",),
    "tree.duplicate": ("d",),
    "tree.rename": ("r",),
    "tree.delete": ("x",),
    "tree.undo": ("u",),
    "response.wrap": ("w",),
    "response.copy": ("y",),
}
UNDELIVERED = {"ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "f10", "f11"}
EDITORS_OWN = {f"ctrl+{letter}" for letter in "aekuwdfyzxc"} | {"ctrl+v", "f6", "f7"}


@pytest.mark.parametrize("action_id", DESIGNED)
def test_the_keys_are_those_people_were_promised(action_id: str) -> None:
    action = find(action_id)
    assert action is not None
    assert action.keys == DESIGNED[action_id]


def test_the_help_of_an_action_is_whole_in_the_palette_at_120_columns() -> None:
    cut = {a.id: a.help for a in ACTIONS if a.in_palette and len(a.help) > 60}
    assert not cut


def test_ids_are_unique() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(ids) == len(set(ids))


def test_every_action_can_be_reached() -> None:
    assert all(action.keys or action.in_palette for action in ACTIONS)


def test_no_key_means_two_things_in_one_place() -> None:
    every = {action.id: list(action.keys) for action in ACTIONS if action.keys}
    _, problems = check_keys(every)
    assert problems == ()


def test_no_key_is_one_that_terminals_or_editors_keep() -> None:
    for action in ACTIONS:
        assert not UNDELIVERED & set(action.keys), action.id
        if action.scope in (Scope.APP, Scope.BODY) and action.id != "body.search":
            assert not EDITORS_OWN & set(action.keys), action.id


def test_each_binding_carries_its_id_and_runs_the_method_of_its_name() -> None:
    made = {binding.id: binding for binding in bindings(Scope.ROWS)}
    assert made["rows.add"].action == "add"
    keys = [b.key for b in bindings(Scope.ROWS) if b.id == "rows.move_up"]
    assert keys == ["shift+up", "K"]
    assert {b.id for b in bindings(Scope.APP)} == {
        action.id for action in in_scope(Scope.APP) if action.keys
    }


def test_a_command_key_acts_before_the_next_key_and_a_letter_never_does() -> None:
    early = {b.key for b in bindings(Scope.APP) if b.priority}
    assert {"f5", "ctrl+r", "ctrl+o", "ctrl+s", "f9", "ctrl+q"} <= early
    assert not early & {"escape", "question_mark"}


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"sned": "f5"}, "Did you mean send?"),
        ({"nonsense": "f5"}, "mixtui keys"),
        ({"send": "ctrl+j"}, "a line feed"),
        ({"send": "ctrl+m"}, "enter"),
        ({"rows.add": "ctrl+i"}, "tab"),
        ({"save": "ctrl+h"}, "backspace"),
        ({"save": "ctl+s"}, "is not a key"),
        ({"save": "ctrl+entr"}, "is not a key"),
        ({"save": "x" * 100}, "…” is not a key"),
        ({"send": "s"}, "types text in input fields"),
        ({"send": "f2"}, "already used by sidebar"),
        ({"rows.add": "?"}, "already used by help"),
        ({"rows.add": "x"}, "already used by rows.delete"),
        ({"body.goto_error": "q"}, "types text there"),
        ({"send": 5}, "a list"),
        ({"send": [""]}, "a list"),
        ({"send": []}, "dialogs use its key"),
        ({"palette": []}, "the palette does not list it"),
        ({"table.sort": []}, "the palette does not list it"),
        ({"send": "f11"}, "reserved by the terminal"),
        ({"rows.add": "tab"}, "between fields"),
        ({"send": "ctrl+w"}, "edits text"),
        ({"palette": "ctrl+b"}, "tmux"),
    ],
)
def test_a_key_that_cannot_be_is_reported_and_changes_nothing(
    overrides: dict[str, object], words: str
) -> None:
    actions, problems = check_keys(overrides)
    assert actions == ACTIONS
    assert len(problems) == 1
    assert words in problems[0]


@pytest.mark.parametrize(
    ("overrides", "keys"),
    [
        ({"send": "F13"}, {"send": ("f13",)}),
        ({"send": ["f5", "Ctrl+Alt+T"]}, {"send": ("f5", "ctrl+alt+t")}),
        ({"send": "f13, ctrl+alt+t"}, {"send": ("f13", "ctrl+alt+t")}),
        ({"sidebar": [], "maximise": "f2"}, {"sidebar": (), "maximise": ("f2",)}),
        ({"rows.add": "+"}, {"rows.add": ("plus",)}),
        ({"rows.add": "ctrl++"}, {"rows.add": ("ctrl+plus",)}),
        ({"tree.find": ","}, {"tree.find": ("comma",)}),
        ({"rows.add": "A"}, {"rows.add": ("A",)}),
        ({"help": ["f1", "!"]}, {"help": ("f1", "exclamation_mark")}),
        (
            {"palette": ["ctrl+b", "f13"], "activity": "f16"},
            {"palette": ("ctrl+b", "f13"), "activity": ("f16",)},
        ),
        (
            {"sidebar": "f8", "maximise": "f2"},
            {"sidebar": ("f8",), "maximise": ("f2",)},
        ),
    ],
)
def test_people_choose_their_own_keys(
    overrides: dict[str, object], keys: dict[str, tuple[str, ...]]
) -> None:
    actions, problems = check_keys(overrides)
    assert problems == ()
    assert {a.id: a.keys for a in actions if a.id in keys} == keys


def test_a_change_that_is_taken_back_may_stop_another() -> None:
    actions, problems = check_keys({"sidebar": "f8", "maximise": "f5"})
    assert actions == ACTIONS
    assert len(problems) == 2


async def test_changed_keys_reach_a_running_app() -> None:
    class Host(App[None]):
        BINDINGS = bindings(Scope.APP)
        done: list[str] = []

        def action_sidebar(self) -> None:
            self.done.append("sidebar")

        def action_maximise(self) -> None:
            self.done.append("maximise")

    app = Host()
    async with app.run_test() as pilot:
        actions, _ = check_keys({"sidebar": "f8", "maximise": "f2"})
        app.set_keymap(keymap(actions))
        await pilot.press("f8", "f2")
        assert app.done == ["sidebar", "maximise"]
        app.done.clear()
        actions, _ = check_keys({"sidebar": [], "maximise": []})
        app.set_keymap(keymap(actions))
        await pilot.press("f8", "f2", "shift+f5")
        assert app.done == []
        app.set_keymap(keymap(ACTIONS))
        await pilot.press("f8")
        assert app.done == ["maximise"]


def test_the_table_shows_every_action_with_its_keys() -> None:
    table = keys_table(ACTIONS)
    for action in ACTIONS:
        assert action.id in table
        assert action.help in table
    assert "f1, ?" in table


def test_the_rows_are_json() -> None:
    rows = json.loads(json.dumps(keys_rows(ACTIONS)))
    assert [row["id"] for row in rows] == [action.id for action in ACTIONS]
    assert rows[0]["keys"] == ["f5", "ctrl+r", "ctrl+enter"]


@pytest.mark.parametrize(
    ("key", "text"),
    [("question_mark", "?"), ("ctrl+up", "ctrl+↑"), ("K", "K"), ("f5", "f5")],
)
def test_keys_are_written_as_people_write_them(key: str, text: str) -> None:
    assert key_text(key) == text


def test_listing_the_keys_imports_no_textual() -> None:
    code = "import sys, mixtui.actions; print('textual' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
