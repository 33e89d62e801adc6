"""`mixtui env list` and `env check`, and which environment is in use."""

from __future__ import annotations

import json
import os

import pytest

from mixtui.model.environment import NO_ENVIRONMENT
from mixtui.model.errors import ExitStatus
from mixtui.sandbox.data import identity
from mixtui.session import open_session
from tests.cli.conftest import CommandLine
from tests.cli.server import free_port

TWO = """
default = "b"
[environments.a]
region = "eu"
project_id = "1"
[environments.a.credentials]
service_account = { username = "ci", secret = { env = "A_SECRET" } }
oauth_token = { command = "echo hunter2" }
[environments.b]
project_id = "2"
read_only = true
[environments.b.credentials]
project_token = "tok"
"""


def names_in_use(mixtui: CommandLine, *arguments: str) -> list[str]:
    rows = json.loads(mixtui("env", "list", "--json", *arguments).text)
    return [row["name"] for row in rows if row["in_use"]]


def test_option_and_variable_override_the_default_environment(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(TWO)
    assert names_in_use(mixtui) == ["b"]
    mixtui.variables["MIXTUI_ENV"] = "a"
    assert names_in_use(mixtui) == ["a"]
    assert names_in_use(mixtui, "--env", "b") == ["b"]


def test_variables_declare_an_environment_if_no_file_does(mixtui: CommandLine) -> None:
    mixtui.variables |= {
        "MP_USERNAME": "ci",
        "MP_SECRET": "hunter2",
        "MP_PROJECT_ID": "7",
        "MP_REGION": "in",
    }
    result = mixtui("env", "list")
    assert (
        result.text
        == "*  default  in  project 7  writes are real  service account ci\n"
    )
    dry = mixtui("send", "GET", "/query/events", "--api", "query", "--dry-run")
    assert "https://in.mixpanel.com/api/query/events?project_id=7" in dry.text
    assert "hunter2" not in dry.output


def test_a_list_shows_credentials_and_whether_writes_are_allowed(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(TWO)
    lines = mixtui("env", "list").text.split("\n")
    assert (
        lines[0]
        == "   a  eu  project 1  writes are real  service account ci, OAuth token"
    )
    assert lines[1] == "*  b  us  project 2  read-only        project token"
    rows = json.loads(mixtui("env", "list", "--json").text)
    assert rows[0]["credentials"]["service_account"] == {
        "username": "ci",
        "secret": "the environment variable A_SECRET",
    }
    assert [row["default"] for row in rows] == [False, True]


def test_without_any_environment_a_list_says_how_to_make_one(
    mixtui: CommandLine,
) -> None:
    result = mixtui("env", "list")
    assert (result.status, result.text) == (0, "")
    assert "MP_USERNAME" in result.stderr


def test_an_error_names_the_users_own_key(mixtui: CommandLine) -> None:
    settings = mixtui.config / "config.toml"
    settings.write_text('[keys]\nenvironments = "f13"\n')
    assert "f13 in the app" in mixtui("env", "list", "--env", "x").stderr


def test_an_unknown_environment_is_reported_with_the_nearest(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(TWO.replace("environments.a", "environments.prod-eu"))
    misspelt = mixtui("env", "check", "prod-e")
    assert (misspelt.status, misspelt.text) == (2, "")
    assert "Did you mean prod-eu?" in misspelt.stderr
    unknown = mixtui("env", "list", "--env", "zzz")
    assert "Available: prod-eu, b." in unknown.stderr


def test_an_invalid_file_is_reported_on_one_line(mixtui: CommandLine) -> None:
    mixtui.write_environments("[environments.a\n")
    result = mixtui("env", "list")
    assert result.status == 2
    assert "line 1: it is not valid TOML" in result.stderr
    assert result.stderr.count("\n") == 1


BROKEN = TWO.replace('"eu"', '"mars"')
GET = ("send", "GET", "/query/events", "--api", "query", "--auth", "none", "--dry-run")


def test_a_broken_environment_is_listed_and_checked_as_that(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(BROKEN)
    result = mixtui("env", "list")
    assert (result.status, result.stderr) == (0, "")
    good, broken = result.text.splitlines()
    assert good.startswith("*  b  us  project 2")
    assert broken.startswith("   a  (broken) ")
    assert "environments.a.region is “mars”, but must be one of us" in broken
    rows = json.loads(mixtui("env", "list", "--json").text)
    assert [(row["name"], bool(row["problem"])) for row in rows] == [
        ("b", False),
        ("a", True),
    ]
    check = mixtui("env", "check")
    assert "a · environment · problem · " in check.text
    assert check.status == ExitStatus.USAGE


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((*GET,), 0),
        ((*GET, "--env", "b"), 0),
        (("env", "show", "b"), 0),
        (("env", "add", "c", "--token", "t"), 0),
        ((*GET, "--env", "a"), 2),
        (("env", "show", "a"), 2),
        (("env", "check", "a"), 2),
    ],
)
def test_only_a_broken_environment_that_is_requested_is_reported(
    mixtui: CommandLine, arguments: tuple[str, ...], status: int
) -> None:
    mixtui.write_environments(BROKEN)
    result = mixtui(*arguments)
    assert result.status == status
    assert ("“mars”" in result.stderr) is bool(status)


def test_a_broken_default_is_not_a_reason_to_send_to_another_project(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(BROKEN.replace('"b"', '"a"'))
    result = mixtui(*GET)
    assert (result.status, result.stdout) == (2, b"")
    assert "“mars”" in result.stderr
    assert mixtui(*GET, "--env", "b").status == 0
    assert mixtui("env", "list").status == 0


def test_a_check_reads_every_secret_and_prints_none(mixtui: CommandLine) -> None:
    mixtui.write_environments(TWO)
    result = mixtui("env", "check")
    assert result.status == 3
    assert result.text.split("\n")[:-1] == [
        "a · region · ok · eu",
        "a · project_id · ok · 1",
        "a · service account ci · problem · The environment variable A_SECRET is not set: export "
        "it before you start mixtui",
        "a · OAuth token · ok · read from the command “echo hunter2”",
        "b · region · ok · us",
        "b · project_id · ok · 2",
        "b · project token · ok · set",
    ]
    mixtui.variables["A_SECRET"] = "s3cret"
    complete = mixtui("env", "check", "a")
    assert complete.status == 0
    assert "s3cret" not in complete.output
    assert "b · " not in complete.text


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("[environments.a]\nproject_id = '1'", 3, "none: add a service"),
        ("", 3, "No environments yet. Add one"),
        (
            "[environments.a.credentials]\nproject_token = 't'",
            2,
            "project_id · problem · not set: add it to ",
        ),
    ],
)
def test_a_check_reports_what_is_missing(
    mixtui: CommandLine, text: str, status: int, message: str
) -> None:
    mixtui.write_environments(text)
    result = mixtui("env", "check")
    assert result.status == status
    assert message in result.output


def test_a_check_as_json_holds_the_same(mixtui: CommandLine) -> None:
    mixtui.write_environments(TWO)
    rows = json.loads(mixtui("env", "check", "b", "--json").text)
    assert rows[0] == {
        "environment": "b",
        "what": "region",
        "ok": True,
        "words": "us",
        "exit_status": 0,
    }


def test_an_online_check_sends_a_request_with_the_account(online: CommandLine) -> None:
    result = online("env", "check", "sandbox", "--online")
    assert result.status == 0
    assert "sandbox · online · ok · 200 OK, accepted, " in result.text
    assert identity.SECRET not in result.output


def test_an_online_check_recognises_a_wrong_region(online: CommandLine) -> None:
    result = online("env", "check", "sandbox-eu", "--online")
    assert result.status == 3
    assert "wrong region?" in result.text
    assert "the environments sandbox and sandbox-read-only have it in us" in result.text


def test_an_online_check_without_a_response_is_a_problem(mixtui: CommandLine) -> None:
    mixtui.variables["A_SECRET"] = "s3cret"
    mixtui.write_environments(
        TWO + f'[environments.a.hosts]\napp = "http://127.0.0.1:{free_port()}"\n'
    )
    result = mixtui("env", "check", "a", "--online")
    assert result.status == 5
    assert "a · online · problem · " in result.text


def test_an_environment_is_added_and_shown(mixtui: CommandLine) -> None:
    options = ("--region", "eu", "--project-id", "7", "--token", "tok", "--default")
    account = ("--service-account", "ci", "--secret", "env:A_SECRET")
    result = mixtui("env", "add", "new", *options, *account, "--confirm-writes")
    assert result.status == 0, result.stderr
    shown = json.loads(mixtui("env", "show", "--json").text)
    assert (shown["name"], shown["region"], shown["project_id"]) == ("new", "eu", "7")
    assert shown["default"]
    assert shown["confirm_writes"]
    assert shown["credentials"]["service_account"] == {
        "username": "ci",
        "secret": "the environment variable A_SECRET",
    }
    assert "region            eu" in mixtui("env", "show", "new").text


def test_a_typed_secret_is_stored_in_a_private_file(
    mixtui: CommandLine,
) -> None:
    account = ("--service-account", "ci", "--secret", "-")
    result = mixtui("env", "add", "new", *account, stdin=b"hunter2\n")
    assert result.status == 0, result.stderr
    assert "hunter2" not in result.output
    assert "hunter2" not in (mixtui.config / "environments.toml").read_text()
    stored = mixtui.config / "credentials.toml"
    assert "hunter2" in stored.read_text()
    assert stored.stat().st_mode & 0o077 == 0
    assert "hunter2" not in mixtui("env", "show", "new").output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--service-account", "ci"), "both"),
        (("--service-account", "ci", "--secret", "hunter2"), "cannot be passed there"),
        (
            ("--oauth-token", "-", "--project-secret", "-"),
            "Only one secret can be entered",
        ),
        (("--oauth-token", "-"), "Standard input has no secret"),
        (("--region", "mars"), "mars"),
    ],
)
def test_an_invalid_environment_is_not_added(
    mixtui: CommandLine, options: tuple[str, ...], sentence: str
) -> None:
    result = mixtui("env", "add", "new", *options)
    assert result.status == 2
    assert sentence in result.stderr
    assert "hunter2" not in result.output
    assert not (mixtui.config / "environments.toml").exists()


def test_an_environment_is_not_added_twice(mixtui: CommandLine) -> None:
    mixtui.write_environments(TWO)
    result = mixtui("env", "add", "a")
    assert result.status != 0
    assert "already" in result.stderr


def test_the_app_starts_without_an_environment_if_the_default_is_broken(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(BROKEN.replace('"b"', '"a"'))
    session = open_session(cwd=mixtui.folder, variables={}, lenient=True)
    assert session.environment is NO_ENVIRONMENT
    assert session.environments.names == ("b",)
    assert "“mars”" in session.warnings[0]


def test_what_a_killed_program_left_of_credentials_is_removed_at_the_next_start(
    mixtui: CommandLine,
) -> None:
    left = mixtui.config / ".mixtui-0a1b2c.tmp"
    left.write_text('x.oauth_token = "hush"')
    os.utime(left, (0, 0))
    assert mixtui("env", "list").status == 0
    assert not left.exists()
