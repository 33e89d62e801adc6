"""The catalogue, held against a copy of the facts (operations.csv beside this file).

A row of it has the path on the official host; parameters as ``place:name``, with a star
where one is always required; and the body: its types, its shape, its required fields.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixtui.mixpanel.catalogue import (
    BodyField,
    Operation,
    Repeat,
    Shape,
    Stage,
    find_operation,
    operations,
)
from mixtui.mixpanel.endpoints import (
    Endpoint,
    ProjectIdPlace,
    TokenPlace,
    find_endpoint,
)
from mixtui.mixpanel.limits import Bucket

FACTS = Path(__file__).with_name("operations.csv").read_text("utf-8")
ROWS = list(csv.DictReader(FACTS.splitlines()))
BY_ID = {row["id"]: row for row in ROWS}
each_operation = pytest.mark.parametrize(
    "operation", operations(), ids=lambda operation: operation.id
)


def test_it_has_the_operations_that_are_documented() -> None:
    assert [each.id for each in operations()] == [row["id"] for row in ROWS]
    assert len(set(BY_ID)) == 105


def test_it_has_as_many_of_each_kind() -> None:
    every = operations()
    assert Counter(each.family for each in every) == {
        "ingestion": 20,
        "identity": 3,
        "query": 19,
        "export": 1,
        "pipelines": 8,
        "lexicon": 8,
        "annotations": 7,
        "gdpr": 5,
        "service-accounts": 7,
        "warehouse": 10,
        "flags": 2,
        "flags-management": 5,
        "experiments": 10,
    }
    assert Counter(str(each.safety) for each in every) == {
        "read": 44,
        "write": 40,
        "destructive": 21,
    }
    assert Counter(each.method for each in every) == Counter(r["method"] for r in ROWS)
    assert Counter(each.repeat for each in every) == {
        Repeat.SAFE: 44,
        Repeat.IDEMPOTENT: 38,
        Repeat.UNSAFE: 17,
        Repeat.BY_CONTENT: 4,
        Repeat.DEDUPLICATED: 2,
    }
    assert Counter(each.stage for each in every) == {
        Stage.CURRENT: 89,
        Stage.DEPRECATED: 8,
        Stage.MAINTENANCE: 8,
    }
    assert Counter(each.bucket for each in every) == {
        Bucket.NONE: 49,
        Bucket.INGESTION: 21,
        Bucket.QUERY: 18,
        Bucket.LEXICON: 8,
        Bucket.GDPR: 5,
        Bucket.EXPORT: 1,
        Bucket.LOOKUP_REPLACE: 1,
        Bucket.JQL: 1,
        Bucket.WAREHOUSE_SYNC: 1,
    }
    assert Counter(str(kind) for each in every for kind in each.credentials) == {
        "service_account": 81,
        "project_secret": 33,
        "project_token": 22,
        "oauth": 7,
    }
    bodies = [each.body for each in every if each.body is not None]
    assert len(bodies) == 54
    assert sum(len(each.parameters) for each in every) == 310
    # 222 of the reference; the two batches list those of the single changes.
    assert sum(len(body.fields) for body in bodies) == 222 + 19
    assert sum(len(v.fields) for body in bodies for v in body.variants) == 177


@each_operation
def test_an_operation_is_as_the_facts_have_it(operation: Operation) -> None:
    row = BY_ID[operation.id]
    assert operation.method == row["method"]
    assert operation.official_path == row["path"]
    assert operation.fragment == row["fragment"]
    assert operation.safety == row["safety"]
    assert operation.repeat == row["repeat"]
    assert operation.bucket == row["bucket"]
    assert operation.stage == row["stage"]
    assert " ".join(operation.credentials) == row["credentials"]
    assert sorted(
        f"{p.location}:{p.name}{'*' if p.required else ''}"
        for p in operation.parameters
    ) == sorted(row["parameters"].split())
    assert _body_words(operation) == row["body"]


def _body_words(operation: Operation) -> str:
    body = operation.body
    if body is None:
        return ""
    shapes = {Shape.LIST: "array", Shape.EMPTY: "empty", Shape.TEXT: "text"}
    shape = "one" if body.variants else shapes.get(body.shape, "object")
    every = [{f.name for f in v.fields if f.required} for v in body.variants]
    every = every or [{field.name for field in body.fields if field.required}]
    required = sorted(set.intersection(*every))
    return " ".join([",".join(body.types), shape, *required])


def test_an_id_finds_its_operation() -> None:
    matches = find_operation("query.insights-query")
    assert matches is not None
    assert matches.title == "Result of a saved Insights report"
    assert find_operation("query.insights") is None
    assert find_operation("no-family.insights-query") is None


# ---- words


@each_operation
def test_an_operation_is_explained(operation: Operation) -> None:
    for text in (operation.title, operation.help, *operation.synonyms):
        _is_one_line(text)
    assert operation.help.endswith(".")
    assert not operation.title.endswith(".")
    assert len(operation.help) < 400
    assert re.fullmatch(
        r"https://developer\.mixpanel\.com/reference/[a-z0-9-]+", operation.link
    )
    for parameter in operation.parameters:
        _is_one_line(parameter.help)
    for field in _all_fields(operation):
        _is_one_line(field.help)
    for variant in operation.body.variants if operation.body else ():
        _is_one_line(variant.title)


def _is_one_line(text: str) -> None:
    assert text
    assert text == " ".join(text.split())
    assert text.isprintable()


def _all_fields(operation: Operation) -> Iterator[BodyField]:
    if operation.body is not None:
        yield from operation.body.fields
        for variant in operation.body.variants:
            yield from variant.fields


def test_titles_links_and_replacements_are_sound() -> None:
    every = operations()
    assert len({each.title for each in every}) == 105
    assert len({each.link for each in every}) == 105
    for each in every:
        if each.replacement:
            replacement = find_operation(each.replacement)
            assert replacement is not None
            assert replacement.stage is Stage.CURRENT


# ---- the other table


@each_operation
def test_the_endpoints_agree(operation: Operation) -> None:
    path = re.sub(r"\{[^{}]*\}", "1", operation.official_path)
    endpoint = find_endpoint(operation.service, operation.method, path)
    if operation.id == "identity.identity-merge":
        # It shares its path with events, which take the token as well.
        assert set(operation.credentials) < set(endpoint.credentials)
    else:
        assert operation.credentials == endpoint.credentials
    adds = set(operation.adds)
    assert (endpoint.token is TokenPlace.QUERY) == ("query:token" in adds)
    assert endpoint.workspace_id == ("query:workspace_id" in adds)
    assert _project_id_place(adds) is endpoint.project_id
    assert _token_in_records(adds, operation) == endpoint.token.value
    if operation.body is not None:
        is_list = operation.body.shape is Shape.LIST
        assert endpoint.list_body == is_list or operation.family == "identity"
        assert endpoint.body in operation.body.types or operation.family == "identity"
    assert endpoint.timeout == (600 if operation.bucket is Bucket.EXPORT else 120)
    _safety_agrees(operation, endpoint)


def _project_id_place(adds: set[str]) -> ProjectIdPlace:
    if "form:project_id" in adds:
        return ProjectIdPlace.FORM
    return ProjectIdPlace.QUERY if "query:project_id" in adds else ProjectIdPlace.NONE


def _token_in_records(adds: set[str], operation: Operation) -> str:
    if operation.path == "/import":
        return "merge_events"
    if "query:token" in adds:
        return "query"
    if "record:$token" in adds:
        return "record"
    places = {"record:properties.token", "data:properties.token"}
    return "properties" if adds & places else "none"


def _safety_agrees(operation: Operation, endpoint: Endpoint) -> None:
    # What is not documented is a write rather than a read.
    assert endpoint.safety(operation.method).writes or not operation.safety.writes
