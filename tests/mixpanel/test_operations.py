"""The catalogue, held against a copy of the facts (operations.csv beside this file).

A row of it has the path on the official host; parameters as ``place:name``, with a star
where one is always required; and the body: its types, its shape, its required fields.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest

from mixtui.core import json_text
from mixtui.core.bodies import check_body
from mixtui.core.environments import Environment
from mixtui.core.errors import Field
from mixtui.core.forms import parse_form
from mixtui.core.requests import Body, BodyType
from mixtui.core.templates import Values, fill
from mixtui.mixpanel.catalogue_file import read_family
from mixtui.mixpanel.endpoints import Endpoint, ProjectIdPlace, TokenPlace, find
from mixtui.mixpanel.operations import (
    FAMILIES,
    BodyField,
    Bucket,
    Operation,
    Place,
    Repeat,
    Shape,
    Stage,
    ValueType,
    family_operations,
    operation,
    operations,
)

FACTS = Path(__file__).with_name("operations.csv").read_text("utf-8")
ROWS = list(csv.DictReader(FACTS.splitlines()))
BY_ID = {row["id"]: row for row in ROWS}
LOCAL = Environment("test", project_id="1", workspace_id="2", organization_id="3")
VALUES = Values(LOCAL, process={"AZURE_CLIENT_SECRET": "x", "SNOWFLAKE_PASSWORD": "x"})
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
        f"{p.place}:{p.name}{'*' if p.required else ''}" for p in operation.parameters
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
    found = operation("query.insights-query")
    assert found is not None
    assert found.title == "Result of a saved Insights report"
    assert operation("query.insights") is None
    assert operation("no-family.insights-query") is None


# ---- words


@each_operation
def test_an_operation_is_explained(operation: Operation) -> None:
    for text in (operation.title, operation.help, *operation.words):
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
            replacement = operation(each.replacement)
            assert replacement is not None
            assert replacement.stage is Stage.CURRENT


# ---- examples


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a body, and what it must hold."""

    name: str
    type: BodyType
    text: str
    fields: tuple[BodyField, ...]
    adds: tuple[str, ...]


def examples() -> Iterator[Example]:
    for each in operations():
        if each.body is None:
            continue
        kind = BodyType(each.body.types[0])
        for variant in each.body.variants:
            name = f"{each.id} {variant.value}"
            yield Example(name, kind, variant.example, variant.fields, each.adds)
        if not each.body.variants:
            yield Example(each.id, kind, each.body.example, each.body.fields, each.adds)


def _filled(text: str) -> str:
    return fill(text, VALUES, Field.BODY).text


def test_every_body_has_an_example() -> None:
    every = [each for each in operations() if each.body is not None]
    assert all(each.body and each.body.example for each in every)
    for each in every:
        if each.body and each.body.variants:
            assert each.body.example in {v.example for v in each.body.variants}


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_an_example_is_right(example: Example) -> None:
    text = _filled(example.text)
    assert check_body(Body(example.type, text)).ok
    if example.type is BodyType.CSV:
        rows = list(csv.reader(text.splitlines()))
        assert len({len(row) for row in rows}) == 1
        return
    given = _form_values(text) if example.type is BodyType.FORM else _json_values(text)
    added = {add.partition(":")[2] for add in example.adds}
    known = {field.name: field for field in example.fields}
    for name, field in known.items():
        if field.required and name.removeprefix("[].") not in added:
            assert name in given, f"{name} is missing"
    for name, values in given.items():
        if name in known and known[name].allowed:
            assert set(values) <= set(known[name].allowed)
        at_the_top = re.fullmatch(r"(?:\[\]\.)?[^.\[]+", name)
        assert name in known or not at_the_top, f"{name} is unknown"


def _form_values(text: str) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in parse_form(text):
        given.setdefault(name, []).append(value)
    return given


def _json_values(text: str) -> dict[str, list[str]]:
    """Every member by its path, as fields have it, with its values as text."""
    given: dict[str, list[str]] = {}

    def walk(value: object, path: str) -> None:
        if path:
            shown = value if isinstance(value, str) else json.dumps(value)
            given.setdefault(path, []).append(shown)
        if isinstance(value, dict):
            for key, inside in value.items():
                walk(inside, f"{path}.{key}" if path else key)
        elif isinstance(value, list):
            for inside in value:
                walk(inside, f"{path}[]")

    walk(json.loads(text), "")
    return given


