"""Check JSON records against the documented fields of an operation."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mixtui.hints.context import HintContext
from mixtui.hints.model import Findings, Record, closest_name
from mixtui.hints.values import check_json_value
from mixtui.jsontext import JsonPath
from mixtui.mixpanel.catalogue import BodyField, Operation, Shape
from mixtui.mixpanel.endpoints import INSERT_ID
from mixtui.model.draft import Draft

_RECORD_PREFIX = "[]"


class RecordFields(Struct, frozen=True):
    """The documented fields of a record, grouped by the object that contains them."""

    groups: tuple[tuple[tuple[str, ...], dict[str, BodyField]], ...]
    generated: frozenset[str]
    """Fields that the app adds."""
    other_keys: frozenset[str]
    """Valid keys that are not fields of this operation."""
    checked_elsewhere: frozenset[str] = frozenset()
    """Fields whose values are checked by other rules."""


def group_fields(
    context: HintContext, operation: Operation, other_keys: frozenset[str]
) -> RecordFields:
    """Group the fields of an operation for `check_record`."""
    body = operation.body
    fields = body.fields if body is not None else ()
    in_records = body is not None and body.shape is Shape.LIST
    groups: dict[tuple[str, ...], dict[str, BodyField]] = {}
    for field in fields:
        path = field.name.split(".")
        if in_records and path[0] == _RECORD_PREFIX:
            path = path[1:]
        groups.setdefault(tuple(path[:-1]), {})[path[-1]] = field
    generated = {
        each.removeprefix("record:")
        for each in operation.adds
        if context.adds_ids and each.startswith("record:")
    }
    if not context.draft.options.insert_ids:
        generated.discard(f"properties.{INSERT_ID}")
    return RecordFields(tuple(groups.items()), frozenset(generated), other_keys)


def check_record(
    context: HintContext, documented: RecordFields, record: Record, findings: Findings
) -> None:
    """Check one record for missing, misspelt or mistyped members."""
    for parent, fields in documented.groups:
        for path, members in _objects_at(record.value, parent):
            _check_members(
                context, documented, record, (path, members), fields, findings
            )


def _check_members(
    context: HintContext,
    documented: RecordFields,
    record: Record,
    location: tuple[JsonPath, dict[str, object]],
    fields: dict[str, BodyField],
    findings: Findings,
) -> None:
    path, members = location
    absent = [name for name in fields if name not in members]
    misspelt = set()
    for key in members if absent else ():
        # The properties of an event may have any name.
        closest = closest_name(
            key, [n for n in absent if fields[n].required or not path]
        )
        if key in fields or key in documented.other_keys or not closest:
            continue
        misspelt.add(closest)
        findings.add(
            f"near:{_dotted_path(path, closest)}",
            record,
            (*path, key),
            f"{context.excerpt(key)} is not a documented key: did you mean {closest}?",
            suggestion=_rename_key(context, key, closest),
        )
    for name, field in fields.items():
        if name in members:
            dotted = _dotted_path(path, name)
            problem = check_json_value(field, members[name])
            if problem and dotted not in documented.checked_elsewhere:
                rule, value_path = f"wrong:{dotted}:{problem}", (*path, name)
                findings.add(rule, record, value_path, f"{dotted} {problem}.")
        elif field.required and name not in misspelt:
            dotted = _dotted_path(path, name)
            if dotted not in documented.generated:
                message = f"{dotted} is missing: add it."
                findings.add(f"missing:{dotted}", record, path, message)


def _objects_at(
    value: object, pattern: tuple[str, ...]
) -> Iterator[tuple[JsonPath, dict[str, object]]]:
    """Yield the objects at a path pattern (``["properties", "items[]"]``), with their paths."""
    located: list[tuple[JsonPath, object]] = [((), value)]
    for step in pattern:
        key, is_list = step.removesuffix("[]"), step.endswith("[]")
        inner: list[tuple[JsonPath, object]] = []
        for path, outer in located:
            if not isinstance(outer, dict) or key not in outer:
                continue
            if not is_list:
                inner.append(((*path, key), outer[key]))
            elif isinstance(outer[key], list):
                items = enumerate(outer[key])
                inner += [((*path, key, index), item) for index, item in items]
        located = inner
    for path, node in located:
        if isinstance(node, dict):
            yield path, node


def _dotted_path(path: JsonPath, name: str) -> str:
    text = ""
    for step in path:
        text += "[]" if isinstance(step, int) else f".{step}" if text else step
    return f"{text}.{name}" if text else name


def _rename_key(context: HintContext, key: str, new_key: str) -> Draft | None:
    """Return the draft with a key renamed, if the key occurs only once."""
    body = context.draft.body
    if body is None or body.text.count(f'"{key}"') != 1:
        return None
    text = body.text.replace(f'"{key}"', f'"{new_key}"')
    return replace(context.draft, body=replace(body, text=text))
