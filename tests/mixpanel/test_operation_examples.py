"""The examples of the catalogue are what they are examples of."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from mixtui import jsontext
from mixtui.hints import find_hints
from mixtui.mixpanel.apis import Api
from mixtui.mixpanel.catalogue import (
    BodyField,
    Operation,
    ParameterLocation,
    ValueType,
    operations,
)
from mixtui.model.draft import Body, BodyType, Pair
from mixtui.model.environment import Environment
from mixtui.model.errors import Field
from mixtui.request.body import check_body
from mixtui.request.forms import parse_form
from mixtui.request.from_operation import draft_from_operation
from mixtui.request.templates import Values, expand_text

LOCAL = Environment("test", project_id="1", workspace_id="2", organization_id="3")
VALUES = Values(LOCAL, process={"AZURE_CLIENT_SECRET": "x", "SNOWFLAKE_PASSWORD": "x"})
each_operation = pytest.mark.parametrize(
    "operation", operations(), ids=lambda operation: operation.id
)


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
    return expand_text(text, VALUES, Field.BODY).text


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
        if parameter.required and not parameter.generated:
            assert example or parameter.suggested or parameter.allowed
        for value in (example, parameter.suggested, parameter.default):
            if value:
                assert not parameter.allowed or value in parameter.allowed
                _has_type(value, parameter.type)
        if parameter.maximum is not None and example:
            assert (parameter.minimum or 0) <= int(example) <= parameter.maximum
        if parameter.location is ParameterLocation.PATH:
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
        assert jsontext.check(value) is None


@each_operation
def test_a_new_tracking_request_asks_for_the_reason_of_a_refusal(
    operation: Operation,
) -> None:
    draft = draft_from_operation(operation)
    path = operation.url.partition("#")[0]
    is_tracking = operation.api is Api.INGESTION and path in (
        "/track",
        "/engage",
        "/groups",
    )
    assert (Pair("verbose", "1") in draft.query) is is_tracking
    hints = find_hints(draft, LOCAL, values=VALUES)
    assert not any("verbose" in hint.message for hint in hints)
