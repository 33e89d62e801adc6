from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mixtui.diff.json_diff import delta_label, number_change, percent_label, same_number


@pytest.mark.parametrize(
    ("old", "new", "delta", "percent"),
    [
        ("1204", "1310", "+106", "+8.8 %"),
        ("100", "3400", "+3,300", "+3,300 %"),
        ("4", "3", "-1", "-25 %"),
        ("-4", "-2", "+2", "+50 %"),
        ("0", "12", "+12", ""),
        ("0.1", "0.3", "+0.2", "+200 %"),
        ("200", "0", "-200", "-100 %"),
        ("1000", "0.25", "-999.75", "-99.9 %"),
        ("1000000", "1000001", "+1", "under 0.001 %"),
        ("100000", "100030", "+30", "+0.03 %"),
        ("3", "2.5e0", "-0.5", "-16.7 %"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567891",
            "+1",
            "under 0.001 %",
        ),
        ("1", "1e400", "+1e+400", "+1e+402 %"),
        ("1", "1e999999999", "+1e+999999999", "+1e+1000000001 %"),
        ("1e-999999999", "1", "+1", "+1e+1000000001 %"),
        ("1e-30", "2e-30", "+1e-30", "+100 %"),
    ],
)
def test_a_change_has_labels(old: str, new: str, delta: str, percent: str) -> None:
    change = number_change(old.encode(), new.encode())
    assert change is not None
    assert delta_label(change) == delta
    assert percent_label(change) == percent


@pytest.mark.parametrize("huge", ["1e" + "9" * 30, "1" * 5_000])
def test_numbers_beyond_the_limits_have_no_difference(huge: str) -> None:
    assert number_change(b"1", huge.encode()) is None
    assert not same_number(b"1", huge.encode())


@pytest.mark.parametrize(
    ("number_text", "other", "are_equal"),
    [
        ("1.0", "1.00", True),
        ("1e2", "100", True),
        ("-0", "0", True),
        ("1e999999999", "10e999999998", True),
        ("0.1", "0.10000000000000000000000000001", False),
        ("1e400", "1e401", False),
    ],
)
def test_numbers_are_compared_by_value(
    number_text: str, other: str, are_equal: bool
) -> None:
    assert same_number(number_text.encode(), other.encode()) is are_equal


@given(st.integers(), st.integers())
def test_the_difference_is_exact(old: int, new: int) -> None:
    change = number_change(str(old).encode(), str(new).encode())
    assert change is not None
    assert change.delta == Decimal(new - old)
    assert (change.percent is None) is (old == 0)
