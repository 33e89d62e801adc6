"""Hints of the command line: for people on stderr, for programs in the JSON object."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import CommandLine

COMMAND = ("send", "GET", "/query/events/names", "--api", "query", "-q", "typ=general")
HINT = "hint: typ is not a parameter of this operation: did you mean type?"
REQUEST = """\
method = "GET"
api = "query"
url = "/query/events/names"
[[query]]
name = "typ"
value = "general"
"""


def hint_lines(stderr: str) -> list[str]:
    return [command for command in stderr.split("\n") if command.startswith("hint: ")]


def test_a_dry_run_shows_hints(online: CommandLine) -> None:
    result = online(*COMMAND, "--dry-run")
    assert result.status == 0
    assert hint_lines(result.stderr)[0].startswith(HINT)
    assert "hint" not in result.text


def test_hints_can_be_disabled(online: CommandLine) -> None:
    assert not hint_lines(online(*COMMAND, "--dry-run", "--no-hints").stderr)
    result = online(*COMMAND, "--dry-run", "--no-hints", "--json")
    assert json.loads(result.text)["hints"] == []


@pytest.mark.parametrize(("terminal", "count"), [(True, 1), (False, 0)])
def test_a_send_shows_hints_on_a_terminal_only(
    online: CommandLine, terminal: bool, count: int
) -> None:
    result = online(*COMMAND, terminal=terminal)
    assert len(hint_lines(result.stderr)) == count


def test_json_includes_hints(online: CommandLine) -> None:
    for more in ((), ("--dry-run",)):
        result = online(*COMMAND, "--json", *more)
        (hint,) = json.loads(result.text)["hints"]
        assert (hint["field"], hint["row"], hint["grave"]) == ("query", 1, True)
        assert hint["sentence"].startswith("typ is not a parameter")


def test_a_request_that_cannot_be_sent_has_hints_too(online: CommandLine) -> None:
    text = '{"event": "$merge"}\n{"event": "$merge"}'
    command = ("send", "POST", "/import", "--api", "ingestion", "-q", "strict=1")
    result = online(*command, "-d", text, "--body-type", "json", "--dry-run")
    assert result.status == 2
    assert "hint: The body is JSON lines" in result.stderr


def test_an_error_is_not_repeated_as_a_hint(online: CommandLine) -> None:
    result = online("send", "GET", "/projects/1/annotations/{id}", "--api", "app")
    dry_run = online("send", "GET", "/me/{id}", "--api", "app", "--dry-run")
    assert (result.status, dry_run.status) == (2, 2)
    assert not hint_lines(dry_run.stderr)


def test_a_hint_names_the_line_of_the_body(online: CommandLine) -> None:
    text = '[\n{"event": "a", "properties": {"time": "now", "distinct_id": "u"}}]'
    command = ("send", "POST", "/import", "--api", "ingestion", "-q", "strict=1")
    result = online(*command, "-d", text, "--dry-run")
    assert "hint: body, line 2: time must be a number" in result.stderr


def test_show_lists_hints_on_stderr(mixtui: CommandLine) -> None:
    mixtui.write_request("names", REQUEST)
    result = mixtui("show", "names")
    assert result.text == REQUEST
    assert len(hint_lines(result.stderr)) == 1
    assert not hint_lines(mixtui("show", "names", "--no-hints").stderr)
    (hint,) = json.loads(mixtui("show", "names", "--json").text)["hints"]
    assert hint["field"] == "query"


def test_show_works_with_a_broken_environments_file(mixtui: CommandLine) -> None:
    mixtui.write_request("names", REQUEST)
    mixtui.write_environments("= broken")
    result = mixtui("show", "names")
    assert (result.status, len(hint_lines(result.stderr))) == (0, 1)
