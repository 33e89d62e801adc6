"""What an operation of the catalogue is, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.mixpanel.buckets import Bucket
from mixtui.mixpanel.endpoints import Safety
from mixtui.mixpanel.operations import Repeat, Stage, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mixtui.mixpanel.operations import BodyField, Operation, Parameter

SAFETY = {
    Safety.READ: "reads",
    Safety.WRITE: "writes",
    Safety.DESTRUCTIVE: "deletes",
}
"""The safety mark, in one word."""
_CONSEQUENCES = {
    Safety.READ: "Reads: it changes nothing.",
    Safety.WRITE: "Writes: it changes the project's data.",
    Safety.DESTRUCTIVE: "Deletes or replaces: it is hard to undo.",
}
_REPEATS = {
    Repeat.SAFE: "",
    Repeat.IDEMPOTENT: "Doing it twice writes the same again.",
    Repeat.DEDUPLICATED: (
        "Doing it twice counts once, if each record has its own $insert_id and time."
    ),
    Repeat.BY_CONTENT: "What happens when it is done twice depends on the body.",
    Repeat.UNSAFE: "Doing it twice does it twice.",
}
_BUCKETS = {
    Bucket.NONE: "No limit is documented.",
    Bucket.INGESTION: "2 GB of uncompressed JSON a minute, for each project.",
    Bucket.QUERY: "60 queries an hour and 5 at once, for each project.",
    Bucket.JQL: (
        "60 an hour and 5 at once, and each is a query as well; 2 minutes of run time."
    ),
    Bucket.EXPORT: "60 an hour, 3 a second and 100 at once, for each project.",
    Bucket.LEXICON: (
        "5 requests, and 4,000 events and properties, a minute for each organization."
    ),
    Bucket.GDPR: "1 request a second, for each project.",
    Bucket.LOOKUP_REPLACE: "100 in any 24 hours.",
    Bucket.WAREHOUSE_SYNC: "5 an hour.",
}
_TYPES = {
    ValueType.STRING: "text",
    ValueType.FLAG: "0 or 1",
    ValueType.DATE: "date, yyyy-mm-dd",
    ValueType.EXPRESSION: "segmentation expression",
    ValueType.LIST: "JSON list",
    ValueType.OBJECT: "JSON object",
    ValueType.REPEATED: "once for each value",
    ValueType.ANY: "any value",
}
_PLACES = {
    "path": "in the path",
    "query": "in the query",
    "record": "in each record",
    "data": "in the data",
    "form": "in the form",
}


def stage(operation: Operation) -> str:
    """``deprecated``, ``maintenance``, or empty."""
    return "" if operation.stage is Stage.CURRENT else operation.stage.value


def lifecycle(operation: Operation) -> str:
    """Where it is in its life, in a sentence; empty for one that is current."""
    match operation.stage:
        case Stage.MAINTENANCE:
            words = "In maintenance: it works, and is not developed any more."
        case Stage.DEPRECATED:
            words = "Deprecated."
        case _:
            words = ""
    if operation.ends is not None:
        ends = operation.ends
        words += f" It ends on {ends.day} {ends:%B %Y}."
    return words.strip()


def consequence(operation: Operation) -> str:
    """What it does to the data, and what doing it twice does."""
    words = (_CONSEQUENCES[operation.safety], _REPEATS[operation.repeat])
    return " ".join(filter(None, words))


def limits(operation: Operation) -> Iterator[str]:
    """What goes how often, and how much of it at once, a sentence each."""
    yield _BUCKETS[operation.bucket]
    body = operation.body
    if body is not None and body.most_records:
        yield f"{body.most_records:,} records in one call."
    if body is not None and body.most_bytes:
        yield f"{body.most_bytes / 1_000_000:g} MB uncompressed in one call."


def added(operation: Operation) -> Iterator[tuple[str, str]]:
    """What the app adds: the name, and where it goes."""
    for each in operation.adds:
        place, _, name = each.partition(":")
        yield name, _PLACES.get(place, place)


def value_type(type: ValueType) -> str:
    """What a value is, in a word or a few."""
    return _TYPES.get(type, type.value)


def parameter_facts(parameter: Parameter) -> str:
    """What may stand in it, in one line: its type, values, bounds and default."""
    facts = [value_type(parameter.type)]
    if parameter.allowed:
        facts = [" | ".join(parameter.allowed)]
    if bounds := _bounds(parameter):
        facts.append(bounds)
    if parameter.default:
        facts.append(f"{parameter.default} if absent")
    if parameter.suggested and parameter.suggested != parameter.default:
        facts.append(f"better {parameter.suggested}")
    return ", ".join(facts)


def parameter_line(parameter: Parameter) -> str:
    """All of a parameter in one line, the help first."""
    words = parameter.help.rstrip(".") or parameter.name
    return f"{words} · {need(parameter)}{parameter_facts(parameter)}"


def need(parameter: Parameter) -> str:
    """``required, `` and the like in front of the facts; empty for an optional one."""
    if parameter.required:
        return "required, "
    if parameter.required_when:
        return f"required {parameter.required_when}, "
    return ""


def field_facts(field: BodyField) -> str:
    """What may stand in a member of the body, in one line."""
    facts = [" | ".join(field.allowed) if field.allowed else value_type(field.type)]
    if field.nullable:
        facts.append("or null")
    if field.default:
        facts.append(f"{field.default} if absent")
    return ", ".join(facts)


def _bounds(parameter: Parameter) -> str:
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{low:,} to {high:,}"
    if low is not None:
        return f"at least {low:,}"
    return f"at most {high:,}" if high is not None else ""
