"""Summarise an operation for the description of its request."""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.interchange.files.openapi.bodies import BodyVariant
from mixtui.interchange.files.openapi.parameters import Parameter
from mixtui.interchange.files.openapi.schema import is_password, type_of
from mixtui.interchange.json_values import (
    Template,
    Value,
    as_text,
    compact_json,
    is_scalar,
    query_text,
)
from mixtui.patterns import compile_late
from mixtui.request.secret_names import is_identifier, is_secret_name

_DESCRIPTION_LENGTH = 400
_HELP_LENGTH = 120
_MAX_FIELDS = 40
_MAX_VALUES = 12
_LINK = compile_late(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = compile_late(r"</?[A-Za-z][^<>]*>")
_SENTENCE = compile_late(r"(?<=[.!?])\s+")


def describe_operation(
    operation: dict[str, Value], parameters: list[Parameter], variant: BodyVariant
) -> str:
    """Summarise an operation for the description of its request, a fact per line."""
    lines = [
        shorten(as_text(operation.get("description")), _DESCRIPTION_LENGTH),
        "Deprecated." if operation.get("deprecated") is True else "",
        *(_parameter_line(parameter) for parameter in parameters),
    ]
    if variant.omitted:
        names = ", ".join(variant.omitted[:_MAX_FIELDS])
        more = len(variant.omitted) - _MAX_FIELDS
        lines.append(
            f"Optional body fields: {names}{f' and {more} more' if more > 0 else ''}."
        )
    return "\n".join(line for line in lines if line)


def shorten(text: str, max_length: int) -> str:
    """Cut a text to complete sentences within a length, and remove its markup."""
    plain = " ".join(_TAG.sub(" ", _LINK.sub(r"\1", text)).replace("`", "").split())
    if len(plain) <= max_length:
        return plain
    shortened = ""
    for sentence in _SENTENCE.split(plain):
        if len(shortened) + len(sentence) + 1 > max_length:
            break
        shortened = f"{shortened} {sentence}".strip()
    return shortened or plain[: max_length - 1].rstrip() + "…"


def _parameter_line(parameter: Parameter) -> str:
    """Describe a parameter on one line: location, type, allowed values."""
    facts = []
    if parameter.location != "query":
        facts.append(parameter.location)
    if parameter.required and parameter.location != "path":
        facts.append("required")
    if kind := type_of(parameter.schema):
        facts.append(kind)
    # Values of a secret are secrets, also where the file calls them defaults.
    is_secret = is_secret_name(parameter.name) and not is_identifier(parameter.name)
    if not is_secret and not is_password(parameter.schema):
        facts += _value_facts(parameter)
    label = f"{parameter.name} ({', '.join(facts)})"
    text = shorten(parameter.description, _HELP_LENGTH)
    return f"{label}: {text}" if text else label


def _value_facts(parameter: Parameter) -> Iterator[str]:
    if allowed := [value for value in parameter.allowed if is_scalar(value)]:
        names = ", ".join(query_text(v) for v in allowed[:_MAX_VALUES])
        yield f"one of {names}" if len(allowed) > 1 else f"only {names}"
    if "default" in parameter.schema:
        default = parameter.schema["default"]
        default_text = (
            query_text(default) if is_scalar(default) else compact_json(default)
        )
        yield f"default {default_text}"
    elif (
        parameter.location == "path"
        and not isinstance(parameter.value, Template)
        and (example := query_text(parameter.value))
    ):
        yield f"e.g. {example}"
