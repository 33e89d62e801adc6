"""Whatever a source of events holds, each record is accounted for."""

from __future__ import annotations

import json
import os

import pytest

from mixtui.jobs.journal import journal_path, lock_journal
from mixtui.model.errors import ExitStatus
from mixtui.storage.paths import state_dir
from tests.cli.conftest import CommandLine
from tests.fixtures_sandbox import PLENTY, NewSandbox
from tests.jobs.mixpanel import event_line

GOOD = [event_line(n) for n in range(3)]
ROWS = b"event,distinct_id,time\nImported,u1,1750000001\n"


@pytest.fixture
def fresh(mixtui: CommandLine, new_sandbox: NewSandbox) -> CommandLine:
    sandbox = new_sandbox(queries_per_hour=PLENTY, with_sample=False)
    mixtui.variables["MIXTUI_SANDBOX"] = sandbox.origin
    return mixtui


def lines(*records: bytes, end: bytes = b"\n") -> bytes:
    return end.join([*GOOD, *records])


@pytest.mark.parametrize(
    ("name", "data", "account"),
    [
        ("half a last line.ndjson", lines(event_line(4)[:40]), (4, 3, 1)),
        ("no last line end.ndjson", lines(event_line(4)), (4, 4, 0)),
        ("crlf.ndjson", lines(event_line(4), b"", end=b"\r\n"), (4, 4, 0)),
        ("bom.ndjson", b"\xef\xbb\xbf" + lines(b""), (3, 3, 0)),
        ("empty.ndjson", b"", (0, 0, 0)),
        ("only line ends.ndjson", b"\n\r\n\n", (0, 0, 0)),
        ("empty.csv", b"", (0, 0, 0)),
        ("only names.csv", b"event,distinct_id,time\n", (0, 0, 0)),
        (
            "two encodings.ndjson",
            lines(b'{"event":"caf\xe9"}', event_line(5, city="Köln")),
            (5, 4, 1),
        ),
        (
            "two encodings.csv",
            ROWS + b"caf\xe9,u2,1750000002\nImported,u\xc3\xa9,1750000003\n",
            (3, 2, 1),
        ),
        (
            "without time or id.ndjson",
            lines(
                b'{"event":"a","properties":{"distinct_id":"u"}}',
                b'{"event":"a","properties":{"time":1750000000}}',
            ),
            (5, 3, 2),
        ),
        ("3 MB.ndjson", lines(event_line(4, a="x" * 3_000_000)), (4, 3, 1)),
        (
            "10,000 properties.ndjson",
            lines(event_line(4, **{f"p{n}": n for n in range(10_000)})),
            (4, 3, 1),
        ),
        ("wrong dates.csv", ROWS + b"a,u,31.13.2025\na,u,-1\na,u,\n", (4, 1, 3)),
        ("an old date.ndjson", lines(event_line(-1_750_000_000)), (4, 3, 1)),
    ],
)
def test_each_record_of_an_odd_source_is_accounted_for(
    fresh: CommandLine, name: str, data: bytes, account: tuple[int, int, int]
) -> None:
    (fresh.folder / name).write_bytes(data)
    columns = ["--event-column", "event", "--distinct-id", "distinct_id"]
    options = [*columns, "--time", "time"] if name.endswith(".csv") else []
    result = fresh("events", "import", name, "--json", *options)
    values = json.loads(result.stdout)
    assert (values["read"], values["stored"], values["rejected"]) == account, (
        result.stderr
    )
    assert values["read"] == values["stored"] + values["rejected"] + values["not_sent"]
    expected = ExitStatus.PARTLY_STORED if account[2] else ExitStatus.ACCEPTED
    assert result.status == expected, result.stderr


def test_a_list_that_is_cut_off_is_said_and_may_be_mended(fresh: CommandLine) -> None:
    path = fresh.folder / "a.json"
    path.write_bytes(b"[" + b",".join(GOOD))
    result = fresh("events", "import", "a.json", "--name", "a", "--json")
    values = json.loads(result.stdout)
    assert result.status == ExitStatus.USAGE
    assert "a.json, line 1: the JSON list is cut off" in result.stderr
    assert values["read"] == values["stored"] + values["rejected"] + values["not_sent"]
    path.write_bytes(b"[" + b",".join(GOOD) + b"]")
    result = fresh("events", "import", "a.json", "--name", "a", "--resume")
    assert "changed" in result.stderr
    result = fresh("events", "import", "a.json", "--name", "a", "--restart")
    assert "3 records read = 3 stored + 0 rejected" in result.stderr


def test_two_columns_of_one_name_are_refused(fresh: CommandLine) -> None:
    (fresh.folder / "a.csv").write_bytes(b"event,time,event\na,1750000000,b\n")
    result = fresh("events", "import", "a.csv", "--distinct-id", "event")
    assert result.status == ExitStatus.USAGE
    assert "event" in result.stderr
    assert "internal" not in result.stderr.lower()


def test_the_second_of_two_imports_of_one_file_is_refused(fresh: CommandLine) -> None:
    (fresh.folder / "a.ndjson").write_bytes(lines())
    assert fresh("events", "import", "a.ndjson", "--name", "a").status == 0
    lock = lock_journal(journal_path(state_dir(), "a"))
    try:
        for option in ("--restart", "--resume", "--yes"):
            result = fresh("events", "import", "a.ndjson", "--name", "a", option)
            assert result.status == ExitStatus.USAGE
            assert "running in another program" in result.stderr
    finally:
        os.close(lock)
