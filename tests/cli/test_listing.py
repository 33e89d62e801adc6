"""`mixtui list`, `show` and `keys`."""

from __future__ import annotations

import json

import pytest

from mixtui.actions import ACTIONS
from mixtui.model.draft import Method
from tests.cli.conftest import CommandLine

REQUEST = 'name = "Weekly sign-ups"   # Monday\nmethod = "GET"\nurl = "/query/events"\n'


def test_a_list_has_location_and_method_in_the_order_of_the_tree(
    mixtui: CommandLine,
) -> None:
    mixtui.write_request("z", 'method = "POST"')
    mixtui.write_request("reports/weekly", REQUEST)
    mixtui.write_request("a10", "")
    mixtui.write_request("a9", "")
    assert mixtui("list").text.split("\n") == [
        "reports/Weekly sign-ups  GET",
        "a9                       GET",
        "a10                      GET",
        "z                        POST",
        "",
    ]


def test_what_is_listed_is_what_other_commands_take(mixtui: CommandLine) -> None:
    mixtui.write_request("My reports/weekly", 'name = "Sign-ups a/b \\\\ c"')
    mixtui.write_request("x", 'name = "twice"')
    mixtui.write_request("y", 'name = "twice"')
    lines = mixtui("list").text.splitlines()
    locations = [line.rpartition("  ")[0].rstrip() for line in lines]
    assert locations == [r"My reports/Sign-ups a\/b \\ c", "x", "y"]
    for location in locations:
        assert mixtui("show", location).status == 0, location


def test_a_broken_file_is_listed_with_its_reason(mixtui: CommandLine) -> None:
    mixtui.write_request("bad", "method = 5\n")
    result = mixtui("list")
    assert result.status == 0
    assert "bad          (broken) bad.toml, line 1: " in result.text


def test_a_list_as_json_has_the_same_columns(mixtui: CommandLine) -> None:
    mixtui.write_request("reports/weekly", REQUEST)
    mixtui.write_request("bad", "=")
    rows = json.loads(mixtui("list", "--json").text)
    assert rows[0] == {
        "path": "reports/weekly",
        "location": "reports/Weekly sign-ups",
        "method": Method.GET,
        "name": "Weekly sign-ups",
        "favorite": False,
        "tags": [],
        "problem": None,
    }
    assert rows[1]["method"] is None
    assert "bad.toml, line 1" in rows[1]["problem"]


TAGGED = 'favorite = true\ntags = ["Weekly", "report, monthly", "", "weekly"]\n'


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ((), ["a", "b", "c"]),
        (("--favorite",), ["a"]),
        (("--tag", "weekly"), ["a", "b"]),
        (("--tag", "#WEEKLY", "--tag", "report monthly"), ["a"]),
        (("--tag", "weekly,old"), ["b"]),
        (("--tag", "weekly", "--favorite"), ["a"]),
        (("--tag", "week"), []),
    ],
)
def test_a_list_is_narrowed_by_tags_and_favorites(
    options: tuple[str, ...], names: list[str], mixtui: CommandLine
) -> None:
    mixtui.write_request("a", TAGGED)
    mixtui.write_request("b", 'tags = ["weekly", "old"]')
    mixtui.write_request("c", "")
    rows = json.loads(mixtui("list", "--json", *options).text)
    assert [row["name"] for row in rows] == names


def test_a_list_shows_favorites_and_tags(mixtui: CommandLine) -> None:
    mixtui.write_request("a", TAGGED)
    assert mixtui("list").text == "a  GET     ★ #Weekly #report monthly\n"
    (row,) = json.loads(mixtui("list", "--json").text)
    assert (row["favorite"], row["tags"]) == (True, ["Weekly", "report monthly"])


