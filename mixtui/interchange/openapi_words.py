"""The description of an imported request: what a file says of an operation, briefly."""

from __future__ import annotations

import re

from mixtui.interchange.openapi_bodies import BodyForm
from mixtui.interchange.openapi_parameters import Parameter
from mixtui.interchange.openapi_schema import type_of
from mixtui.interchange.values import Value, compact_json, is_scalar, plain, text

_LONGEST = 400
_LONGEST_HELP = 120
_MOST_FIELDS = 40
_MOST_VALUES = 12
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


def description(
    operation: dict[str, Value], parameters: list[Parameter], form: BodyForm
) -> str:
    """What is worth keeping of an operation's own words, line by line."""
    lines = [
        shortened(text(operation.get("description")), _LONGEST),
        "Deprecated." if operation.get("deprecated") is True else "",
        *(_about(parameter) for parameter in parameters),
    ]
    if form.left_out:
        names = ", ".join(form.left_out[:_MOST_FIELDS])
        more = len(form.left_out) - _MOST_FIELDS
        lines.append(
            f"Optional body fields: {names}{f' and {more} more' if more > 0 else ''}."
        )
    return "\n".join(line for line in lines if line)


def shortened(words: str, longest: int) -> str:
    """Whole sentences up to a length, without markup."""
    bare = " ".join(_TAG.sub(" ", _LINK.sub(r"\1", words)).replace("`", "").split())
    if len(bare) <= longest:
        return bare
    kept = ""
    for sentence in _SENTENCE.split(bare):
        if len(kept) + len(sentence) + 1 > longest:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or bare[: longest - 1].rstrip() + "…"


def _about(one: Parameter) -> str:
    """One parameter in a line: where, what, which values."""
    facts = []
    if one.place != "query":
        facts.append(one.place)
    if one.required and one.place != "path":
        facts.append("required")
    if kind := type_of(one.schema):
        facts.append(kind)
    if allowed := [value for value in one.allowed if is_scalar(value)]:
        names = ", ".join(plain(v) for v in allowed[:_MOST_VALUES])
        facts.append(f"one of {names}" if len(allowed) > 1 else f"only {names}")
    if "default" in one.schema:
        default = one.schema["default"]
        written = plain(default) if is_scalar(default) else compact_json(default)
        facts.append(f"default {written}")
    elif one.place == "path" and (such := plain(one.value)) and "{{" not in such:
        facts.append(f"such as {such}")
    told = f"{one.name} ({', '.join(facts)})"
    words = shortened(one.help, _LONGEST_HELP)
    return f"{told}: {words}" if words else told
