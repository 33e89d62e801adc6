"""Many events at once are judged and cut as if each were seen alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mixtui.jobs import batches, readers
from mixtui.jobs.batches import BatchCutter, Cutting, Shard
from mixtui.jobs.event_check import REJECTED, EventChecker
from mixtui.jobs.model import Batch
from mixtui.jobs.sources import Source

NOW = 1_780_000_000


class OneByOne(EventChecker):
    """Sees each event."""

    def accepts(self, records: Sequence[bytes]) -> bool:
        """Return that nothing is certain."""
        return False


class Seen(EventChecker):
    """Remembers which events it had to see alone."""

    def __init__(self) -> None:
        super().__init__(lambda: NOW)
        self.texts: list[bytes] = []

    def complete(self, text: bytes) -> bytes:
        """Remember an event."""
        self.texts.append(text)
        return super().complete(text)


def event(**properties: object) -> bytes:
    values = {"time": NOW - 5, "distinct_id": "u1", "$insert_id": "a-1", **properties}
    kept = {name: value for name, value in values.items() if value is not ...}
    return json.dumps({"event": "Sign up", "properties": kept}).encode()


def cut(
    path: Path,
    checker: EventChecker,
    cutting: Cutting,
    left_out: Sequence[int] = (),
) -> list[Batch]:
    """Return the batches of a file, without those that were done before."""

    def read(done: Sequence[Batch]) -> list[Batch]:
        ranges = [batch.range for batch in done]
        cutter = BatchCutter(
            0, Source(str(path)), cutting, checker=checker, done=ranges
        )
        try:
            return list(cutter.batches())
        finally:
            cutter.close()

    if not left_out:
        return read(())
    return read([batch for index, batch in enumerate(read(())) if index in left_out])


_VALID = st.builds(
    event,
    **{
        "time": st.sampled_from([NOW, NOW - 0.5, (NOW - 5) * 1000, 10**9]),
        "distinct_id": st.sampled_from(["u1", "", 7, 1.5, "ü", "NULL and void"]),
        "$insert_id": st.text("aB0-", max_size=35).map("x".__add__),
        "note": st.sampled_from(
            ["x", "{", "[1", "é\u2028", "}\r\n{", 5, None, [1], {}]
        ),
    },
)
_BROKEN = st.sampled_from(
    [
        event(time="x"),
        event(time=5),
        event(time=True),
        event(time=10**400),
        event(distinct_id="null"),
        event(distinct_id=" None "),
        event(distinct_id=None),
        event(**{"$insert_id": ...}),
        event(**{"$insert_id": "Null"}),
        event(**{"$insert_id": ""}),
        event(**{"$insert_id": "a b"}),
        event(**{"$insert_id": "x" * 37}),
        event(a={"b": {"c": {"d": 1}}}),
        event(a=[1] * 256),
        event(**{f"p{n}": n for n in range(252)}),
        event(**{f"p{n}": n for n in range(251)}),
        event(**{REJECTED: 1}),
        event()[:-1] + b',"mixtui_rejected":{"line":1}}',
        event().replace(b"Sign up", b""),
        event() + event(),
        event() + b"," + event(),
        event()[:40],
        event()[40:],
        event().replace(b"u1", b"\xff"),
        event().replace(b"u1", b"\\ud800"),
        event().replace(b", ", b",\n "),
        event() + b"\r",
        b" " + event() + b" ",
        b"",
        b" \r",
        b"{}",
        b"null",
        b"5",
        b'{"event":"x","properties":{"a":' + b"[" * 2000,
    ]
)
_LINES = st.lists(st.one_of(_VALID, _VALID, _VALID, _BROKEN), min_size=1, max_size=40)


@settings(max_examples=150)
@given(
    _LINES,
    st.sampled_from(["ndjson", "json"]),
    st.sampled_from([1, 3, 2000]),
    st.sampled_from([1, 700, 10_000]),
    st.sampled_from([1, 2, 8]),
    st.sets(st.integers(0, 5)),
    st.sampled_from([(1, 1), (1, 2), (2, 2)]),
    st.booleans(),
)
def test_many_events_at_once_become_the_same_batches_as_one_by_one(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[bytes],
    kind: str,
    most: int,
    most_bytes: int,
    few: int,
    left_out: set[int],
    shard: tuple[int, int],
    ends: bool,
) -> None:
    path = tmp_path_factory.mktemp("cut") / f"a.{kind}"
    if kind == "json":
        # What is not JSON may end the list.
        lines = [line for line in lines if _is_json(line)] or [event()]
        path.write_bytes(b"[" + b",\n".join(lines) + b"]")
    else:
        path.write_bytes(b"\n".join(lines) + b"\n" * ends)
    cutting = Cutting(max_records=most, max_bytes=most_bytes, shard=Shard(*shard))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_FEW", few)
        patch.setattr(batches, "SHARD_BLOCK", 500)
        patch.setattr(readers, "BLOCK", 2000)
        together = cut(path, EventChecker(lambda: NOW), cutting, tuple(left_out))
        alone = cut(path, OneByOne(lambda: NOW), cutting, tuple(left_out))
    assert together == alone
    for batch in together:
        assert batch.size == sum(map(len, batch.records)) + len(batch.records) + 1


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


@pytest.mark.parametrize("kind", ["ndjson", "json"])
def test_valid_events_are_not_seen_one_by_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    nested = {"tags": ["a", "b"], "address": {"city": "Köln"}, "deep": {"a": {"b": 1}}}
    lines = [
        event(**{"$insert_id": f"id-{n}", "n": n}, **(nested if n % 2 else {}))
        for n in range(5000)
    ]
    lines[1234] = event(time="x")
    text = b",\n".join(lines)
    path.write_bytes(b"[%b]" % text if kind == "json" else b"\n".join(lines))
    seen = Seen()
    found = cut(path, seen, Cutting())
    assert [len(batch.records) for batch in found] == [2000, 2000, 999]
    assert [record for batch in found for record in batch.records] == (
        lines[:1234] + lines[1235:]
    )
    assert lines[1234] in seen.texts
    assert len(seen.texts) <= batches._FEW
