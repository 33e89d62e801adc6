"""JSON bodies of App calls, checked."""

from __future__ import annotations

from mixtui.sandbox.call import Call
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.json_text import Json, JsonObject, parse

MOST_BYTES = 10 * 1024 * 1024


def json_object(call: Call) -> JsonObject:
    """The body as an object, or a Refusal (400)."""
    try:
        value = parse(call.body(MOST_BYTES))
    except ValueError as error:
        raise Refusal(400, f"Invalid JSON body: {error}") from None
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid JSON body: must be an object")
    return value


def text(body: JsonObject, name: str) -> str:
    """A required text of a body."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Refusal(400, f"'{name}' is required and must be a string")
    return value


def list_of(body: JsonObject, name: str) -> list[Json]:
    """A required list of a body."""
    value = body.get(name)
    if not isinstance(value, list):
        raise Refusal(400, f"'{name}' is required and must be a list")
    return value
