"""The queries to start from run as they are, on whatever can be queried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui.jobs.event_query import QueryFiles
from mixtui.jobs.query_examples import query_examples
from mixtui.system import CancelToken
from tests.jobs.mixpanel import event_line

pytest.importorskip("duckdb")
EVENTS = b"\n".join(event_line(n, plan="pro") for n in range(3)) + b"\n"
PROFILE = b'{"$distinct_id":"u1","$properties":{"$email":"a@x.test","plan":"pro"}}\n'
FILES = {
    "a raw export.ndjson": (EVENTS, "Events by day"),
    "profiles.ndjson": (PROFILE, "Profiles"),
    "names.csv": (b'distinct_id,"a ""b"",c",n\nu,x,1\n', 'Rows by a "b",c'),
    "numbers.csv": (b"a,b\n1,2\n", "Number of rows"),
    "events with text times.csv": (
        b"event,time,distinct_id\na,yesterday,u\n",
        "Rows by event",
    ),
}


@pytest.fixture
def files(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[QueryFiles]:
    name = request.node.callspec.params["name"]
    (tmp_path / name).write_bytes(FILES[name][0])
    files = QueryFiles([name], tmp_path)
    yield files
    files.close(1)


@pytest.mark.parametrize("name", FILES)
def test_every_example_gives_rows(files: QueryFiles, name: str) -> None:
    examples = query_examples(files.columns(CancelToken()))
    assert FILES[name][1] in [example.title for example in examples]
    for example in examples:
        answer = files.answer(example.query, CancelToken())
        assert answer.count >= 1, example.title
        lines = answer.source.read(0, answer.source.size).splitlines()
        assert all(isinstance(json.loads(line), dict) for line in lines)


@pytest.mark.parametrize("name", ["profiles.ndjson"])
def test_a_profile_has_a_column_for_each_property(files: QueryFiles, name: str) -> None:
    query = query_examples(files.columns(CancelToken()))[1].query
    source = files.answer(query, CancelToken()).source
    assert json.loads(source.read(0, source.size)) == {
        "$distinct_id": "u1",
        "$email": "a@x.test",
        "plan": "pro",
    }
