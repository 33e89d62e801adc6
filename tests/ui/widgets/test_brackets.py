from __future__ import annotations

import pytest

from mixtui.ui.widgets.code_area import Location, matching_bracket


@pytest.mark.parametrize(
    ("text", "location", "partner"),
    [
        ("{}", (0, 0), (0, 1)),
        ("{}", (0, 1), (0, 0)),
        ("{[()]}", (0, 1), (0, 4)),
        ("{\n[\n]\n}", (0, 0), (3, 0)),
        ("{\n[\n]\n}", (3, 0), (0, 0)),
        ("{]", (0, 0), None),
        ("{[}", (0, 0), None),
        ("{", (0, 0), None),
        ("}", (0, 0), None),
        ("x", (0, 0), None),
        ("", (0, 0), None),
        ("{}", (0, 2), None),
        ("{}", (5, 0), None),
        ('{"}"}', (0, 0), (0, 4)),
        ('{"\\"}"}', (0, 0), (0, 6)),
        ('{"}"}', (0, 2), None),
        ('{"}', (0, 0), None),
    ],
)
def test_partners_are_found(
    text: str, location: Location, partner: Location | None
) -> None:
    assert matching_bracket(text.split("\n"), location) == partner


def test_a_partner_far_away_is_not_looked_for() -> None:
    lines = ["{", *["1," * 100] * 10_000, "}"]
    assert matching_bracket(lines, (0, 0)) is None
    assert matching_bracket(lines, (10_001, 0)) is None
