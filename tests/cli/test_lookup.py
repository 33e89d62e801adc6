"""``mixtui lookup``: tables are listed, checked and replaced, or say why not."""

from __future__ import annotations

import gzip
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui.cli.jobs import run
from mixtui.jobs import lookup_table
from mixtui.mixpanel.limits import LIMITS, Bucket, Limit
from tests.cli.conftest import CommandLine, environments_toml
from tests.cli.server import http_response, serve_response
from tests.fixtures_sandbox import NewSandbox

TABLE_ID = "5a0db0c5-0000-4000-8000-000000000001"
CSV = b'product_id,name\n1,Tea\n2,"Milk ""fresh"""\n'
DONE = http_response(b'{"code": 200, "status": "OK"}')
LISTED = http_response(
    json.dumps(
        {
            "code": 200,
            "status": "OK",
            "results": [
                {"id": "a-1", "name": "Products"},
                {"id": "a-2", "name": "Twice"},
                {"id": "a-3", "name": "Twice"},
            ],
        }
    ).encode()
)


@pytest.fixture
def fresh(mixtui: CommandLine, new_sandbox: NewSandbox) -> Iterator[CommandLine]:
    mixtui.variables["MIXTUI_SANDBOX"] = new_sandbox().origin
    (mixtui.folder / "Products.csv").write_bytes(CSV)
    yield mixtui


