"""``mixtui events query``: SQL over files of events, which it can only read."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mixtui.jobs.duckdb_session import open_duckdb
from tests.cli.conftest import CommandLine
from tests.jobs.mixpanel import event_line

duckdb = pytest.importorskip("duckdb")
COUNT = "SELECT count(*) AS n FROM events"


@pytest.fixture
def export(mixtui: CommandLine) -> Path:
    path = mixtui.folder / "a.ndjson"
    lines = [event_line(n, **{"$city": "Oslo" if n % 2 else "Köln"}) for n in range(9)]
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def test_a_raw_export_is_a_table_with_a_column_for_each_property(
    mixtui: CommandLine, export: Path
) -> None:
    query = 'SELECT "$city", count(*) n, min(time) t FROM events GROUP BY 1 ORDER BY 2'
    result = mixtui("events", "query", "a.ndjson", query)
    assert result.status == 0, result.stderr
    assert result.text == ("$city  n  t\nOslo   4  1750000001\nKöln   5  1750000000\n")
    assert result.stderr == ""


def test_rows_are_csv_or_json_lines(mixtui: CommandLine, export: Path) -> None:
    query = (
        "SELECT distinct_id d, [time] AS l, NULL AS x, 'a\"\n,' AS t FROM source "
        "ORDER BY time;"
    )
    result = mixtui("events", "query", "a.ndjson", query, "--csv", "--limit", "2")
    rows = list(csv.reader(result.text.splitlines(keepends=True)))
    assert rows == [
        ["d", "l", "x", "t"],
        ["u0", "[1750000000]", "", 'a"\n,'],
        ["u1", "[1750000001]", "", 'a"\n,'],
    ]
    result = mixtui("events", "query", "a.ndjson", query, "--json")
    assert [json.loads(line) for line in result.text.splitlines()][8] == {
        "d": "u1",
        "l": [1750000008],
        "x": None,
        "t": 'a"\n,',
    }


def test_a_table_is_cut_and_says_so(mixtui: CommandLine, export: Path) -> None:
    result = mixtui("events", "query", "a.ndjson", "FROM events", "--limit", "3")
    assert len(result.text.splitlines()) == 4
    assert "Only the first 3 rows" in result.stderr
    result = mixtui("events", "query", "a.ndjson", "FROM range(200)")
    assert len(result.text.splitlines()) == 101
    wide = "SELECT repeat('x', 99) AS w"
    assert "x" * 59 + "…" in mixtui("events", "query", "a.ndjson", wide).text


def test_every_format_that_can_be_exported_can_be_queried(
    mixtui: CommandLine, export: Path
) -> None:
    export.with_name("b.ndjson.gz").write_bytes(gzip.compress(export.read_bytes()))
    export.with_name("list.json").write_text('[{"a": 1}, {"a": 2}]')
    table = f"SELECT event, properties.* FROM '{export}'"
    duckdb.sql(f"COPY ({table}) TO '{export.with_name('c.csv')}'")
    duckdb.sql(f"COPY ({table}) TO '{export.with_name('d.parquet')}'")
    with duckdb.connect(export.with_name("e.duckdb")) as database:
        database.execute(f"CREATE TABLE events AS {table}")
    for names, count in (
        (["b.ndjson.gz"], 9),
        (["c.csv"], 9),
        (["d.parquet"], 9),
        (["e.duckdb"], 9),
        (["list.json"], 2),
        (["*.ndjson", "b.ndjson.gz"], 18),
    ):
        result = mixtui("events", "query", *names, COUNT, "--csv")
        assert result.text == f"n\n{count}\n", result.stderr


@pytest.mark.parametrize(
    "query",
    [
        "COPY (SELECT 1) TO 'new.csv'",
        "COPY (SELECT 1) TO 'a.ndjson'",
        "CREATE TABLE x AS SELECT 1",
        "ATTACH 'new.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SELECT 1; SELECT 2",
        "EXPORT DATABASE 'new'",
        "DROP VIEW events",
        "",
        "-- nothing",
    ],
)
def test_only_one_select_is_run(mixtui: CommandLine, export: Path, query: str) -> None:
    before = export.read_bytes()
    result = mixtui("events", "query", "a.ndjson", query)
    assert result.status == 2
    assert "A query must be one SELECT statement" in result.stderr
    assert export.read_bytes() == before
    assert [path.name for path in mixtui.folder.iterdir()].count("new.csv") == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM sniff_csv('{secret}')",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
        "SELECT getenv('HOME')",
        "SELECT * FROM secret",
    ],
)
def test_nothing_but_the_files_is_read(
    mixtui: CommandLine, export: Path, query: str
) -> None:
    path = mixtui.folder / "secret.csv"
    path.write_text("word\nhunter2\n")
    secret = [1]  # DuckDB would find a variable of Python.
    query = query.format(secret=path, folder=mixtui.folder)
    result = mixtui("events", "query", "a.ndjson", query)
    assert result.status == 2
    assert result.stderr.startswith("mixtui: DuckDB: ")
    assert "hunter2" not in result.output
    assert secret == [1]


def test_a_database_is_only_read(mixtui: CommandLine) -> None:
    path = mixtui.folder / "e.duckdb"
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE events AS SELECT 1 AS a")
    before = path.read_bytes()
    insert = "WITH x AS (INSERT INTO file.events VALUES (2) RETURNING *) FROM x"
    assert mixtui("events", "query", "e.duckdb", insert).status == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("a.ndjson", "SELECT nothing FROM events"), '"nothing" not found'),
        (("a.ndjson", "SELEC"), "syntax error"),
        (("gone.ndjson", COUNT), "The file gone.ndjson does not exist."),
        (("a.ndjson", "c.csv", COUNT), "files of one format at a time"),
        (("-", COUNT), "cannot read stdin"),
        (("http://127.0.0.1:9/a.csv", COUNT), "only files of this machine"),
        (("a.ndjson", COUNT, "--csv", "--json"), "cannot be combined"),
        ((COUNT,), "issing argument"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(
    mixtui: CommandLine, export: Path, arguments: tuple[str, ...], problem: str
) -> None:
    export.with_name("c.csv").write_text("a,b\n1,2\n")
    result = mixtui("events", "query", *arguments)
    assert result.status == 2
    assert problem in result.stderr
    assert "LINE 1" not in result.stderr


def test_a_terminal_is_not_driven_by_what_the_files_hold(
    mixtui: CommandLine, export: Path
) -> None:
    export.write_bytes(event_line(1, evil="\x1b]0;x\x07\u202e") + b"\n")
    for how in ((), ("--csv",), ("--json",)):
        query = ("events", "query", "a.ndjson", "SELECT evil FROM events", *how)
        result = mixtui(*query, terminal=True)
        assert result.status == 0
        assert "\x1b" not in result.text
        assert "\u202e" not in result.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT *\nFORM events", "line 2, column 6: syntax error"),
        (
            "SELECT 'é', nope\nFROM events",
            'line 1, column 13: Referenced column "nope"',
        ),
        ("\n  SELECT * FROM evens", "line 2, column 17: Table with name evens"),
        ("SELECT CAST('x' AS INT)", "line 1, column 8: Could not convert"),
        ("SELECT 'abc", "line 1, column 8: unterminated"),
    ],
)
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_mistake_in_a_query_is_said_with_its_place(
    mixtui: CommandLine, export: Path, query: str, said: str, option: list[str]
) -> None:
    result = mixtui("events", "query", "a.ndjson", query, *option)
    assert result.status == 2
    assert result.stderr.startswith(f"mixtui: DuckDB: {said}")
    assert result.stderr.count("\n") == 1


def test_what_json_has_no_number_for_is_null(mixtui: CommandLine, export: Path) -> None:
    query = (
        "SELECT 'NaN'::DOUBLE a, ['Infinity'::DOUBLE] b, 12345678901234567890 c, "
        "'NaN é' d"
    )
    result = mixtui("events", "query", "a.ndjson", query, "--json")
    assert result.text == (
        '{"a":null,"b":[null],"c":12345678901234567890,"d":"NaN é"}\n'
    )


def test_duckdb_draws_no_progress_into_the_rows(tmp_path: Path) -> None:
    with contextlib.closing(open_duckdb(tmp_path, "A test needs")) as connection:
        shown = connection.sql("SELECT current_setting('enable_progress_bar')")
        assert shown.fetchall() == [(False,)]


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_ctrl_c_ends_a_query(mixtui: CommandLine, export: Path) -> None:
    """A real process, interrupted while DuckDB works."""
    endless = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, "events", "query", "a.ndjson", endless],
        stderr=subprocess.PIPE,
        text=True,
    )
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, "mixtui: Interrupted.\n")


INTERRUPTED = """
import os, signal, sys, threading
from mixtui.jobs import duckdb_session
run, begun = duckdb_session.run_interruptibly, []
def interrupted(connection, work, *others):
    begun.append(work)
    if len(begun) == 2:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    run(connection, work, *others)
from mixtui.jobs import event_query
event_query.run_interruptibly = interrupted
from mixtui.cli.main import run as run_command
sys.exit(run_command(sys.argv[1:]))
"""
"""Sends itself SIGINT half a second after the query itself, behind its parsing, began."""
