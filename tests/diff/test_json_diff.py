from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.diff import json_diff
from mixtui.diff.json_diff import (
    Added,
    Changed,
    JsonDiff,
    Moved,
    NotComparable,
    Path,
    Removed,
    delta_label,
    diff,
    percent_label,
)
from mixtui.document.json_path import jq_path
from mixtui.system import Cancelled, CancelToken

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=3),
)
NAMED = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 9), "n": st.integers(0, 3)}),
    max_size=8,
    unique_by=lambda item: item["id"],
)
VALUES = st.recursive(
    st.one_of(SCALARS, NAMED),
    lambda inner: st.one_of(
        st.lists(inner, max_size=6),
        st.dictionaries(st.text("ab", max_size=2), inner, max_size=4),
    ),
    max_leaves=25,
)


def change_lines(old: str | bytes, new: str | bytes) -> list[str]:
    """The changes as people would say them."""
    changes = compared(old, new)
    lines = []
    for change in changes.changes:
        match change:
            case Added(path, value):
                lines.append(f"+ {jq_path(path)} {value.decode()}")
            case Removed(path, value):
                lines.append(f"- {jq_path(path)} {value.decode()}")
            case Moved(path, old_path, _):
                lines.append(f"> {jq_path(path)} from {jq_path(old_path)}")
            case Changed(path, _, before, after, by):
                line = f"~ {jq_path(path)} {before.decode()} → {after.decode()}"
                if by:
                    line += f" {delta_label(by)} {percent_label(by)}".rstrip()
                lines.append(line)
    return lines


def compared(old: str | bytes, new: str | bytes) -> JsonDiff:
    sides = [s.encode() if isinstance(s, str) else s for s in (old, new)]
    changes = diff(*sides)
    assert isinstance(changes, JsonDiff)
    return changes


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ('{"a": 1}', '{"a":1}', []),
        ('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', []),
        ('{"a": 4}', '{"a": 5}', ["~ .a 4 → 5 +1 +25 %"]),
        ('{"a": 0}', '{"a": 5}', ["~ .a 0 → 5 +5"]),
        ('{"a": 1}', '{"a": "1"}', ['~ .a 1 → "1"']),
        ('{"a": 1, "b": {}}', '{"c": [1, 2]}', ["- .a 1", "- .b {}", "+ .c [1,2]"]),
        ("1", "0", ["~ . 1 → 0 -1 -100 %"]),
        ("[]", "{}", ["~ . [] → {}"]),
        # The last of a repeated key is the one that readers take.
        ('{"a": 1, "a": 2}', '{"a": 2}', ["- .a 1"]),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 3}', ["~ .a 2 → 3 +1 +50 %"]),
        # Texts are matched by content: a day came, a day went.
        (
            '["mon", "tue", "wed"]',
            '["tue", "wed", "thu"]',
            ['- .[0] "mon"', '+ .[2] "thu"'],
        ),
        # Numbers are a series: position by position.
        (
            "[9, 1, 1]",
            "[1, 1, 9]",
            ["~ .[0] 9 → 1 -8 -88.9 %", "~ .[2] 1 → 9 +8 +800 %"],
        ),
        ("[1, 2]", "[1, 2, 3]", ["+ .[2] 3"]),
        (
            '[{"id": 1, "n": 1}, {"id": 2, "n": 1}]',
            '[{"id": 0}, {"id": 1, "n": 1}, {"id": 2, "n": 2}]',
            ['+ .[0] {"id":0}', "~ .[2].n 1 → 2 +1 +100 %"],
        ),
        (
            '[{"event": "A", "n": 1}, {"event": "B"}, {"event": "C"}]',
            '[{"event": "B"}, {"event": "C"}, {"event": "A", "n": 2}]',
            ["> .[2] from .[0]", "~ .[2].n 1 → 2 +1 +100 %"],
        ),
        (
            '[{"properties": {"$insert_id": "x"}}]',
            '[{"properties": {"$insert_id": "y"}}, {"properties": {"$insert_id": "x"}}]',
            ['+ .[0] {"properties":{"$insert_id":"y"}}'],
        ),
        # One name twice is no name: by position.
        (
            '[{"id": 1, "a": 1}, {"id": 1, "a": 2}]',
            '[{"id": 1, "a": 3}, {"id": 1, "a": 4}]',
            ["~ .[0].a 1 → 3 +2 +200 %", "~ .[1].a 2 → 4 +2 +100 %"],
        ),
        # One document a line.
        ('{"a":1}\n{"a":2}\n', '{"a":1}\n{"a":3}\n', ["~ .[1].a 2 → 3 +1 +50 %"]),
        ('{"a":1}\n', '{"a":1}\n{"a":3}', ['+ .[1] {"a":3}']),
        ("", '{"a":1}\n{"a":3}', ['+ .[0] {"a":1}', '+ .[1] {"a":3}']),
        ("", "", []),
        ("\ufeff[1]", "[1]", []),
        (
            '{"n": 123456789012345678901234567890}',
            '{"n": 123456789012345678901234567891}',
            [
                "~ .n 123456789012345678901234567890 → 123456789012345678901234567891"
                " +1 under 0.001 %"
            ],
        ),
        ("[1e400]", "[1e401]", ["~ .[0] 1e400 → 1e401 +9e+400 +900 %"]),
    ],
)
def test_changes_are_listed_by_path(old: str, new: str, changes: list[str]) -> None:
    assert change_lines(old, new) == changes


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[1.0, 2]", "[1.00, 2e0]"),
        (r'["\u00e9", "a\/b"]', '["é", "a/b"]'),
        ('[{"a": 1.0}, {"b": -0}]', '[{"a": 1}, {"b": 0}]'),
    ],
)
def test_what_is_only_written_differently_is_counted_and_not_listed(
    old: str, new: str
) -> None:
    assert compared(old, new) == JsonDiff((), respelled=2)


