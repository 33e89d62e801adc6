"""`mixtui import curl` and `mixtui export`."""

from __future__ import annotations

import stat
import tomllib

import pytest

from mixtui.cli.commands.requests import PROGRAMS
from mixtui.interchange.export import Program
from tests.cli.conftest import CommandLine

COMMAND = (
    "curl 'https://eu.mixpanel.com/api/query/events?project_id=7&event=x' "
    "-u ci.x:geheim -k | jq ."
)
SAVED = """
name = "Names"
url = "/query/events/names"
[[query]]
name = "limit"
value = "{{n}}"
"""


@pytest.mark.parametrize("place", ["argument", "file", "stdin"])
def test_a_command_is_printed_as_a_request_file(
    mixtui: CommandLine, place: str
) -> None:
    (mixtui.folder / "command.sh").write_text(COMMAND)
    source = {"argument": COMMAND, "file": "command.sh", "stdin": "-"}[place]
    ended = mixtui("import", "curl", source, stdin=COMMAND.encode())
    assert ended.status == 0
    assert tomllib.loads(ended.text) == {
        "method": "GET",
        "api": "query",
        "url": "/query/events",
        "query": [
            {"name": "project_id", "value": "7"},
            {"name": "event", "value": "x"},
        ],
    }
    assert "Found: the Query API in eu, project 7." in ended.stderr
    assert "Left out: the service account ci.x" in ended.stderr
    assert "-k" in ended.stderr
    assert "geheim" not in ended.output


def test_what_was_found_is_saved_and_its_secret_kept(mixtui: CommandLine) -> None:
    ended = mixtui(
        "import", "curl", COMMAND, "--save", "Weekly", "--credentials-to", "prod-eu"
    )
    assert ended.status == 0
    assert ended.text == ""
    saved = tomllib.loads((mixtui.folder / "weekly.toml").read_text())
    assert saved["name"] == "Weekly"
    # The environment adds the project.
    assert saved["query"] == [{"name": "event", "value": "x"}]
    environments = tomllib.loads((mixtui.config / "environments.toml").read_text())
    assert environments["environments"]["prod-eu"] == {
        "region": "eu",
        "project_id": "7",
        "credentials": {"service_account": {"username": "ci.x"}},
    }
    credentials = mixtui.config / "credentials.toml"
    assert tomllib.loads(credentials.read_text())["prod-eu"] == {
        "service_account": "geheim"
    }
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    assert "geheim" not in ended.output
    sent = mixtui("send", "weekly", "--env", "prod-eu", "--dry-run")
    assert "https://eu.mixpanel.com/api/query/events?event=x&project_id=7" in sent.text


def test_another_environment_is_not_mixed_up(mixtui: CommandLine) -> None:
    mixtui.write_environments('[environments.us]\nproject_id = "1"\n')
    ended = mixtui("import", "curl", COMMAND, "--credentials-to", "us")
    assert ended.status == 2
    assert "us, project 1" in ended.stderr


def test_a_credential_is_replaced_only_after_a_question(mixtui: CommandLine) -> None:
    words = ("import", "curl", COMMAND, "--credentials-to", "prod-eu")
    mixtui(*words)
    other = COMMAND.replace("geheim", "anders")
    again = ("import", "curl", other, "--credentials-to", "prod-eu")
    credentials = mixtui.config / "credentials.toml"
    assert mixtui(*again).status == 2
    assert "geheim" in credentials.read_text()
    ended = mixtui(*again, stdin=b"y\n", terminal=True)
    assert ended.status == 0
    assert "Replace the service account" in ended.stderr
    assert "anders" in credentials.read_text()


def test_what_is_no_curl_command_is_refused(mixtui: CommandLine) -> None:
    ended = mixtui("import", "curl", "-", stdin=b"wget x")
    assert ended.status == 2
    assert "curl" in ended.stderr
    missing = mixtui("import", "curl", "missing.sh")
    assert missing.status == 2
    assert "There is no file missing.sh, and it is no curl command" in missing.stderr


def test_a_saved_request_is_exported(online: CommandLine) -> None:
    online.write_request("names", SAVED)
    ended = online("export", "curl", "names", "--var", "n=3")
    assert ended.status == 0
    assert ended.text.startswith("curl 'http://127.0.0.1:")
    assert "limit=3&project_id=" in ended.text
    assert "Set MIXTUI_SANDBOX_SECRET: the secret of the service account" in (
        ended.stderr
    )


def test_secrets_are_written_only_when_asked_for(online: CommandLine) -> None:
    online.write_request("names", SAVED)
    words = ("export", "python", "names", "--var", "n=3", "-o", "names.py")
    online(*words)
    path = online.folder / "names.py"
    assert "sandbox-service-account-secret" not in path.read_text()
    path.unlink()
    ended = online(*words, "--with-secrets")
    assert "sandbox-service-account-secret" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "sandbox-service-account-secret" not in ended.output


def test_a_request_that_cannot_be_sent_is_not_exported(online: CommandLine) -> None:
    online.write_request("names", SAVED)
    ended = online("export", "httpie", "names")
    assert ended.status == 2
    assert "{{n}}" in ended.stderr


def test_a_read_only_environment_does_not_stop_an_export(online: CommandLine) -> None:
    online.write_request("write", 'method = "POST"\nurl = "/import"\napi="ingestion"')
    ended = online("export", "curl", "write", "--env", "sandbox-read-only")
    assert ended.status == 0


def test_the_programs_are_those_that_there_are() -> None:
    assert tuple(Program) == PROGRAMS
