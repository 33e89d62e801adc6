from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.diff.alignment import MatchRun, align, longest_increasing_subsequence
from mixtui.system import Cancelled, CancelToken

FEW = st.lists(st.integers(0, 3), max_size=25)


def common_length(old: list[int], new: list[int]) -> int:
    """Return the length of the longest common subsequence, by the textbook algorithm."""
    row = [0] * (len(new) + 1)
    for item in old:
        previous = row
        row = [0]
        for j, other in enumerate(new):
            row.append(
                previous[j] + 1 if item == other else max(previous[j + 1], row[j])
            )
    return row[-1]


@given(FEW, FEW)
def test_runs_are_in_order_and_the_same_on_both_sides(
    old: list[int], new: list[int]
) -> None:
    i = j = 0
    for run in align(old, new):
        assert run.length > 0
        assert run.old >= i and run.new >= j
        i, j = run.old + run.length, run.new + run.length
        assert old[run.old : i] == new[run.new : j]
    assert i <= len(old) and j <= len(new)


@given(st.lists(st.sampled_from([1, 1, 2, 2]), max_size=20))
def test_without_anchors_the_change_is_the_shortest(old: list[int]) -> None:
    old = old * 2
    new = [9, 9, *old[1::2], 9]
    assert sum(run.length for run in align(old, new)) == common_length(old, new)


@given(st.lists(st.integers(), max_size=30))
def test_a_sequence_aligns_with_itself(items: list[int]) -> None:
    assert align(items, items) == ([MatchRun(0, 0, len(items))] if items else [])


def test_sides_that_differ_too_much_are_replaced_entirely() -> None:
    assert align([1, 2] * 2_000, [3, 3, 1] * 2_000) == []


def test_a_cancelled_comparison_ends() -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        align([1], [2], token)


def test_a_longest_increasing_subsequence_is_returned_by_index() -> None:
    assert longest_increasing_subsequence([3, 0, 1, 5, 2]) == [1, 2, 4]
    assert longest_increasing_subsequence([]) == []
