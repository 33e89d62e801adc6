"""Records in ``data``: a form field that holds JSON, or Base64 of it.

Official clients send the records of /track, /engage, /groups and /import in it
(https://developer.mixpanel.com/reference/track-event).
"""

from __future__ import annotations

import base64
import binascii

from msgspec import Struct

from mixtui import jsontext

DATA = "data"
"""The name of the field."""


class RecordData(Struct, frozen=True):
    """The records of a field, and how it held them."""

    text: str
    """Valid JSON."""
    is_base64: bool

    def encode(self, text: str) -> str:
        """Return the field with other JSON in it."""
        return base64.b64encode(text.encode()).decode() if self.is_base64 else text


def read_data(value: str) -> RecordData | None:
    """Read the records of the field; None = it contains none."""
    if jsontext.check(value) is None:
        return RecordData(value, is_base64=False)
    try:
        padded = value.strip() + "=" * (-len(value.strip()) % 4)
        text = base64.b64decode(padded, validate=True).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    # Any number is Base64 of something.
    is_record = text.lstrip()[:1] in ("{", "[") and jsontext.check(text) is None
    return RecordData(text, is_base64=True) if is_record else None
