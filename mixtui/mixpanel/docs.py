"""The documentation page of an operation, and its facts as short labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mixtui.mixpanel.catalogue import (
    Needs,
    NotBoth,
    OneOf,
    ParameterLocation,
    Repeat,
    Stage,
    ValueType,
    find_operation,
)
from mixtui.mixpanel.endpoints import INSERT_ID, Safety
from mixtui.mixpanel.limits import Bucket
from mixtui.page import PageRow, PageSection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mixtui.mixpanel.catalogue import (
        BodyField,
        BodyPlan,
        Operation,
        Parameter,
        Rule,
    )


SAFETY_LABELS = {
    Safety.READ: "reads",
    Safety.WRITE: "writes",
    Safety.DESTRUCTIVE: "deletes",
}
"""The safety in one word."""
_CONSEQUENCES = {
    Safety.READ: "Read: changes nothing.",
    Safety.WRITE: "Write: changes project data.",
    Safety.DESTRUCTIVE: "Destructive: deletes or replaces data; hard to undo.",
}
_REPEATS = {
    Repeat.SAFE: "",
    Repeat.IDEMPOTENT: "Resending it has no further effect.",
    Repeat.DEDUPLICATED: (
        "Resent records count once if each has its own $insert_id and time."
    ),
    Repeat.BY_CONTENT: "Whether resending is safe depends on the body.",
    Repeat.UNSAFE: "Resending it repeats the effect.",
}
_BUCKETS = {
    Bucket.NONE: "No documented limit.",
    Bucket.INGESTION: "2 GB of uncompressed JSON per minute and project.",
    Bucket.QUERY: "60 queries per hour and 5 concurrent queries per project.",
    Bucket.JQL: (
        "60 per hour and 5 concurrent; each also counts as a query; 2 minutes of run "
        "time."
    ),
    Bucket.EXPORT: "60 per hour, 3 per second and 100 concurrent per project.",
    Bucket.LEXICON: (
        "5 requests and 4,000 events and properties per minute and organization."
    ),
    Bucket.GDPR: "1 request per second and project.",
    Bucket.LOOKUP_REPLACE: "100 per 24 hours.",
    Bucket.WAREHOUSE_SYNC: "5 per hour.",
}
_TYPES = {
    ValueType.STRING: "text",
    ValueType.FLAG: "0 or 1",
    ValueType.DATE: "date, yyyy-mm-dd",
    ValueType.EXPRESSION: "segmentation expression",
    ValueType.LIST: "JSON list",
    ValueType.OBJECT: "JSON object",
    ValueType.REPEATED: "repeated, one row per value",
    ValueType.ANY: "any value",
}
_PLACES = {
    "path": "in the path",
    "query": "in the query",
    "record": "in each record",
    "data": "in the data",
    "form": "in the form",
}


def stage_label(operation: Operation) -> str:
    """``deprecated``, ``maintenance``, or empty."""
    return "" if operation.stage is Stage.CURRENT else operation.stage.value


def lifecycle(operation: Operation) -> str:
    """Return a sentence about the life cycle; empty if the operation is current."""
    match operation.stage:
        case Stage.MAINTENANCE:
            text = "Maintenance mode: no new features."
        case Stage.DEPRECATED:
            text = "Deprecated."
        case _:
            text = ""
    if operation.ends is not None:
        ends = operation.ends
        text += f" Support ends on {ends.day} {ends:%B %Y}."
    return text.strip()


def consequences(operation: Operation) -> str:
    """Return what it does to the data, and the effect of repeating it."""
    sentences = (_CONSEQUENCES[operation.safety], _REPEATS[operation.repeat])
    return " ".join(filter(None, sentences))


def limits(operation: Operation) -> Iterator[str]:
    """Yield the limits on rate and size, one sentence each."""
    yield _BUCKETS[operation.bucket]
    body = operation.body
    if body is not None and body.most_records:
        yield f"{body.most_records:,} records per request."
    if body is not None and body.most_bytes:
        yield f"{body.most_bytes / 1000000:g} MB uncompressed per request."


def generated_values(operation: Operation) -> Iterator[tuple[str, str]]:
    """Yield the values the app adds: name and location."""
    for each in operation.adds:
        location, _, name = each.partition(":")
        yield name, _PLACES.get(location, location)


def type_label(type: ValueType) -> str:
    """Return the type in a few words."""
    return _TYPES.get(type, type.value)


def parameter_facts(parameter: Parameter) -> str:
    """Return the constraints of a parameter in one line: type, values, bounds, default."""
    facts = [type_label(parameter.type)]
    if parameter.allowed:
        facts = [" | ".join(parameter.allowed)]
    if bounds := _bounds(parameter):
        facts.append(bounds)
    if parameter.default:
        facts.append(f"default {parameter.default}")
    if parameter.suggested and parameter.suggested != parameter.default:
        facts.append(f"{parameter.suggested} recommended")
    return ", ".join(facts)


def parameter_line(parameter: Parameter) -> str:
    """Describe a parameter in one line, help first."""
    text = parameter.help.rstrip(".") or parameter.name
    return f"{text} · {requirement(parameter)}{parameter_facts(parameter)}"


def requirement(parameter: Parameter) -> str:
    """Return ``required, `` or similar to precede the facts; empty if optional."""
    if parameter.required:
        return "required, "
    if parameter.required_when:
        return f"required {parameter.required_when}, "
    return ""


def rule_sentence(rule: Rule) -> str:
    """Return a rule between parameters as a sentence."""
    match rule:
        case OneOf(groups):
            return f"One of: {', or '.join(' with '.join(names) for names in groups)}."
        case NotBoth(kept, dropped):
            return f"{kept} or {dropped}, not both."
        case Needs(name, needed, harmless):
            exception = f", unless it is {harmless}" if harmless else ""
            return f"{name} requires {needed}{exception}."


def field_facts(field: BodyField) -> str:
    """Return the constraints of a body member in one line."""
    facts = [" | ".join(field.allowed) if field.allowed else type_label(field.type)]
    if field.nullable:
        facts.append("or null")
    if field.default:
        facts.append(f"default {field.default}")
    return ", ".join(facts)


def _bounds(parameter: Parameter) -> str:
    low, high = parameter.minimum, parameter.maximum
    if low is not None and high is not None:
        return f"{low:,} to {high:,}"
    if low is not None:
        return f"at least {low:,}"
    return f"at most {high:,}" if high is not None else ""


def operation_page(described: Operation) -> tuple[PageSection, ...]:
    """Return the documentation of an operation, the most useful sections first."""
    sections = (
        PageSection("", tuple(_head(described))),
        *_parameters(described),
        *(_body(described.body) if described.body else ()),
        PageSection("Together", tuple(map(_rule, described.rules))),
        PageSection("Added by mixtui", tuple(_added(described))),
        PageSection("Credentials, preferred first", (_credentials(described),)),
        PageSection("Limits", tuple(PageRow(each) for each in limits(described))),
        PageSection("Example", tuple(_example(described))),
        PageSection("Mixpanel reference", (PageRow(described.link, is_code=True),)),
    )
    return tuple(section for section in sections if section.rows)


def replacement(described: Operation) -> Operation | None:
    """Return the operation to use instead, or None."""
    return find_operation(described.replacement) if described.replacement else None


def _head(described: Operation) -> Iterator[PageRow]:
    yield PageRow(f"{described.method} {described.official_path}", is_code=True)
    if described.fragment:
        yield PageRow(f"#{described.fragment} names the operation and is never sent.")
    if described.help:
        yield PageRow(described.help)
    yield PageRow(consequences(described), is_warning=described.safety.writes)
    if life := lifecycle(described):
        yield PageRow(life, is_warning=True)
    if (instead := replacement(described)) is not None:
        yield PageRow(f"Use instead: {instead.title} ({instead.method} {instead.path})")


def _parameters(described: Operation) -> Iterator[PageSection]:
    typed = [each for each in described.parameters if not each.generated]
    required = [each for each in typed if each.required]
    optional = [each for each in typed if not each.required]
    if required:
        yield PageSection("Required", tuple(map(_parameter, required)))
    if optional:
        yield PageSection("Optional", tuple(map(_parameter, optional)))


def _parameter(parameter: Parameter) -> PageRow:
    location = (
        ""
        if parameter.location is ParameterLocation.QUERY
        else f", in the {parameter.location}"
    )
    facts = parameter_facts(parameter) + location
    if parameter.required_when:
        facts = f"required {parameter.required_when}, {facts}"
    return PageRow(parameter.help, parameter.name, facts, parameter.required)


def _rule(rule: Rule) -> PageRow:
    return PageRow(rule_sentence(rule))


def _body(body: BodyPlan) -> Iterator[PageSection]:
    kinds = " or ".join(body.types)
    optional = "" if body.mandatory else "; optional"
    rows = [PageRow(f"{kinds}, {_SHAPES[body.shape]}{optional}.")]
    if body.chosen_by:
        rows.append(PageRow(f"{body.chosen_by} determines the other fields."))
    yield PageSection("Body", (*rows, *_fields(body.fields)))
    for variant in body.variants:
        value = f" with {body.chosen_by} = {variant.value}" if body.chosen_by else ""
        title = f"Body{value}: {variant.title}"
        yield PageSection(title, tuple(_fields(variant.fields)))


_SHAPES = {
    "object": "an object",
    "list": "a list of records",
    "empty": "an empty object",
    "text": "text",
}


def _fields(fields: Sequence[BodyField]) -> Iterator[PageRow]:
    for each in sorted(fields, key=lambda field: not field.required):
        yield PageRow(each.help, each.name, field_facts(each), each.required)


def _added(described: Operation) -> Iterator[PageRow]:
    for name, location in generated_values(described):
        source = "its content" if name.endswith(INSERT_ID) else "the environment"
        yield PageRow(f"{location}, from {source}", name)
    for each in described.parameters:
        named = any(each.name == name for name, _ in generated_values(described))
        if each.generated and not named:
            yield PageRow(each.help, each.name)


def _credentials(described: Operation) -> PageRow:
    kinds = [kind.label for kind in described.credentials]
    return PageRow(" · ".join(kinds) if kinds else "None required.")


def _example(described: Operation) -> Iterator[PageRow]:
    query = "&".join(
        f"{parameter.name}={parameter.initial_value}"
        for parameter, enabled in described.initial_query()
        if enabled
    )
    yield PageRow(
        f"{described.method} {described.path}{query and '?' + query}", is_code=True
    )
    if described.body is not None and described.body.example.strip():
        yield PageRow(described.body.example.strip("\n"), is_code=True)
