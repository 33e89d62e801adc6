"""The records that Mixpanel refused, as an answer names them.

https://developer.mixpanel.com/reference/import-events and .../replace-lookup-table. The
reference says ``$insert_id``, servers say ``insert_id``: both are read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mixtui.core.answers import PARSED_REFUSAL

PATH = ".failed_records"
"""Where they stand in an answer, in jq's notation."""


@dataclass(frozen=True, slots=True)
class FailedRecord:
    """A record that was refused."""

    index: int
    """Its place in the request's body, from 0."""
    message: str = ""
    field: str = ""
    """Such as ``properties.time``; empty = not told."""
    insert_id: str = ""

    @property
    def words(self) -> str:
        """What is wrong with it."""
        return ": ".join(filter(None, (self.field, self.message))) or "refused"


def failed_records(body: bytes) -> tuple[FailedRecord, ...]:
    """The refused records of an answer, in its order; none if it names none."""
    import msgspec

    if len(body) > PARSED_REFUSAL or b'"failed_records"' not in body:
        return ()
    answer = msgspec.defstruct("Answer", [("failed_records", object, None)])
    try:
        told = msgspec.json.decode(body, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    listed = getattr(told, "failed_records", None)
    if not isinstance(listed, list):
        return ()
    return tuple(filter(None, map(_record, listed)))


def read_failed_records(
    size: int, read: Callable[[int, int], bytes]
) -> tuple[FailedRecord, ...]:
    """The same for a body that may be on the disk.

    Raises:
        OSError: It cannot be read.
    """
    return failed_records(read(0, size)) if size <= PARSED_REFUSAL else ()


def _record(value: Any) -> FailedRecord | None:
    index = value.get("index") if isinstance(value, dict) else None
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    if type(index) is not int or index < 0:
        return None
    return FailedRecord(
        index,
        _text(value.get("message")),
        _text(value.get("field")),
        _text(value.get("insert_id", value.get("$insert_id"))),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
