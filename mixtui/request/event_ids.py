"""``$insert_id`` for events that have none, so that a repeated import is counted once.

Mixpanel counts events of one ``event``, ``distinct_id``, ``time`` and ``$insert_id``
once (https://developer.mixpanel.com/reference/event-deduplication). The id here is made
from the record itself: the same record gets the same id whenever and wherever it is
sent, and a corrected one another. Records that are alike within one body are counted,
so that each of them stays an event of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass

from mixtui.jsontext import Located, Member, insert, member_text, members, records
from mixtui.mixpanel.endpoints import INSERT_ID, TokenPlace

_MERGE = "$merge"
_SPACES = re.compile(r'("(?:[^"\\]|\\.)*")|\s+')


@dataclass(frozen=True, slots=True)
class WithInsertIds:
    """A JSON text whose events have ids."""

    text: str
    added: int
    """Events that got one."""
    total: int


def add_insert_ids(text: str, project: str) -> WithInsertIds:
    """Give every event of a valid JSON document an id: a list of them, or one.

    Args:
        text: The document.
        project: Part of the id, so that no other project gets the same.
    """
    insertions: list[tuple[int, str]] = []
    seen: Counter[str] = Counter()
    total = 0
    for event in records(text):
        total += 1
        properties = _properties_without_id(text, event)
        if properties is None:
            continue
        record = _SPACES.sub(r"\1", text[event.start : event.end])
        seen[record] += 1
        name = _id(project, record, seen[record])
        insertion = member_text(INSERT_ID, name, text, properties)
        insertions.append((properties + 1, insertion))
    return WithInsertIds(insert(text, insertions), len(insertions), total)


def insert_id_note(text: str) -> str:
    """What `identify` will do, to stand behind other words; empty = nothing."""
    lacking = [
        _properties_without_id(text, event) is not None for event in records(text)
    ]
    if not any(lacking):
        return ""
    return f" · + {INSERT_ID} in {sum(lacking)} of {len(lacking)}"


def _properties_without_id(text: str, event: Located) -> int | None:
    """Return where the properties of an event that lacks an id start, or None."""
    fields = event.value
    if not isinstance(fields, dict) or fields.get("event", _MERGE) == _MERGE:
        return None
    properties = fields.get("properties")
    if not isinstance(properties, dict) or INSERT_ID in properties:
        return None
    return _members(text, event)["properties"].start


def _members(text: str, record: Located) -> dict[str, Member]:
    return {member.key: member for member in members(text, record.start)}


def _id(project: str, record: str, number: int) -> str:
    """At most 36 letters, digits and dashes, as /import demands."""
    digest = hashlib.sha256(f"{project}\n{number}\n{record}".encode("utf-8", "replace"))
    return digest.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Injected:
    """A JSON text with the token in every record that needs one."""

    text: str
    added: int
    """Records that got the token."""
    total: int
    without: int | None
    """The first record, from 1, that needs a token while there is none to give."""


def inject(text: str, token: str, token_place: TokenPlace) -> Injected:
    """Put the token into a valid JSON document: a list of records, or one."""
    insertions: list[tuple[int, str]] = []
    total, without = 0, None
    for total, record in enumerate(records(text), 1):
        insertion = _insertion(text, record, token, token_place)
        if insertion is None:
            continue
        if not token:
            without = without or total
            continue
        insertions.append(insertion)
    return Injected(insert(text, insertions), len(insertions), total, without)


def token_note(text: str, token: str, token_place: TokenPlace) -> str:
    """What injecting will do, to stand behind other words; empty = nothing."""
    if not token_place.is_in_records:
        return ""
    done = inject(text, token, token_place)
    if not done.added:
        return ""
    return f" · + {token_place.record_field} in {done.added} of {done.total}"


def _insertion(
    text: str, record: Located, token: str, token_place: TokenPlace
) -> tuple[int, str] | None:
    """Where and what to insert into a record that lacks its token, or None."""
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
    inside = _members(text, record)["properties"].start
    return inside + 1, member_text("token", token, text, inside)
