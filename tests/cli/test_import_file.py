"""`mixtui import openapi` and `mixtui import postman`."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

SPEC = """\
openapi: 3.1.0
info: {title: "Reports: all"}
servers: [{url: https://mixpanel.com/api/query}]
paths:
  /events:
    get: {summary: Count events, tags: [Events]}
    head: {}
  /jql:
    post: {summary: Run a script}
"""
COLLECTION = {
    "info": {"name": "Team"},
    "auth": {
        "type": "basic",
        "basic": [
            {"key": "username", "value": "ci.mp"},
            {"key": "password", "value": "hush-hush"},
        ],
    },
    "variable": [{"key": "event", "value": "Sign up"}],
    "item": [
        {
            "name": "Events",
            "request": "https://eu.mixpanel.com/api/query/events?e={{event}}",
        }
    ],
}


def test_an_openapi_file_becomes_saved_requests(mixtui: CommandLine) -> None:
    (mixtui.folder / "spec.yaml").write_text(SPEC)
    result = mixtui("import", "openapi", "spec.yaml")
    assert result.status == 6  # HEAD is skipped.
    assert result.text.split("\n") == [
        "Reports all/Events/Count events  GET",
        "Reports all/Run a script  POST",
        "",
    ]
    assert "· HEAD /events was skipped" in result.stderr
    assert result.stderr.endswith(
        f"Imported 2 requests into {mixtui.folder}/Reports all.\n"
    )
    listed = mixtui("list").text
    assert listed.startswith("Reports all/Events/Count events  GET")


def test_the_files_of_a_collection_are_beside_its_file(mixtui: CommandLine) -> None:
    folder = mixtui.folder.parent / "exports"
    folder.mkdir()
    body = {"mode": "file", "file": {"src": "e.json"}}
    request = {"method": "POST", "url": "https://api.mixpanel.com/import", "body": body}
    node = {"info": {"name": "T"}, "item": [{"name": "One", "request": request}]}
    (folder / "team.json").write_text(json.dumps(node))
    result = mixtui("import", "postman", str(folder / "team.json"), "--into", "x")
    path = folder / "e.json"
    assert f"One: The file {path} does not exist." in result.stderr
    saved = tomllib.loads((mixtui.folder / "x/one.toml").read_text())
    assert saved["body"]["path"] == str(path)


@pytest.mark.parametrize(
    "path",
    ["~/.ssh/id_rsa", "../secret", "{tmp}/secret", "link", "{{dir}}/a", "a/../.."],
)
def test_a_file_outside_the_folder_of_a_collection_is_removed(
    path: str, mixtui: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (tmp_path / "secret").write_text("private")
    (folder / "link").symlink_to(tmp_path / "secret")
    path = path.replace("{tmp}", str(tmp_path))
    body = {"mode": "file", "file": {"src": path}}
    request = {"method": "POST", "url": "https://api.mixpanel.com/import", "body": body}
    node = {"info": {"name": "T"}, "item": [{"name": "One", "request": request}]}
    (folder / "team.json").write_text(json.dumps(node))
    result = mixtui("import", "postman", str(folder / "team.json"), "--into", "x")
    assert (
        f"One: The file {path} is outside the folder of the imported" in result.stderr
    )
    saved = tomllib.loads((mixtui.folder / "x/one.toml").read_text())
    assert "path" not in saved["body"]


def test_a_second_import_overwrites_nothing(mixtui: CommandLine) -> None:
    for _ in range(2):
        result = mixtui("import", "openapi", "-", "--into", "x/y", stdin=SPEC.encode())
    assert "x/y/run-a-script-2  POST" in result.text
    assert len(list(mixtui.folder.rglob("*.toml"))) == 5


def test_a_dry_run_writes_nothing(mixtui: CommandLine) -> None:
    result = mixtui("import", "openapi", "-", "--dry-run", stdin=SPEC.encode())
    assert "Reports all/Events/Count events  GET" in result.text
    assert "Would import 2 requests into" in result.stderr
    assert len(list(mixtui.folder.rglob("*.toml"))) == 1


def test_a_report_as_json_has_requests_and_variables(mixtui: CommandLine) -> None:
    content = json.dumps(COLLECTION).encode()
    result = mixtui("import", "postman", "-", "--json", stdin=content)
    report = json.loads(result.text)
    assert report["requests"] == [
        {"path": "Team/events", "method": "GET", "name": "Events"}
    ]
    assert report["variables"] == {"event": "Sign up"}
    assert result.stderr == ""


def test_a_credential_is_named_and_never_written(mixtui: CommandLine) -> None:
    content = json.dumps(COLLECTION).encode()
    result = mixtui("import", "postman", "-", stdin=content)
    assert "service account ci.mp" in result.stderr
    assert "mixtui env add" in result.stderr
    assert "the region eu" in result.stderr
    assert 'event = "Sign up"' in result.stderr
    assert "hush-hush" not in result.output
    (saved,) = (mixtui.folder / "Team").glob("*.toml")
    assert "hush-hush" not in saved.read_text()
    assert "{{event}}" in saved.read_text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["openapi", "https://example.com/x.yaml"], "mixtui does not download"),
        (["openapi", "gone.yaml"], "Cannot read gone.yaml"),
        (["openapi", "."], "Cannot read"),
        (["postman", "-"], "Standard input is empty"),
        (
            ["openapi", "-", "--into", "../x"],
            "is not a valid name for a file or folder",
        ),
        (["postman", "spec.yaml"], "not a Postman collection"),
        (["openapi"], "SOURCE"),
    ],
)
def test_an_invalid_source_is_refused(
    mixtui: CommandLine, arguments: list[str], sentence: str
) -> None:
    (mixtui.folder / "spec.yaml").write_text(SPEC)
    stdin = b"" if arguments[0] == "postman" else SPEC.encode()
    result = mixtui("import", *arguments, stdin=stdin)
    assert (result.status, result.text) == (2, "")
    assert sentence.lower() in result.stderr.lower()
    assert len(list(mixtui.folder.rglob("*.toml"))) == 1
