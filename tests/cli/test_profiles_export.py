"""``mixtui profiles export`` and ``mixtui groups export``, against the sandbox."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mixtui.cli.commands import profiles
from mixtui.jobs.journal import JobState, Journal
from mixtui.jobs.profile_export import ProfileExport
from mixtui.jobs.record_output import OutputFormat
from mixtui.sandbox.data.identity import COMPANY_GROUP_ID
from mixtui.sandbox.server import RunningSandbox
from tests.cli.conftest import CommandLine
from tests.fixtures_sandbox import NewSandbox

COUNT = 25
PROFILES: dict[str, dict[str, Any]] = {
    f"u{n:02}": {"n": n, "Plan": "pro" if n % 2 else "free", "tags": [n, "a"]}
    for n in range(COUNT)
} | {
    "odd": {
        "n": 1.5,
        "plan": True,
        "big": 12345678901234567890,
        "a/b~c": "x\ny",
        "x": "{{uuid}}",
    }
}


@pytest.fixture
def filled(
    mixtui: CommandLine, new_sandbox: NewSandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CommandLine]:
    """A command line with a few profiles, of which Mixpanel sends ten at a time."""
    monkeypatch.setattr("mixtui.sandbox.query.profiles.PAGE_SIZE", 10)
    sandbox: RunningSandbox = new_sandbox(queries_per_hour=5, with_sample=False)
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    path = mixtui.folder / "in.ndjson"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in exported(PROFILES)))
    assert mixtui("profiles", "import", path.name).status == 0
    yield mixtui


def exported(found: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"$distinct_id": k, "$properties": v} for k, v in found.items()]


def read_lines(path: Path) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    return {row["$distinct_id"]: row["$properties"] for row in rows}


def test_the_formats_are_those_of_the_engine() -> None:
    assert tuple(OutputFormat) == profiles.OUTPUT_FORMATS


def test_all_pages_are_exported_and_can_be_imported(filled: CommandLine) -> None:
    result = filled("profiles", "export", "-o", "out.ndjson")
    assert (result.status, result.stdout) == (0, b"")
    assert result.stderr.startswith("26 profiles exported to out.ndjson, ")
    path = filled.folder / "out.ndjson"
    assert read_lines(path) == dict(sorted(PROFILES.items()))
    assert filled("profiles", "import", "out.ndjson").status == 0
    assert not list((filled.folder.parent / "state").glob("mixtui/jobs/*.parts"))
    # The pages of a query cost one of the five.
    for _ in range(4):
        assert filled("profiles", "export", "-o", "out.ndjson", "--force").status == 0
    result = filled("profiles", "export", "-o", "out.ndjson")
    assert result.status == 2
    assert "out.ndjson exists: add --force" in result.stderr


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--where", 'properties["n"] > 22'], {"u23", "u24"}),
        (["--where", 'properties["x"] == "{{uuid}}"'], {"odd"}),
        (["--distinct-ids", "ids.txt"], {"u01", "odd"}),
        (["--output-properties", "Plan", "--output-properties", "n"], set(PROFILES)),
    ],
)
def test_a_query_chooses(
    filled: CommandLine, options: list[str], ids: set[str]
) -> None:
    (filled.folder / "ids.txt").write_text("u01\r\n\n odd \n")
    result = filled("profiles", "export", "-o", "out.ndjson", *options)
    assert result.status == 0, result.stderr
    found = read_lines(filled.folder / "out.ndjson")
    assert found.keys() == ids
    if "--output-properties" in options:
        assert found["u01"] == {"Plan": "pro", "n": 1}


def test_groups_are_exported_by_the_id_of_their_key(filled: CommandLine) -> None:
    record = {"$group_key": "company", "$group_id": "acme", "$set": {"a": 1}}
    (filled.folder / "g.ndjson").write_text(json.dumps(record))
    assert filled("groups", "import", "g.ndjson").status == 0
    options = ("--data-group-id", str(COMPANY_GROUP_ID), "-o", "out.ndjson")
    assert filled("groups", "export", *options).status == 0
    assert read_lines(filled.folder / "out.ndjson") == {"acme": {"a": 1}}
    more = ("--group-key", "company", "--drop", "b")
    assert filled("groups", "import", "out.ndjson", *more).status == 0


def test_a_cohort_is_exported(online: CommandLine) -> None:
    result = online("send", "POST", "/query/cohorts/list", "--api", "query")
    cohort = json.loads(result.stdout)[0]
    options = ("--cohort", str(cohort["id"]), "-o", "out.ndjson")
    assert online("profiles", "export", *options).status == 0
    assert len(read_lines(online.folder / "out.ndjson")) == cohort["count"]


def test_a_table_has_a_column_for_each_property(filled: CommandLine) -> None:
    result = filled("profiles", "export", "-o", "out.csv")
    assert result.status == 0, result.stderr
    with (filled.folder / "out.csv").open(newline="") as file:
        rows = {row["$distinct_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == PROFILES.keys()
    assert rows["u01"] == {
        "$distinct_id": "u01",
        "Plan": "pro",
        "a/b~c": "",
        "big": "",
        "n": "1.0",
        "plan_2": "",
        "tags": '[1,"a"]',
        "x": "",
    }
    odd = rows["odd"]
    assert (odd["n"], odd["plan_2"], odd["a/b~c"]) == ("1.5", "true", "x\ny")
    assert odd["big"] == "12345678901234567890"
    assert filled("profiles", "export", "-o", "out.parquet").status == 0
    import duckdb

    name = str(filled.folder / "out.parquet")
    query = f"SELECT n, plan_2, tags FROM '{name}' WHERE \"$distinct_id\" = 'u02'"
    assert duckdb.sql(query).fetchall() == [(2.0, None, '[2,"a"]')]


def test_profiles_are_a_table_of_a_duckdb_file_which_can_be_queried(
    filled: CommandLine,
) -> None:
    assert filled("profiles", "export", "-o", "out.duckdb").status == 0
    query = 'SELECT "$distinct_id" AS id FROM events WHERE n > 23'
    result = filled("events", "query", "out.duckdb", query, "--csv")
    assert result.text == "id\nu24\n"
    import duckdb

    with duckdb.connect(filled.folder / "out.duckdb", read_only=True) as database:
        (row,) = database.execute("SELECT count(*) FROM profiles").fetchall()
    assert row == (len(PROFILES),)


def test_profiles_are_compressed_as_the_name_says(filled: CommandLine) -> None:
    assert filled("profiles", "export", "-o", "out.ndjson.gz").status == 0
    lines = gzip.decompress((filled.folder / "out.ndjson.gz").read_bytes()).splitlines()
    assert len(lines) == len(PROFILES)


def test_the_first_page_says_how_many_profiles_there_will_be(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[int, int]] = []
    write = ProfileExport._write

    async def write_page(self: ProfileExport, profiles: tuple[bytes, ...]) -> None:
        await write(self, profiles)
        shown.append((self.progress.done, self.progress.total))

    monkeypatch.setattr(ProfileExport, "_write", write_page)
    assert filled("profiles", "export", "-o", "out.ndjson").status == 0
    assert shown == [(10, 26), (20, 26), (26, 26)]
    result = filled("jobs", "list", "--json")
    (job,) = [j for j in json.loads(result.text) if j["kind"] == "profiles export"]
    assert job["total"] == 26


def test_an_output_of_a_killed_export_is_recognized(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file has its name, and the journal does not say that the job is finished."""
    set_state = Journal.set_state

    def die(self: Journal, state: JobState, problem: str = "") -> None:
        if state is JobState.FINISHED:
            raise KeyboardInterrupt
        set_state(self, state, problem)

    monkeypatch.setattr(Journal, "set_state", die)
    assert filled("profiles", "export", "-o", "out.csv").status == 130
    path = filled.folder / "out.csv"
    before = path.stat()
    monkeypatch.setattr(Journal, "set_state", set_state)
    result = filled("profiles", "export", "-o", "out.csv", "--resume")
    assert result.status == 0, result.stderr
    assert path.stat() == before


