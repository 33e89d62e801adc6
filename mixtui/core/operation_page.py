"""The page that explains an operation: what the Docs tab and the catalogue show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mixtui.core.insert_ids import INSERT_ID
from mixtui.core.operation_words import (
    added,
    consequence,
    field_facts,
    lifecycle,
    limits,
    parameter_facts,
)
from mixtui.mixpanel.operations import Place, operation

if TYPE_CHECKING:
    from mixtui.mixpanel.operations import BodyField, BodyPlan, Operation, Parameter


@dataclass(frozen=True, slots=True)
class Row:
    """A line or more of a page."""

    text: str
    name: str = ""
    """What it is about, in a column of its own; empty = a plain sentence."""
    facts: str = ""
    """What may stand there, quietly behind the text."""
    required: bool = False
    is_code: bool = False
    """As it is written in a request: lines stay lines."""
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, with rows below it."""

    title: str
    rows: tuple[Row, ...]


def page(described: Operation) -> tuple[Section, ...]:
    """Everything about an operation, what people look for first in front."""
    sections = (
        Section("", tuple(_head(described))),
        *_parameters(described),
        *(_body(described.body) if described.body else ()),
        Section("mixtui adds", tuple(_added(described))),
        Section("Credentials, the best first", (_credentials(described),)),
        Section("Limits", tuple(Row(each) for each in limits(described))),
        Section("Example", tuple(_example(described))),
        Section("Mixpanel's own page", (Row(described.link, is_code=True),)),
    )
    return tuple(section for section in sections if section.rows)


def replacement(described: Operation) -> Operation | None:
    """What to use instead, or None."""
    return operation(described.replacement) if described.replacement else None


def _head(described: Operation) -> Iterator[Row]:
    yield Row(f"{described.method} {described.official_path}", is_code=True)
    if described.fragment:
        yield Row(f"#{described.fragment} is its name, and never sent.")
    if described.help:
        yield Row(described.help)
    yield Row(consequence(described), is_warning=described.safety.writes)
    if life := lifecycle(described):
        yield Row(life, is_warning=True)
    if (instead := replacement(described)) is not None:
        yield Row(f"Use instead: {instead.title} ({instead.method} {instead.path})")


def _parameters(described: Operation) -> Iterator[Section]:
    typed = [each for each in described.parameters if not each.given]
    required = [each for each in typed if each.required]
    optional = [each for each in typed if not each.required]
    if required:
        yield Section("Required", tuple(map(_parameter, required)))
    if optional:
        yield Section("Optional", tuple(map(_parameter, optional)))


def _parameter(parameter: Parameter) -> Row:
    place = "" if parameter.place is Place.QUERY else f", in the {parameter.place}"
    facts = parameter_facts(parameter) + place
    if parameter.required_when:
        facts = f"required {parameter.required_when}, {facts}"
    return Row(parameter.help, parameter.name, facts, parameter.required)


def _body(body: BodyPlan) -> Iterator[Section]:
    kinds = " or ".join(body.types)
    optional = "" if body.mandatory else "; may be left out"
    rows = [Row(f"{kinds}, {_SHAPES[body.shape]}{optional}.")]
    if body.chosen_by:
        rows.append(Row(f"{body.chosen_by} chooses what else it takes."))
    yield Section("Body", (*rows, *_fields(body.fields)))
    for variant in body.variants:
        value = f" with {body.chosen_by} = {variant.value}" if body.chosen_by else ""
        title = f"Body{value}: {variant.title}"
        yield Section(title, tuple(_fields(variant.fields)))


_SHAPES = {
    "object": "an object",
    "list": "a list of records",
    "empty": "an empty object",
    "text": "text",
}


def _fields(fields: Sequence[BodyField]) -> Iterator[Row]:
    for each in sorted(fields, key=lambda field: not field.required):
        yield Row(each.help, each.name, field_facts(each), each.required)


def _added(described: Operation) -> Iterator[Row]:
    for name, place in added(described):
        source = "its content" if name.endswith(INSERT_ID) else "the environment"
        yield Row(f"{place}, from {source}", name)
    for each in described.parameters:
        named = any(each.name == name for name, _ in added(described))
        if each.given and not named:
            yield Row(each.help, each.name)


def _credentials(described: Operation) -> Row:
    kinds = [kind.words for kind in described.credentials]
    return Row(" · ".join(kinds) if kinds else "None is needed.")


def _example(described: Operation) -> Iterator[Row]:
    from mixtui.core.new_draft import draft_from_operation

    draft = draft_from_operation(described)
    rows = [(pair.name, pair.value) for pair in draft.query if pair.enabled]
    query = "&".join(f"{name}={value}" for name, value in rows)
    yield Row(f"{draft.method} {described.path}{query and '?' + query}", is_code=True)
    if draft.body is not None and draft.body.text.strip():
        yield Row(draft.body.text.strip("\n"), is_code=True)
