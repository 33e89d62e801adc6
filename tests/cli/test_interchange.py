"""`mixtui import curl` and `mixtui export`."""

from __future__ import annotations

import stat
import tomllib

import pytest

from mixtui.cli.commands.requests import PROGRAMS
from mixtui.interchange.export.programs import Program
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


@pytest.mark.parametrize("source_kind", ["argument", "file", "stdin"])
def test_a_command_is_printed_as_a_request_file(
    mixtui: CommandLine, source_kind: str
) -> None:
    (mixtui.folder / "command.sh").write_text(COMMAND)
    source = {"argument": COMMAND, "file": "command.sh", "stdin": "-"}[source_kind]
    result = mixtui("import", "curl", source, stdin=COMMAND.encode())
    assert result.status == 0
    assert tomllib.loads(result.text) == {
        "method": "GET",
        "api": "query",
        "url": "/query/events",
        "query": [
            {"name": "project_id", "value": "7"},
            {"name": "event", "value": "x"},
        ],
    }
    assert "Imported for the Query API in eu, project 7." in result.stderr
    assert "Not stored: the service account ci.x" in result.stderr
    assert "-k" in result.stderr
    assert "geheim" not in result.output


@pytest.mark.parametrize("is_file", [True, False])
def test_the_file_of_a_command_is_sent_from_wherever_it_is_saved(
    mixtui: CommandLine, is_file: bool
) -> None:
    folder = mixtui.folder.parent / "commands" if is_file else mixtui.folder
    folder.mkdir(exist_ok=True)
    (folder / "e.json").write_text("[]")
    command = "curl https://api.mixpanel.com/import --data-binary @e.json"
    (folder / "c.sh").write_text(command)
    source = str(folder / "c.sh") if is_file else command
    result = mixtui("import", "curl", source, "--save", "Import")
    assert "does not exist" not in result.stderr
    saved = tomllib.loads((mixtui.folder / "import.toml").read_text())
    assert saved["body"] == {"type": "file", "path": str(folder / "e.json")}


def test_an_imported_request_is_saved_with_its_credential(mixtui: CommandLine) -> None:
    result = mixtui(
        "import", "curl", COMMAND, "--save", "Weekly", "--credentials-to", "prod-eu"
    )
    assert result.status == 0
    assert result.text == ""
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
    assert "geheim" not in result.output
    sent = mixtui("send", "weekly", "--env", "prod-eu", "--dry-run")
    assert "https://eu.mixpanel.com/api/query/events?event=x&project_id=7" in sent.text


def test_credentials_are_not_stored_in_an_environment_of_another_project(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments('[environments.us]\nproject_id = "1"\n')
    result = mixtui("import", "curl", COMMAND, "--credentials-to", "us")
    assert result.status == 2
    assert "us, project 1" in result.stderr


def test_a_credential_is_replaced_only_after_confirmation(mixtui: CommandLine) -> None:
    command = ("import", "curl", COMMAND, "--credentials-to", "prod-eu")
    mixtui(*command)
    other_command = COMMAND.replace("geheim", "anders")
    second_command = ("import", "curl", other_command, "--credentials-to", "prod-eu")
    credentials = mixtui.config / "credentials.toml"
    assert mixtui(*second_command).status == 2
    assert "geheim" in credentials.read_text()
    result = mixtui(*second_command, stdin=b"y\n", terminal=True)
    assert result.status == 0
    assert "Replace the service account" in result.stderr
    assert "anders" in credentials.read_text()


def test_anything_but_a_curl_command_is_refused(mixtui: CommandLine) -> None:
    result = mixtui("import", "curl", "-", stdin=b"wget x")
    assert result.status == 2
    assert "curl" in result.stderr
    missing = mixtui("import", "curl", "missing.sh")
    assert missing.status == 2
    assert "“missing.sh” is neither a file nor a curl command" in missing.stderr
    long = mixtui("import", "curl", "x" * 300)
    assert f"“{'x' * 300}” is neither a file nor a curl command" in long.stderr
    other = mixtui("import", "curl", "MP_SECRET=hush curl https://mixpanel.com/api")
    assert "This is neither a file nor a curl command" in other.stderr
    assert "hush" not in other.stderr


def test_a_saved_request_is_exported(online: CommandLine) -> None:
    online.write_request("names", SAVED)
    result = online("export", "curl", "names", "--var", "n=3")
    assert result.status == 0
    assert result.text.startswith("curl 'http://127.0.0.1:")
    assert "limit=3&project_id=" in result.text
    assert "Set MIXTUI_SANDBOX_SECRET: the secret of the service account" in (
        result.stderr
    )


def test_secrets_are_exported_only_on_request(online: CommandLine) -> None:
    online.write_request("names", SAVED)
    command = ("export", "python", "names", "--var", "n=3", "-o", "names.py")
    online(*command)
    path = online.folder / "names.py"
    assert "sandbox-service-account-secret" not in path.read_text()
    path.unlink()
    result = online(*command, "--with-secrets")
    assert "sandbox-service-account-secret" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "sandbox-service-account-secret" not in result.output


def test_a_request_that_cannot_be_sent_is_not_exported(online: CommandLine) -> None:
    online.write_request("names", SAVED)
    result = online("export", "httpie", "names")
    assert result.status == 2
    assert "{{n}}" in result.stderr


def test_a_read_only_environment_does_not_stop_an_export(online: CommandLine) -> None:
    online.write_request("write", 'method = "POST"\nurl = "/import"\napi="ingestion"')
    result = online("export", "curl", "write", "--env", "sandbox-read-only")
    assert result.status == 0


def test_the_programs_in_the_help_are_those_of_the_export() -> None:
    assert tuple(Program) == PROGRAMS
