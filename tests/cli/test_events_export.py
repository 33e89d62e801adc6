"""``mixtui events export``: the plan, the windows, and what becomes of every event."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pytest

from mixtui.cli.commands import events
from mixtui.jobs.record_output import OutputFormat
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve, serve_response
from tests.cli.test_events_import import fresh
from tests.fixtures_sandbox import PLENTY, NewSandbox
from tests.jobs.mixpanel import event_line

__all__ = ["fresh"]
DAYS = ("--from", "2025-06-15", "--to", "2025-06-18")
DAY = 86_400
FIRST_DAY = 1_749_859_200 - 1_750_000_000
"""Seconds from the first event of `event_line` to 2025-06-14, midnight in UTC."""
PER_DAY = 7


@pytest.fixture
def filled(fresh: CommandLine) -> CommandLine:
    """A sandbox with seven events on each of six days, of which four are exported."""
    path = fresh.folder / "events.ndjson"
    lines = [
        event_line(FIRST_DAY + day * DAY + n * 14_000, **{"$insert_id": f"{day}-{n}"})
        for day in range(6)
        for n in range(PER_DAY)
    ]
    path.write_bytes(b"\n".join(lines) + b"\n")
    assert fresh("events", "import", "events.ndjson").status == 0
    return fresh


def exported_ids(path: Path) -> list[str]:
    content = path.read_bytes()
    text = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    return [json.loads(x)["properties"]["$insert_id"] for x in text.splitlines()]


EXPECTED = [f"{day}-{n}" for day in range(1, 5) for n in range(PER_DAY)]


def export(mixtui: CommandLine, name: str, *more: str) -> str:
    result = mixtui("events", "export", *DAYS, "-o", name, *more)
    assert result.status == 0, result.stderr
    return result.stderr


def left_behind(mixtui: CommandLine) -> list[str]:
    names = [path.name for path in mixtui.folder.iterdir()]
    state = mixtui.folder.parent / "state" / "mixtui" / "jobs"
    names += [path.name for path in state.iterdir()]
    return [name for name in names if name.endswith((".part", ".parts", ".wal"))]


def test_the_formats_are_those_of_the_engine() -> None:
    assert tuple(OutputFormat) == events.OUTPUT_FORMATS


@pytest.mark.parametrize("name", ["a.ndjson", "a.jsonl.gz", "a.json"])
def test_each_event_of_the_days_is_in_the_file_once_in_order(
    filled: CommandLine, name: str
) -> None:
    said = export(filled, name)
    assert "(4 days) from project" in said
    assert ": 4 requests of 1 day; " in said
    assert f"28 events (3.6 KB) exported to {name} (" in said
    assert exported_ids(filled.folder / name) == EXPECTED
    assert left_behind(filled) == []


def test_a_name_with_a_date_is_a_file_for_each_day(filled: CommandLine) -> None:
    assert "exported to 4 files." in export(filled, "{date}.ndjson")
    found = {path.name: exported_ids(path) for path in filled.folder.glob("2025-*")}
    assert found == {
        f"2025-06-{14 + day}.ndjson": [f"{day}-{n}" for n in range(PER_DAY)]
        for day in range(1, 5)
    }


def test_windows_of_several_days_share_no_event(filled: CommandLine) -> None:
    assert ": 2 requests of 3 days; " in export(filled, "a.ndjson", "--window", "3")
    assert exported_ids(filled.folder / "a.ndjson") == EXPECTED


def test_days_without_events_make_empty_files(fresh: CommandLine) -> None:
    for name in ("a.ndjson", "{date}.csv", "a.parquet", "a.duckdb"):
        assert "0 events (0 B) exported" in export(fresh, name)
    assert (fresh.folder / "a.ndjson").read_bytes() == b""
    head = (fresh.folder / "2025-06-15.csv").read_text()
    assert head == "event,time,distinct_id,$insert_id\n"


def test_events_are_chosen_by_name_and_expression(filled: CommandLine) -> None:
    assert "0 events" in export(filled, "a.ndjson", "--event", "Other")
    export(filled, "b.ndjson", "--where", 'properties["$insert_id"] == "2-3"')
    assert exported_ids(filled.folder / "b.ndjson") == ["2-3"]
    assert ": 1 request; " in export(filled, "c.ndjson", "--limit", "5")
    assert exported_ids(filled.folder / "c.ndjson") == EXPECTED[:5]


def test_the_result_is_json(filled: CommandLine) -> None:
    command = ("events", "export", *DAYS, "-o", "a.ndjson", "--json")
    values = json.loads(filled(*command).stdout)
    path = filled.folder / "a.ndjson"
    assert values.pop("job").startswith("export-2025-06-15-to-2025-06-18-")
    assert values == {
        "state": "finished",
        "files": [{"path": str(path), "bytes": path.stat().st_size}],
        "records": 28,
        "bytes": path.stat().st_size,
        "requests": 4,
    }


def test_a_dry_run_prints_the_requests_and_sends_nothing(filled: CommandLine) -> None:
    command = ("events", "export", *DAYS, "-o", "a.ndjson", "--dry-run")
    result = filled(*command, "--window", "2", "--event", "Imported")
    assert result.status == 0
    assert "Would export the events of 2025-06-15 to 2025-06-18" in result.stderr
    assert result.stderr.endswith("exports left. Nothing was sent.\n")
    lines = result.text.splitlines()
    assert len(lines) == 2
    assert "from_date=2025-06-15&to_date=2025-06-16&event=%5B%22Imp" in lines[0]
    assert not (filled.folder / "a.ndjson").exists()
    assert "exports left" in result.stderr


def test_the_quota_decides_how_many_days_a_request_has(filled: CommandLine) -> None:
    year = ("--from", "2024-01-01", "--to", "2024-12-31", "-o", "a.ndjson")
    result = filled("events", "export", *year, "--dry-run")
    assert "53 requests of 7 days; 60 of 60 exports left." in result.stderr
    export(filled, "b.ndjson")
    result = filled("events", "export", *year, "--dry-run")
    assert "53 requests of 7 days; 56 of 60 exports left." in result.stderr
    result = filled("events", "export", *year[:4], "-o", "{date}.csv", "--dry-run")
    assert "366 requests of 1 day; 56 of 60 exports left. It waits" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--from", "2025-13-01"), "“2025-13-01” is not a date"),
        (("--from", "20250601"), "“20250601” is not a date"),
        (("--from", "2025-07-01"), "2025-07-01 is later than 2025-06-18"),
        (("-o", "x.txt"), "x.txt does not say its format"),
        (("-o", "x.parquet.gz"), "a parquet file is compressed inside"),
        (("-o", "there.ndjson"), "there.ndjson exists: add --force"),
        (("-o", "gone/x.ndjson", "--resume"), "There is nothing to resume"),
        (("-o", ".", "--format", "csv"), "is a folder"),
        (("--limit", "100001"), "--limit must be between 1 and 100,000"),
        (("--limit", "5", "--window", "2"), "cannot be combined"),
        (("-o", "{date}.csv", "--limit", "5"), "--limit and {date}"),
        (("--window", "0"), "at least 1 day"),
        (("--concurrency", "0"), "at least 1"),
    ],
)
def test_what_cannot_start_is_a_sentence(
    fresh: CommandLine, arguments: tuple[str, ...], problem: str
) -> None:
    (fresh.folder / "there.ndjson").touch()
    result = fresh("events", "export", *DAYS, "-o", "a.ndjson", *arguments)
    assert result.status == 2
    assert problem in result.stderr
    assert not (fresh.folder / "a.ndjson").exists()


def test_a_file_is_replaced_only_by_force(filled: CommandLine) -> None:
    path = filled.folder / "a.ndjson"
    path.write_text("precious")
    assert filled("events", "export", *DAYS, "-o", "a.ndjson").status == 2
    assert path.read_text() == "precious"
    export(filled, "a.ndjson", "--force")
    assert exported_ids(path) == EXPECTED


def test_a_day_that_has_not_come_is_a_sentence(fresh: CommandLine) -> None:
    days = ("--from", "2025-06-15", "--to", "2099-01-01", "--window", "9999999")
    result = fresh("events", "export", *days, "-o", "a.ndjson")
    assert result.status == 1
    assert "to_date is later than today in the project's time zone" in result.stderr


def test_a_stopped_export_fetches_only_what_is_missing(fresh: CommandLine) -> None:
    """The third day is refused at first: the others are not fetched again."""
    fresh.variables["MP_SECRET"] = "x"
    is_refused = True

    def respond(request: bytes) -> bytes:
        day = request.partition(b"from_date=2025-06-")[2][:2].decode()
        if day == "17" and is_refused:
            return http_response(b'{"error": "no"}', "403 Forbidden")
        return http_response(event_line(0, **{"$insert_id": day}) + b"\n")

    with serve(respond) as server:
        fresh.write_environments(environments_toml(server.origin))
        command = ("events", "export", *DAYS, "--env", "prod", "--concurrency", "1")
        result = fresh(*command, "-o", "a.ndjson")
        assert result.status == 3
        assert "2 events (" in result.stderr
        assert "received; a.ndjson not written.\n" in result.stderr
        assert "To continue, repeat the command with --resume.\n" in result.stderr
        assert "is unfinished: add --resume" in fresh(*command, "-o", "a.csv").stderr
        is_refused = False
        asked = len(server.received)
        result = fresh(*command, "-o", "b.ndjson", "--resume")
        assert result.status == 0, result.stderr
        assert len(server.received) - asked == 2
    assert exported_ids(fresh.folder / "b.ndjson") == ["15", "16", "17", "18"]
    assert left_behind(fresh) == []


def test_a_finished_export_has_nothing_to_resume(filled: CommandLine) -> None:
    """It may have been killed just after its end was written down."""
    export(filled, "a.ndjson")
    assert "is finished.\n" in export(filled, "a.ndjson", "--resume")
    result = filled("events", "export", *DAYS, "-o", "b.ndjson", "--resume")
    assert result.status == 2
    assert "is finished: start it without --resume." in result.stderr


def test_a_part_that_is_gone_is_fetched_again(fresh: CommandLine) -> None:
    fresh.variables["MP_SECRET"] = "x"
    good = http_response(event_line(0) + b"\n")
    bad = http_response(b'{"error": "no"}', "403 Forbidden")
    with serve_response(good, bad, good) as server:
        fresh.write_environments(environments_toml(server.origin))
        command = ("events", "export", *DAYS, "-o", "a.ndjson", "--env", "prod")
        assert fresh(*command, "--concurrency", "1").status == 3
        jobs = fresh.folder.parent / "state" / "mixtui" / "jobs"
        (part,) = jobs.glob("*.parts/*.ndjson")
        part.unlink()
        result = fresh(*command, "--resume")
    assert result.status == 0
    assert "The file of 2025-06-15 has changed: exporting it again." in result.stderr


def test_a_folder_that_cannot_be_written_is_noticed_before_anything_is_sent(
    fresh: CommandLine,
) -> None:
    (fresh.folder / "closed").write_text("a file")
    result = fresh("events", "export", *DAYS, "-o", "closed/a.ndjson")
    assert result.status == 2
    assert "closed/a.ndjson cannot be written: check " in result.stderr
    assert "60 of 60" in export(fresh, "new/a.ndjson")


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.parquet", "a.ndjson.gz"])
def test_what_was_exported_can_be_imported_elsewhere(
    filled: CommandLine, new_sandbox: NewSandbox, name: str
) -> None:
    pytest.importorskip("duckdb")
    export(filled, name)
    other = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    filled.variables["MIXTUI_SANDBOX"] = other.origin
    result = filled("events", "import", name)
    assert "28 records read = 28 stored + 0 rejected" in result.stderr
    export(filled, "again.ndjson", "--name", "again")
    assert sorted(exported_ids(filled.folder / "again.ndjson")) == EXPECTED


def test_a_table_is_a_file_of_duckdb_and_has_all_properties(
    filled: CommandLine,
) -> None:
    duckdb = pytest.importorskip("duckdb")
    export(filled, "a.duckdb")
    assert left_behind(filled) == []
    with duckdb.connect(filled.folder / "a.duckdb", read_only=True) as database:
        ids = database.execute('SELECT "$insert_id" FROM events').fetchall()
    assert sorted(row[0] for row in ids) == EXPECTED
    export(filled, "b.parquet", "--properties", "json")
    query = "SELECT count(*) AS n FROM events WHERE properties->>'/$insert_id' = '2-3'"
    result = filled("events", "query", "b.parquet", query, "--csv")
    assert result.text == "n\n1\n"


def test_without_duckdb_a_table_is_refused_before_anything_is_sent(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = filled("events", "export", *DAYS, "-o", "a.parquet")
    assert result.status == 2
    assert "parquet files need DuckDB: install mixtui[data]" in result.stderr
    assert "60 of 60" in export(filled, "a.ndjson")
