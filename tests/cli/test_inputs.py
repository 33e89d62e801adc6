"""Inputs and path parameters on the command line."""

from __future__ import annotations

import json

import pytest

from mixtui.cli.console import Console
from tests.cli.conftest import CommandLine

CITY = """
method = "GET"
api = "query"
url = "/query/events/names"
[[input]]
name = "kind"
description = "Which names"
choices = ["general", "average"]
[[input]]
name = "limit"
default = "3"
[[query]]
name = "type"
value = "{{kind}}"
[[query]]
name = "limit"
value = "{{limit}}"
[options]
auth = "none"
"""
SECRET = """
method = "POST"
api = "ingestion"
url = "/track"
[[input]]
name = "pin"
secret = true
[[query]]
name = "pin"
value = "{{pin}}"
[body]
text = '[{"event": "{{pin}}"}]'
[options]
auth = "none"
"""
ANNOTATION = """
api = "app"
url = "/x/{annotationId}/y"
[[path]]
name = "annotationId"
value = "7"
[options]
auth = "none"
"""


def sent_url(text: str) -> str:
    return text.partition("\n")[0].partition("/api/")[2]


def test_var_answers_an_input(mixtui: CommandLine) -> None:
    mixtui.write_request("a", CITY)
    result = mixtui("send", "a", "--var", "kind=general", "--dry-run")
    assert result.status == 0
    assert sent_url(result.text) == "query/events/names?type=general&limit=3"
    assert "kind from --var, limit from its default" in result.stderr


def test_without_a_terminal_a_missing_input_is_named(mixtui: CommandLine) -> None:
    mixtui.write_request("a", CITY)
    result = mixtui("send", "a", "--dry-run")
    assert (result.status, result.stdout) == (2, b"")
    assert "The input kind has no value: pass --var kind=…" in result.stderr


def test_an_answer_outside_the_choices_is_refused(mixtui: CommandLine) -> None:
    mixtui.write_request("a", CITY)
    result = mixtui("send", "a", "--var", "kind=genral", "--dry-run")
    assert result.status == 2
    assert "must be one of general, average" in result.stderr


def test_a_terminal_asks_for_each_input_until_the_answer_is_allowed(
    mixtui: CommandLine,
) -> None:
    mixtui.write_request("a", CITY)
    stdin = b"\nnope\ngeneral\n\n"
    result = mixtui("send", "a", "--dry-run", stdin=stdin, terminal=True)
    assert result.status == 0
    assert sent_url(result.text) == "query/events/names?type=general&limit=3"
    for text in (
        "kind: Which names; one of general, average.",
        "kind needs a value",
        "must be one of general, average, not “nope”",
        "limit [3]: ",
    ):
        assert text in result.stderr


def test_what_var_answers_is_not_asked(mixtui: CommandLine) -> None:
    mixtui.write_request("a", CITY)
    answers = ("--var", "kind=average", "--var", "limit=")
    result = mixtui("send", "a", *answers, "--dry-run", terminal=True)
    assert sent_url(result.text) == "query/events/names?type=average&limit="


def test_the_end_of_the_input_sends_nothing(mixtui: CommandLine) -> None:
    mixtui.write_request("a", CITY)
    result = mixtui("send", "a", stdin=b"general\n", terminal=True)
    assert result.status == 130
    assert "the request was not sent" in result.stderr


def test_a_collection_that_is_not_trusted_is_not_asked_for(
    mixtui: CommandLine,
) -> None:
    text = CITY.replace('default = "3"', 'default = "{{env:HOME}}"')
    mixtui.write_request("a", text)
    result = mixtui("send", "a", terminal=True)
    assert result.status == 2
    assert "is not trusted" in result.stderr
    assert "Which names" not in result.stderr


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (CITY.replace("/query/events/names", "/query/{id}"), 2),
        (CITY.replace("/query/events/names", "query"), 2),
        (CITY.replace('"none"', '"service_account"'), 3),
    ],
)
def test_nobody_is_asked_for_what_cannot_be_sent(
    mixtui: CommandLine, text: str, status: int
) -> None:
    mixtui.write_request("a", text)
    result = mixtui("send", "a", terminal=True)
    assert result.status == status
    assert "Which names" not in result.stderr


def test_a_secret_is_asked_without_echo_and_masked_everywhere(
    online: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def ask(self: Console, question: str, *, secret: bool = False) -> str:
        asked.append(secret)
        return "kq7-very/secret"

    monkeypatch.setattr(Console, "ask", ask)
    online.write_request("a", SECRET)
    for options in (("--dry-run",), ("--json",), ()):
        result = online("send", "a", "--yes", *options, terminal=True)
        assert "kq7-very" not in result.output
    assert asked == [True] * 3
    shown = online("history", "show", "1")
    assert "POST" in shown.text
    assert "kq7-very" not in shown.output
    assert "{{pin}}" in shown.output or "••" in shown.output


def test_an_export_has_a_variable_for_a_secret_input(mixtui: CommandLine) -> None:
    mixtui.write_request("a", SECRET)
    for answers in ((), ("--var", "pin=kq7-very/secret")):
        result = mixtui("export", "curl", "a", *answers)
        assert result.status == 0
        assert "kq7" not in result.output
        assert "Set PIN: the value of a secret input." in result.stderr
        assert "${PIN:?}" in result.text
        assert "${PIN_ENCODED:?}" in result.text
    named = mixtui("export", "curl", "a", "--with-secrets")
    assert (named.status, named.stdout) == (2, b"")
    assert "The input pin has no value" in named.stderr


def test_an_export_takes_defaults_and_names_what_is_missing(
    mixtui: CommandLine,
) -> None:
    mixtui.write_request("a", CITY)
    missing = mixtui("export", "curl", "a")
    assert missing.status == 2
    assert "The input kind has no value" in missing.stderr
    result = mixtui("export", "curl", "a", "--var", "kind=general")
    assert "type=general&limit=3" in result.text


def test_show_lists_inputs_and_path_parameters(mixtui: CommandLine) -> None:
    mixtui.write_request("a", CITY)
    mixtui.write_request("b", ANNOTATION)
    fields = json.loads(mixtui("show", "a", "--json").text)
    assert fields["inputs"][0]["choices"] == ["general", "average"]
    fields = json.loads(mixtui("show", "b", "--json").text)
    assert fields["path_parameters"][0]["value"] == "7"
    assert fields["path"].endswith("b.toml")


def test_path_sets_a_parameter(mixtui: CommandLine) -> None:
    mixtui.write_request("a", ANNOTATION)
    for arguments, expected in (
        ((), "7"),
        (("--path", "annotationId=a/b c"), "a%2Fb%20c"),
        (("--var", "annotationId=9"), "9"),
    ):
        result = mixtui("send", "a", *arguments, "--dry-run")
        assert sent_url(result.text) == f"app/x/{expected}/y"


def test_a_path_parameter_that_the_url_lacks_is_refused(mixtui: CommandLine) -> None:
    mixtui.write_request("a", ANNOTATION)
    result = mixtui("send", "a", "--path", "annotationid=1")
    assert result.status == 2
    assert "Did you mean annotationId?" in result.stderr


def test_an_empty_path_parameter_is_not_sent(mixtui: CommandLine) -> None:
    mixtui.write_request("a", ANNOTATION.replace('"7"', '""'))
    result = mixtui("send", "a")
    assert result.status == 2
    assert "pass --path annotationId=…" in result.stderr