def test_a_dry_run_prints_the_query(filled: CommandLine) -> None:
    options = ("--where", 'properties["n"] > 22', "--dry-run")
    result = filled("profiles", "export", "-o", "out.ndjson", *options)
    assert result.status == 0
    assert 'where=properties["n"] > 22' in result.text
    assert "It takes 1 query." in result.stderr
    assert not (filled.folder / "out.ndjson").exists()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("-o out.txt", "does not say its format"),
        ("-o out.ndjson --distinct-ids none.txt", "none.txt cannot be read"),
        ("-o out.ndjson --distinct-ids empty.txt", "empty.txt contains no ids"),
        ("-o out.ndjson --resume", "nothing to resume"),
    ],
)
def test_what_cannot_be_exported_is_said(
    filled: CommandLine, arguments: str, problem: str
) -> None:
    (filled.folder / "empty.txt").write_text("\n")
    result = filled("profiles", "export", *arguments.split())
    assert result.status == 2
    assert problem in result.stderr
    assert not (filled.folder / "out.ndjson").exists()


def test_a_rejected_query_is_reported(filled: CommandLine) -> None:
    result = filled("profiles", "export", "-o", "out.ndjson", "--where", "properties[")
    assert result.status in (1, 2)
    assert not (filled.folder / "out.ndjson").exists()


@pytest.mark.parametrize("name", ["out.ndjson", "out.csv", "out.parquet"])
def test_no_profile_is_a_file_without_rows(filled: CommandLine, name: str) -> None:
    options = ("--where", 'properties["n"] > 99')
    result = filled("profiles", "export", "-o", name, *options)
    assert result.status == 0, result.stderr
    assert result.stderr.startswith("0 profiles exported to ")
    if name == "out.csv":
        assert (filled.folder / name).read_text() == "$distinct_id\n"


def test_an_export_waits_until_the_quota_has_room(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = iter([0.001, 0.001])

    async def free_in(*_: object) -> float:
        return next(waits, 0.0)

    monkeypatch.setattr("mixtui.jobs.sending.Connection.free_in", free_in)
    monkeypatch.setattr("mixtui.jobs.quota_gate._MARGIN", 0.0)
    result = filled("profiles", "export", "-o", "out.ndjson")
    assert result.status == 0
    assert result.stderr.count("The quota is used up. Continuing in ") == 2
