"""Read the records of an Ingestion request, in each form in which clients send them.

| sent as | by |
|---|---|
| a body of JSON, or of JSON lines | what the reference says; mixpanel-utils on `/import` |
| ``data`` in a form: JSON, or Base64 of it | mixpanel for Python; Node's in batches, the browser's, mixpanel-utils |
| ``data`` in the query: Base64 of JSON | mixpanel for Node, pixels and redirects in e-mails |
"""

from __future__ import annotations

import base64
import binascii

from msgspec import Struct

from mixtui.sandbox.data.json_text import Json, parse
from mixtui.sandbox.requests.request import (
    FORM,
    MAX_BYTES,
    NDJSON,
    ApiRequest,
    is_json,
)


class InvalidBody(ValueError):
    """The request contains no records; the message says why."""


class Batch(Struct, frozen=True):
    """The records of a request."""

    value: Json
    """A list of records, or one record."""
    in_data: bool
    """Whether they came as ``data``."""

    @property
    def is_list(self) -> bool:
        """Whether the client sent a list."""
        return isinstance(self.value, list)

    @property
    def records(self) -> list[Json]:
        """The records, not checked."""
        return self.value if isinstance(self.value, list) else [self.value]


def read_batch(request: ApiRequest) -> Batch:
    """Read the records of a request; raises InvalidBody."""
    data = request.parameters.get("data")
    if data is not None:
        return Batch(_parse(_decode(data)), in_data=True)
    content = request.body(MAX_BYTES)
    if request.content_type == NDJSON:
        lines = [line for line in content.split(b"\n") if line.strip()]
        return Batch([_parse(line) for line in lines], in_data=False)
    if request.content_type == FORM and not is_json(content):
        raise InvalidBody("data, missing or empty")
    return Batch(_parse(content), in_data=False)


def _decode(data: str) -> bytes:
    if not data.strip() or is_json(data.encode()):
        return data.encode()
    # Base64 in a form is often not escaped: its plus signs arrive as blanks.
    text = data.strip().replace(" ", "+")
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        raise InvalidBody("data, neither JSON nor base64") from None


def _parse(content: bytes) -> Json:
    if not content.strip():
        raise InvalidBody("data, missing or empty")
    try:
        return parse(content)
    except ValueError as error:
        raise InvalidBody(f"data, invalid JSON: {error}") from None
