"""What is done about each difference of source, target and base."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.jobs.sync.base import FOLDER, BaseStore
from mixtui.jobs.sync.diff import diff_lines
from mixtui.jobs.sync.plan import (
    Item,
    State,
    Verdict,
    compare,
    digests,
    make_item,
    next_base,
)
from mixtui.jobs.sync.sync import SyncOptions, compare_for_pull, compare_for_push

APPLY, KEEP, CONFLICT, UNPRUNED = Verdict


def item(value: object) -> Item:
    return make_item(str(value), {"value": value}, value)


def state(**values: object) -> State:
    return {key: item(value) for key, value in values.items() if value is not None}


@pytest.mark.parametrize(
    ("source", "target", "base", "verdict", "action"),
    [
        # Only the source has changed
        (2, 1, 1, APPLY, "changed"),
        (1, None, None, APPLY, "added"),
        (None, 1, 1, UNPRUNED, "removed"),
        # Only the target has changed
        (1, 2, 1, KEEP, "changed"),
        (1, None, 1, KEEP, "added"),
        (None, 1, None, KEEP, "removed"),
        # Both have
        (2, 3, 1, CONFLICT, "changed"),
        (2, 3, None, CONFLICT, "changed"),
        (2, None, 1, CONFLICT, "added"),
        (None, 2, 1, CONFLICT, "removed"),
    ],
)
def test_what_is_done_depends_on_who_has_changed_it(
    source: int | None,
    target: int | None,
    base: int | None,
    verdict: Verdict,
    action: str,
) -> None:
    states = state(a=source), state(a=target), digests(state(a=base))
    (difference,) = compare(*states).differences
    assert (difference.verdict, difference.action) == (verdict, action)
    (pruned,) = compare(*states, prune=True, overwrite=True).differences
    assert pruned.verdict is APPLY
    (overwritten,) = compare(*states, overwrite=True).differences
    assert overwritten.verdict is (APPLY if source is not None else UNPRUNED)


@pytest.mark.parametrize("base", [1, 2, None])
def test_what_is_equal_is_left_alone_whatever_it_was(base: int | None) -> None:
    comparison = compare(state(a=1), state(a=1), digests(state(a=base)))
    assert (comparison.differences, comparison.unchanged) == ((), 1)


STATES = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3)).map(
    lambda values: state(**values)
)


@given(STATES, STATES, STATES)
def test_after_its_changes_only_what_was_left_differs(
    files: State, server: State, base: State
) -> None:
    comparison = compare(files, server, digests(base), prune=True)
    after = dict(server)
    for change in comparison.changes:
        after.pop(change.key, None)
        if change.source is not None:
            after[change.key] = change.source
    left = compare(files, after, next_base(digests(base), files, after), prune=True)
    assert left.changes == ()
    expected = [each for each in comparison.differences if each.verdict is not APPLY]
    assert list(left.differences) == expected
    everything = compare(files, server, digests(base), prune=True, overwrite=True)
    assert everything.changes == everything.differences


@given(STATES, STATES)
def test_without_a_base_a_push_follows_the_files(files: State, server: State) -> None:
    options = SyncOptions(prune=True)
    comparison = compare_for_push(files, server, None, options)
    assert comparison.changes == comparison.differences


@given(STATES, STATES)
def test_without_a_base_a_pull_changes_no_file(files: State, server: State) -> None:
    comparison = compare_for_pull(files, server, None, SyncOptions(prune=True))
    assert {each.action for each in comparison.changes} <= {"added"}


def test_the_base_forgets_what_nobody_has_and_keeps_what_differs() -> None:
    base = digests(state(a=1, b=1, c=1))
    files, server = state(a=2, b=1), state(a=3, b=1, d=1)
    assert next_base(base, files, server) == digests(state(a=1, b=1))
    assert next_base(None, files, server) == digests(server)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"description": ""}, {}),
        ({"metadata": {"com.mixpanel": {"hidden": False, "tags": []}}}, {}),
        ({"a": None, "b": {"c": {}}}, {}),
        ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
        ({"tags": ["b", "a"]}, {"tags": ["a", "b"]}),
    ],
)
def test_values_that_mean_the_same_are_equal(one: object, other: object) -> None:
    assert make_item("", one, one).digest == make_item("", other, other).digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"hidden": True}, {}),
        ({"a": False}, {}),
        ({"a": 0}, {}),
        ([1, 2], [2, 1]),
        ({"tags": {"type": "string"}}, {}),
    ],
)
def test_values_that_mean_something_else_differ(one: object, other: object) -> None:
    assert make_item("", one, one).digest != make_item("", other, other).digest


def test_a_diff_is_that_of_git() -> None:
    comparison = compare(state(a=2, b=1), state(a=1, c=1), digests(state(a=1, c=1)))
    lines = [[*diff_lines(e, "files", "project")] for e in comparison.differences]
    assert lines == [
        [
            "--- /dev/null",
            "+++ files/1",
            "@@ -0,0 +1,3 @@",
            "+{",
            '+  "value": 1',
            "+}",
        ],
        [
            "--- project/1",
            "+++ files/2",
            "@@ -1,3 +1,3 @@",
            " {",
            '-  "value": 1',
            '+  "value": 2',
            " }",
        ],
        [
            "--- project/1",
            "+++ /dev/null",
            "@@ -1,3 +0,0 @@",
            "-{",
            '-  "value": 1',
            "-}",
        ],
    ]


def test_a_base_is_that_of_one_project_and_path(tmp_path: Path) -> None:
    store = BaseStore(tmp_path, "https://x/1", tmp_path / "a")
    assert store.load({}) is None
    store.save({"a": "1"})
    assert store.load({}) == {"a": "1"}
    assert BaseStore(tmp_path, "https://x/2", tmp_path / "a").load({}) is None
    assert BaseStore(tmp_path, "https://x/1", tmp_path / "b").load({}) is None
    (file,) = (tmp_path / FOLDER).iterdir()
    assert file.stat().st_mode & 0o077 == 0
    file.write_text("{")
    assert store.load({}) is None


def test_what_a_killed_push_has_changed_was_not_changed_by_others(
    tmp_path: Path,
) -> None:
    store = BaseStore(tmp_path, "https://x/1", tmp_path / "a")
    before, wanted = state(a=1, b=1, c=1), state(a=2, b=2, d=2)
    changes = compare(wanted, before, digests(before), prune=True).changes
    assert len(changes) == 4
    store.save(digests(before), changes)
    # Some of it arrived, and somebody else has changed b.
    server = state(a=2, b=3, d=2)
    assert store.load(server) == {**digests(state(a=2, d=2)), "b": item(1).digest}
    assert store.load(before) == digests(before)
