"""``mixtui events import``: the plan, the check, and what becomes of every record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui.cli.commands import job_arguments
from mixtui.jobs.sources import Format
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response
from tests.fixtures_sandbox import PLENTY, NewSandbox
from tests.jobs.mixpanel import event_line

COUNT = 45


@pytest.fixture
def fresh(mixtui: CommandLine, new_sandbox: NewSandbox) -> Iterator[CommandLine]:
    sandbox: RunningSandbox = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    yield mixtui


def write_events(folder: Path, name: str = "events.ndjson") -> Path:
    path = folder / name
    lines = [event_line(n, row=n) for n in range(COUNT)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def stored(mixtui: CommandLine) -> list[dict[str, object]]:
    """The imported events in the sandbox, duplicates included, as raw export has them."""
    query = ("from_date=2025-01-01", "to_date=2026-01-01", 'event=["Imported"]')
    pairs = [word for pair in query for word in ("-q", pair)]
    result = mixtui("send", "GET", "--api", "export", *pairs, "--no-history")
    assert result.status == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_formats_are_those_of_the_engine() -> None:
    assert tuple(Format) == job_arguments.FORMATS


def test_a_file_is_stored_and_accounted_for(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    result = fresh("events", "import", "events.ndjson")
    assert (result.status, result.stdout) == (0, b"")
    assert result.stderr == ("45 records read = 45 stored + 0 rejected + 0 not sent.\n")
    assert len(stored(fresh)) == COUNT


def test_a_file_that_is_imported_twice_is_stored_once(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    write_events(fresh.folder, "copy.json")
    for name in ("events.ndjson", "events.ndjson", "copy.json"):
        assert fresh("events", "import", name).status == 0
    ids = {json.dumps(each["properties"]["$insert_id"]) for each in stored(fresh)}  # type: ignore[index]
    assert len(ids) == COUNT


def test_a_raw_export_is_imported_as_it_is(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    fresh("events", "import", "events.ndjson")
    before = stored(fresh)
    text = "\n".join(map(json.dumps, before)).encode()
    result = fresh("events", "import", "-", stdin=text)
    assert "45 records read = 45 stored" in result.stderr
    ids = {json.dumps(each["properties"]["$insert_id"]) for each in stored(fresh)}  # type: ignore[index]
    assert len(ids) == COUNT


def test_rows_of_a_table_become_events(fresh: CommandLine) -> None:
    table = fresh.folder / "orders.csv"
    table.write_text(
        "order,user_id,created_at,amount\n"
        "1,u1,2025-06-01 12:00:00,12.5\n"
        "2,u2,2025-06-01 12:00:01,3\n"
        "3,u3,soon,x\n"
    )
    (fresh.folder / "orders.toml").write_text(
        'event = "Imported"\ndistinct_id = "user_id"\n[types]\namount = "number"\n'
    )
    options = ("--recipe", "orders.toml", "--time", "created_at")
    result = fresh("events", "import", "orders.csv", *options)
    assert result.status == 6
    assert result.stderr == (
        "orders.csv, line 4: created_at: “soon” is not a time: neither Unix seconds nor "
        "ISO 8601 (add a time format)\n"
        "3 records read = 2 stored + 1 rejected + 0 not sent.\n"
    )
    first = stored(fresh)[0]
    assert first["event"] == "Imported"
    properties = first["properties"]
    assert isinstance(properties, dict)
    assert (properties["amount"], properties["order"]) == (12.5, "1")
    assert properties["distinct_id"] == "u1"


def test_a_dry_run_prints_the_first_events_and_sends_nothing(
    fresh: CommandLine,
) -> None:
    write_events(fresh.folder)
    result = fresh("events", "import", "events.ndjson", "--dry-run")
    assert result.status == 0
    assert result.stderr.startswith("Would import events.ndjson (")
    lines = result.text.splitlines()
    assert len(lines) == 20
    assert json.loads(lines[0])["properties"]["$insert_id"]
    assert stored(fresh) == []


def test_a_dry_run_says_what_is_wrong_with_a_file_of_invalid_records(
    fresh: CommandLine,
) -> None:
    (fresh.folder / "bad.ndjson").write_bytes(b"{}\n" * 50)
    result = fresh("events", "import", "bad.ndjson", "--dry-run")
    assert result.status == 2
    assert result.stderr.count("event: is missing") == 20


def test_a_check_counts_records_by_reason_whatever_their_values(
    fresh: CommandLine,
) -> None:
    rows = "".join(f"u{i},{i};5\n" for i in range(30))
    (fresh.folder / "orders.csv").write_text(f"user,amount\n{rows}")
    columns = ("--event", "Buy", "--distinct-id", "user", "--number", "amount")
    result = fresh("events", "import", "orders.csv", *columns, "--check")
    assert (
        "… and 10 more. By reason:\n  30 × amount: “…” is not a number\n30 records"
        in result.stderr
    )


def test_a_check_names_every_problem_and_sends_nothing(fresh: CommandLine) -> None:
    path = write_events(fresh.folder)
    path.write_bytes(path.read_bytes() + b'{"event": "x"}\nnot JSON\n' * 15)
    result = fresh("events", "import", "events.ndjson", "--check")
    assert result.status == 2
    assert "events.ndjson, line 46: properties: is missing\n" in result.stderr
    assert "… and 10 more. By reason:\n  15 × properties: is missing\n" in result.stderr
    assert result.stderr.endswith(
        "75 records checked: 45 valid, 30 invalid. Nothing was sent.\n"
    )
    assert fresh("events", "import", "events.ndjson", "--strict").status == 2
    assert stored(fresh) == []
    fixed = write_events(fresh.folder, "fixed.ndjson")
    assert fresh("events", "import", fixed.name, "--check").status == 0
    result = fresh("events", "import", fixed.name, "--strict")
    assert result.stderr.startswith("45 records checked, all valid.\n45 records read")


def test_rejected_records_are_written_to_a_file(fresh: CommandLine) -> None:
    path = write_events(fresh.folder)
    path.write_bytes(path.read_bytes() + b'{"event": "x"}\nnot JSON\n')
    rejected = ("--rejected", "rejected.ndjson")
    result = fresh("events", "import", "events.ndjson", *rejected, "--json")
    assert result.status == 6
    values = json.loads(result.stdout)
    assert values.pop("job").startswith("events-ndjson-")
    assert values == {
        "state": "finished",
        "read": 47,
        "stored": 45,
        "rejected": 2,
        "unknown": 0,
        "not_sent": 0,
        "bytes": path.stat().st_size,
    }
    lines = (fresh.folder / "rejected.ndjson").read_bytes().splitlines()
    assert [json.loads(line)["mixtui_rejected"]["line"] for line in lines] == [46, 47]


def test_a_refused_credential_stops_it_and_it_is_continued_by_resume(
    fresh: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(fresh.folder)
    fresh.variables["MP_SECRET"] = "x"
    body = b'{"code": 401, "error": "Unauthorized", "status": "Unauthorized"}'
    with serve_response(http_response(body, "401 Unauthorized")) as server:
        fresh.write_environments(environments_toml(server.origin))
        result = fresh("events", "import", "events.ndjson", "--env", "prod")
    assert result.status == 3
    assert "45 records" not in result.stderr.partition(" = ")[2]
    assert "0 stored" in result.stderr
    assert "To continue, repeat the command with --resume.\n" in result.stderr
    again = fresh("events", "import", "events.ndjson", "--env", "prod")
    assert again.status == 2
    assert "is unfinished: add --resume to continue it" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("gone.ndjson",), "The file gone.ndjson does not exist."),
        (("*.parquet",), "No file matches *.parquet."),
        (("events.ndjson", "--resume"), "There is nothing to resume"),
        (("events.ndjson", "--resume", "--restart"), "cannot be combined"),
        (("events.ndjson", "--concurrency", "0"), "must be at least 1"),
        (("-", "--strict"), "--strict reads everything twice"),
        (("events.ndjson", "--rename", "a"), "--rename must be followed by NAME=VALUE"),
        (("events.ndjson", "--recipe", "gone.toml"), "does not exist"),
        (("orders.csv", "--number", "amuont"), "Did you mean amount?"),
    ],
)
def test_what_cannot_start_is_a_sentence(
    fresh: CommandLine, arguments: tuple[str, ...], problem: str
) -> None:
    write_events(fresh.folder)
    (fresh.folder / "orders.csv").write_text("event,amount\na,1\n")
    result = fresh("events", "import", *arguments)
    assert result.status == 2
    assert problem in result.stderr


def test_a_write_is_confirmed_where_the_environment_wants_it(
    fresh: CommandLine,
) -> None:
    write_events(fresh.folder)
    fresh.variables["MP_SECRET"] = "x"
    text = environments_toml("http://127.0.0.1:9", confirm_writes="true")
    fresh.write_environments(text)
    command = ("events", "import", "events.ndjson", "--to", "prod")
    result = fresh(*command)
    assert result.status == 2
    assert "to project 1234567 in us (prod): add --yes" in result.stderr
    result = fresh(*command, stdin=b"n\n", terminal=True)
    assert result.status == 130
    assert "Nothing was sent." in result.stderr
    fresh.write_environments(text.replace("confirm_writes", "read_only"))
    result = fresh(*command)
    assert result.status == 2
    assert "is read-only" in result.stderr


def test_progress_is_json_for_programs_and_a_line_for_people(
    fresh: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_events(fresh.folder)
    monkeypatch.setattr("mixtui.cli.jobs.progress._INTERVAL", 0.0)
    monkeypatch.setattr("mixtui.cli.jobs.progress._JSON_INTERVAL", 0.0)
    result = fresh("events", "import", "events.ndjson", "--progress", "json")
    values = json.loads(result.stderr.splitlines()[0])
    assert values.keys() == {
        "read",
        "stored",
        "rejected",
        "bytes",
        "done",
        "total",
        "unit",
        "per_second",
        "seconds_left",
        "retries",
        "limit",
    }
    result = fresh("events", "import", "events.ndjson", terminal=True)
    assert "stored · " in result.stderr
    assert result.stderr.endswith("0 not sent.\n")


def test_shards_of_several_machines_are_the_whole(fresh: CommandLine) -> None:
    write_events(fresh.folder)
    for number in (1, 2):
        result = fresh("events", "import", "events.ndjson", "--shard", f"{number}/2")
        assert result.status == 0
    assert len(stored(fresh)) == COUNT
    result = fresh("events", "import", "events.ndjson", "--shard", "1/2", "--dry-run")
    assert result.stderr.startswith("Would import shard 1/2 of events.ndjson (")
    result = fresh("events", "import", "x.csv", "--shard", "1/2", "--sql", "SELECT 1")
    assert result.status == 2
