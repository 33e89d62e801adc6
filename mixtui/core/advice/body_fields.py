"""A JSON body against the fields that its operation documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mixtui.core.advice.call import HintContext
from mixtui.core.advice.findings import Findings
from mixtui.core.advice.json_values import wrong_json
from mixtui.core.advice.near import suggest_name
from mixtui.core.advice.reading import JsonPath, Record
from mixtui.core.insert_ids import INSERT_ID
from mixtui.core.requests import Draft
from mixtui.mixpanel.operations import BodyField, Operation, Shape

_OF_A_RECORD = "[]"


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields of a body, by the object that they are members of."""

    groups: tuple[tuple[tuple[str, ...], dict[str, BodyField]], ...]
    added: frozenset[str]
    """Fields that the app fills in."""
    also: frozenset[str]
    """Keys of a record that are documented elsewhere."""
    judged: frozenset[str] = frozenset()
    """Fields whose values have rules of their own."""


def plan_of(call: HintContext, operation: Operation, also: frozenset[str]) -> Plan:
    """The fields of an operation, made ready for `check_record`."""
    body = operation.body
    fields = body.fields if body is not None else ()
    in_records = body is not None and body.shape is Shape.LIST
    groups: dict[tuple[str, ...], dict[str, BodyField]] = {}
    for field in fields:
        path = field.name.split(".")
        if in_records and path[0] == _OF_A_RECORD:
            path = path[1:]
        groups.setdefault(tuple(path[:-1]), {})[path[-1]] = field
    added = {
        each.removeprefix("record:")
        for each in operation.adds
        if call.identifies and each.startswith("record:")
    }
    if not call.draft.options.insert_ids:
        added.discard(f"properties.{INSERT_ID}")
    return Plan(tuple(groups.items()), frozenset(added), also)


def check_record(
    call: HintContext, plan: Plan, record: Record, found: Findings
) -> None:
    """What is missing, of another kind or misspelt in one record."""
    for parent, fields in plan.groups:
        for path, members in _objects(record.value, parent):
            _check_members(call, plan, record, (path, members), fields, found)


def _check_members(
    call: HintContext,
    plan: Plan,
    record: Record,
    place: tuple[JsonPath, dict[str, object]],
    fields: dict[str, BodyField],
    found: Findings,
) -> None:
    path, members = place
    absent = [name for name in fields if name not in members]
    misspelt = set()
    for key in members if absent else ():
        # Of the properties of an event, any name may be meant.
        meant = suggest_name(key, [n for n in absent if fields[n].required or not path])
        if key in fields or key in plan.also or not meant:
            continue
        misspelt.add(meant)
        found.add(
            f"near:{_dotted(path, meant)}",
            record,
            (*path, key),
            f"{call.shown(key)} is no documented key: did you mean {meant}?",
            suggestion=_renamed(call, key, meant),
        )
    for name, field in fields.items():
        if name in members:
            dotted = _dotted(path, name)
            words = wrong_json(field, members[name])
            if words and dotted not in plan.judged:
                rule, where = f"wrong:{dotted}:{words}", (*path, name)
                found.add(rule, record, where, f"{dotted} {words}.")
        elif field.required and name not in misspelt:
            dotted = _dotted(path, name)
            if dotted not in plan.added:
                sentence = f"{dotted} is missing: add it."
                found.add(f"missing:{dotted}", record, path, sentence)


def _objects(
    value: object, parent: tuple[str, ...]
) -> Iterator[tuple[JsonPath, dict[str, object]]]:
    """The objects at a place, each with the way to it."""
    places: list[tuple[JsonPath, object]] = [((), value)]
    for step in parent:
        key, is_list = step.removesuffix("[]"), step.endswith("[]")
        inner: list[tuple[JsonPath, object]] = []
        for path, outer in places:
            if not isinstance(outer, dict) or key not in outer:
                continue
            if not is_list:
                inner.append(((*path, key), outer[key]))
            elif isinstance(outer[key], list):
                items = enumerate(outer[key])
                inner += [((*path, key, index), item) for index, item in items]
        places = inner
    for path, found in places:
        if isinstance(found, dict):
            yield path, found


def _dotted(path: JsonPath, name: str) -> str:
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return f"{text}.{name}" if text else name


def _renamed(call: HintContext, key: str, meant: str) -> Draft | None:
    """The draft with a key renamed, where there is one place only."""
    body = call.draft.body
    if body is None or body.text.count(f'"{key}"') != 1:
        return None
    text = body.text.replace(f'"{key}"', f'"{meant}"')
    return replace(call.draft, body=replace(body, text=text))
