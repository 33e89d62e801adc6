from __future__ import annotations

import json

import pytest

from benchmarks.payload import HEAD, TAIL, daily_counts, document, event_lines


@pytest.mark.parametrize("size", [1_000, 4_321, 100_000])
@pytest.mark.parametrize("pretty", [False, True])
def test_a_document_is_json_of_the_size_asked_for(size: int, pretty: bool) -> None:
    body = document(size, pretty=pretty)
    assert len(body) == size
    value = json.loads(body)
    assert next(iter(value.values())) == HEAD
    assert value["tail"] == TAIL
    assert (b"\n" in body) is pretty


@pytest.mark.parametrize("size", [1_000, 4_321, 9_000_001])
def test_an_export_has_the_size_asked_for_and_an_event_in_every_line(size: int) -> None:
    body = b"".join(event_lines(size))
    assert len(body) == size
    events = [json.loads(line)["event"] for line in body.splitlines()]
    assert (events[0], events[-1]) == (HEAD, TAIL)
    assert events.count(HEAD) == events.count(TAIL) == 1


def test_a_large_export_comes_in_pieces() -> None:
    pieces = event_lines(10**15)
    assert sum(len(next(pieces)) for _ in range(5)) < 20_000_000


def test_counts_by_day_are_a_hundred_lines_that_all_differ() -> None:
    body = json.loads(daily_counts())
    lines = json.dumps(body, indent=2).splitlines()
    assert len(lines) == 131
    values = body["data"]["values"].values()
    assert [list(days) for days in values] == [body["data"]["series"]] * 3
