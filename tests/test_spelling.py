"""A misspelt name is met with the name that was probably meant."""

from __future__ import annotations

import pytest

from mixtui.spelling import closest_name, did_you_mean

THEMES = ("mixtui", "mixtui-dark", "mixtui-light", "solarized-light", "terminal")
OPTIONS = ("--collection", "--env", "--help", "--json", "--online", "--output")


@pytest.mark.parametrize(
    ("name", "candidates", "expected"),
    [
        ("mixtui-ligth", THEMES, "mixtui-light"),
        ("Mixtui_Light", THEMES, "mixtui-light"),
        ("terminl", THEMES, "terminal"),
        ("sol", THEMES, "solarized-light"),
        ("so", THEMES, ""),
        ("mix", ("mixtui-dark", "mixtui-light"), ""),
        ("zzz", THEMES, ""),
        ("nonsense", ("response.save",), ""),
        ("--evn", OPTIONS, "--env"),
        ("--environment", ("--json", "--online"), ""),
        ("--env", ("--json", "--online", "--help"), ""),
        ("--as", ("--at",), ""),
        ("--coll", OPTIONS, "--collection"),
        ("fromDate", ("to_date", "from_date"), "from_date"),
        ("gte", ("GET", "POST"), "GET"),
        ("", THEMES, ""),
        ("--", OPTIONS, ""),
        ("x" * 61, ("x" * 60,), ""),
        ("name", (), ""),
    ],
)
def test_only_a_similar_name_is_suggested(
    name: str, candidates: tuple[str, ...], expected: str
) -> None:
    assert closest_name(name, candidates) == expected


def test_the_suggestion_is_a_question_or_the_alternative() -> None:
    assert did_you_mean("prd", ["prod"], "Available: prod.") == "Did you mean prod?"
    assert did_you_mean("x", ["prod"], "Available: prod.") == "Available: prod."
    assert did_you_mean("x", ["prod"]) == ""