@pytest.fixture
def prod(mixtui: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """An environment of another server, for which nothing is waited."""

    async def wait(_: float) -> None:
        pass

    monkeypatch.setattr(run, "wait", wait)
    mixtui.variables["MP_SECRET"] = "x"
    (mixtui.folder / "Products.csv").write_bytes(CSV)
    return mixtui


def test_tables_are_listed(fresh: CommandLine) -> None:
    result = fresh("lookup", "list")
    assert result.text.splitlines()[1] == f"{TABLE_ID}  Products"
    result = fresh("lookup", "list", "--json")
    assert json.loads(result.stdout) == [{"id": TABLE_ID, "name": "Products"}]


@pytest.mark.parametrize("table", [(), ("--table", "Products"), ("--table", TABLE_ID)])
def test_a_table_is_replaced(fresh: CommandLine, table: tuple[str, ...]) -> None:
    result = fresh("lookup", "push", "Products.csv", *table, "--yes", "--json")
    assert result.status == 0, result.stderr
    assert result.stderr.endswith("was replaced: 2 rows stored.\n")
    assert json.loads(result.stdout)["stored"] == 2


def test_what_is_sent_is_the_file_compressed(prod: CommandLine) -> None:
    (prod.folder / "Products.csv").write_bytes(b"\xef\xbb\xbf" + CSV)
    with serve_response(LISTED, DONE) as server:
        prod.write_environments(environments_toml(server.origin))
        push = ("lookup", "push", "Products.csv", "--env", "prod", "--yes")
        assert prod(*push).status == 0
        head, _, body = server.received[1].partition(b"\r\n\r\n")
    assert head.startswith(b"PUT /lookup-tables/a-1?project_id=1234567 ")
    headers = head.lower().split(b"\r\n")
    assert b"content-type: text/csv" in headers
    assert b"content-encoding: gzip" in headers
    assert gzip.decompress(body) == CSV


def test_a_file_with_problems_is_not_sent(fresh: CommandLine) -> None:
    (fresh.folder / "Products.csv").write_bytes(CSV + b"1,Coffee\n3\n")
    for option in ("--check", "--yes"):
        result = fresh("lookup", "push", "Products.csv", option)
        assert result.status == 2
        assert result.stderr == (
            "Products.csv, line 4: the key 1 is in line 2, too\n"
            "Products.csv, line 5: 1 cell, but the header has 2\n"
            "Products.csv (4 rows, 2 columns, 52 B) has 2 problems. Nothing was sent.\n"
        )


def test_a_check_needs_no_server(mixtui: CommandLine) -> None:
    (mixtui.folder / "Products.csv").write_bytes(CSV)
    mixtui.write_environments(environments_toml("http://127.0.0.1:9"))
    result = mixtui("lookup", "push", "Products.csv", "--check", "--env", "prod")
    assert result.status == 0
    assert result.stderr == (
        "Products.csv (2 rows, 2 columns, 41 B) is valid. Nothing was sent.\n"
    )


def test_replacing_a_table_is_confirmed(fresh: CommandLine) -> None:
    push = ("lookup", "push", "Products.csv")
    question = (
        "Replace the lookup table Products of project 3000001 in us (sandbox) by "
        "Products.csv (2 rows, 2 columns, 41 B)"
    )
    result = fresh(*push)
    assert result.status == 2
    assert f"{question}: add --yes to confirm it.\n" in result.stderr
    result = fresh(*push, terminal=True, stdin=b"n\n")
    assert (result.status, result.stderr) == (
        130,
        f"{question}? [y/N] Nothing was sent.\n",
    )
    result = fresh(*push, "--dry-run")
    assert (result.status, result.stderr) == (
        0,
        f"Would do: {question}. Nothing was sent.\n",
    )


def test_rows_that_the_server_refuses_are_named_with_their_lines(
    prod: CommandLine,
) -> None:
    (prod.folder / "Products.csv").write_bytes(b'id,name\n1,"a\nb"\n2,c\n3,d\n')
    failed = [{"index": 2, "message": "too long"}, {"index": 9, "message": "?"}]
    body = {"code": 400, "error": "Some failed.", "failed_records": failed}
    refusal = http_response(json.dumps(body).encode(), "400 Bad Request")
    with serve_response(LISTED, refusal) as server:
        prod.write_environments(environments_toml(server.origin))
        push = ("lookup", "push", "Products.csv", "--env", "prod", "--yes")
        result = prod(*push, "--json")
        assert len(server.received) == 2
    assert result.status == 1
    assert result.stderr.startswith(
        "Products.csv, line 4: too long\nProducts.csv, a row: ?\n"
    )
    assert "Products was not replaced: 400 Bad Request: Some failed." in result.stderr
    assert json.loads(result.stdout)["failed"] == [
        {"line": 4, "reason": "too long"},
        {"line": None, "reason": "?"},
    ]


@pytest.mark.parametrize(
    ("responses", "status", "shown"),
    [
        ((http_response(b"{}", "503 Service Unavailable"), DONE), 0, "2 rows stored"),
        ((http_response(b"{}", "429 Too Many Requests"), DONE), 0, "2 rows stored"),
        ((b"", DONE), 0, "2 rows stored"),
        ((http_response(b"{}", "404 Not Found"),), 1, "was not replaced: 404"),
        ((http_response(b"{}", "413 Payload Too Large"),), 1, "was not replaced: 413"),
        ((http_response(b"{}", "401 Unauthorized"),), 3, "was not replaced: 401"),
    ],
)
def test_a_server_that_fails_is_asked_again_where_that_may_help(
    prod: CommandLine, responses: tuple[bytes, ...], status: int, shown: str
) -> None:
    with serve_response(LISTED, *responses) as server:
        prod.write_environments(environments_toml(server.origin))
        push = ("lookup", "push", "Products.csv", "--env", "prod", "--yes")
        result = prod(*push)
    assert result.status == status, result.stderr
    assert shown in result.stderr


def test_a_day_has_a_hundred_replacements(
    fresh: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert LIMITS[Bucket.LOOKUP_REPLACE].calls == 100
    limit = Limit(2, 86_400, "table replacements")
    monkeypatch.setitem(LIMITS, Bucket.LOOKUP_REPLACE, limit)
    push = ("lookup", "push", "Products.csv", "--table", TABLE_ID, "--yes")
    for _ in range(2):
        assert fresh(*push).status == 0
    result = fresh(*push)
    assert result.status == 4
    assert "No table replacement is left: the next is free in 24 h" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("gone.csv",), "gone.csv cannot be read: No such file"),
        (("folder",), "is not a file"),
        (("Products.csv", "--table", "Prodcts"), "Did you mean Products?"),
        (("Products.csv", "--table", "zzz"), "The project has Products, Twice, Twice."),
        (("Products.csv", "--table", "Twice"), "Several tables are named Twice"),
    ],
)
def test_what_cannot_start_is_a_sentence(
    prod: CommandLine, arguments: tuple[str, ...], problem: str
) -> None:
    (prod.folder / "folder").mkdir()
    with serve_response(LISTED) as server:
        prod.write_environments(environments_toml(server.origin))
        result = prod("lookup", "push", *arguments, "--env", "prod", "--yes")
    assert result.status == 2
    assert problem in result.stderr


def test_nothing_is_left_behind(
    fresh: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    assert fresh("lookup", "push", "Products.csv", "--yes").status == 0
    monkeypatch.setattr(lookup_table, "MAX_BYTES", 3)
    assert fresh("lookup", "push", "Products.csv", "--yes").status == 2
    assert os.listdir(folder) == []
