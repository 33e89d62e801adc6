"""The page that explains an operation."""

from __future__ import annotations

import pytest

from mixtui.mixpanel.catalogue import Operation, find_operation, operations
from mixtui.mixpanel.docs import (
    operation_page,
    parameter_line,
    replacement,
)
from mixtui.page import PageSection


def operation_of(id: str) -> Operation:
    each = find_operation(id)
    assert each is not None
    return each


def text(sections: tuple[PageSection, ...]) -> str:
    return "\n".join(
        " ".join(filter(None, (section.title, row.name, row.text, row.facts)))
        for section in sections
        for row in section.rows
    )


@pytest.mark.parametrize("each", operations(), ids=lambda o: o.id)
def test_every_operation_has_a_page_that_names_all_it_takes(each: Operation) -> None:
    words = text(operation_page(each))
    assert f"{each.method} {each.official_path}" in words
    assert each.link in words
    for parameter in each.parameters:
        assert parameter.name in words
    for field in each.body.fields if each.body else ():
        assert field.name in words


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("query.segmentation-query", "mode: no new features"),
        ("query.segmentation-query", "Use instead: Result of a saved Insights report"),
        ("query.segmentation-query", "60 queries per hour"),
        ("query.segmentation-query", "minute | hour | day | month"),
        ("query.segmentation-query", "integer, 1 to 10,000"),
        ("query.segmentation-query", "project_id in the query, from the environment"),
        ("query.segmentation-query", "service account · project secret"),
        ("ingestion.import-events", "2,000 records per request."),
        ("ingestion.import-events", "10 MB uncompressed per request."),
        ("ingestion.import-events", "Write: changes"),
        ("ingestion.import-events", "$insert_id and time"),
        ("ingestion.delete-profile", "hard to undo"),
        ("ingestion.delete-profile", "never sent"),
    ],
)
def test_the_page_says(id: str, words: str) -> None:
    assert words in text(operation_page(operation_of(id)))


def test_the_required_parameters_come_before_the_optional_ones() -> None:
    titles = [
        section.title
        for section in operation_page(operation_of("query.segmentation-query"))
    ]
    assert titles.index("Required") < titles.index("Optional")


def test_every_replacement_exists() -> None:
    for each in operations():
        assert bool(each.replacement) == (replacement(each) is not None), each.id


def test_a_parameter_is_one_line() -> None:
    for each in operations():
        for parameter in each.parameters:
            assert "\n" not in parameter_line(parameter)
