"""Hints of the command line: for people on stderr, for programs in the JSON object."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import CommandLine

LINE = ("send", "GET", "/query/events/names", "--api", "query", "-q", "typ=general")
HINT = "hint: typ is no parameter of this operation: did you mean type?"
REQUEST = """\
method = "GET"
api = "query"
url = "/query/events/names"
[[query]]
name = "typ"
value = "general"
"""


def hinted(stderr: str) -> list[str]:
    return [line for line in stderr.split("\n") if line.startswith("hint: ")]


def test_a_dry_run_says_hints(online: CommandLine) -> None:
    ended = online(*LINE, "--dry-run")
    assert ended.status == 0
    assert hinted(ended.stderr)[0].startswith(HINT)
    assert "hint" not in ended.text


def test_hints_can_be_left_out(online: CommandLine) -> None:
    assert not hinted(online(*LINE, "--dry-run", "--no-hints").stderr)
    answer = online(*LINE, "--dry-run", "--no-hints", "--json")
    assert json.loads(answer.text)["hints"] == []


@pytest.mark.parametrize(("terminal", "count"), [(True, 1), (False, 0)])
def test_a_send_says_them_on_a_terminal_only(
    online: CommandLine, terminal: bool, count: int
) -> None:
    ended = online(*LINE, terminal=terminal)
    assert len(hinted(ended.stderr)) == count


def test_json_holds_them(online: CommandLine) -> None:
    for more in ((), ("--dry-run",)):
        ended = online(*LINE, "--json", *more)
        (hint,) = json.loads(ended.text)["hints"]
        assert (hint["field"], hint["row"], hint["grave"]) == ("query", 1, True)
        assert hint["sentence"].startswith("typ is no parameter")


def test_what_cannot_be_sent_has_its_hints_too(online: CommandLine) -> None:
    text = '{"event": "$merge"}\n{"event": "$merge"}'
    line = ("send", "POST", "/import", "--api", "ingestion", "-q", "strict=1")
    ended = online(*line, "-d", text, "--body-type", "json", "--dry-run")
    assert ended.status == 2
    assert "hint: These are JSON lines" in ended.stderr


def test_an_error_is_not_said_twice(online: CommandLine) -> None:
    ended = online("send", "GET", "/projects/1/annotations/{id}", "--api", "app")
    dry = online("send", "GET", "/me/{id}", "--api", "app", "--dry-run")
    assert (ended.status, dry.status) == (2, 2)
    assert not hinted(dry.stderr)


def test_a_line_of_the_body_is_named(online: CommandLine) -> None:
    text = '[\n{"event": "a", "properties": {"time": "now", "distinct_id": "u"}}]'
    line = ("send", "POST", "/import", "--api", "ingestion", "-q", "strict=1")
    ended = online(*line, "-d", text, "--dry-run")
    assert "hint: body, line 2: time is no number" in ended.stderr


def test_show_lists_them_beside_the_file(mixtui: CommandLine) -> None:
    mixtui.write_request("names", REQUEST)
    ended = mixtui("show", "names")
    assert ended.text == REQUEST
    assert len(hinted(ended.stderr)) == 1
    assert not hinted(mixtui("show", "names", "--no-hints").stderr)
    (hint,) = json.loads(mixtui("show", "names", "--json").text)["hints"]
    assert hint["field"] == "query"


def test_show_goes_on_without_environments(mixtui: CommandLine) -> None:
    mixtui.write_request("names", REQUEST)
    mixtui.write_environments("= broken")
    ended = mixtui("show", "names")
    assert (ended.status, len(hinted(ended.stderr))) == (0, 1)
