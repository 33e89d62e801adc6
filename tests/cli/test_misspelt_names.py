"""Whatever name a person misspells on the command line, the error suggests the right one."""

from __future__ import annotations

import pytest

from tests.cli.conftest import CommandLine

ENVIRONMENTS = """\
[environments.prod-eu]
regin = "eu"
project_id = "1"
[environments.broken]
region = "uss"
"""
REQUEST = """\
name = "Weekly sign-ups"
methd = "GET"
api = "qurey"
url = "/events"
"""
SETTINGS = """\
them = "mixtui-dark"
[keys]
sned = "f5"
[history]
maxdays = 3
"""


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("sned",), "send"),
        (("env", "lits"), "env list"),
        (("list", "--jsn"), "--json"),
        (("--collecton", "x", "list"), "--collection"),
        (("send", "--jq", "."), "--filter"),
        (("send", "x", "--environment", "prod-eu"), "--env"),
        (("history", "list", "--after", "today"), "--since"),
        (("send", "GTE", "/events", "--api", "query"), "GET"),
        (("send", "GET", "/events", "--api", "qurey"), "query"),
        (("send", "x", "--auth", "servce_account"), "service_account"),
        (("send", "x", "--body-type", "jsn"), "json"),
        (("export", "crul", "x"), "curl"),
        (("env", "add", "x", "--region", "euu"), "eu"),
        (("env", "show", "prod-ue"), "prod-eu"),
        (("env", "check", "--env", "prod-ue"), "prod-eu"),
        (("quota", "--env", "prod-ue"), "prod-eu"),
        (("show", "weekly-signup"), "weekly-sign-ups"),
        (("operations", "--family", "lexcion"), "lexicon"),
        (("new", "query.list-recent-evnts"), "query.list-recent-events"),
        (("operations", "query.list-recent-evnts"), "query.list-recent-events"),
        (("keys", "--check"), "send"),
        (("env", "list"), "region"),
        (("env", "list"), "us"),
        (("send", "weekly-sign-ups"), "query"),
        (("history", "list"), "theme"),
    ],
)
def test_an_error_suggests_the_right_name(
    mixtui: CommandLine, arguments: tuple[str, ...], name: str
) -> None:
    (mixtui.folder / "weekly-sign-ups.toml").write_text(REQUEST)
    (mixtui.config / "environments.toml").write_text(ENVIRONMENTS)
    (mixtui.config / "config.toml").write_text(SETTINGS)
    output = mixtui(*arguments).output.lower()
    assert f"did you mean {name.lower()}?" in output


@pytest.mark.parametrize("arguments", [("show", "--env"), ("check", "--env")])
def test_the_environment_can_be_named_by_the_option_too(
    mixtui: CommandLine, arguments: tuple[str, ...]
) -> None:
    (mixtui.config / "environments.toml").write_text(
        '[environments.a]\nproject_id = "1"\n[environments.b]\nproject_id = "2"\n'
    )
    assert mixtui("env", *arguments, "b").text == mixtui("env", arguments[0], "b").text


def test_a_misspelt_variable_is_suggested(mixtui: CommandLine) -> None:
    (mixtui.config / "environments.toml").write_text(
        '[environments.a]\nproject_id = "1"\nvariables = { plan = "pro" }\n'
    )
    command = ("send", "GET", "/query/events?a={{paln}}", "--api", "query")
    output = mixtui(*command, "--env", "a", "--dry-run").output
    assert "Did you mean {{plan}}?" in output
