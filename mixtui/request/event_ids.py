"""Insert missing ``$insert_id`` values and project tokens into JSON records.

Mixpanel counts events with the same ``event``, ``distinct_id``, ``time`` and
``$insert_id`` once (https://developer.mixpanel.com/reference/event-deduplication). The id
is a hash of the record: the same record always gets the same id, so a repeated import is
counted once, and a corrected record gets a new one. Equal records within one body are
numbered, so that each remains a separate event.
"""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from mixtui.jsontext import Located, Member, insert, member_text, members, records
from mixtui.mixpanel.endpoints import INSERT_ID, TokenPlace
from mixtui.patterns import compile_late

_MERGE = "$merge"
_STRING_OR_SPACE = compile_late(r'("(?:[^"\\]|\\.)*")|\s+')


class InsertIdResult(Struct, frozen=True):
    """A JSON text in which every event has an ``$insert_id``."""

    text: str
    added: int
    """How many events got one."""
    total: int


def add_insert_ids(text: str, project: str) -> InsertIdResult:
    """Add missing ids to a valid JSON document that is an event or a list of events.

    Args:
        text: The document.
        project: Part of the hash, so that ids differ between projects.
    """
    insertions: list[tuple[int, str]] = []
    seen: Counter[str] = Counter()
    total = 0
    for event in records(text):
        total += 1
        properties = _properties_without_id(text, event)
        if properties is None:
            continue
        record = _STRING_OR_SPACE.sub(r"\1", text[event.start : event.end])
        seen[record] += 1
        insert_id = _make_insert_id(project, record, seen[record])
        insertion = member_text(INSERT_ID, insert_id, text, properties)
        insertions.append((properties + 1, insertion))
    return InsertIdResult(insert(text, insertions), len(insertions), total)


def insert_id_note(text: str) -> str:
    """Return a suffix that announces what `add_insert_ids` will add; empty = nothing."""
    lacks_id = [
        _properties_without_id(text, event) is not None for event in records(text)
    ]
    if not any(lacks_id):
        return ""
    return f" · + {INSERT_ID} in {sum(lacks_id)} of {len(lacks_id)}"


def _properties_without_id(text: str, event: Located) -> int | None:
    """Return the offset of the properties of an event that lacks an id, or None."""
    fields = event.value
    if not isinstance(fields, dict) or fields.get("event", _MERGE) == _MERGE:
        return None
    properties = fields.get("properties")
    if not isinstance(properties, dict) or INSERT_ID in properties:
        return None
    return _members(text, event)["properties"].start


def _members(text: str, record: Located) -> dict[str, Member]:
    return {member.key: member for member in members(text, record.start)}


def _make_insert_id(project: str, record: str, number: int) -> str:
    """Return at most 36 letters, digits and dashes, as /import requires."""
    import hashlib

    digest = hashlib.sha256(f"{project}\n{number}\n{record}".encode("utf-8", "replace"))
    return digest.hexdigest()[:32]


class InjectionResult(Struct, frozen=True):
    """A JSON text with the token in every record that needs one."""

    text: str
    added: int
    """How many records got the token."""
    total: int
    first_without: int | None
    """Number of the first record that needs a token, if there is none to add."""


def inject_token(text: str, token: str, token_place: TokenPlace) -> InjectionResult:
    """Add missing tokens to a valid JSON document that is a record or a list of them."""
    insertions: list[tuple[int, str]] = []
    total, first_without = 0, None
    for total, record in enumerate(records(text), 1):
        insertion = _token_insertion(text, record, token, token_place)
        if insertion is None:
            continue
        if not token:
            first_without = first_without or total
            continue
        insertions.append(insertion)
    return InjectionResult(
        insert(text, insertions), len(insertions), total, first_without
    )


def token_note(text: str, token: str, token_place: TokenPlace) -> str:
    """Return a suffix that announces what `inject_token` will add; empty = nothing."""
    if not token_place.is_in_records:
        return ""
    injected = inject_token(text, token, token_place)
    if not injected.added:
        return ""
    return f" · + {token_place.record_field} in {injected.added} of {injected.total}"


def _token_insertion(
    text: str, record: Located, token: str, token_place: TokenPlace
) -> tuple[int, str] | None:
    """Return the offset and text to insert into a record without a token, or None."""
    fields, start = record.value, record.start
    if not isinstance(fields, dict):
        return None
    if token_place is TokenPlace.RECORD:
        if "$token" in fields:
            return None
        return start + 1, member_text("$token", token, text, start)
    if token_place is TokenPlace.MERGE_EVENTS and fields.get("event") != _MERGE:
        return None
    if "properties" not in fields:
        return start + 1, member_text("properties", {"token": token}, text, start)
    properties = fields["properties"]
    if not isinstance(properties, dict) or "token" in properties:
        return None
    properties_start = _members(text, record)["properties"].start
    return properties_start + 1, member_text("token", token, text, properties_start)
