"""What `mixtui doctor` reports, and its exit status."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mixtui.cli.doctor import places, versions
from mixtui.sandbox.server import RunningSandbox
from mixtui.storage import watch
from mixtui.storage.crash_report import write_crash_report
from mixtui.storage.paths import config_dir, private_folder, state_dir
from tests.cli.conftest import CommandLine
from tests.cli.doctor.rows import hosts, report
from tests.cli.server import free_port, http_response, serve_response

GOOD = """
[environments.prod]
region = "eu"
project_id = "1234567"
[environments.prod.credentials]
service_account = { username = "ci", secret = { env = "MP_SECRET" } }
"""


@pytest.fixture
def healthy(mixtui: CommandLine) -> CommandLine:
    """A command line with an environment that can be used."""
    mixtui.write_environments(GOOD)
    mixtui.variables["MP_SECRET"] = "planted-secret"
    return mixtui


def test_an_installation_without_problems_has_status_0(healthy: CommandLine) -> None:
    found = report(healthy)
    assert found.problems == []
    assert found.status == 0
    sections = list(dict.fromkeys(row["section"] for row in found.rows))
    assert sections == [
        "versions",
        "terminal",
        "folders",
        "files",
        "environments",
        "trust",
        "network",
        "records",
    ]


def test_a_page_without_problems_says_so_on_stderr(healthy: CommandLine) -> None:
    assert healthy("doctor").stderr == "No problems found.\n"


def test_the_page_marks_problems_and_says_what_to_do(mixtui: CommandLine) -> None:
    (mixtui.config / "config.toml").write_text("theme = 3\n")
    result = mixtui("doctor")
    assert result.status == 2
    assert "! config.toml" in result.text
    assert result.stderr == "1 problem, marked with !.\n"
    assert "line 1: theme is a number, but must be a quoted string" in " ".join(
        result.text.split()
    )
    for line in result.text.splitlines():
        assert len(line) <= 80 or "/" in line, line  # A path is not broken.


@pytest.mark.parametrize(
    ("file", "content", "name", "text", "status"),
    [
        ("config.toml", "theme = [", "config.toml", "line 1: it is not valid TOML", 2),
        ("config.toml", "[history]\ndays = 0\n", "config.toml", "line 2: ", 2),
        ("environments.toml", "[environments", "environments.toml", "line 1: ", 2),
        (
            "environments.toml",
            '[environments.x]\nregion = "us"\n[environments.y]\nregion = "mars"\n',
            "environments.toml",
            "line 4: environments.y.region",
            3,  # The other one has no credentials.
        ),
        ("themes/own.toml", "x = ", "themes", "not valid TOML", 2),
        ("themes/own.toml", "name = 3\n", "themes", "primary is missing", 2),
        ("credentials.toml", "[x", "credentials.toml", "line 1: it is not valid", 2),
    ],
)
def test_a_broken_file_is_a_problem_with_its_line(
    mixtui: CommandLine, file: str, content: str, name: str, text: str, status: int
) -> None:
    path = mixtui.config / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    path.chmod(0o600)
    found = report(mixtui)
    row = found.of("files", name)[0]
    assert row["status"] == "problem"
    assert text in row["text"]
    assert found.status == status


def test_an_unknown_key_and_a_wrong_key_binding_are_notes(healthy: CommandLine) -> None:
    (healthy.config / "config.toml").write_text('them = "x"\n[keys]\nsnd = "f5"\n')
    found = report(healthy)
    _, *notes = found.of("files", "config.toml")
    assert ["them" in notes[0]["text"], "snd" in notes[1]["text"]] == [True, True]
    assert found.status == 0


@pytest.mark.skipif(os.name != "posix", reason="permissions")
def test_credentials_that_others_can_read_are_a_problem_of_credentials(
    healthy: CommandLine,
) -> None:
    path = healthy.config / "credentials.toml"
    path.write_text('[prod]\nproject_secret = "planted"\n')
    path.chmod(0o644)
    found = report(healthy)
    row = found.one("files", "credentials.toml")
    assert "0644" in row["text"]
    assert "chmod 600" in row["remedy"]
    assert found.status == 3


def test_broken_requests_are_named_with_their_lines(healthy: CommandLine) -> None:
    for number in range(8):
        healthy.write_request(f"Team/broken-{number}", 'name = "x"\nmethod = "FETCH"\n')
    healthy.write_request("fine", 'name = "fine"\n')
    found = report(healthy)
    first, *broken, more = found.of("files", "saved requests")
    assert first["text"] == "9, 8 broken"
    assert broken[0]["text"].startswith("Team/broken-0.toml, line 2: method is “…”")
    assert (len(broken), more["text"]) == (5, "3 more are broken")
    assert found.status == 2


@pytest.mark.parametrize(
    ("source", "text", "options", "status"),
    [
        ('{ env = "MP_SECRET" }', "variable MP_SECRET, set", (), 0),
        ('{ env = "MP_OTHER" }', "variable MP_OTHER, is not set or empty", (), 3),
        ('{ command = "exit 1" }', "a command, not tried (--read-secrets", (), 0),
        ('{ command = "exit 1" }', "a command, cannot be read", ("--read-secrets",), 3),
        ('{ command = "echo x" }', "a command, can be read", ("--read-secrets",), 0),
        ('{ file = "absent" }', "a file, cannot be read", (), 3),
        ('{ file = "environments.toml" }', "a file, readable", (), 0),
        (
            '{ file = "environments.toml" }',  # Of several lines.
            "a file, cannot be read",
            ("--read-secrets",),
            3,
        ),
        ('{ keyring = "a/b" }', "the keyring, not tried", (), 0),
    ],
)
def test_each_source_of_a_secret_is_checked_and_only_on_request_read(
    healthy: CommandLine,
    source: str,
    text: str,
    options: tuple[str, ...],
    status: int,
) -> None:
    healthy.write_environments(GOOD.replace('{ env = "MP_SECRET" }', source))
    found = report(healthy, *options)
    assert text in found.of("environments", "prod")[1]["text"]
    assert found.status == status


def test_no_command_runs_without_the_option(
    healthy: CommandLine, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    command = f'{{ command = "touch {ran}; echo x" }}'
    healthy.write_environments(GOOD.replace('{ env = "MP_SECRET" }', command))
    report(healthy)
    assert not ran.exists()
    report(healthy, "--read-secrets")
    assert ran.exists()


def test_an_untrusted_collection_is_reported_and_its_command_never_run(
    healthy: CommandLine, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    command = f'{{ command = "touch {ran}" }}'
    theirs = GOOD.replace("prod", "theirs").replace('{ env = "MP_SECRET" }', command)
    (healthy.folder / "mixtui.toml").write_text(theirs)
    found = report(healthy, "--read-secrets")
    assert "not trusted with: secret" in found.of("environments", "theirs")[1]["text"]
    assert (
        "not trusted; its environments need" in found.one("trust", "collection")["text"]
    )
    assert found.status == 2
    assert not ran.exists()


def test_without_environments_the_report_says_how_to_add_one(
    mixtui: CommandLine,
) -> None:
    found = report(mixtui)
    assert "mixtui env add" in found.one("environments", "environments")["remedy"]
    assert found.status == 0


def test_one_environment_can_be_chosen(healthy: CommandLine) -> None:
    healthy.write_environments(f'{GOOD}\n[environments.empty]\nproject_id = "1"\n')
    assert report(healthy).status == 3
    assert report(healthy, "--env", "prod").status == 0
    missing = report(healthy, "--env", "nobody")
    assert missing.one("environments", "nobody")["text"] == "was not found"
    assert missing.status == 2


@pytest.mark.parametrize(
    ("break_it", "name", "text"),
    [
        (lambda path: path.write_text(""), "state", "is not a folder"),
        (lambda path: (path.mkdir(), path.chmod(0o755)), "state", "0755"),
    ],
)
def test_a_folder_that_cannot_be_used_is_reported(
    healthy: CommandLine, break_it: Callable[[Path], object], name: str, text: str
) -> None:
    state_dir().parent.mkdir(parents=True)
    break_it(state_dir())
    row = report(healthy).one("folders", name)
    assert text in row["text"]
    assert row["status"] != "ok"


def test_a_read_only_folder_a_full_disk_and_a_network_folder_are_reported(
    healthy: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    private_folder(state_dir())
    with monkeypatch.context() as patch:
        patch.setattr(places.os, "access", lambda path, mode: mode != os.W_OK)
        assert "is not writable" in report(healthy).one("folders", "state")["text"]
    with monkeypatch.context() as patch:
        usage = type("Usage", (), {"free": 1_000_000})
        patch.setattr(places.shutil, "disk_usage", lambda path: usage)
        row = report(healthy).one("folders", "state")
        assert (row["status"], "Free at least" in row["remedy"]) == ("problem", True)
    with monkeypatch.context() as patch:
        patch.setattr(watch, "device_is_local", lambda device: False)
        row = report(healthy).one("folders", "state")
        assert (row["status"], "network" in row["text"]) == ("note", True)


def test_history_quota_and_the_last_three_crash_reports_are_listed(
    online: CommandLine,
) -> None:
    url = "/query/events/names?type=general"
    assert online("send", "GET", url, "--api", "query").status == 0
    now = datetime(2026, 1, 1)
    for number in range(5):
        write_crash_report(ValueError(), state_dir(), now + timedelta(days=number))
    before = sorted(state_dir().rglob("*"))
    found = report(online)
    assert found.one("records", "history")["text"].startswith("1 entry, ")
    assert found.one("records", "quota counts")["text"] == "1 request counted"
    paths = [row["text"] for row in found.of("records", "crash report")]
    assert [Path(path).name[:15] for path in paths] == [
        f"2026-01-0{day}-0000" for day in (5, 4, 3)
    ]
    assert found.one("records", "crash reports")["text"].startswith("2 older in ")
    assert sorted(state_dir().rglob("*")) == before


@pytest.mark.parametrize(
    ("file", "name"), [("history", "history"), ("quota", "quota counts")]
)
def test_a_damaged_database_is_a_problem_and_stays_as_it_is(
    healthy: CommandLine, file: str, name: str
) -> None:
    path = private_folder(state_dir()) / f"{file}.db"
    path.write_bytes(b"damaged" * 1000)
    row = report(healthy).one("records", name)
    assert (row["status"], "SQLITE_NOTADB" in row["text"]) == ("problem", True)
    assert path.read_bytes() == b"damaged" * 1000


def test_a_history_of_a_newer_version_is_a_problem(healthy: CommandLine) -> None:
    path = private_folder(state_dir()) / "history.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    assert report(healthy).one("records", "history")["remedy"] == "Upgrade mixtui."


def test_missing_packages_are_named_and_only_required_ones_are_a_problem(
    healthy: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = versions._version
    monkeypatch.setattr(
        versions, "_version", lambda n: "" if n in ("keyring", "jq") else known(n)
    )
    found = report(healthy)
    assert found.problems == [("versions", "jq")]
    row = found.one("versions", "extra keyring")
    assert row["text"] == "not installed: keyring"
    assert row["remedy"] == "To use it, install mixtui[keyring]."


def test_proxies_and_certificates_are_reported(
    healthy: CommandLine, tmp_path: Path
) -> None:
    healthy.variables["https_proxy"] = "http://proxy.example.com:3128"
    healthy.variables["SSL_CERT_FILE"] = str(tmp_path / "absent.pem")
    found = report(healthy)
    assert (
        found.one("network", "https_proxy")["text"] == "http://proxy.example.com:3128"
    )
    row = found.one("network", "certificates")
    assert "absent.pem cannot be read" in row["text"]
    assert found.status == 2


def test_reach_sends_no_credentials_follows_nothing_and_uses_no_quota(
    healthy: CommandLine,
) -> None:
    moved = http_response(b"x" * 99, "301 Moved", "Location: /elsewhere")
    with serve_response(moved) as server:
        healthy.write_environments(GOOD + hosts("prod", server.origin))
        found = report(healthy, "--reach")
        (request,) = server.received
    (row,) = found.of("reach")
    assert row["name"] == server.origin
    assert row["text"].startswith("reached: 301 in ")
    assert request.startswith(b"GET / HTTP/1.1\r\n")
    for word in (b"authorization", b"cookie", b"tok", b"1234567", b"planted"):
        assert word not in request.lower()
    assert not (state_dir() / "quota.db").exists()
    assert not (state_dir() / "history.db").exists()
    assert found.status == 0


def test_a_server_that_cannot_be_reached_is_a_problem_with_status_5(
    healthy: CommandLine,
) -> None:
    healthy.write_environments(GOOD + hosts("prod", f"http://127.0.0.1:{free_port()}"))
    found = report(healthy, "--reach")
    (row,) = found.of("reach")
    assert row["text"].startswith("Connection refused by 127.0.0.1:")
    assert found.status == 5


def test_every_host_of_the_sandbox_is_reached_once(
    online: CommandLine, sandbox: RunningSandbox
) -> None:
    names = [row["name"] for row in report(online, "--reach").of("reach")]
    assert len(names) == len(set(names))
    assert all(name.startswith(sandbox.origin.rsplit(":", 1)[0]) for name in names)


def test_nothing_is_created(healthy: CommandLine) -> None:
    before = sorted(healthy.folder.parent.rglob("*"))
    report(healthy, "--read-secrets")
    assert sorted(healthy.folder.parent.rglob("*")) == before
    assert config_dir() == healthy.config


def test_a_broken_config_hides_no_problem_of_another_file(mixtui: CommandLine) -> None:
    # The sentence names a key, which config.toml may set.
    (mixtui.config / "config.toml").write_text("mouse = 3\n")
    mixtui.write_environments('[environments.x.credentials]\nproject_secret = "abc"\n')
    found = report(mixtui)
    assert (
        "contains the secret itself"
        in found.of("files", "environments.toml")[0]["text"]
    )


def test_the_choice_of_an_environment_that_does_not_exist_is_reported(
    healthy: CommandLine,
) -> None:
    healthy.variables["MIXTUI_ENV"] = "gone"
    found = report(healthy)
    assert found.one("environments", "gone ($MIXTUI_ENV)")["text"] == "was not found"
    assert found.status == 2
    del healthy.variables["MIXTUI_ENV"]
    healthy.write_environments(f'default = "gone"\n{GOOD}')
    found = report(healthy)
    row = found.one("environments", "environments")
    assert "default environment gone was not found" in row["text"]
    assert found.status == 0  # The first one is used.


def test_half_a_service_account_in_variables_is_a_note(mixtui: CommandLine) -> None:
    mixtui.variables |= {"MP_SECRET": "planted", "MP_PROJECT_ID": "1234567"}
    row = report(mixtui).one("environments", "environments")
    assert "MP_SECRET is set, but MP_USERNAME is not" in row["text"]
