"""`mixtui send`: streams, bodies, files, confirmations and exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mixtui.sandbox.data import identity
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import free_port, http_response, serve_response

NAMES = ("send", "GET", "/query/events/names?type=general&limit=3", "--api", "query")
SECRETS = (identity.SECRET, identity.PROJECT_SECRET, identity.OAUTH_TOKEN)
SAVED = """
name = "Event names"
method = "GET"
api = "query"
url = "/query/events/names"
[[query]]
name = "limit"
value = "1"
[[query]]
name = "type"
value = "general"
[[headers]]
name = "X-Trace"
value = "old"
"""


def event(name: str, distinct_id: str = "cli") -> str:
    return json.dumps(
        {
            "event": name,
            "properties": {
                "time": 1700000000,
                "distinct_id": distinct_id,
                "$insert_id": f"{name}-{distinct_id}",
            },
        }
    )


def test_stdout_is_the_body_and_stderr_the_rest(online: CommandLine) -> None:
    result = online(*NAMES)
    assert result.status == 0
    assert len(json.loads(result.stdout)) == 3
    assert not result.stdout.endswith(b"\n")
    assert "200 OK · accepted · " in result.stderr
    assert "Added to the query: project_id=" in result.stderr


def test_json_is_formatted_on_a_terminal(
    online: CommandLine,
) -> None:
    result = online(*NAMES, terminal=True)
    lines = result.text.split("\n")
    assert (lines[0], lines[-2:]) == ("[", ["]", ""])
    assert lines[1].startswith('  "')


def test_a_bare_1_is_explained_once(online: CommandLine) -> None:
    command = ("send", "POST", "/track", "--api", "ingestion", "-d", event("bare"))
    result = online(*command, terminal=True)
    assert result.text == "1\n"
    assert "accepted, not verified" in result.stderr
    assert "bare 1" not in result.stderr


def test_a_saved_request_is_sent_by_path_or_name_with_changes(
    online: CommandLine,
) -> None:
    online.write_request("reports/event-names", SAVED)
    for name in ("reports/event-names", "event-names", "Event names"):
        result = online("send", name)
        assert len(json.loads(result.stdout)) == 1
    changed = online("send", "event-names", "-q", "limit=2", "-H", "x-trace: new")
    assert len(json.loads(changed.stdout)) == 2


def test_rows_of_the_same_name_are_replaced_and_others_stay(
    online: CommandLine,
) -> None:
    online.write_request("r", SAVED)
    result = online(
        "send", "r", "--dry-run", "--json",
        "-q", "limit=2", "-q", "limit=3", "-q", "new={{today}}=", "-H", "x-trace: new",
    )  # fmt: skip
    request = json.loads(result.text)
    query = request["url"].partition("?")[2]
    assert query.startswith("type=general&limit=2&limit=3&new=20")
    traces = [
        header for header in request["headers"] if header["name"].lower() == "x-trace"
    ]
    assert traces == [{"name": "x-trace", "value": "new"}]


def test_a_relative_body_file_is_beside_the_request_file(
    online: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "import.toml").write_text(
        'method = "POST"\napi = "ingestion"\nurl = "/import?strict=1"\n'
        '[body]\ntype = "file"\npath = "events.json"\n'
    )
    (tmp_path / "events.json").write_text(f"[{event('beside')}]")
    result = online("send", "--file", str(tmp_path / "import.toml"))
    assert json.loads(result.text)["num_records_imported"] == 1


def test_a_request_is_sent_as_another_command_prints_it(online: CommandLine) -> None:
    online.write_request(
        "Team/top",
        'method = "GET"\napi = "query"\nurl = "/query/events/top?type=general"\n',
    )
    shown = online("show", "Team/top").stdout
    result = online("send", "--file", "-", "--dry-run", "--json", stdin=shown)
    assert result.status == 0
    assert "/query/events/top?type=general" in json.loads(result.text)["url"]
    changed = online("send", "--file", "-", stdin=shown.replace(b"top", b"names"))
    assert json.loads(changed.text)


def test_a_request_from_stdin_may_use_what_the_current_folder_may(
    online: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OURS", "a")
    source = b'api = "query"\nurl = "/query/events/names?x={{env:OURS}}"\n'
    result = online("send", "--file", "-", "--dry-run", stdin=source)
    assert result.status == 2
    assert "is not trusted" in result.stderr
    assert "OURS" in result.stderr


BODIES = [
    (b"", ("-d", f"[{event('text')}]")),
    (f"[{event('stdin')}]".encode(), ("-d", "@-")),
    (b"", ("-d", "@body.json")),
    (b"", ("-d", "@body.ndjson")),
    (b"", ("-d", "@body.json", "--body-type", "file")),
    (b"", ("-d", "body.ndjson", "--body-type", "file")),
    (b"", ("-d", event("object"))),
]


@pytest.mark.parametrize(("stdin", "arguments"), BODIES)
def test_a_body_comes_from_an_argument_a_file_or_stdin(
    online: CommandLine, stdin: bytes, arguments: tuple[str, ...]
) -> None:
    (online.folder / "body.json").write_text(f"[{event('file')}]")
    (online.folder / "body.ndjson").write_text(f"{event('lines')}\n")
    result = online(
        "send",
        "POST",
        "/import?strict=1",
        "--api",
        "ingestion",
        *arguments,
        stdin=stdin,
    )
    assert json.loads(result.text)["num_records_imported"] == 1
    assert result.status == 0


def test_a_body_of_fields_is_a_form_and_json_stays_json(
    online: CommandLine,
) -> None:
    command = ("send", "POST", "/query/engage", "--api", "query", "--dry-run", "--json")
    form = json.loads(online(*command, "-d", 'where=user["a"]').text)
    assert form["body"] == "where=user%5B%22a%22%5D"
    with_variable = (
        "send",
        "POST",
        "/query/{{x}}",
        "--api",
        "query",
        "--dry-run",
        "--json",
    )
    filled = online(*with_variable, "--var", "x=jql", "-d", "script=main()")
    assert json.loads(filled.text)["body"] == "script=main%28%29"
    typed = json.loads(online(*command, "-d", '{"where": 1}').text)
    assert typed["body"] == '{"where": 1}'
    assert {"name": "Content-Type", "value": "application/json"} in typed["headers"]


def test_a_body_typed_for_a_delete_is_sent(online: CommandLine) -> None:
    result = online(
        "send",
        "DELETE",
        "/x/1",
        "--api",
        "app",
        "-d",
        '{"a": 1}',
        "--dry-run",
        "--json",
    )
    assert json.loads(result.text)["body"] == '{"a": 1}'


def test_include_prints_status_line_and_headers_first(online: CommandLine) -> None:
    for terminal in (False, True):
        result = online(*NAMES, "--include", terminal=terminal)
        head, _, body = result.text.partition("\n\n")
        assert head.startswith("HTTP/1.1 200 OK\n")
        assert "content-type: application/json" in head
        assert len(json.loads(body)) == 3


def test_json_has_everything_in_one_object_and_no_secret(
    online: CommandLine,
) -> None:
    result = online(*NAMES, "--json")
    report = json.loads(result.text)
    assert report["request"]["method"] == "GET"
    assert report["request"]["url"].endswith(
        f"/names?type=general&limit=3&project_id={identity.PROJECT_ID}"
        f"&workspace_id={identity.WORKSPACE_ID}"
    )
    assert {"name": "Authorization", "value": "Basic ••••••"} in report["request"][
        "headers"
    ]
    assert report["response"]["status"] == 200
    assert len(json.loads(report["response"]["body"])) == 3
    assert report["response"]["body_encoding"] == "text"
    assert report["outcome"]["kind"] == "accepted"
    assert report["timing"]["total_seconds"] > 0
    assert report["notices"]


def test_json_has_binary_bodies_in_base64(mixtui: CommandLine) -> None:
    with serve_response(http_response(b"\xff\x00")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        mixtui.variables["MP_SECRET"] = "hunter2"
        report = json.loads(
            mixtui("send", "GET", "/x", "--api", "query", "--json").text
        )
    assert (report["response"]["body"], report["response"]["body_encoding"]) == (
        "/wA=",
        "base64",
    )


def test_a_dry_run_prints_the_request_and_reads_no_secret(
    mixtui: CommandLine,
) -> None:
    mixtui.write_environments(environments_toml("http://127.0.0.1:9"))
    # MP_SECRET is not set: reading it would fail.
    result = mixtui(
        "send", "POST", "/import", "--api", "ingestion", "-d", event("a"), "--dry-run",
        "-H", "Content-Encoding: gzip", "-H", "X-A: {{env:TOKEN}}",
    )  # fmt: skip
    assert result.status == 2
    assert "the environment variable TOKEN is not set" in result.stderr
    mixtui.variables["TOKEN"] = "hunter2"
    result = mixtui(
        "send", "POST", "/import", "--api", "ingestion", "-d", event("{{env:TOKEN}}"),
        "--dry-run", "-H", "Content-Encoding: gzip", "-H", "X-A: {{env:TOKEN}}",
        "-q", "t={{env:TOKEN}}",
    )  # fmt: skip
    head, _, body = result.text.partition("\n\n")
    lines = head.split("\n")
    assert lines[0] == ("POST http://127.0.0.1:9/import?t=••••••&project_id=1234567")
    assert "X-A: ••••••" in lines
    assert "Authorization: Basic ••••••" in lines
    assert "Host: 127.0.0.1:9" in lines
    assert json.loads(body)[0]["event"] == "••••••"
    assert "Dry run: the request was not sent." in result.stderr
    assert "service account ci" in result.stderr
    assert "hunter2" not in result.output


def test_a_dry_run_names_a_body_file_without_its_content(online: CommandLine) -> None:
    (online.folder / "t.csv").write_text("id\n1\n")
    command = ("send", "PUT", "/lookup-tables/1", "--api", "ingestion", "--dry-run")
    result = online(*command, "-d", "@t.csv", "--body-type", "file")
    assert result.text.endswith(f"({online.folder / 't.csv'}, 5 B)\n")


USAGE_ERRORS = [
    (("send",), "Nothing to send"),
    (("send", "GET", "/x"), "Add the API of the URL"),
    (("send", "GTE", "/x"), "“GTE” is not a method. Did you mean GET?"),
    (("send", "GTE", "/x", "--api", "query"), "“GTE” is not a method"),
    (("send", "a", "b", "c"), "“a” is not a method"),
    (("send", "--api", "query"), "--api needs a method"),
    (("send", "GET", "/x", "--api", "qery"), "not “qery”. Did you mean query?"),
    (("send", "--file", "x", "y"), "--file cannot be combined"),
    (("send", "--file", "-", "-d", "@-"), "cannot both read stdin"),
    (
        ("send", "x", "--tiemout", "5"),
        "Unknown option --tiemout. Did you mean --timeout?",
    ),
    (("send", "x", "--timeout", "soon"), "--timeout must be a number, not “soon”"),
    (("send", "x", "-q"), "--query needs a value"),
    (
        ("send", "GET", "/x", "--api", "query", "-q", "a"),
        "-q must be followed by NAME=VALUE",
    ),
    (
        ("send", "GET", "/x", "--api", "query", "-H", "a"),
        "-H must be followed by NAME:VALUE",
    ),
    (
        ("send", "GET", "/x", "--api", "query", "--var", "=a"),
        "--var must be followed by NAME=VALUE",
    ),
    (("send", "GET", "x", "--api", "query"), "must start with /"),
    (("send", "GET", "/x", "--api", "query", "--timeout", "0"), "above 0"),
    (("send", "POST", "/x", "--api", "app", "-d", "{"), "not JSON: line 1, column 2"),
    (("send", "POST", "/x", "--api", "app", "-d", "@gone"), "does not exist"),
    (("send", "nope"), "“nope”"),
    (("send", "--file", "gone.toml"), "gone.toml does not exist"),
    (("send", "broken"), "broken.toml, line 1"),
    (
        ("send", "GET", "/x", "--api", "query", "--env", "sandbx"),
        "Did you mean sandbox?",
    ),
    (("send", "get"), "Add the URL and its API, for example"),
    (("send", "x", "--env"), "--env needs a value"),
    (("send", "x", "--collection", "/no/such"), "The folder /no/such does not exist"),
    (("send", "GET", "/\udce9", "--api", "query"), "half a surrogate pair"),
]


@pytest.mark.parametrize(
    ("arguments", "sentence"), USAGE_ERRORS, ids=[row[1] for row in USAGE_ERRORS]
)
def test_bad_usage_is_one_sentence_and_status_2(
    online: CommandLine, arguments: tuple[str, ...], sentence: str
) -> None:
    online.write_request("broken", "method = ")
    result = online(*arguments)
    assert (result.status, result.stdout) == (2, b"")
    assert sentence in result.stderr
    assert result.stderr.startswith("mixtui: ")
    assert result.stderr.count("\n") == 1


def test_a_binary_body_is_refused_with_a_hint(online: CommandLine) -> None:
    result = online("send", "POST", "/x", "--api", "app", "-d", "@-", stdin=b"\xff")
    assert result.status == 2
    assert "--body-type file" in result.stderr


def test_status_1_is_a_refused_request(online: CommandLine) -> None:
    result = online("send", "GET", "/query/funnels", "--api", "query")
    assert result.status == 1
    assert result.stdout.startswith(b"{")
    rejected = online(
        "send", "POST", "/track", "--api", "ingestion", "-d", '[{"a": 1}]'
    )
    assert (rejected.status, rejected.stdout) == (1, b"0")
    assert "200 OK · rejected" in rejected.stderr


def test_status_3_is_a_refused_credential(online: CommandLine) -> None:
    refused = online(*NAMES, "-H", "Authorization: Basic eDp5")
    assert refused.status == 3
    assert "unauthorized" in refused.stderr


def test_status_3_is_a_missing_credential(mixtui: CommandLine) -> None:
    without_environment = mixtui(*NAMES)
    assert without_environment.status == 3
    assert "you have no environment yet" in without_environment.stderr
    mixtui.write_environments(environments_toml("http://127.0.0.1:9"))
    without_secret = mixtui(*NAMES)
    assert without_secret.status == 3
    assert "The environment variable MP_SECRET is not set" in without_secret.stderr


def test_status_4_is_a_used_up_quota(mixtui: CommandLine, new_sandbox: object) -> None:
    running = new_sandbox(queries_per_hour=1)
    mixtui.variables["MIXTUI_SANDBOX"] = running.origin
    assert mixtui(*NAMES).status == 0
    result = mixtui(*NAMES)
    assert result.status == 4
    assert "quota exceeded" in result.stderr


def test_status_5_is_a_missing_response(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "hunter2"
    mixtui.write_environments(environments_toml(f"http://127.0.0.1:{free_port()}"))
    unreachable = mixtui(*NAMES)
    assert (unreachable.status, unreachable.stdout) == (5, b"")
    assert unreachable.stderr.split("\n")[-2].startswith("mixtui: ")
    as_json = mixtui(*NAMES, "--json")
    assert json.loads(as_json.text)["response"] is None
    assert json.loads(as_json.text)["outcome"]["exit_status"] == as_json.status == 5
    with serve_response(b"") as server:
        mixtui.write_environments(environments_toml(server.origin))
        write = mixtui("send", "POST", "/import", "--api", "ingestion", "-d", "[]")
    assert write.status == 5
    assert "the server may have processed it" in write.stderr
    assert "hunter2" not in unreachable.output + as_json.output + write.output


def test_status_6_is_a_partly_stored_request(online: CommandLine) -> None:
    body = f'[{event("good")}, {{"event": "bad", "properties": {{}}}}]'
    result = online(
        "send", "POST", "/import?strict=1", "--api", "ingestion", "-d", body
    )
    assert result.status == 6
    assert "partially imported: 1 stored, 1 rejected" in result.stderr


def test_an_output_file_is_written_completely(online: CommandLine) -> None:
    result = online(*NAMES, "-o", "names.json")
    assert (result.status, result.stdout) == (0, b"")
    assert len(json.loads((online.folder / "names.json").read_bytes())) == 3
    assert "names.json (" in result.stderr
    assert not (online.folder / "names.json.part").exists()


def test_an_output_file_keeps_its_permissions_and_a_link_stays_one(
    online: CommandLine,
) -> None:
    real = online.folder / "real.json"
    real.touch(mode=0o600)
    (online.folder / "link.json").symlink_to(real)
    online(*NAMES, "-o", "link.json")
    assert (online.folder / "link.json").is_symlink()
    assert len(json.loads(real.read_bytes())) == 3
    assert real.stat().st_mode & 0o777 == 0o600


def test_an_incomplete_body_stays_as_a_part_and_the_file_as_it_was(
    mixtui: CommandLine,
) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    (mixtui.folder / "a.json").write_text("old")
    with serve_response(http_response(b'{"a": 1}\n', length=5000)) as server:
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui("send", "GET", "/x", "--api", "query", "-o", "a.json")
    assert result.status == 5
    assert "Incomplete response: saved" in result.stderr
    assert "a.json.part" in result.stderr
    assert (mixtui.folder / "a.json.part").read_bytes() == b'{"a": 1}\n'
    assert (mixtui.folder / "a.json").read_text() == "old"


def test_a_refusal_is_printed_and_the_file_stays_as_it_was(
    online: CommandLine,
) -> None:
    (online.folder / "a.json").write_text("old")
    result = online("send", "GET", "/query/funnels", "--api", "query", "-o", "a.json")
    assert result.status == 1
    assert result.stdout.startswith(b"{")
    assert (online.folder / "a.json").read_text() == "old"
    assert not (online.folder / "a.json.part").exists()


def test_without_a_response_there_is_not_a_part(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    mixtui.write_environments(environments_toml(f"http://127.0.0.1:{free_port()}"))
    assert mixtui(*NAMES, "-o", "a.json").status == 5
    assert not list(mixtui.folder.glob("a.json*"))


def test_an_output_may_be_a_device_or_stdout(online: CommandLine) -> None:
    assert online(*NAMES, "-o", "/dev/null").stdout == b""
    assert len(json.loads(online(*NAMES, "-o", "-").stdout)) == 3
    report = json.loads(online(*NAMES, "-o", "names.json", "--json").text)
    assert report["response"]["body_file"] == str(online.folder / "names.json")


@pytest.mark.parametrize("path", ["no/such/folder/a.json", "."])
def test_an_output_that_cannot_be_written_stops_before_the_send(
    mixtui: CommandLine, path: str
) -> None:
    with serve_response(http_response(b"1")) as server:
        mixtui.write_environments(environments_toml(server.origin))
        mixtui.variables["MP_SECRET"] = "x"
        result = mixtui(*NAMES, "-o", path)
    assert result.status == 2
    assert "Cannot write" in result.stderr
    assert server.received == []


def test_control_characters_of_a_server_do_not_reach_a_terminal(
    mixtui: CommandLine,
) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    response = http_response(
        b'{"a": "\x1b]0;title\x07\x9b"}', "200 \x1b[31mOK", "X-A: \x1b[2J"
    )
    with serve_response(response) as server:
        mixtui.write_environments(environments_toml(server.origin))
        command = ("send", "GET", "/x", "--api", "query", "--include")
        printed = mixtui(*command, terminal=True)
        piped = mixtui("send", "GET", "/x", "--api", "query")
    for text in (printed.output, piped.stderr):
        assert not {"\x1b", "\x07", "\x9b"} & set(text.replace("\r\x1b[K", ""))
    assert piped.stdout == b'{"a": "\x1b]0;title\x07\x9b"}'


def test_a_binary_body_is_not_printed_on_a_terminal(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(bytes(range(256)))) as server:
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui("send", "GET", "/x", "--api", "query", terminal=True)
    assert result.stdout == b""
    assert (
        "The response body is binary (256 B). Use -o FILE to save it." in result.stderr
    )


WRITE = ("send", "POST", "/import?strict=1", "--api", "ingestion", "-d", event("asked"))


def test_a_write_is_confirmed_on_a_terminal_if_the_environment_says_so(
    mixtui: CommandLine,
) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b'{"code": 200, "status": "OK"}')) as server:
        mixtui.write_environments(
            environments_toml(server.origin, confirm_writes="true")
        )
        declined = mixtui(*WRITE, terminal=True, stdin=b"\n")
        assert (declined.status, declined.stdout, server.received) == (130, b"", [])
        assert (
            "writes to project 1234567 in us (prod). Send it? [y/N]" in declined.stderr
        )
        assert mixtui(*WRITE, terminal=True, stdin=b"y\n").status == 0
        script = mixtui(*WRITE)
        assert script.status == 2
        assert "add --yes" in script.stderr
        assert mixtui(*WRITE, "--yes").status == 0
        assert mixtui("send", "GET", "/x", "--api", "query").status == 0
    assert len(server.received) == 3


DELETE = ("send", "DELETE", "/{projectId}/schemas", "--api", "lexicon")


def test_a_deletion_requires_typing_the_project(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b'{"status": "ok"}')) as server:
        mixtui.write_environments(
            environments_toml(server.origin, confirm_writes="true")
        )
        wrong = mixtui(*DELETE, terminal=True, stdin=b"y\n")
        assert (wrong.status, server.received) == (130, [])
        assert "Type 1234567 to send it" in wrong.stderr
        assert mixtui(*DELETE, terminal=True, stdin=b"1234567\n").status == 0
        script = mixtui(*DELETE, "--yes")
        assert script.status == 2
        assert "--confirm 1234567" in script.stderr
        other = mixtui(*DELETE, "--confirm", "7654321")
        assert other.status == 2
        assert "7654321" in other.stderr
        assert mixtui(*DELETE, "--confirm", "1234567").status == 0
    assert len(server.received) == 2


def test_a_deletion_is_confirmed_in_every_environment(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    with serve_response(http_response(b'{"status": "ok"}')) as server:
        mixtui.write_environments(environments_toml(server.origin))
        assert mixtui(*DELETE).status == 2
        assert mixtui(*DELETE, terminal=True, stdin=b"n\n").status == 130
        other = mixtui(*DELETE, "--confirm", "7654321")
        assert other.status == 2
        assert "--confirm names a different project: 7654321" in other.stderr
        assert mixtui(*DELETE, "--yes").status == 0
        assert mixtui(*DELETE, "--confirm", "1234567").status == 0
    assert len(server.received) == 2


def test_read_only_refuses_a_write_even_with_yes(online: CommandLine) -> None:
    result = online(*WRITE, "--yes", "--env", "sandbox-read-only")
    assert result.status == 2
    assert "read-only" in result.stderr


def test_options_of_the_command_line_override_the_file(online: CommandLine) -> None:
    online.write_request("r", SAVED + '[options]\nauth = "none"\ntimeout = 5.0\n')
    command = ("send", "r", "--dry-run", "--json")
    saved = json.loads(online(*command).text)
    assert (saved["authorization"], saved["timeout"]) == (None, 5.0)
    overridden = json.loads(
        online(*command, "--auth", "project_secret", "--timeout", "9").text
    )
    assert (overridden["authorization"], overridden["timeout"]) == (
        "project secret",
        9.0,
    )


def test_additions_omitted_by_the_file_are_not_sent(online: CommandLine) -> None:
    online.write_request("r", SAVED + '[options]\nleave_out = ["project_id"]\n')
    result = online("send", "r", "--dry-run", "--json")
    request = json.loads(result.text)
    assert "project_id" not in request["url"]
    assert any(
        "project_id is not sent: it is disabled" in notice
        for notice in request["notices"]
    )


def test_a_variable_of_the_command_line_overrides_the_environment(
    online: CommandLine,
) -> None:
    command = ("send", "GET", "/x/{{user}}", "--api", "app", "--dry-run")
    assert f"/x/{identity.USER}\n" in online(*command).text
    assert "/x/me\n" in online(*command, "--var", "user=you", "--var", "user=me").text


def test_redirects_can_be_disabled(mixtui: CommandLine) -> None:
    mixtui.variables["MP_SECRET"] = "x"
    redirect = http_response(b"", "302 Found", "Location: /elsewhere")
    with serve_response(redirect) as server:
        mixtui.write_environments(environments_toml(server.origin))
        result = mixtui("send", "GET", "/x", "--api", "query", "--no-redirects")
    assert len(server.received) == 1
    lines = result.stderr.splitlines()
    assert sum("was not followed" in line for line in lines) == 1
    assert len(lines) == len(set(lines))
    assert result.status == 1


@pytest.mark.parametrize("more", [(), ("--json",), ("--dry-run",), ("--include",)])
def test_no_secret_is_ever_printed(online: CommandLine, more: tuple[str, ...]) -> None:
    for auth in ("service_account", "project_secret", "oauth"):
        for terminal in (False, True):
            result = online(*NAMES, "--auth", auth, *more, terminal=terminal)
            assert not [secret for secret in SECRETS if secret in result.output]
    assert not any(
        secret in path.read_text(errors="replace")
        for path in online.folder.parent.rglob("*")
        if path.is_file()
        for secret in SECRETS
    )
