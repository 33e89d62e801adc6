"""`mixtui list`, `show` and `keys`."""

from __future__ import annotations

import json

import pytest

from mixtui.actions import ACTIONS
from mixtui.model.draft import Method
from tests.cli.conftest import CommandLine

REQUEST = 'name = "Weekly sign-ups"   # Monday\nmethod = "GET"\nurl = "/query/events"\n'


def test_a_list_has_path_method_and_name_in_the_order_of_the_tree(
    mixtui: CommandLine,
) -> None:
    mixtui.write_request("z", 'method = "POST"')
    mixtui.write_request("reports/weekly", REQUEST)
    mixtui.write_request("a10", "")
    mixtui.write_request("a9", "")
    assert mixtui("list").text.split("\n") == [
        "reports/weekly  GET     Weekly sign-ups",
        "a9              GET     a9",
        "a10             GET     a10",
        "z               POST    z",
        "",
    ]


def test_a_broken_file_is_listed_with_its_reason(mixtui: CommandLine) -> None:
    mixtui.write_request("bad", "method = 5\n")
    ended = mixtui("list")
    assert ended.status == 0
    assert "bad          (broken) bad.toml, line 1: " in ended.text


def test_a_list_as_json_holds_the_same(mixtui: CommandLine) -> None:
    mixtui.write_request("reports/weekly", REQUEST)
    mixtui.write_request("bad", "=")
    rows = json.loads(mixtui("list", "--json").text)
    assert rows[0] == {
        "path": "reports/weekly",
        "method": Method.GET,
        "name": "Weekly sign-ups",
        "problem": None,
    }
    assert rows[1]["method"] is None
    assert "bad.toml, line 1" in rows[1]["problem"]


def test_an_empty_collection_says_where_it_looked(mixtui: CommandLine) -> None:
    ended = mixtui("list")
    assert (ended.status, ended.text) == (0, "")
    assert str(mixtui.folder) in ended.stderr
    assert json.loads(mixtui("list", "--json").text) == []


def test_the_collection_is_found_from_a_folder_inside(
    mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixtui.write_request("deep/er/x", "")
    monkeypatch.chdir(mixtui.folder / "deep" / "er")
    assert mixtui("list").text.startswith("deep/er/x")


def test_show_prints_the_file_byte_for_byte(mixtui: CommandLine) -> None:
    path = mixtui.write_request("reports/weekly", REQUEST)
    path.write_bytes(REQUEST.encode() + b"# \x1b[31m\r\n")
    ended = mixtui("show", "weekly")
    assert (ended.status, ended.stdout) == (0, path.read_bytes())


def test_show_is_harmless_on_a_terminal(mixtui: CommandLine) -> None:
    mixtui.write_request("a", "# \x1b[31m red\n")
    assert "\x1b" not in mixtui("show", "a", terminal=True).text


def test_show_prints_a_broken_file_as_it_is(mixtui: CommandLine) -> None:
    mixtui.write_request("bad", "= 5")
    assert mixtui("show", "bad").text == "= 5"
    assert mixtui("show", "bad", "--json").status == 2


def test_show_as_json_holds_every_field(mixtui: CommandLine) -> None:
    mixtui.write_request(
        "a",
        REQUEST + 'mood = "blue"\n[[query]]\nname = "a"\nvalue = "1"\n'
        '[body]\ntype = "form"\ntext = "x=1"\n',
    )
    ended = mixtui("show", "a", "--json")
    shown = json.loads(ended.text)
    assert shown["query"] == [{"name": "a", "value": "1", "enabled": True}]
    assert shown["body"] == {"type": "form", "text": "x=1", "path": ""}
    assert shown["options"]["auth"] == "auto"
    assert shown["path"] == str(mixtui.folder / "a.toml")
    assert "mood" in ended.stderr


def test_show_suggests_the_nearest(mixtui: CommandLine) -> None:
    mixtui.write_request("weekly", REQUEST)
    ended = mixtui("show", "wekly")
    assert ended.status == 2
    assert "is it weekly" in ended.stderr


def test_keys_lists_every_action(mixtui: CommandLine) -> None:
    text = mixtui("keys").text
    assert all(action.id in text for action in ACTIONS)
    rows = json.loads(mixtui("keys", "--json").text)
    assert [row["id"] for row in rows] == [action.id for action in ACTIONS]


def test_keys_shows_the_persons_own_and_checks_them(mixtui: CommandLine) -> None:
    config = mixtui.config / "config.toml"
    config.write_text('[keys]\nsend = "f13"\n')
    rows = json.loads(mixtui("keys", "--json").text)
    assert next(row["keys"] for row in rows if row["id"] == "send") == ["f13"]
    fine = mixtui("keys", "--check")
    assert (fine.status, fine.text) == (0, "")
    config.write_text('[keys]\nsend = "ctrl+m"\nsned = "f3"\n')
    wrong = mixtui("keys", "--check")
    assert wrong.status == 2
    assert "keys.send: ctrl+m is enter in a terminal" in wrong.stderr
    assert "Did you mean send?" in wrong.stderr


def test_keys_without_own_ones_are_all_right(mixtui: CommandLine) -> None:
    assert mixtui("keys", "--check").status == 0
