"""Parquet and SQL: DuckDB reads the rows, and the import is as exact as any other."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response
from tests.cli.test_events_import import fresh, stored, write_events

duckdb = pytest.importorskip("duckdb")
__all__ = ["fresh"]


@pytest.fixture
def orders(fresh: CommandLine) -> Path:
    """Orders as Parquet, with nested types, a time zone and an empty cell."""
    path = fresh.folder / "orders.parquet"
    duckdb.sql(
        f"""COPY (
            SELECT 'u' || i AS user_id,
                   TIMESTAMPTZ '2025-06-01 12:00:00+02' + INTERVAL (i) SECOND AS created,
                   (i * 1.5)::DECIMAL(10, 2) AS amount,
                   ['a', 'b'] AS tags,
                   {{'city': 'Köln'}} AS address,
                   CASE WHEN i = 2 THEN NULL ELSE i END AS number
            FROM range(5) t(i)
        ) TO '{path}' (FORMAT parquet)"""
    )
    return path


def properties(fresh: CommandLine) -> list[dict[str, object]]:
    found = [each["properties"] for each in stored(fresh)]
    assert all(isinstance(each, dict) for each in found)
    return sorted(found, key=lambda each: str(each["distinct_id"]))  # type: ignore[arg-type,index,return-value]


def test_a_parquet_file_is_imported_by_a_recipe(
    fresh: CommandLine, orders: Path
) -> None:
    recipe = ("--event", "Imported", "--distinct-id", "user_id", "--time", "created")
    result = fresh("events", "import", "orders.parquet", *recipe)
    assert result.status == 0, result.stderr
    assert result.stderr == "5 records read = 5 stored + 0 rejected + 0 not sent.\n"
    found = properties(fresh)
    assert [each["time"] for each in found] == [1748772000 + n for n in range(5)]
    assert [each["amount"] for each in found] == [0, 1.5, 3, 4.5, 6]
    assert found[0]["tags"] == ["a", "b"]
    assert found[0]["address"] == {"city": "Köln"}
    assert "number" not in found[2]
    assert not list((fresh.folder.parent / "state").rglob("*.rows.ndjson"))


def test_types_that_json_lacks_are_text_and_numbers_that_it_lacks_are_empty(
    fresh: CommandLine,
) -> None:
    path = fresh.folder / "odd.parquet"
    duckdb.sql(
        f"""COPY (
            SELECT 'Imported' AS event, 'u' || i AS distinct_id,
                   TIMESTAMP '2025-06-01 10:00:00' + INTERVAL (i) SECOND AS time,
                   CASE i WHEN 0 THEN 'nan' WHEN 1 THEN '-inf' ELSE '1.5' END::DOUBLE
                       AS "odd ""score",
                   CASE WHEN i = 0 THEN ['nan'::DOUBLE] ELSE [i] END AS list,
                   MAP {{'k': i}} AS map, '\\xAA'::BLOB AS blob, INTERVAL 1 DAY AS span,
                   DATE '2025-01-01' AS day, NULL AS nothing, i = 1 AS is_paying
            FROM range(3) t(i)
        ) TO '{path}' (FORMAT parquet)"""
    )
    result = fresh("events", "import", "odd.parquet")
    assert result.status == 6, result.stderr
    assert "odd.parquet, line 1: not valid JSON" in result.stderr
    assert result.stderr.endswith(
        "3 records read = 2 stored + 1 rejected + 0 not sent.\n"
    )
    second, third = properties(fresh)
    assert 'odd "score' not in second
    assert third['odd "score'] == 1.5
    assert third["map"] == {"k": 2}
    assert (second["blob"], second["span"], second["day"]) == (
        *("\\xAA", "1 day"),
        "2025-01-01",
    )
    assert second["is_paying"] is True
    assert "nothing" not in second


def test_a_query_makes_the_rows(fresh: CommandLine, orders: Path) -> None:
    query = (
        "SELECT 'Imported' AS event, user_id AS distinct_id, epoch(created) AS time, "
        "sum(amount) AS total FROM source WHERE amount > 2 GROUP BY ALL;"
    )
    result = fresh("events", "import", "orders.parquet", "--sql", query)
    assert result.status == 0, result.stderr
    assert [each["total"] for each in properties(fresh)] == [3, 4.5, 6]


@pytest.mark.parametrize("name", ["events.ndjson", "orders.csv"])
def test_a_query_selects_from_any_format(fresh: CommandLine, name: str) -> None:
    write_events(fresh.folder)
    rows = "\n".join(f"Imported,u{n},{1_750_000_000 + n}" for n in range(45))
    (fresh.folder / "orders.csv").write_text(f"event,distinct_id,time\n{rows}\n")
    query = "SELECT * FROM source LIMIT 7"
    result = fresh("events", "import", name, "--sql", query)
    assert result.status == 0, result.stderr
    assert len(stored(fresh)) == 7


def test_a_dry_run_and_a_check_send_nothing(fresh: CommandLine, orders: Path) -> None:
    recipe = ("--event", "Imported", "--distinct-id", "user_id", "--time", "created")
    result = fresh("events", "import", "orders.parquet", *recipe, "--dry-run")
    assert len(result.text.splitlines()) == 5
    assert json.loads(result.text.splitlines()[0])["properties"]["amount"] == 0
    result = fresh("events", "import", "orders.parquet", "--check")
    assert result.status == 2
    assert "orders.parquet, line 1: event: is missing\n" in result.stderr
    assert stored(fresh) == []


def test_rows_are_the_same_when_an_import_is_resumed(
    fresh: CommandLine, orders: Path
) -> None:
    fresh.variables["MP_SECRET"] = "x"
    query = (
        "SELECT 'Imported' AS event, uuid() AS distinct_id, 1750000000 AS time "
        "FROM source"
    )
    command = ("events", "import", "orders.parquet", "--sql", query, "--env", "prod")
    refusal = b'{"code": 401, "error": "Unauthorized", "status": "Unauthorized"}'
    success = b'{"code": 200, "num_records_imported": 5, "status": "OK"}'
    with serve_response(
        http_response(refusal, "401 Unauthorized"), http_response(success)
    ) as server:
        fresh.write_environments(environments_toml(server.origin))
        assert fresh(*command).status == 3
        result = fresh(*command, "--resume")
    assert result.stderr.endswith(
        "5 records read = 5 stored + 0 rejected + 0 not sent.\n"
    )
    first, second = (each.partition(b"\r\n\r\n")[2] for each in server.received)
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ("orders.parquet", "--sql", "SELEC 1"),
            "DuckDB: Parser Error: syntax error at or near",
        ),
        (("orders.parquet", "--sql", "SELECT nope FROM source"), "nope"),
        (("orders.parquet", "events.ndjson"), "files of one format at a time"),
        (("-", "--sql", "SELECT 1"), "DuckDB cannot read stdin"),
        (
            ("orders.parquet", "--time", "crated"),
            "no column “crated”. Did you mean created?",
        ),
    ],
)
def test_what_duckdb_cannot_do_is_a_sentence(
    fresh: CommandLine, orders: Path, arguments: tuple[str, ...], problem: str
) -> None:
    write_events(fresh.folder)
    result = fresh("events", "import", *arguments)
    assert result.status == 2
    assert problem in result.stderr


def test_without_duckdb_the_extra_is_named(
    fresh: CommandLine, orders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    result = fresh("events", "import", "orders.parquet")
    assert result.status == 2
    assert "install mixtui[data]" in result.stderr