def test_bytes_that_are_not_utf_8_are_compared_as_they_are() -> None:
    assert [type(c) for c in compared(b'["\xff"]', b'["\xfe"]').changes] == [Changed]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"<html>", b"{}", "The old body is not valid JSON (invalid character"),
        (b"{}", b'{"a": 1', "The new body is not valid JSON"),
        (b"{}", b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b'{"\xff": 1}', b"{}", "not UTF-8 in a key"),
        (
            b"[" * 600 + b"1" + b"]" * 600,
            b"[" * 600 + b"2" + b"]" * 600,
            "nested too deeply",
        ),
    ],
)
def test_what_cannot_be_compared_is_a_sentence(
    old: bytes, new: bytes, words: str
) -> None:
    changes = diff(old, new)
    assert isinstance(changes, NotComparable)
    assert words in changes.reason
    assert changes.reason.endswith(".")


def test_a_body_too_big_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_diff, "MOST_BYTES", 3)
    assert diff(b"[1]", b"[10]") == NotComparable(
        "A body of 4 B is too big to be compared by path; 3 B is the most."
    )


def test_more_changes_than_anybody_reads_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_diff, "MOST_CHANGES", 2)
    changes = compared("[1, 2, 3]", "[4, 5, 6]")
    assert len(changes.changes) == 2
    assert not changes.complete
    assert compared("[1, 2]", "[4, 5]").complete


def test_it_ends_when_it_is_cancelled() -> None:
    token = CancelToken()
    token.cancel()
    old, new = (
        b"[" + b",".join(b'{"a":%d}' % (i + d) for i in range(2_000)) + b"]"
        for d in (0, 5_000)
    )
    with pytest.raises(Cancelled):
        diff(old, new, token)


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    one, other = json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)
    assert compared(one, other.encode("utf-8", "surrogatepass")).changes == ()


@given(VALUES, VALUES)
def test_the_old_value_with_the_changes_is_the_new_one(old: Any, new: Any) -> None:
    changes = compared(json.dumps(old), json.dumps(new))
    assert applied(changes, old) == as_read(new)


def as_read(value: object) -> object:
    """The value with True and 1, which Python takes for the same, told apart."""
    return json.loads(json.dumps(value), parse_int=float)


def applied(found: JsonDiff, value: Any) -> object:
    root = {"": copy.deepcopy(value)}
    moved: dict[Path, Any] = {}
    leaving = [
        (c.path if isinstance(c, Removed) else c.old_path, c)
        for c in found.changes
        if isinstance(c, Removed | Moved)
    ]
    for path, change in sorted(leaving, key=lambda pair: pair[0], reverse=True):
        taken = holder(root, path).pop(("", *path)[-1])
        if isinstance(change, Moved):
            moved[change.path] = taken
    coming = [c for c in found.changes if isinstance(c, Added | Moved)]
    for change in sorted(coming, key=lambda c: c.path):
        new = (
            moved[change.path]
            if isinstance(change, Moved)
            else json.loads(change.value)
        )
        place = holder(root, change.path)
        if isinstance(place, list):
            index = change.path[-1]
            assert isinstance(index, int)
            place.insert(index, new)
        else:
            place[change.path[-1]] = new
    for change in found.changes:
        if isinstance(change, Changed):
            holder(root, change.path)[("", *change.path)[-1]] = json.loads(change.new)
    return as_read(root[""])


def holder(root: dict[str, Any], path: Path) -> Any:
    place: Any = root
    for part in ("", *path)[:-1]:
        place = place[part]
    return place