@each_operation
def test_the_values_of_parameters_are_right(operation: Operation) -> None:
    for parameter in operation.parameters:
        example = _filled(parameter.example)
        if parameter.required and not parameter.given:
            assert example or parameter.suggested or parameter.allowed
        for value in (example, parameter.suggested, parameter.default):
            if value:
                assert not parameter.allowed or value in parameter.allowed
                _has_type(value, parameter.type)
        if parameter.maximum is not None and example:
            assert (parameter.minimum or 0) <= int(example) <= parameter.maximum
        if parameter.place is Place.PATH:
            assert f"{{{parameter.name}}}" in operation.url


def _has_type(value: str, kind: ValueType) -> None:
    patterns = {
        ValueType.INTEGER: r"-?\d+",
        ValueType.BOOLEAN: r"true|false",
        ValueType.FLAG: r"0|1",
        ValueType.DATE: r"\d{4}-\d\d-\d\d",
        ValueType.LIST: r"\[.*\]",
        ValueType.OBJECT: r"\{.*\}",
    }
    assert re.fullmatch(patterns.get(kind, r".+"), value), (value, kind)
    if kind in (ValueType.LIST, ValueType.OBJECT):
        assert json_text.check(value) is None


# ---- the other table


@each_operation
def test_the_endpoints_agree(operation: Operation) -> None:
    path = re.sub(r"\{[^{}]*\}", "1", operation.official_path)
    endpoint = find(operation.service, operation.method, path)
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
    assert endpoint.safety(operation.method).writes == operation.safety.writes


# ---- the files

FAMILY = """
title = "Tests"
[parameter.limit]
type = "integer"
help = "How many at most."
[field.name]
help = "The name."
[[operation]]
id = "try"
title = "Try"
help = "Tries."
words = []
method = "POST"
api = "app"
url = "/tries"
credentials = ["service_account"]
safety = "write"
repeat = "unsafe"
parameters = ["limit", "since"]
[operation.parameter]
limit = { maximum = 5 }
since = { type = "date", help = "The first day." }
[operation.body]
types = ["json"]
example = '{"name": "x"}'
fields = ["name"]
[operation.body.field]
name = { required = true }
"""


def test_an_operation_changes_what_its_family_shares() -> None:
    (read,) = read_family("tests", FAMILY)
    limit, since = read.parameters
    assert (limit.help, limit.maximum) == ("How many at most.", 5)
    assert since.type is ValueType.DATE
    assert read.body is not None
    (name,) = read.body.fields
    assert (name.help, name.required) == ("The name.", True)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'title = "Tests"',
            'title = "Tests"\nlinks = ""',
            "tests.toml: nothing reads links",
        ),
        (
            'repeat = "unsafe"',
            'repeat = "unsafe"\nretry = 1',
            "tests.try: nothing reads retry",
        ),
        ("maximum = 5", "max = 5", "tests.try, limit: nothing reads max"),
        ("since = {", "until = {", "tests.try, parameters: nothing reads until"),
        ("required = true", "needed = true", "tests.try, name: nothing reads needed"),
        (
            'types = ["json"]',
            'types = ["json"]\nkind = ""',
            "tests.try, body: nothing reads kind",
        ),
    ],
)
def test_a_key_that_nothing_reads_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(AssertionError, match=f"catalogue: {words}"):
        read_family("tests", FAMILY.replace(old, new))


def test_a_family_is_read_without_the_others() -> None:
    code = (
        "import mixtui.mixpanel.operations as o\n"
        "o.operation('flags.get-flag-definitions')\n"
        "print(o.family_operations.cache_info().currsize)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "1"


@pytest.mark.parametrize("family", FAMILIES)
def test_what_a_family_shares_is_shared(family: str) -> None:
    path = files("mixtui.mixpanel") / "catalogue" / f"{family}.toml"
    text = path.read_text("utf-8")
    for kind in ("parameter", "field"):
        used = Counter(
            name for each in family_operations(family) for name in _names(each, kind)
        )
        for name in _shared(text, kind):
            assert used[name] > 1, f"{name} is of one operation alone"


def _names(operation: Operation, kind: str) -> Iterator[str]:
    rows = operation.parameters if kind == "parameter" else _all_fields(operation)
    yield from (row.name for row in rows)


def _shared(text: str, kind: str) -> Iterator[str]:
    yield from tomllib.loads(text).get(kind, {})
