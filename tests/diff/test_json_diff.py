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
    diff_json,
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
    """Return a readable line for each change."""
    changes = compare(old, new)
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


def compare(old: str | bytes, new: str | bytes) -> JsonDiff:
    sides = [s.encode() if isinstance(s, str) else s for s in (old, new)]
    changes = diff_json(*sides)
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
        # Of a duplicate key, parsers use the last value.
        ('{"a": 1, "a": 2}', '{"a": 2}', ["- .a 1"]),
        ('{"a": 1, "a": 2}', '{"a": 1, "a": 3}', ["~ .a 2 → 3 +1 +50 %"]),
        # Texts are matched by content.
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
        # Names that are not unique are ignored: by position.
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
def test_equal_values_that_are_written_differently_are_counted_but_not_listed(
    old: str, new: str
) -> None:
    assert compare(old, new) == JsonDiff((), respelled=2)


def test_bytes_that_are_not_utf_8_are_compared_as_they_are() -> None:
    assert [type(c) for c in compare(b'["\xff"]', b'["\xfe"]').changes] == [Changed]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"<html>", b"{}", "The old body is not valid JSON (invalid character"),
        (b"{}", b'{"a": 1', "The new body is not valid JSON"),
        (
            b"[" * 100_000 + b"1" + b"]" * 100_000,
            b"[" * 100_000 + b"2" + b"]" * 100_000,
            "nested too deeply",
        ),
        (b'{"\xff": 1}', b"{}", "not UTF-8 in a key"),
        (
            b"[" * 600 + b"1" + b"]" * 600,
            b"[" * 600 + b"2" + b"]" * 600,
            "nested too deeply",
        ),
    ],
)
def test_an_invalid_body_is_reported(old: bytes, new: bytes, message: str) -> None:
    changes = diff_json(old, new)
    assert isinstance(changes, NotComparable)
    assert message in changes.reason
    assert changes.reason.endswith(".")


def test_a_body_that_is_too_large_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_diff, "MAX_BYTES", 3)
    assert diff_json(b"[1]", b"[10]") == NotComparable(
        "Too large to compare by path: 4 B; the limit is 3 B."
    )


def test_the_comparison_stops_at_the_maximum_of_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(json_diff, "MAX_CHANGES", 2)
    changes = compare("[1, 2, 3]", "[4, 5, 6]")
    assert len(changes.changes) == 2
    assert not changes.is_complete
    assert compare("[1, 2]", "[4, 5]").is_complete


def test_a_cancelled_comparison_ends() -> None:
    token = CancelToken()
    token.cancel()
    old, new = (
        b"[" + b",".join(b'{"a":%d}' % (i + d) for i in range(2_000)) + b"]"
        for d in (0, 5_000)
    )
    with pytest.raises(Cancelled):
        diff_json(old, new, token)


@given(VALUES)
def test_a_value_does_not_differ_from_itself(value: object) -> None:
    one, other = json.dumps(value), json.dumps(value, indent=1, ensure_ascii=False)
    assert compare(one, other.encode("utf-8", "surrogatepass")).changes == ()


@given(VALUES, VALUES)
def test_the_old_value_with_the_changes_is_the_new_one(old: Any, new: Any) -> None:
    changes = compare(json.dumps(old), json.dumps(new))
    assert apply_changes(changes, old) == normalised(new)


def normalised(value: object) -> object:
    """Read a value back from JSON, with every number as a float."""
    return json.loads(json.dumps(value), parse_int=float)


def apply_changes(diff: JsonDiff, value: Any) -> object:
    root = {"": copy.deepcopy(value)}
    moved: dict[Path, Any] = {}
    removals = [
        (c.path if isinstance(c, Removed) else c.old_path, c)
        for c in diff.changes
        if isinstance(c, Removed | Moved)
    ]
    for path, change in sorted(removals, key=lambda pair: pair[0], reverse=True):
        value_removed = parent_of(root, path).pop(("", *path)[-1])
        if isinstance(change, Moved):
            moved[change.path] = value_removed
    insertions = [c for c in diff.changes if isinstance(c, Added | Moved)]
    for change in sorted(insertions, key=lambda c: c.path):
        new = (
            moved[change.path]
            if isinstance(change, Moved)
            else json.loads(change.value)
        )
        node = parent_of(root, change.path)
        if isinstance(node, list):
            index = change.path[-1]
            assert isinstance(index, int)
            node.insert(index, new)
        else:
            node[change.path[-1]] = new
    for change in diff.changes:
        if isinstance(change, Changed):
            parent_of(root, change.path)[("", *change.path)[-1]] = json.loads(
                change.new
            )
    return normalised(root[""])


def parent_of(root: dict[str, Any], path: Path) -> Any:
    node: Any = root
    for part in ("", *path)[:-1]:
        node = node[part]
    return node
