"""`mixtui env list` and `env check`, and which environment is in use."""

from __future__ import annotations

import json

import pytest

from mixtui.sandbox.data import identity
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


def in_use(mixtui: CommandLine, *words: str) -> list[str]:
    rows = json.loads(mixtui("env", "list", "--json", *words).text)
    return [row["name"] for row in rows if row["in_use"]]


def test_the_environment_is_the_one_that_is_named_nearest(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(TWO)
    assert in_use(mixtui) == ["b"]
    mixtui.variables["MIXTUI_ENV"] = "a"
    assert in_use(mixtui) == ["a"]
    assert in_use(mixtui, "--env", "b") == ["b"]


def test_the_variables_make_one_where_no_file_does(mixtui: CommandLine) -> None:
    mixtui.variables |= {
        "MP_USERNAME": "ci",
        "MP_SECRET": "hunter2",
        "MP_PROJECT_ID": "7",
        "MP_REGION": "in",
    }
    ended = mixtui("env", "list")
    assert ended.text == "*  default  in  project 7  writes  service account ci\n"
    dry = mixtui("send", "GET", "/query/events", "--api", "query", "--dry-run")
    assert "https://in.mixpanel.com/api/query/events?project_id=7" in dry.text
    assert "hunter2" not in dry.output


def test_a_list_says_what_is_there_and_what_may_be_done(mixtui: CommandLine) -> None:
    mixtui.write_environments(TWO)
    lines = mixtui("env", "list").text.split("\n")
    assert lines[0] == "   a  eu  project 1  writes     service account ci, OAuth token"
    assert lines[1] == "*  b  us  project 2  read-only  project token"
    rows = json.loads(mixtui("env", "list", "--json").text)
    assert rows[0]["credentials"]["service_account"] == {
        "username": "ci",
        "secret": "the variable A_SECRET",
    }
    assert [row["default"] for row in rows] == [False, True]


def test_without_any_environment_a_list_says_how_to_make_one(
    mixtui: CommandLine,
) -> None:
    ended = mixtui("env", "list")
    assert (ended.status, ended.text) == (0, "")
    assert "MP_USERNAME" in ended.stderr


def test_an_environment_that_is_not_there_is_named_with_the_nearest(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(TWO.replace("environments.a", "environments.prod-eu"))
    near = mixtui("env", "check", "prod-e")
    assert (near.status, near.text) == (2, "")
    assert "did you mean prod-eu?" in near.stderr
    far = mixtui("env", "list", "--env", "zzz")
    assert "there are prod-eu, b" in far.stderr


def test_a_file_that_is_wrong_is_a_sentence(mixtui: CommandLine) -> None:
    mixtui.write_environments("[environments.a]\nregion = 'mars'\n")
    ended = mixtui("env", "list")
    assert ended.status == 2
    assert "region" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_check_reads_every_secret_and_prints_none(mixtui: CommandLine) -> None:
    mixtui.write_environments(TWO)
    ended = mixtui("env", "check")
    assert ended.status == 3
    assert ended.text.split("\n")[:-1] == [
        "a · region · ok · eu",
        "a · project_id · ok · 1",
        "a · service account ci · problem · The variable A_SECRET is not set: export "
        "it before you start mixtui",
        "a · OAuth token · ok · read from the command «echo hunter2»",
        "b · region · ok · us",
        "b · project_id · ok · 2",
        "b · project token · ok · declared",
    ]
    mixtui.variables["A_SECRET"] = "s3cret"
    fine = mixtui("env", "check", "a")
    assert fine.status == 0
    assert "s3cret" not in fine.output
    assert "b · " not in fine.text


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("[environments.a]\nproject_id = '1'", 3, "there are none: add a service"),
        ("", 3, "there is none yet"),
        (
            "[environments.a.credentials]\nproject_token = 't'",
            2,
            "project_id · problem · it is not set: add it in ",
        ),
    ],
)
def test_a_check_says_what_is_missing(
    mixtui: CommandLine, text: str, status: int, words: str
) -> None:
    mixtui.write_environments(text)
    ended = mixtui("env", "check")
    assert ended.status == status
    assert words in ended.text


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


def test_an_online_check_asks_who_the_account_is(online: CommandLine) -> None:
    ended = online("env", "check", "sandbox", "--online")
    assert ended.status == 0
    assert "sandbox · online · ok · 200 OK, accepted, " in ended.text
    assert identity.SECRET not in ended.output


def test_an_online_check_tells_a_wrong_region(online: CommandLine) -> None:
    ended = online("env", "check", "sandbox-eu", "--online")
    assert ended.status == 3
    assert "wrong region?" in ended.text
    assert "the environments sandbox and sandbox-read-only have it in us" in ended.text


def test_an_online_check_without_an_answer_is_a_problem(mixtui: CommandLine) -> None:
    mixtui.variables["A_SECRET"] = "s3cret"
    mixtui.write_environments(
        TWO + f'[environments.a.hosts]\napp = "http://127.0.0.1:{free_port()}"\n'
    )
    ended = mixtui("env", "check", "a", "--online")
    assert ended.status == 5
    assert "a · online · problem · " in ended.text


def test_an_environment_is_added_and_shown(mixtui: CommandLine) -> None:
    line = ("--region", "eu", "--project-id", "7", "--token", "tok", "--default")
    account = ("--service-account", "ci", "--secret", "env:A_SECRET")
    ended = mixtui("env", "add", "new", *line, *account, "--confirm-writes")
    assert ended.status == 0, ended.stderr
    shown = json.loads(mixtui("env", "show", "--json").text)
    assert (shown["name"], shown["region"], shown["project_id"]) == ("new", "eu", "7")
    assert shown["default"]
    assert shown["confirm_writes"]
    assert shown["credentials"]["service_account"] == {
        "username": "ci",
        "secret": "the variable A_SECRET",
    }
    assert "region            eu" in mixtui("env", "show", "new").text


def test_a_secret_that_is_typed_is_kept_where_only_its_owner_reads(
    mixtui: CommandLine,
) -> None:
    account = ("--service-account", "ci", "--secret", "-")
    ended = mixtui("env", "add", "new", *account, stdin=b"hunter2\n")
    assert ended.status == 0, ended.stderr
    assert "hunter2" not in ended.output
    assert "hunter2" not in (mixtui.config / "environments.toml").read_text()
    stored = mixtui.config / "credentials.toml"
    assert "hunter2" in stored.read_text()
    assert stored.stat().st_mode & 0o077 == 0
    assert "hunter2" not in mixtui("env", "show", "new").output


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("--service-account", "ci"), "both"),
        (("--service-account", "ci", "--secret", "hunter2"), "not given on the comm"),
        (("--oauth-token", "-", "--project-secret", "-"), "one at a time"),
        (("--oauth-token", "-"), "No secret came"),
        (("--region", "mars"), "mars"),
    ],
)
def test_an_environment_that_cannot_be_is_refused_in_words(
    mixtui: CommandLine, line: tuple[str, ...], sentence: str
) -> None:
    ended = mixtui("env", "add", "new", *line)
    assert ended.status == 2
    assert sentence in ended.stderr
    assert "hunter2" not in ended.output
    assert not (mixtui.config / "environments.toml").exists()


def test_an_environment_is_not_added_twice(mixtui: CommandLine) -> None:
    mixtui.write_environments(TWO)
    ended = mixtui("env", "add", "a")
    assert ended.status != 0
    assert "already" in ended.stderr