def test_a_tag_that_nothing_has_is_named_with_the_one_that_was_meant(
    mixtui: CommandLine,
) -> None:
    mixtui.write_request("a", TAGGED)
    mixtui.write_request("bad", "=")
    result = mixtui("list", "--tag", "weekyl")
    assert (result.status, result.text) == (0, "")
    assert "has the tag “weekyl”. Did you mean Weekly?" in result.stderr
    assert "1 broken file was not searched." in result.stderr
    mixtui.write_request("b", "tags = ['old']")
    result = mixtui("list", "--tag", "weekly", "--tag", "old")
    assert "No saved request matches." in result.stderr


def test_an_empty_collection_names_the_folder(mixtui: CommandLine) -> None:
    result = mixtui("list")
    assert (result.status, result.text) == (0, "")
    assert str(mixtui.folder) in result.stderr
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
    result = mixtui("show", "weekly")
    assert (result.status, result.stdout) == (0, path.read_bytes())


def test_show_prints_no_control_characters_on_a_terminal(mixtui: CommandLine) -> None:
    mixtui.write_request("a", "# \x1b[31m red\n")
    assert "\x1b" not in mixtui("show", "a", terminal=True).text


def test_show_prints_a_broken_file_as_it_is(mixtui: CommandLine) -> None:
    mixtui.write_request("bad", "= 5")
    assert mixtui("show", "bad").text == "= 5"
    assert mixtui("show", "bad", "--json").status == 2


def test_show_as_json_has_every_field(mixtui: CommandLine) -> None:
    mixtui.write_request(
        "a",
        REQUEST + 'mood = "blue"\n[[query]]\nname = "a"\nvalue = "1"\n'
        '[body]\ntype = "form"\ntext = "x=1"\n',
    )
    result = mixtui("show", "a", "--json")
    fields = json.loads(result.text)
    assert fields["query"] == [{"name": "a", "value": "1", "enabled": True}]
    assert fields["body"] == {"type": "form", "text": "x=1", "path": ""}
    assert fields["options"]["auth"] == "auto"
    assert fields["path"] == str(mixtui.folder / "a.toml")
    assert "mood" in result.stderr


def test_show_suggests_the_nearest_name(mixtui: CommandLine) -> None:
    mixtui.write_request("weekly", REQUEST)
    result = mixtui("show", "wekly")
    assert result.status == 2
    assert "Did you mean weekly" in result.stderr


def test_keys_lists_every_action(mixtui: CommandLine) -> None:
    text = mixtui("keys").text
    assert all(action.id in text for action in ACTIONS)
    rows = json.loads(mixtui("keys", "--json").text)
    assert [row["id"] for row in rows] == [action.id for action in ACTIONS]


def test_keys_lists_and_checks_configured_keys(mixtui: CommandLine) -> None:
    config = mixtui.config / "config.toml"
    config.write_text('[keys]\nsend = "f13"\n')
    rows = json.loads(mixtui("keys", "--json").text)
    assert next(row["keys"] for row in rows if row["id"] == "send") == ["f13"]
    valid = mixtui("keys", "--check")
    assert (valid.status, valid.text) == (0, "")
    config.write_text('[keys]\nsend = "ctrl+m"\nsned = "f3"\n')
    invalid = mixtui("keys", "--check")
    assert invalid.status == 2
    assert "keys.send: ctrl+m is the same as enter in a terminal" in invalid.stderr
    assert "Did you mean send?" in invalid.stderr


def test_keys_without_a_configuration_are_valid(mixtui: CommandLine) -> None:
    assert mixtui("keys", "--check").status == 0


@pytest.mark.parametrize("command", [("list",), ("show", "evil")])
def test_json_on_a_terminal_holds_nothing_that_it_acts_on(
    mixtui: CommandLine, command: tuple[str, ...]
) -> None:
    mixtui.write_request("evil", 'name = "evil \\u009b31m \\u202e"\nurl = "/x"\n')
    result = mixtui(*command, "--json", terminal=True)
    assert result.status == 0
    assert not {"\x9b", "\u202e"} & set(result.text)
    piped = mixtui(*command, "--json")
    assert json.loads(result.text) == json.loads(piped.text)
    # A list names what it shows; a request is printed as it is.
    assert ("\u202e" in piped.text) is ("show" in command)
