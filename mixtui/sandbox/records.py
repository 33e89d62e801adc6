"""The records of an Ingestion body: JSON, JSON lines, or a form's ``data``.

https://developer.mixpanel.com/reference/import-events and track-event; libraries post
``data=<JSON>``, older ones ``data=<base64 of JSON>``.
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qs

from mixtui.sandbox.call import ApiCall
from mixtui.sandbox.json_text import Json, parse

MOST_BYTES = 10 * 1024 * 1024
MOST_RECORDS = 2000
FORM = "application/x-www-form-urlencoded"
NDJSON = "application/x-ndjson"


class BadBody(ValueError):
    """The body holds no records; says why."""


def of_import(call: ApiCall) -> list[Json]:
    """A JSON list, or JSON lines when the content type says so."""
    content = call.body(MOST_BYTES)
    if call.content_type == NDJSON:
        lines = [line for line in content.split(b"\n") if line.strip()]
        return [_json(line) for line in lines]
    value = _json(content)
    if not isinstance(value, list):
        raise BadBody("the body must be a JSON list of events")
    return value


def of_tracking(call: ApiCall) -> list[Json]:
    """A JSON list or a single object, plain or as a form's ``data``."""
    # Profiles cannot be sent compressed: their bytes are taken for JSON, and refused.
    content = call.body(MOST_BYTES) if call.path == "/track" else call.content
    if call.content_type == FORM or content.startswith(b"data="):
        content = _data(content)
    value = _json(content)
    return value if isinstance(value, list) else [value]


def _data(content: bytes) -> bytes:
    values = parse_qs(content.decode("utf-8", "replace")).get("data")
    if not values:
        raise BadBody("data, missing or empty")
    text = values[0].strip()
    if text[:1] in ("[", "{"):
        return text.encode()
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise BadBody("data, neither JSON nor base64") from None


def _json(content: bytes) -> Json:
    if not content.strip():
        raise BadBody("data, missing or empty")
    try:
        return parse(content)
    except ValueError as error:
        raise BadBody(f"data, invalid JSON: {error}") from None
