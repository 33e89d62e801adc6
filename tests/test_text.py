from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.text import duration, merge_positions, pluralise, size


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (812, "812 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (1234, "1.2 KB"),
        (9_949, "9.9 KB"),
        (9_950, "10 KB"),
        (34_000, "34 KB"),
        (999_499, "999 KB"),
        (999_500, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (2_000_000_000, "2.0 GB"),
        (12 * 10**18, "12,000 PB"),
    ],
)
def test_a_size_reads_like_people_say_it(count: int, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.0004, "0 ms"),
        (0.038, "38 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.00 s"),
        (1.24, "1.24 s"),
        (9.996, "10.0 s"),
        (12.44, "12.4 s"),
        (59.96, "1 min"),
        (125, "2 min 5 s"),
        (3599.6, "1 h"),
        (3720, "1 h 2 min"),
    ],
)
def test_a_duration_reads_like_people_say_it(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@given(st.floats(min_value=0, max_value=10**6))
def test_a_unit_that_is_full_becomes_the_next(seconds: float) -> None:
    assert not re.search(r"(?<![\d.])(1000 ms|60(\.0+)? (s|min))\b", duration(seconds))


@pytest.mark.parametrize(
    ("count", "noun", "plural", "words"),
    [
        (0, "record", "", "0 records"),
        (1, "record", "", "1 record"),
        (1200, "record", "", "1,200 records"),
        (2, "entry", "entries", "2 entries"),
    ],
)
def test_a_count_agrees_with_its_noun(
    count: int, noun: str, plural: str, words: str
) -> None:
    assert pluralise(count, noun, plural) == words


@pytest.mark.parametrize(
    ("positions", "spans"),
    [
        ((), ()),
        ((3,), ((3, 4),)),
        ((4, 3, 3, 8), ((3, 5), (8, 9))),
    ],
)
def test_neighbouring_positions_make_up_one_part_of_a_text(
    positions: tuple[int, ...], spans: tuple[tuple[int, int], ...]
) -> None:
    assert merge_positions(positions) == spans
