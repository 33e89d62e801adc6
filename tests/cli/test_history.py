"""“mixtui history`, and the entries that `mixtui send` records."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from mixtui.sandbox.data import identity
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import free_port, http_response, serve_response

NAMES = ("send", "GET", "/query/events/names?type=general&limit=3", "--api", "query")
SECRETS = (identity.SECRET, identity.PROJECT_SECRET, identity.OAUTH_TOKEN)


def list_entries(mixtui: CommandLine, *arguments: str) -> list[dict[str, Any]]:
    result = mixtui("history", "list", "--json", *arguments)
    assert result.status == 0
    rows: list[dict[str, Any]] = json.loads(result.text)
    return rows


def show_entry(mixtui: CommandLine, number: int) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(
        mixtui("history", "show", str(number), "--json").text
    )
    return value


def test_an_empty_history_is_reported_and_not_created(mixtui: CommandLine) -> None:
    result = mixtui("history", "list")
    assert (result.status, result.text) == (0, "")
    assert "No matching history entries." in result.stderr
    assert list_entries(mixtui) == []
    assert not state_dir().exists()


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--json",),
        ("--include",),
        ("--filter", "length"),
    ],
)
def test_a_request_is_recorded_however_the_response_is_printed(
    online: CommandLine, more: tuple[str, ...]
) -> None:
    result = online(*NAMES, *more)
    assert result.status == 0
    (row,) = list_entries(online)
    assert (row["method"], row["status"], row["outcome"]) == ("GET", 200, "accepted")
    assert row["body_kept"]
    body = online("history", "show", str(row["id"]), "--body")
    assert len(json.loads(body.stdout)) == 3
    assert body.stderr == ""
    assert len(body.stdout) == row["bytes"]
    for path in state_dir().rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            content = path.read_bytes()
            assert not any(secret.encode() in content for secret in SECRETS), path


def test_show_prints_request_and_response(online: CommandLine) -> None:
    online(*NAMES)
    (row,) = list_entries(online)
    text = online("history", "show", str(row["id"])).text
    assert "Authorization: Basic ••••••" in text
    assert "HTTP/1.1 200 OK" in text
    assert f"“mixtui history show {row['id']} --body” prints it." in text
    line = online("history", "list").text
    assert line.startswith(f"{row['id']}  20")
    assert "  200  accepted  GET  http://" in line


def test_a_body_on_a_terminal_has_no_control_characters(mixtui: CommandLine) -> None:
    with serve_response(http_response(b"\x1b[31mred\n", "200 OK")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        mixtui.variables["MP_SECRET"] = "s"
        mixtui(*NAMES, "--env", "prod")
    result = mixtui("history", "show", "1", "--body", terminal=True)
    assert result.text == "␛[31mred\n"
    assert mixtui("history", "show", "1", "--body").stdout == b"\x1b[31mred\n"


def test_an_entry_of_a_saved_request_has_its_file(online: CommandLine) -> None:
    path = online.write_request(
        "weekly", 'name = "Weekly"\nurl = "/query/events/names"\n'
    )
    online("send", "weekly")
    online(*NAMES)
    (row,) = list_entries(online, "--request", "weekly")
    assert (row["name"], row["file"]) == ("Weekly", str(path))
    assert show_entry(online, row["id"])["draft"]["url"] == "/query/events/names"


def test_a_body_written_to_a_file_is_not_copied(
    online: CommandLine, tmp_path: Path
) -> None:
    target = tmp_path / "out.json"
    online(*NAMES, "-o", str(target))
    response = show_entry(online, 1)["response"]
    assert response["body_file"] is None
    assert response["body_note"] == f"The body was written to {target}."
    result = online("history", "show", "1", "--body")
    assert result.stderr.strip() == f"The body was written to {target}."
    assert result.status == 2


def test_a_refusal_is_recorded_although_no_file_was_written(
    online: CommandLine, tmp_path: Path
) -> None:
    invalid = ("send", "GET", "/query/segmentation", "--api", "query")
    assert online(*invalid, "-o", str(tmp_path / "out")).status == 1
    assert online("history", "show", "1", "--body").stdout


def test_a_request_without_a_response_is_recorded(mixtui: CommandLine) -> None:
    mixtui.write_environments(environments_toml(f"http://127.0.0.1:{free_port()}"))
    mixtui.variables["MP_SECRET"] = "s"
    assert mixtui(*NAMES, "--env", "prod").status == 5
    (row,) = list_entries(mixtui, "--status", "none")
    assert (row["status"], row["outcome"]) == (None, "no response")
    assert "No response." in mixtui("history", "show", str(row["id"])).text


OPT_OUTS = [
    pytest.param(("--no-history",), "", "", id="option"),
    pytest.param((), "[history]\nkeep = false", "", id="settings"),
    pytest.param((), "", "[options]\nhistory = false", id="request"),
]


@pytest.mark.parametrize(("more", "settings", "options"), OPT_OUTS)
def test_nothing_is_recorded_after_an_opt_out(
    online: CommandLine, more: tuple[str, ...], settings: str, options: str
) -> None:
    (online.config / "config.toml").write_text(settings)
    online.write_request("names", f'url = "/query/funnels/list"\n{options}\n')
    assert online("send", "names", *more).status == 0
    assert list_entries(online) == []


def test_an_environment_may_disable_the_history(mixtui: CommandLine) -> None:
    with serve_response(http_response(b"[]", "200 OK")) as server:
        text = environments_toml(server.origin, history="false")
        mixtui.write_environments(text)
        mixtui.variables["MP_SECRET"] = "s"
        assert mixtui(*NAMES, "--env", "prod").status == 0
    assert list_entries(mixtui) == []


def test_a_history_that_cannot_be_written_does_not_fail_a_send(
    online: CommandLine,
) -> None:
    state_dir().parent.mkdir(parents=True, exist_ok=True)
    state_dir().touch()
    result = online(*NAMES)
    assert result.status == 0
    assert len(json.loads(result.stdout)) == 3
    assert "Not stored in the history: " in result.stderr


def test_a_damaged_history_is_reported_and_replaced(online: CommandLine) -> None:
    state_dir().mkdir(parents=True)
    (state_dir() / "history.db").write_bytes(b"garbage" * 1000)
    result = online(*NAMES)
    assert result.status == 0
    assert "The history was corrupt: it was moved to" in result.stderr
    assert len(list_entries(online)) == 1


FILTERS = [
    (("names",), 1),
    (("nothing",), 0),
    (("--status", "2xx"), 1),
    (("--status", "404"), 0),
    (("--since", "today"), 1),
    (("--until", "today"), 1),
    (("--until", "today-1d"), 0),
    (("--env", "sandbox"), 1),
    (("--env", "nope"), 0),
    (("names", "after:today", "status:2xx"), 1),
    (("--limit", "0"), 0),
]


def test_a_list_is_filtered_by_terms_and_options(online: CommandLine) -> None:
    online(*NAMES)
    (row,) = list_entries(online)
    for arguments, count in FILTERS:
        arguments = tuple(
            row["environment"] if argument == "sandbox" else argument
            for argument in arguments
        )
        assert len(list_entries(online, *arguments)) == count, arguments


INVALID = [
    (("list", "--status", "x"), "The status must be a number"),
    (("list", "--since", "x"), "The day must be a date"),
    (("show", "7"), "History entry 7 not found: “mixtui history"),
    (("show", "x"), "ID must be a whole number, not “x”"),
    (("show", "9" * 19), "must be a whole number"),
    (("show", "-1"), "must be a whole number"),
    (("list", "--limit", "9" * 19), "must be a whole number"),
    (("show", "1", "--body", "--json"), "cannot be combined"),
    (("purge",), "Choose what to delete"),
    (("purge", "--all", "--env", "x"), "--all cannot be combined"),
    (("purge", "--older-than", "-1"), "must be a whole number"),
    (("purge", "--older-than", "9" * 18), "a number of days"),
    (("purge", "--all"), "add --yes"),
]


def test_a_misspelt_filter_is_reported_before_anything_is_recorded(
    online: CommandLine,
) -> None:
    result = online("history", "list", "stauts:404")
    assert (result.status, result.text) == (2, "")
    assert "Did you mean status:?" in result.stderr


def test_invalid_arguments_are_reported(online: CommandLine) -> None:
    online(*NAMES)
    for arguments, sentence in INVALID:
        result = online("history", *arguments)
        assert (result.status, result.text) == (2, ""), arguments
        assert sentence in result.stderr


def test_a_purge_asks_and_removes_the_selected_entries(online: CommandLine) -> None:
    assert "The history is empty." in online("history", "purge", "--all").stderr
    online(*NAMES)
    none = online("history", "purge", "--older-than", "1")
    assert "No matching" in none.stderr
    declined = online("history", "purge", "--all", stdin=b"n\n", terminal=True)
    assert "Permanently delete 1 history entry (" in declined.stderr
    assert (declined.status, len(list_entries(online))) == (130, 1)
    result = online("history", "purge", "--older-than", "0", "--yes")
    assert result.status == 0
    assert "Deleted 1 history entry (" in result.stderr
    assert list_entries(online) == []
    assert os.listdir(state_dir() / "bodies") == []
