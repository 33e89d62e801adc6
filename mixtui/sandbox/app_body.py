"""JSON bodies of App calls, checked."""

from __future__ import annotations

from mixtui.sandbox.call import ApiCall
from mixtui.sandbox.errors import Refusal
from mixtui.sandbox.json_text import JsonObject, parse
from mixtui.sandbox.shapes import Fields, check

MOST_BYTES = 10 * 1024 * 1024


def checked_body(call: ApiCall, shape: Fields) -> JsonObject:
    """The body as an object of that shape, or a Refusal (400)."""
    try:
        value = parse(call.body(MOST_BYTES))
    except ValueError as error:
        raise Refusal(400, f"Invalid JSON body: {error}") from None
    if not isinstance(value, dict):
        raise Refusal(400, "Invalid JSON body: must be an object")
    check(shape, value)
    return value


def optional_body(call: ApiCall, shape: Fields) -> JsonObject:
    """As `checked_body`; without a body an empty object."""
    return checked_body(call, shape) if call.content.strip() else {}
